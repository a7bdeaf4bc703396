// Linear primitives that move elements without computing: broadcasting, shapes, axes, parts and types.
// Each states its adjoint; most evaluate to a view.

import type { Description } from "../array/description.ts";
import { type DType, isFloat } from "../array/dtype.ts";
import { DTypeError, ShapeError } from "../array/errors.ts";
import { eachRow, NDArray } from "../array/ndarray.ts";
import { broadcastShapes, checkShape, shapeText, sizeOf, stridesOf } from "../array/shape.ts";
import type { Shape } from "../array/shape-types.ts";
import { sumsByKernel } from "../kernels/eager/sums.ts";
import { apply } from "../tape/apply.ts";
import type { Primitive, Value } from "../tape/value.ts";
import { linear, viewing } from "./families.ts";

/** Repeats axes of size 1, and adds axes in front, without copying. */
export const broadcastTo: Primitive<{ readonly shape: Shape }> = viewing({
  name: "broadcastTo",
  describe([x], { shape }) {
    checkShape(shape, "broadcastTo");
    if (!broadcasts(x!.shape, shape)) {
      broadcastShapes("broadcastTo", x!.shape, shape);
      throw new ShapeError(
        `broadcastTo: ${shapeText(x!.shape)} does not broadcast to ${shapeText(shape)}: only axes of size 1 repeat, and the result must hold every axis`,
      );
    }
    return { shape, dtype: x!.dtype };
  },
  view({ shape }, x) {
    const added = shape.length - x.shape.length;
    const stands = (n: number, axis: number) => axis < 0 || (x.shape[axis] === 1 && n !== 1);
    return {
      starts: x.shape.map(() => 0),
      axes: shape.map((n, axis) => (stands(n, axis - added) ? null : { axis: axis - added, step: 1 })),
    };
  },
  batched([x], { shape }, _isBatched, size) {
    const [, ...own] = x!.shape;
    const added = shape.slice(own.length).map(() => 1);
    const aligned = apply(reshape, [x!], { shape: [size, ...added, ...own] });
    return apply(broadcastTo, [aligned], { shape: [size, ...shape] });
  },
  adjoint: (dy, { shape }) => apply(sumTo, [dy], { shape }),
  label: ({ shape }) => shapeText(shape),
});

/** Whether a shape becomes another by repeating axes of size 1 and adding some in front. */
function broadcasts(from: Shape, to: Shape): boolean {
  const added = to.length - from.length;
  if (added < 0) return false;
  for (let axis = 0; axis < from.length; axis++)
    if (from[axis] !== 1 && from[axis] !== to[added + axis]) return false;
  return true;
}

/** Sums over what broadcasting repeated: the adjoint of broadcastTo, and every sum. */
export const sumTo: Primitive<{ readonly shape: Shape }> = linear({
  name: "sumTo",
  lowering: () => ({ family: "reduction", combine: "total" }),
  describe([x], { shape }) {
    checkShape(shape, "sumTo");
    if (!broadcasts(shape, x!.shape))
      throw new ShapeError(
        `sumTo: ${shapeText(x!.shape)} does not sum to ${shapeText(shape)}, which does not broadcast to it: an axis stays, becomes 1, or goes from the front`,
      );
    if (x!.dtype === "bool")
      throw new DTypeError('sumTo: bool is not a number; cast it, e.g. x.cast("int32")');
    return { shape, dtype: x!.dtype };
  },
  evaluate([x], { shape }) {
    return castArray(totalsOf(x!, shape), x!.dtype);
  },
  batched: ([x], { shape }, _isBatched, size) => batchedTotal(x!, shape, size, sumTo, {}),
  adjoint: (dy, { shape }) => apply(broadcastTo, [dy], { shape }),
  label: ({ shape }) => shapeText(shape),
});

/** The sums of each part of x, by a primitive that sums to a shape. */
export function batchedTotal<A>(
  x: Value,
  shape: Shape,
  size: number,
  primitive: Primitive<A & { readonly shape: Shape }>,
  others: A,
): Value {
  const added = x.shape.slice(1 + shape.length).map(() => 1);
  const total = apply(primitive, [x], { ...others, shape: [size, ...added, ...shape] });
  return apply(reshape, [total], { shape: [size, ...shape] });
}

