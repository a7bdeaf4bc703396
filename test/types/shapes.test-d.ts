// Shapes as types: what the compiler knows of a result where sizes are literal, and what it refuses.

import {
  arange,
  einsum,
  eye,
  full,
  grad,
  linspace,
  oneHot,
  ones,
  randomKey,
  type Shape,
  type Tensor,
  tensor,
  uniform,
  variable,
  where,
  zeros,
} from "@adjoint/autograd";
import { dense, sequential } from "@adjoint/nn";
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
    let state = ones([2, 3]);
    state = state.mul(unknown);
    state = state.mul(matrix);
    state = unknown.mul(unknown).add(state).tanh();
    state = unknown.matmul(unknown);
    state = unknown.greater(0).select(unknown, 0);
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

  test("along an axis known only later have an unknown shape", () => {
    const axis: number = 1;
    expectTypeOf(matrix.sum({ axis })).toEqualTypeOf<Tensor>();
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
    expectTypeOf(zeros([2, 3, 4]).permute([2, 0, 1]).shape).toExtend<readonly [4, 2, 3]>();
  });

  test("reshaping takes the new shape, with a number for −1", () => {
    expectTypeOf(matrix.reshape([3, 2])).toEqualTypeOf<Tensor<[3, 2]>>();
    expectTypeOf(matrix.reshape([-1, 2])).toEqualTypeOf<Tensor<[number, 2]>>();
    expectTypeOf(matrix.flatten()).toEqualTypeOf<Tensor<[number]>>();
    // @ts-expect-error sizes without brackets
    matrix.reshape(3, 2);
  });

  test("broadcasting takes the new shape", () => {
    expectTypeOf(zeros([3]).broadcastTo([2, 3])).toEqualTypeOf<Tensor<[2, 3]>>();
  });

  test("what moves nothing keeps the shape", () => {
    expectTypeOf(matrix.cast("float64")).toEqualTypeOf<Tensor<[2, 3]>>();
    expectTypeOf(matrix.softmax()).toEqualTypeOf<Tensor<[2, 3]>>();
    expectTypeOf(matrix.logSoftmax({ axis: 0 })).toEqualTypeOf<Tensor<[2, 3]>>();
    expectTypeOf(matrix.cumsum()).toEqualTypeOf<Tensor<[2, 3]>>();
    expectTypeOf(matrix.flip()).toEqualTypeOf<Tensor<[2, 3]>>();
    expectTypeOf(matrix.sort()).toEqualTypeOf<Tensor<[2, 3]>>();
    expectTypeOf(matrix.detach()).toEqualTypeOf<Tensor<[2, 3]>>();
  });

  test("refuse a type that doesn't exist", () => {
    // @ts-expect-error another library's name
    matrix.cast("double");
  });
});

describe("reading", () => {
  test("gives arrays as deep as the shape", () => {
    expectTypeOf(matrix.toArray()).toEqualTypeOf<number[][]>();
    expectTypeOf(tensor(1).toArray()).toEqualTypeOf<number>();
    expectTypeOf(matrix.shape).toEqualTypeOf<[2, 3]>();
  });
});

describe("derivatives", () => {
  test("have the form and the shapes of the argument", () => {
    const f = (p: { w: Tensor<[2, 3]>; b: readonly Tensor<[3]>[] }) => p.w.sum().add(p.b[0]!.sum());
    expectTypeOf(grad(f)({ w: matrix, b: [zeros([3])] }).w).toEqualTypeOf<Tensor<[2, 3]>>();
    expectTypeOf(grad(f)({ w: matrix, b: [zeros([3])] }).b).toEqualTypeOf<Tensor<[3]>[]>();
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
    expectTypeOf(dense(3, 4).forward(matrix)).toEqualTypeOf<Tensor<[2, 4]>>();
    expectTypeOf(dense(3, 4).forward(zeros([5, 2, 3]))).toEqualTypeOf<Tensor<[5, 2, 4]>>();
    expectTypeOf(dense(3, 4).forward(zeros([3]))).toEqualTypeOf<Tensor<[4]>>();
    assertType<Shape>(dense(3, 4).forward(unknown).shape);
  });

  test("refuse an input of another width", () => {
    // @ts-expect-error 5 and 3
    dense(3, 4).forward(zeros([2, 5]));
  });
});

test("layers of different kinds and shapes stand in one sequential", () => {
  const model = sequential(dense(2, 3), { forward: (x: Tensor) => x.tanh() }, dense(3, 1));
  assertType<Tensor>(model.forward(matrix));
});
