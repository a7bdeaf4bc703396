// Every atom in XLA beside Adjoint's value: at special values, in every combination, and at numbers drawn at random.

import { record, type Tensor } from "@adjoint/autograd";
import { toStableHLO } from "@adjoint/interop";
import { describe, expect, test } from "vitest";
import type { Atom } from "../../../packages/autograd/src/expression/atoms/atom.ts";
import { polygamma } from "../../../packages/autograd/src/expression/atoms/gamma.ts";
import {
  type ElementwiseFunction,
  functionOf,
  statedFunction,
} from "../../../packages/autograd/src/expression/elementwise-function.ts";
import { atoms } from "../../../packages/autograd/src/program/names.ts";
import { scaleOf } from "../../support/running-error.ts";
import { Dice, tensorOf } from "../../support/tensors.ts";
import { python } from "../peers.ts";
import { gapAt, leastNormal, stepsBetween } from "./ulps.ts";
import { type Job, numbersOf, runOnXLA } from "./xla.ts";

type Type = "float64" | "float32" | "int32";

/**
 * By how many steps XLA's float64 and float32 may differ from Adjoint's. An atom that is not here is the same to the last bit:
 * IEEE 754 says how it is rounded, or it is made of what is. Adjoint's own are within 3 ulps. XLA computes elementary
 * functions by polynomials of its own, differently for each processor; how far these are off of the truth was measured in
 * 40,000 points each: tanh 4.8 ulps, expm1 5.3, log1p 2.2, sinh and cosh by its exp 4, the others 3.
 */
const steps: Readonly<Record<string, readonly [float64: number, float32: number]>> = {
  acos: [3, 3],
  acosh: [4, 4],
  asin: [3, 3],
  asinh: [4, 4],
  atan: [2, 2],
  atan2: [2, 2],
  atanh: [5, 4],
  cos: [2, 2],
  cosh: [5, 4],
  directionCosine: [3, 3],
  digamma: [6, 1],
  erf: [3, 5],
  erfInv: [4, 1],
  erfc: [5, 5],
  exp: [3, 2],
  exp2: [3, 3],
  expm1: [6, 6],
  hypot: [2, 2],
  // Three products and three sums, of which XLA rounds some together.
  lerp: [3, 1],
  lgamma: [6, 1],
  log: [2, 2],
  log10: [3, 3],
  log1p: [4, 4],
  log2: [3, 3],
  logAddExp: [4, 4],
  logistic: [5, 4],
  // Its factors are rounded to the type one by one.
  oneMinusSquare: [0, 2],
  lacking: [6, 6],
  normalQuantile: [0, 0],
  polygamma: [8, 1],
  pow: [2, 3],
  powerLog: [4, 4],
  powerSlope: [4, 1],
  rsqrt: [2, 2],
  sin: [2, 2],
  sinh: [6, 8],
  softplus: [5, 5],
  tan: [2, 2],
  tanh: [9, 7],
  xlogy: [4, 4],
};

/** Below 0 these are differences of two terms, of which the larger counts. */
function largerTerm(name: string, x: number, order: number): number {
  const value = (atom: Atom, ...operands: number[]) =>
    (atom.value as (...operands: number[]) => number)(...operands);
  if (name === "lgamma") return value(atoms.get("lgamma")!, -x);
  return value(polygamma as unknown as Atom, 1 - x, order);
}

const special = [
  NaN,
  Infinity,
  -Infinity,
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  2,
  -2,
  3,
  -3,
  1.5,
  2.5,
  -1.5,
  -2.5,
  1e-3,
  -1e-3,
  10,
  100,
  1e10,
  -1e10,
  1e-10,
  -1e-10,
  1e30,
  -1e30,
  1e-30,
  170.5,
  0.25,
  8,
  1000,
];
const widest = [1e300, -1e300, 1e-300, 1e-310, -1e-310];
const subnormal32 = [1e-40, -1e-40];
const whole = [0, 1, -1, 2, -2, 3, 7, -7, 2 ** 31 - 1, -(2 ** 31), 65536, 46341, 1000000007];

/** Around 0 and 1, and of every size. */
function drawn(dice: Dice): number {
  const kind = dice.fraction();
  const even = dice.fraction() - 0.5;
  if (kind < 0.3) return 4 * even;
  if (kind < 0.6) return 2 * even;
  if (kind < 0.8) return 40 * even;
  return Math.sign(dice.fraction() - 0.5) * Math.exp(40 * even);
}

interface Attack extends Job {
  readonly atom: Atom;
  readonly order: number;
  readonly type: Type;
  readonly operands: readonly (readonly number[])[];
}

const kindsOf = ({ arity, operands }: Atom): readonly string[] =>
  typeof operands === "string" ? new Array<string>(arity).fill(operands) : (operands as readonly string[]);

