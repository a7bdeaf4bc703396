// Storage of the scalar tape: segments with a fixed number of nodes, whose columns are typed arrays. No operation is
// named here, and nothing is freed: a segment becomes garbage with the last Scalar that lies in it or depends on it.

import type { ElementwiseFunction } from "../expression/elementwise-function.ts";
import { codeOf, Kind } from "./rules.ts";

/** Nodes in a segment. */
export const CAPACITY: number = 1 << 14;

/** How far back a leaf's node may lie to be used again. A backward pass scans all nodes between it and its use. */
const REACH = 512;

/** A leaf's value and derivative. Its nodes on the tape hold copies of the value that it had when they were made. */
export class Leaf {
  value: number;
  grad = 0;
  /** The serial number of the segment of the leaf's last node (−1: none): a reference would keep the segment alive. */
  serial = -1;
  /** The index of the last node in its segment. */
  index = 0;

  constructor(value: number) {
    this.value = value;
  }

  assign(value: number): void {
    this.value = value;
    this.grad = 0;
    this.serial = -1;
  }
}

/** The application of a function that has no operation code, such as one with more than two operands. */
export interface Call {
  readonly fn: ElementwiseFunction;
  readonly operands: readonly number[];
}

/** A computation done outside the tape, where it has one node for itself and one for each result. */
export interface ExternalCall {
  /** Leaves, and nodes of the segment in which the call lies. */
  readonly operands: readonly (Leaf | number)[];
  /** The results' cotangents, added up during a pass; all zero between passes. */
  readonly cotangents: Float64Array;
  /** The operands' cotangents. The array is written again by later calls. */
  pull(): Float64Array;
}

/** Where a value lies, and what it depends on outside its segment. */
export interface Place {
  readonly segment: Segment;
  readonly index: number;
  readonly dependencies: Dependencies | null;
}

/** A value of an older segment (`source`), and the node that stands for it in a newer one (`at`). */
export interface Crossing {
  readonly at: number;
  readonly source: Place;
}

/**
 * The values of older segments and the external calls that the part of a graph in one segment depends on. The graph's
 * Scalars refer to this object, the segment does not: if segments referred to each other, each would keep the one
 * before it alive, and a loop would free nothing. Graphs that are joined share one object from then on (union-find).
 */
export class Dependencies {
  #parent: Dependencies | null = null;
  #crossings: Crossing[];
  #externalCalls: { readonly at: number; readonly externalCall: ExternalCall }[];

  constructor(
    crossings: Crossing[],
    externalCalls: { readonly at: number; readonly externalCall: ExternalCall }[],
  ) {
    this.#crossings = crossings;
    this.#externalCalls = externalCalls;
  }

  get crossings(): readonly Crossing[] {
    return Dependencies.#shared(this).#crossings;
  }

  /** The external calls, with the nodes that stand for them. */
  get externalCalls(): readonly { readonly at: number; readonly externalCall: ExternalCall }[] {
    return Dependencies.#shared(this).#externalCalls;
  }

  /** The object that is shared by all that were joined with `dependencies`. */
  static #shared(dependencies: Dependencies): Dependencies {
    let shared = dependencies;
    while (shared.#parent !== null) {
      // Halving the path keeps later walks short.
      if (shared.#parent.#parent !== null) shared.#parent = shared.#parent.#parent;
      shared = shared.#parent;
    }
    return shared;
  }

