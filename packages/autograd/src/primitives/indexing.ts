// Reading and adding at indices.

import type { Description } from "../array/description.ts";
import type { DType } from "../array/dtype.ts";
import { DTypeError, ShapeError } from "../array/errors.ts";
import { eachRow, NDArray } from "../array/ndarray.ts";
import { sameShape, shapeText } from "../array/shape.ts";
import type { Shape } from "../array/shape-types.ts";
import { statedFunction } from "../expression/elementwise-function.ts";
import { Expression } from "../expression/expression.ts";
import { apply } from "../tape/apply.ts";
import type { Applied, Primitive, Value } from "../tape/value.ts";
import { constant, linear } from "./families.ts";
import type { Check } from "./guarded.ts";
import { accumulator, castArray } from "./movement.ts";

function checkIndices(operation: string, x: Description, indices: Description, axis: number): void {
  if (indices.dtype !== "int32")
    throw new DTypeError(
      `${operation}: indices are ${indices.dtype} and must be int32: indices.cast("int32")`,
    );
  const fits =
    x.shape.length === indices.shape.length && x.shape.every((n, k) => k === axis || n === indices.shape[k]);
  if (!fits) {
    throw new ShapeError(
      `${operation}: ${shapeText(x.shape)} with indices ${shapeText(indices.shape)} along axis ${axis}: all other sizes must agree`,
    );
  }
}

/** An index counted from the front; throws where there is no such place. */
function place(operation: string, index: number, n: number): number {
  const normal = index < 0 ? index + n : index;
  if (normal < 0 || normal >= n) throw new RangeError(outside(operation, index, n));
  return normal;
}

const outside = (operation: string, index: number | "{}", n: number): string =>
  `${operation}: index ${index} is outside an axis of ${n} (0 to ${n - 1}, or ${-n} to −1 from the end)`;

/** What indices along an axis of n must be for an operation that is made of takeAlong. */
export const indicesOf = (operation: string, n: number): Check => ({
  from: -n,
  to: n - 1,
  message: outside(operation, "{}", n),
});

/** Throws for the first index for which there is no place. */
function checkPlaces(operation: string, indices: NDArray, n: number): void {
  const { data } = indices;
  for (let i = 0; i < data.length; i++) {
    const index = data[i]!;
    if (index < -n || index >= n) place(operation, index, n);
  }
}

/** No derivative reaches indices. */
const linearInFirst = <A>(statement: Parameters<typeof linear<A>>[0]): Primitive<A> => {
  const rule = linear<A>(statement);
  const primitive: Primitive<A> = {
    ...rule,
    pushforward(step: Applied<A>, [tangent]: readonly (Value | null)[]) {
      return tangent == null ? null : apply(primitive, [tangent, step.inputs[1]!], step.attributes);
    },
  };
  return primitive;
};

export interface TakeAttributes {
  readonly axis: number;
}

/** The elements of which a value has one in each row along an axis, beside zeros, and where. */
interface Single {
  readonly axis: number;
  readonly elements: Value;
  readonly indices: Value;
}

const singles = new WeakMap<Value, Single>();

/**
 * Of a cotangent that came from one element in each row along an axis: these elements. So a rule that would sum over rows
 * finds the sums without a pass over them, however many classes there are.
 */
export function singleAlong(axis: number, x: Value): Single | null {
  const single = singles.get(x);
  return single?.axis === axis ? single : null;
}

/** Along `axis`, the element of x at each index: x [.., n, ..], indices [.., m, ..] → [.., m, ..]. Negative indices count from the end. */
export const takeAlong: Primitive<TakeAttributes> = linearInFirst({
  name: "takeAlong",
  describe([x, indices], { axis }) {
    checkIndices("takeAlongAxis", x!, indices!, axis);
    return { shape: indices!.shape, dtype: x!.dtype };
  },
  evaluate([x, indices], { axis }, { shape, dtype }) {
    const result = NDArray.zeros(dtype, shape);
    const n = x!.shape[axis]!;
    const jump = x!.strides[axis]!;
    const { buffer: to } = result;
    const { buffer: from } = x!;
    const { buffer: at } = indices!;
    // x in the shape of the result, repeated along the axis, since the index says which of its elements is read.
    const base = x!.view(shape, x!.strides.with(axis, 0));
    eachRow(
      shape,
      [result, base, indices!],
      (length, [target, source, index], [step, sourceStep, indexStep]) => {
        for (let i = 0; i < length; i++) {
          to[target! + i * step!] =
            from[source! + i * sourceStep! + jump * place("takeAlongAxis", at[index! + i * indexStep!]!, n)]!;
        }
      },
    );
    return result;
  },
  lowering: ({ axis }) => ({
    family: "elements",
    element: (build) => build.readAt(0, axis, build.read(1)),
  }),
  adjoint(dy, { shape }, i, { inputs, attributes }) {
    if (i !== 0) return null;
    const indices = inputs[1]!;
    const spread = apply(addAlong, [dy, indices], { ...attributes, shape });
    if (indices.shape[attributes.axis] === 1)
      singles.set(spread, { axis: attributes.axis, elements: dy, indices });
    return spread;
  },
  guard: {
    operand: 1,
    look(indices, { axis }, [x]) {
      checkPlaces("takeAlongAxis", indices, x!.shape[axis]!);
    },
    allowsBelow: ({ axis }, [x]) => x!.shape[axis]!,
  },
  shifted: ({ axis }) => ({ axis: axis + 1 }),
  label: ({ axis }) => `axis ${axis}`,
});

