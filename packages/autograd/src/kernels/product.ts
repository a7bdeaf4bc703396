// Matrix products as WebAssembly functions: of one product whose sizes and addresses are known, or of any. What the
// operands mean, and which of several products is the right one, their callers know.

import { type FunctionIndex, type FunctionWriter, type Local, Type } from "./assembler.ts";
import { I } from "./instructions.ts";
import type { ProductKernel } from "./kernel.ts";
import type { KernelModule } from "./kernel-module.ts";
import { advance, elementOf, push, times } from "./product/element.ts";
import { gate, gateParameters } from "./product/gate.ts";
import { placeIn, writeLoops } from "./product/loops.ts";
import { Operands } from "./product/operands.ts";
import { panelFor } from "./product/pack.ts";
import { BLOCKING, type Blocking, operandOf, planOf } from "./product/plan.ts";
import { tileRows } from "./product/strip.ts";

/** Bytes of scratch memory that a product needs. */
export function productScratch(
  kernel: Omit<ProductKernel, "scratch">,
  blocking: Blocking = BLOCKING,
): number {
  return planOf(kernel, blocking).scratch.end;
}

/**
 * () → (): the product for every index of the batch axes. `epilogue` (its parameters: EPILOGUE_PARAMETERS) is called
 * once for every block of c when that is complete.
 */
export function writeProduct(
  module: KernelModule,
  kernel: ProductKernel,
  epilogue: FunctionIndex | null,
  exportAs?: string,
  blocking: Blocking = BLOCKING,
): FunctionIndex {
  const element = elementOf(module, kernel.dtype);
  const { bytes } = element;
  const plan = planOf(kernel, blocking);
  const { m, n, k } = kernel;
  const [a, b] = [operandOf(kernel.a), operandOf(kernel.b)];
  const walks = [
    { lines: a.rows, depth: a.columns },
    { lines: b.columns, depth: b.rows },
  ] as const;
  const again = kernel.gated ? gate(module, element, ...walks) : null;
  const scratchAt = (offset: number) => kernel.scratch + offset;
  const panel = panelFor(element, tileRows(module));
  const cRow = kernel.c === null ? plan.blocking.columns : n;

  const write = (code: FunctionWriter) => {
    const place = placeIn(code);
    const indices = kernel.batch.map(() => code.local(Type.i32));
    const [aBase, bBase, cBase] = [code.local(Type.i32), code.local(Type.i32), code.local(Type.i32)];
    const operands = new Operands(code, module, element, {
      a: scratchAt(plan.scratch.a),
      b: scratchAt(plan.scratch.b),
      lineTable: scratchAt(plan.scratch.lineTable),
      depthTable: scratchAt(plan.scratch.depthTable),
    });
    const start = (address: number, strides: readonly number[], to: Local) => {
      code.i32(address);
      indices.forEach((index, axis) => {
        if (strides[axis] === 0) return;
        times(times(code.get(index), strides[axis]!), bytes).emit(I.i32_add);
      });
      code.set(to);
    };
    const one = () => {
      start(kernel.a.address, kernel.a.batch, aBase);
      start(kernel.b.address, kernel.b.batch, bBase);
      if (kernel.c !== null) start(kernel.c.address, kernel.c.batch, cBase);
      writeLoops(code, module, element, place, {
        m,
        n,
        k,
        rows: plan.blocking.rows,
        columns: plan.blocking.columns,
        stretch: plan.blocking.depth,
        gated: kernel.gated,
        prepareA: () => operands.a({ address: { local: aBase }, ...walks[0] }, plan.a, panel, place),
        prepareB: () => operands.b({ address: { local: bBase }, ...walks[1] }, plan.b, plan.slot, place),
        prepareC() {
          // Where element (0, 0) lies, or would lie if there were more than a block.
          times(code.get(place.row), cRow).get(place.column).emit(I.i32_add);
          times(code, bytes);
          const offset = code.local(Type.i32);
          code.set(offset);
          if (kernel.c === null) {
            code.i32(scratchAt(plan.scratch.c)).set(place.c);
            code.get(place.c).get(offset).emit(I.i32_sub).set(cBase);
          } else {
            code.get(cBase).get(offset).emit(I.i32_add).set(place.c);
          }
          code.i32(cRow * bytes).set(place.cRow);
        },
        finish(_place, found) {
          // `block` has its own copies of its parameters, so that those of c are still the block's.
          if (again !== null) {
            code.get(found!).if(() => {
              code.get(aBase).get(bBase).i32(k).get(place.c).get(place.cRow);
              code.get(place.rows).get(place.columns).get(place.row).get(place.column);
              code.i32(0).i32(0).i32(0).i32(0).call(again);
            });
          }
          if (epilogue !== null) {
            code.get(place.row).get(place.row).get(place.rows).emit(I.i32_add);
            code.get(place.column).get(place.column).get(place.columns).emit(I.i32_add);
            code.get(cBase).i32(cRow);
            for (const index of indices) code.get(index).get(index).i32(1).emit(I.i32_add);
            code.call(epilogue);
          }
        },
      });
    };
    const nest = (axis: number) => {
      if (axis === indices.length) return one();
      code.for(indices[axis]!, 0, kernel.batch[axis]!, 1, () => nest(axis + 1));
    };
    nest(0);
  };
  return module.writer.function([], [], write, exportAs);
}
void [advance, push, gateParameters];
