// The ways to take a derivative of a function from numbers to numbers: every transform, in each mode. A derivative of
// order n is any sequence of them whose orders add up to n.

import { grad, hessian, hvp, jacobian, jvp, type Tensor, valueAndGrad, vjp } from "@adjoint/autograd";
import fc from "fast-check";
import { tensorOf } from "../../support/tensors.ts";

export type Real = (x: Tensor) => Tensor;

export interface Derive {
  readonly name: string;
  readonly order: 1 | 2;
  readonly of: (f: Real) => Real;
}

export const one = (x: Tensor): Tensor => tensorOf([1], [], x.dtype);

export const derives: readonly Derive[] = [
  { name: "grad", order: 1, of: (f) => (x) => grad(f)(x) as Tensor },
  { name: "valueAndGrad", order: 1, of: (f) => (x) => valueAndGrad(f)(x).gradient as Tensor },
  { name: "vjp", order: 1, of: (f) => (x) => vjp(f, x).pullback(one(x)) as Tensor },
  { name: "jvp", order: 1, of: (f) => (x) => jvp(f, x, one(x)).tangent as Tensor },
  { name: "reverse jacobian", order: 1, of: (f) => (x) => jacobian(f, { mode: "reverse" })(x) as Tensor },
  { name: "forward jacobian", order: 1, of: (f) => (x) => jacobian(f, { mode: "forward" })(x) as Tensor },
  { name: "hessian", order: 2, of: (f) => (x) => hessian(f)(x) as Tensor },
  { name: "reverse hessian", order: 2, of: (f) => (x) => hessian(f, { mode: "reverse" })(x) as Tensor },
  { name: "hvp", order: 2, of: (f) => (x) => hvp(f, x, one(x)) as Tensor },
];

/** Sequences of transforms of an order. */
export function sequences(order: number): fc.Arbitrary<Derive[]> {
  if (order === 0) return fc.constant([]);
  const fitting = derives.filter((each) => each.order <= order);
  return fc
    .constantFrom(...fitting)
    .chain((first) => sequences(order - first.order).map((rest) => [first, ...rest]));
}

export const derived = (f: Real, sequence: readonly Derive[]): Real =>
  sequence.reduce((g, { of }) => of(g), f);
