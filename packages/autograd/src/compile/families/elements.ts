// Values that are computed element by element.

import { sizeOf } from "../../array/shape.ts";
import type { Factor } from "../../kernels/kernel.ts";
import { LARGEST_BODY } from "../../kernels/nodes.ts";
import type { ProgramValue } from "../../program/parts.ts";
import type { Lowering } from "../../tape/lowering.ts";
import type { Buffer } from "../cluster.ts";
import { Building, Probe } from "../elements.ts";
import type { Placed } from "../fused.ts";
import type { Fusion } from "../fusion.ts";
import { align, join, type Layout, spread, strided } from "../layout.ts";
import { orderOf, storedAs } from "../loop-order.ts";
import { host } from "./whole.ts";

export function elements(
  fusion: Fusion,
  value: ProgramValue,
  lowering: Extract<Lowering<unknown>, { family: "elements" }>,
  operands: readonly Placed[],
): Placed {
  const { shape, dtype, origin } = value;
  if (origin.kind !== "step") throw new Error("elements must come from a step");
  // A first run of the lowering builds nothing, and finds out what the element reads.
  const counted = new Set<number>();
  const lookedUp = new Map<number, number>();
  const probe = new Probe(
    operands,
    (axis) => counted.add(axis),
    (operand, axis) => lookedUp.set(operand, axis),
  );
  lowering.element(probe, origin.step.attributes, value, operands);
  const ways: (Factor | undefined)[] = [];
  const viewOf = (operand: Placed, i: number): { buffer: Buffer; layout: Layout; isIndirect: boolean } => {
    const along = lookedUp.get(i);
    const isEven = along === undefined || join(operand.layout.axes[along]!).length <= 1;
    const { buffer, layout, shape: from } = isEven ? operand : fusion.copied(operand);
    if (along === undefined) return { buffer, layout: spread(layout, from, shape), isIndirect: false };
    // The view has stride 0 along this axis; the index selects the element.
    const [factor] = join(layout.axes[along]!);
    ways[i] = { size: from[along]!, stride: factor?.stride ?? 0 };
    const still = { ...layout, axes: layout.axes.with(along, []) };
    return { buffer, layout: spread(still, from.with(along, 1), shape), isIndirect: true };
  };
  // An element that is too long for a kernel is computed by a host call.
  if (probe.cost > LARGEST_BODY) return host(fusion, value, operands);
  const views = operands.map(viewOf);
  const iotas = [...counted];
  for (const axis of iotas) {
    const strides = shape.map((_, k) => Number(k === axis));
    views.push({
      buffer: fusion.counting(shape[axis]!),
      layout: strided(shape, strides),
      isIndirect: false,
    });
  }
  let aligned = align(
    shape,
    views.map(({ layout }) => layout),
  );
  if (aligned === null) {
    operands.forEach((operand, i) => {
      views[i] = viewOf(fusion.copied(operand), i);
    });
    aligned = align(
      shape,
      views.map(({ layout }) => layout),
    )!;
  }
  const order = orderOf(aligned.sizes, views, aligned.strides);
  const sizes = order.map((k) => aligned.sizes[k]!);
  const reads = views.map(({ buffer, layout: { offset }, isIndirect }, i) => ({
    buffer,
    offset,
    isIndirect,
    strides: order.map((k) => aligned.strides[i]![k]!),
  }));
  const home = fusion.clusters.home(sizes, reads);
  const cluster = home?.cluster ?? fusion.clusters.begin(sizes);
  const strides = home?.strides ?? reads.map((read) => read.strides);
  const nodes = reads.map(
    ({ buffer, offset }, i) =>
      () =>
        fusion.clusters.read(cluster, buffer, offset, strides[i]!),
  );
  const build = new Building(
    cluster,
    (i) => nodes[i]!(),
    (i, node) => {
      const { buffer, offset } = reads[i]!;
      return fusion.clusters.readAt(cluster, buffer, offset, strides[i]!, { ...ways[i]!, node });
    },
    (axis) => nodes[operands.length + iotas.indexOf(axis)]!(),
  );
  const node = build.nodeOf(lowering.element(build, origin.step.attributes, value, operands));
  const buffer = fusion.buffer(dtype, sizeOf(shape), { kind: "computed" }, value);
  fusion.clusters.computes(cluster, buffer, node);
  // An elementwise function is listed under its own name, not under that of its primitive.
  cluster.labels.push(origin.step.primitive.label?.(origin.step.attributes) ?? origin.step.primitive.name);
  return { shape, dtype, buffer, layout: storedAs(shape, aligned.axis, aligned.sizes, order) };
}
