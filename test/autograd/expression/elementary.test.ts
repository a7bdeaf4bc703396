// The elementary functions and their derivatives to order three, in both types, where a formula written down without care
// loses digits or leaves the range.

import { compile, grad, scalar, type Tensor, tensor } from "@adjoint/autograd";
import { describe, expect, test } from "vitest";
import type { Atom } from "../../../packages/autograd/src/expression/atoms/atom.ts";
import { oneMinusSquare } from "../../../packages/autograd/src/expression/atoms/inverse.ts";
import { directionCosine } from "../../../packages/autograd/src/expression/atoms/plane.ts";
import { differentiate } from "../../../packages/autograd/src/expression/differentiate.ts";
import { kinkConditions } from "../../../packages/autograd/src/expression/elementwise-function.ts";
import { Expression, inputs } from "../../../packages/autograd/src/expression/expression.ts";
import { interpreter } from "../../../packages/autograd/src/expression/to-function.ts";
import { atoms } from "../../../packages/autograd/src/expression/vocabulary.ts";

import { Real } from "../../support/real.ts";
import {
  floatPairs,
  nearestOf,
  randomNumbers,
  runAtom,
  specialValues,
  targets,
  unitsApart,
} from "../kernels/elementary-support.ts";
import { ofOne, ofTwo, orders } from "./elementary-data.ts";

const named = (name: string) => atoms.find((atom) => atom.name === name)!;

/** An atom, differentiated so often in each of its operands. */
function derivative(atom: Atom, times: readonly number[]): Expression {
  let result = Expression.apply(atom, inputs(atom.arity));
  for (const [operand, count] of times.entries())
    for (let i = 0; i < count; i++) result = differentiate(result, operand);
  return result;
}

/**
 * Relative to the exact value: a third derivative is made of some thirty atoms, each within three gaps, and powers triple
 * the error of what they are applied to.
 */
const room = { float32: 100 * 2 ** -23, float64: 100 * 2 ** -52 } as const;

describe.each(["float32", "float64"] as const)("in %s", (type) => {
  const check = (atom: Atom, times: readonly number[], point: readonly number[], exact: number) => {
    const result = interpreter(derivative(atom, times), type)(...point);
    // Below the normal numbers there are fewer digits.
    if (exact !== 0 && type === "float32" && Math.abs(exact) < 2 ** -126) return;
    const what = `order ${times} at ${point}: ${result}, and it is ${exact}`;
    if (exact === 0 || (type === "float32" && Math.abs(exact) > 3.4e38))
      expect(result + 0, what).toBe(Math.fround(exact));
    else expect(Math.abs(result / exact - 1), what).toBeLessThan(room[type]);
  };

  test.each(Object.entries(ofOne))("%s has all digits of its derivatives to order three", (name, rows) => {
    for (const [point, ...exact] of rows)
      for (const [order, value] of exact.entries()) check(named(name), [order], point, value);
  });

  test.each(Object.entries(ofTwo))(
    "%s has all digits of its partial derivatives to order three",
    (name, rows) => {
      for (const [point, ...exact] of rows)
        for (const [i, value] of exact.entries()) check(named(name), orders[i]!, point, value);
    },
  );
});

const valueAt = (expression: Expression, ...point: number[]) => interpreter(expression)(...point);
const closeTo = (value: number, exact: number) =>
  expect(Math.abs(value / exact - 1), `${value}, and it is ${exact}`).toBeLessThan(room.float64);

test("lengths and angles of very long and very short vectors are right, and so are their derivatives", () => {
  for (const scale of [1e200, 1e-200, 2 ** -1070]) {
    const [a, b] = [3 * scale, 4 * scale];
    closeTo(valueAt(derivative(named("hypot"), [0, 0]), a, b), 5 * scale);
    closeTo(valueAt(derivative(named("hypot"), [1, 0]), a, b), 0.6);
    closeTo(valueAt(derivative(named("atan2"), [0, 0]), a, b), Math.atan(0.75));
    if (scale < 2 ** -1022) continue;
    closeTo(valueAt(derivative(named("atan2"), [1, 0]), a, b), 0.16 / scale);
    closeTo(valueAt(derivative(named("atan2"), [0, 1]), a, b), -0.12 / scale);
    closeTo(valueAt(derivative(named("hypot"), [1, 1]), a, b), -0.096 / scale);
  }
});

test("where an angle jumps, and where a length has its kink, their conditions change sign, and not beside", () => {
  const signsOf = (name: string, points: readonly (readonly [number, number])[]) => {
    const [condition] = kinkConditions(derivative(named(name), [0, 0])).map((each) => interpreter(each));
    return points.map((point) => Math.sign(condition!(...point)));
  };
  const [below, above] = [-0.01, 0.01];
  expect(
    signsOf("atan2", [
      [below, -1],
      [0, -1],
      [above, -1],
    ]),
  ).toEqual([-1, 0, 1]);
  expect(
    signsOf("atan2", [
      [below, 1],
      [0, 1],
      [above, 1],
    ]),
  ).toEqual([1, 1, 1]);
  expect(
    signsOf("hypot", [
      [below, 0],
      [0, 0],
      [above, 0],
    ]),
  ).toEqual([-1, 0, 1]);
  expect(
    signsOf("hypot", [
      [below, 1],
      [0, 1],
      [above, 1],
    ]),
  ).toEqual([1, 1, 1]);
});

