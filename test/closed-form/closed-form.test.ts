// The closed form against the lecture's own numbers, the errata of its slides, and difference quotients.
// Stops at the closed form: that the engine agrees with it is tested elsewhere.

import { describe, expect, test } from "vitest";
import { activationNamed, closedFormActivations, logistic, softmax, softplus } from "./activations.ts";
import {
  type ErratumId,
  errata,
  type GroundedNumbers,
  groundedExample,
  predictionFromPrintedMatrices,
  updatedMatrices,
} from "./grounded-example.ts";
import {
  type ClosedFormLoss,
  closedFormLosses,
  isClosedFormPair,
  lossNamed,
  oneHotRow,
  type TargetKind,
} from "./losses.ts";
import { at, outer, sum, times, transposeTimes } from "./matrix.ts";
import {
  augment,
  backpropagate,
  batchGradient,
  batchLoss,
  dropBias,
  dropPlaceholders,
  feedforward,
  type Layer,
  update,
  updateLayers,
  weightedSums,
} from "./network.ts";

const activationNames = Object.keys(closedFormActivations);
const lossNames = Object.keys(closedFormLosses);

type Nested = number | Nested[];

describe("the grounded example", () => {
  const { exact, printed, printedDigits, layers, sample, target, loss, rho } = groundedExample;
  const computed = groundedNumbers();

  // Each number comes from a few dozen roundings of 1.1e-16, so 1e-12 relative leaves room and no more;
  // a zero must be a zero.
  test.each(numbersOf(exact))("the closed form gives the exact %s to 1e-12", (name, expected) => {
    for (const [actual, wanted] of pairs(computed[name], expected)) {
      expect(Math.abs(actual - wanted)).toBeLessThanOrEqual(1e-12 * Math.abs(wanted));
    }
  });

  test.each(numbersOf(printed))("the closed form rounds to the printed %s", (name, expected) => {
    for (const [actual, wanted] of pairs(computed[name], expected)) {
      expect(rounded(actual)).toBe(rounded(wanted));
    }
  });

  test("one update with ρ = 1 brings the prediction closer to the target", () => {
    expect(at(computed.newPrediction, 0)).toBeGreaterThan(at(computed.prediction, 0));
    const { gradient } = backpropagate(sample, target, layers, loss);
    const before = batchLoss([sample], [target], layers, loss);
    expect(batchLoss([sample], [target], updateLayers(layers, gradient, rho), loss)).toBeLessThan(before);
  });

  const checks: Record<ErratumId, () => void> = {
    "updated-W1": () => {
      const W1 = at(updatedLayers(), 1).W;
      expect(W1.map((row) => row.map(rounded))).toEqual(
        updatedMatrices.W1.correct.map((row) => row.map(rounded)),
      );
      const printedLast = at(at(updatedMatrices.W1.printed, 2), 0);
      expect(rounded(at(at(W1, 2), 0))).toBe(rounded(-printedLast));
    },

    "updated-W0": () => {
      const W0 = at(updatedLayers(), 0).W;
      expect(W0.map((row) => row.map(rounded))).toEqual(
        updatedMatrices.W0.correct.map((row) => row.map(rounded)),
      );
      const prediction = (W0: number[][], W1: number[][]): string => {
        const network = [W0, W1].map((W) => ({ W, activation: "logistic" }));
        return rounded(at(at(feedforward(sample, network), 2), 0));
      };
      const { W0: first, W1: second } = updatedMatrices;
      const corrected = rounded(at(printed.newPrediction, 0));
      expect(prediction(first.printed, second.printed)).toBe(rounded(predictionFromPrintedMatrices));
      expect(prediction(first.correct, second.correct)).toBe(corrected);
      expect(prediction(first.correct, second.printed)).not.toBe(corrected);
      expect(prediction(first.printed, second.correct)).not.toBe(corrected);
    },

    "update-sign": () => {
      const { gradient } = backpropagate(sample, target, layers, loss);
      const lossAfter = (signedRho: number): number => {
        return batchLoss([sample], [target], updateLayers(layers, gradient, signedRho), loss);
      };
      // Both for the lecture's ρ and for one so small that only the gradient's direction decides.
      for (const size of [rho, 1e-3]) {
        expect(lossAfter(size)).toBeLessThan(lossAfter(0));
        expect(lossAfter(-size)).toBeGreaterThan(lossAfter(0));
      }
    },

    "feedforward-transpose": () => {
      const { W } = at(layers, 0);
      const x = augment(sample);
      expect(transposeTimes(W, x)).toHaveLength(2);
      expect(() => times(W, x)).toThrow("W must have a column for each entry of d");
      // From n neurons to n + 1 the matrix is square, and the mistake is silent.
      const square = W.map((row) => [...row, 0.25]);
      expect(times(square, x)).toHaveLength(3);
      expect(largestDifference(times(square, x), transposeTimes(square, x))).toBeGreaterThan(0.1);
    },

    "bias-term-name": () => {
      const { delta, inputGradient } = backpropagate(sample, target, layers, loss);
      const hidden = at(delta, 0);
      const inputSlopes = sample.map((_, i) => {
        return slope((nudge) => {
          const moved = sample.map((entry, k) => (k === i ? entry + nudge : entry));
          return batchLoss([moved], [target], layers, loss);
        });
      });
      const withoutRow = (dropped: number): number[] => hidden.filter((_, row) => row !== dropped);
      const { W } = at(layers, 0);
      expect(dropBias(times(W, withoutRow(0)))).toEqual(inputGradient);
      expect(largestDifference(inputGradient, inputSlopes)).toBeLessThan(1e-10);
      expect(largestDifference(dropBias(times(W, withoutRow(1))), inputSlopes)).toBeGreaterThan(1e-2);
    },

    "softmax-index": () => {
      const z = [0.3, -1.1, 2.4, 0];
      const overJ = z.map((zi) => Math.exp(zi) / sum(z.map((zj) => Math.exp(zj))));
      const overFixedI = z.map((zi) => Math.exp(zi) / sum(z.map(() => Math.exp(zi))));
      expect(sum(overJ)).toBeCloseTo(1, 15);
      expect(largestDifference(softmax(z), overJ)).toBeLessThan(1e-15);
      for (const share of overFixedI) expect(share).toBeCloseTo(1 / z.length, 15);
    },

    "early-stopping": () => {
      const { training, held } = overfit();
      for (let epoch = 1; epoch < training.length; epoch++) {
        expect(at(training, epoch)).toBeLessThan(at(training, epoch - 1));
      }
      const lowest = Math.min(...held);
      const stop = held.indexOf(lowest);
      expect(stop).toBeGreaterThan(0);
      for (let epoch = 1; epoch < held.length; epoch++) {
        if (epoch <= stop) expect(at(held, epoch)).toBeLessThan(at(held, epoch - 1));
        else expect(at(held, epoch)).toBeGreaterThan(at(held, epoch - 1));
      }
      expect(at(held, held.length - 1)).toBeGreaterThan(10 * lowest);
      // Stopping where the test loss drops most would stop at the first epoch, long before the lowest.
      const drops = held.slice(1).map((value, epoch) => at(held, epoch) - value);
      const steepest = drops.indexOf(Math.max(...drops)) + 1;
      expect(at(held, steepest)).toBeGreaterThan(2 * lowest);
    },
  };

  describe("the errata", () => {
    for (const { id, shown } of errata) test(shown, checks[id]);
  });

  function updatedLayers(): Layer[] {
    return updateLayers(layers, backpropagate(sample, target, layers, loss).gradient, rho);
  }

  function groundedNumbers(): GroundedNumbers {
    const { x, delta, gradient, prediction } = backpropagate(sample, target, layers, loss);
    return {
      hidden: dropBias(at(x, 1)),
      prediction,
      outputDelta: at(delta, 1),
      hiddenDelta: at(delta, 0),
      outputGradient: at(gradient, 1),
      hiddenGradient: at(gradient, 0),
      newPrediction: at(feedforward(sample, updatedLayers()), 2),
    };
  }

  function numbersOf(numbers: GroundedNumbers): [keyof GroundedNumbers, Nested][] {
    return Object.entries(numbers) as [keyof GroundedNumbers, Nested][];
  }

  function rounded(value: number): string {
    return value.toFixed(printedDigits);
  }
});

