// Every layer over sequences against its definition in plain loops and against PyTorch.

import { readFileSync } from "node:fs";
import {
  compile,
  type DType,
  flattenTree,
  grad,
  gradients,
  normal,
  randomKey,
  type Tensor,
  tensor,
  variable,
  vmap,
} from "@adjoint/autograd";
import { checkGradients } from "@adjoint/autograd/check";
import * as nn from "@adjoint/nn";
import { describe, expect, test } from "vitest";
import * as attention from "../../packages/nn/src/layers/attention.ts";
import * as positions from "../../packages/nn/src/layers/positions.ts";
import * as gru from "../../packages/nn/src/layers/recurrent/gru.ts";
import * as lstm from "../../packages/nn/src/layers/recurrent/lstm.ts";
import * as plainRecurrent from "../../packages/nn/src/layers/recurrent/plain.ts";
import * as recurrent from "../../packages/nn/src/layers/recurrent/recurrent.ts";
import * as transformer from "../../packages/nn/src/layers/transformer.ts";
import { runs } from "../support/runs.ts";
import { type Made, type SequenceCase, sequenceCases } from "./sequences.ts";

interface PyTorchCase {
  readonly name: string;
  readonly inputs: readonly (readonly number[])[];
  readonly parameters: Readonly<Record<string, readonly number[]>>;
  readonly results: readonly (readonly number[])[];
  readonly inputGradients: readonly (readonly number[])[];
  readonly gradients: Readonly<Record<string, readonly number[]>>;
}
const path = new URL("data/pytorch-sequences.json", import.meta.url);
const pytorch = (JSON.parse(readFileSync(path, "utf8")) as { cases: readonly PyTorchCase[] }).cases;

/** The rule by which the data's script makes inputs and weights. */
function numbers(seed: number, shape: readonly number[], dtype: DType): Tensor {
  const n = shape.reduce((product, size) => product * size, 1);
  const values = Array.from(
    { length: n },
    (_, i) => (((7919 * (i + 1) + 104_729 * seed) % 1999) - 999) / 1000,
  );
  return tensor(values, { dtype }).reshape([...shape]);
}

const inputsOf = ({ inputs }: SequenceCase, dtype: DType) =>
  inputs.map((shape, i) => numbers(1 + i, shape, dtype));

/** The number that is differentiated. */
const lossOf = (results: readonly Tensor[]) =>
  results
    .map((each, i) => each.mul(numbers(50 + i, each.shape, each.dtype)).sum())
    .reduce((sum, each) => sum.add(each));

/** The model of a case, with weights of the same kind. */
function made(stated: SequenceCase, dtype: DType): Made {
  const own = stated.make(dtype);
  Object.values(nn.variables(own.model)).forEach((each, i) => {
    each.assign(numbers(100 + i, each.shape, dtype));
  });
  return own;
}

/** The largest distance, in units of the largest number that is expected, or of 1. */
function distance(found: ArrayLike<number>, expected: readonly number[]): number {
  expect(found.length).toBe(expected.length);
  const scale = Math.max(1, ...expected.map(Math.abs));
  // NaN is no small distance.
  return Math.max(
    ...expected.map((x, i) => (Number.isNaN(found[i]!) ? Infinity : Math.abs(found[i]! - x) / scale)),
  );
}

// Some hundred roundings follow each other, of numbers of the size of the largest; the data have 13 decimal places.
const errors = { float64: 2e-13, float32: 200 * 2 ** -24 } as const;

test("every exported layer over sequences is in the table", () => {
  const modules = [attention, positions, gru, lstm, plainRecurrent, recurrent, transformer];
  const functions = new Map<string, unknown>(Object.entries(nn));
  const exported = modules
    .flatMap((module) => Object.keys(module))
    .filter((name) => typeof functions.get(name) === "function");
  expect(exported.length).toBeGreaterThan(14);
  const covered = new Set(sequenceCases.flatMap(({ covers }) => covers));
  expect(exported.filter((name) => !covered.has(name))).toEqual([]);
});

test("every case of PyTorch's data is in the table", () => {
  const names = sequenceCases.filter(({ inPyTorch }) => inPyTorch).map(({ name }) => name);
  expect(names).toEqual(pytorch.map(({ name }) => name));
});

