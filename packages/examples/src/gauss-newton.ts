// # The spectrum of Gauss–Newton's matrix and of the Hessian
//
// The Hessian of a loss over logits $z(\theta)$ has two parts,
//
// $$H = \underbrace{\frac1n\sum_i J_i^\top\,\nabla^2\ell(z_i)\,J_i}_{\text{Gauss–Newton, } G}
// + \frac1n\sum_i\sum_c \frac{\partial \ell}{\partial z_{ic}}\,\nabla^2 z_{ic},$$
//
// with $J_i$ the Jacobian of the logits of sample $i$. $G$ has no negative eigenvalues; the second part is weighted by the
// errors $\partial\ell/\partial z = p - y$, and so should fade as they do.
//
// **Question.** How far are $H$ and $G$ apart before and after training? Spectra of networks are said to have a bulk of tiny
// eigenvalues and a few outliers (Sagun et al. 2018): how many, and why? For $K$ classes of samples that are nearly alike,
// each class adds a matrix $J^\top (\operatorname{diag} p - pp^\top) J$ of rank $K - 1$, so there should be $K(K - 1)$ (Papyan
// 2020).

import {
  bind,
  compile,
  concat,
  hessian,
  jacobian,
  normal,
  randomKey,
  type Tensor,
  tensor,
} from "@adjoint/autograd";
import { eigh } from "@adjoint/linalg";
import { adam, crossEntropy, linear, mlp, tanh, variables } from "@adjoint/nn";
import { chart, fast, finding, seed, show, table } from "@adjoint/notebook";

// %% Classes that are nearly alike
// A centre for each class, and samples around it.

const start = seed(0);
const float64 = { dtype: "float64" } as const;
const [inputs, hidden, perClass] = fast ? [4, 5, 8] : [8, 12, 30];

function data(classes: number, noise: number) {
  const centres = normal(randomKey(start + 100), [classes, 1, inputs!], float64);
  const offsets = normal(randomKey(start + 101), [classes, perClass!, inputs!], {
    deviation: noise,
    ...float64,
  });
  const labels = Int32Array.from({ length: classes * perClass! }, (_, i) => Math.floor(i / perClass!));
  return { x: centres.add(offsets).reshape([classes * perClass!, inputs!]), y: tensor(labels) };
}

// %% Two matrices
// All weights as one vector $\theta$, so that Jacobian and Hessian are matrices. With $\bar J = \sum_c p_c J_c$, the matrix $G$ is
// the sum of $p_c\,(J_c - \bar J)^\top (J_c - \bar J)$ over classes and samples.

function problem(classes: number, noise: number) {
  const { x, y } = data(classes, noise);
  const model = mlp([inputs!, hidden!, classes], {
    activation: tanh,
    outputActivation: linear,
    key: randomKey(start),
    ...float64,
  });
  const weights = variables(model);
  const all = Object.entries(weights);

  const vector = () => concat(all.map(([, weight]) => weight.value.flatten()));
  function logits(theta: Tensor): Tensor {
    let at = 0;
    const parts = all.map(([path, { size, shape }]) => [
      path,
      theta.slice([at, (at += size)]).reshape(shape),
    ]);
    return bind(weights, Object.fromEntries(parts), () => model.forward(x));
  }
  const hessianMatrix = () => hessian((theta: Tensor) => crossEntropy(logits(theta), y))(vector());
  function gaussNewtonMatrix(): Tensor {
    const theta = vector();
    const jacobians = jacobian(logits)(theta);
    const p = logits(theta).softmax().expandDims(2);
    const mean = jacobians.mul(p).sum({ axis: 1, keepDims: true });
    const rows = jacobians.sub(mean).mul(p.sqrt()).reshape([-1, theta.size]);
    return rows.transpose().matmul(rows).div(y.size);
  }

  const optimizer = adam({ learningRate: 0.01 });
  const step = compile(() => optimizer.minimize(() => crossEntropy(model.forward(x), y), weights));
  const train = (steps: number) => {
    for (let i = 0; i < steps; i++) step();
  };
  return { hessianMatrix, gaussNewtonMatrix, train, loss: () => crossEntropy(logits(vector()), y).item() };
}

/** Eigenvalues, the largest first. */
const spectrum = (matrix: Tensor) => [...(eigh(matrix).values.data as Float64Array)].reverse();

// %% Before and after training
// Four classes; the eigenvalues of both matrices, drawn by their size. Those of $H$ may be negative and are drawn by their
// magnitude.

