// Every primitive in XLA beside Adjoint, at what primitives.test.ts of the engine attacks it with.

import { record, type Tensor } from "@adjoint/autograd";
import { toStableHLO } from "@adjoint/interop";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import * as table from "../../../packages/autograd/src/primitives/table.ts";
import { apply } from "../../../packages/autograd/src/tape/apply.ts";
import type { Primitive } from "../../../packages/autograd/src/tape/value.ts";
import { caseOf, type Instance, type OperandSpec } from "../../autograd/primitives/cases.ts";
import { trials } from "../../support/runs.ts";
import { count, Dice, digits, numbers, tensorOf } from "../../support/tensors.ts";
import { python } from "../peers.ts";
import { gapAt } from "./ulps.ts";
import { type Job, numbersOf, runOnXLA } from "./xla.ts";

type Float = "float32" | "float64";

function operandOf({ shape, kind, values, moved = (x) => x }: OperandSpec, dice: Dice, dtype: Float): Tensor {
  const n = count(shape);
  const drawn = kind === "bool" ? Array.from({ length: n }, () => dice.below(2)) : digits(n, dice).map(moved);
  return tensorOf(values ?? drawn, shape, kind ?? dtype);
}

/**
 * Sums and products that are rounded in another order, or together. How many gaps they may be apart, at the result that the
 * operands' absolute values have: no term is larger, and of the at most 64 terms here few round to one side.
 */
const rounded: Readonly<Record<string, number>> = {
  cumsum: 4,
  gatedMatmul: 4,
  // The exponentials, their logarithm and two differences; the terms have one sign.
  logSoftmax: 8,
  matmul: 4,
  mean: 4,
  overlapAdd: 4,
  addAlong: 4,
  recurrence: 8,
  sumTo: 4,
};

interface Attack extends Job {
  readonly name: string;
  readonly eager: Tensor;
  /** For each element, how far off it may be. */
  readonly allowed: readonly number[];
  readonly said: string;
}

function attack(name: string, primitive: Primitive, i: number, instance: Instance): Attack {
  const dtype: Float = i % 2 === 0 ? "float64" : "float32";
  const operands = instance.operands.map((each) => operandOf(each, new Dice(i), dtype));
  const step = (...x: readonly Tensor[]) => apply(primitive, x, instance.attributes) as Tensor;
  const program = record(step as (...x: Tensor[]) => Tensor, ...operands);
  const eager = step(...operands);
  const gaps = rounded[name] ?? 0;
  const isMonotone = name !== "logSoftmax";
  const sizes = operands.map((x) =>
    isMonotone && (x.dtype === "float32" || x.dtype === "float64") ? (x.abs() as Tensor) : x,
  );
  const scales = gaps === 0 ? eager : step(...sizes);
  return {
    name,
    eager,
    allowed: numbers(scales).map((x) => (gaps === 0 ? 0 : gaps * gapAt(x, dtype))),
    said: `${JSON.stringify(instance.attributes)} of ${JSON.stringify(operands.map((x) => [x.dtype, x.shape, numbers(x)]))}`,
    text: toStableHLO(program, { loops: i % 3 === 0 ? "unroll" : "while" }),
    given: [operands.map(numbersOf)],
  };
}

const { numRuns, seed } = trials(40, 400);
// map has a test of its own, for each atom.
const named = (Object.entries(table) as unknown as [string, Primitive][]).filter(([name]) => name !== "map");

describe.runIf(python.isHere)("XLA gives Adjoint's elements for", () => {
  let wrong: ReadonlyMap<string, readonly string[]> = new Map();

  // One process for all, since Python takes seconds to start.
  beforeAll(() => {
    const attacks = named.flatMap(([name, primitive]) =>
      fc
        .sample(caseOf(name, primitive).instances, { numRuns, seed })
        .map((instance, i) => attack(name, primitive, i, instance)),
    );
    const answers = runOnXLA(attacks);
    const faults = attacks.map((each, i) => [each.name, faultOf(each, answers[i]!)] as const);
    wrong = new Map(
      named.map(([name]) => [
        name,
        faults.flatMap(([of, fault]) => (of === name && fault !== null ? [fault] : [])),
      ]),
    );
  }, 900_000);

  test.each(named)("%s", (name) => {
    expect(wrong.get(name)!.slice(0, 3)).toEqual([]);
  });
});

function faultOf(
  { eager, allowed, said }: Attack,
  answer: ReturnType<typeof runOnXLA>[number],
): string | null {
  if (typeof answer === "string") return `${answer} ${said}`;
  const { shape, dtype, data } = answer[0]![0]!;
  const expected = numbers(eager);
  const place = expected.findIndex((x, k) => x !== data[k] && !(Math.abs(x - data[k]!) <= allowed[k]!));
  if (shape.join() === eager.shape.join() && dtype === eager.dtype && place < 0) return null;
  return `${dtype} [${shape.join(", ")}]: ${data[place]}, not ${expected[place]}: ${said}`;
}

test.runIf(python.isHere)(
  "an index that Adjoint refuses reads NaN, the least whole number or true in XLA, adds nothing, and is a row of zeros",
  () => {
    const good = tensorOf([0, 1, 2, 0], [4], "int32");
    const bad = tensorOf([0, 3, -1, -4], [4], "int32");
    const whole = tensorOf([5, 6, 7], [3], "int32");
    const truth = tensorOf([0, 0, 0], [3], "bool");
    const read = (i: Tensor) =>
      [tensorOf([5, 6, 7], [3]), whole, truth].map(
        (x) => apply(table.takeAlong, [x, i], { axis: 0 }) as Tensor,
      );
    const added = (i: Tensor) =>
      apply(table.addAlong, [tensorOf([1, 2, 4, 8], [4]), i], { axis: 0, shape: [3] }) as Tensor;
    const rows = (i: Tensor) =>
      apply(table.oneHot, [i.reshape([4, 1])], { classes: 3, dtype: "int32" }) as Tensor;
    const program = record((i: Tensor) => [...read(i), added(i), rows(i)], good);
    const [answer] = runOnXLA([{ text: toStableHLO(program), given: [[numbersOf(bad)]] }]);
    if (typeof answer === "string") throw new Error(answer);
    expect(answer![0]!.map(({ data }) => Array.from(data))).toEqual([
      [5, NaN, 7, NaN],
      [5, -(2 ** 31), 7, -(2 ** 31)],
      [0, 1, 0, 1],
      [1, 0, 4],
      [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    ]);
  },
  300_000,
);

test.skipIf(python.isHere)(`XLA gives Adjoint's elements${python.reason}`, () => {});
