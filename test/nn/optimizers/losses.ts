// The losses of test/nn/data/trajectories.ts, of a [2] and b [], and where they start.

import { type Tensor, tensor, type Variable, variable } from "@adjoint/autograd";

export const losses = {
  quadratic: (a: Tensor, b: Tensor): Tensor =>
    a
      .square()
      .mul(tensor([0.5, 2], { dtype: "float64" }))
      .sum()
      .add(a.sum().sub(b).square())
      .add(b.square().mul(0.5))
      .add(a.slice(0).mul(b)),
  rosenbrock: (a: Tensor, b: Tensor): Tensor => {
    const [x, y] = [a.slice(0), a.slice(1)];
    return x.sub(1).square().add(y.sub(x.square()).square().mul(10)).add(b.sub(y).square());
  },
};

export const starts = (): { readonly a: Variable<[2]>; readonly b: Variable<[]> } => ({
  a: variable(tensor([0.5, -1.5], { dtype: "float64" })),
  b: variable(tensor(0.75, { dtype: "float64" })),
});
