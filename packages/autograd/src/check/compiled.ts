// Whether a compiled function gives the eager results and gradients.

import { compile } from "../compile/compile.ts";
import { vjp } from "../differentiate/transforms.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { inFloat64, withRoom } from "./in-double.ts";
import { keptBits32, noiseOf } from "./noise.ts";
import type { Stream } from "./random.ts";
import type { Disagreement } from "./report.ts";
import {
  anyUse,
  fromVector,
  placeOf,
  pulled,
  type Subject,
  sizeOfAll,
  toVector,
  valuesAt,
} from "./subject.ts";

/** The first number of a program that differs by more than rounding explains; null where there is none. Throws what compiling throws. */
export function compiledDoubt(subject: Subject, isSingle: boolean, stream: Stream): Disagreement | null {
  const results = subject.run(subject.inputs);
  if (results.length === 0) return null;
  const weights = stream.vector(sizeOfAll(results)).map(Math.fround);
  const point = toVector(subject.inputs);
  const f = (inputs: readonly Tensor[]) => subject.run(inputs);
  const values = compile((inputs: readonly Tensor[]) => f(inputs));
  const pull = compile((inputs: readonly Tensor[], cotangents: readonly Tensor[]) =>
    vjp(f, [...inputs]).pullback([...cotangents], anyUse),
  );
  const inputs = [...subject.inputs];
  const called = results.map((_, i) => (results.length === 1 ? "the result" : `result ${i + 1}`));
  const exact = isSingle ? { ...subject, inputs: subject.inputs.map(withRoom) } : subject;
  const doubt = (actual: readonly Tensor[], eager: () => Float64Array) => {
    const compute = () => (isSingle ? inFloat64(eager) : eager());
    const expected = compute();
    const noise = isSingle
      ? noiseOf(compute, expected, stream, { bits: keptBits32 })
      : noiseOf(compute, expected, stream);
    // Below float32's normal numbers, rounding no longer shrinks with the numbers; for float64 the noise accounts for that.
    const bars = isSingle ? noise.map((each) => each + 2 ** -126) : noise;
    return differenceOf(toVector(actual), expected, bars);
  };
  const ofValues = doubt(values(inputs), () => valuesAt(exact, point));
  if (ofValues !== null)
    return described(0, ofValues, placeOf({ inputs: results, names: called }, ofValues.at));
  if (inputs.length === 0) return null;
  const ofGradients = doubt(pull(inputs, fromVector(weights, results)), () => pulled(exact, weights));
  return ofGradients === null ? null : described(1, ofGradients, placeOf(subject, ofGradients.at));
}

interface Difference {
  readonly at: number;
  readonly actual: number;
  readonly expected: number;
  readonly error: number;
}

function differenceOf(actual: Float64Array, expected: Float64Array, bars: Float64Array): Difference | null {
  for (let at = 0; at < expected.length; at++) {
    const [a, e, error] = [actual[at]!, expected[at]!, bars[at]!];
    // Infinities and NaN are equal to themselves; an error bar that is infinite or NaN tells nothing.
    if (Object.is(a, e) || Math.abs(a - e) <= error || !(error < Infinity)) continue;
    return { at, actual: a, expected: e, error };
  }
  return null;
}

const described = (
  order: number,
  { actual, expected, error }: Difference,
  place: { name: string; index: number[] } | null,
): Disagreement => ({
  order,
  test: order === 0 ? "compiled values against eager ones" : "compiled gradients against eager ones",
  sides: ["compiled", "step by step"],
  input: place?.name ?? null,
  index: place?.index ?? null,
  analytic: actual,
  numerical: expected,
  error,
});
