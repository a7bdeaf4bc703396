// A normalising flow, fitted to points on a slanted ellipse. The flow is x = z·w + b with z normal, so the density of x
// is that of z = (x − b)·w⁻¹ divided by |det w|: its logarithm needs slogdet, and its gradient goes through the
// inverse. Run: npx tsx --conditions=@adjoint/source packages/examples/src/flow.ts

import {
  compile,
  eye,
  normal,
  randomKey,
  splitKey,
  type Tensor,
  tensor,
  variable,
  zeros,
} from "@adjoint/autograd";
import { slogdet, solve } from "@adjoint/linalg";
import { adam } from "@adjoint/nn";

// %% Points: what the flow should find is `spread` and `centre`, but for a rotation of z, which changes no density.
const spread = tensor([
  [2, 1],
  [0, 0.5],
]);
const centre = tensor([1, -1]);
const points = normal(randomKey(1), [500, 2]).matmul(spread).add(centre);

// %% The flow and its loss: the mean of −log p(x), without the constant.
const w = variable(eye(2), { name: "w" });
const b = variable(zeros([2]), { name: "b" });

const loss = (x: Tensor<[500, 2]>): Tensor => {
  // z·w = x − b for rows is wᵀ·zᵀ = (x − b)ᵀ.
  const z = solve(w.transpose(), x.sub(b).transpose());
  return z.square().sum({ axis: 0 }).mean().mul(0.5).add(slogdet(w).logAbsDet);
};

// %% Training: one compiled step.
const optimizer = adam({ learningRate: 0.05 });
const step = compile((x: Tensor<[500, 2]>) => optimizer.minimize(() => loss(x), [w, b]));
for (let epoch = 0; epoch <= 400; epoch++) {
  const value = step(points);
  if (epoch % 100 === 0) console.log(`epoch ${epoch}: −log p = ${value.item().toFixed(4)}`);
}

// %% The covariance of the flow, wᵀ·w, beside that of the points, and log |det w| beside ½ log det of it.
const covariance = (x: Tensor): Tensor => x.transpose().matmul(x);
const centred = points.sub(points.mean({ axis: 0 }));
console.log("covariance of the flow:  ", covariance(w));
console.log("covariance of the points:", covariance(centred).div(500));
console.log(
  `log |det w| = ${slogdet(w).logAbsDet.item().toFixed(3)}, of the truth ${slogdet(spread).logAbsDet.item().toFixed(3)}`,
);
console.log(
  "a draw:",
  normal(splitKey(randomKey(2))[0]!, [1, 2])
    .matmul(w)
    .add(b),
);
