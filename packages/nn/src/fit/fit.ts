// Training: the loop around a compiled step.

import type { Tree } from "@adjoint/autograd";
import type { LayerOrFunction } from "../layer.ts";
import { close } from "./batches.ts";
import type { Callbacks } from "./callbacks.ts";
import { Course } from "./course.ts";
import type { Data } from "./data.ts";
import { judged } from "./evaluate.ts";
import type { History } from "./history.ts";
import { isLater } from "./later.ts";
import type { FitOptions } from "./options.ts";
import { Breath } from "./pause.ts";
import type { TrainingState } from "./state.ts";

/** Why training ended. */
export type Ending =
  /** All epochs are done. */
  | "epochs"
  /** Early stopping's patience is over. */
  | "early stopping"
  /** A threshold of `stop`. */
  | "loss"
  | "gradientNorm"
  /** A callback called `stop`. */
  | "callback"
  /** The signal. */
  | "aborted";

/** What `fit` resolves to. */
export interface FitResult {
  /** What was measured, epoch by epoch. */
  readonly history: History;
  /** Why training ended. */
  readonly ending: Ending;
  /** How far training has come: with the model and the optimizer, all that is needed to go on by `resume`. */
  readonly training: TrainingState;
}

/**
 * Trains a model on data: steps of the optimizer on batches, epoch after epoch, by one compiled program, with pauses in which
 * everything else runs. What is trained are the model's parameters as they are when it begins.
 *
 * The history has "loss", the mean over all that counts in the epoch's steps, or the sum (see `TrainingLoss`), "learningRate" where the optimizer has
 * one, whatever metrics and monitors measure, and after "validation." the loss and the metrics on the validation data.
 *
 * Each step is done as a whole or not at all. Where something throws while training (data, a callback, the model), a FitError
 * says where, and carries the state to go on from; an abort is no error, but an ending.
 * Throws TypeError, RangeError or ShapeError for arguments that don't fit, and Error where the loss reads a variable that
 * `variables(model)` can't see, where there is nothing to train, and where a batch has to be filled up and the loss or a metric
 * reads no weights. Example: `await fit(model, { x, y }, { loss: crossEntropy, optimizer: adam(), epochs: 5, key: key() })`.
 */
export async function fit<In extends Tree, Out extends Tree, Target extends Tree>(
  model: LayerOrFunction<In, Out>,
  data: Data<In, Target>,
  options: FitOptions<In, Out, Target>,
): Promise<FitResult> {
  const course = new Course(model, data, options);
  const { callbacks = [], signal } = options;
  const breath = new Breath();

  /** Calls them one after another, each after the promises of those before it. */
  const call = (which: keyof Callbacks, from = 0): PromiseLike<void> | undefined => {
    for (let i = from; i < callbacks.length; i++) {
      if (callbacks[i]![which] === undefined) continue;
      const said = course.within(`the callback ${which} threw`, () => callbacks[i]![which]!(course));
      if (isLater(said)) return said.then(() => call(which, i + 1));
    }
    return undefined;
  };

  /** Makes the steps that are left of an epoch. Returns why training ends there, if it does. */
  const runEpoch = async (): Promise<Ending | null> => {
    const batches = course.begin();
    const cut = async (): Promise<Ending | null> => {
      for (;;) {
        if (signal?.aborted === true) return "aborted";
        const given = course.within("the data threw", () => batches.next());
        const next = isLater(given) ? await given : given;
        if (next.done === true) return null;
        course.take(next.value);
        const said = call("onStep");
        if (said !== undefined) await said;
        if (course.isAskedToStop) return "callback";
        const pause = breath.due();
        if (pause !== null) await pause;
      }
    };
    let ending: Ending | null;
    try {
      ending = await cut();
    } catch (error) {
      // What went wrong first matters more than what that has left behind.
      await close(batches).catch(() => undefined);
      throw error;
    }
    if (ending !== null) await course.within("the data threw when they were closed", () => close(batches));
    return ending;
  };

  /** Trains until something ends it. */
  const runEpochs = async (): Promise<Ending> => {
    // Also before the first epoch: a training that had ended is over when it is gone on with, too.
    while (course.ended === null && course.epochsDone < options.epochs) {
      const cut = await runEpoch();
      if (cut !== null) return cut;
      const { validation, validationKey } = course;
      const values =
        validation === null
          ? {}
          : await course.within("the validation threw", () => judged(validation, validationKey, breath));
      course.finishEpoch(values);
      await call("onEpoch");
      if (course.isAskedToStop) return "callback";
    }
    return course.ended ?? "epochs";
  };

  const ending = await runEpochs();
  if (ending !== "aborted" && ending !== "callback") course.early?.restore();
  await call("onEnd");
  return { history: course.history, ending, training: course.training };
}
