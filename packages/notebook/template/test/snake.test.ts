import { grad, type Tensor, tensor } from "@adjoint/autograd";
import { assertGradients, checkActivation, gradientProperty, tensors } from "@adjoint/autograd/check";
import { expect, test } from "vitest";
import { snake } from "../src/snake.ts";

test("all that snake says of itself holds", () => {
  expect(checkActivation(snake).verdict).toBe("right");
});

// Each of the points is tried to order two, which takes a while on a busy machine.
test("gradients through two layers of snake are right wherever they are taken", { timeout: 120_000 }, () => {
  const twice = gradientProperty((x: Tensor) => snake(snake(x).mul(2)).sum(), [tensors()]);
  expect(assertGradients(twice, { numRuns: 10, seed: 1 }).wrong).toBe(0);
});

test("snake never falls", () => {
  const slope = grad((x: Tensor) => snake(x));
  for (let x = -10; x <= 10; x += 0.1)
    expect(slope(tensor(x, { dtype: "float64" })).item()).toBeGreaterThanOrEqual(0);
});
