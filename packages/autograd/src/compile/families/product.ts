// Matrix products.

import { sizeOf } from "../../array/shape.ts";
import type { ProgramValue } from "../../program/parts.ts";
import type { ProductOperand } from "../cluster.ts";
import type { Placed } from "../fused.ts";
import { type Fusion, labelOf } from "../fusion.ts";
import { dense, denseStrides, join, stridesIn } from "../layout.ts";

/** The shortest row that is worth a loop of its own: the number of elements in a float32 vector. */
const SHORTEST_ROW = 4;

export function product(
  fusion: Fusion,
  value: ProgramValue,
  gated: boolean,
  operands: readonly Placed[],
): Placed {
  const { shape, dtype } = value;
  const batch = shape.slice(0, -2);
  const [m, n] = shape.slice(-2) as [number, number];
  const k = operands[0]!.shape.at(-1)!;
  const cluster = fusion.clusters.begin(shape);
  const asOperand = (operand: Placed): ProductOperand => {
    let { buffer, layout } = operand;
    const batchStrides = () => stridesIn({ offset: 0, axes: layout.axes.slice(0, -2) });
    if (batchStrides() === null) ({ buffer, layout } = fusion.copied(operand));
    cluster.waitForAll(buffer.producers);
    buffer.isStored = true;
    const [rows, columns] = layout.axes.slice(-2).map(join);
    return { buffer, offset: layout.offset, batch: batchStrides()!, rows: rows!, columns: columns! };
  };
  const [a, b] = operands.map(asOperand) as [ProductOperand, ProductOperand];
  const target = fusion.buffer(dtype, sizeOf(shape), { kind: "computed" }, value);
  cluster.product = { dtype: dtype as "float32" | "float64", gated, batch, m, n, k, a, b, target };
  fusion.clusters.computes(cluster, target, cluster.readMemory(target, 0, denseStrides(shape)));
  // An epilogue walks rows. Where rows are shorter than a vector, a separate cluster is faster, since it
  // walks all elements as one row.
  cluster.isOpen = n >= SHORTEST_ROW;
  cluster.labels.push(labelOf(value));
  return { shape, dtype, buffer: target, layout: dense(shape) };
}
