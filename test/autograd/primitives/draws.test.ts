// The distributions that are made of evenly spread draws, and choices: against the numbers their words say, the distributions
// they claim, and one key at a time.

import {
  categorical,
  choice,
  compile,
  exponential,
  gumbel,
  type Key,
  randomInteger,
  randomKey,
  shuffle,
  splitKey,
  stack,
  type Tensor,
  tensor,
  truncatedNormal,
  uniform,
  vmap,
} from "@adjoint/autograd";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { erfc } from "../../../packages/autograd/src/expression/atoms/index.ts";
import {
  normalQuantile,
  probabilityBelow,
} from "../../../packages/autograd/src/primitives/normal-quantile.ts";
import { naturalLog } from "../../../packages/autograd/src/primitives/portable-log.ts";
import { critical, kolmogorov, misfit, moment } from "../../support/distributions.ts";
import { trials } from "../../support/runs.ts";
import { numbers, tensorOf, vector } from "../../support/tensors.ts";
import { threefryByTheBook } from "./threefry.ts";

const key = randomKey(trials(1).seed);
const n = 20_000;

describe("the portable logarithm", () => {
  test("is the natural one within two units in the last place, and its limits", () => {
    fc.assert(
      fc.property(fc.double({ min: 2 ** -1074, max: Number.MAX_VALUE, noNaN: true }), (x) => {
        const y = Math.log(x);
        // Near 1, where the logarithm is small, (m − 1) is exact and so is the size that the error is measured by.
        expect(Math.abs(naturalLog(x) - y)).toBeLessThanOrEqual(2 * 2 ** -52 * Math.abs(y));
      }),
      trials(300),
    );
    expect([0, -0, 1, Infinity, -1, NaN].map(naturalLog)).toEqual([
      -Infinity,
      -Infinity,
      0,
      Infinity,
      NaN,
      NaN,
    ]);
  });
});

describe("the probability below a number", () => {
  test("is the normal distribution function, far into the tail", () => {
    // Φ(−x) by mpmath's ncdf with 30 digits.
    for (const [x, p] of [
      [0.1, 0.46017216272297101853],
      [1, 0.15865525393145705141],
      [1.96, 0.024997895148220434137],
      [5, 2.8665157187919391167e-7],
      [8, 6.2209605742717841235e-16],
      [20, 2.7536241186062336951e-89],
      [37, 5.7255712225245768227e-300],
    ] as const) {
      // The quantile is right within 10⁻¹⁶ of itself, and Φ grows by a factor of 1 + x·dx there.
      expect(Math.abs(probabilityBelow(-x) / p - 1)).toBeLessThanOrEqual((2 + x * x) * 4e-16);
      expect(Math.abs(probabilityBelow(x) - (1 - p))).toBeLessThanOrEqual(2 ** -52);
    }
    expect([-Infinity, 0, Infinity].map(probabilityBelow)).toEqual([0, 0.5, 1]);
  });

  test("is where the quantile passes it", () => {
    fc.assert(
      fc.property(fc.double({ min: -30, max: 0, noNaN: true }), (x) => {
        expect(normalQuantile(probabilityBelow(x))).toBeLessThanOrEqual(x);
      }),
      trials(50),
    );
  });
});

test("draws are made of the words of their place, bit for bit", () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (seed) => {
      const own = randomKey(seed);
      const fractions = (by: Key) =>
        [0, 1, 2].map((i) => {
          const [high, low] = threefryByTheBook([by.data[0]!, by.data[1]!], [i, 0]) as [number, number];
          return ((high >>> 5) * 2 ** 26 + (low >>> 6)) * 2 ** -53;
        });
      const middles = fractions(own).map((u) => (Math.floor(u * 2 ** 52) + 0.5) * 2 ** -52);
      const waiting = middles.map((v) => -naturalLog(v));
      expect(numbers(exponential(own, [3], { dtype: "float64" }))).toEqual(waiting);
      expect(numbers(exponential(own, [3]))).toEqual(waiting.map(Math.fround));
      expect(numbers(gumbel(own, [3], { dtype: "float64" }))).toEqual(waiting.map((e) => -naturalLog(e)));
      const whole = fractions(own).map((u) => Math.floor((u * 2 ** 53) / Math.floor(2 ** 53 / 7)) - 2);
      expect(numbers(randomInteger(own, [3], { low: -2, high: 5 }))).toEqual(whole);
    }),
    trials(30),
  );
});

