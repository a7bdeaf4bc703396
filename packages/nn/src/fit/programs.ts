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
  type Tensor,
  type TensorsOf,
  type Tree,
  type Variable,
} from "@adjoint/autograd";
import { checkTensor } from "../arguments.ts";
import { type LayerOrFunction, run, variables } from "../layer.ts";
import type { LossOptions } from "../losses/loss.ts";
import type { Metric } from "../metrics/metric.ts";
import { activationsIn } from "../monitors/activations.ts";
import type { Monitor, Seen } from "../monitors/monitor.ts";
import type { TensorsByPath } from "../optimizers/link.ts";
import type { VariableSet } from "../optimizers/optimizer.ts";
import type { Batch } from "./batches.ts";
import type { Samples } from "./data.ts";

/** A loss as training calls it: one that takes weights for the samples, as all losses of this package do. */
export type TrainingLoss<Out, Target> = (prediction: Out, target: Target, options: LossOptions) => Tensor;

/** What moves parameters by given gradients. */
export interface Stepping {
  step(variables: VariableSet, gradients: TensorsByPath): void;
}

/** What a program gives back: the loss, and what metrics and monitors measure, by name. */
export interface Outcome {
  readonly loss: Tensor;
  readonly parts: Readonly<Record<string, Tensor>>;
}

export interface Task<In extends Tree, Out extends Tree, Target extends Tree> {
  readonly model: LayerOrFunction<In, Out>;
  readonly loss: TrainingLoss<Out, Target>;
  readonly metrics: readonly Metric[];
}

/** A program: the samples, which of them make the batch, and which of those count. */
export type BatchProgram<In extends Tree, Target extends Tree> = CompiledFunction<
  (rows: Samples<In, Target>, places: Tensor | null, weights: Tensor) => Outcome
>;

/** Inputs and targets of a batch. Its form is that of the rows, so its type is, too. */
function taken<In extends Tree, Target extends Tree>(
  { x, y }: Samples<In, Target>,
  places: Tensor | null,
): Samples<In, Target> {
  if (places === null) return { x, y };
  return mapTree((each) => each.gather(places), { x, y }) as Samples<In, Target> &
    TensorsOf<{ x: In; y: Target }>;
}

/** The loss of a batch in which some samples may not count. */
function lossOf<Out, Target>(
  loss: TrainingLoss<Out, Target>,
  prediction: Out,
  target: Target,
  weights: Tensor,
): Tensor {
  // Weights have one shape for a loss that has one number for each sample, and another where it has more. To find out it is
  // recorded apart, since its checks of targets would stay in the program and be made twice in each step.
  const { outputs } = record(
    (prediction: Out, target: Target) => {
      const each: unknown = loss(prediction, target, { reduction: "none" });
      checkTensor(
        "fit",
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
  return loss(prediction, target, { weights: column });
}

/** What metrics measure of one batch. Metrics are of tensors: a model whose output is a tree has none. */
function measured(
  metrics: readonly Metric[],
  prediction: Tree,
  target: Tree,
  weights: Tensor,
): Record<string, Tensor> {
  return Object.fromEntries(
    metrics.map((metric) => {
      const way = "leave metrics out, and measure in a callback";
      checkTensor(`fit: ${metric.name}`, "the model's output", prediction, way);
      checkTensor(`fit: ${metric.name}`, "the target", target, way);
      return [metric.name, metric.part(prediction, target, weights)];
    }),
  );
}

/** A program that judges: nothing is trained. */
export function judging<In extends Tree, Out extends Tree, Target extends Tree>({
  model,
  loss,
  metrics,
}: Task<In, Out, Target>): BatchProgram<In, Target> {
  return compile((rows: Samples<In, Target>, places: Tensor | null, weights: Tensor): Outcome => {
    const { x, y } = taken(rows, places);
    const prediction = run(model, x);
    return {
      loss: lossOf(loss, prediction, y, weights).detach(),
      parts: measured(metrics, prediction, y, weights),
    };
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
  { model, loss, metrics }: Task<In, Out, Target>,
  { optimizer, trained, key, monitors }: StepParts,
): BatchProgram<In, Target> {
  return compile((rows: Samples<In, Target>, places: Tensor | null, weights: Tensor): Outcome => {
    const { x, y } = taken(rows, places);
    const prediction = run(model, x, { training: true, ...drawnFrom(key) });
    const value = lossOf(loss, prediction, y, weights);
    const gradients = gradientsOf(value, trained, { allowUnused: "omit" });
    const activations = monitors.length === 0 ? [] : activationsIn(model, value);
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
      loss: value.detach(),
      parts: { ...measured(metrics, prediction, y, weights), ...watched(monitors, seen) },
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
function watched(monitors: readonly Monitor[], seen: Seen): Record<string, Tensor> {
  return Object.fromEntries(
    monitors.flatMap((monitor) =>
      Object.entries(monitor.part(seen)).map(([label, part]) => [
        `${monitor.name} ${label}`.trim(),
        part.detach(),
      ]),
    ),
  );
}

/**
 * Runs the loss of a batch once without numbers. Throws Error where it reads a variable that `variables(model)` can't see, which
 * would be neither trained nor saved, and where samples that don't count would.
 */
export function checkLoss<In extends Tree, Out extends Tree, Target extends Tree>(
  operation: string,
  { model, loss }: Task<In, Out, Target>,
  { rows, places, weights }: Batch<In, Target>,
  options: { readonly key: Key | null; readonly fills: boolean },
): void {
  const { x, y } = taken(rows, places);
  const key = options.key === null ? {} : { key: options.key };
  const program = record(
    (rows: Samples<In, Target>, weights: Tensor) =>
      lossOf(loss, run(model, rows.x, { training: true, ...key }), rows.y, weights),
    { x, y },
    weights,
  );
  const seen = new Set(Object.values(variables(model)));
  const hidden = program.variables.filter((each) => !seen.has(each));
  if (hidden.length > 0) {
    const names = hidden.map(
      ({ name, shape }) => `${name === "" ? "one without a name" : `"${name}"`} [${shape.join(", ")}]`,
    );
    throw new Error(
      `${operation}: the loss reads ${hidden.length === 1 ? "a variable" : `${hidden.length} variables`} that variables(model) can't see: ${names.join(", ")}. Private fields (#name) and closures hide what they hold, so it would be neither trained nor saved; keep it in a field of the model`,
    );
  }
  const given = program.inputs.at(-1)!;
  if (options.fills && !program.steps.some(({ inputs }) => inputs.includes(given)))
    throw new Error(
      `${operation}: the last batch is smaller and is filled up with samples of weight 0, but the loss reads no weights; hand them on, (prediction, target, { weights }) => …, or leave that batch out, { lastBatch: "drop" }`,
    );
}
