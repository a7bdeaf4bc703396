// The length and the direction of a vector in the plane over lanes, in float32 and float64, for every argument; nothing
// here calls JavaScript. Float32 is computed in lanes of 64 bits, in which no square overflows; in float64 numbers
// beyond 2^±500 are scaled by a power of two first.

import type { Lane, Lanes } from "../lanes.ts";

/** Beyond it, and below its inverse, squares may leave the range. */
export const FAR: number = 2 ** 500;
export const SCALE: number = 2 ** 600;

/** A power of two that makes the squares of a and b fit into float64, and its inverse. */
function scaling(l: Lanes, a: Lane, b: Lane): { up: Lane; down: Lane } {
  const larger = l.greater(l.abs(a), l.abs(b));
  const [isHuge, isTiny] = [l.isLess(l.constant(FAR), larger), l.isLess(larger, l.constant(1 / FAR))];
  const choose = (up: number) =>
    l.choose(isHuge, l.constant(1 / up), l.choose(isTiny, l.constant(up), l.constant(1)));
  return { up: choose(SCALE), down: choose(1 / SCALE) };
}

const root = (l: Lanes, a: Lane, b: Lane) => l.sqrt(l.add(l.mul(a, a), l.mul(b, b)));

function quotient(l: Lanes, a: Lane, b: Lane): Lane {
  const length = root(l, a, b);
  return l.andNot(l.div(a, length), l.isEqual(length, l.constant(0)));
}

const isInfinite = (l: Lanes, x: Lane) => l.isEqual(l.abs(x), l.constant(Infinity));

/** √(a² + b²); infinite where an operand is, even beside NaN. */
export function hypot(l: Lanes, a: Lane, b: Lane): Lane {
  let usual: Lane;
  if (l.bits === 32) usual = l.wide((w, a, b) => root(w, a!, b!), a, b);
  else {
    const { up, down } = scaling(l, a, b);
    usual = l.mul(root(l, l.mul(a, up), l.mul(b, up)), down);
  }
  return l.choose(l.or(isInfinite(l, a), isInfinite(l, b)), l.constant(Infinity), usual);
}

/** a/√(a² + b²), and 0 at the origin. Beside infinity a finite number counts as 0, and infinity as 1. */
export function directionCosine(l: Lanes, a: Lane, b: Lane): Lane {
  const isFar = l.or(isInfinite(l, a), isInfinite(l, b));
  const held = (x: Lane) => {
    const one = l.or(l.constant(1), l.and(x, l.constant(-0)));
    return l.choose(isFar, l.choose(isInfinite(l, x), one, l.mul(x, l.constant(0))), x);
  };
  const [x, y] = [held(a), held(b)];
  if (l.bits === 32) return l.wide((w, x, y) => quotient(w, x!, y!), x, y);
  // What scales down multiplies the quotient instead: beside a huge y, x itself would lose its digits.
  const { up } = scaling(l, x, y);
  const length = root(l, l.mul(x, up), l.mul(y, up));
  const one = l.constant(1);
  const scaled = l.mul(l.div(l.mul(x, l.greater(up, one)), length), l.lesser(up, one));
  return l.andNot(scaled, l.isEqual(length, l.constant(0)));
}
