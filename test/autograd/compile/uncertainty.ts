// How uncertain eager numbers are. A compiled program rounds elsewhere: in another order in sums, and by other approximations
// of functions. What such rounding may do to a result is found by doing it at random, a few times (Monte Carlo arithmetic:
// Parker 1997), not chosen.

import type { Tensor } from "@adjoint/autograd";
import { NDArray } from "../../../packages/autograd/src/array/ndarray.ts";
import { type Expression, inOrder } from "../../../packages/autograd/src/expression/expression.ts";
import { map } from "../../../packages/autograd/src/primitives/map.ts";
import { interpose } from "../../../packages/autograd/src/tape/interpose.ts";
import type { Primitive } from "../../../packages/autograd/src/tape/value.ts";
import { evaluateOne } from "../../support/primitives.ts";
import { scaleOf } from "../../support/running-error.ts";
import { Dice } from "../../support/tensors.ts";

type FloatType = "float32" | "float64";

/** Half a unit in the last place, relative. */
const unit = { float32: 2 ** -24, float64: 2 ** -53 };
/** The least number above zero, half of it: what rounding to a subnormal may lose. */
const least = { float32: 2 ** -150, float64: 2 ** -1074 };

/** Elementary functions are off by up to 2 units in the last place here, by up to 1 in JavaScript's Math. */
const unitsPerAtom = 4;
const repetitions = 6;
/** The largest of six random deviations, times this, is exceeded by one of the same size about never. */
const caution = 16;

/** The sign of a zero is that of no number: a sum that begins with 0 gives 0 where the product alone is −0. */
const zeroOf = (random: () => number) => (random() < 0.5 ? 0 : -0);

function roundedNumber(value: number, dtype: FloatType, random: () => number, scale: number): number {
  if (value === 0) return zeroOf(random);
  if (!Number.isFinite(value) || Number.isInteger(value)) return value;
  const moved = value + (2 * random() - 1) * (unitsPerAtom * unit[dtype] * scale + least[dtype]);
  return dtype === "float32" ? Math.fround(moved) : moved;
}

/** The expression as a function in which every atom's result is rounded at random. */
function roundedFunction(
  root: Expression,
  dtype: FloatType,
  random: () => number,
): (inputs: readonly number[]) => number {
  const order = inOrder(root);
  const places = new Map(order.map((node, i) => [node, i]));
  const operandsOf = order.map((node) => node.operands.map((operand) => places.get(operand)!));
  const values = order.map((node) => (dtype === "float32" ? Math.fround(node.constant) : node.constant));
  return (inputs) => {
    order.forEach((node, i) => {
      if (node.isConstant) return;
      if (node.atom === null) values[i] = inputs[node.input]!;
      else {
        const operands = operandsOf[i]!.map((place) => values[place]!);
        const value = (node.atom.value as (...x: number[]) => number)(...operands);
        const scale = scaleOf(node.atom.name, value, operands);
        values[i] = node.atom.result === "bool" ? value : roundedNumber(value, dtype, random, scale);
      }
    });
    return values.at(-1)!;
  };
}

function roundingMap(dtype: FloatType, random: () => number): typeof map {
  return {
    ...map,
    evaluate(inputs, { fn }, output) {
      const result = NDArray.zeros(output.dtype, output.shape);
      const data = inputs.map((input) => input.data);
      const value = roundedFunction(fn.expression, dtype, random);
      for (let i = 0; i < result.size; i++) result.buffer[i] = value(data.map((each) => each[i]!));
      return result;
    },
  };
}

/** Any other primitive's floats, rounded once more at random: sums and products add in another order. */
function roundingResult(primitive: Primitive, random: () => number): Primitive {
  // Others are run by the same code in a program.
  if (primitive.lowering === undefined && primitive.composed === undefined) return primitive;
  return {
    ...primitive,
    evaluate(inputs, attributes, output) {
      const exact = evaluateOne(primitive, inputs, attributes, output);
      if (output.dtype !== "float32" && output.dtype !== "float64") return exact;
      const { dtype } = output;
      const scale = magnitude(inputs, dtype);
      // Views move nothing: their elements are their operand's.
      if (exact.size > 0 && inputs.some((input) => sharesBuffer(input, exact))) return exact;
      const result = NDArray.zeros(dtype, output.shape);
      exact.data.forEach((value: number, i: number) => {
        const spread =
          (2 * random() - 1) * unitsPerAtom * unit[dtype] * Math.min(scale, Math.abs(value) + scale);
        if (value === 0) result.buffer[i] = zeroOf(random);
        else result.buffer[i] = Number.isFinite(value) ? value + spread : value;
      });
      return result;
    },
  };
}

