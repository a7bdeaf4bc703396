// Divides a scalar tape into pieces, each of which runs as a whole: loops, blocks of steps that do not repeat, and
// stretches that are interpreted because they are too long to be written as code. In order they make up the whole tape.

import type { LoopKernel } from "../../kernels/kernel.ts";
import { KernelModule } from "../../kernels/kernel-module.ts";
import { weightOf } from "../../kernels/loops/body.ts";
import { functions } from "../rules.ts";
import { type Frame, frameOf } from "./frame.ts";
import { type Loop, Steps } from "./loop.ts";
import type { ScalarTape } from "./record.ts";
import { Repeats } from "./repeats.ts";

export type Piece =
  | { readonly kind: "loop"; readonly loop: Loop; readonly frame: Frame }
  /** Nodes from … to − 1. */
  | { readonly kind: "interpreted"; readonly from: number; readonly to: number };

// In steps. A loop must be long enough to be worth its copying. Long bodies are slow to compile, and steps outside
// loops are interpreted where there are many.
const LEAST_ROUNDS = 8;
const LEAST_STEPS = 256;
const LONGEST_BODY = 2048;
const MOST_IN_BODIES = 16_384;
const MOST_IN_BLOCKS = 4096;
const LONGEST_BLOCK = 256;
// For how many operands a sign says whether they are steps.
const OPERANDS_SEEN = 4;
// In instructions: JavaScript engines limit a function to 50,000 locals.
const LARGEST_KERNEL = 24_000;

/** The whole tape as one piece. */
export function interpretedPieces({ segment, first }: ScalarTape): Piece[] {
  return segment.size === first ? [] : [{ kind: "interpreted", from: first, to: segment.size }];
}

export function piecesOf(tape: ScalarTape): Piece[] {
  return new Pieces(tape).pieces();
}

class Pieces {
  readonly #tape: ScalarTape;
  readonly #steps: Steps;
  /** Used only to measure kernels. */
  readonly #module = new KernelModule("simd");
  #inBodies = 0;
  /** Periods and ends of stretches that form no loop: from a later step on, they form none either. */
  readonly #refused = new Set<string>();

  constructor(tape: ScalarTape) {
    this.#tape = tape;
    this.#steps = new Steps(tape);
  }

  pieces(): Piece[] {
    const { segment, first } = this.#tape;
    const loops = this.#loops();
    const gaps: { from: number; to: number }[] = [];
    let at = first;
    for (const { loop } of loops) {
      gaps.push({ from: at, to: loop.start });
      at = loop.start + loop.rounds * loop.body.length;
    }
    gaps.push({ from: at, to: segment.size });
    const rest = gaps.reduce((sum, { from, to }) => sum + to - from, 0);
    const between = (gap: { from: number; to: number }): Piece[] => {
      if (gap.from === gap.to) return [];
      return rest > MOST_IN_BLOCKS ? [{ kind: "interpreted", ...gap }] : this.#blocks(gap.from, gap.to);
    };
    return gaps.flatMap((gap, i) => [...between(gap), ...loops.slice(i, i + 1)]);
  }

  #blocks(from: number, to: number): Piece[] {
    const pieces: Piece[] = [];
    for (let start = from; start < to; start += LONGEST_BLOCK) {
      const end = Math.min(to, start + LONGEST_BLOCK);
      pieces.push(
        this.#written(this.#steps.block(start, end)) ?? { kind: "interpreted", from: start, to: end },
      );
    }
    return pieces;
  }

  #loops(): Extract<Piece, { kind: "loop" }>[] {
    const { segment, first } = this.#tape;
    const repeats = new Repeats(this.#signs(), LONGEST_BODY);
    const found: Extract<Piece, { kind: "loop" }>[] = [];
    for (let at = first; at < segment.size; ) {
      const piece = this.#loopAt(at, repeats);
      if (piece === null) at++;
      else {
        found.push(piece);
        this.#inBodies += piece.loop.body.length;
        at = piece.loop.start + piece.loop.rounds * piece.loop.body.length;
      }
    }
    return found;
  }

  #loopAt(at: number, repeats: Repeats) {
    const { first } = this.#tape;
    for (const { period, end } of repeats.at(at - first)) {
      if (end + first - at < Math.max(LEAST_STEPS, LEAST_ROUNDS * period)) continue;
      if (this.#inBodies + period > MOST_IN_BODIES) continue;
      const key = `${period} ${end}`;
      if (this.#refused.has(key)) continue;
      const loop = this.#steps.loop({ start: at, period, end: end + first }, LEAST_ROUNDS);
      const piece = loop === null || loop.rounds * period < LEAST_STEPS ? null : this.#written(loop);
      if (piece !== null) return piece;
      this.#refused.add(key);
    }
    return null;
  }

  #written(loop: Loop): Extract<Piece, { kind: "loop" }> | null {
    const frame = frameOf(loop, this.#steps);
    const isLarge = (kernel: LoopKernel) => weightOf(kernel, 64, this.#module) > LARGEST_KERNEL;
    const largest = frame.back === null ? frame.forth(0) : frame.back(0);
    return isLarge(largest) ? null : { kind: "loop", loop, frame };
  }

  /** A number for each step, which says its operation and which of its operands are steps. */
  #signs(): Int32Array {
    const { segment, first } = this.#tape;
    const known = new Map<unknown, number>();
    return Int32Array.from({ length: segment.size - first }, (_, k) => {
      const { fn, operands } = segment.read(first + k, functions)!;
      let sign = known.get(fn);
      if (sign === undefined) known.set(fn, (sign = known.size));
      for (let k = 0; k < OPERANDS_SEEN; k++) sign = 2 * sign + Number(operands[k]! >= first);
      return sign;
    });
  }
}

/** Text with a line for each piece. */
export function listPieces(pieces: readonly Piece[]): string {
  return pieces
    .map((piece) => {
      if (piece.kind === "interpreted") return `  interpreted  ${piece.to - piece.from} steps`;
      const { rounds, body } = piece.loop;
      const what =
        rounds === 1 ? `block        ${body.length} steps` : `loop         ${rounds} × ${body.length} steps`;
      const inputs = piece.frame.inputs.reduce((sum, { nodes }) => sum + nodes.length, 0);
      return `  ${what}, ${inputs} numbers in`;
    })
    .join("\n");
}