/** Zeros, to which numbers of a type are added: a float32 sum is kept in float64 and rounded once, at the end, by `castArray`. */
export function accumulator(dtype: DType, shape: Shape): NDArray {
  return NDArray.zeros(dtype === "float32" ? "float64" : dtype, shape);
}

/** The sums over the axes that a shape lacks; sums of floats are not yet rounded to their type. */
export function totalsOf(x: NDArray, shape: Shape): NDArray {
  return sumsByKernel(x, shape) ?? plainTotals(x, shape);
}

/** An array repeated to a shape, as broadcasting does. */
export function spreadOver(x: NDArray, shape: Shape): NDArray {
  const added = shape.length - x.shape.length;
  return x.view(
    shape,
    shape.map((n, axis) =>
      axis < added || (x.shape[axis - added] === 1 && n !== 1) ? 0 : x.strides[axis - added]!,
    ),
  );
}

/** Sums by plain loops. */
export function sumPlainly(x: NDArray, shape: Shape): NDArray {
  return castArray(plainTotals(x, shape), x.dtype);
}

function plainTotals(x: NDArray, shape: Shape): NDArray {
  const total = accumulator(x.dtype, shape);
  const spread = spreadOver(total, x.shape);
  const { buffer: from } = x;
  const { buffer: to } = total;
  eachRow(x.shape, [x, spread], (length, [source, target], [step, targetStep]) => {
    if (targetStep === 0) to[target!]! += sumRun(from, source!, step!, length);
    else for (let i = 0; i < length; i++) to[target! + i * targetStep!]! += from[source! + i * step!]!;
  });
  return total;
}

// Adding in halves keeps the rounding error growing with log n, not n (Higham 1993, "The accuracy of
// floating point summation"); below this length a plain loop is as good and faster.
const plainSum = 256;

/** The sum of so many elements, each `step` after the one before. */
export function sumRun(from: ArrayLike<number>, start: number, step: number, length: number): number {
  if (length > plainSum) {
    const half = length >>> 1;
    return sumRun(from, start, step, half) + sumRun(from, start + half * step, step, length - half);
  }
  let sum = 0;
  for (let i = 0; i < length; i++) sum += from[start + i * step]!;
  return sum;
}

/** The same elements in row-major order under another shape. */
export const reshape: Primitive<{ readonly shape: Shape }> = linear({
  name: "reshape",
  lowering: () => ({ family: "regroup" }),
  describe([x], { shape }) {
    if (sizeOf(shape) !== sizeOf(x!.shape)) {
      throw new ShapeError(
        `reshape: ${shapeText(x!.shape)} has ${sizeOf(x!.shape)} elements and ${shapeText(shape)} ${sizeOf(shape)}; they must be equal (−1 stands for the size that fits)`,
      );
    }
    return { shape, dtype: x!.dtype };
  },
  evaluate([x], { shape }) {
    const packed = x!.contiguous();
    return packed.view(shape, stridesOf(shape));
  },
  shifted: ({ shape }, size) => ({ shape: [size, ...shape] }),
  adjoint: (dy, { shape }) => apply(reshape, [dy], { shape }),
  label: ({ shape }) => shapeText(shape),
});

/** Axes in another order: axis i of the result is axis order[i] of x. */
export const permute: Primitive<{ readonly order: readonly number[] }> = viewing({
  name: "permute",
  describe([x], { order }) {
    const valid =
      order.length === x!.shape.length &&
      new Set(order).size === order.length &&
      order.every((axis) => axis in x!.shape);
    if (!valid) {
      throw new ShapeError(
        `permute: [${order.join(", ")}] is no order of the ${x!.shape.length} axes of ${shapeText(x!.shape)}; name each axis once`,
      );
    }
    return { shape: order.map((axis) => x!.shape[axis]!), dtype: x!.dtype };
  },
  view: ({ order }) => ({ starts: order.map(() => 0), axes: order.map((axis) => ({ axis, step: 1 })) }),
  shifted: ({ order }) => ({ order: [0, ...order.map((axis) => axis + 1)] }),
  adjoint(dy, _x, _i, { attributes: { order } }) {
    const inverse = order.map((_, axis) => order.indexOf(axis));
    return apply(permute, [dy], { order: inverse });
  },
  label: ({ order }) => `[${order.join(", ")}]`,
});

