// What becomes of the rows along an axis: running values, and orders.

import { joinAxes } from "../../array/ndarray.ts";
import { sizeOf } from "../../array/shape.ts";
import type { RowRule } from "../../kernels/kernel.ts";
import type { ProgramValue } from "../../program/parts.ts";
import type { Placed } from "../fused.ts";
import { type Fusion, labelOf } from "../fusion.ts";
import { align, dense } from "../layout.ts";

/** Places what becomes of the rows along an axis, which are read from memory and walked from their start or their end. */
export function rows(
  fusion: Fusion,
  value: ProgramValue,
  rule: RowRule,
  axis: number,
  isBack: boolean,
  given: readonly Placed[],
): Placed {
  const { shape, dtype } = value;
  const target = fusion.buffer(dtype, sizeOf(shape), { kind: "computed" }, value);
  const alignedOf = (operands: readonly Placed[]) => {
    const aligned = align(shape, [...operands.map(({ layout }) => layout), dense(shape)]);
    // A row must be walked evenly.
    return aligned !== null && aligned.axis.filter((each) => each === axis).length <= 1 ? aligned : null;
  };
  let operands = given;
  let aligned = alignedOf(operands);
  if (aligned === null) {
    operands = operands.map((operand) => fusion.copied(operand));
    aligned = alignedOf(operands)!;
  }
  const n = shape[axis]!;
  const place = aligned.axis.indexOf(axis);
  const outer = aligned.sizes.map((_, k) => k).filter((k) => k !== place);
  const around = joinAxes(
    outer.map((k) => aligned.sizes[k]!),
    aligned.strides.map((strides) => ({ strides: outer.map((k) => strides[k]!), offset: 0 })),
  );
  const walkOf = (offset: number, i: number) => {
    const step = place < 0 ? 0 : aligned.strides[i]![place]!;
    return isBack
      ? { offset: offset + (n - 1) * step, strides: [...around.strides[i]!, -step] }
      : { offset, strides: [...around.strides[i]!, step] };
  };
  const cluster = fusion.clusters.begin([...around.sizes, n]);
  cluster.isOpen = false;
  const nodes = operands.map(({ buffer, layout }, i) => {
    const { offset, strides } = walkOf(layout.offset, i);
    return cluster.read(buffer, offset, strides);
  });
  cluster.rows = { rule, operands: nodes };
  cluster.results.push({
    buffer: target,
    node: nodes[0]!,
    combine: "store",
    reduced: cluster.sizes.map(() => false),
    ...walkOf(0, operands.length),
  });
  target.isStored = true;
  target.producers.push(cluster);
  cluster.labels.push(labelOf(value));
  return { shape, dtype, buffer: target, layout: dense(shape) };
}
