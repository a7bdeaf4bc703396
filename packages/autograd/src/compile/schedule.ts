// Puts the clusters in the order in which they run, and decides which variables can take their new values in
// the place of the old ones. Clusters that may throw run before any variable changes.

import type { Cell } from "../tape/cell.ts";
import { type Buffer, type Cluster, waitsFor } from "./cluster.ts";
import type { Fused, Placed } from "./fused.ts";
import { walksInOrder } from "./layout.ts";

export interface Schedule {
  readonly order: readonly Cluster[];
  /** Run before all clusters. */
  readonly guards: readonly Cluster[];
  readonly buffers: readonly Buffer[];
  readonly results: readonly Placed[];
  /** New values that are computed in the place of a variable's old value: the buffer of each, and its variable. */
  readonly inPlace: ReadonlyMap<Buffer, Cell>;
  /** New values that are copied to variables at the end. */
  readonly copied: readonly { readonly variable: Cell; readonly buffer: Buffer }[];
  readonly gradients: readonly { readonly variable: Cell; readonly buffer: Buffer | null }[];
  /**
   * Every variable that is read or written, with the buffer as which it is read; null if the program has no
   * such buffer.
   */
  readonly variables: readonly { readonly variable: Cell; readonly buffer: Buffer | null }[];
}

/** Returns the buffers that a cluster reads from memory. */
export function readBy(cluster: Cluster): Buffer[] {
  const { product, host, inside, reads } = cluster;
  const own = product === null ? [] : [product.a.buffer, product.b.buffer];
  const asked = host === null ? [] : host.operands.map(({ view }) => view.buffer);
  return [
    ...own,
    ...asked,
    ...(inside?.reads ?? []),
    ...reads.map(({ buffer }) => buffer).filter((buffer) => buffer !== product?.target),
  ];
}

/** Returns the buffers that a cluster writes to memory. */
export function writtenBy(cluster: Cluster): Buffer[] {
  const { host, inside, zeros, computed, results } = cluster;
  return [
    ...(inside?.writes ?? []),
    ...(host?.targets ?? []).filter((target) => target !== null),
    ...(zeros === null ? [] : [zeros]),
    ...[...computed.keys()].filter(({ isStored }) => isStored),
    ...results.map(({ buffer }) => buffer),
  ];
}

const mayThrow = ({ host, inside }: Cluster) => host?.mayThrow === true || inside?.mayThrow === true;

export function schedule(fused: Fused): Schedule {
  const isOutside = (cluster: Cluster) => readBy(cluster).every(({ source }) => source.kind !== "computed");
  const guards = fused.guards.filter(isOutside);
  const inside = fused.guards.filter((guard) => !isOutside(guard));
  // Clusters that may throw run, like guards, before any variable changes.
  const throwing = fused.clusters.filter(mayThrow);
  const before = [...inside, ...throwing];
  const clusters = [
    ...fused.clusters.filter((cluster) => writtenBy(cluster).length > 0 || mayThrow(cluster)),
    ...inside,
  ];
  const readersOf = new Map<Buffer, Cluster[]>();
  for (const cluster of clusters) {
    for (const buffer of new Set(readBy(cluster))) {
      if (buffer.source.kind !== "variable") continue;
      const readers = readersOf.get(buffer);
      if (readers === undefined) readersOf.set(buffer, [cluster]);
      else readers.push(cluster);
    }
  }
  const bufferOf = new Map<Cell, Buffer>();
  for (const buffer of fused.buffers) {
    if (buffer.source.kind === "variable") bufferOf.set(buffer.source.variable, buffer);
  }
  const inPlace = new Map<Buffer, Cell>();
  const copied: { variable: Cell; buffer: Buffer }[] = [];
  const resultBuffers = new Set(fused.results.map(({ buffer }) => buffer));
  for (const { variable, value } of fused.outcomes) {
    if (value === undefined) continue;
    const old = bufferOf.get(variable);
    const [maker] = value.producers;
    const readers = old === undefined ? [] : (readersOf.get(old) ?? []);
    const others = readers.filter((cluster) => cluster !== maker);
    const fits =
      maker !== undefined &&
      value.producers.length === 1 &&
      maker.host === null &&
      canReplace(maker, value, old) &&
      !resultBuffers.has(value) &&
      // All clusters that read the old value must be able to run before it is overwritten.
      [...others, ...before].every((reader) => !waitsFor(reader, maker));
    if (fits) {
      maker.waitForAll([...others, ...before]);
      inPlace.set(value, variable);
    } else copied.push({ variable, buffer: value });
  }
  const gradients = fused.outcomes.flatMap(({ variable, grad }) =>
    grad === undefined ? [] : [{ variable, buffer: grad }],
  );
  const order = inOrder(clusters);
  const read = new Set([...order, ...guards].flatMap(readBy));
  const touched = new Set<Cell>([...inPlace.values(), ...copied.map((each) => each.variable)]);
  for (const [each, buffer] of bufferOf) if (read.has(buffer)) touched.add(each);
  const variables = [...touched].map((variable) => ({ variable, buffer: bufferOf.get(variable) ?? null }));
  return {
    order,
    guards,
    buffers: fused.buffers,
    results: fused.results,
    inPlace,
    copied,
    gradients,
    variables,
  };
}

/**
 * Whether a cluster may compute a value in the place of the old one: it must have read an old element before
 * it writes to the same place.
 */
export function canReplace(maker: Cluster, value: Buffer, old: Buffer | undefined): boolean {
  if (old === undefined || !readBy(maker).includes(old)) return true;
  const { product, computed, reads, sizes } = maker;
  if (!computed.has(value)) return false;
  if (product !== null && (product.target === value || product.a.buffer === old || product.b.buffer === old))
    return false;
  return reads.every(
    ({ buffer, offset, strides, by }) =>
      buffer !== old || (by === undefined && walksInOrder(sizes, strides, offset)),
  );
}

/**
 * Returns the clusters in an order in which each comes after its needs. Of the clusters that are ready, the
 * oldest comes first.
 */
function inOrder(clusters: readonly Cluster[]): Cluster[] {
  const inside = new Set(clusters);
  /** For each cluster, how many of its needs are not in the order yet. Clusters that do not run are not counted. */
  const waiting = new Map<Cluster, number>();
  /** The clusters that are ready, the oldest last. */
  const ready: Cluster[] = [];
  const enter = (cluster: Cluster) => {
    let [low, high] = [0, ready.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (ready[middle]!.id > cluster.id) low = middle + 1;
      else high = middle;
    }
    ready.splice(low, 0, cluster);
  };
  for (const cluster of clusters) {
    let needs = 0;
    for (const need of cluster.needs) if (inside.has(need)) needs++;
    if (needs === 0) enter(cluster);
    else waiting.set(cluster, needs);
  }
  const order: Cluster[] = [];
  for (let next = ready.pop(); next !== undefined; next = ready.pop()) {
    order.push(next);
    for (const cluster of next.neededBy) {
      const needs = waiting.get(cluster);
      if (needs === undefined) continue;
      if (needs > 1) waiting.set(cluster, needs - 1);
      else if (waiting.delete(cluster)) enter(cluster);
    }
  }
  if (waiting.size > 0) throw new Error("compile: clusters wait for each other");
  return order;
}
