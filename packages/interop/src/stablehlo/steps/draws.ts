// Random draws: Threefry-2x32 with 20 rounds on unsigned words, as in Adjoint, and numbers made of its bits.

import type { StepOf, StepTable } from "@adjoint/autograd";
import { Elements } from "../atoms/elements.ts";
import { normalQuantile } from "../atoms/normal.ts";
import type { Context, Results } from "../context.ts";
import type { Operand } from "../operand.ts";
import { elementTypeOf } from "../types.ts";

type Name = "randomBits" | "randomNormal" | "randomUniform" | "splitKey";
type Drawing = StepOf<Name>;

const rotations = [13, 15, 26, 6, 17, 29, 16, 24];
const parity = 0x1bd11bdan;
/** Draws and splits of one key use different counters. */
const forDraws = 0n;
const forSplits = 1n;

export function draws({ emit, of }: Context): Pick<StepTable<Results>, Name> {
  const add = (a: Operand, b: Operand) => emit.binary("add", a, b);
  const xor = (a: Operand, b: Operand) => emit.binary("xor", a, b);
  const word = (pattern: bigint, { shape }: Operand) => emit.bits(pattern, "ui32", shape);

  /** Two words for each place, by the key or by each of many. */
  function words({ inputs: [value], attributes: { count } }: Drawing, use: bigint) {
    const keys = of(value!);
    const last = keys.shape.length - 1;
    const shape = keys.shape.with(last, count);
    const [key0, key1] = [0, 1].map((place) => {
      const starts = keys.shape.map((_, axis) => (axis === last ? place : 0));
      const half = emit.bitcast(emit.slice(keys, starts, keys.shape.with(last, 1)), "ui32");
      return emit.spread(half, shape);
    }) as [Operand, Operand];
    const schedule = [key0, key1, xor(xor(key0, key1), word(parity, key0))];
    let a = add(emit.iota(last, "ui32", shape), key0);
    let b = add(word(use, key0), key1);
    for (let round = 0; round < 20; round++) {
      const by = rotations[round % 8]!;
      a = add(a, b);
      const left = emit.binary("shift_left", b, word(BigInt(by), b));
      const right = emit.binary("shift_right_logical", b, word(BigInt(32 - by), b));
      b = xor(emit.binary("or", left, right), a);
      if (round % 4 === 3) {
        const group = (round + 1) / 4;
        a = add(a, schedule[group % 3]!);
        b = add(add(b, schedule[(group + 1) % 3]!), word(BigInt(group), b));
      }
    }
    return [a, b] as const;
  }

  const asType = (x: Operand, { attributes: { dtype } }: Drawing) => emit.convert(x, elementTypeOf(dtype));
  /** A word's highest bits. */
  const top = (x: Operand, bits: number) => emit.binary("shift_right_logical", x, word(BigInt(32 - bits), x));
  /** So many of the highest bits of the two words, as a whole number, which a float64 holds. */
  function whole([high, low]: readonly [Operand, Operand], bitsOfHigh: number): Operand {
    const above = emit.convert(top(high, bitsOfHigh), "f64");
    const below = emit.convert(top(low, 26), "f64");
    return add(emit.binary("multiply", above, emit.like(2 ** 26, above)), below);
  }
  const scaled = (x: Operand, by: number) => emit.binary("multiply", x, emit.like(by, x));

  return {
    randomBits: (step) => [asType(emit.bitcast(words(step, forDraws)[0], "i32"), step)],
    splitKey: (step) => [asType(emit.bitcast(words(step, forSplits)[0], "i32"), step)],
    randomUniform(step) {
      const drawn = words(step, forDraws);
      if (step.attributes.dtype !== "float32") return [asType(scaled(whole(drawn, 27), 2 ** -53), step)];
      return [scaled(emit.convert(top(drawn[0], 24), "f32"), 2 ** -24)];
    },
    randomNormal(step) {
      const middle = add(whole(words(step, forDraws), 26), emit.constant(0.5, "f64", step.outputs[0]!.shape));
      const drawn = normalQuantile(new Elements(emit, "f64"), scaled(middle, 2 ** -52));
      return [asType(drawn, step)];
    },
  };
}
