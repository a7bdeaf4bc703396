// # Saturation and first weights
//
// “A neuron saturates if its output/activation is very close to the lower or upper limit of its activation function”, says the lecture,
// and: “Saturation is bad: e.g., changes to weights or inputs bring little change on the output.” Its advice: “Initialize
// $\mathbb W^{(l)}$ with random numbers in a small range, e.g., [0,1]. Scale your input data […]. Monitor whether you run into saturation
// (e.g., how many neurons are close to limits of its range).”
//
// So: how many neurons saturate, layer by layer, and how much of the gradient arrives, for which first weights? Is [0, 1] a small range?
// And what do inputs do that are not scaled?

import type { Activation, Key, Tensor } from "@adjoint/autograd";
import {
  adam,
  backpropagation,
  fit,
  glorotUniform,
  gradientNorms,
  heUniform,
  type Initializer,
  keys,
  type Layer,
  linear,
  logistic,
  type Monitor,
  mlp,
  negLogLossWithLogits,
  relu,
  saturation,
  standardScaling,
  tanh,
  uniformRange,
} from "@adjoint/nn";
import { chart, curves, fast, finding, group, heatMap, progress, seed, show, table } from "@adjoint/notebook";
import { twoMoons } from "./data/moons.ts";
import { mean } from "./data/statistics.ts";

const firstSeed = seed(0);

// %% The network, and what is looked at
// Two moons of 256 points, and a network with five hidden layers of 32 neurons. `backpropagation` gives the activations $x^{(l)}$ and the
// gradients $\nabla^{(l)}$ of every layer at once. A neuron counts as saturated, for a sample, if its output is within 0.05 of a limit of the
// activation's range.

const data = twoMoons(keys(firstSeed)(), 256, 0.2);
const depth = 5;
const width = 32;
const layers = Array.from({ length: depth }, (_, l) => l + 1);

interface Setting {
  readonly activation: Activation;
  readonly initializer: Initializer;
  readonly hidden?: number;
  /** What the inputs are multiplied by. */
  readonly stretch?: number;
}

const modelOf = ({ activation, initializer, hidden = width }: Setting, key: Key) =>
  mlp([2, ...layers.map(() => hidden), 1], { activation, outputActivation: linear, initializer, key });

/** The share of outputs [batch, 1 + n] near a finite limit of the range, in percent; the bias neuron doesn't count. */
function saturatedShare(x: Tensor, range: Activation["range"]): number {
  const outputs = x.slice([0], [1]);
  const near = range
    .filter((limit) => Number.isFinite(limit))
    .map((limit) => outputs.sub(limit).abs().lessEqual(0.05));
  return (
    100 *
    near
      .reduce((a, b) => a.logicalOr(b))
      .cast("float32")
      .mean()
      .item()
  );
}

/** At the first weights, by hidden layer: the share that saturates, in percent, and the norm of the gradient of the weights that lead there. */
function observed(setting: Setting, ownSeed: number) {
  const model = modelOf(setting, keys(ownSeed)());
  const x = data.x.mul(setting.stretch ?? 1);
  const { layers: traces } = backpropagation(model, x, data.y, negLogLossWithLogits);
  return {
    saturated: layers.map((l) => saturatedShare(traces[l]!.x, setting.activation.range)),
    norms: layers.map((l) => Math.sqrt(traces[l - 1]!.gradient!.cast("float64").square().sum().item())),
  };
}
type Observed = ReturnType<typeof observed>;

const seeds = Array.from({ length: fast ? 1 : 10 }, (_, i) => firstSeed + i + 1);
/** Means over first weights; geometric ones of norms, which differ by powers of ten. */
function typical(setting: Setting): Observed {
  const all = seeds.map((each) => observed(setting, each));
  return {
    saturated: layers.map((_, i) => mean(all.map(({ saturated }) => saturated[i]!))),
    norms: layers.map((_, i) => Math.exp(mean(all.map(({ norms }) => Math.log(norms[i]!))))),
  };
}

