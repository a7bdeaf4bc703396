// Shapes as types: what the compiler knows of a result where sizes are literal, and what it refuses.

import {
  type AxisSlice,
  activation,
  arange,
  assign,
  averagePool,
  concat,
  convolution,
  definePrimitive,
  einsum,
  eye,
  full,
  grad,
  gradients,
  guarded,
  hvp,
  jvp,
  linspace,
  mapTree,
  maxPool,
  oneHot,
  ones,
  randomKey,
  type Shape,
  stack,
  type Tensor,
  type Tree,
  tensor,
  uniform,
  valueAndGrad,
  variable,
  vjp,
  where,
  zeros,
} from "@adjoint/autograd";
import { dense, relu, sequential, softmax } from "@adjoint/nn";
import { assertType, describe, expectTypeOf, test } from "vitest";

const matrix = zeros([2, 3]);
const unknown: Tensor = zeros([2, 3]);

describe("creation", () => {
  test("nested arrays give their shape", () => {
    expectTypeOf(tensor([[1, 2, 3]])).toEqualTypeOf<Tensor<[1, 3]>>();
    expectTypeOf(tensor([1, 2])).toEqualTypeOf<Tensor<[2]>>();
    expectTypeOf(tensor(1)).toEqualTypeOf<Tensor<[]>>();
    expectTypeOf(tensor([[[1], [2]]])).toEqualTypeOf<Tensor<[1, 2, 1]>>();
    expectTypeOf(tensor([true, false])).toEqualTypeOf<Tensor<[2]>>();
    expectTypeOf(tensor([])).toEqualTypeOf<Tensor<[0]>>();
  });

  test("arrays of unknown length give numbers in place of sizes", () => {
    const row: number[] = [1, 2];
    expectTypeOf(tensor(row)).toEqualTypeOf<Tensor<[number]>>();
    expectTypeOf(tensor([row, row])).toEqualTypeOf<Tensor<[2, number]>>();
    expectTypeOf(tensor(new Float64Array(3))).toEqualTypeOf<Tensor<[number]>>();
  });

  test("a shape that is given is the shape", () => {
    expectTypeOf(zeros([2, 3])).toEqualTypeOf<Tensor<[2, 3]>>();
    expectTypeOf(ones([4])).toEqualTypeOf<Tensor<[4]>>();
    expectTypeOf(full([], 1)).toEqualTypeOf<Tensor<[]>>();
    expectTypeOf(tensor([1, 2, 3, 4], { shape: [2, 2] })).toEqualTypeOf<Tensor<[2, 2]>>();
    expectTypeOf(uniform(randomKey(0), [2, 5])).toEqualTypeOf<Tensor<[2, 5]>>();
    const sizes: number[] = [2, 3];
    expectTypeOf(zeros(sizes)).toEqualTypeOf<Tensor>();
    expectTypeOf(zeros([...sizes, 4])).toEqualTypeOf<Tensor<[...number[], 4]>>();
  });

  test("counts become sizes", () => {
    expectTypeOf(linspace(0, 1, 5)).toEqualTypeOf<Tensor<[5]>>();
    expectTypeOf(eye(3)).toEqualTypeOf<Tensor<[3, 3]>>();
    expectTypeOf(eye(3, { columns: 2 })).toEqualTypeOf<Tensor<[3, 2]>>();
    expectTypeOf(arange(4)).toEqualTypeOf<Tensor<[number]>>();
    expectTypeOf(oneHot(tensor([0, 1], { dtype: "int32" }), 3)).toEqualTypeOf<Tensor<[2, 3]>>();
  });
});

describe("a tensor of some shape is a tensor", () => {
  test("so that functions of tensors take it", () => {
    assertType<Tensor>(matrix);
    assertType<Tensor<[number, number]>>(matrix);
    expectTypeOf<Tensor<[2, 3]>>().toExtend<Tensor>();
    expectTypeOf<Tensor<[2, 3]>>().toExtend<Tensor<readonly [2, number]>>();
  });

  test("but not one of another shape", () => {
    expectTypeOf<Tensor<[2, 3]>>().not.toExtend<Tensor<[3, 2]>>();
    // @ts-expect-error a matrix is no vector
    assertType<Tensor<[6]>>(matrix);
  });

  test("a variable is a tensor of its value's shape", () => {
    assertType<Tensor<[1, 2]>>(variable([[1, 2]]));
    expectTypeOf(variable([[1, 2]]).add(1).shape).toEqualTypeOf<[1, 2]>();
  });
});

