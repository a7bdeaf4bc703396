// A cluster: values that are computed together, in one pass over one space of indices. Its body is a list of nodes, each
// once; what it reads and writes are buffers, seen through strides along the axes of its space.

import type { DType } from "../array/dtype.ts";
import type { NDArray } from "../array/ndarray.ts";
import type { Atom } from "../expression/atoms/atom.ts";
import { type Expression, inOrder } from "../expression/expression.ts";
import { constantOrOperand } from "../expression/simplify.ts";
import type { BodyNode, Combine } from "../kernels/kernel.ts";
import { coarsen, denseStrides, refine, split, walksInOrder } from "./layout.ts";
import type { LiftedVariable } from "./record.ts";

/** Where a buffer's elements come from. */
export type Source =
  | { readonly kind: "argument"; readonly place: number }
  | { readonly kind: "variable"; readonly lifted: LiftedVariable }
  | { readonly kind: "gradient"; readonly lifted: LiftedVariable }
  | { readonly kind: "constant"; readonly array: NDArray }
  /** Clusters of this program. */
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

/** A buffer as a cluster reads or writes it. */
export interface View {
  readonly buffer: Buffer;
  readonly offset: number;
  /** One an axis of the cluster's space. */
  strides: number[];
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
  readonly rows: readonly { readonly size: number; readonly stride: number }[];
  readonly columns: readonly { readonly size: number; readonly stride: number }[];
}

export interface Product {
  readonly dtype: "float32" | "float64";
  readonly gated: boolean;
  readonly batch: readonly number[];
  readonly m: number;
  readonly n: number;
  readonly k: number;
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
  /** Gives the numbers of the target; null where it only looks. */
  call(operands: readonly NDArray[]): NDArray | null;
  readonly target: Buffer | null;
}

let serial = 0;

export class Cluster {
  readonly id: number = serial++;
  /** The space: in the order in which its main results lie in memory. */
  sizes: number[];
  readonly nodes: BodyNode[] = [];
  readonly reads: View[] = [];
  /** What it computes element by element, in the order of its space: where in `nodes`. */
  readonly computed: Map<Buffer, number> = new Map();
  /** What it writes otherwise: reductions, and parts of larger arrays. */
  readonly results: Result[] = [];
  /** The clusters that must have run before. */
  readonly needs: Set<Cluster> = new Set();
  /** Whether more may be computed in it. */
  isOpen = true;
  product: Product | null = null;
  host: HostStep | null = null;
  /** A buffer to be filled with zeros, and nothing else. */
  zeros: Buffer | null = null;
  /** What made it, for listings. */
  readonly labels: string[] = [];
  readonly #known = new Map<string, number>();

  constructor(sizes: readonly number[]) {
    this.sizes = [...sizes];
  }

  // ── Nodes ───────────────────────────────────────────────────────────────────────────────────────────────────

