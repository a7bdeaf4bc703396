// Decides in which order the axes of a space are walked, and along which of them elements lie side by side in vectors.
// nest.ts writes the code.

import { bytesOf } from "../heap.ts";
import type { LoopKernel } from "../kernel.ts";
import { type Axis, isMoved, joined, type Space, type Walk } from "./walks.ts";

export interface Plan {
  /** The loops, outermost first. */
  readonly axes: readonly Axis[];
  readonly walks: readonly Walk[];
  readonly indexWalks: ReadonlyMap<number, number>;
  readonly reducesFrom: Space["reducesFrom"];
  /** Which loop runs over vectors; −1: none. Either every reduction goes over this axis, or none does. */
  readonly vector: number;
}

// The size that is assumed for a parameter where sizes are compared.
const TYPICAL_EXTENT = 64;
// Rough costs in instructions: of adding up the lanes of a total, and of reading or storing a single lane.
const ACROSS = 15;
const SINGLE = 2;

// In bytes.
const CACHE_LINE = 64;
const SMALL_CACHE = 16_384;
const PAGE = 4096;
// In elements: about a cache line. The first that divides the axis is used.
const PIECES = [16, 24, 20, 28, 12];

const weighed = ({ extent }: Axis): number => (typeof extent === "number" ? extent : TYPICAL_EXTENT);

/** The order of loops for a kernel. `width` is how many lanes a vector has, `weight` the instructions of the body. */
export function planOf(kernel: LoopKernel, space: Space, width: number, weight: number): Plan {
  let axes = sorted(kernel, joined(space.axes));
  const everyReduction = axes.reduce((most, { reducedBy }) => Math.max(most, reducedBy), 0);
  const candidates = axes.filter((axis, k) => {
    if (axis.reducedBy !== 0 && axis.reducedBy !== everyReduction) return false;
    return accumulates(kernel) ? mayAccumulate(kernel, space, axes, k) : true;
  });
  const best = cheapest(kernel, space, axes, candidates, width, weight);
  if (best !== undefined) {
    // The last of the axes that the same outputs reduce.
    const rest = axes.filter((axis) => axis !== best);
    const place = rest.filter((axis) => axis.reducedBy <= best.reducedBy).length;
    axes = joined([...rest.slice(0, place), best, ...rest.slice(place)]);
    if (everyReduction === 0 && !accumulates(kernel)) axes = tiled(axes, space.walks.length);
  }
  const vector =
    best === undefined ? -1 : axes.findLastIndex(({ reducedBy }) => reducedBy === best.reducedBy);
  const walks = space.walks.map((walk, w) => ({ ...walk, steps: axes.map(({ steps }) => steps[w]!) }));
  return { axes, walks, indexWalks: space.indexWalks, reducesFrom: space.reducesFrom, vector };
}

/**
 * Where an array is read across its rows, divides the vectors' axis into short pieces, so that neighbouring elements
 * are read while they are still in the cache.
 */
function tiled(axes: readonly Axis[], walks: number): Axis[] {
  const inner = axes.at(-1)!;
  const { extent } = inner;
  if (typeof extent !== "number") return [...axes];
  for (let w = 0; w < walks; w++) {
    const step = inner.steps[w]!;
    if (typeof step !== "number" || Math.abs(step) < CACHE_LINE) continue;
    // Cache lines that are far apart evict each other although they are few.
    if (extent * CACHE_LINE <= SMALL_CACHE && Math.abs(step) < PAGE) continue;
    const beside = axes.findIndex(({ steps }) => {
      const other = steps[w]!;
      return typeof other === "number" && other !== 0 && Math.abs(other) < CACHE_LINE / 2;
    });
    const piece = PIECES.find((size) => extent % size === 0);
    if (beside < 0 || piece === undefined || inner.steps.some((each) => typeof each !== "number")) continue;
    const pieces: Axis = {
      ...inner,
      extent: extent / piece,
      steps: inner.steps.map((each) => (each as number) * piece),
    };
    const rest = axes.slice(0, -1).filter((_, k) => k !== beside);
    return [...rest, pieces, axes[beside]!, { ...inner, extent: piece }];
  }
  return [...axes];
}

