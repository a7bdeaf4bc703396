// How far training has come: everything that the next step depends on beside the model and the optimizer.

import { type Key, Tensor, tensor } from "@adjoint/autograd";
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
  /** The loss of the last step; NaN before the first one, and null in JSON. */
  readonly loss: number | null;
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
  /** What was measured in the epochs that are finished. */
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
  "loss",
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
 * A state that was saved, read from JSON or as it was given out. A null in a history or for a loss is what JSON makes of NaN and
 * of infinity, and is read as NaN. Throws TypeError for anything else.
 */
export function restoredState(saved: TrainingState): TrainingState {
  checkOptions("fit: resume", saved, names);
  for (const name of names)
    if (saved[name] === undefined)
      throw new TypeError(`fit: resume has no ${name} and is no training state; ${way}`);
  for (const name of ["epoch", "position", "steps"] as const)
    check(name, isCount(saved[name]), saved[name], "a whole number, 0 or more");
  for (const name of ["batchSize", "samples"] as const)
    check(name, saved[name] === null || isCount(saved[name]), saved[name], "a whole number or null");
  for (const name of ["draws", "order", "division"] as const)
    check(name, saved[name] === null || areWords(saved[name]), saved[name], "two whole numbers or null");
  check("loss", saved.loss === null || typeof saved.loss === "number", saved.loss, "a number or null");
  const { history, stopping } = saved;
  check("history", isObject(history), history, "lists by name");
  for (const [name, list] of Object.entries(history))
    check(`history["${name}"]`, Array.isArray(list), list, "a list");
  return {
    ...saved,
    loss: numbers(saved.loss) as number,
    totals: tensorsOf("totals", saved.totals),
    history: Object.fromEntries(Object.entries(history).map(([name, list]) => [name, list.map(numbers)])),
    stopping: stopping === null ? null : stoppingOf(stopping),
  };
}

function stoppingOf(saved: StoppingState): StoppingState {
  check("stopping", isObject(saved), saved, "what early stopping knows, or null");
  const { best, bestEpoch, waited, kept } = saved;
  check("stopping.best", best === null || typeof best === "number", best, "a number or null");
  check("stopping.bestEpoch", isCount(bestEpoch), bestEpoch, "a whole number, 0 or more");
  check("stopping.waited", isCount(waited), waited, "a whole number, 0 or more");
  return {
    bestEpoch,
    waited,
    best,
    kept: kept === null ? null : tensorsOf("stopping.kept", kept),
  };
}

function tensorsOf(what: string, saved: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
  check(what, isObject(saved), saved, "tensors by name");
  return Object.fromEntries(
    Object.entries(saved).map(([name, each]) => {
      const at = `${what}["${name}"]`;
      check(at, isObject(each) || each instanceof Tensor, each, "a tensor");
      try {
        return [name, tensorOf(each)];
      } catch (error) {
        throw new TypeError(`fit: resume.${at} is no tensor: ${(error as Error).message}; ${way}`, {
          cause: error,
        });
      }
    }),
  );
}

const way = "give what fit gave as training";

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;

const isObject = (value: unknown): boolean => kindOf(value) === "an object";

const areWords = (value: unknown): boolean =>
  Array.isArray(value) && value.length === 2 && value.every((word) => Object.is((word as number) | 0, word));

/** Throws TypeError for a part of a state that is not what it must be. */
function check(name: string, holds: boolean, value: unknown, what: string): void {
  if (holds) return;
  const given = typeof value === "number" ? value : kindOf(value);
  throw new TypeError(`fit: resume.${name} is ${given} and must be ${what}; ${way}`);
}

const numbers = (value: Measured | null): Measured =>
  value === null ? Number.NaN : typeof value === "number" ? value : value.map(numbers);
