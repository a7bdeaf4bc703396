// ExternalCall programs on scalars beside the same programs on expressions, differentiated by the other engine.

import fc from "fast-check";
import { expect, test } from "vitest";
import { differentiate } from "../../../packages/autograd/src/expression/differentiate.ts";
import { type Expression, inputs } from "../../../packages/autograd/src/expression/expression.ts";
import { interpreter } from "../../../packages/autograd/src/expression/to-function.ts";
import { vocabulary } from "../../../packages/autograd/src/expression/vocabulary.ts";
import { type Scalar, scalar } from "../../../packages/autograd/src/scalar/scalar.ts";
import { trials } from "../../support/runs.ts";

/** A step applies an entry to results before it, counted from the end. */
const step = fc.record({
  entry: fc.constantFrom(...vocabulary),
  back: fc.tuple(fc.nat(5), fc.nat(5), fc.nat(5)),
});

/** The steps, on whatever has the vocabulary's methods. */
function run<T extends Scalar | Expression>(
  steps: readonly { entry: { name: string; arity: number }; back: readonly number[] }[],
  start: readonly T[],
): T[] {
  const results = [...start];
  for (const { entry, back } of steps) {
    const [first, ...others] = back
      .slice(0, entry.arity)
      .map((n) => results[results.length - 1 - Math.min(n, results.length - 1)]!);
    const method = first![entry.name as keyof T] as unknown as (...others: (T | undefined)[]) => T;
    results.push(method.call(first, ...others));
  }
  return results;
}

// Away from whole numbers, where kinks are, but meeting each other, so that there are ties.
const coordinate = fc.integer({ min: -16, max: 15 }).map((n) => (n + 0.5) / 8);
const moderate = (x: number) => Math.abs(x) < 1e4;

test("a program's gradient on the tape is that of its expression", () => {
  let compared = 0;
  fc.assert(
    fc.property(
      fc.array(step, { minLength: 1, maxLength: 10 }),
      fc.tuple(coordinate, coordinate),
      (steps, point) => {
        const leaves = point.map(scalar);
        const values = run(steps, leaves);
        const result = values.at(-1)!;
        const expression = run(steps, inputs(2)).at(-1)!;
        result.backward();
        const symbolic = result.gradient(leaves);
        leaves.forEach((leaf, i) => {
          const reference = interpreter(differentiate(expression, i))(...point);
          // Where a number is huge or none, the order of operations decides what comes out.
          if (!values.every(({ value, grad }) => moderate(value) && moderate(grad)) || !moderate(reference))
            return;
          compared++;
          expect(Math.abs(leaf.grad - symbolic[i]!.value)).toBeLessThanOrEqual(
            1e-9 * (1 + Math.abs(reference)),
          );
          expect(Math.abs(leaf.grad - reference)).toBeLessThanOrEqual(1e-9 * (1 + Math.abs(reference)));
        });
      },
    ),
    trials(500),
  );
  expect(compared).toBeGreaterThan(300);
});