describe("the lecture's identities", () => {
  test("ψ(φ(z)) is φ′(z) for every elementwise activation", () => {
    for (const name of activationNames) {
      const { phi, psi } = activationNamed(name);
      if (psi === undefined) continue;
      for (const z of [-2.3, -0.7, 0.4, 1.9]) {
        const derivative = slope((nudge) => at(phi([z + nudge]), 0));
        expect(Math.abs(psi(at(phi([z]), 0)) - derivative), `${name} at ${z}`).toBeLessThan(1e-9);
      }
    }
  });

  test("softmax is the only activation without ψ", () => {
    expect(activationNames.filter((name) => activationNamed(name).psi === undefined)).toEqual(["softmax"]);
  });

  test("tanh is the rescaled logistic 2σ(2z) − 1", () => {
    for (const z of [-3, -0.2, 0, 0.9, 4]) expect(2 * logistic(2 * z) - 1).toBeCloseTo(Math.tanh(z), 15);
  });

  test("at a kink relu's ψ is 0, and so is the slope of hinge and of the absolute error", () => {
    expect(activationNamed("relu").pullback([0], [5])).toEqual([0]);
    expect(lossNamed("hinge").gradient([-1], [-1])).toEqual([0]);
    expect(lossNamed("absoluteError").gradient([2], [2])).toEqual([0]);
  });

  test("neg-log-loss has the slope (ŷ − y) / (ŷ(1 − ŷ)), and is finite where a saturated neuron is right", () => {
    const { value, gradient } = lossNamed("negLogLoss");
    for (const [prediction, target] of [
      [0.2, 1],
      [0.7, 0],
      [0.45, 0.3],
    ] as const) {
      const fraction = (prediction - target) / (prediction * (1 - prediction));
      expect(at(gradient([prediction], [target]), 0)).toBeCloseTo(fraction, 13);
    }
    expect(value([1, 0], [1, 0])).toBe(0);
    expect(gradient([1, 0], [1, 0])).toEqual([-1, 1]);
  });

  test("one logistic neuron under neg-log-loss has ∂J/∂w = (ŷ − y) x", () => {
    const w = [[0.2], [-0.5], [0.9]];
    const x = [1.5, -0.3];
    const { gradient, prediction } = backpropagate(x, [1], [{ W: w, activation: "logistic" }], "negLogLoss");
    const expected = outer(augment(x), [at(prediction, 0) - 1]);
    expect(largestDifference(at(gradient, 0), expected)).toBeLessThan(1e-15);
  });

  test("softmax under cross-entropy has δ = ŷ − y at the output", () => {
    const W = [
      [0.1, -0.4, 0.8],
      [0.5, 0.3, -0.9],
    ];
    const target = [0, 1, 0];
    const { delta, prediction } = backpropagate(
      [0.7],
      target,
      [{ W, activation: "softmax" }],
      "crossEntropyOfProbabilities",
    );
    const expected = prediction.map((share, i) => share - at(target, i));
    expect(largestDifference(at(delta, 0), expected)).toBeLessThan(1e-15);
  });

  test("a loss on logits is the loss on probabilities after logistic or softmax, and has the same ∇", () => {
    const random = mulberry32(11);
    for (const [onLogits, onProbabilities, activation] of [
      ["negLogLossWithLogits", "negLogLoss", "logistic"],
      ["crossEntropy", "crossEntropyOfProbabilities", "softmax"],
    ] as const) {
      const layers = randomLayers(random, [3, 4, 3], "tanh", "linear");
      const last = at(layers, 1);
      const squashed = [at(layers, 0), { W: last.W, activation }];
      const x = randomVector(random, 3);
      const target = [0, 0, 1];
      const a = backpropagate(x, target, layers, onLogits);
      const b = backpropagate(x, target, squashed, onProbabilities);
      expect(a.loss).toBeCloseTo(b.loss, 14);
      expect(largestDifference(a.gradient, b.gradient)).toBeLessThan(1e-14);
      expect(largestDifference(a.inputGradient, b.inputGradient)).toBeLessThan(1e-14);
    }
  });

  test("losses on logits stay finite where the probabilities round to 0 and 1", () => {
    expect(lossNamed("crossEntropy").value([1000, -1000], [1])).toBe(2000);
    expect(lossNamed("crossEntropy").gradient([1000, -1000], [1])).toEqual([1, -1]);
    expect(lossNamed("negLogLossWithLogits").value([1000, -1000], [0, 1])).toBe(2000);
    expect(lossNamed("negLogLossWithLogits").gradient([1000, -1000], [0, 1])).toEqual([1, -1]);
    expect(softplus(1000)).toBe(1000);
  });

  test("an integer label and its one-hot row are the same target", () => {
    for (const name of ["crossEntropy", "crossEntropyOfProbabilities"]) {
      const { value, gradient } = lossNamed(name);
      const prediction = [0.2, 0.5, 0.3];
      expect(value(prediction, [1])).toBe(value(prediction, [0, 1, 0]));
      expect(gradient(prediction, [1])).toEqual(gradient(prediction, [0, 1, 0]));
    }
    expect(oneHotRow([2], 4)).toEqual([0, 0, 1, 0]);
    expect(() => oneHotRow([4], 4)).toThrow("neither a row of 4 entries nor one label in 0..3");
  });

  test("a sample's outputs are summed, samples are averaged, and only sumSquaredError sums them by default", () => {
    const layers = [{ W: [[0], [0]], activation: "linear" }];
    const wide = [
      {
        W: [
          [0, 0],
          [0, 0],
        ],
        activation: "linear",
      },
    ];
    expect(batchLoss([[5], [5]], [[1], [3]], layers, "meanSquaredError")).toBe(5);
    expect(batchLoss([[5], [5]], [[1], [3]], layers, "sumSquaredError")).toBe(10);
    expect(batchLoss([[5]], [[1, 3]], wide, "meanSquaredError")).toBe(10);
    const summing = lossNames.filter((name) => lossNamed(name).defaultReduction === "sum");
    expect(summing).toEqual(["sumSquaredError"]);
  });

  test("the gradient of the mean loss is the mean of the samples' gradients, and of the sum N times that", () => {
    const random = mulberry32(5);
    const layers = randomLayers(random, [3, 4, 2], "tanh", "linear");
    const samples = [1, 2, 3].map(() => randomVector(random, 3));
    const targets = [1, 2, 3].map(() => randomVector(random, 2));
    const mean = batchGradient(samples, targets, layers, "meanSquaredError");
    const total = batchGradient(samples, targets, layers, "meanSquaredError", "sum");
    const each = samples.map((x, n) => backpropagate(x, at(targets, n), layers, "meanSquaredError"));
    const weight = (gradient: number[][][]): number => at(at(at(gradient, 0), 2), 1);
    expect(weight(mean.gradient)).toBeCloseTo(sum(each.map(({ gradient }) => weight(gradient))) / 3, 14);
    expect(mean.loss).toBeCloseTo(sum(each.map(({ loss }) => loss)) / 3, 14);
    expect(mean.loss).toBeCloseTo(batchLoss(samples, targets, layers, "meanSquaredError"), 14);
    const threeTimes = scaled(mean.gradient, 3);
    expect(largestDifference(total.gradient, threeTimes)).toBeLessThan(1e-14);
    // ∇⁽ˡ⁻¹⁾'s bias row is δ⁽ˡ⁾[1+] summed over the batch, since x₀ = 1.
    layers.forEach((_, l) => {
      const deltas = at(mean.delta, l).map((delta) => (l === layers.length - 1 ? delta : dropBias(delta)));
      const summed = at(deltas, 0).map((_, j) => sum(deltas.map((delta) => at(delta, j))));
      expect(largestDifference(at(at(mean.gradient, l), 0), summed)).toBeLessThan(1e-14);
    });
  });

  test("every layer but the output has a leading 1, and every δ but the output's a placeholder", () => {
    const layers = randomLayers(mulberry32(3), [2, 3, 4, 1], "tanh", "linear");
    const { x, delta } = backpropagate([0.5, -0.5], [1], layers, "huber");
    expect(x.map((entries) => entries.length)).toEqual([3, 4, 5, 1]);
    expect(x.slice(0, -1).map((entries) => entries[0])).toEqual([1, 1, 1]);
    expect(delta.map((entries) => entries.length)).toEqual([4, 5, 1]);
    expect(dropPlaceholders(delta).map((entries) => entries.length)).toEqual([3, 4, 1]);
  });

  test("what is in the placeholder changes nothing further back", () => {
    // linear has ψ(1) = 1, so its δ₀ is not 0; doubling the bias weights it comes from moves only δ₀.
    const random = mulberry32(9);
    const layers = randomLayers(random, [2, 3, 2], "linear", "linear");
    const [first, second] = [at(layers, 0), at(layers, 1)];
    const doubled = [first, { ...second, W: second.W.map((row, i) => (i === 0 ? scaled(row, 2) : row)) }];
    // absoluteError's slope is ±1 whatever the prediction, so the bias moves no error but δ₀.
    const target = [100, -100];
    const a = backpropagate([0.3, 0.8], target, layers, "absoluteError");
    const b = backpropagate([0.3, 0.8], target, doubled, "absoluteError");
    expect(at(at(a.delta, 0), 0)).not.toBe(0);
    expect(at(at(b.delta, 0), 0)).not.toBe(at(at(a.delta, 0), 0));
    expect(b.gradient).toEqual(a.gradient);
    expect(b.inputGradient).toEqual(a.inputGradient);
  });

  test("an update subtracts ρ times the gradient and leaves the old matrix as it was", () => {
    const W = [
      [1, 2],
      [3, 4],
    ];
    const gradient = [
      [10, 20],
      [30, 40],
    ];
    expect(update(W, gradient, 0.5)).toEqual([
      [-4, -8],
      [-12, -16],
    ]);
    expect(at(W, 0)).toEqual([1, 2]);
  });

  test("what does not fit throws and says what does not fit", () => {
    const layers = [{ W: [[1], [2]], activation: "linear" }];
    expect(() => feedforward([1, 2], layers)).toThrow("W must have a row for each entry of x");
    expect(() => feedforward([1], [])).toThrow("at least one transfer matrix");
    expect(() => backpropagate([1], [1, 2], layers, "huber")).toThrow("must have the same length");
    expect(() => backpropagate([1], [1], layers, "hubris")).toThrow('loss "hubris" has no closed form here');
    expect(() => feedforward([1], [{ W: [[1], [2]], activation: "swash" }])).toThrow('activation "swash"');
    expect(() => batchGradient([], [], layers, "huber")).toThrow("one at least");
  });
});

