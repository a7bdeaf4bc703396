// What lies outside of a rectangle is cut off by an <svg> in the drawing, which shows nothing beyond its edges. Clip paths
// would need names, and these could be those of another drawing on the page.

import type * as Plot from "@observablehq/plot";

interface Scaled {
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
}
interface Element {
  setAttribute(name: string, value: string): void;
  append(child: Element): void;
}
interface Context {
  readonly document: { createElementNS(space: string, name: string): Element };
}
type Size = Readonly<
  Record<"width" | "height" | "marginLeft" | "marginRight" | "marginTop" | "marginBottom", number>
>;

/** How a mark of Plot's is drawn; `next` is its own way. */
export type Render = (
  index: unknown,
  scales: Scaled,
  values: unknown,
  size: Size,
  context: Context,
  next?: Render,
) => Element;
export type Range = readonly [number, number];

/** An element of SVG with attributes. */
export function element(
  { document }: Context,
  name: string,
  attributes: Readonly<Record<string, string | number>>,
): Element {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}

interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Where ranges of x and y lie in the drawing. */
export function rectangle(scales: Scaled, x: Range, y: Range): Readonly<Record<keyof Rectangle, number>> {
  const rounded = (value: number) => Math.round(value * 100) / 100;
  const [left, right, top, bottom] = [scales.x(x[0]), scales.x(x[1]), scales.y(y[1]), scales.y(y[0])];
  return { x: rounded(left), y: rounded(top), width: rounded(right - left), height: rounded(bottom - top) };
}

/** Draws a mark so that it shows only within a rectangle. */
export const within =
  (place: (scales: Scaled, size: Size) => Rectangle): Render =>
  (index, scales, values, size, context, next) => {
    const { x, y, width, height } = place(scales, size);
    const frame = element(context, "svg", { x, y, width, height, viewBox: `${x} ${y} ${width} ${height}` });
    frame.append(next!(index, scales, values, size, context));
    return frame;
  };

/** Draws a mark so that it shows only between the axes. */
export const inFrame: Render = within((_, size) => ({
  x: size.marginLeft,
  y: size.marginTop,
  width: size.width - size.marginLeft - size.marginRight,
  height: size.height - size.marginTop - size.marginBottom,
}));

/** An option for a mark of Plot's: to be cut off at the axes, if it is so. */
export const cutOff = (isCut: boolean): Plot.MarkOptions =>
  isCut ? ({ render: inFrame } as unknown as Plot.MarkOptions) : {};
