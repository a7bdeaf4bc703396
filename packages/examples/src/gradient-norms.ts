// # Vanishing gradients, and what cures them
//
// How much of the gradient arrives at the first of many layers, and at the first of many steps? By the chain rule it is a product
// with one factor for each layer, or each step, on the way:
//
// $$\frac{\partial L}{\partial W_1} = x^\top \left( \delta_n \, \prod_{k=n}^{2} W_k^\top \,\mathrm{diag}\,\psi'(z_k) \right)$$
//
// Where the factors are below one, little is left of a long product; where they are above one, it grows beyond all bounds.
// The experiment measures gradients of untrained networks, since these are what training starts with.

import { compile, grad, gradients, type Key, normal, type Tensor } from "@adjoint/autograd";
import {
  dense,
  glorotUniform,
  heUniform,
  keys,
  type Layer,
  logistic,
  lstm,
  meanSquaredError,
  plainRecurrent,
  relu,
  residual,
  sequential,
  tanh,
} from "@adjoint/nn";
import { curves, fast, finding, seed, show } from "@adjoint/notebook";

const width = 16;
const dtype = "float64";
const first = seed(1);
const draws = Array.from({ length: fast ? 1 : 10 }, (_, i) => 100 * first + i);

const norm = (x: Tensor) => Math.sqrt(x.square().sum().item());

type Measurement = (size: number, key: () => Key) => number;

/** Geometric means over several first weights, since their norms differ by powers of ten. */
const typical = (measure: Measurement, size: number): number =>
  Math.exp(draws.reduce((sum, draw) => sum + Math.log(measure(size, keys(draw))), 0) / draws.length);

/** The typical norms of each kind, by size. */
const measured = <Name extends string>(
  sizes: readonly number[],
  kinds: Readonly<Record<Name, Measurement>>,
) =>
  Object.fromEntries(
    Object.entries<Measurement>(kinds).map(([name, measure]) => [
      name,
      sizes.map((size) => typical(measure, size)),
    ]),
  ) as Record<Name, number[]>;

/** A curve for each kind. Norms of 0 have no place on the axis of a logarithm. */
const drawn = (
  title: string,
  label: string,
  sizes: readonly number[],
  norms: Readonly<Record<string, number[]>>,
  note = "",
) =>
  curves(
    Object.fromEntries(
      Object.entries(norms).map(([name, each]) => [name, each.map((norm) => (norm > 0 ? norm : Number.NaN))]),
    ),
    {
      title,
      at: sizes,
      x: { label, scale: "log" },
      y: { label: "norm of the gradient", scale: "log" },
      note,
    },
  );

// %% Depth
// A network of several layers of 16 neurons, with random inputs and targets, and the gradient of the first layer's weights. The
// logistic function's slope is at most ¼, so each of its layers takes most of what is left. The slopes of tanh and relu are 1
// where it matters, and first weights chosen for them (Glorot's, He's) keep variances, so they lose far less. Where a
// layer's outputs are added to its inputs, there is a way past all factors.

const layerCounts = fast ? [2, 8, 64] : [2, 4, 8, 16, 32, 64];

const throughLayers =
  (hidden: (key: Key) => Layer): Measurement =>
  (depth, key) => {
    const input = dense(width, width, { key: key(), dtype });
    const model = sequential(
      input,
      ...Array.from({ length: depth - 1 }, () => hidden(key())),
      dense(width, 1, { key: key(), dtype }),
    );
    const x = normal(key(), [32, width], { dtype });
    const target = normal(key(), [32, 1], { dtype });
    return norm(gradients(meanSquaredError(model.forward(x), target), input.weight));
  };

const tanhLayer = (key: Key) =>
  dense(width, width, { activation: tanh, initializer: glorotUniform, key, dtype });

const byDepth = measured(layerCounts, {
  logistic: throughLayers((key) => dense(width, width, { activation: logistic, key, dtype })),
  tanh: throughLayers(tanhLayer),
  relu: throughLayers((key) => dense(width, width, { activation: relu, initializer: heUniform, key, dtype })),
  "residual tanh": throughLayers((key) => residual(tanhLayer(key))),
});
show(drawn("The gradient of the first layer's weights", "layers", layerCounts, byDepth));

