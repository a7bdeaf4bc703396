// Random numbers: the generator against its authors' numbers, and draws against the distributions they claim.

import {
  bernoulli,
  compile,
  type Key,
  normal,
  permutation,
  randomKey,
  splitKey,
  type Tensor,
  tensor,
  uniform,
} from "@adjoint/autograd";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { erf } from "../../../packages/autograd/src/expression/atoms/index.ts";
import { functionOf } from "../../../packages/autograd/src/expression/elementwise-function.ts";
import { normalQuantile } from "../../../packages/autograd/src/primitives/normal-quantile.ts";
import { threefry } from "../../../packages/autograd/src/primitives/threefry.ts";
import { critical, kolmogorov, moment } from "../../support/distributions.ts";
import { trials } from "../../support/runs.ts";
import { numbers } from "../../support/tensors.ts";
import { threefryByTheBook } from "./threefry.ts";

describe("Threefry-2x32-20", () => {
  test("gives the known answers of Random123", () => {
    const known: readonly (readonly [[number, number], [number, number], [number, number]])[] = [
      [
        [0, 0],
        [0, 0],
        [0x6b200159, 0x99ba4efe],
      ],
      [
        [0xffffffff, 0xffffffff],
        [0xffffffff, 0xffffffff],
        [0x1cb996fc, 0xbb002be7],
      ],
      [
        [0x13198a2e, 0x03707344],
        [0x243f6a88, 0x85a308d3],
        [0xc4923a9c, 0x483df7a0],
      ],
    ];
    for (const [key, counter, words] of known) {
      const signed = words.map((word) => word | 0);
      expect(Array.from(threefry(key[0] | 0, key[1] | 0, counter[0] | 0, counter[1] | 0))).toEqual(signed);
      // The oracle of the property tests is right, too.
      expect(threefryByTheBook(key, counter)).toEqual(signed);
    }
  });

  test("is its authors' equations for any key and counter", () => {
    const word = fc.integer();
    fc.assert(
      fc.property(word, word, word, word, (k0, k1, c0, c1) => {
        expect(Array.from(threefry(k0, k1, c0, c1))).toEqual(threefryByTheBook([k0, k1], [c0, c1]));
      }),
      trials(200),
    );
  });
});

describe("every draw is made of the words of its place", () => {
  const seedOf = fc.maxSafeInteger();
  const n = 5;
  const wordsAt = (key: Key, i: number, use: number) =>
    threefryByTheBook([key.data[0]!, key.data[1]!], [i, use]).map((word) => word >>> 0) as [number, number];
  const places = Array.from({ length: n }, (_, i) => i);

  test("a key is its seed's two words, of negative seeds too", () => {
    const words = (seed: number) =>
      [BigInt(seed) >> 32n, BigInt(seed)].map((word) => Number(BigInt.asIntN(32, word)));
    fc.assert(
      fc.property(seedOf, (seed) => {
        expect(numbers(randomKey(seed) as Tensor)).toEqual(words(seed));
      }),
      trials(100),
    );
    for (const seed of [
      0,
      -1,
      2 ** 32 - 1,
      2 ** 32,
      -(2 ** 32),
      2 ** 31,
      -(2 ** 31),
      2 ** 53 - 1,
      1 - 2 ** 53,
    ])
      expect(numbers(randomKey(seed) as Tensor), `${seed}`).toEqual(words(seed));
  });

  test("uniform, normal and truth draws, bit for bit", () => {
    fc.assert(
      fc.property(seedOf, (seed) => {
        const key = randomKey(seed);
        const words = places.map((i) => wordsAt(key, i, 0));
        const fractions = words.map(([high, low]) => ((high >>> 5) * 2 ** 26 + (low >>> 6)) * 2 ** -53);
        const middles = words.map(([high, low]) => ((high >>> 6) * 2 ** 26 + (low >>> 6) + 0.5) * 2 ** -52);
        expect(numbers(uniform(key, [n]))).toEqual(words.map(([high]) => (high >>> 8) * 2 ** -24));
        expect(numbers(uniform(key, [n], { dtype: "float64" }))).toEqual(fractions);
        expect(numbers(normal(key, [n], { dtype: "float64" }))).toEqual(middles.map(normalQuantile));
        // The probability lies at a draw, which is not below it.
        const probability = fractions[2]!;
        const truths = numbers(bernoulli(key, [n], { probability }));
        expect(truths).toEqual(fractions.map((fraction) => Number(fraction < probability)));
      }),
      trials(50),
    );
  });

  test("and every key that is split off, of words that no draw has", () => {
    fc.assert(
      fc.property(seedOf, (seed) => {
        const key = randomKey(seed);
        const words = splitKey(key, n as number).flatMap((each) => numbers(each as Tensor));
        expect(words).toEqual(Array.from({ length: 2 * n }, (_, i) => wordsAt(key, i, 1)[0] | 0));
      }),
      trials(50),
    );
  });
});

