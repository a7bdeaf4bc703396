// The lecture's grounded example (2-2-1, logistic, negative log-loss, ρ = 1), a scalar a number.

import { expect, test } from "vitest";
import { type Scalar, scalar } from "../../../packages/autograd/src/scalar/scalar.ts";

const hiddenWeights = [
  [0.4, 0.6],
  [0.7, -0.4],
  [-0.2, 0.3],
].map((row) => row.map(scalar));
const outputWeights = [-0.3, 0.5, 0.1].map(scalar);
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
  actual.forEach((a, i) => expect(Math.abs(a - exact[i]!)).toBeLessThanOrEqual(1e-12));
};
const grads = (scalars: readonly Scalar[]) => scalars.map((s) => s.grad);

test("every number of the lecture's example is right to 1e-12", () => {
  const { z, hidden, output, prediction } = forward();
  // The target is 1.
  const loss = prediction.log().neg();
  loss.backward();
  within(
    hidden.map((h) => h.value),
    [0.549833997312478, 0.7109495026250039],
  );
  within([prediction.value], [0.5115009582452517]);
  within([output.grad], [-0.48849904175474834]);
  within(grads(z), [-0.06045580429408154, -0.010038670321700199]);
  within(grads(outputWeights), [-0.48849904175474834, -0.26859338081132833, -0.3472981507683293]);
  const row = [-0.06045580429408154, -0.010038670321700199];
  within(grads(hiddenWeights.flat()), [...row, 0, 0, ...row]);

  for (const w of [...hiddenWeights.flat(), ...outputWeights]) w.assign(w.value - w.grad);
  within([forward().prediction.value], [0.7218744558656254]);
});
