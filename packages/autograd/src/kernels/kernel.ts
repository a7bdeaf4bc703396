// What a kernel is, as data: a space of indices, the arrays that are read at each index, what is computed, and where
// results are stored. A kernel has addresses and no tensors. Primitives are lowered to kernels, and loops.ts writes
// them as code.

import type { DType } from "../array/dtype.ts";
import type { Atom } from "../expression/atoms/atom.ts";

/** A number that is known when the code is written, or a parameter (by place) of the function that is written. */
export type Quantity = number | { readonly parameter: number };

/** An offset to an element, given by an index that the body computes. */
export interface Indirection {
  /** The node of the index, int32. Negative indices count from the end; those outside count as the last. */
  readonly node: number;
  /** In elements. */
  readonly stride: Quantity;
  /** The number of possible indices; at least 1. */
  readonly size: Quantity;
}

/**
 * Where the elements of an array lie, by the indices of a space: element (i₀, i₁ …) lies at
 * `address + bytes(dtype) · Σ strides[k]·i_k`. A stride of 0 repeats elements.
 */
export interface Access {
  readonly dtype: DType;
  /** In bytes; a multiple of the element's size. */
  readonly address: Quantity;
  /** In elements, one for each axis of the space. */
  readonly strides: readonly Quantity[];
  /** Where present, the element lies `stride · index` further. */
  readonly by?: Indirection;
}

/** What is computed at an index: a list of nodes, each of which refers to earlier ones by place. */
export type BodyNode =
  /** An element of reads[read]; the index `by` which it is found is an earlier node. */
  | { readonly op: "read"; readonly read: number; readonly dtype: DType }
  /** The index along an axis of the space, as int32. */
  | { readonly op: "index"; readonly axis: number; readonly dtype: "int32" }
  | { readonly op: "constant"; readonly value: number; readonly dtype: DType }
  /** An atom of expressions, on nodes. */
  | { readonly op: "atom"; readonly atom: Atom; readonly operands: readonly number[]; readonly dtype: DType }
  /** To another type: floats by rounding; int32 without the fraction, modulo 2³² (ToInt32); bool as "is not zero". */
  | { readonly op: "convert"; readonly operand: number; readonly dtype: DType };

/** How a result is stored. */
export type Combine =
  /** Written, in place of what is there. */
  | "store"
  /** Added to what is there: out += value. */
  | "accumulate"
  /** The sum over the reduced axes (in `reduced`, with stride 0 in `write`). The kernel does the whole reduction. */
  | "total"
  /** The extreme over the reduced axes; NaN if any element is. */
  | "largest"
  | "least";

export interface Output {
  /** The node whose value is stored. */
  readonly node: number;
  readonly combine: Combine;
  /** Has `by` only in an output that accumulates. Additions to one place are made in the order of the space. */
  readonly write: Access;
  /** For reductions: which axes of the space are reduced away. Empty otherwise. */
  readonly reduced: readonly number[];
  /** What a total of float32 elements is divided by before it is rounded; 1 by default. */
  readonly divisor?: number;
}

/** A loop nest over all indices of a space. */
export interface LoopKernel {
  /** The sizes of the axes, outermost first: all at least 1. A parameter may be 0. */
  readonly sizes: readonly Quantity[];
  /** Where each axis starts, 0 everywhere by default; then `sizes` says where it ends. */
  readonly from?: readonly Quantity[];
  /** How many i32 parameters the function has; 0 by default. */
  readonly parameters?: number;
  readonly reads: readonly Access[];
  readonly nodes: readonly BodyNode[];
  /** Stores do not overlap reads, except at the same index (in place). */
  readonly outputs: readonly Output[];
}

/** A part of an axis that is walked with one stride: `size` elements, `stride` apart. */
export interface Factor {
  readonly size: number;
  readonly stride: number;
}

/** A matrix whose rows and columns may each be several axes, the last one fastest: views and windows need no copy. */
export interface MatrixAccess {
  readonly address: Quantity;
  /** Strides in elements, one for each batch axis. */
  readonly batch: readonly number[];
  /** Their sizes multiply to the number of rows. */
  readonly rows: readonly Factor[];
  readonly columns: readonly Factor[];
}

/** c = a·b for every index of the batch axes: a [m, k], b [k, n], c [m, n]. */
export interface ProductKernel {
  readonly dtype: "float32" | "float64";
  /** In every term a zero factor is stronger than infinity and NaN. */
  readonly gated: boolean;
  readonly batch: readonly number[];
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly a: MatrixAccess;
  readonly b: MatrixAccess;
  /** Where the product is stored, row-major without gaps; null where only the epilogue reads it. */
  readonly c: { readonly address: Quantity; readonly batch: readonly number[] } | null;
  /** Memory for packed operands and, without `c`, a block of the product: `productScratch` says how many bytes. */
  readonly scratch: Quantity;
  /** How many i32 parameters the function has; 0 by default. The last `passed` of them follow the epilogue's own. */
  readonly parameters?: number;
  readonly passed?: number;
}

/** Products with up to this many multiplications are written out term by term, and added up in float64. */
export const FEW_MULTIPLICATIONS = 64;

/**
 * The parameters of a product's epilogue, which is called for each block once the block is complete: rows [0] to [1]
 * and columns [2] to [3]; [4] the address at which element (0, 0) of the product would lie, [5] the elements from row
 * to row; then from and to (one apart) for each batch axis.
 */
export const EPILOGUE_PARAMETERS = 6;

/** What the elements of a row up to each one become: `Running` in tape/lowering.ts says what each means. */
export type RunningRule = {
  readonly combine: "total" | "product" | "largest" | "affine";
  /** For a recurrence: that a factor is for the place after its own in the walk, as it is from the end. */
  readonly isLate: boolean;
};

/** What becomes of each row. */
export type RowRule =
  | RunningRule
  /** The places of its elements in order, int32: equals in the order in which they stand, NaN the largest. */
  | { readonly descending: boolean };

/** Rows of elements: their strides as in `Access`, and the elements from one of a row to the next. */
export interface RowAccess extends Access {
  readonly along: number;
}

/** A rule for every row. Rows that are read do not overlap those that are written. */
export interface RowKernel {
  readonly rule: RowRule;
  /** The sizes of the axes that rows lie along, outermost first, and the length of a row: all at least 1. */
  readonly sizes: readonly number[];
  readonly length: number;
  readonly reads: readonly RowAccess[];
  readonly write: RowAccess;
  /** Memory for one row: `rowScratch` says how many bytes. */
  readonly scratch: Quantity;
  /** How many i32 parameters the function has; 0 by default. */
  readonly parameters?: number;
}
