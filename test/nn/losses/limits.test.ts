// Losses where formulas cancel, overflow or meet infinity: every combination of infinite logits against the limits, for
// every option, and digits that must not be lost.

import { compile, grad, hvp, type Tensor, tensor } from "@adjoint/autograd";
import * as nn from "@adjoint/nn";
import { describe, expect, test } from "vitest";
import { numbers } from "../../support/tensors.ts";

type Float = "float32" | "float64";
const unit = { float32: 2 ** -24, float64: 2 ** -53 };
const labels = (values: readonly number[]) => tensor([...values], { dtype: "int32" }) as Tensor;

/** Softmax of a row and −log of it, infinite logits being limits in which those that are equal share equally. */
function limitOf(row: readonly number[]): { shares: number[]; costs: number[] } {
  const top = Math.max(...row);
  const distances = row.map((z) => (z === top ? 0 : top - z));
  const total = distances.reduce((sum, d) => sum + Math.exp(-d), 0);
  return {
    shares: distances.map((d) => Math.exp(-d) / total),
    costs: distances.map((d) => d + Math.log(total)),
  };
}

/** Σ factor·cost, in which a factor of 0 wins, and its derivatives Σ factor·share − factor. */
function expected(row: readonly number[], factors: readonly number[]): { loss: number; slopes: number[] } {
  const { shares, costs } = limitOf(row);
  const sum = factors.reduce((total, factor) => total + factor, 0);
  return {
    loss: costs.reduce((total, cost, c) => total + (factors[c] === 0 ? 0 : factors[c]! * cost), 0),
    slopes: shares.map((share, c) => sum * share - factors[c]!),
  };
}

const ends = [-Infinity, 0.5, 2, Infinity];
const combinations = ends.flatMap((a) => ends.flatMap((b) => ends.map((c) => [a, b, c])));
const ways = (["float32", "float64"] as const).flatMap((dtype) => [
  ["eagerly", dtype, <F extends (...inputs: Tensor[]) => unknown>(f: F): F => f] as const,
  [
    "compiled",
    dtype,
    <F extends (...inputs: Tensor[]) => unknown>(f: F): F => compile(f as never) as F,
  ] as const,
]);

/** A few roundings of terms below 4, and of the result. */
function expectNear(found: readonly number[], wanted: readonly number[], dtype: Float): void {
  expect(found).toHaveLength(wanted.length);
  found.forEach((value, i) => {
    if (Math.abs(wanted[i]!) === Infinity) expect(value, `place ${i}`).toBe(wanted[i]);
    else
      expect(Math.abs(value - wanted[i]!), `place ${i}: ${value}, expected ${wanted[i]}`).toBeLessThanOrEqual(
        32 * unit[dtype],
      );
  });
}

