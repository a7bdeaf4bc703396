// # Hyperparameter search: grid, random, successive halving
//
// A network's learning rate, its width and its weight decay are not learned, but chosen. Three ways to choose are given the same
// budget of training. A grid tries a few values of each, in all combinations. Random search draws settings, so that every
// trial tests another value of what matters (Bergstra & Bengio, 2012). Successive halving gives many settings a little
// training and goes on with the best third (Jamieson & Talwalkar, 2016). Which finds the lowest validation loss, and how soon?

import { type Key, splitKey, type Tensor } from "@adjoint/autograd";
import {
  adamw,
  crossEntropy,
  dense,
  fit,
  flatten,
  gridSearch,
  heUniform,
  keys,
  randomSearch,
  relu,
  sequential,
  successiveHalving,
  type Trial,
  type TrialContext,
} from "@adjoint/nn";
import { chart, fast, finding, progress, seed, show, table } from "@adjoint/notebook";
import { divide, loadDigits, samplesOf, select, side } from "./data/mnist.ts";
import { deviation, mean } from "./data/statistics.ts";

const first = seed(1);
const seeds = fast ? 1 : 4;

// %% The problem
// 600 handwritten digits to train on and 1,000 to choose by, in images of 7×7 pixels, so that a training takes a moment. The
// budget of a trial is its number of epochs.

const { training, heldOut } = divide(loadDigits(), fast ? 300 : 1000, keys(0)());
const few = select(
  training,
  Int32Array.from({ length: fast ? 200 : 600 }, (_, i) => i),
);
const small = ({ x, y }: { x: Tensor; y: Tensor }) => ({
  x: x.reshape([-1, side / 4, 4, side / 4, 4]).mean({ axis: [2, 4] }),
  y,
});
const [own, others] = [small(samplesOf(few)), small(samplesOf(heldOut))];

/** The validation loss after so many epochs. */
async function lossOf(
  { learningRate, width, weightDecay }: Chosen,
  epochs: number,
  key: Key,
): Promise<number> {
  const [first, second, third] = splitKey(key, 3);
  const model = sequential(
    flatten(),
    dense((side / 4) ** 2, width, { initializer: heUniform, key: first }),
    relu,
    dense(width, 10, { key: second }),
  );
  await fit(model, own, {
    loss: crossEntropy,
    optimizer: adamw({ learningRate, weightDecay }),
    epochs,
    batchSize: 50,
    key: third,
  });
  return crossEntropy(model.forward(others.x), others.y).item();
}

// %% The space
// The learning rate and the weight decay matter by their order of magnitude, so they are drawn on a logarithmic scale. The grid
// takes three values of each of the three.

const space = {
  learningRate: { from: 1e-4, to: 0.3, scale: "log", steps: fast ? 2 : 3 },
  width: { from: 8, to: 64, scale: "log", whole: true, steps: fast ? 2 : 3 },
  weightDecay: { from: 1e-4, to: 1, scale: "log", steps: fast ? 1 : 3 },
} as const;
type Chosen = Readonly<Record<keyof typeof space, number>>;

// %% The searches
// 27 trials of 12 epochs each for grid and random search; for successive halving 27 trials of 3 epochs, the best 9 again with
// 9 epochs, 3 with 27 and the last with 81: 324 epochs each. Several seeds: they choose what is drawn, and first weights.

const epochs = fast ? 3 : 12;
const trials = fast ? 4 : 27;
const halving = fast ? { trials, budget: 1, factor: 2 } : { trials, budget: 3, factor: 3 };
const work = progress("searches", 3 * seeds);
const searches = {
  grid: [] as (readonly Trial[])[],
  random: [] as (readonly Trial[])[],
  halving: [] as (readonly Trial[])[],
};
type Search = keyof typeof searches;
const names = Object.keys(searches) as Search[];
for (let i = 0; i < seeds; i++) {
  const seed = 100 * first + i;
  const whole = (settings: Chosen, { key }: TrialContext) => lossOf(settings, epochs, key);
  const partly = (settings: Chosen, { key, budget }: TrialContext) => lossOf(settings, budget!, key);
  searches.grid.push((await gridSearch(whole, space, { seed })).trials);
  searches.random.push((await randomSearch(whole, space, { seed, trials })).trials);
  searches.halving.push((await successiveHalving(partly, space, { seed, ...halving })).trials);
  work.update(3 * (i + 1));
}
work.end();

// %% What was tried
// Every trial of the first seed. A grid of 27 trials has tried three learning rates; random search has tried 27, and halving puts
// most of its budget where the losses are low. (Trials of halving ended at different budgets.)

const at = (trial: Trial, name: keyof typeof space) => Number(trial.settings[name]);
const loss = (trial: Trial) => trial.loss ?? Number.NaN;
const rate = { label: "learning rate", scale: "log" } as const;
const validation = { label: "validation loss", unit: "nat", scale: "log" } as const;
show(
  chart(
    Object.entries(searches).map(
      ([name, [some]]) =>
        ({
          mark: "dots",
          name,
          x: some!.map((trial) => at(trial, "learningRate")),
          y: some!.map(loss),
        }) as const,
    ),
    { title: "Trials by learning rate", x: rate, y: validation },
  ),
);

// %% What matters
// The trials of random search of all seeds. Losses lie along one curve over the learning rate; within it, wide networks lie lower.

