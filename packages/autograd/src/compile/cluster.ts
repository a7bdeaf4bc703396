// A cluster: values that are computed together, in one pass over one space of indices. Its body is a list of nodes,
// none of them twice. It reads and writes buffers through views, whose strides follow the axes of its space.

import type { DType } from "../array/dtype.ts";
import type { NDArray } from "../array/ndarray.ts";
import type { BodyNode, Combine, Factor, ProductKernel, RowRule } from "../kernels/kernel.ts";
import { costOf, Nodes } from "../kernels/nodes.ts";
import type { Cell } from "../tape/cell.ts";
import { coarsen, denseStrides, refine, split, walksInOrder } from "./layout.ts";

/** Where a buffer's elements come from. */
export type Source =
  | { readonly kind: "argument"; readonly place: number }
  | { readonly kind: "variable"; readonly variable: Cell }
  | { readonly kind: "gradient"; readonly variable: Cell }
  | { readonly kind: "constant"; readonly array: NDArray }
  /** The clusters of this program. */
  | { readonly kind: "computed" };

/** A flat array of a program. */
export interface Buffer {
  readonly id: number;
  readonly dtype: DType;
  readonly size: number;
  readonly source: Source;
  /** The clusters that write to it, in order; empty unless its elements are computed. */
  readonly producers: Cluster[];
  /** Whether it must be stored in memory, because something outside its cluster reads it. */
  isStored: boolean;
  /** Whether it holds 0, 1, 2 …, so that a kernel can use a loop index instead of reading memory. */
  readonly counts?: boolean;
  /** Where it lies, in bytes, once memory is planned; within loops, at place 0 of each. */
  address: number;
  /** How far it moves with the loops around it. */
  moves: readonly Move[];
}

/** A loop around clusters. */
export interface Loop {
  /** Where the code keeps the place at which the loop is, an int32, for JavaScript that is called from within. */
  address: number;
}

/** So many bytes from one place of a loop to the next. */
export interface Move {
  readonly loop: Loop;
  readonly bytes: number;
}

/** The programs inside a step, as the clusters around see them. `compile/nested.ts` knows more. */
export abstract class Inside {
  abstract readonly reads: readonly Buffer[];
  abstract readonly writes: readonly Buffer[];
  /** How many bytes of scratch memory they need. */
  abstract readonly scratch: number;
  /** Whether JavaScript that they call may throw. */
  abstract readonly mayThrow: boolean;
}

/**
 * An index that a node computes. It moves a view by `stride · index` elements; `size` is the number of
 * possible indices.
 */
export interface Indirection {
  readonly node: number;
  readonly stride: number;
  readonly size: number;
}

/** A buffer as a cluster reads or writes it. */
export interface View {
  readonly buffer: Buffer;
  readonly offset: number;
  /** In elements, one for each axis of the cluster's space. */
  strides: number[];
  readonly by?: Indirection;
}

/** A result of a cluster, and where the cluster writes it. */
export interface Result extends View {
  readonly node: number;
  readonly combine: Combine;
  /** For reductions: whether each axis of the space is reduced away. */
  reduced: boolean[];
  readonly divisor?: number;
}

/**
 * A matrix operand as a product reads it: a stride for each batch axis, and factors for the rows and the columns.
 */
export interface ProductOperand {
  readonly buffer: Buffer;
  readonly offset: number;
  readonly batch: readonly number[];
  readonly rows: readonly Factor[];
  readonly columns: readonly Factor[];
}

/** A product kernel whose buffers have no addresses yet. */
export interface Product extends Omit<ProductKernel, "a" | "b" | "c" | "scratch"> {
  readonly a: ProductOperand;
  readonly b: ProductOperand;
  /** The buffer that holds the product. */
  readonly target: Buffer;
}

/** A step that runs in JavaScript on numbers of the program: a host call, or a guard, which only checks them. */
export interface HostStep {
  readonly operands: readonly {
    readonly view: View;
    readonly shape: readonly number[];
    readonly dtype: DType;
  }[];
  /** Returns the numbers of each target. A guard returns none. */
  call(operands: readonly NDArray[]): readonly NDArray[];
  /** The buffers that receive the numbers; null for an output that nothing reads. A guard has no targets. */
  readonly targets: readonly (Buffer | null)[];
  /** Whether it may throw on numbers that no guard has checked. */
  readonly mayThrow: boolean;
  /** For a guard: whether it may decide differently on the same numbers. */
  readonly mayDiffer?: boolean;
}

/** The cost of a reduction in addition to its nodes, in the same units. */
const COST_OF_RESULT = 8;

let serial = 0;

