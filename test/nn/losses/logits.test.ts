// Losses of logits at their ends: far from 0, sure and right, infinite; and targets that they refuse. Values and gradients,
// in both float types, eagerly and in programs, against closed forms in plain numbers.

import { compile, grad, jvp, type Tensor, tensor, variable } from "@adjoint/autograd";
import {
  crossEntropy,
  crossEntropyOfProbabilities,
  klDivergence,
  negLogLoss,
  negLogLossWithLogits,
} from "@adjoint/nn";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { trials } from "../../support/runs.ts";

type Float = "float32" | "float64";
type F = (z: Tensor, target: Tensor) => Tensor;
const unit = { float32: 2 ** -24, float64: 2 ** -53 };
const labels = (...values: number[]) => tensor(values, { dtype: "int32" }) as Tensor;
const gradOf =
  (loss: F): F =>
  (z, target) =>
    grad((moving: Tensor) => loss(moving, target))(z) as Tensor;
const numbers = (x: Tensor) => Array.from(x.data);

const ways: readonly (readonly [string, Float, (f: F) => F])[] = (["float32", "float64"] as const).flatMap(
  (dtype) => [["eagerly", dtype, (f: F) => f] as const, ["compiled", dtype, (f: F) => compile(f)] as const],
);

/** log Σ exp of how far the others lie above one of a row, from the row's largest: no term is rounded away. */
function closedForm(row: readonly number[], label: number): { loss: number; slopes: number[] } {
  const top = row.indexOf(Math.max(...row));
  const others = row.reduce((sum, z, i) => (i === top ? sum : sum + Math.exp(z - row[top]!)), 0);
  const shares = row.map((z) => Math.exp(z - row[top]!) / (1 + others));
  const rest = shares.reduce((sum, share, i) => (i === label ? sum : sum + share), 0);
  return {
    loss: row[top]! - row[label]! + Math.log1p(others),
    slopes: shares.map((share, i) => (i === label ? -rest : share)),
  };
}

/** An exponential of z is off by |z| roundings of z; a few more operations follow. */
const bound = (dtype: Float, row: readonly number[]) =>
  (Math.max(...row) - Math.min(...row) + 16) * 2 * unit[dtype];

function expectNear(found: readonly number[], wanted: readonly number[], relative: number): void {
  expect(found).toHaveLength(wanted.length);
  found.forEach((value, i) => {
    expect(Math.abs(value - wanted[i]!), `${value}, expected ${wanted[i]}`).toBeLessThanOrEqual(
      relative * Math.abs(wanted[i]!),
    );
  });
}

