// # Second-order training with Hessian-vector products
//
// Gradient descent knows the slope of the loss and nothing of its curvature. Newton's method knows both: it takes the step
// $d$ with $H\,d = -g$, where $g$ is the gradient and $H$ the Hessian. For a network $H$ is too large to write down, but
// the conjugate-gradient method only asks for products $Hv$, and `hvp` gives one for about the price of two gradients.
// Truncated Newton stops that method early (Dembo & Steihaug 1983; for networks Martens 2010).
//
// **Question.** How low do truncated Newton, L-BFGS and Adam bring a loss: in the same number of iterations, with the same
// number of gradients, in the same time?

import {
  addTrees,
  compile,
  dotTrees,
  hvp,
  mapTree,
  normOfTree,
  randomKey,
  scaleTree,
  type Tensor,
  uniform,
  type Variable,
  valueAndGrad,
  zerosLike,
} from "@adjoint/autograd";
import { adam, cosineDecay, lbfgs, linear, meanSquaredError, mlp, tanh, variables } from "@adjoint/nn";
import { chart, fast, finding, seed, show, table } from "@adjoint/notebook";

// %% The problem
// A network with two hidden layers learns $\sin(3x)\cos(2y)$ from points of a square. There is no noise, so that nothing but
// the method limits how low the loss gets. All methods compute in float64 and start from the same weights. Each may
// compute as many gradients as it likes up to a limit; a Hessian-vector product counts as two.

const firstSeed = seed(0);
const seeds = Array.from({ length: fast ? 1 : 3 }, (_, i) => firstSeed + i);
const limit = fast ? 200 : 2000;

const points = uniform(randomKey(100), [fast ? 64 : 256, 2], { low: -1, high: 1, dtype: "float64" });
const [px, py] = points.split(2, { axis: 1 });
const target = px.mul(3).sin().mul(py.mul(2).cos());

function problem(start: number) {
  const width = fast ? 8 : 16;
  const model = mlp([2, width, width, 1], {
    activation: tanh,
    outputActivation: linear,
    key: randomKey(start),
    dtype: "float64",
  });
  return { loss: () => meanSquaredError(model.forward(points), target), weights: variables(model) };
}

/** Where a method stands after an iteration. */
interface Standing {
  readonly iteration: number;
  readonly gradients: number;
  readonly seconds: number;
  readonly loss: number;
}

/** Notes standings until so many gradients are used. The clock starts when programs are compiled. */
function stopwatch() {
  const history: Standing[] = [];
  let start: number | null = null;
  return {
    history,
    note(iteration: number, gradients: number, loss: Tensor): boolean {
      start ??= performance.now();
      history.push({ iteration, gradients, seconds: (performance.now() - start) / 1000, loss: loss.item() });
      return gradients < limit;
    },
  };
}

// %% A step by conjugate gradients
// Weights are a tree of tensors, and so are gradients, steps and residuals. The model
// $m(d) = g^\top d + \tfrac12 d^\top H d$ is minimised within a ball, the trust region, by Steihaug's method (1983). It ends
//
// - where the residual is small, at most $\min(\tfrac12, \sqrt{\lVert g\rVert})\,\lVert g\rVert$: roughly far from a minimum,
//   exactly near one;
// - at the edge of the ball where the next step would leave it;
// - at the edge, too, where a direction has no positive curvature, $v^\top H v \le 0$: along it $m$ falls for ever.

type Weights = Record<string, Tensor>;
type Ending = "residual small" | "edge of the region" | "no positive curvature";

function steihaug(gradient: Weights, product: (v: Weights) => Weights, radius: number) {
  const norm = normOfTree(gradient).item();
  const enough = Math.min(0.5, Math.sqrt(norm)) * norm;
  let step = mapTree((g) => zerosLike(g), gradient);
  let residual = scaleTree(gradient, -1);
  let direction = residual;
  let squared = norm ** 2;
  for (let products = 1; ; products++) {
    const curved = product(direction);
    const curvature = dotTrees(direction, curved).item();
    const length = squared / curvature;
    const next = addTrees(step, scaleTree(direction, length));
    if (curvature <= 0 || normOfTree(next).item() >= radius) {
      // The positive root τ of |step + τ·direction|² = radius².
      const a = dotTrees(direction, direction).item();
      const b = dotTrees(step, direction).item();
      const c = dotTrees(step, step).item() - radius ** 2;
      const root = (Math.sqrt(b * b - a * c) - b) / a;
      const ending: Ending = curvature <= 0 ? "no positive curvature" : "edge of the region";
      return { step: addTrees(step, scaleTree(direction, root)), products, ending };
    }
    step = next;
    residual = addTrees(residual, scaleTree(curved, -length));
    const before = squared;
    squared = dotTrees(residual, residual).item();
    if (Math.sqrt(squared) <= enough || products === 200)
      return { step, products, ending: "residual small" as Ending };
    direction = addTrees(residual, scaleTree(direction, squared / before));
  }
}

// %% Truncated Newton
// `compile` makes one program of the loss with its gradient and one of $Hv$. A step is kept if the loss falls. The region
// grows where the loss falls about as much as $m$ promised, and shrinks where it does not.

function assign(weights: Record<string, Variable>, values: Weights): void {
  for (const [path, variable] of Object.entries(weights)) variable.assign(values[path]!);
}