  static join(p: Dependencies | null, q: Dependencies | null): Dependencies | null {
    if (p === q || q === null) return p;
    if (p === null) return q;
    let [larger, smaller] = [Dependencies.#shared(p), Dependencies.#shared(q)];
    if (larger === smaller) return larger;
    const size = (dependencies: Dependencies) =>
      dependencies.#crossings.length + dependencies.#externalCalls.length;
    if (size(larger) < size(smaller)) [larger, smaller] = [smaller, larger];
    for (const crossing of smaller.#crossings) larger.#crossings.push(crossing);
    for (const externalCall of smaller.#externalCalls) larger.#externalCalls.push(externalCall);
    smaller.#crossings = [];
    smaller.#externalCalls = [];
    smaller.#parent = larger;
    return larger;
  }
}

/** Some thousands of nodes in the order in which they were made, so operands always lie before results. */
export class Segment {
  readonly serial: number;
  readonly capacity: number;
  size = 0;
  readonly code: Uint16Array;
  /**
   * `a` and `b` hold the operands' indices. For a leaf, `a` is its place in `leaves`; for a call, its place in `calls`;
   * for a part, `a` is the index of its external call and `b` which of the results it is.
   */
  readonly a: Int32Array;
  readonly b: Int32Array;
  /** The lowest index in this segment among a node and the nodes that it depends on. */
  readonly low: Int32Array;
  readonly value: Float64Array;
  /** The cotangent from the latest backward pass that reached the node. */
  readonly grad: Float64Array;
  readonly leaves: Leaf[] = [];
  readonly calls: Call[] = [];

  constructor(serial: number, capacity: number) {
    this.serial = serial;
    this.capacity = capacity;
    // One buffer costs one allocation; the widest columns come first, for alignment.
    const buffer = new ArrayBuffer(capacity * 30);
    this.value = new Float64Array(buffer, 0, capacity);
    this.grad = new Float64Array(buffer, capacity * 8, capacity);
    this.a = new Int32Array(buffer, capacity * 16, capacity);
    this.b = new Int32Array(buffer, capacity * 20, capacity);
    this.low = new Int32Array(buffer, capacity * 24, capacity);
    this.code = new Uint16Array(buffer, capacity * 28, capacity);
  }

  /** A node without operands in this segment. */
  source(kind: number, value: number): number {
    const index = this.size++;
    this.code[index] = kind;
    this.value[index] = value;
    this.low[index] = index;
    return index;
  }

  /** The node of a leaf: the last one if it holds the present value and lies near enough, else a new one. */
  leaf(leaf: Leaf): number {
    if (leaf.serial === this.serial && this.size - leaf.index < REACH) return leaf.index;
    const index = this.source(Kind.leaf, leaf.value);
    this.a[index] = this.leaves.length;
    this.leaves.push(leaf);
    leaf.serial = this.serial;
    leaf.index = index;
    return index;
  }

  /** A node for a value of an older segment: a new one for each use, since shared ones would join unrelated graphs. */
  cross(source: Place): { index: number; dependencies: Dependencies } {
    const index = this.source(Kind.older, source.segment.value[source.index]!);
    return { index, dependencies: new Dependencies([{ at: index, source }], []) };
  }

  /** Makes the node of an external call. The nodes of its results follow it. */
  externalCall(
    externalCall: ExternalCall,
    results: readonly number[],
  ): { index: number; dependencies: Dependencies } {
    const index = this.source(Kind.externalCall, NaN);
    for (const operand of externalCall.operands)
      if (typeof operand === "number" && this.low[operand]! < this.low[index]!)
        this.low[index] = this.low[operand]!;
    for (let place = 0; place < results.length; place++) {
      const part = this.source(Kind.part, results[place]!);
      this.a[part] = index;
      this.b[part] = place;
      this.low[part] = this.low[index]!;
    }
    return { index, dependencies: new Dependencies([], [{ at: index, externalCall }]) };
  }

  /** Makes the node of a function applied to nodes, and computes its value. */
  step(fn: ElementwiseFunction, operands: readonly number[]): number {
    const index = this.size++;
    const code = codeOf(fn);
    if (code === undefined) {
      this.code[index] = Kind.call;
      this.a[index] = this.calls.length;
      this.calls.push({ fn, operands });
    } else {
      this.code[index] = code;
      this.a[index] = operands[0]!;
      this.b[index] = operands.at(-1)!;
    }
    this.value[index] = fn.value(...operands.map((operand) => this.value[operand]!));
    this.low[index] = operands.reduce((low, operand) => Math.min(low, this.low[operand]!), index);
    return index;
  }

  /** The function that a node applies, and its operands; null for a node that applies none. */
  read(index: number, functions: readonly ElementwiseFunction[]): Call | null {
    const code = this.code[index]!;
    if (code === Kind.call) return this.calls[this.a[index]!]!;
    if (code < Kind.first) return null;
    const fn = functions[code]!;
    return { fn, operands: fn.arity === 1 ? [this.a[index]!] : [this.a[index]!, this.b[index]!] };
  }
}

/** The tape: the segment that is being filled. Older segments are known only to the Scalars that depend on them. */
export const tape: { segment: Segment; next(): Segment; room(nodes: number): Segment } = {
  // Nothing is allocated before the first step.
  segment: new Segment(0, 0),
  next() {
    return (tape.segment = new Segment(tape.segment.serial + 1, CAPACITY));
  },
  /** The segment to write the next nodes into. */
  room(nodes) {
    return tape.segment.size + nodes > tape.segment.capacity ? tape.next() : tape.segment;
  },
};