describe("normalQuantile", () => {
  test("is infinite at 0 and 1, and NaN for what is no probability", () => {
    expect([0, -0, 1].map(normalQuantile)).toEqual([-Infinity, -Infinity, Infinity]);
    for (const p of [-1e-300, 1 + Number.EPSILON, NaN, Infinity, -Infinity])
      expect(normalQuantile(p)).toBeNaN();
  });

  const Phi = (x: number) => 0.5 * (1 + functionOf(erf as never).value(x / Math.SQRT2));

  test("is the inverse of the normal distribution function", () => {
    fc.assert(
      fc.property(fc.double({ min: 0.001, max: 0.999, noNaN: true }), (p) => {
        // Φ is right within 2⁻⁵² here, and 1 + erf loses nothing more at this size.
        expect(Math.abs(Phi(normalQuantile(p)) - p)).toBeLessThanOrEqual(2 ** -51);
      }),
      trials(300),
    );
  });

  test("gives its author's numbers, far into the tail", () => {
    // Wichura (1988), section 5; and Φ(1.96) from any table.
    for (const [p, x] of [
      [0.25, -0.6744897501960817],
      [0.001, -3.090232306167813],
      [1e-20, -9.262340089798408],
      [0.975, 1.959963984540054],
    ] as const) {
      // Relative accuracy is about 1e-16, says the author; the numbers have 16 digits.
      expect(Math.abs(normalQuantile(p) / x - 1)).toBeLessThanOrEqual(4e-16);
    }
    expect(normalQuantile(0.5)).toBe(0);
  });

  test("rises, also where one formula takes over from another", () => {
    const steps = [0.075, 0.925, Math.exp(-25), 1e-11]
      .flatMap((p) => [1 - 1e-9, 1, 1 + 1e-9].map((factor) => p * factor))
      .sort((a, b) => a - b);
    const quantiles = steps.map(normalQuantile);
    expect(quantiles).toEqual([...quantiles].sort((a, b) => a - b));
    expect(new Set(quantiles).size).toBe(quantiles.length);
  });
});

const n = 100_000;