export class Cluster extends Nodes {
  readonly id: number = serial++;
  /** The sizes of the space's axes, in the order in which the main results lie in memory. */
  sizes: number[];
  readonly reads: View[] = [];
  /**
   * The buffers that it computes element by element, in the order of its space, and the place of each in `nodes`.
   */
  readonly computed: Map<Buffer, number> = new Map();
  /** Its other writes: reductions, and parts of larger arrays. */
  readonly results: Result[] = [];
  /** The clusters that must run before this one; `waitForAll` adds to them. */
  readonly needs: Set<Cluster> = new Set();
  /** The clusters that have this one among their needs. */
  readonly neededBy: Set<Cluster> = new Set();
  /** Greater than the depth of every cluster that this one needs, so that a search can stop at a given depth. */
  depth = 0;
  /** The number of the last search that visited this cluster. */
  visitedBy = 0;
  /** Whether further values may join it. */
  isOpen = true;
  product: Product | null = null;
  host: HostStep | null = null;
  inside: Inside | null = null;
  /**
   * What becomes of each row, and the nodes that read the rows. Rows lie along the last axis of the space, and the only
   * result says where they are written.
   */
  rows: { readonly rule: RowRule; readonly operands: readonly number[] } | null = null;
  /** A buffer to be filled with zeros. A cluster that has one does nothing else. */
  zeros: Buffer | null = null;
  /** The names of the operations that were fused into it, for listings. */
  readonly labels: string[] = [];
  #counted = 0;
  #costOfCounted = 0;

  constructor(sizes: readonly number[]) {
    super();
    this.sizes = [...sizes];
  }

  // ── Order ───────────────────────────────────────────────────────────────────────────────────────────────────

  waitForAll(clusters: Iterable<Cluster>): void {
    for (const cluster of clusters) {
      if (this.needs.has(cluster)) continue;
      this.needs.add(cluster);
      cluster.neededBy.add(this);
      this.#deepen(cluster);
    }
  }

  /** Makes this cluster deeper than one that it needs, and then the clusters that need this one deeper in turn. */
  #deepen(need: Cluster): void {
    if (this.depth > need.depth) return;
    this.depth = need.depth + 1;
    const deeper: Cluster[] = [this];
    for (let i = 0; i < deeper.length; i++) {
      const { depth, neededBy } = deeper[i]!;
      for (const other of neededBy) {
        if (other.depth > depth) continue;
        if (other === need) throw new Error("compile: clusters wait for each other");
        other.depth = depth + 1;
        deeper.push(other);
      }
    }
  }

  /** Takes over the dependencies of a cluster that joins this one, in both directions. */
  #takeOrderOf(other: Cluster): void {
    for (const waiting of other.neededBy) {
      waiting.needs.delete(other);
      waiting.waitForAll([this]);
    }
    for (const need of other.needs) need.neededBy.delete(other);
    this.waitForAll(other.needs);
    other.neededBy.clear();
    other.needs.clear();
  }

  // ── Reads ───────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Returns the node of a buffer's element: the node that computes it here in the same order, or else a read
   * from memory.
   */
  read(buffer: Buffer, offset: number, strides: readonly number[]): number {
    const inside = this.computed.get(buffer);
    if (inside !== undefined && walksInOrder(this.sizes, strides, offset)) return inside;
    this.waitForAll(buffer.producers);
    buffer.isStored = true;
    return this.readMemory(buffer, offset, strides);
  }

  /**
   * Returns the node of an element that is found by an index. The buffer must be complete before this cluster runs.
   */
  readAt(buffer: Buffer, offset: number, strides: readonly number[], by: Indirection): number {
    this.waitForAll(buffer.producers);
    buffer.isStored = true;
    return this.readMemory(buffer, offset, strides, by);
  }

  /** Returns the node of a read from memory. Adds no dependency: the elements must be there already. */
  readMemory(buffer: Buffer, offset: number, strides: readonly number[], by?: Indirection): number {
    const known = this.reads.findIndex(
      (view) =>
        view.buffer === buffer &&
        view.offset === offset &&
        isSameIndirection(view.by, by) &&
        view.strides.every((stride, k) => this.sizes[k] === 1 || stride === strides[k]),
    );
    const view = { buffer, offset, strides: [...strides], ...(by && { by }) };
    const read = known >= 0 ? known : this.reads.push(view) - 1;
    return this.element(read, buffer.dtype);
  }

  // ── Spaces ──────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Returns the coarsest sizes that both this space and another of equally many elements can be split into;
   * null if there are none.
   */
  common(sizes: readonly number[]): number[] | null {
    return refine([this.sizes.filter((n) => n !== 1), sizes.filter((n) => n !== 1)]);
  }

  /** Splits the axes of the space into finer ones. */
  refineTo(sizes: readonly number[]): void {
    if (sizes.join() === this.sizes.join()) return;
    const factors = (strides: readonly number[]) =>
      this.sizes.map((size, axis) => ({ size, stride: strides[axis]! })).filter(({ size }) => size !== 1);
    for (const view of this.reads) view.strides = split(factors(view.strides), sizes);
    for (const result of this.results) {
      result.reduced = split(factors(result.reduced.map(Number)), sizes).map(
        (_, axis) => result.reduced[this.#ancestor(sizes, axis)]!,
      );
      result.strides = split(factors(result.strides), sizes);
    }
    this.sizes = [...sizes];
  }

  /**
   * Joins axes of the space into coarser ones. Returns false, with nothing changed, if a read walks them
   * unevenly or the cluster has `results`.
   */
  coarsenTo(sizes: readonly number[]): boolean {
    if (this.results.length > 0) return false;
    const common = this.common(sizes);
    if (common === null) return false;
    const finer = (strides: readonly number[]) =>
      split(
        this.sizes.map((size, axis) => ({ size, stride: strides[axis]! })).filter(({ size }) => size !== 1),
        common,
      );
    const coarser = this.reads.map(({ strides }) => coarsen(common, finer(strides), sizes));
    if (coarser.includes(null)) return false;
    this.reads.forEach((view, i) => {
      view.strides = coarser[i]!;
    });
    this.sizes = [...sizes];
    return true;
  }

  /** Returns the axis of the present space that contains an axis of finer sizes. */
  #ancestor(sizes: readonly number[], axis: number): number {
    const inner = sizes.slice(axis + 1).reduce((product, n) => product * n, 1);
    let product = 1;
    for (let k = this.sizes.length - 1; k >= 0; k--) {
      product *= this.sizes[k]!;
      if (inner < product) return k;
    }
    return 0;
  }

  /** Takes over the nodes, the results and the dependencies of another cluster of the same sizes. */
  absorb(other: Cluster): void {
    const image: number[] = [];
    other.nodes.forEach((node, i) => {
      image[i] = this.adopt(node, image, other.reads);
    });
    for (const [buffer, node] of other.computed) {
      this.computed.set(buffer, image[node]!);
      buffer.producers.splice(buffer.producers.indexOf(other), 1, this);
    }
    for (const result of other.results) {
      this.results.push({ ...result, node: image[result.node]! });
      const { producers } = result.buffer;
      producers.splice(producers.indexOf(other), 1, this);
    }
    this.#takeOrderOf(other);
    this.labels.push(...other.labels);
  }

  /**
   * Adds a node of another cluster of the same space, and returns its place. `image` maps the nodes of the
   * other cluster to places here, and `reads` are the other cluster's views.
   */
  adopt(node: BodyNode, image: readonly number[], reads: readonly View[]): number {
    switch (node.op) {
      case "read": {
        const { buffer, offset, strides, by } = reads[node.read]!;
        if (by === undefined) return this.read(buffer, offset, strides);
        return this.readAt(buffer, offset, strides, { ...by, node: image[by.node]! });
      }
      case "constant":
        return this.constant(node.value, node.dtype);
      case "convert":
        return this.convert(image[node.operand]!, node.dtype);
      case "atom":
        return this.atom(
          node.atom,
          node.operands.map((operand) => image[operand]!),
          node.dtype,
        );
      case "index":
        throw new Error("a cluster reads indices from buffers, not from index nodes");
    }
  }

  /** The approximate size of its code, in the units of `LARGEST_BODY`. */
  get cost(): number {
    for (; this.#counted < this.nodes.length; this.#counted++)
      this.#costOfCounted += costOf(this.nodes[this.#counted]!);
    return this.#costOfCounted + COST_OF_RESULT * this.results.length;
  }

  /** The number of indices in its space. */
  get size(): number {
    return this.sizes.reduce((product, n) => product * n, 1);
  }

  get denseStrides(): number[] {
    return denseStrides(this.sizes);
  }
}