  #node(key: string, node: BodyNode): number {
    let place = this.#known.get(key);
    if (place === undefined) {
      place = this.nodes.push(node) - 1;
      this.#known.set(key, place);
    }
    return place;
  }

  /** An element of a buffer, at strides along the axes of the space. */
  read(buffer: Buffer, offset: number, strides: readonly number[]): number {
    const inside = this.computed.get(buffer);
    if (inside !== undefined && walksInOrder(this.sizes, strides, offset)) return inside;
    for (const producer of buffer.producers) this.needs.add(producer);
    buffer.isStored = true;
    return this.readMemory(buffer, offset, strides);
  }

  /** The same, of what is in memory already. */
  readMemory(buffer: Buffer, offset: number, strides: readonly number[]): number {
    const known = this.reads.findIndex(
      (view) =>
        view.buffer === buffer &&
        view.offset === offset &&
        view.strides.every((stride, k) => this.sizes[k] === 1 || stride === strides[k]),
    );
    const read = known >= 0 ? known : this.reads.push({ buffer, offset, strides: [...strides] }) - 1;
    return this.#node(`read ${read}`, { op: "read", read, dtype: buffer.dtype });
  }

  constant(value: number, dtype: DType): number {
    return this.#node(`${dtype} ${Object.is(value, -0) ? "-0" : value}`, { op: "constant", value, dtype });
  }

  cast(operand: number, dtype: DType): number {
    const node = this.nodes[operand]!;
    if (node.op === "constant") return this.constant(castConstant(node.value, dtype), dtype);
    // What has been rounded to a type already is an element of it.
    if (node.dtype === dtype && (node.op !== "atom" || dtype === "float64" || dtype === "bool"))
      return operand;
    return this.#node(`cast ${operand} ${dtype}`, { op: "convert", operand, dtype });
  }

  atom(atom: Atom, operands: readonly number[], dtype: DType): number {
    const constants = operands.map((operand) => {
      const node = this.nodes[operand]!;
      return node.op === "constant" ? node.value : null;
    });
    const shorter = constantOrOperand(atom, constants);
    if (shorter !== null) {
      if ("constant" in shorter) return this.constant(castConstant(shorter.constant, dtype), dtype);
      const operand = operands[shorter.operand]!;
      if (this.nodes[operand]!.dtype === dtype) return operand;
    }
    return this.#node(`${atom.name} ${operands.join()} ${dtype}`, { op: "atom", atom, operands, dtype });
  }

  /** An expression whose inputs are nodes. */
  expression(expression: Expression, operands: readonly number[]): number {
    const image = new Map<Expression, number>();
    // Constants take the type of what they meet, as numbers beside tensors do.
    const place = (node: Expression, dtype: DType) =>
      node.isConstant ? this.constant(node.constant, dtype) : image.get(node)!;
    for (const node of inOrder(expression)) {
      if (node.isConstant) continue;
      if (node.atom === null) {
        image.set(node, operands[node.input]!);
        continue;
      }
      const types = node.operands.map((operand) =>
        operand.isConstant ? null : this.nodes[image.get(operand)!]!.dtype,
      );
      const shared = types.find((type) => type !== null && type !== "bool") ?? null;
      const kinds = node.atom.operands;
      const kindOf = (i: number) => (typeof kinds === "string" ? kinds : kinds[i]!);
      const fallback: DType = shared ?? (types.includes("bool") ? this.#companion(operands) : "float64");
      const places = node.operands.map((operand, i) =>
        place(operand, kindOf(i) === "bool" ? "bool" : fallback),
      );
      const dtype: DType = node.atom.result === "bool" ? "bool" : (shared ?? resultOf(places, this.nodes));
      image.set(node, this.atom(node.atom, places, dtype));
    }
    if (!expression.isConstant) return image.get(expression)!;
    return this.constant(expression.constant, this.#companion(operands));
  }

  /** The type that constants have among these operands. */
  #companion(operands: readonly number[]): DType {
    return operands.map((operand) => this.nodes[operand]!.dtype).find((type) => type !== "bool") ?? "float32";
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
    for (const need of other.needs) this.needs.add(need);
    this.labels.push(...other.labels);
  }

  /** A node of another cluster of the same space, whose operands have places here. */
  adopt(node: BodyNode, image: readonly number[], reads: readonly View[]): number {
    switch (node.op) {
      case "read": {
        const { buffer, offset, strides } = reads[node.read]!;
        return this.read(buffer, offset, strides);
      }
      case "constant":
        return this.constant(node.value, node.dtype);
      case "convert":
        return this.cast(image[node.operand]!, node.dtype);
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

  /** How many indices its space has. */
  get size(): number {
    return this.sizes.reduce((product, n) => product * n, 1);
  }

  get denseStrides(): number[] {
    return denseStrides(this.sizes);
  }
}

function resultOf(places: readonly number[], nodes: readonly BodyNode[]): DType {
  return places.map((place) => nodes[place]!.dtype).find((type) => type !== "bool") ?? "bool";
}

function castConstant(value: number, dtype: DType): number {
  if (dtype === "float32") return Math.fround(value);
  if (dtype === "int32") return value | 0;
  return dtype === "bool" ? Number(value !== 0) : value;
}
