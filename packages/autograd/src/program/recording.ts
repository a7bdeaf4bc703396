// Recording: runs a function once on arrays whose numbers are unknown, and keeps the steps in order, the
// variables that the function touched, and what these held at the end.

import type { Description } from "../array/description.ts";
import type { TypedArray } from "../array/dtype.ts";
import { CompileError } from "../array/errors.ts";
import { NDArray, type Pending } from "../array/ndarray.ts";
import { sizeOf } from "../array/shape.ts";
import type { Cell } from "../tape/cell.ts";
import { remember } from "../tape/evaluate.ts";
import { stopGradient } from "../tape/identity.ts";
import { type Below, type Interpreter, interpret, interpretWith, stateIn } from "../tape/interpreter.ts";
import { watchedLeaf } from "../tape/leaf.ts";
import { listOf } from "../tape/outputs.ts";
import { openTraces, Trace, variableTrace } from "../tape/trace.ts";
import { Unknown } from "../tape/unknown.ts";
import {
  algebraOf,
  type Holder,
  type Holding,
  nextSerial,
  type Outputs,
  type Primitive,
  type Value,
} from "../tape/value.ts";

/** One operation that the function did. */
export interface RecordedStep {
  readonly primitive: Primitive;
  readonly operands: readonly Value[];
  /** Their numbers. */
  readonly inputs: readonly NDArray[];
  readonly attributes: unknown;
  readonly outputs: readonly NDArray[];
}

/** A variable that the function touched. */
export interface RecordedVariable {
  readonly variable: Cell;
  /** Its value and its gradient (null: it had none) when the function began. */
  readonly value: NDArray;
  readonly grad: Value | null;
  /** What it holds now. */
  readonly state: RecordedState;
  /** Every array that it was assigned. */
  readonly held: readonly NDArray[];
  /** What it held when the function began: on the tape around the function, and as the function sees it. */
  readonly before: Value;
  readonly first: Value;
  /** Whether the function made it: then it does not exist when the function has ended. */
  readonly isInner: boolean;
}

/** Numbers that are left to the program but could be computed now, since they don't depend on unknown numbers. */
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
    // A loop, not recursion, since a chain may be long: each value that is computed finds its inputs computed.
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

function keptVariable({ name }: Cell): CompileError {
  return new CompileError(
    `compile: ${name === "" ? "a variable" : `variable "${name}"`} was made in an earlier run of a compiled or recorded function, of numbers that the function computed, and kept: there are no such numbers outside of a program. Make it before, or of numbers that are known`,
  );
}

/** An array whose numbers are not known while a function is recorded. */
export const unknownArray = (description: Description): NDArray =>
  Unknown.array(
    description,
    "(numbers not known while compiling)",
    (what) =>
      new CompileError(
        `compile: the numbers of ${what} are asked for while the function is being compiled, when only shapes and types are known; choose with where(condition, a, b) instead of if, keep item(), data and printing outside, or call the function uncompiled`,
      ),
  );

/** Arrays of known numbers that are no larger are computed while recording, and kept as constants. */
const SMALL = 1024;

/** What a variable holds at some point of a function, and what it has held before. */
export class RecordedState implements Holding {
  readonly held: NDArray[] = [];
  #value: Value;
  #grad: Value | null;
  #hasBeenSet = false;
  /** Whether the function looked for a gradient where there was none when it began. */
  missesGrad = false;

  constructor(value: Value, grad: Value | null) {
    this.#value = value;
    this.#grad = grad;
  }

  get grad(): Value | null {
    if (this.#grad === null && !this.#hasBeenSet) this.missesGrad = true;
    return this.#grad;
  }

  set grad(grad: Value | null) {
    this.#grad = grad;
    this.#hasBeenSet = true;
  }

  /** The gradient as it is, for those who only ask what has become of it. */
  get left(): Value | null {
    return this.#grad;
  }

  get value(): Value {
    return this.#value;
  }

  set value(value: Value) {
    this.#value = value;
    this.held.push(value.array);
  }
}

/** Records what a function does while it runs. */
export class Recording implements Interpreter {
  readonly steps: RecordedStep[] = [];
  readonly variables: Map<Holder, RecordedVariable> = new Map();
  /** Known values that somebody watches, by their arrays: transforms give one array to several. */
  readonly captured: Map<NDArray, Set<Value>> = new Map();
  /** Its place in the order of making: what is made while it runs comes later. */
  readonly begun: number = nextSerial();
  readonly #unseenSince = Trace.unseenSince;
  /** What noGrad has made constants of. */
  readonly #stops = new Map<NDArray, NDArray>();
  readonly #expands: boolean;

