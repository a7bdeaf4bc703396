// Overfitting: a network that learns 300 digits by heart, seen by training and validation loss side by side, and what is said
// to help, each alone: L2, dropout, batch normalisation and early stopping. Ten seeds each, in a minute or two.
//
// Fewer with `--seeds 2 --epochs 20`.

import { parseArgs } from "node:util";
import { type Tensor, tensor } from "@adjoint/autograd";
import {
  adam,
  batchNorm,
  crossEntropy,
  dense,
  dropout,
  evaluate,
  type FitOptions,
  fit,
  heUniform,
  keys,
  type LayerOrFunction,
  relu,
  sequential,
  split,
} from "@adjoint/nn";
import { loadDigits, side } from "./data/mnist.ts";

const { values: options } = parseArgs({
  options: {
    seeds: { type: "string", default: "10" },
    epochs: { type: "string", default: "40" },
  },
});
const [seeds, epochs] = [Number(options.seeds), Number(options.epochs)];

// %% The data
// 300 images to train on, far fewer than the network has weights; 300 by which early stopping decides; 1,500 to judge by.

const { pixels, labels } = loadDigits();
const images: Tensor = tensor(pixels, { shape: [labels.length, side * side] });
const classes: Tensor = tensor(labels);
const share = (count: number) => count / labels.length;

const partsFor = (seed: number) =>
  split(
    { x: images, y: classes },
    { training: share(300), validation: share(300), test: share(1500), others: share(labels.length - 2100) },
    keys(seed)(),
  );

// %% The variants
// One network with a hidden layer. A cure changes one thing of it. Batch normalisation, whose batches make the network
// noisy, is often counted among the cures; whether it is one here, the table says.

interface Variant {
  readonly name: string;
  /** What stands before the hidden layer, between its weighted sums and its activation, or after that. */
  readonly inside?: () => {
    readonly inputs?: LayerOrFunction;
    readonly before?: LayerOrFunction;
    readonly after?: LayerOrFunction;
  };
  /** α, the weight of the sum of the squared weights in the loss. */
  readonly alpha?: number;
  readonly more?: Pick<FitOptions<Tensor, Tensor, Tensor>, "earlyStopping">;
}

const hidden = 64;
const variants: readonly Variant[] = [
  { name: "nothing" },
  { name: "L2, α = 0.01", alpha: 0.01 },
  { name: "dropout", inside: () => ({ inputs: dropout(0.4), after: dropout(0.5) }) },
  { name: "batch normalisation", inside: () => ({ before: batchNorm(hidden) }) },
  { name: "early stopping", more: { earlyStopping: { patience: 5 } } },
];

const identity = (x: Tensor): Tensor => x;

async function train({ inside, alpha = 0, more = {} }: Variant, seed: number) {
  const key = keys(1000 + seed);
  const { training, validation, test } = partsFor(seed);
  const { inputs = identity, before = identity, after = identity } = inside?.() ?? {};
  const first = dense(side * side, hidden, { initializer: heUniform, key: key() });
  const last = dense(hidden, 10, { key: key() });
  const model = sequential(inputs, first, before, relu, after, last);
  const penalty = () => first.weight.square().sum().add(last.weight.square().sum()).mul(alpha);
  const { history, training: end } = await fit(model, training, {
    loss: (prediction, target, options) => {
      const loss = crossEntropy(prediction, target, options);
      return alpha === 0 || options.reduction === "none" ? loss : loss.add(penalty());
    },
    optimizer: adam({ learningRate: 0.003 }),
    epochs,
    batchSize: 25,
    key: key(),
    validation,
    ...more,
  });
  const judged = async (data: typeof test) =>
    Number((await evaluate(model, data, { loss: crossEntropy, batchSize: 250 })).loss);
  return { history, epochs: end.epoch, training: await judged(training), test: await judged(test) };
}

// %% The gap
// The loss on the images trained on goes to nothing; on others it falls, and then rises again.

const { history } = await train(variants[0]!, 0);
console.log("epoch   training loss   validation loss");
const losses = (name: string) => history[name] as readonly number[];
losses("loss").forEach((loss, i) => {
  if (i > 0 && (i + 1) % Math.ceil(epochs / 6) !== 0) return;
  const held = losses("validation.loss")[i]!;
  console.log(`${`${i + 1}`.padStart(5)}${loss.toFixed(3).padStart(16)}${held.toFixed(3).padStart(18)}`);
});
const least = Math.min(...losses("validation.loss"));
console.log(
  `the least validation loss was ${least.toFixed(3)}, in epoch ${losses("validation.loss").indexOf(least) + 1}\n`,
);

// %% The cures

/** Mean and standard deviation. */
function summary(numbers: readonly number[]): string {
  const mean = numbers.reduce((sum, each) => sum + each, 0) / numbers.length;
  const squares = numbers.reduce((sum, each) => sum + (each - mean) ** 2, 0);
  return `${mean.toFixed(3)} ± ${Math.sqrt(squares / Math.max(1, numbers.length - 1)).toFixed(3)}`;
}

console.log(
  `cure                    training loss        test loss    epochs   (${seeds} seeds, ± standard deviation)`,
);
for (const variant of variants) {
  const runs = [];
  for (let seed = 0; seed < seeds; seed++) runs.push(await train(variant, seed));
  const meanEpochs = runs.reduce((sum, run) => sum + run.epochs, 0) / seeds;
  const columns = [
    variant.name.padEnd(20),
    summary(runs.map((run) => run.training)).padStart(17),
    summary(runs.map((run) => run.test)).padStart(17),
    meanEpochs.toFixed(1).padStart(10),
  ];
  console.log(columns.join(""));
}