function attack(atom: Atom, fn: ElementwiseFunction, type: Type, order: number): Attack {
  const dice = new Dice(order + 1);
  const kinds = fn.arity === atom.arity ? kindsOf(atom) : ["float"];
  const round = type === "float32" ? Math.fround : (x: number) => x;
  const base =
    type === "int32" ? whole : [...special, ...(type === "float64" ? widest : subnormal32)].map(round);
  const few = kinds.length === 3 && kinds[0] !== "bool" ? base.slice(0, 12) : base;
  const combined = kinds.reduce<number[][]>(
    (rows, kind) => rows.flatMap((row) => (kind === "bool" ? [0, 1] : few).map((x) => [...row, x])),
    [[]],
  );
  const any = (kind: string) => {
    if (kind === "bool") return dice.below(2);
    if (type !== "int32") return round(drawn(dice));
    return Math.floor((dice.fraction() - 0.5) * 2 ** (dice.below(2) === 0 ? 32 : 8));
  };
  const rows = [...combined, ...Array.from({ length: 2000 }, () => kinds.map(any))];
  const operands = kinds.map((_, i) => rows.map((row) => row[i]!));
  const tensors = operands.map((data, i) =>
    tensorOf(data, [data.length], kinds[i] === "bool" ? "bool" : type),
  );
  const program = record(
    (...x: Tensor[]) => x[0]!.elementwise(fn as never, ...(x.slice(1) as never[])),
    ...tensors,
  );
  return { atom, order, type, operands, text: toStableHLO(program), given: [tensors.map(numbersOf)] };
}

const attacks: readonly Attack[] = python.isHere
  ? [...atoms].flatMap(([name, atom]) =>
      (["float64", "float32", "int32"] as const).flatMap((type) => {
        if (type === "int32" && kindsOf(atom).includes("float")) return [];
        if (name !== "polygamma") return [attack(atom, functionOf(atom), type, 0)];
        return [1, 2, 3, 4].map((order) => {
          const fn = statedFunction(`polygamma ${order}`, 1, (x) =>
            x!.applied(polygamma as unknown as Atom, order),
          );
          return attack(atom, fn, type, order);
        });
      }),
    )
  : [];

/** Adjoint's value on elements of a type. */
function valueFor({ atom, order, type }: Attack, operands: readonly number[]): number {
  const value = (type === "int32" ? (atom.whole?.value ?? atom.value) : atom.value) as (
    ...x: number[]
  ) => number;
  const exact = value(...operands, ...(atom.name === "polygamma" ? [order] : []));
  if (atom.result === "bool") return exact;
  return type === "float64" ? exact : type === "float32" ? Math.fround(exact) : exact | 0;
}

/** The zero of a number's sign. */
const zeroOf = (x: number) => (x < 0 || Object.is(x, -0) ? -0 : 0);

/** Of a subnormal operand XLA's CPU takes some bits and loses others here: what comes out is neither for it nor for 0. */
const lostOnSubnormals = ["atan2", "pow", "powerSlope"];

/** Whether XLA's number is Adjoint's, of the operands or of what XLA's CPU takes for them: subnormal numbers are 0 to it. */
function agrees(each: Attack, operands: readonly number[], got: number): boolean {
  if (isAdjoints(each, operands, got)) return true;
  if (each.type === "int32") return false;
  const least = leastNormal[each.type];
  const isSubnormal = operands.some((x) => x !== 0 && Math.abs(x) < least);
  if (isSubnormal && lostOnSubnormals.includes(each.atom.name)) return true;
  return isAdjoints(
    each,
    operands.map((x) => (Math.abs(x) < least ? zeroOf(x) : x)),
    got,
  );
}

/** Whether XLA's number is Adjoint's of these operands, as far as that is promised. */
function isAdjoints(each: Attack, operands: readonly number[], got: number): boolean {
  const { atom, type, order } = each;
  const expected = valueFor(each, operands);
  if (Object.is(expected, got)) return true;
  if (type === "int32" || atom.result === "bool") return false;
  // Of a result that is not normal, XLA's CPU makes 0.
  if (Math.abs(expected) < leastNormal[type] && got === 0)
    return Object.is(zeroOf(expected), got) || expected === 0;
  const allowed = steps[atom.name]?.[type === "float64" ? 0 : 1] ?? 0;
  if (stepsBetween(expected, got, type) <= allowed) return true;
  const [x] = operands as [number];
  const isGamma = ["lgamma", "digamma", "polygamma"].includes(atom.name);
  const scale = isGamma && x < 0 ? largerTerm(atom.name, x, order) : scaleOf(atom.name, expected, operands);
  return Math.abs(expected - got) <= allowed * gapAt(scale, type);
}

const shown = (x: number) => (Object.is(x, -0) ? "−0" : `${x}`);

describe(`XLA's value is Adjoint's${python.reason}:`, () => {
  const answers = python.isHere ? runOnXLA(attacks) : [];

  test
    .runIf(python.isHere)
    .each(
      attacks.map((each, i) => [`${each.atom.name}${each.order || ""} of ${each.type}`, each, i] as const),
    )("%s", (_name, each, i) => {
    const answer = answers[i]!;
    if (typeof answer === "string") throw new Error(answer);
    const got = answer[0]![0]!.data;
    const wrong = each.operands[0]!.flatMap((_, row) => {
      const operands = each.operands.map((data) => data[row]!);
      if (agrees(each, operands, got[row]!)) return [];
      return [
        `(${operands.map(shown).join(", ")}): ${shown(valueFor(each, operands))}, XLA ${shown(got[row]!)}`,
      ];
    });
    expect(wrong.slice(0, 8)).toEqual([]);
  });

  test.skipIf(python.isHere)("every atom", () => {});
});
