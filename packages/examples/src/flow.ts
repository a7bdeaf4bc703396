// # A normalising flow on two moons
//
// A flow bends a normal distribution into another one by an invertible map, so that it can be drawn from and has a density that
// can be computed: if $x$ is mapped to $z = f(x)$, then
//
// $$\log p(x) = \log \mathcal N(f(x);\,0,\,1) + \log\,\lvert \det J_f(x) \rvert$$
//
// Can a chain of simple maps, trained by nothing but this formula, learn two interlocked half circles? And how near does it come
// to the best possible density? The points are made here, so the true density is known. The maps are the coupling layers of
// Dinh, Sohl-Dickstein & Bengio (2017).

import {
  compile,
  concat,
  jacobian,
  type Key,
  linspace,
  meshgrid,
  normal,
  permutation,
  type Tensor,
  uniform,
  vmap,
} from "@adjoint/autograd";
import { slogdet } from "@adjoint/linalg";
import { adam, cosineDecay, keys, mlp, parameters, type Sequential, tanh } from "@adjoint/nn";
import { chart, fast, finding, group, type LayerLike, progress, seed, show } from "@adjoint/notebook";

const key = keys(seed(1));

// %% Two moons
// A point on one of two half circles, and normal noise. The true density is the mean of a normal density over all points of the
// half circles, which is computed by a sum over 1,000 of them.

const noise = 0.1;

/** Points [n, 2] of the half circles without noise, by angles [n] from 0 to 2π: the upper moon first. */
function moons(angle: Tensor): Tensor {
  const isUpper = angle.less(Math.PI);
  const x = isUpper.select(angle.cos(), angle.cos().add(1));
  const y = isUpper.select(angle.sin(), angle.sin().add(0.5));
  return concat([x.reshape([-1, 1]), y.reshape([-1, 1])], { axis: 1 });
}

const drawPoints = (key: () => Key, count: number): Tensor =>
  moons(uniform(key(), [count], { low: 0, high: 2 * Math.PI })).add(normal(key(), [count, 2]).mul(noise));

const trueLogDensity = compile((x: Tensor): Tensor => {
  const centres = moons(linspace(0, 2 * Math.PI, 1000));
  const distances = x.reshape([-1, 1, 2]).sub(centres).square().sum({ axis: -1 });
  const logs = distances.mul(-0.5 / noise ** 2);
  return logs.logSumExp({ axis: -1 }).sub(Math.log(1000 * 2 * Math.PI * noise ** 2));
});

const training = drawPoints(key, 2000);
const heldOut = drawPoints(key, 2000);
const entropy = -trueLogDensity(heldOut).mean().item();

// %% The flow
// A coupling layer leaves one coordinate as it is, and scales and shifts the other by what two small networks make of the first:
// the map is inverted by undoing these, and its Jacobian is triangular, so the logarithm of its determinant is the logarithm of
// the scale. The next layer swaps the roles.

const layers = fast ? 4 : 8;
const hidden = fast ? 16 : 32;
const couplings: readonly Sequential[] = Array.from({ length: layers }, () =>
  mlp([1, hidden, hidden, 2], {
    activation: tanh,
    outputActivation: (x: Tensor) => x,
    key: key(),
  }),
);

const column = (x: Tensor, i: number) => x.slice(null, [i, i + 1]);
const joined = (kept: Tensor, moved: Tensor, i: number) =>
  concat(i === 0 ? [kept, moved] : [moved, kept], { axis: 1 });

/** log s and t of a coupling layer for its kept coordinate; |log s| is below 2, so that no step can blow it up. */
function scaleAndShift(network: Sequential, kept: Tensor): readonly [Tensor, Tensor] {
  const both: Tensor = network.forward(kept);
  return [column(both, 0).tanh().mul(2), column(both, 1)];
}

/** x [n, 2] → z [n, 2] and log |det J| [n]. */
function toNormal(x: Tensor): { z: Tensor; logDet: Tensor } {
  let z = x;
  let logDet = x.sum({ axis: 1 }).mul(0);
  couplings.forEach((network, n) => {
    const i = n % 2;
    const kept = column(z, i);
    const [logScale, shift] = scaleAndShift(network, kept);
    z = joined(
      kept,
      column(z, 1 - i)
        .mul(logScale.exp())
        .add(shift),
      i,
    );
    logDet = logDet.add(logScale.reshape([-1]));
  });
  return { z, logDet };
}

/** z [n, 2] → x [n, 2]: the same layers undone, from the last to the first. */
function fromNormal(z: Tensor): Tensor {
  return couplings.reduceRight((x, network, n) => {
    const i = n % 2;
    const kept = column(x, i);
    const [logScale, shift] = scaleAndShift(network, kept);
    return joined(
      kept,
      column(x, 1 - i)
        .sub(shift)
        .mul(logScale.neg().exp()),
      i,
    );
  }, z);
}

/** log p [n] of points [n, 2]. */
function logDensity(x: Tensor): Tensor {
  const { z, logDet } = toNormal(x);
  return z
    .square()
    .sum({ axis: 1 })
    .mul(-0.5)
    .sub(Math.log(2 * Math.PI))
    .add(logDet);
}

