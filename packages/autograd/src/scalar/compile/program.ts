// A scalar tape ready to run: values from operands, and operands' cotangents from those of any nodes. The values that
// pieces share lie in the tape's own columns; kernels work on copies in their frames.

import { bytesOf, heap } from "../../kernels/heap.ts";
import type { LoopKernel } from "../../kernels/kernel.ts";
import { KernelModule } from "../../kernels/kernel-module.ts";
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
  /** The operands' values that the tape's are computed from. */
  #present: Float64Array | null = null;
  /** The ways for which there are kernels. Who has it run makes those that go forth; the others are made when they are needed. */
  readonly #made = new Set<Way>();

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
  }

  /** Makes all kernels while other things go on. */
  async prepare(): Promise<void> {
    for (const way of ["forth", "back"] as const) {
      const module = this.#moduleOf(way);
      if (module === null) continue;
      const compiled = await webAssembly!.compile(module.bytes());
      this.#take(way, module.instantiate(heap().memory, compiled));
    }
  }

  /** Makes the kernels of one way, if they are not there. */
  make(way: Way): void {
    if (this.#made.has(way)) return;
    const module = this.#moduleOf(way);
    this.#take(way, module === null ? {} : module.instantiate(heap().memory));
  }

  /** The kernels of one way, in one module; null where nothing is compiled. */
  #moduleOf(way: Way): KernelModule | null {
    if (this.#build === "none") return null;
    const module = new KernelModule(this.#build);
    this.#pieces.forEach((piece, i) => {
      const part = this.#parts[i];
      if (piece.kind !== "loop" || !(part instanceof Kernels)) return;
      const kernel: LoopKernel | undefined = piece.frame[way]?.(part.address);
      if (kernel !== undefined) writeLoops(module, kernel, `${i}`);
    });
    return module;
  }

  #take(way: Way, exports: Instance["exports"]): void {
    this.#made.add(way);
    this.#parts.forEach((part, i) => {
      if (part instanceof Kernels) part[way === "forth" ? "runForth" : "runBack"] = exports[`${i}`] ?? null;
    });
  }

  /** Computes the values of all nodes that are needed, from those of the operands, which must not change later. */
  run(operands: Float64Array): void {
    if (this.#present === operands) return;
    this.#tape.segment.value.set(operands);
    const parts = this.#parts;
    for (let i = 0; i < parts.length; i++) parts[i]!.forth();
    this.#present = operands;
  }

  valueOf(node: number): number {
    return this.#tape.segment.value[node]!;
  }

  /** The operands' cotangents, from those of some nodes; both are put and found in this array. */
  pull(operands: Float64Array, seed: (adjoint: Float64Array) => void): Float64Array {
    this.run(operands);
    this.make("back");
    const adjoint = this.#adjoint;
    // Parts leave behind zeros where they have been; only sources keep what came to them.
    adjoint.fill(0, 0, this.#tape.first);
    seed(adjoint);
    for (let i = this.#parts.length - 1; i >= 0; i--) this.#parts[i]!.back();
    return adjoint;
  }

  toString(): string {
    const { segment, first, taken } = this.#tape;
    const head = `program of ${segment.size - first} scalar steps on ${taken.length} operands (${this.#build})`;
    return this.#pieces.length === 0 ? head : `${head}\n${listPieces(this.#pieces)}`;
  }
}

/** A piece at work. */
interface Part {
  forth(): void;
  /** Takes the cotangents of its results and adds to those of its operands. */
  back(): void;
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

/** Columns that lie side by side in a frame, as one. */
interface Block {
  readonly start: number;
  readonly nodes: Int32Array;
}

class Kernels implements Part {
  readonly address: number;
  runForth: (() => unknown) | null = null;
  runBack: (() => unknown) | null = null;
  readonly #value: Float64Array;
  readonly #adjoint: Float64Array;
  readonly #inputs: Block;
  readonly #results: Block;
  readonly #cotangents: Block;
  readonly #terms: Block;
  readonly #running: readonly Running[];

  constructor({ frame }: Extract<Piece, { kind: "loop" }>, value: Float64Array, adjoint: Float64Array) {
    this.address = heap().allocate(frame.size * bytesOf.float64);
    heap().freeWith(this, this.address);
    [this.#value, this.#adjoint, this.#running] = [value, adjoint, frame.running];
    const start = this.address / bytesOf.float64;
    this.#inputs = blockOf(frame.inputs, start);
    this.#results = blockOf(frame.results, start);
    this.#cotangents = blockOf(frame.cotangents, start);
    this.#terms = blockOf(frame.terms, start);
  }

  forth(): void {
    if (this.runForth === null) return;
    const memory = heap().view("float64") as Float64Array;
    const value = this.#value;
    collect(memory, this.#inputs, value);
    this.runForth();
    const { start, nodes } = this.#results;
    for (let k = 0; k < nodes.length; k++) value[nodes[k]!] = memory[start + k]!;
    for (const { node, initial } of this.#running) value[node]! += value[initial]!;
  }

  back(): void {
    const adjoint = this.#adjoint;
    for (const { node, initial } of this.#running) adjoint[initial]! += adjoint[node]!;
    if (this.runBack !== null) {
      const memory = heap().view("float64") as Float64Array;
      // Other calls have been here since.
      collect(memory, this.#inputs, this.#value);
      collect(memory, this.#cotangents, adjoint);
      this.runBack();
      const { start, nodes } = this.#terms;
      for (let k = 0; k < nodes.length; k++) adjoint[nodes[k]!]! += memory[start + k]!;
    }
    const { nodes } = this.#results;
    for (let k = 0; k < nodes.length; k++) adjoint[nodes[k]!] = 0;
  }
}

function blockOf(columns: readonly Column[], base: number): Block {
  const nodes = new Int32Array(columns.reduce((sum, column) => sum + column.nodes.length, 0));
  let at = 0;
  for (const column of columns) {
    nodes.set(column.nodes, at);
    at += column.nodes.length;
  }
  return { start: base + (columns[0]?.offset ?? 0), nodes };
}

function collect(memory: Float64Array, { start, nodes }: Block, from: Float64Array): void {
  for (let k = 0; k < nodes.length; k++) memory[start + k] = from[nodes[k]!]!;
}