describe("elementwise operations", () => {
  test("with a number keep the shape", () => {
    expectTypeOf(matrix.add(1)).toEqualTypeOf<Tensor<[2, 3]>>();
    expectTypeOf(matrix.tanh()).toEqualTypeOf<Tensor<[2, 3]>>();
    expectTypeOf(matrix.clip(0, 1)).toEqualTypeOf<Tensor<[2, 3]>>();
    expectTypeOf(matrix.nanToNum({ nan: 1 })).toEqualTypeOf<Tensor<[2, 3]>>();
    expectTypeOf(matrix.lgamma().logicalAnd(zeros([3]))).toEqualTypeOf<Tensor<[2, 3]>>();
  });

  test("broadcast", () => {
    expectTypeOf(matrix.add(zeros([3]))).toEqualTypeOf<Tensor<[2, 3]>>();
    expectTypeOf(matrix.mul(zeros([2, 1]))).toEqualTypeOf<Tensor<[2, 3]>>();
    expectTypeOf(zeros([2, 1]).sub(zeros([1, 3]))).toEqualTypeOf<Tensor<[2, 3]>>();
    expectTypeOf(zeros([3]).add(zeros([4, 2, 1]))).toEqualTypeOf<Tensor<[4, 2, 3]>>();
    expectTypeOf(tensor(1).add(matrix)).toEqualTypeOf<Tensor<[2, 3]>>();
    expectTypeOf(where(zeros([3]).greater(0), matrix, 0)).toEqualTypeOf<Tensor<[2, 3]>>();
  });

  test("with unknown shapes are unknown", () => {
    expectTypeOf(unknown.add(matrix)).toEqualTypeOf<Tensor>();
    expectTypeOf(matrix.add(unknown)).toEqualTypeOf<Tensor>();
  });

  test("refuse shapes that don't broadcast", () => {
    // @ts-expect-error 3 and 4
    matrix.add(zeros([4]));
    // @ts-expect-error 2 and 3
    matrix.mul(zeros([3, 3]));
    // @ts-expect-error 2 and 5
    where(zeros([2]).greater(0), zeros([5]), 0);
  });

  test("by activations, guards and functions of one's own keep the shape", () => {
    const cube = activation("cube", (x) => x.mul(x).mul(x));
    const finite = () => {};
    expectTypeOf(relu(matrix)).toEqualTypeOf<Tensor<[2, 3]>>();
    expectTypeOf(softmax(matrix)).toEqualTypeOf<Tensor<[2, 3]>>();
    expectTypeOf(cube(unknown)).toEqualTypeOf<Tensor>();
    expectTypeOf(cube(2)).toEqualTypeOf<number>();
    expectTypeOf(guarded(matrix, finite)).toEqualTypeOf<Tensor<[2, 3]>>();
    // @ts-expect-error [2, 3] is not [3, 2]
    assertType<Tensor<[3, 2]>>(relu(matrix));
    // @ts-expect-error [2, 3] is not [3, 2]
    assertType<Tensor<[3, 2]>>(guarded(matrix, finite));
  });

  test("of a variable give a tensor, which can't be assigned to", () => {
    const w = variable([[1, 2]]);
    expectTypeOf(relu(w)).toEqualTypeOf<Tensor<[1, 2]>>();
    expectTypeOf(w.tanh()).toEqualTypeOf<Tensor<[1, 2]>>();
    // @ts-expect-error a tensor never changes
    relu(w).assign(0);
  });

  test("refuse what is no tensor and no number", () => {
    // @ts-expect-error an array
    matrix.add([1, 2, 3]);
    // @ts-expect-error a string
    matrix.add("1");
    // @ts-expect-error nothing
    matrix.add();
    // @ts-expect-error JavaScript's operator
    assertType<number>(matrix * 2);
  });
});

describe("functions of tensors of any shape", () => {
  test("keep it through numbers, elementwise methods and operands of the same shape", () => {
    const twice = <S extends Shape>(x: Tensor<S>): Tensor<S> => x.mul(2);
    const weigh = <S extends Shape>(x: Tensor<S>): Tensor<S> => x.softmax().mul(x);
    const chain = <S extends Shape>(x: Tensor<S>): Tensor<S> => x.tanh().mul(x).add(1);
    const cut = <S extends Shape>(x: Tensor<S>): Tensor<S> => x.clip(0, x).maximum(x.neg());
    const choose = <S extends Shape>(x: Tensor<S>): Tensor<S> => x.greater(0).select(x, 0);
    expectTypeOf(twice(matrix)).toEqualTypeOf<Tensor<[2, 3]>>();
    expectTypeOf(weigh(matrix)).toEqualTypeOf<Tensor<[2, 3]>>();
    expectTypeOf(chain(unknown)).toEqualTypeOf<Tensor>();
    expectTypeOf(cut(choose(matrix))).toEqualTypeOf<Tensor<[2, 3]>>();
  });

  test("mix with shapes that are known, unknown or of another parameter", () => {
    const mix = <S extends Shape, T extends Shape>(x: Tensor<S>, y: Tensor<T>): Tensor =>
      x.add(y).mul(unknown).sub(matrix).add(matrix.mul(x)).matmul(y);
    assertType<Tensor>(mix(matrix, unknown));
  });

  test("of sizes that are parameters multiply and add", () => {
    const dot = <M extends number, K extends number, N extends number>(
      x: Tensor<[M, K]>,
      y: Tensor<[K, N]>,
      bias: Tensor<[N]>,
    ) => ({ product: x.matmul(y), sum: x.matmul(y).add(bias), transposed: x.transpose() });
    const result = dot(matrix, zeros([3, 4]), zeros([4]));
    expectTypeOf(result.product).toEqualTypeOf<Tensor<[2, 4]>>();
    expectTypeOf(result.sum).toEqualTypeOf<Tensor<[2, 4]>>();
    expectTypeOf(result.transposed).toEqualTypeOf<Tensor<[3, 2]>>();
    const first = <N extends number>(n: N): Tensor<[N]> => zeros([n]);
    expectTypeOf(first(4)).toEqualTypeOf<Tensor<[4]>>();
  });
});