  /** `expands`: whether a primitive that is made of others is recorded as those. */
  constructor(expands: boolean) {
    this.#expands = expands;
  }

  isUnknown(array: NDArray): boolean {
    const { pending } = array;
    return pending instanceof Unknown || pending instanceof Deferred;
  }

  apply(primitive: Primitive, inputs: readonly Value[], attributes: unknown, below: Below): Outputs<Value> {
    const outputs = listOf(primitive.describe(inputs, attributes));
    if (!this.#takes(inputs, outputs)) return interpret(below, primitive, inputs, attributes);
    for (const input of inputs)
      if (input.traces !== null && !this.isUnknown(input.array) && openTraces(input.traces) !== null)
        this.captured.set(input.array, new Set([...(this.captured.get(input.array) ?? []), input]));
    const arrays = this.#note(primitive, inputs, attributes, outputs);
    return remember(primitive, inputs, attributes, arrays.length === 1 ? arrays[0]! : arrays);
  }

  /** What is made from unknown numbers is unknown; and what is larger than its operands is better computed when it is needed. */
  #takes(inputs: readonly Value[], outputs: readonly Description[]): boolean {
    if (inputs.some(({ array }) => this.isUnknown(array))) return true;
    const size = outputs.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
    return size > SMALL && inputs.every(({ array }) => size > array.stored);
  }

  #note(
    primitive: Primitive,
    inputs: readonly Value[],
    attributes: unknown,
    descriptions: readonly Description[],
  ): readonly NDArray[] {
    if (this.#expands && primitive.composed !== undefined) {
      const operands = inputs.map((input) => algebraOf(input).make(input.array));
      const composed = primitive.composed(operands, attributes);
      if (composed !== null) return listOf<Value>(composed).map(({ array }) => array);
    }
    const isHidden = !this.#expands && Trace.unseenSince !== this.#unseenSince;
    const arrays = inputs.map((input) => (isHidden ? this.#stopped(input) : input.array));
    const isOpen = arrays.every(({ pending }) => !(pending instanceof Unknown));
    const compute = () =>
      listOf<NDArray>(primitive.evaluate(arrays, attributes, descriptions[0]!, descriptions));
    const outputs = descriptions.map((description, i) =>
      isOpen
        ? new NDArray(description.dtype, description.shape, new Deferred(arrays, () => compute()[i]!))
        : unknownArray(description),
    );
    this.steps.push({ primitive, operands: inputs, inputs: arrays, attributes, outputs });
    return outputs;
  }

  /** A number within noGrad: a constant for whoever watches from outside. */
  #stopped(input: Value): NDArray {
    const { array } = input;
    if (!this.isUnknown(array)) return array;
    let stopped = this.#stops.get(array);
    if (stopped === undefined) {
      this.#stops.set(array, (stopped = unknownArray(array)));
      this.steps.push({
        primitive: stopGradient as Primitive,
        operands: [input],
        inputs: [array],
        attributes: null,
        outputs: [stopped],
      });
    }
    return stopped;
  }

  stateOf(holder: Holder, below: Below): Holding {
    const known = this.variables.get(holder);
    if (known !== undefined) return known.state;
    const variable = holder as Cell;
    const around = stateIn(below, holder);
    const { value: outer, grad: present } = around;
    const { make } = algebraOf(outer);
    // A variable that the function makes starts, in every call, with the value that it is made with.
    const isInner = variable.madeAt > this.begun;
    // What a recording around this one has not found out either is its own affair.
    // Numbers that were left to an earlier program can still be computed.
    const isLost = outer.array.pending instanceof Unknown;
    if (!isInner && isLost && around === holder.own) throw keptVariable(variable);
    const array = isInner ? outer.array : unknownArray(outer.array);
    const grad = present === null ? null : make(unknownArray(present.array));
    const value = watchedLeaf(make(array), variableTrace, holder);
    const state = new RecordedState(value, grad);
    const recorded = {
      variable,
      value: array,
      grad,
      state,
      held: state.held,
      before: outer,
      first: value,
      isInner,
    };
    this.variables.set(holder, recorded);
    return recorded.state;
  }

  /** Whether the function made variables of its own, of which it has used some. */
  get hasMadeVariables(): boolean {
    return [...this.variables.values()].some(({ isInner }) => isInner);
  }

  /** The variables that were there before. */
  get outer(): RecordedVariable[] {
    return [...this.variables.values()].filter(({ isInner }) => !isInner);
  }

  /** Runs a function under this recorder. */
  record<T>(run: () => T): T {
    return interpretWith(this, run);
  }
}
