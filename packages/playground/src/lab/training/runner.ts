// The loop around a session: slices of steps with pauses between them, in which messages are taken.

import type { Progress } from "../lab.ts";
import { breath, now } from "./pause.ts";
import type { Session } from "./session.ts";

/** How long it trains without a pause, in milliseconds. */
const SLICE = 10;
/** How often it tells how far it has come: about thirty times a second, a slice being added. */
const BETWEEN = 26;
/** Telling takes at most about this share of the time, also where programs run slowly. */
const TOLD_SHARE = 0.25;

export class Runner {
  readonly session: Session;
  #running: symbol | null = null;
  #rate = 0;

  constructor(session: Session) {
    this.session = session;
  }

  /** Trains until `stop`, or until it ends by itself; a call while it trains ends the one before. */
  async train(each: (progress: Progress) => unknown): Promise<void> {
    const run = Symbol("training");
    this.#running = run;
    const { session } = this;
    let [stepsAtLast, last] = [session.steps, now()];
    let isTold = true;
    let between = BETWEEN;
    const tell = (isRunning: boolean) => {
      const time = now();
      this.#rate = rated(session.steps - stepsAtLast, time - last, this.#rate);
      [stepsAtLast, last] = [session.steps, time];
      isTold = false;
      // The next one waits until this one has arrived, or they would queue up before a page that is slow.
      const arrived = () => {
        isTold = true;
      };
      const progress = session.progress(this.#rate, isRunning);
      between = Math.max(BETWEEN, (now() - time) / TOLD_SHARE);
      Promise.resolve(each(progress)).then(arrived, arrived);
    };
    while (this.#running === run && session.ended === undefined) {
      const until = now() + SLICE;
      do session.advance(1);
      while (now() < until && session.ended === undefined);
      if (isTold && now() - last >= between) tell(true);
      await breath();
    }
    if (this.#running !== run) return;
    // It has ended by itself.
    this.#running = null;
    tell(false);
  }

  /** Stops training, and tells how far it has come. */
  stop(): Progress {
    this.#running = null;
    return this.session.progress(this.#rate, false);
  }

  /** Makes so many steps with pauses, and tells how far it has come; stops where something else is asked for. */
  async steps(count: number): Promise<Progress> {
    const run = Symbol("steps");
    this.#running = run;
    const { session } = this;
    const end = session.steps + count;
    while (this.#running === run && session.steps < end && session.ended === undefined) {
      const until = now() + SLICE;
      do session.advance(1);
      while (now() < until && session.steps < end && session.ended === undefined);
      if (session.steps < end) await breath();
    }
    if (this.#running === run) this.#running = null;
    return session.progress(this.#rate, false);
  }
}

/** Steps a second, smoothed over a few looks. */
function rated(steps: number, milliseconds: number, before: number): number {
  if (milliseconds <= 0) return before;
  const rate = (1000 * steps) / milliseconds;
  return before === 0 ? rate : 0.8 * before + 0.2 * rate;
}
