// Normalisation over a batch, channels, groups, layers or neighbours, and dropout.

import { bernoulli, full, stopGradient, type Tensor, Variable } from "@adjoint/autograd";
import { Datum, floats } from "../datum.ts";
import type { NodeReader } from "../node-reader.ts";
import { axesOf, axisOf, type Operators } from "./operator.ts";

/** One number for each channel, for [batch, channels, ...]. */
const perChannel = (values: Tensor, rank: number): Tensor =>
  values.reshape([values.size, ...Array.from({ length: rank - 2 }, () => 1)]);

/** Mean 0 and variance 1 over axes: (x − mean)/√(variance + ε), with the mean and the inverse deviation. */
function standardized(x: Tensor, axis: readonly number[], epsilon: number) {
  const mean = x.mean({ axis, keepDims: true });
  const centred = x.sub(mean);
  const inverse = centred.square().mean({ axis, keepDims: true }).add(epsilon).rsqrt();
  return { result: centred.mul(inverse), mean, inverse };
}

const axesFrom = (first: number, rank: number): number[] =>
  Array.from({ length: rank - first }, (_, i) => first + i);

/** All axes but that of the channels. */
const besideChannels = (rank: number): number[] => axesFrom(0, rank).filter((axis) => axis !== 1);

/** What was held, moved towards the statistics of the batch. */
function blend(held: Tensor, seen: Tensor, momentum: number): Tensor {
  return held.mul(momentum).add(seen.mul(1 - momentum));
}

/** [batch, channels, ...] in groups of channels, each normalised. */
function inGroups(x: Tensor, groups: number, epsilon: number, node: NodeReader): Tensor {
  const [batch, channels] = x.shape as [number, number];
  if (!Number.isInteger(channels / groups)) node.refuse(`${channels} channels don't make ${groups} groups`);
  const grouped: Tensor = x.reshape([batch, groups, -1]);
  return standardized(grouped, [2], epsilon).result.reshape(x.shape);
}

