// The data of a training as sources of batches: to train on, and to be judged on.

import { type Key, randomKey, type Tree } from "@adjoint/autograd";
import { split } from "../data/split.ts";
import { type Source, sourceOf } from "./batches.ts";
import { areSamples, type Data } from "./data.ts";
import type { FitOptions } from "./options.ts";
import type { TrainingState } from "./state.ts";

/** What nothing draws from. */
const unused = randomKey(0);

export interface Sources<In extends Tree, Target extends Tree> {
  readonly source: Source<In, Target>;
  readonly validation: Source<In, Target> | null;
  /** Samples in a batch; null where the data are batches. */
  readonly batchSize: number | null;
  /** Whether the order of samples is drawn. */
  readonly isShuffled: boolean;
}

/** Where batches come from, to train on and to be judged on. `division`: from what the samples to be held out are drawn. */
export function sourcesOf<In extends Tree, Out extends Tree, Target extends Tree>(
  data: Data<In, Target>,
  options: FitOptions<In, Out, Target>,
  division: Key | null,
): Sources<In, Target> {
  const { batchSize = 32, shuffle = true, lastBatch = "fill", validation } = options;
  const judge = (held: Data<In, Target>) =>
    sourceOf("fit", "validation", held, { batchSize, shuffle: false, dropsLast: false });
  const train = (data: Data<In, Target>) => {
    const source = sourceOf("fit", "data", data, { batchSize, shuffle, dropsLast: lastBatch === "drop" });
    const { samples } = source;
    return {
      source,
      batchSize: samples === null ? null : Math.min(batchSize, samples),
      isShuffled: shuffle && samples !== null && batchSize < samples,
    };
  };
  if (typeof validation !== "number")
    return { ...train(data), validation: validation === undefined ? null : judge(validation) };
  if (!areSamples(data))
    throw new TypeError(
      `fit: validation ${validation} is a fraction of samples, but the data are batches; give { x, y }, or validation data of their own`,
    );
  if (!(validation > 0 && validation < 1))
    throw new RangeError(`fit: validation ${validation} must be between 0 and 1, e.g. 0.2, or data`);
  const parts = split(data, { training: 1 - validation, validation }, division ?? unused);
  // Parts of a tree have its form.
  const { training, validation: held } = parts as Record<keyof typeof parts, Data<In, Target> & object>;
  return { ...train(training), validation: judge(held) };
}

/** Throws Error where training can't go on with other data. */
export function checkSame(
  saved: TrainingState,
  batchSize: number | null,
  samples: number | null,
  isShuffled: boolean,
): void {
  for (const [name, now] of [
    ["batchSize", batchSize],
    ["samples", samples],
  ] as const)
    if (saved[name] !== now)
      throw new Error(
        `fit: resume was saved with ${name} ${saved[name]} and is to go on with ${now}; give the same data and options`,
      );
  if (isShuffled && saved.order === null)
    throw new Error(
      "fit: resume was saved without a key, and samples are to be shuffled now; give the same options: { shuffle: false }",
    );
}