describe("a result of unknown shape takes the shape that its place asks for", () => {
  test("so that a state is updated by what is known only later", () => {
    const doubled = definePrimitive({
      name: "doubled",
      shape: ([shape]) => shape!,
      value: ([x], out) => out.set(x!.data.map((value: number) => 2 * value)),
    });
    let state = ones([2, 3]);
    state = state.mul(unknown);
    state = state.mul(matrix);
    state = unknown.mul(unknown).add(state).tanh();
    state = unknown.matmul(unknown);
    state = unknown.greater(0).select(unknown, 0);
    state = unknown.sum({ axis: 0 }).add(unknown.transpose());
    state = unknown.expandDims(0).squeeze().slice(0).reshape(unknown.shape);
    state = unknown.gather(tensor([0], { dtype: "int32" }));
    state = concat([unknown, unknown]);
    state = convolution(unknown, unknown);
    state = einsum("ij,jk->ik", unknown, unknown);
    state = doubled(unknown);
    expectTypeOf(state).toEqualTypeOf<Tensor<[2, 3]>>();
  });

  test("and a sequence of unknown sizes by one of known ones", () => {
    let state: Tensor = matrix;
    state = state.mul(matrix).matmul(matrix);
    expectTypeOf(state).toEqualTypeOf<Tensor>();
    let batch = zeros([2 as number, 3]);
    batch = batch.add(matrix).mul(batch);
    expectTypeOf(batch).toEqualTypeOf<Tensor<[number, 3]>>();
  });

  test("but one of known shape keeps its own", () => {
    let state = ones([2, 3]);
    // @ts-expect-error [4, 2, 3] is not [2, 3]
    state = state.mul(zeros([4, 1, 1]));
    // @ts-expect-error [2, 2] is not [2, 3]
    state = state.matmul(zeros([3, 2]));
    // @ts-expect-error [3] is not [2, 3]
    state = zeros([3]).tanh();
    // @ts-expect-error [3] is not [2, 3]
    state = matrix.slice(0);
    // @ts-expect-error [4, 3] is not [2, 3]
    state = concat([matrix, matrix]);
    // @ts-expect-error a vector of some size is no matrix
    state = matrix.slice(0, [Number(1)]);
    assertType<Tensor>(state);
  });
});

describe("products", () => {
  test("of matrices have the outer sizes", () => {
    expectTypeOf(matrix.matmul(zeros([3, 4]))).toEqualTypeOf<Tensor<[2, 4]>>();
  });

  test("with vectors lose their axis", () => {
    expectTypeOf(matrix.matmul(zeros([3]))).toEqualTypeOf<Tensor<[2]>>();
    expectTypeOf(zeros([2]).matmul(matrix)).toEqualTypeOf<Tensor<[3]>>();
    expectTypeOf(zeros([3]).matmul(zeros([3]))).toEqualTypeOf<Tensor<[]>>();
    expectTypeOf(zeros([3]).dot(zeros([3]))).toEqualTypeOf<Tensor<[]>>();
  });

  test("of batches broadcast them", () => {
    expectTypeOf(zeros([5, 2, 3]).matmul(zeros([3, 4]))).toEqualTypeOf<Tensor<[5, 2, 4]>>();
    expectTypeOf(zeros([5, 1, 2, 3]).matmul(zeros([6, 3, 4]))).toEqualTypeOf<Tensor<[5, 6, 2, 4]>>();
  });

  test("refuse batch axes that don't broadcast", () => {
    // @ts-expect-error 5 and 4
    zeros([5, 2, 3]).matmul(zeros([4, 3, 2]));
    // @ts-expect-error 5 and 4, behind an axis that fits
    zeros([7, 5, 2, 3]).matmul(zeros([1, 4, 3, 2]));
    expectTypeOf(zeros([5, 2, 3]).matmul(zeros([1, 3, 2]))).toEqualTypeOf<Tensor<[5, 2, 2]>>();
    expectTypeOf(zeros([5 as number, 2, 3]).matmul(zeros([4, 3, 2]))).toEqualTypeOf<Tensor<[4, 2, 2]>>();
  });

  test("refuse inner sizes that differ", () => {
    // @ts-expect-error 3 and 4
    matrix.matmul(zeros([4, 3]));
    // @ts-expect-error 3 and 2
    matrix.matmul(zeros([2]));
    // @ts-expect-error 3 and 2
    zeros([3]).dot(zeros([2]));
    // @ts-expect-error a number
    matrix.matmul(3);
  });

  test("of unknown shapes are left to the running program", () => {
    assertType<Tensor>(unknown.matmul(matrix));
    assertType<Tensor>(einsum("ij,kj->ik", matrix, matrix));
  });
});

