// Runs a scalar tape: computes values from the operands' values, and the operands' cotangents from those of any nodes.
// The values that pieces share lie in the tape's own columns; kernels work on copies in their frames.

import { bytesOf, heap, type Lease } from "../../kernels/heap.ts";
import type { LoopKernel } from "../../kernels/kernel.ts";
import { KernelModule } from "../../kernels/kernel-module.ts";
import { LeasedPart } from "../../kernels/leased-part.ts";
import { writeLoops } from "../../kernels/loops.ts";
import { type Build, type Instance, webAssembly } from "../../kernels/webassembly.ts";
import { scan } from "../backward.ts";
import { replay } from "../replay.ts";
import type { Segment } from "../segment.ts";
import type { Column, Running } from "./frame.ts";
import { interpretedPieces, listPieces, type Piece, piecesOf } from "./pieces.ts";
import type { ScalarTape } from "./record.ts";

type Way = "forth" | "back";

export class ScalarProgram {
  readonly #tape: ScalarTape;
  readonly #build: Build;
  readonly #pieces: readonly Piece[];
  readonly #parts: readonly Part[];
  readonly #adjoint: Float64Array;
  /** The operands' values from which the tape's values were computed; null where they are not valid. */
  #present: Float64Array | null = null;
  /** The memory of the frames. All share it, since inputs are copied in before each run of a kernel. */
  readonly #frames = new LeasedPart();
  /** Bytes of the largest frame; 0 where nothing is compiled. */
  readonly #frameSize: number;
  /** The address of the frames for which the forward and the backward kernels were made; null before. */
  #forthFor: number | null = null;
  #backFor: number | null = null;