// Against the definition of a derivative. Richardson's extrapolation of two central differences, h = 2⁻⁹ and
// h / 2, leaves a truncation of order h⁴ ≈ 1.5e-11 times a fifth derivative, and a rounding of about
// 2.2e-16 |J| / h ≈ 1e-13 |J|. With no output above `largestOutput` (in a tower of exps derivatives outgrow any
// scale) the worst of all these networks is 3e-11 of the scale of J and ∇: 1e-9 holds, and no wrong term passes.
const differenceStep = 2 ** -9;
const differenceTolerance = 1e-9;

// A nudge of h moves a weighted sum by at most h times what feeds it; kinks are kept 16 h away.
const kinkClearance = 16 * differenceStep;
const largestOutput = 4;

describe("the closed form is the derivative of its own batch loss", () => {
  for (const activation of activationNames) {
    for (const loss of lossNames) {
      test(`∇ and ∂J/∂x of ${activation} with ${loss} are what difference quotients give`, () => {
        const random = mulberry32(hash(`${activation} ${loss}`));
        for (const hiddenLayers of [0, 1, 2, 3]) {
          for (const reduction of ["batchMean", "sum"] as const) {
            const { samples, targets, layers } = awayFromKinks(random, activation, loss, hiddenLayers);
            const closed = batchGradient(samples, targets, layers, loss, reduction);
            const numeric = differences(samples, targets, layers, (xs, network) => {
              return batchLoss(xs, targets, network, loss, reduction);
            });
            const scale =
              1 + Math.abs(closed.loss) + largest(closed.gradient) + largest(closed.inputGradient);
            expect(largestDifference(closed.gradient, numeric.gradient) / scale).toBeLessThan(
              differenceTolerance,
            );
            expect(largestDifference(closed.inputGradient, numeric.inputGradient) / scale).toBeLessThan(
              differenceTolerance,
            );
          }
        }
      });
    }
  }

  test("the difference quotients notice a bias row that is not dropped where it should be", () => {
    const random = mulberry32(21);
    const { samples, targets, layers } = awayFromKinks(random, "tanh", "meanSquaredError", 1);
    const [x, target] = [at(samples, 0), at(targets, 0)];
    const { delta } = backpropagate(x, target, layers, "meanSquaredError");
    const wrong = outer(augment(x), at(delta, 0).slice(0, -1));
    const numeric = differences([x], [target], layers, (xs, network) => {
      return batchLoss(xs, [target], network, "meanSquaredError");
    });
    expect(largestDifference(wrong, at(numeric.gradient, 0))).toBeGreaterThan(1000 * differenceTolerance);
  });
});

