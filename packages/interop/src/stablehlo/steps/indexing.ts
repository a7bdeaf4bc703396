// Steps that read and add at indices, and windows.

import type { ProgramValue, StepTable } from "@adjoint/autograd";
import type { Context, Results } from "../context.ts";
import type { Emitter } from "../emitter.ts";
import type { Operand } from "../operand.ts";
import { elementTypeOf } from "../types.ts";

type Entries = Pick<StepTable<Results>, "addAlong" | "oneHot" | "overlapAdd" | "takeAlong" | "windows">;

/** Whether all indices are known to be places of an axis of n, counted from the front. */
function areKnown({ origin }: ProgramValue, n: number): boolean {
  if (origin.kind === "constant") return Array.from(origin.array.data).every((i) => i >= 0 && i < n);
  if (origin.kind !== "step") return false;
  const { primitive, attributes, inputs } = origin.step;
  return (primitive.isBelow?.(attributes, inputs) ?? Infinity) <= n;
}

/** Indices counted from the front, those below 0 from the end. */
const fromFront = (emit: Emitter, indices: Operand, n: number): Operand =>
  emit.select(
    emit.compare("LT", indices, emit.like(0, indices)),
    emit.binary("add", indices, emit.like(n, indices)),
    indices,
  );

/** What is read where there is no element: NaN, the least whole number, true. */
const nothing = { f32: NaN, f64: NaN, i32: -(2 ** 31), i1: 1 } as const;

interface Sliding {
  readonly sizes: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
}

/** Along one axis, windows as slices: one for each place in a window, or one for each window, whichever are fewer. */
function slidOver(
  emit: Emitter,
  x: Operand,
  axis: number,
  counts: number,
  { size, stride, dilation }: OneAxis,
) {
  const isByPlace = size <= counts;
  const [many, step, other, otherStep] = isByPlace
    ? [size, dilation, counts, stride]
    : [counts, stride, size, dilation];
  const starts = (at: number) => x.shape.map((_, i) => (i === axis ? at * step : 0));
  const steps = x.shape.map((_, i) => (i === axis ? otherStep : 1));
  // The axis that is put together stands behind the other one, or before it.
  const place = isByPlace ? axis + 1 : axis;
  const parts = Array.from({ length: many }, (_, at) => {
    const part = emit.slice(x, starts(at), x.shape.with(axis, other), steps);
    return emit.reshape(part, part.shape.toSpliced(place, 0, 1));
  });
  return emit.concatenate(parts, place);
}

interface OneAxis {
  readonly size: number;
  readonly stride: number;
  readonly dilation: number;
}

/** The adjoint: [.., counts, size, ..] → [.., n, ..], each element added where it came from. */
function addedBack(emit: Emitter, x: Operand, axis: number, n: number, { size, stride, dilation }: OneAxis) {
  const counts = x.shape[axis]!;
  const isByPlace = size <= counts;
  const [many, step, other, otherStep] = isByPlace
    ? [size, dilation, counts, stride]
    : [counts, stride, size, dilation];
  const cut = isByPlace ? axis + 1 : axis;
  const parts = Array.from({ length: many }, (_, at) => {
    const starts = x.shape.map((_, i) => (i === cut ? at : 0));
    const part = emit.slice(x, starts, x.shape.with(cut, 1));
    const line = emit.reshape(part, x.shape.toSpliced(cut, 1));
    const span = (other - 1) * otherStep + 1;
    const width = (value: number) => line.shape.map((_, i) => (i === axis ? value : 0));
    return emit.pad(line, width(at * step), width(n - span - at * step), width(otherStep - 1), 0);
  });
  return parts.reduce((sum, part) => emit.binary("add", sum, part));
}

const oneAxis = ({ sizes, strides, dilations }: Sliding, k: number): OneAxis => ({
  size: sizes[k]!,
  stride: strides[k]!,
  dilation: dilations[k]!,
});

/** From [rest, a window and a place in it for each axis by turns] to [rest, windows…, places…], or back. */
function turns(rest: number, axes: number): { readonly apart: number[]; readonly together: number[] } {
  const first = Array.from({ length: rest }, (_, i) => i);
  const each = Array.from({ length: axes }, (_, k) => k);
  return {
    apart: [...first, ...each.map((k) => rest + 2 * k), ...each.map((k) => rest + 2 * k + 1)],
    together: [...first, ...each.flatMap((k) => [rest + k, rest + axes + k])],
  };
}

export function indexing({ emit, of }: Context): Entries {
  return {
    takeAlong({ inputs: [from, at], attributes: { axis } }) {
      const [x, indices] = [of(from!), of(at!)];
      const n = x.shape[axis]!;
      if (indices.shape.includes(0)) return [emit.constant(0, x.type, indices.shape)];
      if (areKnown(at!, n)) return [emit.gather(x, indices, axis)];
      const places = fromFront(emit, indices, n);
      const isAbove = emit.compare("GE", places, emit.like(0, places));
      const isPlace = emit.binary("and", isAbove, emit.compare("LT", places, emit.like(n, places)));
      const found = emit.gather(x, places, axis);
      return [emit.select(isPlace, found, emit.like(nothing[x.type as keyof typeof nothing], found))];
    },
    addAlong({ inputs: [from, at], attributes: { axis, shape } }) {
      const [x, indices] = [of(from!), of(at!)];
      const type = x.type === "f32" ? "f64" : x.type;
      const zeros = emit.constant(0, type, shape);
      if (x.shape.includes(0)) return [emit.constant(0, x.type, shape)];
      const n = shape[axis]!;
      const places = areKnown(at!, n) ? indices : fromFront(emit, indices, n);
      return [emit.convert(emit.scatterAdd(zeros, places, emit.convert(x, type), axis), x.type)];
    },
    oneHot({ inputs: [value], attributes: { classes, dtype } }) {
      const indices = of(value!);
      const axis = indices.shape.length - 1;
      const shape = indices.shape.with(axis, classes);
      const isHere = emit.compare("EQ", emit.spread(indices, shape), emit.iota(axis, "i32", shape));
      return [emit.convert(isHere, elementTypeOf(dtype))];
    },
    windows({ inputs: [from], attributes, outputs: [output] }) {
      const x = of(from!);
      const axes = attributes.sizes.length;
      const rest = x.shape.length - axes;
      let made = x;
      // From the last axis, so that those before it stay where they are.
      for (let k = axes - 1; k >= 0; k--)
        made = slidOver(emit, made, rest + k, output!.shape[rest + k]!, oneAxis(attributes, k));
      return [axes === 1 ? made : emit.transpose(made, turns(rest, axes).apart)];
    },
    overlapAdd({ inputs: [from], attributes }) {
      const x = of(from!);
      const { shape, sizes } = attributes;
      const rest = shape.length - sizes.length;
      if (x.shape.includes(0)) return [emit.constant(0, x.type, shape)];
      const wide = x.type === "f32" ? emit.convert(x, "f64") : x;
      let made = sizes.length === 1 ? wide : emit.transpose(wide, turns(rest, sizes.length).together);
      // From the first axis: then each one's windows stand where the axis will.
      sizes.forEach((_, k) => {
        made = addedBack(emit, made, rest + k, shape[rest + k]!, oneAxis(attributes, k));
      });
      return [emit.convert(made, x.type)];
    },
  };
}
