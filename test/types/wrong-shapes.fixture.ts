// Programs that must not compile. test/types/messages.test.ts reads what the compiler says of them; no other build does.

import { type Tensor, where, zeros } from "@adjoint/autograd";
import { dense } from "@adjoint/nn";

const matrix = zeros([2, 3]);

export const product = matrix.matmul(zeros([4, 3]));
export const withVector = matrix.matmul(zeros([2]));
export const inner = zeros([3]).dot(zeros([2]));
export const sum = matrix.add(zeros([4]));
export const quotient = matrix.div(zeros([3, 3]));
export const clipped = matrix.clip(zeros([4]), 1);
export const choice = where(zeros([2]).greater(0), zeros([5]), 0);
export const layer = dense(3, 4).forward(zeros([2, 5]) as Tensor<[2, 5]>);
