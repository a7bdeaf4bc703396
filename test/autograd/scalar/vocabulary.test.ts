// Every entry of the vocabulary on scalars, against two other executors: the interpreted derivative of its
// expression, and numerical differentiation of its value.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { differentiate } from "../../../packages/autograd/src/expression/differentiate.ts";
import { functionOf } from "../../../packages/autograd/src/expression/elementwise-function.ts";
import { interpreter } from "../../../packages/autograd/src/expression/to-function.ts";
import { type Definition, vocabulary } from "../../../packages/autograd/src/expression/vocabulary.ts";
import { type Scalar, scalar } from "../../../packages/autograd/src/scalar/scalar.ts";
import { ridders } from "../../support/numerical.ts";
import { trials } from "../../support/runs.ts";
import { smoothPoints } from "./smooth-points.ts";

type Method = (...others: (Scalar | number)[]) => Scalar;

function apply(entry: Definition, [first, ...others]: readonly Scalar[]): Scalar {
  return (first![entry.name as keyof Scalar] as unknown as Method).call(first, ...others);
}

// The rounding of a few operations; the executors may order them differently.
const close = (a: number, b: number) => Object.is(a, b) || Math.abs(a - b) <= 1e-13 * (1 + Math.abs(b));

describe.each(vocabulary.map((entry) => [entry.name, entry] as const))("%s", (_, entry) => {
  const fn = functionOf(entry);
  const places = Array.from({ length: entry.arity }, (_, i) => i);
  const run = (check: (point: number[]) => void) =>
    fc.assert(fc.property(smoothPoints(entry), check), trials(50));

  test("has the value of its definition", () => {
    const reference = interpreter(fn.expression);
    run((point) => {
      expect(apply(entry, point.map(scalar)).value).toBe(reference(...point));
    });
  });

  test("has the gradient of its expression", () => {
    const partials = places.map((i) => interpreter(differentiate(fn.expression, i)));
    run((point) => {
      const leaves = point.map(scalar);
      apply(entry, leaves).backward();
      for (const i of places) {
        expect(leaves[i]!.grad).toSatisfy((grad: number) => close(grad, partials[i]!(...point)));
      }
    });
  });

  test("has the gradient that its values show", () => {
    run((point) => {
      const leaves = point.map(scalar);
      apply(entry, leaves).backward();
      for (const i of places.filter((place) => fn.signature.operands[place] !== "bool")) {
        const { value, error } = ridders((x) => fn.value(...point.with(i, x)), point[i]!, 0.05);
        expect(Math.abs(leaves[i]!.grad - value)).toBeLessThanOrEqual(error + 1e-15 * Math.abs(value));
        expect(error).toBeLessThan(1e-6 * (1 + Math.abs(value)));
      }
    });
  });

  test("has the second derivatives of its expression", () => {
    const second = places.map((i) =>
      places.map((j) => interpreter(differentiate(differentiate(fn.expression, i), j))),
    );
    run((point) => {
      const leaves = point.map(scalar);
      apply(entry, leaves)
        .gradient(leaves)
        .forEach((first, i) => {
          first.gradient(leaves).forEach((mixed, j) => {
            expect(mixed.value).toSatisfy((value: number) => close(value, second[i]![j]!(...point)));
          });
        });
    });
  });

  test("takes numbers as constants", () => {
    run((point) => {
      const first = scalar(point[0]!);
      const method = first[entry.name as keyof Scalar] as unknown as Method;
      // As numbers, bounds that cross are refused.
      if (entry.name === "clip" && point[1]! > point[2]!) point = [point[0]!, point[2]!, point[1]!];
      expect(method.call(first, ...point.slice(1)).value).toBe(apply(entry, point.map(scalar)).value);
    });
  });
});
