// Files that the page hands over, made in the page.

import type { Exported } from "../lab/lab.ts";

/** What a style sheet gives to the parts of a drawing, written into it so that it looks the same elsewhere. */
const KEPT = [
  "fill",
  "fill-opacity",
  "stroke",
  "stroke-width",
  "stroke-dasharray",
  "stroke-linejoin",
  "stroke-linecap",
  "stroke-opacity",
  "font-family",
  "font-size",
  "font-weight",
  "text-anchor",
  "opacity",
];

/** Lets the browser save a file. */
export function save({ name, type, content }: Exported): void {
  const url = URL.createObjectURL(new Blob([content as BlobPart], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The browser has begun to read it by the next task.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** The drawings one below another in one SVG file, each as it is seen now. */
export function savedDrawings(drawings: readonly SVGSVGElement[], name: string): Exported {
  const all = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  let [height, width] = [0, 0];
  for (const drawing of drawings) {
    const box = drawing.getBoundingClientRect();
    const copy = drawing.cloneNode(true) as SVGSVGElement;
    writeStyles(drawing, copy);
    copy.setAttribute("y", String(height));
    copy.setAttribute("width", String(box.width));
    copy.setAttribute("height", String(box.height));
    all.append(copy);
    height += box.height + 12;
    width = Math.max(width, box.width);
  }
  const back = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  back.setAttribute("width", "100%");
  back.setAttribute("height", "100%");
  back.setAttribute("fill", getComputedStyle(document.body).backgroundColor);
  all.prepend(back);
  all.setAttribute("width", String(width));
  all.setAttribute("height", String(height));
  all.setAttribute("viewBox", `0 0 ${width} ${height}`);
  return { name, type: "image/svg+xml", content: new XMLSerializer().serializeToString(all) };
}

function writeStyles(from: Element, to: Element): void {
  const style = getComputedStyle(from);
  for (const name of KEPT) {
    const value = style.getPropertyValue(name);
    if (value !== "") to.setAttribute(name, value);
  }
  to.removeAttribute("class");
  for (const [i, child] of [...from.children].entries()) writeStyles(child, to.children[i]!);
}
