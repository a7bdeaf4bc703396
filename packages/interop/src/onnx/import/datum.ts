// A value of the graph: a tensor with the element type that the file gives it. Whole numbers of 64 bits that are known, such as
// shapes, are kept as they are, since the engine's whole numbers have 32 bits.

import { CompileError, type Shape, type Tensor, type TypedArray, tensor } from "@adjoint/autograd";
import { type ElementType, isFloatType, stored, typeOfDtype, wrapped } from "./element-types.ts";
import { OnnxError } from "./onnx-error.ts";

/** Whole numbers that are known, exactly; truth values are 0 and 1. */
export type Whole = readonly bigint[] | BigInt64Array | BigUint64Array;

const LEAST = -(2n ** 31n);
const GREATEST = 2n ** 31n - 1n;

/** A value of the graph. */
export class Datum {
  /** Its element type in the file. */
  readonly type: ElementType;
  readonly shape: Shape;
  /** Its numbers, where they are whole and known. */
  readonly whole: Whole | null;
  #tensor: Tensor | null;

  private constructor(type: ElementType, shape: Shape, whole: Whole | null, held: Tensor | null) {
    this.type = type;
    this.shape = shape;
    this.whole = whole;
    this.#tensor = held;
  }

  /** A tensor, of the element type of its own by default. */
  static of(held: Tensor, type: ElementType = typeOfDtype(held.dtype)): Datum {
    return new Datum(type, held.shape, null, held);
  }

  /** Whole numbers, or truth values, that are known. */
  static ofWhole(type: ElementType, shape: Shape, whole: Whole): Datum {
    return new Datum(type, shape, whole, null);
  }

  /** Whole numbers as a vector of int64. */
  static vector(values: readonly number[]): Datum {
    return Datum.ofWhole("int64", [values.length], values.map(BigInt));
  }

  get rank(): number {
    return this.shape.length;
  }

  get size(): number {
    return this.shape.reduce((product, n) => product * n, 1);
  }

  /** The value as a tensor of the engine. Throws OnnxError for whole numbers beyond int32. */
  get tensor(): Tensor {
    this.#tensor ??= this.#made();
    return this.#tensor;
  }

  #made(): Tensor {
    const whole = this.whole!;
    const values = new Int32Array(whole.length);
    for (let i = 0; i < whole.length; i++) {
      const value = whole[i]!;
      if (value < LEAST || value > GREATEST)
        throw new OnnxError(
          `the ${this.type} ${value} does not fit into int32, the engine's whole numbers, which end at ±2³¹`,
        );
      values[i] = Number(value);
    }
    return tensor(this.type === "bool" ? Uint8Array.from(values) : values, {
      shape: this.shape,
      dtype: stored(this.type).dtype,
    });
  }

  /**
   * Its numbers, in order. `what` they are is for the error that is thrown in a function that is compiled, where they depend on
   * what is not known yet.
   */
  numbers(what: string): readonly number[] {
    if (this.whole !== null) return Array.from(this.whole as Iterable<bigint>, Number);
    try {
      return Array.from(this.tensor.data);
    } catch (error) {
      if (!(error instanceof CompileError)) throw error;
      throw new CompileError(
        `the numbers that the model is given decide ${what}, and are not known while a function is compiled; call the model outside compile and record, or keep those inputs out of what is compiled`,
      );
    }
  }

  /** Its only number. Throws OnnxError where there are several. */
  number(what: string): number {
    if (this.size !== 1)
      throw new OnnxError(`${what} has shape [${this.shape.join(", ")}] and must be a single number`);
    return this.numbers(what)[0]!;
  }

  /** Another tensor of the same element type. */
  with(held: Tensor): Datum {
    return new Datum(this.type, held.shape, null, held);
  }
}

const strides = (shape: Shape): number[] => {
  const steps = new Array<number>(shape.length);
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    steps[axis] = step;
    step *= shape[axis]!;
  }
  return steps;
};

