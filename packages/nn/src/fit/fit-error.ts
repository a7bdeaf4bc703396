// Training that failed.

import type { TrainingState } from "./state.ts";

/**
 * Something threw while training: `cause` says what. The model and the optimizer are as after the last whole step, and
 * `training` says how far that was, so that `fit` goes on with `{ resume: error.training }`.
 */
export class FitError extends Error {
  /** How far training had come, for `{ resume }`. */
  readonly training: TrainingState;

  constructor(message: string, training: TrainingState, cause: unknown) {
    super(message, { cause });
    this.name = "FitError";
    this.training = training;
  }
}
