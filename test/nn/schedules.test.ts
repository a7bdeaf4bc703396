// Schedules against their definitions in plain numbers, and against PyTorch's.

import { readFileSync } from "node:fs";
import { compile, type Tensor, tensor, variable } from "@adjoint/autograd";
import * as nn from "@adjoint/nn";
import { describe, expect, test } from "vitest";
import { rates, reported } from "./data/schedules.ts";

interface Entry {
  readonly of: keyof typeof nn;
  readonly make: () => nn.Schedule;
  readonly plain: (t: number) => number;
  readonly torch?: keyof typeof rates;
}

const { PI, cos, floor, min } = Math;
const cosine = (from: number, to: number, share: number) => to + ((from - to) * (1 + cos(PI * share))) / 2;

const table: Readonly<Record<string, Entry>> = {
  stepDecay: {
    of: "stepDecay",
    make: () => nn.stepDecay(0.5, { every: 5, factor: 0.3 }),
    plain: (t) => 0.5 * 0.3 ** floor(t / 5),
    torch: "stepDecay",
  },
  exponentialDecay: {
    of: "exponentialDecay",
    make: () => nn.exponentialDecay(0.5, { factor: 0.9 }),
    plain: (t) => 0.5 * 0.9 ** t,
    torch: "exponentialDecay",
  },
  "exponentialDecay over several steps": {
    of: "exponentialDecay",
    make: () => nn.exponentialDecay(0.5, { factor: 0.5, every: 4 }),
    plain: (t) => 0.5 * 0.5 ** (t / 4),
  },
  cosineDecay: {
    of: "cosineDecay",
    make: () => nn.cosineDecay(0.5, { steps: 24, last: 0.05 }),
    plain: (t) => cosine(0.5, 0.05, min(t, 24) / 24),
    torch: "cosineDecay",
  },
  "cosineDecay with restarts": {
    of: "cosineDecay",
    make: () => nn.cosineDecay(0.5, { steps: 7, last: 0.05, restarts: true }),
    plain: (t) => cosine(0.5, 0.05, (t % 7) / 7),
    torch: "cosineDecay restarts",
  },
  warmUp: {
    of: "warmUp",
    make: () => nn.warmUp(0.5, { steps: 6, first: 0.05 }),
    plain: (t) => 0.05 + (0.45 * min(t, 6)) / 6,
    torch: "warmUp",
  },
  oneCycle: {
    of: "oneCycle",
    make: () => nn.oneCycle(0.5, { steps: 25 }),
    plain: (t) => (t <= 6.5 ? cosine(0.02, 0.5, t / 6.5) : cosine(0.5, 2e-6, (min(t, 24) - 6.5) / 17.5)),
    torch: "oneCycle",
  },
  joined: {
    of: "joined",
    make: () =>
      nn.joined([
        { from: 0, rate: nn.warmUp(0.5, { steps: 4, first: 0.1 }) },
        { from: 4, rate: nn.exponentialDecay(0.5, { factor: 0.8 }) },
      ]),
    plain: (t) => (t < 4 ? 0.1 + (0.4 * t) / 4 : 0.5 * 0.8 ** (t - 4)),
    torch: "joined",
  },
  "joined numbers": {
    of: "joined",
    make: () =>
      nn.joined([
        { from: 0, rate: 0.5 },
        { from: 3, rate: 0.05 },
        { from: 9, rate: 0.005 },
      ]),
    plain: (t) => (t < 3 ? 0.5 : t < 9 ? 0.05 : 0.005),
    torch: "joined numbers",
  },
};
const entries = Object.entries(table);

// Some ten roundings of numbers of at most 1, with an exponent of up to 24 logarithms.
const bound = 50 * 2 ** -53;
const atStep = (t: number) => tensor(t, { dtype: "float64" });

describe.each<[string, (f: nn.Schedule) => (step: Tensor<[]>) => Tensor]>([
  ["eagerly", (f) => f],
  ["compiled", (f) => compile(f)],
])("%s,", (_way, around) => {
  test.each(entries)("%s is its definition, also long after its end, and PyTorch's rates", (_name, entry) => {
    const schedule = around(entry.make());
    for (const t of [...Array.from({ length: 30 }, (_, i) => i), 1000]) {
      const found = schedule(atStep(t)).item();
      expect(Math.abs(found - entry.plain(t))).toBeLessThan(bound);
      const wanted = entry.torch === undefined ? undefined : rates[entry.torch][t];
      if (wanted !== undefined) expect(Math.abs(found - wanted)).toBeLessThan(bound);
    }
  });
});