describe("reductions", () => {
  test("of everything give a number", () => {
    expectTypeOf(matrix.sum()).toEqualTypeOf<Tensor<[]>>();
    expectTypeOf(matrix.mean()).toEqualTypeOf<Tensor<[]>>();
    expectTypeOf(unknown.sum()).toEqualTypeOf<Tensor<[]>>();
  });

  test("along an axis lose it", () => {
    expectTypeOf(matrix.sum({ axis: 0 })).toEqualTypeOf<Tensor<[3]>>();
    expectTypeOf(matrix.max({ axis: 1 })).toEqualTypeOf<Tensor<[2]>>();
    expectTypeOf(matrix.argmax({ axis: 1 })).toEqualTypeOf<Tensor<[2]>>();
  });

  test("count negative axes from the end", () => {
    expectTypeOf(matrix.sum({ axis: -1 })).toEqualTypeOf<Tensor<[2]>>();
    expectTypeOf(zeros([2, 3, 4]).mean({ axis: -3 })).toEqualTypeOf<Tensor<[3, 4]>>();
  });

  test("keep the axis with size 1 where asked", () => {
    expectTypeOf(matrix.sum({ axis: 1, keepDims: true })).toEqualTypeOf<Tensor<[2, 1]>>();
    expectTypeOf(matrix.logSumExp({ axis: -1, keepDims: true })).toEqualTypeOf<Tensor<[2, 1]>>();
    expectTypeOf(matrix.mean({ keepDims: true })).toEqualTypeOf<Tensor<[1, 1]>>();
  });

  test("along several axes lose them all", () => {
    expectTypeOf(zeros([2, 3, 4]).sum({ axis: [0, 2] })).toEqualTypeOf<Tensor<[3]>>();
    expectTypeOf(zeros([2, 3, 4]).sum({ axis: [-1, 0] })).toEqualTypeOf<Tensor<[3]>>();
    expectTypeOf(zeros([2, 3, 4]).variance({ axis: [1, 2], keepDims: true })).toEqualTypeOf<
      Tensor<[2, 1, 1]>
    >();
  });

  test("along an axis known only later have one axis less, of a size that isn't known", () => {
    const axis: number = 1;
    expectTypeOf(matrix.sum({ axis })).toEqualTypeOf<Tensor<[number]>>();
    expectTypeOf(matrix.sum({ axis, keepDims: true })).toEqualTypeOf<Tensor<[number, number]>>();
    expectTypeOf(unknown.sum({ axis })).toEqualTypeOf<Tensor>();
    const axes: number[] = [0, 1];
    expectTypeOf(matrix.sum({ axis: axes })).toEqualTypeOf<Tensor>();
    expectTypeOf(matrix.sum({ axis: axes, keepDims: true })).toEqualTypeOf<Tensor<[number, number]>>();
    // @ts-expect-error one axis is left, not two
    assertType<Tensor<[number, number]>>(matrix.sum({ axis }));
  });

  test("refuse options that don't exist", () => {
    // @ts-expect-error another library's name
    matrix.sum({ dim: 1 });
    // @ts-expect-error an axis without its name
    matrix.sum(1);
  });
});

describe("movement", () => {
  test("transposing turns the shape round", () => {
    expectTypeOf(matrix.transpose()).toEqualTypeOf<Tensor<[3, 2]>>();
    expectTypeOf(zeros([2, 3, 4]).transpose()).toEqualTypeOf<Tensor<[4, 3, 2]>>();
    // @ts-expect-error it takes no axes
    matrix.transpose(1, 0);
  });

  test("permuting puts the sizes in order", () => {
    expectTypeOf(zeros([2, 3, 4]).permute([2, 0, 1])).toEqualTypeOf<Tensor<[4, 2, 3]>>();
    const order: number[] = [1, 0];
    expectTypeOf(matrix.permute(order)).toEqualTypeOf<Tensor<[number, number]>>();
    expectTypeOf(unknown.permute([1, 0])).toEqualTypeOf<Tensor<[number, number]>>();
    expectTypeOf(unknown.permute(order)).toEqualTypeOf<Tensor>();
    // @ts-expect-error [3, 2] is not [2, 3]
    assertType<Tensor<[2, 3]>>(matrix.permute([1, 0]));
  });

  test("reshaping takes the new shape, with the size that is left for −1", () => {
    expectTypeOf(matrix.reshape([3, 2])).toEqualTypeOf<Tensor<[3, 2]>>();
    expectTypeOf(matrix.reshape([-1, 2])).toEqualTypeOf<Tensor<[3, 2]>>();
    expectTypeOf(matrix.flatten()).toEqualTypeOf<Tensor<[6]>>();
    expectTypeOf(unknown.reshape([-1, 2])).toEqualTypeOf<Tensor<[number, 2]>>();
    expectTypeOf(unknown.flatten()).toEqualTypeOf<Tensor<[number]>>();
    const n: number = 2;
    expectTypeOf(matrix.reshape([n, -1])).toEqualTypeOf<Tensor<[number, number]>>();
    expectTypeOf(matrix.reshape(unknown.shape)).toEqualTypeOf<Tensor>();
    // @ts-expect-error sizes without brackets
    matrix.reshape(3, 2);
  });

  test("reshaping to another number of elements is refused", () => {
    // @ts-expect-error 6 elements and 8
    matrix.reshape([4, 2]);
    // @ts-expect-error no row of 4
    matrix.reshape([-1, 4]);
  });

  test("broadcasting takes the new shape", () => {
    expectTypeOf(zeros([3]).broadcastTo([2, 3])).toEqualTypeOf<Tensor<[2, 3]>>();
  });

  test("what moves nothing keeps the shape", () => {
    expectTypeOf(matrix.cast("float64")).toEqualTypeOf<Tensor<[2, 3]>>();
    expectTypeOf(matrix.softmax()).toEqualTypeOf<Tensor<[2, 3]>>();
    expectTypeOf(matrix.logSoftmax({ axis: 0 })).toEqualTypeOf<Tensor<[2, 3]>>();
    expectTypeOf(matrix.cumsum()).toEqualTypeOf<Tensor<[2, 3]>>();
    expectTypeOf(matrix.cumprod({ axis: 1 })).toEqualTypeOf<Tensor<[2, 3]>>();
    expectTypeOf(matrix.cummax({ reverse: true })).toEqualTypeOf<Tensor<[2, 3]>>();
    expectTypeOf(matrix.logCumSumExp()).toEqualTypeOf<Tensor<[2, 3]>>();
    expectTypeOf(matrix.flip()).toEqualTypeOf<Tensor<[2, 3]>>();
    expectTypeOf(matrix.sort()).toEqualTypeOf<Tensor<[2, 3]>>();
    expectTypeOf(matrix.detach()).toEqualTypeOf<Tensor<[2, 3]>>();
  });

  test("refuse a type that doesn't exist", () => {
    // @ts-expect-error another library's name
    matrix.cast("double");
  });
});

