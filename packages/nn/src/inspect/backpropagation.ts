// What the lecture draws of a network: for every layer its activations, δ, transfer matrix and gradient. All
// of it is read from automatic differentiation; the lecture's recursion is its test, not its source.

import {
  concat,
  gradients,
  ones,
  ShapeError,
  type Tensor,
  type Variable,
  variable,
  zeros,
} from "@adjoint/autograd";
import { checkFunction, checkTensor } from "../arguments.ts";
import { type Layer, type LayerOrFunction, run } from "../layer.ts";
import { Dense } from "../layers/dense.ts";
import type { Loss, LossOptions } from "../losses/loss.ts";

/** One layer of neurons, 0 being the input. Samples are rows. */
export interface LayerTrace {
  /** Activations x⁽ˡ⁾ [batch, 1 + n], with the bias neuron 1 in front; the output layer's have none: [batch, n]. */
  readonly x: Tensor;
  /**
   * δ⁽ˡ⁾: how the batch's loss moves with the weighted sums. [batch, 1 + n] with a 0 in the place of the bias neuron,
   * which has no weighted sum; [batch, n] at the output; null at the input.
   */
  readonly delta: Tensor | null;
  /** Transfer matrix W⁽ˡ⁾ to the next layer, [1 + n, m], row 0 the bias weights; null at the output. */
  readonly weight: Tensor | null;
  /** ∇⁽ˡ⁾ = ∂J/∂W⁽ˡ⁾, of W⁽ˡ⁾'s shape; null at the output. */
  readonly gradient: Tensor | null;
}

/** What one pass forward and one back show. */
export interface Backpropagation {
  /** The layers from the input, number 0, to the output. */
  readonly layers: readonly LayerTrace[];
  /** ŷ: [batch, outputs]. */
  readonly prediction: Tensor;
  /** The loss J of the batch, a single number. */
  readonly loss: Tensor;
  /** ∂J/∂x of the network's input, without the bias neuron: [batch, inputs]. */
  readonly inputGradient: Tensor;
  /** All of it as text, layer by layer. */
  toString(): string;
}

/**
 * Feeds samples forward and the loss back through a chain of dense layers, and shows all the lecture shows.
 * x: [batch, inputs], or one sample [inputs]; target: like the prediction (or labels, where the loss takes them).
 * Throws ShapeError if x does not fit, TypeError for a model that is not a chain of dense layers.
 */
export function backpropagation(
  model: Layer | Iterable<LayerOrFunction>,
  x: Tensor,
  target: Tensor,
  loss: Loss,
  options: LossOptions = {},
): Backpropagation {
  checkTensor("backpropagation", "x", x);
  checkTensor("backpropagation", "the target", target);
  checkFunction("backpropagation", "the loss", loss, "meanSquaredError");
  const layers = denseLayers(model);
  if (x.rank !== 1 && x.rank !== 2) {
    throw new ShapeError(
      `backpropagation: x has shape [${x.shape.join(", ")}]; give samples as rows, [batch, inputs], or one sample, [inputs]`,
    );
  }
  const [first] = layers;
  if (first !== undefined && x.shape.at(-1) !== first.inputs) {
    throw new ShapeError(
      `backpropagation: x [${x.shape.join(", ")}] where the model takes ${first.inputs} inputs; give samples as rows, [batch, ${first.inputs}]`,
    );
  }
  const samples = x.rank === 1 ? x.expandDims(0) : x;
  const targets = x.rank === 1 ? target.expandDims(0) : target;
  const { dtype } = samples;
  const batch = samples.shape[0]!;
  const input = variable(samples);
  const sums: Tensor[] = [];
  const activations: Tensor[] = [input.value];
  for (const layer of layers) {
    const weighted = layer.weightedSums(activations.at(-1)!);
    sums.push(weighted);
    activations.push(run(layer.activation, weighted));
  }
  const value = loss(activations.at(-1)!, targets, options);
  const weights = layers.map(({ weight }) => weight);
  const biases = layers.flatMap(({ bias }) => (bias === null ? [] : [bias]));
  const gradient = gradients(value, { input, sums, weights, biases });
  const gradientOf = new Map<Variable, Tensor>(
    [...weights, ...biases].map((each, i) => [each, [...gradient.weights, ...gradient.biases][i]!]),
  );
  const matrixGradient = ({ weight, bias, outputs }: Dense): Tensor => {
    const row = bias === null ? zeros([1, outputs], { dtype }) : gradientOf.get(bias)!.reshape([1, outputs]);
    return concat([row, gradientOf.get(weight)!]);
  };
  const ofBias = (fill: typeof ones | typeof zeros, rows: Tensor) =>
    concat([fill([batch, 1], { dtype }), rows], { axis: 1 });
  const traces = activations.map((rows, l): LayerTrace => {
    const delta = l === 0 ? null : gradient.sums[l - 1]!;
    const layer = layers[l];
    const isOutput = layer === undefined;
    return {
      x: isOutput ? rows.detach() : ofBias(ones, rows).detach(),
      delta: delta === null || isOutput ? delta : ofBias(zeros, delta),
      weight: layer?.transferMatrix.detach() ?? null,
      gradient: isOutput ? null : matrixGradient(layer),
    };
  });
  const shown = {
    layers: traces,
    prediction: activations.at(-1)!.detach(),
    loss: value.detach(),
    inputGradient: gradient.input,
  };
  const text = () => describe(shown);
  return Object.defineProperties(shown, {
    toString: { value: text },
    [Symbol.for("nodejs.util.inspect.custom")]: { value: text },
  });
}

const isIterable = (model: unknown): model is Iterable<LayerOrFunction> =>
  typeof model === "object" && model !== null && Symbol.iterator in model;

function denseLayers(model: LayerOrFunction | Iterable<LayerOrFunction>): Dense[] {
  const parts = model instanceof Dense ? [model] : isIterable(model) ? [...model] : [model];
  return parts.flatMap((part): Dense[] => {
    if (part instanceof Dense) return [part];
    if (isIterable(part)) return denseLayers(part);
    throw new TypeError(
      "backpropagation: the model has a layer that is not dense; what it shows is defined for dense layers, alone or in a sequential",
    );
  });
}

function describe({ layers, loss }: Omit<Backpropagation, "toString">): string {
  const rows = layers.flatMap(({ x, delta, weight, gradient }, l) => [
    block(`x(${l})`, x),
    delta === null ? "" : block(`δ(${l})`, delta),
    weight === null ? "" : block(`W(${l})`, weight),
    gradient === null ? "" : block(`∇(${l})`, gradient),
  ]);
  return [`J = ${loss.item().toPrecision(6)}`, ...rows.filter((row) => row !== "")].join("\n");
}

/** A named matrix, its rows under one another. */
function block(name: string, matrix: Tensor): string {
  const [rows, columns] = matrix.shape as readonly [number, number];
  const cells = Array.from(matrix.data, (value) => {
    const text = value.toFixed(6);
    return value < 0 ? text : ` ${text}`;
  });
  const width = Math.max(0, ...cells.map((cell) => cell.length));
  return Array.from({ length: rows }, (_, row) => {
    const line = cells.slice(row * columns, (row + 1) * columns).map((cell) => cell.padStart(width));
    return `${(row === 0 ? name : "").padEnd(6)}${line.join("  ")}`;
  }).join("\n");
}
