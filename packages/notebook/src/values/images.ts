// Images, and batches of them.

import { imageOf, imageRange } from "../views/grid.ts";
import { groupOf } from "../views/group.ts";
import { counted } from "../views/number-text.ts";
import type { GridView, View } from "../views/view.ts";
import type { ShowOptions } from "./kind.ts";
import { headOf, type NumericArray, notes, partOf } from "./numeric-array.ts";
import { statisticsOf } from "./statistics.ts";

/** How many images of a batch are shown. */
const mostImages = 16;

/** Whether an array is a picture in red, green and blue: its numbers go from 0 to 1, or to 255. */
export function isColourImage({ shape, data, dtype }: NumericArray): boolean {
  if (shape.length !== 3 || shape[2] !== 3 || shape[0]! < 2 || shape[1]! < 2 || dtype === "bool")
    return false;
  const { min, max, nan, infinite } = statisticsOf(data);
  return nan + infinite === 0 && min >= 0 && max <= 255;
}

/** Whether an array is a batch of square images. */
export function isBatchOfImages({ shape }: NumericArray): boolean {
  const [n, a, b, c] = shape;
  if (n === 0) return false;
  if (shape.length === 3) return a === b && a! >= 5 && a! <= 512;
  if (shape.length !== 4) return false;
  return ((a === 1 || a === 3) && b! >= 5 && c! >= 5) || (c === 3 && a! >= 5 && b! >= 5);
}

export const isImageShape = (shape: readonly number[]): boolean =>
  shape.length === 2 ||
  shape.length === 3 ||
  (shape.length === 4 && (shape[1] === 1 || shape[1] === 3 || shape[3] === 3));

/** An image, or the first ones of a batch in a row. */
export function imagesOf(array: NumericArray, options: ShowOptions): View {
  const { shape } = array;
  const title = options.title ?? headOf(array);
  const { note = "" } = options;
  const isColoured =
    shape.length === 4 ? shape[1] === 3 || shape[3] === 3 : shape.length === 3 && shape[2] === 3;
  // One scale for all images of a batch: what is as bright in two of them is as large.
  const range = options.range ?? imageRange(array.data, isColoured);
  const one = (part: NumericArray, name: string): GridView => {
    const [a, b, c] = part.shape as readonly [number, number, number?];
    const data = Float64Array.from(part.data);
    if (c === undefined) return imageOf(data, a, b, false, { title: name, range });
    // Channels in front go to the end; a single one goes away.
    if (c === 3 && a !== 3) return imageOf(data, a, b, true, { title: name, range });
    if (a === 1) return imageOf(data, b, c, false, { title: name, range });
    const turned = Float64Array.from(data, (_, i) => data[(i % 3) * b * c + Math.floor(i / 3)]!);
    return imageOf(turned, b, c, true, { title: name, range });
  };
  if (shape.length === 2 || (shape.length === 3 && (isColourImage(array) || shape[2] === 3)))
    return { ...one(array, title), note };
  const shown = Math.min(shape[0]!, mostImages);
  const images = Array.from({ length: shown }, (_, i) => one(partOf(array, i), String(i)));
  const row = groupOf(images, { title, arrangement: "row" });
  const left =
    shape[0]! > shown
      ? `${counted(shape[0]! - shown, "more image")} left out; show a slice of the batch`
      : "";
  const said = notes(left, note);
  return said === "" ? row : groupOf([row, { kind: "text", text: said }]);
}
