// Matrices as people give them, and colours for their numbers.

import { checkNumbers, kindOf } from "./check.ts";
import { shapeText } from "./number-text.ts";
import type { Cells } from "./view.ts";

/** A matrix: rows of numbers, or what has numbers in `data` and sizes in `shape`, as a tensor does. */
export type Matrix =
  | readonly ArrayLike<number>[]
  | { readonly data: ArrayLike<number | boolean>; readonly shape: readonly number[] };

/** A matrix taken apart: its sizes and its numbers row by row. */
export function matrixOf(operation: string, given: unknown): Pick<Cells, "rows" | "columns" | "values"> {
  if (Array.isArray(given)) {
    const lists = given.map((row, i) => checkNumbers(operation, `row ${i}`, row));
    const columns = lists[0]?.length ?? 0;
    for (const [i, row] of lists.entries())
      if (row.length !== columns)
        throw new RangeError(
          `${operation}: row ${i} has ${row.length} numbers and row 0 has ${columns}; all rows of a matrix are equally long`,
        );
    return { rows: lists.length, columns, values: Float64Array.from(lists.flat()) };
  }
  const shape = (given as { readonly shape?: unknown } | null | undefined)?.shape;
  if (!Array.isArray(shape))
    throw new TypeError(
      `${operation}: got ${kindOf(given)} where a matrix belongs: rows of numbers, or a tensor of two axes`,
    );
  if (shape.length !== 2)
    throw new RangeError(
      `${operation}: the shape is ${shapeText(shape)} and must have two axes, rows and columns; reshape it, or choose a part`,
    );
  const [rows, columns] = shape as [number, number];
  return { rows, columns, values: Float64Array.from(checkNumbers(operation, "the matrix", given)) };
}

/** The least and the greatest finite number; 0 and 1 where there is none. */
export function extent(values: ArrayLike<number>): readonly [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low > high ? [0, 1] : [low, high];
}

/** Colours that are said, as far as they can be meant for numbers. */
export function checkColours(operation: string, colours: unknown): "sequential" | "diverging" | undefined {
  if (colours === undefined || colours === "sequential" || colours === "diverging") return colours;
  throw new TypeError(
    `${operation}: colours is ${typeof colours === "string" ? `"${colours}"` : kindOf(colours)} and must be "sequential" or "diverging"; for pictures there is image()`,
  );
}

/** Colours and range by the numbers, where nothing is said about them. */
export function colouring(
  values: ArrayLike<number>,
  colours?: "sequential" | "diverging",
  range?: readonly [number, number],
): { readonly colours: "sequential" | "diverging"; readonly range: readonly [number, number] } {
  const [low, high] = extent(values);
  const chosen = colours ?? (low < 0 && high > 0 ? "diverging" : "sequential");
  if (range !== undefined) return { colours: chosen, range };
  const most = Math.max(Math.abs(low), Math.abs(high));
  return { colours: chosen, range: chosen === "diverging" ? [-most, most] : [low, high] };
}
