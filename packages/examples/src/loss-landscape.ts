// # The loss around a minimum: sharp or flat
//
// Training ends at one of many minima. Some lie in narrow valleys and some in wide ones, and it has long been said that wide
// ones generalise better (Hochreiter & Schmidhuber 1997; Keskar et al. 2017). How narrow a minimum is, its sharpness, is the
// largest eigenvalue of the Hessian there. Gradient descent with learning rate $\eta$ can't stay where the sharpness is above
// $2/\eta$: it would be thrown out.
//
// **Question.** Do learning rate and batch size choose how sharp the minimum is? Can it be seen in a picture of the loss? And
// does the flatter minimum predict better?

import {
  addTrees,
  bind,
  compile,
  dotTrees,
  hvp,
  type Key,
  linspace,
  mapTree,
  meshgrid,
  normal,
  normOfTree,
  permutation,
  randomKey,
  scaleTree,
  splitKey,
  stack,
  type Tensor,
  tensor,
  uniform,
  vmap,
} from "@adjoint/autograd";
import { keys, linear, meanSquaredError, mlp, sgd, tanh, variables } from "@adjoint/nn";
import { chart, fast, finding, progress, seed, show, table } from "@adjoint/notebook";
import { mean } from "./data/statistics.ts";

// %% Two spirals
// Points on two spirals, with noise; a network with two hidden layers learns +1 for one and −1 for the other.

const start = seed(0);
const count = fast ? 40 : 200;

function spirals(key: Key, n: number) {
  const [forRadius, forNoise] = splitKey(key, 2);
  const radius = uniform(forRadius!, [n / 2, 1])
    .sqrt()
    .mul(2.2)
    .add(0.3);
  const angle = radius.mul(2.2);
  const arm = stack([radius.mul(angle.cos()), radius.mul(angle.sin())], { axis: 1 }).reshape([n / 2, 2]);
  const noise = normal(forNoise!, [n, 2], { deviation: 0.12 });
  return {
    x: stack([arm, arm.neg()]).reshape([n, 2]).add(noise),
    y: tensor(Array.from({ length: n }, (_, i) => [i < n / 2 ? 1 : -1])),
  };
}
const training = spirals(randomKey(start + 100), count);
const test = spirals(randomKey(start + 200), 1000);

const [px, py] = training.x.split(2, { axis: 1 });
const half = count / 2;
show(
  chart(
    [
      { mark: "dots", name: "+1", x: px.slice([0, half]).flatten(), y: py.slice([0, half]).flatten() },
      { mark: "dots", name: "−1", x: px.slice([half]).flatten(), y: py.slice([half]).flatten() },
    ],
    { title: "What is to be told apart", x: "first input", y: "second input" },
  ),
);

// %% The sharpness, by power iteration
// A random direction, multiplied by the Hessian again and again, turns towards the eigenvector of the largest eigenvalue.
// Only products $Hv$ are needed. The eigenvalue is then $v^\top H v$.

type Weights = Record<string, Tensor>;
const width = fast ? 12 : 32;
const modelOf = (key: number) =>
  mlp([2, width, width, 1], { activation: tanh, outputActivation: linear, key: randomKey(key) });
const model = modelOf(start);
const weights = variables(model);
const assign = (values: Weights) => {
  for (const [path, variable] of Object.entries(weights)) variable.assign(values[path]!);
};

const loss = () => meanSquaredError(model.forward(training.x), training.y);
const product = compile((v: Weights): Weights => hvp(loss, weights, v));

function sharpness(): number {
  const key = keys(start + 300);
  let v: Weights = mapTree((w) => normal(key(), w.shape), weights);
  let eigenvalue = Number.NaN;
  for (let i = 0; i < (fast ? 15 : 50); i++) {
    v = scaleTree(v, normOfTree(v).reciprocal());
    const next = product(v);
    eigenvalue = dotTrees(v, next).item();
    v = next;
  }
  return eigenvalue;
}

