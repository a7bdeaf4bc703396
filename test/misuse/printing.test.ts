// What Node's console and notebooks show of the things one works with.

import { format, inspect } from "node:util";
import { activation, grad, ones, randomKey, tapeOf, tensor, variable, zeros } from "@adjoint/autograd";
import {
  adam,
  backpropagation,
  dense,
  logistic,
  meanSquaredError,
  mlp,
  sequential,
  sgd,
  tanh,
  variables,
} from "@adjoint/nn";
import { describe, expect, test } from "vitest";

describe("the console shows", () => {
  test("a tensor with its type, shape and aligned elements", () => {
    expect(
      inspect(
        tensor([
          [1, -2.5],
          [1 / 3, 1000],
        ]),
      ),
    ).toMatchInlineSnapshot(`
      "Tensor float32 [2, 2]
      [[     1,   -2.5],
       [0.3333,   1000]]"
    `);
  });

  test("a single number, truth values and whole numbers as such", () => {
    expect(
      inspect([tensor(3), tensor([true, false]), tensor([1, -20], { dtype: "int32" })]),
    ).toMatchInlineSnapshot(`
      "[
        Tensor float32 [] 3,
        Tensor bool [2] [ true, false],
        Tensor int32 [2] [  1, -20]
      ]"
    `);
  });

  test("what is not finite, and what is very small or large", () => {
    expect(inspect(tensor([NaN, Infinity, -Infinity, 1e-9, 1e20, 0]))).toMatchInlineSnapshot(
      `"Tensor float32 [6] [      NaN,         ∞,        -∞,  1.000e-9, 1.000e+20,         0]"`,
    );
  });

  test("every whole number whole, up to the last that is told from its neighbours", () => {
    expect(inspect(tensor([17378479, -1e9, 1e6, 2 ** 53 - 1], { dtype: "float64" }))).toMatchInlineSnapshot(
      `"Tensor float64 [4] [        17378479,      -1000000000,          1000000, 9007199254740991]"`,
    );
    expect(inspect(tensor(2 ** 53, { dtype: "float64" }))).toBe("Tensor float64 [] 9.007e+15");
    expect(inspect(tensor(16777216))).toBe("Tensor float32 [] 16777216");
    expect(inspect(tensor(1e6 + 0.5))).toBe("Tensor float32 [] 1.000e+6");
  });

  test("the ends of a long tensor", () => {
    expect(inspect(zeros([1000, 1000]))).toMatchInlineSnapshot(`
      "Tensor float32 [1000, 1000]
      [[0, 0, 0, …, 0, 0, 0],
       [0, 0, 0, …, 0, 0, 0],
       [0, 0, 0, …, 0, 0, 0],
       …,
       [0, 0, 0, …, 0, 0, 0],
       [0, 0, 0, …, 0, 0, 0],
       [0, 0, 0, …, 0, 0, 0]]"
    `);
  });

  test("an empty tensor", () => {
    expect(inspect(zeros([0, 3]))).toMatchInlineSnapshot(`"Tensor float32 [0, 3] []"`);
  });

  test("a tensor of rank 3, matrix by matrix", () => {
    expect(inspect(ones([2, 2, 2]))).toMatchInlineSnapshot(`
      "Tensor float32 [2, 2, 2]
      [[[1, 1],
        [1, 1]],
       [[1, 1],
        [1, 1]]]"
    `);
  });

  test("a variable with its name", () => {
    expect(inspect(variable([1, 2], { name: "w" }))).toMatchInlineSnapshot(
      `"Variable "w" float32 [2] [1, 2]"`,
    );
    expect(inspect(variable(1))).toMatchInlineSnapshot(`"Variable float32 [] 1"`);
  });

  test("a key", () => {
    expect(inspect(randomKey(1))).toMatchInlineSnapshot(`"Tensor int32 [2] [0, 1]"`);
  });

  test("a gradient, as the tree it is", () => {
    const f = (p: { w: ReturnType<typeof tensor> }) => p.w.square().sum();
    expect(inspect(grad(f)({ w: tensor([1, 2]) }))).toMatchInlineSnapshot(
      `"{ w: Tensor float32 [2] [2, 4] }"`,
    );
  });

  test("a tape, a line a step", () => {
    const w = variable([1, 2], { name: "w" });
    expect(inspect(tapeOf(w.mul(3).tanh().sum()))).toMatchInlineSnapshot(`
      "%0 = variable w: float32 [2]
      %1 = constant: float32 [2]
      %2 = map mul(%0, %1): float32 [2]
      %3 = map tanh(%2): float32 [2]
      %4 = sumTo [1](%3): float32 [1]
      %5 = reshape [](%4): float32 []
      return %5"
    `);
  });

  test("an activation with its derivative", () => {
    expect(inspect(activation("swish", (x) => x.mul(x.logistic())))).toMatchInlineSnapshot(
      `"swish(x) = x·logistic(x), ′ = logistic(x) + x·logistic(x)·(1 − logistic(x))"`,
    );
    expect(inspect(tanh)).toMatchInlineSnapshot(`"tanh(x) = tanh(x), ′ = 1 − tanh(x)²"`);
  });

  test("a layer with its variables", () => {
    const layer = dense(2, 1, { activation: tanh, key: randomKey(0) });
    layer.transferMatrix = tensor([[0.5], [1], [2]]);
    expect(inspect(layer)).toMatchInlineSnapshot(`
      "Dense {
        weight: Variable "weight" float32 [2, 1]
        [[1],
         [2]],
        bias: Variable "bias" float32 [1] [0.5],
        activation: tanh(x) = tanh(x), ′ = 1 − tanh(x)²
      }"
    `);
  });

  test("a model, layer by layer", () => {
    expect(
      inspect(sequential(dense(2, 2, { key: randomKey(0) }), { forward: (x) => x.tanh() })),
    ).toMatchInlineSnapshot(`
      "Chain {
        '0': Dense {
          weight: Variable "weight" float32 [2, 2]
          [[-0.1997, -0.4539],
           [-0.2617,  0.5422]],
          bias: Variable "bias" float32 [2] [0, 0],
          activation: linear(x) = x, ′ = 1
        },
        '1': { forward: [Function: forward] }
      }"
    `);
  });

  test("an optimizer with its learning rate", () => {
    expect(inspect(sgd({ learningRate: 0.1 }))).toMatchInlineSnapshot(`
      "Optimizer {
        name: 'sgd',
        state: {},
        common: {},
        learningRate: Variable "learningRate" float64 [] 0.1,
        steps: Variable "steps" float64 [] 0,
        schedule: null,
        rates: []
      }"
    `);
    expect(inspect(adam())).toMatchInlineSnapshot(`
      "Optimizer {
        name: 'adam',
        state: {},
        common: {},
        learningRate: Variable "learningRate" float64 [] 0.001,
        steps: Variable "steps" float64 [] 0,
        schedule: null,
        rates: []
      }"
    `);
  });

  test("the variables of a model by path", () => {
    expect(Object.keys(variables(mlp([2, 2, 1], { key: randomKey(0) })))).toMatchInlineSnapshot(`
      [
        "0.weight",
        "0.bias",
        "1.weight",
        "1.bias",
      ]
    `);
  });

  test("backpropagation as a table", () => {
    const model = sequential(dense(1, 1, { activation: logistic, key: randomKey(0) }));
    model[0]!.transferMatrix = tensor([[0], [1]]);
    const shown = backpropagation(model, tensor([[0]]), tensor([[1]]), meanSquaredError);
    expect(inspect(shown)).toMatchInlineSnapshot(`
      "J = 0.250000
      x(0)   1.000000   0.000000
      W(0)   0.000000
             1.000000
      ∇(0)  -0.250000
             0.000000
      x(1)   0.500000
      δ(1)  -0.250000"
    `);
  });
});

test("text that holds a tensor shows it", () => {
  expect(format("%s", tensor([1, 2]))).toBe("Tensor float32 [2] [1, 2]");
});

test("a model is named by its layers in text", () => {
  expect(format("%s", mlp([2, 3, 1], { activation: tanh, key: randomKey(0) }))).toBe(
    "sequential(dense(2, 3, tanh), dense(3, 1, tanh))",
  );
});
