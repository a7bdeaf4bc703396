// What is wrong with a function itself, before its derivatives are looked at: it gives another result when it is
// called again, or an input does not reach its result.

import type { Tensor } from "../tensor/tensor.ts";
import { ancestorsOf, traceDescent } from "./descent.ts";
import type { Stream } from "./random.ts";
import { fromVector, placeOf, type Subject, toVector } from "./subject.ts";

// A single element that is dropped with probability ½ goes unnoticed once in 256 checks.
const repetitions = 8;

/** How the result differs when the function is called again with the same inputs; null where it does not. */
export function changeOf(subject: Subject): string | null {
  const first = subject.run(subject.inputs);
  const numbers = toVector(first);
  for (let repetition = 0; repetition < repetitions; repetition++) {
    const again = subject.run(subject.inputs);
    const way =
      "draw random numbers from a key that f is given or that stays (not Math.random, not a key that advances), and assign no variable that f reads";
    if (shapesOf(again) !== shapesOf(first))
      return `the function is not deterministic: called again with the same inputs, it returns ${shapesOf(again)} after ${shapesOf(first)}; ${way}`;
    const other = toVector(again);
    const at = numbers.findIndex((value, i) => !Object.is(value, other[i]));
    if (at < 0) continue;
    const place = placeOf({ inputs: first, names: first.map((_, i) => nameOf(i, first.length)) }, at)!;
    const where = `${place.name}${place.index.length === 0 ? "" : `[${place.index.join(", ")}]`}`;
    return `the function is not deterministic: called again with the same inputs, ${where} is ${other[at]} after ${numbers[at]}; ${way}`;
  }
  return null;
}

const nameOf = (i: number, count: number) => (count === 1 ? "the result" : `result ${i + 1}`);

const shapesOf = (tensors: readonly Tensor[]) =>
  tensors.length === 0 ? "no float tensor" : tensors.map(({ shape }) => `[${shape.join(", ")}]`).join(", ");

/** A sentence about each input that the result is not made from and does not change with. */
export function unreachedInputs(subject: Subject, stream: Stream): string[] {
  const point = toVector(subject.inputs);
  // Fresh arrays, so that two inputs never share one.
  const inputs = fromVector(point, subject.inputs);
  const { results, descent } = traceDescent(() => subject.run(inputs));
  if (toVector(results).length === 0) return [];
  const reached = ancestorsOf(
    results.map(({ array }) => array),
    descent,
  );
  return inputs.flatMap((input, i) => {
    if (input.size === 0 || reached.has(input.array) || matters(subject, i, results, stream)) return [];
    return `${subject.names[i]} does not reach the result: nothing that f returns is made of it, so its derivative is zero whatever the rules say; use it in f, or leave it out of the point`;
  });
}

// A value may be read out of a tensor and used as a plain number.
const shifts = [2 ** -20, 2 ** -4, 1];

/** Whether the results change when an input moves by a little or by much. */
function matters(subject: Subject, i: number, results: readonly Tensor[], stream: Stream): boolean {
  const before = toVector(results);
  return shifts.some((shift) => {
    const point = toVector([subject.inputs[i]!]);
    const moved = fromVector(
      point.map((value) => value + shift * stream.sign() * Math.max(1, Math.abs(value))),
      [subject.inputs[i]!],
    );
    try {
      const after = toVector(subject.run(subject.inputs.with(i, moved[0]!)));
      return after.length !== before.length || after.some((value, k) => !Object.is(value, before[k]));
    } catch {
      // If f throws elsewhere, it depends on the input as well.
      return true;
    }
  });
}
