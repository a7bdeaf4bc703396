// The matchers, as a user's test has them.

import { activation, stopGradient, type Tensor, tensor } from "@adjoint/autograd";
import { type GradientMatchers, gradientMatchers } from "@adjoint/autograd/check";
import { expect, test } from "vitest";

declare module "vitest" {
  interface Matchers<T> extends GradientMatchers<T> {}
}
expect.extend(gradientMatchers);

const x = tensor([0.3, -1.2], { dtype: "float64" });
const right = (t: Tensor) => t.tanh().mul(t);
const wrong = (t: Tensor) => t.tanh().mul(stopGradient(t));
const mish = activation("mish", (t) => t.mul(t.softplus().tanh()));
const square = activation("square", (t) => t.square(), { psi: (y) => y.sqrt().mul(2) });

test("right gradients and activations pass", () => {
  expect(right).toHaveRightGradients([x]);
  expect(right).toHaveRightGradients([x], { order: 3 });
  expect(mish).toBeARightActivation();
});

test("wrong ones fail, with the report as the message", () => {
  expect(wrong).not.toHaveRightGradients([x]);
  expect(() => expect(wrong).toHaveRightGradients([x])).toThrow(
    /expected the gradients of wrong to be right, but wrong: .*\n.*by the rules/,
  );
  expect(() => expect(square).toBeARightActivation()).toThrow(/1 and -1 give one output, 1/);
});

test("an inconclusive check fails either way", () => {
  const nothing = () => tensor([1]);
  expect(() => expect(nothing).toHaveRightGradients([])).toThrow("inconclusive");
  expect(() => expect(nothing).not.toHaveRightGradients([])).toThrow("inconclusive");
});