describe("joining", () => {
  const list: Tensor<[2, 3]>[] = [matrix, matrix];
  const axis: number = 0;

  test("adds up sizes along the axis", () => {
    expectTypeOf(concat([matrix, zeros([2, 4])], { axis: 1 })).toEqualTypeOf<Tensor<[2, 7]>>();
    // @ts-expect-error 7 columns, not 6
    assertType<Tensor<[2, 6]>>(concat([matrix, zeros([2, 4])], { axis: 1 }));
  });

  test("leaves sizes of ten digits and more to the running program", () => {
    expectTypeOf(concat([zeros([999_999_998]), zeros([1])])).toEqualTypeOf<Tensor<[999_999_999]>>();
    expectTypeOf(concat([zeros([1_000_000_000]), zeros([1])])).toEqualTypeOf<Tensor<[number]>>();
    // @ts-expect-error one more
    assertType<Tensor<[999_999_998]>>(concat([zeros([999_999_998]), zeros([1])]));
  });

  test("keeps what is known where something isn't", () => {
    expectTypeOf(concat(list)).toEqualTypeOf<Tensor<[number, 3]>>();
    expectTypeOf(concat([matrix, ...list], { axis: 1 })).toEqualTypeOf<Tensor<[2, number]>>();
    expectTypeOf(concat([matrix, zeros([2, 4])], { axis })).toEqualTypeOf<Tensor<[number, number]>>();
    expectTypeOf(concat([matrix, unknown])).toEqualTypeOf<Tensor<[number, 3]>>();
    expectTypeOf(concat([unknown, matrix])).toEqualTypeOf<Tensor<[number, 3]>>();
    expectTypeOf(concat([unknown, unknown])).toEqualTypeOf<Tensor>();
    expectTypeOf(concat([zeros([axis, 3]), matrix], { axis: 1 })).toEqualTypeOf<Tensor<[2, 6]>>();
    expectTypeOf(stack(list)).toEqualTypeOf<Tensor<[number, 2, 3]>>();
    expectTypeOf(stack([matrix, matrix], { axis })).toEqualTypeOf<Tensor<[number, number, number]>>();
    expectTypeOf(stack([matrix, unknown])).toEqualTypeOf<Tensor<[2, 2, 3]>>();
    expectTypeOf(stack([unknown, matrix])).toEqualTypeOf<Tensor<[2, 2, 3]>>();
    expectTypeOf(stack([unknown, unknown])).toEqualTypeOf<Tensor>();
    // @ts-expect-error two axes, not one
    assertType<Tensor<[number]>>(concat(list));
  });

  test("refuses shapes that disagree elsewhere", () => {
    // @ts-expect-error 3 and 4 columns
    concat([matrix, zeros([2, 4])]);
    // @ts-expect-error two axes and one
    concat([matrix, zeros([3])]);
    // @ts-expect-error the last has other rows
    concat([matrix, matrix, zeros([3, 3])], { axis: -1 });
    // @ts-expect-error 3 and 4 columns
    stack([matrix, zeros([2, 4])]);
    // @ts-expect-error no list
    concat(matrix, matrix);
  });

  test("in a function of any shape waits for the shape", () => {
    const twice = <S extends Shape>(x: Tensor<S>) => concat([x, x], { axis: 1 });
    const pair = <S extends Shape>(x: Tensor<S>) => stack([x, x.tanh()]);
    expectTypeOf(twice(matrix)).toEqualTypeOf<Tensor<[2, 6]>>();
    expectTypeOf(pair(matrix)).toEqualTypeOf<Tensor<[2, 2, 3]>>();
    expectTypeOf(twice(unknown)).toEqualTypeOf<Tensor>();
    // @ts-expect-error six columns, not three
    assertType<Tensor<[2, 3]>>(twice(matrix));
  });
});

