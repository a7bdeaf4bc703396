// # Inside a small network
//
// After its worked example the lecture shows a demo, MiniNN: $X$, $\delta$, $\mathbb W$ and the gradient of every layer, step by step, while a small network
// learns sample by sample. This is the same, for a network of 2, 2 and 1 neurons that learns XOR.
//
// What does one step change? How do $\delta$ and $\nabla$ behave from the first step to the last?

import { randomKey, type Tensor, tensor } from "@adjoint/autograd";
import { backpropagation, logistic, mlp, negLogLoss, sgd, tanh, variables } from "@adjoint/nn";
import { curves, fast, finding, group, seed, show, table } from "@adjoint/notebook";
import { mean } from "./data/statistics.ts";

// %% The network and its samples
// Hidden neurons are tanh, the output neuron is logistic, the loss is the negative log-loss, and $\rho = 0.5$. XOR's four samples come one after another,
// always in this order.

const samples = [
  { input: [0, 0], target: 0 },
  { input: [0, 1], target: 1 },
  { input: [1, 0], target: 1 },
  { input: [1, 1], target: 0 },
] as const;
const model = mlp([2, 2, 1], {
  activation: tanh,
  outputActivation: logistic,
  key: randomKey(seed(4)),
  dtype: "float64",
});
const descent = sgd({ learningRate: 0.5 });

/** What one pass forward and back of a sample shows. */
const lookAt = ({ input, target }: (typeof samples)[number]) =>
  backpropagation(
    model,
    tensor([input], { dtype: "float64" }),
    tensor([[target]], { dtype: "float64" }),
    negLogLoss,
  );
type Look = ReturnType<typeof lookAt>;

/** Looks at a sample, then makes the step. */
function step(sample: (typeof samples)[number]): Look {
  const look = lookAt(sample);
  const x = tensor([sample.input], { dtype: "float64" });
  const y = tensor([[sample.target]], { dtype: "float64" });
  descent.minimize(() => negLogLoss(model.forward(x), y), variables(model));
  return look;
}

// %% The first steps
// One table for each sample of the first epoch: activations forward, δ and ∇ back. Each table shows the weights before its step, and in the next one they
// have moved by $-\rho \nabla$. The first sample's inputs are 0, so of $\nabla^{(0)}$ only the bias neuron's row is not.

const first = samples.map((sample, i) => {
  const look = step(sample);
  show(look, {
    as: "table",
    title: `Step ${i + 1}: input (${sample.input.join(", ")}), target ${sample.target}, loss ${look.loss.item().toFixed(3)}`,
    digits: 3,
  });
  return look;
});

/** How far W + ρ∇ of one step is from the W of the next: 0 up to rounding. */
const moved = Math.max(
  ...first.slice(0, -1).flatMap((look, i) =>
    look.layers.slice(0, -1).flatMap(({ weight, gradient }, l) => {
      const next = first[i + 1]!.layers[l]!.weight!;
      return weight!.sub(gradient!.mul(0.5)).sub(next).abs().max().item();
    }),
  ),
);

// %% As a network
// The second step, drawn as the lecture draws networks, and as the graph of the computation.

show(first[1]!, { title: "Step 2, input (0, 1)", digits: 2 });

// %% Many steps
// Epoch after epoch. For each, the mean loss of its four samples, and the mean size of δ and ∇ in each layer.

const epochs = fast ? 60 : 1000;
const norm = (x: Tensor) => Math.sqrt(x.square().sum().item());
const measures = {
  loss: ({ loss }: Look) => loss.item(),
  "‖δ(2)‖": ({ layers }: Look) => norm(layers[2]!.delta!),
  "‖δ(1)‖": ({ layers }: Look) => norm(layers[1]!.delta!),
  "‖∇(1)‖": ({ layers }: Look) => norm(layers[1]!.gradient!),
  "‖∇(0)‖": ({ layers }: Look) => norm(layers[0]!.gradient!),
};
type Measure = keyof typeof measures;
const names = Object.keys(measures) as Measure[];
const course = Object.fromEntries(names.map((name): [Measure, number[]] => [name, []])) as Record<
  Measure,
  number[]
>;
for (let epoch = 0; epoch < epochs; epoch++) {
  const looks = samples.map(step);
  for (const name of names) course[name].push(mean(looks.map(measures[name])));
}

const at = course.loss.map((_, i) => i + 2);
const { loss, ...sizes } = course;
show(
  group(
    [
      curves(
        { loss },
        {
          at,
          title: "Loss",
          x: { label: "epoch", scale: "log" },
          y: { label: "mean loss", unit: "nats", scale: "log" },
        },
      ),
      curves(sizes, {
        at,
        title: "What goes back",
        x: { label: "epoch", scale: "log" },
        y: { label: "mean norm", scale: "log" },
      }),
    ],
    { arrangement: "row" },
  ),
);

// %% At the end
// Every sample once more. δ at the output is $\hat y - y$, so it is small where the answer is right, and with it all that goes back.

const last = samples.map(lookAt);
show(
  table(
    last.map((look, i) => ({
      input: samples[i]!.input.join(", "),
      target: samples[i]!.target,
      ŷ: look.prediction.item(),
      "δ(2)": look.layers[2]!.delta!.item(),
      ...Object.fromEntries(names.slice(2).map((name) => [name, measures[name](look)])),
    })),
    { title: `After ${epochs + 1} epochs`, digits: 3 },
  ),
);
show(last[1]!, { title: "The trained network, input (0, 1)", digits: 2 });

// %% What was found
// A step changes every weight by $-\rho \nabla$ and nothing else: where an input is 0 its row of $\nabla^{(0)}$ is 0, and those weights wait for another sample.
// While the network learns, δ at the output, $\hat y - y$, falls towards 0, and everything that goes back falls with it: at the end the gradient of the first layer is
// less than a hundredth of what it was, which is why learning slows down as it succeeds.
//
// Not found: a network of this size that learns XOR from all first weights. From some (seed 2 is one) it ends at ½ for two of the samples; see `xor.ts`.

finding("how far a step is from −ρ∇", moved, { expected: 0, spread: 1e-15 });
finding("loss at the end", loss.at(-1)!, { expected: 0.0016, spread: 0.0004, unit: "nats" });
finding("largest |δ| at the output at the end", Math.max(...last.map((look) => measures["‖δ(2)‖"](look))), {
  expected: 0.0022,
  spread: 0.0006,
});
finding("‖∇(0)‖ of the last epoch over that of its first", sizes["‖∇(0)‖"].at(-1)! / sizes["‖∇(0)‖"][0]!, {
  expected: 0.0045,
  spread: 0.003,
});