// %% Training
// Runs of a seed start from the same weights, and all runs end when the training loss is 0.02, so that their minima are
// equally deep. Large batches are the whole set, small ones 10 points.

const seeds = Array.from({ length: fast ? 1 : 3 }, (_, i) => start + i);
const enough = fast ? 0.3 : 0.02;
const lossNow = compile(loss);

interface Minimum {
  readonly seed: number;
  readonly rate: number;
  readonly batch: number;
  readonly epochs: number;
  readonly weights: Weights;
  readonly sharpness: number;
  readonly testLoss: number;
  /** The sharpness now and then during training. */
  readonly history: { readonly epoch: number; readonly sharpness: number }[];
}

function descend(seed: number, rate: number, batch: number): Minimum {
  assign(mapTree((w) => w.detach(), variables(modelOf(seed))));
  const optimizer = sgd({ learningRate: rate });
  const step = compile((x: Tensor, y: Tensor) =>
    optimizer.minimize(() => meanSquaredError(model.forward(x), y), weights),
  );
  const history = [{ epoch: 0, sharpness: sharpness() }];
  let epochs = 0;
  while (lossNow().item() > enough && epochs < 4000) {
    const order = permutation(randomKey(epochs), count);
    for (let i = 0; i < count; i += batch) {
      const places = order.slice([i, i + batch]);
      step(training.x.gather(places), training.y.gather(places));
    }
    epochs++;
    // Ever more seldom: at epochs that are powers of 1.3.
    if (Math.floor(Math.log(epochs) / Math.log(1.3)) > Math.floor(Math.log(epochs - 1) / Math.log(1.3)))
      history.push({ epoch: epochs, sharpness: sharpness() });
  }
  const last = sharpness();
  history.push({ epoch: epochs, sharpness: last });
  const testLoss = meanSquaredError(model.forward(test.x), test.y).item();
  return {
    seed,
    rate,
    batch,
    epochs,
    weights: mapTree((w) => w.detach(), weights),
    sharpness: last,
    testLoss,
    history,
  };
}

const rates = [0.04, 0.08, 0.16];
const kinds = [...rates.map((rate) => ({ rate, batch: count })), { rate: rates[0]!, batch: 10 }];
const bar = progress("training", seeds.length * kinds.length);
const minima: Minimum[] = [];
for (const seed of seeds)
  for (const { rate, batch } of kinds) {
    minima.push(descend(seed, rate, batch));
    bar.update(minima.length);
  }
bar.end();

show(
  table(
    minima.map(({ seed, rate, batch, epochs, sharpness, testLoss }) => ({
      seed,
      "learning rate η": rate,
      "batch size": batch,
      epochs,
      sharpness,
      "2/η": 2 / rate,
      "test loss": testLoss,
    })),
    { title: "Minima of equal depth" },
  ),
);
show(
  chart(
    minima.slice(0, rates.length).flatMap(({ rate, history }) => [
      {
        mark: "line" as const,
        name: `η = ${rate}`,
        x: history.map(({ epoch }) => epoch + 1),
        y: history.map(({ sharpness }) => sharpness),
      },
      { mark: "rule" as const, name: `η = ${rate}`, at: 2 / rate, across: "y" as const },
    ]),
    {
      title: "Sharpness during training with the whole set; dashed: 2/η",
      x: { label: "epoch + 1", scale: "log" },
      y: "largest eigenvalue of the Hessian",
    },
  ),
);

// %% The picture
// The loss on a plane through the minimum. A network computes the same with weights scaled up in one layer and down in the
// next, so that lengths mean nothing by themselves; each direction is therefore scaled so that every neuron's weights have
// the length of the minimum's own (Li et al. 2018). `vmap` computes the whole plane at once.

function direction(at: Weights, seed: number): Weights {
  const key = keys(seed);
  return mapTree((w) => {
    const drawn = normal(key(), w.shape);
    // Columns hold the weights of one neuron each; biases stay as they are.
    const length = (x: Tensor) => x.norm({ axis: 0, keepDims: true });
    return w.rank < 2 ? drawn.mul(0) : drawn.mul(length(w).div(length(drawn)));
  }, at);
}

