// Draws in programs beside eager draws: the same bits, in every build, whatever the key and however many.

import {
  bernoulli,
  categorical,
  choice,
  compile,
  exponential,
  gumbel,
  type Key,
  normal,
  permutation,
  randomInteger,
  randomKey,
  shuffle,
  splitKey,
  stack,
  type Tensor,
  truncatedNormal,
  uniform,
  variable,
} from "@adjoint/autograd";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Atom } from "../../../packages/autograd/src/expression/atoms/atom.ts";
import { type Build, bestBuild } from "../../../packages/autograd/src/kernels/webassembly.ts";
import { normalQuantile, quantile } from "../../../packages/autograd/src/primitives/normal-quantile.ts";
import { naturalLog, portableLog } from "../../../packages/autograd/src/primitives/portable-log.ts";
import { trials } from "../../support/runs.ts";
import { runAtom, targets } from "../kernels/elementary-support.ts";

const builds: readonly Build[] = bestBuild() === "relaxed" ? ["simd", "relaxed"] : ["simd"];

const numbersOf = (drawn: Record<string, Tensor>) =>
  Object.entries(drawn).map(([name, { dtype, shape, data }]) => [name, dtype, shape, data]);

describe.each(builds)("in the build %s", (build) => {
  test("draws of any key and number are the eager ones, bit for bit", () => {
    const draws = (n: number) => (key: Key) => ({
      narrow: uniform(key, [n]) as Tensor,
      broad: uniform(key, [n], { dtype: "float64" }) as Tensor,
      between: uniform(key, [n], { low: -3, high: 5 }) as Tensor,
      normal: normal(key, [n]) as Tensor,
      normal64: normal(key, [n], { dtype: "float64" }) as Tensor,
      coins: bernoulli(key, [n]) as Tensor,
      order: permutation(key, n) as Tensor,
      keys: stack(splitKey(key, 3)) as Tensor,
      inner: normal(splitKey(key)[1], [n, 2]) as Tensor,
      single: uniform(key, []) as Tensor,
      none: normal(key, [3, 0]) as Tensor,
    });
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.integer({ min: 0, max: 40 }), (seed, n) => {
        const key = randomKey(seed);
        expect(numbersOf(compile(draws(n), { build })(key))).toEqual(numbersOf(draws(n)(key)));
      }),
      trials(60),
    );
  });

  test("so are the distributions made of them, and choices", () => {
    const draws = (n: number) => (key: Key) => ({
      waiting: exponential(key, [n]) as Tensor,
      extreme: gumbel(key, [n], { dtype: "float64" }) as Tensor,
      cut: truncatedNormal(key, [n], { lower: 1, upper: 1.5 }) as Tensor,
      whole: randomInteger(key, [n], { low: -3, high: 4 }) as Tensor,
      category: categorical(key, uniform(key, [3, 4]), { shape: [n, 3] }) as Tensor,
      weighted: choice(key, 5, { shape: [n], p: [1, 0, 2, 3, 1] }) as Tensor,
      distinct: choice(key, 5, { shape: [2], replace: false, p: [1, 0, 2, 3, 1] }) as Tensor,
      shuffled: shuffle(key, uniform(key, [n])) as Tensor,
    });
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.integer({ min: 0, max: 40 }), (seed, n) => {
        const key = randomKey(seed);
        expect(numbersOf(compile(draws(n), { build })(key))).toEqual(numbersOf(draws(n)(key)));
      }),
      trials(6),
    );
  });

  test("a million normal draws are the eager ones", () => {
    const draw = (key: Key) => normal(key, [1_000_000], { dtype: "float64" }) as Tensor;
    const key = randomKey(7);
    const [compiled, eager] = [compile(draw, { build })(key).data, draw(key).data];
    expect(compiled.findIndex((x, i) => !Object.is(x, eager[i]))).toBe(-1);
    // Both branches of the quantile were taken; the third, beyond 7 deviations, is tested by itself below.
    expect(eager.some((x) => Math.abs(x) > 4)).toBe(true);
  });
});

test("a program without host calls draws new numbers in every call from a key that a variable keeps", () => {
  const key = variable(randomKey(3));
  const step = compile(() => {
    const [next, now] = splitKey(key.value as Key);
    key.assign(next);
    return normal(now, [3]) as Tensor;
  });
  const eager = variable(randomKey(3));
  const seen = new Set<number>();
  for (let i = 0; i < 5; i++) {
    const [next, now] = splitKey(eager.value as Key);
    eager.assign(next);
    const drawn = step();
    expect(drawn.data).toEqual(normal(now, [3]).data);
    seen.add(drawn.data[0]!);
  }
  expect(seen.size).toBe(5);
  expect(String(step.program())).not.toContain("host");
});

test.each(targets.filter(({ bits }) => bits === 64))(
  "the quantile in lanes of $build is the quantile, out to where no draw falls",
  (target) => {
    // Halves of halves reach every branch.
    const points = Array.from({ length: 300 }, (_, i) => 2 ** (-1 - i)).flatMap((p) => [p, 0.7 * p, 1 - p]);
    const inside = points.filter((p) => p > 0 && p < 1);
    expect([...runAtom(quantile as unknown as Atom, target, [inside])]).toEqual(inside.map(normalQuantile));
  },
);

test.each(targets)(
  "the portable logarithm in lanes of $bits bits of $build is that of numbers",
  ({ bits, ...target }) => {
    const points = [
      0,
      -0,
      -1,
      NaN,
      Infinity,
      5e-324,
      2 ** -1022,
      1,
      Math.SQRT1_2,
      Math.SQRT2,
      0.7,
      36.7,
      1e300,
    ].flatMap((x) => [x, x * 1.1, x * 0.9]);
    const given = bits === 64 ? points : points.map(Math.fround);
    const expected = given.map(naturalLog).map((y) => (bits === 64 ? y : Math.fround(y)));
    expect([...runAtom(portableLog as unknown as Atom, { bits, ...target }, [given])]).toEqual(expected);
  },
);
