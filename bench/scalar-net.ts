// micrograd's demonstration, written once over whatever stands for a number: layers of relu neurons, the max-margin
// loss, and a little weight decay (github.com/karpathy/micrograd, demo.ipynb).

import { denseLayers, moons } from "./data.ts";
import { SCALAR } from "./workloads.ts";

/** The operations on a number that differentiates. */
export interface Algebra<T> {
  leaf(value: number): T;
  add(a: T, b: T): T;
  mul(a: T, b: T): T;
  /** a·factor + summand, of plain numbers. */
  affine(a: T, factor: number, summand: number): T;
  relu(a: T): T;
}

export interface ScalarNet<T> {
  /** Weights and biases, layer by layer as `denseLayers` has them. */
  readonly parameters: readonly T[];
  /** By layers again, for norms. */
  groups<V>(values: readonly V[]): V[][];
}

export function scalarNet<T>({ leaf }: Algebra<T>): ScalarNet<T> {
  const blocks = denseLayers(SCALAR).map(({ values }) => Array.from(values));
  return {
    parameters: blocks.flat().map((value) => leaf(value)),
    groups(values) {
      let start = 0;
      return blocks.map(({ length }) => values.slice(start, (start += length)));
    },
  };
}

/** The loss on the first `count` moons, forward only. */
export function scalarLoss<T>(algebra: Algebra<T>, count: number): (parameters: readonly T[]) => T {
  const { leaf, add, mul, affine, relu } = algebra;
  const { points, sides } = moons(count);
  const inputs = points.map((point) => point.map((at) => leaf(at)));
  const score = (input: readonly T[], parameters: readonly T[]): T => {
    let [x, start] = [input, 0];
    SCALAR.slice(1).forEach((outputs, layer) => {
      const width = x.length;
      const biases = start + width * outputs;
      const next: T[] = [];
      for (let j = 0; j < outputs; j++) {
        let sum: T = parameters[biases + j]!;
        for (let i = 0; i < width; i++) sum = add(sum, mul(parameters[start + i * outputs + j]!, x[i]!));
        next.push(layer < SCALAR.length - 2 ? relu(sum) : sum);
      }
      start = biases + outputs;
      x = next;
    });
    return x[0]!;
  };
  return (parameters) => {
    const margins = inputs
      .map((input, i) => relu(affine(score(input, parameters), -sides[i]!, 1)))
      .reduce(add);
    let squares = mul(parameters[0]!, parameters[0]!);
    for (let i = 1; i < parameters.length; i++) squares = add(squares, mul(parameters[i]!, parameters[i]!));
    return add(affine(margins, 1 / count, 0), affine(squares, 1e-4, 0));
  };
}
