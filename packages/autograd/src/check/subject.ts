// What is checked: a function of some float tensors that gives some float tensors, seen also as a function between
// plain vectors. Derivatives of a subject are subjects again, which is how higher orders are reached.

import { checkFunction, kindOf } from "../array/arguments.ts";
import { isFloat } from "../array/dtype.ts";
import { pull, push, type Recorded, record } from "../differentiate/recorded.ts";
import { flatten, type Tree } from "../differentiate/tree.ts";
import { bound } from "../tape/bind.ts";
import { heldBy } from "../tape/value.ts";
import { asTensor, Tensor } from "../tensor/tensor.ts";
import { Variable } from "../tensor/variable.ts";
import { emptyLike, withRoom } from "./in-double.ts";
import type { Stream } from "./random.ts";

/** A function of tensors at a point. */
export interface Subject {
  /** The point. */
  readonly inputs: readonly Tensor[];
  /** What each input is called in reports: "input 1", "input 2.weight". */
  readonly names: readonly string[];
  /** The function; only float results count. */
  readonly run: (inputs: readonly Tensor[]) => Tensor[];
}

/** The point of a function: a list of its arguments, or one tree that is its only argument. */
export type Point = readonly unknown[] | { readonly [key: string]: Tree };

/**
 * Any function over trees as a subject: its float leaves move, all others stay. A variable among the leaves moves wherever
 * the function reads it, also where the function does not take it from its arguments; however often it occurs, it is one
 * input. Throws TypeError unless `f` is a function and `point` a point.
 */
export function subjectOf(operation: string, f: (...inputs: never[]) => unknown, point: Point): Subject {
  checkFunction(operation, f, "(x) => x.square().sum()");
  const parts = argumentsOf(operation, point);
  const moving: { readonly leaf: Tensor; readonly name: string }[] = [];
  const variables = new Map<Variable, number>();
  /** For each leaf of each argument the input that it is; null where it stays. */
  const places = parts.map(({ leaves, names }) =>
    leaves.map((leaf, i) => {
      if (!isFloat(leaf.dtype)) return null;
      const known = leaf instanceof Variable ? variables.get(leaf) : undefined;
      if (known !== undefined) return known;
      if (leaf instanceof Variable) variables.set(leaf, moving.length);
      return moving.push({ leaf, name: names[i]! }) - 1;
    }),
  );
  return {
    inputs: moving.map(({ leaf }) => leaf.detach()),
    names: moving.map(({ name }) => name),
    run(inputs) {
      const args = parts.map(({ leaves, rebuild }, k) =>
        rebuild(
          // A variable is passed on as itself, since f may use more than its value.
          leaves.map((leaf, i) => (leaf instanceof Variable ? leaf : (inputs[places[k]![i] ?? -1] ?? leaf))),
        ),
      );
      const values = [...variables.values()].map((i) => inputs[i]!);
      return bound([...variables.keys()], values, () => {
        const result = (f as (...args: unknown[]) => unknown)(...args);
        return flatten(operation, "the function's result", result)
          .leaves.map((leaf) => asTensor(heldBy(leaf)))
          .filter((leaf) => isFloat(leaf.dtype));
      });
    },
  };
}

interface Argument {
  readonly leaves: readonly Tensor[];
  readonly names: readonly string[];
  readonly rebuild: (leaves: readonly Tensor[]) => unknown;
}

function argumentsOf(operation: string, point: unknown): Argument[] {
  if (!Array.isArray(point) && kindOf(point) !== "an object") {
    const way =
      point instanceof Tensor || typeof point === "number"
        ? `give the list of all arguments: ${operation}(f, [${point instanceof Tensor ? "x" : "tensor(x)"}])`
        : `give the list of f's arguments, e.g. ${operation}(f, [x, y]), or a plain object of variables, e.g. ${operation}(f, variables(model))`;
    throw new TypeError(`${operation}: got ${kindOf(point)} where the point belongs; ${way}`);
  }
  const list: readonly unknown[] = Array.isArray(point) ? point : [point];
  return list.map((argument, i): Argument => {
    const name = list.length === 1 ? "the input" : `input ${i + 1}`;
    if (typeof argument !== "object" || argument === null)
      return { leaves: [], names: [], rebuild: () => argument };
    const { leaves, paths, rebuild } = flatten(operation, name, argument);
    return { leaves, names: paths.map((path) => `${name}${path}`), rebuild };
  });
}

