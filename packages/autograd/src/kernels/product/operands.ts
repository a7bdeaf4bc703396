// Makes operands ready for a block: they are read in place, or packed into scratch memory just before. Each function
// sets the locals with which `block` is called.

import type { FunctionIndex, FunctionWriter, Local } from "../assembler.ts";
import { I } from "../instructions.ts";
import type { KernelModule } from "../kernel-module.ts";
import { fillTable, pushOffset, pushStride } from "./axis.ts";
import type { Element } from "./element.ts";
import type { Ways } from "./gate.ts";
import type { Place } from "./loops.ts";
import { packAny } from "./pack-any.ts";
import { packDepth } from "./pack-depth.ts";
import { copyRows, packLines } from "./pack-lines.ts";
import { type Panel, panelOfA, panelOfB, rowBytes } from "./panels.ts";
import { TILE_VECTORS, tileRows } from "./strip.ts";
import { type Amount, push, setSum, times } from "./writing.ts";

/** An operand: its address, and where its elements lie, by line (row of a, column of b) and along k. */
export interface Operand extends Ways {
  /** The address of its first element. */
  readonly address: Amount;
}

/** What lies side by side in an operand that is packed: its lines, its elements along k, or neither. */
export type Packing = "lines" | "depth" | "any";
/** How a block reads an operand: in `place`, packed, or (rows of a) `copied` closer together. */
export type MannerOfA = "place" | "copied" | Packing;
export type MannerOfB = "place" | Packing;

/** Where in memory packed operands go, and the tables of axis.ts. */
export interface Scratch {
  readonly a: Amount;
  readonly b: Amount;
  readonly lineTable: Amount;
  readonly depthTable: Amount;
}

/** What reading operands needs. */
export interface Reading {
  readonly code: FunctionWriter;
  readonly module: KernelModule;
  readonly element: Element;
  readonly scratch: Scratch;
  readonly place: Place;
}

export function readA(reading: Reading, operand: Operand, manner: MannerOfA): void {
  const { code, module, element, scratch, place } = reading;
  const panel = panelOfA(element, tileRows(module));
  if (manner === "place") {
    pushFirst(reading, operand, place.row).set(place.a);
    pushStride(code, element, operand.lines).set(place.aRow);
    pushStride(code, element, operand.depth).set(place.aStep);
  } else {
    push(code, scratch.a).set(place.a);
  }
  if (manner === "copied") {
    times(code.get(place.depth), element.bytes).set(place.aRow);
    code.i32(element.bytes).set(place.aStep);
    pushFirst(reading, operand, place.row);
    pushStride(code, element, operand.lines).get(place.a).get(place.aRow).get(place.rows).get(place.aRow);
    code.call(copyRows(module));
  }
  if (manner === "place" || manner === "copied") {
    times(code.get(place.aRow), panel.lines).set(place.aTile);
    return;
  }
  code.i32(element.bytes).set(place.aRow);
  code.i32(rowBytes(panel)).set(place.aStep);
  times(code.get(place.depth), rowBytes(panel)).set(place.aTile);
  pack(reading, operand, manner, panel, { first: place.row, count: place.rows, to: place.a });
}

/** `kept`: the number of packed elements for each k, where those of all k are kept for further rows; or 0. */
export function readB(reading: Reading, operand: Operand, manner: MannerOfB, kept: Amount): void {
  const { code, element, scratch, place } = reading;
  const panel = panelOfB(element);
  if (manner === "place") {
    pushFirst(reading, operand, place.column).set(place.b);
    pushStride(code, element, operand.depth).set(place.bStep);
    code.i32(16 * TILE_VECTORS).set(place.bPanel);
    code.i32(1).set(place.overlap);
    return;
  }
  setSum(code, place.b, scratch.b, () => times(times(code.get(place.start), kept), element.bytes));
  code.i32(rowBytes(panel)).set(place.bStep);
  times(code.get(place.depth), rowBytes(panel)).set(place.bPanel);
  code.i32(0).set(place.overlap);
  // For further rows, the operand is packed already.
  code.get(place.row).emit(I.i32_eqz);
  code.if(() =>
    pack(reading, operand, manner, panel, { first: place.column, count: place.columns, to: place.b }),
  );
}

/** Pushes the address of the block's first element, given its line. */
function pushFirst({ code, element, place }: Reading, operand: Operand, line: Local): FunctionWriter {
  push(code, operand.address);
  pushOffset(code, element, operand.lines, line).emit(I.i32_add);
  return pushOffset(code, element, operand.depth, place.start).emit(I.i32_add);
}

function pack(
  reading: Reading,
  operand: Operand,
  packing: Packing,
  panel: Panel,
  lines: Readonly<Record<"first" | "count" | "to", Local>>,
): void {
  const { code, module, element, scratch, place } = reading;
  let copy: FunctionIndex;
  if (packing === "any") {
    copy = packAny(module, element, panel);
    fillTable(code, element, operand.lines, scratch.lineTable, lines.first, lines.count);
    fillTable(code, element, operand.depth, scratch.depthTable, place.start, place.depth);
    push(code, operand.address);
    push(push(code, scratch.lineTable), scratch.depthTable);
  } else {
    copy = (packing === "lines" ? packLines : packDepth)(module, element, panel);
    pushFirst(reading, operand, lines.first);
    pushStride(code, element, packing === "lines" ? operand.depth : operand.lines);
  }
  code.get(lines.to).get(lines.count).get(place.depth).call(copy);
}