/** A random network and batch: the activation in the hidden layers, and at the output where the loss allows it. */
function awayFromKinks(
  random: () => number,
  activation: string,
  loss: string,
  hiddenLayers: number,
): { samples: number[][]; targets: number[][]; layers: Layer[] } {
  const outputActivation = isClosedFormPair(activation, loss) ? activation : outputActivationFor(loss);
  for (let attempt = 0; attempt < 1000; attempt++) {
    // Two outputs at least, since softmax of one is the constant 1.
    const widths = Array.from({ length: hiddenLayers + 2 }, (_, l) => {
      return Math.floor(random() * 2) + (l === 0 ? 1 : 2);
    });
    const layers = randomLayers(random, widths, activation, outputActivation);
    const outputs = at(widths, widths.length - 1);
    const samples = [0, 1].map(() => randomVector(random, at(widths, 0)));
    const targets = samples.map(() => randomTarget(random, lossNamed(loss).targets, outputs));
    const clear = samples.every(
      (x, n) => clearance(x, at(targets, n), layers, lossNamed(loss)) > kinkClearance,
    );
    const tame = samples.every((x) => largest(feedforward(x, layers)) <= largestOutput);
    if (clear && tame) return { samples, targets, layers };
  }
  throw new Error(`no network of ${activation} with ${loss} came out tame and clear of every kink`);
}

