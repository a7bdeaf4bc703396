// Sliding windows: read by indices, and added back by indices, along axes whose sizes are known.

import type { StepOf, StepTable } from "@adjoint/autograd";
import type { Emission, Emitted } from "./emission.ts";
import { reshaped, transposed } from "./movement.ts";
import { fixed, isFixed, productOf, type Size } from "./sizes.ts";
import { BatchError } from "./twins.ts";

type Windowed = StepOf<"windows"> | StepOf<"overlapAdd">;

/** The sizes of the axes over which windows slide, which must not depend on the batch. */
function knownSizes({ primitive }: Windowed, sizes: readonly Size[]): readonly number[] {
  if (!sizes.every(isFixed))
    throw new BatchError(
      `toOnnx: ${primitive.name} slides over the batch, whose size is open; export the function with a fixed batch: toOnnx(record(f, ...examples))`,
    );
  return sizes.map(({ plus }) => plus);
}

/** Where the elements of each window lie along an axis: [windows, size]. */
const placesOf = (count: number, size: number, stride: number, dilation: number): readonly number[] =>
  Array.from({ length: count * size }, (_, i) => Math.floor(i / size) * stride + (i % size) * dilation);

const counted = (n: number, start = 0) => Array.from({ length: n }, (_, i) => start + i);
const product = (numbers: readonly number[]) => numbers.reduce((all, n) => all * n, 1);

export const windowSteps = (emission: Emission): Pick<StepTable<Emitted>, "windows" | "overlapAdd"> => ({
  windows(step) {
    const { writer } = emission;
    const { sizes, strides, dilations } = step.attributes;
    const axes = sizes.length;
    const rest = step.inputs[0]!.shape.length - axes;
    const counts = knownSizes(step, emission.shape(step.outputs[0]!).slice(rest, rest + axes));
    let x = emission.take(step.inputs[0]!);
    for (let k = 0; k < axes; k++) {
      const places = placesOf(counts[k]!, sizes[k]!, strides[k]!, dilations[k]!);
      const indices = writer.constant("int64", [counts[k]!, sizes[k]!], places);
      // Each axis before has become two.
      x = writer.add("Gather", [x.name, indices.name], x.type, { axis: { int: rest + 2 * k } });
    }
    const every = counted(axes);
    return transposed(emission, x, [
      ...counted(rest),
      ...every.map((k) => rest + 2 * k),
      ...every.map((k) => rest + 2 * k + 1),
    ]);
  },
  overlapAdd(step) {
    const { writer } = emission;
    const { sizes, strides, dilations } = step.attributes;
    const axes = sizes.length;
    const given = emission.shape(step.inputs[0]!);
    const rest = given.slice(0, given.length - 2 * axes);
    const whole = emission.shape(step.outputs[0]!);
    const spatial = knownSizes(step, whole.slice(rest.length));
    const counts = knownSizes(step, given.slice(rest.length, rest.length + axes));
    // The place of each element of each window, row-major: axes [counts…, sizes…].
    const along = counts.map((count, k) => placesOf(count, sizes[k]!, strides[k]!, dilations[k]!));
    const shape = [...counts, ...sizes];
    const places = Array.from({ length: product(shape) }, (_, i) => {
      const place: number[] = [];
      let left = i;
      for (let axis = shape.length - 1; axis >= 0; axis--) {
        place[axis] = left % shape[axis]!;
        left = Math.floor(left / shape[axis]!);
      }
      return spatial.reduce((at, n, k) => at * n + along[k]![place[k]! * sizes[k]! + place[axes + k]!]!, 0);
    });
    const rows = productOf(rest);
    if (rows === undefined)
      throw new BatchError(
        "toOnnx: overlapAdd has the batch in two axes; export the function with a fixed batch: toOnnx(record(f, ...examples))",
      );
    const flat = reshaped(emission, emission.take(step.inputs[0]!), [rows, fixed(places.length)]);
    const indices = emission.expanded(writer.constant("int64", [1, places.length], places), [
      rows,
      fixed(places.length),
    ]);
    const zeros = emission.filled(0, [rows, fixed(product(spatial))], flat.type);
    const sums = writer.add("ScatterElements", [zeros.name, indices.name, flat.name], flat.type, {
      axis: { int: 1 },
      reduction: { text: "add" },
    });
    return reshaped(emission, sums, whole);
  },
});
