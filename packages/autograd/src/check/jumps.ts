// Whether a function jumps at its point: a comparison of equal numbers, an order among ties, a step function at its step.
// There it has no derivative to compare the rules with.

import { isFloat } from "../array/dtype.ts";
import { interpose } from "../tape/interpose.ts";
import type { Value } from "../tape/value.ts";
import type { Stream } from "./random.ts";
import { fromVector, type Subject, toVector } from "./subject.ts";

// From far above rounding to the smallest steps of differences, below which these see nothing.
const shifts = [2 ** -36, 2 ** -26, 2 ** -17];
/** A change by more than this, for the smallest shift, is not that of a smooth function. */
const noticed = 2 ** -12;
const directions = 4;

/** The operation that made a value which changes at once when the point moves a little; null where all follow smoothly. */
export function jumpAt(subject: Subject, stream: Stream): string | null {
  const point = toVector(subject.inputs);
  const here = madeAt(subject, point);
  for (let repetition = 0; repetition < directions; repetition++) {
    const direction = stream.vector(point.length);
    for (const side of shifts.flatMap((shift) => [shift, -shift])) {
      const there = madeAt(
        subject,
        point.map((x, i) => x + side * direction[i]! * Math.max(1, Math.abs(x))),
      );
      // Further away smooth values move too, so only whole numbers and truth values count as jumps.
      const isNear = Math.abs(side) === shifts[0];
      const jumping = here.find(
        ({ tensor }, i) => (isNear || !isFloat(tensor.dtype)) && hasJumped(tensor, there[i]?.tensor),
      );
      if (jumping !== undefined) return jumping.operation;
    }
  }
  return null;
}

interface Made {
  readonly operation: string;
  readonly tensor: Value;
}

function madeAt(subject: Subject, point: Float64Array): Made[] {
  const found: Made[] = [];
  let operation = "";
  interpose(
    {
      replace: (primitive) => {
        operation = primitive.name;
        return primitive;
      },
      made: (tensor) => found.push({ operation: tensor.step?.primitive.name ?? operation, tensor }),
    },
    () => subject.run(fromVector(point, subject.inputs)),
  );
  return found;
}

function hasJumped(before: Value, after: Value | undefined): boolean {
  if (after === undefined || after.size !== before.size) return true;
  return before.data.some((x: number, i: number) => {
    const change = Math.abs(after.data[i]! - x);
    return (
      !(change <= noticed * Math.max(1, Math.abs(x))) && !(Number.isNaN(x) && Number.isNaN(after.data[i]!))
    );
  });
}
