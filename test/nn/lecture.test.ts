// The lecture's grounded example, number by number, by every road there is.

import { grad, randomKey, type Tensor, tensor } from "@adjoint/autograd";
import {
  backpropagation,
  type Dense,
  type Layer,
  logistic,
  mlp,
  negLogLoss,
  type Sequential,
  sequential,
  sgd,
  variables,
} from "@adjoint/nn";
import { describe, expect, test } from "vitest";
import { groundedExample } from "../closed-form/grounded-example.ts";
import { backpropagate } from "../closed-form/network.ts";

const { exact, layers, sample, target, loss } = groundedExample;
const float64 = (values: number[] | number[][]) => tensor(values, { dtype: "float64" }) as Tensor;

function network(): Sequential<Dense> {
  const model = mlp([2, 2, 1], { activation: logistic, dtype: "float64", key: randomKey(0) });
  layers.forEach(({ W }, l) => {
    model[l]!.transferMatrix = float64(W);
  });
  return model;
}

/** Absolute: every number here is below 1, so 1e-12 is a few thousand roundings. */
function expectNumbers(actual: Iterable<number>, expected: number[]): void {
  const found = [...actual];
  expect(found.length).toBe(expected.length);
  expected.forEach((value, i) => {
    expect(Math.abs(found[i]! - value)).toBeLessThanOrEqual(1e-12);
  });
}

describe("the grounded example", () => {
  test("comes out of backpropagation() as in the exact column", () => {
    const shown = backpropagation(network(), float64(sample), float64(target), negLogLoss);
    const [input, hidden, output] = shown.layers as [
      (typeof shown.layers)[0],
      (typeof shown.layers)[0],
      (typeof shown.layers)[0],
    ];
    expectNumbers(input.x.data, [1, ...sample]);
    expectNumbers(hidden.x.data, [1, ...exact.hidden]);
    expectNumbers(output.x.data, exact.prediction);
    expectNumbers(output.delta!.data, exact.outputDelta);
    expectNumbers(hidden.delta!.data, exact.hiddenDelta);
    expectNumbers(hidden.gradient!.data, exact.outputGradient.flat());
    expectNumbers(input.gradient!.data, exact.hiddenGradient.flat());
    expect(shown.layers).toHaveLength(3);
  });

  test("comes out of backpropagation() the same where its layers stand in a sequential within another", () => {
    const model = network();
    const show = (nested: Layer) =>
      String(backpropagation(nested, float64(sample), float64(target), negLogLoss));
    const plain = show(model);
    expect(show(sequential(model))).toBe(plain);
    expect(show(sequential(sequential(model[0]!), sequential(sequential(model[1]!))))).toBe(plain);
  });

  test("comes out of grad() of the plain formula as in the exact column", () => {
    const feed = ([w0, w1]: [Tensor, Tensor]): Tensor => {
      const x0 = float64([[1, ...sample]]);
      const hidden = (x0.matmul(w0) as Tensor).logistic();
      const output = (
        hidden
          .pad(
            [
              [0, 0],
              [1, 0],
            ],
            { value: 1 },
          )
          .matmul(w1) as Tensor
      ).logistic();
      return output.log().neg().sum();
    };
    const [hidden, output] = grad(feed)([float64(layers[0]!.W), float64(layers[1]!.W)]);
    expectNumbers((hidden as Tensor).data, exact.hiddenGradient.flat());
    expectNumbers((output as Tensor).data, exact.outputGradient.flat());
  });

  test("comes out of the closed form as in the exact column", () => {
    const found = backpropagate(sample, target, layers, loss);
    expectNumbers(found.delta.flat(), [...exact.hiddenDelta, ...exact.outputDelta]);
    expectNumbers(found.gradient.flat(2), [...exact.hiddenGradient.flat(), ...exact.outputGradient.flat()]);
  });

  test("predicts the exact column's new value after one step of rate 1", () => {
    const model = network();
    const x = float64([sample]);
    sgd({ learningRate: 1 }).minimize(
      () => negLogLoss(model.forward(x), float64([target])),
      variables(model),
    );
    expectNumbers(model.forward(x).data, exact.newPrediction);
  });

  test("prints every layer's x, δ, W and ∇", () => {
    const shown = backpropagation(network(), float64(sample), float64(target), negLogLoss);
    expect(String(shown)).toMatchInlineSnapshot(`
      "J = 0.670406
      x(0)   1.000000   0.000000   1.000000
      W(0)   0.400000   0.600000
             0.700000  -0.400000
            -0.200000   0.300000
      ∇(0)  -0.060456  -0.010039
             0.000000   0.000000
            -0.060456  -0.010039
      x(1)   1.000000   0.549834   0.710950
      δ(1)   0.000000  -0.060456  -0.010039
      W(1)  -0.300000
             0.500000
             0.100000
      ∇(1)  -0.488499
            -0.268593
            -0.347298
      x(2)   0.511501
      δ(2)  -0.488499"
    `);
  });
});
