// # Does a wave help to learn a wave?
//
// A network with tanh fits a sine where it has seen it, and knows nothing of what comes after. The activation
// $x + \sin^2 x$ brings a wave along. Does it go on where the samples end?

import { type Activation, tensor } from "@adjoint/autograd";
import { checkActivation } from "@adjoint/autograd/check";
import { adam, fit, keys, type Layer, linear, meanSquaredError, mlp, tanh } from "@adjoint/nn";
import { chart, fast, seed, show, table } from "@adjoint/notebook";
import { snake } from "./snake.ts";

const firstSeed = seed(1);

// %% The idea
// What the activation is, as far as its one line says.

show(snake);

// %% Is it right?
// The laboratory compares its derivatives with differences, in both modes and both float types, to order three.

const report = checkActivation(snake);
show(report);

// %% Training
// Both networks learn $\sin x$ from samples on $[-4, 4]$.

const range = (from: number, to: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => from + ((to - from) * i) / (count - 1));
const column = (numbers: readonly number[]) => tensor(numbers.map((each) => [each]));

const seen = range(-4, 4, 128);
const samples = { x: column(seen), y: column(seen.map(Math.sin)) };

async function train(activation: Activation): Promise<Layer> {
  const key = keys(firstSeed);
  const model = mlp([1, 32, 32, 1], { activation, outputActivation: linear, key: key() });
  const { history } = await fit(model, samples, {
    loss: meanSquaredError,
    optimizer: adam({ learningRate: 0.01 }),
    epochs: fast ? 50 : 400,
    batchSize: 32,
    key: key(),
  });
  show(history, { title: `training with ${activation.name}` });
  return model;
}

const models = { tanh: await train(tanh), snake: await train(snake) };

// %% What they learned
// Beyond 4 neither has seen anything.

const wide = range(-8, 8, 161);
const answers = Object.entries(models).map(([name, model]) => ({
  name,
  y: Array.from(model.forward(column(wide)).data),
}));

const lines = [{ name: "sin x", y: wide.map(Math.sin) }, ...answers];
show(
  chart(
    lines.map(({ name, y }) => ({ mark: "line", name, x: wide, y })),
    { title: "sin x, learned on [−4, 4]", x: "x", y: "output" },
  ),
);

// %% How far off they are
// The mean squared error where they were trained, and beyond.

const error = (y: readonly number[], isCounted: (x: number) => boolean): number => {
  const squares = wide.flatMap((x, i) => (isCounted(x) ? [(y[i]! - Math.sin(x)) ** 2] : []));
  return squares.reduce((a, b) => a + b, 0) / squares.length;
};

show(
  table(
    answers.map(({ name, y }) => ({
      activation: name,
      "on [−4, 4]": error(y, (x) => Math.abs(x) <= 4),
      beyond: error(y, (x) => Math.abs(x) > 4),
    })),
  ),
);
