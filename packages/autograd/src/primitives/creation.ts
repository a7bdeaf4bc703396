// Ways to make tensors out of numbers, and tensors out of tensors.

import { allocate, checkDType, type DType, dtypeOf, type TypedArray } from "../array/dtype.ts";
import { DTypeError, ShapeError } from "../array/errors.ts";
import { NDArray } from "../array/ndarray.ts";
import { broadcastShapes, checkShape, normalizeAxis, sameShape, shapeText, sizeOf } from "../array/shape.ts";
import type { Broadcast, Broadcastable, Literal, Nested, Shape, ShapeOf } from "../array/shape-types.ts";
import { concat as concatPrimitive } from "./movement.ts";
import { constantTensor, Tensor } from "./tensor.ts";

export interface TensorOptions<S extends Shape = Shape> {
  /** Element type: float32 by default; bool for truth values, and a typed array's own. */
  readonly dtype?: DType;
  /** Shape to give the elements, row-major; by default that of the nesting, or one axis for a typed array. */
  readonly shape?: S;
}

export interface TypeOption {
  readonly dtype?: DType;
}

/** A tensor with these elements, fresh and without a past. */
export function fromArray<S extends Shape>(array: NDArray): Tensor<S> {
  return new Tensor<S>(array, null, null);
}

/**
 * A tensor from a number, nested arrays or a typed array (which is copied).
 * `tensor([[1, 2, 3]])` has shape [1, 3], in its type too. Throws ShapeError where rows differ in length, DTypeError
 * where something is not a number.
 */
export function tensor<const S extends Shape>(
  values: Nested | TypedArray,
  options: TensorOptions<S> & { readonly shape: S },
): Tensor<Literal<S>>;
export function tensor(values: TypedArray, options?: TensorOptions): Tensor<[number]>;
export function tensor<const N extends Nested>(values: N, options?: TypeOption): Tensor<ShapeOf<N>>;
export function tensor(values: Nested | TypedArray, options: TensorOptions = {}): Tensor {
  const { elements, shape, dtype } = ArrayBuffer.isView(values) ? fromTyped(values) : fromNested(values);
  const type = checkDType(options.dtype ?? dtype, "tensor");
  const full = options.shape ?? shape;
  checkShape(full, "tensor");
  if (sizeOf(full) !== elements.length) {
    throw new ShapeError(
      `tensor: ${elements.length} elements don't fill ${shapeText(full)}, which has ${sizeOf(full)}; change the shape or the elements`,
    );
  }
  return fromArray(new NDArray(type, full, converted(elements, type)));
}

interface Elements {
  readonly elements: ArrayLike<number>;
  readonly shape: Shape;
  readonly dtype: DType;
}

function fromTyped(values: TypedArray): Elements {
  const dtype = dtypeOf(values);
  if (dtype === null) {
    throw new DTypeError(
      `tensor: ${values.constructor.name} holds no element type of tensors; use Float32Array, Float64Array, Int32Array or Uint8Array (bool), or Array.from(…)`,
    );
  }
  return { elements: values, shape: [values.length], dtype };
}

function fromNested(values: Nested): Elements {
  const shape: number[] = [];
  for (let level: Nested = values; Array.isArray(level); level = level[0] as Nested) {
    shape.push(level.length);
    if (level.length === 0) break;
  }
  const elements: number[] = [];
  let truths = 0;
  const fill = (value: Nested, axis: number): void => {
    if (Array.isArray(value)) {
      if (value.length !== shape[axis]) {
        throw new ShapeError(
          `tensor: rows of length ${shape[axis] ?? "none"} and ${value.length} at axis ${axis}; all rows of an axis must be equally long`,
        );
      }
      for (const part of value as readonly Nested[]) fill(part, axis + 1);
      return;
    }
    if (axis !== shape.length)
      throw new ShapeError(
        `tensor: a single value where axis ${axis} has rows of length ${shape[axis]}; nest all elements equally deep`,
      );
    if (typeof value === "boolean") truths++;
    else if (typeof value !== "number")
      throw new DTypeError(
        `tensor: ${value === null ? "null" : `a ${typeof value}`} is no element; use numbers or booleans`,
      );
    elements.push(Number(value));
  };
  fill(values, 0);
  return { elements, shape, dtype: truths > 0 && truths === elements.length ? "bool" : "float32" };
}

function converted(elements: ArrayLike<number>, dtype: DType): TypedArray {
  const buffer = allocate(dtype, elements.length);
  for (let i = 0; i < elements.length; i++) {
    const value = elements[i]!;
    if (dtype === "int32" && !(Number.isInteger(value) && value === (value | 0))) {
      throw new DTypeError(
        `tensor: ${value} is no int32; use whole numbers from −2³¹ to 2³¹ − 1, or another dtype`,
      );
    }
    buffer[i] = dtype === "bool" ? Number(value !== 0) : value;
  }
  return buffer;
}

/** One number everywhere. */
export function full<const S extends Shape>(
  shape: S,
  value: number,
  options: TypeOption = {},
): Tensor<Literal<S>> {
  checkShape(shape, "full");
  return constantTensor(value, checkDType(options.dtype ?? "float32", "full"), shape);
}

/** Zeros. */
export function zeros<const S extends Shape>(shape: S, options: TypeOption = {}): Tensor<Literal<S>> {
  return full(shape, 0, options);
}

/** Ones. */
export function ones<const S extends Shape>(shape: S, options: TypeOption = {}): Tensor<Literal<S>> {
  return full(shape, 1, options);
}

