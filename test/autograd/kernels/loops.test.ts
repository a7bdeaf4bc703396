// What is written for loop kernels, against a plain interpreter of them: the whole memory afterwards, byte by byte
// where nothing was reduced.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { trials } from "../../support/runs.ts";
import { Dice, seeds } from "../../support/tensors.ts";
import {
  asType,
  eachIndex,
  interpret,
  known,
  type Reduced,
  readElement,
  writeElement,
} from "./loop-interpreter.ts";
import { newMemory, randomTrial, runWritten, type Trial, type Wishes } from "./loop-kernels.ts";

const FLOAT32 = ["float32", "int32", "bool"] as const;
const MIXED = ["float32", "float64", "int32", "bool"] as const;

const memory = newMemory();

/**
 * Runs a kernel both ways and compares. Reductions are compared with the elements that go into them, then made the
 * same, so that afterwards all bytes must agree.
 */
function check(trial: Trial): void {
  const { kernel, args } = trial;
  const expected = new DataView(trial.memory.slice().buffer);
  const reduced = interpret(kernel, expected, args);
  const found = runWritten(trial, memory);
  for (const each of reduced) {
    const { dtype } = kernel.outputs[each.output]!.write;
    const value = readElement(found, dtype, each.address);
    const problem = problemOf(trial, each, value);
    if (problem !== null) expect.fail(problem);
    writeElement(expected, dtype, each.address, value);
  }
  for (const view of [expected, found]) withOneNaN(trial, view);
  const difference = firstDifference(found, expected);
  expect(difference, `byte ${difference} differs`).toBe(-1);
}

function firstDifference(a: DataView, b: DataView): number {
  const [left, right] = [new Uint8Array(a.buffer), new Uint8Array(b.buffer)];
  // Far faster than a loop, and nearly always the answer.
  return Buffer.compare(left, right) === 0 ? -1 : left.findIndex((byte, i) => byte !== right[i]);
}

/** What is wrong with a reduced value; null where nothing is. There are too many to state each as an assertion. */
function problemOf({ kernel }: Trial, { output, elements }: Reduced, value: number): string | null {
  const { combine, write, divisor = 1 } = kernel.outputs[output]!;
  const unless = (isRight: boolean, expected: unknown) =>
    isRight
      ? null
      : `output ${output}, ${combine} of ${elements.join(", ")}: ${value} in place of ${expected}`;
  if (combine === "largest" || combine === "least") {
    const best = combine === "largest" ? Math.max(...elements) : Math.min(...elements);
    // Zeros of either sign are the same here.
    return unless(Object.is(value + 0, best + 0), best);
  }
  if (write.dtype === "int32") {
    const sum = elements.reduce((sum, element) => (sum + element) | 0, 0);
    return unless(Object.is(value, sum), sum);
  }
  const sum = elements.reduce((total, element) => total + element, 0) / divisor;
  const size = elements.reduce((total, element) => total + Math.abs(element), 0) / divisor;
  if (!Number.isFinite(sum)) return unless(Object.is(value, sum), sum);
  // What overflows on the way depends on the order.
  if (size > (write.dtype === "float32" ? 1e38 : 1e307)) return null;
  if (elements.length === 1) return unless(Object.is(value + 0, asType(sum, write.dtype) + 0), sum);
  // In float64 no element takes part in more additions than there are elements, here and in the sum above; dividing
  // rounds once more in each. A float32 total is rounded again at the end: by half a unit of its last place, or of the
  // least float32 number.
  const rounding = write.dtype === "float32" ? 2 ** -24 * Math.abs(sum) + 2 ** -150 : 0;
  return unless(Math.abs(value - sum) <= (elements.length + 1) * 2 ** -52 * size + rounding, sum);
}

/** There are many NaNs, and no promise which one is written. */
function withOneNaN({ kernel, args }: Trial, memory: DataView): void {
  eachIndex(kernel, args, (_, at) => {
    for (const { write } of kernel.outputs) {
      for (let i = 0; i < known(write.by?.size ?? 1, args); i++) {
        if (Number.isNaN(readElement(memory, write.dtype, at(write, i))))
          writeElement(memory, write.dtype, at(write, i), NaN);
      }
    }
  });
}

function checkRandom(wishes: Wishes, normal: number): void {
  fc.assert(
    fc.property(seeds, (seed) => {
      const trial = randomTrial(new Dice(seed), wishes);
      fc.pre(trial !== null);
      check(trial);
    }),
    trials(normal),
  );
}

describe("a random kernel leaves in memory what the interpreter leaves", () => {
  test("where it stores, in lanes of float32", () => checkRandom({ types: FLOAT32, outputs: "store" }, 250));
  test("where it stores, with float64 among its types", () =>
    checkRandom({ types: MIXED, outputs: "store" }, 250));
  test("where it adds to what is there", () => {
    checkRandom({ types: FLOAT32, outputs: "accumulate" }, 150);
    checkRandom({ types: MIXED, outputs: "accumulate" }, 150);
  });
  test("where it reduces over any set of axes", () => {
    checkRandom({ types: FLOAT32, outputs: "reduce" }, 250);
    checkRandom({ types: MIXED, outputs: "reduce" }, 250);
  });
  test("where it reduces more than 32 times, over sets of axes that contain each other", () => {
    checkRandom({ types: FLOAT32, outputs: "reduce", many: true }, 40);
    checkRandom({ types: MIXED, outputs: "mixed", many: true }, 40);
  });
  test("where it stores and reduces", () => {
    checkRandom({ types: FLOAT32, outputs: "mixed" }, 200);
    checkRandom({ types: MIXED, outputs: "mixed" }, 200);
  });
  test("where it reads at indices, or adds at them", () => {
    for (const outputs of ["store", "accumulate", "reduce"] as const) {
      checkRandom({ types: FLOAT32, outputs, indirect: true }, 200);
      checkRandom({ types: MIXED, outputs, indirect: true }, 100);
      checkRandom({ types: FLOAT32, outputs, indirect: true, parameters: true }, 100);
    }
  });
  test("where sizes, strides and addresses are parameters", () => {
    // A place that only the code finds out to lie before the address.
    check(randomTrial(new Dice(1263732015), { types: FLOAT32, outputs: "reduce", parameters: true })!);
    for (const outputs of ["store", "accumulate", "reduce", "mixed"] as const)
      checkRandom({ types: FLOAT32, outputs, parameters: true }, 120);
    checkRandom({ types: MIXED, outputs: "mixed", parameters: true }, 120);
  });
});
