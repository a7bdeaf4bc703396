// What the compiler says of a result's shape against the shape it has: each literal below is checked by both.

import {
  averagePool,
  bincount,
  categorical,
  choice,
  concat,
  convolution,
  diag,
  einsum,
  exponential,
  fullLike,
  gumbel,
  histogram,
  maxPool,
  meshgrid,
  oneHot,
  randomInteger,
  randomKey,
  type Shape,
  searchSorted,
  segmentSum,
  shuffle,
  stack,
  type Tensor,
  tensor,
  truncatedNormal,
  zeros,
  zerosLike,
} from "@adjoint/autograd";
import { expect, test } from "vitest";

/** A shape of which every size is literal; never for others, which no literal fits. */
type Known<S extends Shape> = number extends S["length"] | S[number] ? never : S;

/** It compiles only where the tensor's type has this very shape, and passes only where the tensor has it. */
function has<S extends Shape>(x: Tensor<S>, shape: NoInfer<Known<S>>): void {
  expect(x.shape).toEqual(shape);
}

const matrix = zeros([2, 3]);
const cube = zeros([2, 3, 4]);
const places = tensor([0, 1, 1, 0], { dtype: "int32" });
const table = zeros([5, 2], { dtype: "int32" });

test("what is joined along an axis has there the sum of the sizes, also of many digits", () => {
  has(concat([matrix, zeros([2, 4])], { axis: 1 }), [2, 7]);
  has(concat([matrix, zeros([2, 4])], { axis: -1 }), [2, 7]);
  has(concat([matrix, zeros([5, 3])]), [7, 3]);
  has(concat([matrix]), [2, 3]);
  has(concat([zeros([999]), zeros([1])]), [1000]);
  has(concat([zeros([8]), zeros([95]), zeros([1234])]), [1337]);
  has(concat([zeros([0, 2]), zeros([10, 2])]), [10, 2]);
  has(concat([cube, zeros([2, 17, 4]), cube], { axis: -2 }), [2, 23, 4]);
});

test("what is stacked has an axis more, as long as the list", () => {
  has(stack([matrix, matrix]), [2, 2, 3]);
  has(stack([matrix, matrix, matrix], { axis: 1 }), [2, 3, 3]);
  has(stack([matrix], { axis: -1 }), [2, 3, 1]);
  has(stack([tensor(1), tensor(2)]), [2]);
});

test("an axis of size 1 is put in and taken out", () => {
  has(matrix.expandDims(0), [1, 2, 3]);
  has(matrix.expandDims(1), [2, 1, 3]);
  has(matrix.expandDims(-1), [2, 3, 1]);
  has(matrix.expandDims(-3), [1, 2, 3]);
  has(tensor(1).expandDims(0), [1]);
  has(zeros([2, 1, 3]).squeeze({ axis: 1 }), [2, 3]);
  has(zeros([1, 2, 1]).squeeze({ axis: -1 }), [1, 2]);
  has(zeros([1, 2, 1]).squeeze({ axis: [0, 2] }), [2]);
  has(zeros([1, 2, 1, 11]).squeeze(), [2, 11]);
  has(matrix.squeeze(), [2, 3]);
});

test("an index takes its axis away, a range cuts it, and null leaves it", () => {
  has(cube.slice(0), [3, 4]);
  has(cube.slice(-1, 2, 3), []);
  has(cube.slice(null, 1), [2, 4]);
  has(cube.slice(), [2, 3, 4]);
  has(cube.slice([]), [2, 3, 4]);
  has(cube.slice([1]), [1, 3, 4]);
  has(cube.slice(null, [1, 3]), [2, 2, 4]);
  has(cube.slice(0, [-2], [null, -1]), [2, 3]);
  has(cube.slice(null, null, [0, 4, 2]), [2, 3, 2]);
  has(cube.slice(null, null, [1, null, 2]), [2, 3, 2]);
});

