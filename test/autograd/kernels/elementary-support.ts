// Runs what lanes compute on arrays, through real WebAssembly (one function, one loop, vector by vector), and measures
// how far the results are from exact ones. Which points are tried is said here too; what must hold, in the tests.

import type { Atom } from "../../../packages/autograd/src/expression/atoms/atom.ts";
import { lanesOf } from "../../../packages/autograd/src/expression/lanes/table.ts";
import type { Lane, Lanes } from "../../../packages/autograd/src/expression/lanes.ts";
import { Type } from "../../../packages/autograd/src/kernels/assembler.ts";
import { M } from "../../../packages/autograd/src/kernels/instructions.ts";
import { KernelModule } from "../../../packages/autograd/src/kernels/kernel-module.ts";
import { LaneWriter, type WrittenLane } from "../../../packages/autograd/src/kernels/lane-writer.ts";
import { bestBuild, type Memory, webAssembly } from "../../../packages/autograd/src/kernels/webassembly.ts";
import { Real } from "../../support/real.ts";
import { trials } from "../../support/runs.ts";

/** The atoms of one operand that lanes compute by approximation. Powers, of two, are tested by themselves. */
export const approximated: readonly string[] = [
  "exp",
  "exp2",
  "expm1",
  "log",
  "log1p",
  "log2",
  "log10",
  "rsqrt",
  "logistic",
  "softplus",
  "tanh",
  "sin",
  "cos",
  "tan",
  "erf",
  "sinh",
  "cosh",
  "asin",
  "acos",
  "atan",
  "asinh",
  "acosh",
  "atanh",
  "erfc",
];

/** Those of two operands, beside powers. */
export const approximatedPairs: readonly string[] = ["atan2", "hypot", "logAddExp", "xlogy"];

export type LaneFunction = (lanes: Lanes, ...operands: Lane[]) => Lane;
/** The width of lanes: of float32 or of float64. */
export type Bits = 32 | 64;
type Kind = "float" | "mask";
type Floats = Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

/** The builds that this engine runs. */
export const builds: readonly ("simd" | "relaxed")[] =
  bestBuild() === "relaxed" ? ["simd", "relaxed"] : ["simd"];
export const widths: readonly Bits[] = [32, 64];
/** Every build with every width, for test.each. */
export const targets = builds.flatMap((build) => widths.map((bits) => ({ build, bits })));
export type Target = (typeof targets)[number];

const PAGE = 65536;

/**
 * What lanes compute on arrays, element by element. Masks are read as "is not zero" and written as 1 and 0.
 */
export function run(
  lanes: LaneFunction,
  { bits, build }: Target,
  operands: readonly ArrayLike<number>[],
  kinds: readonly Kind[] = operands.map(() => "float"),
): Floats {
  const count = operands[0]!.length;
  const bytes = Math.ceil((count * bits) / 256) * 32;
  const stride = Math.ceil(bytes / PAGE) * PAGE;
  const memory: Memory = new webAssembly!.Memory({ initial: ((operands.length + 1) * stride) / PAGE });
  const array = (k: number): Floats =>
    bits === 32
      ? new Float32Array(memory.buffer, k * stride, count)
      : new Float64Array(memory.buffer, k * stride, count);
  for (const [k, operand] of operands.entries()) array(k).set(operand);

  const module = new KernelModule(build);
  module.writer.function(
    [],
    [],
    (code) => {
      const at = code.local(Type.i32);
      const writer = new LaneWriter(code, bits, module);
      // Two vectors side by side, as loops have several.
      const vectors = [0, 1];
      const read = operands.map(() =>
        writer.lane(
          vectors.map(() => code.local(Type.v128)),
          "float",
        ),
      );
      const body = (l: LaneWriter) => {
        const given = read.map((lane, k) =>
          kinds[k] === "float" ? lane : l.isNotEqual(lane, l.constant(0)),
        );
        const value = lanes(l, ...given);
        return (value.kind === "mask" ? l.and(l.constant(1), value) : value) as WrittenLane;
      };
      code.for(at, 0, bytes, 16 * vectors.length, () => {
        for (const [k, lane] of read.entries())
          for (const vector of vectors)
            code
              .get(at)
              .memory(M.v128_load, k * stride + 16 * vector)
              .set(lane.locals[vector]!);
        const { locals } = body(writer);
        for (const vector of vectors)
          code
            .get(at)
            .get(locals[locals.length === 1 ? 0 : vector]!)
            .memory(M.v128_store, operands.length * stride + 16 * vector);
      });
    },
    "run",
  );
  module.instantiate(memory).run!();
  return array(operands.length);
}

/** An atom on arrays. */
export const runAtom = (atom: Atom, target: Target, operands: readonly ArrayLike<number>[]): Floats =>
  run(
    lanesOf(atom) as unknown as LaneFunction,
    target,
    operands,
    operands.map((_, k) => {
      const kind = typeof atom.operands === "string" ? atom.operands : atom.operands[k];
      return kind === "bool" ? "mask" : "float";
    }),
  );

