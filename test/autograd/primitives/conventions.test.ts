// What the derivative is where there is none: at kinks, ties, zeros, and in the branch that was not taken. The
// conventions are stated in expression/atoms/piecewise.ts and primitives/selection.ts.

import {
  compile,
  full,
  grad,
  hessian,
  jacobian,
  jvp,
  ones,
  type Tensor,
  tensor,
  vjp,
  where,
} from "@adjoint/autograd";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { trials } from "../../support/runs.ts";
import { count, Dice, numbers, places, same, seeds, tensorOf } from "../../support/tensors.ts";

type Scalar = (x: Tensor) => Tensor;

const at = (x: number) => tensorOf([x], []);
const reverse = (f: Scalar) => (x: Tensor) => grad(f)(x) as Tensor;
const forward = (f: Scalar) => (x: Tensor) => jvp(f, x, ones(x.shape, { dtype: x.dtype })).tangent as Tensor;
const modes = { reverse, forward };

for (const [mode, derive] of Object.entries(modes)) {
  describe(`in ${mode} mode`, () => {
    const slope = (f: Scalar, x: number) => derive(f)(at(x)).item();
    const curvatures = (f: Scalar, x: number) =>
      Object.values(modes).map((outer) => outer(derive(f))(at(x)).item());

    test.each([0, -0])("relu and abs have derivative 0 at %s, and no curvature", (x) => {
      expect(slope((t) => t.relu(), x)).toBe(0);
      expect(slope((t) => t.abs(), x)).toBe(0);
      expect(curvatures((t) => t.relu(), x)).toEqual([0, 0]);
      expect(curvatures((t) => t.abs(), x)).toEqual([0, 0]);
    });

    test("jumps have derivative 0, at the jump too", () => {
      for (const x of [-1, 0, 0.5, 2]) {
        expect(slope((t) => t.sign().add(t.floor()), x)).toBe(0);
        expect(slope((t) => t.greater(0).cast("float64").mul(3), x)).toBe(0);
      }
    });

    test("at its bounds clip has derivative 1 in x and 0 in the bound, outside the other way round", () => {
      for (const x of [-1, 0, 1]) expect(slope((t) => t.clip(-1, 1), x)).toBe(1);
      for (const x of [-1.5, 1.5]) expect(slope((t) => t.clip(-1, 1), x)).toBe(0);
      for (const [x, wanted] of [
        [-1, 0],
        [-1.5, 1],
      ] as const) {
        expect(slope((t) => at(x).clip(t, at(1)), -1)).toBe(wanted);
        expect(slope((t) => at(-x).clip(at(-1), t), 1)).toBe(wanted);
      }
      expect(curvatures((t) => t.clip(-1, 1), 1)).toEqual([0, 0]);
    });

    test("between equal bounds clip has derivative 0 in x, and 1 in both bounds together", () => {
      for (const x of [-1, 0, 1, 2]) {
        expect(slope((t) => t.clip(1, 1), x)).toBe(0);
        expect(slope((t) => t.clip(at(1), at(1)), x)).toBe(0);
        expect(slope((t) => at(x).clip(t, t), 1)).toBe(1);
      }
    });

    test("NaN stays NaN between any bounds, equal ones and others, given as numbers or as tensors", () => {
      for (const [low, high] of [
        [1, 1],
        [0, 0],
        [-1, 2],
        [-Infinity, -Infinity],
      ] as const) {
        expect(at(Number.NaN).clip(low, high).item()).toBe(Number.NaN);
        expect(at(Number.NaN).clip(at(low), at(high)).item()).toBe(Number.NaN);
        expect(compile((x: Tensor) => x.clip(at(low), at(high)))(at(Number.NaN)).item()).toBe(Number.NaN);
      }
    });

    test("a bound that is NaN does not bind, and x has its derivative", () => {
      expect(slope((t) => t.clip(at(Number.NaN), at(3)), 1)).toBe(1);
      expect(slope((t) => t.clip(at(Number.NaN), at(Number.NaN)), 1)).toBe(1);
    });

    test("a tie of maximum or minimum is shared in halves, which sum to one", () => {
      expect(slope((t) => t.maximum(at(2)), 2)).toBe(0.5);
      expect(slope((t) => at(2).minimum(t), 2)).toBe(0.5);
      expect(slope((t) => t.maximum(t), 2)).toBe(1);
      expect(slope((t) => t.minimum(t), 2)).toBe(1);
      expect(curvatures((t) => t.maximum(at(2)), 2)).toEqual([0, 0]);
    });

    test("whole powers at 0 have the derivatives of the monomial, at every order", () => {
      for (const n of [0, 1, 2, 3]) {
        let f: Scalar = (t) => t.pow(n);
        // xⁿ at 0: its nth derivative is n!, all others are 0.
        for (let order = 0; order <= 4; order++) {
          expect(f(at(0)).item()).toBe(order === n ? [1, 1, 2, 6][n] : 0);
          f = derive(f);
        }
      }
      expect(slope((t) => at(0).pow(t), 2)).toBe(0);
    });

    // aᵇ⁻¹·(1 + b·log a) as a falls to 0: the limit, and one number in either order and in every mode.
    test.each([
      [3, 0],
      [2, 0],
      [1.5, 0],
      [1, -Infinity],
      [0.5, -Infinity],
      // There the power jumps, and all of its derivatives are 0.
      [0, 0],
    ])("at base 0 the mixed second derivative of a power of exponent %s is %s", (exponent, wanted) => {
      for (const outer of Object.values(modes)) {
        const inBase = (b: Tensor) => derive((a) => a.pow(b) as Tensor)(at(0));
        const inExponent = (a: Tensor) => derive((b) => a.pow(b) as Tensor)(at(exponent));
        expect(outer(inBase)(at(exponent)).item()).toBe(wanted);
        expect(outer(inExponent)(at(0)).item()).toBe(wanted);
      }
    });

    test("mixed second derivatives of powers are right beside 0", () => {
      for (const [a, b] of [
        [2, 3],
        [0.5, 0.5],
        [1e-3, 1],
        [3, -2],
      ] as const) {
        const wanted = a ** (b - 1) * (1 + b * Math.log(a));
        for (const outer of Object.values(modes)) {
          const found = [
            outer((y) => derive((x) => x.pow(y) as Tensor)(at(a)))(at(b)).item(),
            outer((x) => derive((y) => x.pow(y) as Tensor)(at(b)))(at(a)).item(),
          ];
          // A power, a logarithm, two products and a sum, of which nothing cancels: a few roundings each.
          for (const value of found) expect(Math.abs(value / wanted - 1)).toBeLessThan(2 ** -49);
        }
      }
    });

    test("where the slope is infinite it says so", () => {
      expect(slope((t) => t.sqrt(), 0)).toBe(Infinity);
      expect(slope((t) => t.pow(0.5), 0)).toBe(Infinity);
      expect(slope((t) => t.log(), 0)).toBe(Infinity);
    });
  });
}

