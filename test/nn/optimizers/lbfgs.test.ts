// L-BFGS against PyTorch's, and in what it has of its own.

import { compile, grad, type Tensor, tensor, variable } from "@adjoint/autograd";
import * as nn from "@adjoint/nn";
import { describe, expect, test } from "vitest";
import { numbers } from "../../support/tensors.ts";
import { lbfgs as torch } from "../data/schedules.ts";
import { losses, starts } from "./losses.ts";

const held = (...values: number[]) => variable(tensor(values, { dtype: "float64" }));

/** Σ 100(xᵢ₊₁ − xᵢ²)² + (1 − xᵢ)². */
const rosenbrock = (x: Tensor) => {
  const [left, right]: [Tensor, Tensor] = [x.slice([0, -1]), x.slice([1])];
  return right.sub(left.square()).square().mul(100).add(left.sub(1).square()).sum();
};

describe.each<[string, (f: () => Tensor) => () => Tensor]>([
  ["an eager loss", (f) => f],
  ["a compiled loss", (f) => compile(f)],
])("of %s,", (_way, around) => {
  test.each<[keyof typeof torch, number[], nn.LbfgsOptions, number]>([
    ["rosenbrock [-1.2, 1]", [-1.2, 1], { iterations: 100 }, 1],
    ["rosenbrock of four", [-1.2, 1, -0.5, 2], { iterations: 200, history: 5 }, 1],
    ["rosenbrock in five calls", [-1.2, 1], { iterations: 6 }, 5],
  ])("%s takes PyTorch's evaluations to PyTorch's point", (name, start, options, calls) => {
    const x = held(...start);
    const optimizer = nn.lbfgs(options);
    const loss = around(() => rosenbrock(x));
    for (let i = 0; i < calls; i++) optimizer.minimize(loss, { x });
    expect(optimizer.common.evaluations!.item()).toBe(torch[name].evaluations);
    // The same arithmetic but for its order. A line search multiplies rounding by the Hessian's condition, 2500, in its last
    // steps: 2500² of them by 2⁻⁵³.
    torch[name].at.forEach((wanted, i) => {
      expect(Math.abs(numbers(x)[i]! - wanted)).toBeLessThan(1e-9);
    });
  });
});

describe("a compiled loss", () => {
  test("is recorded once for all calls with the same variables", () => {
    const x = held(-1.2, 1);
    let recorded = 0;
    const loss = compile(() => {
      recorded++;
      return rosenbrock(x);
    });
    const optimizer = nn.lbfgs({ iterations: 4 });
    optimizer.minimize(loss, { x });
    const first = recorded;
    for (let i = 0; i < 3; i++) optimizer.minimize(loss, { x });
    expect([first, recorded]).toEqual([1, 1]);
  });

  test("moves the variables of each call, and those alone", () => {
    const [x, y] = [held(-1.2, 1), held(3, 4)];
    const loss = compile(() => rosenbrock(x).add(y.square().sum()));
    const optimizer = nn.lbfgs({ iterations: 3 });
    optimizer.minimize(loss, { x });
    const moved = numbers(x);
    expect(numbers(y)).toEqual([3, 4]);
    optimizer.minimize(loss, { y });
    expect(numbers(x)).toEqual(moved);
    expect(y.square().sum().item()).toBeLessThan(25);
  });

  test("that reaches no variable says so", () => {
    const loss = compile(() => held(1).sum());
    expect(() => nn.lbfgs().minimize(loss, [held(2)])).toThrow("lbfgs: none of 1 variables has a gradient");
  });
});

test("several variables are one vector, and what the loss does not reach stays", () => {
  const { a, b } = starts();
  const c = held(9);
  const optimizer = nn.lbfgs();
  const loss = () => losses.quadratic(a, b);
  const before = optimizer.minimize(loss, [a, b, c]);
  expect(before.item()).toBe(0.125 + 4.5 + 1.75 ** 2 + 0.28125 + 0.375);
  expect(optimizer.common.evaluations!.item()).toBe(torch["quadratic of two variables"].evaluations);
  // As above, for a condition below 10.
  torch["quadratic of two variables"].at.forEach((wanted, i) => {
    expect(Math.abs((i < 2 ? a.data[i]! : b.item()) - wanted)).toBeLessThan(1e-13);
  });
  expect(numbers(c)).toEqual([9]);
});

test("float32 variables are moved in float32", () => {
  const x = variable([-1.2, 1]);
  nn.lbfgs({ iterations: 100 }).minimize(() => rosenbrock(x), { x });
  // The loss is flat within rounding over √2⁻²⁴ times the root of the condition.
  for (const each of x.toArray()) expect(Math.abs(each - 1)).toBeLessThan(2 ** -12 * 50);
});

