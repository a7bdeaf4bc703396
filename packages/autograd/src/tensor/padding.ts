// What stands around a tensor whose last axes are covered by windows.

import { kindOf } from "../array/arguments.ts";
import { ShapeError } from "../array/errors.ts";
import { shapeText } from "../array/shape.ts";
import type { PerAxis } from "../array/window-types.ts";
import { tensor } from "./creation.ts";
import { asTensor, type Tensor } from "./tensor.ts";

export type Padding = "valid" | "same" | PerAxis<number> | readonly (readonly [number, number])[];

/** The options of `averagePool` and `maxPool`. */
export interface WindowOptions<Strides = PerAxis<number>, Around = Padding> {
  /** Steps between windows, 1 by default (pooling: the window's size); one number for all axes, or one for each. */
  readonly strides?: Strides;
  /** What is added around: "valid" (none, the default), "same" (so that stride 1 keeps the size), a width, or widths [before, after] for each axis. */
  readonly padding?: Around;
}

/** One number for each axis. */
export function perAxis(value: PerAxis<number>, axes: number, what: string): readonly number[] {
  if (typeof value !== "number" && !Array.isArray(value))
    throw new TypeError(`${what}: got ${kindOf(value)}; give a number for all axes, or one for each axis`);
  if (typeof value === "number") return new Array<number>(axes).fill(value);
  if (value.length !== axes)
    throw new ShapeError(`${what}: ${value.length} numbers for ${axes} axes; give one, or one for each axis`);
  return value;
}

/** The widths of the padding before and after each windowed axis. */
export function widthsOf(
  operation: string,
  { padding = "valid" }: WindowOptions,
  spans: readonly number[],
): (readonly [number, number])[] {
  if (padding === "valid") return spans.map(() => [0, 0]);
  if (typeof padding === "string" && padding !== "same")
    throw new TypeError(
      `${operation}: padding "${String(padding)}" is not known; use "valid", "same", a width, or [before, after] an axis`,
    );
  if (padding === "same") return spans.map((span) => [Math.floor((span - 1) / 2), Math.ceil((span - 1) / 2)]);
  if (typeof padding !== "number" && !Array.isArray(padding))
    throw new TypeError(
      `${operation}: padding is ${kindOf(padding)}; use "valid", "same", a width, or one for each axis: a width or [before, after]`,
    );
  const given: readonly (number | readonly [number, number])[] =
    typeof padding === "number" ? spans.map(() => padding) : padding;
  if (given.length !== spans.length)
    throw new ShapeError(
      `${operation}: padding has ${given.length} widths for ${spans.length} ${spans.length === 1 ? "axis" : "axes"}; give one for each axis, a width or [before, after], e.g. ${JSON.stringify(spans.map(() => [2, 0]))}`,
    );
  return given.map((one) => {
    const pair = typeof one === "number" ? ([one, one] as const) : one;
    if (!Array.isArray(pair) || pair.length !== 2 || pair.some((n) => !Number.isInteger(n) || n < 0))
      throw new ShapeError(
        `${operation}: padding ${JSON.stringify(one)} must be a whole number, 0 or more, or two of them, [before, after]`,
      );
    return pair as readonly [number, number];
  });
}

/** x with padding around the last axes. */
export function padded(x: Tensor, widths: readonly (readonly [number, number])[], value: number): Tensor {
  if (widths.every(([before, after]) => before === 0 && after === 0)) return x;
  const around = x.shape.slice(0, x.rank - widths.length).map((): [number, number] => [0, 0]);
  return x.pad([...around, ...widths], { value });
}

/** What stands around a tensor: zeros, its mirror image about the border elements, its other end, or its border elements. */
export type PaddingMode = "zeros" | "reflect" | "circular" | "replicate";

/** For each mode, where the element at place i of an axis of n elements comes from; how much padding it allows. */
const surroundings = {
  reflect: {
    at: (i: number, n: number) => n - 1 - Math.abs(n - 1 - Math.abs(i)),
    most: (n: number) => Math.max(0, n - 1),
  },
  circular: { at: (i: number, n: number) => (i + n) % n, most: (n: number) => n },
  replicate: {
    at: (i: number, n: number) => Math.min(Math.max(i, 0), n - 1),
    most: (n: number) => (n > 0 ? Infinity : 0),
  },
} as const;

/** x with zeros or its own elements around the last axes. */
export function surrounded(
  x: Tensor,
  widths: readonly (readonly [number, number])[],
  mode: PaddingMode,
): Tensor {
  if (mode === "zeros") return padded(x, widths, 0);
  if (!Object.hasOwn(surroundings, mode))
    throw new TypeError(
      `convolution: paddingMode "${String(mode)}" is not known; use "zeros", "reflect", "circular" or "replicate"`,
    );
  const { at, most } = surroundings[mode];
  return widths.reduce((result, [before, after], k) => {
    if (before === 0 && after === 0) return result;
    const axis = x.rank - widths.length + k;
    const n = x.shape[axis]!;
    if (Math.max(before, after) > most(n))
      throw new ShapeError(
        `convolution: padding [${before}, ${after}] at axis ${axis} of ${shapeText(x.shape)} is wider than what "${mode}" has there, ${most(n)}; make it smaller`,
      );
    const from = Int32Array.from({ length: before + n + after }, (_, i) => at(i - before, n));
    return asTensor(result.gather(tensor(from), { axis }));
  }, x);
}