describe("the largest and the smallest", () => {
  // Few different numbers, so that most are tied.
  const tied = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }).chain((shape) =>
    fc.record({
      shape: fc.constant(shape),
      axes: fc.subarray(shape.map((_, axis) => axis)),
      values: fc.array(fc.integer({ min: 0, max: 2 }), { minLength: count(shape), maxLength: count(shape) }),
    }),
  );

  test.each(["max", "min"] as const)("%s shares a tie's gradient equally, so that it sums to one", (name) => {
    fc.assert(
      fc.property(tied, seeds, ({ shape, axes, values }, seed) => {
        const x = tensorOf(values, shape);
        const f = (t: Tensor) => t[name]({ axis: axes, keepDims: true }) as Tensor;
        const all = places(shape);
        const group = (place: readonly number[]) =>
          all.filter((p) => p.every((i, a) => axes.includes(a) || i === place[a]));
        const valueAt = (place: readonly number[]) => values[all.findIndex((p) => same(p, place))]!;
        const share = (place: readonly number[]) => {
          const rivals = group(place).map(valueAt);
          const best = name === "max" ? Math.max(...rivals) : Math.min(...rivals);
          return valueAt(place) === best ? 1 / rivals.filter((v) => v === best).length : 0;
        };
        const { value, pullback } = vjp(f, x);
        const one = ones(value.shape, { dtype: (value as Tensor).dtype });
        expect(numbers(pullback(one) as Tensor)).toEqual(all.map(share));
        // Forward: the mean of the winners' tangents.
        const dice = new Dice(seed);
        const v = tensorOf(
          all.map(() => dice.below(9) - 4),
          shape,
        );
        const { tangent } = jvp(f, x, v);
        places(value.shape).forEach((place, k) => {
          const expected = group(place).reduce(
            (sum, p) => sum + share(p) * v.data[all.findIndex((q) => same(q, p))]!,
            0,
          );
          // At most 64 quotients of small whole numbers are added: a few units in the last place.
          expect(Math.abs((tangent as Tensor).data[k]! - expected)).toBeLessThanOrEqual(2 ** -46);
        });
        const curved = hessian((t: Tensor) => f(t).sum() as Tensor)(x) as Tensor;
        expect(numbers(curved).every((h) => h === 0)).toBe(true);
      }),
      trials(40),
    );
  });

  test("one NaN makes the result NaN, and its gradient NaN, so that it can't hide", () => {
    const x = tensor([1, NaN, 3]);
    expect(x.max().item()).toBeNaN();
    expect(numbers(grad((t: Tensor) => t.max() as Tensor)(x) as Tensor)).toEqual([NaN, NaN, NaN]);
  });

  test("topK gives from none to all of an axis, and refuses more", () => {
    const x = tensor([3, 1, 4, 1]) as Tensor;
    const sorted = [
      [4, 2],
      [3, 0],
      [1, 1],
      [1, 3],
    ];
    for (let k = 0; k <= 4; k++) {
      const { values, indices } = x.topK(k);
      expect(numbers(values).map((value, i) => [value, numbers(indices)[i]])).toEqual(sorted.slice(0, k));
    }
    for (const k of [-1, 5, 0.5, NaN]) expect(() => x.topK(k)).toThrow(`topK: k = ${k} of an axis of 4`);
  });

  test("sort and argsort put the smallest first unless they are told otherwise, and leave equals as they stand", () => {
    const x = tensor([3, 1, 4, 1]) as Tensor;
    expect([numbers(x.sort()), numbers(x.argsort())]).toEqual([
      [1, 1, 3, 4],
      [1, 3, 0, 2],
    ]);
    const down = { descending: true };
    expect([numbers(x.sort(down)), numbers(x.argsort(down))]).toEqual([
      [4, 3, 1, 1],
      [2, 0, 1, 3],
    ]);
  });

  test("nothing has no largest", () => {
    expect(() => tensor([], { shape: [0] }).max()).toThrow(/nothing has no max/);
    expect(tensor([], { shape: [0, 3] } as never).max({ axis: 1 }).shape).toEqual([0]);
  });

  test.each(["max", "min"] as const)(
    "%s over axes is refused where any of them is empty, and only there",
    (name) => {
      const x = full([2, 0, 3], 1) as Tensor;
      for (const axis of [1, [0, 1], [1, 0], [1, 2], [0, 1, 2]])
        expect(() => x[name]({ axis }), `over [${axis}]`).toThrow(`nothing has no ${name}`);
      expect(x[name]({ axis: 0 }).shape).toEqual([0, 3]);
      expect(x[name]({ axis: [0, 2], keepDims: true }).shape).toEqual([1, 0, 1]);
    },
  );
});

