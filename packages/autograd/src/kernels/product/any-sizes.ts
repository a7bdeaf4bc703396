// A product whose sizes, strides and addresses are parameters of the function: the same loops as for one that is known,
// with the choices of plan.ts made when it runs.

import { type FunctionIndex, type FunctionWriter, type Local, Type } from "../assembler.ts";
import { I } from "../instructions.ts";
import type { KernelModule } from "../kernel-module.ts";
import { type Element, elementOf } from "./element.ts";
import { gate, gateParameters } from "./gate.ts";
import { placeIn, type Sizes, type VectorPlace, writeLoops, writeVectorLoop } from "./loops.ts";
import { type MannerOfA, type MannerOfB, type Operand, type Reading, readA, readB } from "./operands.ts";
import { packedA, TUNING, type Tuning, up } from "./plan.ts";
import { integers, locals, parameters, push, setSum, times } from "./writing.ts";

const PRODUCT = [
  // Addresses; c is row-major, rows side by side.
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
type Parameters = Readonly<Record<(typeof PRODUCT)[number], Local>>;

/** Bytes of scratch memory before packed b, whose size depends on the product. */
function layoutOf(element: Pick<Element, "bytes">, tuning: Tuning) {
  const lineTable = up(packedA(tuning) * element.bytes, 64);
  const depthTable = lineTable + up(4 * Math.max(tuning.rows, tuning.columns), 64);
  return { a: 0, lineTable, depthTable, b: depthTable + up(4 * tuning.depth, 64) };
}

/** Bytes of scratch memory for a product of that size. */
export function productFunctionScratch(
  dtype: "float32" | "float64",
  m: number,
  n: number,
  k: number,
  tuning: Tuning = TUNING,
): number {
  const bytes = dtype === "float32" ? 4 : 8;
  const columns = up(Math.min(n, tuning.columns), 16);
  const kept =
    m > tuning.rows ? Math.min(k * columns, Math.max(tuning.kept, 16 * k)) : tuning.depth * columns;
  return layoutOf({ bytes }, tuning).b + kept * bytes;
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
  const element = elementOf(module, dtype);
  return module.writer.function(
    integers(PRODUCT.length),
    [],
    (code) => {
      const at = parameters(PRODUCT);
      const single = (stride: Local) => [{ size: 0, stride: { local: stride } }];
      const product: AnyProduct = {
        code,
        module,
        element,
        at,
        tuning,
        sizes: { m: { local: at.m }, n: { local: at.n }, k: { local: at.k } },
        a: { address: { local: at.a }, lines: single(at.aRowStride), depth: single(at.aColumnStride) },
        b: { address: { local: at.b }, lines: single(at.bColumnStride), depth: single(at.bRowStride) },
        gated,
      };
      // A single index lies beside whatever there is.
      for (const [size, ...strides] of [
        [at.m, at.aRowStride],
        [at.n, at.bColumnStride],
        [at.k, at.aColumnStride, at.bRowStride],
      ] as const) {
        code.get(size).i32(1).emit(I.i32_eq);
        code.if(() => {
          for (const stride of strides) code.i32(1).set(stride);
        });
      }
      for (const matrix of ["b", "a"] as const) {
        for (const beside of ["lines", "depth"] as const) writeIfVector(product, matrix, beside);
      }
      writeAll(product);
    },
    exportAs,
  );
}

interface AnyProduct {
  readonly code: FunctionWriter;
  readonly module: KernelModule;
  readonly element: Element;
  readonly at: Parameters;
  readonly tuning: Tuning;
  readonly sizes: Sizes & Readonly<Record<"m" | "n" | "k", { readonly local: Local }>>;
  readonly a: Operand;
  readonly b: Operand;
  readonly gated: boolean;
}

/** Where one operand is a vector and the other lies so, that is all there is to do. */
function writeIfVector(product: AnyProduct, matrix: "a" | "b", beside: "lines" | "depth"): void {
  const { code, module, element, at } = product;
  const isA = matrix === "a";
  const [one, lines] = isA ? [at.n, at.m] : [at.m, at.n];
  const [lineStride, depthStride] = isA
    ? [at.aRowStride, at.aColumnStride]
    : [at.bColumnStride, at.bRowStride];
  const [unit, stride] = beside === "lines" ? [lineStride, depthStride] : [depthStride, lineStride];
  code.get(one).i32(1).emit(I.i32_eq).get(lines).i32(element.lanes).emit(I.i32_ge_s, I.i32_and);
  code.get(unit).i32(1).emit(I.i32_eq, I.i32_and);
  code.if(() => {
    const set = (place: VectorPlace) => {
      const along = (to: Local, address: Local, by: Local) =>
        setSum(code, to, { local: address }, () =>
          times(code.get(place.start).get(by).emit(I.i32_mul), element.bytes),
        );
      along(place.matrix, isA ? at.a : at.b, lineStride);
      times(code.get(stride), element.bytes).set(place.stride);
      code.get(isA ? at.b : at.a).set(place.x);
      times(code.get(isA ? at.bRowStride : at.aColumnStride), element.bytes).set(place.xStride);
      setSum(code, place.y, { local: at.c }, () => times(code.get(place.start), element.bytes));
    };
    const finish = (place: VectorPlace) => {
      const none = code.local(Type.i32);
      code.i32(1).set(none);
      if (product.gated && isA)
        callGate(product, { c: place.y, rows: place.lines, columns: none, row: place.start, column: null });
      if (product.gated && !isA)
        callGate(product, { c: place.y, rows: none, columns: place.lines, row: null, column: place.start });
    };
    writeVectorLoop(code, module, element, {
      beside,
      lines: { local: lines },
      depth: { local: at.k },
      most: product.tuning.lines,
      prepare: set,
      finish,
    });
    code.emit(I.return);
  });
}

function callGate(
  product: AnyProduct,
  block: Readonly<Record<"c" | "rows" | "columns", Local>> & Readonly<Record<"row" | "column", Local | null>>,
): void {
  const { code, module, element, at } = product;
  const way = (line: number, depth: number) => ({
    lines: [{ size: 0, stride: { local: line } }],
    depth: [{ size: 0, stride: { local: depth } }],
  });
  const names = gateParameters;
  const index = gate(
    module,
    element,
    way(names.aRowStride, names.aColumnStride),
    way(names.bColumnStride, names.bRowStride),
  );
  code.get(at.a).get(at.b).get(at.k).get(block.c);
  times(code.get(at.n), element.bytes).get(block.rows).get(block.columns);
  for (const first of [block.row, block.column]) push(code, first === null ? 0 : { local: first });
  code.get(at.aRowStride).get(at.aColumnStride).get(at.bRowStride).get(at.bColumnStride).call(index);
}

function writeAll(product: AnyProduct): void {
  const { code, module, element, at, tuning } = product;
  const layout = layoutOf(element, tuning);
  const place = placeIn(code);
  const own = locals(code, ["columns", "kept", "aBytes", "bBytes", "a", "b", "lineTable", "depthTable"]);
  const part = (name: keyof typeof layout) => {
    code.get(at.scratch).i32(layout[name]).emit(I.i32_add).set(own[name]);
    return { local: own[name] };
  };
  const scratch = {
    a: part("a"),
    b: part("b"),
    lineTable: part("lineTable"),
    depthTable: part("depthTable"),
  };
  const reading: Reading = { code, module, element, scratch, place };
  const least = (limit: number) => {
    code.get(own.columns).i32(limit).get(own.columns).i32(limit).emit(I.i32_lt_s, I.select).set(own.columns);
  };

  times(code.get(at.m).get(at.k).emit(I.i32_mul), element.bytes).set(own.aBytes);
  times(code.get(at.k).get(at.n).emit(I.i32_mul), element.bytes).set(own.bBytes);
  code.i32(tuning.columns).set(own.columns);
  code.get(at.m).i32(tuning.rows).emit(I.i32_gt_s);
  code.if(() => {
    code.i32(tuning.kept).get(at.k).emit(I.i32_div_u).i32(-16).emit(I.i32_and).set(own.columns);
    code
      .get(own.columns)
      .emit(I.i32_eqz)
      .if(() => code.i32(16).set(own.columns));
    least(tuning.columns);
    code.get(own.columns).get(at.n).get(own.columns).get(at.n).emit(I.i32_lt_s, I.select);
    code.i32(7).emit(I.i32_add).i32(-8).emit(I.i32_and).set(own.kept);
  });
  const readOneOf = (
    choices: readonly (readonly [condition: () => void, read: () => void])[],
    last: () => void,
  ) => {
    const [first, ...rest] = choices;
    if (first === undefined) return last();
    first[0]();
    code.if(first[1], () => readOneOf(rest, last));
  };
  const isOne = (stride: Local) => code.get(stride).i32(1).emit(I.i32_eq);
  const isAtLeast = (value: Local, least: number) => code.get(value).i32(least).emit(I.i32_ge_s);
  const isAtMost = (value: Local, most: number) => code.get(value).i32(most).emit(I.i32_le_u);
  writeLoops(code, module, element, place, {
    ...product.sizes,
    most: { rows: tuning.rows, columns: { local: own.columns }, depth: tuning.depth },
    a() {
      const read = (manner: MannerOfA) => () => readA(reading, product.a, manner);
      readOneOf(
        [
          [
            () => {
              isOne(at.aColumnStride);
              isAtMost(own.aBytes, tuning.large);
              isAtLeast(at.n, tuning.columnsForCopying).emit(I.i32_eqz, I.i32_or, I.i32_and);
            },
            read("place"),
          ],
          [() => isOne(at.aColumnStride), read("copied")],
          [
            () => {
              isAtMost(own.aBytes, tuning.small);
              isAtLeast(at.n, tuning.columnsForPacking).emit(I.i32_eqz, I.i32_or);
            },
            read("place"),
          ],
          [() => isOne(at.aRowStride), read("lines")],
        ],
        read("any"),
      );
    },
    b() {
      const read = (manner: MannerOfB) => () => readB(reading, product.b, manner, { local: own.kept });
      readOneOf(
        [
          [
            () => {
              isOne(at.bColumnStride);
              isAtLeast(at.n, element.lanes).emit(I.i32_and);
              isAtMost(own.bBytes, tuning.small).emit(I.i32_and);
            },
            read("place"),
          ],
          [() => isOne(at.bColumnStride), read("lines")],
          [() => isOne(at.bRowStride), read("depth")],
        ],
        read("any"),
      );
    },
    c() {
      times(code.get(at.n), element.bytes).set(place.cRow);
      setSum(code, place.c, { local: at.c }, () => {
        code.get(place.row).get(place.cRow).emit(I.i32_mul);
        times(code.get(place.column), element.bytes).emit(I.i32_add);
      });
    },
    finish(found) {
      if (!product.gated) return;
      code.get(found).if(() => callGate(product, place));
    },
  });
}
