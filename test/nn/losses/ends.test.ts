// Losses: how they join samples, and their behaviour at the ends of their domains. Their formulas and gradients
// are held against the closed form in closed-form.test.ts.

import { grad, type Tensor, tensor } from "@adjoint/autograd";
import * as nn from "@adjoint/nn";
import { describe, expect, test } from "vitest";

const float64 = (values: number | number[] | number[][]) => tensor(values, { dtype: "float64" }) as Tensor;
const labels = (values: number[]) => tensor(values, { dtype: "int32" }) as Tensor;

describe("a loss", () => {
  const p = float64([
    [1, 2],
    [3, 5],
  ]);
  const t = float64([
    [0, 0],
    [0, 0],
  ]);

  test("averages all elements, or sums a sample's outputs and averages the batch, as it is asked", () => {
    expect(nn.meanSquaredError(p, t).item()).toBe((1 + 4 + 9 + 25) / 4);
    expect(nn.meanSquaredError(p, t, { reduction: "batchMean" }).item()).toBe((1 + 4 + 9 + 25) / 2);
    expect(nn.meanSquaredError(p, t, { reduction: "sum" }).item()).toBe(39);
    expect(nn.meanSquaredError(p, t, { reduction: "none" }).toArray()).toEqual([
      [1, 4],
      [9, 25],
    ]);
    expect(nn.sumSquaredError(p, t).item()).toBe(39);
  });

  test("takes a single number, which has no batch", () => {
    for (const reduction of ["mean", "batchMean", "sum", "none"] as const)
      expect(nn.meanSquaredError(float64(3), float64(1), { reduction }).item()).toBe(4);
  });

  test("takes a rank-1 prediction as a batch of single outputs", () => {
    const options = { reduction: "batchMean" } as const;
    expect(nn.meanSquaredError(float64([1, 3]), float64([0, 0]), options).item()).toBe(5);
  });

  test("leaves out what has a weight of 0, be it infinite or NaN, and its derivatives", () => {
    const weights = float64([
      [0, 1],
      [0, 3],
    ]);
    const odd = float64([
      [Infinity, 2],
      [NaN, 4],
    ]);
    const masks = weights.greater(0);
    const loss = (x: Tensor, given: Tensor) => nn.meanSquaredError(x, t, { weights: given });
    expect(loss(odd, weights).item()).toBe((4 + 3 * 16) / 4);
    expect(loss(odd, masks).item()).toBe((4 + 16) / 2);
    expect(grad((x: Tensor) => loss(x, weights))(odd).toArray()).toEqual([
      [0, 1],
      [0, 6],
    ]);
  });

  test("has no mean where all weights are 0", () => {
    expect(nn.meanSquaredError(p, t, { weights: float64(0) }).item()).toBeNaN();
    expect(nn.meanSquaredError(p, t, { weights: float64(0), reduction: "sum" }).item()).toBe(0);
  });

  test("has a weighted mean that is finite where the losses are, though their sum is not", () => {
    const large = tensor([3e38, 3e38], { dtype: "float32" }) as Tensor;
    const weights = tensor([0.5, 1], { dtype: "float32" }) as Tensor;
    const mean = nn.absoluteError(large, large.mul(0), { weights }).item();
    // Three roundings.
    expect(Math.abs(mean / Math.fround(3e38) - 1)).toBeLessThanOrEqual(3 * 2 ** -24);
  });

  test("refuses a target that would broadcast", () => {
    expect(() => nn.meanSquaredError(float64([1, 2]), float64([[1], [2]]))).toThrow(
      /prediction \[2\] and target \[2, 1\] differ/,
    );
  });
});

describe("negLogLoss", () => {
  test("is 0 for a sure and right answer and ∞ for a sure and wrong one", () => {
    expect(nn.negLogLoss(float64([0, 1]), float64([0, 1])).item()).toBe(0);
    expect(nn.negLogLoss(float64([1]), float64([0])).item()).toBe(Infinity);
  });

  test("from logits is finite and right at ±1000", () => {
    const slope = grad((z: Tensor) =>
      nn.negLogLossWithLogits(z, float64([1, 1, 0, 0]), { reduction: "sum" }),
    );
    const z = float64([1000, -1000, 1000, -1000]);
    expect(nn.negLogLossWithLogits(z, float64([1, 1, 0, 0]), { reduction: "none" }).toArray()).toEqual([
      0, 1000, 1000, 0,
    ]);
    expect(slope(z).toArray()).toEqual([0, -1, 1, 0]);
  });
});

