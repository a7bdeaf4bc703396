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

/** The part of an AbortSignal that is read. */
export interface StopSignal {
  /** Whether to end training. */
  readonly aborted: boolean;
}

/** The options of `fit`. */
export interface FitOptions<In extends Tree, Out extends Tree, Target extends Tree> {
  /** Called with what the model gives, the targets, and { weights }; see `lastBatch`. */
  readonly loss: TrainingLoss<Out, Target>;
  /** What makes a step of the gradients, such as `adam()`. */
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
   * Where orders, draws such as dropout's, and the division of samples come from. Required where anything draws: where samples
   * are shuffled, which they are not in a single batch, where `validation` is a fraction, and where a function that gives data
   * takes a key.
   */
  readonly key?: Key;
  /**
   * What becomes of a last batch with fewer samples. "fill", the default: it is filled up with other samples of the
   * epoch, which get the weight 0 in the loss and in metrics. So every sample counts once in an epoch, one program
   * serves all batches, and a layer that computes over the batch, such as batch normalisation, always has a full one of
   * real samples. "drop": it is left out; other samples each epoch where they are shuffled.
   *
   * Of data that come as batches, every one with fewer samples than one before it in the same epoch is filled up to the
   * largest of these, with its own samples, or left out. So the first batch of an epoch should be a full one.
   */
  readonly lastBatch?: "fill" | "drop";
  /**
   * What the model is evaluated on after every epoch: data, or a fraction of the samples, drawn by the key, to be held
   * out.
   */
  readonly validation?: Data<In, Target> | number;
  /** Measured on each batch before its step, and on the validation data. They need outputs and targets that are tensors. */
  readonly metrics?: readonly Metric[];
  /**
   * What to measure in each step beside the loss. They take the time of what they compute, and may make the program
   * round in another order.
   */
  readonly monitors?: readonly Monitor[];
  /** Functions to call after steps and epochs, and at the end. */
  readonly callbacks?: readonly Callbacks[];
  /** Ends training when a value has not improved for a number of epochs. */
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
  const { loss, optimizer, epochs, batchSize, lastBatch = "fill", signal } = options;
  const { metrics = [], monitors = [], callbacks = [], stop = {} } = options;
  checkFunction("fit", "loss", loss, "crossEntropy");
  if (typeof (optimizer as Partial<Stepping> | undefined)?.step !== "function")
    throw new TypeError(
      `fit: optimizer is ${kindOf(optimizer)} without step(variables, gradients); give one such as adam()`,
    );
  checkWhole("fit", "epochs", epochs, 10, 0);
  if (batchSize !== undefined) checkBatchSize("fit", batchSize);
  if (lastBatch !== "fill" && lastBatch !== "drop")
    throw new TypeError(`fit: lastBatch "${String(lastBatch)}" is not known; use "fill" or "drop"`);
  checkStop(stop);
  checkMetrics("fit", metrics);
  checkMeasures("fit", "monitors", monitors, "gradientNorm");
  checkCallbacks(callbacks);
  if (signal !== undefined && typeof (signal as Partial<StopSignal> | null)?.aborted !== "boolean")
    throw new TypeError(
      `fit: signal is ${kindOf(signal)} without aborted, true or false; give the signal of an AbortController: { signal: controller.signal }`,
    );
  checkNames("fit", [
    "loss",
    "learningRate",
    ...[...metrics, ...monitors].map(({ name }) => name),
    ...(stop.gradientNorm === undefined || monitors.some(({ name }) => name === "gradientNorm")
      ? []
      : ["gradientNorm"]),
    ...(options.validation === undefined
      ? []
      : ["validation.loss", ...metrics.map(({ name }) => `validation.${name}`)]),
  ]);
  for (const { name } of monitors)
    for (const other of monitors)
      if (other.name.startsWith(`${name} `))
        throw new TypeError(
          `fit: the names of the monitors "${name}" and "${other.name}" can't be told apart where labels follow them; give one another name: { ...${name}(), name: "other" }`,
        );
}

/** Throws TypeError unless metrics are a list of such. */
export function checkMetrics(operation: string, metrics: readonly Metric[]): void {
  checkMeasures(operation, "metrics", metrics, "accuracy");
}