export const normalizations: Operators = {
  BatchNormalization: {
    since: 7,
    inputs: [5, 5],
    outputs: 5,
    state: [3, 4],
    prepare(node) {
      const [epsilon, momentum] = [node.float("epsilon", 1e-5), node.float("momentum", 0.9)];
      const isTraining = node.opset >= 14 && node.flag("training_mode");
      if (node.opset < 9 && !node.flag("spatial", true))
        node.refuse("statistics for each place (spatial = 0) are not read");
      for (let k = node.opset >= 14 && isTraining ? 3 : 1; k < 5; k++)
        if (node.wants(k)) node.refuse(`its output ${k} is there only in training mode`);
      return ([x, scale, bias, mean, variance], { training }) => {
        const own = floats(x!, "the input");
        const { rank } = own;
        const [heldMean, heldVariance] = [mean!.tensor, variance!.tensor];
        const usesBatch = isTraining || training;
        const axis = besideChannels(rank);
        const seenMean = usesBatch ? own.mean({ axis }) : heldMean;
        const seenVariance = usesBatch ? own.variance({ axis }) : heldVariance;
        const inverse = seenVariance.cast(own.dtype).add(epsilon).rsqrt();
        const factor = scale!.tensor.cast(own.dtype).mul(inverse);
        const y = own
          .sub(perChannel(seenMean.cast(own.dtype), rank))
          .mul(perChannel(factor, rank))
          .add(perChannel(bias!.tensor.cast(own.dtype), rank));
        if (!usesBatch) return x!.with(y);
        const next = [
          blend(heldMean, seenMean, momentum),
          blend(heldVariance, seenVariance, momentum),
        ] as const;
        // As layers do: statistics that are held are moved while training.
        if (training) {
          [heldMean, heldVariance].forEach((held, i) => {
            if (held instanceof Variable) held.assign(stopGradient(next[i]!));
          });
        }
        return [x!.with(y), mean!.with(next[0]), variance!.with(next[1])];
      };
    },
  },
  Dropout: {
    since: 7,
    inputs: [1, 3],
    outputs: 2,
    settings: [1, 2],
    prepare(node) {
      node.pass("seed");
      const attribute = node.opset < 12 ? node.float("ratio", 0.5) : null;
      if (attribute !== null && node.inputs > 1) node.refuse("its ratio is an attribute before version 12");
      return ([x, given, mode], { training, key }) => {
        const isTraining = training || (mode?.number("whether it drops") ?? 0) !== 0;
        const ratio = isTraining ? (attribute ?? given?.number("how much it drops") ?? 0.5) : 0;
        if (!(ratio >= 0 && ratio < 1)) node.refuse(`the ratio is ${ratio} and must lie from 0 to below 1`);
        if (ratio === 0) return [x!, Datum.of(full(x!.shape, 1, { dtype: "bool" }))];
        const own =
          key() ??
          node.refuse(
            "it drops while training and has no key to draw with; call forward(x, { training: true, key })",
          );
        const kept = bernoulli(own, x!.shape, { probability: 1 - ratio }) as Tensor;
        const y = x!.tensor.mul(kept.cast(x!.tensor.dtype)).div(1 - ratio);
        return [x!.with(y), Datum.of(kept.cast("bool"))];
      };
    },
  },
  GroupNormalization: {
    since: 18,
    inputs: [3, 3],
    prepare(node) {
      const [groups, epsilon] = [node.int("num_groups"), node.float("epsilon", 1e-5)];
      const isPerGroup = node.opset < 21;
      if (!isPerGroup) node.pass("stash_type");
      return ([x, scale, bias]) => {
        const own = floats(x!, "the input");
        const each = own.shape[1]! / groups;
        const spread = (values: Tensor) => perChannel(isPerGroup ? values.repeat(each) : values, own.rank);
        const y = inGroups(own, groups, epsilon, node);
        return x!.with(y.mul(spread(scale!.tensor)).add(spread(bias!.tensor)));
      };
    },
  },
  InstanceNormalization: {
    since: 6,
    inputs: [3, 3],
    prepare(node) {
      const epsilon = node.float("epsilon", 1e-5);
      return ([x, scale, bias]) => {
        const own = floats(x!, "the input");
        const { result } = standardized(own, axesFrom(2, own.rank), epsilon);
        return x!.with(
          result.mul(perChannel(scale!.tensor, own.rank)).add(perChannel(bias!.tensor, own.rank)),
        );
      };
    },
  },
  LRN: {
    since: 1,
    inputs: [1, 1],
    prepare(node) {
      const [alpha, beta, bias] = [
        node.float("alpha", 1e-4),
        node.float("beta", 0.75),
        node.float("bias", 1),
      ];
      const size = node.int("size");
      if (size < 1) node.refuse(`size is ${size} and must be 1 or more`);
      return ([x]) => {
        const own = floats(x!, "the input");
        const widths: [number, number] = [Math.floor((size - 1) / 2), Math.ceil((size - 1) / 2)];
        const last: Tensor = own.square().moveAxis(1, -1);
        const around = last.shape.map((_, axis): [number, number] =>
          axis === last.rank - 1 ? widths : [0, 0],
        );
        const sums: Tensor = (last.pad(around) as Tensor).windows({ sizes: [size] }).sum({ axis: -1 });
        const scale = sums
          .moveAxis(-1, 1)
          .mul(alpha / size)
          .add(bias);
        return x!.with(own.div(scale.pow(beta)));
      };
    },
  },
  LayerNormalization: {
    since: 17,
    inputs: [2, 3],
    outputs: 3,
    prepare(node) {
      const [axis, epsilon] = [node.int("axis", -1), node.float("epsilon", 1e-5)];
      node.pass("stash_type");
      return ([x, scale, bias]) => {
        const own = floats(x!, "the input");
        const axes = axesFrom(axisOf(node, axis, own.rank), own.rank);
        const { result, mean, inverse } = standardized(own, axes, epsilon);
        const scaled = result.mul(scale!.tensor);
        return [
          x!.with(bias === undefined ? scaled : scaled.add(bias.tensor)),
          x!.with(mean),
          x!.with(inverse),
        ];
      };
    },
  },
  LpNormalization: {
    since: 1,
    inputs: [1, 1],
    prepare(node) {
      const [axis, p] = [node.int("axis", -1), node.int("p", 2)];
      if (p !== 1 && p !== 2) node.refuse(`p is ${p} and must be 1 or 2`);
      return ([x]) => {
        const own = floats(x!, "the input");
        const over = { axis: axisOf(node, axis, own.rank), keepDims: true } as const;
        const norm = p === 1 ? own.abs().sum(over) : own.square().sum(over).sqrt();
        // Where all are 0, the standard's result is 0.
        const isZero = norm.equal(0);
        return x!.with(own.div(norm.maskedFill(isZero, 1)));
      };
    },
  },
  MeanVarianceNormalization: {
    since: 9,
    inputs: [1, 1],
    prepare(node) {
      const axes = node.ints("axes") ?? [0, 2, 3];
      return ([x]) => {
        const own = floats(x!, "the input");
        const over = { axis: axesOf(node, axes, own.rank), keepDims: true } as const;
        const centred = own.sub(own.mean(over));
        // The standard's formula, which has its small number beside the root.
        return x!.with(centred.div(centred.square().mean(over).sqrt().add(1e-9)));
      };
    },
  },
  RMSNormalization: {
    since: 23,
    inputs: [2, 2],
    prepare(node) {
      const [axis, epsilon] = [node.int("axis", -1), node.float("epsilon", 1e-5)];
      node.pass("stash_type");
      return ([x, scale]) => {
        const own = floats(x!, "the input");
        const over = { axis: axesFrom(axisOf(node, axis, own.rank), own.rank), keepDims: true } as const;
        return x!.with(own.mul(own.square().mean(over).add(epsilon).rsqrt()).mul(scale!.tensor));
      };
    },
  },
};
