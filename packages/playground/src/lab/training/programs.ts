// The programs of a session: a step of training, a judgement of all training samples, one of the test samples, and what is
// predicted over a field. Each is one compiled function.

import { compile, gradients, splitKey, stack, type Tensor } from "@adjoint/autograd";
import { type Optimizer, variables } from "@adjoint/nn";
import { decided, lossOf, pictured } from "../losses.ts";
import type { Network, Samples } from "../network.ts";

/** How near the limits of its range a unit counts as saturated. */
const NEAR = 0.05;

/** What a judgement of the training samples tells. */
export interface Judgement {
  readonly loss: Tensor;
  readonly accuracy: Tensor;
  /** For each hidden layer the share near the limits; of activations without a limit it means nothing. */
  readonly saturation: readonly Tensor[];
  /** Norms of the gradients, [layers]. */
  readonly norms: Tensor;
  /** For each layer: the gradients of the whole training loss. */
  readonly weights: readonly Tensor[];
  readonly biases: readonly Tensor[];
  /** For each layer after the input: the activations of the first sample, [units]. */
  readonly first: readonly Tensor[];
}

export interface Verdict {
  readonly loss: Tensor;
  readonly accuracy: Tensor;
  /** Classes or scaled numbers, [samples]. */
  readonly decided: Tensor;
}

export interface Programs {
  /** One step on the samples at some places, or on all for null; the loss before it. */
  readonly step: (samples: Samples, places: Tensor | null) => Tensor;
  readonly judge: (samples: Samples) => Judgement;
  readonly test: (samples: Samples) => Verdict;
  /** Inputs [points, inputs] → what a picture shows of each, [points]. */
  readonly predict: (x: Tensor) => Tensor;
}

/** The programs of a network and its optimizer. `limits` are the finite limits of each hidden layer's activation. */
export function programsOf(
  network: Network,
  optimizer: Optimizer,
  limits: readonly (readonly number[])[],
): Programs {
  const { task, layers, key } = network;
  const trained = variables(network.model);
  const accuracyOf = (prediction: Tensor, labels: Tensor) => prediction.equal(labels).cast("float64").mean();
  const near = (output: Tensor, bounds: readonly number[]): Tensor =>
    bounds
      .map((limit): Tensor => output.sub(limit).abs().lessEqual(NEAR))
      .reduce((a, b) => a.or(b))
      .cast("float64")
      .mean();
  return {
    step: compile((samples: Samples, places: Tensor | null) => {
      const x = places === null ? samples.x : samples.x.gather(places);
      const y = places === null ? samples.y : samples.y.gather(places);
      const drawn = key === null ? [] : splitKey(key.value);
      if (key !== null) key.assign(drawn[1]!);
      return optimizer.minimize(() => lossOf(task, network.run(x, drawn[0]).at(-1)!, y), trained);
    }),
    judge: compile(({ x, y, labels }: Samples): Judgement => {
      const outputs = network.run(x);
      const prediction = outputs.at(-1)!;
      const loss = lossOf(task, prediction, y);
      const found = gradients(loss, {
        weights: layers.map(({ weight }) => weight),
        biases: layers.map(({ bias }) => bias!),
      });
      const squares = layers.map((_, l): Tensor => {
        const [weight, bias] = [found.weights[l]!, found.biases[l]!] as [Tensor, Tensor];
        return weight.cast("float64").square().sum().add(bias.cast("float64").square().sum());
      });
      return {
        loss: loss.detach(),
        accuracy: accuracyOf(decided(task, prediction), labels),
        saturation: limits.map((bounds, l) =>
          near(bounds.length === 0 ? outputs[l]!.mul(0) : outputs[l]!, bounds.length === 0 ? [0] : bounds),
        ),
        norms: stack(squares).sqrt(),
        weights: found.weights as readonly Tensor[],
        biases: found.biases as readonly Tensor[],
        first: outputs.map((output): Tensor => output.slice(0).detach()),
      };
    }),
    test: compile(({ x, y, labels }: Samples): Verdict => {
      const prediction = network.run(x).at(-1)!;
      const classes = decided(task, prediction);
      return {
        loss: lossOf(task, prediction, y).detach(),
        accuracy: accuracyOf(classes, labels),
        decided: classes.detach(),
      };
    }),
    predict: compile((x: Tensor) => pictured(task, network.run(x).at(-1)!).detach()),
  };
}