/** Sorts axes: reduced ones inside kept ones, and apart from that in the order in which the first output lies. */
function sorted(kernel: LoopKernel, axes: readonly Axis[]): Axis[] {
  // Elements that are added to the same place keep their order, since that decides how the total is rounded.
  if (accumulates(kernel)) return axes.toSorted((a, b) => a.reducedBy - b.reducedBy);
  const reach = (axis: Axis, w: number) => {
    const step = axis.steps[w] ?? 0;
    return typeof step === "number" ? Math.abs(step) : Infinity;
  };
  const firstWrite = kernel.reads.length;
  return joined(
    axes.toSorted((a, b) => {
      const inside = a.reducedBy - b.reducedBy;
      if (inside !== 0) return inside;
      for (const w of [firstWrite, 0]) {
        const [ra, rb] = [reach(a, w), reach(b, w)];
        if (ra !== rb && ra !== Infinity && rb !== Infinity) return rb - ra;
      }
      return 0;
    }),
  );
}

const accumulates = (kernel: LoopKernel): boolean =>
  kernel.outputs.some(({ combine }) => combine === "accumulate");

/**
 * Whether elements along an axis may be added side by side: they go to different places, and moving the axis inside
 * doesn't change the order of what is added to one place.
 */
function mayAccumulate(kernel: LoopKernel, space: Space, axes: readonly Axis[], k: number): boolean {
  return kernel.outputs.every(({ combine, write: { by, dtype } }, o) => {
    if (combine !== "accumulate") return true;
    const walk = kernel.reads.length + o;
    const ways = axes.map(({ extent, steps }) => ({ extent, step: steps[walk]! }));
    const { step } = ways[k]!;
    if (typeof step !== "number" || step === 0 || isMoved(space, walk, axes[k]!)) return false;
    if (k === axes.length - 1) return true;
    if (by === undefined) return isOneToOne(ways);
    // The index moves the place as an axis does.
    const { size, stride } = by;
    if (typeof size !== "number" || typeof stride !== "number") return false;
    return isOneToOne([...ways, { extent: size, step: stride * bytesOf[dtype] }]);
  });
}

/** Whether the axes along which a walk moves reach each place by one combination of indices only. */
function isOneToOne(
  ways: readonly { readonly extent: Axis["extent"]; readonly step: Axis["steps"][number] }[],
): boolean {
  const moving: { step: number; extent: number }[] = [];
  for (const { extent, step } of ways) {
    if (step === 0) continue;
    if (typeof step !== "number" || typeof extent !== "number") return false;
    moving.push({ step: Math.abs(step), extent });
  }
  let reach = 0;
  for (const { step, extent } of moving.toSorted((a, b) => a.step - b.step)) {
    if (step <= reach) return false;
    reach += step * (extent - 1);
  }
  return true;
}

/** The axis along which vectors cost least per element. */
function cheapest(
  kernel: LoopKernel,
  space: Space,
  axes: readonly Axis[],
  candidates: readonly Axis[],
  width: number,
  weight: number,
): Axis | undefined {
  const accesses = [...kernel.reads, ...kernel.outputs.map(({ write }) => write)];
  let best: Axis | undefined;
  let least = Infinity;
  // Of axes with equal cost, the innermost is chosen.
  for (const axis of candidates.toReversed()) {
    const n = weighed(axis);
    let cost = weight;
    accesses.forEach(({ dtype }, w) => {
      const step = axis.steps[w]!;
      const isApart = isMoved(space, w, axis);
      if (step === 0 && !isApart) return;
      cost += !isApart && step === bytesOf[dtype] ? 1 : SINGLE * width * (w < kernel.reads.length ? 1 : 1.5);
    });
    // The last vector of a row may not be full.
    let each = (cost * Math.ceil(n / width)) / n;
    if (axis.reducedBy !== 0) {
      const reduced = axes.reduce((size, other) => (other.reducedBy === 0 ? size : size * weighed(other)), 1);
      each += ACROSS / reduced;
    }
    if (each < least) [least, best] = [each, axis];
  }
  return best;
}
