// What is checked: a function of some float tensors that gives some float tensors, seen also as a function between
// plain vectors. Derivatives of a subject are subjects again, which is how higher orders are reached.

import { isFloat } from "../array/dtype.ts";
import { NDArray } from "../array/ndarray.ts";
import { jvp, vjp } from "../differentiate/transforms.ts";
import { flatten } from "../differentiate/tree.ts";
import { heldBy } from "../tape/value.ts";
import { Tensor } from "../tensor/tensor.ts";

/** A function of tensors at a point. */
export interface Subject {
  /** The point. */
  readonly inputs: readonly Tensor[];
  /** What each input is called in reports: "input 1", "input 2.weight". */
  readonly names: readonly string[];
  /** The function; only float results count. */
  readonly run: (inputs: readonly Tensor[]) => Tensor[];
}

/** Any function over trees as a subject: its float leaves move, all others stay. */
export function subjectOf(f: (...inputs: never[]) => unknown, inputs: readonly unknown[]): Subject {
  const flat = inputs.map((input, i) => {
    const name = inputs.length === 1 ? "the input" : `input ${i + 1}`;
    return input instanceof Tensor || (typeof input === "object" && input !== null)
      ? { ...flatten("checkGradients", name, input), name }
      : { leaves: [] as Tensor[], paths: [] as string[], rebuild: () => input, name };
  });
  const all = flat.flatMap(({ leaves }) => leaves.map((leaf) => heldBy(leaf) as Tensor));
  const moves = all.map((leaf) => isFloat(leaf.dtype));
  const names = flat.flatMap(({ paths, name }) => paths.map((path) => `${name}${path}`));
  return {
    inputs: all.filter((_, i) => moves[i]).map((leaf) => leaf.detach()),
    names: names.filter((_, i) => moves[i]),
    run(moving) {
      let next = 0;
      const leaves = all.map((leaf, i) => (moves[i] ? moving[next++]! : leaf));
      let start = 0;
      const args = flat.map((part) => {
        const own = leaves.slice(start, start + part.leaves.length);
        start += part.leaves.length;
        return part.rebuild(own);
      });
      const result = (f as (...args: unknown[]) => unknown)(...args);
      return flatten("checkGradients", "the function's result", result)
        .leaves.map((leaf) => heldBy(leaf) as Tensor)
        .filter((leaf) => isFloat(leaf.dtype));
    },
  };
}

/** The same subject in float64. */
export function inDouble(subject: Subject): Subject {
  return { ...subject, inputs: subject.inputs.map((input) => input.cast("float64").detach()) };
}

export const sizeOfAll = (tensors: readonly Tensor[]): number =>
  tensors.reduce((sum, each) => sum + each.size, 0);

/** All elements of some tensors one after another. */
export function toVector(tensors: readonly Tensor[]): Float64Array {
  const vector = new Float64Array(sizeOfAll(tensors));
  let start = 0;
  for (const { data, size } of tensors) {
    vector.set(data, start);
    start += size;
  }
  return vector;
}

/** Tensors of the shapes and types of others, out of a vector. */
export function fromVector(vector: Float64Array, like: readonly Tensor[]): Tensor[] {
  let start = 0;
  return like.map(({ shape, dtype, size }) => {
    const array = NDArray.zeros(dtype, shape);
    array.buffer.set(vector.subarray(start, start + size));
    start += size;
    return new Tensor(array);
  });
}

/** Values of a subject at another point. */
export function valuesAt(subject: Subject, point: Float64Array): Float64Array {
  return toVector(subject.run(fromVector(point, subject.inputs)));
}

/** How all results move when the point moves along a direction: forward mode. */
export function pushed(subject: Subject, direction: Float64Array): Float64Array {
  const moved = jvp(
    (inputs: readonly Tensor[]) => subject.run(inputs),
    [...subject.inputs],
    fromVector(direction, subject.inputs),
  );
  return toVector(moved.tangent as Tensor[]);
}

/** How a weighted sum of all results moves with every input: reverse mode. */
export function pulled(subject: Subject, weights: Float64Array): Float64Array {
  return pullbackOf(subject)(weights);
}

/** Reverse mode for several weightings of one run. */
export function pullbackOf(subject: Subject): (weights: Float64Array) => Float64Array {
  const { value, pullback } = vjp((inputs: readonly Tensor[]) => subject.run(inputs), [...subject.inputs]);
  const outputs = value as Tensor[];
  return (weights) => toVector(pullback(fromVector(weights, outputs)) as Tensor[]);
}

/**
 * The derivative of a subject as a subject: its pullback of fixed weights and its pushforward of a fixed direction, side by
 * side. Checking it in both modes covers reverse and forward over reverse and forward.
 */
export function derivativeOf(subject: Subject, weights: Float64Array, direction: Float64Array): Subject {
  return {
    inputs: subject.inputs,
    names: subject.names,
    run(inputs) {
      const point = [...inputs];
      const f = (each: readonly Tensor[]) => subject.run(each);
      const { value, pullback } = vjp(f, point);
      const backward = pullback(fromVector(weights, value as Tensor[])) as Tensor[];
      const forward = jvp(f, point, fromVector(direction, point)).tangent as Tensor[];
      return [...backward, ...forward];
    },
  };
}
