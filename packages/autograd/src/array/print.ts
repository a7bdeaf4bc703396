// Arrays as text, for consoles and notebooks.

import type { NDArray } from "./ndarray.ts";
import { shapeText, sizeOf } from "./shape.ts";

interface Printable {
  toString(): string;
}

/**
 * Makes a class print by its toString in Node's console, and in notebooks that follow it. Called in the class' own static
 * block: a method named by a symbol can't be declared where types must be readable file by file.
 */
export function printReadably(prototype: Printable): void {
  const value = function (this: Printable): string {
    return this.toString();
  };
  Object.defineProperty(prototype, Symbol.for("nodejs.util.inspect.custom"), { value, configurable: true });
}

const edge = 3;
const mostElements = 1000;

/** Nested brackets with aligned columns; long axes are shortened to their ends. `numberText` writes float elements. */
export function arrayText(array: NDArray, numberText: (value: number) => string = formatNumber): string {
  const { data } = array;
  // Rows without elements take room, too.
  const shorten = sizeOf(array.shape.map((n) => Math.max(1, n))) > mostElements;
  const shown = [...shownIndices(array.shape, shorten)];
  const texts = formatAll(
    shown.map((i) => data[i]!),
    array.dtype,
    numberText,
  );
  const width = texts.reduce((widest, text) => Math.max(widest, text.length), 0);
  let next = 0;
  const nest = (axis: number): string => {
    if (axis === array.shape.length) return (texts[next++] ?? "").padStart(width);
    const n = array.shape[axis]!;
    const parts: string[] = [];
    const cut = shorten && n > 2 * edge;
    for (let i = 0; i < n; i++) {
      if (cut && i === edge) {
        parts.push("…");
        i = n - edge;
      }
      parts.push(nest(axis + 1));
    }
    const last = axis === array.shape.length - 1;
    const gap = last ? ", " : `,\n${" ".repeat(axis + 1)}`;
    return `[${parts.join(gap)}]`;
  };
  return nest(0);
}

/** One line: type, shape. */
export function summary(array: NDArray): string {
  return `${array.dtype} ${shapeText(array.shape)}`;
}

function* shownIndices(shape: readonly number[], shorten: boolean, axis = 0, base = 0): Generator<number> {
  if (axis === shape.length) {
    yield base;
    return;
  }
  const n = shape[axis]!;
  for (let i = 0; i < n; i++) {
    if (shorten && n > 2 * edge && i === edge) i = n - edge;
    yield* shownIndices(shape, shorten, axis + 1, base * n + i);
  }
}

function formatAll(
  values: readonly number[],
  dtype: string,
  numberText: (value: number) => string,
): string[] {
  if (dtype === "bool") return values.map((value) => (value === 0 ? "false" : "true"));
  if (dtype === "int32") return values.map(String);
  return values.map((value) => numberText(value));
}

/** The magnitudes between which a number is written without an exponent. */
const [smallest, largest] = [1e-3, 1e6];

/** What is written the same with any number of digits: whole numbers that float64 represents exactly, and what is not finite. */
function plainText(value: number): string | null {
  if (Number.isSafeInteger(value)) return String(value);
  if (Number.isFinite(value)) return null;
  return Number.isNaN(value) ? "NaN" : value > 0 ? "∞" : "-∞";
}

/** As a whole number, or with up to four digits after the point, or with an exponent where four digits would hide the number. */
export function formatNumber(value: number): string {
  const plain = plainText(value);
  if (plain !== null) return plain;
  const size = Math.abs(value);
  if (size < smallest || size >= largest) return value.toExponential(3);
  return String(Number(value.toFixed(4)));
}

/** The number of significant digits that tell any float64 from its neighbours. */
export const MOST_DIGITS = 17;

/** As a whole number, or rounded to so many significant digits (but never before the point), without trailing zeros. */
export function formatDigits(value: number, digits: number): string {
  const plain = plainText(value);
  if (plain !== null) return plain;
  const size = Math.abs(value);
  if (size < smallest || size >= Math.max(largest, 10 ** digits))
    return value.toExponential(digits - 1).replace(/\.?0*e/, "e");
  const wholeDigits = size < 1 ? 0 : String(Math.trunc(size)).length;
  return String(Number(value.toPrecision(Math.max(digits, wholeDigits))));
}
