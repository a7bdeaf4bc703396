// A product whose sizes, strides and addresses are parameters of the function. The loops are the same as where these
// are known, but the choices are made at run time.

import type { FunctionIndex, FunctionWriter, Local } from "../assembler.ts";
import { I } from "../instructions.ts";
import type { KernelModule } from "../kernel-module.ts";
import { evenly } from "./axis.ts";
import { Choices } from "./choices.ts";
import { type Element, elementOf } from "./element.ts";
import { EVEN, gate } from "./gate.ts";
import { placeIn, type VectorPlace, writeLoops, writeVectorLoop } from "./loops.ts";
import { type Operand, type Reading, readA, readB } from "./operands.ts";
import { columnsFor, packedA, TUNING, type Tuning, up, WIDER } from "./plan.ts";
import { type Amount, integers, locals, parameters, push, setSum, times } from "./writing.ts";

const PRODUCT = [
  // Addresses; c is row-major without gaps.
  "a",
  "b",
  "c",
  "m",
  "n",
  "k",
  // In elements.
  "aRowStride",
  "aColumnStride",
  "bRowStride",
  "bColumnStride",
  "scratch",
] as const;

/** Where the parts of the scratch memory begin; packed b comes last, because its size depends on the product. */
function layoutOf(bytes: number, tuning: Tuning) {
  const lineTable = up(packedA(tuning) * bytes, 64);
  const depthTable = lineTable + up(4 * Math.max(tuning.rows, WIDER * tuning.columns), 64);
  return { a: 0, lineTable, depthTable, b: depthTable + up(4 * tuning.depth, 64) };
}

/** Bytes of scratch memory for a product of this size. */
export function productFunctionScratch(
  dtype: "float32" | "float64",
  m: number,
  n: number,
  k: number,
  tuning: Tuning = TUNING,
): number {
  const bytes = dtype === "float32" ? 4 : 8;
  const columns = up(Math.min(n, columnsFor(m, k, tuning)), 16);
  return layoutOf(bytes, tuning).b + bytes * (m > tuning.rows ? k : Math.min(k, tuning.depth)) * columns;
}

/**
 * (a, b, c, m, n, k, aRowStride, aColumnStride, bRowStride, bColumnStride, scratch) → (): c = a·b. Addresses in bytes,
 * strides in elements; sizes are at least 1.
 */
export function writeProductFunction(
  module: KernelModule,
  dtype: "float32" | "float64",
  gated: boolean,
  exportAs?: string,
  tuning: Tuning = TUNING,
): FunctionIndex {
  return module.writer.function(
    integers(PRODUCT.length),
    [],
    (code) => new AnyProduct(code, module, elementOf(module, dtype), gated, tuning).write(),
    exportAs,
  );
}

/** The parameters of an operand: its address, and its strides from line to line and along k. */
interface Strided {
  readonly address: Local;
  readonly lines: Local;
  readonly depth: Local;
}

const operandOf = ({ address, lines, depth }: Strided): Operand => ({
  address: { local: address },
  lines: evenly(lines),
  depth: evenly(depth),
});

class AnyProduct {
  readonly #code: FunctionWriter;
  readonly #module: KernelModule;
  readonly #element: Element;
  readonly #gated: boolean;
  readonly #tuning: Tuning;
  readonly #at: Readonly<Record<(typeof PRODUCT)[number], Local>>;
  readonly #a: Strided;
  readonly #b: Strided;

  constructor(code: FunctionWriter, module: KernelModule, element: Element, gated: boolean, tuning: Tuning) {
    this.#code = code;
    this.#module = module;
    this.#element = element;
    this.#gated = gated;
    this.#tuning = tuning;
    const at = parameters(PRODUCT);
    this.#at = at;
    this.#a = { address: at.a, lines: at.aRowStride, depth: at.aColumnStride };
    this.#b = { address: at.b, lines: at.bColumnStride, depth: at.bRowStride };
  }

