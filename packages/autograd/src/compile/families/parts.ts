// Values that are put together from parts, and sums that go where indices say.

import { NDArray } from "../../array/ndarray.ts";
import { sizeOf } from "../../array/shape.ts";
import type { ProgramValue } from "../../program/parts.ts";
import type { Lowering } from "../../tape/lowering.ts";
import type { Placed } from "../fused.ts";
import { type Fusion, labelOf } from "../fusion.ts";
import { align, dense, denseStrides, strided } from "../layout.ts";

export function parts(
  fusion: Fusion,
  value: ProgramValue,
  lowering: Extract<Lowering<unknown>, { family: "parts" }>,
  operands: readonly Placed[],
): Placed {
  const { shape, dtype, origin } = value;
  if (origin.kind !== "step") throw new Error("parts must come from a step");
  const size = sizeOf(shape);
  const target = fusion.buffer(dtype, size, { kind: "computed" }, value);
  const whole = new NDArray(dtype, shape, { read: () => new Uint8Array(0) });
  const parts = lowering.parts(whole, origin.step.attributes, operands);
  const covered = operands.reduce((sum, operand) => sum + sizeOf(operand.shape), 0);
  if (lowering.combine === "accumulate" || covered < size) fusion.zeros(target);
  operands.forEach((operand, i) => {
    const { strides, offset } = parts[i]!;
    const aligned = align(operand.shape, [operand.layout, strided(operand.shape, strides, offset)])!;
    const cluster = fusion.clusters.begin(aligned.sizes);
    cluster.isOpen = false;
    const node = cluster.read(operand.buffer, operand.layout.offset, aligned.strides[0]!);
    cluster.waitForAll(target.producers);
    cluster.results.push({
      buffer: target,
      offset,
      node,
      combine: lowering.combine,
      strides: [...aligned.strides[1]!],
      reduced: aligned.sizes.map(() => false),
    });
    target.producers.push(cluster);
    cluster.labels.push(labelOf(value));
  });
  target.isStored = true;
  return { shape, dtype, buffer: target, layout: dense(shape) };
}

/** Places a scatter: zeros, to which elements are added at indices along an axis. */
export function scattered(
  fusion: Fusion,
  value: ProgramValue,
  axis: number,
  [from, indices]: readonly Placed[],
): Placed {
  const { shape, dtype } = value;
  const target = fusion.buffer(dtype, sizeOf(shape), { kind: "computed" }, value);
  const place = denseStrides(shape);
  fusion.zeros(target);
  const still = strided(from!.shape, place.with(axis, 0));
  const layoutsOf = (operands: readonly Placed[]) => [...operands.map(({ layout }) => layout), still];
  let operands = [from!, indices!];
  let aligned = align(from!.shape, layoutsOf(operands));
  if (aligned === null) {
    operands = operands.map((operand) => fusion.copied(operand));
    aligned = align(from!.shape, layoutsOf(operands))!;
  }
  const { sizes, strides } = aligned;
  const cluster = fusion.clusters.begin(sizes);
  cluster.isOpen = false;
  const [node, index] = operands.map(({ buffer, layout }, i) =>
    cluster.read(buffer, layout.offset, strides[i]!),
  );
  cluster.waitForAll(target.producers);
  cluster.results.push({
    buffer: target,
    offset: 0,
    node: node!,
    combine: "accumulate",
    strides: [...strides[2]!],
    reduced: sizes.map(() => false),
    by: { node: index!, stride: place[axis]!, size: shape[axis]! },
  });
  target.producers.push(cluster);
  cluster.labels.push(labelOf(value));
  target.isStored = true;
  return { shape, dtype, buffer: target, layout: dense(shape) };
}