/** The unit matrix of n rows (and columns, where not given otherwise). */
export function eye<const N extends number, const M extends number = N>(
  rows: N,
  options: TypeOption & { readonly columns?: M } = {},
): Tensor<[N, M]> {
  const columns = options.columns ?? rows;
  checkShape([rows, columns], "eye");
  const array = NDArray.zeros(checkDType(options.dtype ?? "float32", "eye"), [rows, columns]);
  for (let i = 0; i < Math.min(rows, columns); i++) array.buffer[i * columns + i] = 1;
  return fromArray(array);
}

/** Numbers from `start` up to but not including `stop`; with one argument from 0. Throws RangeError for a step of 0. */
export function arange(start: number, stop?: number, step = 1, options: TypeOption = {}): Tensor<[number]> {
  const [from, to] = stop === undefined ? [0, start] : [start, stop];
  if (step === 0 || ![from, to, step].every(Number.isFinite))
    throw new RangeError(
      `arange: from ${from} to ${to} by ${step} never arrives; the step must be finite and not 0`,
    );
  const n = Math.max(0, Math.ceil((to - from) / step));
  const dtype = checkDType(options.dtype ?? "float32", "arange");
  return tensor(
    Array.from({ length: n }, (_, i) => from + i * step),
    { dtype, shape: [n] },
  );
}

/** n numbers evenly spaced from start to stop, both included. */
export function linspace<const N extends number>(
  start: number,
  stop: number,
  n: N,
  options: TypeOption = {},
): Tensor<[N]> {
  checkShape([n], "linspace");
  const at = (i: number) => (n === 1 ? start : i === n - 1 ? stop : start + ((stop - start) * i) / (n - 1));
  const values = Array.from({ length: n }, (_, i) => at(i));
  return tensor(values, { dtype: options.dtype ?? "float32", shape: [n] }) as Tensor<[N]>;
}

/** Rows with a 1 at each index and 0 elsewhere: int32 [...] → [..., classes]. Throws RangeError for an index outside. */
export function oneHot<S extends Shape, const N extends number>(
  indices: Tensor<S>,
  classes: N,
  options: TypeOption = {},
): Tensor<[...S, N]> {
  if (indices.dtype !== "int32")
    throw new DTypeError(`oneHot: indices are ${indices.dtype} and must be int32: indices.cast("int32")`);
  const array = NDArray.zeros(checkDType(options.dtype ?? "float32", "oneHot"), [...indices.shape, classes]);
  indices.data.forEach((label: number, i: number) => {
    if (label < 0 || label >= classes)
      throw new RangeError(
        `oneHot: index ${label} with ${classes} classes; indices run from 0 to ${classes - 1}`,
      );
    array.buffer[i * classes + label] = 1;
  });
  return fromArray(array);
}

/** Tensors one after another along an axis (0 by default); all other sizes must agree. */
export function concat(tensors: readonly Tensor[], options: { readonly axis?: number } = {}): Tensor {
  const [first] = tensors;
  if (first === undefined) throw new ShapeError("concat: got no tensors; give at least one");
  return first.apply(concatPrimitive, tensors, {
    axis: normalizeAxis(options.axis ?? 0, first.rank, "concat"),
  });
}

/** Tensors of one shape along a new axis (0 by default). */
export function stack(tensors: readonly Tensor[], options: { readonly axis?: number } = {}): Tensor {
  const [first] = tensors;
  if (first === undefined) throw new ShapeError("stack: got no tensors; give at least one");
  const odd = tensors.find((other) => !sameShape(other.shape, first.shape));
  if (odd !== undefined)
    throw new ShapeError(
      `stack: ${shapeText(first.shape)} and ${shapeText(odd.shape)}: all shapes must agree; to join different lengths, use concat`,
    );
  const axis = normalizeAxis(options.axis ?? 0, first.rank + 1, "stack");
  return concat(
    tensors.map((each) => each.expandDims(axis)),
    { axis },
  );
}

/**
 * a where the condition (bool) holds, else b; all three broadcast. The branch not taken contributes exactly zero to
 * derivatives, even where it is NaN or infinite.
 */
export function where<C extends Shape, A extends Shape = [], B extends Shape = []>(
  condition: Tensor<C>,
  a: number | (Tensor<A> & Broadcastable<C, A, "where">),
  b: number | (Tensor<B> & Broadcastable<C, B, "where">),
): Tensor<Broadcast<Broadcast<C, A>, B>> {
  if (!(condition instanceof Tensor))
    throw new TypeError("where: the condition must be a bool tensor, e.g. x.greater(0)");
  return (condition as Tensor).select(a as Tensor | number, b as Tensor | number) as Tensor as Tensor<
    Broadcast<Broadcast<C, A>, B>
  >;
}

/** Tensors repeated along size-1 and missing axes until all have one shape. */
export function broadcastTogether(...tensors: readonly Tensor[]): Tensor[] {
  const shape = broadcastShapes("broadcastTogether", ...tensors.map((each) => each.shape));
  return tensors.map((each) => each.broadcastTo(shape));
}

/** A linear map [...output, ...input] from its rows: for each output element, a tensor like the input. */
export function matrixOfRows(rows: readonly Tensor[], output: Tensor, input: Tensor): Tensor {
  const shape = [...output.shape, ...input.shape];
  return rows.length === 0 ? input.zerosOf(shape) : (stack(rows).reshape(shape) as Tensor);
}

/** A linear map [...output, ...input] from its columns: for each input element, a tensor like the output. */
export function matrixOfColumns(columns: readonly Tensor[], output: Tensor, input: Tensor): Tensor {
  const shape = [...output.shape, ...input.shape];
  if (columns.length === 0) return output.zerosOf(shape);
  return (stack(columns).reshape([input.size, output.size]) as Tensor).transpose().reshape(shape) as Tensor;
}
