// Everything that the page shows, as signals. Components read them; session.ts and lesson/steps.ts write them.

import { type Signal, signal } from "@preact/signals";
import type { Choices, Mistake, Opened, Progress, Settings, Stage, WeightHistory } from "../lab/lab.ts";
import type { Zoom } from "./place.ts";
import { Curves } from "./record.ts";

export const mode: Signal<"lesson" | "build"> = signal("lesson");
/** A failure that is no mistake of the person: said on top of the page. */
export const failure: Signal<string> = signal("");
/** What a screen reader is told, at most every few seconds. */
export const announcement: Signal<string> = signal("");

// The lesson.
export const isExact: Signal<boolean> = signal(false);
export const stage: Signal<Stage | undefined> = signal(undefined);
/** The stage before it, from which one sees what is new. */
export const stageBefore: Signal<Stage | undefined> = signal(undefined);

// One's own network.
export const choices: Signal<Choices | undefined> = signal(undefined);
export const settings: Signal<Settings | undefined> = signal(undefined);
/** The table that was typed last: it is there again when one comes back from other data. */
export const table: Signal<string | undefined> = signal(undefined);
export const mistakes: Signal<readonly Mistake[]> = signal([]);
export const opened: Signal<Opened | undefined> = signal(undefined);
export const progress: Signal<Progress | undefined> = signal(undefined);
export const curves: Signal<Curves> = signal(new Curves());
export const isTraining: Signal<boolean> = signal(false);
/** Whether data and network are being made, or the steps of a link made again. */
export const isBusy: Signal<boolean> = signal(false);
export const zoom: Signal<Zoom> = signal("network");

/** A weight from unit `from` of a layer (0: the bias neuron) to unit `to` of the next. */
export interface WeightPlace {
  readonly layer: number;
  readonly from: number;
  /** Counted from 0: the column of W. */
  readonly to: number;
}
export const weight: Signal<WeightPlace> = signal({ layer: 0, from: 0, to: 0 });
export const weightHistory: Signal<WeightHistory | undefined> = signal(undefined);
