// A training under way: what it is made of, how far it has come, and what a batch and the end of an epoch change.

import { type Key, randomKey, splitKey, type Tree, Variable, variable } from "@adjoint/autograd";
import { split } from "../data/split.ts";
import { checkLayer, type LayerOrFunction, parameters } from "../layer.ts";
import type { Joined, Measured } from "../metrics/measure.ts";
import { gradientNorm } from "../monitors/gradient-norms.ts";
import { type Batch, type Source, sourceOf } from "./batches.ts";
import type { Moment } from "./callbacks.ts";
import { areSamples, type Data } from "./data.ts";
import { FitError } from "./fit-error.ts";
import type { History } from "./history.ts";
import { checkFitOptions, type FitOptions } from "./options.ts";
import { type BatchProgram, judging, stepping, type Task } from "./programs.ts";
import { keyOf, restoredState, type TrainingState, wordsOf } from "./state.ts";
import { EarlyStopping } from "./stopping.ts";
import { Totals } from "./totals.ts";

/** The data that a model is judged on, and the program that does it. */
interface Validation<In extends Tree, Target extends Tree> {
  readonly source: Source<In, Target>;
  readonly program: BatchProgram<In, Target>;
}

/** What nothing draws from. */
const unused = randomKey(0);

export class Course<In extends Tree, Out extends Tree, Target extends Tree> implements Moment {
  readonly task: Task<In, Out, Target>;
  readonly source: Source<In, Target>;
  readonly validation: Validation<In, Target> | null;
  readonly early: EarlyStopping | null;
  readonly epochs: number;
  /** From what steps draw. */
  readonly key: Variable<[2]> | null;
  readonly #step: BatchProgram<In, Target>;
  readonly #optimizer: unknown;
  readonly #measures: readonly Joined[];
  readonly #batchSize: number | null;
  readonly #division: Key | null;
  #order: Key | null;
  #totals: Totals;
  #history: Record<string, Measured[]>;
  #epochsDone: number;
  #isBetween = true;
  #position: number;
  #steps: number;
  #loss = Number.NaN;
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
    this.task = { model, loss, metrics };
    this.epochs = epochs;
    const { source, validation, batchSize } = sourcesOf(data, options, this.#division ?? unused);
    this.source = source;
    this.#batchSize = batchSize;
    this.validation = validation === null ? null : { source: validation, program: judging(this.task) };
    const hasNorm = stop.gradientNorm !== undefined && !monitors.some(({ name }) => name === "gradientNorm");
    const watching = hasNorm ? [...monitors, gradientNorm()] : monitors;
    this.#step = stepping(this.task, {
      optimizer,
      trained: parameters(model),
      key: this.key,
      monitors: watching,
    });
    this.#optimizer = optimizer;
    this.#measures = [...metrics, ...watching];
    this.early =
      options.earlyStopping === undefined
        ? null
        : new EarlyStopping(model, options.earlyStopping, validation !== null);
    if (this.early !== null && saved !== null && saved.stopping !== null) this.early.state = saved.stopping;
    this.#epochsDone = saved?.epoch ?? 0;
    this.#position = saved?.position ?? 0;
    this.#steps = saved?.steps ?? 0;
    this.#totals = new Totals(this.#measures, saved?.totals);
    this.#history = Object.fromEntries(
      Object.entries(saved?.history ?? {}).map(([name, list]) => [name, [...list]]),
    );
    if (saved !== null) checkSame(saved, this.#batchSize, source.samples);
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

  /** One step. Where it throws, nothing has changed. */
  take({ rows, places, weights, count }: Batch<In, Target>): void {
    const outcome = this.#try("the step threw", () => this.#step(rows, places, weights));
    this.#position++;
    this.#steps++;
    this.#loss = this.#totals.add(outcome, count);
  }

  /** Ends an epoch; says whether early stopping's patience is over. `validation`: what was measured on the validation data. */
  finishEpoch(validation: Readonly<Record<string, Measured>>): boolean {
    const { learningRate } = this.#optimizer as { readonly learningRate?: unknown };
    const measured: Record<string, Measured> = {
      ...this.#totals.values(),
      ...(learningRate instanceof Variable ? { learningRate: learningRate.item() } : {}),
      ...Object.fromEntries(Object.entries(validation).map(([name, value]) => [`validation.${name}`, value])),
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
    return this.early?.isOver(this.#history) ?? false;
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
    const at = this.source.steps === null ? "" : ` of ${this.source.steps}`;
    return new FitError(
      `fit: in epoch ${this.#isBetween ? this.#epochsDone : this.#epochsDone + 1}, after step ${this.#position}${at}, ${what}: ${said}. The model is as after the last whole step, ${this.#steps} in all; to go on from there, fit(…, { resume: error.training })`,
      this.training,
      error,
    );
  }
}

/** Where batches come from, to train on and to be judged on. */
function sourcesOf<In extends Tree, Out extends Tree, Target extends Tree>(
  data: Data<In, Target>,
  options: FitOptions<In, Out, Target>,
  division: Key,
) {
  const { batchSize = 32, shuffle = true, lastBatch = "fill", validation } = options;
  const judge = (held: Data<In, Target>) =>
    sourceOf("fit", "validation", held, { batchSize, shuffle: false, dropsLast: false });
  const train = (samples: Data<In, Target>) => {
    const source = sourceOf("fit", "data", samples, { batchSize, shuffle, dropsLast: lastBatch === "drop" });
    return { source, batchSize: source.samples === null ? null : Math.min(batchSize, source.samples) };
  };
  if (typeof validation !== "number")
    return { ...train(data), validation: validation === undefined ? null : judge(validation) };
  if (!areSamples(data))
    throw new TypeError(
      `fit: validation ${validation} is a fraction of samples, but the data are batches; give { x, y }, or validation data of their own`,
    );
  if (!(validation > 0 && validation < 1))
    throw new RangeError(`fit: validation ${validation} must be between 0 and 1, e.g. 0.2, or data`);
  const parts = split(data, { training: 1 - validation, validation }, division);
  // Parts of a tree have its form.
  const { training, validation: held } = parts as Record<keyof typeof parts, Data<In, Target> & object>;
  return { ...train(training), validation: judge(held) };
}

/** Whether a value comes later, as what async functions return does. */
export const isLater = <T>(given: T | PromiseLike<T>): given is PromiseLike<T> =>
  typeof (given as Partial<PromiseLike<T>> | null | undefined)?.then === "function";

/** Throws Error where training can't go on with other data. */
function checkSame(saved: TrainingState, batchSize: number | null, samples: number | null): void {
  for (const [name, now] of [
    ["batchSize", batchSize],
    ["samples", samples],
  ] as const)
    if (saved[name] !== now)
      throw new Error(
        `fit: resume was saved with ${name} ${saved[name]} and is to go on with ${now}; give the same data and options`,
      );
}
