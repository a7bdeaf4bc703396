// Decides how a product is computed: in which blocks, how its operands are read, and how much scratch memory is needed.
// The figures were measured on a machine with 48 KiB and 1 MiB of cache.

import { type Factor, FEW_MULTIPLICATIONS, type MatrixAccess, type ProductKernel } from "../kernel.ts";
import type { MannerOfA, MannerOfB } from "./operands.ts";

/** The parameters that decide how a product is computed. */
export interface Tuning {
  /** The most rows, columns and k of a block. Rows: a multiple of 12, so of each tile's; columns: of 16, two panels. */
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
  /** Products with up to this many multiplications are written out term by term. */
  readonly few: number;
  /** The most results of a matrix times a vector that are computed at once; divisible by 4. */
  readonly lines: number;
  /** About how many elements of packed b are kept for further rows. */
  readonly kept: number;
  /** Up to this many bytes, a matrix stays in cache while it is read in place, however far apart its rows are. */
  readonly small: number;
  /** Up to this many bytes, b also stays in the first cache. A larger one is packed from some number of rows on: */
  readonly smallest: number;
  /** its rows may lie where they drive each other out of that cache, such as 2 KiB apart, and packing is negligible. */
  readonly rowsForPacking: number;
  /** From this many bytes on, rows of a are copied before they are read repeatedly. */
  readonly large: number;
  /** The numbers of columns from which the cost of packing a is negligible, and from which copying its rows pays. */
  readonly columnsForPacking: number;
  readonly columnsForCopying: number;
}

/** Tests use smaller numbers, so that small products take every path that large ones take. */
export const TUNING: Tuning = {
  rows: 120,
  columns: 192,
  depth: 256,
  few: FEW_MULTIPLICATIONS,
  lines: 2048,
  kept: 2 ** 20,
  small: 2 ** 19,
  smallest: 2 ** 15,
  rowsForPacking: 64,
  large: 2 ** 21,
  columnsForPacking: 64,
  columnsForCopying: 256,
};

/** The width of the widest panel, in elements. */
const WIDEST = 8;

export interface Plan {
  /** The largest block, but no larger than the product. */
  readonly most: Pick<Tuning, "rows" | "columns" | "depth" | "lines">;
  /** Whether the product is written out term by term; then nothing else here is used. */
  readonly isFew: boolean;
  /** For a matrix times a vector: which operand is the matrix, how it lies, and whether it stays in the first cache. */
  readonly vector: {
    readonly matrix: "a" | "b";
    readonly beside: "lines" | "depth";
    readonly isSmall: boolean;
  } | null;
  readonly a: MannerOfA;
  readonly b: MannerOfB;
  /** The number of packed elements for each k, where those of all k are kept for further rows; or 0. */
  readonly kept: number;
  /** Bytes after the start of the scratch memory, and its size. */
  readonly scratch: Readonly<Record<"a" | "b" | "lineTable" | "depthTable" | "c" | "end", number>>;
}

export function planOf(kernel: Omit<ProductKernel, "scratch">, tuning: Tuning): Plan {
  const { m, n, k } = kernel;
  const bytes = kernel.dtype === "float32" ? 4 : 8;
  const most = {
    rows: Math.min(tuning.rows, m),
    columns: Math.min(columnsFor(m, k, tuning), n),
    depth: Math.min(tuning.depth, k),
    lines: tuning.lines,
  };
  const isFew = m * n * k <= tuning.few;
  const vector = isFew ? null : vectorOf(kernel, bytes, tuning);
  const a = mannerOfA(kernel, bytes, tuning);
  const b = mannerOfB(kernel, bytes, tuning);
  const keeps = m > tuning.rows && b !== "place";
  const width = up(most.columns, WIDEST);
  const tables = vector === null && (a === "any" || b === "any");
  const layout = { a: 0, b: 0, lineTable: 0, depthTable: 0, c: 0, end: 0 };
  const take = (part: keyof typeof layout, size: number) => {
    layout[part] = layout.end;
    layout.end = up(layout.end + size, 64);
  };
  if (vector === null && !isFew) {
    take("a", a === "place" ? 0 : packedA(most) * bytes);
    take("b", b === "place" ? 0 : (keeps ? k : most.depth) * width * bytes);
    take("lineTable", tables ? 4 * Math.max(most.rows, most.columns) : 0);
    take("depthTable", tables ? 4 * most.depth : 0);
  }
  const block = vector === null ? most.rows * most.columns : Math.max(m, n);
  take("c", kernel.c === null ? block * bytes : 0);
  return { most, isFew, vector, a, b, kept: keeps ? width : 0, scratch: layout };
}

