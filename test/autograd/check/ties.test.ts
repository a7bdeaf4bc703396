// Slopes at ties that belong to no choice among the tied: each alone may be right, and their sum is not.

import {
  concat,
  definePrimitive,
  einsum,
  eye,
  maxPool,
  normal,
  randomKey,
  stack,
  type Tensor,
  tensor,
  where,
} from "@adjoint/autograd";
import { checkGradients, type Program, programs } from "@adjoint/autograd/check";
import { eigh } from "@adjoint/linalg";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isSure } from "../../../packages/autograd/src/check/examine.ts";
import { tiesIn } from "../../../packages/autograd/src/check/ties.ts";
import { runs, trials } from "../../support/runs.ts";

type F = (...inputs: never[]) => unknown;
const double = (values: readonly number[]) => tensor(values, { dtype: "float64" }) as Tensor;
const float = (mask: Tensor, like: Tensor) => mask.cast(like.dtype);

/** A function of two numbers, element by element, with the slopes that it states. */
const ofTwo = (
  name: string,
  value: (a: number, b: number) => number,
  slopes: (a: Tensor, b: Tensor) => Tensor[],
) =>
  definePrimitive({
    name,
    shape: ([shape]) => shape!,
    value([a, b], out) {
      a!.data.forEach((each: number, i: number) => {
        out[i] = value(each, b!.data[i]!);
      });
    },
    pullback: ({ inputs: [a, b] }, dy) => slopes(a!, b!).map((slope) => slope.mul(dy)),
  });

const greedy = ofTwo("greedyMaximum", Math.max, (a, b) => [
  float(a.greaterEqual(b), a),
  float(b.greaterEqual(a), a),
]);
const lost = ofTwo("lostMinimum", Math.min, (a, b) => [float(a.less(b), a), float(b.less(a), a)]);
const first = ofTwo("firstMaximum", Math.max, (a, b) => [
  float(a.greaterEqual(b), a),
  float(b.greater(a), a),
]);
/** The larger magnitude, smooth where two that are not 0 tie and move together. */
const greedyMagnitude = ofTwo(
  "greedyMagnitude",
  (a, b) => Math.max(Math.abs(a), Math.abs(b)),
  (a, b) => [
    a.sign().mul(float(a.abs().greaterEqual(b.abs()), a)),
    b.sign().mul(float(b.abs().greaterEqual(a.abs()), a)),
  ],
);
/** A sort whose gradient goes to all entries that are equal to a result. */
const greedySort = definePrimitive({
  name: "greedySort",
  shape: ([shape]) => shape!,
  value([x], out) {
    Float64Array.from(x!.data)
      .sort()
      .forEach((each, i) => {
        out[i] = each;
      });
  },
  pullback: ({ inputs: [x] }, dy) => [
    float(x!.reshape([x!.size, 1]).equal(x!.sort().reshape([1, x!.size])), x!).matmul(dy),
  ],
});
const greedyLargest = definePrimitive({
  name: "greedyLargest",
  shape: () => [],
  value([x], out) {
    out[0] = Math.max(...x!.data);
  },
  pullback: ({ inputs: [x] }, dy) => [float(x!.equal(x!.max()), x!).mul(dy)],
});

const [p, q] = [double([1, 2, 3]), double([0.5, -2, 3])];
const pair = double([2, 1, 2]);
const many = normal(randomKey(1), [30], { dtype: "float64" }) as Tensor;

