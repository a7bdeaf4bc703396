// Vanishing gradients: how much of the gradient arrives at the first layer of a deep network, and at the first step of a
// long sequence. `--full` averages over more first weights and goes to 1,024 steps and 64 layers, which takes longer.

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

const isFull = process.argv.includes("--full");
const seeds = Array.from({ length: isFull ? 10 : 2 }, (_, seed) => seed);
const width = 16;
const dtype = "float64";

/** A geometric mean over first weights: the norms of one column differ by many powers of ten. */
function typical(norm: (key: () => Key) => number): number {
  const logs = seeds.map((seed) => Math.log(norm(keys(seed))));
  return Math.exp(logs.reduce((sum, each) => sum + each, 0) / logs.length);
}

/** One line for each size, one column for each kind. */
function table(
  what: string,
  sizes: readonly number[],
  columns: Readonly<Record<string, (size: number, key: () => Key) => number>>,
): void {
  const names = Object.keys(columns);
  const line = (cells: readonly string[]) => console.log(cells.map((cell) => cell.padStart(16)).join(""));
  line([what, ...names]);
  for (const size of sizes)
    line([
      String(size),
      ...names.map((name) => typical((key) => columns[name]!(size, key)).toExponential(1)),
    ]);
  console.log();
}

// %% Depth
// A network of `depth` layers of 16 neurons, on random inputs and targets. The gradient of the first layer's weights is a
// product of one factor for each layer behind it. The logistic function's slope is at most ¼, so each of its layers takes
// most of what is left; tanh and relu, with first weights that keep variances, lose far less; where a layer's outputs are
// added to its inputs, there is a way past all factors.

function depthNorm(hidden: (key: Key) => Layer): (depth: number, key: () => Key) => number {
  return (depth, key) => {
    const first = dense(width, width, { key: key(), dtype });
    const model = sequential(
      first,
      ...Array.from({ length: depth - 1 }, () => hidden(key())),
      dense(width, 1, { key: key(), dtype }),
    );
    const x = normal(key(), [32, width], { dtype });
    const target = normal(key(), [32, 1], { dtype });
    return norm(gradients(meanSquaredError(model.forward(x), target), first.weight));
  };
}

const norm = (x: Tensor) => Math.sqrt(x.square().sum().item());
const tanhLayer = (key: Key) =>
  dense(width, width, { activation: tanh, initializer: glorotUniform, key, dtype });

console.log("Norm of the first layer's gradient, by depth:");
table("layers", isFull ? [2, 4, 8, 16, 32, 64] : [2, 8, 32, 64], {
  logistic: depthNorm((key) => dense(width, width, { activation: logistic, key, dtype })),
  tanh: depthNorm(tanhLayer),
  relu: depthNorm((key) => dense(width, width, { activation: relu, initializer: heUniform, key, dtype })),
  "residual tanh": depthNorm((key) => residual(tanhLayer(key))),
});

// %% Time
// The same with steps in place of layers: the gradient of the last output with respect to the first input. The plain cell
// multiplies by its one matrix and tanh's slope at each step. The LSTM's memory is multiplied by its forget gates alone, by
// about ½ at first, unless their bias is chosen so that they start open. σ(6) is 0.9975.

function timeNorm(make: (key: Key) => Layer): (steps: number, key: () => Key) => number {
  return (steps, key) => {
    const model = make(key());
    const x = normal(key(), [1, steps, 4], { dtype });
    // Compiled, the steps are one loop, however many there are.
    const slope = compile(grad((x: Tensor) => model.forward(x).slice(0, -1).sum()));
    return norm(slope(x).slice(0, 0));
  };
}

console.log("Norm of the gradient of the last output with respect to the first input, by steps:");
table("steps", isFull ? [2, 4, 8, 16, 32, 64, 128, 256, 512, 1024] : [2, 32, 256, 1024], {
  plain: timeNorm((key) => plainRecurrent(4, width, { key, dtype })),
  LSTM: timeNorm((key) => lstm(4, width, { key, dtype })),
  "LSTM, bias 1": timeNorm((key) => lstm(4, width, { forgetBias: 1, key, dtype })),
  "LSTM, bias 6": timeNorm((key) => lstm(4, width, { forgetBias: 6, key, dtype })),
});
