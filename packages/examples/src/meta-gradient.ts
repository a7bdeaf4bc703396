// # A learning rate learned through training
//
// How well a network does after $K$ steps of training is a function of the learning rate, like any other. Steps of training
// are made of gradients, which can be differentiated again, and so can all of it: the gradient of the loss *after*
// training in the settings *of* training, a meta-gradient (Maclaurin, Duvenaud & Adams 2015).
//
// **Question.** Does descent along meta-gradients find a good learning rate and momentum, and where does it mislead?

import {
  addTrees,
  bind,
  compile,
  grad,
  linspace,
  mapTree,
  meshgrid,
  normal,
  randomKey,
  scaleTree,
  scan,
  stack,
  type Tensor,
  tensor,
  uniform,
  valueAndGrad,
  variable,
  vmap,
  zerosLike,
} from "@adjoint/autograd";
import { checkGradients } from "@adjoint/autograd/check";
import { adam, linear, meanSquaredError, mlp, tanh, variables } from "@adjoint/nn";
import { chart, fast, finding, seed, show, table } from "@adjoint/notebook";

// %% Training as a function
// The inner network learns a noisy sine from 20 points; 40 others without noise tell how well. `bind` lets the network
// compute with weights that are given to it in place of its own, so that a step is a function of weights. `scan` repeats it:
// gradient descent with momentum, $v \leftarrow \mu v + g$ and $w \leftarrow w - \eta v$.
//
// The settings are $\log_{10}\eta$ and $\ln\frac{\mu}{1 - \mu}$, which may be any numbers.

const start = seed(0);
const float64 = { dtype: "float64" } as const;
const x = uniform(randomKey(start + 100), [20, 1], { low: -1, high: 1, ...float64 });
const y = x
  .mul(4)
  .sin()
  .add(normal(randomKey(start + 200), [20, 1], { deviation: 0.1, ...float64 }));
const newX = linspace(-1, 1, 40, float64).reshape([40, 1]);
const newY = newX.mul(4).sin();

type Weights = Record<string, Tensor>;
const width = fast ? 8 : 16;
const modelOf = (key: number) =>
  mlp([1, width, 1], { activation: tanh, outputActivation: linear, key: randomKey(key), ...float64 });
const initialOf = (key: number): Weights => mapTree((w) => w.detach(), variables(modelOf(key)));
const model = modelOf(start);
const initial = initialOf(start);

const lossAt = (weights: Weights, x: Tensor, y: Tensor) =>
  bind(variables(model), weights, () => meanSquaredError(model.forward(x), y));
const gradientAt = grad(lossAt);

function lossAfter(steps: number, settings: Tensor, initial: Weights): Tensor {
  const [logRate, logit] = settings.unstack();
  const rate = logRate!.mul(Math.LN10).exp();
  const momentum = logit!.logistic();
  const step = ({ w, v }: { w: Weights; v: Weights }) => {
    const velocity = addTrees(scaleTree(v, momentum), gradientAt(w, x, y));
    return [{ w: addTrees(w, scaleTree(velocity, rate.neg())), v: velocity }, null] as const;
  };
  const [{ w }] = scan(step, { w: initial, v: scaleTree(initial, 0) }, null, { length: steps });
  return lossAt(w, newX, newY);
}

const steps = fast ? 30 : 100;
const trained = (settings: Tensor) => lossAfter(steps, settings, initial);
const settingsOf = (logRate: number, momentum: number) =>
  tensor([logRate, Math.log(momentum / (1 - momentum))], float64);

// %% Is the meta-gradient right?
// `checkGradients` proves it for three steps of training. For all steps, it stands beside central differences.

const report = checkGradients((settings: Tensor) => lossAfter(3, settings, initial), [settingsOf(-1, 0.9)], {
  order: 1,
});
show(report, { title: "The checker's report on three steps" });

const loss = compile(trained);
const lossAndGradient = compile(valueAndGrad(trained));
const h = 1e-5;
const differences = (at: Tensor) =>
  [tensor([h, 0], float64), tensor([0, h], float64)].map((d) =>
    loss(at.add(d))
      .sub(loss(at.sub(d)))
      .div(2 * h)
      .item(),
  );
const compared = [-1.5, -1, -0.7].flatMap((logRate) => {
  const at = settingsOf(logRate, 0.5);
  const [byRate, byMomentum] = differences(at);
  const [inRate, inMomentum] = lossAndGradient(at).gradient.toArray() as number[];
  return [
    { "log₁₀ η": logRate, setting: "log₁₀ η", "meta-gradient": inRate!, difference: byRate! },
    { "log₁₀ η": logRate, setting: "logit μ", "meta-gradient": inMomentum!, difference: byMomentum! },
  ];
});
show(table(compared, { title: `Meta-gradients through ${steps} steps`, digits: 7 }));

// %% The loss over the learning rate
// With momentum 0.5. The loss falls along a smooth slope, and then there is a cliff: beyond it training diverges. There the
// derivative is right, and tells nothing.

const rates = linspace(-2.5, 0, fast ? 41 : 161, float64);
const half = stack([rates, zerosLike(rates)], { axis: 1 });
const { value: curve, gradient: slopes } = compile(vmap(valueAndGrad(trained)))(half);
const slope = slopes.slice(null, 0);
const before = lossAt(initial, newX, newY).item();
show(
  chart(
    [
      { mark: "line", name: `after ${steps} steps`, x: rates, y: curve },
      { mark: "rule", name: "before training", at: before, across: "y" },
    ],
    {
      title: "The loss over the learning rate",
      x: "log₁₀ η",
      y: { label: "mean squared error", scale: "log", domain: [1e-3, 1e3] },
    },
  ),
);
show(
  chart([{ mark: "line", name: "|∂ loss / ∂ log₁₀ η|", x: rates, y: slope.abs() }], {
    title: "The size of its derivative",
    x: "log₁₀ η",
    y: { label: "|derivative|", scale: "log" },
  }),
);

