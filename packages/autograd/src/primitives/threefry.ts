// Random words as a pure function of a key and a counter, and numbers made of them: as atoms, so that kernels compute
// them as they compute everything, bit for bit the same.

import type { Atom } from "../expression/atoms/atom.ts";
import type { Lane, Lanes } from "../expression/lanes.ts";

const rotations = [13, 15, 26, 6, 17, 29, 16, 24];
const parity = 0x1bd11bda;
const block = new Int32Array(2);

/**
 * Threefry-2x32 with 20 rounds: two random words from two words of key and two of counter. They are valid until the next call.
 * Salmon, Moraes, Dror & Shaw (2011), "Parallel random numbers: as easy as 1, 2, 3".
 */
export function threefry(key0: number, key1: number, counter0: number, counter1: number): ArrayLike<number> {
  const schedule = [key0, key1, key0 ^ key1 ^ parity];
  let a = (counter0 + key0) | 0;
  let b = (counter1 + key1) | 0;
  for (let round = 0; round < 20; round++) {
    const by = rotations[round % 8]!;
    a = (a + b) | 0;
    b = ((b << by) | (b >>> (32 - by))) ^ a;
    if (round % 4 === 3) {
      const group = (round + 1) / 4;
      a = (a + schedule[group % 3]!) | 0;
      b = (b + schedule[(group + 1) % 3]! + group) | 0;
    }
  }
  block[0] = a;
  block[1] = b;
  return block;
}

// Draws and splits of one key use different counters, so that they never share a word.
const forDraws = 0;
const forSplits = 1;

/** What is drawn at a counter: a float64, as atoms have it, so that kernels compute it as they compute everything. */
export type Drawing = Atom<3>;

/** `next` makes a number of two random words. */
function drawing(
  name: string,
  use: number,
  next: (high: number, low: number) => number,
  lanes: (lanes: Lanes, high: Lane, low: Lane) => Lane,
): Drawing {
  return {
    name,
    arity: 3,
    result: "same",
    operands: "float",
    value(key0, key1, counter) {
      threefry(key0, key1, counter, use);
      return next(block[0]!, block[1]!);
    },
    lanes: (each, ...words) => lanes(each, ...threefryLanes(each, words, use)),
    partials: [() => 0, () => 0, () => 0],
  };
}

/** The same words as `threefry` gives, in lanes of 64 bits: the bits above the lower 32 don't influence those. */
function threefryLanes(lanes: Lanes, words: readonly Lane[], use: number): [high: Lane, low: Lane] {
  const mask = lanes.pattern(0xffff_ffffn);
  const [key0, key1, counter] = words.map((word) => lanes.and(lanes.toInt(word), mask)) as [Lane, Lane, Lane];
  const schedule = [key0, key1, lanes.xor(lanes.xor(key0, key1), lanes.pattern(BigInt(parity)))];
  let a = lanes.intAdd(counter, key0);
  let b = lanes.intAdd(lanes.pattern(BigInt(use)), key1);
  for (let round = 0; round < 20; round++) {
    const by = rotations[round % 8]!;
    a = lanes.intAdd(a, b);
    const [left, right] = [lanes.shiftLeft(b, by), lanes.shiftRightUnsigned(lanes.and(b, mask), 32 - by)];
    b = lanes.xor(lanes.or(left, right), a);
    if (round % 4 === 3) {
      const group = (round + 1) / 4;
      a = lanes.intAdd(a, schedule[group % 3]!);
      b = lanes.intAdd(lanes.intAdd(b, schedule[(group + 1) % 3]!), lanes.pattern(BigInt(group)));
    }
  }
  return [lanes.and(a, mask), lanes.and(b, mask)];
}

const wordFor = (name: string, use: number) =>
  drawing(
    name,
    use,
    (high) => high,
    // The lower half of a lane is converted, as a signed number.
    (lanes, high) => lanes.toFloat(high),
  );

/** A random word, as int32 has it. */
export const word: Drawing = wordFor("randomWord", forDraws);
/** A random word that no draw by the same key has. */
export const splitWord: Drawing = wordFor("splitWord", forSplits);

/** 2 to the power of −bits, times the word's first 53 bits or fewer. */
const fractionLanes = (lanes: Lanes, high: Lane, low: Lane, more: number, half: number, bits: number) => {
  const top = lanes.toFloat(lanes.shiftRightUnsigned(high, more));
  const rest = lanes.toFloat(lanes.shiftRightUnsigned(low, 6));
  const whole = lanes.add(lanes.mul(top, lanes.constant(2 ** 26)), rest);
  return lanes.mul(half === 0 ? whole : lanes.add(whole, lanes.constant(half)), lanes.constant(2 ** -bits));
};

// 24 and 53 random bits: as many as the types resolve evenly.
export const fraction24: Drawing = drawing(
  "random24",
  forDraws,
  (high) => (high >>> 8) * 2 ** -24,
  (lanes, high) => lanes.mul(lanes.toFloat(lanes.shiftRightUnsigned(high, 8)), lanes.constant(2 ** -24)),
);
export const fraction53: Drawing = drawing(
  "random53",
  forDraws,
  (high, low) => ((high >>> 5) * 2 ** 26 + (low >>> 6)) * 2 ** -53,
  (lanes, high, low) => fractionLanes(lanes, high, low, 5, 0, 53),
);
// In the middle of each of 2⁵² equal intervals, so that neither 0 nor 1 occurs.
export const middle52: Drawing = drawing(
  "random52",
  forDraws,
  (high, low) => ((high >>> 6) * 2 ** 26 + (low >>> 6) + 0.5) * 2 ** -52,
  (lanes, high, low) => fractionLanes(lanes, high, low, 6, 0.5, 52),
);
