// Writes matrix products as WebAssembly functions. In this file, sizes and addresses are known when the function is
// written; in product/any-sizes.ts they are its parameters. Nothing here depends on what products are used for.

import { type FunctionIndex, type FunctionWriter, type Local, Type, type ValueType } from "./assembler.ts";
import { I } from "./instructions.ts";
import type { MatrixAccess, ProductKernel } from "./kernel.ts";
import type { KernelModule } from "./kernel-module.ts";
import { pushOffset, pushStride } from "./product/axis.ts";
import { type Element, elementOf } from "./product/element.ts";
import { EVEN, gate } from "./product/gate.ts";
import { placeIn, writeLoops, writeVectorLoop } from "./product/loops.ts";
import { type Operand, readA, readB } from "./product/operands.ts";
import { joined, type Plan, planOf, TUNING, type Tuning } from "./product/plan.ts";
import { writeTerms } from "./product/terms.ts";
import { type Amount, localList, locals, push, setSum, times } from "./product/writing.ts";

export { productFunctionScratch, writeProductFunction } from "./product/any-sizes.ts";

/** Bytes of scratch memory that a product needs. */
export function productScratch(kernel: Omit<ProductKernel, "scratch">, tuning: Tuning = TUNING): number {
  return planOf(kernel, tuning).scratch.end;
}

/**
 * Writes a function (i32 …) → (): the product for each index of the batch axes. `epilogue` (its parameters:
 * EPILOGUE_PARAMETERS) is called once for each block of c, when the block is complete.
 */
export function writeProduct(
  module: KernelModule,
  kernel: ProductKernel,
  epilogue: FunctionIndex | null,
  exportAs?: string,
  tuning: Tuning = TUNING,
): FunctionIndex {
  return module.writer.function(
    new Array<ValueType>(kernel.parameters ?? 0).fill(Type.i32),
    [],
    (code) => {
      const indices = localList(code, kernel.batch.length, Type.i32);
      const writing = new Product(code, module, kernel, planOf(kernel, tuning), indices, epilogue);
      const nest = (axis: number): void => {
        if (axis === indices.length) writing.write();
        else code.for(indices[axis]!, 0, kernel.batch[axis]!, 1, () => nest(axis + 1));
      };
      nest(0);
    },
    exportAs,
  );
}

/** A product for one index of the batch axes, while it is written. */
class Product {
  readonly #code: FunctionWriter;
  readonly #module: KernelModule;
  readonly #element: Element;
  readonly #kernel: ProductKernel;
  readonly #plan: Plan;
  readonly #indices: readonly Local[];
  readonly #epilogue: FunctionIndex | null;
  /** The addresses of the first elements. If only a block of c is stored, that at which c's first would lie. */
  readonly #first: Readonly<Record<"a" | "b" | "c", Local>>;
  readonly #a: Operand;
  readonly #b: Operand;
  /** Elements from row to row of c. */
  readonly #cRow: number;

  constructor(
    code: FunctionWriter,
    module: KernelModule,
    kernel: ProductKernel,
    plan: Plan,
    indices: readonly Local[],
    epilogue: FunctionIndex | null,
  ) {
    this.#code = code;
    this.#module = module;
    this.#element = elementOf(module, kernel.dtype);
    this.#kernel = kernel;
    this.#plan = plan;
    this.#indices = indices;
    this.#epilogue = epilogue;
    this.#first = locals(code, ["a", "b", "c"]);
    const { a, b } = kernel;
    this.#a = { address: { local: this.#first.a }, lines: joined(a.rows), depth: joined(a.columns) };
    this.#b = { address: { local: this.#first.b }, lines: joined(b.columns), depth: joined(b.rows) };
    this.#cRow = kernel.c === null && plan.vector === null ? plan.most.columns : kernel.n;
  }

  write(): void {
    const { a, b, c } = this.#kernel;
    this.#locate(a, this.#first.a);
    this.#locate(b, this.#first.b);
    if (c !== null) this.#locate(c, this.#first.c);
    else push(this.#code, this.#scratch("c")).set(this.#first.c);
    if (this.#plan.isFew) this.#writeTerms();
    else if (this.#plan.vector === null) this.#writeBlocks();
    else this.#writeVector(this.#plan.vector);
  }

  /** Sets a local to the address of a matrix at the current indices of the batch axes. */
  #locate({ address, batch }: Pick<MatrixAccess, "address" | "batch">, to: Local): void {
    const code = this.#code;
    push(code, typeof address === "number" ? address : { local: address.parameter });
    this.#indices.forEach((index, axis) => {
      if (batch[axis] === 0) return;
      times(code.get(index), batch[axis]! * this.#element.bytes).emit(I.i32_add);
    });
    code.set(to);
  }

  /** The address of a part of the scratch memory. Its code must come before the loops that use it. */
  #scratch(part: keyof Plan["scratch"]): Amount {
    const { scratch } = this.#kernel;
    const offset = this.#plan.scratch[part];
    if (typeof scratch === "number") return scratch + offset;
    const local = this.#code.local(Type.i32);
    this.#code.get(scratch.parameter).i32(offset).emit(I.i32_add).set(local);
    return { local };
  }