test("a loss that is infinite or NaN beyond a wall is kept away from", () => {
  // y − log y, least at 1, from 3 with a first step to −66, where it is NaN.
  const y = held(3);
  nn.lbfgs({ learningRate: 100 }).minimize(() => y.sub(y.log()).sum(), [y]);
  // It ends where the loss, 1 + ½(y − 1)², changes by less than 1e-9.
  expect(Math.abs(y.data[0]! - 1)).toBeLessThan(Math.sqrt(2e-9));
});

test("its memory is saved and restored, so that it goes on in the same way", () => {
  const run = (optimizer: nn.Lbfgs, x: ReturnType<typeof held>) => {
    optimizer.minimize(() => rosenbrock(x), { x });
    return numbers(x);
  };
  const [optimizer, x] = [nn.lbfgs({ iterations: 4, history: 3 }), held(-1.2, 1)];
  run(optimizer, x);
  const saved = Object.fromEntries(
    Object.entries(nn.variables(optimizer)).map(([path, { value }]) => [path, value]),
  );
  const [other, y] = [nn.lbfgs({ iterations: 4, history: 3 }), held(...numbers(x))];
  nn.load(other, saved);
  expect(run(other, y)).toEqual(run(optimizer, x));
});

describe("loaded memory that is not its own is refused, and leaves the variables as they were", () => {
  const savedBy = (optimizer: nn.Lbfgs) => {
    const x = held(-1.2, 1);
    optimizer.minimize(() => rosenbrock(x), { x });
    return Object.fromEntries(
      Object.entries(nn.variables(optimizer)).map(([path, { value }]) => [path, value]),
    );
  };
  const options = { iterations: 4, history: 3 };
  const number = (x: number) => tensor(x, { dtype: "float64" });
  const all = savedBy(nn.lbfgs(options));

  test.each<[string, Record<string, Tensor>, RegExp]>([
    [
      "more pairs than there are rows",
      { ...all, "common.pairs": number(4) },
      /"pairs" is 4 .*from 0 to the history, 3/,
    ],
    ["a fraction of a pair", { ...all, "common.pairs": number(1.5) }, /"pairs" is 1.5/],
    ["fewer than none", { ...all, "common.pairs": number(-1) }, /"pairs" is -1/],
    ["no number of pairs", { ...all, "common.pairs": number(NaN) }, /"pairs" is NaN/],
    [
      "pairs without positive curvature",
      { ...all, "common.changes": all["common.changes"]!.neg() },
      /no positive curvature in row 0/,
    ],
    [
      "pairs that are not finite",
      { ...all, "common.steps": all["common.steps"]!.mul(Infinity) },
      /no positive curvature in row 0/,
    ],
    ["another history's", savedBy(nn.lbfgs({ ...options, history: 5 })), /"steps" is float64 \[5, 2\]/],
    [
      "another optimizer's",
      { ...all, "common.count": number(1) },
      /"count" was loaded and no step asks for it/,
    ],
    ["another optimizer's, by path", { ...all, "state.x.mean": number(1) }, /"x mean" was loaded/],
  ])("%s", (_what, saved, message) => {
    const [optimizer, x] = [nn.lbfgs(options), held(-1.2, 1)];
    nn.load(optimizer, saved);
    expect(() => optimizer.minimize(() => rosenbrock(x), { x })).toThrow(message);
    expect(numbers(x)).toEqual([-1.2, 1]);
  });
});

test("no derivative goes through its steps", () => {
  const w = held(1);
  const slope = grad((a: Tensor) => {
    nn.lbfgs().minimize(() => w.sub(a).square().sum(), [w]);
    return w.value.sum().mul(a).sum() as Tensor;
  })(tensor(3, { dtype: "float64" }) as Tensor);
  // That of w·a with w alone constant is w, which has become 3; with w = a it would be 2a = 6.
  expect(slope.item()).toBeCloseTo(3, 6);
});

describe("an error", () => {
  test("leaves every variable and its memory as they were", () => {
    const x = held(-1.2, 1);
    let calls = 0;
    const optimizer = nn.lbfgs();
    const loss = () => {
      if (++calls === 4) throw new Error("the fourth");
      return rosenbrock(x);
    };
    expect(() => optimizer.minimize(loss, [x])).toThrow("the fourth");
    expect(numbers(x)).toEqual([-1.2, 1]);
    expect(optimizer.common).toEqual({});
  });

  test("says that it is no part of a compiled function", () => {
    const x = held(1, 2);
    const step = compile(() => nn.lbfgs().minimize(() => rosenbrock(x), [x]));
    expect(step).toThrow("lbfgs: its steps depend on the loss's numbers");
    expect(step).toThrow("minimize(compile(loss), set)");
  });

  test("says that a loss is not finite at the start, or reaches nothing", () => {
    const x = held(-1);
    expect(() => nn.lbfgs().minimize(() => x.log().sum(), [x])).toThrow(
      "lbfgs: the loss is NaN where it starts",
    );
    expect(() => nn.lbfgs().minimize(() => held(1).sum(), [x])).toThrow(
      "lbfgs: none of 1 variables has a gradient",
    );
  });
});
