// # An activation of one's own: from the idea to the proof to the comparison
//
// **The idea.** A unit that is far off, deep in the negative, should find back. Relu gives it no gradient at all, and gelu,
// $x\,\Phi(x)$, next to none, since the tail of the normal distribution falls off faster than any exponential. So let the gate fall
// off slowly, by an algebraic sigmoid in place of $\Phi$:
//
// $$\varphi(x) = \frac{x}{2}\left(1 + \frac{x}{\sqrt{1 + x^2}}\right), \qquad \varphi'(x) \approx -\frac{1}{4x^2} \text{ far in the negative.}$$
//
// At $x = -6$ that is more than 100,000 times the slope of gelu, and no exponential has to be computed.
//
// **Claim.** A network whose hidden units are all far off at the start learns with $\varphi$, and does not with relu and gelu.
//
// **Question.** Is the claim true? And is $\varphi$ any better where the units start as they should?

import { activation, averagePool, grad, type Tensor, tensor } from "@adjoint/autograd";
import { checkActivation } from "@adjoint/autograd/check";
import { adam, crossEntropy, dense, fit, gelu, keys, relu, sequential, split, tanh } from "@adjoint/nn";
import { chart, fast, finding, progress, seed, show, table } from "@adjoint/notebook";
import { divide, loadDigits, samplesOf, side } from "./data/mnist.ts";
import { deviation, mean } from "./data/statistics.ts";

// %% State it
// One expression. Derivatives of every order, kernels and text follow from it.

const draft = activation("algelu", (x) => x.mul(x.div(x.square().add(1).sqrt()).add(1)).div(2));
show(draft);

// %% Prove it
// `checkActivation` holds everything that is known of it against numbers: values on numbers, tensors and scalars,
// derivatives of orders 1 to 3 in both modes and both types, kinks, range, and the lecture's $\psi$, the slope as a function of
// the output alone.

const draftReport = checkActivation(draft);
show(draftReport);

// %% What the check has taught
// There is no $\psi$, and there can't be one: $\varphi$ falls and then rises, so that one output belongs to two inputs with two
// slopes. And it never goes below −0.150141553. Where is that? With $s = \sqrt{1 + x^2}$,
//
// $$2\varphi'(x) = 1 + \frac{x^3 + 2x}{s^3} = 0 \iff (x^3 + 2x)^2 = (1 + x^2)^3 \iff x^4 + x^2 = 1,$$
//
// so the lowest point lies at $x^2 = (\sqrt5 - 1)/2$: the golden ratio. Now its range can be stated, and is checked too.

const lowest = -Math.sqrt((Math.sqrt(5) - 1) / 2);
const algelu = activation("algelu", (x) => x.mul(x.div(x.square().add(1).sqrt()).add(1)).div(2), {
  range: [draft(lowest), Infinity],
});
const report = checkActivation(algelu);
show(report);

const float64 = { dtype: "float64" } as const;
const slopeOf = (f: (x: Tensor) => Tensor) => (x: number) => grad(f)(tensor(x, float64)).item();
const rivals = { algelu, gelu, relu, tanh } as const;
type Name = keyof typeof rivals;
const names = Object.keys(rivals) as Name[];
show(
  table(
    [0, -1, -3, -6].map((x) => ({
      x,
      ...Object.fromEntries(names.map((name) => [`slope of ${name}`, slopeOf((t) => rivals[name](t))(x)])),
    })),
    { title: "How much of a gradient gets through", digits: 2 },
  ),
);

// %% The problem
// Handwritten digits, made smaller to 14×14 pixels. For each seed, digits to train on are drawn from 8,000; the 2,000 to judge
// by are the same for all. Activations of a seed have the same digits in the same order and, but for the start of their
// biases, the same weights.

const firstSeed = seed(0);
const seeds = Array.from({ length: fast ? 2 : 10 }, (_, i) => firstSeed + i);
const [digits, epochs, hidden] = fast ? [200, 4, 16] : [500, 10, 64];

const { training: others, heldOut } = divide(loadDigits(), fast ? 9000 : 2000, keys(0)());
const small = ({ x, y }: { x: Tensor; y: Tensor }) => ({
  x: averagePool(x, 2).reshape([y.size, (side / 2) ** 2]),
  y,
});
const pool = small(samplesOf(others));
const test = small(samplesOf(heldOut));