test("a whole number that falls into what is left over is drawn once more", () => {
  const [low, span] = [-(2 ** 31), 4294963201];
  const own = randomKey(19292);
  const drawnBy = (by: Key) => {
    const [high, rest] = threefryByTheBook([by.data[0]!, by.data[1]!], [1, 0]) as [number, number];
    return Math.floor(((high >>> 5) * 2 ** 26 + (rest >>> 6)) / Math.floor(2 ** 53 / span));
  };
  // Found by a search: one draw in two million is left over.
  expect(drawnBy(own)).toBeGreaterThanOrEqual(span);
  const again = drawnBy(splitKey(own, 1)[0]);
  const draw = (by: Key) => randomInteger(by, [2], { low, high: low + span });
  for (const run of [draw, compile(draw)]) expect(numbers(run(own))[1]).toBe(low + again);
});

describe.each(["float32", "float64"] as const)("draws in %s", (dtype) => {
  const Phi = (x: number) => 0.5 * erfc.value(-x / Math.SQRT2);

  test("exponential ones wait once in a unit of time", () => {
    const draws = numbers(exponential(key, [n], { dtype }) as Tensor);
    expect(draws.every((x) => x > 0 && x < 37)).toBe(true);
    expect(kolmogorov(draws, (x) => -Math.expm1(-x))).toBeLessThan(critical);
    // Five standard errors (a chance of 6·10⁻⁷): the variances of x and x² are 1 and 20.
    expect(Math.abs(moment(draws, 1) - 1)).toBeLessThan(5 / Math.sqrt(n));
    expect(Math.abs(moment(draws, 2) - 2)).toBeLessThan(5 * Math.sqrt(20 / n));
  });

  test("gumbel ones are distributed as the largest of many", () => {
    const draws = numbers(gumbel(key, [n], { dtype }) as Tensor);
    expect(kolmogorov(draws, (x) => Math.exp(-Math.exp(-x)))).toBeLessThan(critical);
    // Euler's constant, and the standard error of draws with variance π²/6.
    expect(Math.abs(moment(draws, 1) - 0.5772156649015329)).toBeLessThan(5 * Math.sqrt(Math.PI ** 2 / 6 / n));
  });

  test.each([
    [-2, 2],
    [-Infinity, 0.5],
    [-0.3, Infinity],
    [1, 1.1],
    [6, Infinity],
    [9, 12],
    [-30, -29],
  ])("normal ones from %d to %d are a part of the normal distribution", (lower, upper) => {
    const draws = numbers(truncatedNormal(key, [n], { lower, upper, dtype }) as Tensor);
    expect(draws.filter((x) => !(x >= lower && x <= upper))).toEqual([]);
    // Of the smaller of both tails, in which nothing cancels.
    const [from, to] = lower > 0 ? [-upper, -lower] : [lower, upper];
    const share = (x: number) => (Phi(x) - Phi(from)) / (Phi(to) - Phi(from));
    expect(kolmogorov(draws, (x) => (lower > 0 ? 1 - share(-x) : share(x)))).toBeLessThan(critical);
  });
});

test("bounds that are no float32 hold for float32 draws, too", () => {
  // Some ten float32 numbers lie there, and those next to it are nearer to 0.1 than to the last of them.
  const draws = numbers(truncatedNormal(key, [2000], { lower: 0.09999991, upper: 0.1 }) as Tensor);
  expect(draws.filter((x) => !(x >= 0.09999991 && x <= 0.1))).toEqual([]);
  expect(Math.fround(0.1)).toBeGreaterThan(0.1);
});

