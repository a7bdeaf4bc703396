// # Sample by sample, in batches, or all at once
//
// “The backpropagation discussed above updates weights for every sample”, says the lecture, and: “It is also doable in batches, for
// saving time, and other benefits, e.g., avoiding overfitting or making the ANN more stable.” A batch's gradient is that of its mean
// loss; once through the data is an epoch.
//
// How does the noise of the gradient depend on the batch size? Which size is fastest, counted in epochs, in steps and in seconds? And do
// they end equally well?

import { choice, concat, gradients, type Key, type Tensor, vmap } from "@adjoint/autograd";
import { fit, keys, linear, mlp, negLogLossWithLogits, sgd, tanh, variables } from "@adjoint/nn";
import {
  type Axis,
  chart,
  fast,
  finding,
  group,
  heatMap,
  progress,
  seed,
  show,
  table,
} from "@adjoint/notebook";
import { twoMoons } from "./data/moons.ts";
import { mean } from "./data/statistics.ts";
import { dots, field } from "./shown/field.ts";

const key = keys(seed(0));

// %% The data
// Two moons with noise, so that they overlap: 512 points to learn from, 2,000 others to judge by.

const training = twoMoons(key(), 512, 0.25);
const test = twoMoons(key(), 2000, 0.25);
const samples = training.x.shape[0]!;
const newModel = (modelKey: Key) =>
  mlp([2, 32, 1], { activation: tanh, outputActivation: linear, key: modelKey });

const points = [0, 1].map((moon) =>
  dots(
    `moon ${moon}`,
    (training.x.toArray() as number[][]).filter((_, i) => training.y.data[i] === moon),
  ),
);
show(chart(points, { title: "The training data", x: "x₁", y: "x₂" }));

// %% The noise of the gradient
// At the first weights of a network each of the 512 samples has a gradient of its own; `vmap` gives them all at once. A batch's
// gradient is the mean of its samples' gradients. If $n$ samples are drawn one by one, each from all $N$, the batch's gradient is off from
// that of all samples by
//
// $$\sqrt{\operatorname{tr} \Sigma / n}$$
//
// in the square mean, where $\Sigma$ is the covariance of the samples' gradients. In an epoch no sample is drawn twice, which takes off
// another factor of $\sqrt{(N - n) / (N - 1)}$: of all samples at once no noise is left.

const observed = newModel(key());
const bySample = vmap((x: Tensor, y: Tensor) =>
  gradients(negLogLossWithLogits(observed.forward(x), y), variables(observed)),
)(training.x, training.y);
const ownGradients = concat(
  Object.values(bySample).map((each) => each.reshape([samples, -1])),
  { axis: 1 },
);
const wholeGradient = ownGradients.mean({ axis: 0 });
const draws = fast ? 20 : 400;

/** The distance of a batch's gradient from that of all samples, in the square mean. */
function noise(size: number, replace: boolean): number {
  const distances = Array.from({ length: draws }, () => {
    const batch = choice(key(), ownGradients, { shape: [size], replace });
    return batch.mean({ axis: 0 }).sub(wholeGradient).square().sum().item();
  });
  return Math.sqrt(distances.reduce((sum, each) => sum + each, 0) / draws);
}

const drawnSizes = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];
const independent = drawnSizes.map((size) => noise(size, true));
const epochs = drawnSizes.map((size) => noise(size, false));
const scatter = Math.sqrt(ownGradients.sub(wholeGradient).square().sum().item() / samples);
show(
  chart(
    [
      { mark: "line", name: "√(tr Σ / n)", x: drawnSizes, y: drawnSizes.map((n) => scatter / Math.sqrt(n)) },
      { mark: "dots", name: "drawn with replacement", x: drawnSizes, y: independent },
      // All at once the noise is 0, up to rounding, which has no place on a logarithmic axis.
      { mark: "dots", name: "without, as in an epoch", x: drawnSizes.slice(0, -1), y: epochs.slice(0, -1) },
    ],
    {
      title: "How far a batch's gradient is off",
      x: { label: "samples in a batch", scale: "log" },
      y: { label: "distance from the whole gradient", scale: "log" },
    },
  ),
);
show(
  table([
    {
      "‖gradient of all samples‖": Math.sqrt(wholeGradient.square().sum().item()),
      "√(tr Σ), a single sample's noise": scatter,
    },
  ]),
);

/** The slope on logarithmic axes by least squares. */
function powerOf(x: readonly number[], y: readonly number[]): number {
  const [u, v] = [x.map(Math.log), y.map(Math.log)];
  const [middle, level] = [mean(u), mean(v)];
  const along = u.reduce((sum, each, i) => sum + (each - middle) * (v[i]! - level), 0);
  return along / u.reduce((sum, each) => sum + (each - middle) ** 2, 0);
}
const noisePower = powerOf(drawnSizes, independent);

// %% Training
// One network of 32 hidden neurons, plain descent, until the mean loss of an epoch is below 0.2 for the first time, or so many
// epochs are over. The clock is the processor's, and runs from the first step on.

const target = 0.2;

async function train(batchSize: number, learningRate: number, epochs: number, ownSeed: number) {
  const own = keys(ownSeed);
  const model = newModel(own());
  const seconds: number[] = [];
  let begin: NodeJS.CpuUsage | undefined;
  const { history } = await fit(model, training, {
    loss: negLogLossWithLogits,
    optimizer: sgd({ learningRate }),
    epochs,
    batchSize,
    key: own(),
    stop: { loss: target },
    callbacks: [
      {
        onStep() {
          begin ??= process.cpuUsage();
        },
        onEpoch() {
          const { user, system } = process.cpuUsage(begin);
          seconds.push((user + system) / 1e6);
        },
      },
    ],
  });
  const losses = history["loss"] as readonly number[];
  return { model, losses, seconds, hasArrived: losses.at(-1)! <= target };
}
type Trained = Awaited<ReturnType<typeof train>>;

