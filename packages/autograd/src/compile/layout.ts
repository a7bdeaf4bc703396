// Layouts: where the elements of an array lie in a buffer, as a list of factors for each axis. With several
// factors an axis is walked unevenly, so that views and most reshapes need no copy.

import { sameShape, stridesOf } from "../array/shape.ts";
import type { Shape } from "../array/shape-types.ts";
import type { Factor } from "../kernels/kernel.ts";
import type { View } from "../tape/lowering.ts";

/**
 * Element (i₀, i₁ …) lies at offset + Σ index · stride, summed over the factors of all axes, in elements. The
 * index along an axis is split into one index for each factor, of which the last varies fastest.
 */
export interface Layout {
  readonly offset: number;
  /** The factors of each axis; none where the size is 1. */
  readonly axes: readonly (readonly Factor[])[];
}

/** Returns the layout of an array that is row-major, without gaps. */
export function dense(shape: Shape): Layout {
  return strided(shape, stridesOf(shape));
}

export function strided(shape: Shape, strides: readonly number[], offset = 0): Layout {
  return {
    offset,
    axes: shape.map((size, axis) => (size === 1 ? [] : [{ size, stride: strides[axis]! }])),
  };
}

/** Returns one stride for each axis, in elements; null if an axis is walked unevenly. */
export function stridesIn(layout: Layout): number[] | null {
  const strides: number[] = [];
  for (const factors of layout.axes) {
    const joined = join(factors);
    if (joined.length > 1) return null;
    strides.push(joined[0]?.stride ?? 0);
  }
  return strides;
}

/** Whether a layout is row-major, without gaps, from offset 0. */
export function isDense(layout: Layout, shape: Shape): boolean {
  const strides = layout.offset === 0 ? stridesIn(layout) : null;
  return (
    strides !== null &&
    stridesOf(shape).every((stride, axis) => shape[axis] === 1 || strides[axis] === stride)
  );
}

/** Returns the factors, with neighbours joined where they are walked evenly. */
export function join(factors: readonly Factor[]): Factor[] {
  const joined: Factor[] = [];
  for (const factor of factors) {
    if (factor.size === 1) continue;
    const last = joined.at(-1);
    if (last !== undefined && last.stride === factor.size * factor.stride)
      joined[joined.length - 1] = { size: last.size * factor.size, stride: factor.stride };
    else joined.push(factor);
  }
  return joined;
}

/** Returns the layout of a view of an operand; null if the view splits an axis that is walked unevenly. */
export function viewed(layout: Layout, view: View, operand: Shape, shape: Shape): Layout | null {
  let { offset } = layout;
  const steps = shape.map(() => 0);
  const uneven = new Map<number, readonly Factor[]>();
  for (let axis = 0; axis < operand.length; axis++) {
    const factors = join(layout.axes[axis]!);
    if (factors.length === 0) continue;
    const walkers = view.axes.flatMap((walk, k) =>
      walk?.axis === axis && shape[k] !== 1 ? [{ k, step: walk.step }] : [],
    );
    const start = view.starts[axis]!;
    if (factors.length === 1) {
      const { stride } = factors[0]!;
      offset += start * stride;
      for (const { k, step } of walkers) steps[k]! += step * stride;
      continue;
    }
    // Exactly one axis of the view must walk an uneven axis, and must walk it whole.
    const [walker] = walkers;
    if (walkers.length !== 1 || start !== 0 || walker!.step !== 1) return null;
    if (shape[walker!.k] !== operand[axis] || uneven.has(walker!.k)) return null;
    uneven.set(walker!.k, factors);
  }
  for (const k of uneven.keys()) if (steps[k] !== 0) return null;
  const axes = shape.map((size, k): Factor[] => {
    const factors = uneven.get(k);
    if (factors !== undefined) return [...factors];
    return size === 1 ? [] : [{ size, stride: steps[k]! }];
  });
  return { offset, axes };
}

/**
 * Returns the layout of the same elements, in row-major order, under another shape; null if the factors can't
 * be split at the new axes.
 */
