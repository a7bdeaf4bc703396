// Resizing by interpolation. It is a product with a matrix along each axis, whose rows say how much of which elements goes into
// one; the nearest element alone is taken by its index.

import { type Tensor, tensor, where } from "@adjoint/autograd";
import type { Datum } from "../datum.ts";
import { isFloatType } from "../element-types.ts";
import type { NodeReader } from "../node-reader.ts";
import { axesOf, type Operators, type Run } from "./operator.ts";
import { indexTensor } from "./places.ts";

const MODES = ["nearest", "linear", "cubic"] as const;
const TRANSFORMATIONS = [
  "half_pixel",
  "half_pixel_symmetric",
  "pytorch_half_pixel",
  "align_corners",
  "asymmetric",
  "tf_crop_and_resize",
  "tf_half_pixel_for_nn",
] as const;
const NEAREST = ["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"] as const;

interface Settings {
  readonly mode: (typeof MODES)[number];
  readonly transformation: (typeof TRANSFORMATIONS)[number];
  /** "older": up where there are fewer elements afterwards, and down else, as before version 11. */
  readonly nearest: (typeof NEAREST)[number] | "older";
  readonly cubic: number;
  readonly excludesOutside: boolean;
  readonly antialias: boolean;
}

/** One axis: its size before and after, how many times longer it is, and the part of it that is taken. */
interface Axis {
  readonly from: number;
  readonly to: number;
  readonly scale: number;
  readonly roi: readonly [number, number];
}

/** Where in the input the element i of the result lies. */
function sourceOf(
  i: number,
  { from, to, scale, roi: [start, end] }: Axis,
  { transformation }: Settings,
): number {
  const length = scale * from;
  switch (transformation) {
    case "align_corners":
      return length === 1 ? 0 : (i * (from - 1)) / (length - 1);
    case "asymmetric":
      return i / scale;
    case "tf_crop_and_resize":
      return length === 1
        ? ((start + end) * (from - 1)) / 2
        : start * (from - 1) + (i * (end - start) * (from - 1)) / (length - 1);
    case "pytorch_half_pixel":
      return length === 1 ? -0.5 : (i + 0.5) / scale - 0.5;
    case "half_pixel_symmetric":
      return (from / 2) * (1 - to / length) + (i + 0.5) / scale - 0.5;
    case "tf_half_pixel_for_nn":
      return (i + 0.5) / scale;
    case "half_pixel":
      return (i + 0.5) / scale - 0.5;
  }
}

/** The nearest whole number. */
function nearestTo(x: number, mode: Settings["nearest"], scale: number): number {
  if (mode === "floor" || (mode === "older" && scale >= 1)) return Math.floor(x);
  if (mode === "ceil" || mode === "older") return Math.ceil(x);
  return mode === "round_prefer_floor" ? Math.ceil(x - 0.5) : Math.floor(x + 0.5);
}

/** How much an element at a distance counts: linearly, or by the cubic of Keys (1981). */
function weightAt(distance: number, { mode, cubic: a }: Settings): number {
  const x = Math.abs(distance);
  if (mode === "linear") return Math.max(0, 1 - x);
  if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
}

/** Of which elements, and how much of each, an element of the result is made. */
function mixture(source: number, axis: Axis, settings: Settings): ReadonlyMap<number, number> {
  const { from, scale } = axis;
  // Seen from afar, more elements count, and each less.
  const narrow = settings.antialias ? Math.min(1, scale) : 1;
  const reach = (settings.mode === "linear" ? 1 : 2) / narrow;
  const weights = new Map<number, number>();
  let total = 0;
  for (let i = Math.floor(source - reach) + 1; i < source + reach || i === Math.floor(source); i++) {
    const weight = weightAt((i - source) * narrow, settings);
    if (weight === 0 || (settings.excludesOutside && (i < 0 || i >= from))) continue;
    const inside = Math.min(Math.max(i, 0), from - 1);
    weights.set(inside, (weights.get(inside) ?? 0) + weight);
    total += weight;
  }
  for (const [i, weight] of weights) weights.set(i, weight / total);
  return weights;
}

/** x with one axis resized. */
function along(x: Tensor, at: number, axis: Axis, settings: Settings): Tensor {
  const places = Array.from({ length: axis.to }, (_, i) => sourceOf(i, axis, settings));
  if (settings.mode === "nearest") {
    const taken = places.map((place) =>
      Math.min(Math.max(nearestTo(place, settings.nearest, axis.scale), 0), axis.from - 1),
    );
    return x.gather(indexTensor(taken), { axis: at }) as Tensor;
  }
  const matrix = new Float64Array(axis.to * axis.from);
  places.forEach((place, i) => {
    for (const [j, weight] of mixture(place, axis, settings)) matrix[i * axis.from + j] = weight;
  });
  const rows: Tensor = tensor(matrix, { shape: [axis.to, axis.from] }).cast(x.dtype);
  return (x.moveAxis(at, -1) as Tensor).matmul(rows.transpose()).moveAxis(-1, at);
}

/** Which elements of an axis lie outside the input, for what is cropped. */
function outside(axis: Axis, settings: Settings): boolean[] {
  return Array.from({ length: axis.to }, (_, i) => {
    const place = sourceOf(i, axis, settings);
    return place < 0 || place > axis.from - 1;
  });
}

