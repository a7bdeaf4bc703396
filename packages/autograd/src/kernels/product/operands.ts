// Where a block finds its operands: in place, or packed into scratch memory just before. Each function sets the
// locals that `block` is called with.

import type { FunctionWriter } from "../assembler.ts";
import { I } from "../instructions.ts";
import type { KernelModule } from "../kernel-module.ts";
import { type Amount, type Element, push, times } from "./element.ts";
import type { Place } from "./loops.ts";
import { copyRows, type Panel, packAdjacentDepth, packAdjacentLines, rowBytes } from "./pack.ts";
import { type Axis, fillTable, offset, packAny } from "./pack-any.ts";
import { TILE_VECTORS } from "./strip.ts";

/** A matrix as its lines (rows of a, columns of b) and along k. */
export interface Operand {
  /** The address of its first element. */
  readonly address: Amount;
  readonly lines: Axis;
  readonly depth: Axis;
}

/**
 * How a block reads an operand: in `place`; its rows `copied` closer together; or packed in panels, by the copy for
 * lines that lie side by side, for elements along k that do, or for any other.
 */
export type Manner = "place" | "copied" | "lines" | "depth" | "any";

export interface Scratch {
  /** Packed a, packed b, and the tables of pack-any.ts. */
  readonly a: Amount;
  readonly b: Amount;
  readonly lineTable: Amount;
  readonly depthTable: Amount;
}

export class Operands {
  readonly #code: FunctionWriter;
  readonly #module: KernelModule;
  readonly #element: Element;
  readonly #scratch: Scratch;

  constructor(code: FunctionWriter, module: KernelModule, element: Element, scratch: Scratch) {
    this.#code = code;
    this.#module = module;
    this.#element = element;
    this.#scratch = scratch;
  }

  /** Pushes a stride in bytes. */
  #stride(axis: Axis): FunctionWriter {
    return times(push(this.#code, axis.at(-1)!.stride), this.#element.bytes);
  }

  /** Pushes the address of element (row, start) of a, or (start, column) of b. */
  #first({ address, lines, depth }: Operand, line: number, start: number): FunctionWriter {
    push(this.#code, address);
    offset(this.#code, this.#element, lines, line).emit(I.i32_add);
    return offset(this.#code, this.#element, depth, start).emit(I.i32_add);
  }

  /** Packs lines into panels at `to`. */
  #pack(
    operand: Operand,
    manner: "lines" | "depth" | "any",
    panel: Panel,
    to: () => void,
    line: number,
    lines: number,
    place: Place,
  ): void {
    const code = this.#code;
    const { lineTable, depthTable } = this.#scratch;
    if (manner === "any") {
      fillTable(code, this.#element, operand.lines, lineTable, { local: line }, { local: lines });
      fillTable(
        code,
        this.#element,
        operand.depth,
        depthTable,
        { local: place.start },
        { local: place.depth },
      );
      push(code, operand.address);
      push(push(code, lineTable), depthTable);
    } else {
      this.#first(operand, line, place.start);
      this.#stride(manner === "lines" ? operand.depth : operand.lines);
    }
    to();
    code.get(lines).get(place.depth);
    if (manner === "lines") code.call(packAdjacentLines(this.#module, this.#element, panel));
    else if (manner === "depth") code.call(packAdjacentDepth(this.#module, this.#element, panel));
    else code.call(packAny(this.#module, this.#element, panel));
  }

  a(operand: Operand, manner: Manner, panel: Panel, place: Place): void {
    const code = this.#code;
    const { bytes } = this.#element;
    if (manner === "place" || manner === "copied") {
      if (manner === "place") {
        this.#first(operand, place.row, place.start).set(place.a);
        this.#stride(operand.lines).set(place.aRow);
        this.#stride(operand.depth).set(place.aStep);
      } else {
        push(code, this.#scratch.a).set(place.a);
        times(code.get(place.depth), bytes).set(place.aRow);
        code.i32(bytes).set(place.aStep);
        this.#first(operand, place.row, place.start);
        this.#stride(operand.lines);
        code.get(place.a).get(place.aRow).get(place.rows).get(place.aRow).call(copyRows(this.#module));
      }
      times(code.get(place.aRow), panel.lines).set(place.aTile);
      return;
    }
    push(code, this.#scratch.a).set(place.a);
    code.i32(bytes).set(place.aRow);
    code.i32(rowBytes(panel)).set(place.aStep);
    times(code.get(place.depth), rowBytes(panel)).set(place.aTile);
    this.#pack(operand, manner, panel, () => code.get(place.a), place.row, place.rows, place);
  }

  /** `slot`: the elements of packed columns, where those of all k are kept; else 0. */
  b(operand: Operand, manner: Exclude<Manner, "copied">, slot: Amount, place: Place): void {
    const code = this.#code;
    const { bytes, lanes } = this.#element;
    const panel = panelOfB(this.#element);
    if (manner === "place") {
      this.#first(operand, place.column, place.start).set(place.b);
      this.#stride(operand.depth).set(place.bStep);
      code.i32(TILE_VECTORS * lanes * bytes).set(place.bPanel);
      code.i32(1).set(place.overlap);
      return;
    }
    code.get(place.start);
    times(code, slot);
    times(code, bytes);
    push(code, this.#scratch.b).emit(I.i32_add).set(place.b);
    code.i32(rowBytes(panel)).set(place.bStep);
    times(code.get(place.depth), rowBytes(panel)).set(place.bPanel);
    code.i32(0).set(place.overlap);
    // Blocks of further rows find it packed.
    code.get(place.row).emit(I.i32_eqz);
    code.if(() =>
      this.#pack(operand, manner, panel, () => code.get(place.b), place.column, place.columns, place),
    );
  }
}

export function panelOfB(element: Element): Panel {
  return { vectors: TILE_VECTORS, lines: TILE_VECTORS * element.lanes };
}