  constructor(tape: ScalarTape, build: Build) {
    this.#tape = tape;
    this.#build = build;
    this.#pieces = build === "none" ? interpretedPieces(tape) : piecesOf(tape);
    const adjoint = new Float64Array(tape.segment.size);
    this.#adjoint = adjoint;
    const reached = new Uint8Array(tape.segment.size);
    this.#parts = this.#pieces.map((piece) =>
      piece.kind === "loop"
        ? new Kernels(piece, tape.segment.value, adjoint)
        : new Interpreted(piece, tape.segment, adjoint, reached),
    );
    const sizes = this.#pieces.map((piece) => (piece.kind === "loop" ? piece.frame.size : 0));
    this.#frameSize = bytesOf.float64 * sizes.reduce((largest, size) => Math.max(largest, size), 0);
  }

  /** Makes all kernels asynchronously. */
  async prepare(): Promise<void> {
    if (this.#frameSize === 0) return;
    for (const way of ["forth", "back"] as const) {
      const address = this.#settle().start;
      const module = this.#moduleOf(way, address);
      const compiled = await webAssembly!.compile(module.bytes());
      this.#take(way, address, module.instantiate(heap().memory, compiled));
    }
  }

  /**
   * Makes the forward or the backward kernels, unless there are some for the present address of the frames. The engine
   * asks for the forward kernels before the first run; the backward kernels are made when they are needed.
   */
  make(way: Way): void {
    if (this.#frameSize === 0) return;
    const { start } = this.#settle();
    if ((way === "forth" ? this.#forthFor : this.#backFor) === start) return;
    const module = this.#moduleOf(way, start);
    this.#take(way, start, module.instantiate(heap().memory));
  }

  #settle(): Lease {
    heap().time++;
    return this.#frames.settle(this, this.#frameSize);
  }

  /** The forward or the backward kernels, in one module. */
  #moduleOf(way: Way, address: number): KernelModule {
    const module = new KernelModule(this.#build as Exclude<Build, "none">);
    this.#pieces.forEach((piece, i) => {
      const kernel: LoopKernel | undefined = piece.kind === "loop" ? piece.frame[way]?.(address) : undefined;
      if (kernel !== undefined) writeLoops(module, kernel, `${i}`);
    });
    return module;
  }

  #take(way: Way, address: number, exports: Instance["exports"]): void {
    this.#parts.forEach((part, i) => {
      if (part instanceof Kernels) part[way === "forth" ? "runForth" : "runBack"] = exports[`${i}`] ?? null;
    });
    if (way === "forth") this.#forthFor = address;
    else this.#backFor = address;
  }

  /** Computes the values of all needed nodes from the operands' values. The array of these must not change later. */
  run(operands: Float64Array): void {
    if (this.#present === operands) return;
    // If something throws, the tape's values belong to no operands.
    this.#present = null;
    this.#tape.segment.value.set(operands);
    if (this.#frameSize > 0 && this.#frames.lease?.start !== this.#forthFor) this.make("forth");
    const { lease } = this.#frames;
    const base = begun(lease);
    const parts = this.#parts;
    try {
      for (let i = 0; i < parts.length; i++) parts[i]!.forth(base);
    } finally {
      if (lease !== null) lease.pins--;
    }
    this.#present = operands;
  }

  valueOf(node: number): number {
    return this.#tape.segment.value[node]!;
  }

  /** The operands' cotangents. `seed` adds cotangents of nodes to the array that is returned in the end, by node. */
  pull(operands: Float64Array, seed: (adjoint: Float64Array) => void): Float64Array {
    this.run(operands);
    if (this.#frameSize > 0 && this.#frames.lease?.start !== this.#backFor) this.make("back");
    const { lease } = this.#frames;
    const base = begun(lease);
    const adjoint = this.#adjoint;
    const parts = this.#parts;
    try {
      // Each part leaves zeros for its own steps; only sources keep their cotangents.
      adjoint.fill(0, 0, this.#tape.first);
      seed(adjoint);
      for (let i = parts.length - 1; i >= 0; i--) parts[i]!.back(base);
    } catch (error) {
      // The next pass must find zeros all the same.
      adjoint.fill(0);
      throw error;
    } finally {
      if (lease !== null) lease.pins--;
    }
    return adjoint;
  }

  toString(): string {
    const { segment, first, taken } = this.#tape;
    const head = `program of ${segment.size - first} scalar steps on ${taken.length} operands (${this.#build})`;
    return this.#pieces.length === 0 ? head : `${head}\n${listPieces(this.#pieces)}`;
  }
}

/** Pins the frames, so that functions that kernels call can't move them. Returns their place in elements of memory. */
function begun(lease: Lease | null): number {
  if (lease === null) return 0;
  lease.lastUsed = ++heap().time;
  lease.pins++;
  return lease.start / bytesOf.float64;
}

/** A piece, ready to run. */
interface Part {
  /** Computes the piece's results. `base` is where frames lie, in elements of memory. */
  forth(base: number): void;
  /** Takes the cotangents of the results, and adds to those of the operands. */
  back(base: number): void;
}

class Interpreted implements Part {
  readonly #range: { readonly from: number; readonly to: number };
  readonly #segment: Segment;
  readonly #adjoint: Float64Array;
  readonly #reached: Uint8Array;

  constructor(
    range: { readonly from: number; readonly to: number },
    segment: Segment,
    adjoint: Float64Array,
    reached: Uint8Array,
  ) {
    [this.#range, this.#segment, this.#adjoint, this.#reached] = [range, segment, adjoint, reached];
  }

  forth(): void {
    replay(this.#segment, this.#range.from, this.#range.to);
  }

  back(): void {
    const { from, to } = this.#range;
    this.#reached.fill(1, from, to);
    scan(this.#segment, to - 1, from, this.#adjoint, this.#reached, null);
  }
}

/** Columns that lie side by side in a frame, joined. */
interface Block {
  /** From the start of the frame, in elements. */
  readonly start: number;
  readonly nodes: Int32Array;
}

class Kernels implements Part {
  runForth: (() => unknown) | null = null;
  /** Also null where no input's cotangent is needed. */
  runBack: (() => unknown) | null = null;
  readonly #value: Float64Array;
  readonly #adjoint: Float64Array;
  readonly #inputs: Block;
  readonly #results: Block;
  readonly #cotangents: Block;
  readonly #terms: Block;
  readonly #running: readonly Running[];

  constructor({ frame }: Extract<Piece, { kind: "loop" }>, value: Float64Array, adjoint: Float64Array) {
    [this.#value, this.#adjoint, this.#running] = [value, adjoint, frame.running];
    this.#inputs = blockOf(frame.inputs);
    this.#results = blockOf(frame.results);
    this.#cotangents = blockOf(frame.cotangents);
    this.#terms = blockOf(frame.terms);
  }

  forth(base: number): void {
    const value = this.#value;
    let memory = heap().view("float64") as Float64Array;
    collect(memory, this.#inputs, value, base);
    this.runForth!();
    if (hasGrown(memory)) memory = heap().view("float64") as Float64Array;
    const { start, nodes } = this.#results;
    for (let k = 0; k < nodes.length; k++) value[nodes[k]!] = memory[base + start + k]!;
    for (const { node, initial } of this.#running) value[node]! += value[initial]!;
  }

  back(base: number): void {
    const adjoint = this.#adjoint;
    for (const { node, initial } of this.#running) adjoint[initial]! += adjoint[node]!;
    if (this.runBack !== null) {
      let memory = heap().view("float64") as Float64Array;
      // Other kernels have used this memory since the forward pass.
      collect(memory, this.#inputs, this.#value, base);
      collect(memory, this.#cotangents, adjoint, base);
      this.runBack();
      if (hasGrown(memory)) memory = heap().view("float64") as Float64Array;
      const { start, nodes } = this.#terms;
      for (let k = 0; k < nodes.length; k++) adjoint[nodes[k]!]! += memory[base + start + k]!;
    }
    const { nodes } = this.#results;
    for (let k = 0; k < nodes.length; k++) adjoint[nodes[k]!] = 0;
  }
}

function blockOf(columns: readonly Column[]): Block {
  const nodes = new Int32Array(columns.reduce((sum, column) => sum + column.nodes.length, 0));
  let at = 0;
  for (const column of columns) {
    nodes.set(column.nodes, at);
    at += column.nodes.length;
  }
  return { start: columns[0]?.offset ?? 0, nodes };
}

/** Copies the numbers of a block's nodes to memory. */
function collect(memory: Float64Array, { start, nodes }: Block, from: Float64Array, base: number): void {
  for (let k = 0; k < nodes.length; k++) memory[base + start + k] = from[nodes[k]!]!;
}

/** Whether memory has grown since this view was made, which empties it. Functions that kernels call may cause that. */
const hasGrown = (memory: Float64Array) => memory.length === 0;