  write(): void {
    const { m, n, k } = this.#at;
    // An axis of one index counts as one whose elements lie side by side.
    for (const [size, stride] of [
      [m, this.#a.lines],
      [n, this.#b.lines],
      [k, this.#a.depth],
      [k, this.#b.depth],
    ] as const) {
      this.#code.get(size).i32(1).emit(I.i32_eq);
      this.#code.if(() => this.#code.i32(1).set(stride));
    }
    for (const beside of ["lines", "depth"] as const) {
      this.#writeIfVector(beside, "a");
      this.#writeIfVector(beside, "b");
    }
    this.#writeBlocks();
  }

  /** Writes the whole product for the case that one operand is a vector and the matrix has this layout. */
  #writeIfVector(beside: "lines" | "depth", matrix: "a" | "b"): void {
    const code = this.#code;
    const { bytes, lanes } = this.#element;
    const { m, n, k, c } = this.#at;
    const isA = matrix === "a";
    const [of, by] = isA ? [this.#a, this.#b] : [this.#b, this.#a];
    const [lines, single] = isA ? [m, n] : [n, m];
    const [adjacent, apart] = beside === "lines" ? [of.lines, of.depth] : [of.depth, of.lines];
    const prepare = (place: VectorPlace) => {
      const pushStart = () => times(code.get(place.start), bytes);
      setSum(code, place.matrix, { local: of.address }, () => times(pushStart(), { local: of.lines }));
      times(code.get(apart), bytes).set(place.stride);
      code.get(by.address).set(place.x);
      times(code.get(by.depth), bytes).set(place.xStride);
      setSum(code, place.y, { local: c }, pushStart);
    };
    const finish = ({ start, lines: count, y }: VectorPlace) => {
      if (!this.#gated) return;
      const all = { first: { local: start }, count: { local: count } };
      const one = { first: 0, count: 1 };
      if (isA) this.#gate(y, all, one);
      else this.#gate(y, one, all);
    };
    code.get(single).i32(1).emit(I.i32_eq).get(lines).i32(lanes).emit(I.i32_ge_s, I.i32_and);
    code.get(adjacent).i32(1).emit(I.i32_eq, I.i32_and);
    code.if(() => {
      writeVectorLoop(code, this.#module, this.#element, {
        beside,
        isSmall: false,
        lines: { local: lines },
        depth: { local: k },
        most: this.#tuning.lines,
        prepare,
        finish,
      });
      code.emit(I.return);
    });
  }

  #writeBlocks(): void {
    const code = this.#code;
    const { bytes } = this.#element;
    const at = this.#at;
    const place = placeIn(code);
    const layout = layoutOf(bytes, this.#tuning);
    const parts = locals(code, ["a", "b", "lineTable", "depthTable"]);
    const part = (name: keyof typeof layout) => {
      code.get(at.scratch).i32(layout[name]).emit(I.i32_add).set(parts[name]);
      return { local: parts[name] };
    };
    const reading: Reading = {
      code,
      module: this.#module,
      element: this.#element,
      scratch: {
        a: part("a"),
        b: part("b"),
        lineTable: part("lineTable"),
        depthTable: part("depthTable"),
      },
      place,
    };
    const choices = new Choices(code, this.#element, this.#tuning, at);
    const { rows, depth } = this.#tuning;
    const kept = { local: choices.kept };
    writeLoops(code, this.#module, this.#element, place, {
      m: { local: at.m },
      n: { local: at.n },
      k: { local: at.k },
      most: { rows, columns: { local: choices.columns }, depth },
      a: () => choices.a((manner) => readA(reading, operandOf(this.#a), manner)),
      b: () => choices.b((manner) => readB(reading, operandOf(this.#b), manner, kept)),
      c: () => {
        times(code.get(at.n), bytes).set(place.cRow);
        setSum(code, place.c, { local: at.c }, () => {
          code.get(place.row).get(place.cRow).emit(I.i32_mul);
          times(code.get(place.column), bytes).emit(I.i32_add);
        });
      },
      finish: (found) => {
        if (!this.#gated) return;
        const span = (first: Local, count: Local) => ({ first: { local: first }, count: { local: count } });
        code.get(found).if(() => {
          this.#gate(place.c, span(place.row, place.rows), span(place.column, place.columns));
        });
      },
    });
  }

  /** Computes the NaN elements of a block again. */
  #gate(
    c: Local,
    rows: Readonly<Record<"first" | "count", Amount>>,
    columns: Readonly<Record<"first" | "count", Amount>>,
  ): void {
    const code = this.#code;
    const at = this.#at;
    const again = gate(this.#module, this.#element, EVEN.a, EVEN.b);
    code.get(at.a).get(at.b).get(at.k).get(c);
    times(code.get(at.n), this.#element.bytes);
    for (const amount of [rows.count, columns.count, rows.first, columns.first]) push(code, amount);
    code.get(at.aRowStride).get(at.aColumnStride).get(at.bRowStride).get(at.bColumnStride).call(again);
  }
}
