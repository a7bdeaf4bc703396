// After fusion: clusters of which neither waits for the other are computed together if both read the same array in order
// and one of them is light, so that the array is read once; or if they have so few elements that most of their time goes
// into being called.

import { LARGEST_BODY } from "../kernels/nodes.ts";
import { type Buffer, type Cluster, waitsFor } from "./cluster.ts";
import { refine, walksInOrder } from "./layout.ts";
import { writtenBy } from "./schedule.ts";
import { SHARING } from "./sharing.ts";

/** A cluster that costs at most this much takes less time to compute than to read; heavier ones only lengthen each other. */
const LIGHT = 16;
/** In elements: clusters of as many take less time than calling them. */
const TINY = 8;

/**
 * Clusters whose depths differ by more are left alone: what the earlier one computes would have to wait for the later one,
 * and whether one of them waits for the other would take a long search.
 */
const NEAR = 32;

/** Returns the clusters that remain: the oldest of those that are joined takes in the others. */
export function joinSiblings(clusters: readonly Cluster[]): Cluster[] {
  // In large programs tiny clusters are better left alike, since those that are share one function.
  const joinsTiny = clusters.length < SHARING.least;
  /** The last cluster that reads an array in order, and the last tiny one of a size. */
  const last = new Map<Buffer | number, Cluster>();
  return clusters.filter((cluster) => {
    if (!isLoop(cluster)) return true;
    const tiny = joinsTiny && cluster.size <= TINY ? [cluster.size] : [];
    const keys = [...readInOrder(cluster), ...tiny];
    const home = keys
      .map((key) => last.get(key))
      .find((other) => other !== undefined && join(other, cluster));
    for (const key of keys) last.set(key, home ?? cluster);
    return home === undefined;
  });
}

const isLoop = (cluster: Cluster) =>
  cluster.isOpen && cluster.product === null && cluster.size > 0 && writtenBy(cluster).length > 0;

const readInOrder = ({ reads, sizes, size }: Cluster): Buffer[] =>
  reads.flatMap(({ buffer, offset, strides, by }) =>
    by === undefined && buffer.size === size && walksInOrder(sizes, strides, offset) ? [buffer] : [],
  );

function join(home: Cluster, cluster: Cluster): boolean {
  const isWorthwhile = cluster.size <= TINY || Math.min(home.cost, cluster.cost) <= LIGHT;
  const isFar = Math.abs(home.depth - cluster.depth) > NEAR;
  if (!isWorthwhile || isFar || home.cost + cluster.cost > LARGEST_BODY) return false;
  const common = refine([home.sizes, cluster.sizes]);
  if (common === null || waitsFor(cluster, home) || waitsFor(home, cluster)) return false;
  for (const each of [home, cluster]) each.refineTo(common);
  home.absorb(cluster);
  return true;
}
