// Links together.

import { bind, compile, type Tensor, tensor, type Variable, variable } from "@adjoint/autograd";
import * as nn from "@adjoint/nn";
import { describe, expect, test } from "vitest";
import { numbers } from "../../support/tensors.ts";
import { averages, shown } from "../data/trajectories.ts";
import { losses, starts } from "./losses.ts";

const double = (...values: number[]) => tensor(values, { dtype: "float64" });
const held = (...values: number[]) => variable(double(...values));

describe.each<[string, (f: (g: Tensor) => Tensor) => (g: Tensor) => Tensor]>([
  ["eagerly", (f) => f],
  ["compiled", (f) => compile(f)],
])("accumulate, %s,", (_way, around) => {
  /** What each step leaves of w, for gradients that are given. */
  const walk = (optimizer: nn.Optimizer, gradients: readonly number[]) => {
    const w = held(0);
    const step = around((g) => {
      optimizer.step([w], [g]);
      return w;
    });
    return gradients.map((g) => {
      step(double(g));
      return numbers(w)[0]!;
    });
  };

  test("moves every n steps, by the mean of their gradients", () => {
    const optimizer = nn.chain(nn.accumulate(4, nn.sgd({ learningRate: 1 })));
    expect(walk(optimizer, [4, 8, 12, 16, 1, 2, 3, 2])).toEqual([0, 0, 0, -10, -10, -10, -10, -12]);
  });

  test("leaves the memory and the schedule of what it holds as they were in between", () => {
    const rate = (step: Tensor) => step.add(1) as Tensor<[]>;
    const inner = nn.sgd({ learningRate: rate, momentum: 0.5 });
    const optimizer = nn.chain(nn.accumulate(2, nn.clipByValue(3), inner));
    // Means 3 and 3 (cut from 5): velocities 3 and 4.5, at the rates 1 and 2.
    expect(walk(optimizer, [2, 4, 5, 5])).toEqual([0, -3, -3, -3 - 9]);
    expect(numbers(optimizer.state[0]!.velocity!)).toEqual([4.5]);
    expect(numbers(optimizer.common.steps!)).toEqual([2]);
    expect(numbers(optimizer.learningRate)).toEqual([2]);
    // The optimizer that the chain was made of has not moved.
    expect(inner.state).toEqual({});
  });
});

test("accumulate counts what was reached in an earlier one of the n steps only", () => {
  const [a, b] = [held(0), held(0)];
  const optimizer = nn.chain(nn.accumulate(2, nn.sgd({ learningRate: 1 })));
  optimizer.minimize(() => a.add(b).sum(), { a, b });
  optimizer.minimize(() => a.sum(), { a, b });
  expect([a, b].map((each) => numbers(each)[0])).toEqual([-1, -0.5]);
});

test("clipByGlobalNorm takes the length of all gradients together, and leaves short ones exactly as they are", () => {
  const clipped = (limit: number, ...parts: number[][]) => {
    const all = parts.map((part) => held(...part.map(() => 0)));
    nn.chain(nn.clipByGlobalNorm(limit)).step(
      all,
      parts.map((part) => double(...part)),
    );
    return all.map((each) => numbers(each).map((x) => -x));
  };
  expect(clipped(2.5, [3, 0], [4])).toEqual([[1.5, -0], [2]]);
  // 49·(1/49) is rounded to less than 1.
  expect(clipped(49, [3, 0.1], [0.3])).toEqual([[3, 0.1], [0.3]]);
  expect(clipped(1, [0, 0], [0])).toEqual([[-0, -0], [-0]]);
  // Squares of these overflow.
  expect(clipped(5, [3e200], [4e200])).toEqual([[expect.closeTo(3, 14)], [expect.closeTo(4, 14)]]);
});

test("clipByGlobalNorm takes float32 and float64 together", () => {
  const [a, b] = [variable([0]), held(0)];
  nn.chain(nn.clipByGlobalNorm(5)).step([a, b], [tensor([30]), double(40)]);
  expect([a.toArray(), numbers(b)]).toEqual([[-3], [-4]]);
});

