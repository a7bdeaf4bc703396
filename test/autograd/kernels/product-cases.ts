// Products to attack kernels with: matrices that lie in memory in any way, what their product is by plain loops, and a
// run of the kernel between sentinels.

import type { FunctionIndex } from "../../../packages/autograd/src/kernels/assembler.ts";
import { Type } from "../../../packages/autograd/src/kernels/assembler.ts";
import { I, M } from "../../../packages/autograd/src/kernels/instructions.ts";
import type { Factor, ProductKernel } from "../../../packages/autograd/src/kernels/kernel.ts";
import { EPILOGUE_PARAMETERS } from "../../../packages/autograd/src/kernels/kernel.ts";
import { KernelModule } from "../../../packages/autograd/src/kernels/kernel-module.ts";
import { TUNING, type Tuning } from "../../../packages/autograd/src/kernels/product/plan.ts";
import { productScratch, writeProduct } from "../../../packages/autograd/src/kernels/product.ts";
import { bestBuild, type Memory, webAssembly } from "../../../packages/autograd/src/kernels/webassembly.ts";
import { Dice } from "../../support/tensors.ts";

export type Build = "simd" | "relaxed";
export type FloatType = ProductKernel["dtype"];
export const floatTypes: readonly FloatType[] = ["float32", "float64"];
/** The builds that this engine runs. */
export const builds: readonly Build[] = bestBuild() === "relaxed" ? ["simd", "relaxed"] : ["simd"];
export const bytesOf = (dtype: FloatType): number => (dtype === "float32" ? 4 : 8);

/** Numbers so small that little products do all that large ones do. */
export const tiny: Tuning = {
  rows: 12,
  columns: 32,
  depth: 4,
  few: 0,
  lines: 8,
  kept: 128,
  small: 256,
  smallest: 64,
  rowsForPacking: 6,
  large: 1024,
  columnsForPacking: 4,
  columnsForCopying: 8,
};

/** How a matrix lies, in elements after its lowest. */
export interface Layout {
  readonly batch: readonly number[];
  readonly rows: readonly Factor[];
  readonly columns: readonly Factor[];
  /** Where element (0, 0) is, and how many elements there are room for. */
  readonly first: number;
  readonly length: number;
}

/** Rows side by side. */
export const rowMajor = (rows: number, columns: number): Layout => ({
  batch: [],
  rows: [{ size: rows, stride: columns }],
  columns: [{ size: columns, stride: 1 }],
  first: 0,
  length: rows * columns,
});

/** The same matrix, columns side by side. */
export const columnMajor = (rows: number, columns: number): Layout => ({
  ...rowMajor(rows, columns),
  rows: [{ size: rows, stride: 1 }],
  columns: [{ size: columns, stride: rows }],
});

export interface Case {
  readonly dtype: FloatType;
  readonly gated: boolean;
  readonly batch: readonly number[];
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly a: Layout;
  readonly b: Layout;
  /** Whether the product is stored; if not, only the epilogue sees it. */
  readonly isStored: boolean;
  readonly tuning: Tuning | undefined;
}

export const plain = (dtype: FloatType, m: number, n: number, k: number, rest: Partial<Case> = {}): Case => ({
  dtype,
  gated: false,
  batch: [],
  m,
  n,
  k,
  a: rowMajor(m, k),
  b: rowMajor(k, n),
  isStored: true,
  tuning: tiny,
  ...rest,
});

export type Floats = Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;
const floats = (dtype: FloatType, length: number): Floats =>
  dtype === "float32" ? new Float32Array(length) : new Float64Array(length);

export function randomFloats(dtype: FloatType, length: number, seed: number): Floats {
  const dice = new Dice(seed);
  return floats(dtype, length).map(() => 2 * dice.fraction() - 1) as Floats;
}

/** Every index of some axes, with where each lies. */
function offsets(axes: readonly Factor[]): number[] {
  return axes.reduce<number[]>(
    (found, { size, stride }) =>
      found.flatMap((offset) => Array.from({ length: size }, (_, i) => offset + i * stride)),
    [0],
  );
}

const batchOffsets = (sizes: readonly number[], strides: readonly number[]) =>
  offsets(sizes.map((size, axis) => ({ size, stride: strides[axis]! })));

/**
 * Sums in order, as the case's type rounds, or in float64 and rounded once where a product is written out; where it is gated and NaN comes out, without terms
 * that have a zero factor.
 */
export function productByLoops(the: Case, a: Floats, b: Floats): Floats {
  const narrow = the.dtype === "float32" && the.m * the.n * the.k > (the.tuning ?? TUNING).few;
  const result = floats(the.dtype, batchSize(the) * the.m * the.n);
  let place = 0;
  eachElement(the, (terms) => {
    const sum = (isGated: boolean) => {
      let total = 0;
      terms((left, right) => {
        const [x, y] = [a[left]!, b[right]!];
        if (isGated && (x === 0 || y === 0)) return;
        total = narrow ? Math.fround(total + Math.fround(x * y)) : total + x * y;
      });
      return total;
    };
    const total = sum(false);
    result[place++] = the.gated && Number.isNaN(total) ? sum(true) : total;
  });
  return result;
}

