// What fit is asked for, and the checks of it.

import type { Key, Tree } from "@adjoint/autograd";
import { checkFunction, checkOptions, kindOf } from "../arguments.ts";
import type { Metric } from "../metrics/metric.ts";
import type { Monitor } from "../monitors/monitor.ts";
import { checkWhole } from "../optimizers/ranges.ts";
import type { Callbacks } from "./callbacks.ts";
import type { Data } from "./data.ts";
import type { Stepping, TrainingLoss } from "./programs.ts";
import type { TrainingState } from "./state.ts";
import type { EarlyStoppingOptions, StopOptions } from "./stopping.ts";

/** What of an AbortSignal matters here. */
export interface StopSignal {
  readonly aborted: boolean;
}

export interface FitOptions<In extends Tree, Out extends Tree, Target extends Tree> {
  /** Called with what the model gives, the targets, and { weights }; see `lastBatch`. */
  readonly loss: TrainingLoss<Out, Target>;
  readonly optimizer: Stepping;
  /** How often the data are gone through, at most, those of a resumed training included. */
  readonly epochs: number;
  /**
   * Samples in a batch, where the data are samples: 32 by default; 1 trains sample by sample, Infinity on all samples at
   * once. No more than there are samples.
   */
  readonly batchSize?: number;
  /** Whether samples go in another order in each epoch; true by default. */
  readonly shuffle?: boolean;
  /**
   * Where orders, draws such as dropout's, and the division of samples come from. Required unless `shuffle` is false and
   * nothing else draws.
   */
  readonly key?: Key;
  /**
   * What becomes of a last batch with fewer samples. "fill", the default: it is filled up with other samples of the epoch,
   * which get the weight 0 in the loss and in metrics. So every sample counts once in an epoch, one program serves all
   * batches, and a layer that computes over the batch, such as batch normalisation, always sees a full one of real samples.
   * (Batches that come one by one are filled up with their own samples.) "drop": it is left out; other samples each
   * epoch where they are shuffled.
   */
  readonly lastBatch?: "fill" | "drop";
  /** What the model is judged on after every epoch: data, or a fraction of the samples, drawn by the key, to be held out. */
  readonly validation?: Data<In, Target> | number;
  /** Measured on each batch before its step, and on the validation data. They need outputs and targets that are tensors. */
  readonly metrics?: readonly Metric[];
  /** What to look at in each step. They cost what they compute, and may make the program round in another order. */
  readonly monitors?: readonly Monitor[];
  readonly callbacks?: readonly Callbacks[];
  readonly earlyStopping?: EarlyStoppingOptions;
  /** Thresholds at which training ends. */
  readonly stop?: StopOptions;
  /** Ends training before the next step: an AbortSignal, or anything with `aborted`. */
  readonly signal?: StopSignal;
  /** How far an earlier training had come. Give its model and optimizer, as they were at that moment, and the same options. */
  readonly resume?: TrainingState;
}

const names: readonly (keyof FitOptions<Tree, Tree, Tree>)[] = [
  "loss",
  "optimizer",
  "epochs",
  "batchSize",
  "shuffle",
  "key",
  "lastBatch",
  "validation",
  "metrics",
  "monitors",
  "callbacks",
  "earlyStopping",
  "stop",
  "signal",
  "resume",
];

/** Throws TypeError or RangeError for what can't be asked for. */
export function checkFitOptions<In extends Tree, Out extends Tree, Target extends Tree>(
  options: FitOptions<In, Out, Target>,
): void {
  checkOptions("fit", options, names);
  const { loss, optimizer, epochs, batchSize, shuffle = true, key, lastBatch = "fill", stop = {} } = options;
  checkFunction("fit", "loss", loss, "crossEntropy");
  if (typeof (optimizer as Partial<Stepping> | undefined)?.step !== "function")
    throw new TypeError(
      `fit: optimizer is ${kindOf(optimizer)} without step(variables, gradients); give one such as adam()`,
    );
  checkWhole("fit", "epochs", epochs, 10, 0);
  if (batchSize !== undefined) checkBatchSize("fit", batchSize);
  if (lastBatch !== "fill" && lastBatch !== "drop")
    throw new TypeError(`fit: lastBatch "${String(lastBatch)}" is not known; use "fill" or "drop"`);
  checkOptions("fit: stop", stop, ["loss", "gradientNorm"]);
  const divides = typeof options.validation === "number";
  if (key === undefined && (shuffle || divides))
    throw new TypeError(
      `fit: ${shuffle ? "samples are shuffled" : "the validation samples are drawn"}, and there is no key to draw from; give one: const key = keys(0); fit(model, data, { key: key(), … })${shuffle ? ", or { shuffle: false }" : ""}`,
    );
  const measures = [
    "loss",
    "learningRate",
    "gradientNorm",
    ...[options.metrics, options.monitors].flatMap((each) => (each ?? []).map(({ name }) => name)),
  ];
  const twice = measures.find((name, i) => measures.indexOf(name) !== i && name !== "gradientNorm");
  if (twice !== undefined)
    throw new TypeError(
      `fit: two things are called "${twice}" in the history; give metrics other names: { ...accuracy(), name: "other" }`,
    );
}

export function checkBatchSize(operation: string, batchSize: number): void {
  if (batchSize === Infinity) return;
  checkWhole(operation, "batchSize", batchSize, 32);
}
