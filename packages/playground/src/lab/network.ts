// A network of settings: dense layers of nn, dropout between them while training, and how data goes in.

import {
  type Key,
  randomKey,
  splitKey,
  type Tensor,
  tensor,
  type Variable,
  variable,
} from "@adjoint/autograd";
import {
  type Dense,
  dense,
  dropout,
  glorotUniform,
  heUniform,
  type Initializer,
  leCunNormal,
  type Sequential,
  sequential,
} from "@adjoint/nn";
import type { Dataset } from "./data/dataset.ts";
import { scaledBy } from "./data/dataset.ts";
import { GROUNDED_WEIGHTS } from "./lesson/example.ts";
import { lossNamed, type Task, targetOf, taskOf } from "./losses.ts";
import { refuse } from "./mistakes.ts";
import type { Checked } from "./settings.ts";

export interface Network {
  readonly layers: readonly Dense[];
  /** The dense layers in a row: what `backpropagation`, files and exported code see. */
  readonly model: Sequential<Dense>;
  readonly task: Task;
  readonly dtype: "float32" | "float64";
  /** Where dropout's draws come from; null where nothing is dropped. */
  readonly key: Variable<[2]> | null;
  /** Activations of every layer after the input, [samples, units] each. With a key, hidden ones are dropped. */
  run(x: Tensor, key?: Key): readonly Tensor[];
}

/** Samples as the network takes them. */
export interface Samples {
  readonly x: Tensor;
  readonly y: Tensor;
  /** The class or the scaled number of each, [samples], in the type of outputs. */
  readonly labels: Tensor;
}

/** First weights that keep the variance of what goes through an activation. */
const initializers: Readonly<Record<string, Initializer>> = {
  relu: heUniform,
  leakyRelu: heUniform,
  elu: heUniform,
  gelu: heUniform,
  silu: heUniform,
  mish: heUniform,
  softplus: heUniform,
  selu: leCunNormal,
};

/** The network of checked settings for a data set. Refuses a loss that does not fit the data. */
export function networkOf({ settings, activations }: Checked, data: Dataset): Network {
  const entry = lossNamed(settings.loss)!;
  const { isClassification, outputs, inputs } = data;
  if (!isClassification && !entry.takesNumbers)
    refuse(
      "loss",
      `${entry.title} is for classes, and ${outputs[0]} is a number; take the mean squared error, and a linear output activation`,
    );
  const task = taskOf(entry, isClassification ? outputs.length : 0);
  // The grounded example shows its numbers to full precision.
  const isGrounded = settings.data.name === "grounded";
  const dtype = isGrounded ? "float64" : "float32";
  const widths = [inputs.length, ...settings.hidden.map(({ units }) => units), task.units];
  const [first, drops] = splitKey(randomKey(settings.seed), 2);
  const keys = splitKey(first, widths.length - 1);
  const layers = activations.map(({ phi, isNamed }, l) =>
    dense(widths[l]!, widths[l + 1]!, {
      activation: phi,
      initializer: (isNamed ? initializers[phi.name] : undefined) ?? glorotUniform,
      key: keys[l]!,
      dtype,
    }),
  );
  if (isGrounded && widths.join() === "2,2,1")
    layers.forEach((layer, l) => {
      layer.transferMatrix = tensor(GROUNDED_WEIGHTS[l]! as number[][], { dtype });
    });
  const drop = dropout(settings.dropout);
  return {
    layers,
    model: sequential(...layers),
    task,
    dtype,
    key: settings.dropout > 0 && layers.length > 1 ? variable(drops, { trainable: false }) : null,
    run(x, key) {
      const own = key === undefined ? [] : splitKey(key, layers.length);
      const activations: Tensor[] = [];
      let before = x;
      layers.forEach((layer, l) => {
        const after: Tensor = layer.forward(before as never);
        activations.push(after);
        const isHidden = l < layers.length - 1;
        before =
          isHidden && key !== undefined ? drop.forward(after, { training: true, key: own[l]! }) : after;
      });
      return activations;
    },
  };
}

/** Training or test samples as tensors, scaled. */
export function samplesOf({ task, dtype }: Network, data: Dataset, which: "training" | "test"): Samples {
  const { count, x, y } = data[which];
  const target = scaledBy(y, data.targetScale);
  return {
    x: tensor(scaledBy(x, data.inputScale)).reshape([count, data.inputs.length]).cast(dtype),
    y: targetOf(task, target, dtype),
    labels: tensor(target).cast(dtype),
  };
}
