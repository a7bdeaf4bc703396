// How far training has come: everything that the next step depends on beside the model and the optimizer.

import { type Key, type Tensor, tensor } from "@adjoint/autograd";
import { checkOptions, kindOf } from "../arguments.ts";
import { tensorOf } from "../files/data.ts";
import type { Measured } from "../metrics/measure.ts";
import type { History } from "./history.ts";
import type { StoppingState } from "./stopping.ts";

/** The two words of a key. */
export type Words = readonly [number, number];

/**
 * How far training has come: plain data, which JSON.stringify writes (tensors by their own toJSON). With the values of
 * `variables({ model, optimizer })` at the same moment it is all that `fit` needs to go on, bit for bit: `{ resume: training }`.
 */
export interface TrainingState {
  /** Epochs that are finished. */
  readonly epoch: number;
  /** Steps made in the epoch after these. */
  readonly position: number;
  /** Steps made in all. */
  readonly steps: number;
  /** Samples in a batch, where fit divides the data; null where the data are batches. */
  readonly batchSize: number | null;
  /** How many samples there are to train on; null where that isn't known. */
  readonly samples: number | null;
  /** From what the next step draws, such as what drops out; null without a key. */
  readonly draws: Words | null;
  /** From what the order of the present epoch is drawn. */
  readonly order: Words | null;
  /** From what the division into training and validation samples was drawn. */
  readonly division: Words | null;
  /** What was measured in the present epoch, by name. */
  readonly totals: Readonly<Record<string, Tensor>>;
  readonly history: History;
  /** What early stopping knows; null without it. */
  readonly stopping: StoppingState | null;
}

export const wordsOf = (key: Key): Words => Array.from(key.data) as unknown as Words;

export const keyOf = (words: Words): Key => tensor([...words], { dtype: "int32" }) as Key;

const names = [
  "epoch",
  "position",
  "steps",
  "batchSize",
  "samples",
  "draws",
  "order",
  "division",
  "totals",
  "history",
  "stopping",
] as const satisfies readonly (keyof TrainingState)[];

/**
 * A state that was saved, read from JSON or as it was given out. A null in a history is what JSON makes of NaN and of infinity,
 * and is read as NaN. Throws TypeError for anything else.
 */
export function restoredState(saved: TrainingState): TrainingState {
  checkOptions("fit: resume", saved, names);
  for (const name of names)
    if (saved[name] === undefined)
      throw new TypeError(
        `fit: resume has no ${name} and is no training state; give what fit gave as training`,
      );
  for (const name of ["epoch", "position", "steps"] as const)
    if (!Number.isSafeInteger(saved[name]) || saved[name] < 0)
      throw new TypeError(
        `fit: resume.${name} is ${typeof saved[name] === "number" ? saved[name] : kindOf(saved[name])} and must be a whole number, 0 or more; give what fit gave as training`,
      );
  const { totals, history, stopping } = saved;
  return {
    ...saved,
    totals: Object.fromEntries(Object.entries(totals).map(([name, each]) => [name, tensorOf(each)])),
    history: Object.fromEntries(Object.entries(history).map(([name, list]) => [name, list.map(numbers)])),
    stopping:
      stopping === null
        ? null
        : {
            ...stopping,
            best: stopping.best === null ? null : (numbers(stopping.best) as number),
            kept:
              stopping.kept === null
                ? null
                : Object.fromEntries(
                    Object.entries(stopping.kept).map(([path, each]) => [path, tensorOf(each)]),
                  ),
          },
  };
}

const numbers = (value: Measured | null): Measured =>
  value === null ? Number.NaN : typeof value === "number" ? value : value.map(numbers);