function truncatedNewton(start: number) {
  const { loss, weights } = problem(start);
  const evaluate = compile(() => valueAndGrad<typeof weights, []>(loss)(weights));
  const product = compile((v: Weights): Weights => hvp(loss, weights, v));
  const endings: Record<Ending, number> = {
    "residual small": 0,
    "edge of the region": 0,
    "no positive curvature": 0,
  };
  const { history, note } = stopwatch();
  let radius = 1;
  let here = evaluate();
  product(here.gradient);
  let used = 1;
  for (let iteration = 0; note(iteration, used, here.value) && radius > 1e-12; iteration++) {
    const { step, products, ending } = steihaug(here.gradient, product, radius);
    const promised = dotTrees(here.gradient, step).item() + dotTrees(step, product(step)).item() / 2;
    const from = mapTree((w) => w.detach(), weights);
    assign(weights, addTrees(from, step));
    const there = evaluate();
    used += 2 * (products + 1) + 1;
    endings[ending]++;
    const ratio = (there.value.item() - here.value.item()) / promised;
    if (ratio < 0.25) radius = normOfTree(step).item() / 4;
    else if (ratio > 0.75 && ending !== "residual small") radius *= 2;
    if (ratio > 0) here = there;
    else assign(weights, from);
  }
  return { history, endings };
}

// %% Its rivals
// Adam takes a gradient for each step; its learning rate falls along a cosine. L-BFGS guesses the curvature from how
// gradients have changed over its last 100 steps, and searches along its direction: a few gradients for each iteration.

function withAdam(start: number) {
  const { loss, weights } = problem(start);
  const optimizer = adam({ learningRate: cosineDecay(0.02, { steps: limit }) });
  const step = compile(() => optimizer.minimize(loss, weights));
  const { history, note } = stopwatch();
  for (let i = 0; note(i, i + 1, step()); i++);
  return { history };
}

function withLbfgs(start: number) {
  const { loss, weights } = problem(start);
  const compiled = compile(loss);
  let used = 0;
  const counted = () => {
    used++;
    return compiled();
  };
  const optimizer = lbfgs({ iterations: 5, evaluations: 100, gradientTolerance: 0, changeTolerance: 0 });
  const { history, note } = stopwatch();
  for (let i = 0; note(i, used + 1, optimizer.minimize(counted, weights)); i += 5);
  return { history };
}

// %% One start, seen in three ways

const methods = { "truncated Newton": truncatedNewton, "L-BFGS": withLbfgs, Adam: withAdam };
type Method = keyof typeof methods;
const names = Object.keys(methods) as Method[];
const runs = names.map((name) => ({ name, results: seeds.map((start) => methods[name](start).history) }));

const loss = { label: "mean squared error", scale: "log" } as const;
const lines = (along: (standing: Standing) => number) =>
  runs.map(({ name, results: [history] }) => ({
    mark: "line" as const,
    name,
    x: history!.map(along),
    y: history!.map((standing) => standing.loss),
  }));
show(
  chart(
    lines(({ iteration }) => iteration + 1),
    {
      title: "The loss after so many iterations",
      x: { label: "iterations + 1", scale: "log" },
      y: loss,
    },
  ),
);
show(
  chart(
    lines(({ gradients }) => gradients),
    {
      title: "The loss after so many gradients",
      x: { label: "gradients computed (a product counts as two)" },
      y: loss,
    },
  ),
);
show(
  chart(
    lines(({ seconds }) => seconds),
    {
      title: "The loss after so much time",
      x: { label: "time", unit: "s" },
      y: loss,
    },
  ),
);

// %% How the conjugate gradients ended
// Far from the minimum the Hessian has negative eigenvalues, and the method meets them.

const { endings } = truncatedNewton(firstSeed);
show(
  table(
    Object.entries(endings).map(([ending, count]) => ({ "it ended because of": ending, iterations: count })),
    { title: "Endings of the conjugate-gradient method" },
  ),
);

// %% Several starts
// The losses that are reached differ by factors, so they are compared by their geometric means.

const geometricMean = (values: readonly number[]) =>
  Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
const lossAfter = (name: Method, when: (standing: Standing) => boolean) =>
  geometricMean(
    runs.find((run) => run.name === name)!.results.map((history) => history.filter(when).at(-1)!.loss),
  );
const iterations = fast ? 10 : 60;
const afterIterations = (name: Method) => lossAfter(name, ({ iteration }) => iteration <= iterations);
const afterGradients = (name: Method) => lossAfter(name, ({ gradients }) => gradients <= limit);
show(
  table(
    runs.map(({ name, results }) => ({
      method: name,
      [`loss after ${iterations} iterations`]: afterIterations(name),
      [`loss after ${limit} gradients`]: afterGradients(name),
      "time for these, s": geometricMean(results.map((history) => history.at(-1)!.seconds)),
    })),
    { title: `Geometric means over ${seeds.length} starts`, digits: 2 },
  ),
);

// %% What was found
// For the same number of iterations truncated Newton is far ahead. For the same number of gradients L-BFGS is: what it guesses of
// the curvature costs nothing, and products $Hv$ do. Both leave Adam behind by more than a power of ten. In *time* per gradient
// Adam is the quickest here, since its whole step is one compiled program, while the other two steer from JavaScript.
//
// Factors between losses are given as powers of ten.

const powers = (a: number, b: number) => Math.log10(a / b);
finding(
  `Adam's loss over truncated Newton's after ${iterations} iterations`,
  powers(afterIterations("Adam"), afterIterations("truncated Newton")),
  { expected: 2.25, spread: 0.4, unit: "powers of ten" },
);
finding(
  `Adam's loss over truncated Newton's after ${limit} gradients`,
  powers(afterGradients("Adam"), afterGradients("truncated Newton")),
  { expected: 1.4, spread: 0.3, unit: "powers of ten" },
);
finding(
  `L-BFGS's loss over truncated Newton's after ${limit} gradients`,
  powers(afterGradients("L-BFGS"), afterGradients("truncated Newton")),
  { expected: -0.72, spread: 0.35, unit: "powers of ten" },
);