/** Which input an entry of the flattened inputs belongs to, and where in it. */
export function placeOf(
  subject: Pick<Subject, "inputs" | "names">,
  entry: number,
): { name: string; index: number[] } | null {
  let rest = entry;
  for (const [i, { shape, size }] of subject.inputs.entries()) {
    if (rest < size) {
      const index: number[] = [];
      for (let axis = shape.length - 1; axis >= 0; axis--) {
        index.unshift(rest % shape[axis]!);
        rest = Math.floor(rest / shape[axis]!);
      }
      return { name: subject.names[i]!, index };
    }
    rest -= size;
  }
  return null;
}

export const sizeOfAll = (tensors: readonly Tensor[]): number =>
  tensors.reduce((sum, each) => sum + each.size, 0);

/** All elements of some tensors one after another. */
export function toVector(tensors: readonly Tensor[]): Float64Array {
  const vector = new Float64Array(sizeOfAll(tensors));
  let start = 0;
  for (const { array, size } of tensors) {
    vector.set(array.data, start);
    start += size;
  }
  return vector;
}

/** Tensors of the shapes and types of others, out of a vector. */
export function fromVector(vector: Float64Array, like: readonly Tensor[]): Tensor[] {
  let start = 0;
  return like.map(({ array: own, size }) => {
    const array = emptyLike(own);
    array.buffer.set(vector.subarray(start, start + size));
    start += size;
    return new Tensor(array);
  });
}

/** Values of a subject at another point. */
export function valuesAt(subject: Subject, point: Float64Array): Float64Array {
  return toVector(subject.run(fromVector(point, subject.inputs)));
}

// Inputs that a function does not reach are a finding, not an error.
export const anyUse = { allowUnused: true } as const;

/** How the results of a function move when its inputs move by some tangents: forward mode. */
export function tangentsOf(
  f: (inputs: readonly Tensor[]) => readonly Tensor[],
  inputs: readonly Tensor[],
  tangents: readonly Tensor[],
): Tensor[] {
  return push(record("jvp", f, [inputs], anyUse), tangents);
}

/** One run of a subject at its point, from which derivatives are had in both modes. */
export interface Run {
  readonly values: Float64Array;
  /** How all results move when the point moves along a direction: forward mode. */
  readonly pushed: (direction: Float64Array) => Float64Array;
  /** How a weighted sum of all results moves with every input: reverse mode. */
  readonly pulled: (weights: Float64Array) => Float64Array;
}

export function runOf(subject: Subject): Run {
  const { inputs } = subject;
  const recorded = recordedAt(subject, inputs);
  return {
    values: toVector(recorded.outputs),
    pushed: (direction) => toVector(push(recorded, fromVector(direction, inputs))),
    pulled: (weights) => toVector(pull(recorded, fromVector(weights, recorded.outputs))),
  };
}

function recordedAt(subject: Subject, point: readonly Tensor[]): Recorded {
  return record("checkGradients", (inputs: readonly Tensor[]) => subject.run(inputs), [point], anyUse);
}

/** How a weighted sum of all results moves with every input: reverse mode. */
export function pulled(subject: Subject, weights: Float64Array): Float64Array {
  return runOf(subject).pulled(weights);
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
      const recorded = recordedAt(subject, [...inputs]);
      const backward = pull(recorded, fromVector(weights, recorded.outputs));
      const forward = push(recorded, fromVector(direction, inputs));
      return [...backward, ...forward];
    },
  };
}

/** The derivative of a subject with weights and a direction that are drawn. */
export function nextLevel(level: Subject, stream: Stream): Subject {
  const outputs = sizeOfAll(level.run(level.inputs));
  return derivativeOf(level, stream.vector(outputs), stream.vector(sizeOfAll(level.inputs)));
}

/** The same subject with room for float64 numbers in float32 inputs. */
export const roomy = (subject: Subject): Subject => ({ ...subject, inputs: subject.inputs.map(withRoom) });