const isSameIndirection = (a: Indirection | undefined, b: Indirection | undefined): boolean =>
  a?.node === b?.node && a?.stride === b?.stride && a?.size === b?.size;

/** Returns the places of the nodes from which a node of a cluster is computed. */
export function operandsIn({ reads }: Cluster, node: BodyNode): readonly number[] {
  if (node.op === "atom") return node.operands;
  if (node.op === "convert") return [node.operand];
  const by = node.op === "read" ? reads[node.read]!.by : undefined;
  return by === undefined ? [] : [by.node];
}

let searches = 0;

/** Whether a cluster depends on another, directly or through others. */
export function waitsFor(cluster: Cluster, other: Cluster): boolean {
  if (cluster === other) return true;
  if (cluster.depth <= other.depth) return false;
  const [before, after] = [++searches, ++searches];
  cluster.visitedBy = before;
  other.visitedBy = after;
  // Searches from both ends in turn. The search ends when one side is exhausted, and usually one side is small.
  const needs = [cluster];
  const waiting = [other];
  for (let i = 0; i < needs.length && i < waiting.length; i++) {
    for (const need of needs[i]!.needs) {
      if (need.visitedBy === after) return true;
      if (need.visitedBy === before || need.depth <= other.depth) continue;
      need.visitedBy = before;
      needs.push(need);
    }
    for (const later of waiting[i]!.neededBy) {
      if (later.visitedBy === before) return true;
      if (later.visitedBy === after || later.depth >= cluster.depth) continue;
      later.visitedBy = after;
      waiting.push(later);
    }
  }
  return false;
}