describe.each(ways)("%s in %s", (_way, dtype, run) => {
  const t = (values: unknown) => tensor(values as number[][], { dtype }) as Tensor;
  const z = t(combinations);
  const ones = t(combinations.map((row) => row.map(() => 1)));

  const weights = [0.5, 0, 2];
  const options: readonly { labelSmoothing?: number; classWeights?: number[]; ignoreLabel?: number }[] = [
    {},
    { labelSmoothing: 0.25 },
    { classWeights: weights },
    { labelSmoothing: 1, classWeights: weights },
    { labelSmoothing: 0.25, classWeights: weights, ignoreLabel: 1 },
  ];

  test.each(options)("cross-entropy of infinite logits and its gradient are the limits with %j", (given) => {
    const { labelSmoothing: share = 0, classWeights, ignoreLabel } = given;
    const asked = {
      ...given,
      ...(classWeights && { classWeights: t(classWeights) }),
    } as nn.CrossEntropyOptions;
    const factorsOf = (target: readonly number[]) =>
      target.map((y, c) => (classWeights?.[c] ?? 1) * (y * (1 - share) + share / 3));
    const loss = (z: Tensor, target: Tensor) => nn.crossEntropy(z, target, { ...asked, reduction: "none" });
    const slope = (z: Tensor, target: Tensor) => grad((x: Tensor) => loss(x, target).sum())(z) as Tensor;
    const [losses, slopes] = [run(loss), run(slope)];
    const curve = (z: Tensor, target: Tensor) => hvp((x: Tensor) => loss(x, target).sum(), z, ones) as Tensor;
    const rows = [0.25, 0, 0.75];
    for (const label of [0, 1, 2, rows]) {
      if (Array.isArray(label) && ignoreLabel !== undefined) continue;
      const target = Array.isArray(label)
        ? t(combinations.map(() => label))
        : labels(combinations.map(() => label));
      const row = Array.isArray(label) ? label : [0, 1, 2].map((c) => Number(c === label));
      const factors = label === ignoreLabel ? [0, 0, 0] : factorsOf(row);
      const wanted = combinations.map((each) => expected(each, factors));
      expectNear(
        numbers(losses(z, target)),
        wanted.map(({ loss }) => loss),
        dtype,
      );
      expectNear(
        numbers(slopes(z, target)),
        wanted.flatMap(({ slopes }) => slopes),
        dtype,
      );
      expect(numbers(curve(z, target)).some(Number.isNaN)).toBe(false);
    }
  });

  test("binary losses of infinite logits and their gradients are the limits, for every target", () => {
    const logits = [-Infinity, -1e30, 1e30, Infinity];
    const losses: readonly [name: string, loss: nn.Loss, ones: number, zeros: number][] = [
      ["negLogLossWithLogits", nn.negLogLossWithLogits, 1, 1],
      ["focal", nn.focal, 0.25, 0.75],
      ["focal of gamma 0", (z, y, rest) => nn.focal(z, y, { ...rest, gamma: 0 }), 0.25, 0.75],
      ["focal of gamma 1/2", (z, y, rest) => nn.focal(z, y, { ...rest, gamma: 0.5, alpha: 0 }), 0, 1],
    ];
    for (const [name, loss, ofOnes, ofZeros] of losses)
      for (const y of [0, 0.5, 1]) {
        const each = run((z, y) => loss(z, y, { reduction: "none" }));
        const slope = run((z, y) => grad((x: Tensor) => loss(x, y, { reduction: "sum" }))(z) as Tensor);
        const target = t(logits.map(() => y));
        const [up, down] = [(1 - y) * ofZeros, y * ofOnes];
        const size = (factor: number, z: number) => (factor === 0 ? 0 : factor * Math.abs(z));
        const wanted = logits.map((z) => size(z > 0 ? up : down, dtype === "float32" ? Math.fround(z) : z));
        // Products of a power of two and a number: nothing is rounded, save 0.75.
        numbers(each(t(logits), target)).forEach((value, i) => {
          const near = Math.abs(value / wanted[i]! - 1) <= unit[dtype];
          expect(value === wanted[i] || near, `${name} of ${logits[i]} and ${y}: ${value}`).toBe(true);
        });
        expect(numbers(slope(t(logits), target)).map((value) => value + 0)).toEqual(
          logits.map((z) => (z > 0 ? up : -down) + 0),
        );
      }
  });

  test("focal keeps its digits where the answer is sure and right", () => {
    for (const gap of [0.5, 10, 20, 25])
      for (const [logit, y, factor] of [
        [gap, 1, 0.25],
        [-gap, 0, 0.75],
      ] as const) {
        const wanted = (factor * Math.log1p(Math.exp(-gap))) / (1 + Math.exp(gap)) ** 2;
        const found = run((z, y) => nn.focal(z, y))(t([logit]), t([y])).item();
        // An exponential of x is off by |x| roundings of x: three of them are multiplied.
        expect(Math.abs(found / wanted - 1)).toBeLessThanOrEqual((3 * gap + 16) * 2 * unit[dtype]);
      }
  });

  test("klDivergence keeps its digits where the distributions are nearly the same", () => {
    const d = { float32: 2 ** -12, float64: 2 ** -26 }[dtype];
    const [p, y] = [
      [0.25, 0.75],
      [0.25 + d, 0.75 - d],
    ];
    // y·log(1 + x) with x = (y − p)/p, by its series; the third power of d and what follows count.
    const series = (x: number) => x - x ** 2 / 2 + x ** 3 / 3 - x ** 4 / 4;
    const wanted = y!.reduce((sum, value, i) => sum + value * series((value - p![i]!) / p![i]!), 0);
    const found = run((p, y) => nn.klDivergence(p, y))(t([p]), t([y])).item();
    // Terms of the size of d, each of them rounded a few times; wanted itself is rounded in float64.
    expect(Math.abs(found - wanted)).toBeLessThanOrEqual(8 * unit[dtype] * d);
    expect(found).toBeGreaterThan(0);
  });

  test("klDivergence is a difference of logarithms where quotients overflow", () => {
    const tiny = { float32: 2 ** -149, float64: 2 ** -1074 }[dtype];
    const found = run((p, y) => nn.klDivergence(p, y))(t([[tiny, 1]]), t([[1, 0]])).item();
    expect(Math.abs(found / -Math.log(tiny) - 1)).toBeLessThanOrEqual(8 * unit[dtype]);
    expect(run((p, y) => nn.klDivergence(p, y))(t([[0, 1]]), t([[0.5, 0.5]])).item()).toBe(Infinity);
  });

  test("cosineDistance keeps its digits for directions that are nearly one, of any length", () => {
    const d = { float32: 2 ** -11, float64: 2 ** -25 }[dtype];
    const wanted = d ** 2 / (1 + d ** 2 + Math.sqrt(1 + d ** 2));
    // The length of the longest is no number.
    const far = { float32: [1, 1.5 * 2 ** 127, 2 ** -120], float64: [1, 1.5 * 2 ** 1023, 2 ** -1000] }[dtype];
    const loss = run((a, b) => nn.cosineDistance(a, b));
    for (const size of far) {
      const found = loss(t([[size, size * d]]), t([[1, 0]])).item();
      // The ends are d apart, and each is rounded a few times.
      expect(Math.abs(found - wanted)).toBeLessThanOrEqual(8 * unit[dtype] * d);
      expectNear([loss(t([[size, size]]), t([[-3, -3]])).item()], [2], dtype);
      expect(loss(t([[size, -size, size / 2]]), t([[size, -size, size / 2]])).item()).toBe(0);
    }
  });

  test("cosineDistance of a row of zeros is 1, and its derivative 0", () => {
    const loss = run((a, b) => nn.cosineDistance(a, b, { reduction: "sum" }));
    const slope = run((a, b) => grad((x: Tensor) => nn.cosineDistance(x, b))(a) as Tensor);
    const [zero, other] = [t([[0, -0]]), t([[3, 4]])];
    for (const [a, b] of [
      [zero, other],
      [other, zero],
      [zero, zero],
    ] as const) {
      expect(loss(a, b).item()).toBe(1);
      expect(numbers(slope(a, b)).map((value) => value + 0)).toEqual([0, 0]);
    }
  });

  test("tripletMargin and contrastive have derivatives at a distance of 0, and distances of numbers whose squares overflow", () => {
    const far = { float32: 2 ** 100, float64: 2 ** 600 }[dtype];
    const [zero, length] = [t([[0, 0]]), t([[3 * far, 4 * far]])];
    const triplet = run((a, p, n) => nn.tripletMargin(a, p, n));
    expect(triplet(zero, length, zero).item()).toBe(5 * far);
    const slope = run((a, p, n) => grad((x: Tensor) => nn.tripletMargin(x, p, n))(a) as Tensor);
    expect(numbers(slope(zero, zero, t([[3, 4]])))).toEqual([0, 0]);
    expectNear(numbers(slope(zero, zero, t([[0.375, 0.5]]))), [0.6, 0.8], dtype);
    // Of a pair that differs, which is far enough apart, nothing counts, its infinite square included.
    const pair = run((a, b, y) => nn.contrastive(a, b, y));
    expect(pair(zero, length, t([1])).item()).toBe(0);
    const push = run((a, b, y) => grad((x: Tensor) => nn.contrastive(x, b, y))(a) as Tensor);
    expect(numbers(push(zero, zero, t([1]))).map((value) => value + 0)).toEqual([0, 0]);
    expect(numbers(push(length, zero, t([1]))).map((value) => value + 0)).toEqual([0, 0]);
  });

  test("an ignored row counts nothing, whatever its logits, and passes nothing back", () => {
    const broken = t([
      [NaN, Infinity],
      [0, 0],
    ]);
    const loss = (z: Tensor, y: Tensor) => nn.crossEntropy(z, y, { ignoreLabel: -100 });
    const target = labels([-100, 1]);
    expectNear([run(loss)(broken, target).item()], [Math.LN2], dtype);
    const slope = run((z, y) => grad((x: Tensor) => loss(x, y))(z) as Tensor);
    expect(numbers(slope(broken, target)).map((value) => value + 0)).toEqual([0, 0, 0.5, -0.5]);
    expect(run(loss)(broken, labels([-100, -100])).item()).toBeNaN();
  });

  test("targets, weights and levels that are none are refused in the loss's name, before anything is computed", () => {
    const [row, pair] = [t([[0.25, 0.75]]), t([[0.5, 0.5]])];
    const weighted = run((z, w) => nn.hinge(z, z, { weights: w }));
    const classWeighted = run((z, w) => nn.crossEntropy(z, z, { classWeights: w }));
    const ignoring = run((z, y) => nn.crossEntropy(z, y, { ignoreLabel: -1 }));
    const levels = run((z, w) => nn.pinball(z, z, { level: w }));
    const focal = run((z, y) => nn.focal(z, y));
    const contrastive = run((z, y) => nn.contrastive(z, z, y));
    const guess = run((z, y) => nn.perplexity(z, y));
    for (const odd of [-0.5, NaN, Infinity]) {
      expect(() => weighted(row, t([[1, odd]]))).toThrow(
        `hinge: weight ${odd} must be 0 or more, and finite`,
      );
      expect(() => classWeighted(row, t([1, odd]))).toThrow(
        `crossEntropy: class weight ${odd} must be 0 or more, and finite`,
      );
    }
    for (const odd of [0, 1, -0.5, NaN])
      expect(() => levels(row, t([0.5, odd]))).toThrow(`pinball: level ${odd} is no quantile's`);
    for (const odd of [-0.5, 1.5, NaN]) {
      expect(() => focal(row, t([[odd, 0]]))).toThrow(`focal: target ${odd} is no probability`);
      expect(() => contrastive(row, t([odd]))).toThrow(`contrastive: target ${odd} is no probability`);
      expect(() => guess(row, t([[odd, 0]]))).toThrow(`perplexity: target ${odd} is no probability`);
    }
    expect(() => ignoring(row, labels([-2]))).toThrow("crossEntropy: label -2 is none of the 2 classes");
    expect(() => guess(row, labels([2]))).toThrow("perplexity: label 2 is none of the 2 classes");
    // Numbers next to the ends are levels.
    expect(levels(pair, t([2 ** -20, 1 - 2 ** -20])).item()).toBe(0);
    expect(ignoring(row, labels([-1])).item()).toBeNaN();
  });
});