// %% First weights, layer by layer
// Five ways to draw the first weights: far too small, the lecture's range, Glorot's, He's, and too large. Glorot's range is $\pm\sqrt{6 / (n_{in} +
// n_{out})}$, which is ±0.31 between layers of 32; He's is $\pm\sqrt{6 / n_{in}}$, ±0.43.

const activations: readonly Activation[] = [logistic, tanh, relu];
const initializers: Readonly<Record<string, Initializer>> = {
  "±0.01": uniformRange(-0.01, 0.01),
  "[0, 1], the lecture's": uniformRange(0, 1),
  Glorot: glorotUniform,
  He: heUniform,
  "±2": uniformRange(-2, 2),
};
const ways = Object.keys(initializers);

const seen = new Map(
  activations.flatMap((activation) =>
    ways.map(
      (way) =>
        [`${activation.name} ${way}`, typical({ activation, initializer: initializers[way]! })] as const,
    ),
  ),
);
const at = (activation: Activation, way: string) => seen.get(`${activation.name} ${way}`)!;

const named = { rowNames: ways, columnNames: layers.map(String), columnLabel: "hidden layer" };
show(
  group(
    activations.map((activation) =>
      heatMap(
        ways.map((way) => at(activation, way).saturated),
        { title: activation.name, label: "saturated, %", range: [0, 100], ...named },
      ),
    ),
    { title: "Neurons near a limit of their range", arrangement: "row" },
  ),
);
show(
  group(
    activations.map((activation) =>
      heatMap(
        ways.map((way) => at(activation, way).norms.map(Math.log10)),
        { title: activation.name, label: "log₁₀ ‖∇‖", range: [-12, 6], colours: "diverging", ...named },
      ),
    ),
    { title: "Norms of the gradients, as powers of ten", arrangement: "row" },
  ),
);

// %% How large may they be?
// The same over a range $\pm a$, from far too small to far too large: on the one side what is left of the gradient in the first layer, on the other how many
// neurons of the last hidden layer saturate. A relu has only one limit, 0, where half of its outputs lie whatever the range.

const ranges = fast ? [0.01, 0.3, 3] : [0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5];
const byRange = new Map(
  activations.map((activation) => [
    activation,
    ranges.map((a) => typical({ activation, initializer: uniformRange(-a, a) })),
  ]),
);
const range = { label: "range ±a of the first weights", scale: "log" } as const;
const glorotRange = Math.sqrt(6 / (2 * width));
const heRange = Math.sqrt(6 / width);
const marks = [
  { mark: "rule", name: "Glorot", at: glorotRange, across: "x" },
  { mark: "rule", name: "He", at: heRange, across: "x" },
] as const;
const linesOf = (y: (seenThere: Observed) => number) =>
  activations.map(
    (activation) =>
      ({ mark: "line", name: activation.name, x: ranges, y: byRange.get(activation)!.map(y) }) as const,
  );
show(
  group(
    [
      chart([...linesOf(({ norms }) => norms[0]!), ...marks], {
        title: "What arrives in the first layer",
        x: range,
        y: { label: "‖∇‖ of the first layer", scale: "log" },
      }),
      chart([...linesOf(({ saturated }) => saturated.at(-1)!), ...marks], {
        title: "Saturation in the last hidden layer",
        x: range,
        y: { label: "saturated", unit: "%", domain: [0, 100] },
      }),
    ],
    { arrangement: "row" },
  ),
);

// %% Is [0, 1] a small range?
// That depends on how many inputs a neuron has. All weights are positive, so with positive inputs the weighted sums grow with the width: for
// the lecture's two or three neurons the range is small, for 32 it is not. Glorot's and He's ranges are made to be right at every width.

