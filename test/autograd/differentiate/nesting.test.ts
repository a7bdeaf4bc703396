// Transforms within transforms: orders up to four in every mixture of modes, and perturbations that must not be
// confused with one another.

import { grad, jvp, stopGradient, type Tensor, vjp } from "@adjoint/autograd";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { trials } from "../../support/runs.ts";
import { tensorOf } from "../../support/tensors.ts";
import { type Derive, derived, derives, one, type Real, sequences } from "./modes.ts";

const at = (x: number) => tensorOf([x], []);

/** Functions whose nth derivative everyone knows. */
const known: Readonly<Record<string, { f: Real; nth: (x: number, n: number) => number }>> = {
  "sin 2x": {
    f: (x) => x.mul(2).sin(),
    nth: (x, n) =>
      2 ** n * [Math.sin, Math.cos, (y: number) => -Math.sin(y), (y: number) => -Math.cos(y)][n % 4]!(2 * x),
  },
  "exp(−x)": { f: (x) => x.neg().exp(), nth: (x, n) => (-1) ** n * Math.exp(-x) },
  "x⁶ by products": {
    f: (x) => x.mul(x).mul(x).mul(x.mul(x).mul(x)),
    nth: (x, n) => [1, 6, 30, 120, 360][n]! * x ** (6 - n),
  },
  "1/x": { f: (x) => x.reciprocal(), nth: (x, n) => [1, -1, 2, -6, 24][n]! / x ** (n + 1) },
  "log x": {
    f: (x) => x.log(),
    nth: (x, n) => [Math.log(x), 1 / x, -1 / x ** 2, 2 / x ** 3, -6 / x ** 4][n]!,
  },
  "x through matrices and axes": {
    // (x·1ᵀ)(1·x²) / 3 = x³, then cubed differences that cancel: x³ again.
    f: (x) => {
      const row = x.broadcastTo([1, 3]) as Tensor;
      const column = x.square().reshape([1, 1]).broadcastTo([3, 1]) as Tensor;
      return row.matmul(column).sum().div(3) as Tensor;
    },
    nth: (x, n) => [x ** 3, 3 * x * x, 6 * x, 6, 0][n]!,
  },
};

const points = fc.double({ min: 0.5, max: 2, noNaN: true });

for (const [name, { f, nth }] of Object.entries(known)) {
  test(`any mixture of transforms gives the derivatives of ${name} up to the fourth`, () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 4 }).chain((order) => fc.tuple(fc.constant(order), sequences(order))),
        points,
        ([order, sequence], x) => {
          const expected = nth(x, order);
          // Some dozen roundings, none of them cancelling; x⁻⁵ multiplies x's own by five.
          expect(Math.abs(derived(f, sequence)(at(x)).item() - expected)).toBeLessThanOrEqual(
            2 ** -46 * Math.abs(expected),
          );
        },
      ),
      trials(60),
    );
  });
}

