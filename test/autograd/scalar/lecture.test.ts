// The lecture's grounded example (2-2-1, logistic, negative log-loss, ρ = 1), a scalar a number.

import { expect, test } from "vitest";
import { type Scalar, scalar } from "../../../packages/autograd/src/scalar/scalar.ts";
import { groundedExample } from "../../closed-form/grounded-example.ts";

const { exact, layers } = groundedExample;
const hiddenWeights = layers[0]!.W.map((row) => row.map(scalar));
const outputWeights = layers[1]!.W.flat().map(scalar);
const x = [1, 0, 1];

const dot = (xs: readonly (Scalar | number)[], ws: readonly Scalar[]) =>
  ws.map((w, i) => w.mul(xs[i]!)).reduce((a, b) => a.add(b));

function forward() {
  const z = [0, 1].map((j) =>
    dot(
      x,
      hiddenWeights.map((row) => row[j]!),
    ),
  );
  const hidden = z.map((neuron) => neuron.logistic());
  const output = dot([1, ...hidden], outputWeights);
  return { z, hidden, output, prediction: output.logistic() };
}

const within = (actual: readonly number[], exact: readonly number[]) => {
  expect(actual.length).toBe(exact.length);
  for (const [i, a] of actual.entries()) expect(Math.abs(a - exact[i]!)).toBeLessThanOrEqual(1e-12);
};
const values = (scalars: readonly Scalar[]) => scalars.map((s) => s.value);
const grads = (scalars: readonly Scalar[]) => scalars.map((s) => s.grad);

test("every number of the lecture's example is right to 1e-12", () => {
  const { z, hidden, output, prediction } = forward();
  // The target is 1.
  const loss = prediction.log().neg();
  loss.backward();
  within(values(hidden), exact.hidden);
  within([prediction.value], exact.prediction);
  within([output.grad], exact.outputDelta);
  within(grads(z), exact.hiddenDelta.slice(1));
  within(grads(outputWeights), exact.outputGradient.flat());
  within(grads(hiddenWeights.flat()), exact.hiddenGradient.flat());

  for (const w of [...hiddenWeights.flat(), ...outputWeights]) w.assign(w.value - w.grad);
  within([forward().prediction.value], exact.newPrediction);
});
