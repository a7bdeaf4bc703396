// The two programs of training: a step, and a judgement of what the model gives. They differ in nothing from what one
// would write by hand and compile.

import {
  type CompiledFunction,
  compile,
  gradients as gradientsOf,
  type Key,
  mapTree,
  record,
  splitKey,
  stack,
  type Tensor,
  type TensorsOf,
  type Tree,
  tapeOf,
  type Variable,
} from "@adjoint/autograd";
import { checkTensor } from "../arguments.ts";
import { type LayerOrFunction, run } from "../layer.ts";
import type { LossOptions } from "../losses/loss.ts";
import { type Reduced, reducedIn } from "../losses/reduced.ts";
import type { Metric } from "../metrics/metric.ts";
import { activationsIn } from "../monitors/activations.ts";
import type { Monitor, Seen } from "../monitors/monitor.ts";
import type { TensorsByPath } from "../optimizers/link.ts";
import type { VariableSet } from "../optimizers/optimizer.ts";
import type { Samples } from "./data.ts";

/**
 * A loss as training calls it: one that takes weights for the samples, as all losses of this package do, and gives one
 * number for a batch; asked for the reduction "none", it should give the losses before they are joined, which tells how
 * many axes weights must have.
 *
 * How the losses of batches become one depends on the loss of this package that it calls, if it calls a single one. A
 * mean counts by what it is a mean of: samples, or with `ignoreLabel`, `classWeights` or weights of its own, by the sum
 * of these; so a batch in which nothing counts changes nothing. What `sumSquaredError` or the reduction "sum" gives is
 * added up, where it is returned as it is. The result is then what the loss would be for all samples at once, whatever
 * the size of batches. Every other loss (an own formula, several losses together, or a sum that is scaled) is taken for
 * a mean over samples, and depends on the size of batches where it isn't one.
 */
export type TrainingLoss<Out, Target> = (prediction: Out, target: Target, options: LossOptions) => Tensor;

/** What moves parameters by given gradients. */
export interface Stepping {
  /** Changes the variables by the gradients given. */
  step(variables: VariableSet, gradients: TensorsByPath): void;
}

/** What a program gives back: the loss, and what metrics and monitors measure, by name. */
export interface Outcome {
  readonly loss: Tensor;
  /** What the batch adds to the epoch's loss: a sum [1], or a sum and what it is to be divided by [2]; float64. */
  readonly total?: Tensor;
  readonly parts: Readonly<Record<string, Tensor>>;
}

export interface Task<In extends Tree, Out extends Tree, Target extends Tree> {
  /** For errors. */
  readonly operation: string;
  readonly model: LayerOrFunction<In, Out>;
  readonly loss: TrainingLoss<Out, Target>;
  readonly metrics: readonly Metric[];
}

/** A program: the samples, which of them make the batch, and which of those count. */
export type BatchProgram<In extends Tree, Target extends Tree> = CompiledFunction<
  (rows: Samples<In, Target>, places: Tensor | null, weights: Tensor) => Outcome
>;

/** Inputs and targets of a batch. Its form is that of the rows, so its type is, too. */
export function taken<In extends Tree, Target extends Tree>(
  { x, y }: Samples<In, Target>,
  places: Tensor | null,
): Samples<In, Target> {
  if (places === null) return { x, y };
  return mapTree((each) => each.gather(places), { x, y }) as Samples<In, Target> &
    TensorsOf<{ x: In; y: Target }>;
}

/** The loss of a batch in which some samples may not count. */
export function lossOf<In extends Tree, Out extends Tree, Target extends Tree>(
  { operation, loss }: Task<In, Out, Target>,
  prediction: Out,
  target: Target,
  weights: Tensor,
): Pick<Outcome, "loss" | "total"> {
  // Weights have one shape for a loss that has one number for each sample, and another where it has more. To find out it is
  // recorded apart, since its checks of targets would stay in the program and be made twice in each step.
  const { outputs } = record(
    (prediction: Out, target: Target) => {
      const each: unknown = loss(prediction, target, { reduction: "none" });
      checkTensor(
        operation,
        "what the loss returned",
        each,
        "return it without await or item(), which leave the tape",
      );
      return each;
    },
    prediction,
    target,
  );
  const rank = Math.max(1, outputs[0]!.shape.length);
  const column = weights.reshape([weights.size, ...Array.from({ length: rank - 1 }, () => 1)]);
  const { result, reduced } = reducedIn(() => loss(prediction, target, { weights: column }));
  const total = reduced.length === 1 ? totalOf(result, reduced[0]!, column) : null;
  return { loss: result, ...(total === null ? {} : { total: total.detach() }) };
}

