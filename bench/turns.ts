// Several ways to do something, timed by turns, so that a slow moment of the machine meets all alike.

import { best, median } from "./measure.ts";

/** Milliseconds of a way: the fastest of its turns, and the one in the middle. */
export interface Timed {
  readonly best: number;
  readonly median: number;
}

export const timed = (times: readonly number[]): Timed => ({
  best: best(times),
  median: median(times),
});

/** Milliseconds of each run, which is repeated `repeats` times a turn. */
export function byTurns(
  runs: readonly (() => unknown)[],
  turns = 40,
  repeats: readonly number[] = runs.map(() => 1),
): Timed[] {
  const times = runs.map((): number[] => []);
  for (let turn = 0; turn < turns; turn++)
    runs.forEach((run, i) => {
      const start = performance.now();
      for (let k = 0; k < repeats[i]!; k++) run();
      times[i]!.push((performance.now() - start) / repeats[i]!);
    });
  return times.map(timed);
}