export const batchSize = ({ batch }: Case): number => batch.reduce((product, size) => product * size, 1);

/** For every element of the product in order: a way to visit its terms, by the places of their factors. */
export function eachElement(
  the: Case,
  visit: (terms: (visitTerm: (left: number, right: number) => void) => void) => void,
): void {
  const { a, b, batch, k } = the;
  const [rows, columns] = [offsets(a.rows), offsets(b.columns)];
  const [across, down] = [offsets(a.columns), offsets(b.rows)];
  const starts = batchOffsets(batch, b.batch);
  for (const [index, start] of batchOffsets(batch, a.batch).entries()) {
    for (const row of rows) {
      const left = a.first + start + row;
      for (const column of columns) {
        const right = b.first + starts[index]! + column;
        visit((visitTerm) => {
          for (let i = 0; i < k; i++) visitTerm(left + across[i]!, right + down[i]!);
        });
      }
    }
  }
}

/**
 * Whether what is found is the product of the case. Where every operation is rounded by itself, that is the same
 * numbers. Else: a sum of k terms of which each operation is off by a factor of 1 + ε at most is off by (k + 1)·ε·Σ|a||b|
 * at most, whether products are rounded for themselves or not; ours and theirs, and a little for terms of second order.
 */
export function closeTo(the: Case, build: Build, a: Floats, b: Floats): (found: Floats) => boolean {
  const expected = productByLoops(the, a, b);
  const bounds = build === "simd" ? expected.map(() => 0) : roundingBounds(the, a, b);
  return (found) =>
    found.every((x, i) => {
      const y = expected[i]!;
      return x === y || (Number.isNaN(x) && Number.isNaN(y)) || Math.abs(x - y) <= bounds[i]!;
    });
}

function roundingBounds(the: Case, a: Floats, b: Floats): number[] {
  const epsilon = the.dtype === "float32" ? 2 ** -24 : 2 ** -53;
  const bounds: number[] = [];
  eachElement(the, (terms) => {
    let size = 0;
    terms((left, right) => {
      const term = Math.abs(a[left]! * b[right]!);
      // Terms that are not finite leave nothing to bound.
      if (Number.isFinite(term)) size += term;
    });
    bounds.push(2.01 * (the.k + 1) * epsilon * size);
  });
  return bounds;
}

/** What a run left behind. */
export interface Outcome {
  /** The product as stored, or zeros; without the factor of two by which the epilogue left it. */
  readonly product: Floats;
  /** The sum of what the epilogue found at each element, and how many times it was called on it. */
  readonly seen: Floats;
  readonly calls: Floats;
  /** Whether all memory that is nobody's is as it was, after all runs. */
  readonly isUntouched: boolean;
}

const PAGE = 65_536;
const GAP = 256;

/**
 * What memory is filled with that is nobody's, a byte each: NaN in both types, which shows in what is computed of it; and
 * numbers about 0.75 and 0.0005, which change when something is added to them, as NaN does not.
 */
export const FILLINGS = { nan: 0xff, ordinary: 0x3f } as const;

/** Parts of memory with sentinels around them. */
class Parts {
  readonly memory: Memory;
  readonly #filling: number;
  readonly #used: { start: number; end: number }[] = [];
  #end = GAP;

  constructor(bytes: number, filling: number) {
    this.memory = new webAssembly!.Memory({ initial: Math.ceil(bytes / PAGE) });
    this.#filling = filling;
    new Uint8Array(this.memory.buffer).fill(filling);
  }

