// # A physics-informed fit: Burgers' equation
//
// A network $u(x, t)$ is trained on a differential equation and on no data at all (Raissi, Perdikaris & Karniadakis 2019).
// Burgers' equation
//
// $$u_t + u\,u_x = \nu\,u_{xx}, \qquad u(x, 0) = -\sin \pi x, \qquad u(\pm 1, t) = 0$$
//
// carries the wave towards $x = 0$ from both sides and makes a steep front there. Its exact solution is known, so the error
// can be seen at every place.
//
// **Question.** How near does the network come to the exact solution, and where is it furthest from it?

import {
  compile,
  jvp,
  linspace,
  onesLike,
  randomKey,
  stack,
  type Tensor,
  uniform,
  zerosLike,
} from "@adjoint/autograd";
import { adam, cosineDecay, lbfgs, linear, mlp, tanh, variables } from "@adjoint/nn";
import { chart, fast, finding, heatMap, progress, seed, show } from "@adjoint/notebook";

// %% Derivatives of a field
// A field takes places and times and gives a number for each of its points. Since no point depends on another one, the
// derivative along $x$ at all points at once is one forward-mode derivative, `jvp`, with the tangent 1 for every $x$ and 0
// for every $t$. The second derivative is that of the first.

type Field = (x: Tensor, t: Tensor) => Tensor;
const along =
  (direction: "x" | "t") =>
  (field: Field): Field =>
  (x, t) => {
    const [dx, dt] = direction === "x" ? [onesLike(x), zerosLike(t)] : [zerosLike(x), onesLike(t)];
    return jvp(([x, t]: [Tensor, Tensor]) => field(x, t), [x, t], [dx, dt]).tangent;
  };
const [alongX, alongT] = [along("x"), along("t")];

const viscosity = 0.1 / Math.PI;

/** By how much a field misses the equation. */
const residual =
  (u: Field): Field =>
  (x, t) => {
    const ux = alongX(u);
    return alongT(u)(x, t)
      .add(u(x, t).mul(ux(x, t)))
      .sub(alongX(ux)(x, t).mul(viscosity));
  };

// %% The exact solution
// By the transformation of Cole and Hopf, with $f(y) = \exp(-\cos(\pi y) / 2\pi\nu)$,
//
// $$u(x, t) = -\frac{\int \sin(\pi(x - \eta))\,f(x - \eta)\,e^{-\eta^2/4\nu t}\,d\eta}{\int f(x - \eta)\,e^{-\eta^2/4\nu t}\,d\eta}.$$
//
// The integrals are sums over $\eta = z\sqrt{4\nu t}$; for such functions the sum converges as fast as one could wish. That
// formula and derivatives are right is tested by the equation itself: the exact solution must satisfy it.

const z = linspace(-6, 6, 121, { dtype: "float64" });
const exact: Field = (x, t) => {
  const eta = t
    .mul(4 * viscosity)
    .sqrt()
    .expandDims(1)
    .mul(z);
  const y = x.expandDims(1).sub(eta).mul(Math.PI);
  // A share for each η, in which e^(−z²) and f are multiplied without overflow.
  const shares = y
    .cos()
    .div(-2 * Math.PI * viscosity)
    .sub(z.square())
    .softmax();
  return shares.mul(y.sin()).sum({ axis: 1 }).neg();
};

const someX = uniform(randomKey(1), [50], { low: -1, high: 1, dtype: "float64" });
const someT = uniform(randomKey(2), [50], { low: 0.05, high: 1, dtype: "float64" });
const missed = residual(exact)(someX, someT).abs().max().item();
show(missed, { title: "The largest residual of the exact solution at 50 random points" });

// %% The network
// The initial and boundary values are built in, $u = -\sin \pi x + t\,(1 - x^2)\,N(x, t)$, so that only the equation is left to
// be learned. Its residual is made small at points drawn at random.

const start = seed(0);
const width = fast ? 8 : 20;
const model = mlp([2, width, width, 1], {
  activation: tanh,
  outputActivation: linear,
  key: randomKey(start),
  dtype: "float64",
});
const network: Field = (x, t) => {
  const free = model.forward(stack([x, t.mul(2).sub(1)], { axis: 1 })).reshape(x.shape);
  return x
    .mul(Math.PI)
    .sin()
    .neg()
    .add(t.mul(x.square().neg().add(1)).mul(free));
};

const count = fast ? 60 : 1000;
const xs = uniform(randomKey(start + 100), [count], { low: -1, high: 1, dtype: "float64" });
const ts = uniform(randomKey(start + 200), [count], { dtype: "float64" });
const loss = () => residual(network)(xs, ts).square().mean();

