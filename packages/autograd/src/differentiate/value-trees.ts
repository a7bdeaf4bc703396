// Trees of tensors that steps with programs carry, take and give.

import { DTypeError, ShapeError } from "../array/errors.ts";
import { sameShape, shapeText } from "../array/shape.ts";
import { heldBy, type Value } from "../tape/value.ts";
import { asTensor } from "../tensor/tensor.ts";
import { flatten } from "./tree.ts";

/** A tree taken apart; null, of nothing, has no leaves. */
export interface ValueTree {
  readonly values: readonly Value[];
  readonly paths: readonly string[];
  readonly rebuild: (values: readonly Value[]) => unknown;
}

export function valuesIn(operation: string, what: string, tree: unknown): ValueTree {
  if (tree === null || tree === undefined) return { values: [], paths: [], rebuild: () => null };
  const { leaves, paths, rebuild } = flatten(operation, what, tree);
  return { values: leaves.map(heldBy), paths, rebuild: (values) => rebuild(values.map(asTensor)) };
}

/** Throws unless what a loop's function gives as its next carry has the form, shapes and types of the one before. */
export function checkCarry(operation: string, before: ValueTree, next: ValueTree): void {
  if (before.paths.join() !== next.paths.join()) {
    const odd =
      next.paths.find((path) => !before.paths.includes(path)) ??
      before.paths.find((path) => !next.paths.includes(path));
    throw new TypeError(
      `${operation}: the function gives a carry of another form than it takes: they differ in carry${odd ?? ""}; give a tree with the same fields, in the same order`,
    );
  }
  before.values.forEach((value, i) => {
    const other = next.values[i]!;
    const at = `${operation}: carry${before.paths[i]}`;
    if (!sameShape(value.shape, other.shape))
      throw new ShapeError(
        `${at} has shape ${shapeText(value.shape)}, and the function gives one of shape ${shapeText(other.shape)}; a carry keeps its shape: begin with one of the shape that comes out, e.g. broadcast to it, or keep axes inside (keepDims)`,
      );
    if (value.dtype !== other.dtype)
      throw new DTypeError(
        `${at} is ${value.dtype}, and the function gives ${other.dtype}; a carry keeps its type: begin with one of that type, or cast inside`,
      );
  });
}