const sharesBuffer = (a: NDArray, b: NDArray) =>
  a.pending === null && b.pending === null && a.buffer === b.buffer;

/** The largest finite element, or product of two: what terms of a sum may be. */
function magnitude(inputs: readonly NDArray[], dtype: FloatType): number {
  let product = 1;
  for (const input of inputs) {
    if (input.dtype !== dtype) continue;
    let largest = 0;
    for (const value of input.data) if (Number.isFinite(value)) largest = Math.max(largest, Math.abs(value));
    product *= largest;
  }
  return product;
}

/** The numbers of tensors, one after another. */
export function flat(tensors: unknown): Float64Array {
  const list = (Array.isArray(tensors) ? tensors : [tensors]) as Tensor[];
  return Float64Array.from(list.flatMap((tensor) => Array.from(tensor.data)));
}

/** What no number is more certain than. An infinity is one for certain, unless rounding elsewhere makes another number of it. */
const leastUncertainty = (value: number, dtype: FloatType) =>
  Number.isFinite(value) ? 8 * unit[dtype] * Math.abs(value) + 8 * least[dtype] : 0;

/**
 * For each number of `compute`, how far from `undisturbed` rounding elsewhere may take it. It only grows from one repetition
 * to the next, so that it is let be once `isEnough`.
 */
export function uncertainty(
  compute: () => Float64Array,
  undisturbed: Float64Array,
  dtype: FloatType,
  isEnough: (noise: Float64Array) => boolean = () => false,
): Float64Array {
  const noise = undisturbed.map((value) => leastUncertainty(value, dtype));
  for (let repetition = 1; repetition <= repetitions && !isEnough(noise); repetition++) {
    const dice = new Dice(repetition);
    const random = () => dice.fraction();
    const rounding = roundingMap(dtype, random) as Primitive<never> as Primitive;
    const replace = (primitive: Primitive) =>
      primitive === (map as Primitive<never> as Primitive) ? rounding : roundingResult(primitive, random);
    const disturbed = interpose({ replace }, compute);
    for (let i = 0; i < noise.length; i++) {
      if (disturbed[i] === undisturbed[i]) continue;
      const deviation = caution * Math.abs(disturbed[i]! - undisturbed[i]!);
      // A number that comes out NaN or infinite once is as uncertain as can be.
      if (!(deviation <= noise[i]!)) noise[i] = Number.isNaN(deviation) ? Infinity : deviation;
    }
  }
  return noise;
}

/**
 * Where numbers differ by more than rounding elsewhere explains: the first such place, null if there is none. NaN must be NaN,
 * an infinity that infinity. `eager` is what `compute` gives, where that is known already.
 */
export function difference(
  got: Float64Array,
  compute: () => Float64Array,
  dtype: FloatType,
  eager: Float64Array = compute(),
): {
  readonly place: number;
  readonly eager: number;
  readonly compiled: number;
  readonly allowed: number;
} | null {
  if (got.length !== eager.length)
    return { place: -1, eager: eager.length, compiled: got.length, allowed: 0 };
  const same = (i: number) =>
    eager[i] === got[i] ||
    (Number.isNaN(eager[i]) && Number.isNaN(got[i])) ||
    Math.abs(eager[i]! - got[i]!) <= leastUncertainty(eager[i]!, dtype);
  // Nearly always: then nothing need be found out.
  if (eager.every((_, i) => same(i))) return null;
  const placeBeyond = (noise: Float64Array) =>
    eager.findIndex(
      (value, i) => !(same(i) || Math.abs(value - got[i]!) <= noise[i]! || noise[i] === Infinity),
    );
  const allowed = uncertainty(compute, eager, dtype, (noise) => placeBeyond(noise) < 0);
  const place = placeBeyond(allowed);
  return place < 0 ? null : { place, eager: eager[place]!, compiled: got[place]!, allowed: allowed[place]! };
}
