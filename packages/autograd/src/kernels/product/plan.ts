// How a product is computed: in which blocks, how its operands are read, and what scratch memory that takes.

import type { Factor, MatrixAccess, ProductKernel } from "../kernel.ts";
import type { Manner } from "./operands.ts";

/** The most rows, columns and k of a block. */
export interface Blocking {
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
}

/** Tests shrink blocks, to cross their boundaries with small products. Rows are a multiple of 12, columns of 16. */
export const BLOCKING: Blocking = { rows: 120, columns: 512, depth: 256 };

/** Elements of packed b that are kept for all rows. */
const MOST_KEPT = 2 ** 20;

/** The widest panels: elements in a row of them. */
const WIDEST = 8;

/** Without axes of one index, and with axes that are walked as one joined. */
export function joined(factors: readonly Factor[]): Factor[] {
  const result: Factor[] = [];
  for (const factor of factors) {
    if (factor.size === 1) continue;
    const last = result.at(-1);
    if (last !== undefined && last.stride === factor.size * factor.stride)
      result[result.length - 1] = { size: last.size * factor.size, stride: factor.stride };
    else result.push(factor);
  }
  // A single index lies side by side with whatever there is.
  return result.length === 0 ? [{ size: 1, stride: 1 }] : result;
}

export interface Plan {
  readonly blocking: Blocking;
  readonly a: Manner;
  readonly b: Exclude<Manner, "copied">;
  /** The elements of packed columns, where those of all k are kept for further rows; else 0. */
  readonly slot: number;
  /** Bytes after the start of the scratch memory. */
  readonly scratch: {
    readonly a: number;
    readonly b: number;
    readonly lineTable: number;
    readonly depthTable: number;
    readonly c: number;
    readonly end: number;
  };
}

export function planOf(kernel: Omit<ProductKernel, "scratch">, most: Blocking = BLOCKING): Plan {
  const { m, n, k } = kernel;
  const bytes = kernel.dtype === "float32" ? 4 : 8;
  const lanes = 16 / bytes;
  const blocking = {
    rows: Math.min(most.rows, m),
    columns: Math.min(columnsFor(m, k, most), n),
    depth: Math.min(most.depth, k),
  };
  const a = mannerOf(kernel.a.rows, kernel.a.columns, () => true);
  const b = mannerOf(
    kernel.b.columns,
    kernel.b.rows,
    (beside) => beside && n >= lanes && m <= 16,
  ) as Plan["b"];
  const up = (size: number, unit: number) => Math.ceil(size / unit) * unit;
  let end = 0;
  const take = (size: number) => {
    const start = end;
    end = up(end + size, 64);
    return start;
  };
  // Panels of a are for tiles of 4 rows or of 6 in panels of 8: 4/3 of the elements are enough, and a panel more.
  const packedA = blocking.depth * (up(Math.ceil((blocking.rows * 4) / 3), WIDEST) + WIDEST);
  const slot = up(blocking.columns, WIDEST);
  const isKept = m > most.rows;
  return {
    blocking,
    a,
    b,
    slot: isKept ? slot : 0,
    scratch: {
      a: take(a === "place" ? 0 : packedA * bytes),
      b: take(b === "place" ? 0 : (isKept ? k : blocking.depth) * slot * bytes),
      lineTable: take(a === "any" || b === "any" ? 4 * Math.max(blocking.rows, blocking.columns) : 0),
      depthTable: take(a === "any" || b === "any" ? 4 * blocking.depth : 0),
      c: take(kernel.c === null ? blocking.rows * blocking.columns * bytes : 0),
      end,
    },
  };
}

/** Columns of a block, fewer where many k are kept packed for further rows. */
function columnsFor(m: number, k: number, { rows, columns }: Blocking): number {
  if (m <= rows) return columns;
  const unit = 2 * WIDEST;
  return Math.min(columns, Math.max(unit, Math.floor(MOST_KEPT / k / unit) * unit));
}

/** By the strides of lines and along k. `stay`: whether an operand may be read in place, given whether lines lie side by side. */
function mannerOf(
  lineFactors: readonly Factor[],
  depthFactors: readonly Factor[],
  stay: (beside: boolean) => boolean,
): Manner {
  const [lines, depth] = [joined(lineFactors), joined(depthFactors)];
  if (lines.length > 1 || depth.length > 1) return "any";
  const [beside, along] = [lines[0]!.stride === 1, depth[0]!.stride === 1];
  if (stay(beside)) return "place";
  return beside ? "lines" : along ? "depth" : "any";
}

export const operandOf = ({ rows, columns }: MatrixAccess): { rows: Factor[]; columns: Factor[] } => ({
  rows: joined(rows),
  columns: joined(columns),
});
