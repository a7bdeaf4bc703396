// Compiled functions of scalars beside the same functions run eagerly: values, and the derivatives of every leaf.

import fc from "fast-check";
import { expect, test } from "vitest";
import { compile } from "../../../packages/autograd/src/compile/compile.ts";
import { vocabulary } from "../../../packages/autograd/src/expression/vocabulary.ts";
import { type Build, bestBuild } from "../../../packages/autograd/src/kernels/webassembly.ts";
import { type Scalar, scalar } from "../../../packages/autograd/src/scalar/scalar.ts";
import { trials } from "../../support/runs.ts";

const builds: Build[] = [...new Set<Build>(["none", "simd", bestBuild()])];

/** A step applies an entry to results before it, counted from the end; `data` are constants beside them. */
const step = fc.record({
  entry: fc.constantFrom(...vocabulary),
  back: fc.tuple(fc.nat(5), fc.nat(5), fc.nat(5)),
});
type Step = { entry: { name: string; arity: number }; back: readonly number[] };

function run(steps: readonly Step[], start: readonly Scalar[]): Scalar[] {
  const results = [...start];
  for (const { entry, back } of steps) {
    const [first, ...others] = back
      .slice(0, entry.arity)
      .map((n) => results[results.length - 1 - Math.min(n, results.length - 1)]!);
    const method = first![entry.name as keyof Scalar] as unknown as (...others: Scalar[]) => Scalar;
    results.push(method.call(first, ...(others as Scalar[])));
  }
  return results;
}

// Away from whole numbers, where kinks are, but meeting each other, so that there are ties.
const coordinate = fc.integer({ min: -16, max: 15 }).map((n) => (n + 0.5) / 8);
const isModerate = (x: number) => Math.abs(x) < 1e4;

interface Outcome {
  readonly value: number;
  readonly grads: readonly number[];
}

function outcome(leaves: readonly Scalar[], f: () => Scalar): Outcome {
  for (const leaf of leaves) leaf.assign(leaf.value);
  const result = f();
  result.backward();
  return { value: result.value, grads: leaves.map(({ grad }) => grad) };
}

/** `scale` is how large the terms are that the numbers are sums of. */
function expectEqual(compiled: Outcome, eager: Outcome, scale: number, tolerance: number): void {
  const near = (a: number, b: number) =>
    Object.is(a, b) || Math.abs(a - b) <= tolerance * (scale + Math.abs(b));
  const message = () => `compiled ${JSON.stringify(compiled)}, eager ${JSON.stringify(eager)}`;
  if (!near(compiled.value, eager.value)) expect.fail(message());
  if (!compiled.grads.every((grad, i) => near(grad, eager.grads[i]!))) expect.fail(message());
}

test("a compiled program of scalars has the values and derivatives of the eager one", () => {
  let compared = 0;
  fc.assert(
    fc.property(
      fc.array(step, { minLength: 1, maxLength: 12 }),
      fc.tuple(coordinate, coordinate),
      fc.constantFrom(...builds),
      (steps, point, build) => {
        const leaves = point.map(scalar);
        const values = run(steps, leaves);
        const f = () => run(steps, leaves).at(-1)!;
        const eager = outcome(leaves, f);
        values.at(-1)!.backward();
        // Where a number is huge or none, the order of operations decides what comes out.
        if (!values.every(({ value, grad }) => isModerate(value) && isModerate(grad))) return;
        compared++;
        expectEqual(outcome(leaves, compile(f, { build })), eager, 1, 1e-9);
      },
    ),
    trials(200),
  );
  expect(compared).toBeGreaterThan(100);
});

const gathers = ["as it goes", "from the first on", "afterwards", "outside"] as const;

test("a body repeated over data, shared leaves and constants is a loop with the same values and derivatives", () => {
  let [compared, loops] = [0, 0];
  fc.assert(
    fc.property(
      fc.array(step, { minLength: 8, maxLength: 14 }),
      fc.integer({ min: 33, max: 65 }),
      fc.constantFrom(...gathers),
      fc.constantFrom(...builds),
      (steps, rounds, gather, build) => {
        const shared = [0.3, -0.7, 1.1].map(scalar);
        const data = Array.from({ length: rounds }, (_, r) => scalar(Math.sin(3 * r + 1)));
        const leaves = [...shared, ...data];
        const seen: Scalar[] = [];
        const bodyOf = (datum: Scalar, r: number) => {
          const all = run(steps, [...shared, datum.add(Math.cos(r))]);
          seen.push(...all);
          return all.slice(-5).reduce((sum, each) => sum.add(each));
        };
        const terms = () => data.map(bodyOf);
        const f = () => {
          switch (gather) {
            case "as it goes":
              return data.reduce((sum, datum, r) => sum.add(bodyOf(datum, r)), scalar(0.5));
            case "from the first on":
              return data.slice(1).reduce((sum, datum, r) => bodyOf(datum, r).add(sum), bodyOf(data[0]!, -1));
            case "afterwards":
            case "outside":
              return terms().reduce((sum, term) => sum.add(term));
          }
        };
        const externalCall = compile(f, { build });
        const parts = compile(terms, { build });
        const compiled =
          gather === "outside" ? () => parts().reduce((sum, term) => sum.add(term)) : externalCall;
        seen.length = 0;
        const eager = outcome(leaves, f);
        if (!seen.every(({ value, grad }) => isModerate(value) && isModerate(grad))) return;
        const scale = seen.reduce((sum, { value, grad }) => sum + Math.abs(value) + Math.abs(grad), 1);
        expectEqual(outcome(leaves, compiled), eager, scale, 1e-10);
        for (const leaf of leaves) leaf.assign(leaf.value * 0.875);
        expectEqual(outcome(leaves, compiled), outcome(leaves, f), scale, 1e-10);
        compared++;
        const { program } = gather === "outside" ? parts : externalCall;
        if (/^ {2}loop /m.test(program().toString())) loops++;
      },
    ),
    trials(90),
  );
  expect(compared).toBeGreaterThan(30);
  expect(loops).toBeGreaterThan(15);
});