const first = Expression.input(0);
const second = Expression.input(1);
const third = Expression.input(2);
/** Whether an index (0), counted from the end where negative, is the place (1) along an axis of a size (2). */
const pointsTo = first.equal(second).or(first.add(third).equal(second));
const choice = first.select(second, third);

/** Adds each element at its index of zeros: the adjoint of takeAlong. Indices may repeat. */
export const addAlong: Primitive<TakeAttributes & { readonly shape: Shape }> = linearInFirst({
  name: "addAlong",
  describe([x, indices], { axis, shape }) {
    if (x!.dtype === "bool")
      throw new DTypeError('scatterAdd: bool is not a number; cast it, e.g. x.cast("int32")');
    if (!sameShape(x!.shape, indices!.shape))
      throw new ShapeError(
        `scatterAdd: ${shapeText(x!.shape)} at indices ${shapeText(indices!.shape)}: give one index for each element, so that both have one shape`,
      );
    checkIndices("scatterAdd", { shape, dtype: x!.dtype }, indices!, axis);
    return { shape, dtype: x!.dtype };
  },
  evaluate([x, indices], { axis }, { shape, dtype }) {
    // With one index along the axis, nothing is added to what another one has left.
    const isSingle = indices!.shape[axis] === 1;
    const result = isSingle ? NDArray.zeros(dtype, shape) : accumulator(dtype, shape);
    const n = shape[axis]!;
    const jump = result.strides[axis]!;
    const { buffer: to } = result;
    const { buffer: from } = x!;
    const { buffer: at } = indices!;
    const base = result.view(x!.shape, result.strides.with(axis, 0));
    eachRow(
      x!.shape,
      [base, x!, indices!],
      (length, [target, source, index], [step, sourceStep, indexStep]) => {
        for (let i = 0; i < length; i++) {
          to[target! + i * step! + jump * place("scatterAdd", at[index! + i * indexStep!]!, n)]! +=
            from[source! + i * sourceStep!]!;
        }
      },
    );
    return castArray(result, dtype);
  },
  // With one index along the axis, an element of the result is that of x where the index points to it, else 0.
  lowering: ({ axis }, [, indices]) =>
    indices!.shape[axis] !== 1
      ? { family: "scatter", axis }
      : {
          family: "elements",
          element(build, { axis, shape }, { dtype }) {
            // Whole numbers that float32 holds are computed in its lanes, beside elements of that type.
            const type = shape[axis]! < 2 ** 24 ? "float32" : "int32";
            const [at, here] = [build.read(1), build.index(axis)].map((each) => build.convert(each, type));
            const n = build.constant(shape[axis]!, type);
            const isHere = build.expression(pointsTo, [at!, here!, n]);
            return build.expression(choice, [isHere, build.read(0), build.constant(0, dtype)]);
          },
        },
  guard: {
    operand: 1,
    look(indices, { axis, shape }) {
      checkPlaces("scatterAdd", indices, shape[axis]!);
    },
    allowsBelow: ({ axis, shape }) => shape[axis]!,
  },
  adjoint(dy, _x, i, { inputs, attributes: { shape: _, ...attributes } }) {
    return i === 0 ? apply(takeAlong, [dy, inputs[1]!], attributes) : null;
  },
  shifted: ({ axis, shape }, size) => ({ axis: axis + 1, shape: [size, ...shape] }),
  label: ({ axis }) => `axis ${axis}`,
});

const isHere = statedFunction("isHere", 2, (index, here) => index!.equal(here!));

/** For each index, with a last axis of size 1, a row of so many classes: 1 at the index and 0 elsewhere. */
export const oneHotRows: Primitive<{ readonly classes: number; readonly dtype: DType }> = constant({
  name: "oneHot",
  describe([indices], { classes, dtype }) {
    if (indices!.dtype !== "int32")
      throw new DTypeError(`oneHot: indices are ${indices!.dtype} and must be int32: indices.cast("int32")`);
    return { shape: indices!.shape.with(-1, classes), dtype };
  },
  evaluate([indices], { classes }, { shape, dtype }) {
    const result = NDArray.zeros(dtype, shape);
    checkClasses(indices!, classes);
    indices!.data.forEach((index: number, row: number) => {
      result.buffer[row * classes + index] = 1;
    });
    return result;
  },
  lowering: (_attributes, [indices]) => ({
    family: "elements",
    element(build, { dtype }) {
      const here = build.index(indices!.shape.length - 1);
      return build.convert(build.expression(isHere.expression, [build.read(0), here]), dtype);
    },
  }),
  guard: {
    operand: 0,
    look: (indices, { classes }) => checkClasses(indices, classes),
    allowsBelow: ({ classes }) => classes,
  },
  shifted: (attributes) => attributes,
  label: ({ classes }) => `${classes} classes`,
});

function checkClasses({ data }: NDArray, classes: number): void {
  for (let i = 0; i < data.length; i++) {
    if (data[i]! >= 0 && data[i]! < classes) continue;
    throw new RangeError(
      `oneHot: index ${data[i]} with ${classes} classes; indices run from 0 to ${classes - 1}`,
    );
  }
}
