// First weights: LeCun's, normal, cut off, orthonormal, and the gain of activations.

import { activation, compile, type Key, randomKey, type Tensor } from "@adjoint/autograd";
import * as nn from "@adjoint/nn";
import { describe, expect, test } from "vitest";
import { numbers } from "../support/tensors.ts";

const meanSquare = (x: Tensor) => x.square().mean().item();

describe("the variance of", () => {
  // 60,000 draws: the mean square is within 3% of its expectation but once in more than 10⁶ runs.
  test.each<[string, nn.Initializer, number]>([
    ["leCunUniform", nn.leCunUniform, 1 / 300],
    ["leCunNormal", nn.leCunNormal, 1 / 300],
    ["normalOf", nn.normalOf(0.5), 0.25],
    ["scaled", nn.scaled(nn.leCunNormal, 3), 9 / 300],
    // The variance of a standard normal between ±2 is 1 − 4φ(2)/(2Φ(2) − 1).
    ["truncatedNormalOf", nn.truncatedNormalOf(0.5), 0.25 * 0.7737412991239],
  ])("%s is what it says, in both float types", (_name, initializer, variance) => {
    for (const dtype of ["float32", "float64"] as const) {
      const drawn: Tensor = initializer(randomKey(1), [300, 200], dtype);
      expect(drawn.dtype).toBe(dtype);
      expect(Math.abs(meanSquare(drawn) / variance - 1)).toBeLessThan(0.03);
    }
  });

  test("a layer's weights is that of the inputs that one unit sums up, also in groups, transposed and in pieces", () => {
    const options = { initializer: nn.leCunNormal, key: randomKey(3), dtype: "float64" } as const;
    const found = [
      [nn.conv2d(32, 64, 3, { groups: 4, ...options }), 8 * 9],
      [nn.convTranspose2d(64, 32, 4, { groups: 4, stride: 2, ...options }), 16 * 4],
      [nn.maxout(40, 60, { pieces: 3, ...options }), 40],
    ] as const;
    // 4,608 draws or more: within 10% but once in 10⁵ runs, and the seed is fixed.
    for (const [layer, inputs] of found)
      expect(Math.abs(meanSquare(layer.weight.value) * inputs - 1)).toBeLessThan(0.1);
  });
});

test("truncatedNormalOf leaves nothing beyond its cut, and comes near it", () => {
  const data = numbers(nn.truncatedNormalOf(0.1, 1.5)(randomKey(1), [100, 100], "float64"));
  expect(Math.max(...data.map(Math.abs))).toBeLessThanOrEqual(0.1 * 1.5);
  expect(Math.max(...data)).toBeGreaterThan(0.149);
});

test("what scales a constant draws nothing either", () => {
  expect(numbers(nn.dense(2, 1, { initializer: nn.scaled(nn.allOnes, 3) }).weight.value)).toEqual([3, 3]);
});

describe("orthogonal", () => {
  /** QᵀQ or QQᵀ, whichever is smaller, by plain loops. */
  function products(q: Tensor, rows: number, columns: number): number[][] {
    const data = numbers(q);
    const vectors = Array.from({ length: Math.min(rows, columns) }, (_, i) =>
      Array.from({ length: Math.max(rows, columns) }, (_, j) =>
        rows < columns ? data[i * columns + j]! : data[j * columns + i]!,
      ),
    );
    return vectors.map((a) => vectors.map((b) => a.reduce((sum, x, i) => sum + x * b[i]!, 0)));
  }

  test.each<[shape: readonly number[]]>([
    [[4, 4]],
    [[3, 7]],
    [[7, 3]],
    [[5, 2, 3]],
    [[8, 2, 2]],
    [[6]],
    [[1, 1]],
    [[40, 40]],
  ])("makes weights %j of orthonormal rows or columns, in both float types", (shape) => {
    const [rows, columns] = [shape[0]!, shape.slice(1).reduce((a, b) => a * b, 1)];
    for (const dtype of ["float32", "float64"] as const) {
      const q = nn.orthogonal(randomKey(2), shape, dtype);
      expect([q.shape, q.dtype]).toEqual([shape, dtype]);
      // Vectors of length 1, each element rounded once by half a unit of its last place: a product is off by one unit of 1.
      // In float64 a row is divided by what is left of it, here above 1/64 of what it was.
      const room = dtype === "float32" ? 2 ** -22 : 64 * 2 ** -52;
      products(q, rows, columns).forEach((row, i) => {
        row.forEach((value, j) => {
          expect(Math.abs(value - (i === j ? 1 : 0))).toBeLessThan(room);
        });
      });
    }
  });

  test("is the same when it is compiled, and turns both ways evenly", () => {
    const draw = (key: Key) => nn.orthogonal(key, [2, 2], "float64");
    const compiled = compile(draw);
    let turning = 0;
    let right = 0;
    for (let seed = 0; seed < 200; seed++) {
      const [a, b, c, d] = numbers(draw(randomKey(seed)));
      numbers(compiled(randomKey(seed))).forEach((value, i) => {
        // A few roundings of numbers up to 1, divided by what is left of a row.
        expect(Math.abs(value - [a, b, c, d][i]!)).toBeLessThan(1024 * 2 ** -52);
      });
      if (a! * d! - b! * c! > 0) turning++;
      if (a! > 0) right++;
    }
    // 200 tosses: outside of these once in 10⁷ runs.
    for (const share of [turning, right]) expect(Math.abs(share - 100)).toBeLessThan(38);
  });
});

describe("gainOf", () => {
  const roundings = 16 * 2 ** -52;

  test.each<[string, number, number]>([
    ["relu", nn.gainOf(nn.relu), Math.SQRT2],
    ["linear", nn.gainOf(nn.linear), 1],
    ["step", nn.gainOf(nn.step), Math.SQRT2],
    ["a leaky relu", nn.gainOf(nn.leakyReluOf(0.2)), Math.sqrt(2 / (1 + 0.04))],
    ["selu, which is made so", nn.gainOf(nn.selu), 1],
    // 1/√∫ tanh² φ and 1/√∫ σ² φ by mpmath, to 30 digits.
    ["tanh", nn.gainOf(nn.tanh), 1.5925374197228314],
    ["logistic", nn.gainOf(nn.logistic), 1.8462285453386054],
  ])("of %s is one over the root of the mean square", (_name, gain, exact) => {
    expect(Math.abs(gain / exact - 1)).toBeLessThan(roundings);
  });

  test("is exact for a kink anywhere", () => {
    // E max(0, z − a)² = (1 + a²)·Q(a) − a·φ(a), at a = 0.1 by mpmath, to 20 digits.
    const shifted = activation("shifted", (x) => x.sub(0.1).relu(), { kinks: [0.1] });
    expect(Math.abs(nn.gainOf(shifted) ** -2 / 0.425078629602499552 - 1)).toBeLessThan(roundings);
  });

  test("keeps the variance of standard normal inputs through an activation and a layer", () => {
    for (const phi of [nn.tanh, nn.gelu, nn.mish, nn.softsign]) {
      const z = nn.normalOf(1)(randomKey(0), [200, 200], "float64");
      const weights = nn.scaled(nn.leCunNormal, nn.gainOf(phi))(randomKey(1), [200, 200], "float64");
      // 40,000 sums of 200 terms; rows share their weights, so the mean square is off by a twentieth or so.
      expect(Math.abs(meanSquare(phi(z).matmul(weights)) - 1)).toBeLessThan(0.2);
    }
  });
});
