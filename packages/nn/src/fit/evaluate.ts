// How well a model does on data.

import { type Key, randomKey, type Tree } from "@adjoint/autograd";
import { checkFunction, checkOptions } from "../arguments.ts";
import { checkLayer, type LayerOrFunction } from "../layer.ts";
import type { Measured } from "../metrics/measure.ts";
import type { Metric } from "../metrics/metric.ts";
import { type Batch, close, type Source, sourceOf } from "./batches.ts";
import { Checks } from "./checks.ts";
import type { Data } from "./data.ts";
import { isLater } from "./later.ts";
import { checkBatchSize, checkMetrics, checkNames } from "./options.ts";
import { Breath } from "./pause.ts";
import { type BatchProgram, judging, type TrainingLoss } from "./programs.ts";
import { Totals } from "./totals.ts";

/** The options of `evaluate`. */
export interface EvaluateOptions<Out extends Tree, Target extends Tree> {
  /** Called with what the model gives, the targets, and { weights }. */
  readonly loss: TrainingLoss<Out, Target>;
  /** What is measured beside the loss; nothing by default. */
  readonly metrics?: readonly Metric[];
  /**
   * The number of samples in a batch; 32 by default. The results differ only by rounding, except for the losses that
   * `TrainingLoss` describes.
   */
  readonly batchSize?: number;
  /** The key that data which are a function get; randomKey(0) by default. */
  readonly key?: Key;
}

/**
 * The loss and metrics of a model that is not training, by name. A loss that is a mean is the mean over all that count in it,
 * one that sums is the sum, as `TrainingLoss` says. Throws TypeError, RangeError or ShapeError for arguments that don't fit,
 * Error where a batch has to be filled up and the loss or a metric reads no weights, and what the model and the loss throw.
 */
export async function evaluate<In extends Tree, Out extends Tree, Target extends Tree>(
  model: LayerOrFunction<In, Out>,
  data: Data<In, Target>,
  options: EvaluateOptions<Out, Target>,
): Promise<Record<string, Measured>> {
  checkLayer("evaluate", "the model", model);
  checkOptions("evaluate", options, ["loss", "metrics", "batchSize", "key"]);
  const { loss, metrics = [], batchSize = 32, key = randomKey(0) } = options;
  checkFunction("evaluate", "loss", loss, "crossEntropy");
  checkBatchSize("evaluate", batchSize);
  checkMetrics("evaluate", metrics);
  checkNames("evaluate", ["loss", ...metrics.map(({ name }) => name)]);
  const source = sourceOf("evaluate", "data", data, { batchSize, shuffle: false, dropsLast: false });
  const task = { operation: "evaluate", model, loss, metrics };
  const judge: Judge<In, Target> = {
    source,
    program: judging(task),
    metrics,
    check: checkOfJudging(new Checks(task), "data"),
  };
  return judged(judge, key, new Breath());
}

/** The data that a model is judged on, and what does it. */
export interface Judge<In extends Tree, Target extends Tree> {
  readonly source: Source<In, Target>;
  readonly program: BatchProgram<In, Target>;
  readonly metrics: readonly Metric[];
  /** For batches that are filled up. */
  readonly check: (batch: Batch<In, Target>) => void;
}

/** A check of batches that are filled up and can't be left out. `what` they are of is for errors. */
export const checkOfJudging =
  <In extends Tree, Out extends Tree, Target extends Tree>(checks: Checks<In, Out, Target>, what: string) =>
  (batch: Batch<In, Target>): void =>
    checks.weights(
      batch,
      what,
      "let all batches have one size, by a batchSize that divides the number of samples",
    );

/** What is measured on all batches of a source. */
export async function judged<In extends Tree, Target extends Tree>(
  { source, program, metrics, check }: Judge<In, Target>,
  key: Key | null,
  breath: Breath,
): Promise<Record<string, Measured>> {
  const totals = new Totals({ metrics, monitors: [] });
  const batches = source.batches(0, key, 0);
  try {
    for (;;) {
      const next = batches.next();
      const { done, value: batch } = isLater(next) ? await next : next;
      if (done === true) return totals.values();
      if (batch.count < batch.weights.size) check(batch);
      totals.add(program(batch.rows, batch.places, batch.weights), batch.count);
      const pause = breath.due();
      if (pause !== null) await pause;
    }
  } catch (error) {
    // What went wrong first matters more than what that has left behind.
    await close(batches).catch(() => undefined);
    throw error;
  }
}
