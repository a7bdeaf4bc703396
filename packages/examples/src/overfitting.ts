// # Overfitting, and four cures
//
// A network that has far more weights than samples can learn them by heart: its training loss goes to nothing, while the loss
// on others rises again. How is that seen in time, and what do the usual cures do about it? 500 handwritten digits, one
// network with four hidden layers, and five ways to train it: with nothing, and with each of L2, dropout, batch normalisation
// and early stopping alone.

import type { Tensor } from "@adjoint/autograd";
import {
  accuracy,
  adam,
  averageOf,
  batchNorm,
  crossEntropy,
  dense,
  dropout,
  type FitOptions,
  fit,
  flatten,
  heUniform,
  keys,
  type LayerOrFunction,
  relu,
  sequential,
  split,
} from "@adjoint/nn";
import { chart, fast, finding, progress, seed, show, table } from "@adjoint/notebook";
import { divide, loadDigits, samplesOf, side } from "./data/mnist.ts";
import { deviation, mean } from "./data/statistics.ts";

const [seeds, epochs] = fast ? [1, 12] : [10, 30];
const first = seed(1);

// %% The data
// 2,000 images to judge by, the same for every seed. Of the other 8,000 a seed draws 500 to train on, far fewer than the
// network has weights, and 500 for validation, by which early stopping decides. Everything that was chosen (the network,
// its batches and rate, how strong each cure is) was chosen by validation losses, of two to four seeds, and nothing by the
// images to judge by.

const { training: others, heldOut } = divide(loadDigits(), 2000, keys(0)());
const test = samplesOf(heldOut);
const pool = samplesOf(others);
const share = 500 / others.labels.length;
const drawn = (seed: number) =>
  split(pool, { training: share, validation: share, unused: 1 - 2 * share }, keys(seed)());

// %% The cures
// One network with four hidden layers, trained on batches of 10. A cure changes one thing of it. Batch normalisation cures
// by its noise: an image comes out otherwise in each batch, the more so the smaller batches are.

interface Cure {
  readonly name: string;
  /** What stands before the first layer. */
  readonly before?: LayerOrFunction;
  /** What stands between the weighted sums of a hidden layer and its activation. */
  readonly inside?: () => LayerOrFunction;
  /** What stands after that. */
  readonly after?: LayerOrFunction;
  /** α, the weight of the sum of the squared weights in the loss. */
  readonly alpha?: number;
  readonly more?: Pick<FitOptions<Tensor, Tensor, Tensor>, "earlyStopping">;
}

const hidden = 64;
const cures: readonly Cure[] = [
  { name: "nothing" },
  { name: "L2", alpha: 0.002 },
  { name: "dropout", before: dropout(0.5), after: dropout(0.2) },
  { name: "batch normalisation", inside: () => batchNorm(hidden) },
  { name: "early stopping", more: { earlyStopping: { patience: 5 } } },
];

const identity = (x: Tensor): Tensor => x;

/** Trains with a cure. Cures of one seed have the same images, the same first weights and the same order of images. */
async function train(cure: Cure, { training, validation }: ReturnType<typeof drawn>, seed: number) {
  const key = keys(1000 + seed);
  const { before = identity, inside = () => identity, after = identity, alpha = 0, more = {} } = cure;
  const inputs = [side * side, hidden, hidden, hidden];
  const layers = inputs.map((n) => dense(n, hidden, { initializer: heUniform, key: key() }));
  const last = dense(hidden, 10, { key: key() });
  const model = sequential(
    ...[flatten(), before],
    ...layers.flatMap((layer) => [layer, inside(), relu, after]),
    last,
  );
  const weights: readonly Tensor[] = [...layers, last].map(({ weight }) => weight);
  const penalty = () =>
    weights
      .map((each) => each.square().sum())
      .reduce((a, b) => a.add(b))
      .mul(alpha);
  const { history, training: end } = await fit(model, training, {
    loss: (prediction, target, options) => {
      const loss = crossEntropy(prediction, target, options);
      return alpha === 0 || options.reduction === "none" ? loss : loss.add(penalty());
    },
    optimizer: adam({ learningRate: 0.003 }),
    epochs,
    batchSize: 10,
    key: key(),
    validation,
    metrics: [averageOf(crossEntropy)],
    ...more,
  });
  const judged = ({ x, y }: typeof test) => {
    const logits: Tensor = model.forward(x);
    return { loss: crossEntropy(logits, y).item(), accuracy: Number(accuracy().of(logits, y)) };
  };
  return { history, epochs: end.epoch, training: judged(training), test: judged(test) };
}

type Run = Awaited<ReturnType<typeof train>>;
const runs: Record<string, Run[]> = Object.fromEntries(cures.map(({ name }) => [name, []]));
const work = progress("networks", seeds * cures.length);
for (let i = 0; i < seeds; i++) {
  const parts = drawn(100 * first + i);
  for (const cure of cures) {
    runs[cure.name]!.push(await train(cure, parts, 100 * first + i));
    work.update(Object.values(runs).flat().length);
  }
}
work.end();

