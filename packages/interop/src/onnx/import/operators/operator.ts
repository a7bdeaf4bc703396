// What an operator of ONNX is to the importer: which versions and operands it has, and how a node of it is made ready to run.

import type { Tensor } from "@adjoint/autograd";
import type { Datum } from "../datum.ts";
import type { NodeReader } from "../node-reader.ts";
import type { Context } from "../running.ts";

/** What a node makes of its inputs; undefined stands for an optional one that is absent. */
export type Run = (
  inputs: readonly (Datum | undefined)[],
  context: Context,
) => Datum | readonly (Datum | undefined)[];

/** How nodes of one operator are read. */
export interface Operator {
  /** The version of the operator set with which it began. */
  readonly since: number;
  /** The version in which it was there last, where it was taken out. */
  readonly until?: number;
  /** How many inputs it has at least and at most; those that it needs come first. */
  readonly inputs: readonly [number, number];
  /** The places, among those that must be there, that may be left empty. */
  readonly mayLack?: readonly number[];
  /** How many outputs it has at most; 1 by default. */
  readonly outputs?: number;
  /** The places of inputs that are settings, such as scales: a stored one is a number of the formula and no weight. */
  readonly settings?: readonly number[];
  /** The places of inputs that are state, such as running statistics, which training does not move. */
  readonly state?: readonly number[];
  /** Reads a node's attributes, and gives what runs it. Throws OnnxError where they can't be right. */
  readonly prepare: (node: NodeReader) => Run;
}

/** Operators of one kind by name. */
export type Operators = Readonly<Record<string, Operator>>;

/** How many inputs or outputs an operator with a list of them has. */
export const MANY: number = Infinity;

/** An operator of one input, a function of its elements. */
export const elementwise = (since: number, f: (x: Tensor) => Tensor): Operator => ({
  since,
  inputs: [1, 1],
  prepare:
    () =>
    ([x]) =>
      x!.with(f(x!.tensor)),
});

/** An axis counted from the start. */
export function axisOf(node: NodeReader, axis: number, rank: number): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank)
    node.refuse(`axis ${axis} is none of a tensor with ${rank} axes`);
  return axis < 0 ? axis + rank : axis;
}

/** Several different axes counted from the start. */
export function axesOf(node: NodeReader, axes: readonly number[], rank: number): number[] {
  const found = axes.map((axis) => axisOf(node, axis, rank));
  if (new Set(found).size !== found.length) node.refuse(`axes [${axes.join(", ")}] name one axis twice`);
  return found;
}
