// What a loop kernel means, in plain JavaScript: all indices in order, one element at a time, every node by the atom's
// value and rounded to its type. Shares nothing with what writes the code but the data that describes a kernel.

import type { DType } from "@adjoint/autograd";
import type { Access, LoopKernel, Quantity } from "../../../packages/autograd/src/kernels/kernel.ts";

const BYTES: Record<DType, number> = { float32: 4, float64: 8, int32: 4, bool: 1 };

export function readElement(memory: DataView, dtype: DType, address: number): number {
  if (dtype === "float32") return memory.getFloat32(address, true);
  if (dtype === "float64") return memory.getFloat64(address, true);
  return dtype === "int32" ? memory.getInt32(address, true) : memory.getUint8(address);
}

export function writeElement(memory: DataView, dtype: DType, address: number, value: number): void {
  if (dtype === "float32") memory.setFloat32(address, value, true);
  else if (dtype === "float64") memory.setFloat64(address, value, true);
  else if (dtype === "int32") memory.setInt32(address, value | 0, true);
  else memory.setUint8(address, value !== 0 ? 1 : 0);
}

/** A number as an element of a type. */
export function asType(value: number, dtype: DType): number {
  if (dtype === "float32") return Math.fround(value);
  if (dtype === "int32") return value | 0;
  return dtype === "bool" ? Number(value !== 0) : value;
}

/** An element that a reduction wrote: what was reduced to it. */
export interface Reduced {
  readonly output: number;
  readonly address: number;
  readonly elements: number[];
}

export const known = (quantity: Quantity, args: readonly number[]): number =>
  typeof quantity === "number" ? quantity : args[quantity.parameter]!;

/**
 * Visits every index of a kernel's space, the last axis fastest; `at` says where an access has its element then, by an
 * index if it has one.
 */
export function eachIndex(
  kernel: LoopKernel,
  args: readonly number[],
  visit: (index: readonly number[], at: (access: Access, by?: number) => number) => void,
): void {
  const sizes = kernel.sizes.map((size) => known(size, args));
  const from = sizes.map((_, k) => known(kernel.from?.[k] ?? 0, args));
  if (sizes.some((size, k) => size <= from[k]!)) return;
  const index = from.slice();
  const at = ({ address, strides, dtype, by }: Access, place = 0) => {
    const direct = strides.reduce<number>((sum, stride, k) => sum + known(stride, args) * index[k]!, 0);
    const indirect = by === undefined ? 0 : known(by.stride, args) * inside(place, known(by.size, args));
    return known(address, args) + BYTES[dtype] * (direct + indirect);
  };
  for (;;) {
    visit(index, at);
    let axis = sizes.length - 1;
    while (axis >= 0 && ++index[axis]! >= sizes[axis]!) {
      index[axis] = from[axis]!;
      axis--;
    }
    if (axis < 0) return;
  }
}

/** An index from the front; the last where there is no such index. */
function inside(index: number, size: number): number {
  const place = index < 0 ? index + size : index;
  return place < 0 || place >= size ? size - 1 : place;
}

/**
 * Runs a kernel on a memory. Reductions are not written: what goes into each of their elements is returned, for
 * whoever judges how well it was reduced.
 */
export function interpret(kernel: LoopKernel, memory: DataView, args: readonly number[]): Reduced[] {
  const reduced = new Map<string, Reduced>();
  eachIndex(kernel, args, (index, at) => {
    const values: number[] = [];
    for (const node of kernel.nodes) values.push(elementOf(node, values, index, at));
    kernel.outputs.forEach(({ node, combine, write }, o) => {
      const value = asType(values[node]!, write.dtype);
      const address = at(write, write.by && values[write.by.node]! | 0);
      if (combine === "store") writeElement(memory, write.dtype, address, value);
      else if (combine === "accumulate")
        writeElement(memory, write.dtype, address, readElement(memory, write.dtype, address) + value);
      else {
        const key = `${o} ${address}`;
        if (!reduced.has(key)) reduced.set(key, { output: o, address, elements: [] });
        reduced.get(key)!.elements.push(value);
      }
    });
  });
  return [...reduced.values()];

  function elementOf(
    node: LoopKernel["nodes"][number],
    values: readonly number[],
    index: readonly number[],
    at: (access: Access, by?: number) => number,
  ): number {
    switch (node.op) {
      case "read": {
        const access = kernel.reads[node.read]!;
        return readElement(memory, access.dtype, at(access, access.by && values[access.by.node]! | 0));
      }
      case "index":
        return index[node.axis]!;
      case "constant":
        return node.dtype === "float32" ? Math.fround(node.value) : node.value;
      case "convert":
        return asType(values[node.operand]!, node.dtype);
      case "atom": {
        const operands = node.operands.map((operand) => values[operand]!);
        const value = node.atom.value as (...operands: number[]) => number;
        if (node.dtype === "int32" && (node.atom.name === "mul" || node.atom.name === "square"))
          return Number(BigInt.asIntN(32, BigInt(operands[0]!) * BigInt(operands.at(-1)!)));
        return asType(value(...operands), node.dtype);
      }
    }
  }
}
