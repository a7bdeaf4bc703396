// A cluster: values that are computed together, in one pass over one space of indices. Its body is a list of nodes, each
// once; what it reads and writes are buffers, seen through strides along the axes of its space.

import type { DType } from "../array/dtype.ts";
import type { NDArray } from "../array/ndarray.ts";
import type { BodyNode, Combine, Factor, ProductKernel } from "../kernels/kernel.ts";
import { costOf, Nodes } from "../kernels/nodes.ts";
import type { Cell } from "../tape/cell.ts";
import { coarsen, denseStrides, refine, split, walksInOrder } from "./layout.ts";

/** Where a buffer's elements come from. */
export type Source =
  | { readonly kind: "argument"; readonly place: number }
  | { readonly kind: "variable"; readonly variable: Cell }
  | { readonly kind: "gradient"; readonly variable: Cell }
  | { readonly kind: "constant"; readonly array: NDArray }
  /** JoinableClusters of this program. */
  | { readonly kind: "computed" };

/** A flat array of a program. */
export interface Buffer {
  readonly id: number;
  readonly dtype: DType;
  readonly size: number;
  readonly source: Source;
  /** The clusters that fill it, in order; empty for what comes from outside. */
  readonly producers: Cluster[];
  /** Whether it must be in memory: something outside of its cluster reads it. */
  isStored: boolean;
  /** Whether it holds 0, 1, 2 …, which need not be read from memory. */
  readonly counts?: boolean;
  /** Where it lies, once that has been planned. */
  address: number;
}

/** An index which a node computes, and what it says: how many elements further something is. */
export interface Indirection {
  readonly node: number;
  readonly stride: number;
  readonly size: number;
}

/** A buffer as a cluster reads or writes it. */
export interface View {
  readonly buffer: Buffer;
  readonly offset: number;
  /** One an axis of the cluster's space. */
  strides: number[];
  readonly by?: Indirection;
}

/** Where a result of a cluster goes. */
export interface Result extends View {
  readonly node: number;
  readonly combine: Combine;
  /** For reductions: the axes that are reduced away. */
  reduced: boolean[];
}

/** A matrix operand as a product reads it: factors an axis. */
export interface ProductOperand {
  readonly buffer: Buffer;
  readonly offset: number;
  readonly batch: readonly number[];
  readonly rows: readonly Factor[];
  readonly columns: readonly Factor[];
}

/** What a product kernel will be, of buffers that have no address yet. */
export interface Product extends Omit<ProductKernel, "a" | "b" | "c" | "scratch"> {
  readonly a: ProductOperand;
  readonly b: ProductOperand;
  /** The product itself. */
  readonly target: Buffer;
}

/** Something that JavaScript does with numbers of the program. */
export interface HostStep {
  readonly operands: readonly {
    readonly view: View;
    readonly shape: readonly number[];
    readonly dtype: DType;
  }[];
  /** Gives the numbers of each target; nothing where it only looks. */
  call(operands: readonly NDArray[]): readonly NDArray[];
  /** Where they go; nowhere those that nobody needs. None of a step that only looks. */
  readonly targets: readonly (Buffer | null)[];
  /** Whether it may throw at numbers that no guard has looked at. */
  readonly mayThrow: boolean;
  /** Of a step that only looks: whether it may answer differently to the same numbers. */
  readonly mayDiffer?: boolean;
}

/** What a reduction costs beside its nodes, in those. */
const COST_OF_RESULT = 8;

let serial = 0;

