import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Atom } from "../../../packages/autograd/src/expression/atoms/atom.ts";
import { differentiate } from "../../../packages/autograd/src/expression/differentiate.ts";
import { kinkConditions } from "../../../packages/autograd/src/expression/elementwise-function.ts";
import { Expression, inputs } from "../../../packages/autograd/src/expression/expression.ts";
import {
  interpreter,
  type NumberFunction,
  toFunction,
} from "../../../packages/autograd/src/expression/to-function.ts";
import { atoms } from "../../../packages/autograd/src/expression/vocabulary.ts";
import { anyFloat } from "../../support/arbitraries.ts";
import { references } from "../../support/exact-value.ts";
import { ulp } from "../../support/numerical.ts";
import { Real, Undefined } from "../../support/real.ts";
import { ATOM_ULPS, roundingOf } from "../../support/running-error.ts";
import { trials } from "../../support/runs.ts";
import { attackInside, edgesOf, pointOf, wrongAtEdges, wrongInTruthValues } from "./attack.ts";

const applied = (atom: Atom) => Expression.apply(atom, inputs(atom.arity));

for (const atom of atoms)
  describe(atom.name, () => {
    const value = atom.value as NumberFunction;

    if (atom.name in references)
      test(`its value is within ${ATOM_ULPS} units of the exact one, or of its operands where they cancel`, () => {
        let seen = 0;
        const property = fc.property(pointOf(atom), (drawn) => {
          // Exact numbers have one zero; what those of either sign mean is told where atan2's edges are.
          const point = drawn.map((x) => x + 0);
          const exact = exactly(atom, point);
          if (exact === undefined) return;
          seen++;
          const room = roundingOf(atom, exact.toNumber(), point);
          expect(unitsApart(value(...point), exact) * ulp(exact.toNumber())).toBeLessThanOrEqual(room);
        });
        fc.assert(property, trials(200));
        expect(seen).toBeGreaterThan(50);
      });

    test.each([1, 2] as const)(
      "its derivatives of order %i agree with numerical ones within the error bars",
      (order) => {
        const { property, count } = attackInside(atom, order);
        fc.assert(property, trials(100));
        // A third of the points are of any size; there most functions overflow, or round the difference away.
        expect(count.right).toBeGreaterThanOrEqual(count.all / 3);
      },
    );

    test("at its kinks and ends the derivative lies between those from either side", () => {
      const { wrong, seen } = wrongAtEdges(atom);
      expect(wrong).toBeNull();
      const hasValue = edgesOf(atom).some((point) => Number.isFinite(value(...point)));
      if (atom.kinks !== undefined && hasValue) expect(seen).toBeGreaterThan(0);
    });

    if (atom.kinks !== undefined)
      test("beside a kink its condition is almost 0, on either side, so that what is near one is known to be", () => {
        const conditions = kinkConditions(applied(atom)).map((each) => interpreter(each));
        // Conditions change no faster than an operand: a difference, a cosine, a distance.
        const step = 2 ** -20;
        for (const point of edgesOf(atom))
          for (const condition of conditions.filter((each) => each(...point) === 0))
            for (const [i, x] of point.entries())
              for (const beside of [x - step, x + step])
                expect(
                  Math.abs(condition(...point.with(i, beside))),
                  `[${point}], operand ${i}`,
                ).toBeLessThanOrEqual(step);
      });

    test("a truth value among its operands has derivative 0", () => {
      expect(wrongInTruthValues(atom)).toBeNull();
    });

    if (atom.commutative)
      test("swapping its operands changes neither the value nor whose derivative is whose", () => {
        const [first, second] = [0, 1].map((i) => interpreter(differentiate(applied(atom), i)));
        fc.assert(
          fc.property(anyFloat, anyFloat, (a, b) => {
            expect(value(a, b)).toBe(value(b, a));
            expect(first!(a, b)).toBe(second!(b, a));
          }),
          trials(100),
        );
      });

    if (atom.result === "bool")
      test("it yields 1 or 0 whatever it is given", () => {
        fc.assert(
          fc.property(fc.tuple(...inputs(atom.arity).map(() => anyFloat)), (point) => {
            expect([0, 1]).toContain(value(...point));
          }),
          trials(100),
        );
      });

    if (atom.result === "same" && atom.arity === 1)
      test("NaN comes out where NaN goes in", () => {
        expect(value(NaN)).toBeNaN();
      });

    if (atom.arity === 1)
      test("where its value at ±40 or ±1000 is finite, so are its derivatives to order three", () => {
        const { from, to } = (atom.smoothOn as Atom<1>["smoothOn"])?.[0] ?? { from: -Infinity, to: Infinity };
        let derivative = applied(atom);
        for (let order = 1; order <= 3; order++) {
          derivative = differentiate(derivative);
          const f = toFunction(derivative, 1);
          for (const x of [-1000, -40, 40, 1000].filter((x) => x > from && x < to)) {
            if (Number.isFinite(value(x))) expect(f(x), `order ${order} at ${x}`).toSatisfy(Number.isFinite);
          }
        }
      });

    test("compiled and interpreted it gives the same bits for any floats", () => {
      for (const expression of [
        applied(atom),
        ...inputs(atom.arity).map((_, i) => differentiate(applied(atom), i)),
      ]) {
        const [compiled, interpreted] = [toFunction(expression, atom.arity), interpreter(expression)];
        fc.assert(
          fc.property(fc.tuple(...inputs(atom.arity).map(() => anyFloat)), (point) => {
            expect(compiled(...point)).toBe(interpreted(...point));
          }),
          trials(50),
        );
      }
    });
  });

