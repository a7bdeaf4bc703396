// Whether a function jumps at its point: a comparison of equal numbers, an order among ties, a step function at its step.
// There it has no derivative for the rules to be held against.

import type { Tensor } from "../primitives/tensor.ts";
import { interpose } from "../tape/interpose.ts";
import type { Stream } from "./random.ts";
import { fromVector, type Subject, toVector } from "./subject.ts";

// Far above rounding, far below what a smooth function would show.
const shift = 2 ** -36;
const noticed = 2 ** -12;
const directions = 4;

/** The operation that made a value which changes at once when the point moves a little; null where all follow smoothly. */
export function jumpAt(subject: Subject, stream: Stream): string | null {
  const point = toVector(subject.inputs);
  const here = madeAt(subject, point);
  for (let repetition = 0; repetition < directions; repetition++) {
    const direction = stream.vector(point.length);
    for (const side of [shift, -shift]) {
      const there = madeAt(
        subject,
        point.map((x, i) => x + side * direction[i]! * Math.max(1, Math.abs(x))),
      );
      const jumping = here.find((tensor, i) => hasJumped(tensor.tensor, there[i]?.tensor));
      if (jumping !== undefined) return jumping.operation;
    }
  }
  return null;
}

interface Made {
  readonly operation: string;
  readonly tensor: Tensor;
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

function hasJumped(before: Tensor, after: Tensor | undefined): boolean {
  if (after === undefined || after.size !== before.size) return true;
  return before.data.some((x: number, i: number) => {
    const change = Math.abs(after.data[i]! - x);
    return (
      !(change <= noticed * Math.max(1, Math.abs(x))) && !(Number.isNaN(x) && Number.isNaN(after.data[i]!))
    );
  });
}