export class Cluster extends Nodes {
  readonly id: number = serial++;
  /** The space: in the order in which its main results lie in memory. */
  sizes: number[];
  readonly reads: View[] = [];
  /** What it computes element by element, in the order of its space: where in `nodes`. */
  readonly computed: Map<Buffer, number> = new Map();
  /** What it writes otherwise: reductions, and parts of larger arrays. */
  readonly results: Result[] = [];
  /** The clusters that must have run before; `waitForAll` adds to them. */
  readonly needs: Set<Cluster> = new Set();
  /** The clusters that have this one among their needs. */
  readonly neededBy: Set<Cluster> = new Set();
  /** Greater than the depth of everything that it needs, so that searches need not go beyond a depth. */
  depth = 0;
  /** The search that came by last. */
  visitedBy = 0;
  /** Whether more may be computed in it. */
  isOpen = true;
  product: Product | null = null;
  host: HostStep | null = null;
  /** A buffer to be filled with zeros, and nothing else. */
  zeros: Buffer | null = null;
  /** What made it, for listings. */
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

  /** Makes this cluster deeper than one that it needs, and those that need it deeper than it. */
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

  /** Has those wait for this cluster that waited for one which joins it, and waits for what that one waited for. */
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

  /** An element of a buffer, at strides along the axes of the space. */
  read(buffer: Buffer, offset: number, strides: readonly number[]): number {
    const inside = this.computed.get(buffer);
    if (inside !== undefined && walksInOrder(this.sizes, strides, offset)) return inside;
    this.waitForAll(buffer.producers);
    buffer.isStored = true;
    return this.readMemory(buffer, offset, strides);
  }

  /** The same, found by an index: of what is complete when the cluster begins. */
  readAt(buffer: Buffer, offset: number, strides: readonly number[], by: Indirection): number {
    this.waitForAll(buffer.producers);
    buffer.isStored = true;
    return this.readMemory(buffer, offset, strides, by);
  }

  /** The same, of what is in memory already. */
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

  /** The finer sizes that serve this space and another of as many elements; null where there are none. */
  common(sizes: readonly number[]): number[] | null {
    return refine([this.sizes.filter((n) => n !== 1), sizes.filter((n) => n !== 1)]);
  }

  /** Takes axes of the space apart. */
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

  /** Joins axes of the space to coarser ones, if all that is read walks them evenly and nothing is written but in order. */
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

  /** The axis of the present space from which an axis of finer sizes comes. */
  #ancestor(sizes: readonly number[], axis: number): number {
    const inner = sizes.slice(axis + 1).reduce((product, n) => product * n, 1);
    let product = 1;
    for (let k = this.sizes.length - 1; k >= 0; k--) {
      product *= this.sizes[k]!;
      if (inner < product) return k;
    }
    return 0;
  }

  /** Takes over what another cluster of the same sizes does. */
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

  /** A node of another cluster of the same space, whose operands have places here. */
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
        throw new Error("clusters read indices from arrays");
    }
  }

  /** About how much code it is, in the measure of `LARGEST_BODY`. */
  get cost(): number {
    for (; this.#counted < this.nodes.length; this.#counted++)
      this.#costOfCounted += costOf(this.nodes[this.#counted]!);
    return this.#costOfCounted + COST_OF_RESULT * this.results.length;
  }

  /** How many indices its space has. */
  get size(): number {
    return this.sizes.reduce((product, n) => product * n, 1);
  }

  get denseStrides(): number[] {
    return denseStrides(this.sizes);
  }
}

const isSameIndirection = (a: Indirection | undefined, b: Indirection | undefined): boolean =>
  a?.node === b?.node && a?.stride === b?.stride && a?.size === b?.size;

/** The nodes that a node of a cluster is computed from. */
export function operandsIn({ reads }: Cluster, node: BodyNode): readonly number[] {
  if (node.op === "atom") return node.operands;
  if (node.op === "convert") return [node.operand];
  const by = node.op === "read" ? reads[node.read]!.by : undefined;
  return by === undefined ? [] : [by.node];
}

let searches = 0;

/** Whether a cluster waits for another, directly or by way of others. */
export function waitsFor(cluster: Cluster, other: Cluster): boolean {
  if (cluster === other) return true;
  if (cluster.depth <= other.depth) return false;
  const [before, after] = [++searches, ++searches];
  cluster.visitedBy = before;
  other.visitedBy = after;
  // From both ends in turn: the search is over when one end has been searched through, and mostly one of them is short.
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