// %% Time
// The same with steps in place of layers: the gradient of the last output with respect to the first input. The plain cell
// multiplies by its one matrix and by the slope of tanh at each step. The memory of an LSTM is multiplied by its forget gates
// alone, by about σ(0) = ½ at first, unless a bias lets them start open: σ(1) = 0.73, σ(6) = 0.9975.

const stepCounts = fast ? [8, 32, 512] : [2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];

const throughSteps =
  (make: (key: Key) => Layer): Measurement =>
  (steps, key) => {
    const model = make(key());
    const x = normal(key(), [1, steps, 4], { dtype });
    // Compiled, the steps are one loop, however many there are.
    const slope = compile(grad((x: Tensor) => model.forward(x).slice(0, -1).sum()));
    return norm(slope(x).slice(0, 0));
  };

const bySteps = measured(stepCounts, {
  "plain cell": throughSteps((key) => plainRecurrent(4, width, { key, dtype })),
  LSTM: throughSteps((key) => lstm(4, width, { key, dtype })),
  "LSTM, forget bias 1": throughSteps((key) => lstm(4, width, { forgetBias: 1, key, dtype })),
  "LSTM, forget bias 6": throughSteps((key) => lstm(4, width, { forgetBias: 6, key, dtype })),
});
show(
  drawn(
    "The gradient of the last output with respect to the first input",
    "steps",
    stepCounts,
    bySteps,
    "A curve ends where what is left is smaller than any number of type float64.",
  ),
);

// %% What was found
// What each further layer, or step, leaves of the gradient, as a factor. A logistic layer leaves less than a quarter, so that
// after 64 layers nothing is left that could teach the first one. Layers of tanh or relu leave more than nine tenths, which
// over 64 layers is still a few hundredths of what two layers have. A plain cell leaves about a half for each step, and an
// LSTM whose forget gates start half open little more; with a bias of 6 it leaves more than 99%.
//
// Residual layers are no cure that costs nothing: their factor is above one, and from 2 layers to 64 the gradient grows
// a hundredfold. That is why normalisation goes with them. Nor does it follow that an LSTM with forget bias 6 learns every
// task: a memory that forgets nothing by itself has to learn what to forget.

/** What one more of the larger half of the sizes leaves of a norm. */
function factor(sizes: readonly number[], norms: readonly number[]): number {
  const there = sizes
    .map((size, i) => ({ size, norm: norms[i]! }))
    .filter(({ size, norm }) => size >= 8 && norm > 0);
  const [from, to] = [there[0]!, there.at(-1)!];
  return (to.norm / from.norm) ** (1 / (to.size - from.size));
}

const layer = (kind: keyof typeof byDepth) => factor(layerCounts, byDepth[kind]);
const step = (kind: keyof typeof bySteps) => factor(stepCounts, bySteps[kind]);
finding("a layer of logistic neurons leaves of the gradient", layer("logistic"), {
  expected: 0.228,
  spread: 0.01,
});
finding("a layer of tanh leaves", layer("tanh"), { expected: 0.957, spread: 0.015 });
finding("a layer of relu leaves", layer("relu"), { expected: 0.912, spread: 0.025 });
finding("a residual layer of tanh leaves", layer("residual tanh"), { expected: 1.074, spread: 0.01 });
finding("a step of the plain cell leaves", step("plain cell"), { expected: 0.53, spread: 0.04 });
finding("a step of an LSTM leaves", step("LSTM"), { expected: 0.639, spread: 0.01 });
finding("a step of an LSTM with forget bias 1 leaves", step("LSTM, forget bias 1"), {
  expected: 0.83,
  spread: 0.012,
});
finding("a step of an LSTM with forget bias 6 leaves", step("LSTM, forget bias 6"), {
  expected: 0.9925,
  spread: 0.004,
});
