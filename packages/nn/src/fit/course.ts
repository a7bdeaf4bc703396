// A training under way: what it is made of, how far it has come, and what a batch and the end of an epoch change.

import { type Key, splitKey, type Tree, Variable, variable } from "@adjoint/autograd";
import { checkLayer, type ForwardOptions, type LayerOrFunction, parameters } from "../layer.ts";
import type { Measured } from "../metrics/measure.ts";
import { gradientNorm } from "../monitors/gradient-norms.ts";
import type { Batch, Source } from "./batches.ts";
import type { Moment } from "./callbacks.ts";
import { Checks } from "./checks.ts";
import type { Data } from "./data.ts";
import { checkOfJudging, type Judge } from "./evaluate.ts";
import { FitError } from "./fit-error.ts";
import type { History } from "./history.ts";
import { isLater } from "./later.ts";
import { checkFitOptions, checkKey, type FitOptions } from "./options.ts";
import { type BatchProgram, judging, stepping, type Task } from "./programs.ts";
import { checkSame, sourcesOf } from "./sources.ts";
import { keyOf, restoredState, type TrainingState, wordsOf } from "./state.ts";
import { EarlyStopping, type Ended, reached, type StopOptions } from "./stopping.ts";
import { type Measures, Totals } from "./totals.ts";

export class Course<In extends Tree, Out extends Tree, Target extends Tree> implements Moment {
  readonly task: Task<In, Out, Target>;
  readonly source: Source<In, Target>;
  readonly validation: Judge<In, Target> | null;
  readonly early: EarlyStopping | null;
  readonly epochs: number;
  /** From what steps draw. */
  readonly key: Variable<[2]> | null;
  readonly #step: BatchProgram<In, Target>;
  readonly #optimizer: unknown;
  readonly #measures: Measures;
  readonly #stop: StopOptions;
  readonly #checks: Checks<In, Out, Target>;
  #isChecked = false;
  readonly #batchSize: number | null;
  readonly #division: Key | null;
  #order: Key | null;
  #totals: Totals;
  #history: Record<string, Measured[]>;
  #epochsDone: number;
  #isBetween = true;
  #position: number;
  #steps: number;
  #loss: number;
  #isAskedToStop = false;

  constructor(model: LayerOrFunction<In, Out>, data: Data<In, Target>, options: FitOptions<In, Out, Target>) {
    checkLayer("fit", "the model", model);
    checkFitOptions(options);
    const { loss, optimizer, metrics = [], monitors = [], epochs, stop = {} } = options;
    const saved = options.resume === undefined ? null : restoredState(options.resume);
    const [draws, order, division] = options.key === undefined ? [] : splitKey(options.key, 3);
    const from = (fresh: Key | undefined, words: TrainingState["draws"] | undefined): Key | null =>
      saved === null ? (fresh ?? null) : words == null ? null : keyOf(words);
    const first = from(draws, saved?.draws);
    this.key = first === null ? null : variable(first, { name: "key", trainable: false });
    this.#order = from(order, saved?.order);
    this.#division = from(division, saved?.division);
    this.task = { operation: "fit", model, loss, metrics };
    this.epochs = epochs;
    this.#stop = stop;
    const { source, validation, batchSize, isShuffled } = sourcesOf(data, options, this.#division);
    checkKey(options, data, isShuffled);
    this.source = source;
    this.#batchSize = batchSize;
    this.#checks = new Checks(this.task);
    this.validation =
      validation === null
        ? null
        : {
            source: validation,
            program: judging(this.task),
            metrics,
            check: checkOfJudging(this.#checks, "validation"),
          };
    const hasNorm = stop.gradientNorm !== undefined && !monitors.some(({ name }) => name === "gradientNorm");
    const watching = hasNorm ? [...monitors, gradientNorm()] : monitors;
    this.#step = stepping(this.task, {
      optimizer,
      trained: parameters(model),
      key: this.key,
      monitors: watching,
    });
    this.#optimizer = optimizer;
    this.#measures = { metrics, monitors: watching };
    this.early =
      options.earlyStopping === undefined
        ? null
        : new EarlyStopping(model, options.earlyStopping, {
            names: [
              "loss",
              ...metrics.map(({ name }) => name),
              ...watching.map(({ name }) => name),
              ...(rateOf(optimizer) === null ? [] : ["learningRate"]),
              ...(validation === null ? [] : ["loss", ...metrics.map(({ name }) => name)].map(ofValidation)),
            ],
            labelled: monitors.map(({ name }) => name),
            isValidated: validation !== null,
          });
    if (this.early !== null && saved !== null && saved.stopping !== null) this.early.state = saved.stopping;
    this.#epochsDone = saved?.epoch ?? 0;
    this.#position = saved?.position ?? 0;
    this.#steps = saved?.steps ?? 0;
    this.#loss = saved?.loss ?? Number.NaN;
    this.#totals = new Totals(this.#measures, saved?.totals);
    this.#history = Object.fromEntries(
      Object.entries(saved?.history ?? {}).map(([name, list]) => [name, [...list]]),
    );
    if (saved !== null) checkSame(saved, this.#batchSize, source.samples, isShuffled);
  }

  get epochsDone(): number {
    return this.#epochsDone;
  }

  get epoch(): number {
    return this.#isBetween ? Math.max(1, this.#epochsDone) : this.#epochsDone + 1;
  }

  get step(): number {
    return this.#position;
  }

  get stepsPerEpoch(): number | null {
    return this.source.steps;
  }