describe("axes of size 1", () => {
  const axis: number = 0;

  test("come and go", () => {
    expectTypeOf(matrix.expandDims(-1)).toEqualTypeOf<Tensor<[2, 3, 1]>>();
    expectTypeOf(zeros([2, 1, 3]).squeeze({ axis: 1 })).toEqualTypeOf<Tensor<[2, 3]>>();
    // @ts-expect-error [2, 1, 3] is not [1, 2, 3]
    assertType<Tensor<[1, 2, 3]>>(matrix.expandDims(1));
  });

  test("at a place known only later leave the number of axes known", () => {
    expectTypeOf(matrix.expandDims(axis)).toEqualTypeOf<Tensor<[number, number, number]>>();
    expectTypeOf(unknown.expandDims(0)).toEqualTypeOf<Tensor>();
    expectTypeOf(zeros([1, 3]).squeeze({ axis })).toEqualTypeOf<Tensor<[number]>>();
    expectTypeOf(zeros([axis, 3]).squeeze({ axis: 0 })).toEqualTypeOf<Tensor<[3]>>();
    // Whether the first axis has size 1 nobody knows.
    expectTypeOf(zeros([axis, 3]).squeeze()).toEqualTypeOf<Tensor>();
    expectTypeOf(unknown.squeeze()).toEqualTypeOf<Tensor>();
    // @ts-expect-error three axes, not two
    assertType<Tensor<[number, number]>>(matrix.expandDims(axis));
  });

  test("are the only ones that can go", () => {
    // @ts-expect-error 3 is not 1
    matrix.squeeze({ axis: 1 });
    // @ts-expect-error an axis without its name
    matrix.squeeze(1);
  });
});

describe("parts", () => {
  const n: number = 1;

  test("of literal bounds have literal sizes", () => {
    expectTypeOf(matrix.slice(0, [1])).toEqualTypeOf<Tensor<[2]>>();
    // @ts-expect-error 2 elements, not 3
    assertType<Tensor<[3]>>(matrix.slice(0, [1]));
  });

  test("of bounds known only later keep their axes", () => {
    expectTypeOf(matrix.slice(n)).toEqualTypeOf<Tensor<[3]>>();
    expectTypeOf(matrix.slice([n])).toEqualTypeOf<Tensor<[number, 3]>>();
    expectTypeOf(matrix.slice(null, [0, n])).toEqualTypeOf<Tensor<[2, number]>>();
    expectTypeOf(matrix.slice([0, 2, n])).toEqualTypeOf<Tensor<[number, 3]>>();
    expectTypeOf(zeros([n, 3]).slice([0, 2])).toEqualTypeOf<Tensor<[number, 3]>>();
    expectTypeOf(unknown.slice(0)).toEqualTypeOf<Tensor>();
    // @ts-expect-error one axis is left, not two
    assertType<Tensor<[number, number]>>(matrix.slice(n));
  });

  test("of which it isn't known whether they are an index have an unknown shape", () => {
    const parts: AxisSlice[] = [0];
    const part = parts[0]!;
    expectTypeOf(matrix.slice(...parts)).toEqualTypeOf<Tensor>();
    expectTypeOf(matrix.slice(part)).toEqualTypeOf<Tensor>();
    expectTypeOf(matrix.slice(0, ...parts)).toEqualTypeOf<Tensor>();
    // @ts-expect-error a text
    matrix.slice("0");
  });

  test("side by side are a tuple where it is known how many there are", () => {
    const wide = zeros([2, 12]);
    expectTypeOf(wide.split(3, { axis: 1 })).toEqualTypeOf<
      [Tensor<[2, 4]>, Tensor<[2, 4]>, Tensor<[2, 4]>]
    >();
    expectTypeOf(wide.split([5, 7], { axis: -1 })).toEqualTypeOf<[Tensor<[2, 5]>, Tensor<[2, 7]>]>();
    expectTypeOf(wide.split([n, 12 - n], { axis: 1 })).toEqualTypeOf<
      [Tensor<[2, number]>, Tensor<[2, number]>]
    >();
    expectTypeOf(unknown.split(2)).toEqualTypeOf<[Tensor, Tensor]>();
    expectTypeOf(wide.split(n)).toEqualTypeOf<Tensor<[number, 12]>[]>();
    expectTypeOf(wide.split([n].map(Math.abs), { axis: 1 })).toEqualTypeOf<Tensor<[2, number]>[]>();
    expectTypeOf(matrix.unstack()).toEqualTypeOf<[Tensor<[3]>, Tensor<[3]>]>();
    expectTypeOf(matrix.unstack({ axis: -1 })).toEqualTypeOf<[Tensor<[2]>, Tensor<[2]>, Tensor<[2]>]>();
    expectTypeOf(unknown.unstack()).toEqualTypeOf<Tensor[]>();
    expectTypeOf(zeros([n, 3]).unstack()).toEqualTypeOf<Tensor<[3]>[]>();
    // More than anybody takes apart by name.
    expectTypeOf(zeros([100, 3]).unstack()).toEqualTypeOf<Tensor<[3]>[]>();
    // @ts-expect-error there is no third one
    assertType<Tensor>(wide.split(2, { axis: 1 })[2]);
  });

  test("at indices stand where their axis was", () => {
    const places = tensor([0, 1, 1, 0], { dtype: "int32" });
    expectTypeOf(matrix.gather(places)).toEqualTypeOf<Tensor<[4, 3]>>();
    expectTypeOf(matrix.gather(places, { axis: -1 })).toEqualTypeOf<Tensor<[2, 4]>>();
    expectTypeOf(matrix.gather(places, { axis: n })).toEqualTypeOf<Tensor<[number, number]>>();
    expectTypeOf(matrix.gather(unknown)).toEqualTypeOf<Tensor>();
    expectTypeOf(oneHot(places, n)).toEqualTypeOf<Tensor<[4, number]>>();
    // @ts-expect-error 4 rows, not 2
    assertType<Tensor<[2, 3]>>(matrix.gather(places));
    // @ts-expect-error numbers where a tensor belongs
    matrix.gather([0, 1]);
  });
});

