// An array of numbers, whatever it comes from: a tensor, a typed array, nested lists.

import { types } from "node:util";
import { kindOf } from "../views/check.ts";
import { numberText, shapeText } from "../views/number-text.ts";

/** An array that has been taken from a tensor, a typed array or nested lists. */
export interface NumericArray {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
  /** "float32", "bool", …: empty for lists. */
  readonly dtype: string;
  /** What it is called: a variable's name. */
  readonly name: string;
}

/** Type and shape in front of what is shown: `"weight" float32 [2, 3]`. */
export const headOf = ({ shape, dtype, name }: NumericArray): string =>
  [name === "" ? "" : `"${name}"`, dtype, shapeText(shape)].filter((each) => each !== "").join(" ");

export const elementText = (array: NumericArray, value: number, digits?: number): string =>
  array.dtype === "bool" ? (value === 0 ? "false" : "true") : numberText(value, digits);

/** A part of the array along the first axis. */
export function partOf(array: NumericArray, i: number): NumericArray {
  const shape = array.shape.slice(1);
  const size = shape.reduce((product, n) => product * n, 1);
  const data = Array.prototype.slice.call(array.data, i * size, (i + 1) * size) as number[];
  return { ...array, shape, data, name: "" };
}

/** The array that nested lists of numbers are; null where they are none, or not equally long. */
export function fromLists(given: readonly unknown[]): NumericArray | null {
  const shape: number[] = [];
  let level: unknown = given;
  while (Array.isArray(level)) {
    shape.push(level.length);
    level = level[0];
  }
  if (typeof level !== "number" && typeof level !== "boolean") return null;
  const dtype = typeof level === "boolean" ? "bool" : "";
  const data: number[] = [];
  const collect = (part: unknown, axis: number): boolean => {
    if (axis === shape.length) {
      if (typeof part !== typeof level) return false;
      data.push(Number(part));
      return true;
    }
    if (!Array.isArray(part) || part.length !== shape[axis]) return false;
    for (let i = 0; i < part.length; i++) if (!collect(part[i], axis + 1)) return false;
    return true;
  };
  return collect(given, 0) ? { shape, data, dtype, name: "" } : null;
}

/** The array that a typed array is; null for other values, and for 64-bit integers that numbers can't hold. */
export function fromTypedArray(given: unknown): NumericArray | null {
  if (!ArrayBuffer.isView(given) || types.isDataView(given)) return null;
  // By what they are, and not by whose: another realm has classes of its own.
  if (types.isBigInt64Array(given) || types.isBigUint64Array(given)) return null;
  const data = given as unknown as ArrayLike<number>;
  return { shape: [data.length], data, dtype: kindOf(given).replace(/^an? /, ""), name: "" };
}

/** Parts of a note, one after another; those that say nothing are left out. */
export const notes = (...parts: readonly (string | undefined)[]): string =>
  parts.filter((each) => each !== undefined && each !== "").join("; ");