const drawn = searches.random.flat();
const widths = [
  { name: "8 to 15 neurons", isOne: (width: number) => width < 16 },
  { name: "16 to 31 neurons", isOne: (width: number) => width >= 16 && width < 32 },
  { name: "32 to 64 neurons", isOne: (width: number) => width >= 32 },
];
show(
  chart(
    widths.map(({ name, isOne }) => {
      const some = drawn.filter((trial) => isOne(at(trial, "width")));
      return {
        mark: "dots",
        name,
        x: some.map((trial) => at(trial, "learningRate")),
        y: some.map(loss),
      } as const;
    }),
    { title: "Trials of random search by width", x: rate, y: validation },
  ),
);

/** Spearman's rank correlation: 1 where one rises with the other, 0 where they have nothing to do with each other. */
function rankCorrelation(xs: readonly number[], ys: readonly number[]): number {
  const ranks = (values: readonly number[]) => {
    const order = values.map((_, i) => i).sort((a, b) => values[a]! - values[b]!);
    return values.map((_, i) => order.indexOf(i) - (values.length - 1) / 2);
  };
  const [a, b] = [ranks(xs), ranks(ys)];
  const dot = (u: readonly number[], v: readonly number[]) =>
    u.reduce((sum, each, i) => sum + each * v[i]!, 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}
const correlation = (of: (trial: Trial) => number) => rankCorrelation(drawn.map(of), drawn.map(loss));
/** How far the learning rate is from a good one, in orders of magnitude. */
const fromGood = (trial: Trial) => Math.abs(Math.log10(at(trial, "learningRate") / 0.02));

// %% What was spent
// The lowest loss found so far against the epochs spent, on average over the seeds. (The grid goes through its learning rates from
// the lowest to the highest, so its curve falls in steps.)

const total = epochs * trials;
const spent = Array.from({ length: 40 }, (_, i) => ((i + 1) * total) / 40);
/** The lowest loss of the trials that had ended after so many epochs. */
function lowest(trials: readonly Trial[], after: number): number {
  let least = Number.NaN;
  let sum = 0;
  for (const trial of trials) {
    sum += trial.budget ?? epochs;
    if (sum > after + 1e-9) break;
    if (!(loss(trial) >= least)) least = loss(trial);
  }
  return least;
}
show(
  chart(
    Object.entries(searches).map(([name, runs]) => {
      const y = spent.map((after) => mean(runs.map((trials) => lowest(trials, after))));
      return { mark: "line", name, x: spent, y } as const;
    }),
    {
      title: `Lowest loss found, mean of ${seeds} seeds`,
      x: { label: "training spent", unit: "epochs" },
      y: { label: "lowest validation loss", unit: "nat", domain: [0.3, 1.5] },
    },
  ),
);

const ends = (name: Search) => searches[name].map((trials) => lowest(trials, Infinity));
const bestRate = (name: Search) =>
  Math.exp(
    mean(
      searches[name].map((trials) =>
        Math.log(
          at(
            trials.reduce((a, b) => (loss(b) < loss(a) ? b : a)),
            "learningRate",
          ),
        ),
      ),
    ),
  );
show(
  table(
    names.map((name) => ({
      search: name,
      "lowest loss": `${mean(ends(name)).toFixed(3)} ± ${deviation(ends(name)).toFixed(3)}`,
      "its learning rate": bestRate(name),
      trials: searches[name][0]!.length,
    })),
    {
      title: "What was found",
      digits: 2,
      note: "± one standard deviation over the seeds; the rate is a geometric mean.",
    },
  ),
);

// %% What was found
// Random search and halving find lower losses than the grid, from the same budget: the best learning rate, some 0.02, lies between
// two values of the grid, whose 18 trials at its first and last rate are lost. Of the three settings, the learning rate decides, width matters a
// little, and weight decay not at all in so short a training. A grid that happened to have a rate of 0.02 would have done as well;
// what random search gains is not to depend on that.
//
// That halving is better than random search was not found: its means are equal here, and it varies more. It reaches a given loss
// no sooner, since its first 81 epochs give trials of 3 epochs only; it would gain where a trial costs much and early losses tell
// much.

finding("lowest loss of the grid", mean(ends("grid")), { expected: 0.525, spread: 0.01, unit: "nat" });
const lower = (name: Search, than: Search) => mean(ends(than)) - mean(ends(name));
finding("how much lower random search ends than the grid", lower("random", "grid"), {
  expected: 0.033,
  spread: 0.025,
  unit: "nat",
});
finding("how much lower halving ends than the grid", lower("halving", "grid"), {
  expected: 0.036,
  spread: 0.03,
  unit: "nat",
});
finding("how much lower halving ends than random search", lower("halving", "random"), {
  expected: 0,
  spread: 0.03,
  unit: "nat",
});
finding("best learning rate by random search", bestRate("random"), { expected: 0.024, spread: 0.015 });
finding("rank correlation of the loss and how far the learning rate is from 0.02", correlation(fromGood), {
  expected: 0.91,
  spread: 0.06,
});
finding(
  "rank correlation of the loss and the width",
  correlation((trial) => at(trial, "width")),
  { expected: -0.28, spread: 0.22 },
);
finding(
  "rank correlation of the loss and the weight decay",
  correlation((trial) => at(trial, "weightDecay")),
  { expected: 0.05, spread: 0.25 },
);
