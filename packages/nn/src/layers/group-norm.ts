// Group normalization: groups of a sample's channels, each by its own mean and variance.

import { ShapeError, type Variable } from "@adjoint/autograd";
import { checkOptions, checkSize } from "../arguments.ts";
import type { Layer } from "../layer.ts";
import { made } from "../made.ts";
import {
  alongChannels,
  checkChannels,
  checkEpsilon,
  type NormalizationOptions,
  normalized,
  scaledAndShifted,
  scales,
  shifts,
} from "./normalized.ts";

/**
 * Group normalisation (Wu & He 2018): (x − mean)/√(variance + epsilon)·weight + bias of [batch, channels, ...sizes],
 * mean and variance (divided by n) being those of a sample's group of channels, weight and bias [channels]. One group
 * for each channel is instance normalisation. PyTorch's `GroupNorm`, epsilon 1e-5. Throws ShapeError where groups don't
 * divide the channels.
 */
export function groupNorm(
  groups: number,
  channels: number,
  options: NormalizationOptions = {},
): Layer & { readonly weight: Variable | null; readonly bias: Variable | null } {
  checkSize("groupNorm", "the number of groups", groups);
  checkSize("groupNorm", "the number of channels", channels);
  checkOptions("groupNorm", options, ["epsilon", "affine", "dtype"]);
  if (channels % groups !== 0)
    throw new ShapeError(`groupNorm: ${groups} groups don't divide ${channels} channels; choose a divisor`);
  const { epsilon = 1e-5, affine = true, dtype = "float32" } = options;
  checkEpsilon("groupNorm", epsilon);
  const weight = scales(affine, [channels], dtype);
  const bias = shifts(affine, [channels], dtype);
  return made(
    {
      ...{ weight, bias },
      forward(x) {
        checkChannels("groupNorm", x, channels, dtype);
        const [batch, , ...sizes] = x.shape as readonly [number, number, ...number[]];
        const parts = x.reshape([batch, groups, channels / groups, ...sizes]);
        const axes = [...parts.shape.keys()].slice(2);
        const along = (values: Variable | null) =>
          values === null ? null : alongChannels(values.value, x.rank);
        return scaledAndShifted(
          normalized(parts, axes, epsilon).reshape(x.shape),
          along(weight),
          along(bias),
        );
      },
      toString: () => `groupNorm(${groups}, ${channels})`,
    },
    "groupNorm",
    groups,
    channels,
    options,
  );
}