const classes = fast ? 3 : 4;
const noise = 0.1;
const { hessianMatrix, gaussNewtonMatrix, train, loss } = problem(classes, noise);

function state(name: string) {
  const [h, g] = [hessianMatrix(), gaussNewtonMatrix()];
  const values = { hessian: spectrum(h), gaussNewton: spectrum(g) };
  const largest = values.hessian[0]!;
  return {
    name,
    loss: loss(),
    apart: h.sub(g).norm().div(h.norm()).item(),
    negative: -values.hessian.at(-1)! / largest,
    ...values,
  };
}
const before = state("before training");
train(fast ? 60 : 150);
const after = state("after training");

/** What lies below the axis is not drawn. */
const visible = (value: number) => (value > 1e-8 ? value : Number.NaN);
const rank = (values: readonly number[]) => values.map((_, i) => i + 1);
for (const { name, hessian, gaussNewton } of [before, after]) {
  const sizes = hessian.map(Math.abs).sort((a, b) => b - a);
  show(
    chart(
      [
        { mark: "dots", name: "Hessian", x: rank(sizes), y: sizes.map(visible), gaps: true },
        {
          mark: "dots",
          name: "Gauss–Newton",
          x: rank(gaussNewton),
          y: gaussNewton.map(visible),
          gaps: true,
        },
        { mark: "rule", name: "K(K − 1)", at: classes * (classes - 1) + 0.5, across: "x" },
      ],
      {
        title: `Eigenvalues ${name}`,
        x: "place by size",
        y: { label: "|eigenvalue|", scale: "log", domain: [1e-8, 10] },
      },
    ),
  );
}
show(
  table(
    [before, after].map(({ name, loss, apart, negative }) => ({
      "": name,
      loss,
      "‖H − G‖ / ‖H‖": apart,
      "most negative / largest of H": negative,
    })),
    { title: "Hessian and Gauss–Newton" },
  ),
);

// %% How many outliers
// The outliers end at the widest gap of $G$'s spectrum: where an eigenvalue is the largest multiple of the next. Before
// training, for several numbers of classes, and for noise that blurs the classes.

/** After how many eigenvalues the gap is widest, and by which factor they fall there. */
function widestGap(values: readonly number[]) {
  // Rounding leaves eigenvalues of 10⁻¹⁷ where there are none.
  const real = values.filter((value) => value > 1e-10 * values[0]!).slice(0, 40);
  const factors = real.slice(1).map((value, i) => real[i]! / value);
  const factor = Math.max(...factors);
  return { outliers: factors.indexOf(factor) + 1, factor };
}
const noises = fast ? [0.03] : [0.03, 0.1, 0.3, 1];
const counts = (fast ? [2, 3] : [2, 3, 4]).flatMap((classes) =>
  noises.map((noise) => {
    const { outliers, factor } = widestGap(spectrum(problem(classes, noise).gaussNewtonMatrix()));
    return { classes, noise, "K(K − 1)": classes * (classes - 1), outliers, "factor at the gap": factor };
  }),
);
show(table(counts, { title: "Outliers of Gauss–Newton's spectrum" }));

// %% What was found
// Before training the two matrices are far apart, and the Hessian's most negative eigenvalue is about as large as its largest positive one.
// After it they are nearer, and the negative eigenvalues are small. They are *not* as near as fading errors suggest: for the
// cross-entropy $G$ is weighted by $p(1 - p)$, which fades as fast as $p - y$ does.
//
// The outliers are as many as the theory says for as long as the classes are compact. With noise as large as the distances
// between classes there is no gap at all to count at.

const compact = counts.filter(({ noise }) => noise <= 0.1);
const asPredicted = compact.filter((each) => each.outliers === each["K(K − 1)"]).length;
finding("‖H − G‖ / ‖H‖ before training", before.apart, { expected: 0.88, spread: 0.15 });
finding("‖H − G‖ / ‖H‖ after training", after.apart, { expected: 0.47, spread: 0.15 });
finding("most negative eigenvalue over the largest, before", before.negative, { expected: 0.8, spread: 0.5 });
finding("most negative eigenvalue over the largest, after", after.negative, { expected: 0.09, spread: 0.1 });
finding("compact classes with K(K − 1) outliers", asPredicted, {
  expected: compact.length,
  spread: 0,
  unit: `of ${compact.length}`,
});