describe("options", () => {
  const x = tensor([[0.5, 0.25, 0]]) as Tensor;
  const y = labels([1]);
  const flat = tensor([1, 2]) as Tensor;
  test.each<[string, () => unknown, string]>([
    ["a delta of 0", () => nn.huber(x, x, { delta: 0 }), "huber: delta 0 must be above 0 and finite"],
    ["a delta of NaN", () => nn.huber(x, x, { delta: NaN }), "huber: delta NaN must be above 0"],
    ["a level of 1", () => nn.pinball(x, x, { level: 1 }), "pinball: level 1 must be between 0 and 1"],
    ["a level of 0", () => nn.pinball(x, x, { level: 0 }), "pinball: level 0 must be between 0 and 1"],
    ["levels that don't fit", () => nn.pinball(x, x, { level: flat }), "pinball: levels [2] don't broadcast"],
    [
      "levels of another type",
      () => nn.pinball(x, x, { level: x.cast("float64") }),
      "pinball: levels are float64 and predictions float32",
    ],
    ["a gamma below 0", () => nn.focal(x, x, { gamma: -1 }), "focal: gamma -1 must be 0 or more"],
    ["an alpha of 2", () => nn.focal(x, x, { alpha: 2 }), "focal: alpha 2 must be from 0 to 1"],
    [
      "a margin of 0",
      () => nn.tripletMargin(x, x, x, { margin: 0 }),
      "tripletMargin: margin 0 must be above 0",
    ],
    [
      "a margin that is a text",
      () => nn.contrastive(x, x, flat, { margin: "1" as never }),
      "contrastive: margin must be a number; it is 1",
    ],
    [
      "a swap that is a text",
      () => nn.tripletMargin(x, x, x, { swap: "yes" as never }),
      "tripletMargin: swap must be true or false; it is yes",
    ],
    [
      "a negative of another shape",
      () => nn.tripletMargin(x, x, flat),
      "tripletMargin: anchor [1, 3] and negative [2] differ",
    ],
    [
      "a pair too many",
      () => nn.contrastive(x, x, flat),
      "contrastive: squared distance [1] and target [2] differ",
    ],
    [
      "smoothing above 1",
      () => nn.crossEntropy(x, y, { labelSmoothing: 1.5 }),
      "crossEntropy: labelSmoothing 1.5 must be from 0 to 1",
    ],
    [
      "a class weight too few",
      () => nn.crossEntropy(x, y, { classWeights: flat }),
      "crossEntropy: classWeights [2] and logits [1, 3]: give one weight for each class, [3]",
    ],
    [
      "an ignored label that is a fraction",
      () => nn.crossEntropy(x, y, { ignoreLabel: 0.5 }),
      "crossEntropy: ignoreLabel 0.5 must be a whole number",
    ],
    [
      "an ignored label of rows",
      () => nn.crossEntropy(x, x, { ignoreLabel: 0 }),
      "crossEntropy: ignoreLabel is for labels",
    ],
    [
      "a reduction of perplexity",
      () => nn.perplexity(x, y, { reduction: "sum" } as never),
      "perplexity: it has no reduction",
    ],
    [
      "weights that would make more losses",
      () => nn.hinge(x, x, { weights: tensor([[1], [2]]) as Tensor }),
      "hinge: weights [2, 1] don't broadcast to the losses [1, 3]",
    ],
    [
      "weights of another type",
      () => nn.hinge(x, x, { weights: x.cast("float64") }),
      'hinge: a weight is float64 and the losses are float32; they must be of one type: cast("float32")',
    ],
    [
      "a distribution without an axis",
      () => nn.klDivergence(tensor(1) as Tensor, tensor(1) as Tensor),
      "klDivergence: prediction [] has no last axis",
    ],
  ])("refuse %s", (_what, call, message) => {
    expect(call).toThrow(message);
  });
});