describe.each(ways)("%s in %s", (_way, dtype, run) => {
  const t = (values: number[] | number[][]) => tensor(values as number[][], { dtype }) as Tensor;
  const ofLabels = run((z, target) => crossEntropy(z, target));
  const ofRows = run((z, target) => crossEntropy(z, target));
  const slopesOfLabels = run(gradOf((z, target) => crossEntropy(z, target)));
  const slopesOfRows = run(gradOf((z, target) => crossEntropy(z, target)));
  const logarithms = run((z) => z.logSoftmax());
  const binary = run((z, target) => negLogLossWithLogits(z, target));
  const binarySlope = run(gradOf((z, target) => negLogLossWithLogits(z, target)));

  test("an offset common to all logits changes nothing at all, up to the largest numbers", () => {
    // Logits that are whole multiples of the offset's last place, so that adding it rounds nothing.
    const exponents = { float32: [0, 10, 27, 60, 100], float64: [0, 40, 60, 300, 1000] }[dtype];
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 3, maxLength: 3 }),
        fc.constantFrom(...exponents),
        fc.constantFrom(1, -1),
        (row, exponent, sign) => {
          const last = Math.max(1, 2 ** exponent * unit[dtype] * 4);
          const plain = row.map((z) => z * last);
          const near = t([plain]);
          const far = t([plain.map((z) => z + sign * 2 ** exponent)]);
          const target = t([[0.25, 0.5, 0.25]]);
          expect(numbers(ofLabels(far, labels(1)))).toEqual(numbers(ofLabels(near, labels(1))));
          expect(numbers(ofRows(far, target))).toEqual(numbers(ofRows(near, target)));
          expect(numbers(slopesOfLabels(far, labels(1)))).toEqual(numbers(slopesOfLabels(near, labels(1))));
          expect(numbers(slopesOfRows(far, target))).toEqual(numbers(slopesOfRows(near, target)));
          expect(numbers(logarithms(far, target))).toEqual(numbers(logarithms(near, target)));
        },
      ),
      trials(40),
    );
  });

  test("cross-entropy and its gradient keep their digits, however sure and right the logits are", () => {
    const widest = { float32: 80, float64: 700 }[dtype];
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: widest }), { minLength: 2, maxLength: 6 }),
        fc.nat({ max: 5 }),
        (row, which) => {
          const label = which % row.length;
          const { loss, slopes } = closedForm(row, label);
          expectNear(numbers(ofLabels(t([row]), labels(label))), [loss], bound(dtype, row));
          expectNear(numbers(slopesOfLabels(t([row]), labels(label))), slopes, bound(dtype, row));
          const sure = t([row.map((_, i) => Number(i === label))]);
          expectNear(numbers(ofRows(t([row]), sure)), [loss], bound(dtype, row));
          expectNear(numbers(slopesOfRows(t([row]), sure)), slopes, bound(dtype, row));
          const all = row.map((_, i) => -closedForm(row, i).loss);
          expectNear(numbers(logarithms(t([row]), sure)), all, bound(dtype, row));
        },
      ),
      trials(60),
    );
  });

  test("the binary loss keeps its tail on both sides, and its gradient does", () => {
    for (const gap of { float32: [0.5, 10, 17, 20, 80], float64: [0.5, 30, 40, 700] }[dtype]) {
      const tail = Math.log1p(Math.exp(-gap));
      const slope = 1 / (1 + Math.exp(gap));
      for (const [z, target, loss, derivative] of [
        [gap, 1, tail, -slope],
        [-gap, 0, tail, slope],
        [gap, 0, gap + tail, 1 - slope],
        [-gap, 1, gap + tail, slope - 1],
      ] as const) {
        expectNear(numbers(binary(t([[z]]), t([[target]]))), [loss], bound(dtype, [0, gap]));
        expectNear(numbers(binarySlope(t([[z]]), t([[target]]))), [derivative], bound(dtype, [0, gap]));
      }
    }
  });

  test("infinite logits give the limits of loss and gradient, and no NaN", () => {
    const cases: readonly (readonly [row: number[], label: number, loss: number, slopes: number[]])[] = [
      [[-Infinity, 0], 1, 0, [0, 0]],
      [[-Infinity, 0], 0, Infinity, [-1, 1]],
      [[Infinity, 0], 0, 0, [0, 0]],
      [[Infinity, 0], 1, Infinity, [1, -1]],
      [[Infinity, -Infinity, 3], 0, 0, [0, 0, 0]],
      [[-Infinity, 0, 0], 1, Math.LN2, [0, -0.5, 0.5]],
      // Equal logits share equally, also where they are infinite.
      [[Infinity, Infinity, 0], 0, Math.LN2, [-0.5, 0.5, 0]],
      [[-Infinity, -Infinity], 0, Math.LN2, [-0.5, 0.5]],
    ];
    const rounded = (values: number[]) =>
      values.map((value) => (dtype === "float32" ? Math.fround(value) : value) + 0);
    const found = (x: Tensor) => numbers(x).map((value) => value + 0);
    for (const [row, label, loss, slopes] of cases) {
      const sure = t([row.map((_, i) => Number(i === label))]);
      expect(found(ofLabels(t([row]), labels(label)))).toEqual(rounded([loss]));
      expect(found(ofRows(t([row]), sure))).toEqual(rounded([loss]));
      expect(found(slopesOfLabels(t([row]), labels(label)))).toEqual(slopes);
      expect(found(slopesOfRows(t([row]), sure))).toEqual(slopes);
    }
    for (const [z, target, loss, slope] of [
      [Infinity, 1, 0, 0],
      [Infinity, 0, Infinity, 1],
      [-Infinity, 1, Infinity, -1],
      [-Infinity, 0, 0, 0],
      [Infinity, 0.5, Infinity, 0.5],
    ] as const) {
      expect(found(binary(t([[z]]), t([[target]])))).toEqual([loss]);
      expect(found(binarySlope(t([[z]]), t([[target]])))).toEqual([slope]);
    }
  });

  test("a broken logit shows, also for a class that is not asked for", () => {
    for (const row of [[[NaN, 0]], [[0, NaN]]]) {
      expect(numbers(ofLabels(t(row), labels(0)))).toEqual([NaN]);
      expect(numbers(ofRows(t(row), t([[1, 0]])))).toEqual([NaN]);
    }
    expect(numbers(binary(t([[NaN]]), t([[0]])))).toEqual([NaN]);
  });

  test.each([
    ["negLogLoss", negLogLoss],
    ["negLogLossWithLogits", negLogLossWithLogits],
    ["klDivergence", klDivergence],
    ["crossEntropyOfProbabilities", crossEntropyOfProbabilities],
    ["crossEntropy", crossEntropy],
  ] as const)("%s refuses targets that are no probabilities and takes those at the ends", (name, loss) => {
    const f = run((z, target) => loss(z, target));
    const z = t([[0.25, 0.75]]);
    for (const odd of [-0.125, 1.125, NaN, Infinity])
      expect(() => f(z, t([[odd, 0]]))).toThrow(
        new RegExp(`^${name}: target ${odd} is no probability; targets lie from 0 to 1`),
      );
    expect(numbers(f(z, t([[0, 1]])))[0]).toBeGreaterThanOrEqual(0);
  });

  test("targets move in both modes, whatever their tangents are", () => {
    const z = t([[0.25, -3]]);
    const y = t([[0.5, 1]]);
    const sumOfBoth = (z: Tensor, y: Tensor) => negLogLossWithLogits(z, y, { reduction: "sum" });
    // −z for each target, summed; the second derivative in z and y is −1.
    const forward = run(
      (z, y) => jvp((moving: Tensor) => sumOfBoth(z, moving), y, t([[-2, 8]])).tangent as Tensor,
    );
    const mixed = run(
      (z, y) =>
        jvp((moving: Tensor) => grad((z: Tensor) => sumOfBoth(z, moving))(z) as Tensor, y, t([[-2, 8]]))
          .tangent as Tensor,
    );
    const reverse = run((z, y) => grad((moving: Tensor) => sumOfBoth(z, moving))(y) as Tensor);
    expectNear(numbers(forward(z, y)), [-2 * -0.25 + 8 * 3], 16 * unit[dtype]);
    expectNear(numbers(reverse(z, y)), [-0.25, 3], 16 * unit[dtype]);
    expectNear(numbers(mixed(z, y)), [2, -8], 16 * unit[dtype]);
  });

  test("labels outside and of another type are refused in the loss's name", () => {
    const z = t([[0.25, 0.75]]);
    for (const odd of [-1, 2])
      expect(() => ofLabels(z, labels(odd))).toThrow(
        `crossEntropy: label ${odd} is none of the 2 classes; labels run from 0 to 1`,
      );
    expect(() => ofLabels(z, t([0.5]))).toThrow(
      /^crossEntropy: labels \[1\] are float\d\d and must be int32/,
    );
  });
});

test("a compiled step that refuses its targets leaves its variables as they were", () => {
  const weight = variable([[1, 2]]);
  const step = compile((target: Tensor) => {
    weight.assign(weight.value.add(1) as Tensor);
    return crossEntropy(weight.value as Tensor, target);
  });
  step(tensor([[0, 1]]) as Tensor);
  expect(() => step(tensor([[0, 2]]) as Tensor)).toThrow(/crossEntropy: target 2 is no probability/);
  expect(weight.toArray()).toEqual([[2, 3]]);
});