describe("crossEntropy", () => {
  test("of labels equals that of one-hot rows, and is finite for logits of 1000", () => {
    const z = float64([
      [1000, 0, -1000],
      [0, 1, 2],
    ]);
    const rows = float64([
      [0, 1, 0],
      [0, 0, 1],
    ]);
    expect(nn.crossEntropy(z, labels([1, 2])).item()).toBe(nn.crossEntropy(z, rows).item());
    expect(nn.crossEntropy(z, labels([1, 2]), { reduction: "none" }).toArray()[0 as never]).toBe(1000);
  });

  test("refuses a label that is no class, a negative one too, in words of labels", () => {
    const z = float64([[0, 1, 2]]);
    for (const label of [-1, -3, 3]) {
      expect(() => nn.crossEntropy(z, labels([label]))).toThrow(
        `crossEntropy: label ${label} is none of the 3 classes; labels run from 0 to 2`,
      );
    }
  });

  test("of rows that don't sum to one is −Σ y log softmax(z) all the same", () => {
    const z = float64([
      [0, Math.log(2), Math.log(5)],
      [0, 0, 0],
    ]);
    const rows = float64([
      [1, 0, 0.5],
      [0, 0.5, 0],
    ]);
    // Softmax is 1/8, 2/8, 5/8, and thirds.
    const expected = [Math.log(8) + 0.5 * Math.log(8 / 5), 0.5 * Math.log(3)];
    const given = nn.crossEntropy(z, rows, { reduction: "none" }).data;
    // Some ten roundings of numbers below 8.
    expected.forEach((value, i) => {
      expect(Math.abs(given[i]! - value)).toBeLessThanOrEqual(32 * Number.EPSILON);
    });
  });

  test("of probabilities is 0 for a sure and right answer, zeros included, and ∞ for a sure and wrong one", () => {
    const p = float64([[1, 0, 0]]);
    expect(nn.crossEntropyOfProbabilities(p, p).item()).toBe(0);
    expect(nn.crossEntropyOfProbabilities(p, float64([[0, 1, 0]])).item()).toBe(Infinity);
    // Two roundings of a number below 1.
    const half = nn.crossEntropyOfProbabilities(float64([[0.5, 0.5, 0]]), p).item();
    expect(Math.abs(half - Math.LN2)).toBeLessThanOrEqual(Number.EPSILON);
  });

  test("has the gradient softmax − target", () => {
    const z = float64([[0.5, -1, 2]]);
    const slope = grad((logits: Tensor) => nn.crossEntropy(logits, labels([0])))(z) as Tensor;
    const softmax = z.softmax().data;
    // Three roundings of numbers below 1.
    [softmax[0]! - 1, softmax[1]!, softmax[2]!].forEach((value, i) => {
      expect(Math.abs(slope.data[i]! - value)).toBeLessThanOrEqual(4 * Number.EPSILON);
    });
  });
});

test("klDivergence of a distribution from itself is 0, zeros included", () => {
  const p = float64([[0, 0.25, 0.75]]);
  expect(nn.klDivergence(p, p).item()).toBe(0);
});

test("hinge is 0 from the margin on and has derivative 0 at it", () => {
  const slope = grad((p: Tensor) => nn.hinge(p, float64([1, 1, -1]), { reduction: "sum" }));
  expect(slope(float64([1, 0, 0])).toArray()).toEqual([0, -1, 1]);
});

test("huber goes over from square to line with one slope", () => {
  const slope = grad((p: Tensor) => nn.huber(p, float64([0, 0, 0]), { reduction: "sum" }));
  expect(slope(float64([0.5, 1, 3])).toArray()).toEqual([0.5, 1, 1]);
  expect(nn.huber(float64([1, 3]), float64([0, 0]), { reduction: "none" }).toArray()).toEqual([0.5, 2.5]);
});
