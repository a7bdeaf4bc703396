// Where the indices of an axis of a matrix lie, which may be several axes of an array.

import { type FunctionWriter, type Local, Type } from "../assembler.ts";
import { I, M } from "../instructions.ts";
import type { Element } from "./element.ts";
import { type Amount, advance, locals, push, times } from "./writing.ts";

/** Axes of an array, of which the last runs fastest. Strides are in elements. The first one's size doesn't matter. */
export type Axis = readonly { readonly size: number; readonly stride: Amount }[];

/** A single axis, with a stride in elements. */
export const evenly = (stride: Local): Axis => [{ size: 0, stride: { local: stride } }];

/** Pushes the bytes from the first index to a given one. */
export function pushOffset(code: FunctionWriter, element: Element, axis: Axis, index: Local): FunctionWriter {
  let rest = index;
  for (let i = axis.length - 1; i > 0; i--) {
    const { size, stride } = axis[i]!;
    times(code.get(rest).i32(size).emit(I.i32_rem_u), stride);
    if (i < axis.length - 1) code.emit(I.i32_add);
    const outer = code.local(Type.i32);
    code.get(rest).i32(size).emit(I.i32_div_u).set(outer);
    rest = outer;
  }
  times(code.get(rest), axis[0]!.stride);
  if (axis.length > 1) code.emit(I.i32_add);
  return times(code, element.bytes);
}

/** Pushes the bytes from an index to the next, for a single axis. */
export function pushStride(code: FunctionWriter, element: Element, axis: Axis): FunctionWriter {
  return times(push(code, axis[0]!.stride), element.bytes);
}

/** Writes a table of the offsets of `count` indices from `start` on. */
export function fillTable(
  code: FunctionWriter,
  element: Element,
  axis: Axis,
  table: Amount,
  start: Local,
  count: Local,
): void {
  const at = locals(code, ["entry", "index", "left"]);
  push(code, table).set(at.entry);
  code.get(start).set(at.index).get(count).set(at.left);
  code.loop(() => {
    code.get(at.entry);
    pushOffset(code, element, axis, at.index).memory(M.i32_store);
    advance(code, at.entry, 4);
    advance(code, at.index, 1);
    code.get(at.left).i32(1).emit(I.i32_sub).tee(at.left).branchIf(0);
  });
}
