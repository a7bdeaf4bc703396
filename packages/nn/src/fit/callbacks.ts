// What happens beside training: functions that are called as it goes on.

import type { History } from "./history.ts";
import type { TrainingState } from "./state.ts";

/** Where training is. The same object throughout, always up to date. */
export interface Moment {
  /** The epoch that runs or has just ended, from 1. */
  readonly epoch: number;
  /** How many epochs there are to be at most. */
  readonly epochs: number;
  /** Steps made in this epoch; 0 once it has ended. */
  readonly step: number;
  /** Steps of an epoch; null where that isn't known. */
  readonly stepsPerEpoch: number | null;
  /** Steps made in all. */
  readonly steps: number;
  /** The loss of the last step, that of an earlier training included; NaN before the first one. */
  readonly loss: number;
  /** What was measured so far. */
  readonly history: History;
  /** A copy of everything that `resume` needs, made when it is read. */
  readonly training: TrainingState;
  /** Ends training after this callback. */
  readonly stop: () => void;
}

/** Called as training goes on, and awaited. What one throws ends training; the model stays as after the last step. */
export interface Callbacks {
  /** After each step. */
  onStep?(moment: Moment): unknown;
  /** After each epoch and its validation. */
  onEpoch?(moment: Moment): unknown;
  /** When training ends without an error. */
  onEnd?(moment: Moment): unknown;
}
