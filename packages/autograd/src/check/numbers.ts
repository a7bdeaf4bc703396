// Numbers that tensors are filled with: small round ones, special ones, repeated ones and general ones; and which of two
// numbers is simpler to read.

import type { Dice } from "./dice.ts";

/** The interval in which numbers may lie; the ends count as outside. */
export interface Between {
  readonly from: number;
  readonly to: number;
}

export const anywhere: Between = { from: -Infinity, to: Infinity };

export const isWithin = (x: number, { from, to }: Between): boolean => x > from && x < to;

const special = [0, 0, 0, 1, -1, 0.5, 2, -0, 1e-8, -1e-3, 10];

const manners: readonly ((dice: Dice) => number)[] = [
  (dice) => dice.from(-4, 4) / 2,
  (dice) => 4 * dice.fraction() - 2,
  (dice) => (dice.chance(0.4) ? dice.pick(special) : 4 * dice.fraction() - 2),
];

/** So many numbers within an interval, in one manner: round with ties, general, or general with special ones among them. */
export function drawNumbers(dice: Dice, count: number, within: Between = anywhere): number[] {
  const manner = dice.pick(manners);
  const numbers: number[] = [];
  for (let i = 0; i < count; i++) {
    const repeats = i > 0 && dice.chance(0.1);
    numbers.push(repeats ? dice.pick(numbers) : moveWithin(manner(dice), within));
  }
  return numbers;
}

/** The number itself where it lies within; otherwise one that does. */
export function moveWithin(x: number, { from, to }: Between): number {
  if (isWithin(x, { from, to })) return x;
  if (from > -Infinity && to < Infinity) return from + (to - from) * (0.5 + Math.atan(x) / Math.PI);
  return from > -Infinity ? from + 0.25 + Math.abs(x) : to - 0.25 - Math.abs(x);
}

const nice = [0, 1, 2, -1, 0.5, 3, -2, -0.5];

/** How hard a number is to read; shrinking only ever lowers this. */
export function complexity(x: number): number {
  const rank = Object.is(x, -0) ? -1 : nice.indexOf(x);
  if (rank >= 0) return rank;
  if (Number.isInteger(x)) return 8 + Math.min(8, Math.log2(Math.abs(x) + 1));
  if (Number.isInteger(4 * x)) return 18 + Math.min(8, Math.log2(Math.abs(4 * x)));
  return 30 + String(x).length;
}

/** Simpler numbers to try in place of one, the simplest first. */
export function nicer(x: number): number[] {
  const rounded = [Math.round(x), Math.round(4 * x) / 4, Number(x.toPrecision(2)), Number(x.toPrecision(5))];
  const worth = complexity(x);
  return [...new Set([...nice, ...rounded.map((each) => each + 0)])].filter(
    (each) => complexity(each) < worth,
  );
}