test("the logarithm of a sum of powers shares its derivative between equal infinities", () => {
  const [first, second] = [derivative(named("logAddExp"), [1, 0]), derivative(named("logAddExp"), [0, 1])];
  for (const x of [Infinity, -Infinity]) {
    expect([valueAt(first, x, x), valueAt(second, x, x)]).toEqual([0.5, 0.5]);
    expect([valueAt(first, x, 0), valueAt(second, x, 0)]).toEqual(x > 0 ? [1, 0] : [0, 1]);
  }
});

describe.each(targets)("in lanes of $bits bits, build $build", (target) => {
  const least = target.bits === 32 ? -149 : -1074;
  const most = target.bits === 32 ? 127 : 1023;
  const wholes = Array.from({ length: most - least + 1 }, (_, i) => least + i);
  const tens = Array.from({ length: target.bits === 32 ? 11 : 23 }, (_, i) => i);

  test.each([
    ["log2", wholes.map((k) => 2 ** k), wholes],
    ["exp2", wholes, wholes.map((k) => 2 ** k)],
    ["log10", tens.map((k) => Number(`1e${k}`)), tens],
  ] as const)(
    "%s is exact at every power of its base that is a float, as its value is",
    (name, points, exact) => {
      expect([...runAtom(named(name), target, [points])]).toEqual(exact);
      const value = named(name).value as (x: number) => number;
      expect(points.map(value)).toEqual(exact);
    },
  );

  test.each([
    ["oneMinusSquare", oneMinusSquare as unknown as Atom, (x: Real) => Real.from(1).sub(x.mul(x))],
    [
      "directionCosine",
      directionCosine as unknown as Atom,
      (a: Real, b: Real) => a.div(a.mul(a).add(b.mul(b)).sqrt()),
    ],
  ] as const)(
    "%s, of which derivatives are made, is within two units of the exact value",
    (_, atom, reference) => {
      const points = floatPairs(target.bits, 1000, randomNumbers()).slice(0, atom.arity);
      const results = runAtom(atom, target, points);
      results.forEach((result, i) => {
        const at = points.map((each) => each[i]!);
        // Drawn beside the largest numbers, some are infinite.
        if (!at.every(Number.isFinite)) return;
        const exact = (reference as (...x: Real[]) => Real)(...at.map(Real.from));
        // A cosine below the normal numbers belongs to a direction that can't be told from the axis, and may be 0.
        const size = Math.abs(exact.toNumber());
        const isInRange = size < 2 ** most && (size === 0 || size >= 2 ** (1 - most));
        if (!isInRange) return;
        expect(unitsApart(result, exact, target.bits), `at ${at}`).toBeLessThanOrEqual(2);
        const value = (atom.value as (...x: number[]) => number)(...at);
        expect(unitsApart(value, exact, 64), `the value at ${at}`).toBeLessThanOrEqual(2);
      });
    },
  );

  test("a direction is that of its value at every two special numbers", () => {
    const values = specialValues(target.bits);
    const points = values.flatMap((a) => values.map((b) => [a, b] as const));
    const results = runAtom(directionCosine as unknown as Atom, target, [
      points.map(([a]) => a),
      points.map(([, b]) => b),
    ]);
    points.forEach(([a, b], i) => {
      const value = nearestOf(target.bits, directionCosine.value(a, b));
      if (value === 0 || Number.isNaN(value)) expect(results[i], `${a}, ${b}`).toBe(value);
      // Two units, of which a number just below a power of two has half as many more.
      else
        expect(Math.abs(results[i]! / value - 1), `${a}, ${b}`).toBeLessThanOrEqual(
          target.bits === 32 ? 2 ** -22 : 2 ** -51,
        );
    });
  });
});

describe("linear interpolation", () => {
  const { value } = named("lerp");
  const lerp = value as (a: number, b: number, t: number) => number;

  test("gives its ends exactly, and a number for every t where both ends are that number", () => {
    const random = randomNumbers();
    for (let i = 0; i < 1000; i++) {
      const [a, b, t] = [random() - 0.5, (random() - 0.5) * 1e9, 4 * random() - 2];
      expect([lerp(a, b, 0), lerp(a, b, 1), lerp(a, a, t), lerp(b, b, t)]).toEqual([a, b, a, b]);
    }
  });

  test("does not overflow between the ends of the range", () => {
    const end = Number.MAX_VALUE;
    expect([lerp(-end, end, 0.5), lerp(end, -end, 0.25), lerp(-end, end, 1)]).toEqual([0, end / 2, end]);
  });
});

test("an entropy and its gradient have no NaN where a share is 0", () => {
  const entropy = (p: Tensor) => p.xlogy(p).sum().neg();
  for (const f of [entropy, compile(entropy)]) {
    expect(f(tensor([0, 0.5, 0.5], { dtype: "float64" })).item()).toBe(Math.LN2);
    const slopes = grad(f)(tensor([0, 1], { dtype: "float64" })).toArray();
    expect(slopes).toEqual([Infinity, -1]);
  }
});

test("sigmoid is the logistic function, on scalars and tensors, and prints as it", () => {
  expect(scalar(0.3).sigmoid().value).toBe(scalar(0.3).logistic().value);
  expect(tensor([-1000, 0, 2]).sigmoid().toArray()).toEqual(tensor([-1000, 0, 2]).logistic().toArray());
});

test("functions of two operands broadcast and take numbers", () => {
  const column = tensor([[1], [-1]]);
  expect(column.atan2(tensor([0, 0, 0])).shape).toEqual([2, 3]);
  expect(column.hypot(0).toArray()).toEqual([[1], [1]]);
  expect(
    tensor([0, 10])
      .lerp(10, tensor([[0.5], [1]]))
      .toArray(),
  ).toEqual([
    [5, 10],
    [10, 10],
  ]);
});