const side = fast ? 9 : 41;
const reach = 0.5;
const steps = linspace(-reach, reach, side);
const [alongFirst, alongSecond] = meshgrid(steps, linspace(reach, -reach, side));

function plane({ weights: at }: Minimum): Tensor {
  const [u, v] = [direction(at, start + 400), direction(at, start + 401)];
  const lossAt = (a: Tensor, b: Tensor) =>
    bind(weights, addTrees(at, addTrees(scaleTree(u, a), scaleTree(v, b))), loss);
  return compile(vmap(lossAt))(alongFirst.flatten(), alongSecond.flatten()).reshape([side, side]);
}

const planes = [minima[0]!, minima[rates.length - 1]!].map((minimum) => ({ minimum, field: plane(minimum) }));
for (const { minimum, field } of planes)
  show(
    chart(
      [
        {
          mark: "field",
          name: "log₁₀ of the loss",
          values: field.log().div(Math.LN10),
          range: [-2, 1],
          colours: "sequential",
        },
        { mark: "contours", name: "the loss", values: field, levels: [0.05, 0.2, 1, 5] },
        { mark: "dots", name: "the minimum", x: [0], y: [0] },
      ],
      {
        title: `Around the minimum that η = ${minimum.rate} found, sharpness ${minimum.sharpness.toFixed(1)}`,
        x: { label: "along the first direction", domain: [-reach, reach] },
        y: { label: "along the second direction", domain: [-reach, reach] },
      },
    ),
  );
const middle = (side - 1) / 2;
show(
  chart(
    planes.map(({ minimum, field }) => ({
      mark: "line" as const,
      name: `η = ${minimum.rate}`,
      x: steps,
      y: field.slice(middle),
    })),
    { title: "Cuts through both", x: "along the first direction", y: { label: "loss", scale: "log" } },
  ),
);

// %% What was found
// Whatever the learning rate, descent with the whole set ends where the sharpness is about $2/\eta$: the edge of stability
// (Cohen et al. 2021). Small batches end below it, since their noise throws them out of what descent could still hold.
//
// What was *not* found: that the flatter minimum predicts much better, or always looks wider. Both ratios in the table change
// from seed to seed by about as much as they differ from 1. A plane along two random directions of a thousand says little about
// the one direction that is sharp.

const whole = minima.filter(({ batch }) => batch === count);
const geometricMean = (values: readonly number[]) => Math.exp(mean(values.map(Math.log)));
const of = (seed: number, rate: number, batch: number) =>
  minima.find((each) => each.seed === seed && each.rate === rate && each.batch === batch)!;
const [slow, quick] = [rates[0]!, rates.at(-1)!];
const overSeeds = (ratio: (seed: number) => number) => geometricMean(seeds.map(ratio));
finding(
  "sharpness · η with the whole set, mean",
  mean(whole.map(({ sharpness, rate }) => sharpness * rate)),
  {
    expected: 1.92,
    spread: 0.1,
  },
);
finding(
  `sharpness with the whole set over that with batches of 10, η = ${slow}`,
  overSeeds((seed) => of(seed, slow, count).sharpness / of(seed, slow, 10).sharpness),
  { expected: 1.4, spread: 0.3 },
);
show(
  table(
    seeds.map((seed) => {
      const [sharp, flat] = [of(seed, slow, count), of(seed, quick, count)];
      return {
        seed,
        sharpness: sharp.sharpness / flat.sharpness,
        "test loss": sharp.testLoss / flat.testLoss,
        "mean loss of the plane": plane(sharp).mean().item() / plane(flat).mean().item(),
      };
    }),
    { title: `With η = ${slow} over with η = ${quick}`, digits: 3 },
  ),
);
finding(
  `test loss with η = ${slow} over that with η = ${quick}`,
  overSeeds((seed) => of(seed, slow, count).testLoss / of(seed, quick, count).testLoss),
  { expected: 1.05, spread: 0.2 },
);