test.each([
  [0, 6],
  [-3, 4],
  [-(2 ** 31), 2 ** 31],
  [2 ** 30, 2 ** 31],
  [-5, 3 * 2 ** 29],
])("whole numbers from %d to below %d come equally often", (low, high) => {
  const draws = numbers(randomInteger(key, [n], { low, high }) as Tensor);
  expect(draws.filter((x) => !(Number.isInteger(x) && x >= low && x < high))).toEqual([]);
  // Numbers by themselves, or, where there are many, in seven ranges of nearly the same size.
  const kinds = Math.min(7, high - low);
  const counts = new Array<number>(kinds).fill(0);
  for (const x of draws) counts[Math.floor(((x - low) / (high - low)) * kinds)]!++;
  expect(misfit(counts, new Array<number>(kinds).fill(1 / kinds))).toBeLessThan(1);
  if (high - low > 1000) {
    // The last digits, too.
    const last = new Array<number>(4).fill(0);
    for (const x of draws) last[x & 3]!++;
    expect(misfit(last, [0.25, 0.25, 0.25, 0.25])).toBeLessThan(1);
  }
});

/** How often each number below `kinds` occurs. */
function countsOf(draws: readonly number[], kinds: number): number[] {
  const counts = new Array<number>(kinds).fill(0);
  for (const x of draws) counts[x]!++;
  return counts;
}

describe("categorical", () => {
  test("chooses by the exponentials of logits, and never where one is −∞", () => {
    const logits = [0.3, -1, -Infinity, 1.2, -3];
    const weights = logits.map(Math.exp);
    const total = weights.reduce((a, b) => a + b, 0);
    for (const dtype of ["float32", "float64"] as const) {
      const of = tensorOf(logits, [5], dtype);
      const draws = numbers(categorical(key, of, { shape: [n] }) as Tensor);
      expect(
        misfit(
          countsOf(draws, 5),
          weights.map((w) => w / total),
        ),
      ).toBeLessThan(1);
    }
    // Far from 0 the differences count.
    const far = numbers(categorical(key, vector(1e8, 1e8 + 1), { shape: [n] }) as Tensor);
    expect(misfit(countsOf(far, 2), [1 / (1 + Math.E), Math.E / (1 + Math.E)])).toBeLessThan(1);
  });

  test("draws for each row along any axis, each independent of the others", () => {
    const certain = [
      [0, -Infinity, -Infinity],
      [-Infinity, -Infinity, 5],
    ];
    const rows = tensor(certain);
    expect(categorical(key, rows).toArray()).toEqual([0, 2]);
    expect(categorical(key, rows.transpose(), { axis: 0 }).toArray()).toEqual([0, 2]);
    expect(categorical(key, rows, { shape: [3, 2] }).toArray()).toEqual([
      [0, 2],
      [0, 2],
      [0, 2],
    ]);
    const pairs = numbers(categorical(key, tensor([[0, 0]]).broadcastTo([2 * n, 2])) as Tensor);
    const joint = new Array<number>(4).fill(0);
    for (let i = 0; i < n; i++) joint[2 * pairs[2 * i]! + pairs[2 * i + 1]!]!++;
    expect(misfit(joint, [0.25, 0.25, 0.25, 0.25])).toBeLessThan(1);
  });
});