export function reshaped(layout: Layout, shape: Shape): Layout | null {
  const rest = join(layout.axes.flat());
  const axes: Factor[][] = [];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const factors: Factor[] = [];
    let missing = shape[axis]!;
    while (missing > 1) {
      const { size, stride } = rest.pop()!;
      if (missing % size === 0) {
        factors.unshift({ size, stride });
        missing /= size;
      } else if (size % missing === 0) {
        factors.unshift({ size: missing, stride });
        rest.push({ size: size / missing, stride: stride * missing });
        missing = 1;
      } else return null;
    }
    axes.unshift(factors);
  }
  return { offset: layout.offset, axes };
}

/** Broadcasts axes of size 1 to the sizes of a shape of the same rank. */
export function spread(layout: Layout, from: Shape, to: Shape): Layout {
  const axes = layout.axes.map((factors, axis) =>
    from[axis] === to[axis] ? factors : [{ size: to[axis]!, stride: 0 }],
  );
  return { offset: layout.offset, axes };
}

/** Layouts of one shape over common axes: the sizes of these axes, and for each layout its strides along them. */
export interface Aligned {
  readonly sizes: readonly number[];
  /** The axis of the shape that each common axis is a part of. */
  readonly axis: readonly number[];
  /** strides[layout][common axis], in elements. */
  readonly strides: readonly (readonly number[])[];
}

/** Returns the coarsest axes that serve all layouts; null if two layouts split an axis in ways that don't nest. */
export function align(shape: Shape, layouts: readonly Layout[]): Aligned | null {
  const sizes: number[] = [];
  const axis: number[] = [];
  const strides: number[][] = layouts.map(() => []);
  for (let k = 0; k < shape.length; k++) {
    if (shape[k] === 1) continue;
    const common = refine(layouts.map(({ axes }) => axes[k]!.map(({ size }) => size)));
    if (common === null) return null;
    sizes.push(...common);
    axis.push(...common.map(() => k));
    layouts.forEach(({ axes }, i) => {
      strides[i]!.push(...split(axes[k]!, common));
    });
  }
  return { sizes, axis, strides };
}

/**
 * Returns the coarsest list of sizes from which each list can be made by joining neighbours; null if there is none.
 */
export function refine(lists: readonly (readonly number[])[]): number[] | null {
  const [first = []] = lists;
  // Usually all lists are equal.
  if (!first.includes(1) && lists.every((list) => sameShape(list, first))) return [...first];
  // The places where the lists are split, counted in elements from the end.
  const breaks = new Set<number>([1]);
  for (const list of lists) {
    let inner = 1;
    for (let i = list.length - 1; i >= 0; i--) breaks.add((inner *= list[i]!));
  }
  const sorted = [...breaks].sort((a, b) => a - b);
  const sizes: number[] = [];
  for (let i = 1; i < sorted.length; i++) {
    const size = sorted[i]! / sorted[i - 1]!;
    if (!Number.isInteger(size)) return null;
    sizes.unshift(size);
  }
  return sizes;
}

/** Returns the strides of factors along finer sizes. */
export function split(factors: readonly Factor[], sizes: readonly number[]): number[] {
  const strides: number[] = [];
  let next = sizes.length;
  for (let i = factors.length - 1; i >= 0; i--) {
    let { stride } = factors[i]!;
    for (let left = factors[i]!.size; left > 1; ) {
      const size = sizes[--next]!;
      strides.unshift(stride);
      stride *= size;
      left /= size;
    }
  }
  return strides;
}

/** Strides of a dense array of these sizes. */
export const denseStrides = (sizes: readonly number[]): number[] => stridesOf(sizes);

/** Whether strides walk elements 0 … size − 1 in order. */
export function walksInOrder(sizes: readonly number[], strides: readonly number[], offset: number): boolean {
  return (
    offset === 0 && denseStrides(sizes).every((stride, axis) => sizes[axis] === 1 || strides[axis] === stride)
  );
}

/** Returns the strides along coarser sizes; null if the finer axes are not walked evenly. */
export function coarsen(
  sizes: readonly number[],
  strides: readonly number[],
  coarser: readonly number[],
): number[] | null {
  const result: number[] = [];
  let next = sizes.length - 1;
  for (let k = coarser.length - 1; k >= 0; k--) {
    let left = coarser[k]!;
    if (left === 1) {
      result.unshift(0);
      continue;
    }
    const first = strides[next]!;
    let expected = first;
    while (left > 1) {
      if (strides[next] !== expected) return null;
      expected *= sizes[next]!;
      left /= sizes[next]!;
      next--;
    }
    result.unshift(first);
  }
  return result;
}
