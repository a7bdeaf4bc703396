// The engine against the lecture's algebra: on random networks, every activation, δ, ∇ and ∂J/∂x that
// automatic differentiation finds is what the closed form says.

import { activation, compile, grad, randomKey, type Tensor, tensor, type Variable } from "@adjoint/autograd";
import * as nn from "@adjoint/nn";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { closedFormActivations } from "../closed-form/activations.ts";
import { closedFormLosses, isClosedFormPair, lossNamed, type Reduction } from "../closed-form/losses.ts";
import { batchGradient, type Layer, weightedSums } from "../closed-form/network.ts";
import { magnitudes } from "../closed-form/rounding.ts";
import { trials } from "../support/runs.ts";

const activations: Record<string, nn.LayerActivation> = {
  linear: nn.linear,
  step: nn.step,
  sign: nn.sign,
  logistic: nn.logistic,
  tanh: nn.tanh,
  relu: nn.relu,
  leakyRelu: nn.leakyRelu,
  elu: nn.elu,
  softplus: nn.softplus,
  exp: activation("exp", (x) => x.exp()),
  softmax: nn.softmax,
};

const losses: Record<string, nn.Loss> = {
  meanSquaredError: nn.meanSquaredError,
  sumSquaredError: nn.sumSquaredError,
  negLogLoss: nn.negLogLoss,
  negLogLossWithLogits: nn.negLogLossWithLogits,
  crossEntropy: nn.crossEntropy,
  crossEntropyOfProbabilities: nn.crossEntropyOfProbabilities,
  hinge: nn.hinge,
  absoluteError: nn.absoluteError,
  huber: nn.huber,
};

interface Network {
  readonly layers: Layer[];
  readonly loss: string;
  readonly reduction: Reduction;
  readonly samples: number[][];
  readonly targets: number[][];
}

const names = Object.keys(closedFormActivations);

// Within ±1.5 no chain of four layers of eˣ overflows once widths are divided out, and logistic outputs stay clear of
// 0 and 1, where −log ŷ ends.
// Multiples of 2⁻²⁰, since subnormal numbers round absolutely and no relative bound holds for them.
const between = (low: number, high: number) =>
  fc.integer({ min: Math.ceil(low * 2 ** 20), max: Math.floor(high * 2 ** 20) }).map((n) => n / 2 ** 20);
const number = between(-1.5, 1.5);
const matrix = (rows: number, columns: number) => {
  const scaled = number.map((value) => value / rows);
  return fc.array(fc.array(scaled, { minLength: columns, maxLength: columns }), {
    minLength: rows,
    maxLength: rows,
  });
};

/** Pairs of an output activation and a loss that have a closed form, with the number of outputs they need at least. */
const pairs = names.flatMap((output) =>
  Object.keys(closedFormLosses)
    .filter((loss) => isClosedFormPair(output, loss))
    // Softmax of a single output is the constant 1, whose −log(1 − ŷ) is infinite.
    .map((loss) => ({ output, loss, least: output === "softmax" ? 2 : 1 })),
);

function targetRow(loss: string, outputs: number): fc.Arbitrary<number[]> {
  const { targets } = lossNamed(loss);
  const row = (value: fc.Arbitrary<number>) => fc.array(value, { minLength: outputs, maxLength: outputs });
  if (targets === "oneHot") {
    return fc
      .nat({ max: outputs - 1 })
      .map((label) => Array.from({ length: outputs }, (_, i) => (i === label ? 1 : 0)));
  }
  if (targets === "probability") return row(between(0.05, 0.95));
  // Off ±1 by a little: an output of sign or step is then never at the hinge itself, where only a convention decides.
  if (targets === "plusMinusOne") return row(fc.constantFrom(-0.9, 0.9));
  return row(between(-2.1, 2.1).filter((value) => !Number.isInteger(value)));
}