test("every schedule that is exported is in the table", () => {
  const index = readFileSync(new URL("../../packages/nn/src/index.ts", import.meta.url), "utf8");
  const exported = [...index.matchAll(/export \{([^}]*)\} from "\.\/schedules\//g)].flatMap(([, names]) =>
    names!
      .split(",")
      .map((name) => name.trim())
      .filter((name) => name !== "" && !name.startsWith("type ")),
  );
  const attacked = new Set(entries.map(([, { of }]) => of as string));
  expect(exported.length).toBeGreaterThan(5);
  expect(exported.filter((name) => !attacked.has(name))).toEqual(["reduceOnPlateau"]);
});

describe("in an optimizer, a schedule", () => {
  test("gives the rate of each step, from step 0 on, which learningRate shows", () => {
    const w = variable(tensor([0], { dtype: "float64" }));
    const optimizer = nn.sgd({ learningRate: nn.warmUp(1, { steps: 4 }) });
    expect(optimizer.learningRate.item()).toBe(0);
    const moves = Array.from({ length: 6 }, () => {
      const before = w.data[0]!;
      optimizer.minimize(() => w.sum(), [w]);
      expect(before - w.data[0]!).toBe(optimizer.learningRate.item());
      return before - w.data[0]!;
    });
    expect(moves).toEqual([0, 0.25, 0.5, 0.75, 1, 1]);
  });

  test("of one's own must give a single number", () => {
    const learningRate = ((step: Tensor) => step.expandDims(0)) as nn.Schedule;
    expect(() => nn.sgd({ learningRate })).toThrow(
      "sgd: the schedule returned shape [1] and must return a single number",
    );
    expect(() => nn.sgd({ learningRate: (() => 0.1) as never })).toThrow(
      "sgd: what the schedule returned is a number and must be a tensor; compute it from the step",
    );
  });
});

describe("reduceOnPlateau", () => {
  test.each<[string, nn.PlateauOptions, keyof typeof rates]>([
    ["with patience", { factor: 0.5, patience: 2 }, "reduceOnPlateau"],
    [
      "with a cooldown and a least rate",
      { factor: 0.5, patience: 1, cooldown: 2, least: 0.05, threshold: 0.01 },
      "reduceOnPlateau cooldown",
    ],
  ])("%s follows PyTorch's, told eagerly and in a compiled function", (_name, options, wanted) => {
    for (const around of [(f: (loss: Tensor) => void) => f, (f: (loss: Tensor) => void) => compile(f)]) {
      const schedule = nn.reduceOnPlateau(0.5, options);
      const tell = around((loss) => schedule.report(loss));
      const found = reported.map((loss) => {
        tell(atStep(loss));
        return schedule(atStep(0)).item();
      });
      const { factor = 0.1, patience = 10, threshold = 1e-4, cooldown = 0, least = 0 } = options;
      let [rate, best, waited, cooling] = [0.5, Infinity, 0, 0];
      const plain = reported.map((loss) => {
        waited = loss < best * (1 - threshold) || cooling > 0 ? 0 : waited + 1;
        best = loss < best * (1 - threshold) ? loss : best;
        cooling = Math.max(cooling - 1, 0);
        if (waited > patience) [rate, waited, cooling] = [Math.max(rate * factor, least), 0, cooldown];
        return rate;
      });
      expect(found).toEqual(plain);
      found.forEach((rate, i) => {
        expect(Math.abs(rate - rates[wanted][i]!)).toBeLessThan(bound);
      });
    }
  });

  test("is a learning rate whose state is saved with the optimizer", () => {
    const rate = nn.reduceOnPlateau(1, { factor: 0.5, patience: 0 });
    const optimizer = nn.sgd({ learningRate: rate });
    expect(Object.keys(nn.variables(optimizer))).toEqual([
      "learningRate",
      "steps",
      "schedule.rate",
      "schedule.best",
      "schedule.waited",
      "schedule.cooling",
    ]);
    const w = variable(tensor([8], { dtype: "float64" }));
    const step = compile(() => rate.report(optimizer.minimize(() => w.sum(), [w])));
    for (const wanted of [7, 6]) {
      step();
      expect(w.toArray()).toEqual([wanted]);
    }
    for (let i = 0; i < 2; i++) rate.report(100);
    step();
    expect(w.toArray()).toEqual([5.75]);
  });

  test("a loss that is NaN is no progress", () => {
    const rate = nn.reduceOnPlateau(1, { factor: 0.5, patience: 0 });
    rate.report(NaN);
    expect([rate.rate.item(), rate.best.item()]).toEqual([0.5, Infinity]);
  });
});