/** What a batch adds to the epoch's loss where it doesn't count by its samples; null where it does. */
function totalOf(loss: Tensor, { result, reduction, weights, hasCounts, divisor }: Reduced, column: Tensor) {
  const value = loss.cast("float64");
  // What was made of a sum may be anything, such as a mean.
  if (reduction === "sum" && result === loss) return value.reshape([1]);
  if (divisor === null || (!hasCounts && weights === column)) return null;
  // What a transform, such as vmap, has made of its own would mean something else out here.
  if (!tapeOf(loss).tensors.includes(divisor.mean)) return null;
  const count = divisor.mean.cast("float64").mul(divisor.size);
  // Where nothing counts the loss is NaN, over which 0 wins.
  return stack([count.gate(value), count]);
}

/** What metrics measure of one batch. Metrics are of tensors: a model whose output is a tree has none. */
export function measured<In extends Tree, Out extends Tree, Target extends Tree>(
  { operation, metrics }: Task<In, Out, Target>,
  prediction: Tree,
  target: Tree,
  weights: Tensor,
): Record<string, Tensor> {
  return Object.fromEntries(
    metrics.map((metric) => {
      const way = "leave metrics out, and measure in a callback";
      checkTensor(`${operation}: ${metric.name}`, "the model's output", prediction, way);
      checkTensor(`${operation}: ${metric.name}`, "the target", target, way);
      return [metric.name, metric.part(prediction, target, weights)];
    }),
  );
}

/** A program that judges: nothing is trained. */
export function judging<In extends Tree, Out extends Tree, Target extends Tree>(
  task: Task<In, Out, Target>,
): BatchProgram<In, Target> {
  return compile((rows: Samples<In, Target>, places: Tensor | null, weights: Tensor): Outcome => {
    const { x, y } = taken(rows, places);
    const prediction = run(task.model, x);
    const { loss, ...total } = lossOf(task, prediction, y, weights);
    return { loss: loss.detach(), ...total, parts: measured(task, prediction, y, weights) };
  });
}

export interface StepParts {
  readonly optimizer: Stepping;
  /** What is trained, by path. */
  readonly trained: Readonly<Record<string, Variable>>;
  /** Where random draws come from: each step takes a key and leaves another one. */
  readonly key: Variable<[2]> | null;
  readonly monitors: readonly Monitor[];
}

/** A program that trains: one step. */
export function stepping<In extends Tree, Out extends Tree, Target extends Tree>(
  task: Task<In, Out, Target>,
  { optimizer, trained, key, monitors }: StepParts,
): BatchProgram<In, Target> {
  return compile((rows: Samples<In, Target>, places: Tensor | null, weights: Tensor): Outcome => {
    const { x, y } = taken(rows, places);
    const prediction = run(task.model, x, { training: true, ...drawnFrom(key) });
    const { loss, ...total } = lossOf(task, prediction, y, weights);
    const gradients = gradientsOf(loss, trained, { allowUnused: "omit" });
    const activations = monitors.length === 0 ? [] : activationsIn(task.model, loss);
    const before = valuesOf(trained);
    optimizer.step(trained, gradients);
    const seen: Seen = {
      activations,
      gradients,
      before,
      after: valuesOf(trained),
      weights: weights.cast("float64"),
    };
    return {
      loss: loss.detach(),
      ...total,
      parts: joinedByName(measured(task, prediction, y, weights), watched(monitors, seen)),
    };
  });
}

const valuesOf = (set: Readonly<Record<string, Variable>>): Record<string, Tensor> =>
  Object.fromEntries(Object.entries(set).map(([path, { value }]) => [path, value]));

function drawnFrom(key: Variable<[2]> | null): { readonly key?: Key } {
  if (key === null) return {};
  const [own, next] = splitKey(key.value);
  key.assign(next);
  return { key: own };
}

/** What monitors measure, by their name and a label. */
const watched = (monitors: readonly Monitor[], seen: Seen): readonly (readonly [string, Tensor])[] =>
  monitors.flatMap((monitor) =>
    Object.entries(monitor.part(seen)).map(
      ([label, part]) => [`${monitor.name} ${label}`.trim(), part.detach()] as const,
    ),
  );

/** Throws TypeError for two parts of one name, which would be taken for one. */
function joinedByName(
  parts: Record<string, Tensor>,
  others: readonly (readonly [string, Tensor])[],
): Record<string, Tensor> {
  const all = { ...parts };
  for (const [name, part] of others) {
    if (name in all)
      throw new TypeError(
        `fit: two things are called "${name}" in the history, one of them by a monitor and its label; give one another name: { ...accuracy(), name: "other" }`,
      );
    all[name] = part;
  }
  return all;
}
