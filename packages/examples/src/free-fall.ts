// # The quiz: how far a stone has fallen
//
// The lecture asks: in order to approximate the relation $h = \tfrac12 g t^2$,
//
// - how many neurons are needed in the input layer?
// - how many in the output layer?
// - if the activation function is the logistic function, are hidden layers necessary? Why?
// - how many hidden neurons are needed at least?
//
// One goes in, $t$, and one comes out, $h$: a neuron for each number. ($g$ is the same for every stone, so it is no input.) The
// other two questions are for an experiment, and the last has an answer that can be proved.

import { compile, linspace, type Tensor, tensor } from "@adjoint/autograd";
import { keys, lbfgs, linear, logistic, meanSquaredError, mlp, variables } from "@adjoint/nn";
import { chart, fast, finding, seed, show, table } from "@adjoint/notebook";

const firstSeed = seed(0);
const dtype = "float64";
const g = 9.81;

// %% The data
// Three seconds of falling, at 61 moments to learn from and 601 to be judged at. A logistic output lies between 0 and 1, so heights
// are taught in units of 50 metres.

const unit = 50;
const moments = (count: number) => linspace(0, 3, count, { dtype }).reshape([count, 1]);
const fallen = (t: Tensor) => t.square().mul(g / 2);
const t = moments(61);
const taught = fallen(t).div(unit);
const judged = moments(601);
const truth = fallen(judged);

/** Metres at moments [n, 1]. */
type Fit = (t: Tensor) => Tensor;
const largestError = (fit: Fit) => fit(judged).sub(truth).abs().max().item();

// %% The networks
// Each is trained by L-BFGS from several first weights, and the best is kept: the question is what a network can do, not what
// one training happens to find.

interface Network {
  readonly name: string;
  readonly widths: readonly number[];
  readonly output: typeof linear;
}
const networks: readonly Network[] = [
  { name: "no hidden layer, linear output", widths: [1, 1], output: linear },
  { name: "no hidden layer, logistic output", widths: [1, 1], output: logistic },
  ...(fast ? [1, 2, 8] : [1, 2, 3, 4, 8]).map((hidden) => ({
    name: `${hidden} hidden`,
    widths: [1, hidden, 1],
    output: linear,
  })),
];
const seeds = Array.from({ length: fast ? 2 : 10 }, (_, i) => firstSeed + i);
const iterations = fast ? 100 : 1000;

function trained({ widths, output }: Network, ownSeed: number): Fit {
  const key = keys(ownSeed);
  const model = mlp(widths, { activation: logistic, outputActivation: output, key: key(), dtype });
  const loss = compile(() => meanSquaredError(model.forward(t), taught));
  const optimizer = lbfgs({
    iterations,
    evaluations: 2 * iterations,
    gradientTolerance: 1e-12,
    changeTolerance: 1e-15,
  });
  optimizer.minimize(loss, variables(model));
  return (at) => model.forward(at).mul(unit);
}

const results = networks.map((network) => {
  const fits = seeds.map((each) => trained(network, each)).sort((a, b) => largestError(a) - largestError(b));
  return { name: network.name, best: fits[0]!, worst: fits.at(-1)! };
});
const bestError = (name: string) => largestError(results.find((result) => result.name === name)!.best);

// %% Are hidden layers necessary?
// Without one the network is $\varphi(w_0 + w_1 t)$: a straight line if the output is linear, a single S-curve if it is logistic,
// which can only be shifted and stretched. No shift or stretch makes either a parabola.

const lineOf = (name: string, fit: Fit) =>
  ({ mark: "line", name, x: judged.flatten(), y: fit(judged).flatten() }) as const;
show(
  chart(
    [
      lineOf("h = ½ g t²", fallen),
      ...results
        .filter(({ name }) => name.startsWith("no hidden") || name === "1 hidden")
        .map(({ name, best }) => lineOf(name, best)),
    ],
    {
      title: "Without a hidden layer, and with one hidden neuron",
      x: { label: "time", unit: "s" },
      y: { label: "fallen", unit: "m" },
    },
  ),
);

// %% How many hidden neurons?
// One helps: the lower half of one S-curve, stretched at will, nearly bends as the parabola does. Nearly, but never quite. Two are
// better by far, and further ones add little.