function checkMeasures(operation: string, what: string, list: unknown, example: string): void {
  if (!Array.isArray(list))
    throw new TypeError(`${operation}: ${what} are ${kindOf(list)} and must be a list: [${example}()]`);
  list.forEach((each: Partial<Metric> | null | undefined, i) => {
    const { name, part, value } = each ?? {};
    if (typeof part === "function" && typeof value === "function" && typeof name === "string") return;
    const way =
      typeof each === "function" ? `call it: ${name || example}()` : `give one such as ${example}()`;
    throw new TypeError(
      `${operation}: ${what}[${i}] is ${kindOf(each)} without name, part and value; ${way}`,
    );
  });
}

/** Throws TypeError where two things have one name. */
export function checkNames(operation: string, measures: readonly string[]): void {
  const twice = measures.find((name, i) => measures.indexOf(name) !== i);
  if (twice !== undefined)
    throw new TypeError(
      `${operation}: two things are called "${twice}" in ${operation === "fit" ? "the history" : "the result"}; give metrics other names: { ...accuracy(), name: "other" }`,
    );
}

function checkStop(stop: StopOptions): void {
  checkOptions("fit: stop", stop, ["loss", "gradientNorm"]);
  for (const [name, limit] of Object.entries(stop) as [string, unknown][])
    if (limit !== undefined && (typeof limit !== "number" || Number.isNaN(limit)))
      throw new TypeError(
        `fit: stop: ${name} is ${typeof limit === "number" ? "NaN, which nothing reaches," : kindOf(limit)} and must be a number, e.g. 0.01`,
      );
}

function checkCallbacks(callbacks: unknown): void {
  if (!Array.isArray(callbacks))
    throw new TypeError(
      `fit: callbacks are ${kindOf(callbacks)} and must be a list: [{ onEpoch: ({ epoch }) => … }]`,
    );
  callbacks.forEach((each: unknown, i) => {
    if (typeof each !== "object" || each === null || Array.isArray(each))
      throw new TypeError(
        `fit: callbacks[${i}] is ${kindOf(each)} and must be an object with ${callbackNames.join(", ")} or some of them, e.g. { onEpoch: ({ epoch }) => … }`,
      );
    const found = namesIn(each).filter((name) => /^on[A-Z]/.test(name));
    const unknown = found.find((name) => !callbackNames.includes(name));
    if (unknown !== undefined || found.length === 0)
      throw new TypeError(
        `fit: callbacks[${i}] has ${unknown === undefined ? "none of" : `"${unknown}", which is none of`} ${callbackNames.join(", ")}, and would not be called`,
      );
    for (const name of found) {
      const f = (each as Readonly<Record<string, unknown>>)[name];
      if (f !== undefined) checkFunction("fit", `callbacks[${i}].${name}`, f, "({ epoch }) => …");
    }
  });
}

const callbackNames: readonly string[] = ["onStep", "onEpoch", "onEnd"] satisfies (keyof Callbacks)[];

/** The names of an object's fields and methods, of its classes, too. */
function namesIn(holder: object): readonly string[] {
  const above = Object.getPrototypeOf(holder) as object | null;
  const own = Object.getOwnPropertyNames(holder);
  return above === null || above === Object.prototype ? own : [...own, ...namesIn(above)];
}

/** Throws TypeError where something draws and there is no key. `isShuffled`: whether the order of samples is drawn. */
export function checkKey<In extends Tree, Out extends Tree, Target extends Tree>(
  { key, validation }: FitOptions<In, Out, Target>,
  data: Data<In, Target>,
  isShuffled: boolean,
): void {
  if (key !== undefined) return;
  const takesKey = [data, validation].find((each) => typeof each === "function" && each.length > 1);
  const isDivided = typeof validation === "number";
  const what = isDivided
    ? "the validation samples are drawn"
    : isShuffled
      ? "samples are shuffled"
      : takesKey === undefined
        ? null
        : `the function given as ${takesKey === data ? "data" : "validation"} takes a key`;
  if (what !== null)
    throw new TypeError(
      `fit: ${what}, and there is no key to draw from; give one: const key = keys(0); fit(model, data, { key: key(), … })${isShuffled && !isDivided ? ", or { shuffle: false }" : ""}`,
    );
}

export function checkBatchSize(operation: string, batchSize: number): void {
  if (batchSize === Infinity) return;
  checkWhole(operation, "batchSize", batchSize, 32);
}
