// Pictures made elsewhere. They are shown as images, which run no scripts, ask for nothing, and whose styles stay inside.

import { DOMParser } from "linkedom";
import type { SvgView } from "../views/view.ts";
import { type Markup, markup } from "./markup.ts";
import { COLOURS, SANS, type Theme } from "./palette.ts";

interface Element {
  readonly localName: string;
  getAttribute(name: string): string | null;
  setAttribute(name: string, value: string): void;
  readonly outerHTML: string;
  textContent: string;
  readonly ownerDocument: { createElement(name: string): Element };
  prepend(child: Element): void;
  readonly attributes: Iterable<{ readonly name: string }>;
  removeAttribute(name: string): void;
  remove(): void;
  querySelectorAll(selector: string): Iterable<Element>;
}

/** The <svg> of a text; undefined where it has none. */
function rootOf(text: string): Element | undefined {
  const document = new DOMParser().parseFromString(text, "image/svg+xml") as unknown as {
    querySelector(selector: string): Element | null;
  };
  const svg = document.querySelector("svg");
  return svg === null ? undefined : (svg as Element);
}

/** A style that asks for something from elsewhere. */
const ASKS = /@import|url\(\s*["']?(?!#|data:|["'])/i;

/** What is drawn with `currentColor`, in both themes of a page. */
const INKS = `:root{color:${COLOURS.ink!.light}}@media (prefers-color-scheme:dark){:root{color:${COLOURS.ink!.dark}}}`;

/** The picture as a file of its own, with its size; undefined where the text is no SVG. Scripts and what asks for something are taken out. */
export function svgFile(
  view: SvgView,
  theme: Theme | "page",
): { svg: string; width: number; height: number } | undefined {
  const svg = rootOf(view.svg);
  if (svg === undefined) return undefined;
  for (const element of svg.querySelectorAll("script, foreignObject")) element.remove();
  for (const element of svg.querySelectorAll("style")) if (ASKS.test(element.textContent)) element.remove();
  for (const element of [svg, ...svg.querySelectorAll("*")]) {
    for (const { name } of [...element.attributes]) {
      const isLink = name === "href" || name === "xlink:href";
      const leads = isLink && !/^(#|data:image\/)/.test(element.getAttribute(name) ?? "");
      if (/^on/i.test(name) || leads || (!isLink && ASKS.test(element.getAttribute(name) ?? "")))
        element.removeAttribute(name);
    }
  }
  const box = (svg.getAttribute("viewBox") ?? "")
    .trim()
    .split(/[\s,]+/)
    .map(Number);
  const size = (name: string, fallback: number | undefined) => {
    const value = Number.parseFloat(svg.getAttribute(name) ?? "");
    const isRelative = (svg.getAttribute(name) ?? "").includes("%");
    return Number.isFinite(value) && value > 0 && !isRelative ? value : fallback;
  };
  const width = size("width", box[2]) ?? 300;
  const height = size("height", box[3]) ?? 150;
  if (box.length !== 4 || !box.every(Number.isFinite)) svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  svg.setAttribute("width", String(width));
  svg.setAttribute("height", String(height));
  if (svg.outerHTML.includes("xlink:")) svg.setAttribute("xmlns:xlink", "http://www.w3.org/1999/xlink");
  if (svg.getAttribute("font-family") === null) svg.setAttribute("font-family", SANS);
  if (theme === "page") {
    const style = svg.ownerDocument.createElement("style");
    style.textContent = INKS;
    svg.prepend(style);
  } else if (svg.getAttribute("color") === null) svg.setAttribute("color", COLOURS.ink![theme]);
  return { svg: svg.outerHTML, width, height };
}

/** The picture as an image of a page. */
export function drawSvg(view: SvgView): Markup {
  const file = svgFile(view, "page");
  if (file === undefined)
    return markup`<div class="adj-failed" role="note">No picture: this text has no &lt;svg&gt;. ${view.alternative}</div>`;
  const data = Buffer.from(file.svg).toString("base64");
  return markup`<figure class="adj-figure"><img class="adj-svg" width="${Math.ceil(file.width)}" height="${Math.ceil(file.height)}" src="data:image/svg+xml;base64,${data}" alt="${view.alternative}"></figure>`;
}
