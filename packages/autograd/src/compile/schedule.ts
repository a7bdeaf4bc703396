// The order in which clusters run, and which variables can take their new values where the old ones lie.

import type { Cell } from "../tape/cell.ts";
import { type Buffer, type Cluster, waitsFor } from "./cluster.ts";
import type { Fused, Placed } from "./fuse.ts";
import { walksInOrder } from "./layout.ts";

export interface Schedule {
  readonly order: readonly Cluster[];
  /** Looked at before anything runs. */
  readonly guards: readonly Cluster[];
  readonly buffers: readonly Buffer[];
  readonly results: readonly Placed[];
  /** New values that are made in the place of a variable's old one: a buffer, and the variable's. */
  readonly inPlace: ReadonlyMap<Buffer, Cell>;
  /** New values that are copied to variables at the end. */
  readonly copied: readonly { readonly variable: Cell; readonly buffer: Buffer }[];
  readonly gradients: readonly { readonly variable: Cell; readonly buffer: Buffer | null }[];
  /** Every variable that is read or written, with the buffer it is read as. */
  readonly variables: readonly { readonly variable: Cell; readonly buffer: Buffer | null }[];
}

/** What a cluster reads. */
export function readBy(cluster: Cluster): Buffer[] {
  const { product, host, reads } = cluster;
  const own = product === null ? [] : [product.a.buffer, product.b.buffer];
  const asked = host === null ? [] : host.operands.map(({ view }) => view.buffer);
  return [
    ...own,
    ...asked,
    ...reads.map(({ buffer }) => buffer).filter((buffer) => buffer !== product?.target),
  ];
}

/** What a cluster leaves in memory. */
export function writtenBy(cluster: Cluster): Buffer[] {
  const { host, zeros, computed, results } = cluster;
  return [
    ...(host?.targets ?? []).filter((target) => target !== null),
    ...(zeros === null ? [] : [zeros]),
    ...[...computed.keys()].filter(({ isStored }) => isStored),
    ...results.map(({ buffer }) => buffer),
  ];
}

export function schedule(fused: Fused): Schedule {
  const isOutside = (cluster: Cluster) => readBy(cluster).every(({ source }) => source.kind !== "computed");
  const guards = fused.guards.filter(isOutside);
  const inside = fused.guards.filter((guard) => !isOutside(guard));
  // What may throw in the middle runs, like guards, before anything that is kept is changed.
  const throwing = fused.clusters.filter(({ host }) => host?.mayThrow === true);
  const before = [...inside, ...throwing];
  const clusters = [...fused.clusters.filter((cluster) => writtenBy(cluster).length > 0), ...inside];
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
      // Who reads the old value must be able to run before it goes.
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

/** Whether a cluster may make a value where the old one lies: it must have read an element when it writes there. */
function canReplace(maker: Cluster, value: Buffer, old: Buffer | undefined): boolean {
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

/** The oldest that is ready comes first. */
function inOrder(clusters: readonly Cluster[]): Cluster[] {
  const inside = new Set(clusters);
  /** How many of its needs each still waits for. What is not to run is not waited for. */
  const waiting = new Map<Cluster, number>();
  /** The oldest last. */
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
