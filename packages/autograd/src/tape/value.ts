// The three things that tapes are made of, which refer to each other: a value is numbers with a memory of the step that
// made them, a step is a primitive applied to values, and a primitive is an operation whose rules speak of values.
// A tensor is a value with a vocabulary, which tensor/tensor.ts adds.

import type { Description } from "../array/description.ts";
import type { DType, TypedArray } from "../array/dtype.ts";
import { ShapeError } from "../array/errors.ts";
import type { NDArray } from "../array/ndarray.ts";
import { arrayText, formatNumber, printReadably, summary } from "../array/print.ts";
import { shapeText } from "../array/shape.ts";
import type { Shape } from "../array/shape-types.ts";
import { savedNumber } from "../array/special.ts";
import type { Lowering } from "./lowering.ts";
import type { TraceSet } from "./trace.ts";

/** A step of a tape: what made a tensor. */
export interface Step<A = unknown> {
  readonly primitive: Primitive<A>;
  readonly inputs: readonly Value[];
  readonly attributes: A;
  /** The results, where it made several; null for a single one. */
  readonly outputs: readonly Value[] | null;
}

/**
 * A step that is made only when somebody asks for it: few results are ever asked for derivatives. It stands for the
 * steps of several values, each the only output of its own.
 */
export abstract class LateStep {
  abstract stepOf(output: Value): Step;
}

/** What an operation gives: one result, or a list where it has several outputs. */
export type Outputs<T> = T | readonly T[];

/** What a primitive did once: its operands, its result, and its attributes. */
export interface Applied<A, V extends Value = Value> {
  readonly inputs: readonly V[];
  /** The result; the first one where there are several. */
  readonly output: V;
  readonly outputs: readonly V[];
  readonly attributes: A;
}

/**
 * Operands that fit together, for the property tests: they fill them with numbers, in both float types, and attack the
 * primitive's value and rules with them.
 */
export interface Example<A> {
  readonly shapes: readonly Shape[];
  readonly attributes?: A;
  /** What the operands hold: "float", the default, or, say, indices. */
  readonly dtypes?: readonly ("float" | "int32" | "bool")[];
  /** Where the numbers lie: −2 to 2 by default. For a primitive that is not smooth or not defined everywhere. */
  readonly between?: readonly [low: number, high: number];
}

/** A look at one operand's numbers, which throws where they are not allowed. */
export interface Guard<A> {
  readonly operand: number;
  look(numbers: NDArray, attributes: A, inputs: readonly Description[]): void;
  /** Whole numbers from 0 to below this one are allowed: where they are known to be such, nobody looks. */
  allowsBelow?(attributes: A, inputs: readonly Description[]): number;
  /** Whether it is a user's function, which may answer differently to the same numbers. */
  mayDiffer?(attributes: A): boolean;
}

/**
 * An operation between tensors, on at least one operand. Derivative rules speak in operations, so their results can be
 * differentiated again. A rule that returns null stands for zero everywhere.
 *
 * A primitive with several outputs returns lists: a description, an array or a tangent for each output. Its pullback
 * reads `cotangents`, one for each output and null where none has arrived; its evaluation reads `outputs`.
 */