describe("choice", () => {
  test("with replacement takes each as often as p says, and equally often where there is none", () => {
    const evenly = numbers(choice(key, 5, { shape: [n] }) as Tensor);
    expect(misfit(countsOf(evenly, 5), new Array<number>(5).fill(0.2))).toBeLessThan(1);
    // Weights need not add up to 1, and may be as large or as small as floats are.
    for (const unit of [1, 1e307, 1e-322]) {
      const draws = numbers(choice(key, 4, { shape: [n], p: [2 * unit, 0, 5 * unit, 3 * unit] }) as Tensor);
      const units = [2 * unit, 0, 5 * unit, 3 * unit].map((w) => w / unit / 10);
      const total = units.reduce((a, b) => a + b, 0);
      expect(
        misfit(
          countsOf(draws, 4),
          units.map((w) => w / total),
        ),
      ).toBeLessThan(1);
    }
  });

  test("with replacement takes the next where a draw falls on the end of one, which may be of no width", () => {
    const found = Array.from({ length: 40 }, (_, seed) => randomKey(seed)).filter((own) => {
      const u = uniform(own, [], { dtype: "float64" }).item();
      const first = u / (1 - u);
      if (first > 1 || u * (first + 1) !== first) return false;
      expect(choice(own, 2, { p: [first, 1] }).item()).toBe(1);
      return true;
    });
    expect(found.length).toBeGreaterThan(0);
  });

  test("without replacement draws from those that are left", () => {
    const p = [0.5, 0.3, 0.2];
    const times = 4000;
    const keys = stack(splitKey(key, times as number)) as Tensor;
    const kinds = [0, 1, 2].flatMap((i) => [0, 1, 2].map((j) => [i, j] as const));
    const codes = (draw: (own: Tensor) => Tensor) => {
      const pairs = numbers(vmap(draw)(keys));
      return countsOf(
        Array.from({ length: times }, (_, i) => 3 * pairs[2 * i]! + pairs[2 * i + 1]!),
        9,
      );
    };
    const weighted = codes((own) => choice(own as Key, 3, { shape: [2], replace: false, p }) as Tensor);
    expect(
      misfit(
        weighted,
        kinds.map(([i, j]) => (i === j ? 0 : (p[i]! * p[j]!) / (1 - p[i]!))),
      ),
    ).toBeLessThan(1);
    const evenly = codes((own) => choice(own as Key, 3, { shape: [2], replace: false }) as Tensor);
    expect(
      misfit(
        evenly,
        kinds.map(([i, j]) => (i === j ? 0 : 1 / 6)),
      ),
    ).toBeLessThan(1);
  });

  test("of values gives slices, all of them where as many are asked for as there are", () => {
    const rows = tensor([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    const all = choice(key, rows, { shape: [3], replace: false });
    expect(all.shape).toEqual([3, 2]);
    expect(numbers(all as Tensor).sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(choice(key, rows, { p: [0, 0, 1] }).toArray()).toEqual([5, 6]);
    expect(choice(key, 0, { shape: [0] }).shape).toEqual([0]);
  });
});

test("shuffled slices keep together, in an order of which each is equally likely", () => {
  const x = tensor([
    [1, 2, 3],
    [10, 20, 30],
  ]);
  const shuffled = shuffle(key, x, { axis: 1 }).toArray() as number[][];
  expect(shuffled[1]).toEqual(shuffled[0]!.map((value) => 10 * value));
  const times = 3000;
  const keys = stack(splitKey(key, times as number)) as Tensor;
  const orders = numbers(vmap((own: Tensor) => shuffle(own as Key, tensor([0, 1, 2])) as Tensor)(keys));
  const codes = Array.from({ length: times }, (_, i) => 3 * orders[3 * i]! + orders[3 * i + 1]!);
  const sixths = [0, 1, 2].flatMap((i) => [0, 1, 2].map((j) => (i === j ? 0 : 1 / 6)));
  expect(misfit(countsOf(codes, 9), sixths)).toBeLessThan(1);
});

test("a key for each part gives each the draws of its own key", () => {
  const keys = splitKey(key, 3);
  const logits = vector(0, 1, 2);
  const draws: readonly ((own: Key) => Tensor)[] = [
    (own) => exponential(own, [4]) as Tensor,
    (own) => gumbel(own, [4]) as Tensor,
    (own) => truncatedNormal(own, [4]) as Tensor,
    (own) => randomInteger(own, [4], { high: 100 }) as Tensor,
    (own) => categorical(own, logits, { shape: [4] }) as Tensor,
    (own) => choice(own, 9, { shape: [4], replace: false }) as Tensor,
    (own) => choice(own, 3, { shape: [4], p: [1, 2, 3] }) as Tensor,
    (own) => choice(own, logits, { shape: [2], replace: false, p: [1, 2, 3] }) as Tensor,
    (own) => shuffle(own, logits) as Tensor,
  ];
  for (const draw of draws)
    expect(vmap((own: Tensor) => draw(own as Key))(stack(keys) as Tensor).toArray()).toEqual(
      keys.map((own) => draw(own).toArray()),
    );
});

describe("refused is", () => {
  const told: readonly (readonly [string, () => unknown, string])[] = [
    [
      "what is no key",
      () => exponential(tensor([1, 2]) as never, [2]),
      "exponential: the key is float32 [2]",
    ],
    [
      "draws that are whole",
      () => gumbel(key, [2], { dtype: "int32" }),
      "gumbel: int32 can't hold fractions",
    ],
    [
      "half an end",
      () => randomInteger(key, [2], { high: 1.5 }),
      "randomInteger: low 0 and high 1.5 must be whole",
    ],
    ["no numbers", () => randomInteger(key, [2], { low: 3, high: 3 }), "low below high"],
    ["more than int32 holds", () => randomInteger(key, [2], { high: 2 ** 31 + 1 }), "from −2³¹ to 2³¹"],
    [
      "bounds that are one",
      () => truncatedNormal(key, [1], { lower: 1, upper: 1 }),
      "lower 1 must be less than upper 1",
    ],
    [
      "bounds beyond all numbers",
      () => truncatedNormal(key, [1], { lower: 50 }),
      "truncatedNormal: lower 50 must",
    ],
    [
      "bounds where nothing is",
      () => truncatedNormal(key, [1], { lower: 50, upper: 51 }),
      "lies nothing of the normal",
    ],
    [
      "bounds between float32 numbers",
      () => truncatedNormal(key, [1], { lower: 1 + 2 ** -30, upper: 1 + 2 ** -29 }),
      "no float32 number lies",
    ],
    [
      "no finite logit",
      () => categorical(key, vector(-Infinity, -Infinity)),
      "categorical: the largest logit is -Infinity",
    ],
    ["no category", () => categorical(key, tensor([])), "categorical: [0] has no categories along axis 0"],
    [
      "a shape that logits don't broadcast to",
      () => categorical(key, tensor([[1], [2]]), { shape: [3] }),
      "categorical: ",
    ],
    [
      "a shape with too few axes",
      () => categorical(key, tensor([[1], [2]]), { shape: [] }),
      "must broadcast to it",
    ],
    [
      "more than there are",
      () => choice(key, 2, { shape: [3], replace: false }),
      "choice: 3 of 2 without replacement",
    ],
    ["a choice of nothing", () => choice(key, 0), "choice: 1 of 0: there are too few"],
    ["p for others", () => choice(key, 2, { p: [1] }), "choice: p [1] for 2 to choose from"],
    ["a negative p", () => choice(key, 2, { p: [1, -1] }), "choice: p has -1"],
    ["p of zeros", () => choice(key, 2, { p: [0, 0] }), "choice: only 0 of 2 p are above 0"],
    [
      "too few above 0",
      () => choice(key, 2, { p: [0, 1], replace: false, shape: [2] }),
      "choice: only 1 of 2 p are above 0, and 2 are to be chosen",
    ],
    ["an axis that is not there", () => shuffle(key, tensor([1]), { axis: 1 }), "shuffle: axis 1"],
  ];
  test.each(told)("%s", (_, run, message) => {
    expect(run).toThrow(message);
  });

  test("by programs, before anything changes, too", () => {
    const f = compile((p: Tensor) => choice(key, 2, { p, replace: false, shape: [2] }) as Tensor);
    expect(() => f(vector(0, 1))).toThrow("choice: only 1 of 2 p are above 0");
    expect(() => f(vector(NaN, 1))).toThrow("choice: p has NaN");
    expect(numbers(f(vector(1, 1))).toSorted((a, b) => a - b)).toEqual([0, 1]);
  });
});