function outputActivationFor(loss: string): string {
  return loss === "negLogLoss" ? "logistic" : "softmax";
}

/** How far the nearest weighted sum or prediction is from a kink. */
function clearance(x: number[], target: number[], layers: Layer[], { kinks }: ClosedFormLoss): number {
  const activations = feedforward(x, layers);
  const distances = layers.flatMap(({ W, activation }, l) => {
    return weightedSums(W, at(activations, l)).flatMap((z) => {
      return activationNamed(activation).kinks.map((kink) => Math.abs(z - kink));
    });
  });
  const prediction = at(activations, layers.length);
  if (target.length === prediction.length) {
    prediction.forEach((output, i) => {
      for (const kink of kinks(at(target, i))) distances.push(Math.abs(output - kink));
    });
  }
  return Math.min(Number.POSITIVE_INFINITY, ...distances);
}

function randomTarget(random: () => number, kind: TargetKind, outputs: number): number[] {
  // Not a multiple of 1/2, so that step, sign and relu, whose outputs are 0 or ±1, meet no target's kink.
  if (kind === "real") return Array.from({ length: outputs }, () => random() * 4 - 2);
  if (kind === "probability") return Array.from({ length: outputs }, () => random());
  // At ±0.9 rather than ±1, for sign's outputs of ±1 sit on the hinge's tie.
  if (kind === "plusMinusOne") return Array.from({ length: outputs }, () => (random() < 0.5 ? -0.9 : 0.9));
  const label = Math.floor(random() * outputs);
  return random() < 0.5 ? [label] : oneHotRow([label], outputs);
}

