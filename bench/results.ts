// What was measured, and what is read off it: ratios, distances from the machine's limits, disagreements.

import { difference, TOLERANCE } from "./agreement.ts";
import type { Limits } from "./limits.ts";
import { best, median, type Outcome } from "./measure.ts";
import { type PeerName, titleOf } from "./peers.ts";
import type { StartUps } from "./startup.ts";
import type { Workload } from "./workloads.ts";

export interface Measured {
  readonly workload: Workload;
  readonly outcomes: ReadonlyMap<PeerName, Outcome>;
}

export interface Results {
  readonly peers: readonly PeerName[];
  readonly measured: readonly Measured[];
  readonly startUps: StartUps;
  readonly limits: Limits;
  readonly environment: Readonly<Record<string, string>>;
}

export interface Cell {
  readonly best: number;
  readonly median: number;
  /** Over the reference's time: of the bests, and the median of the rounds'. Above 1 the reference is faster. */
  readonly ratios: readonly [number, number] | undefined;
}

const timesOf = (outcome: Outcome | undefined) =>
  outcome !== undefined && "times" in outcome ? outcome.times : undefined;

/** Adjoint compiled, or eager where a workload does not compile: what others are compared with. */
export function referenceOf({ outcomes }: Measured): PeerName | undefined {
  return (["compiled", "eager"] as const).find((name) => timesOf(outcomes.get(name)) !== undefined);
}

export function cellOf(measured: Measured, peer: PeerName): Cell | undefined {
  const times = timesOf(measured.outcomes.get(peer));
  if (times === undefined) return undefined;
  const reference = referenceOf(measured);
  const own = { best: best(times), median: median(times) };
  if (reference === undefined || reference === peer) return { ...own, ratios: undefined };
  const theirs = timesOf(measured.outcomes.get(reference))!;
  const paired = Array.from(
    { length: Math.min(times.length, theirs.length) },
    (_, i) => times[i]! / theirs[i]!,
  );
  return { ...own, ratios: [own.best / best(theirs), median(paired)] };
}

export interface Distance {
  readonly gflops: number;
  /** Share of the arithmetic limit, and of the bandwidth, that the best round reached. */
  readonly ofArithmetic: number;
  readonly ofBandwidth: number;
}

/** How far Adjoint's best round is from what the machine allows. */
export function distanceOf(measured: Measured, limits: Limits): Distance | undefined {
  const reference = referenceOf(measured);
  const time = reference === undefined ? undefined : cellOf(measured, reference)?.best;
  if (time === undefined) return undefined;
  const { flops, bytes } = measured.workload;
  return {
    gflops: flops / time / 1e9,
    ofArithmetic: flops / time / peak(limits),
    ofBandwidth: bytes / time / limits.bandwidth,
  };
}

export const peak = ({ flops, fusedFlops }: Limits): number => Math.max(flops, fusedFlops ?? 0);

/** How far a peer's numbers are from those of Adjoint eager, or of the first peer where that is not measured. */
function differenceOf(
  { outcomes }: Measured,
  peer: PeerName,
): { readonly off: number; readonly from: PeerName } {
  // Eager rather than compiled, since the compiled is what most needs a second opinion.
  const numbersOf = (name: PeerName) => {
    const outcome = outcomes.get(name);
    return outcome !== undefined && "numbers" in outcome ? outcome.numbers : undefined;
  };
  const from = (["eager", ...outcomes.keys()] as const).find((name) => numbersOf(name) !== undefined) ?? peer;
  const [ours, theirs] = [numbersOf(from), numbersOf(peer)];
  return { off: ours === undefined || theirs === undefined ? 0 : difference(ours, theirs), from };
}

export const agrees = (measured: Measured, peer: PeerName): boolean =>
  differenceOf(measured, peer).off <= TOLERANCE;

/** Sentences for everything that disagrees. */
export function disagreements({ measured, startUps }: Results): string[] {
  const found = startUps.flatMap((each) =>
    "difference" in each && !(each.difference <= TOLERANCE)
      ? [`T0: ${each.title} prints another gradient, off by ${each.difference.toPrecision(2)}`]
      : [],
  );
  for (const each of measured) {
    for (const [peer, outcome] of each.outcomes) {
      if (agrees(each, peer) || !("numbers" in outcome)) continue;
      const { off, from } = differenceOf(each, peer);
      const theirs = each.outcomes.get(from)!;
      const numbers = [outcome, theirs].map((one) => JSON.stringify("numbers" in one ? one.numbers : {}));
      found.push(
        `${each.workload.name}: ${titleOf(peer)} differs from ${titleOf(from)} by ${off.toPrecision(2)}: ${numbers.join(" against ")}`,
      );
    }
  }
  return found;
}

/** What is missing and why, and what a number stands for where that is not obvious. One sentence for equal reasons. */
export function remarks({ measured, startUps }: Results): string[] {
  const where = new Map<string, string[]>();
  const say = (peer: string, words: string, name: string) => {
    const key = `${peer}: ${words}`;
    where.set(key, [...(where.get(key) ?? []), name]);
  };
  for (const { workload, outcomes } of measured) {
    for (const [peer, outcome] of outcomes) {
      if ("cannot" in outcome) say(titleOf(peer), `– ${outcome.cannot}`, workload.name);
      else for (const note of outcome.notes) say(titleOf(peer), note, workload.name);
    }
  }
  for (const each of startUps) if ("cannot" in each) say(each.title, `– ${each.cannot}`, "T0");
  const total = measured.length;
  return [...where].map(
    ([words, names]) => `${names.length === total && total > 2 ? "all" : names.join(", ")}: ${words}`,
  );
}
