// The dense layer: weighted sums of all inputs and a bias, then an activation.

import {
  concat,
  type DType,
  type Key,
  type MatmulAgrees,
  type MatmulShape,
  type Shape,
  ShapeError,
  type Tensor,
  type Variable,
  zeros,
} from "@adjoint/autograd";
import { linear } from "../activations.ts";
import { checkOptions, checkSize, checkTensor, checkType } from "../arguments.ts";
import { firstWeights, glorotUniform, type Initializer } from "../initializers.ts";
import {
  checkLayer,
  type ForwardOptions,
  type Layer,
  type LayerOrFunction,
  parameter,
  run,
  textOf,
} from "../layer.ts";
import { made } from "../made.ts";
import type { PyTorchNames } from "../pytorch.ts";

/** The options of `dense`. */
export interface DenseOptions {
  /** Applied to the weighted sums; linear by default. A layer where it has parameters of its own. */
  readonly activation?: LayerOrFunction;
  /** Whether there is a bias; true by default. */
  readonly bias?: boolean;
  /** Makes the first weights; glorotUniform by default. Biases start at 0. */
  readonly initializer?: Initializer;
  /** Source of the first weights: required unless the initializer draws nothing. */
  readonly key?: Key;
  /** Element type; float32 by default. */
  readonly dtype?: DType;
}

/** φ(x·weight + bias): x [..., inputs] → [..., outputs]. */
export class Dense<I extends number = number, O extends number = number> implements Layer {
  /** [inputs, outputs]. */
  readonly weight: Variable<[I, O]>;
  /** [outputs]; null where there is none. */
  readonly bias: Variable<[O]> | null;
  /** Applied to the weighted sums. */
  readonly activation: LayerOrFunction;

  constructor(inputs: I, outputs: O, options: DenseOptions = {}) {
    const { activation = linear, bias = true, initializer = glorotUniform, key, dtype = "float32" } = options;
    checkLayer("dense", "the activation", activation);
    const shape: [I, O] = [inputs, outputs];
    const first = firstWeights("dense", `dense(${inputs}, ${outputs}`, shape, { initializer, key, dtype });
    this.weight = parameter(first, { name: "weight" });
    this.bias = bias ? parameter(zeros([outputs], { dtype }), { name: "bias" }) : null;
    this.activation = activation;
  }

  /** The names of `nn.Linear`, whose matrix is transposed. */
  get inPyTorch(): PyTorchNames {
    return { weight: { name: "weight", transposed: true } };
  }

  /** The number of inputs. */
  get inputs(): number {
    return this.weight.shape[0];
  }

  /** The number of outputs. */
  get outputs(): number {
    return this.weight.shape[1];
  }

  /** The weighted sums before the activation: [..., inputs] → [..., outputs]. Throws ShapeError for another number of inputs. */
  weightedSums(x: Tensor): Tensor {
    checkTensor("dense", "the input", x);
    if (x.rank === 0 || x.shape.at(-1) !== this.inputs) {
      throw new ShapeError(
        `dense: input [${x.shape.join(", ")}] where the layer takes ${this.inputs} inputs along the last axis: reshape it, or make the layer dense(${x.shape.at(-1) ?? 1}, ${this.outputs})`,
      );
    }
    checkType("dense", x, this.weight.dtype);
    const sums = x.matmul(this.weight);
    return this.bias === null ? sums : sums.add(this.bias);
  }

  /**
   * The activations of the weighted sums: [..., inputs] → [..., outputs]. Throws ShapeError for another number of
   * inputs.
   */
  forward<S extends Shape>(
    x: Tensor<S> & MatmulAgrees<S, [I, O]>,
    options?: ForwardOptions,
  ): Tensor<MatmulShape<S, [I, O]>>;
  // The activation may be any function of a tensor: what it gives has this shape if it keeps the shape, as all of ours do.
  forward(x: Tensor, options?: ForwardOptions): Tensor {
    const output = run(this.activation, this.weightedSums(x), options);
    checkTensor(
      "dense",
      `what the activation ${textOf(this.activation)} returned`,
      output,
      "return the tensor",
    );
    return output;
  }

  /** The lecture's transfer matrix, [1 + inputs, outputs]: row 0 the bias weights (zeros where there is no bias). */
  get transferMatrix(): Tensor {
    const bias =
      this.bias === null
        ? zeros([1, this.outputs], { dtype: this.weight.dtype })
        : this.bias.value.reshape([1, this.outputs]);
    return concat([bias, this.weight.value]);
  }

  /** Sets weights and bias from a transfer matrix. Throws ShapeError for another shape, or a bias row where there is no bias. */
  set transferMatrix(matrix: Tensor) {
    checkTensor("transferMatrix", "the matrix", matrix);
    const [rows, columns] = [this.inputs + 1, this.outputs];
    if (matrix.rank !== 2 || matrix.shape[0] !== rows || matrix.shape[1] !== columns) {
      throw new ShapeError(
        `transferMatrix: got [${matrix.shape.join(", ")}], expected [${rows}, ${columns}]: a row of bias weights, then one for each of the ${this.inputs} inputs`,
      );
    }
    if (this.bias === null && (matrix.slice(0).data as Float32Array).some((weight) => weight !== 0)) {
      throw new ShapeError(
        "transferMatrix: row 0 holds bias weights and the layer has no bias; make it with bias: true, or set row 0 to zeros",
      );
    }
    this.weight.assign(matrix.slice([1]).detach());
    this.bias?.assign(matrix.slice(0).detach());
  }

  /** The layer as text. */
  toString(): string {
    return `dense(${this.inputs}, ${this.outputs}, ${textOf(this.activation)}${this.bias === null ? ", no bias" : ""})`;
  }
}

/**
 * A dense layer, φ(x·weight + bias): [..., inputs] → [..., outputs]. Its weight is [inputs, outputs], that of PyTorch's
 * `Linear` transposed. Throws ShapeError for sizes that are not whole numbers from 1, TypeError where random first
 * weights lack a key.
 */
export function dense<const I extends number, const O extends number>(
  inputs: I,
  outputs: O,
  options: DenseOptions = {},
): Dense<I, O> {
  checkSize("dense", "inputs", inputs);
  checkSize("dense", "outputs", outputs);
  checkOptions("dense", options, ["activation", "bias", "initializer", "key", "dtype"]);
  return made(new Dense(inputs, outputs, options), "dense", inputs, outputs, options);
}
