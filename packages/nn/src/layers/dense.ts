// The dense layer: weighted sums of all inputs and a bias, then an activation.

import {
  concat,
  type DType,
  DTypeError,
  type Key,
  type MatmulAgrees,
  type MatmulShape,
  randomKey,
  type Shape,
  ShapeError,
  type Tensor,
  type Variable,
  variable,
  zeros,
} from "@adjoint/autograd";
import type { LayerActivation } from "../activations.ts";
import { linear } from "../activations.ts";
import { checkFunction, checkOptions, checkTensor } from "../arguments.ts";
import { glorotUniform, type Initializer } from "../initializers.ts";
import type { ForwardOptions, Layer } from "../layer.ts";

export interface DenseOptions {
  /** Applied to the weighted sums; linear by default. */
  readonly activation?: LayerActivation;
  /** Whether there is a bias; true by default. */
  readonly bias?: boolean;
  /** Makes the first weights; glorotUniform by default. Biases start at 0. */
  readonly initializer?: Initializer;
  /** Source of the first weights; seed 0 by default, so that layers of one shape start alike unless given different keys. */
  readonly key?: Key;
  readonly dtype?: DType;
}

/** φ(x·weight + bias): x [..., inputs] → [..., outputs]. */
export class Dense<I extends number = number, O extends number = number> implements Layer {
  readonly weight: Variable<[I, O]>;
  readonly bias: Variable<[O]> | null;
  readonly activation: LayerActivation;

  constructor(inputs: I, outputs: O, options: DenseOptions = {}) {
    const {
      activation = linear,
      bias = true,
      initializer = glorotUniform,
      key = randomKey(0),
      dtype = "float32",
    } = options;
    checkFunction("dense", "the activation", activation, "relu or tanh of @adjoint/nn");
    checkFunction("dense", "the initializer", initializer, "glorotUniform");
    const first = initializer(key, [inputs, outputs], dtype) as Tensor<[I, O]>;
    checkTensor("dense", "what the initializer returned", first);
    if (first.rank !== 2 || first.shape[0] !== inputs || first.shape[1] !== outputs)
      throw new ShapeError(
        `dense: the initializer gave [${first.shape.join(", ")}] for weights [${inputs}, ${outputs}]; it must use the shape it is given`,
      );
    this.weight = variable(first, { name: "weight" });
    this.bias = bias ? variable(zeros([outputs], { dtype }), { name: "bias" }) : null;
    this.activation = activation;
  }

  get inputs(): number {
    return this.weight.shape[0];
  }

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
    if (x.dtype !== this.weight.dtype) {
      throw new DTypeError(
        `dense: the input is ${x.dtype} and the layer ${this.weight.dtype}; cast the input, x.cast("${this.weight.dtype}"), or choose the layer's dtype when making it`,
      );
    }
    const sums = x.matmul(this.weight);
    return this.bias === null ? sums : sums.add(this.bias);
  }

  forward<S extends Shape>(
    x: Tensor<S> & MatmulAgrees<S, [I, O]>,
    _options?: ForwardOptions,
  ): Tensor<MatmulShape<S, [I, O]>> {
    const output = this.activation(this.weightedSums(x));
    checkTensor("dense", `what the activation ${this.activation.name} returned`, output, "return the tensor");
    return output as Tensor<MatmulShape<S, [I, O]>>;
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

  toString(): string {
    return `dense(${this.inputs}, ${this.outputs}, ${this.activation.name}${this.bias === null ? ", no bias" : ""})`;
  }
}

/** A dense layer: [..., inputs] → [..., outputs]. */
export function dense<const I extends number, const O extends number>(
  inputs: I,
  outputs: O,
  options: DenseOptions = {},
): Dense<I, O> {
  for (const [what, n] of [
    ["inputs", inputs],
    ["outputs", outputs],
  ] as const) {
    if (!Number.isInteger(n) || n < 1)
      throw new ShapeError(`dense: ${what} is ${n}; it must be a whole number, 1 or more`);
  }
  checkOptions("dense", options, ["activation", "bias", "initializer", "key", "dtype"]);
  return new Dense(inputs, outputs, options);
}
