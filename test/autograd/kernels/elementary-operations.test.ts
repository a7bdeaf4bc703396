// The operations that lanes are built of, and the atoms that are one or a few of them: the very bits of `value`,
// through real WebAssembly, in every build that the engine runs.

import { describe, expect, test } from "vitest";
import type { Atom } from "../../../packages/autograd/src/expression/atoms/atom.ts";
import { lanesOf } from "../../../packages/autograd/src/expression/lanes/table.ts";
import { atoms } from "../../../packages/autograd/src/expression/vocabulary.ts";
import { runs } from "../../support/runs.ts";
import {
  approximated,
  approximatedPairs,
  type LaneFunction,
  nearestOf,
  randomNumbers,
  run,
  runAtom,
  specialValues,
  targets,
} from "./elementary-support.ts";

// Those of approximation are held not to bits but to units: elementary.test.ts.
const exact = atoms.filter(
  (atom) =>
    lanesOf(atom) !== undefined && ![...approximated, ...approximatedPairs, "pow"].includes(atom.name),
);

type Value = (...x: number[]) => number;

const isTruth = ({ operands }: Atom, place: number) =>
  (typeof operands === "string" ? operands : operands[place]) === "bool";

/** Every combination of values, as a list for each operand. */
function combinations(lists: readonly (readonly number[])[]): number[][] {
  const [first, ...others] = lists;
  if (others.length === 0) return [[...first!]];
  const rest = combinations(others);
  const columns: number[][] = [first!.flatMap((x) => rest[0]!.map(() => x))];
  for (const column of rest) columns.push(first!.flatMap(() => column));
  return columns;
}

test("every atom says how lanes compute it, but for functions so rare that their value is called lane by lane", () => {
  const without = atoms.filter((atom) => lanesOf(atom) === undefined).map(({ name }) => name);
  expect(without).toEqual(["digamma", "erfInv", "lgamma"]);
});

