// Recording: runs a function once on arrays whose numbers are unknown, and keeps what it did: the steps in order, the
// variables it touched, and what these held at the end.

import type { TypedArray } from "../array/dtype.ts";
import { CompileError } from "../array/errors.ts";
import { NDArray, type Pending } from "../array/ndarray.ts";
import { summary } from "../array/print.ts";
import { sizeOf } from "../array/shape.ts";
import { Tensor } from "../primitives/tensor.ts";
import type { Variable } from "../primitives/variable.ts";
import type { Description, Primitive } from "../tape/primitive.ts";
import { type Recorder, recordWith, type VariableState } from "../tape/recording.ts";

/** One operation that the function did. */
export interface RecordedStep {
  readonly primitive: Primitive;
  readonly inputs: readonly NDArray[];
  readonly attributes: unknown;
  readonly output: NDArray;
}

/** A variable that the function touched. */
export interface LiftedVariable {
  readonly variable: Variable;
  /** Its value and its gradient (null: it had none) when the function began. */
  readonly value: NDArray;
  readonly grad: Tensor | null;
  /** What it holds now. */
  readonly state: VariableState;
  /** Whether the function made it, of numbers that are not known: nothing of it is left when the function has ended. */
  readonly isInner: boolean;
}

/** Numbers that are not known while a function is recorded. */
class Unknown implements Pending {
  array: NDArray | undefined;

  read(): never {
    throw new CompileError(
      `compile: the numbers of ${summary(this.array!)} are asked for while the function is being compiled, when only shapes and types are known; choose with where(condition, a, b) instead of if, keep item(), data and printing outside, or call the function uncompiled`,
    );
  }
}

/** Numbers that are left to the program, but could be computed now: nothing unknown goes into them. */
class Deferred implements Pending {
  readonly #inputs: readonly NDArray[];
  readonly #compute: () => NDArray;

  constructor(inputs: readonly NDArray[], compute: () => NDArray) {
    this.#inputs = inputs;
    this.#compute = compute;
  }

  /** An input that has to be computed before. */
  get #open(): NDArray | undefined {
    return this.#inputs.find(({ pending }) => pending instanceof Deferred);
  }

  read(): TypedArray {
    // One after another, however long the chain is: each that is asked finds its inputs computed.
    const waiting: NDArray[] = [];
    for (let open = this.#open; open !== undefined; open = waiting.at(-1) ?? this.#open) {
      const { pending } = open;
      const before = pending instanceof Deferred ? pending.#open : undefined;
      if (before !== undefined) waiting.push(before);
      else {
        void open.buffer;
        waiting.pop();
      }
    }
    return this.#compute().data;
  }
}

export function unknownArray({ dtype, shape }: Description): NDArray {
  const numbers = new Unknown();
  numbers.array = new NDArray(dtype, shape, numbers);
  return numbers.array;
}

/** Arrays of known numbers that are no larger are computed while recording, and kept as constants. */
const SMALL = 1024;

/** What a function does, as it is done. */
export class Recording implements Recorder {
  readonly steps: RecordedStep[] = [];
  readonly variables: Map<Variable, LiftedVariable> = new Map();

  isUnknown(array: NDArray): boolean {
    const { pending } = array;
    return pending instanceof Unknown || pending instanceof Deferred;
  }

  /** What is made of unknown numbers is unknown; and what is larger than what it is made of, is better made when it is needed. */
  takes(_primitive: Primitive, inputs: readonly NDArray[], { shape }: Description): boolean {
    if (inputs.some((input) => this.isUnknown(input))) return true;
    const size = sizeOf(shape);
    return size > SMALL && inputs.every((input) => size > input.stored);
  }

  note(
    primitive: Primitive,
    inputs: readonly NDArray[],
    attributes: unknown,
    description: Description,
  ): NDArray {
    if (primitive.composed !== undefined) {
      const operands = inputs.map((input) => new Tensor(input, null, null) as Tensor);
      return primitive.composed(operands, attributes).array;
    }
    const isOpen = inputs.every(({ pending }) => !(pending instanceof Unknown));
    const output = isOpen
      ? new NDArray(
          description.dtype,
          description.shape,
          new Deferred(inputs, () => primitive.evaluate(inputs, attributes, description)),
        )
      : unknownArray(description);
    this.steps.push({ primitive, inputs, attributes, output });
    return output;
  }

  stateOf(variable: Variable, make: (array: NDArray) => Tensor): VariableState {
    const known = this.variables.get(variable);
    if (known !== undefined) return known.state;
    const [array, present] = recordWith(null, () => [variable.array, variable.grad] as const);
    // Made in this recording of numbers that are not known: it is no variable of the program's surroundings.
    const isInner = this.isUnknown(array);
    const value = isInner ? array : unknownArray(array);
    const grad = present === null ? null : new Tensor(unknownArray(present), null, null);
    const lifted = { variable, value, grad, state: { value: make(value), grad }, isInner };
    this.variables.set(variable, lifted);
    return lifted.state;
  }

  /** Runs a function under this recorder. */
  record<T>(run: () => T): T {
    return recordWith(this, run);
  }
}
