// What a tensor is before it has a vocabulary: numbers with a shape and a type, and a memory of the step that made
// them. The operations are added by primitives/tensor.ts.

import type { DType, TypedArray } from "../array/dtype.ts";
import { ShapeError } from "../array/errors.ts";
import type { NDArray } from "../array/ndarray.ts";
import { arrayText, formatNumber, printReadably, summary } from "../array/print.ts";
import { shapeText } from "../array/shape.ts";
import type { Shape } from "../array/shape-types.ts";
import type { Step } from "./primitive.ts";
import type { TraceSet } from "./trace.ts";

let serials = 0;

/** The nested arrays a tensor of some shape becomes. */
export type NestedNumbers<S extends Shape> = S extends readonly []
  ? number
  : S extends readonly [number, ...infer Rest extends Shape]
    ? NestedNumbers<Rest>[]
    : NestedArray;
export type NestedArray = number | NestedArray[];

export class Value<S extends Shape = Shape> {
  readonly #array: NDArray;
  /** The step that made it; null for constants, leaves and what nobody watches. */
  readonly step: Step | null;
  /** The transforms it depends on. */
  readonly traces: TraceSet | null;
  /** Order of making: a step's inputs have smaller numbers than its output. */
  readonly serial: number;

  constructor(array: NDArray, step: Step | null, traces: TraceSet | null) {
    this.#array = array;
    this.step = step;
    this.traces = traces;
    this.serial = ++serials;
  }

  /** The numbers, with their shape and type. */
  get array(): NDArray {
    return this.#array;
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
    return this.array.data;
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
    const { data } = this;
    let next = 0;
    const nest = (axis: number): NestedArray =>
      axis === this.rank
        ? data[next++]!
        : Array.from({ length: this.array.shape[axis]! }, () => nest(axis + 1));
    return nest(0) as NestedNumbers<S>;
  }

  /** What `backward` found for this leaf. A plain value has no use for it; a variable's adds it up. */
  receive(_gradient: unknown): void {}

  toString(): string {
    return this.textWith(formatNumber);
  }

  /** Type, shape and elements, of which `numberText` writes the floats. */
  textWith(numberText: (value: number) => string): string {
    const elements = arrayText(this.array, numberText);
    // Rows start on a line of their own, so that columns stand under one another.
    return `Tensor ${summary(this.array)}${elements.includes("\n") ? "\n" : " "}${elements}`;
  }

  /** Shape, type and nested elements, for JSON.stringify. */
  toJSON(): { shape: Shape; dtype: DType; data: number[] } {
    return { shape: this.shape, dtype: this.dtype, data: Array.from(this.data) };
  }

  static {
    printReadably(Value.prototype);
  }

  /** Arithmetic on the object itself is always a mistake; as text it prints. */
  [Symbol.toPrimitive](hint: string): string {
    if (hint === "string") return this.toString();
    throw new TypeError(
      `tensor: ${summary(this.array)} can't be used with JavaScript's operators; use its methods, e.g. a.add(b), or item() for the number`,
    );
  }
}