describe.each(targets)("in lanes of $bits bits, build $build", (target) => {
  const { bits } = target;

  test.each(exact)("$name has the very bits of its value at all special numbers", (atom) => {
    const values = [...specialValues(bits), 0.1, -1e5].map((x) => nearestOf(bits, x));
    const lists = Array.from({ length: atom.arity }, (_, k) => (isTruth(atom, k) ? [0, 1] : values));
    const operands = combinations(lists);
    const results = runAtom(atom, target, operands);
    operands[0]!.forEach((_, i) => {
      const at = operands.map((operand) => operand[i]!);
      expect(results[i], `at ${at}`).toBe(nearestOf(bits, (atom.value as Value)(...at)));
    });
  });

  const comparisons = atoms.filter(
    ({ arity, result, operands }) => arity === 2 && result === "bool" && operands === "any",
  );
  const choices = atoms.filter(({ name }) => name === "maximum" || name === "minimum");
  test.each([...comparisons, ...choices])("$name takes truth values as 0 and 1", (atom) => {
    const operands = combinations([
      [0, 1],
      [0, 1],
    ]);
    const results = run(lanesOf(atom) as unknown as LaneFunction, target, operands, ["mask", "mask"]);
    operands[0]!.forEach((a, i) => {
      const b = operands[1]![i]!;
      expect(results[i], `${a}, ${b}`).toBe((atom.value as Value)(a, b));
    });
  });

  test("the sign of NaN does not make it a number again", () => {
    for (const atom of atoms.filter(
      (atom) =>
        atom.arity === 1 && atom.result === "same" && atom.operands !== "bool" && lanesOf(atom) !== undefined,
    )) {
      const negated: LaneFunction = (l, x) => lanesOf(atom)!(l, l.xor(x, l.constant(-0)) as never);
      expect([...run(negated, target, [[NaN]])], atom.name).toEqual([NaN]);
    }
  });

  test("only where the mask holds is JavaScript asked, once for each lane, with that lane's operands", () => {
    const asked: number[][] = [];
    const value = (...x: number[]) => {
      asked.push(x);
      return x[0]! * 100;
    };
    const guarded: LaneFunction = (l, a, b) => l.exceptWhere(l.isLess(b!, a!), l.add(a!, b!), value, a!, b!);
    const results = run(guarded, target, [
      [1, 2, 3, 4, 5, 6, 7, 8],
      [0, 9, 9, 1, 9, 9, 9, 2],
    ]);
    expect([...results]).toEqual([100, 11, 12, 400, 14, 15, 16, 800]);
    expect(asked).toEqual([
      [1, 0, 0],
      [4, 1, 0],
      [8, 2, 0],
    ]);
  });

  test("lanes twice as wide keep the digits that a sum in float32 loses, and choose by a mask", () => {
    const spared: LaneFunction = (l, a, b) =>
      l.wide((w, x, y, mask) => w.choose(mask!, w.sub(w.add(x!, y!), x!), y!), a!, b!, l.isLess(a!, b!));
    const [a, b] = [1e8, 3e8, 1, 2 ** 25]
      .map((x, i) => [x, i === 2 ? 3 : 1])
      .reduce<[number[], number[]]>(
        ([first, second], [x, y]) => [
          [...first, x!],
          [...second, y!],
        ],
        [[], []],
      );
    expect([...run(spared, target, [a, b])]).toEqual(b);
    const mask: LaneFunction = (l, x, y) => l.wide((w, u, v) => w.isLess(u!, v!), x!, y!);
    expect([...run(mask, target, [a, b])]).toEqual([0, 0, 1, 0]);
  });

  test("whole numbers go to int lanes and back, shift with their sign and without, and wrap around", () => {
    const numbers = [0, -1, 5, -12345, 2 ** 20, -(2 ** 20)];
    const back =
      (f: LaneFunction): LaneFunction =>
      (l, x) =>
        l.toFloat(f(l, l.toInt(x!)));
    expect([
      ...run(
        back((_, x) => x!),
        target,
        [numbers],
      ),
    ]).toEqual(numbers);
    expect([
      ...run(
        back((l, x) => l.shiftRight(l.shiftLeft(x!, 4), 6)),
        target,
        [numbers],
      ),
    ]).toEqual(numbers.map((x) => x >> 2));
    const topBits = run(
      back((l, x) => l.shiftRightUnsigned(x!, bits - 2)),
      target,
      [numbers],
    );
    expect([...topBits]).toEqual(numbers.map((x) => (x < 0 ? 3 : 0)));
    const sum = run(
      back((l, x) => l.intSub(l.intAdd(x!, l.pattern(-1n)), l.pattern(7n))),
      target,
      [numbers],
    );
    expect([...sum]).toEqual(numbers.map((x) => x - 8));
    const lowBits = run(
      back((l, x) => l.and(l.intMul(x!, l.pattern(0x7fff_ffffn)), l.pattern(0xf_ffffn))),
      target,
      [numbers],
    );
    expect([...lowBits]).toEqual(numbers.map((x) => Number((BigInt(x) * 0x7fff_ffffn) & 0xf_ffffn)));
    const order: LaneFunction = (l, x, y) => l.isLess(l.toInt(x!), l.toInt(y!));
    expect([...run(order, target, [numbers, numbers.toReversed()])]).toEqual(
      numbers.map((x, i) => Number(x < numbers.toReversed()[i]!)),
    );
  });

  test("mod has the very bits of its value, whatever the quotient's size", () => {
    const random = randomNumbers();
    const reach = bits === 32 ? 120 : 1000;
    const [dividends, divisors]: [number[], number[]] = [[], []];
    for (let i = 0; i < runs(3000, 100_000); i++) {
      const sign = () => (random() < 0.5 ? -1 : 1);
      const b = sign() * (1 + random()) * 2 ** ((random() - 0.5) * reach);
      // Of any size; about as large as the divisor; some multiple of it, or a rounding beside one.
      const quotient = [2 ** (60 * (random() - 0.5)), 4 * random(), Math.floor(2 ** (30 * random()))][i % 3]!;
      dividends.push(nearestOf(bits, sign() * quotient * nearestOf(bits, b)));
      divisors.push(nearestOf(bits, b));
    }
    // The nearest multiple of the divisor is no float any more.
    dividends.push(...[1.7e308, -1.7e308, 3.3e38].map((x) => nearestOf(bits, x)));
    divisors.push(...[6e307, 6e307, 1.2e38].map((x) => nearestOf(bits, x)));
    const mod = atoms.find(({ name }) => name === "mod")!;
    const results = runAtom(mod, target, [dividends, divisors]);
    dividends.forEach((a, i) => {
      const value = nearestOf(bits, (mod.value as Value)(a, divisors[i]!));
      expect(results[i], `${a} mod ${divisors[i]}`).toBe(value);
    });
  });

  test("nearest rounds ties to even, and the lesser and greater give their first operand at NaN of it", () => {
    const points = [0.5, 1.5, 2.5, -0.5, -1.5, -2.4];
    expect([...run((l, x) => l.nearest(x!), target, [points])]).toEqual([0, 2, 2, -0, -2, -2]);
    expect([...run((l, x) => l.lesser(x!, l.constant(1)), target, [[3, -3, NaN]])]).toEqual([1, -3, NaN]);
    expect([...run((l, x) => l.greater(l.constant(1), x!), target, [[3, -3, NaN]])]).toEqual([3, 1, 1]);
  });
});