describe("a rule whose slopes at a tie do not add up is wrong, and its step is named", () => {
  const wrong: Record<string, [F, Tensor[], operation: string]> = {
    "both take all of a maximum's": [greedy, [p, p], "greedyMaximum"],
    "neither takes any of a minimum's": [lost, [p, p], "lostMinimum"],
    "of one number among others": [greedy, [p, q], "greedyMaximum"],
    "at zero": [greedy, [double([0, 1]), double([-0, 3])], "greedyMaximum"],
    "of many numbers": [greedy, [many, many], "greedyMaximum"],
    "of the largest of many": [greedyLargest, [concat([many, many], { axis: 0 })], "greedyLargest"],
    "in a sum with kinks": [
      (a: Tensor, b: Tensor, c: Tensor) => greedy(a, b).sum().add(c.abs().sum()),
      [p, p, double([0, 0])],
      "greedyMaximum",
    ],
    "where the tie of another number is a kink": [
      greedyMagnitude,
      [double([1, 0]), double([1, 0])],
      "greedyMagnitude",
    ],
    "entries of one input": [greedySort, [pair], "greedySort"],
    "numbers that tie inside only": [
      (a: Tensor, b: Tensor) => greedy(a.mul(2), b.square()).sin().sum(),
      [double([2, 0.5]), double([2, 3])],
      "greedyMaximum",
    ],
    "results that are equal, of inputs that differ in sign": [
      (a: Tensor) => greedyLargest(a.square()).exp(),
      [double([3, -3, 1])],
      "greedyLargest",
    ],
    "in float32": [
      (a: Tensor, b: Tensor) => greedy(a.exp(), b.exp()).sum(),
      [tensor([0.3, 1]) as Tensor, tensor([0.3, 2]) as Tensor],
      "greedyMaximum",
    ],
  };
  test.each(Object.entries(wrong))("%s", (_name, [f, point, operation]) => {
    const report = checkGradients(f, point);
    expect(report.verdict === "wrong" ? report.guilty?.operation : report.toString()).toBe(operation);
    expect(report.guilty?.order).toBe(1);
    expect(report.order).toBe(0);
  });
});

test("the report gives the sum of the slopes and what it should be", () => {
  const one = double([1]);
  const [found] = checkGradients(greedy, [one, one]).disagreements;
  expect(found!.test).toBe("forward mode against differences where equal numbers move together");
  expect(found!.analytic).toBe(2);
  // What differences of 1 + h, for h from 2⁻⁴, can tell in float64.
  expect(Math.abs(found!.numerical - 1)).toBeLessThanOrEqual(found!.error);
  expect(found!.error).toBeLessThan(1e-10);
});

describe("what the rules agree on at a tie is right", () => {
  const zeros = double([0, 0, 1]);
  const right: Record<string, [F, Tensor[]]> = {
    "the first takes all": [first, [p, p]],
    "shares of a maximum": [(a: Tensor, b: Tensor) => a.maximum(b).add(a.minimum(b)).sin(), [p, p]],
    "shares of the largest": [(a: Tensor) => a.max().exp(), [pair]],
    "an order by the first place": [(a: Tensor) => a.sort(), [pair]],
    "relu and abs at 0": [(a: Tensor) => a.relu().mul(2).add(a.abs()), [zeros]],
    "bounds that are reached": [(a: Tensor) => a.clip(0, 1), [zeros]],
    "bounds that move": [(a: Tensor, b: Tensor) => a.maximum(b).minimum(b.add(1)), [p, p]],
    "a choice by comparison": [(a: Tensor, b: Tensor) => where(a.greater(b), a.square(), b.square()), [p, p]],
    "the largest in windows": [(a: Tensor) => maxPool(stack([stack([a])]), 2), [double([1, 1, 2, 2])]],
    "a norm of zeros": [(a: Tensor) => a.norm(), [double([0, 0])]],
    "products of equal numbers": [(a: Tensor) => a.prod(), [double([2, 2, 2])]],
    "the spectrum of a multiple of the identity": [
      (a: Tensor) => eigh(a).values.sum(),
      [eye(3, { dtype: "float64" })],
    ],
    "a maximum with what stays": [(a: Tensor) => first(p, a).sum(), [p]],
  };
  test.each(Object.entries(right))("%s", (_name, [f, point]) => {
    const report = checkGradients(f, point, { order: 1 });
    expect(report.verdict === "right" ? "" : report.toString()).toBe("");
  });
});

test("an operand that does not depend on the inputs does not move with one that does", () => {
  // Alone, its slope of 1 in its first operand lies between those of both sides.
  expect(checkGradients((a: Tensor) => greedy(a, p).sum(), [p], { order: 1 }).verdict).toBe("right");
});

test("equal infinities are no tie: they can't be moved", () => {
  expect(tiesIn(Float64Array.of(-Infinity, 1, -Infinity, Infinity, 1, Infinity))).toEqual([[1, 4]]);
  // Its running maximum begins with −∞ in both operands of a difference.
  const f = (a: Tensor) => a.log1p().logCumSumExp({ axis: -1 });
  for (let seed = 1; seed <= 20; seed++)
    expect(checkGradients(f, [double([-0.75, -0.75])], { order: 1, seed }).verdict).toBe("right");
});