describe.each(sequenceCases.map((each) => [each.name, each] as const))("%s", (_, stated) => {
  test("is what its definition computes in plain loops", () => {
    const { run, plain } = made(stated, "float64");
    const xs = inputsOf(stated, "float64");
    const found = run(...xs);
    plain(...xs.map((x) => x.toArray() as never)).forEach((expected, i) => {
      expect(distance(found[i]!.data, expected)).toBeLessThan(errors.float64);
    });
  });

  test("compiled, the results and gradients are those of eager code", () => {
    for (const dtype of ["float64", "float32"] as const) {
      const { model, run } = made(stated, dtype);
      const xs = inputsOf(stated, dtype);
      const wanted = { ...nn.variables(model) };
      const all = (...inputs: Tensor[]) => {
        const results = run(...inputs);
        return {
          results,
          gradients: Object.keys(wanted).length === 0 ? {} : gradients(lossOf(results), wanted),
        };
      };
      const [eager, compiled] = [all(...xs), compile(all)(...xs)];
      const flat = ({ results, gradients }: typeof eager) => [...results, ...Object.values(gradients)];
      flat(compiled).forEach((each, i) => {
        expect(distance(each.data, Array.from(flat(eager)[i]!.data))).toBeLessThan(errors[dtype]);
      });
    }
  });

  // In a normal run one of each kind, and blocks, which are made of the others, at order 1: these take longest.
  const isBlock = /block/.test(stated.name);
  const isOneOfAKind = /tanh|^lstm$|^gru$|sees nothing|block$|positions/.test(stated.name);
  if (runs(isOneOfAKind ? 1 : 0, 1) > 0)
    test("passes the laboratory at order 2, or 1 for blocks", () => {
      const order = isBlock ? runs(1, 2) : 2;
      const { model, run } = made(stated, "float64");
      const xs = inputsOf(stated, "float64");
      const point = { xs, weights: nn.variables(model) };
      const report = checkGradients((at: typeof point) => lossOf(run(...at.xs)), [point], { order });
      expect(report.verdict, String(report)).toBe("right");
    });

  test("many inputs at once under vmap give what each gives by itself", () => {
    const { run } = made(stated, "float64");
    const sets = [1, 2].map((k) => inputsOf(stated, "float64").map((x) => x.mul(k)));
    const both = sets[0]!.map((x, i) =>
      tensor([x.toArray(), sets[1]![i]!.toArray()] as never, { dtype: "float64" }),
    );
    const found = vmap((xs: readonly Tensor[]) => run(...xs))(both as never) as readonly Tensor[];
    sets.forEach((xs, k) => {
      run(...xs).forEach((each, i) => {
        expect(distance(found[i]!.slice(k).data, Array.from(each.data))).toBeLessThan(errors.float64);
      });
    });
  });
});

describe.each(pytorch.map((each) => [each.name, each] as const))("PyTorch: %s", (name, figures) => {
  const stated = sequenceCases.find((each) => each.name === name)!;
  test.each(["float64", "float32"] as const)("results and all gradients are PyTorch's, in %s", (dtype) => {
    const { model, run } = stated.make(dtype);
    const given = Object.fromEntries(
      Object.entries(figures.parameters).map(([key, shape], i) => [key, numbers(100 + i, shape, "float64")]),
    );
    expect(nn.fromPyTorch(model, given).loaded.toSorted()).toEqual(Object.keys(given).toSorted());
    const xs = inputsOf(stated, dtype).map((x) => variable(x));
    const results = run(...xs);
    results.forEach((each, i) => {
      expect(distance(each.data, figures.results[i]!)).toBeLessThan(errors[dtype]);
    });
    const at = { weights: nn.variables(model) };
    const loss = lossOf(results);
    const slopes = { inputs: gradients(loss, xs), weights: gradients(loss, at.weights) };
    slopes.inputs.forEach((slope, i) => {
      expect(distance(slope.data, figures.inputGradients[i]!)).toBeLessThan(errors[dtype]);
    });
    // The gradients take the weights' place, and are compared where the weights were loaded from.
    for (const [path, slope] of Object.entries(slopes.weights)) at.weights[path]!.assign(slope);
    const copy = stated.make(dtype);
    const theirs = Object.fromEntries(
      Object.entries(figures.gradients).map(([key, values]) => [
        key,
        tensor([...values], { dtype: "float64" }).reshape([...figures.parameters[key]!]),
      ]),
    );
    nn.fromPyTorch(copy.model, theirs);
    for (const [path, expected] of Object.entries(nn.variables(copy.model)))
      expect(distance(at.weights[path]!.data, Array.from(expected.data)), path).toBeLessThan(errors[dtype]);
  });
});

describe("a checkpoint at every k-th time", () => {
  const made = (checkpointEvery?: number) => {
    const options = { key: randomKey(1), layers: 2, bidirectional: true, dtype: "float64" } as const;
    return nn.lstm(3, 4, checkpointEvery === undefined ? options : { ...options, checkpointEvery });
  };
  const x = normal(randomKey(2), [2, 7, 3], { dtype: "float64" });
  const lengths = tensor([7, 4], { dtype: "int32" });
  const all = (model: ReturnType<typeof made>) => (x: Tensor) => {
    const { outputs, last } = model.unroll(x, { lengths });
    const results = [outputs, ...flattenTree(last as never).leaves];
    return [...results, ...Object.values(gradients(lossOf(results), { ...nn.variables(model) }))];
  };

  test.each([1, 2, 3, 7, 8])("gives what a layer without gives, gradients too: %i", (checkpointEvery) => {
    const expected = all(made())(x);
    const kept = all(made(checkpointEvery));
    for (const found of [kept(x), compile(kept)(x)])
      found.forEach((each, i) => {
        expect(distance(each.data, Array.from(expected[i]!.data))).toBeLessThan(errors.float64);
      });
  });

  test("takes less memory for a long sequence", () => {
    const long = normal(randomKey(2), [1, 400, 3], { dtype: "float64" });
    const peak = (model: ReturnType<typeof made>) => {
      const slope = compile(grad((_: object) => model.forward(long).square().sum() as Tensor) as never);
      const text = String(
        (slope as unknown as { program(x: unknown): unknown }).program(nn.variables(model)),
      );
      const [, size, unit] = /arena ([\d.]+) (\S+) at/.exec(text)!;
      return Number(size) * { KiB: 1, MiB: 1024 }[unit as "KiB"];
    };
    expect(peak(made(20))).toBeLessThan(peak(made()) / 2);
  });

  test("is refused where it is no whole number", () => {
    for (const checkpointEvery of [0, 1.5])
      expect(() => made(checkpointEvery)).toThrow(
        `recurrent: checkpointEvery is ${checkpointEvery} and must be a whole number, 1 or more`,
      );
  });
});
