// How each array of a kernel is walked: where it starts, and the bytes from one index of an axis to the next. An index
// that the body uses is walked too, by one "byte" along its axis. No code is written here.

import { bytesOf } from "../heap.ts";
import type { BodyNode, LoopKernel, Quantity } from "../kernel.ts";

/** A number of bytes, or a parameter times one. */
export type Step = number | { readonly parameter: number; readonly times: number };

/** A product of parameters, times a number. */
export interface Term {
  readonly parameters: readonly number[];
  readonly times: number;
}

/** How one array is walked, or one index counted. */
export interface Walk {
  /** The place of the first index: a number plus the terms. */
  readonly start: number;
  readonly terms: readonly Term[];
  /** Whether the terms may be negative. Only addresses and starts of axes are known not to be. */
  readonly startsAnywhere: boolean;
  /** One for each axis. */
  readonly steps: readonly Step[];
}

/** An axis of the space as the walks see it. */
export interface Axis {
  /** How many indices; or the parameters that say where they start and end. */
  readonly extent: number | { readonly from: Quantity; readonly to: Quantity };
  /** By walk. */
  readonly steps: readonly Step[];
  /** How many of the different sets of axes over which outputs are reduced contain this axis. */
  readonly reducedBy: number;
}

/** A kernel's walks: first the reads', then the outputs', then the indices'. */
export interface Space {
  readonly axes: readonly Axis[];
  readonly walks: readonly Omit<Walk, "steps">[];
  /** The walk that counts the indices of an axis that an index node names. */
  readonly indexWalks: ReadonlyMap<number, number>;
  /** For each walk of an array, the walks on which the index that moves it depends; none where no index moves it. */
  readonly movers: readonly (readonly number[])[];
  /**
   * For each output, the least `reducedBy` of the axes that it is reduced over; Infinity where it is reduced over none.
   * One number is enough, however many reductions there are, because each set of axes contains the next smaller one.
   */
  readonly reducesFrom: readonly number[];
}

/** Whether an array is moved by an index that differs along an axis. */
export const isMoved = ({ movers }: Pick<Space, "movers">, walk: number, { steps }: Axis): boolean =>
  movers[walk]!.some((mover) => steps[mover] !== 0);

/** The walks on which a node depends. */
function walksBehind(kernel: LoopKernel, indexWalks: ReadonlyMap<number, number>): readonly number[][] {
  const behind: number[][] = [];
  kernel.nodes.forEach((node) => {
    const walks = operandsOf(kernel, node).flatMap((operand) => behind[operand]!);
    if (node.op === "read") walks.push(node.read);
    if (node.op === "index") walks.push(indexWalks.get(node.axis)!);
    behind.push([...new Set(walks)]);
  });
  return behind;
}

/** The nodes that a node is computed from. */
export function operandsOf(kernel: LoopKernel, node: BodyNode): readonly number[] {
  if (node.op === "atom") return node.operands;
  if (node.op === "convert") return [node.operand];
  const by = node.op === "read" ? kernel.reads[node.read]!.by : undefined;
  return by === undefined ? [] : [by.node];
}

function product(factors: readonly Quantity[], times: number): Term {
  const parameters: number[] = [];
  let constant = times;
  for (const factor of factors) {
    if (typeof factor === "number") constant *= factor;
    else parameters.push(factor.parameter);
  }
  return { parameters, times: constant };
}

/** A walk with strides counted in elements of so many bytes. */
function walk(start: Quantity, strides: readonly Quantity[], bytes: number, from: readonly Quantity[]): Walk {
  const terms = [product([start], 1), ...strides.map((stride, k) => product([stride, from[k] ?? 0], bytes))];
  return {
    start: terms.reduce((sum, term) => (term.parameters.length === 0 ? sum + term.times : sum), 0),
    terms: terms.filter((term) => term.parameters.length > 0 && term.times !== 0),
    startsAnywhere: strides.some(
      (stride, k) =>
        from[k] !== 0 && (typeof stride !== "number" || (stride < 0 && typeof from[k] !== "number")),
    ),
    steps: strides.map((stride) =>
      typeof stride === "number" ? stride * bytes : { parameter: stride.parameter, times: bytes },
    ),
  };
}

function extentOf(from: Quantity, to: Quantity): Axis["extent"] {
  if (typeof from === "number" && typeof to === "number") return to - from;
  return { from, to };
}

/** A kernel's space without the axes that have one index only. */
export function spaceOf(kernel: LoopKernel): Space {
  const from = kernel.sizes.map((_, k) => kernel.from?.[k] ?? 0);
  const accesses = [...kernel.reads, ...kernel.outputs.map((output) => output.write)];
  const walks = accesses.map(({ dtype, address, strides }) => walk(address, strides, bytesOf[dtype], from));
  const indexWalks = new Map<number, number>();
  for (const node of kernel.nodes) {
    if (node.op !== "index" || indexWalks.has(node.axis)) continue;
    const strides = kernel.sizes.map((_, k) => Number(k === node.axis));
    indexWalks.set(node.axis, walks.push(walk(0, strides, 1, from)) - 1);
  }
  const isLong = (k: number) => extentOf(from[k]!, kernel.sizes[k]!) !== 1;
  const sets = kernel.outputs.map(({ reduced }) => new Set(reduced.filter(isLong)));
  const nested = nestedSets(sets);
  const axes: Axis[] = [];
  kernel.sizes.forEach((size, k) => {
    const extent = extentOf(from[k]!, size);
    if (extent === 1) return;
    const reducedBy = nested.filter((set) => set.has(k)).length;
    axes.push({ extent, steps: walks.map(({ steps }) => steps[k]!), reducedBy });
  });
  const behind = accesses.some(({ by }) => by !== undefined) ? walksBehind(kernel, indexWalks) : [];
  const movers = accesses.map(({ by }) => (by === undefined ? [] : behind[by.node]!));
  const reducesFrom = sets.map(({ size }) => {
    const place = nested.findIndex((set) => set.size === size);
    return place < 0 ? Infinity : place + 1;
  });
  return { axes, walks, indexWalks, movers, reducesFrom };
}

/**
 * The different sets that are not empty, the largest first. Reductions over several sets of axes are possible in one
 * nest only where each set contains the next smaller one.
 */
function nestedSets(sets: readonly ReadonlySet<number>[]): ReadonlySet<number>[] {
  const nested: ReadonlySet<number>[] = [];
  for (const set of sets.filter(({ size }) => size > 0).toSorted((a, b) => b.size - a.size)) {
    const last = nested.at(-1);
    if (last !== undefined && [...set].some((axis) => !last.has(axis)))
      throw new Error("loops: reductions of one kernel go over axes that cross");
    if (last?.size !== set.size) nested.push(set);
  }
  return nested;
}

/** The axes, with neighbouring ones joined where each walk goes through them in even steps. */
export function joined(axes: readonly Axis[]): Axis[] {
  const result: Axis[] = [];
  for (const axis of axes) {
    const outer = result.at(-1);
    const { extent } = axis;
    const joins =
      outer !== undefined &&
      typeof extent === "number" &&
      typeof outer.extent === "number" &&
      outer.reducedBy === axis.reducedBy &&
      axis.steps.every((step, w) => typeof step === "number" && outer.steps[w] === step * extent);
    if (joins) result[result.length - 1] = { ...axis, extent: extent * (outer.extent as number) };
    else result.push(axis);
  }
  return result;
}
