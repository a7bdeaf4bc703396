// The order in which a cluster walks its space, and the layout of the values that it stores: they are stored
// in the order in which they are computed.

import type { Shape } from "../array/shape-types.ts";
import type { Buffer } from "./cluster.ts";
import { denseStrides, type Layout, walksInOrder } from "./layout.ts";

/**
 * Returns the order in which to walk axes: that of the first view that walks a whole buffer without gaps. If
 * there is none, the axes keep their order.
 */
export function orderOf(
  sizes: readonly number[],
  views: readonly { readonly buffer: Buffer }[],
  strides: readonly (readonly number[])[],
): number[] {
  const order = sizes.map((_, k) => k);
  const size = sizes.reduce((product, n) => product * n, 1);
  let leader: readonly number[] | null = null;
  views.forEach(({ buffer }, i) => {
    if (leader !== null || buffer.size !== size) return;
    const sorted = [...order].sort((a, b) => strides[i]![b]! - strides[i]![a]!);
    const walks = walksInOrder(
      sorted.map((k) => sizes[k]!),
      sorted.map((k) => strides[i]![k]!),
      0,
    );
    if (walks) leader = strides[i]!;
  });
  if (leader === null) return order;
  const chosen: readonly number[] = leader;
  return order.sort((a, b) => chosen[b]! - chosen[a]!);
}

/** Returns the layout of an array that is stored in the order in which its common axes are walked. */
export function storedAs(
  shape: Shape,
  axis: readonly number[],
  sizes: readonly number[],
  order: readonly number[],
): Layout {
  const strides = new Array<number>(sizes.length);
  denseStrides(order.map((k) => sizes[k]!)).forEach((stride, i) => {
    strides[order[i]!] = stride;
  });
  return {
    offset: 0,
    axes: shape.map((_, k) =>
      axis.flatMap((from, j) => (from === k ? [{ size: sizes[j]!, stride: strides[j]! }] : [])),
    ),
  };
}

/** Whether the reduced axes are walked last. */
export const isSuffix = (reduced: readonly boolean[]): boolean =>
  !reduced.some((flag, k) => flag && reduced.slice(k).includes(false));

/** Returns the flags of axes along finer sizes. */
export function flagsAlong(
  axes: readonly { readonly size: number; readonly flag: boolean }[],
  sizes: readonly number[],
): boolean[] {
  const flags: boolean[] = [];
  let next = sizes.length - 1;
  for (let k = axes.length - 1; k >= 0; k--) {
    for (let left = axes[k]!.size; left > 1; left /= sizes[next--]!) flags.unshift(axes[k]!.flag);
  }
  return flags;
}