test("only shows its link the variables that it is for, so that a norm is that of the group", () => {
  const [a, b] = [held(0), held(0)];
  const optimizer = nn.chain(nn.only((path) => path === "a", nn.clipByGlobalNorm(1)));
  optimizer.step({ a, b }, { a: double(4), b: double(4) });
  expect([a, b].map((each) => numbers(each))).toEqual([[-1], [-4]]);
});

test("parts with rates of their own show these, and the chain's rate multiplies them", () => {
  const [a, b] = [held(0), held(0)];
  const optimizer = nn.chain(
    nn.only((path) => path === "a", nn.sgd({ learningRate: 0.5 })),
    nn.only((path) => path === "b", nn.sgd({ learningRate: (step) => step.add(3) })),
  );
  expect(optimizer.learningRate.item()).toBe(1);
  expect(Object.keys(nn.variables(optimizer))).toEqual([
    "learningRate",
    "steps",
    "rates.0.learningRate",
    "rates.1.learningRate",
  ]);
  optimizer.learningRate.assign(2);
  optimizer.rates[0]!.learningRate.assign(0.25);
  for (let i = 0; i < 2; i++) optimizer.step({ a, b }, { a: double(1), b: double(1) });
  expect([a, b].map((each) => numbers(each))).toEqual([[-1], [-14]]);
});

test("a chain has its own memory, whatever it is made of", () => {
  const w = held(0);
  const inner = nn.sgd({ learningRate: 1, momentum: 0.5 });
  const [one, other] = [nn.chain(inner), nn.chain(inner)];
  for (const each of [one, other, inner]) each.step([w], [double(1)]);
  expect(numbers(w)).toEqual([-3]);
});

test("chains, groups and accumulations of what is no link are errors that show one", () => {
  const two = () => nn.chain(nn.sgd({ learningRate: 1 }), nn.adam());
  expect(two).toThrow(TypeError);
  expect(two).toThrow("chain: two of its links have a learning rate");
  expect(() => nn.chain()).toThrow("chain: got undefined where a link belongs");
  expect(() => nn.chain(1 as never)).toThrow(
    "chain: got a number where a link belongs: an optimizer, or a link such as",
  );
  expect(() => nn.only("bias" as never, nn.adam())).toThrow('only: the predicate is the string "bias"');
  expect(() => nn.accumulate(0, nn.adam())).toThrow(
    "accumulate: n 0 must be a whole number, 1 or more, e.g. 4",
  );
  expect(() => nn.optimizer("mine", 0.1)).toThrow("mine: the rule is undefined and must be a function, e.g.");
  expect(() => nn.optimizer("mine", 0.1, {} as never)).toThrow("mine: got an object where a link belongs");
});

describe("averageOfWeights", () => {
  test.each([
    ["eagerly", (f: () => void) => f],
    ["compiled", (f: () => void) => compile(f)],
  ])("is the first value, then the exponential average, %s", (_way, around) => {
    const set: Record<string, Variable> = { a: held(0, 0), b: variable([0]) };
    const average = nn.averageOfWeights(set, { decay: 0.75 });
    const update = around(() => average.update());
    for (const value of [4, 8, -8]) {
      set.a!.assign(double(value, 1));
      set.b!.assign(value);
      update();
    }
    // 4; 3 + 2; 3.75 − 2.
    expect([numbers(average.values.a!), average.values.b!.toArray()]).toEqual([[1.75, 1], [1.75]]);
    expect(average.updates.item()).toBe(3);
    expect(Object.keys(nn.variables(average))).toEqual(["values.a", "values.b", "updates"]);
  });

  test("goes the way of PyTorch's, and is read by bind", () => {
    const set = starts();
    const optimizer = nn.sgd({ learningRate: 0.02 });
    const average = nn.averageOfWeights(set, { decay: 0.8 });
    for (let t = 1; t <= 10; t++) {
      optimizer.minimize(() => losses.quadratic(set.a, set.b), set);
      average.update();
      const { a, b } = bind(set, average.values, () => ({ a: numbers(set.a.value), b: set.b.item() }));
      // Ten steps of some thirty roundings of numbers below 2.
      averages[shown.indexOf(t)]?.forEach((wanted, i) => {
        expect(Math.abs((i < 2 ? a[i]! : b) - wanted)).toBeLessThan(600 * 2 ** -53);
      });
    }
  });
});
