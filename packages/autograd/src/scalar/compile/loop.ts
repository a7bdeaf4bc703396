// A loop: steps of a scalar tape that repeat one body, each round with data of its own. This file decides whether a
// stretch of steps is a loop, and where its rounds begin. A block of steps that does not repeat is a loop of one round.

import type { ElementwiseFunction } from "../../expression/elementwise-function.ts";
import { codeOf, functions, total } from "../rules.ts";
import type { ScalarTape } from "./record.ts";
import type { Stretch } from "./repeats.ts";

/** Where an operand of a body's step comes from. */
export type Origin =
  /** An earlier step of the same round. */
  | { readonly from: "body"; readonly step: number }
  /** The same node in all rounds. */
  | { readonly from: "shared"; readonly node: number }
  /** One node for each round. */
  | { readonly from: "rounds"; readonly nodes: Int32Array }
  /** The same step in the round before; in the first round, the node `initial`. Such a step is a running total. */
  | { readonly from: "before"; readonly initial: number };

export interface BodyStep {
  readonly fn: ElementwiseFunction;
  readonly origins: readonly Origin[];
}

export interface Loop {
  /** The node that is the first step of the first round. */
  readonly start: number;
  readonly rounds: number;
  readonly body: readonly BodyStep[];
  /** The steps whose values are needed outside the loop. */
  readonly visible: readonly number[];
}

/** Finds loops in a tape, and keeps what is needed of each node for that. */
export class Steps {
  readonly tape: ScalarTape;
  /** For each node, the last node that reads it; Infinity for results and seeds. */
  readonly lastUse: Float64Array;
  /** Whether a node depends on an operand of the tape. */
  readonly isActive: Uint8Array;
  readonly #totalCode: number = codeOf(total)!;

  constructor(tape: ScalarTape) {
    this.tape = tape;
    const { segment, first, results, seeds, taken } = tape;
    this.lastUse = new Float64Array(segment.size);
    this.isActive = new Uint8Array(segment.size).fill(1, 0, taken.length);
    for (let i = first; i < segment.size; i++) {
      for (const operand of this.operandsOf(i)) {
        this.lastUse[operand] = i;
        if (this.isActive[operand] === 1) this.isActive[i] = 1;
      }
    }
    for (const end of [...results, ...seeds]) this.lastUse[end] = Infinity;
  }

  operandsOf(node: number): readonly number[] {
    return this.tape.segment.read(node, functions)!.operands;
  }

  isTotal(node: number): boolean {
    return this.tape.segment.code[node] === this.#totalCode;
  }

  /** The nodes from … to − 1, as a loop of one round. */
  block(from: number, to: number): Loop {
    return this.#loop(from, to - from, 1)!;
  }

  /** The loop that a stretch forms from its first or second round on; null where it forms none. */
  loop(stretch: Stretch, leastRounds: number): Loop | null {
    const { period, end } = stretch;
    const start = stretch.start + this.#cut(stretch);
    for (const from of [start, start + period]) {
      const rounds = Math.floor((end - from) / period);
      if (rounds < leastRounds) return null;
      const loop = this.#loop(from, period, rounds);
      if (loop !== null) return loop;
    }
    return null;
  }

  /**
   * How many steps into a stretch its rounds begin: where the fewest values are computed before and read after. A
   * stretch is found by its operations alone, so it may begin in the middle of a round.
   */
  #cut({ start, period, end }: Stretch): number {
    if (end - start < 2 * period) return 0;
    // For each place where a round could begin, how many values cross it. First as differences from place to place.
    const crossing = new Int32Array(period + 1);
    for (let place = 0; place < period; place++) {
      const node = start + period + place;
      for (const operand of this.operandsOf(node)) {
        const distance = node - operand;
        if (operand < start || distance >= period) continue;
        // They are in different rounds if one begins after the operand and not after the node.
        const from = place - distance + 1;
        if (from >= 0) {
          crossing[from]!++;
          crossing[place + 1]!--;
        } else {
          crossing[0]!++;
          crossing[place + 1]!--;
          crossing[from + period]!++;
          crossing[period]!--;
        }
      }
    }
    let [best, least, sum] = [0, Infinity, 0];
    for (let place = 0; place < period; place++) {
      sum += crossing[place]!;
      if (sum < least) [best, least] = [place, sum];
    }
    return best;
  }

  #loop(start: number, period: number, rounds: number): Loop | null {
    const end = start + period * rounds;
    const body: BodyStep[] = [];
    const visible: number[] = [];
    const running = new Set<number>();
    for (let step = 0; step < period; step++) {
      const node = start + step;
      const { fn, operands } = this.tape.segment.read(node, functions)!;
      const lists = operands.map(() => new Int32Array(rounds));
      for (let round = 0; round < rounds; round++) {
        const given = this.operandsOf(node + round * period);
        for (let k = 0; k < lists.length; k++) lists[k]![round] = given[k]!;
      }
      const origins: Origin[] = [];
      for (const list of lists) {
        const origin = this.#origin(list, start, period, node);
        if (origin === null || (origin.from === "body" && running.has(origin.step))) return null;
        origins.push(origin);
      }
      if (origins.some(({ from }) => from === "before")) {
        if (!this.#isRunningTotal(node, period, rounds, origins)) return null;
        running.add(step);
      }
      let isVisible = false;
      for (let round = 0; round < rounds && !isVisible; round++)
        isVisible = this.lastUse[node + round * period]! >= end;
      if (isVisible) visible.push(step);
      body.push({ fn, origins });
    }
    return { start, rounds, body, visible };
  }

  #origin(nodes: Int32Array, start: number, period: number, node: number): Origin | null {
    const rounds = nodes.length;
    const [first] = nodes as unknown as [number];
    const isInside = (operand: number) => operand >= start;
    if (nodes.every((operand) => operand === first && !isInside(operand)))
      return { from: "shared", node: first };
    if (
      nodes.every((operand, round) => operand >= start + round * period && operand === first + round * period)
    )
      return { from: "body", step: first - start };
    if (
      !isInside(first) &&
      rounds > 1 &&
      nodes.every((each, round) => round === 0 || each === node + (round - 1) * period)
    )
      return { from: "before", initial: first };
    return nodes.some(isInside) ? null : { from: "rounds", nodes };
  }

  /** Whether a step that reads its value of the round before only adds to it, and only its last value is needed. */
  #isRunningTotal(node: number, period: number, rounds: number, origins: readonly Origin[]): boolean {
    if (!this.isTotal(node) || origins.every(({ from }) => from === "before")) return false;
    for (let round = 0; round < rounds - 1; round++) {
      if (this.lastUse[node + round * period]! !== node + (round + 1) * period) return false;
    }
    return true;
  }
}
