// Programs that must not compile. test/types/messages.test.ts reads what the compiler says of them; no other build does.

import { concat, convolution, einsum, randomKey, stack, where, zeros } from "@adjoint/autograd";
import { dense } from "@adjoint/nn";

const matrix = zeros([2, 3]);

export const product = matrix.matmul(zeros([4, 3]));
export const withVector = matrix.matmul(zeros([2]));
export const inner = zeros([3]).dot(zeros([2]));
export const sum = matrix.add(zeros([4]));
export const quotient = matrix.div(zeros([3, 3]));
export const clipped = matrix.clip(zeros([4]), 1);
export const choice = where(zeros([2]).greater(0), zeros([5]), 0);
export const layer = dense(3, 4, { key: randomKey(0) }).forward(zeros([2, 5]));
export const batches = zeros([5, 2, 3]).matmul(zeros([4, 3, 2]));
export const joined = concat([matrix, zeros([2, 4])]);
export const stacked = stack([matrix, matrix, zeros([3])]);
export const squeezed = matrix.squeeze({ axis: -1 });
export const reshaped = matrix.reshape([4, 2]);
export const open = matrix.reshape([-1, 4]);
export const convolved = convolution(zeros([1, 3, 9, 9]), zeros([8, 1, 3, 3]));
export const replaced = matrix.at(0).set(zeros([2]));
export const summed = einsum("ij,jk->ik", matrix, zeros([4, 5]));