describe("perturbations are not confused", () => {
  const first = derives.filter(({ order }) => order === 1);
  const pairs = first.flatMap((outer) => first.map((inner): [Derive, Derive] => [outer, inner]));
  const x = at(3);

  test("d/dx [x · d/dy (x + y)] is 1, whichever modes are within each other", () => {
    for (const [outer, inner] of pairs) {
      const f: Real = (a) => a.mul(inner.of((b) => a.add(b))(at(5)));
      expect(outer.of(f)(x).item(), `${outer.name} of ${inner.name}`).toBe(1);
    }
  });

  test("d/dx [x · d/dy (x·y)] is 2x", () => {
    for (const [outer, inner] of pairs) {
      const f: Real = (a) => a.mul(inner.of((b) => a.mul(b))(at(5)));
      expect(outer.of(f)(x).item(), `${outer.name} of ${inner.name}`).toBe(6);
    }
  });

  test("d/dx [x · d/dy (x·y) at y = x²] is 2x, and d/dx [d/dy (x·y²) at y = x] is 4x", () => {
    for (const [outer, inner] of pairs) {
      expect(
        outer
          .of((a) => a.mul(inner.of((b) => a.mul(b))(a.square())))(x)
          .item(),
      ).toBe(6);
      expect(
        outer
          .of((a) => inner.of((b) => a.mul(b.square()))(a))(x)
          .item(),
      ).toBe(12);
    }
  });

  test("what does not depend on the inner variable is an error, however the derivative is taken", () => {
    for (const [outer, inner] of pairs) {
      const f: Real = (a) => inner.of(() => a.square())(a);
      expect(() => f(x)).toThrow("does not depend on the argument");
      expect(() => outer.of(f)(x)).toThrow("does not depend on the argument");
    }
  });

  test("what does not depend on the inner variable has inner derivative 0, and outer derivative 0 of that, where it may", () => {
    const f: Real = (a) => grad((_: Tensor) => a.square(), { allowUnused: true })(a) as Tensor;
    expect(f(x).item()).toBe(0);
    for (const [outer] of pairs) expect(outer.of(f)(x).item()).toBe(0);
  });

  test("a constant derivative has derivative 0, however both are taken", () => {
    for (const [outer, inner] of pairs) {
      const f: Real = inner.of((a) => a.mul(3));
      expect(f(x).item()).toBe(inner.order === 1 ? 3 : 0);
      expect(outer.of(f)(x).item()).toBe(0);
    }
  });

  test("three deep, each derivative follows its own variable: ∂³(x²y³z)/∂x∂y∂z at one point is 6xy²", () => {
    for (const [outer, inner] of pairs) {
      const f: Real = (a) =>
        inner.of((b) => inner.of((c) => a.square().mul(b.mul(b).mul(b)).mul(c))(at(7)))(at(2));
      expect(outer.of(f)(x).item()).toBe(6 * 3 * 4);
    }
  });

  test("a tangent or cotangent that is itself a variable is differentiated too", () => {
    // f'(x)·v with v = x: d/dx (3x²·x) = 9x².
    const f: Real = (a) => a.mul(a).mul(a);
    for (const outer of first) {
      expect(
        outer
          .of((a) => jvp(f, a, a).tangent as Tensor)(x)
          .item(),
      ).toBe(81);
      expect(
        outer
          .of((a) => vjp(f, a).pullback(a) as Tensor)(x)
          .item(),
      ).toBe(81);
      // With the point held still, only the linear part is left.
      expect(
        outer
          .of((v) => jvp(f, x, v).tangent as Tensor)(at(2))
          .item(),
      ).toBe(27);
      expect(
        outer
          .of((v) => vjp(f, x).pullback(v) as Tensor)(at(2))
          .item(),
      ).toBe(27);
    }
  });

  test("a pullback made outside a transform is constant in it, save for its cotangent", () => {
    const { pullback } = vjp((a: Tensor) => a.mul(a).mul(a), x);
    for (const outer of first) {
      expect(
        outer
          .of((c) => (pullback(c) as Tensor).mul(c))(at(2))
          .item(),
      ).toBe(2 * 27 * 2);
      expect(
        outer
          .of((c) => (pullback(one(c)) as Tensor).mul(c))(at(2))
          .item(),
      ).toBe(27);
    }
  });

  test("a pullback made in a transform and called twice, once in a further one, is right both times", () => {
    for (const [outer, inner] of pairs) {
      // p(c) = 2a·c; p(1) + d/dc [p(c)·c] at c = 3 is 2a + 12a; its derivative 14.
      const f: Real = (a) => {
        const { pullback } = vjp((t: Tensor) => t.square(), a);
        const p = (c: Tensor) => pullback(c) as Tensor;
        return p(one(a)).add(inner.of((c) => p(c).mul(c))(at(3))) as Tensor;
      };
      expect(f(x).item()).toBe(14 * 3);
      expect(outer.of(f)(x).item()).toBe(14);
    }
  });
});

describe("stopGradient and detach", () => {
  test("stop derivatives at every level, and only those that pass through them", () => {
    const x = at(3);
    for (const stop of [stopGradient as Real, (t: Tensor) => t.detach()]) {
      for (const { of } of derives.filter(({ order }) => order === 1)) {
        // d(x·stop(x)) = stop(x), which moves no further.
        const f: Real = (a) => a.mul(stop(a));
        expect(of(f)(x).item()).toBe(3);
        expect(of(of(f))(x).item()).toBe(0);
        // Stopped within: the inner derivative of x·y is stop(x), so the outer sees the factor alone.
        expect(of((a) => a.mul(of((b) => stop(a).mul(b))(at(1))))(x).item()).toBe(3);
        // Stopped after the inner derivative has been taken: 3·x² with the x² held still.
        expect(of((a) => a.mul(stop(grad((b: Tensor) => b.mul(b).mul(b))(a) as Tensor)))(x).item()).toBe(27);
      }
    }
  });

  test("keep the numbers, and a tree's form", () => {
    const tree = { a: at(1), b: [at(2), at(3)] as const };
    const stopped = stopGradient(tree);
    expect(stopped.a.item()).toBe(1);
    expect(stopped.b.map((each) => each.item())).toEqual([2, 3]);
  });
});