const hiddenWidths = fast ? [2, 32] : [2, 4, 8, 16, 32, 64, 128];
const behindFirst = (initializer: Initializer, hidden: number) =>
  mean(typical({ activation: logistic, initializer, hidden }).saturated.slice(1));
const byWidth = {
  "[0, 1]": hiddenWidths.map((hidden) => behindFirst(uniformRange(0, 1), hidden)),
  Glorot: hiddenWidths.map((hidden) => behindFirst(glorotUniform, hidden)),
};
show(
  curves(byWidth, {
    at: hiddenWidths,
    title: "Logistic neurons that saturate in hidden layers 2 to 5",
    x: { label: "neurons in a layer", scale: "log" },
    y: { label: "saturated", unit: "%", domain: [0, 100] },
  }),
);

// %% Inputs that are not scaled
// The weights are Glorot's, and the inputs are multiplied by a number, as if they were given in centimetres rather than metres.

const stretches = fast ? [1, 100] : [1, 3, 10, 30, 100, 300];
const byStretch = stretches.map((stretch) =>
  typical({ activation: tanh, initializer: glorotUniform, stretch }),
);
show(
  chart(
    layers.map((l) => ({
      mark: "line" as const,
      name: `hidden layer ${l}`,
      x: stretches,
      y: byStretch.map(({ saturated }) => saturated[l - 1]!),
    })),
    {
      title: "Saturated tanh neurons, by how large the inputs are",
      x: { label: "factor of the inputs", scale: "log" },
      y: { label: "saturated", unit: "%", domain: [0, 100] },
    },
  ),
);

// %% Does it matter for training?
// Adam, batches of 32, and the loss after some epochs, for each activation and each way to draw first weights. A loss of $\ln 2 = 0.693$ is a
// coin's.

const epochs = fast ? 4 : 60;

async function train(setting: Setting, ownSeed: number, scaling?: Layer, monitors: readonly Monitor[] = []) {
  const key = keys(ownSeed);
  const model = modelOf(setting, key());
  const stretched = data.x.mul(setting.stretch ?? 1);
  const { history } = await fit(
    model,
    { x: scaling === undefined ? stretched : scaling.forward(stretched), y: data.y },
    {
      loss: negLogLossWithLogits,
      optimizer: adam({ learningRate: 0.01 }),
      epochs,
      batchSize: 32,
      key: key(),
      monitors,
    },
  );
  return { history, loss: history["loss"]!.at(-1) as number };
}

const trainingSeeds = seeds.slice(0, 3);
async function medianLoss(setting: Setting, scaling?: Layer): Promise<number> {
  const losses: number[] = [];
  for (const each of trainingSeeds) losses.push((await train(setting, each, scaling)).loss);
  return losses.sort((a, b) => a - b)[Math.floor(losses.length / 2)]!;
}

const waysTrained = fast ? [ways[1]!, "Glorot"] : ways;
const activationsTrained = fast ? [tanh] : activations;
const bar = progress("training", waysTrained.length * activationsTrained.length);
const ends: number[][] = [];
for (const way of waysTrained) {
  const row: number[] = [];
  for (const activation of activationsTrained) {
    row.push(await medianLoss({ activation, initializer: initializers[way]! }));
    bar.update(ends.length * activationsTrained.length + row.length);
  }
  ends.push(row);
}
bar.end();
show(
  table(
    waysTrained.map((way, i) => ({
      "first weights": way,
      ...Object.fromEntries(activationsTrained.map(({ name }, j) => [name, ends[i]![j]!])),
    })),
    { title: `Training loss after ${epochs} epochs, nats: the median of ${trainingSeeds.length}`, digits: 3 },
  ),
);

// %% Watching it
// “If your NN doesn't update fast enough, monitor whether you run into saturation.” The monitors `saturation` and `gradientNorms` of `fit` do that while
// it trains. What they see of a tanh network that began in [0, 1]:

