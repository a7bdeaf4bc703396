// The Taylor test: what remains after the gradient must fall with the square of the step, and what remains after the Hessian
// with its cube. The slopes are evidence for the reader; near a kink they say nothing, so no verdict depends on them.

import type { Tensor } from "../tensor/tensor.ts";
import { noiseOf } from "./noise.ts";
import type { Stream } from "./random.ts";
import { fromVector, type Subject, tangentsOf, toVector, valuesAt } from "./subject.ts";

/** How fast the remainders fall when the step is halved: about 2 and 3, or more. Null where rounding hides them. */
export interface TaylorSlopes {
  readonly withGradient: number | null;
  readonly withHessian: number | null;
}

const steps = Array.from({ length: 12 }, (_, k) => 2 ** -(k + 2));

/** The slopes along one drawn direction, of a drawn weighting of the results. */
export function taylorSlopes(subject: Subject, stream: Stream): TaylorSlopes {
  const point = toVector(subject.inputs);
  const values = valuesAt(subject, point);
  const direction = stream.vector(point.length);
  const weights = stream.vector(values.length);
  const weigh = (vector: Float64Array) => vector.reduce((sum, value, i) => sum + value * weights[i]!, 0);
  const noise = noiseOf(() => valuesAt(subject, point), values, stream).reduce(
    (sum, each, i) => sum + each * Math.abs(weights[i]!),
    0,
  );
  const move = fromVector(direction, subject.inputs);
  const slopeAt = (inputs: readonly Tensor[]) => tangentsOf(subject.run, inputs, move);
  const first = weigh(toVector(slopeAt(subject.inputs)));
  const second = weigh(toVector(tangentsOf(slopeAt, subject.inputs, move)));
  const here = weigh(values);
  const changes = steps.map(
    (h) =>
      weigh(
        valuesAt(
          subject,
          point.map((value, i) => value + h * direction[i]!),
        ),
      ) - here,
  );
  return {
    withGradient: slopeOf(
      changes.map((change, k) => change - steps[k]! * first),
      noise,
    ),
    withHessian: slopeOf(
      changes.map((change, k) => change - steps[k]! * first - (steps[k]! ** 2 / 2) * second),
      noise,
    ),
  };
}

/** The slope between the smallest two steps whose remainders exceed the noise. */
function slopeOf(remainders: readonly number[], noise: number): number | null {
  const clear = remainders.map(Math.abs).filter((size) => size > 4096 * noise && Number.isFinite(size));
  const [larger, smaller] = clear.slice(-2);
  return larger === undefined || smaller === undefined ? null : Math.log2(larger / smaller);
}
