// The clusters of a program, and which of them a value may join: a cluster that computes one of its operands
// in the same order, if no other operand of the value depends on that cluster.

import { sizeOf } from "../array/shape.ts";
import { isCostly, LARGEST_BODY } from "../kernels/nodes.ts";
import { type Buffer, Cluster, type Indirection, operandsIn, waitsFor } from "./cluster.ts";
import { coarsen, refine, split, walksInOrder } from "./layout.ts";

/** A buffer as a value would read it, with strides along the axes of the value's space. */
export interface Walked {
  readonly buffer: Buffer;
  readonly offset: number;
  readonly strides: readonly number[];
  /** Whether it is read at an index. The whole buffer must then be complete beforehand. */
  readonly isIndirect?: boolean;
}

/** A cluster to join, the sizes of its space, and the strides of the value's views in that space. */
export interface Home {
  readonly cluster: Cluster;
  readonly sizes: readonly number[];
  readonly strides: readonly (readonly number[])[];
}

/**
 * A value of at most this many operations is computed again rather than stored and read: of twice as many if it is large
 * and computed from smaller arrays alone, so that nothing as large is read in its place.
 */
const CHEAP = 4;
/** In elements. Smaller arrays stay in the processor's nearest cache. */
const LARGE = 4096;
/** Elements are computed again at indices where otherwise this many times as many would have to be stored. */
const FEW = 8;

export class JoinableClusters {
  readonly #all: Cluster[] = [];
  readonly #absorbed: Set<Cluster> = new Set();

  /** The clusters that have not joined others. */
  get all(): Cluster[] {
    return this.#all.filter((cluster) => !this.#absorbed.has(cluster));
  }

  /** Adds a cluster that was made elsewhere. */
  take(cluster: Cluster): void {
    this.#all.push(cluster);
  }

  /** Adds a new cluster over a space, and returns it. */
  begin(sizes: readonly number[]): Cluster {
    const cluster = new Cluster(sizes);
    this.#all.push(cluster);
    return cluster;
  }

  /** Notes that a cluster computes a buffer element by element, in the order of its space. */
  computes(cluster: Cluster, buffer: Buffer, node: number): void {
    cluster.computed.set(buffer, node);
    buffer.producers.push(cluster);
  }

  /**
   * Returns an open cluster that computes one of these views element by element and on which no other view
   * depends, and splits or joins axes so that one space serves the cluster and the views. Returns null if
   * there is no such cluster.
   */
  home(sizes: readonly number[], views: readonly Walked[]): Home | null {
    const producers = [...new Set(views.flatMap(({ buffer }) => buffer.producers))];
    const size = sizeOf(sizes);
    const goesAlong = ({ buffer, offset, strides, isIndirect }: Walked, cluster: Cluster) =>
      isIndirect !== true && cluster.computed.has(buffer) && walksInOrder(sizes, strides, offset);
    const candidates = producers.filter(
      (cluster) =>
        cluster.isOpen &&
        cluster.cost < LARGEST_BODY &&
        cluster.size === size &&
        views.some((view) => view.buffer.size === size && goesAlong(view, cluster)) &&
        // A buffer that is read in another order must be complete beforehand.
        views.every((view) => !view.buffer.producers.includes(cluster) || goesAlong(view, cluster)) &&
        producers.every((other) => other === cluster || !waitsFor(other, cluster)),
    );
    // A product comes before others, since only its epilogue has the elements of the product at hand. Then
    // comes the youngest cluster, so that few values have to be kept for later.
    const rank = (cluster: Cluster) => (cluster.product === null ? 0 : Infinity) || cluster.id;
    candidates.sort((a, b) => (rank(b) > rank(a) ? 1 : rank(b) < rank(a) ? -1 : b.id - a.id));
    for (const cluster of candidates) {
      const shared = this.#shared(cluster, sizes, views);
      if (shared === null) continue;
      if (cluster.product === null) cluster.refineTo(shared.sizes);
      this.#gather(cluster, candidates, sizes);
      // Clusters that joined it may have split its space further.
      return { ...this.#shared(cluster, sizes, views)!, cluster };
    }
    return null;
  }

  #shared(
    cluster: Cluster,
    sizes: readonly number[],
    views: readonly { readonly strides: readonly number[] }[],
  ): { sizes: readonly number[]; strides: readonly (readonly number[])[] } | null {
    const common = cluster.common(sizes);
    if (common === null) return null;
    const finer = views.map(({ strides }) =>
      split(
        sizes.map((size, axis) => ({ size, stride: strides[axis]! })).filter(({ size }) => size !== 1),
        common,
      ),
    );
    if (cluster.product === null) return { sizes: common, strides: finer };
    // A product's space is its matrix and can't be split, so a value that joins it must walk it evenly.
    const coarser = finer.map((strides) => coarsen(common, strides, cluster.sizes));
    if (coarser.includes(null)) return null;
    return { sizes: cluster.sizes, strides: coarser as number[][] };
  }

