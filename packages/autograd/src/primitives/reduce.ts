// What a reduction is, and what a call of one checks: its options, its types, its axes.

import { checkOptions } from "../array/arguments.ts";
import { checkFloat, type DType } from "../array/dtype.ts";
import { DTypeError } from "../array/errors.ts";
import { normalizeAxes, normalizeAxis } from "../array/shape.ts";
import type { Shape } from "../array/shape-types.ts";
import type { Value } from "../tape/value.ts";
import { reshaped, summedTo } from "./moving.ts";

/** Axes as a call gives them: one, several, or all where none is given. Negative ones count from the end. */
export type Axes = number | readonly number[] | undefined;

/** One entry of the table. `Extra` are the options beside `axis` and `keepDims`. */
export interface Reduction<Extra extends object = object> {
  /** The element types it takes. */
  readonly takes: "any" | "numbers" | "floats";
  /** Whether it runs over one axis, or, where none is given, over all elements in their order. */
  readonly isSingle?: boolean;
  /** The names of the options beside `axis` and `keepDims`. */
  readonly extra?: readonly (keyof Extra & string)[];
  /** The result, in which the axes are left with size 1. */
  reduce(x: Value, axes: readonly number[], options: Extra): Value;
}

/** A reduction over a single axis or over all elements. */
export interface SingleReduction extends Reduction {
  readonly isSingle: true;
}

/** Carries out a call of a reducing method. Throws TypeError, ShapeError or DTypeError that names the method. */
export function reduceAs(
  name: string,
  { takes, isSingle, extra = [], reduce }: Reduction<never>,
  x: Value,
  options: { readonly axis?: Axes; readonly keepDims?: boolean },
): Value {
  checkOptions(name, options, ["axis", "keepDims", ...extra]);
  const axes =
    isSingle === true && options.axis !== undefined
      ? [normalizeAxis(options.axis as number, x.rank, name)]
      : normalizeAxes(options.axis, x.rank, name);
  checkType(name, takes, x.dtype);
  const reduced = reduce(x, axes, options as never);
  if (options.keepDims === true || axes.length === 0) return reduced;
  return reshaped(
    reduced,
    reduced.shape.filter((_, axis) => !axes.includes(axis)),
  );
}

function checkType(name: string, takes: Reduction["takes"], dtype: DType): void {
  if (takes === "floats") checkFloat(name, dtype);
  if (takes === "numbers" && dtype === "bool")
    throw new DTypeError(`${name}: bool is not a number; cast it, e.g. x.cast("int32")`);
}

/** A shape in which some axes have size 1. */
export const kept = (shape: Shape, axes: readonly number[]): number[] =>
  shape.map((n, axis) => (axes.includes(axis) ? 1 : n));

/** How many elements go into one of the result. */
export const countOf = ({ shape }: Value, axes: readonly number[]): number =>
  axes.reduce((n, axis) => n * shape[axis]!, 1);

/** The sum over axes, which stay with size 1. */
export const total = (x: Value, axes: readonly number[]): Value => summedTo(x, kept(x.shape, axes));