test("a range stops at the ends and is empty where it ends before it starts", () => {
  has(zeros([10]).slice([2, 100]), [8]);
  has(zeros([10]).slice([-100, 3]), [3]);
  has(zeros([10]).slice([20]), [0]);
  has(zeros([10]).slice([5, 2]), [0]);
  has(zeros([10]).slice([0, 10, 3]), [4]);
  has(zeros([10]).slice([1, 10, 3]), [3]);
  has(zeros([10]).slice([0, 10, 100]), [1]);
  has(zeros([10]).slice([3, 3, 2]), [0]);
  has(zeros([1000]).slice([1, -1, 7]), [143]);
});

test("gathered slices stand where their axis was", () => {
  has(cube.gather(places), [4, 3, 4]);
  has(cube.gather(table, { axis: 1 }), [2, 5, 2, 4]);
  has(cube.gather(table, { axis: -1 }), [2, 3, 5, 2]);
  has(cube.gather(tensor(1, { dtype: "int32" }), { axis: 1 }), [2, 4]);
  has(oneHot(places, 10), [4, 10]);
  has(oneHot(table, 3), [5, 2, 3]);
  has(cube.takeAlongAxis(zeros([2, 3, 7], { dtype: "int32" }), { axis: 2 }), [2, 3, 7]);
  has(zeros([4]).scatterAdd(places, { axis: 0, shape: [2] }), [2]);
  has(cube.topK(2).values, [2, 3, 2]);
  has(cube.topK(1, { axis: 1 }).indices, [2, 1, 4]);
});

test("another shape of the same elements may leave one size open", () => {
  has(cube.reshape([4, 6]), [4, 6]);
  has(cube.reshape([-1]), [24]);
  has(cube.reshape([8, -1]), [8, 3]);
  has(zeros([60, 28, 28]).reshape([60, -1]), [60, 784]);
  has(cube.flatten(), [24]);
  has(tensor(1).flatten(), [1]);
  has(zeros([3, 0]).flatten(), [0]);
});

test("axes are put in another order from either end", () => {
  has(cube.permute([2, 0, 1]), [4, 2, 3]);
  has(cube.permute([-1, 0, -2]), [4, 2, 3]);
  has(cube.swapLastAxes(), [2, 4, 3]);
  has(cube.transpose(), [4, 3, 2]);
});

test("padding is added on both sides", () => {
  has(matrix.pad(1), [4, 5]);
  has(matrix.pad([0, [1, 10]]), [2, 14]);
  has(matrix.pad([2, [0, 0]], { value: 1 }), [6, 3]);
});

test("windows are counted along each axis", () => {
  has(zeros([5, 10]).windows({ sizes: [3] }), [5, 8, 3]);
  has(zeros([10, 10]).windows({ sizes: [3, 2], strides: [2, 1] }), [4, 9, 3, 2]);
  has(zeros([10]).windows({ sizes: [3], dilations: [2] }), [6, 3]);
});

test("differences are fewer than the elements, and never fewer than none", () => {
  has(cube.diff(), [2, 3, 3]);
  has(cube.diff({ axis: 0 }), [1, 3, 4]);
  has(cube.diff({ axis: -2, n: 2 }), [2, 1, 4]);
  has(cube.diff({ n: 7 }), [2, 3, 0]);
  has(zeros([1000]).diff(), [999]);
});

test("medians and quantiles lose their axes, and several quantiles have one in front", () => {
  has(cube.median({ axis: 1 }), [2, 4]);
  has(cube.median(), []);
  has(cube.quantile(0.5, { axis: [0, 1] }), [4]);
  has(cube.quantile([0.1, 0.9], { axis: 1, keepDims: true }), [2, 2, 1, 4]);
  has(cube.quantile([0.1, 0.5, 0.9]), [3]);
});

test("what replaces a part leaves the shape", () => {
  has(cube.at(0).set(1), [2, 3, 4]);
  has(cube.at(null, [1, 3]).add(zeros([4])), [2, 3, 4]);
  has(cube.at(cube.greater(0)).set(0), [2, 3, 4]);
  has(zerosLike(matrix), [2, 3]);
  has(fullLike(cube, 2), [2, 3, 4]);
});

test("a diagonal matrix is as large as the vector and the distance from the middle", () => {
  has(diag(zeros([3])), [3, 3]);
  has(diag(zeros([3]), { offset: 2 }), [5, 5]);
  has(diag(zeros([9]), { offset: -1 }), [10, 10]);
});

