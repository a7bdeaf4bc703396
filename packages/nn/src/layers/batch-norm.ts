// Batch normalization: each channel by its mean and variance over the batch.

import { ones, ShapeError, type Tensor, type Variable, zeros } from "@adjoint/autograd";
import { checkOptions, checkSize } from "../arguments.ts";
import { type ForwardOptions, forwardNames, type Layer, state } from "../layer.ts";
import { made } from "../made.ts";
import type { PyTorchNames } from "../pytorch.ts";
import {
  alongChannels,
  checkChannels,
  checkEpsilon,
  moments,
  type NormalizationOptions,
  scaledAndShifted,
  scales,
  shifts,
} from "./normalized.ts";

/** The options of `batchNorm`. */
export interface BatchNormOptions extends NormalizationOptions {
  /** How much of each batch's statistics the running ones take on; 0.1 by default. */
  readonly momentum?: number;
}

/** The layer that `batchNorm` makes. */
export interface BatchNorm extends Layer {
  /** Scales [channels], which start at 1; null where the layer is not affine. */
  readonly weight: Variable | null;
  /** Shifts [channels], which start at 0; null where the layer is not affine. */
  readonly bias: Variable | null;
  /** Running mean [channels], which starts at 0; not trained. */
  readonly runningMean: Variable;
  /** Running unbiased variance [channels], which starts at 1; not trained. */
  readonly runningVariance: Variable;
  /** The names of `nn.BatchNorm1d`, … */
  readonly inPyTorch: PyTorchNames;
}

/**
 * Batch normalisation (Ioffe & Szegedy 2015): (x − mean)/√(variance + epsilon)·weight + bias for each channel of
 * [batch, channels, ...sizes]. While training, mean and variance (divided by n) are those of the batch and all sizes,
 * and the running ones move towards them: running ← (1 − momentum)·running + momentum·batch, with the unbiased variance
 * (divided by n − 1) there. Otherwise the running ones are used. PyTorch's `BatchNorm1d`, `BatchNorm2d`, …, epsilon
 * 1e-5. Throws ShapeError for other channels, and while training for one value per channel, whose variance says
 * nothing.
 */
export function batchNorm(channels: number, options: BatchNormOptions = {}): BatchNorm {
  checkSize("batchNorm", "the number of channels", channels);
  checkOptions("batchNorm", options, ["epsilon", "momentum", "affine", "dtype"]);
  const { epsilon = 1e-5, momentum = 0.1, affine = true, dtype = "float32" } = options;
  checkEpsilon("batchNorm", epsilon);
  if (typeof momentum !== "number" || !(momentum >= 0 && momentum <= 1))
    throw new RangeError(`batchNorm: momentum ${momentum} must be from 0 to 1, e.g. 0.1`);
  const weight = scales(affine, [channels], dtype);
  const bias = shifts(affine, [channels], dtype);
  const runningMean: Variable = state(zeros([channels], { dtype }), { name: "runningMean" });
  const runningVariance: Variable = state(ones([channels], { dtype }), { name: "runningVariance" });
  const follow = (running: Variable, batch: Tensor) => {
    const news = batch.detach().reshape([channels]);
    running.assign(running.value.mul(1 - momentum).add(news.mul(momentum)));
  };
  return made(
    {
      ...{ weight, bias, runningMean, runningVariance },
      inPyTorch: { runningMean: "running_mean", runningVariance: "running_var" },
      forward(x: Tensor, options: ForwardOptions = {}): Tensor {
        checkOptions("batchNorm", options, forwardNames);
        const { training = false } = options;
        checkChannels("batchNorm", x, channels, dtype);
        const along = (values: Variable | null) =>
          values === null ? null : alongChannels(values.value, x.rank);
        if (!training) {
          const factor = runningVariance.value.add(epsilon).rsqrt();
          const centered = x.sub(alongChannels(runningMean.value, x.rank));
          return scaledAndShifted(centered.mul(alongChannels(factor, x.rank)), along(weight), along(bias));
        }
        const count = x.size / channels;
        if (count === 1)
          throw new ShapeError(
            `batchNorm: [${x.shape.join(", ")}] has one value for each channel, which has no variance to learn from; train on more than one sample at once`,
          );
        const { mean, centered, variance } = moments(
          x,
          [...x.shape.keys()].filter((axis) => axis !== 1),
        );
        // Nothing has no mean to follow.
        if (count > 0) {
          follow(runningMean, mean);
          follow(runningVariance, variance.mul(count / (count - 1)));
        }
        return scaledAndShifted(centered.mul(variance.add(epsilon).rsqrt()), along(weight), along(bias));
      },
      toString: () => `batchNorm(${channels})`,
    },
    "batchNorm",
    channels,
    options,
  );
}