// %% Training
// Each step takes 500 of the 2,000 points and makes the mean of −log p smaller. What the true density gives on held-out points,
// its entropy, is the least that any density can reach.

const steps = fast ? 200 : 3000;
const batch = 500;
const weights = parameters(couplings);
const optimizer = adam({ learningRate: cosineDecay(0.005, { steps }) });
const step = compile((x: Tensor) => optimizer.minimize(() => logDensity(x).mean().neg(), weights));
const judged = compile((x: Tensor) => logDensity(x).mean().neg());

const course = { steps: [] as number[], training: [] as number[], heldOut: [] as number[] };
const every = steps / 20;
const work = progress("steps", steps);
for (let i = 0; i <= steps; i++) {
  if (i % every === 0) {
    course.steps.push(i);
    course.training.push(judged(training).item());
    course.heldOut.push(judged(heldOut).item());
    work.update(i);
  }
  const places = permutation(key(), 2000).slice([0, batch]);
  step(training.gather(places));
}
work.end();
show(
  chart(
    [
      { mark: "line", name: "training", x: course.steps, y: course.training },
      { mark: "line", name: "held out", x: course.steps, y: course.heldOut },
      { mark: "rule", name: "the true density", at: entropy, across: "y" },
    ],
    { title: "Training of the flow", x: "step", y: { label: "mean of −log p", unit: "nat" } },
  ),
);

// %% What the flow has learned
// Its density over the plane, beside the true one, as logarithms, which show what is rare. Where the true density has gaps, the
// flow has threads and veils: a map that is continuous and invertible can't tear a normal distribution apart.

const side = fast ? 40 : 120;
const domain = { x: [-1.6, 2.6], y: [-1.1, 1.6] } as const;
const [xs, ys] = meshgrid(linspace(...domain.x, side), linspace(domain.y[1], domain.y[0], side));
const places = concat([xs.reshape([-1, 1]), ys.reshape([-1, 1])], { axis: 1 });
const learned = compile(logDensity)(places);
const known = trueLogDensity(places);
const axes = { x: { label: "x₁", domain: domain.x }, y: { label: "x₂", domain: domain.y } } as const;
const field = (title: string, logDensities: Tensor, over: readonly LayerLike[] = []) =>
  chart(
    [
      {
        mark: "field",
        name: "log p",
        values: logDensities.reshape([side, side]),
        colours: "sequential",
        range: [-8, 1],
      },
      ...over,
    ],
    { title, ...axes },
  );
show(
  group([field("The flow", learned), field("The truth", known)], {
    title: "Log densities",
    arrangement: "row",
  }),
);

// %% Drawing from it
// Normal numbers sent through the inverse map, beside points that were held out.

const drawn = fromNormal(normal(key(), [fast ? 200 : 1000, 2]));
const some = heldOut.slice([0, drawn.shape[0]!]);
const dots = (name: string, points: Tensor) =>
  ({ mark: "dots", name, x: column(points, 0).reshape([-1]), y: column(points, 1).reshape([-1]) }) as const;
show(
  group(
    [
      field("Drawn from the flow, on its density", learned, [dots("drawn", drawn)]),
      field("Held out, on the true density", known, [dots("held out", some)]),
    ],
    { arrangement: "row" },
  ),
);

// %% Is it a density?
// The formula is only right if log |det J| is. Here it is once more, by the Jacobian that automatic differentiation gives for
// each point and `slogdet`, which knows nothing of coupling layers. And a density integrates to one: here over the square
// above, outside of which the flow leaves nearly nothing.

const few = heldOut.slice([0, 100]);
const jacobians = vmap(jacobian((x: Tensor) => toNormal(x.reshape([1, 2])).z.reshape([2])))(few);
const byJacobian: Tensor = slogdet(jacobians).logAbsDet;
const difference = byJacobian.sub(toNormal(few).logDet).abs().max().item();

const area = ((domain.x[1] - domain.x[0]) * (domain.y[1] - domain.y[0])) / (side - 1) ** 2;
const integral = (logs: Tensor) => logs.exp().sum().item() * area;

// %% What was found
// The flow comes near to the best density there is, and not to it: on points that it has not seen it needs some tenths of a nat
// more. Part of that are the veils between the moons, which cost whatever density lies there, and part is that 2,000 points
// are learned a little by heart: the loss on them is lower than on the others. Its formula holds, as the determinants and the
// integral say; that its draws are good was only looked at.

const [reached] = course.heldOut.slice(-1);
finding("−log p of the true density, held out", entropy, { expected: 1, spread: 0.05, unit: "nat" });
finding("how much more the flow has", reached! - entropy, { expected: 0.22, spread: 0.15, unit: "nat" });
finding("less on what it was trained on", reached! - course.training.at(-1)!, {
  expected: 0.07,
  spread: 0.12,
  unit: "nat",
});
finding("the true density over the square", integral(known), { expected: 1, spread: 0.005 });
finding("the flow's density over the square", integral(learned), { expected: 1, spread: 0.01 });
finding("greatest difference of log |det J| from slogdet", difference, { expected: 0, spread: 1e-4 });