  get steps(): number {
    return this.#steps;
  }

  get loss(): number {
    return this.#loss;
  }

  get history(): History {
    return this.#history;
  }

  /** For validation data that are a function. */
  get validationKey(): Key | null {
    return this.#division;
  }

  get isAskedToStop(): boolean {
    return this.#isAskedToStop;
  }

  // A field, so that it may be taken out of the moment: ({ stop }) => stop().
  readonly stop = (): void => {
    this.#isAskedToStop = true;
  };

  get training(): TrainingState {
    return {
      epoch: this.#epochsDone,
      position: this.#position,
      steps: this.#steps,
      loss: this.#loss,
      batchSize: this.#batchSize,
      samples: this.source.samples,
      draws: this.key === null ? null : wordsOf(this.key.value),
      order: this.#order === null ? null : wordsOf(this.#order),
      division: this.#division === null ? null : wordsOf(this.#division),
      totals: this.#totals.saved,
      history: Object.fromEntries(Object.entries(this.#history).map(([name, list]) => [name, [...list]])),
      stopping: this.early?.state ?? null,
    };
  }

  /** Begins an epoch, or goes on with one, and gives its batches that are left. */
  begin(): ReturnType<Source<In, Target>["batches"]> {
    this.#isBetween = false;
    return this.source.batches(this.#epochsDone, this.#order, this.#position);
  }

  /** One step. Where it throws, nothing has changed. At the first batch it throws what `Checks` do. */
  take(batch: Batch<In, Target>): void {
    if (!this.#isChecked) this.#check(batch);
    const { rows, places, weights, count } = batch;
    // Only batches that come one by one turn out to be smaller while training.
    if (count < weights.size) this.#try("the loss was refused", () => this.#checkWeights(batch));
    const outcome = this.#try("the step threw", () => this.#step(rows, places, weights));
    this.#position++;
    this.#steps++;
    this.#loss = this.#totals.add(outcome, count);
  }

  /** What can be known with the first batch, before anything has changed. */
  #check(batch: Batch<In, Target>): void {
    this.#checks.variables(batch, this.#forwardOptions);
    if (this.source.fills === true || batch.count < batch.weights.size) this.#checkWeights(batch);
    if (this.validation?.source.fills === true) this.validation.check(batch);
    this.#isChecked = true;
  }

  #checkWeights(batch: Batch<In, Target>): void {
    const way = 'leave such batches out, { lastBatch: "drop" }';
    this.#checks.weights(batch, "data", way, this.#forwardOptions);
  }

  get #forwardOptions(): ForwardOptions {
    return this.key === null ? { training: true } : { training: true, key: this.key.value };
  }

  /** Ends an epoch. `validation`: what was measured on the validation data. */
  finishEpoch(validation: Readonly<Record<string, Measured>>): void {
    const rate = rateOf(this.#optimizer);
    const measured: Record<string, Measured> = {
      ...this.#totals.values(),
      ...(rate === null ? {} : { learningRate: rate.item() }),
      ...Object.fromEntries(Object.entries(validation).map(([name, value]) => [ofValidation(name), value])),
    };
    // Nothing of this throws; what may comes last, on a history that is complete.
    for (const [name, value] of Object.entries(measured)) {
      this.#history[name] ??= [];
      this.#history[name].push(value);
    }
    this.#totals = new Totals(this.#measures);
    this.#epochsDone++;
    this.#isBetween = true;
    this.#position = 0;
    if (this.#order !== null) this.#order = splitKey(this.#order, 1)[0];
    this.#try("early stopping threw", () => this.early?.look(this.#history));
  }

  /** Why training is over at the end of an epoch, also of one that an earlier training has ended; null where it goes on. */
  get ended(): Ended | null {
    if (this.#position > 0) return null;
    return this.early?.isOver === true ? "early stopping" : reached(this.#stop, this.#history);
  }

  /**
   * Runs what isn't fit's own, and throws FitError for what it throws. What isn't a promise is returned as it is: waiting for it
   * would cost in each step.
   */
  within<T>(what: string, run: () => T | PromiseLike<T>): T | Promise<T> {
    const given = this.#try(what, run);
    return isLater(given) ? this.#later(what, given) : given;
  }

  async #later<T>(what: string, given: PromiseLike<T>): Promise<T> {
    try {
      return await given;
    } catch (error) {
      throw this.#failed(what, error);
    }
  }

  #try<T>(what: string, run: () => T): T {
    try {
      return run();
    } catch (error) {
      throw this.#failed(what, error);
    }
  }

  #failed(what: string, error: unknown): FitError {
    const said = error instanceof Error ? error.message : String(error);
    return new FitError(
      `fit: ${this.#place}, ${what}: ${said}. The model is as after the last whole step, ${this.#steps} in all; to go on from there, fit(…, { resume: error.training })`,
      this.training,
      error,
    );
  }

  get #place(): string {
    if (this.#isBetween && this.#position === 0)
      return this.#epochsDone === 0 ? "before the first epoch" : `after epoch ${this.#epochsDone}`;
    const at = this.source.steps === null ? "" : ` of ${this.source.steps}`;
    return `in epoch ${this.#epochsDone + 1}, after step ${this.#position}${at}`;
  }
}

const ofValidation = (name: string): string => `validation.${name}`;

/** The learning rate of an optimizer; null where it has none. */
function rateOf(optimizer: unknown): Variable | null {
  const { learningRate } = optimizer as { readonly learningRate?: unknown };
  return learningRate instanceof Variable ? learningRate : null;
}