show(
  chart(
    results
      .filter(({ name }) => name.endsWith("hidden"))
      .slice(0, 3)
      .map(({ name, best }) => lineOf(name, (at) => best(at).sub(fallen(at)))),
    {
      title: "What is left: network minus parabola",
      x: { label: "time", unit: "s" },
      y: { label: "error", unit: "m" },
    },
  ),
);
show(
  table(
    results.map(({ name, best, worst }) => ({
      network: name,
      "largest error, m": largestError(best),
      "of the worst training, m": largestError(worst),
    })),
    { title: `Largest errors, of ${seeds.length} trainings each`, digits: 2 },
  ),
);

// %% Two are enough for any accuracy
// By Taylor's theorem, around any $b$ where the logistic function bends,
//
// $$\sigma(b + \varepsilon t) + \sigma(b - \varepsilon t) = 2\sigma(b) + \sigma''(b)\,\varepsilon^2 t^2 + O(\varepsilon^4 t^4):$$
//
// two neurons whose S-curves face each other make a parabola, the better the flatter they are. Divided by $\varepsilon^2$, the error
// is of order $\varepsilon^2$: a tenth of $\varepsilon$ leaves a hundredth of it. No training is needed; the weights are written down. With one neuron
// the odd powers of $t$ don't cancel.

const b = -Math.log(2 + Math.sqrt(3)); // Where σ″ is largest.
const at0 = 1 / (1 + Math.exp(-b));
const bend = at0 * (1 - at0) * (1 - 2 * at0);

function written(epsilon: number): Fit {
  const model = mlp([1, 2, 1], { activation: logistic, outputActivation: linear, key: keys(0)(), dtype });
  const scale = g / (2 * bend * epsilon ** 2);
  model[0]!.transferMatrix = tensor(
    [
      [b, b],
      [epsilon, -epsilon],
    ],
    { dtype },
  );
  model[1]!.transferMatrix = tensor([[-2 * at0 * scale], [scale], [scale]], { dtype });
  return (at) => model.forward(at);
}

const epsilons = [1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001];
const errors = epsilons.map((epsilon) => largestError(written(epsilon)));
show(
  chart([{ mark: "line", name: "two neurons, weights written down", x: epsilons, y: errors }], {
    title: "The largest error of two hidden neurons",
    x: { label: "ε", scale: "log" },
    y: { label: "largest error", unit: "m", scale: "log" },
  }),
);
/** The power of ε with which the error falls. */
const power = Math.log(errors[4]! / errors[8]!) / Math.log(epsilons[4]! / epsilons[8]!);

// %% After the third second
// No sum of a few S-curves is a parabola everywhere: each levels off. Where there were no samples, the networks know nothing of
// falling.

const later = linspace(0, 30, 301, { dtype }).reshape([301, 1]);
const lateLine = (name: string, fit: Fit) =>
  ({ mark: "line", name, x: later.flatten(), y: fit(later).flatten() }) as const;
show(
  chart(
    [
      lateLine("h = ½ g t²", fallen),
      ...results
        .filter(({ name }) => ["1 hidden", "2 hidden", "8 hidden"].includes(name))
        .map(({ name, best }) => lateLine(name, best)),
      { mark: "rule", name: "end of the samples", at: 3, across: "x" },
    ],
    {
      title: "Thirty seconds, of which three were seen",
      x: { label: "time", unit: "s" },
      y: { label: "fallen", unit: "m" },
    },
  ),
);

// %% What was found
// One neuron goes in and one comes out. Hidden layers are necessary: the best straight line is metres off, and so is the best
// S-curve. One hidden neuron comes within a metre and no closer; two are the least for any accuracy that one likes, since their
// weights can be written down. Training comes within centimetres and stays far from what two neurons can do: the
// good weights lie at the end of a long valley, with ever smaller $\varepsilon$ and ever larger output weights.
//
// Not found: a network that knows more than the three seconds it has seen.

finding("no hidden layer, linear output: largest error", bestError("no hidden layer, linear output"), {
  expected: 7.2,
  spread: 0.3,
  unit: "m",
});
finding("no hidden layer, logistic output: largest error", bestError("no hidden layer, logistic output"), {
  expected: 3.2,
  spread: 0.3,
  unit: "m",
});
finding("1 hidden neuron: largest error", bestError("1 hidden"), { expected: 0.67, spread: 0.05, unit: "m" });
finding("2 hidden neurons, trained: largest error", bestError("2 hidden"), {
  expected: 0.0065,
  spread: 0.003,
  unit: "m",
});
finding("2 hidden neurons, written down, ε = 0.001: largest error", errors.at(-1)!, {
  expected: 3.3e-5,
  spread: 5e-6,
  unit: "m",
});
finding("the power of ε with which the error of two neurons falls", power, { expected: 2, spread: 0.02 });