describe("prod", () => {
  /** The mth derivative of a product with respect to places: the product of the others, or 0 if a place repeats. */
  function derivative(values: readonly number[], by: readonly number[]): number {
    if (new Set(by).size < by.length) return 0;
    return values.reduce((product, v, i) => (by.includes(i) ? product : product * v), 1);
  }

  test("is exact at zeros, at orders one to three, in every combination of modes", () => {
    const f = (t: Tensor) => t.prod() as Tensor;
    fc.assert(
      fc.property(
        // Small whole numbers with many zeros: every product is exact.
        fc.array(fc.constantFrom(0, 0, 0, 1, -2, 3), { maxLength: 5 }),
        fc.array(fc.constantFrom<"forward" | "reverse">("forward", "reverse"), {
          minLength: 3,
          maxLength: 3,
        }),
        (values, [first, second, third]) => {
          const x = tensorOf(values, [values.length]);
          const one = jacobian(f, { mode: first! });
          const two = jacobian(one as (t: Tensor) => Tensor, { mode: second! });
          const three = jacobian(two as (t: Tensor) => Tensor, { mode: third! });
          const n = values.length;
          [one, two, three].forEach((derive, k) => {
            const result = derive(x) as Tensor;
            const expected = places(new Array<number>(k + 1).fill(n)).map((by) => derivative(values, by));
            expect(numbers(result).map((d) => d + 0)).toEqual(expected.map((d) => d + 0));
          });
        },
      ),
      trials(40),
    );
  });

  test("over axes multiplies what plain loops multiply, and nothing to 1", () => {
    const x = tensor([
      [1, 2, 0],
      [3, 4, 5],
    ]);
    expect(x.prod({ axis: 0 }).toArray()).toEqual([3, 8, 0]);
    expect(x.prod({ axis: [0, 1] }).item()).toBe(0);
    expect(
      tensor([], { shape: [0, 2] } as never)
        .prod({ axis: 0 })
        .toArray(),
    ).toEqual([1, 1]);
  });
});

