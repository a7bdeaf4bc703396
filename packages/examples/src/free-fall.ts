// The lecture's quiz: a network is to learn how far a stone has fallen, h = ½ g t². How many neurons go in, how many come
// out, and are hidden layers necessary where all activations are logistic?
//
// One goes in, t, and one comes out, h: a neuron a number. (g is the same for every stone, hence no input.)
// Hidden layers are necessary. Without any, the network is φ(w₀ + w₁t): a straight line if the output neuron is linear,
// one S-curve if it is logistic, which can only be shifted and stretched. No shift or stretch makes either a parabola. A
// few hidden neurons give a few S-curves to add up, and sums of S-curves come as near to any continuous function as one
// likes (the universal approximation theorem).

import { compile, linspace, randomKey, type Tensor, tensor } from "@adjoint/autograd";
import { adam, type LayerActivation, linear, logistic, meanSquaredError, mlp, variables } from "@adjoint/nn";
import { plot } from "asciichart";

const g = 9.81;

// %% The data
// Three seconds of falling. A logistic output lies between 0 and 1, so distances are taught in units of 50 metres.

const unit = 50;
const t = linspace(0, 3, 61).reshape([61, 1]);
const h = t.square().mul(g / 2);
const taught = h.div(unit);

// %% The networks
// Trained the same way: steps that get smaller, until none of the three gets better.

function fitted(widths: readonly number[], outputActivation: LayerActivation): Tensor {
  const model = mlp(widths, { activation: logistic, outputActivation, key: randomKey(1) });
  const optimizer = adam();
  const weights = variables(model);
  const step = compile(() => optimizer.minimize(() => meanSquaredError(model.forward(t), taught), weights));
  const steps = 2000;
  for (let i = 0; i < steps; i++) {
    optimizer.learningRate.assign(tensor(0.1 * (1 - i / steps), { dtype: "float64" }));
    step();
  }
  return model.forward(t).mul(unit);
}

const fits = [
  { name: "none, linear", height: fitted([1, 1], linear) },
  { name: "none, logistic", height: fitted([1, 1], logistic) },
  { name: "4, linear", height: fitted([1, 4, 1], linear) },
];

// %% How far off they are

console.log("Neurons: 1 in (t), 1 out (h).\n");
console.log("hidden, output    root mean square   largest error");
for (const { name, height } of fits) {
  const error = height.sub(h);
  const typical = Math.sqrt(error.square().mean().item());
  const largest = error.abs().max().item();
  console.log(`${name.padEnd(16)}${typical.toFixed(3).padStart(16)} m${largest.toFixed(3).padStart(14)} m`);
}

// %% What they look like
// Side by side on one scale. asciichart draws several lines in one chart only by colour, which not every terminal has.

const everyFifth = (values: Tensor) => Array.from(values.data).filter((_, i) => i % 5 === 0);
const charts = [{ name: "h = ½ g t²", height: h }, ...fits].map(({ name, height }) => {
  const chart = plot(everyFifth(height), {
    height: 11,
    min: -9,
    max: 45,
    format: (y) => y.toFixed(0).padStart(3),
  });
  return [`    ${name}`, ...chart.split("\n")];
});

console.log("\nMetres fallen against time, 0 to 3 seconds:\n");
charts[0]!.forEach((_, line) => {
  console.log(
    charts
      .map((lines) => (lines[line] ?? "").padEnd(20))
      .join("")
      .trimEnd(),
  );
});

console.log(`
Are hidden layers necessary? Yes: without one, the network is a straight line or a single S-curve, and the
best of those is metres off somewhere. Four S-curves, added up, follow the parabola.`);