/** Trains a network whose hidden biases start at the given value. Returns the share of digits read right. */
async function accuracyOf(name: Name, seed: number, bias: number): Promise<number> {
  const key = keys(1000 + seed);
  const part = digits / others.labels.length;
  const { training } = split(pool, { training: part, unused: 1 - part }, key());
  const layers = [dense((side / 2) ** 2, hidden, { key: key() }), dense(hidden, hidden, { key: key() })];
  for (const layer of layers) layer.bias!.assign(layer.bias!.value.add(bias));
  const [first, second] = layers;
  const phi = rivals[name];
  const model = sequential(first!, phi, second!, phi, dense(hidden, 10, { key: key() }));
  await fit(model, training, {
    loss: crossEntropy,
    optimizer: adam({ learningRate: 0.003 }),
    epochs,
    batchSize: fast ? 50 : 20,
    key: key(),
  });
  return model.forward(test.x).argmax({ axis: 1 }).equal(test.y).cast("float64").mean().item();
}

// %% From a proper start to a bad one
// With biases that start at 0, as they should, at −2, and at −6, where every unit is off.

const biases = fast ? [0, -6] : [0, -2, -6];
const bar = progress("training", biases.length * names.length * seeds.length);
const accuracies = new Map<string, number[]>();
const of = (name: Name, bias: number) => accuracies.get(`${name} ${bias}`)!;
let done = 0;
for (const bias of biases)
  for (const name of names) {
    const all: number[] = [];
    for (const seed of seeds) {
      all.push(100 * (await accuracyOf(name, seed, bias)));
      bar.update(++done);
    }
    accuracies.set(`${name} ${bias}`, all);
  }
bar.end();

show(
  chart(
    names.flatMap((name) => {
      const [middle, spread] = [mean, deviation].map((f) => biases.map((bias) => f(of(name, bias))));
      return [
        {
          mark: "band" as const,
          name,
          x: biases,
          low: middle!.map((m, i) => m - spread![i]!),
          high: middle!.map((m, i) => m + spread![i]!),
        },
        { mark: "line" as const, name, x: biases, y: middle! },
      ];
    }),
    {
      title: `Digits read right: mean ± standard deviation of ${seeds.length} seeds`,
      x: "bias of the hidden units at the start",
      y: { label: "test accuracy", unit: "%", domain: [0, 100] },
    },
  ),
);

// %% Paired by seed
// Each seed gives a difference between two activations that saw the same digits. Its mean, with its standard error, says more
// than two means beside each other.

function difference(name: Name, bias: number) {
  const each = of("algelu", bias).map((accuracy, i) => accuracy - of(name, bias)[i]!);
  return { mean: mean(each), error: deviation(each) / Math.sqrt(each.length) };
}
const rest = names.filter((name) => name !== "algelu");
show(
  chart(
    [
      {
        mark: "bars",
        name: "algelu minus the other",
        labels: rest.map((name) => `algelu − ${name}`),
        values: rest.map((name) => difference(name, 0).mean),
        spread: rest.map((name) => difference(name, 0).error),
      },
    ],
    {
      title: "From a proper start: differences ± standard error",
      x: "compared",
      y: { label: "test accuracy", unit: "percentage points" },
    },
  ),
);
show(
  table(
    biases.flatMap((bias) =>
      rest.map((name) => {
        const { mean, error } = difference(name, bias);
        const verdict = Math.abs(mean) < 2 * error ? "no difference seen" : mean > 0 ? "better" : "worse";
        return {
          bias,
          "algelu against": name,
          points: `${mean.toFixed(1)} ± ${error.toFixed(1)}`,
          "algelu is": verdict,
        };
      }),
    ),
    { title: "Paired differences in accuracy; beyond two standard errors counts" },
  ),
);

// %% What was found
// **The claim is false.** From −6, networks with algelu only guess, as with gelu and relu, though 100,000 times as much of a
// gradient gets through; and tanh, whose slope there is smaller still, learns. From −2, algelu is far *worse* than gelu. A slope
// that is not zero is not yet a slope that helps: on the tail it is negative, so what would raise the output of a unit pushes
// its input further down.
//
// From a proper start there is nothing to choose between algelu and gelu, and relu is a little better than both. The function
// is right, to the third derivative, and it is no better.

const chance = 10;
finding("comparisons of the check that came out right", report.verdict === "right" ? 1 : 0, {
  expected: 1,
  spread: 0,
  unit: "of 1",
});
finding("algelu's accuracy above chance, from −6", mean(of("algelu", -6)) - chance, {
  expected: 1.5,
  spread: 3,
  unit: "points",
});
finding("gelu's accuracy above chance, from −6", mean(of("gelu", -6)) - chance, {
  expected: 0.5,
  spread: 2,
  unit: "points",
});
finding("algelu − tanh, from −6", difference("tanh", -6).mean, { expected: -39, spread: 10, unit: "points" });
if (!fast)
  finding("algelu − gelu, from −2", difference("gelu", -2).mean, {
    expected: -36,
    spread: 10,
    unit: "points",
  });
finding("algelu − gelu, from 0", difference("gelu", 0).mean, { expected: 0, spread: 0.5, unit: "points" });
finding("algelu − relu, from 0", difference("relu", 0).mean, { expected: -0.5, spread: 0.5, unit: "points" });
