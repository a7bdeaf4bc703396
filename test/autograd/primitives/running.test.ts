// Running products, maxima and logarithms of sums of exponentials: their derivatives and their limits, against their
// definitions.

import { compile, jacobian, type Tensor, tensor } from "@adjoint/autograd";
import { checkGradients } from "@adjoint/autograd/check";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { trials } from "../../support/runs.ts";
import { Dice, numbers, places, seeds, tensorOf, vector } from "../../support/tensors.ts";

const modes = fc.constantFrom<"forward" | "reverse">("forward", "reverse");
type Function = (t: Tensor) => Tensor;
const jacobianOf = (f: Function, mode: "forward" | "reverse") => jacobian(f, { mode }) as Function;

describe("cumprod", () => {
  /** The derivative of the product up to a place with respect to others. */
  function derivative(values: readonly number[], upTo: number, by: readonly number[]): number {
    if (new Set(by).size < by.length || by.some((i) => i > upTo)) return 0;
    return values.slice(0, upTo + 1).reduce((product, v, i) => (by.includes(i) ? product : product * v), 1);
  }

  test("is exact at zeros, at orders one to three, in every combination of modes, from either end", () => {
    fc.assert(
      fc.property(
        // Small whole numbers with many zeros: every product is exact.
        fc.array(fc.constantFrom(0, 0, 1, -2, 3), { maxLength: 5 }),
        fc.tuple(modes, modes, modes),
        fc.boolean(),
        (values, [first, second, third], reverse) => {
          const x = tensorOf(values, [values.length]);
          const one = jacobianOf((t) => t.cumprod({ reverse }), first);
          const two = jacobianOf(one, second);
          const three = jacobianOf(two, third);
          const n = values.length;
          const turned = (i: number) => (reverse ? n - 1 - i : i);
          const walked = reverse ? [...values].reverse() : values;
          [one, two, three].forEach((derive, k) => {
            const wanted = places(new Array<number>(k + 2).fill(n)).map(([upTo, ...by]) =>
              derivative(walked, turned(upTo!), by.map(turned)),
            );
            for (const run of k < 2 ? [derive, compile(derive)] : [derive])
              expect(numbers(run(x)).map((d) => d + 0)).toEqual(wanted.map((d) => d + 0));
          });
        },
      ),
      trials(8),
    );
  });

  test("passes nothing back from behind a zero, though what follows is infinite", () => {
    const x = vector(0, Infinity, 2);
    expect(numbers(jacobianOf((t) => t.cumprod().slice([0, 1]), "reverse")(x))).toEqual([1, 0, 0]);
  });

  test("refuses truth values, and names itself", () => {
    const truths = tensor([1, 0]).greater(0) as Tensor;
    expect(() => truths.cumprod()).toThrow('cumprod: bool is not a number; cast it, e.g. x.cast("int32")');
  });
});

describe("cummax", () => {
  test("shares each derivative equally among the elements so far that are the maximum, in both modes", () => {
    const small = fc.array(fc.constantFrom(0, -0, 1, 2, Infinity, -Infinity), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(small, modes, fc.boolean(), (values, mode, isCompiled) => {
        const x = tensorOf(values, [values.length]);
        const derive = jacobianOf((t) => t.cummax(), mode);
        const wanted = values.flatMap((_, k) => {
          const soFar = values.slice(0, k + 1);
          const best = Math.max(...soFar);
          const ties = soFar.filter((v) => v === best).length;
          return values.map((v, i) => (i <= k && v === best ? 1 / ties : 0));
        });
        expect(numbers((isCompiled ? compile(derive) : derive)(x)).map((d) => d + 0)).toEqual(wanted);
      }),
      trials(60),
    );
  });

  test("hands NaN to the elements that are NaN, from the first of them on, and to no others", () => {
    const derive = jacobianOf((t) => t.cummax(), "reverse");
    for (const run of [derive, compile(derive)])
      expect(run(vector(1, NaN, 2, 3)).toArray()).toEqual([
        [1, 0, 0, 0],
        [0, NaN, 0, 0],
        [0, NaN, 0, 0],
        [0, NaN, 0, 0],
      ]);
  });
});