describe("windows", () => {
  const n: number = 3;
  const images = zeros([n, 1, 28, 28]);

  test("over images of any number have literal sizes", () => {
    expectTypeOf(convolution(images, zeros([8, 1, 3, 3]))).toEqualTypeOf<Tensor<[number, 8, 26, 26]>>();
    expectTypeOf(maxPool(images, 2)).toEqualTypeOf<Tensor<[number, 1, 14, 14]>>();
    // @ts-expect-error 26 and 28
    assertType<Tensor<[number, 8, 28, 28]>>(convolution(images, zeros([8, 1, 3, 3])));
  });

  test("of sizes known only later keep their axes", () => {
    expectTypeOf(convolution(images, unknown)).toEqualTypeOf<Tensor<[number, number, number, number]>>();
    expectTypeOf(convolution(unknown, zeros([8, 1, 3]))).toEqualTypeOf<Tensor<[number, 8, number]>>();
    expectTypeOf(convolution(unknown, unknown)).toEqualTypeOf<Tensor>();
    expectTypeOf(convolution(images, zeros([8, 1, n, n]), { padding: "same" })).toEqualTypeOf<
      Tensor<[number, 8, 28, 28]>
    >();
    expectTypeOf(convolution(images, zeros([8, 1, 3, 3]), { strides: n })).toEqualTypeOf<
      Tensor<[number, 8, number, number]>
    >();
    const strides: number[] = [1, 1];
    expectTypeOf(averagePool(images, 2, { strides })).toEqualTypeOf<Tensor<[number, 1, number, number]>>();
    expectTypeOf(averagePool(images, n)).toEqualTypeOf<Tensor<[number, 1, number, number]>>();
    expectTypeOf(averagePool(images, strides)).toEqualTypeOf<Tensor<[number, number, number, number]>>();
    expectTypeOf(maxPool(unknown, 2)).toEqualTypeOf<Tensor>();
    expectTypeOf(matrix.pad(n)).toEqualTypeOf<Tensor<[number, number]>>();
    expectTypeOf(unknown.pad(1)).toEqualTypeOf<Tensor>();
    // @ts-expect-error four axes, not three
    assertType<Tensor<[number, number, number]>>(maxPool(images, n));
  });

  test("of a kernel for other channels are refused", () => {
    // @ts-expect-error 1 channel and 3
    convolution(images, zeros([8, 3, 5, 5]));
    // @ts-expect-error a kernel without channels
    convolution(images, zeros([8, 5, 5]));
    // @ts-expect-error no option of that name
    convolution(images, zeros([8, 1, 5, 5]), { stride: 2, strides: 1 });
    // @ts-expect-error no padding of that name
    convolution(images, zeros([8, 1, 5, 5]), { padding: "full" });
  });
});

describe("reading", () => {
  test("gives arrays as deep as the shape", () => {
    expectTypeOf(matrix.toArray()).toEqualTypeOf<number[][]>();
    expectTypeOf(tensor(1).toArray()).toEqualTypeOf<number>();
    expectTypeOf(matrix.shape).toEqualTypeOf<[2, 3]>();
  });
});

