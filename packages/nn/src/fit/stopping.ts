// When training ends before its last epoch: where a measured value stops getting better, or has become small enough.

import { type Tensor, transaction } from "@adjoint/autograd";
import { checkOptions } from "../arguments.ts";
import { variables } from "../layer.ts";
import { checkNotNegative, checkWhole } from "../optimizers/ranges.ts";
import type { History } from "./history.ts";

/** The options of early stopping. Prechelt (1998), "Early stopping – but when?" */
export interface EarlyStoppingOptions {
  /** How many epochs in a row may pass without an improvement. */
  readonly patience: number;
  /** By how much a value must be better than the best so far to count as an improvement; 0 by default. */
  readonly minDelta?: number;
  /** Which value, by its name in the history: "validation.loss" by default, or "loss" without validation. */
  readonly of?: string;
  /** Whether a "lower" value (the default) or a "higher" one is better. */
  readonly better?: "lower" | "higher";
  /**
   * Whether the model gets its best variables back when training ends, whatever ends it but a signal or a callback; true by
   * default. The optimizer's memory stays as it is; to train on later, switch this off.
   */
  readonly restoreBest?: boolean;
}

/** Thresholds at which training ends, each compared after every epoch. */
export interface StopOptions {
  /** Ends once the epoch's training loss is this, or less. */
  readonly loss?: number;
  /** Ends once the norm of the gradient, the mean over the epoch's steps, is this, or less. */
  readonly gradientNorm?: number;
}

/** The state of early stopping. */
export interface StoppingState {
  /** The best value so far; null before there was one. */
  readonly best: number | null;
  /** The epoch of the best value, from 1; 0 before there was one. */
  readonly bestEpoch: number;
  /** Epochs since then. */
  readonly waited: number;
  /** The model's variables at the best value, by path. */
  readonly kept: Readonly<Record<string, Tensor>> | null;
}

/** Why training ends at the end of an epoch, before the last one. */
export type Ended = "early stopping" | keyof StopOptions;

/** What can be watched. */
interface Watched {
  /** What the history will have. */
  readonly names: readonly string[];
  /** What of these may be followed by labels, which aren't known yet. */
  readonly labelled: readonly string[];
  readonly isValidated: boolean;
}

export class EarlyStopping {
  readonly #model: object;
  readonly #options: Required<EarlyStoppingOptions>;
  state: StoppingState = { best: null, bestEpoch: 0, waited: 0, kept: null };

  constructor(model: object, options: EarlyStoppingOptions, { names, labelled, isValidated }: Watched) {
    checkOptions("fit: earlyStopping", options, ["patience", "minDelta", "of", "better", "restoreBest"]);
    const {
      patience,
      minDelta = 0,
      of = isValidated ? "validation.loss" : "loss",
      better = "lower",
      restoreBest = true,
    } = options;
    checkWhole("fit: earlyStopping", "patience", patience, 5);
    checkNotNegative("fit: earlyStopping", "minDelta", minDelta, "0.001");
    if (better !== "lower" && better !== "higher")
      throw new TypeError(
        `fit: earlyStopping: better "${String(better)}" is not known; use "lower" or "higher"`,
      );
    if (!names.includes(of) && !labelled.some((name) => of.startsWith(`${name} `))) throw missing(of, names);
    this.#model = model;
    this.#options = { patience, minDelta, of, better, restoreBest };
  }

  /** Looks at the newest value of a history. Throws TypeError where the history has no such number. */
  look(history: History): void {
    const { minDelta, of, better, restoreBest } = this.#options;
    const value = history[of]?.at(-1);
    if (typeof value !== "number") throw missing(of, Object.keys(history));
    const { best, waited } = this.state;
    const sign = better === "lower" ? 1 : -1;
    // NaN is better than nothing.
    const isBetter = best === null ? !Number.isNaN(value) : sign * value < sign * best - minDelta;
    this.state = isBetter
      ? { best: value, bestEpoch: history[of]!.length, waited: 0, kept: restoreBest ? this.#values() : null }
      : { ...this.state, waited: waited + 1 };
  }

  /** Whether the patience is over. */
  get isOver(): boolean {
    return this.state.waited >= this.#options.patience;
  }

  /** Gives the model its best variables back, where they were kept. */
  restore(): void {
    const { kept } = this.state;
    if (kept === null) return;
    const all = variables(this.#model);
    transaction(() => {
      for (const [path, value] of Object.entries(kept)) all[path]!.assign(value);
    });
  }

  #values(): Record<string, Tensor> {
    return Object.fromEntries(
      Object.entries(variables(this.#model)).map(([path, { value }]) => [path, value.detach()]),
    );
  }
}

const missing = (of: string, names: readonly string[]): TypeError =>
  new TypeError(`fit: earlyStopping: there is no number "${of}" in the history; it has ${names.join(", ")}`);

/** The threshold that has been reached, if any. */
export function reached(stop: StopOptions, history: History): keyof StopOptions | null {
  const isReached = (name: keyof StopOptions) => {
    const value = history[name]?.at(-1);
    const limit = stop[name];
    return limit !== undefined && typeof value === "number" && value <= limit;
  };
  return isReached("loss") ? "loss" : isReached("gradientNorm") ? "gradientNorm" : null;
}