// %% Training
// Adam first, then L-BFGS, which brings the residual down further than Adam can. Beside the loss, which needs no solution,
// stands the error, which does.

const places = fast ? 21 : 101;
const gridX = linspace(-1, 1, places, { dtype: "float64" });
const gridT = linspace(1, 0, places, { dtype: "float64" });
const fieldX = gridX.broadcastTo([places, places]).reshape([places * places]);
const fieldT = gridT
  .expandDims(1)
  .broadcastTo([places, places])
  .reshape([places * places]);
const solution = exact(fieldX, fieldT).reshape([places, places]);
const learned = compile(() => network(fieldX, fieldT).reshape([places, places]));
/** The error's norm over that of the solution. */
const relativeError = () => learned().sub(solution).norm().div(solution.norm()).item();

const history: { gradients: number; loss: number; error: number }[] = [];
const weights = variables(model);
const [adamSteps, lbfgsRounds] = fast ? [60, 3] : [1500, 40];
const bar = progress("training", adamSteps + 20 * lbfgsRounds);

const optimizer = adam({ learningRate: cosineDecay(0.01, { steps: adamSteps }) });
const step = compile(() => optimizer.minimize(loss, weights));
for (let i = 0; i < adamSteps; i++) {
  const before = step();
  if (i % (adamSteps / 20) === 0) history.push({ gradients: i, loss: before.item(), error: relativeError() });
  bar.update(i + 1);
}

const compiledLoss = compile(loss);
let gradients = adamSteps;
const counted = () => {
  gradients++;
  return compiledLoss();
};
const finisher = lbfgs({ iterations: 20, evaluations: 40, gradientTolerance: 0, changeTolerance: 0 });
for (let i = 0; i < lbfgsRounds; i++) {
  const [at, error] = [gradients, relativeError()];
  history.push({ gradients: at, loss: finisher.minimize(counted, weights).item(), error });
  bar.update(adamSteps + 20 * (i + 1));
}
bar.end();
history.push({ gradients, loss: loss().item(), error: relativeError() });

show(
  chart(
    [
      {
        mark: "line",
        name: "mean squared residual (the loss)",
        x: history.map((h) => h.gradients),
        y: history.map((h) => h.loss),
      },
      {
        mark: "line",
        name: "relative error",
        x: history.map((h) => h.gradients),
        y: history.map((h) => h.error),
      },
      { mark: "rule", name: "from here on L-BFGS", at: adamSteps, across: "x" },
    ],
    {
      title: "Training on the equation alone",
      x: "gradients computed",
      y: { label: "residual and error", scale: "log" },
    },
  ),
);

// %% The two fields

const found = learned();
const axes = { x: { label: "place x", domain: [-1, 1] }, y: { label: "time t", domain: [0, 1] } } as const;
show(heatMap(found, { title: "The network's solution", label: "u", ...axes }));
const error = found.sub(solution);
show(
  heatMap(error, {
    title: "Network minus exact solution",
    label: "error of u",
    colours: "diverging",
    ...axes,
  }),
);

// %% The front
// A cut through both fields late in time, where the front is steepest.

const [cut] = solution.slice([0, 1]).unstack();
const [learnedCut] = found.slice([0, 1]).unstack();
show(
  chart(
    [
      { mark: "line", name: "exact", x: gridX, y: cut! },
      { mark: "dots", name: "network", x: gridX, y: learnedCut! },
    ],
    { title: "At t = 1", x: "place x", y: "u" },
  ),
);

// %% What was found
// The error follows the residual down, though no value of the solution was ever shown to the network. Of the squared error, more
// than the fifth that would be even lies within 0.2 of $x = 0$, a fifth of the places: the front is what is hard.

const squares = error.square();
const nearFront = gridX.abs().lessEqual(0.2).cast("float64");
const last = history.at(-1)!;
const share = squares.mul(nearFront).sum().div(squares.sum()).item();

finding("residual of the exact solution, largest of 50", missed, { expected: 0, spread: 1e-10 });
finding("relative error of the network", last.error, { expected: 0.002, spread: 0.0015 });
finding("relative error before training over that after", Math.log10(history[0]!.error / last.error), {
  expected: 2.45,
  spread: 0.4,
  unit: "powers of ten",
});
finding("share of the squared error within 0.2 of the front", 100 * share, {
  expected: 65,
  spread: 35,
  unit: "%",
});
