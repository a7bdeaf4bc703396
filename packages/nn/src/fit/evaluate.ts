// How well a model does on data.

import { type Key, randomKey, type Tree } from "@adjoint/autograd";
import { checkFunction, checkOptions } from "../arguments.ts";
import { checkLayer, type LayerOrFunction } from "../layer.ts";
import type { Measured } from "../metrics/measure.ts";
import type { Metric } from "../metrics/metric.ts";
import { type Source, sourceOf } from "./batches.ts";
import type { Data } from "./data.ts";
import { checkBatchSize } from "./options.ts";
import { Breath } from "./pause.ts";
import { type BatchProgram, judging, type TrainingLoss } from "./programs.ts";
import { Totals } from "./totals.ts";

export interface EvaluateOptions<Out extends Tree, Target extends Tree> {
  readonly loss: TrainingLoss<Out, Target>;
  readonly metrics?: readonly Metric[];
  /** 32 by default; what comes out is the same but for rounding. */
  readonly batchSize?: number;
  /** Handed to data that are a function; randomKey(0) by default. */
  readonly key?: Key;
}

/** The loss, the mean over samples, and metrics of a model that is not training, by name. Throws as the model and the loss do. */
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
  const source = sourceOf("evaluate", "data", data, { batchSize, shuffle: false, dropsLast: false });
  return judged(judging({ model, loss, metrics }), source, metrics, key, new Breath());
}

/** What a program of judgement measures on all batches of a source. */
export async function judged<In extends Tree, Target extends Tree>(
  program: BatchProgram<In, Target>,
  source: Source<In, Target>,
  metrics: readonly Metric[],
  key: Key | null,
  breath: Breath,
): Promise<Record<string, Measured>> {
  const totals = new Totals(metrics);
  const batches = source.batches(0, key, 0);
  for (;;) {
    const next = batches.next();
    const { done, value: batch } = next instanceof Promise ? await next : next;
    if (done === true) return totals.values();
    totals.add(program(batch.rows, batch.places, batch.weights), batch.count);
    const pause = breath.due();
    if (pause !== null) await pause;
  }
}
