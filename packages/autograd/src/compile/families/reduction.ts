// Values that are sums or extremes over axes.

import { sizeOf } from "../../array/shape.ts";
import type { ProgramValue } from "../../program/parts.ts";
import type { Lowering } from "../../tape/lowering.ts";
import type { Buffer } from "../cluster.ts";
import type { Placed } from "../fused.ts";
import { type Fusion, labelOf } from "../fusion.ts";
import type { Home } from "../joinable-clusters.ts";
import { align, denseStrides, type Layout, split } from "../layout.ts";
import { flagsAlong, isSuffix, orderOf } from "../loop-order.ts";

export function reduction(
  fusion: Fusion,
  value: ProgramValue,
  { combine, divisor = 1 }: Extract<Lowering<unknown>, { family: "reduction" }>,
  operand: Placed,
): Placed {
  const { shape, dtype } = value;
  const added = operand.shape.length - shape.length;
  const isReduced = (axis: number) => axis < added || shape[axis - added] !== operand.shape[axis];
  const { sizes: common, axis, strides } = align(operand.shape, [operand.layout])!;
  const order = orderOf(common, [operand], strides);
  const sizes = order.map((k) => common[k]!);
  const view = {
    buffer: operand.buffer,
    offset: operand.layout.offset,
    strides: order.map((k) => strides[0]![k]!),
  };
  const reduced = order.map((k) => isReduced(axis[k]!));
  const buffer = fusion.buffer(dtype, sizeOf(shape), { kind: "computed" }, value);

  // The kept axes are stored in the order in which they are walked.
  const keptOrder = order.filter((k) => !isReduced(axis[k]!));
  const write = new Array<number>(common.length).fill(0);
  denseStrides(keptOrder.map((k) => common[k]!)).forEach((stride, i) => {
    write[keptOrder[i]!] = stride;
  });
  const layout: Layout = {
    offset: 0,
    axes: shape.map((_, k) =>
      axis.flatMap((from, j) =>
        from === k + added && !isReduced(from) ? [{ size: common[j]!, stride: write[j]! }] : [],
      ),
    ),
  };
  const home = homeOfReduction(fusion, sizes, view, reduced);
  const cluster = home?.cluster ?? fusion.clusters.begin(sizes);
  const inner = home?.strides ?? [view.strides];
  const spaces = home?.sizes ?? sizes;
  const node = fusion.clusters.read(cluster, view.buffer, view.offset, inner[0]!);
  const factors = (list: readonly number[]) =>
    sizes.map((size, i) => ({ size, stride: list[i]! })).filter(({ size }) => size !== 1);
  const outer = order.map((k) => write[k]!);
  const flags = sizes.map((size, i) => ({ size, flag: reduced[i]! })).filter(({ size }) => size !== 1);
  cluster.results.push({
    buffer,
    offset: 0,
    node,
    combine,
    divisor,
    strides: split(factors(outer), spaces),
    reduced: flagsAlong(flags, spaces),
  });
  if (!isSuffix(flagsAlong(flags, spaces))) cluster.isOpen = false;
  buffer.producers.push(cluster);
  cluster.labels.push(labelOf(value));
  return { shape, dtype, buffer, layout };
}

/**
 * Returns the cluster that a reduction joins: that of its operand, if the reduced axes are walked last or
 * the cluster is needed for nothing else. Returns null if there is none.
 */
function homeOfReduction(
  fusion: Fusion,
  sizes: readonly number[],
  view: { readonly buffer: Buffer; readonly offset: number; readonly strides: readonly number[] },
  reduced: readonly boolean[],
): Home | null {
  const [producer] = view.buffer.producers;
  if (producer === undefined || producer.product !== null) return null;
  const last = isSuffix(reduced);
  if (!last && (producer.results.length > 0 || !fusion.isOnlyFor(producer, view.buffer))) return null;
  return fusion.clusters.home(sizes, [view]);
}
