// Primitives that choose among elements: extremes, their places and the order. Derivatives go to what was chosen.

import type { Description } from "../array/description.ts";
import { ShapeError } from "../array/errors.ts";
import { NDArray } from "../array/ndarray.ts";
import { shapeText } from "../array/shape.ts";
import { alongAxisByKernel } from "../kernels/eager/along-axis.ts";
import { extremesByKernel } from "../kernels/eager/extremes.ts";
import { apply } from "../tape/apply.ts";
import type { Applied, Primitive, Value } from "../tape/value.ts";
import { filled } from "../tape/zeros.ts";
import { elements } from "./elementwise.ts";
import { constant } from "./families.ts";
import { cast, sumTo } from "./movement.ts";
import { reshaped, spread } from "./moving.ts";

interface Axes {
  /** Axes to reduce, from the front; the result keeps them with size 1. */
  readonly axes: readonly number[];
}

const reducedShape = (x: Description, axes: readonly number[]) =>
  x.shape.map((n, axis) => (axes.includes(axis) ? 1 : n));

function checkNotEmpty(operation: string, x: Description, axes: readonly number[]): void {
  if (axes.some((axis) => x.shape[axis] === 0)) {
    throw new ShapeError(
      `${operation}: ${shapeText(x.shape)} over axes [${axes.join(", ")}]: nothing has no ${operation}; an axis of size 0 can't be reduced`,
    );
  }
}

/** x with the reduced axes last: rows of `length` elements. */
export function rowsOf(x: NDArray, axes: readonly number[]): { rows: NDArray; length: number } {
  const kept = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const order = [...kept, ...axes];
  const moved = x.view(
    order.map((axis) => x.shape[axis]!),
    order.map((axis) => x.strides[axis]!),
  );
  return { rows: moved, length: axes.reduce((n, axis) => n * x.shape[axis]!, 1) };
}

/** Weights that share the derivative equally among the elements equal to the extreme; they sum to one. */
function shares({ inputs: [x], output }: Applied<Axes>): Value {
  const { shape, dtype } = x!;
  const chosen = apply(cast, [elements.equal(x!, spread(output, shape))], { dtype });
  return elements.div(chosen, spread(apply(sumTo, [chosen], { shape: output.shape }), shape));
}

function extreme(name: "max" | "min", better: (a: number, b: number) => boolean): Primitive<Axes> {
  return {
    name,
    describe([x], { axes }) {
      checkNotEmpty(name, x!, axes);
      return { shape: reducedShape(x!, axes), dtype: x!.dtype };
    },
    evaluate([x], { axes }, { shape, dtype }) {
      const result = NDArray.zeros(dtype, shape);
      const { rows, length } = rowsOf(x!, axes);
      if (extremesByKernel(rows, length, name === "max" ? "largest" : "least", result.buffer)) return result;
      const { data } = rows;
      for (let row = 0; row < result.size; row++) {
        let best = data[row * length]!;
        for (let i = 1; i < length; i++) {
          const candidate = data[row * length + i]!;
          // One NaN makes the result NaN, so that a broken value can't hide.
          if (better(candidate, best) || Number.isNaN(candidate)) best = candidate;
        }
        result.buffer[row] = best;
      }
      return result;
    },
    pushforward: (step, [tangent]) =>
      tangent == null
        ? null
        : apply(sumTo, [elements.gate(tangent, shares(step))], { shape: step.output.shape }),
    pullback: (step, cotangent: Value) => [
      elements.gate(spread(cotangent, step.inputs[0]!.shape), shares(step)),
    ],
    shifted: ({ axes }) => ({ axes: axes.map((axis) => axis + 1) }),
    label: ({ axes }) => `axes [${axes.join(", ")}]`,
    lowering: () => ({ family: "reduction", combine: name === "max" ? "largest" : "least" }),
  };
}

/** The largest along axes; a tie shares its derivative equally. */
export const max: Primitive<Axes> = extreme("max", (a, b) => a > b);
/** The smallest along axes; a tie shares its derivative equally. */
export const min: Primitive<Axes> = extreme("min", (a, b) => a < b);