/** Every `step`th element from `start`, `size` of them, along each axis. */
export interface SliceAttributes {
  readonly starts: readonly number[];
  readonly sizes: readonly number[];
  readonly steps: readonly number[];
}

/** A regular part of a tensor, as a view. */
export const slice: Primitive<SliceAttributes> = viewing({
  name: "slice",
  describe([x], { starts, sizes, steps }) {
    const fits = x!.shape.every(
      (n, axis) =>
        sizes[axis] === 0 || (starts[axis]! >= 0 && starts[axis]! + (sizes[axis]! - 1) * steps[axis]! < n),
    );
    if (!fits)
      throw new ShapeError(
        `slice: from [${starts.join(", ")}], sizes [${sizes.join(", ")}] leave ${shapeText(x!.shape)}`,
      );
    return { shape: sizes, dtype: x!.dtype };
  },
  view: ({ starts, steps }) => ({ starts, axes: steps.map((step, axis) => ({ axis, step })) }),
  shifted: ({ starts, sizes, steps }, size) => ({
    starts: [0, ...starts],
    sizes: [size, ...sizes],
    steps: [1, ...steps],
  }),
  // The elements that the slice skipped have cotangent zero: zeros between the others and around them.
  adjoint(dy, { shape }, _i, { attributes: { starts, sizes, steps } }) {
    const spans = sizes.map((size, axis) => (size === 0 ? 0 : (size - 1) * steps[axis]! + 1));
    return apply(pad, [dy], {
      before: starts,
      after: shape.map((n, axis) => n - starts[axis]! - spans[axis]!),
      between: steps.map((step) => step - 1),
    });
  },
  label: ({ starts, sizes, steps }) =>
    starts
      .map((start, axis) => `${start}+${sizes[axis]}${steps[axis] === 1 ? "" : `:${steps[axis]}`}`)
      .join(", "),
});

/** Zeros to put before, after and between the elements of each axis. */
export interface PadAttributes {
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly between: readonly number[];
}

const paddedSize = (n: number, before: number, after: number, between: number) =>
  before + after + (n === 0 ? 0 : n + (n - 1) * between);

/** x with zeros before, after and between its elements. */
export const pad: Primitive<PadAttributes> = linear({
  name: "pad",
  describe([x], { before, after, between }) {
    if ([...before, ...after, ...between].some((n) => n < 0 || !Number.isInteger(n))) {
      throw new ShapeError(
        `pad: widths must be whole numbers, 0 or more; got before [${before.join(", ")}], after [${after.join(", ")}]; to cut, use slice`,
      );
    }
    return {
      shape: x!.shape.map((n, axis) => paddedSize(n, before[axis]!, after[axis]!, between[axis]!)),
      dtype: x!.dtype,
    };
  },
  evaluate([x], attributes, { shape, dtype }) {
    const result = NDArray.zeros(dtype, shape);
    copyInto(amongZeros(result, attributes, x!.shape), x!);
    return result;
  },
  lowering: () => ({
    family: "parts",
    combine: "store",
    parts: (result, attributes, [x]) => [amongZeros(result, attributes, x!.shape)],
  }),
  shifted: ({ before, after, between }) => ({
    before: [0, ...before],
    after: [0, ...after],
    between: [0, ...between],
  }),
  adjoint: (dy, { shape }, _i, { attributes: { before, between } }) =>
    apply(slice, [dy], { starts: before, sizes: shape, steps: between.map((n) => n + 1) }),
  label: ({ before, after }) => before.map((n, axis) => `${n}|${after[axis]}`).join(", "),
});

/** The part of the padded result that x goes to. */
function amongZeros(result: NDArray, { before, between }: PadAttributes, shape: Shape): NDArray {
  const offset = before.reduce((sum, n, axis) => sum + n * result.strides[axis]!, result.offset);
  return result.view(
    shape,
    between.map((n, axis) => (n + 1) * result.strides[axis]!),
    offset,
  );
}

/** Writes a fresh array through a view of it. */
function copyInto(target: NDArray, source: NDArray): void {
  const { buffer: to } = target;
  const { buffer: from } = source;
  eachRow(source.shape, [target, source], (length, [at, start], [step, sourceStep]) => {
    for (let i = 0; i < length; i++) to[at! + i * step!] = from[start! + i * sourceStep!]!;
  });
}

