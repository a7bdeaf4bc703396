// What the tests of other libraries' weights share: the rule by which the scripts of data/ make numbers, and the distance between
// results.

import { readFileSync } from "node:fs";
import { type Tensor, tensor } from "@adjoint/autograd";
import { expect } from "vitest";

/** One case of a script's data. */
export interface WeightsCase {
  readonly name: string;
  /** Names of weights with their shapes. */
  readonly weights: Readonly<Record<string, readonly number[]>>;
  /** The input's shape; null for labels. */
  readonly input: readonly number[] | null;
  readonly shape: readonly number[];
  readonly result: readonly number[];
}

export const casesOf = (file: string): readonly WeightsCase[] =>
  (
    JSON.parse(readFileSync(new URL(`data/${file}`, import.meta.url), "utf8")) as {
      cases: readonly WeightsCase[];
    }
  ).cases;

function numbers(seed: number, shape: readonly number[], change = (x: number) => x): Tensor {
  const n = shape.reduce((product, size) => product * size, 1);
  const values = Array.from(
    { length: n },
    (_, i) => (((7919 * (i + 1) + 104_729 * seed) % 1999) - 999) / 1000,
  );
  return tensor(values.map(change), { shape: [...shape], dtype: "float64" });
}

/** The weights of a case. Variances are above 0. */
export const weightsOf = ({ weights }: WeightsCase): Record<string, Tensor> =>
  Object.fromEntries(
    Object.entries(weights).map(([name, shape], i) => [
      name,
      /var(iance)?$/.test(name) ? numbers(100 + i, shape, (x) => Math.abs(x) + 0.5) : numbers(100 + i, shape),
    ]),
  );

export const inputOf = ({ input }: WeightsCase): Tensor =>
  input === null
    ? tensor(
        [
          [0, 4, 2],
          [1, 1, 3],
        ],
        { dtype: "int32" },
      )
    : numbers(1, input);

/** That a result has the numbers of a case. The data have 13 decimal places, and some hundred roundings follow each other. */
export function expectResult({ name, shape, result }: WeightsCase, y: Tensor): void {
  expect([name, y.shape]).toEqual([name, shape]);
  const scale = Math.max(1, ...result.map(Math.abs));
  const distances = [...y.data].map((value, i) => Math.abs(value - result[i]!) / scale);
  // NaN is no small distance.
  expect([name, distances.every((each) => each < 2e-13)]).toEqual([name, true]);
}

/** Tensors as plain arrays, by name. */
export const plain = (tensors: Readonly<Record<string, Tensor>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(tensors).map(([name, each]) => [name, each.toArray()]));