// %% Which rate goes with which batch size?
// The steps of a small batch are noisy and there are many of them, so they must be short; those of a large batch may be long. The map
// shows how many epochs it took; where a cell has no number, the loss did not get below 0.2.

const sizes = fast ? [8, 512] : [1, 8, 64, 512];
const rates = fast ? [0.3, 3] : [0.01, 0.03, 0.1, 0.3, 1, 3, 10];
const mostEpochs = new Map([
  [1, 150],
  [8, 400],
  [64, 600],
  [512, fast ? 200 : 1000],
]);
const seeds = fast ? [1] : [1, 2, 3];

const bar = progress("training", sizes.length * rates.length);
const byRate: Trained[][] = [];
for (const rate of rates) {
  const row: Trained[] = [];
  for (const size of sizes) {
    row.push(await train(size, rate, mostEpochs.get(size)!, seeds[0]!));
    bar.update(byRate.length * sizes.length + row.length);
  }
  byRate.push(row);
}
bar.end();
const epochsNeeded = byRate.map((row) =>
  row.map(({ losses, hasArrived }) => (hasArrived ? losses.length : Number.NaN)),
);
show(
  heatMap(epochsNeeded, {
    title: `Epochs until the loss is below ${target}`,
    label: "epochs",
    rowNames: rates.map(String),
    columnNames: sizes.map(String),
    rowLabel: "learning rate",
    columnLabel: "samples in a batch",
  }),
);
// %% Epochs, steps and seconds
// Each size with a rate of its own, one of the best in its column. For single samples the very best was luck: with a rate of 0.1 other
// first weights take far longer, or never arrive.

const rateOf = new Map([
  [1, 0.03],
  [8, 0.3],
  [64, 1],
  [512, 3],
]);

const runs: Trained[][] = [];
for (const size of sizes) {
  const own: Trained[] = [];
  for (const each of seeds) own.push(await train(size, rateOf.get(size)!, mostEpochs.get(size)!, each));
  runs.push(own);
}
const nameOf = (size: number) =>
  size === 1 ? "sample by sample" : size === samples ? "all at once" : `batches of ${size}`;
const curvesBy = (title: string, x: Axis, at: (run: Trained, size: number) => readonly number[]) =>
  chart(
    sizes.map((size, i) => {
      const run = runs[i]![0]!;
      return { mark: "line", name: nameOf(size), x: at(run, size), y: run.losses } as const;
    }),
    { title, x, y: { label: "training loss", unit: "nats" } },
  );
show(
  group(
    [
      curvesBy("Against epochs", { label: "epoch", scale: "log" }, ({ losses }) =>
        losses.map((_, i) => i + 1),
      ),
      curvesBy("Against steps", { label: "step", scale: "log" }, ({ losses }, size) =>
        losses.map((_, i) => ((i + 1) * samples) / size),
      ),
      curvesBy(
        "Against time",
        { label: "processor time", unit: "s", scale: "log" },
        ({ seconds }) => seconds,
      ),
    ],
    { arrangement: "row" },
  ),
);

// %% The same quality?
// All have stopped at one training loss. The test loss says whether the noise of small batches makes the network a better one.

const testLoss = ({ model }: Trained) => negLogLossWithLogits(model.forward(test.x), test.y).item();
const summary = sizes.map((size, i) => {
  const own = runs[i]!;
  const epochs = mean(own.map(({ losses }) => losses.length));
  return {
    training: nameOf(size),
    "learning rate": rateOf.get(size)!,
    epochs,
    steps: (epochs * samples) / size,
    "processor time, s": mean(own.map(({ seconds }) => seconds.at(-1)!)),
    "test loss, nats": mean(own.map(testLoss)),
  };
});
show(
  table(summary, {
    title: `Until the training loss is below ${target}: means of ${seeds.length} first weights`,
    digits: 3,
  }),
);

const logistic = (model: Trained["model"]) => ({ forward: (x: Tensor) => model.forward(x).logistic() });
const ends = [0, sizes.length - 1];
show(
  group(
    ends.map((i) =>
      field(logistic(runs[i]![0]!.model), {
        title: nameOf(sizes[i]!),
        label: "ŷ",
        domain: [-1.5, 2.5],
        levels: [0.5],
        over: points,
      }),
    ),
    { arrangement: "row" },
  ),
);

// %% What was found
// The noise of a batch's gradient falls with the root of its size, so a batch of four is twice as steady as a single sample and takes four
// times the work. That is why small batches need the fewest epochs and large ones the fewest steps: the rate that a size bears grows with
// it (the numbers of the map lie along a diagonal). Counted in seconds, batches are faster than single samples; among batches of 8, of 64 and
// all at once there is hardly a difference here, since a larger step costs about what it saves in steps.
//
// Not found: that the noise of small batches makes the network generalise better. All sizes end with the same test loss, as far as can be told.

const losses = summary.map((each) => each["test loss, nats"]);
finding("the power of n with which the noise falls", noisePower, { expected: -0.5, spread: 0.02 });
finding(`${nameOf(sizes[0]!)}: epochs`, summary[0]!.epochs, { expected: 20, spread: 8 });
finding("all at once: epochs", summary.at(-1)!.epochs, { expected: 114, spread: 30 });
finding(`${nameOf(sizes[0]!)}: steps`, summary[0]!.steps, { expected: 10_000, spread: 4000 });
finding("all at once: steps", summary.at(-1)!.steps, { expected: 114, spread: 30 });
finding("the best and the worst test loss differ by", Math.max(...losses) - Math.min(...losses), {
  expected: 0.01,
  spread: 0.015,
  unit: "nats",
});