/** Places of the elements along an axis in order (stable; NaN is the largest). */
export const argsort: Primitive<{ readonly axis: number; readonly descending: boolean }> = constant({
  name: "argsort",
  describe: ([x]) => ({ shape: x!.shape, dtype: "int32" }),
  evaluate([x], { axis, descending }, { shape }) {
    const result = NDArray.zeros("int32", shape);
    if (alongAxisByKernel({ descending }, [x!], axis, false, result)) return result;
    const {
      rows: { data },
      length,
    } = rowsOf(x!, [axis]);
    const step = result.strides[axis]!;
    for (let row = 0; row * length < result.size; row++) {
      const at = (i: number) => data[row * length + i]!;
      const order = Array.from({ length }, (_, i) => i).sort((i, j) => compare(at(i), at(j), descending));
      // Rows run over the axes before and after `axis`; the latter are the faster.
      const target = Math.floor(row / step) * step * length + (row % step);
      for (let i = 0; i < length; i++) result.buffer[target + i * step] = order[i]!;
    }
    return result;
  },
  lowering: ({ axis, descending }) => ({ family: "order", axis, descending }),
  isBelow: ({ axis }, [x]) => x!.shape[axis]!,
  shifted: ({ axis, descending }) => ({ axis: axis + 1, descending }),
  label: ({ axis, descending }) => `axis ${axis}${descending ? " descending" : ""}`,
});

// NaN is larger than every number, as it is for the extremes: a broken value comes out on top and can't hide.
function compare(a: number, b: number, descending: boolean): number {
  const order = a < b ? -1 : a > b ? 1 : Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return descending ? -order : order;
}

/** For every element of x, its index along an axis. */
const placesAlong: Primitive<{ readonly axis: number }> = constant({
  name: "placesAlong",
  describe: ([x]) => ({ shape: x!.shape, dtype: "int32" }),
  evaluate(_x, { axis }, { shape }: Description) {
    const counted = Int32Array.from({ length: shape[axis]! }, (_, i) => i);
    const strides = shape.map((_, k) => Number(k === axis));
    return new NDArray("int32", shape, counted, strides);
  },
  lowering: ({ axis }) => ({ family: "elements", element: (build) => build.index(axis) }),
  shifted: ({ axis }) => ({ axis: axis + 1 }),
  label: ({ axis }) => `axis ${axis}`,
});

/** The place of the first largest (or smallest) element along an axis, which keeps size 1. NaN counts as the extreme. */
export const argExtreme: Primitive<{ readonly axis: number; readonly smallest: boolean }> = constant({
  name: "argExtreme",
  describe([x], { axis, smallest }) {
    checkNotEmpty(smallest ? "argmin" : "argmax", x!, [axis]);
    return { shape: reducedShape(x!, [axis]), dtype: "int32" };
  },
  evaluate([x], { axis, smallest }, { shape }) {
    const result = NDArray.zeros("int32", shape);
    const {
      rows: { data },
      length,
    } = rowsOf(x!, [axis]);
    for (let row = 0; row < result.size; row++) {
      let place = 0;
      for (let i = 0; i < length; i++) {
        const candidate = data[row * length + i]!;
        const best = data[row * length + place]!;
        if (Number.isNaN(best)) break;
        if (Number.isNaN(candidate) || (smallest ? candidate < best : candidate > best)) place = i;
      }
      result.buffer[row] = place;
    }
    return result;
  },
  composed([x], { axis, smallest }) {
    const { shape } = x!;
    const n = shape[axis]!;
    const best = apply(smallest ? min : max, [x!], { axes: [axis] });
    // Where there is a NaN, it is the extreme, and equal to nothing.
    const isBest = elements.or(elements.equal(x!, spread(best, shape)), elements.notEqual(x!, x!));
    const found = elements.select(isBest, apply(placesAlong, [x!], { axis }), n);
    return apply(min, [found], { axes: [axis] });
  },
  shifted: ({ axis, smallest }) => ({ axis: axis + 1, smallest }),
  label: ({ axis, smallest }) => `${smallest ? "min" : "max"} axis ${axis}`,
});

/** Whether any of some truth values holds, as a single one; false for none. */
export const anyOf = (x: Value): Value =>
  x.size === 0 ? filled(0, [], "bool", x) : reshaped(apply(max, [reshaped(x, [x.size])], { axes: [0] }), []);
