// What pages and workers have and the language's own types don't name, as far as it is used here.

interface ImportMeta {
  readonly url: string;
}

declare class URL {
  constructor(url: string, base: string);
}
