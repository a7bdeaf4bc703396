// Pictures made elsewhere: specifications of Observable Plot, elements of a document, and what displays itself as notebooks
// agree to (Symbol.for("Jupyter.display")).

import { createRequire } from "node:module";
import { types } from "node:util";
import { groupOf } from "../views/group.ts";
import { isSvg, svg } from "../views/svg.ts";
import type { View } from "../views/view.ts";
import type { Kind, ShowOptions } from "./kind.ts";
import { asText, isPlain } from "./plain.ts";

/** An element, as far as it is looked at. */
interface Element {
  readonly outerHTML: string;
  readonly tagName?: string;
  querySelectorAll?(selector: string): Iterable<Element>;
}

/** A mark of Observable Plot: it can be drawn by itself, with other marks before it. */
interface Mark {
  plot(options: object): Element;
}

const isMark = (value: unknown): value is Mark =>
  typeof value === "object" && value !== null && "plot" in value && typeof value.plot === "function";

const isElement = (value: unknown): value is Element =>
  typeof value === "object" && value !== null && "outerHTML" in value && typeof value.outerHTML === "string";

/** The pictures in an element: itself, or those in a figure, such as legends and the drawing. */
function picturesIn(element: Element, alternative: string): View {
  if (isSvg(element.outerHTML)) return svg(element.outerHTML, alternative);
  const inner = [...(element.querySelectorAll?.("svg") ?? [])].filter(({ outerHTML }) => isSvg(outerHTML));
  if (inner.length === 0) return asText(element.outerHTML);
  const views = inner.map(({ outerHTML }, i) =>
    svg(outerHTML, inner.length === 1 ? alternative : `${alternative}, part ${i + 1}`),
  );
  return views.length === 1 ? views[0]! : groupOf(views);
}

/**
 * Specifications of Observable Plot: { marks: [lineY(…)] }. Whoever has marks has loaded the package, and a mark draws itself,
 * so nothing is loaded here but a document to draw in.
 */
export const plots: Kind = {
  name: "a specification of Observable Plot",
  forms: [],
  view(value, options) {
    const specification = isMark(value) && !isElement(value) ? { marks: [value] } : value;
    if (!isPlain(specification) || !Array.isArray(specification.marks)) return undefined;
    const marks = (specification.marks as unknown[]).flat(Infinity);
    const at = marks.findLastIndex(isMark);
    if (at < 0) return undefined;
    const last = marks[at] as Mark;
    const { parseHTML } = createRequire(import.meta.url)("linkedom") as {
      parseHTML(html: string): { document: unknown };
    };
    const { document } = parseHTML("<!doctype html><html><body></body></html>");
    const { title, ...rest } = specification;
    // A mark that is drawn puts itself behind all others: what stood behind it, functions, would come before.
    const others = [...marks.slice(0, at), ...marks.slice(at + 1)];
    const element = last.plot({ ...rest, document, marks: others });
    const names = [...new Set(marks.filter(isMark).map((mark) => mark.constructor.name.toLowerCase()))];
    const given = options.title ?? (typeof title === "string" ? title : "");
    const picture = picturesIn(element, given === "" ? `a plot of ${names.join(", ")}` : given);
    const said = options.note === undefined ? [] : [asText(options.note)];
    return given === "" && said.length === 0 ? picture : groupOf([picture, ...said], { title: given });
  },
};

export const elements: Kind = {
  name: "an element",
  forms: [],
  view: (value, options) => (isElement(value) ? picturesIn(value, options.title ?? "a picture") : undefined),
};

type Bundle = Readonly<Record<string, unknown>>;

const displaySymbol: symbol = Symbol.for("Jupyter.display");

/** What a value that displays itself says: perhaps later. Undefined for all others, and for what fails at it. */
export function bundleOf(value: unknown): Bundle | Promise<Bundle> | undefined {
  if (typeof value !== "object" || value === null || types.isProxy(value)) return undefined;
  try {
    const display = (value as { readonly [display: symbol]: unknown })[displaySymbol];
    return typeof display === "function" ? (display.call(value) as Bundle | Promise<Bundle>) : undefined;
  } catch {
    return undefined;
  }
}

/** The best of what a value offers: a picture, Markdown, or text. */
export function viewOfBundle(bundle: unknown, options: ShowOptions): View {
  const { title = "a picture" } = options;
  const given = (type: string): string | null => {
    const found: unknown = typeof bundle === "object" && bundle !== null ? (bundle as Bundle)[type] : null;
    return typeof found === "string" ? found : Array.isArray(found) ? found.join("") : null;
  };
  const picture = given("image/svg+xml");
  if (picture !== null && isSvg(picture)) return svg(picture, title);
  const png = given("image/png");
  if (png !== null) {
    const found = fromPng(png);
    if (found !== null) return svg(found, title);
  }
  const markdown = given("text/markdown");
  if (markdown !== null) return { kind: "markdown", source: markdown };
  const text = given("text/plain") ?? given("text/html");
  return asText(text ?? "(it displays itself in no form that is known here)", options);
}

/** A PNG image, in base64, as an SVG picture; null where it is none. */
function fromPng(base64: string): string | null {
  const bytes = Buffer.from(base64.slice(0, 64), "base64");
  if (bytes.length < 24 || bytes.readUInt32BE(0) !== 0x89504e47) return null;
  const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
  const data = base64.replace(/[^A-Za-z0-9+/=]/g, "");
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"><image width="${width}" height="${height}" href="data:image/png;base64,${data}"/></svg>`;
}

export const displayed: Kind = {
  name: "something that displays itself",
  forms: [],
  view(value, options) {
    const bundle = bundleOf(value);
    if (bundle === undefined) return undefined;
    if (types.isPromise(bundle)) {
      // Whoever shows it waits for it; here is nobody to wait.
      bundle.catch(() => undefined);
      return asText("(it displays itself later: show it by itself)", options);
    }
    return viewOfBundle(bundle, options);
  },
};