/** Tensors one after another along an axis. */
export const concat: Primitive<{ readonly axis: number }> = linear({
  name: "concat",
  describe(inputs, { axis }) {
    const first = inputs[0]!;
    for (const { shape, dtype } of inputs) {
      if (dtype !== first.dtype)
        throw new DTypeError(
          `concat: ${first.dtype} and ${dtype} don't mix; cast one, e.g. b.cast("${first.dtype}")`,
        );
      if (shape.length !== first.shape.length || shape.some((n, i) => i !== axis && n !== first.shape[i])) {
        throw new ShapeError(
          `concat: ${shapeText(first.shape)} and ${shapeText(shape)} along axis ${axis}: all other sizes must agree`,
        );
      }
    }
    const total = inputs.reduce((sum, { shape }) => sum + shape[axis]!, 0);
    return { shape: first.shape.with(axis, total), dtype: first.dtype };
  },
  evaluate(inputs, { axis }, { shape, dtype }) {
    const result = NDArray.zeros(dtype, shape);
    oneAfterAnother(result, inputs, axis).forEach((part, i) => {
      copyInto(part, inputs[i]!);
    });
    return result;
  },
  lowering: () => ({
    family: "parts",
    combine: "store",
    parts: (result, { axis }, inputs) => oneAfterAnother(result, inputs, axis),
  }),
  shifted: ({ axis }) => ({ axis: axis + 1 }),
  adjoint(dy, { shape }, i, { inputs, attributes: { axis } }) {
    const start = inputs.slice(0, i).reduce((sum, input) => sum + input.shape[axis]!, 0);
    const starts = shape.map((_, k) => (k === axis ? start : 0));
    return apply(slice, [dy], { starts, sizes: shape, steps: shape.map(() => 1) });
  },
  label: ({ axis }) => `axis ${axis}`,
});

/** Where each part of a concatenation lies in it. */
function oneAfterAnother(result: NDArray, inputs: readonly Description[], axis: number): NDArray[] {
  let { offset } = result;
  return inputs.map(({ shape }) => {
    const part = result.view(shape, result.strides, offset);
    offset += shape[axis]! * result.strides[axis]!;
    return part;
  });
}

/** The elements in reverse order along some axes; its own adjoint. */
export const flip: Primitive<{ readonly axes: readonly number[] }> = viewing({
  name: "flip",
  describe: ([x]) => ({ shape: x!.shape, dtype: x!.dtype }),
  view: ({ axes }, { shape }) => ({
    starts: shape.map((n, axis) => (axes.includes(axis) ? n - 1 : 0)),
    axes: shape.map((_, axis) => ({ axis, step: axes.includes(axis) ? -1 : 1 })),
  }),
  shifted: ({ axes }) => ({ axes: axes.map((axis) => axis + 1) }),
  adjoint: (dy, _x, _i, { attributes }) => apply(flip, [dy], attributes),
  label: ({ axes }) => `[${axes.join(", ")}]`,
});

/** Another element type. Between float types the derivative passes; through whole numbers and truth values none does. */
export const cast: Primitive<{ readonly dtype: DType }> = {
  ...linear<{ readonly dtype: DType }>({
    name: "cast",
    lowering: () => ({
      family: "elements",
      element: (build, { dtype }) => build.convert(build.read(0), dtype),
    }),
    describe: ([x], { dtype }) => ({ shape: x!.shape, dtype }),
    evaluate: ([x], _, { dtype }) => castArray(x!, dtype),
    shifted: (attributes) => attributes,
    adjoint: (dy, { dtype }) => (isFloat(dy.dtype) ? apply(cast, [dy], { dtype }) : null),
    label: ({ dtype }) => dtype,
  }),
  pushforward: ({ attributes }, [tangent]) =>
    tangent == null || !isFloat(attributes.dtype) ? null : apply(cast, [tangent], attributes),
};

export function castArray(x: NDArray, dtype: DType): NDArray {
  if (x.dtype === dtype) return x;
  const result = NDArray.zeros(dtype, x.shape);
  const { data } = x;
  const { buffer } = result;
  // A truth value is "not zero"; whole numbers drop the fraction, as typed arrays do.
  if (dtype === "bool") for (let i = 0; i < data.length; i++) buffer[i] = data[i] === 0 ? 0 : 1;
  else buffer.set(data);
  return result;
}
