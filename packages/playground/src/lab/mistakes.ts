// Mistakes in what a person typed: thrown where they are found, answered as data at the laboratory's door.

import type { Mistake } from "./lab.ts";

/** What a function of the laboratory answers in place of a result. */
export interface Refusal {
  readonly mistakes: readonly Mistake[];
}

/** Carries mistakes to where they are answered. */
export class MistakeError extends Error {
  override readonly name = "MistakeError";
  readonly mistakes: readonly Mistake[];

  constructor(mistakes: readonly Mistake[]) {
    super(mistakes.map(({ field, message }) => `${field}: ${message}`).join("; "));
    this.mistakes = mistakes;
  }
}

/** Throws a MistakeError of one mistake. */
export function refuse(
  field: string,
  message: string,
  place: Omit<Mistake, "field" | "message"> = {},
): never {
  throw new MistakeError([{ field, message, ...place }]);
}

/** What `run` gives, or the mistakes that it threw. Other errors pass. */
export function answered<T>(run: () => T): T | Refusal {
  try {
    return run();
  } catch (error) {
    if (error instanceof MistakeError) return { mistakes: error.mistakes };
    throw error;
  }
}

/** Whether an answer is a refusal. */
export const isRefusal = (answer: object): answer is Refusal => "mistakes" in answer;

/** Of some names the one that a person may have meant; undefined where none is near. */
export function nearest(name: string, names: readonly string[]): string | undefined {
  const wanted = name.toLowerCase();
  let best: string | undefined;
  let least = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const each of names) {
    const distance = editDistance(wanted, each.toLowerCase());
    if (distance >= least) continue;
    [best, least] = [each, distance];
  }
  return best;
}

/** How many letters must be put in, left out, exchanged or swapped with their neighbour to make one word of the other. */
function editDistance(a: string, b: string): number {
  let [before, row]: number[][] = [[], Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      next[j] = Math.min(row![j]! + 1, next[j - 1]! + 1, row![j - 1]! + cost);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (isSwap) next[j] = Math.min(next[j]!, before![j - 2]! + 1);
    }
    [before, row] = [row!, next];
  }
  return row![b.length]!;
}