export const up = (size: number, unit: number): number => Math.ceil(size / unit) * unit;

/** Elements of packed a: tiles of 6 rows lie in panels of 8, and the last tile is filled up. */
export const packedA = ({ rows, depth }: Pick<Tuning, "rows" | "depth">): number =>
  depth * (up(Math.ceil((rows * 4) / 3), WIDEST) + WIDEST);

/** How many times as many columns a block has at most where it has few rows and k. */
export const WIDER = 8;

/**
 * Columns of a block: fewer where many k are kept packed. Where there are few rows and k, there is room for more, and the
 * rows of b and c are read and written in longer pieces.
 */
export function columnsFor(m: number, k: number, { rows, columns, depth, kept }: Tuning): number {
  if (m > rows) return Math.min(columns, Math.max(16, Math.floor(kept / k / 16) * 16));
  const longer = Math.floor((columns * depth) / Math.max(m, Math.min(k, depth)) / 16) * 16;
  return Math.min(Math.max(longer, columns), WIDER * columns);
}

/** The axes without those of one index, and with neighbouring ones joined where they are walked as one. */
export function joined(factors: readonly Factor[]): Factor[] {
  const result: Factor[] = [];
  for (const factor of factors) {
    if (factor.size === 1) continue;
    const last = result.at(-1);
    if (last !== undefined && last.stride === factor.size * factor.stride)
      result[result.length - 1] = { size: last.size * factor.size, stride: factor.stride };
    else result.push(factor);
  }
  // An axis of one index counts as one whose elements lie side by side.
  return result.length === 0 ? [{ size: 1, stride: 1 }] : result;
}

/** Along which of its axes a matrix has elements side by side; null where an axis is made of several. */
function layoutOf({ rows, columns }: MatrixAccess): { rows: boolean; columns: boolean } | null {
  const [down, across] = [joined(rows), joined(columns)];
  if (down.length > 1 || across.length > 1) return null;
  return { rows: down[0]!.stride === 1, columns: across[0]!.stride === 1 };
}

function mannerOfA(
  { m, n, k, a }: Omit<ProductKernel, "scratch">,
  bytes: number,
  { small, large, columnsForCopying, columnsForPacking }: Tuning,
): MannerOfA {
  const layout = layoutOf(a);
  if (layout === null) return "any";
  const size = m * k * bytes;
  if (layout.columns) return size > large && n >= columnsForCopying ? "copied" : "place";
  if (size <= small || n < columnsForPacking) return "place";
  return layout.rows ? "lines" : "any";
}

function mannerOfB(
  { m, n, k, b }: Omit<ProductKernel, "scratch">,
  bytes: number,
  { small, smallest, rowsForPacking }: Tuning,
): MannerOfB {
  const layout = layoutOf(b);
  if (layout === null) return "any";
  const most = m < rowsForPacking ? small : smallest;
  if (layout.columns) return n * bytes >= 16 && k * n * bytes <= most ? "place" : "lines";
  return layout.rows ? "depth" : "any";
}

function vectorOf(
  { m, n, k, a, b }: Omit<ProductKernel, "scratch">,
  bytes: number,
  { smallest }: Tuning,
): Plan["vector"] {
  const lanes = 16 / bytes;
  const [left, right] = [layoutOf(a), layoutOf(b)];
  const isSmall = m * n * k * bytes <= smallest;
  if (left === null || right === null) return null;
  if (m === 1 && n >= lanes && (right.columns || right.rows))
    return { matrix: "b", beside: right.columns ? "lines" : "depth", isSmall };
  if (n === 1 && m >= lanes && (left.rows || left.columns))
    return { matrix: "a", beside: left.rows ? "lines" : "depth", isSmall };
  return null;
}