function exactly(atom: Atom, point: readonly number[]): Real | undefined {
  try {
    return references[atom.name]!(...point.map(Real.from));
  } catch (error) {
    if (error instanceof Undefined) return undefined;
    throw error;
  }
}

/** How far a float64 is from an exact number, in gaps between floats there. Beyond the range, ∞ is right. */
function unitsApart(value: number, exact: Real): number {
  const nearest = exact.toNumber();
  if (!Number.isFinite(nearest) || !Number.isFinite(value)) return value === nearest ? 0 : Infinity;
  return exact.sub(Real.from(value)).abs().toNumber() / ulp(nearest);
}

describe("the atoms the references know", () => {
  test("a reference names an atom of the table", () => {
    expect(Object.keys(references).filter((name) => atoms.every((atom) => atom.name !== name))).toEqual([]);
  });

  test("the sine of 10²² is right, where a π of 53 bits would leave no digit", () => {
    // 10²² is a float64; the digits are mpmath's.
    expect(Real.from(1e22).sin().toNumber()).toBe(-0.8522008497671888);
  });
});

describe("an atom that is new, with no reference and no entry in any table", () => {
  const softsign: Atom<1, "same"> = {
    name: "softsign",
    arity: 1,
    result: "same",
    operands: "float",
    value: (x) => x / (1 + Math.abs(x)),
    partials: [(x) => x.abs().add(1).square().reciprocal()],
    kinks: (x) => [x],
  };

  test("is passed when it is right", () => {
    fc.assert(attackInside(softsign as Atom, 1).property, trials(100));
    fc.assert(attackInside(softsign as Atom, 2).property, trials(100));
    expect(wrongAtEdges(softsign as Atom)).toMatchObject({ wrong: null });
  });

  test("is caught when it is wrong", () => {
    const wrong = {
      ...softsign,
      partials: [(x: Expression) => x.abs().add(1).reciprocal()],
    } as unknown as Atom;
    expect(fc.check(attackInside(wrong, 1).property, trials(100)).failed).toBe(true);
  });

  test("is caught when its kink is left out", () => {
    const { kinks: _, ...smooth } = { ...softsign, name: "half", value: (x: number) => Math.max(x, 0) };
    const wrong = {
      ...smooth,
      partials: [(x: Expression) => x.greater(0).select(1, 0).add(x.equal(0).select(3, 0))],
    };
    expect(wrongAtEdges({ ...wrong, kinks: (x: Expression) => [x] } as unknown as Atom).wrong).not.toBeNull();
  });
});
