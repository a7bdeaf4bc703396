// What lanes hold the elements of a kernel: their width, which follows from its types, and their kind.

import type { DType } from "../array/dtype.ts";
import type { Atom } from "../expression/atoms/atom.ts";
import { lanesOf } from "../expression/lanes/table.ts";
import type { BodyNode, LoopKernel } from "./kernel.ts";

export type AtomNode = Extract<BodyNode, { op: "atom" }>;

/** The kind of lanes that hold a type. */
export function kindOf(dtype: DType, bits: 32 | 64): "float" | "int" | "mask" {
  if (dtype === "bool") return "mask";
  return dtype === "int32" && bits === 32 ? "int" : "float";
}

/** Whether an atom's result is one of its operands, unchanged, chosen by a truth value before them. */
export const isChoice = ({ operands }: Atom): boolean => Array.isArray(operands) && operands[0] === "bool";

/**
 * The width of the lanes in which a kernel is computed: 32 bits hold float32, and int32 where it is only read,
 * compared, chosen and converted. Whole numbers are computed as float64, which holds them all, so they need 64.
 */
export function lanesFor(kernel: LoopKernel): 32 | 64 {
  const { reads, nodes, outputs } = kernel;
  const types = [...reads, ...nodes, ...outputs.map(({ write }) => write)].map(({ dtype }) => dtype);
  if (types.includes("float64") || onlyAddsUp(kernel)) return 64;
  const computesWhole = nodes.some((node) => {
    if (node.op !== "atom" || isChoice(node.atom)) return false;
    const takesWhole = node.operands.some((operand) => nodes[operand]!.dtype === "int32");
    return (
      takesWhole && (node.dtype !== "bool" || node.atom.result !== "bool" || lanesOf(node.atom) === undefined)
    );
  });
  return computesWhole ? 64 : 32;
}

/** Whether a kernel only adds up float32 elements. Totals are float64, and reading float32 as float64 costs nothing. */
const onlyAddsUp = ({ nodes, outputs }: LoopKernel): boolean =>
  nodes.every(({ op, dtype }) => op === "read" && dtype === "float32") &&
  outputs.every(({ combine }) => combine === "total");

/** Whether an atom is computed by its form for int32 elements, which differs from its value. */
export const isWhole = ({ atom, dtype }: AtomNode): boolean => dtype === "int32" && atom.whole !== undefined;
