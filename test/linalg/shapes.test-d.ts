// Shapes of results follow from those of operands, and what can't be is refused by the compiler.

import { type Tensor, zeros } from "@adjoint/autograd";
import {
  cholesky,
  det,
  eigh,
  inverse,
  lstsq,
  pinv,
  qr,
  slogdet,
  solve,
  svd,
  triangularSolve,
} from "@adjoint/linalg";
import { expectTypeOf, test } from "vitest";

const square = zeros([4, 3, 3]);
const tall = zeros([5, 2]);

test("literal sizes survive", () => {
  expectTypeOf(solve(zeros([3, 3]), zeros([3, 2]))).toEqualTypeOf<Tensor<[3, 2]>>();
  expectTypeOf(solve(zeros([3, 3]), zeros([3]))).toEqualTypeOf<Tensor<[3]>>();
  expectTypeOf(solve(square, zeros([3, 2]))).toEqualTypeOf<Tensor<[4, 3, 2]>>();
  expectTypeOf(triangularSolve(square, zeros([3]), { lower: true })).toEqualTypeOf<Tensor<[4, 3]>>();
  expectTypeOf(inverse(square)).toEqualTypeOf<Tensor<[4, 3, 3]>>();
  expectTypeOf(cholesky(square)).toEqualTypeOf<Tensor<[4, 3, 3]>>();
  expectTypeOf(det(square)).toEqualTypeOf<Tensor<[4]>>();
  expectTypeOf(slogdet(zeros([3, 3])).logAbsDet).toEqualTypeOf<Tensor<[]>>();
  expectTypeOf(eigh(square).values).toEqualTypeOf<Tensor<[4, 3]>>();
  expectTypeOf(lstsq(tall, zeros([5, 7]))).toEqualTypeOf<Tensor<[2, 7]>>();
  expectTypeOf(pinv(tall)).toEqualTypeOf<Tensor<[2, 5]>>();
  expectTypeOf(svd(square).v).toEqualTypeOf<Tensor<[4, 3, 3]>>();
  expectTypeOf(qr(tall).r).toEqualTypeOf<Tensor<[number, 2]>>();
});

test("what is not square, or does not fit, is refused", () => {
  // @ts-expect-error 5 rows and 2 columns
  inverse(tall);
  // @ts-expect-error 3 columns and 2 rows
  solve(square, zeros([2, 2]));
  // @ts-expect-error 5 rows and 3
  lstsq(tall, zeros([3]));
});
