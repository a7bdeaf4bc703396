// Searches of hyperparameters.

import * as nn from "@adjoint/nn";
import { expect, test } from "vitest";

const space = {
  rate: { from: 1e-4, to: 1e-1, scale: "log" },
  width: [8, 16],
  layers: { from: 1, to: 3, whole: true },
} as const;

/** Lowest at rate 0.01, width 16, 2 layers. */
const loss = ({ rate, width, layers }: nn.Settings<typeof space>) =>
  Math.abs(Math.log10(rate) + 2) + (width === 16 ? 0 : 1) + Math.abs(layers - 2);

test("a grid tries every combination, the last name changing fastest", async () => {
  const { trials, best, table } = await nn.gridSearch(
    loss,
    { ...space, rate: { ...space.rate, steps: 4 } },
    { seed: 0 },
  );
  expect(trials).toHaveLength(4 * 2 * 3);
  expect(trials.slice(0, 4).map(({ settings }) => [settings.width, settings.layers])).toEqual([
    [8, 1],
    [8, 2],
    [8, 3],
    [16, 1],
  ]);
  const rates = [...new Set(trials.map(({ settings }) => settings.rate))];
  expect(rates.map((rate) => Math.round(1e6 * rate))).toEqual([100, 1000, 10_000, 100_000]);
  expect([rates[0], rates[3]]).toEqual([1e-4, 1e-1]);
  expect([best.settings.width, best.settings.layers]).toEqual([16, 2]);
  expect(table.split("\n")).toHaveLength(25);
  expect(table.split("\n")[0]).toMatch(/^ *loss +rate +width +layers$/);
  expect(table.split("\n")[1]).toMatch(/ 0\.01 +16 +2$/);
});

test("whole steps of a grid are each there once", async () => {
  const { trials } = await nn.gridSearch(
    ({ n }) => n,
    { n: { from: 1, to: 2, whole: true, steps: 5 } },
    { seed: 0 },
  );
  expect(trials.map(({ settings }) => settings.n)).toEqual([1, 2]);
});

test("random settings are spread evenly over choices, whole numbers and the logarithm", async () => {
  const { trials } = await nn.randomSearch(loss, space, { seed: 1, trials: 600 });
  const count = (holds: (settings: nn.Settings<typeof space>) => boolean) =>
    trials.filter(({ settings }) => holds(settings)).length;
  // Five standard deviations of a count with chance p: 5·√(600·p·(1 − p)).
  const isLikely = (found: number, p: number) =>
    expect(Math.abs(found - 600 * p)).toBeLessThan(5 * Math.sqrt(600 * p * (1 - p)));
  isLikely(
    count(({ width }) => width === 8),
    1 / 2,
  );
  for (const n of [1, 2, 3])
    isLikely(
      count(({ layers }) => layers === n),
      1 / 3,
    );
  for (const low of [1e-4, 1e-3, 1e-2])
    isLikely(
      count(({ rate }) => rate >= low && rate < 10 * low),
      1 / 3,
    );
  expect(trials.every(({ settings: { rate } }) => rate >= 1e-4 && rate <= 1e-1)).toBe(true);
  isLikely(
    count(({ width, layers }) => width === 8 && layers === 3),
    1 / 6,
  );
});

test("equal seeds try the same, others don't, and more trials begin with the same ones", async () => {
  const settings = async (seed: number, trials: number) =>
    (await nn.randomSearch(loss, space, { seed, trials })).trials.map((each) => each.settings);
  const ten = await settings(3, 10);
  expect(await settings(3, 10)).toEqual(ten);
  expect((await settings(3, 15)).slice(0, 10)).toEqual(ten);
  expect(await settings(4, 10)).not.toEqual(ten);
});

test("a search that is cut short and read back from JSON repeats no trial and ends the same", async () => {
  type State = nn.SearchState<typeof space>;
  const run = (objective: nn.Objective<typeof space>, more: Partial<nn.HalvingOptions<typeof space>> = {}) =>
    nn.successiveHalving(objective, space, { seed: 2, trials: 9, budget: 1, ...more });
  const seen: unknown[] = [];
  const watched: nn.Objective<typeof space> = (settings, { key }) => {
    seen.push([settings, Array.from(key.data)]);
    return { loss: loss(settings), details: { note: "n" } };
  };
  const whole = await run(watched);
  const all = seen.splice(0);
  let saved = "";
  const stopping: nn.Objective<typeof space> = (settings, context) => {
    if (seen.length === 10) throw new Error("power cut");
    return watched(settings, context);
  };
  const onTrial = (state: State) => {
    saved = JSON.stringify(state);
  };
  await expect(run(stopping, { onTrial })).rejects.toThrow("power cut");
  const resume = JSON.parse(saved) as State;
  expect(resume.trials).toHaveLength(10);
  expect(await run(watched, { resume })).toEqual(whole);
  expect(seen).toEqual(all);
  await expect(run(watched, { resume, seed: 5 })).rejects.toThrow(
    /trial 0 of resume is .*same space, seed and options/,
  );
});

test("halving keeps the best third of each round, on three times the budget", async () => {
  const budgets = new Map<number, string[]>();
  const { trials, best } = await nn.successiveHalving(
    (settings, { budget }) => {
      budgets.set(budget!, [...(budgets.get(budget!) ?? []), JSON.stringify(settings)]);
      return loss(settings) / budget!;
    },
    space,
    { seed: 1, trials: 10, budget: 2 },
  );
  const sizes = [...budgets].map(([budget, tried]) => [budget, tried.length]);
  expect(sizes).toEqual([
    [2, 10],
    [6, 3],
    [18, 1],
  ]);
  const first = trials
    .slice(0, 10)
    .toSorted((a, b) => a.loss! - b.loss!)
    .slice(0, 3);
  expect(budgets.get(6)).toEqual(first.map(({ settings }) => JSON.stringify(settings)));
  expect(best.budget).toBe(18);
});

test("losses that are no numbers are worse than any, and what gives none is refused", async () => {
  let turn = 0;
  const values = [Number.NaN, 3, Infinity, 2, Number.NaN];
  const { best, trials, table } = await nn.randomSearch(
    () => values[turn++]!,
    { a: [1] },
    { seed: 0, trials: 5 },
  );
  expect(best.loss).toBe(2);
  expect(trials.map((each) => each.loss)).toEqual([null, 3, null, 2, null]);
  expect(table.split("\n").map((line) => line.trim().split(/ +/)[0])).toEqual([
    "loss",
    "2",
    "3",
    "none",
    "none",
    "none",
  ]);
  await expect(
    nn.randomSearch(() => undefined as unknown as number, { a: [1] }, { seed: 0, trials: 1 }),
  ).rejects.toThrow(/gave no loss/);
});

test.each([
  [{ a: [] }, /a has no choices/],
  [{ a: { from: 2, to: 1 } }, /a goes from 2 to 1/],
  [{ a: { from: 0, to: 1, scale: "log" } }, /a starts at 0.*"log"/],
  [{ a: { from: 0, to: 1.5, whole: true } }, /whole numbers/],
  [{ a: { from: 0, to: 1, scale: "square" } }, /scale "square"/],
  [{ a: { low: 0, to: 1 } }, /no option "low"/],
])("the space %o is refused", async (odd, message) => {
  await expect(nn.randomSearch(() => 0, odd as nn.Space, { seed: 0, trials: 1 })).rejects.toThrow(message);
});
