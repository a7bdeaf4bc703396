// Steps that move elements: shapes, axes, parts, types.

import type { StepTable } from "@adjoint/autograd";
import type { Emission, Emitted } from "./emission.ts";
import { fixed, isFixed, isOne, type Size, sameSize } from "./sizes.ts";
import type { Element } from "./writer.ts";

/** Beyond the end of every axis. */
const END = Number.MAX_SAFE_INTEGER;

/** The same elements in another shape. */
export function reshaped({ writer }: Emission, x: Element, shape: readonly Size[]): Element {
  const varying = shape.filter((size) => !isFixed(size)).length;
  const hasZero = shape.some((size) => sameSize(size, fixed(0)));
  if (varying === 1 && !hasZero) {
    const sizes = writer.ints(shape.map((size) => (isFixed(size) ? size.plus : -1)));
    return writer.add("Reshape", [x.name, sizes], x.type);
  }
  const attributes = hasZero || varying > 0 ? { allowzero: { int: 1 } } : {};
  return writer.add("Reshape", [x.name, writer.sizes(shape)], x.type, attributes);
}

export function transposed({ writer }: Emission, x: Element, order: readonly number[]): Element {
  if (order.every((axis, i) => axis === i)) return x;
  return writer.add("Transpose", [x.name], x.type, { perm: { ints: order } });
}

/** Parts along some axes: every step-th element from start, up to end. */
export function sliced(
  { writer }: Emission,
  x: Element,
  parts: readonly { axis: number; start: Size; end: Size; step: number }[],
): Element {
  if (parts.length === 0) return x;
  return writer.add(
    "Slice",
    [
      x.name,
      writer.sizes(parts.map(({ start }) => start)),
      writer.sizes(parts.map(({ end }) => end)),
      writer.ints(parts.map(({ axis }) => axis)),
      writer.ints(parts.map(({ step }) => step)),
    ],
    x.type,
  );
}

/** Zeros before and after the elements of each axis. */
export function padded(
  { writer }: Emission,
  x: Element,
  before: readonly Size[],
  after: readonly Size[],
): Element {
  const pads = [...before, ...after];
  if (pads.every((size) => sameSize(size, fixed(0)))) return x;
  return writer.add("Pad", [x.name, writer.sizes(pads)], x.type);
}

const plus = (a: Size, b: Size): Size => ({ times: a.times + b.times, plus: a.plus + b.plus });
const scaled = (size: Size, by: number): Size => ({ times: size.times * by, plus: size.plus * by });

/** Zeros between the elements of an axis. */
function spreadOut(emission: Emission, x: Element, shape: readonly Size[], axis: number, between: number) {
  const none = [...shape, fixed(0)].map(() => fixed(0));
  const apart = reshaped(emission, x, shape.toSpliced(axis + 1, 0, fixed(1)));
  const filled = padded(emission, apart, none, none.with(axis + 1, fixed(between)));
  const whole = reshaped(emission, filled, shape.with(axis, scaled(shape[axis]!, between + 1)));
  const end = plus(scaled(shape[axis]!, between + 1), fixed(-between));
  return {
    x: sliced(emission, whole, [{ axis, start: fixed(0), end, step: 1 }]),
    shape: shape.with(axis, end),
  };
}

type Movement = "cast" | "broadcastTo" | "reshape" | "permute" | "slice" | "pad" | "concat" | "flip";

export const movementSteps = (emission: Emission): Pick<StepTable<Emitted>, Movement> => ({
  cast: ({ inputs: [x], outputs: [y] }) => emission.writer.cast(emission.take(x!), emission.typeOf(y!)),
  broadcastTo({ inputs: [x], outputs: [y] }) {
    emission.holdNarrow(y!, emission.narrow(x!));
    return null;
  },
  reshape: ({ inputs: [x], outputs: [y] }) => reshaped(emission, emission.take(x!), emission.shape(y!)),
  permute: ({ inputs: [x], attributes: { order } }) => transposed(emission, emission.take(x!), order),
  slice(step) {
    const x = step.inputs[0]!;
    const shape = emission.shape(x);
    const starts = emission.sizes(step, ({ attributes }) => attributes.starts);
    const sizes = emission.sizes(step, ({ attributes }) => attributes.sizes);
    const parts = starts.flatMap((start, axis) => {
      const size = sizes[axis]!;
      const by = step.attributes.steps[axis]!;
      if (sameSize(start, fixed(0)) && by === 1 && sameSize(size, shape[axis]!)) return [];
      const end = sameSize(size, fixed(0)) ? start : plus(start, plus(scaled(size, by), fixed(1 - by)));
      return [{ axis, start, end, step: by }];
    });
    return sliced(emission, emission.take(x), parts);
  },
  pad(step) {
    let shape = emission.shape(step.inputs[0]!);
    let x = emission.take(step.inputs[0]!);
    step.attributes.between.forEach((between, axis) => {
      if (between === 0 || isOne(shape[axis]!) || sameSize(shape[axis]!, fixed(0))) return;
      ({ x, shape } = spreadOut(emission, x, shape, axis, between));
    });
    const before = emission.sizes(step, ({ attributes }) => attributes.before);
    const after = emission.sizes(step, ({ attributes }) => attributes.after);
    return padded(emission, x, before, after);
  },
  concat: ({ inputs, outputs: [y], attributes: { axis } }) =>
    emission.writer.add(
      "Concat",
      emission.takeAll(inputs).map(({ name }) => name),
      emission.typeOf(y!),
      { axis: { int: axis } },
    ),
  flip: ({ inputs: [x], attributes: { axes } }) =>
    sliced(
      emission,
      emission.take(x!),
      axes.map((axis) => ({ axis, start: fixed(-1), end: fixed(-END), step: -1 })),
    ),
});