const network: fc.Arbitrary<Network> = fc
  .record({
    pair: fc.constantFrom(...pairs),
    hidden: fc.array(fc.record({ width: fc.integer({ min: 1, max: 8 }), name: fc.constantFrom(...names) }), {
      maxLength: 4,
    }),
    inputs: fc.integer({ min: 1, max: 8 }),
    outputs: fc.integer({ min: 1, max: 8 }),
    batch: fc.integer({ min: 1, max: 16 }),
    reduction: fc.constantFrom<Reduction>("batchMean", "sum"),
  })
  .chain(({ pair, hidden, inputs, outputs, batch, reduction }) => {
    const widths = [inputs, ...hidden.map((layer) => layer.width), Math.max(outputs, pair.least)];
    const layerNames = [...hidden.map((layer) => layer.name), pair.output];
    const layers = layerNames.map((name, l) =>
      matrix(widths[l]! + 1, widths[l + 1]!).map((W): Layer => ({ W, activation: name })),
    );
    return fc.record({
      layers: fc.tuple(...layers).map((list) => [...list]),
      loss: fc.constant(pair.loss),
      reduction: fc.constant(reduction),
      samples: fc.array(fc.array(number, { minLength: inputs, maxLength: inputs }), {
        minLength: batch,
        maxLength: batch,
      }),
      targets: fc.array(targetRow(pair.loss, widths.at(-1)!), { minLength: batch, maxLength: batch }),
    });
  });

const float64 = (rows: number[][]) => tensor(rows, { dtype: "float64" }) as Tensor;

function modelOf(layers: readonly Layer[]): nn.Sequential<nn.Dense> {
  const built = layers.map(({ W, activation: name }) => {
    const layer = nn.dense(W.length - 1, W[0]!.length, {
      activation: activations[name]!,
      dtype: "float64",
      key: randomKey(0),
    });
    layer.transferMatrix = float64(W);
    return layer;
  });
  return nn.sequential(...built);
}

/** The largest difference of two matrices, as a part of the terms that each entry is summed from. */
function difference(actual: ArrayLike<number>, expected: number[][], size: number[][]): number {
  const [flat, sizes] = [expected.flat(), size.flat()];
  expect([actual.length, sizes.length]).toEqual([flat.length, flat.length]);
  return flat.reduce((worst, value, i) => {
    const error = Math.abs(actual[i]! - value);
    return error === 0 ? worst : Math.max(worst, error / sizes[i]!);
  }, 0);
}

const withoutBias = (rows: Tensor): Tensor => rows.slice(null, [1]);

/** Towers of eˣ leave the numbers there are; beyond this nothing can be compared. */
const isModerate = (rows: number[][][]) => rows.flat(2).every((value) => Math.abs(value) < 1e6);

/**
 * Whether weighted sums lie off the jump of a step or sign, unless all terms are 0. A sum that cancels is 0 or a rounding
 * away from it by the order of its terms, and then the unit's output is one thing or the other.
 */
function hasJumpsApart({ W, activation }: Layer, rows: number[][]): boolean {
  if (activation !== "step" && activation !== "sign") return true;
  return rows.every((x) => {
    const sums = weightedSums(W, x);
    const terms = weightedSums(
      W.map((row) => row.map(Math.abs)),
      x.map(Math.abs),
    );
    return sums.every((sum, j) => terms[j] === 0 || Math.abs(sum) > 1e-10 * terms[j]!);
  });
}

interface Expectation {
  readonly expected: ReturnType<typeof batchGradient>;
  readonly size: ReturnType<typeof magnitudes>;
}

function expectationOf({ layers, loss, reduction, samples, targets }: Network): Expectation {
  const expected = batchGradient(samples, targets, layers, loss, reduction);
  fc.pre(isModerate(expected.x));
  fc.pre(layers.every((layer, l) => hasJumpsApart(layer, expected.x[l]!)));
  return { expected, size: magnitudes(samples, targets, layers, loss, reduction) };
}

