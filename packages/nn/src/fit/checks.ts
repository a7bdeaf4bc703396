// Checks of a model, a loss and metrics that are made once, with the first batch that shows what they look for. They run the
// model and the loss without numbers, so that they change nothing.

import { type DType, type Program, record, Tensor, type Tree, type Variable, zeros } from "@adjoint/autograd";
import { type ForwardOptions, parameters, run, variables } from "../layer.ts";
import type { Batch } from "./batches.ts";
import type { Samples } from "./data.ts";
import { lossOf, measured, type Task, taken } from "./programs.ts";

/** What a run without numbers has shown. */
interface Seen<Target extends Tree> {
  readonly variables: readonly Variable[];
  /** Whether the loss depends on the weights of samples. */
  readonly readsWeights: boolean;
  /** Of what the model returned; null where that is no tensor. */
  readonly prediction: { readonly shape: readonly number[]; readonly dtype: DType } | null;
  readonly target: Target;
  readonly weights: Tensor;
}

/** Whether the outputs of a program depend on its last argument. */
function readLast({ inputs, steps, outputs }: Program): readonly boolean[] {
  const reached = new Set<unknown>([inputs.at(-1)]);
  for (const step of steps)
    if (step.inputs.some((input) => reached.has(input)))
      for (const output of step.outputs) reached.add(output);
  return outputs.map((output) => reached.has(output));
}

export class Checks<In extends Tree, Out extends Tree, Target extends Tree> {
  readonly #task: Task<In, Out, Target>;
  #seen: Seen<Target> | null = null;
  #areWeightsRead = false;

  constructor(task: Task<In, Out, Target>) {
    this.#task = task;
  }

  /** One run, whose batch is as good as any other. */
  #look({ rows, places, weights }: Batch<In, Target>, options: ForwardOptions | undefined): Seen<Target> {
    if (this.#seen !== null) return this.#seen;
    const { model } = this.#task;
    const { x, y } = taken(rows, places);
    let prediction: Seen<Target>["prediction"] = null;
    const program = record(
      ({ x, y }: Samples<In, Target>, weights: Tensor) => {
        const output = run(model, x, options);
        if (output instanceof Tensor) prediction = { shape: output.shape, dtype: output.dtype };
        return lossOf(this.#task, output, y, weights).loss;
      },
      { x, y },
      weights,
    );
    const readsWeights = readLast(program)[0]!;
    this.#seen = { variables: program.variables, readsWeights, prediction, target: y, weights };
    return this.#seen;
  }

  /**
   * Throws Error where the loss of a batch reads a variable that `variables(model)` can't see, which would be neither trained nor
   * saved, and where the model has nothing to train.
   */
  variables(batch: Batch<In, Target>, options: ForwardOptions): void {
    const { operation, model } = this.#task;
    const all = Object.values(variables(model));
    const seen = new Set(all);
    const hidden = this.#look(batch, options).variables.filter((each) => !seen.has(each));
    if (hidden.length > 0) {
      const names = hidden.map(
        ({ name, shape }) => `${name === "" ? "one without a name" : `"${name}"`} [${shape.join(", ")}]`,
      );
      throw new Error(
        `${operation}: the loss reads ${hidden.length === 1 ? "a variable" : `${hidden.length} variables`} that variables(model) can't see: ${names.join(", ")}. Private fields (#name) and closures hide what they hold, so it would be neither trained nor saved; keep it in a field of the model`,
      );
    }
    if (Object.keys(parameters(model)).length > 0) return;
    const what =
      all.length === 0
        ? "variables(model) finds no variable in it; give a model whose fields hold parameters, such as dense(2, 3, { key })"
        : `none of its ${all.length} variables is trainable; thaw what is to be trained: variable.trainable = true`;
    throw new Error(`${operation}: the model has nothing to train: ${what}`);
  }

  /**
   * For batches that are filled up. Throws Error where the loss or a metric doesn't depend on the weights, so that samples which
   * only fill a batch would count. `what` the batches are of and the `way` out are for the message.
   */
  weights(batch: Batch<In, Target>, what: string, way: string, options?: ForwardOptions): void {
    if (this.#areWeightsRead) return;
    const { readsWeights, prediction, target, weights } = this.#look(batch, options);
    if (!readsWeights)
      throw this.#blind(what, "the loss", "hand them on, (prediction, target, { weights }) => …", way);
    for (const metric of prediction === null ? [] : this.#task.metrics) {
      const task = { ...this.#task, metrics: [metric] };
      const program = record(
        (prediction: Tensor, target: Target, weights: Tensor) => measured(task, prediction, target, weights),
        zeros(prediction!.shape, { dtype: prediction!.dtype }),
        target,
        weights,
      );
      if (!readLast(program).includes(true)) {
        const use = "let its part use them, part(prediction, target, weights)";
        throw this.#blind(what, `the metric "${metric.name}"`, use, way);
      }
    }
    this.#areWeightsRead = true;
  }

  #blind(what: string, who: string, use: string, way: string): Error {
    return new Error(
      `${this.#task.operation}: a batch of ${what} with fewer samples than others is filled up with samples of weight 0, but ${who} reads no weights and would count them; ${use}, or ${way}`,
    );
  }
}
