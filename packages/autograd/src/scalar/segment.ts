// Storage of the scalar tape: typed-array columns, a fixed number of nodes at a time. Knows no operation and
// frees nothing: a segment dies with the last Scalar that lies in it or depends on it.

import type { ElementwiseFunction } from "../expression/elementwise-function.ts";
import { codeOf, Kind } from "./rules.ts";

/** Nodes in a segment. */
export const CAPACITY: number = 1 << 14;

/** How far back a leaf's node may lie and be used again: a backward pass scans all that lies between. */
const REACH = 512;

/** What a leaf keeps. Its nodes on the tape are copies of its value at the time. */
export class Leaf {
  value: number;
  grad = 0;
  /** The segment and index of its last node. A number, so that an idle leaf keeps no segment alive. */
  serial = -1;
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

/** A function applied that has no operation code of its own, or more than two operands. */
export interface Call {
  readonly fn: ElementwiseFunction;
  readonly operands: readonly number[];
}

/** A computation done outside of the tape. It has nodes here for its results only. */
export interface ExternalCall {
  /** Leaves, and nodes of the segment that it lies in. */
  readonly operands: readonly (Leaf | number)[];
  /** What has come to its results; all zero between passes. */
  readonly cotangents: Float64Array;
  /** The operands' cotangents. Not for keeping. */
  pull(): Float64Array;
}

/** Where a value lies, and what it needs beside its segment. */
export interface Place {
  readonly segment: Segment;
  readonly index: number;
  readonly dependencies: Dependencies | null;
}

/** A value of an older segment, and the node that stands for it in this one. */
export interface Crossing {
  readonly at: number;
  readonly source: Place;
}

/**
 * The values of older segments, and the external calls, that a graph needs within one segment. The graph's Scalars hold it and
 * the segment does not: if segments held each other, each would keep the one before it, and a loop would free nothing.
 * Graphs that meet share one from then on (union-find).
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

  /** External calls, by the nodes that stand for them. */
  get externalCalls(): readonly { readonly at: number; readonly externalCall: ExternalCall }[] {
    return Dependencies.#shared(this).#externalCalls;
  }

  /** The one that all joined with `dependencies` share. */
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

/** Some thousands of nodes in the order they were made, so that operands always lie before their results. */
export class Segment {
  readonly serial: number;
  readonly capacity: number;
  size = 0;
  readonly code: Uint16Array;
  /** The operands' indices. A leaf's node holds its place in `leaves` in `a`, a call's the one in `calls`. */
  readonly a: Int32Array;
  readonly b: Int32Array;
  /** The lowest index that a node's graph reaches here. */
  readonly low: Int32Array;
  readonly value: Float64Array;
  /** The adjoint from the latest backward pass that reached the node. */
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

  /** The node of a leaf: the last one, if it holds the present value and lies near. */
  leaf(leaf: Leaf): number {
    if (leaf.serial === this.serial && this.size - leaf.index < REACH) return leaf.index;
    const index = this.source(Kind.leaf, leaf.value);
    this.a[index] = this.leaves.length;
    this.leaves.push(leaf);
    leaf.serial = this.serial;
    leaf.index = index;
    return index;
  }

  /** A node for a value of an older segment. A new one at every use: shared ones would join unrelated graphs. */
  cross(source: Place): { index: number; dependencies: Dependencies } {
    const index = this.source(Kind.older, source.segment.value[source.index]!);
    return { index, dependencies: new Dependencies([{ at: index, source }], []) };
  }

  /** The node of a externalCall; those of its results follow it. */
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

  /** The node of a function applied to nodes. */
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

  /** The operands of a node, and the function it is of; null for a node without operands. */
  read(index: number, functions: readonly ElementwiseFunction[]): Call | null {
    const code = this.code[index]!;
    if (code === Kind.call) return this.calls[this.a[index]!]!;
    if (code < Kind.first) return null;
    const fn = functions[code]!;
    return { fn, operands: fn.arity === 1 ? [this.a[index]!] : [this.a[index]!, this.b[index]!] };
  }
}

/** The tape: the segment that grows. Older ones are known to those who need them. */
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
