// The only thing that changes: a variable holds a tensor, and `assign` gives it another.

import { checkOptions } from "../array/arguments.ts";
import { DTypeError, ShapeError } from "../array/errors.ts";
import { NDArray } from "../array/ndarray.ts";
import { sameShape, shapeText } from "../array/shape.ts";
import type { Nested, Shape, ShapeOf } from "../array/shape-types.ts";
import { recorder, type VariableState } from "../tape/recording.ts";
import { variableTraces } from "../tape/trace.ts";
import { full, tensor } from "./creation.ts";
import { checkTensor, Tensor } from "./tensor.ts";

/** A variable's value as it stands on the tape: a leaf that remembers whose it was. */
export class VariableValue<S extends Shape = Shape> extends Tensor<S> {
  readonly variable: Variable<S>;

  constructor(array: NDArray, variable: Variable<S>) {
    super(array, null, variableTraces);
    this.variable = variable;
  }

  override receive(gradient: Tensor<S>): void {
    this.variable.addGrad(gradient);
  }
}

/** A place outside where a variable's value lives too: the memory of compiled programs. */
export interface Residence {
  /** Whether what is there is newer than what the variable holds. */
  isNewer: boolean;
  /** Whether what is there is older than what the variable holds. */
  isOlder: boolean;
  /** A copy of what is there. */
  read(): NDArray;
}

/** A variable's own array is never read: its value's is. */
const unread = {
  read: (): never => {
    throw new Error("variable: its numbers are its value's");
  },
};

/**
 * A tensor that can be replaced: parameters, running statistics, random state. It may stand wherever a tensor may,
 * and then means the value it holds at that moment.
 */
export class Variable<S extends Shape = Shape> extends Tensor<S> {
  readonly name: string;
  /** Where compiled programs keep its value; null while none has used it. */
  residence: Residence | null = null;
  readonly #state: VariableState;

  constructor(value: Tensor<S>, name: string) {
    super(new NDArray(value.dtype, value.shape, unread), null, variableTraces);
    this.name = name;
    this.#state = { value: new VariableValue(value.array, this), grad: null };
  }

  /** Its value and gradient now: while a function is recorded, at this point of it. */
  get #now(): VariableState {
    const recording = recorder();
    if (recording !== null)
      return recording.stateOf(this as Variable, (array) => new VariableValue(array, this) as Tensor);
    if (this.residence?.isNewer === true) {
      this.residence.isNewer = false;
      this.#state.value = new VariableValue(this.residence.read(), this) as Tensor;
    }
    return this.#state;
  }

  /** The tensor it holds now. */
  get value(): Tensor<S> {
    return this.#now.value as Tensor<S>;
  }

  override get current(): Tensor<S> {
    return this.#now.value as Tensor<S>;
  }

  override get array(): NDArray {
    return this.#now.value.array;
  }

  /** What `backward` has added up since the last `assign` or `clearGrad`; null before. */
  get grad(): Tensor<S> | null {
    return this.#now.grad as Tensor<S> | null;
  }

  /** Whether `backward` has left a gradient here. */
  get hasGrad(): boolean {
    return this.#state.grad !== null;
  }

  /**
   * Holds another value of the same shape and type from now on, and forgets the gradient, which belonged to the old one.
   * A number fills the whole shape. Tapes made before keep the old value.
   * Throws ShapeError or DTypeError where it does not fit.
   */
  assign(value: Tensor | number): void {
    const { array } = checkTensor(
      "assign",
      typeof value === "number" ? full(this.shape, value, { dtype: this.dtype }) : value,
      `a tensor belongs; ${this.#called()} takes tensor(…, { dtype: "${this.dtype}" })`,
    ).current;
    if (!sameShape(array.shape, this.shape)) {
      throw new ShapeError(
        `assign: ${this.#called()} has shape ${shapeText(this.shape)} and the value ${shapeText(array.shape)}; a variable keeps its shape: reshape or broadcastTo first`,
      );
    }
    if (array.dtype !== this.dtype) {
      throw new DTypeError(
        `assign: ${this.#called()} is ${this.dtype} and the value ${array.dtype}; cast it, e.g. value.cast("${this.dtype}")`,
      );
    }
    // A view would keep alive, and share, a buffer that is someone else's.
    const own = array.contiguous();
    const now = this.#now;
    now.value = new VariableValue(own, this) as Tensor;
    now.grad = null;
    if (now === this.#state && this.residence !== null) this.residence.isOlder = true;
  }

  /** Adds to the gradient. */
  addGrad(gradient: Tensor<S>): void {
    const now = this.#now;
    now.grad = now.grad === null ? (gradient as Tensor) : now.grad.accumulate(gradient as Tensor);
  }

  /** Forgets the gradient. */
  clearGrad(): void {
    this.#now.grad = null;
  }

  #called(): string {
    return this.name === "" ? "the variable" : `variable "${this.name}"`;
  }

  override textWith(numberText: (value: number) => string): string {
    const label = this.name === "" ? "" : ` "${this.name}"`;
    return `Variable${label} ${this.current.textWith(numberText).replace(/^Tensor /, "")}`;
  }
}

/**
 * A variable holding a tensor, or what `tensor` makes of nested arrays. `name` is for printing and errors.
 */
export function variable<S extends Shape>(
  value: Tensor<S>,
  options?: { readonly name?: string },
): Variable<S>;
export function variable<const N extends Nested>(
  value: N,
  options?: { readonly name?: string },
): Variable<ShapeOf<N>>;
export function variable(value: Tensor | Nested, options: { readonly name?: string } = {}): Variable {
  checkOptions("variable", options, ["name"]);
  const held = value instanceof Tensor ? value : (tensor(value) as Tensor);
  return new Variable(held.detach(), options.name ?? "");
}