describe("the branch that was not taken", () => {
  /** Functions that are NaN or infinite, in value or slope, where they are not taken. */
  const broken: Readonly<Record<string, [number, Scalar]>> = {
    "log of a negative number": [-1, (x) => x.log()],
    "log of zero": [0, (x) => x.log()],
    "root of a negative number": [-1, (x) => x.sqrt()],
    "root of zero, whose slope is infinite": [0, (x) => x.sqrt()],
    "quotient by zero": [0, (x) => at(1).div(x)],
    "zero by zero": [0, (x) => x.div(x)],
    "exponential beyond the range": [1000, (x) => x.exp()],
    "power of a negative number": [-2, (x) => x.pow(0.5)],
    "difference of infinities": [1000, (x) => x.exp().sub(x.mul(2).exp())],
    "logarithm after a root after a quotient": [0, (x) => x.reciprocal().sqrt().log().mul(x)],
    "log-sum-exp of infinities": [0, (x) => x.log().expandDims(0).logSumExp() as Tensor],
    "product with an infinite constant": [1, (x) => x.mul(Infinity)],
    "matrix product of infinities": [
      1000,
      (t) => {
        const row = t.exp().broadcastTo([1, 3]);
        return row.matmul(row.transpose() as Tensor).sum() as Tensor;
      },
    ],
    "matrix product with a constant infinity": [
      2,
      (t) =>
        (full([2, 2], Infinity, { dtype: "float64" }) as Tensor)
          .matmul(t.broadcastTo([2, 1]))
          .sum() as Tensor,
    ],
    "sum over infinities": [0, (x) => x.reciprocal().broadcastTo([3]).sum() as Tensor],
  };
  const taken: Scalar = (x) => x.square().mul(3).add(x.sin());

  for (const [what, [point, f]] of Object.entries(broken)) {
    test(`contributes exactly zero: ${what}`, () => {
      const x = at(point);
      const never = x.greater(Infinity);
      const ways: Scalar[] = [
        (t) => where(never, f(t), taken(t)) as Tensor,
        (t) => where(never.not(), taken(t), f(t)) as Tensor,
      ];
      for (const chosen of ways) {
        expect(chosen(x).item()).toBe(taken(x).item());
        for (const inner of Object.values(modes)) {
          expect(inner(chosen)(x).item()).toBe(inner(taken)(x).item());
          for (const outer of Object.values(modes)) {
            expect(outer(inner(chosen))(x).item()).toBe(outer(inner(taken))(x).item());
            // Third order, since Hessians of networks with guards are differentiated too.
            expect(reverse(outer(inner(chosen)))(x).item()).toBe(reverse(outer(inner(taken)))(x).item());
          }
        }
      }
    });
  }

  test("of a tensor, element by element, leaves the others' derivatives as they are", () => {
    const x = tensorOf([-1, 0, 1, 4], [4]);
    const guarded = (t: Tensor) => where(t.greater(0), t.log().mul(t.sqrt()), t.mul(2)).sum() as Tensor;
    const alone = (value: number) => (value > 0 ? (0.5 * Math.log(value) + 1) / Math.sqrt(value) : 2);
    const gradient = numbers(grad(guarded)(x) as Tensor);
    [-1, 0, 1, 4].forEach((value, i) => {
      // Five operations.
      expect(Math.abs(gradient[i]! - alone(value))).toBeLessThanOrEqual(2 ** -50);
    });
    expect(numbers(hessian(guarded)(x) as Tensor).every(Number.isFinite)).toBe(true);
  });
});

test("programs and kernels give powers the mixed second derivatives of plain loops, at 0 and 0⁰, too", () => {
  const [bases, exponents] = [
    [0, 0, 0, 0, 2, 5, 0.25],
    [0, 0.5, 1, 2, 0, 3, -1],
  ];
  // Long enough for kernels.
  const repeated = (row: number[]) =>
    tensor(
      Array.from({ length: 7 * 700 }, (_, i) => row[i % 7]!),
      { dtype: "float64" },
    ) as Tensor;
  const mixed = (a: Tensor, b: Tensor) =>
    grad((b: Tensor) => (grad((a: Tensor) => a.pow(b).sum() as Tensor)(a) as Tensor).sum() as Tensor)(
      b,
    ) as Tensor;
  const swapped = (a: Tensor, b: Tensor) =>
    grad((a: Tensor) => (grad((b: Tensor) => a.pow(b).sum() as Tensor)(b) as Tensor).sum() as Tensor)(
      a,
    ) as Tensor;
  const wanted = bases.map((a, i) => {
    const b = exponents[i]!;
    if (a > 0) return a ** (b - 1) * (1 + b * Math.log(a));
    return b > 0 && b <= 1 ? -Infinity : 0;
  });
  for (const f of [mixed, swapped, compile(mixed), compile(swapped)])
    f(repeated(bases), repeated(exponents)).data.forEach((value: number, i: number) => {
      const right = wanted[i % 7]!;
      // A power, a logarithm, two products and a sum, of which nothing cancels: a few roundings each.
      if (Number.isFinite(right))
        expect(Math.abs(value - right)).toBeLessThanOrEqual(2 ** -49 * Math.abs(right));
      else expect(value).toBe(right);
    });
});
