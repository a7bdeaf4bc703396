// Steps by the gradients that backward leaves.

import { grad, type Tensor, tensor, variable } from "@adjoint/autograd";
import * as nn from "@adjoint/nn";
import { describe, expect, test } from "vitest";

describe("an optimizer", () => {
  test("clears the gradients it has used, and leaves variables without one alone", () => {
    const [a, b] = [variable([1, 2]), variable([3])];
    const optimizer = nn.sgd({ learningRate: 0.1 });
    (a as Tensor).sum().backward();
    optimizer.step({ a, b });
    expect([a.grad, b.grad]).toEqual([null, null]);
    expect(b.toArray()).toEqual([3]);
  });

  test("follows an assigned learning rate", () => {
    const w = variable([1]);
    const optimizer = nn.sgd({ learningRate: 1 });
    optimizer.learningRate.assign(tensor(0, { dtype: "float64" }) as Tensor);
    optimizer.minimize(() => (w as Tensor).sum() as Tensor, [w]);
    expect(w.toArray()).toEqual([1]);
  });

  test("leaves nothing of the step on the tape", () => {
    const w = variable([1]);
    const loss = nn.adam().minimize(() => (w as Tensor).square().sum() as Tensor, [w]);
    expect(loss.step).toBeNull();
    expect(w.value.step).toBeNull();
  });
});

test("a step passes over a variable without a gradient, wherever it stands, and goes on to the others", () => {
  const [a, b, c] = [variable([1]), variable([2]), variable([3])];
  a.mul(c).sum().backward();
  nn.sgd({ learningRate: 0.5 }).step([b, a, b, c]);
  expect([a, b, c].map((each) => each.data[0])).toEqual([1 - 0.5 * 3, 2, 3 - 0.5 * 1]);
});

describe("a step that throws leaves every variable, and the optimizer's memory, as they were:", () => {
  const throwing = nn.optimizer("throwing", 1, ({ value, gradient, memory }) => {
    const count = memory("count");
    count.assign(count.value.add(1));
    if (value.data[0] === 2) throw new RangeError("the second");
    return gradient.sub(count.value.sub(1));
  });

  test("where the rule throws at the second variable", () => {
    const [a, b] = [variable([1]), variable([2])];
    a.mul(b).sum().backward();
    for (let i = 0; i < 2; i++) expect(() => throwing.step([a, b])).toThrow("the second");
    expect([a, b].map((each) => [each.data[0], each.grad?.data[0]])).toEqual([
      [1, 2],
      [2, 1],
    ]);
    // A memory that had counted would show now.
    b.assign(tensor([3]));
    a.clearGrad();
    a.mul(b).sum().backward();
    throwing.step([a, b]);
    expect([a, b].map((each) => each.data[0])).toEqual([1 - 3, 3 - 1]);
  });

  test("where what it returned does not fit the variable", () => {
    const [a, b] = [variable([1]), variable([2, 3])];
    a.mul(b).sum().backward();
    const narrow = nn.optimizer("narrow", 1, ({ gradient }) => gradient.slice([0, 1]));
    expect(() => narrow.step([a, b])).toThrow(
      'narrow: what the rule returned for "1" is float32 [1] and the variable float32 [2]',
    );
    expect(a.toArray()).toEqual([1]);
    expect(a.grad?.toArray()).toEqual([5]);
  });
});

describe("a learning rate that a transform watches", () => {
  const double = (...values: number[]) => tensor(values, { dtype: "float64" });
  // Two steps on ½(w − 3)²: the distance shrinks by 1 − r twice, so that its slope in r is −2(1 − r)(w₀ − 3).
  const trained = (make: () => nn.Optimizer) => {
    const w = variable(double(1));
    return (rate: Tensor) => {
      w.assign(double(1));
      const optimizer = make();
      optimizer.learningRate.assign(rate);
      for (let i = 0; i < 2; i++) {
        w.sub(3).square().mul(0.5).sum().backward();
        optimizer.step([w]);
      }
      return w.sum();
    };
  };

  test("has its derivative through the steps of sgd", () => {
    const f = trained(() => nn.sgd({ learningRate: 1 }));
    expect(f(tensor(0.1, { dtype: "float64" })).item()).toBeCloseTo(3 - 2 * 0.81, 14);
    expect(grad(f)(tensor(0.1, { dtype: "float64" })).item()).toBeCloseTo(2 * 0.9 * 2, 14);
  });

  test("has its derivative through momentum and adam, as differences see it", () => {
    for (const make of [
      () => nn.sgd({ learningRate: 1, momentum: 0.9 }),
      () => nn.adam({ learningRate: 1 }),
    ]) {
      const f = trained(make);
      const at = (rate: number) => f(tensor(rate, { dtype: "float64" })).item();
      const h = 2 ** -14;
      // Central differences of a smooth function: an error of h² and 2⁻⁵³/h.
      expect(grad(f)(tensor(0.1, { dtype: "float64" })).item()).toBeCloseTo(
        (at(0.1 + h) - at(0.1 - h)) / (2 * h),
        6,
      );
    }
  });
});
