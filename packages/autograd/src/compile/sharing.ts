// Kernels that differ only in the addresses of their arrays, as those of equal layers do, become one function that
// takes the addresses as parameters: less code to write, and less for the JavaScript engine to compile and warm up. In a
// loop, addresses may move from place to place, so that there all are parameters.

import type { FunctionIndex } from "../kernels/assembler.ts";
import type { KernelModule } from "../kernels/kernel-module.ts";
import { writeLoops } from "../kernels/loops.ts";
import { writeProduct } from "../kernels/product.ts";
import { writeRows } from "../kernels/rows.ts";
import type { Cluster } from "./cluster.ts";
import { type Address, fixedKernels, generalKernels, hasKernels, type Kernels } from "./kernels.ts";

/** A function, and the addresses with which it is called. */
export interface Call {
  readonly fn: FunctionIndex;
  readonly with: readonly Address[];
}

// Programs of fewer kernels don't share functions: fixed addresses make slightly faster code, and small
// programs repeat few kernels.
export const SHARING = { least: 40 };

// A WebAssembly function has at most 1,000 parameters, and the epilogue of a product has some of its own.
const MOST_ADDRESSES = 900;

/**
 * Writes the kernels of clusters, and returns the call of each; null for a cluster without kernels. Kernels that are equal
 * except for their addresses are written once.
 */
export function writeKernels(
  module: KernelModule,
  order: readonly Cluster[],
  scratch: (cluster: Cluster) => number,
): (Call | null)[] {
  const fixed = (cluster: Cluster): Call => ({
    fn: write(module, fixedKernels(cluster, scratch(cluster))),
    with: [],
  });
  if (order.length < SHARING.least)
    return order.map((cluster) => (hasKernels(cluster) ? fixed(cluster) : null));
  const generals = order.map((cluster) =>
    hasKernels(cluster) ? generalKernels(cluster, scratch(cluster)) : null,
  );
  const counts = new Map<string, number>();
  for (const general of generals)
    if (general !== null) counts.set(general.key, (counts.get(general.key) ?? 0) + 1);
  return order.map((cluster, i) => {
    const general = generals[i] ?? null;
    if (general === null) return null;
    if (counts.get(general.key) === 1 || general.addresses.length > MOST_ADDRESSES) return fixed(cluster);
    return { fn: module.once(general.key, () => write(module, general.kernels)), with: general.addresses };
  });
}

/** The same for clusters inside a loop. */
export const writeMovingKernels = (
  module: KernelModule,
  order: readonly Cluster[],
  scratch: (cluster: Cluster) => number,
): (Call | null)[] =>
  order.map((cluster) => {
    if (!hasKernels(cluster)) return null;
    const { key, kernels, addresses } = generalKernels(cluster, scratch(cluster));
    return { fn: module.once(key, () => write(module, kernels)), with: addresses };
  });

function write(module: KernelModule, kernels: Kernels): FunctionIndex {
  if ("rows" in kernels) return writeRows(module, kernels.rows);
  const { loops, product } = kernels;
  if (product === null) return writeLoops(module, loops!);
  return writeProduct(module, product, loops === null ? null : writeLoops(module, loops));
}