describe.each(["float32", "float64"] as const)("draws in %s", (dtype) => {
  const key = randomKey(trials(1).seed);

  test("uniform ones are spread evenly over [0, 1)", () => {
    const draws = numbers(uniform(key, [n], { dtype }) as Tensor);
    expect(Math.min(...draws.slice(0, 1000))).toBeGreaterThanOrEqual(0);
    expect(draws.every((x) => x >= 0 && x < 1)).toBe(true);
    expect(kolmogorov(draws, (x) => x)).toBeLessThan(critical);
    // Five standard errors (a chance of 6·10⁻⁷): the variance of x is 1/12, that of x² 4/45.
    expect(Math.abs(moment(draws, 1) - 1 / 2)).toBeLessThan(5 * Math.sqrt(1 / 12 / n));
    expect(Math.abs(moment(draws, 2) - 1 / 3)).toBeLessThan(5 * Math.sqrt(4 / 45 / n));
  });

  test("uniform ones between two numbers lie there", () => {
    const draws = numbers(uniform(key, [1000], { low: -3, high: -1, dtype }) as Tensor);
    expect(draws.every((x) => x >= -3 && x < -1)).toBe(true);
  });

  test.each([
    // Of these, a fraction times the span, rounded, leads to the end.
    [1000, 1001],
    [2 ** 24 - 4, 2 ** 24],
    [-1, 16384],
    [1, 1 + 2 ** -20],
    // Neither end is a float32.
    [-0.1, 0.1],
    [0.7, 0.9],
    // The span is beyond float32.
    [-3e38, 3e38],
    [-3.4e38, 1e38],
    [-1e-44, 1e-44],
    ...(dtype === "float64"
      ? [
          [-1.5e308, 1.5e308],
          [-1.7e308, 1e308],
          [2 ** 53 - 4, 2 ** 53],
        ]
      : []),
  ] as [number, number][])("uniform ones lie in [%d, %d) and on average in its middle", (low, high) => {
    const count = 50_000;
    const draw = (at: Key) => uniform(at, [count], { low, high, dtype }) as Tensor;
    const draws = numbers(draw(key));
    expect(draws.filter((x) => !(x >= low && x < high))).toEqual([]);
    expect(numbers(compile(draw)(key))).toEqual(draws);
    // Five standard errors of a mean of evenly spread ones; and half a gap between numbers there, by which the type errs.
    const gap = dtype === "float32" ? 2 ** -23 : 2 ** -52;
    const mean = draws.reduce((sum, x) => sum + (x / 2 - low / 2) / count, 0);
    const allowed =
      5 * Math.sqrt(1 / 12 / count) * (high / 2 - low / 2) +
      gap * Math.max(Math.abs(low), Math.abs(high)) +
      2 ** -149;
    expect(Math.abs(mean - (high / 2 - low / 2) / 2)).toBeLessThan(allowed);
  });

  test("uniform ones in an interval of four numbers are each of them equally often", () => {
    const end = dtype === "float32" ? 2 ** 24 : 2 ** 53;
    const draws = numbers(uniform(key, [n], { low: end - 4, high: end, dtype }) as Tensor);
    for (const x of [end - 4, end - 3, end - 2, end - 1]) {
      const share = draws.filter((each) => each === x).length / n;
      // Five standard errors of a share of a quarter.
      expect(Math.abs(share - 1 / 4), `${x}`).toBeLessThan(5 * Math.sqrt(3 / 16 / n));
    }
  });

  test("uniform ones in an interval of no length are its one number", () => {
    expect(numbers(uniform(key, [3], { low: 0.5, high: 0.5, dtype }) as Tensor)).toEqual([0.5, 0.5, 0.5]);
  });

  test("normal ones are normally distributed", () => {
    const draws = numbers(normal(key, [n], { dtype }) as Tensor);
    const Phi = (x: number) => 0.5 * (1 + functionOf(erf as never).value(x / Math.SQRT2));
    expect(kolmogorov(draws, Phi)).toBeLessThan(critical);
    // Five standard errors: the variances of x, x², x³, x⁴ are 1, 2, 15, 96.
    [0, 1, 0, 3].forEach((expected, k) => {
      expect(Math.abs(moment(draws, k + 1) - expected)).toBeLessThan(5 * Math.sqrt([1, 2, 15, 96][k]! / n));
    });
    const moved = numbers(normal(key, [4], { mean: 10, deviation: 2, dtype }) as Tensor);
    moved.forEach((x, i) => {
      // Two operations in the type.
      expect(Math.abs(x - (10 + 2 * draws[i]!))).toBeLessThanOrEqual(
        dtype === "float32" ? 2 ** -19 : 2 ** -48,
      );
    });
  });

  test("neighbours are not correlated", () => {
    const draws = numbers(normal(key, [n], { dtype }) as Tensor);
    for (const lag of [1, 2, 3, 64]) {
      const products = draws.slice(lag).map((x, i) => x * draws[i]!);
      expect(Math.abs(moment(products, 1))).toBeLessThan(5 / Math.sqrt(n - lag));
    }
  });
});