const fromTheRange = { activation: tanh, initializer: uniformRange(0, 1) };
const watched = await train(fromTheRange, seeds[0]!, undefined, [saturation(), gradientNorms()]);
show(watched.history, { title: "tanh, first weights from [0, 1]" });

// %% Inputs a hundred times too large, for training
// The same inputs, as they are and after `standardScaling`, which gives them mean 0 and deviation 1. tanh, Glorot's weights.

const large = { activation: tanh, initializer: glorotUniform, stretch: 100 };
const unscaled = await medianLoss(large);
const scaled = await medianLoss(large, standardScaling(data.x.mul(100)));
show(
  table(
    [
      { inputs: "a hundred times too large", "training loss, nats": unscaled },
      { inputs: "the same, scaled", "training loss, nats": scaled },
    ],
    { digits: 3 },
  ),
);

// %% What was found
// In this network [0, 1] is no small range. All weights are positive, so the sums of 32 neurons' outputs are far above 0: from the second hidden layer on every
// logistic neuron saturates, and what arrives of the gradient in the first layer is nothing, $10^{-18}$. Networks that begin so don't train. With the two neurons a
// layer of the lecture's own example nothing saturates: what is small depends on the width, which is what Glorot's and He's ranges know.
//
// Too small is no better. With ±0.01 nothing saturates, and the gradient is gone all the same, since each layer shrinks it; a relu network does not train at all. Inputs a
// hundred times too large saturate the first layer, and scaling them cures it.
//
// Not found: that saturation is always bad. With ±2 half of the logistic neurons saturate, and that network trains best of the logistic ones: its weights make up for the
// logistic function's slope, which is at most ¼. The share of saturated neurons is a sign to look out for and not a verdict; the gradient's norm says more.

const lecture = ways[1]!;
const lossOf = (way: string, activation: Activation) =>
  ends[waysTrained.indexOf(way)]![activationsTrained.indexOf(activation)]!;
finding("[0, 1], logistic: saturated in the last hidden layer", at(logistic, lecture).saturated.at(-1)!, {
  expected: 100,
  spread: 1,
  unit: "%",
});
finding(
  "[0, 1], logistic: ‖∇‖ of the first layer, power of ten",
  Math.log10(at(logistic, lecture).norms[0]!),
  { expected: -18.4, spread: 1 },
);
finding("[0, 1], logistic, 2 neurons in a layer: saturated", byWidth["[0, 1]"][0]!, {
  expected: 0,
  spread: 5,
  unit: "%",
});
finding("Glorot, tanh: saturated in the last hidden layer", at(tanh, "Glorot").saturated.at(-1)!, {
  expected: 0,
  spread: 1,
  unit: "%",
});
finding("Glorot, tanh: ‖∇‖ of the first layer, power of ten", Math.log10(at(tanh, "Glorot").norms[0]!), {
  expected: -0.5,
  spread: 0.3,
});
finding(
  "±0.01, logistic: ‖∇‖ of the first layer, power of ten",
  Math.log10(at(logistic, "±0.01").norms[0]!),
  { expected: -11, spread: 1 },
);
finding("±2, tanh: saturated in the last hidden layer", at(tanh, "±2").saturated.at(-1)!, {
  expected: 76,
  spread: 4,
  unit: "%",
});
finding("[0, 1], tanh: loss after training", lossOf(lecture, tanh), {
  expected: 0.68,
  spread: 0.07,
  unit: "nats",
});
finding("Glorot, tanh: loss after training", lossOf("Glorot", tanh), {
  expected: 0.08,
  spread: 0.07,
  unit: "nats",
});
finding("inputs × 100: saturated in the first layer", byStretch[stretches.indexOf(100)]!.saturated[0]!, {
  expected: 93,
  spread: 5,
  unit: "%",
});
finding("inputs × 100: loss after training", unscaled, { expected: 0.28, spread: 0.1, unit: "nats" });
finding("inputs × 100, scaled: loss after training", scaled, { expected: 0.07, spread: 0.06, unit: "nats" });