  #writeBlocks(): void {
    const { m, n, k, gated, c } = this.#kernel;
    const code = this.#code;
    const place = placeIn(code);
    const scratch = {
      a: this.#scratch("a"),
      b: this.#scratch("b"),
      lineTable: this.#scratch("lineTable"),
      depthTable: this.#scratch("depthTable"),
    };
    const blockOfC = c === null ? this.#scratch("c") : null;
    const reading = { code, module: this.#module, element: this.#element, scratch, place };
    const { bytes } = this.#element;
    const pushPlace = () => {
      times(code.get(place.row), this.#cRow).get(place.column).emit(I.i32_add);
      return times(code, bytes);
    };
    writeLoops(code, this.#module, this.#element, place, {
      m,
      n,
      k,
      most: this.#plan.most,
      a: () => readA(reading, this.#a, this.#plan.a),
      b: () => readB(reading, this.#b, this.#plan.b, this.#plan.kept),
      c: () => {
        code.i32(this.#cRow * bytes).set(place.cRow);
        if (c !== null) {
          setSum(code, place.c, { local: this.#first.c }, pushPlace);
          return;
        }
        push(code, blockOfC!).tee(place.c);
        pushPlace().emit(I.i32_sub).set(this.#first.c);
      },
      finish: (found) => {
        if (gated) code.get(found).if(() => this.#gate(place));
        this.#finish(place);
      },
    });
  }

  #writeTerms(): void {
    const { m, n } = this.#kernel;
    const code = this.#code;
    writeTerms(code, this.#element, this.#kernel, this.#first);
    const { zero, rows, columns } = locals(code, ["zero", "rows", "columns"]);
    code.i32(m).set(rows).i32(n).set(columns);
    this.#finish({ row: zero, rows, column: zero, columns });
  }

  #writeVector({ matrix, beside, isSmall }: NonNullable<Plan["vector"]>): void {
    const { m, n, k, gated } = this.#kernel;
    const code = this.#code;
    const element = this.#element;
    const isA = matrix === "a";
    const [of, by] = isA ? [this.#a, this.#b] : [this.#b, this.#a];
    const [first, firstX] = isA ? [this.#first.a, this.#first.b] : [this.#first.b, this.#first.a];
    const { one, zero } = locals(code, ["one", "zero"]);
    code.i32(1).set(one).i32(0).set(zero);
    writeVectorLoop(code, this.#module, element, {
      beside,
      isSmall,
      lines: isA ? m : n,
      depth: k,
      most: this.#plan.most.lines,
      prepare: (at) => {
        setSum(code, at.matrix, { local: first }, () => pushOffset(code, element, of.lines, at.start));
        pushStride(code, element, beside === "lines" ? of.depth : of.lines).set(at.stride);
        code.get(firstX).set(at.x);
        pushStride(code, element, by.depth).set(at.xStride);
        setSum(code, at.y, { local: this.#first.c }, () => times(code.get(at.start), element.bytes));
      },
      finish: (at) => {
        const part = isA
          ? { row: at.start, rows: at.lines, column: zero, columns: one }
          : { row: zero, rows: one, column: at.start, columns: at.lines };
        if (gated) this.#gate({ ...part, c: at.y, cRow: one });
        this.#finish(part);
      },
    });
  }

  /** Computes the NaN elements of a block again. */
  #gate(block: Readonly<Record<"c" | "cRow" | "rows" | "columns" | "row" | "column", Local>>): void {
    const code = this.#code;
    const axes = [this.#a.lines, this.#a.depth, this.#b.depth, this.#b.lines];
    // One function serves all products whose strides can be its parameters.
    const isEven = axes.every(({ length }) => length === 1);
    const [a, b] = isEven ? [EVEN.a, EVEN.b] : [this.#a, this.#b];
    const { lines, depth } = a;
    const again = gate(this.#module, this.#element, { lines, depth }, { lines: b.lines, depth: b.depth });
    code.get(this.#first.a).get(this.#first.b).i32(this.#kernel.k).get(block.c);
    code
      .i32(this.#cRow * this.#element.bytes)
      .get(block.rows)
      .get(block.columns);
    code.get(block.row).get(block.column);
    for (const axis of axes) push(code, isEven ? axis[0]!.stride : 0);
    code.call(again);
  }

  #finish(block: Readonly<Record<"rows" | "columns" | "row" | "column", Local>>): void {
    if (this.#epilogue === null) return;
    const code = this.#code;
    code.get(block.row).get(block.row).get(block.rows).emit(I.i32_add);
    code.get(block.column).get(block.column).get(block.columns).emit(I.i32_add);
    code.get(this.#first.c).i32(this.#cRow);
    for (const index of this.#indices) code.get(index).get(index).i32(1).emit(I.i32_add);
    const { parameters = 0, passed = 0 } = this.#kernel;
    for (let i = parameters - passed; i < parameters; i++) code.get(i);
    code.call(this.#epilogue);
  }
}