function randomLayers(random: () => number, widths: number[], hidden: string, output: string): Layer[] {
  return widths.slice(1).map((outputs, l) => ({
    W: Array.from({ length: 1 + at(widths, l) }, () => randomVector(random, outputs)),
    activation: l === widths.length - 2 ? output : hidden,
  }));
}

function randomVector(random: () => number, length: number): number[] {
  return Array.from({ length }, () => random() * 1.6 - 0.8);
}

/** ∂J/∂W and ∂J/∂x by difference quotients, an entry at a time. */
function differences(
  samples: number[][],
  targets: number[][],
  layers: Layer[],
  loss: (samples: number[][], layers: Layer[]) => number,
): { gradient: number[][][]; inputGradient: number[][] } {
  expect(targets).toHaveLength(samples.length);
  return {
    gradient: layers.map(({ W, activation }, l) => {
      return W.map((row, i) => {
        return row.map((_, j) => {
          return slope((nudge) => loss(samples, layers.with(l, { W: nudged(W, i, j, nudge), activation })));
        });
      });
    }),
    inputGradient: samples.map((x, n) => {
      return x.map((_, i) => slope((nudge) => loss(nudged(samples, n, i, nudge), layers)));
    }),
  };
}

function nudged(matrix: number[][], i: number, j: number, nudge: number): number[][] {
  return matrix.with(i, at(matrix, i).with(j, at(at(matrix, i), j) + nudge));
}

