// The only thing that changes: a variable holds a tensor, and `assign` gives it another.

import { checkOptions, kindOf } from "../array/arguments.ts";
import { DTypeError, ShapeError } from "../array/errors.ts";
import { NDArray } from "../array/ndarray.ts";
import { sameShape, shapeText } from "../array/shape.ts";
import type { Nested, Shape, ShapeOf } from "../array/shape-types.ts";
import { Cell } from "../tape/cell.ts";
import { variableTraces } from "../tape/trace.ts";
import { behindProxy, type Holder, type Value } from "../tape/value.ts";
import { full, tensor } from "./creation.ts";
import { asTensor, checkTensor, Tensor } from "./tensor.ts";

/** The array of the variable itself is never read, only that of its value. */
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
  readonly #cell: Cell;
  #trainable = true;

  constructor(value: Tensor<S>, name: string) {
    super(new NDArray(value.dtype, value.shape, unread), null, variableTraces);
    this.#cell = new Cell(value, name, this);
  }

  /** Its cell, for methods: called on a Proxy, `this` has none. */
  static #of(variable: Variable): Cell {
    if (!(#cell in variable)) throw behindProxy("variable");
    return variable.#cell;
  }

  /** The name, in listings and errors. */
  get name(): string {
    return Variable.#of(this).name;
  }

  /**
   * Whether training may change it: true for weights, false for running statistics and other state, which are saved but
   * not trained. It is for those who train; derivatives are the same either way. Switch it to freeze a weight. Throws
   * TypeError where it is set to anything but true or false.
   */
  get trainable(): boolean {
    Variable.#of(this);
    return this.#trainable;
  }

  set trainable(trainable: boolean) {
    Variable.#of(this);
    this.#trainable = checkTrainable(trainable);
  }

  protected override get ownPlace(): Holder {
    return Variable.#of(this);
  }

  protected override get held(): Value {
    return Variable.#of(this).value;
  }

  override get array(): NDArray {
    return Variable.#of(this).value.array;
  }

  /** The tensor that it holds now, of the variable's shape. */
  get value(): Tensor<S> {
    return asTensor(Variable.#of(this).value);
  }

  /**
   * What `backward` has added up since the last `assign` or `clearGrad`, a tensor of the variable's shape; null before.
   */
  get grad(): Tensor<S> | null {
    const { grad } = Variable.#of(this);
    return grad === null ? null : asTensor(grad);
  }

  /** Whether `backward` has left a gradient here. */
  get hasGrad(): boolean {
    return Variable.#of(this).hasGrad;
  }

  /**
   * Holds another value of the same shape and type from now on, and clears the gradient, which belonged to the old one.
   * A number fills the whole shape. Tapes made before keep the old value. Throws ShapeError or DTypeError where it does
   * not fit.
   */
  assign(value: Tensor | number): void {
    const given = checkTensor(
      "assign",
      typeof value === "number" ? full(this.shape, value, { dtype: this.dtype }) : value,
      `a tensor belongs; ${this.#called()} takes tensor(…, { dtype: "${this.dtype}" })`,
    );
    this.#checkFit("assign", "value", given);
    Variable.#of(this).assign(given);
  }

  /** Adds to the gradient a tensor of the variable's shape and type. Throws ShapeError or DTypeError for another. */
  addGrad(gradient: Tensor<S>): void {
    this.#checkFit("addGrad", "gradient", checkTensor("addGrad", gradient));
    Variable.#of(this).addGrad(gradient);
  }

  /** Clears the gradient: it is null until the next `backward`. */
  clearGrad(): void {
    Variable.#of(this).setGrad(null);
  }

  #checkFit(operation: string, what: string, given: Tensor): void {
    if (!sameShape(given.shape, this.shape)) {
      throw new ShapeError(
        `${operation}: ${this.#called()} has shape ${shapeText(this.shape)} and the ${what} ${shapeText(given.shape)}; a variable keeps its shape: reshape or broadcastTo first`,
      );
    }
    if (given.dtype !== this.dtype) {
      throw new DTypeError(
        `${operation}: ${this.#called()} is ${this.dtype} and the ${what} ${given.dtype}; cast it, e.g. ${what}.cast("${this.dtype}")`,
      );
    }
  }

  #called(): string {
    return this.name === "" ? "the variable" : `variable "${this.name}"`;
  }

  override get [Symbol.toStringTag](): string {
    return "Variable";
  }

  override textWith(numberText: (value: number) => string): string {
    const label = this.name === "" ? "" : ` "${this.name}"`;
    return `Variable${label} ${this.value.textWith(numberText).replace(/^Tensor /, "")}`;
  }
}

function checkTrainable(trainable: unknown): boolean {
  if (typeof trainable === "boolean") return trainable;
  throw new TypeError(`variable: trainable is ${String(trainable)} and must be true or false`);
}

/** The options of `variable`. */
export interface VariableOptions {
  /** For printing and errors. */
  readonly name?: string;
  /** Whether training may change it; true by default. */
  readonly trainable?: boolean;
}

/**
 * A variable that holds a tensor, or what `tensor` makes of nested arrays, and has its shape and type. Throws what
 * `tensor` throws, and TypeError for options of other kinds.
 */
export function variable<S extends Shape>(value: Tensor<S>, options?: VariableOptions): Variable<S>;
export function variable<const N extends Nested>(value: N, options?: VariableOptions): Variable<ShapeOf<N>>;
export function variable(value: Tensor | Nested, options: VariableOptions = {}): Variable {
  checkOptions("variable", options, ["name", "trainable"]);
  const { name = "", trainable = true } = options;
  if (typeof name !== "string")
    throw new TypeError(`variable: its name is ${kindOf(name)} and must be a text, e.g. { name: "weight" }`);
  const held = value instanceof Tensor ? value : tensor(value);
  const made = new Variable(held.detach(), name);
  made.trainable = trainable;
  return made;
}
