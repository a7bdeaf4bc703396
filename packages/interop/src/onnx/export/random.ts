// Random numbers: Threefry's words in whole numbers of 64 bits, of which the lower 32 count, so that they are the engine's
// bit for bit.

import type { ProgramStep, StepOf, StepTable } from "@adjoint/autograd";
import { Arithmetic } from "./arithmetic.ts";
import type { Emission, Emitted } from "./emission.ts";
import { fixed, isFixed } from "./sizes.ts";
import { normalQuantile } from "./special.ts";
import type { Element, Writer } from "./writer.ts";

const ROTATIONS = [13, 15, 26, 6, 17, 29, 16, 24];
const PARITY = 0x1bd11bda;
const MASK = 2 ** 32 - 1;

const lower = (e: Arithmetic, x: Element) => e.apply("BitwiseAnd", x, MASK);
const xor = (e: Arithmetic, a: Element, b: Element | number) => e.apply("BitwiseXor", a, b);
const sum = (e: Arithmetic, ...terms: readonly (Element | number)[]) =>
  lower(e, terms.reduce((all, term) => e.add(all, term)) as Element);
const shiftedRight = (e: Arithmetic, x: Element, by: number) => e.div(x, 2 ** by);

/** Two random words, from 0 to 2³² − 1, of two words of key and a counter. */
function threefry(e: Arithmetic, keys: readonly [Element, Element], counter: Element, use: number) {
  const [key0, key1] = keys;
  const schedule = [key0, key1, xor(e, xor(e, key0, key1), PARITY)];
  let a = sum(e, counter, key0);
  let b = sum(e, key1, use);
  for (let round = 0; round < 20; round++) {
    const by = ROTATIONS[round % 8]!;
    a = sum(e, a, b);
    const turned = e.add(lower(e, e.mul(b, 2 ** by)), shiftedRight(e, b, 32 - by));
    b = xor(e, turned, a);
    if (round % 4 === 3) {
      const group = (round + 1) / 4;
      a = sum(e, a, schedule[group % 3]!);
      b = sum(e, b, schedule[(group + 1) % 3]!, group);
    }
  }
  return [a, b] as const;
}

type Random = "randomBits" | "splitKey" | "randomUniform" | "randomNormal";

/** 0, 1, … up to the number of draws. */
function counters(emission: Emission, step: StepOf<Random>): Element {
  const { writer } = emission;
  const [count] = emission.sizes(step, ({ attributes }) => [attributes.count]);
  if (isFixed(count!))
    return writer.constant(
      "int64",
      [count!.plus],
      Array.from({ length: count!.plus }, (_, i) => i),
    );
  const ends = [fixed(0), count!, fixed(1)].map((size) => writer.size(size, "int64").name);
  return writer.add("Range", ends, "int64");
}

/** The words of a draw by a key, or by each of many: [..., 2] → [..., count]. */
function words(emission: Emission, step: StepOf<Random>, use: number) {
  const { writer } = emission;
  const e = new Arithmetic(writer, "int64");
  const key = lower(e, writer.cast(emission.take(step.inputs[0]!), "int64"));
  const part = (at: number) =>
    writer.add("Slice", [key.name, ...[[at], [at + 1], [-1]].map((one) => writer.ints(one))], "int64");
  const [high, low] = threefry(e, [part(0), part(1)], counters(emission, step), use);
  return { e, high, low };
}

/** The highest bits of two words as a fraction of 1, in float64; `half`: in the middle of their interval. */
function fraction(
  writer: Writer,
  { e, high, low }: ReturnType<typeof words>,
  more: number,
  half: number,
  bits: number,
) {
  const top = e.mul(shiftedRight(e, high, more), 2 ** 26);
  const whole = e.add(top, shiftedRight(e, low, 6));
  const wide = new Arithmetic(writer, "float64");
  return wide.mul(wide.add(wide.as(whole), half), 2 ** -bits);
}

const typeOf = (emission: Emission, { outputs }: ProgramStep) => emission.typeOf(outputs[0]!);

export const randomSteps = (emission: Emission): Pick<StepTable<Emitted>, Random> => ({
  randomBits: (step) => emission.writer.cast(words(emission, step, 0).high, "int32"),
  splitKey: (step) => emission.writer.cast(words(emission, step, 1).high, "int32"),
  randomUniform(step) {
    const drawn = words(emission, step, 0);
    if (step.attributes.dtype !== "float32")
      return emission.writer.cast(fraction(emission.writer, drawn, 5, 0, 53), typeOf(emission, step));
    const single = new Arithmetic(emission.writer, "float32");
    return single.mul(single.as(shiftedRight(drawn.e, drawn.high, 8)), 2 ** -24);
  },
  randomNormal(step) {
    const p = fraction(emission.writer, words(emission, step, 0), 6, 0.5, 52);
    const wide = new Arithmetic(emission.writer, "float64");
    return emission.writer.cast(normalQuantile(wide, p), typeOf(emission, step));
  },
});
