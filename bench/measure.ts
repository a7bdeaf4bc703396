// One workload on all peers, who take turns round by round, so that a machine that drifts drifts for all.

import type { Options } from "./options.ts";
import { type Machine, type PeerName, peerCommand } from "./peers.ts";
import type { Numbers } from "./protocol.ts";
import { Worker } from "./worker.ts";
import type { Workload } from "./workloads.ts";

export type Outcome =
  | { readonly cannot: string }
  | {
      /** Seconds a step, a round each. */
      readonly times: readonly number[];
      readonly numbers: Numbers;
      readonly notes: readonly string[];
    };

const SECONDS_TO_START = 60;
const SECONDS_TO_PREPARE = 120;

/** The peers' processes; one that was ended is started again for the next workload. */
export class Team {
  readonly #machine: Machine;
  readonly #workers = new Map<PeerName, Worker>();
  readonly #absent = new Map<PeerName, string>();
  readonly versions: Record<string, string> = {};

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  /** The peer's process, or why there is none. */
  async #worker(name: PeerName): Promise<Worker | string> {
    const present = this.#workers.get(name);
    if (present?.alive === true) return present;
    const absent = this.#absent.get(name);
    if (absent !== undefined) return absent;
    const worker = new Worker(peerCommand(this.#machine, name), SECONDS_TO_START);
    const hello = await worker.hello;
    if ("versions" in hello) {
      Object.assign(this.versions, hello.versions);
      this.#workers.set(name, worker);
      return worker;
    }
    worker.stop();
    const why = "cannot" in hello ? hello.cannot : "does not answer";
    this.#absent.set(name, why);
    return why;
  }

  async measure({ name }: Workload, options: Options): Promise<Map<PeerName, Outcome>> {
    const outcomes = new Map<PeerName, Outcome>();
    const turns: { worker: Worker; times: number[]; spent: number }[] = [];
    for (const peer of options.peers) {
      const worker = await this.#worker(peer);
      if (typeof worker === "string") {
        outcomes.set(peer, { cannot: worker });
        continue;
      }
      const request = { do: "prepare", workload: name, warmUp: options.warmUp } as const;
      const reply = await worker.ask(request, SECONDS_TO_PREPARE);
      if (!("numbers" in reply)) {
        outcomes.set(peer, { cannot: "cannot" in reply ? reply.cannot : "does not answer" });
        continue;
      }
      const times: number[] = [];
      turns.push({ worker, times, spent: 0 });
      outcomes.set(peer, { times, numbers: reply.numbers, notes: reply.notes });
    }
    for (let round = 0; round < options.rounds; round++) {
      // Whoever follows a peer finds its traces in the caches: nobody follows the same one always.
      for (let i = 0; i < turns.length; i++) {
        const turn = turns[(i + round) % turns.length]!;
        if (turn.times.length >= 2 && turn.spent > options.budget) continue;
        const start = performance.now();
        const reply = await turn.worker.ask({ do: "round", seconds: options.seconds }, SECONDS_TO_PREPARE);
        turn.spent += (performance.now() - start) / 1000;
        if ("time" in reply) turn.times.push(reply.time);
      }
    }
    for (const [peer, outcome] of outcomes) {
      if ("times" in outcome && outcome.times.length === 0)
        outcomes.set(peer, { cannot: `a round takes more than ${SECONDS_TO_PREPARE} s` });
    }
    return outcomes;
  }

  stop(): void {
    for (const worker of this.#workers.values()) worker.stop();
  }
}

export const best = (times: readonly number[]): number => Math.min(...times);

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