// %% The gap
// What a monitor shows while the network without a cure is trained (the first seed): the loss on the images trained on goes
// to nothing; on the others it falls, and then rises again. From there on the network learns what is true of the 500 only.

const [bare] = runs["nothing"]!;
const losses = ({ history }: Run, name: string) => history[name] as readonly number[];
const training = losses(bare!, "loss");
const validation = losses(bare!, `validation.${crossEntropy.name}`);
const line = (name: string, y: readonly number[]) => ({
  mark: "line" as const,
  name,
  x: y.map((_, i) => i + 1),
  y,
});
const least = Math.min(...validation);
const turn = validation.indexOf(least) + 1;
show(
  chart(
    [
      line("training", training),
      line("validation", validation),
      { mark: "rule", name: "least validation loss", at: turn, across: "x" },
    ],
    { title: "Nothing done about it", x: "epoch", y: { label: "cross-entropy", unit: "nat" } },
  ),
);

// %% With the cures
// The same for each cure, same seed: its loss on others stays lower, or training ends before it rises. (Drawn is the
// cross-entropy alone, without the penalty that L2 adds to it.)

show(
  chart(
    cures.map(({ name }) => line(name, losses(runs[name]![0]!, `validation.${crossEntropy.name}`))),
    {
      title: "Validation loss of the first seed",
      x: "epoch",
      y: { label: "cross-entropy", unit: "nat" },
    },
  ),
);

// %% The judgement
// Every network's losses on the 2,000 images that judge, after its last epoch, with standard deviations over the seeds. Seeds
// are hard or easy for all cures alike, so the difference from nothing, seed by seed, says more than the spread does.

const spread = (numbers: readonly number[]) =>
  `${mean(numbers).toFixed(3)} ± ${deviation(numbers).toFixed(3)}`;
const of = (name: string, what: (run: Run) => number) => runs[name]!.map(what);
const testLosses = (name: string) => of(name, (run) => run.test.loss);
const differences = (name: string) => testLosses(name).map((loss, i) => loss - testLosses("nothing")[i]!);
const names = cures.map(({ name }) => name);

show(
  chart(
    [
      {
        mark: "bars",
        name: `mean of ${seeds} seeds, ± standard deviation`,
        labels: names,
        values: names.map((name) => mean(testLosses(name))),
        spread: names.map((name) => deviation(testLosses(name))),
      },
    ],
    {
      title: "Test loss by cure",
      x: "cure",
      y: { label: "cross-entropy on 2,000 held-out images", unit: "nat" },
    },
  ),
);
show(
  table(
    names.map((name) => ({
      cure: name,
      "training loss": spread(of(name, (run) => run.training.loss)),
      "test loss": spread(testLosses(name)),
      "difference from nothing": name === "nothing" ? "" : spread(differences(name)),
      "seeds with a lower loss": differences(name).filter((by) => by < 0).length,
      "test accuracy, %": 100 * mean(of(name, (run) => run.test.accuracy)),
      epochs: mean(of(name, (run) => run.epochs)),
    })),
    { title: "What each cure did", digits: 3, note: `± one standard deviation over ${seeds} seeds.` },
  ),
);

// %% What was found
// Left alone, the network learns all 500 images, and its loss on others is least after a few epochs and then rises. Each cure lowers
// the loss on held-out images, in nearly every seed. (With L2, training now and then jumps near its end, which makes its mean
// uncertain; so medians are given here.)
//
// What is cured is the loss: predictions that are wrong are so less surely. More of them are right with none of the cures; the
// network without any has the highest accuracy of all. Which cure is best was not found either: how strong each is was chosen by
// a few validation losses, and the differences among them are smaller than what another choice would change.

const median = (numbers: readonly number[]) => {
  const sorted = [...numbers].sort((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.ceil((sorted.length - 1) / 2)]!) / 2;
};
const unit = "nat";
const bareTraining = of("nothing", (run) => run.training.loss);
finding("training loss without a cure", mean(bareTraining), { expected: 0, spread: 0.005, unit });
finding("test loss without a cure", mean(testLosses("nothing")), { expected: 0.79, spread: 0.08, unit });
for (const [name, expected] of [
  ["L2", -0.25],
  ["dropout", -0.24],
  ["batch normalisation", -0.23],
  ["early stopping", -0.19],
] as const)
  finding(`change of the test loss by ${name}`, median(differences(name)), { expected, spread: 0.1, unit });
const lower = names.slice(1).flatMap((name) => differences(name).filter((by) => by < 0));
finding("pairs of a seed and a cure with a lower loss", (100 * lower.length) / (4 * seeds), {
  expected: 97,
  spread: 4,
  unit: "%",
});
const right = (name: string) => 100 * mean(of(name, (run) => run.test.accuracy));
finding(
  "what the best cure adds to the accuracy",
  Math.max(...names.slice(1).map(right)) - right("nothing"),
  {
    expected: -0.6,
    spread: 0.5,
    unit: "%",
  },
);
