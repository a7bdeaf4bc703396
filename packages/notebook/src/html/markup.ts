// HTML and SVG as text, in which nothing that is put in becomes an element by accident: the tag `markup` writes every
// value as plain text unless it is markup itself. All elements of a page are written by it.

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** What XML does not allow even as an entity: control characters, and halves of surrogate pairs. */
const FORBIDDEN = /(?![\t\n\r])\p{Cc}|\p{Surrogate}|[\ufffe\uffff]/gu;

/** Text as HTML or XML text, for the inside of an element or of a quoted attribute. What neither allows becomes "\ufffd". */
function escaped(text: string): string {
  return text.replace(FORBIDDEN, "\ufffd").replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}

/** HTML or SVG that is meant as such. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

/** What can stand in a template: text and numbers, which are escaped; markup, which is not; lists of these; nothing. */
export type Part = string | number | Markup | undefined | null | false | readonly Part[];

function written(part: Part): string {
  if (part === undefined || part === null || part === false) return "";
  if (part instanceof Markup) return part.text;
  if (typeof part === "string" || typeof part === "number") return escaped(String(part));
  return part.map(written).join("");
}

/** Markup from a template whose values are escaped, as in `` markup`<td>${text}</td>` ``. Attributes must be quoted. */
export function markup(pieces: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return new Markup(pieces.map((piece, i) => piece + (i < parts.length ? written(parts[i]) : "")).join(""));
}

/** Text that is markup already: made by a library that escapes, such as Plot or KaTeX. */
export function trusted(text: string): Markup {
  return new Markup(text);
}

/** Coordinates in SVG: tenths of a unit, which no eye can tell apart, keep files small. */
export function place(value: number): string {
  return String(Math.round(value * 10) / 10);
}
