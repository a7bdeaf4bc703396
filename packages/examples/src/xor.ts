// XOR: the smallest problem that one neuron can't solve and two layers can.
// One neuron, taught twice (by the perceptron algorithm, and by gradient descent), fails; a multi-layer perceptron
// does not. Each ends with a truth table and a picture of what it answers over the plane.

import { compile, randomKey, tensor } from "@adjoint/autograd";
import {
  adam,
  type Dense,
  dense,
  type Layer,
  logistic,
  mlp,
  negLogLoss,
  sgd,
  sign,
  tanh,
  variables,
} from "@adjoint/nn";

const corners = [
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
] as const;
const samples = tensor(corners);

interface Gate {
  readonly name: string;
  /** The right answer at each corner. */
  readonly answers: readonly (0 | 1)[];
}
const and: Gate = { name: "AND", answers: [0, 0, 0, 1] };
const xor: Gate = { name: "XOR", answers: [0, 1, 1, 0] };

/** Whether an output means 1: above the middle of the activation's range. */
type Reading = (output: number) => boolean;
const above =
  (threshold: number): Reading =>
  (output) =>
    output > threshold;

function answersOf(model: Layer, reading: Reading): (0 | 1)[] {
  return Array.from(model.forward(samples).data, (output) => (reading(output) ? 1 : 0));
}

function countRight(model: Layer, reading: Reading, gate: Gate): number {
  return answersOf(model, reading).filter((answer, i) => answer === gate.answers[i]).length;
}

/** The truth table beside the regions: ░ where the answer is 1, the corners by their right answers. */
function show(model: Layer, reading: Reading, gate: Gate): void {
  const outputs = model.forward(samples).data;
  const answers = answersOf(model, reading);
  const table = corners.map(([a, b], i) => {
    const verdict = answers[i] === gate.answers[i] ? "right" : "wrong";
    return `  ${a} ${b}   ${gate.answers[i]}   ${outputs[i]!.toFixed(3).padStart(6)}   ${answers[i]} ${verdict}`;
  });
  const text = [`  a b  ${gate.name}   output   read`, ...table];
  const picture = regions(model, reading, gate);
  picture.forEach((line, i) => {
    console.log(`${(text[i] ?? "").padEnd(36)}${line}`.trimEnd());
  });
  console.log(`  ${countRight(model, reading, gate)} of 4 right\n`);
}

/** a runs to the right and b upwards, from −½ to 1½. */
function regions(model: Layer, reading: Reading, gate: Gate): string[] {
  const [width, height] = [33, 13];
  const across = (column: number) => -0.5 + (2 * column) / (width - 1);
  const up = (row: number) => 1.5 - (2 * row) / (height - 1);
  const points = Array.from({ length: width * height }, (_, i) => [
    across(i % width),
    up(Math.floor(i / width)),
  ]);
  const cells = Array.from(model.forward(tensor(points)).data, (output): string =>
    reading(output) ? "░" : " ",
  );
  corners.forEach(([a, b], i) => {
    const column = ((a + 0.5) / 2) * (width - 1);
    const row = ((1.5 - b) / 2) * (height - 1);
    cells[row * width + column] = `${gate.answers[i]}`;
  });
  return Array.from({ length: height }, (_, row) => cells.slice(row * width, (row + 1) * width).join(""));
}

// %% One neuron, by the perceptron algorithm
// The neuron answers with the sign of a weighted sum: the plane is cut by one straight line. Wherever it errs, the weights
// move towards the right answer: w ← w + ρ(y − ŷ)x. If some line separates the answers, this finds one, and a pass
// without a mistake ends it. For AND there is such a line; for XOR there is none, and it would go on for ever.

function perceptron(gate: Gate, mostPasses: number): { neuron: Dense; passes: number } {
  const neuron = dense(2, 1, { activation: sign, key: randomKey(0) });
  neuron.transferMatrix = tensor([[0], [0], [0]]);
  for (let pass = 1; pass <= mostPasses; pass++) {
    let mistakes = 0;
    corners.forEach(([a, b], i) => {
      const error = 2 * gate.answers[i]! - 1 - neuron.forward(tensor([[a, b]])).item();
      if (error === 0) return;
      mistakes++;
      neuron.transferMatrix = neuron.transferMatrix.add(tensor([[1], [a], [b]]).mul(0.5 * error));
    });
    if (mistakes === 0) return { neuron, passes: pass };
  }
  return { neuron, passes: Number.POSITIVE_INFINITY };
}

for (const gate of [and, xor]) {
  const { neuron, passes } = perceptron(gate, 100);
  const end = Number.isFinite(passes) ? `no mistakes in pass ${passes}` : "still mistaken after 100 passes";
  console.log(`One neuron, perceptron algorithm, ${gate.name}: ${end}`);
  show(neuron, above(0), gate);
}

// %% One neuron, by gradient descent
// A logistic neuron can hedge: the loss is least where it answers ½ everywhere, which is where descent takes it.
// Whichever way the last bits fall, the boundary between its answers is still one straight line.

const targets = tensor(xor.answers.map((answer) => [answer]));

const neuron = dense(2, 1, { activation: logistic, key: randomKey(0) });
const descent = sgd({ learningRate: 1 });
const neuronLoss = () => negLogLoss(neuron.forward(samples), targets);
for (let step = 0; step < 1000; step++) descent.minimize(neuronLoss, variables(neuron));

console.log(
  `One neuron, gradient descent, XOR: loss ${neuronLoss().item().toFixed(4)} (ln 2 = ${Math.LN2.toFixed(4)}: a coin's)`,
);
show(neuron, above(0.5), xor);

// %% A hidden layer
// Each hidden neuron cuts the plane by a line of its own, and the output neuron combines them: two cuts make a band, and
// a band holds the two 1s and neither 0.

function train(hiddenNeurons: number, seed: number): { model: Layer; loss: number } {
  const model = mlp([2, hiddenNeurons, 1], {
    activation: tanh,
    outputActivation: logistic,
    key: randomKey(seed),
  });
  const optimizer = adam({ learningRate: 0.1 });
  const weights = variables(model);
  // A step is small and is taken often; as one program it takes far less time.
  const step = compile(() => optimizer.minimize(() => negLogLoss(model.forward(samples), targets), weights));
  let loss = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 250; i++) loss = step().item();
  return { model, loss };
}

const { model, loss } = train(4, 1);
console.log(`Four hidden neurons, XOR: loss ${loss.toFixed(4)}`);
show(model, above(0.5), xor);

// %% How many hidden neurons does it take?
// Two can do it, as the lecture draws. Descent finds the way from some first weights and not from others: a spare neuron or two
// is cheap insurance.

for (const hiddenNeurons of [1, 2, 4]) {
  const solved = Array.from({ length: 10 }, (_, seed) => train(hiddenNeurons, seed)).filter(
    (trained) => countRight(trained.model, above(0.5), xor) === 4,
  ).length;
  console.log(`  ${hiddenNeurons} hidden: solved from ${solved} of 10 first weights`);
}
