// # Universal approximation
//
// “An ANN is a magical structure that can mimic any function, if the ANN is ‘complex’ enough”, says the lecture: the theorem of
// Cybenko (1989) and of Hornik, Stinchcombe and White (1989). For each continuous function $f$ on an interval and each
// $\varepsilon > 0$ there is a network of one hidden layer with
//
// $$\max_x |\hat y(x) - f(x)| < \varepsilon.$$
//
// How does the largest error fall as the hidden layer gets wider? And does training find the weights of which the theorem says
// that they are there?

import { compile, concat, linspace, ones, randomKey, type Tensor } from "@adjoint/autograd";
import { lstsq } from "@adjoint/linalg";
import {
  dense,
  keys,
  lbfgs,
  linear,
  meanSquaredError,
  mlp,
  tanh,
  uniformRange,
  variables,
} from "@adjoint/nn";
import { chart, fast, finding, progress, seed, show, table } from "@adjoint/notebook";

const firstSeed = seed(0);
const dtype = "float64";

// %% The target
// A slow wave with a faster one on it, from −1 to 1: $f(x) = \sin 3x + 0.3 \cos 10x$. Networks see it at 128 places, and are judged by
// their largest error at 1,001.

const f = (x: Tensor) => x.mul(3).sin().add(x.mul(10).cos().mul(0.3));
const interval = (points: number) => linspace(-1, 1, points, { dtype }).reshape([points, 1]);
const x = interval(128);
const y = f(x);
const places = interval(1001);
const truth = f(places);
/** What a network answers at places [n, 1]. */
type Fit = (places: Tensor) => Tensor;
const largestError = (fit: Fit) => fit(places).sub(truth).abs().max().item();

// %% All weights trained
// One hidden layer of tanh neurons and a linear output, trained by L-BFGS on the mean squared error: for a small smooth problem
// a far better optimizer than plain descent, since it learns of curvature and searches along each direction.

const iterations = fast ? 60 : 1000;

function trained(width: number, ownSeed: number): Fit {
  const key = randomKey(ownSeed);
  const model = mlp([1, width, 1], { activation: tanh, outputActivation: linear, key, dtype });
  const loss = compile(() => meanSquaredError(model.forward(x), y));
  const optimizer = lbfgs({
    iterations,
    evaluations: 2 * iterations,
    gradientTolerance: 1e-12,
    changeTolerance: 1e-15,
  });
  optimizer.minimize(loss, variables(model));
  return (points) => model.forward(points);
}

// %% The output layer solved
// The same network, but its hidden weights and biases are drawn evenly from −3 to 3 and stay as they are. The output is linear in
// the weights that are left, so least squares gives the best of them in one go, with no search at all.

function solved(width: number, ownSeed: number): Fit {
  const key = keys(ownSeed);
  const initializer = uniformRange(-3, 3);
  const hidden = dense(1, width, { activation: tanh, initializer, key: key(), dtype });
  hidden.bias!.assign(initializer(key(), [width], dtype));
  const features: Fit = (points) =>
    concat([ones(points.shape, { dtype }), hidden.forward(points)], { axis: 1 });
  const outputWeights = lstsq(features(x), y);
  return (points) => features(points).matmul(outputWeights);
}

// %% The largest error against the width
// Each width from several first weights. Both axes are logarithmic: on them a straight line would be a power of the width.

const widths = fast ? [1, 2, 4, 16] : [1, 2, 4, 8, 16, 32, 64];
const seeds = Array.from({ length: fast ? 3 : 5 }, (_, i) => firstSeed + i);
const bar = progress("fitting", widths.length);
const runs = widths.map((width, done) => {
  const all = {
    width,
    trained: seeds.map((each) => trained(width, each)),
    solved: seeds.map((each) => solved(width, each)),
  };
  bar.update(done + 1);
  return all;
});
bar.end();