function resized(
  x: Datum,
  axes: readonly (Axis & { readonly at: number })[],
  settings: Settings,
  extrapolation: number,
): Datum {
  let result = x.tensor;
  // An axis that stays as it is needs no product.
  for (const axis of axes)
    if (axis.from !== axis.to || axis.scale !== 1 || settings.transformation.startsWith("tf_"))
      result = along(result, axis.at, axis, settings);
  if (settings.transformation !== "tf_crop_and_resize") return x.with(result);
  for (const axis of axes) {
    const mask: Tensor = tensor(outside(axis, settings), { dtype: "bool" });
    const shape = result.shape.map((_, k) => (k === axis.at ? axis.to : 1));
    result = where(mask.reshape(shape), extrapolation, result) as Tensor;
  }
  return x.with(result);
}

/** Scales that keep the relation of the sides. */
function sameRelation(policy: string, scales: readonly number[]): readonly number[] {
  if (policy === "stretch") return scales;
  const one = policy === "not_larger" ? Math.min(...scales) : Math.max(...scales);
  return scales.map(() => one);
}

function checkScales(node: NodeReader, scales: readonly number[], n: number): readonly number[] {
  if (scales.length !== n || scales.some((scale) => !(scale > 0)))
    node.refuse(`the scales [${scales.join(", ")}] must be ${n} numbers above 0`);
  return scales;
}

/** Scales alone, as before version 11. */
const byScales =
  (
    settings: Settings,
    scalesOf: (node: NodeReader, inputs: readonly (Datum | undefined)[]) => readonly number[],
    node: NodeReader,
  ): Run =>
  (inputs) => {
    const x = inputs[0]!;
    const scales = checkScales(node, scalesOf(node, inputs), x.rank);
    const axes = scales.map((scale, at) => {
      const from = x.shape[at]!;
      return { at, from, to: Math.floor(from * scale), scale, roi: [0, 1] as const };
    });
    return resized(x, axes, settings, 0);
  };

const older = (mode: Settings["mode"]): Settings => ({
  mode,
  transformation: "asymmetric",
  nearest: "older",
  cubic: -0.75,
  excludesOutside: false,
  antialias: false,
});

export const resizing: Operators = {
  Resize: {
    since: 10,
    inputs: [1, 4],
    settings: [1, 2, 3],
    prepare(node) {
      if (node.opset === 10) {
        const mode = node.oneOf("mode", ["nearest", "linear"], "nearest");
        return byScales(older(mode), (_, [, scales]) => scales!.numbers("the scales"), node);
      }
      const mode = node.oneOf("mode", MODES, "nearest");
      const settings: Settings = {
        mode,
        transformation: node.oneOf("coordinate_transformation_mode", TRANSFORMATIONS, "half_pixel"),
        nearest: node.oneOf("nearest_mode", NEAREST, "round_prefer_floor"),
        cubic: node.float("cubic_coeff_a", -0.75),
        excludesOutside: node.flag("exclude_outside"),
        antialias: node.opset >= 18 && node.flag("antialias"),
      };
      const extrapolation = node.float("extrapolation_value", 0);
      const named = node.opset >= 18 ? node.ints("axes") : null;
      const policy =
        node.opset >= 18
          ? node.oneOf("keep_aspect_ratio_policy", ["stretch", "not_larger", "not_smaller"], "stretch")
          : "stretch";
      return ([x, roi, givenScales, givenSizes]) => {
        if (!isFloatType(x!.type) && mode !== "nearest") node.refuse(`${x!.type} can't be interpolated`);
        const axes = axesOf(node, named ?? x!.shape.map((_, axis) => axis), x!.rank);
        const own = axes.map((axis) => x!.shape[axis]!);
        const sizes = givenSizes?.numbers("the sizes") ?? [];
        const listed = givenScales?.numbers("the scales") ?? [];
        if (sizes.length === 0 && listed.length === 0) node.refuse("it has neither scales nor sizes");
        const isBySizes = sizes.length > 0;
        if (isBySizes && sizes.length !== axes.length)
          node.refuse(`${sizes.length} sizes for ${axes.length} axes`);
        const asked = isBySizes
          ? sameRelation(
              policy,
              sizes.map((size, i) => size / own[i]!),
            )
          : listed;
        const scales = checkScales(node, asked, axes.length);
        const parts = roi?.numbers("the part that is taken") ?? [];
        const taken = axes.map((at, i) => {
          const from = own[i]!;
          const to = !isBySizes
            ? Math.floor(from * scales[i]!)
            : policy === "stretch"
              ? sizes[i]!
              : Math.round(from * scales[i]!);
          return {
            at,
            from,
            to,
            scale: scales[i]!,
            roi: [parts[i] ?? 0, parts[i + axes.length] ?? 1] as const,
          };
        });
        return resized(x!, taken, settings, extrapolation);
      };
    },
  },
  Upsample: {
    since: 7,
    until: 9,
    inputs: [1, 2],
    settings: [1],
    prepare(node) {
      const settings = older(node.oneOf("mode", ["nearest", "linear"], "nearest"));
      if (node.opset < 9) {
        const scales = node.floats("scales") ?? node.refuse("it has no scales");
        return byScales(settings, () => scales, node);
      }
      if (node.inputs < 2) node.refuse("it has no scales");
      return byScales(settings, (_, [, scales]) => scales!.numbers("the scales"), node);
    },
  },
};