export interface Primitive<A = unknown> {
  readonly name: string;
  /** The result's shape and type. Throws ShapeError or DTypeError where the operands don't fit. */
  describe(inputs: readonly Description[], attributes: A): Outputs<Description>;
  /** The result's numbers; may be a view of an operand. */
  evaluate(
    inputs: readonly NDArray[],
    attributes: A,
    output: Description,
    outputs: readonly Description[],
  ): Outputs<NDArray>;
  /**
   * Forward mode: the output's tangent. `tangents[i]` is null where input i does not move.
   * Where only one of the two rules is stated, the sweeps derive the other by transposing it.
   */
  pushforward?(step: Applied<A>, tangents: readonly (Value | null)[]): Outputs<Value | null>;
  /**
   * Reverse mode: the inputs' cotangents. Those not `wanted` may be null. `begun(i)` hands over what other steps have added
   * to input i's cotangent so far, once; the cotangent that the rule gives then includes it.
   */
  pullback?(
    step: Applied<A>,
    cotangent: Value,
    wanted: readonly boolean[],
    cotangents: readonly (Value | null)[],
    begun?: (i: number) => Value | null,
  ): readonly (Value | null)[];
  /**
   * Where the rule is meant as the derivative of another function than the value: what that one gives for these operands,
   * and a sentence that says so. The laboratory then checks the rule against it. Null where the rule is the value's.
   */
  surrogate?(
    inputs: readonly Value[],
    attributes: A,
  ): { readonly outputs: readonly Value[]; readonly note: string } | null;
  /** The attributes as a listing shows them. */
  label?(attributes: A): string;
  /** The loops that compute it, for a compiler. Absent, or null for these attributes and operands: programs call `evaluate`. */
  lowering?(attributes: A, inputs: readonly Description[], output: Description): Lowering<A> | null;
  /** The same, made of other primitives: for programs, except where it is null. */
  composed?(inputs: readonly Value[], attributes: A): Outputs<Value> | null;
  /**
   * For a step that holds programs: the numbers of its results, by their steps through the door, for whoever looks at each
   * step. The operands' numbers are known.
   */
  unfolded?(inputs: readonly Value[], attributes: A): Outputs<NDArray>;
  /**
   * Batching: the attributes of the same operation on operands that all have one more axis in front, of this size, each
   * part of which is treated alone.
   */
  shifted?(attributes: A, size: number): A;
  /**
   * Batching, where more changes than attributes: the result, with its axis in front, for operands of which some have one
   * more axis in front. Null, or without either rule: the operation is applied to each part.
   */
  batched?(
    inputs: readonly Value[],
    attributes: A,
    isBatched: readonly boolean[],
    size: number,
  ): Outputs<Value> | null;
  /**
   * Batching, where there is a shorter way than the results one after another: the sum of the result over all parts, of
   * operands of which some have one more axis in front. Null where there is none.
   */
  summed?(inputs: readonly Value[], attributes: A, isBatched: readonly boolean[]): Value | null;
  /**
   * The same with every intermediate number, and every constant that float32 does not hold, exchanged for another. Absent
   * where there are none.
   */
  disturbed?(exchange: (value: number) => number): Primitive<A>;
  /** Whether its results count as constants: whoever watches the operands does not watch the results. */
  readonly stops?: boolean;
  /** Whether `evaluate` may throw because of numbers that no guard looks at, as a user's may. */
  readonly mayThrow?: boolean;
  /** A look at numbers for which `evaluate` would throw, before a compiled program changes anything. */
  readonly guard?: Guard<A>;
  /** The elements of its result are whole numbers from 0 to below this one. */
  isBelow?(attributes: A, inputs: readonly Description[]): number;
  /** What the property tests attack it with. */
  readonly examples?: readonly Example<A>[];
}

/** What a variable holds at some point of a computation. */
export interface Holding {
  value: Value;
  grad: Value | null;
}

/** A variable, as its values see it: the place that holds one of them. */
export interface Holder {
  readonly name: string;
  /** What it holds where no interpreter says otherwise. */
  readonly own: Holding;
  /** Holds another value from now on, and no gradient. */
  assign(value: Value): void;
  /** Holds a leaf that it was given elsewhere, and a gradient. */
  take(state: Holding): void;
  addGrad(gradient: Value): void;
  setGrad(gradient: Value | null): void;
}

/** How values of one kind are made and added up: all that a sweep needs to know of them. */
export interface Algebra {
  readonly make: Make;
  plus(a: Value, b: Value): Value;
}

/**
 * Makes a value: of the step that made it, the transforms it depends on, the variable whose value this leaf is, and its
 * place in the order of making where that was reserved before. A constant has none of these. In places, since an object
 * for them would cost every small operation as much again.
 */
export type Make = (
  array: NDArray,
  step?: Step | LateStep | null,
  traces?: TraceSet | null,
  holder?: Holder | null,
  serial?: number,
) => Value;

/** How values of a value's kind are made and added up. */
export let algebraOf: (value: Value) => Algebra;

/** What stands on the tape for a value: the value itself, or, for a variable, the value that it holds. */
export let heldBy: (value: Value) => Value;

/**
 * Makes a variable's leaf the result of a step, or a constant, when the variable's binding ends. No other value changes
 * once it is made.
 */
export let endLeaf: (leaf: Value, step: Step | null) => void;

/** The place that a variable is; null for a value that is no variable. */
export let holderOf: (value: Value) => Holder | null;

let serials = 0;

/** The next place in the order of making. */
export function nextSerial(): number {
  return ++serials;
}

/** The nested arrays a tensor of some shape becomes. */
export type NestedNumbers<S extends Shape> = S extends readonly []
  ? number
  : S extends readonly [number, ...infer Rest extends Shape]
    ? NestedNumbers<Rest>[]
    : NestedArray;
export type NestedArray = number | NestedArray[];

/** Its text is what the errors of structuredClone and postMessage say. */
const unclonable = Symbol(
  "a tensor's numbers; send x.data, x.shape and x.dtype, and make it again with tensor(data, { shape, dtype })",
);

/** The error where a method is called on a Proxy, which has none of the private fields of what stands behind it. */
export const behindProxy = (kind: string): TypeError =>
  new TypeError(
    `${kind}: it stands behind a Proxy, as deep reactive state makes them, and can't be read through that; give the ${kind} itself: unwrap it (Vue's toRaw), or keep it out of reactive state (markRaw, shallowRef)`,
  );

