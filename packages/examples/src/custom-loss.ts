// # A loss of one's own, for data with outliers
//
// The squared error lets one wild point outvote many good ones. Barron's general loss (2019) has a number $\alpha$ that says
// how far wild points are believed, and a width $c$ for what is not wild yet:
//
// $$\rho(e) = \frac{|\alpha - 2|}{\alpha}\left(\left(\frac{(e/c)^2}{|\alpha - 2|} + 1\right)^{\alpha/2} - 1\right)$$
//
// $\alpha = 2$ is the square, 1 Charbonnier's loss, 0 Cauchy's and −2 that of Geman and McClure, where 2 and 0 are limits.
//
// **Question.** How much do outliers cost with each of them, and what does robustness cost where there are none?

import {
  bind,
  compile,
  grad,
  linspace,
  mapTree,
  normal,
  randomKey,
  splitKey,
  stack,
  type Tensor,
  uniform,
  variable,
  vmap,
  where,
  zeros,
} from "@adjoint/autograd";
import { checkGradients } from "@adjoint/autograd/check";
import {
  absoluteError,
  adam,
  cosineDecay,
  linear,
  meanSquaredError,
  mlp,
  tanh,
  variables,
} from "@adjoint/nn";
import { chart, fast, finding, seed, show, table } from "@adjoint/notebook";

// %% The loss
// A loss is a function of tensors; nothing has to be registered. Means over samples are taken where it is used.

function barron(alpha: number, c: number) {
  return (prediction: Tensor, target: Tensor): Tensor => {
    const squared = prediction.sub(target).div(c).square();
    if (alpha === 2) return squared.div(2).mean();
    if (alpha === 0) return squared.div(2).log1p().mean();
    const b = Math.abs(alpha - 2);
    return squared
      .div(b)
      .add(1)
      .pow(alpha / 2)
      .sub(1)
      .mul(b / alpha)
      .mean();
  };
}

const width = 0.3;
const losses = {
  "squared error": meanSquaredError,
  "absolute error": absoluteError,
  "α = 1 (Charbonnier)": barron(1, width),
  "α = 0 (Cauchy)": barron(0, width),
  "α = −2 (Geman–McClure)": barron(-2, width),
} as const;
type Name = keyof typeof losses;
const names = Object.keys(losses) as Name[];

// %% Is its gradient right?
// The checker compares forward mode, reverse mode and differences, to the second derivative.

const point = normal(randomKey(1), [6], { dtype: "float64" });
const goal = normal(randomKey(2), [6], { dtype: "float64" });
const checks = [2, 1, 0, -2].map((alpha) => {
  const report = checkGradients((p: Tensor) => barron(alpha, width)(p, goal), [point]);
  return { α: alpha, verdict: report.verdict, comparisons: report.compared, "to order": report.order };
});
show(table(checks, { title: "checkGradients" }));

// %% Its gradient is how much an error is believed
// Beyond the width, Cauchy's loss pulls less the further a point is off, and Geman's and McClure's hardly at all.

const errors = linspace(-3, 3, 241);
const pull = (name: Name) => vmap(grad((e: Tensor) => losses[name](e, zeros([]))))(errors);
show(
  chart(
    names.map((name) => ({
      mark: "line" as const,
      name,
      x: errors,
      y: pull(name).div(pull(name).abs().max()),
    })),
    {
      title: "The gradient of each loss, its largest scaled to 1",
      x: "error",
      y: "gradient / largest gradient",
    },
  ),
);

// %% The data
// $y = \sin 3x$ with noise of deviation 0.1. A share of the points is off by 1 to 4, all to the same side, as where a sensor
// fails: then a mean is not only noisy but wrong. Targets for judging are without noise.

const firstSeed = seed(0);
const seeds = Array.from({ length: fast ? 2 : 10 }, (_, i) => firstSeed + i);
const shares = fast ? [0, 0.2] : [0, 0.05, 0.1, 0.2, 0.3, 0.4];
const count = fast ? 50 : 100;

function data(seed: number, share: number) {
  const [forX, forNoise, forWild, forSize] = splitKey(randomKey(1000 + seed), 4);
  const x = uniform(forX!, [count, 1], { low: -1, high: 1 });
  const right = x
    .mul(3)
    .sin()
    .add(normal(forNoise!, [count, 1], { deviation: 0.1 }));
  const isWild = uniform(forWild!, [count, 1]).less(share);
  return { x, y: where(isWild, right.add(uniform(forSize!, [count, 1], { low: 1, high: 4 })), right) };
}
const { x: someX, y: someY } = data(firstSeed, 0.2);
const newX = linspace(-1, 1, 101).reshape([101, 1]);
const newY = newX.mul(3).sin();

// %% Training sixty networks in one program
// Each seed has its own data and initial weights, the same for every loss. The weights of all runs lie beside each other
// along a first axis. `vmap` with `bind` computes the loss of each run, and since Adam looks at each number by itself, the
// gradient of their sum trains each network as if it were alone.