const precision = {
  32: { fraction: 23, least: -126, most: 128 },
  64: { fraction: 52, least: -1022, most: 1024 },
};

/**
 * How far a number is from an exact one, in gaps between floats there, or where the scale is; ∞ counts as the power of two
 * after the last.
 */
export function unitsApart(result: number, exact: Real, bits: Bits, scale = exact): number {
  const { fraction, least, most } = precision[bits];
  const limit = Real.of(1n, most);
  const bounded = (x: Real) => (x.abs().compare(limit) > 0 ? (x.sign > 0 ? limit : limit.neg()) : x);
  const value = Number.isFinite(result) ? Real.from(result) : result > 0 ? limit : limit.neg();
  const gap = Math.max(least, Math.min(most - 1, scale.magnitude)) - fraction;
  return bounded(exact).sub(value).abs().scale(-gap).toNumber();
}

/** The same for float32, where the exact value may be given as a float64: that is off by 10⁻⁸ gaps or so. */
export function units32Apart(result: number, exact: number, scale = exact): number {
  const { fraction, least, most } = precision[32];
  const bounded = (x: number) => Math.max(-(2 ** most), Math.min(2 ** most, x));
  const size = Math.abs(bounded(scale));
  const exponent = Math.max(least, Math.min(most - 1, Math.floor(Math.log2(size))));
  return Math.abs(bounded(result) - bounded(exact)) / 2 ** (exponent - fraction);
}

/** Mulberry32: the same numbers in every normal run. */
export function randomNumbers(): () => number {
  let state = trials(1).seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const nearestOf = (bits: Bits, x: number): number => (bits === 32 ? Math.fround(x) : x);

/** Zeros, infinities, NaN, and the ends of the types' ranges. */
export function specialValues(bits: Bits): number[] {
  const { fraction, least, most } = precision[bits];
  const sizes = [
    2 ** (least - fraction),
    2 ** least,
    2 ** -fraction,
    0.5,
    1,
    1 + 2 ** -fraction,
    1.5,
    2,
    3,
    2 ** fraction,
    2 ** fraction - 0.5,
    (2 - 2 ** -fraction) * 2 ** (most - 1),
  ];
  return [0, -0, Infinity, -Infinity, NaN, ...sizes, ...sizes.map((x) => -x)];
}

// Where the functions' formulas change, or their results leave the range; and what Cody and Waite's reduction rounds.
const turningPoints = [
  0.17,
  0.26,
  0.5,
  Math.SQRT1_2,
  2 / 3,
  1,
  4,
  6,
  9.1,
  9.19,
  10.05,
  18,
  19.1,
  26.54,
  27.22,
  38,
  87.33,
  88.72,
  103.28,
  103.97,
  708.39,
  709.78,
  744.44,
  745.13,
  2 ** 20,
  ...[1, 2, 3, 4, 5].flatMap((k) => [(k * Math.LN2) / 2, (k * Math.PI) / 4]),
];

/**
 * Floats of every size and both signs: for each `step`-th exponent of those far from 0 and `dense` for each near it,
 * and the neighbours of turning points.
 */
export function floats(bits: Bits, dense: number, step: number, random: () => number): number[] {
  const { fraction, least, most } = precision[bits];
  const found: number[] = [];
  const start = Math.floor(random() * step);
  for (let exponent = least - fraction; exponent < most; exponent++) {
    const isNear = exponent > -30 && exponent < 12;
    if (!isNear && (exponent - least + fraction + start) % step !== 0) continue;
    for (let i = 0; i < (isNear ? dense : 1); i++) {
      const digits = Math.floor(random() * 2 ** 32) * 2 ** -32 + random() * 2 ** -32;
      const x = nearestOf(bits, (1 + digits) * 2 ** Math.max(exponent, least));
      // Subnormal numbers: the same digits, fewer of them.
      found.push(exponent < least ? nearestOf(bits, x * 2 ** (exponent - least)) : x);
    }
  }
  for (const point of turningPoints) {
    const x = nearestOf(bits, point);
    const gap = 2 ** (Math.floor(Math.log2(x)) - fraction);
    found.push(x - gap, x, x + gap);
  }
  return found.flatMap((x) => [x, -x]);
}

/** Pairs of floats: of any sizes, of similar ones, and both near 0; with either sign, and equal now and then. */
export function floatPairs(bits: Bits, count: number, random: () => number): [number[], number[]] {
  const [first, second]: [number[], number[]] = [[], []];
  const { fraction, least, most } = precision[bits];
  const signed = (x: number) => (random() < 0.5 ? -x : x);
  const ofAnySize = () =>
    (1 + random()) * 2 ** Math.floor(least - fraction + random() * (most - least + fraction));
  for (let i = 0; i < count; i++) {
    const a = i % 3 === 2 ? 8 * random() : ofAnySize();
    const b = [ofAnySize(), a * 2 ** (4 * random() - 2), 8 * random()][i % 3]!;
    first.push(nearestOf(bits, signed(a)));
    second.push(nearestOf(bits, signed(i % 16 === 0 ? a : b)));
  }
  return [first, second];
}