test("at the edge of a domain, beyond which there is nothing but noise, no kink is taken for a wrong rule", () => {
  // Beyond the edge the lower bound is above the upper one.
  const [zeros, zero] = [tensor([0, 0], { dtype: "float64" }), tensor(0, { dtype: "float64" })];
  for (let seed = 1; seed <= 3; seed++)
    expect(
      checkGradients((a: Tensor, b: Tensor) => a.clip(a, b), [zeros, zero], { seed }).verdict,
      `seed ${seed}`,
    ).toBe("inconclusive");
});

test("a wrong rule is named where values are exact, so that the smallest steps are too large to agree", () => {
  // a² + a at 0: the rule, which forgets a term, says 0, and the slope is 1.
  const forgetful = definePrimitive({
    name: "forgetful",
    shape: ([a]) => a!,
    value: ([a, b], out) =>
      a!.data.forEach((x: number, i: number) => {
        out[i] = x * b!.data[i]! + x;
      }),
    pullback: ({ inputs: [a, b] }, dy) => [dy.mul(b!), dy.mul(a!)],
  });
  const report = checkGradients((a: Tensor) => forgetful(a, a), [tensor(0, { dtype: "float64" })]);
  expect(`${report.verdict} ${report.guilty?.operation}`).toBe("wrong forgetful");
});

test("what equal operands lose to rounding in derivatives that cancel is no false alarm", () => {
  const constant = (x: Tensor) => x.atan2(x);
  // At the first, what is lost is the same in all repetitions of seed 1; at the next, terms of 10⁵ cancel.
  const places = [
    0.22243838012218475,
    1e-8,
    3e-7,
    ...Array.from({ length: runs(10, 2000) }, (_, i) => 0.1 + i / 7),
  ];
  for (const place of places)
    for (const seed of [1, 2])
      expect(checkGradients(constant, [double([place])], { seed }).verdict, `${place}`).not.toBe("wrong");
});

test("slopes between jumps that lie closer than rounding lets differences be are not taken for wrong rules", () => {
  const mod = (a: Tensor, b: Tensor) => a.mod(b);
  // Each lies on a jump, and the next is some 10⁻⁸ away.
  for (const a of [-1.1751250261440873, 1.5, 0.3, -2.7])
    for (const part of [1e-8, 1e-7, 2 ** -26]) {
      const point = [a, Math.abs(a) * (a < 0 ? -part : part)].map((x) => tensor(x, { dtype: "float64" }));
      expect(checkGradients(mod, point).verdict, `${a} mod ${part} of it`).not.toBe("wrong");
    }
  const bent = (a: Tensor, b: Tensor) => a.mod(b).softplus();
  const steps = [2, 1e-8].map((x) => tensor(x, { dtype: "float64" }));
  expect(checkGradients(bent, steps).verdict).not.toBe("wrong");
  // Where there is no jump, a wrong rule is found as before.
  const wrong = definePrimitive({
    name: "wrong",
    shape: ([shape]) => shape!,
    value: ([x], out) =>
      x!.data.forEach((each: number, i: number) => {
        out[i] = each - Math.floor(each);
      }),
    pullback: (_, dy) => [dy.mul(1.01)],
  });
  expect(checkGradients((x: Tensor) => wrong(x), [double([0.3])]).verdict).toBe("wrong");
});

test("derivatives that bend closer than the least step that tells of one side are not taken for wrong rules", () => {
  // Where noise is looked for, a running maximum no longer equals the number that it is, so that small steps tell nothing.
  const products = (a: Tensor, b: Tensor) => einsum("...i,...i->...", a.softmax({ axis: -1 }), b);
  const functions = [false, true].map(
    (reverse) => (a: Tensor, b: Tensor) => products(a, b).cummax({ axis: -1, reverse }),
  );
  const pair = (part: number) => tensor([0, part], { dtype: "float64" });
  const weights = [
    [
      [0, 0],
      [1, 0],
    ],
    [
      [2, 0],
      [-1, 0.3],
    ],
  ].map((rows) => tensor(rows, { dtype: "float64" }));
  for (const f of functions)
    for (const part of [1e-8, 1e-7])
      for (const weight of weights)
        for (let seed = 1; seed <= runs(1, 20); seed++)
          expect(checkGradients(f, [weight, pair(part)], { seed }).verdict, `${part}, seed ${seed}`).not.toBe(
            "wrong",
          );
  // A wrong rule is found there as before.
  const wrong = definePrimitive({
    name: "wrong",
    shape: ([shape]) => shape!,
    value: ([x], out) => out.set(x!.data),
    pullback: (_, dy) => [dy.mul(1.01)],
  });
  const planted = (a: Tensor, b: Tensor) => wrong(functions[0]!(a, b));
  expect(checkGradients(planted, [weights[0]!, pair(1e-8)]).verdict).toBe("wrong");
});

