// Several steps that are one operator of ONNX: softmax, layer normalization, convolution, pooling. What does not look exactly
// so is emitted step by step.

import type { DType, ProgramStep, ProgramValue, StepOf } from "@adjoint/autograd";
import type { Emission } from "./emission.ts";
import type { Attribute, ElementType } from "./encode.ts";
import { madeBy, operandsIn, operandsOf, stepOf, uniform } from "./trace.ts";
import type { Element } from "./writer.ts";

/** An operator in the place of steps: what it is made of, and how it is emitted. */
export interface Pattern {
  /** The operator and its settings: with a batch of any size it must have the same ones. */
  readonly key: string;
  readonly operands: readonly ProgramValue[];
  readonly emit: (emission: Emission) => Element;
}

const same = (a: readonly number[], b: readonly number[]) =>
  a.length === b.length && a.every((n, i) => n === b[i]);
const counted = (n: number, start = 0) => Array.from({ length: n }, (_, i) => start + i);

const operator = (
  name: string,
  operands: readonly ProgramValue[],
  attributes: Readonly<Record<string, Attribute>>,
): Pattern => ({
  key: JSON.stringify([name, attributes]),
  operands,
  emit: (emission) => {
    const inputs = emission.takeAll(operands);
    return emission.writer.add(
      name,
      inputs.map((input) => input.name),
      inputs[0]!.type,
      attributes,
    );
  },
});

/** The operator that the steps that end in this one are together; undefined where they are none. */
export function patternAt(step: ProgramStep, typeOf: (dtype: DType) => ElementType): Pattern | undefined {
  const [output] = step.outputs;
  if (output === undefined) return undefined;
  const softmax = softmaxAt(step);
  // The other operators have no kernel for float64 in onnxruntime, or compute in float32.
  if (softmax !== undefined || typeOf(output.dtype) !== "float32") return softmax;
  return layerNormAt(step) ?? convolutionAt(step) ?? poolingAt(step);
}

/** What a value is repetitions of. */
const repeated = (value: ProgramValue | undefined) => madeBy(value, "broadcastTo")?.inputs[0];

function softmaxAt(step: ProgramStep): Pattern | undefined {
  const [powers, sums] = operandsOf(step, "div(x0,x1)") ?? [];
  const sum = madeBy(repeated(sums), "sumTo");
  const distances = operandsIn(powers, "exp(x0)")?.[0];
  const [x, largest] = operandsIn(distances, "apart(x0,x1)") ?? [];
  const max = madeBy(repeated(largest), "max");
  if (x === undefined || sum === undefined || max === undefined) return undefined;
  if (sum.inputs[0] !== powers || max.attributes.axes.length !== 1) return undefined;
  const [axis] = max.attributes.axes as [number];
  const of = madeBy(max.inputs[0], "stopGradient")?.inputs[0] ?? max.inputs[0];
  if (of !== x || !same(sum.attributes.shape, x.shape.with(axis, 1))) return undefined;
  return operator("Softmax", [x], { axis: { int: axis } });
}

function layerNormAt(step: ProgramStep): Pattern | undefined {
  const [scaled, shift] = operandsOf(step, "add(x0,x1)") ?? [];
  const [normal, scale] = operandsIn(scaled, "mul(x0,x1)") ?? [];
  const [apart, inverse] = operandsIn(normal, "mul(x0,x1)") ?? [];
  const [x, mean] = operandsIn(apart, "sub(x0,x1)") ?? [];
  const [variance, epsilon] = operandsIn(operandsIn(repeated(inverse), "rsqrt(x0)")?.[0], "add(x0,x1)") ?? [];
  const means = madeBy(repeated(mean), "mean");
  const squares = madeBy(variance, "mean");
  const [weight, bias] = [repeated(scale), repeated(shift)];
  const small = uniform(epsilon);
  if (x === undefined || weight === undefined || bias === undefined || small === undefined) return undefined;
  if (means?.inputs[0] !== x || operandsIn(squares?.inputs[0], "square(x0)")?.[0] !== apart) return undefined;
  const axes = weight.shape.length;
  const own = x.shape.slice(x.shape.length - axes);
  const shape = [...x.shape.slice(0, x.shape.length - axes), ...own.map(() => 1)];
  const terms = own.reduce((all, n) => all * n, 1);
  const isMean = [means, squares].every(
    (each) => each !== undefined && same(each.attributes.shape, shape) && each.attributes.divisor === terms,
  );
  if (!isMean || axes === 0 || !same(weight.shape, own) || !same(bias.shape, own)) return undefined;
  return operator("LayerNormalization", [x, weight, bias], {
    axis: { int: -axes },
    epsilon: { float: small },
  });
}

/** Widths at the last axes of a tensor with zeros around it, and what is inside; none where nothing is around it. */
function around(x: ProgramValue, axes: number) {
  const none = counted(axes).map(() => 0);
  const pad = madeBy(x, "pad");
  const rest = x.shape.length - axes;
  const isPlain =
    pad?.attributes.between.every((n) => n === 0) === true &&
    [pad.attributes.before, pad.attributes.after].every((widths) =>
      widths.slice(0, rest).every((n) => n === 0),
    );
  if (!isPlain) return { inside: x, pads: [...none, ...none] };
  const { before, after } = pad!.attributes;
  return { inside: pad!.inputs[0]!, pads: [...before.slice(rest), ...after.slice(rest)] };
}

