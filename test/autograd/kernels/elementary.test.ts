// How exact the elementary functions are where lanes compute them, through real WebAssembly, in every build that the
// engine runs. Float32 is held against float64 arithmetic, float64 against the references to 60 digits.

import { describe, expect, test } from "vitest";
import type { Atom } from "../../../packages/autograd/src/expression/atoms/atom.ts";
import { atoms } from "../../../packages/autograd/src/expression/vocabulary.ts";
import { references } from "../../support/exact-value.ts";
import { Real, Undefined } from "../../support/real.ts";
import { runs } from "../../support/runs.ts";
import {
  approximated,
  approximatedPairs,
  type Bits,
  floatPairs,
  floats,
  nearestOf,
  randomNumbers,
  runAtom,
  specialValues,
  type Target,
  targets,
  units32Apart,
  unitsApart,
} from "./elementary-support.ts";

const named = (name: string) => atoms.find((atom) => atom.name === name)!;
const functions = approximated.map(named);
const pairs = approximatedPairs.map(named);
const power = named("pow");
const most = (name: string) => (name === "exp" || name === "log" ? 1 : 2);

type Value = (...x: number[]) => number;

/** A base without its sign, or an exponent. */
const sizeOf = (x: number, place: number) => Real.from(place === 0 ? Math.abs(x) : x);

/** The largest error over points, in units; a wrong sign of zero and a NaN out of place are infinite. */
function worst(atom: Atom, target: Target, operands: readonly (readonly number[])[]) {
  const results = runAtom(atom, target, operands);
  let found = { units: 0, at: [NaN], result: NaN };
  operands[0]!.forEach((_, i) => {
    const at = operands.map((operand) => operand[i]!);
    const result = results[i]!;
    const units = unitsOf(atom, target.bits, at, result);
    if (units > found.units) found = { units, at, result };
  });
  return found;
}

function unitsOf(atom: Atom, bits: Bits, at: readonly number[], result: number): number {
  const value = (atom.value as Value)(...at);
  if (Number.isNaN(value) || Number.isNaN(result)) return Object.is(value, result) ? 0 : Infinity;
  if (Math.sign(value) * Math.sign(result) < 0) return Infinity;
  if (value === 0 && result === 0) return Object.is(value, result) ? 0 : Infinity;
  // Where the sum of powers is close to 1, its logarithm has no more digits than the operands.
  const scale = atom.name === "logAddExp" ? Math.max(...[value, ...at].map(Math.abs)) : undefined;
  if (bits === 32) return units32Apart(result, value, scale);
  try {
    if (scale !== undefined)
      return unitsApart(result, references.logAddExp!(...at.map(Real.from)), bits, Real.from(scale));
    // The reference knows no sign of zero; the sign has been compared.
    if (atom.name === "atan2")
      return unitsApart(
        Math.abs(result),
        references.atan2!(Real.from(Math.abs(at[0]!)), Real.from(at[1]!)),
        bits,
      );
    // The reference takes logarithms of bases.
    if (atom === power) return unitsApart(Math.abs(result), references.pow!(...at.map(sizeOf)), bits);
    return unitsApart(result, references[atom.name]!(...at.map(Real.from)), bits);
  } catch (error) {
    // Poles, and numbers so large that the result is 0 or infinite.
    if (error instanceof Undefined) return Object.is(value, result) ? 0 : Infinity;
    throw error;
  }
}