describe("rules that are right and don't compose are not called wrong", () => {
  const spread = (a: Tensor) => a.std({ axis: 1, correction: 0 });
  const length = (a: Tensor) => a.square().sum().sqrt();
  const bent = (root: (a: Tensor) => Tensor) => (a: Tensor) => root(a).sin().mul(root(a));
  const rows = (...numbers: number[]) => tensor([numbers], { dtype: "float64" });

  // Each is smooth at its point, and its second derivative there is not the 0 that 0·∞ counts as.
  test.each<[string, F, Tensor]>([
    ["the square of a spread of equal numbers", (a: Tensor) => spread(a).square(), rows(0.3, 0.3)],
    ["a function of such a spread", bent(spread), rows(0, 0)],
    ["a function of a length that is 0", bent(length), rows(0, 0)],
  ])("where a slope on the way is infinite: %s", (_name, f, point) => {
    const { verdict, notes } = checkGradients(f, [point]);
    expect(verdict).toBe("inconclusive");
    expect(notes).toEqual([expect.stringMatching(/^the point lies where the slope of map sqrt is infinite/)]);
  });

  test("where numbers are equal but for rounding, and 0/0 if they are not", () => {
    const spread = (a: Tensor) => a.sin().mul(a).std({ axis: 1, correction: 1 });
    for (const x of [-1, 0.3, 0.7, 1.9])
      for (const f of [spread, (a: Tensor) => spread(a).log1p()])
        expect(checkGradients(f, [rows(x, x, x)]).verdict, `${x}`).not.toBe("wrong");
    // At this point five disturbances that keep ties show nothing, and those that don't give 0/0.
    const turned = (a: Tensor, b: Tensor) => {
      const angles = b.atan2(b);
      return [a.sumTo([1]), angles.reshape([3]), angles.max({ axis: 0 })];
    };
    const point = [
      tensor([[[1.5]]], { dtype: "float64" }),
      double([1.0730247646570206, -1.2903977911919355, -1.6587993083521724]),
    ];
    expect(checkGradients(turned, point).verdict).not.toBe("wrong");
  });

  test("where a step varies faster than can be told, which the report names", () => {
    const least = 9.99999993922529e-9;
    const points: [F, Tensor[]][] = [
      [(a: Tensor) => a.mod(a.cumprod({ axis: -1 })), [double([least, -1.458947777748108])]],
      [
        (a: Tensor, b: Tensor) => a.mod(b).acos(),
        [double([-0.2428, -1.8375, 1.6398]), tensor(least, { dtype: "float64" })],
      ],
    ];
    for (const [f, point] of points) {
      const { verdict, notes } = checkGradients(f, point);
      expect(verdict).toBe("inconclusive");
      expect(notes).toEqual([
        "the point lies where map mod varies faster than can be told; move it a little",
      ]);
    }
  });

  test("where a step is finer than the least steps of differences, but not where a value leaves the tape", () => {
    const half = (a: Tensor) => a.trace().div(2);
    const point = [
      tensor([1e-8, 0, 1e-8, 1.783, 0, -1.807, 0, -1.358, 0], { dtype: "float64", shape: [3, 3] }),
      eye(3, { dtype: "float64" }) as Tensor,
    ];
    const beside = (f: (h: Tensor) => Tensor) => (a: Tensor, w: Tensor) => [
      f(half(a)).log1p(),
      a.asinh().matmul(w),
    ];
    const { verdict, notes } = checkGradients(
      beside((h) => h.mod(h.square())),
      point,
    );
    expect(verdict).toBe("inconclusive");
    expect(notes).toEqual(["the point lies where map mod varies faster than can be told; move it a little"]);
    // Beside 1000 a number of 10⁻⁸ shows at no step of its own size.
    for (const detached of [
      (h: Tensor) => h.add(1).mul(h.detach()),
      (h: Tensor) => h.add(1000).sub(1000).add(h.detach()),
    ])
      expect(checkGradients(beside(detached), point).verdict).toBe("wrong");
  });

  test("where a step jumps when its operands move by themselves", () => {
    const angle = (a: Tensor) => a.square().sin().mul(a.square()).atan2(a.square());
    const { verdict, notes } = checkGradients(angle, [double([0])]);
    expect(verdict).toBe("inconclusive");
    expect(notes).toEqual([expect.stringMatching(/^the point lies at a jump of map atan2/)]);
  });

  test("and a value that leaves the tape is found at a place without any of that", () => {
    const f = (a: Tensor) => length(a).mul(a.detach());
    expect(checkGradients(f, [double([0.3, 0.5])]).verdict).toBe("wrong");
  });
});

