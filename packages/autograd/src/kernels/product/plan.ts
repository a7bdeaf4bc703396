// How a product is computed: in which blocks, how its operands are read, and what scratch memory that takes. The
// figures were measured, on a machine with 48 KiB and 1 MiB of cache.

import type { Factor, MatrixAccess, ProductKernel } from "../kernel.ts";
import type { MannerOfA, MannerOfB } from "./operands.ts";

/** The most rows, columns and k of a block; and of the results of a matrix times a vector. */
export interface Blocking {
  /** Divisible by the rows of every tile, 12. */
  readonly rows: number;
  /** Divisible by 16, the columns of two panels. */
  readonly columns: number;
  readonly depth: number;
  /** Divisible by 4. */
  readonly vector: number;
}

/** Tests make them small, to cross the boundaries between blocks with small products. */
export const BLOCKING: Blocking = { rows: 120, columns: 512, depth: 256, vector: 2048 };

/** About how many elements of packed b are kept for further rows. */
export const MOST_KEPT: number = 2 ** 20;

/** Up to so many bytes a matrix stays in cache while it is read in place, however far apart its rows are. */
export const SMALL: number = 2 ** 19;
/** From so many bytes on, rows of a are copied before they are read again and again. */
export const LARGE: number = 2 ** 21;
/** Packing a takes as long as multiplying it with some columns; with so many, it hardly counts. */
export const COLUMNS_FOR_PACKING = 64;
export const COLUMNS_FOR_COPYING = 256;

/** No panel is wider, in elements. */
const WIDEST = 8;

export interface Plan {
  readonly blocking: Blocking;
  /** For a matrix times a vector: which operand is the matrix, and how it lies. */
  readonly vector: { readonly matrix: "a" | "b"; readonly beside: "lines" | "depth" } | null;
  readonly a: MannerOfA;
  readonly b: MannerOfB;
  /** How many elements of packed columns there are for a k, where those of all k are kept for further rows; or 0. */
  readonly kept: number;
  /** Bytes after the start of the scratch memory, and its size. */
  readonly scratch: Readonly<Record<"a" | "b" | "lineTable" | "depthTable" | "c" | "end", number>>;
}

export function planOf(kernel: Omit<ProductKernel, "scratch">, most: Blocking): Plan {
  const { m, n, k } = kernel;
  const bytes = kernel.dtype === "float32" ? 4 : 8;
  const blocking = {
    rows: Math.min(most.rows, m),
    columns: Math.min(columnsFor(m, k, most), n),
    depth: Math.min(most.depth, k),
    vector: most.vector,
  };
  const vector = vectorOf(kernel, 16 / bytes);
  const a = mannerOfA(kernel, bytes);
  const b = mannerOfB(kernel, bytes);
  const keeps = m > most.rows && b !== "place";
  const width = up(blocking.columns, WIDEST);
  const tables = vector === null && (a === "any" || b === "any");
  const layout = { a: 0, b: 0, lineTable: 0, depthTable: 0, c: 0, end: 0 };
  const take = (part: keyof typeof layout, size: number) => {
    layout[part] = layout.end;
    layout.end = up(layout.end + size, 64);
  };
  if (vector === null) {
    take("a", a === "place" ? 0 : packedA(blocking) * bytes);
    take("b", b === "place" ? 0 : (keeps ? k : blocking.depth) * width * bytes);
    take("lineTable", tables ? 4 * Math.max(blocking.rows, blocking.columns) : 0);
    take("depthTable", tables ? 4 * blocking.depth : 0);
  }
  const block = vector === null ? blocking.rows * blocking.columns : Math.max(m, n);
  take("c", kernel.c === null ? block * bytes : 0);
  return { blocking, vector, a, b, kept: keeps ? width : 0, scratch: layout };
}

export const up = (size: number, unit: number): number => Math.ceil(size / unit) * unit;

/** Elements of packed a: tiles of 6 rows lie in panels of 8, and the last tile is filled up. */
export const packedA = ({ rows, depth }: Pick<Blocking, "rows" | "depth">): number =>
  depth * (up(Math.ceil((rows * 4) / 3), WIDEST) + WIDEST);

/** Columns of a block: fewer where many k are kept packed. */
function columnsFor(m: number, k: number, { rows, columns }: Blocking): number {
  return m <= rows ? columns : Math.min(columns, Math.max(16, Math.floor(MOST_KEPT / k / 16) * 16));
}

/** Without axes of one index, and with those joined that are walked as one. */
export function joined(factors: readonly Factor[]): Factor[] {
  const result: Factor[] = [];
  for (const factor of factors) {
    if (factor.size === 1) continue;
    const last = result.at(-1);
    if (last !== undefined && last.stride === factor.size * factor.stride)
      result[result.length - 1] = { size: last.size * factor.size, stride: factor.stride };
    else result.push(factor);
  }
  // A single index lies beside whatever there is.
  return result.length === 0 ? [{ size: 1, stride: 1 }] : result;
}

/** Which of its axes lie side by side; null where one of them is several. */
function layoutOf({ rows, columns }: MatrixAccess): { rows: boolean; columns: boolean } | null {
  const [down, across] = [joined(rows), joined(columns)];
  if (down.length > 1 || across.length > 1) return null;
  return { rows: down[0]!.stride === 1, columns: across[0]!.stride === 1 };
}

function mannerOfA({ m, n, k, a }: Omit<ProductKernel, "scratch">, bytes: number): MannerOfA {
  const layout = layoutOf(a);
  if (layout === null) return "any";
  const size = m * k * bytes;
  if (layout.columns) return size > LARGE && n >= COLUMNS_FOR_COPYING ? "copied" : "place";
  if (size <= SMALL || n < COLUMNS_FOR_PACKING) return "place";
  return layout.rows ? "lines" : "any";
}

function mannerOfB({ n, k, b }: Omit<ProductKernel, "scratch">, bytes: number): MannerOfB {
  const layout = layoutOf(b);
  if (layout === null) return "any";
  if (layout.columns) return n * bytes >= 16 && k * n * bytes <= SMALL ? "place" : "lines";
  return layout.rows ? "depth" : "any";
}

function vectorOf({ m, n, a, b }: Omit<ProductKernel, "scratch">, lanes: number): Plan["vector"] {
  const [left, right] = [layoutOf(a), layoutOf(b)];
  if (left === null || right === null) return null;
  if (m === 1 && n >= lanes && (right.columns || right.rows))
    return { matrix: "b", beside: right.columns ? "lines" : "depth" };
  if (n === 1 && m >= lanes && (left.rows || left.columns))
    return { matrix: "a", beside: left.rows ? "lines" : "depth" };
  return null;
}