const runs = seeds.flatMap((seed) => shares.map((share) => ({ seed, share })));
const modelOf = (seed: number) =>
  mlp([1, 16, 1], { activation: tanh, outputActivation: linear, key: randomKey(seed) });
const model = modelOf(0);
type Weights = Record<string, Tensor>;
const initial = runs.map(({ seed }): Weights => mapTree((w) => w.detach(), variables(modelOf(seed))));
const [xs, ys] = (["x", "y"] as const).map((part) =>
  stack(runs.map(({ seed, share }) => data(seed, share)[part])),
);
const predict = (weights: Weights, x: Tensor) => bind(variables(model), weights, () => model.forward(x));

function trainAll(loss: (prediction: Tensor, target: Tensor) => Tensor) {
  const paths = Object.keys(initial[0]!);
  const weights = Object.fromEntries(
    paths.map((path) => [path, variable(stack(initial.map((each) => each[path]!)))]),
  );
  const steps = fast ? 200 : 1500;
  const optimizer = adam({ learningRate: cosineDecay(0.03, { steps }) });
  const each = vmap((w: Weights, x: Tensor, y: Tensor) => loss(predict(w, x), y));
  const step = compile(() => optimizer.minimize(() => each(weights, xs!, ys!).sum(), weights));
  for (let i = 0; i < steps; i++) step();
  return vmap(predict, { inAxes: [0, null] })(weights as Weights, newX);
}

const predictions = Object.fromEntries(names.map((name) => [name, trainAll(losses[name])])) as Record<
  Name,
  Tensor
>;
/** The root of the mean squared error of each run against targets without noise. */
const errorsOf = (name: Name) =>
  predictions[name]
    .sub(newY)
    .square()
    .mean({ axis: [1, 2] })
    .sqrt()
    .toArray() as number[];
const errorOf = Object.fromEntries(names.map((name) => [name, errorsOf(name)])) as Record<Name, number[]>;

// %% One of the fits

const example = runs.findIndex(({ share }) => share === 0.2);
show(
  chart(
    [
      { mark: "dots", name: "data", x: someX.flatten(), y: someY.flatten() },
      { mark: "line", name: "sin 3x", x: newX.flatten(), y: newY.flatten() },
      ...(["squared error", "absolute error", "α = −2 (Geman–McClure)"] as const).map((name) => ({
        mark: "line" as const,
        name,
        x: newX.flatten(),
        y: predictions[name].slice(example).flatten(),
      })),
    ],
    { title: "A fifth of the points is wild", x: "x", y: "y" },
  ),
);

// %% All seeds

/** What a share q of the values lies below. */
function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = q * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!];
  return low + (place % 1) * (high - low);
}
const atShare = (name: Name, share: number) => errorOf[name].filter((_, i) => runs[i]!.share === share);
const along = (name: Name, q: number) => shares.map((share) => quantile(atShare(name, share), q));
const percent = shares.map((share) => 100 * share);
show(
  chart(
    names.flatMap((name) => [
      { mark: "band" as const, name, x: percent, low: along(name, 0.25), high: along(name, 0.75) },
      { mark: "line" as const, name, x: percent, y: along(name, 0.5) },
    ]),
    {
      title: `Test error: the median of ${seeds.length} seeds, and their middle half`,
      x: { label: "outliers", unit: "%" },
      y: { label: "root mean squared error", scale: "log" },
    },
  ),
);
show(
  table(
    names.map((name) => ({
      loss: name,
      ...Object.fromEntries(
        shares.map((share) => [
          `${100 * share}% outliers`,
          [0.25, 0.5, 0.75].map((q) => quantile(atShare(name, share), q).toFixed(3)).join(" · "),
        ]),
      ),
    })),
    { title: "Root mean squared error against sin 3x: lower quartile · median · upper quartile" },
  ),
);

// %% What was found
// The further a loss lets go of wild points, the less they cost. Being robust costs nothing here where there are none: the
// error is even a little lower, since a loss that is flat far out also gives way to the noise less. But a loss that lets go of points may let go of the wrong ones: at 40% outliers
// Geman's and McClure's loss fits them instead of the sine for some seeds.
//
// Comparisons are paired: ratios of two errors of the same seed, and their geometric mean.

function ratio(a: Name, b: Name, share: number): number {
  const [above, below] = [atShare(a, share), atShare(b, share)];
  return Math.exp(above.reduce((sum, each, i) => sum + Math.log(each / below[i]!), 0) / above.length);
}
finding(
  "derivatives that the checker calls right",
  checks.filter(({ verdict }) => verdict === "right").length,
  {
    expected: 4,
    spread: 0,
    unit: "of 4",
  },
);
const robust = "α = −2 (Geman–McClure)";
finding("20% outliers: error of the squared error over that of α = −2", ratio("squared error", robust, 0.2), {
  expected: 18,
  spread: 9,
});
finding(
  "20% outliers: error of the absolute error over that of α = −2",
  ratio("absolute error", robust, 0.2),
  { expected: 2.1, spread: 0.8 },
);
finding("no outliers: error of α = −2 over that of the squared error", ratio(robust, "squared error", 0), {
  expected: 0.87,
  spread: 0.12,
});