test("a mismatch of twice an error bar that is a tenth of the derivative proves nothing, and one of twenty bars does", () => {
  const found = { test: "difference", output: 0, input: 0 } as const;
  const near = { ...found, analytic: 6.4e-10, numerical: 5.2e-10, error: 6e-11 };
  expect(isSure(near)).toBe(false);
  expect(isSure({ ...near, error: 6e-12 })).toBe(true);
  // A narrow bar is certain, and two modes must agree anywhere.
  expect(isSure({ ...near, analytic: 5.2001e-10, error: 5e-15 })).toBe(true);
  expect(isSure({ ...near, test: "dot" })).toBe(true);
});

const checks = runs(40, 2000);
test("numbers that tie in float32 and not in float64 are no false alarm, wherever they lie", () => {
  const functions: Record<string, F> = {
    "a minimum": (a: Tensor, b: Tensor) => stack([a, b]).softplus().min(),
    "a maximum": (a: Tensor, b: Tensor) => stack([a, b]).add(1).max(),
    "the larger of two": (a: Tensor, b: Tensor) => a.exp().maximum(b.exp()),
    "a comparison": (a: Tensor, b: Tensor) => where(a.exp().less(b.exp()), a, b.mul(3)),
  };
  // At 0, softplus gives log 2, beside which a boundary of 2⁻²² lies less than a hundredth of that away.
  const places = [0, ...Array.from({ length: runs(12, 300) }, (_, i) => Math.fround(0.3 + i / 7))];
  for (const [name, f] of Object.entries(functions))
    for (const place of places) {
      // Next to each other in float32, or nearer where that holds it: some tie in what is computed of them.
      const near = place === 0 ? 1e-8 : Math.fround(place * (1 + 2 ** -23));
      const point = [place, near].map((x) => tensor(x, { dtype: "float32" }));
      expect(checkGradients(f, point).verdict, `${name} at ${place}`).not.toBe("wrong");
    }
});

test("nor are numbers on both sides of a power of two that float32 holds as that one", () => {
  const functions: F[] = [
    (a: Tensor) => a.erfc().cummax({ axis: 0 }),
    (a: Tensor) => a.erfc().max(),
    (a: Tensor) => a.neg().exp().maximum(1),
    (a: Tensor) => a.neg().exp().mul(4).maximum(4),
  ];
  const point = tensor([0, 1e-8, 2e-9], { dtype: "float32" });
  for (const f of functions)
    for (let seed = 1; seed <= runs(3, 40); seed++)
      expect(checkGradients(f, [point], { seed }).verdict).not.toBe("wrong");
});

test(`no check of ${checks} right programs where most numbers tie is a false alarm`, {
  timeout: 7_200_000,
}, () => {
  let told = 0;
  const check = (program: Program) => {
    // Halves from −1 to 1.
    const tied = program.point.map((each) => each.mul(2).round().clip(-2, 2).div(2));
    const report = checkGradients(program.run as F, tied, { order: 1 });
    if (report.verdict === "right") told++;
    expect(report.verdict === "wrong" ? `${report}\n${program}` : "").toBe("");
  };
  fc.assert(fc.property(programs({ maxSteps: runs(5, 8) }), check), trials(checks, checks));
  expect(told).toBeGreaterThan(checks / 2);
});