/** What tensors are to the engine: numbers with a memory of the step that made them. Tensor adds the operations. */
export abstract class Value<S extends Shape = Shape> {
  /**
   * For a variable's value, as it stands on the tape: the variable. For all others a symbol, at which structuredClone
   * stops: it copies own fields, and would lose the numbers in silence, since they are private. The first of the fields.
   */
  protected place: Holder | symbol;
  readonly #array: NDArray;
  #step: Step | LateStep | null;
  /** The transforms it depends on. */
  readonly traces: TraceSet | null;
  /** Order of making: a step's inputs have smaller numbers than its output. */
  readonly serial: number;

  constructor(
    array: NDArray,
    step: Step | LateStep | null = null,
    traces: TraceSet | null = null,
    holder: Holder | null = null,
    serial: number = ++serials,
  ) {
    this.#array = array;
    this.#step = step;
    this.traces = traces;
    this.place = holder ?? unclonable;
    this.serial = serial;
  }

  /** The step that made it; null for constants, leaves and what nobody watches. */
  get step(): Step | null {
    const step = this.#step;
    if (!(step instanceof LateStep)) return step;
    const made = step.stepOf(this);
    this.#step = made;
    return made;
  }

  /** For a variable's value, as it stands on the tape: the variable. */
  get holder(): Holder | null {
    const { place } = this;
    return typeof place === "symbol" ? null : place;
  }

  protected abstract get algebra(): Algebra;

  protected get held(): Value {
    return this;
  }

  protected get ownPlace(): Holder | null {
    return null;
  }

  /** The numbers, with their shape and type. */
  get array(): NDArray {
    if (!(#array in this)) throw behindProxy("tensor");
    return this.#array;
  }

  /** Reactive state makes Proxies of what is tagged as a plain object, and of nothing else. */
  get [Symbol.toStringTag](): string {
    return "Tensor";
  }

  /** Sizes of the axes, outermost first. */
  get shape(): S {
    return this.array.shape as S;
  }

  /** Element type. */
  get dtype(): DType {
    return this.array.dtype;
  }

  /** Number of axes. */
  get rank(): number {
    return this.array.shape.length;
  }

  /** Number of elements. */
  get size(): number {
    return this.array.size;
  }

  /** The elements, flat and row-major. Read-only by contract: tensors may share it. */
  get data(): TypedArray {
    return this.array.ownData;
  }

  /**
   * Whether the numbers can be read. They can't inside `compile`, `record` and `vmap`, where a tensor stands for numbers that
   * are not there yet or for many: a check that would throw then has to be made otherwise.
   */
  get isKnown(): boolean {
    return this.array.pending?.text === undefined;
  }

  /** The number in a tensor of one element. Throws ShapeError if it has more or fewer. */
  item(): number {
    if (this.size !== 1) {
      throw new ShapeError(
        `item: ${shapeText(this.shape)} has ${this.size} elements; item() reads a single one: reduce first, e.g. x.sum().item(), or use toArray()`,
      );
    }
    return this.array.first;
  }

  /** The elements as nested arrays; truth values as 0 and 1. */
  toArray(): NestedNumbers<S> {
    const { data } = this.array;
    let next = 0;
    const nest = (axis: number): NestedArray =>
      axis === this.rank
        ? data[next++]!
        : Array.from({ length: this.array.shape[axis]! }, () => nest(axis + 1));
    return nest(0) as NestedNumbers<S>;
  }

  /** Kind, type, shape and elements as text; of large tensors only the first and last. */
  toString(): string {
    return this.textWith(formatNumber);
  }

  /** Type, shape and elements, of which `numberText` writes the floats. */
  textWith(numberText: (value: number) => string): string {
    const elements = this.array.pending?.text ?? arrayText(this.array, numberText);
    // Rows start on a line of their own, so that columns stand under one another.
    return `Tensor ${summary(this.array)}${elements.includes("\n") ? "\n" : " "}${elements}`;
  }

  /**
   * Shape, type and elements, flat and row-major, for JSON.stringify: NaN, ±∞ and −0 as texts, which `tensor` reads.
   * `tensor(data, { shape, dtype })` gives the same tensor.
   */
  toJSON(): { shape: Shape; dtype: DType; data: (number | string)[] } {
    return {
      shape: this.shape,
      dtype: this.dtype,
      data: Array.from(this.array.data as ArrayLike<number>, savedNumber),
    };
  }

  static {
    algebraOf = (value) => value.algebra;
    endLeaf = (leaf, step) => {
      leaf.#step = step;
      leaf.place = unclonable;
    };
    heldBy = (value) => value.held;
    holderOf = (value) => value.ownPlace;
    printReadably(Value.prototype);
  }

  /** JavaScript's arithmetic on the object is always a mistake; conversion to text prints it. */
  [Symbol.toPrimitive](hint: string): string {
    if (hint === "string") return this.toString();
    throw new TypeError(
      `tensor: ${summary(this.array)} can't be used with JavaScript's operators; use its methods, e.g. a.add(b), or item() for the number`,
    );
  }
}