  /**
   * Adds to `cluster` those other candidates that can be computed with it in a space that serves all of them
   * and `sizes`.
   */
  #gather(cluster: Cluster, candidates: readonly Cluster[], sizes: readonly number[]): void {
    for (const other of candidates) {
      if (other === cluster || other.product !== null) continue;
      if (cluster.cost + other.cost > LARGEST_BODY) continue;
      const common = refine([cluster.sizes, other.sizes, sizes]);
      if (common === null) continue;
      if (waitsFor(other, cluster) || waitsFor(cluster, other)) continue;
      if (cluster.product === null) {
        cluster.refineTo(common);
        other.refineTo(common);
      } else if (!other.coarsenTo(cluster.sizes)) continue;
      cluster.absorb(other);
      this.#absorbed.add(other);
    }
  }

  /** Returns a node for a view. The value is computed again here if that is cheaper than storing and reading it. */
  read(cluster: Cluster, buffer: Buffer, offset: number, strides: readonly number[]): number {
    const { source } = buffer;
    if (source.kind === "constant" && buffer.size === 1)
      return cluster.constant(source.array.data[0]!, buffer.dtype);
    if (!buffer.isStored && !cluster.computed.has(buffer) && buffer.producers.length === 1) {
      const [producer] = buffer.producers;
      const again = this.#again(producer!, cluster, buffer, offset, strides);
      if (again !== null) return again;
    }
    return cluster.read(buffer, offset, strides);
  }

  #again(
    producer: Cluster,
    cluster: Cluster,
    buffer: Buffer,
    offset: number,
    strides: readonly number[],
  ): number | null {
    const root = producer.computed.get(buffer);
    if (root === undefined || !walksInOrder(cluster.sizes, strides, offset)) return null;
    if (producer.sizes.join() !== cluster.sizes.join()) return null;
    const body = cheapBody(producer, root);
    if (body === null) return null;
    const full = body.nodes.filter((i) => {
      const node = producer.nodes[i]!;
      return node.op === "read" && producer.reads[node.read]!.buffer.size === buffer.size;
    });
    // Of what it is computed from, one at most may be as large as the value.
    const most = full.length === 0 && buffer.size >= LARGE ? 2 * CHEAP : CHEAP;
    if (full.length > 1 || body.cost > most) return null;
    const image: number[] = [];
    for (const i of body.nodes) image[i] = cluster.adopt(producer.nodes[i]!, image, producer.reads);
    return image[root]!;
  }

  /** Returns a node for an element that is found by an index, like `read`: few elements are computed again there. */
  readAt(
    cluster: Cluster,
    buffer: Buffer,
    offset: number,
    strides: readonly number[],
    by: Indirection,
  ): number {
    const [producer] = buffer.producers;
    const isComputed = !buffer.isStored && buffer.producers.length === 1 && producer !== cluster;
    const again =
      isComputed && offset === 0 && FEW * cluster.size <= buffer.size
        ? this.#againAt(producer!, cluster, buffer, strides, by)
        : null;
    return again ?? cluster.readAt(buffer, offset, strides, by);
  }

  #againAt(
    producer: Cluster,
    cluster: Cluster,
    buffer: Buffer,
    strides: readonly number[],
    by: Indirection,
  ): number | null {
    const root = producer.computed.get(buffer);
    const body = root === undefined || producer.product !== null ? null : cheapBody(producer, root);
    if (body === null) return null;
    /** The producer's axis along which the elements of its result lie so far apart; -1 if they don't along any. */
    const axisOf = (stride: number) =>
      producer.denseStrides.findIndex((own, axis) => own === stride && producer.sizes[axis] !== 1);
    const found = axisOf(by.stride);
    const axes = strides.map((stride, k) => (stride === 0 || cluster.sizes[k] === 1 ? null : axisOf(stride)));
    const isWithin = (axis: number | null, k: number) =>
      axis === null || (axis !== found && cluster.sizes[k]! <= (producer.sizes[axis] ?? 0));
    if (found < 0 || by.size > producer.sizes[found]! || !axes.every(isWithin)) return null;
    const reads = body.nodes.flatMap((i) => {
      const node = producer.nodes[i]!;
      return node.op === "read" ? [producer.reads[node.read]!] : [];
    });
    if (reads.some((view) => view.by !== undefined)) return null;
    const image: number[] = [];
    for (const i of body.nodes) {
      const node = producer.nodes[i]!;
      if (node.op !== "read") {
        image[i] = cluster.adopt(node, image, producer.reads);
        continue;
      }
      const view = producer.reads[node.read]!;
      const along = axes.map((axis) => (axis === null ? 0 : view.strides[axis]!));
      const step = view.strides[found]!;
      image[i] =
        step === 0
          ? this.read(cluster, view.buffer, view.offset, along)
          : cluster.readAt(view.buffer, view.offset, along, { ...by, stride: step });
    }
    return image[root!]!;
  }
}

/** The nodes of a cluster from which one is computed, in order, and what they cost; null where they cost too much. */
function cheapBody(
  producer: Cluster,
  root: number,
): { readonly nodes: readonly number[]; readonly cost: number } | null {
  const needed = new Set([root]);
  let cost = 0;
  for (let i = root; i >= 0; i--) {
    if (!needed.has(i)) continue;
    const node = producer.nodes[i]!;
    for (const operand of operandsIn(producer, node)) needed.add(operand);
    if (node.op === "atom") cost += isCostly(node.atom) ? 2 * CHEAP + 1 : 1;
    else if (node.op === "read") {
      const read = producer.reads[node.read]!.buffer;
      // The operands must be in memory anyway.
      if (read.producers.includes(producer) && !read.isStored) return null;
    }
  }
  return cost > 2 * CHEAP ? null : { nodes: [...needed].sort((a, b) => a - b), cost };
}