test("bernoulli is true as often as asked, always at 1 and never at 0", () => {
  const key = randomKey(5);
  for (const probability of [0.5, 0.1]) {
    const share = moment(numbers(bernoulli(key, [n], { probability }) as Tensor), 1);
    expect(Math.abs(share - probability)).toBeLessThan(5 * Math.sqrt((probability * (1 - probability)) / n));
  }
  expect(numbers(bernoulli(key, [50], { probability: 1 }) as Tensor).every((x) => x === 1)).toBe(true);
  expect(numbers(bernoulli(key, [50], { probability: 0 }) as Tensor).every((x) => x === 0)).toBe(true);
  expect(bernoulli(key, [2]).dtype).toBe("bool");
});

test("a permutation holds every number once, and each place gets each number as often", () => {
  fc.assert(
    fc.property(fc.integer(), fc.nat({ max: 40 }), (seed, size) => {
      const drawn = numbers(permutation(randomKey(seed), size) as Tensor);
      expect([...drawn].sort((a, b) => a - b)).toEqual(Array.from({ length: size }, (_, i) => i));
    }),
    trials(50),
  );
  // 6000 permutations of 4: each of 16 pairs of place and number is expected 1500 times; five standard errors.
  const seen = new Array<number>(16).fill(0);
  for (const key of splitKey(randomKey(1), 6000))
    for (const [i, x] of numbers(permutation(key, 4) as Tensor).entries()) seen[4 * i + x]!++;
  for (const times of seen) expect(Math.abs(times - 1500)).toBeLessThan(5 * Math.sqrt(6000 * 0.25 * 0.75));
});

describe("keys", () => {
  const draw = (key: Key) => numbers(uniform(key, [8], { dtype: "float64" }) as Tensor);

  test("of equal seeds give equal draws, of different seeds different ones", () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.maxSafeInteger(), (a, b) => {
        expect(draw(randomKey(a))).toEqual(draw(randomKey(a)));
        if (a !== b) expect(draw(randomKey(a))).not.toEqual(draw(randomKey(b)));
      }),
      trials(50),
    );
    expect(() => randomKey(0.5)).toThrow(/seed 0\.5 is not a whole number/);
  });

  test("split into keys that differ from each other and from their parent, in every draw", () => {
    const parent = randomKey(7);
    const children = [parent, ...splitKey(parent, 50), ...splitKey(splitKey(parent)[0]!, 50)];
    const draws = children.flatMap(draw);
    expect(new Set(draws).size).toBe(draws.length);
  });

  test("of a different number of splits are the same one by one, so that one more changes none", () => {
    const [few, many] = [2, 5].map((k) => splitKey(randomKey(9), k).map((key) => numbers(key as Tensor)));
    expect(many!.slice(0, 2)).toEqual(few);
  });

  test("give draws that depend on nothing but key and place: a longer draw begins like a shorter one", () => {
    const key = randomKey(3);
    const long = numbers(normal(key, [100]) as Tensor);
    expect(numbers(normal(key, [4, 5]) as Tensor)).toEqual(long.slice(0, 20));
    expect(normal(key, [0]).size).toBe(0);
  });

  test("draw from no interval that their type does not reach", () => {
    const key = randomKey(1);
    expect(() => uniform(key, [2], { low: 2 ** 24 + 0.2, high: 2 ** 24 + 0.8 })).toThrow(
      /no float32 number lies in \[16777216.2, 16777216.8\).*float64/,
    );
    expect(() => uniform(key, [2], { low: 0, high: 1e39 })).toThrow(/float32 ends.*float64/);
    expect(() => uniform(key, [2], { low: -1e39, high: 0 })).toThrow(/float32 ends.*float64/);
  });

  test("must be keys", () => {
    expect(() => uniform(tensor([1, 2]) as never, [2])).toThrow(/randomKey\(seed\)/);
  });
});