describe("logCumSumExp", () => {
  /** log Σ exp over the first numbers, shifted by their largest. */
  function logSum(soFar: readonly number[]): number {
    const most = Math.max(...soFar);
    if (!Number.isFinite(most)) return most;
    return most + Math.log(soFar.reduce((sum, x) => sum + Math.exp(x - most), 0));
  }

  test.each(["float32", "float64"] as const)(
    "of %s is its definition at every place, eagerly and compiled",
    (dtype) => {
      fc.assert(
        fc.property(
          fc.integer({ min: 0, max: 70 }),
          fc.constantFrom(0.01, 1, 30, 1000),
          seeds,
          (n, scale, seed) => {
            const dice = new Dice(seed);
            const draw = () => (dice.below(9) === 0 ? -Infinity : scale * (dice.fraction() - 0.5));
            const x = tensorOf(Array.from({ length: n }, draw), [n], dtype);
            const data = numbers(x);
            for (const run of [(t: Tensor) => t.logCumSumExp(), compile((t: Tensor) => t.logCumSumExp())])
              numbers(run(x)).forEach((y, k) => {
                const wanted = logSum(data.slice(0, k + 1));
                // A float32 result is rounded by 2⁻²⁴ of its size. Beside that there are 70 sums of numbers up to 70, each
                // rounded in its 53rd bit, on both sides, and the powers' own last bits: 2⁻⁴⁴ of what is at most 1000.
                const unit = dtype === "float32" ? 2 ** -24 : 0;
                const error = unit * Math.abs(wanted) + 2 ** -44 * Math.max(1, scale);
                if (y !== wanted)
                  expect(Math.abs(y - wanted), `place ${k}: ${y}, ${wanted}`).toBeLessThanOrEqual(error);
              });
          },
        ),
        trials(12),
      );
    },
  );

  test("loses no digits where float32 numbers rise by little a hundred thousand times", () => {
    // Geometric sums: Σ exp(r·i) for i = 0 … k is (exp(r·(k + 1)) − 1) / (exp(r) − 1). The step r is a power of two, so
    // that the numbers are float32.
    const r = 2 ** -13;
    const n = 100_000;
    const x = tensorOf(
      Array.from({ length: n }, (_, i) => r * i),
      [n],
      "float32",
    );
    for (const run of [(t: Tensor) => t.logCumSumExp(), compile((t: Tensor) => t.logCumSumExp())]) {
      const y = numbers(run(x));
      for (const k of [0, 1, 10, 9999, n - 1]) {
        const wanted = Math.log(Math.expm1(r * (k + 1)) / Math.expm1(r));
        // One rounding to float32, and a factor of 1 + 2⁻²⁸ for a hundred thousand roundings to float64.
        expect(Math.abs(y[k]! - wanted), `${k}`).toBeLessThanOrEqual(2 ** -24 * Math.abs(wanted) + 2 ** -28);
      }
    }
  });

  test("gives the limits at infinite elements, and equal shares to those that tie there", () => {
    const f = (t: Tensor) => t.logCumSumExp();
    const slope = jacobianOf(f, "reverse");
    const [up, down] = [vector(0, Infinity, 1, Infinity), vector(-Infinity, -Infinity, 0, -Infinity)];
    for (const [run, derive] of [
      [f, slope],
      [compile(f), compile(slope)],
    ] as const) {
      expect(run(up).toArray()).toEqual([0, Infinity, Infinity, Infinity]);
      expect(run(down).toArray()).toEqual([-Infinity, -Infinity, 0, 0]);
      expect(run(vector(1, NaN, Infinity)).toArray()).toEqual([1, NaN, NaN]);
      expect(derive(up).toArray()).toEqual([
        [1, 0, 0, 0],
        [0, 1, 0, 0],
        [0, 1, 0, 0],
        [0, 0.5, 0, 0.5],
      ]);
      expect(derive(down).toArray()).toEqual([
        [1, 0, 0, 0],
        [0.5, 0.5, 0, 0],
        [0, 0, 1, 0],
        [0, 0, 1, 0],
      ]);
    }
  });

  test("has the derivatives that differences have, of three orders, from either end", () => {
    const x = tensorOf([0.3, -1, 2], [3, 1]);
    for (const [options, order] of [
      [{ axis: 0 }, 3],
      [{ axis: 0, reverse: true }, 1],
    ] as const) {
      const f = (t: Tensor) => t.logCumSumExp(options).square() as Tensor;
      expect(checkGradients(f, [x], { order }).verdict).toBe("right");
    }
  });

  test("keeps slopes of far elements that are less than any difference of sums", () => {
    // Behind an element that is larger by 60, the others' shares are e⁻⁶⁰.
    const y = numbers(jacobianOf((t) => t.logCumSumExp().slice([2, 3]), "reverse")(vector(0, 60, 0)));
    // Three functions, each within two units in the last place.
    for (const at of [0, 2]) expect(Math.abs(y[at]! / Math.exp(-60) - 1)).toBeLessThan(6 * Number.EPSILON);
  });

  test("refuses whole numbers", () => {
    expect(() => tensor([1, 2], { dtype: "int32" }).logCumSumExp()).toThrow("logCumSumExp");
  });
});