test("grids have an axis for each vector, in either order", () => {
  const [x, y] = meshgrid(zeros([3]), zeros([2]));
  has(x, [2, 3]);
  has(y, [2, 3]);
  has(meshgrid(zeros([3]), zeros([2]), { indexing: "ij" })[1], [3, 2]);
  has(meshgrid(zeros([3]), zeros([2]), zeros([4]))[2], [2, 3, 4]);
  has(meshgrid(zeros([3]))[0], [3]);
});

test("sums by ids, places and counts have the sizes that are given", () => {
  has(segmentSum(cube, zeros([2], { dtype: "int32" }), 5), [5, 3, 4]);
  has(searchSorted(zeros([4]), matrix), [2, 3]);
  has(bincount(places, { length: 3 }), [3]);
  has(histogram(matrix).counts, [10]);
  has(histogram(matrix, { bins: 4 }).counts, [4]);
});

test("an equation of letters has the sizes of the letters of its result", () => {
  has(einsum("ij,jk->ik", matrix, zeros([3, 5])), [2, 5]);
  has(einsum("ij->ji", matrix), [3, 2]);
  has(einsum("ij->", matrix), []);
  has(einsum("ii->i", zeros([4, 4])), [4]);
  has(einsum("ij,kj,kl->li", matrix, zeros([4, 3]), zeros([4, 7])), [7, 2]);
});

test("random draws and choices have the shape that is asked for", () => {
  const key = randomKey(1);
  has(exponential(key, [2, 3]), [2, 3]);
  has(gumbel(key, []), []);
  has(truncatedNormal(key, [4]), [4]);
  has(randomInteger(key, [2, 2], { high: 3 }), [2, 2]);
  has(categorical(key, cube), [2, 3]);
  has(categorical(key, cube, { axis: 0 }), [3, 4]);
  has(categorical(key, matrix, { shape: [5, 2] }), [5, 2]);
  has(choice(key, 3), []);
  has(choice(key, 3, { shape: [2] }), [2]);
  has(choice(key, matrix, { shape: [4, 1] }), [4, 1, 3]);
  has(shuffle(key, matrix), [2, 3]);
});

const image = zeros([2, 3, 28, 29]);

test("a convolution has the kernel's outputs and a place for each window", () => {
  const kernel = zeros([8, 3, 5, 3]);
  has(convolution(image, kernel), [2, 8, 24, 27]);
  has(convolution(image, kernel, { padding: "same" }), [2, 8, 28, 29]);
  has(convolution(image, kernel, { padding: "same", strides: 2 }), [2, 8, 14, 15]);
  has(convolution(image, kernel, { padding: "valid", strides: [2, 3] }), [2, 8, 12, 9]);
  has(convolution(image, kernel, { padding: 1 }), [2, 8, 26, 29]);
  has(
    convolution(image, kernel, {
      padding: [
        [1, 0],
        [0, 12],
      ],
    }),
    [2, 8, 25, 39],
  );
  has(convolution(image, kernel, { dilations: [2, 1] }), [2, 8, 20, 27]);
  has(convolution(zeros([1, 3, 9]), zeros([4, 3, 3]), { strides: 4, dilations: 2 }), [1, 4, 2]);
  has(convolution(zeros([1, 1, 5, 5, 5]), zeros([2, 1, 2, 2, 2])), [1, 2, 4, 4, 4]);
});

test("pooling has a place for each window, which stand side by side where nothing else is said", () => {
  has(maxPool(image, 2), [2, 3, 14, 14]);
  has(averagePool(image, 3), [2, 3, 9, 9]);
  has(maxPool(image, [2, 3], { strides: 1 }), [2, 3, 27, 27]);
  has(maxPool(image, 3, { strides: 2, padding: 1 }), [2, 3, 14, 15]);
  has(averagePool(matrix, [2]), [2, 1]);
  has(averagePool(image, 3, { strides: 1, padding: "same" }), [2, 3, 28, 29]);
});

test("products broadcast their batch axes", () => {
  has(zeros([5, 2, 3]).matmul(zeros([5, 3, 4])), [5, 2, 4]);
  has(zeros([5, 1, 2, 3]).matmul(zeros([6, 3, 4])), [5, 6, 2, 4]);
});
