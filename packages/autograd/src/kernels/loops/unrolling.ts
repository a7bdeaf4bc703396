// Decides how much of a plan's loops is unrolled. Short bodies gain from unrolling: more of them overlap, and vectors
// are merged before they are collected. Long bodies only become longer.

import type { Plan } from "./plan.ts";
import type { Axis } from "./walks.ts";

export interface Copies {
  /** How many vectors go through the vectors' loop at a time. */
  readonly vectors: number;
  /** For each other loop, how many indices are written out side by side; at least 1. */
  readonly loops: readonly number[];
}

// Rough numbers of instructions.
const WHOLE_KERNEL = 100;
const LOOP_BODY = 48;

// Beyond this, the constants and intermediate numbers of four vectors don't fit into the registers.
const HEAVIEST = 210;
// A body of so many has chains enough that don't wait for each other: a network of single numbers, in thousands.
const MANY_CHAINS = 1000;
// With fewer, the loop takes so little time that four copies of the code cost more than they save.
const MANY_VECTORS = 32;

/**
 * How many vectors go through a body side by side, as measured fastest. Short bodies wait for memory. In long
 * ones each operation waits for the one before, so that four chains take little more time than one.
 */
function vectorsAbreast(weight: number, total: number): number {
  if (weight > MANY_CHAINS) return 1;
  if (weight > HEAVIEST) return 2;
  return (weight > 4 && weight <= 12) || total < MANY_VECTORS ? 2 : 4;
}

const isKnown = ({ extent, steps }: Axis): boolean =>
  typeof extent === "number" && steps.every((step) => typeof step === "number");

/** The copies that a plan is written with. `width` is the lanes of a vector, `weight` the instructions of a body. */
export function copiesFor(plan: Plan, width: number, weight: number): Copies {
  const { axes, vector } = plan;
  const vectorsIn = ({ extent }: Axis) =>
    typeof extent === "number" ? Math.floor(extent / width) : Number.POSITIVE_INFINITY;
  const rounds = axes.map((axis, k) => {
    if (!isKnown(axis)) return Number.POSITIVE_INFINITY;
    return k === vector ? Math.ceil((axis.extent as number) / width) : (axis.extent as number);
  });
  const total = rounds.reduce((product, n) => product * n, 1);
  // A vector costs some instructions besides its body.
  if (total <= 8 && total * (weight + 3) <= WHOLE_KERNEL)
    return { vectors: vector < 0 ? 1 : Math.max(1, rounds[vector]!), loops: rounds };

  const loops = axes.map(() => 1);
  if (vector < 0 || axes[vector]!.steps.some((step) => typeof step !== "number"))
    return { vectors: 1, loops };
  const full = Math.max(1, vectorsIn(axes[vector]!));
  const copies = Math.max(1, Math.min(8, Math.floor(LOOP_BODY / weight)));
  if (axes.every(({ reducedBy }) => reducedBy === 0)) {
    // Short inner loops are written out completely, and of the first long one some rounds.
    let written = rounds[vector]!;
    if (written > copies) return { vectors: Math.min(full, vectorsAbreast(weight, total)), loops };
    for (let k = axes.length - 2; k >= 0 && written * rounds[k]! <= copies; k--) {
      loops[k] = rounds[k]!;
      written *= rounds[k]!;
    }
    return { vectors: full, loops };
  }
  const abreast = Math.max(copies, vectorsAbreast(weight, total));
  if (axes[vector]!.reducedBy !== 0) return { vectors: Math.min(full, abreast), loops };

  // Vectors along a kept axis go through the reduced loops together; of these loops, the inner ones are written out.
  let rows = 1;
  for (let k = axes.length - 1; k > vector && isKnown(axes[k]!); k--) {
    const extent = axes[k]!.extent as number;
    if (rows * extent <= copies) loops[k] = extent;
    else if (k === axes.length - 1) loops[k] = Math.min(extent, copies >= 8 ? 4 : copies >= 4 ? 2 : 1);
    else break;
    rows *= loops[k]!;
    if (loops[k]! < extent) break;
  }
  const vectors = Math.min(full, 4, Math.max(1, Math.floor((2 * abreast) / rows)));
  return { vectors, loops };
}