/** The shape of several that are broadcast. Throws OnnxError where they don't fit. */
export function broadcastShape(shapes: readonly Shape[]): number[] {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    const sizes = shapes.map((shape) => shape[axis - rank + shape.length] ?? 1);
    const size = sizes.find((n) => n !== 1) ?? 1;
    if (sizes.some((n) => n !== 1 && n !== size))
      throw new OnnxError(
        `shapes ${shapes.map((shape) => `[${shape.join(", ")}]`).join(" and ")} don't broadcast: sizes must be equal, or 1`,
      );
    return size;
  });
}

/** A function of whole numbers that are known, element by element, broadcast, modulo the range of the result's type. */
export function mapWhole(
  type: ElementType,
  operands: readonly Datum[],
  value: (...operands: bigint[]) => bigint,
): Datum {
  const shape = broadcastShape(operands.map((each) => each.shape));
  const own = operands.map(({ shape: from, whole }) => {
    const steps = strides(from);
    const padded = shape.map((_, axis) => {
      const at = axis - shape.length + from.length;
      return at < 0 || from[at] === 1 ? 0 : steps[at]!;
    });
    return { padded, whole: whole! };
  });
  const size = shape.reduce((product, n) => product * n, 1);
  const outer = strides(shape);
  const result: bigint[] = [];
  for (let i = 0; i < size; i++) {
    const taken = own.map(({ padded, whole }) => {
      let place = 0;
      for (let axis = 0; axis < shape.length; axis++)
        place += (Math.floor(i / outer[axis]!) % shape[axis]!) * padded[axis]!;
      return whole[place]!;
    });
    result.push(wrapped(type === "bool" ? "int8" : type, value(...taken)));
  }
  return Datum.ofWhole(type, shape, result);
}

/** Whether all are whole numbers that are known. */
export const allWhole = (data: readonly (Datum | undefined)[]): boolean =>
  data.every((each) => each === undefined || each.whole !== null);

/** The numbers of a tensor; null where they are not known: while a function is recorded, and for parts under vmap. */
export function numbersIfKnown(x: Tensor): TypedArray | null {
  try {
    return x.data;
  } catch {
    return null;
  }
}

/** A movement of elements of one value. */
export const moved = (x: Datum, move: (x: Tensor) => Tensor): Datum => movedTogether([x], ([x]) => move(x!));

/**
 * A movement of elements of several values of one type, of tensors or of whole numbers that are known: those are moved by what
 * the movement makes of their places.
 */
export function movedTogether(data: readonly Datum[], move: (tensors: readonly Tensor[]) => Tensor): Datum {
  const type = data[0]!.type;
  if (!allWhole(data)) return Datum.of(move(data.map((each) => each.tensor)), type);
  let before = 0;
  const places = data.map(({ shape, size }) => {
    const own = tensor(
      Int32Array.from({ length: size }, (_, i) => before + i),
      { shape },
    );
    before += size;
    return own;
  });
  const result = move(places);
  const moved = numbersIfKnown(result);
  // Where the places depend on what the model is given, the numbers are a tensor's.
  if (moved === null) return Datum.of(move(data.map((each) => each.tensor)), type);
  const all =
    data.length === 1 ? data[0]!.whole! : data.flatMap(({ whole }) => Array.from(whole as Iterable<bigint>));
  return Datum.ofWhole(
    type,
    result.shape,
    Array.from(moved, (place) => all[place]!),
  );
}

/** Whether two values have one element type; else OnnxError names both. */
export function checkSameType(a: Datum, b: Datum): void {
  if (a.type !== b.type)
    throw new OnnxError(
      `the operands are ${a.type} and ${b.type} and must have one type; the file is not valid`,
    );
}

/** The value as floats of a type that computes: itself for floats. Throws OnnxError for others. */
export function floats(x: Datum, what: string): Tensor {
  if (!isFloatType(x.type)) throw new OnnxError(`${what} is ${x.type} and must be a float type`);
  return x.tensor;
}

/** A tensor of the engine for a value of a type, as it is handed over; throws OnnxError where the types don't agree. */
export function given(value: Tensor, type: ElementType, name: string): Datum {
  const { dtype } = stored(type);
  if (value.dtype !== dtype)
    throw new OnnxError(
      `input ${JSON.stringify(name)} is ${type} in the file, which is ${dtype} here, and a ${value.dtype} tensor was given; cast it: x.cast("${dtype}")`,
    );
  return Datum.of(value, type);
}