describe.each(targets)("in lanes of $bits bits, build $build", (target) => {
  const { bits } = target;

  test.each(functions)("$name is within its bound of the exact value, whatever the exponent", (atom) => {
    const random = randomNumbers();
    const points =
      bits === 32 ? floats(32, runs(300, 20_000), 1, random) : floats(64, runs(15, 400), runs(10, 1), random);
    const { units, at, result } = worst(atom, target, [points]);
    expect(units, `at ${at}: ${result}`).toBeLessThanOrEqual(most(atom.name));
    // Measured well: not even correct rounding gets below half a unit.
    expect(units).toBeGreaterThan(0.4);
  });

  test.each(functions)("$name has the value's zeros, infinities and NaN at special numbers", (atom) => {
    const points = specialValues(bits);
    const results = runAtom(atom, target, [points]);
    points.forEach((x, i) => {
      const value = nearestOf(bits, (atom.value as Value)(x));
      const isSpecial = x === 0 || !Number.isFinite(x) || value === 0 || !Number.isFinite(value);
      if (isSpecial) expect(results[i], `at ${x}`).toBe(value);
      else expect(unitsOf(atom, bits, [x], results[i]!), `at ${x}`).toBeLessThanOrEqual(most(atom.name));
    });
  });

  test.each(functions)("$name gives the same bits in each lane of a vector", (atom) => {
    const random = randomNumbers();
    const points = floats(bits, 2, 3, random);
    const lanes = 128 / bits;
    const [first, ...others] = Array.from({ length: lanes }, (_, shift) =>
      runAtom(atom, target, [[...Array<number>(shift).fill(1), ...points]]).subarray(shift),
    );
    for (const other of others) expect(other).toEqual(first);
  });

  test.each(pairs)("$name is within two units of the exact value, whatever the exponents", (atom) => {
    const points = floatPairs(
      bits,
      bits === 32 ? runs(20_000, 1_000_000) : runs(1000, 50_000),
      randomNumbers(),
    );
    const { units, at, result } = worst(atom, target, points);
    expect(units, `at ${at}: ${result}`).toBeLessThanOrEqual(2);
    expect(units).toBeGreaterThan(0.4);
  });

  test("logAddExp is within two units where its larger operand cancels the logarithm", () => {
    const random = randomNumbers();
    const larger = Array.from({ length: bits === 32 ? runs(20_000, 1_000_000) : 1000 }, () => -random());
    const points = [larger, larger.map((a) => a - 2 * random())].map((each) =>
      each.map((x) => nearestOf(bits, x)),
    );
    const { units, at, result } = worst(named("logAddExp"), target, points);
    expect(units, `at ${at}: ${result}`).toBeLessThanOrEqual(2);
    expect(units).toBeGreaterThan(0.4);
  });

  test.each(pairs)(
    "$name has the value's zeros, infinities, NaN and signs at every two special numbers",
    (atom) => {
      const values = specialValues(bits);
      const points = values.flatMap((a) => values.map((b) => [a, b]));
      const results = runAtom(
        atom,
        target,
        [0, 1].map((place) => points.map((point) => point[place]!)),
      );
      points.forEach((point, i) => {
        const value = nearestOf(bits, (atom.value as Value)(...point));
        if (value === 0 || !Number.isFinite(value)) expect(results[i], `at ${point}`).toBe(value);
        else expect(unitsOf(atom, bits, point, results[i]!), `at ${point}`).toBeLessThanOrEqual(2);
      });
    },
  );

  test("a power is within two units of the exact one, whatever the exponents", () => {
    const random = randomNumbers();
    const count = bits === 32 ? runs(50_000, 1_000_000) : runs(2000, 50_000);
    const [bases, exponents]: [number[], number[]] = [[], []];
    const reach = bits === 32 ? [126, 107] : [1022, 750];
    for (let i = 0; i < count; i++) {
      // Of any size, near 1, and subnormal.
      const log2 = (2 * random() - 1) * [reach[0]!, 2, 0.01][i % 3]!;
      const base = nearestOf(bits, 2 ** (i % 16 === 0 ? -reach[0]! - 10 * random() : log2));
      const exponent = ((2 * random() - 1) * reach[1]!) / Math.abs(Math.log(base));
      const isNegative = i % 5 === 0;
      bases.push(isNegative ? -base : base);
      exponents.push(nearestOf(bits, isNegative ? Math.round(exponent) : exponent));
    }
    const { units, at, result } = worst(power, target, [bases, exponents]);
    expect(units, `at ${at}: ${result}`).toBeLessThanOrEqual(2);
    expect(units).toBeGreaterThan(0.4);
  });

  test("a power has the value's zeros, infinities, NaN and signs at every two special numbers", () => {
    const values = specialValues(bits);
    const pairs = values.flatMap((a) => values.map((b) => [a, b] as const));
    const results = runAtom(power, target, [pairs.map(([a]) => a), pairs.map(([, b]) => b)]);
    pairs.forEach(([a, b], i) => {
      const value = nearestOf(bits, a ** b);
      if (value === 0 || !Number.isFinite(value)) expect(results[i], `${a} to the ${b}`).toBe(value);
      else
        expect(Math.abs(results[i]! / value - 1), `${a} to the ${b}`).toBeLessThan(
          bits === 32 ? 1e-7 : 3e-16,
        );
    });
  });

  test("a large angle has JavaScript's very sine, cosine and tangent", () => {
    const angles = [2 ** 20 + 1, 1e7, -3e30].map((x) => nearestOf(bits, x));
    for (const name of ["sin", "cos", "tan"] as const) {
      const expected = angles.map((x) => nearestOf(bits, Math[name](x)));
      expect([...runAtom(named(name), target, [angles])]).toEqual(expected);
    }
  });
});