/** f′(0) by Richardson's extrapolation: (4 D(h/2) − D(h)) / 3 cancels the h² of the central difference D. */
function slope(f: (nudge: number) => number): number {
  const central = (h: number): number => (f(h) - f(-h)) / (2 * h);
  return (4 * central(differenceStep / 2) - central(differenceStep)) / 3;
}

/**
 * A linear network of more inputs than the few noisy samples can settle: only the first input matters, and
 * with enough epochs the others learn the noise. Mean squared error per epoch, before the first one included.
 */
function overfit(): { training: number[]; held: number[] } {
  // One seed of many: others fall and rise too, though not all without a wiggle between.
  const random = mulberry32(28);
  const inputs = 6;
  const draw = (count: number, noise: number): { samples: number[][]; targets: number[][] } => {
    const samples = Array.from({ length: count }, () =>
      Array.from({ length: inputs }, () => random() * 2 - 1),
    );
    return { samples, targets: samples.map((x) => [2 * at(x, 0) + noise * (random() * 2 - 1)]) };
  };
  const seen = draw(8, 1);
  const unseen = draw(50, 0);
  let layers: Layer[] = [{ W: Array.from({ length: 1 + inputs }, () => [0]), activation: "linear" }];
  const training: number[] = [];
  const held: number[] = [];
  for (let epoch = 0; epoch <= 300; epoch++) {
    const { loss, gradient } = batchGradient(seen.samples, seen.targets, layers, "meanSquaredError");
    training.push(loss);
    held.push(batchLoss(unseen.samples, unseen.targets, layers, "meanSquaredError"));
    layers = updateLayers(layers, gradient, 0.1);
  }
  return { training, held };
}

/** Every pair of numbers at the same place; the shapes must be the same. */
function pairs(a: Nested, b: Nested): [number, number][] {
  if (typeof a === "number" && typeof b === "number") return [[a, b]];
  if (typeof a === "number" || typeof b === "number" || a.length !== b.length) {
    throw new Error(`pairs: ${JSON.stringify(a)} and ${JSON.stringify(b)} differ in shape`);
  }
  return a.flatMap((entry, i) => pairs(entry, at(b, i)));
}

function largestDifference(a: Nested, b: Nested): number {
  // Math.max of a NaN is NaN, and no bound holds of NaN.
  return Math.max(0, ...pairs(a, b).map(([x, y]) => Math.abs(x - y)));
}

function largest(a: Nested): number {
  return typeof a === "number" ? Math.abs(a) : Math.max(0, ...a.map(largest));
}

function scaled<T extends Nested>(a: T, factor: number): T {
  return (typeof a === "number" ? a * factor : a.map((entry) => scaled(entry, factor))) as T;
}

/** A seeded generator of numbers in [0, 1): Tommy Ettinger's mulberry32. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** FNV-1a, so that each pair has networks of its own whatever the order of the tests. */
function hash(text: string): number {
  let state = 0x811c9dc5;
  for (const character of text) state = Math.imul(state ^ character.charCodeAt(0), 0x01000193);
  return state >>> 0;
}