// %% Descent along meta-gradients
// Adam on the settings, from many starts at once: `vmap` trains a network for each start, and since Adam looks at each number
// by itself, the gradient of the sum of the losses moves each start by its own. All of it is one compiled program.

const starts = fast ? 4 : 16;
const drawn = uniform(randomKey(start + 300), [starts], { low: -2, high: -0.6, ...float64 });
const settings = variable(stack([drawn, zerosLike(drawn)], { axis: 1 }));
const all = vmap(trained);
const losses = compile(() => all(settings.value));
const optimizer = adam({ learningRate: 0.05 });
const outerStep = compile(() => optimizer.minimize(() => all(settings).sum(), [settings]));

const outerSteps = fast ? 20 : 150;
const path: { settings: number[][]; losses: number[] }[] = [];
const note = () =>
  path.push({ settings: settings.toArray() as number[][], losses: losses().toArray() as number[] });
for (let k = 0; k < outerSteps; k++) {
  note();
  outerStep();
}
note();

const shown = fast ? 2 : 4;
const places = Array.from({ length: starts }, (_, i) => i);
show(
  chart(
    places.map((i) => ({
      mark: "line" as const,
      name: i < shown ? `start ${i + 1}` : "other starts",
      x: path.map((_, k) => k),
      y: path.map((each) => each.losses[i]!),
    })),
    {
      title: "Loss after training while its settings are learned",
      x: "outer step",
      y: { label: "mean squared error", scale: "log" },
    },
  ),
);

// %% The plane of settings
// All of it at once, by `vmap` over a grid of settings. What diverged is cut off at 1. The paths lead to the edge of the
// cliff: the best settings stand beside those that ruin everything.

const side = fast ? 12 : 40;
const [rateAxis, momentumAxis] = [linspace(-2.2, 0, side, float64), linspace(3, -2, side, float64)];
const [gridRates, gridLogits] = meshgrid(rateAxis, momentumAxis);
const plane = compile(all)(stack([gridRates.flatten(), gridLogits.flatten()], { axis: 1 })).reshape([
  side,
  side,
]);
const best = plane.nanToNum({ nan: Infinity, positiveInfinity: Infinity }).min().item();
show(
  chart(
    [
      {
        mark: "field",
        name: "log₁₀ of the mean squared error",
        values: plane.nanToNum({ nan: 1, positiveInfinity: 1 }).clip(1e-3, 1).log().div(Math.LN10),
      },
      ...places.map((i) => ({
        mark: "line" as const,
        name: i < shown ? `start ${i + 1}` : "other starts",
        x: path.map(({ settings }) => settings[i]![0]!),
        y: path.map(({ settings }) => settings[i]![1]!),
      })),
    ],
    {
      title: `Loss after ${steps} steps, and the paths of the meta-descent`,
      x: { label: "log₁₀ η", domain: [-2.2, 0] },
      y: { label: "logit of the momentum μ", domain: [-2, 3] },
    },
  ),
);

// %% Other networks
// Do settings that were learned with one network's initial weights serve others? The best settings of all paths, on
// networks that they were not learned with.

const reached = path.flatMap(({ settings, losses }) =>
  losses.map((loss, i) => ({ loss, settings: settings[i]! })),
);
const winner = reached.reduce((a, b) => (b.loss < a.loss ? b : a));
const others = Array.from({ length: fast ? 2 : 8 }, (_, i) => initialOf(start + 1000 + i));
const elsewhere = compile((initial: Weights) => lossAfter(steps, tensor(winner.settings, float64), initial));
const carriedOver = others.map((each) => elsewhere(each).item());
show(
  table(
    [
      { network: "the one they were learned with", loss: winner.loss },
      ...carriedOver.map((loss, i) => ({ network: `other weights ${i + 1}`, loss })),
    ],
    {
      title: `Other networks with η = ${(10 ** winner.settings[0]!).toFixed(3)}, μ = ${(1 / (1 + Math.exp(-winner.settings[1]!))).toFixed(3)}`,
    },
  ),
);

// %% What was found
// The meta-gradient is right, and descent along it finds settings as good as the best of a grid of 1,600. It misleads in
// two places. Beyond the cliff it is astronomically large. And on the plateau of tiny learning rates it is so small, and in
// part of the wrong sign, that plain descent would stay there; Adam, which rescales it, does not.
//
// Settings learned with one network do *not* serve all others: the best stand so near the cliff that other initial weights may
// fall over it, or end higher.

const worst = Math.max(...compared.map((each) => Math.abs(each["meta-gradient"] / each.difference - 1)));
const solved = places.filter((i) => Math.min(...path.map(({ losses }) => losses[i]!)) < 2 * best).length;
finding("largest relative difference from central differences", worst, { expected: 0, spread: 1e-5 });
finding("best loss along the paths over the best of the grid", winner.loss / best, {
  expected: 1,
  spread: 0.2,
});
finding("starts that come within twice the best loss", (100 * solved) / starts, {
  expected: 100,
  spread: 15,
  unit: "%",
});
finding("largest |derivative| beyond the cliff", Math.log10(slope.abs().max().item()), {
  expected: 250,
  spread: 100,
  unit: "powers of ten",
});