const windowed = (
  { attributes: { sizes, strides, dilations } }: StepOf<"windows">,
  pads: readonly number[],
) => ({
  kernel_shape: { ints: sizes },
  strides: { ints: strides },
  dilations: { ints: dilations },
  pads: { ints: pads },
});

/** A tensor before it got another shape of as many elements. */
const regrouped = (value: ProgramValue | undefined): ProgramValue | undefined =>
  madeBy(value, "reshape")?.inputs[0];

/** Windows as rows of a product with a kernel, whose columns become channels. */
function convolutionAt(step: ProgramStep): Pattern | undefined {
  const grouped = stepOf(step, "reshape");
  const placed = grouped === undefined ? stepOf(step, "permute") : madeBy(grouped.inputs[0], "permute");
  const product = madeBy(regrouped(placed?.inputs[0]), "matmul");
  const rows = madeBy(regrouped(product?.inputs[0]), "permute");
  const seen = madeBy(rows?.inputs[0], "windows");
  const columns = madeBy(product?.inputs[1], "permute");
  const kernel = regrouped(columns?.inputs[0]);
  if (placed === undefined || rows === undefined || seen === undefined || kernel === undefined)
    return undefined;
  const axes = seen.attributes.sizes.length;
  const [x] = seen.inputs as [ProgramValue];
  // [batch, channels, …sizes], or [batch, groups, channels, …sizes].
  const lead = x.shape.length - axes - 2;
  if (lead !== (grouped === undefined ? 0 : 1) || kernel.shape.length !== axes + 2) return undefined;
  const groups = lead === 0 ? 1 : x.shape[1]!;
  const first = counted(lead, 1);
  const spatial = counted(axes, 2 + lead);
  const places = first.map(() => 0);
  const isConvolution =
    same(rows.attributes.order, [...first, 0, ...spatial, 1 + lead, ...spatial.map((axis) => axis + axes)]) &&
    same(columns!.attributes.order, [...places, 1 + lead, lead]) &&
    same(placed.attributes.order, [lead, ...places, 1 + lead + axes, ...counted(axes, 1 + lead)]) &&
    same(kernel.shape.slice(2), seen.attributes.sizes) &&
    kernel.shape[1] === x.shape[1 + lead] &&
    same(step.outputs[0]!.shape.slice(0, 2), [x.shape[0]!, kernel.shape[0]!]) &&
    kernel.shape[0]! % groups === 0;
  const ungrouped = lead === 0 ? x : regrouped(x);
  if (!isConvolution || ungrouped?.shape[1] !== kernel.shape[1]! * groups) return undefined;
  const { inside, pads } = around(ungrouped, axes);
  return operator("Conv", [inside, kernel], { ...windowed(seen, pads), group: { int: groups } });
}

/** A reduction of every window over the last axes, of which there are two others. */
function poolingAt(step: ProgramStep): Pattern | undefined {
  const whole = stepOf(step, "reshape")?.inputs[0];
  const reduction = madeBy(whole, "max") ?? madeBy(whole, "mean");
  const seen = madeBy(reduction?.inputs[0], "windows");
  if (reduction === undefined || seen === undefined) return undefined;
  const axes = seen.attributes.sizes.length;
  const [x] = seen.inputs as [ProgramValue];
  const { shape } = seen.outputs[0]!;
  const kept = shape.slice(0, -axes);
  if (x.shape.length !== axes + 2 || !same(step.outputs[0]!.shape, kept)) return undefined;
  if (!same(whole!.shape, [...kept, ...counted(axes).map(() => 1)])) return undefined;
  const max = stepOf(reduction, "max");
  if (max !== undefined) {
    if (!same(max.attributes.axes, counted(axes, shape.length - axes))) return undefined;
    const { inside, pads } = aroundLargest(x, axes);
    return operator("MaxPool", [inside], windowed(seen, pads));
  }
  const { divisor } = stepOf(reduction, "mean")!.attributes;
  if (divisor !== seen.attributes.sizes.reduce((all, n) => all * n, 1)) return undefined;
  const { inside, pads } = around(x, axes);
  return operator("AveragePool", [inside], { ...windowed(seen, pads), count_include_pad: { int: 1 } });
}

/** The same where −∞ is around it. */
function aroundLargest(x: ProgramValue, axes: number) {
  const none = { inside: x, pads: counted(2 * axes).map(() => 0) };
  const [isInside, filled, outside] = operandsIn(x, "select(x0,x1,x2)") ?? [];
  if (isInside === undefined || filled === undefined || uniform(outside) !== -Infinity) return none;
  const [mask, found] = [around(isInside, axes), around(filled, axes)];
  const fits = uniform(mask.inside) === 1 && same(mask.pads, found.pads);
  return fits && found.inside !== filled ? found : none;
}
