// Passes of the grounded example: feedforward, backpropagation, update, again and again, computed by the engine in float64.

import { type Tensor, tensor } from "@adjoint/autograd";
import {
  allZeros,
  backpropagation,
  type Dense,
  dense,
  logistic,
  negLogLoss,
  type Sequential,
  sequential,
  sgd,
  variables,
} from "@adjoint/nn";
import { numbersOf, rowsOf } from "../training/pictures.ts";
import { GROUNDED_INPUT, GROUNDED_RATE, GROUNDED_TARGET, GROUNDED_WEIGHTS } from "./example.ts";

export type Matrix = readonly (readonly number[])[];

/** One pass forward and back, and the weights after it. */
export interface Pass {
  /** x of each layer, the bias neuron's 1 in front where there is one. */
  readonly x: readonly (readonly number[])[];
  /** Weighted sums of the layers after the input. */
  readonly sums: readonly (readonly number[])[];
  /** δ of each layer, with a 0 for the bias neuron; the input has none. */
  readonly delta: readonly (readonly number[] | null)[];
  readonly weights: readonly Matrix[];
  readonly gradients: readonly Matrix[];
  readonly loss: number;
  readonly updated: readonly Matrix[];
}

/** A 2-2-1 network with the given matrices. */
function modelOf(weights: readonly Matrix[]): Sequential<Dense> {
  const layers = weights.map((matrix) => {
    const layer = dense(matrix.length - 1, matrix[0]!.length, {
      activation: logistic,
      initializer: allZeros,
      dtype: "float64",
    });
    layer.transferMatrix = tensor(matrix as number[][], { dtype: "float64" });
    return layer;
  });
  return sequential(...layers);
}

const matrixOf = (x: Tensor): Matrix => rowsOf(x.data as Float64Array, x.shape[1]!);

const input = () => tensor(GROUNDED_INPUT as number[], { dtype: "float64" });
const target = () => tensor(GROUNDED_TARGET as number[], { dtype: "float64" });

/** What the network of some matrices predicts for the sample. */
export const predictionOf = (weights: readonly Matrix[]): number =>
  numbersOf(modelOf(weights).forward(input().expandDims(0)))[0]!;

/** One pass from some weights. */
function passFrom(weights: readonly Matrix[]): Pass {
  const model = modelOf(weights);
  const shown = backpropagation(model, input(), target(), negLogLoss);
  const sums: number[][] = [];
  let x: Tensor = input();
  for (const layer of model) {
    const weighted = layer.weightedSums(x);
    sums.push(numbersOf(weighted));
    x = logistic(weighted);
  }
  const y = target();
  sgd({ learningRate: GROUNDED_RATE }).minimize(
    () => negLogLoss(model.forward(input()), y),
    variables(model),
  );
  return {
    x: shown.layers.map((layer) => numbersOf(layer.x)),
    sums,
    delta: shown.layers.map(({ delta }) => (delta === null ? null : numbersOf(delta))),
    weights,
    gradients: shown.layers.flatMap(({ gradient }) => (gradient === null ? [] : [matrixOf(gradient)])),
    loss: shown.loss.item(),
    updated: [...model].map((layer) => matrixOf(layer.transferMatrix)),
  };
}

/** Passes one after another, made once each. Only their weights are kept. */
export class Passes {
  /** Weights before each pass. */
  readonly #before: (readonly Matrix[])[] = [GROUNDED_WEIGHTS];
  #last: { readonly index: number; readonly pass: Pass } | null = null;

  at(index: number): Pass {
    if (this.#last?.index === index) return this.#last.pass;
    const from = Math.min(index, this.#before.length - 1);
    let pass = passFrom(this.#before[from]!);
    for (let i = from; i < index; i++) {
      this.#before[i + 1] = pass.updated;
      pass = passFrom(pass.updated);
    }
    this.#last = { index, pass };
    return pass;
  }
}
