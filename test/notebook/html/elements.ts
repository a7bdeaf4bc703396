// What a piece of HTML consists of, by a parser that is not the one that wrote it.

import { parseHTML } from "linkedom";

export interface Parsed {
  readonly localName: string;
  readonly textContent: string;
  readonly attributes: Iterable<{ readonly name: string; readonly value: string }>;
  getAttribute(name: string): string | null;
  querySelector(selector: string): Parsed | null;
  querySelectorAll(selector: string): Iterable<Parsed>;
}

/** The root of a document of the HTML. */
export function parsed(html: string): Parsed {
  const text = html.startsWith("<!doctype") ? html : `<!doctype html><html><body>${html}</body></html>`;
  return parseHTML(text).document.documentElement as unknown as Parsed;
}

/** All elements that fit the selector. */
export const all = (root: Parsed, selector: string): Parsed[] => [...root.querySelectorAll(selector)];

/** Elements that views consist of; MathML and KaTeX's own are checked apart. */
const KNOWN = new Set(
  `html head body meta title style div span p a b strong em code pre ul ol li dl dt dd h1 h2 h3 h4 h5 h6 figure figcaption details
  summary table caption thead tbody tr th td img svg g path clippath line rect circle polygon text image main header footer nav section
  progress blockquote hr br`.split(/\s+/),
);
const MATH = /^(math|semantics|annotation|m[a-z]+)$/;

/** What stands in the HTML that a view should never become, in words; empty where all is well. */
export function intruders(html: string): string[] {
  const found: string[] = [];
  for (const element of all(parsed(html), "*")) {
    const { localName } = element;
    if (!KNOWN.has(localName) && !MATH.test(localName)) found.push(`<${localName}>`);
    for (const { name, value } of element.attributes) {
      if (/^on/i.test(name)) found.push(`${localName} with ${name}`);
      if (/^(src|xlink:href|href)$/.test(name) && localName !== "a" && !/^(data:image\/|#)/.test(value))
        found.push(`${localName} with ${name} ${value.slice(0, 60)}`);
      if (localName === "a" && name === "href" && /^\s*(javascript|data|vbscript):/i.test(value))
        found.push(`a to ${value.slice(0, 60)}`);
    }
  }
  return found;
}