  /** Misaligned for vectors now and then, as views are. */
  take(bytes: number, unit: number): number {
    const start = Math.ceil(this.#end / 8) * 8 + (unit === 4 && this.#used.length % 2 === 0 ? 4 : 0);
    this.#end = start + bytes + GAP;
    this.#used.push({ start, end: start + bytes });
    return start;
  }

  get isUntouched(): boolean {
    const bytes = new Uint8Array(this.memory.buffer);
    let from = 0;
    for (const { start, end } of [...this.#used, { start: bytes.length, end: 0 }]) {
      for (let i = from; i < start; i++) if (bytes[i] !== this.#filling) return false;
      from = end;
    }
    return true;
  }
}

/** A case with its operands. */
export interface Trial {
  readonly the: Case;
  readonly a: Floats;
  readonly b: Floats;
}

/** Runs kernels, all in one module and one memory; and again in another, filled with other numbers. */
export function runProducts(trials: readonly Trial[], build: Build): Outcome[] {
  const outcomes = runProductsIn(FILLINGS.nan, trials, build);
  return runProductsIn(FILLINGS.ordinary, trials, build).map(({ isUntouched }, i) => ({
    ...outcomes[i]!,
    isUntouched: isUntouched && outcomes[i]!.isUntouched,
  }));
}

function runProductsIn(filling: number, trials: readonly Trial[], build: Build): Outcome[] {
  const plans = trials.map(({ the, a, b }) => {
    const kernel = {
      ...the,
      a: { ...the.a, address: 0 },
      b: { ...the.b, address: 0 },
      c: the.isStored ? { address: 0, batch: denseBatch(the) } : null,
    };
    const elements = batchSize(the) * the.m * the.n;
    const sizes = [a.length, b.length, elements, elements, elements].map(
      (length) => length * bytesOf(the.dtype),
    );
    return { kernel, elements, sizes, scratch: productScratch(kernel, the.tuning) };
  });
  const total = plans.flatMap(({ sizes, scratch }) => [...sizes, scratch]);
  const parts = new Parts(
    total.reduce((sum, size) => sum + size + GAP + 32, 2 * GAP),
    filling,
  );
  const module = new KernelModule(build);
  const outcomes = trials.map(({ the, a, b }, i) => {
    const { kernel, elements, sizes, scratch } = plans[i]!;
    const bytes = bytesOf(the.dtype);
    const [atA, atB, atC, atSeen, atCalls] = sizes.map((size) => parts.take(size, bytes)) as Five;
    const view = (address: number, length: number) =>
      the.dtype === "float32"
        ? new Float32Array(parts.memory.buffer, address, length)
        : new Float64Array(parts.memory.buffer, address, length);
    view(atA, a.length).set(a);
    view(atB, b.length).set(b);
    for (const at of [atC, atSeen, atCalls]) view(at, elements).fill(0);
    const located: ProductKernel = {
      ...kernel,
      a: { ...the.a, address: atA + the.a.first * bytes },
      b: { ...the.b, address: atB + the.b.first * bytes },
      c: kernel.c === null ? null : { ...kernel.c, address: atC },
      scratch: parts.take(scratch, bytes),
    };
    writeProduct(module, located, watcher(module, the, atSeen, atCalls), `run${i}`, the.tuning);
    return () => ({
      product: view(atC, elements).map((x) => x / 2) as Floats,
      seen: view(atSeen, elements).slice() as Floats,
      calls: view(atCalls, elements).slice() as Floats,
    });
  });
  const functions = module.instantiate(parts.memory);
  for (const i of trials.keys()) functions[`run${i}`]!();
  const isUntouched = parts.isUntouched;
  return outcomes.map((read) => ({ ...read(), isUntouched }));
}

type Five = [number, number, number, number, number];

/** Batch strides of a dense result. */
function denseBatch({ batch, m, n }: Case): number[] {
  return batch.map((_, axis) => batch.slice(axis + 1).reduce((product, size) => product * size, m * n));
}

/** An epilogue that adds every element it is called on to one table, and 1 to another, and doubles the element. */
function watcher(module: KernelModule, the: Case, seen: number, calls: number): FunctionIndex {
  const narrow = the.dtype === "float32";
  const bytes = bytesOf(the.dtype);
  const [load, store] = narrow ? [M.f32_load, M.f32_store] : [M.f64_load, M.f64_store];
  const add = narrow ? I.f32_add : I.f64_add;
  const types = new Array(EPILOGUE_PARAMETERS + 2 * the.batch.length).fill(Type.i32);
  return module.writer.function(types, [], (code) => {
    const [top, bottom, left, right, address, rowStride] = [0, 1, 2, 3, 4, 5];
    const [i, j, from, to] = [0, 0, 0, 0].map(() => code.local(Type.i32)) as [number, number, number, number];
    code.for(i, { local: top! }, { local: bottom! }, 1, () =>
      code.for(j, { local: left! }, { local: right! }, 1, () => {
        code.get(i).get(rowStride!).emit(I.i32_mul).get(j).emit(I.i32_add);
        code.i32(bytes).emit(I.i32_mul).get(address!).emit(I.i32_add).set(from);
        code.i32(0);
        the.batch.forEach((size, axis) => {
          code
            .i32(size)
            .emit(I.i32_mul)
            .get(EPILOGUE_PARAMETERS + 2 * axis)
            .emit(I.i32_add);
        });
        code.i32(the.m).emit(I.i32_mul).get(i).emit(I.i32_add).i32(the.n).emit(I.i32_mul);
        code.get(j).emit(I.i32_add).i32(bytes).emit(I.i32_mul).set(to);
        code.get(to).get(to).memory(load, seen).get(from).memory(load).emit(add).memory(store, seen);
        code.get(from).get(from).memory(load).get(from).memory(load).emit(add).memory(store);
        code.get(to).get(to).memory(load, calls);
        (narrow ? code.f32(1) : code.f64(1)).emit(add).memory(store, calls);
      }),
    );
  });
}
