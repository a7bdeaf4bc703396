// Looks, in a browser, for what lies over something else or sticks out of the page.

import type { Page } from "playwright-core";

interface Rect {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly width: number;
  readonly height: number;
}

/** As much of a browser's elements as is needed here: the project has no types of the DOM. */
interface Box {
  readonly tagName: string;
  readonly id: string;
  readonly textContent: string | null;
  readonly children: Iterable<Box>;
  readonly parentElement: Box | null;
  readonly scrollWidth: number;
  readonly clientWidth: number;
  getAttribute(name: string): string | null;
  getBoundingClientRect(): Rect;
  closest(selector: string): Box | null;
  querySelectorAll(selector: string): Iterable<Box>;
}
interface Browser {
  readonly document: { readonly documentElement: Box; readonly body: Box };
  getComputedStyle(element: Box): Readonly<Record<string, string>>;
}

/** Runs in the page. */
function look(): string[] {
  const { document, getComputedStyle } = globalThis as unknown as Browser;
  const found: string[] = [];
  const width = document.documentElement.clientWidth;
  const name = (element: Box) =>
    `<${element.tagName.toLowerCase()} class="${element.getAttribute("class") ?? ""}"> ${JSON.stringify((element.textContent ?? "").trim().slice(0, 30))}`;
  if (document.documentElement.scrollWidth > width)
    found.push(`the page is ${document.documentElement.scrollWidth} wide, the window ${width}`);
  /** Pixels by which boxes may touch: rounding, and the room around letters inside of their line. */
  const slack = 1;
  const visible = (element: Box) => {
    const { width: w, height: h } = element.getBoundingClientRect();
    const style = getComputedStyle(element);
    return (
      w > 0 &&
      h > 0 &&
      style.visibility !== "hidden" &&
      style.position !== "fixed" &&
      style.position !== "absolute"
    );
  };
  const scrolls = (element: Box | null): boolean => {
    for (let each = element; each !== null; each = each.parentElement) {
      const { overflowX } = getComputedStyle(each);
      if (overflowX === "auto" || overflowX === "scroll" || overflowX === "hidden") return true;
    }
    return false;
  };
  const overlap = (a: Rect, b: Rect, by: number) =>
    Math.min(a.right, b.right) - Math.max(a.left, b.left) > by &&
    Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > by;
  for (const element of document.body.querySelectorAll("*")) {
    // What KaTeX sets lies over itself by design, and drawings are looked at below.
    if (element.closest(".katex, svg") !== null || !visible(element)) continue;
    const rect = element.getBoundingClientRect();
    if ((rect.right > width + slack || rect.left < -slack) && !scrolls(element.parentElement))
      found.push(
        `${name(element)} sticks out: from ${Math.round(rect.left)} to ${Math.round(rect.right)} of ${width}`,
      );
    if (getComputedStyle(element).display === "inline") continue;
    const children = [...element.children].filter(
      (child) => visible(child) && getComputedStyle(child).display !== "inline",
    );
    if (children.length > 400) continue;
    children.forEach((child, i) => {
      const mine = child.getBoundingClientRect();
      for (const other of children.slice(i + 1))
        if (overlap(mine, other.getBoundingClientRect(), slack))
          found.push(`${name(child)} lies over ${name(other)}`);
    });
  }
  for (const svg of document.body.querySelectorAll("svg[role=img]")) {
    const frame = svg.getBoundingClientRect();
    if (frame.width === 0) continue;
    const texts = [...svg.querySelectorAll("text")].filter((text) => (text.textContent ?? "").trim() !== "");
    const rects = texts.map((text) => text.getBoundingClientRect());
    texts.forEach((text, i) => {
      const mine = rects[i]!;
      if (
        mine.left < frame.left - 2 ||
        mine.right > frame.right + 2 ||
        mine.top < frame.top - 2 ||
        mine.bottom > frame.bottom + 2
      )
        found.push(`${name(text)} sticks out of its drawing ${svg.getAttribute("aria-label")?.slice(0, 60)}`);
      // Boxes of text hold room above and below the letters, so lines that are set close touch by up to 4 pixels.
      for (let j = i + 1; j < texts.length && texts.length < 600; j++)
        if (overlap(mine, rects[j]!, 4))
          found.push(
            `${name(text)} lies over ${name(texts[j]!)} in ${svg.getAttribute("aria-label")?.slice(0, 60)}`,
          );
    });
  }
  return found;
}

/** What lies over something else, or sticks out of the window or of its drawing, in words; empty where all is well. */
export function overlaps(page: Page): Promise<string[]> {
  return page.evaluate(look);
}