/** At kinks of units and hinges both sides have the same convention, so nothing is left out. */
function compare(drawn: Network): Record<string, number> {
  const { layers, loss, reduction, samples, targets } = drawn;
  const { expected, size } = expectationOf(drawn);
  const model = modelOf(layers);
  const shown = nn.backpropagation(model, float64(samples), float64(targets), losses[loss]!, { reduction });
  const last = layers.length;
  const deltas = expected.delta.map((rows, l) => rows.map((row) => (l === last - 1 ? row : row.slice(1))));
  const found: Record<string, number> = {
    prediction: difference(shown.prediction.data, expected.prediction, size.prediction),
    "∂J/∂x": difference(shown.inputGradient.data, expected.inputGradient, size.inputGradient),
  };
  shown.layers.forEach((layer, l) => {
    found[`x(${l})`] = difference(layer.x.data, expected.x[l]!, size.x[l]!);
    if (l > 0) {
      const delta = l === last ? layer.delta! : withoutBias(layer.delta!);
      found[`δ(${l})`] = difference(delta.data, deltas[l - 1]!, size.delta[l - 1]!);
    }
    if (l < last)
      found[`∇(${l})`] = difference(layer.gradient!.data, expected.gradient[l]!, size.gradient[l]!);
  });
  return found;
}

/**
 * Entry by entry, relative to the sum of the absolute terms: five layers of sums of at most 9·16 terms round to below 1e-13
 * of it, so 1e-10 leaves room and still sees any wrong term.
 */
const tolerance = 1e-10;

describe("a random network", () => {
  test("has the closed form's activations, deltas, gradients and ∂J/∂x, for every activation and loss", () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(network, (drawn) => {
        for (const { activation: name } of drawn.layers) seen.add(name);
        seen.add(drawn.loss);
        for (const [what, error] of Object.entries(compare(drawn))) {
          expect(
            error,
            `${what} of ${drawn.layers.map((layer) => layer.activation).join(" → ")}, ${drawn.loss}`,
          ).toBeLessThan(tolerance);
        }
      }),
      trials(1000),
    );
    expect([...seen].sort()).toEqual(
      [...Object.keys(closedFormActivations), ...Object.keys(closedFormLosses)].sort(),
    );
  });

  test("has the same gradients by backward() on its variables", () => {
    fc.assert(
      fc.property(network, (drawn) => {
        const { layers, loss, reduction, samples, targets } = drawn;
        const { expected, size } = expectationOf(drawn);
        const model = modelOf(layers);
        losses[loss]!(model.forward(float64(samples)), float64(targets), { reduction }).backward();
        layers.forEach((_, l) => {
          const { weight, bias } = model[l]!;
          const found = [...(bias!.grad as Tensor).data, ...(weight.grad as Tensor).data];
          expect(difference(found, expected.gradient[l]!, size.gradient[l]!)).toBeLessThan(tolerance);
        });
      }),
      trials(200),
    );
  });

  test("has the same gradients by grad over its variables, eagerly and in a program", () => {
    fc.assert(
      fc.property(network, (drawn) => {
        const { layers, loss, reduction, samples, targets } = drawn;
        const { expected, size } = expectationOf(drawn);
        const model = modelOf(layers);
        const of = (x: Tensor) =>
          grad((_: Record<string, Variable>) =>
            losses[loss]!(model.forward(x), float64(targets), { reduction }),
          )(nn.variables(model));
        for (const gradient of [of(float64(samples)), compile(of)(float64(samples))]) {
          layers.forEach((_, l) => {
            const [weight, bias] = [gradient[`${l}.weight`]!, gradient[`${l}.bias`]!];
            const found = [...bias.data, ...weight.data];
            expect(difference(found, expected.gradient[l]!, size.gradient[l]!)).toBeLessThan(tolerance);
          });
        }
      }),
      trials(100),
    );
  });

  test("has the gradients of integer labels equal to those of one-hot rows", () => {
    fc.assert(
      fc.property(
        network.filter(({ loss }) => loss === "crossEntropy"),
        (drawn) => {
          const { layers, samples, targets, reduction } = drawn;
          const { expected, size } = expectationOf(drawn);
          const classes = targets.map((row) => row.indexOf(1));
          const labels = tensor(classes, { dtype: "int32", shape: [targets.length] }) as Tensor;
          const byLabel = nn.backpropagation(modelOf(layers), float64(samples), labels, nn.crossEntropy, {
            reduction,
          });
          layers.forEach((_, l) => {
            const gradient = byLabel.layers[l]!.gradient!.data;
            expect(difference(gradient, expected.gradient[l]!, size.gradient[l]!)).toBeLessThan(tolerance);
          });
        },
      ),
      trials(60),
    );
  });
});