describe("a function of a tree's leaves", () => {
  const w = { a: variable(matrix), b: [variable(zeros([3]))] };

  test("sees variables where all are", () => {
    expectTypeOf(mapTree((each) => each.value, w)).toEqualTypeOf<{ a: Tensor<[2, 3]>; b: Tensor<[3]>[] }>();
    mapTree((each: Tensor) => each.mul(2), w);
    assign(
      w,
      mapTree((each) => each.value, w),
    );
  });

  test("sees tensors elsewhere", () => {
    expectTypeOf(mapTree((each) => each.mul(2), { x: matrix })).toEqualTypeOf<{ x: Tensor<[2, 3]> }>();
    // @ts-expect-error a tensor has no value
    mapTree((each) => each.value, { a: w.a, x: matrix });
    // @ts-expect-error nor has what a tree of any form holds
    mapTree((each) => each.value, w as Tree);
    // @ts-expect-error a tensor can't be assigned
    assign({ x: matrix }, { x: matrix });
  });
});

describe("derivatives", () => {
  test("have the form and the shapes of the argument", () => {
    const f = (p: { w: Tensor<[2, 3]>; b: readonly Tensor<[3]>[] }) => p.w.sum().add(p.b[0]!.sum());
    expectTypeOf(grad(f)({ w: matrix, b: [zeros([3])] }).w).toEqualTypeOf<Tensor<[2, 3]>>();
    expectTypeOf(grad(f)({ w: matrix, b: [zeros([3])] }).b).toEqualTypeOf<Tensor<[3]>[]>();
    // @ts-expect-error [2, 3] is not [3]
    assertType<Tensor<[3]>>(grad(f)({ w: matrix, b: [zeros([3])] }).w);
  });

  test("of lists and trees of any tensors are tensors at once", () => {
    const list = (inputs: readonly Tensor[]) => inputs.map((x) => x.square());
    const { value, pullback } = vjp(list, [unknown]);
    expectTypeOf(value).toEqualTypeOf<Tensor[]>();
    expectTypeOf(pullback([unknown])).toEqualTypeOf<Tensor[]>();
    expectTypeOf(jvp((x: Tensor<[2, 3]>) => x.tanh(), matrix, matrix).tangent).toEqualTypeOf<
      Tensor<[2, 3]>
    >();
    expectTypeOf(hvp((x: Tensor<[2, 3]>) => x.sum(), matrix, matrix)).toEqualTypeOf<Tensor<[2, 3]>>();
    const loss = variable(1);
    expectTypeOf(gradients(loss.square(), { loss })).toEqualTypeOf<{ loss: Tensor<[]> }>();
    // @ts-expect-error a list, not a tensor
    assertType<Tensor>(value);
  });

  test("of a function without parameters have the form that each call gives", () => {
    const w = { a: variable(matrix), b: [variable(zeros([3]))] };
    const loss = () => w.a.sum();
    expectTypeOf(valueAndGrad(loss)(w).gradient.a).toEqualTypeOf<Tensor<[2, 3]>>();
    expectTypeOf(valueAndGrad(loss)(w).gradient.b).toEqualTypeOf<Tensor<[3]>[]>();
    expectTypeOf(grad(loss)(w.a)).toEqualTypeOf<Tensor<[2, 3]>>();
    expectTypeOf(valueAndGrad<typeof w, []>(loss)(w).gradient.a).toEqualTypeOf<Tensor<[2, 3]>>();
    const parts = (...inputs: Tensor[]) => inputs[0]!.sum();
    // @ts-expect-error a number is no tensor
    grad(parts)(3);
    // @ts-expect-error a number is no tree
    grad(loss)(3);
  });

  test("of a function of any tree have that tree's form", () => {
    const slope = <A extends Tree>(f: (x: A) => Tensor, x: A) => grad(f)(x);
    expectTypeOf(slope((x: { w: Tensor<[2, 3]> }) => x.w.sum(), { w: matrix }).w).toEqualTypeOf<
      Tensor<[2, 3]>
    >();
    const plain: (x: Tensor) => Tensor = grad((x) => x.square().sum());
    expectTypeOf(plain(unknown)).toEqualTypeOf<Tensor>();
  });

  test("are not those of a number or a promise", () => {
    // @ts-expect-error item() leaves the tape
    grad((x: Tensor) => x.sum().item());
    // @ts-expect-error a promise
    grad(async (x: Tensor) => x.sum());
  });
});

describe("layers", () => {
  test("have the batch of their input and their own outputs", () => {
    expectTypeOf(dense(3, 4, { key: randomKey(0) }).forward(matrix)).toEqualTypeOf<Tensor<[2, 4]>>();
    expectTypeOf(dense(3, 4, { key: randomKey(0) }).forward(zeros([5, 2, 3]))).toEqualTypeOf<
      Tensor<[5, 2, 4]>
    >();
    expectTypeOf(dense(3, 4, { key: randomKey(0) }).forward(zeros([3]))).toEqualTypeOf<Tensor<[4]>>();
    assertType<Shape>(dense(3, 4, { key: randomKey(0) }).forward(unknown).shape);
  });

  test("refuse an input of another width", () => {
    // @ts-expect-error 5 and 3
    dense(3, 4, { key: randomKey(0) }).forward(zeros([2, 5]));
  });
});

test("layers of different kinds and shapes stand in one sequential", () => {
  const model = sequential(
    dense(2, 3, { key: randomKey(0) }),
    { forward: (x: Tensor) => x.tanh() },
    dense(3, 1, { key: randomKey(0) }),
  );
  assertType<Tensor>(model.forward(matrix));
});