/** Best, median and worst largest error of each width. */
const spreadOf = (fits: readonly Fit[]) => {
  const errors = fits.map(largestError).sort((a, b) => a - b);
  return { best: errors[0]!, median: errors[Math.floor(errors.length / 2)]!, worst: errors.at(-1)! };
};
const errors = {
  "all weights trained": runs.map((run) => spreadOf(run.trained)),
  "output layer solved": runs.map((run) => spreadOf(run.solved)),
};
show(
  chart(
    Object.entries(errors).flatMap(([name, spreads]) => [
      {
        mark: "band" as const,
        name,
        x: widths,
        low: spreads.map(({ best }) => best),
        high: spreads.map(({ worst }) => worst),
      },
      { mark: "line" as const, name, x: widths, y: spreads.map(({ median }) => median) },
    ]),
    {
      title: "The largest error against the width",
      x: { label: "hidden neurons", scale: "log" },
      y: { label: "largest error", scale: "log" },
      note: `Lines: the median of ${seeds.length} first weights. Bands: from the best to the worst.`,
    },
  ),
);
show(
  table(
    widths.map((width, i) => ({
      "hidden neurons": width,
      "trained: best": errors["all weights trained"][i]!.best,
      "trained: worst": errors["all weights trained"][i]!.worst,
      "solved: best": errors["output layer solved"][i]!.best,
      "solved: worst": errors["output layer solved"][i]!.worst,
    })),
    { title: "The largest errors in numbers", digits: 2 },
  ),
);

// %% What the fits look like
// Trained networks of the first seed. One hidden neuron is one S-curve; each further one lets the fit turn once more.

const lineOf = (name: string, fit: Fit, at: Tensor) =>
  ({ mark: "line", name, x: at.flatten(), y: fit(at).flatten() }) as const;
show(
  chart(
    [
      lineOf("f", f, places),
      ...runs
        .filter(({ width }) => [1, 2, 4, 16].includes(width))
        .map((run) => lineOf(`${run.width} hidden`, run.trained[0]!, places)),
    ],
    { title: "Trained networks over the target", x: "x", y: "f(x)" },
  ),
);

// %% Outside of the interval
// The theorem speaks of an interval, and the fit knows nothing of any other place. The widest networks of the first seed, beyond
// the samples' ends at ±1:

const beyond = linspace(-1.5, 1.5, 301, { dtype }).reshape([301, 1]);
const widest = runs.at(-1)!;
show(
  chart(
    [
      lineOf("f", f, beyond),
      lineOf("all weights trained", widest.trained[0]!, beyond),
      { mark: "rule", name: "ends of the samples", at: -1, across: "x" },
      { mark: "rule", name: "ends of the samples", at: 1, across: "x" },
    ],
    {
      title: `${widest.width} hidden neurons beyond the interval`,
      x: "x",
      y: { label: "f(x)", domain: [-4, 4] },
    },
  ),
);

// %% What was found
// The largest error falls with the width, as the theorem promises: with solved output layers to about a billionth at 64
// hidden neurons, and no end is in sight. Trained networks stop getting better at about 16 neurons, at a few thousandths. The solved
// networks are of the same form, so weights a million times better are there; a thousand iterations of a good
// optimizer don't find them. “Can mimic any function” is a statement about what weights exist. It does not say how many neurons
// an accuracy takes, nor how to find the weights, nor anything about places outside of the interval.
//
// Not found: a power law. On logarithmic axes the solved networks' errors bend down ever more steeply, since the target is
// smooth; before there are neurons enough for its waves, more of them help little.

/** The power of ten of the median error. */
const powerOf = (name: keyof typeof errors, width: number) =>
  Math.log10(errors[name][widths.indexOf(width)]!.median);
const most = widths.at(-1)!;
finding("trained, 2 hidden: largest error, as a power of ten", powerOf("all weights trained", 2), {
  expected: -0.45,
  spread: 0.1,
});
finding("trained, 16 hidden", powerOf("all weights trained", 16), { expected: -2.3, spread: 0.6 });
finding(`trained, ${most} hidden`, powerOf("all weights trained", most), { expected: -2.4, spread: 0.6 });
finding("solved, 16 hidden", powerOf("output layer solved", 16), { expected: -3.1, spread: 0.6 });
finding(`solved, ${most} hidden`, powerOf("output layer solved", most), { expected: -9, spread: 1 });
