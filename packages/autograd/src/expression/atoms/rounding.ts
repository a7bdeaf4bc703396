// Rounding to whole numbers beside `floor`, and what a division leaves over. As everywhere, the derivative of a step is 0, at the
// jumps too, and a result of 0 has the sign that NumPy gives it.

import type { Expression } from "../expression.ts";
import type { Lane, Lanes } from "../lanes.ts";
import type { Atom } from "./atom.ts";

/** Zero at every whole number. */
const fromWhole = (x: Expression): Expression => x.sub(x.add(0.5).floor());

/** Smallest whole number not below x; −0 from −1 to 0. The derivative is 0, at the jumps too. NumPy's `ceil`. */
export const ceil: Atom<1, "same"> = {
  name: "ceil",
  arity: 1,
  result: "same",
  operands: "number",
  value: Math.ceil,
  lanes: (l, x) => l.ceil(x),
  partials: [() => 0],
  kinks: (x) => [fromWhole(x)],
};

/** x without its fraction; −0 from −1 to 0. The derivative is 0, at the jumps too. NumPy's `trunc`. */
export const trunc: Atom<1, "same"> = {
  name: "trunc",
  arity: 1,
  result: "same",
  operands: "number",
  value: Math.trunc,
  lanes: (l, x) => l.trunc(x),
  partials: [() => 0],
  // At 0 there is no jump.
  kinks: (x) => [x.abs().sub(x.abs().add(0.5).floor().maximum(1))],
};

/**
 * Nearest whole number; of two, the even one: 0.5 → 0, 1.5 → 2. −0 from −½ to 0. The derivative is 0, at the jumps too.
 * NumPy's `round`.
 */
export const round: Atom<1, "same"> = {
  name: "round",
  arity: 1,
  result: "same",
  operands: "number",
  // Math.round rounds ties up.
  value: (x) => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x)),
  lanes: (l, x) => l.nearest(x),
  partials: [() => 0],
  kinks: (x) => [x.sub(x.floor()).sub(0.5)],
};

/** The exact remainder of a division, which JavaScript's has the dividend's sign, moved to the side of the divisor. */
function modulo(a: number, b: number): number {
  const m = a % b;
  if (m === 0) return b < 0 ? -0 : 0;
  return m < 0 !== b < 0 ? m + b : m;
}

/** The upper 26 digits of a float64. */
const UPPER_DIGITS = ~((1n << 27n) - 1n);
/** Quotients below this have products with either half of a divisor that are exact. */
const LARGEST_QUOTIENT = 2 ** 24;
const LARGEST_OPERAND = 2 ** 1000;

/** In lanes of 64 bits: the value, bit for bit. */
function moduloOfLanes(l: Lanes, a: Lane, b: Lane): Lane {
  const zero = l.constant(0);
  const quotient = l.div(a, b);
  const n = l.nearest(quotient);
  const high = l.asFloat(l.and(l.asInt(b), l.pattern(UPPER_DIGITS)));
  // The distance of a from the nearest multiple of b: each of these four is exact.
  const rest = l.sub(l.sub(a, l.mul(n, high)), l.mul(n, l.sub(b, high)));
  const isBelow = l.isLess(b, zero);
  const moved = l.choose(l.xor(l.isLess(rest, zero), isBelow), l.add(rest, b), rest);
  const usual = l.choose(l.isEqual(rest, zero), l.and(b, l.constant(-0)), moved);
  const isUsual = l.and(
    l.isLess(l.abs(quotient), l.constant(LARGEST_QUOTIENT)),
    l.isLess(l.greater(l.abs(a), l.abs(b)), l.constant(LARGEST_OPERAND)),
  );
  return l.exceptWhere(l.not(isUsual), usual, modulo, a, b);
}

/**
 * What a division leaves over, a − b·⌊a/b⌋, exactly and with the divisor's sign: −1 mod 3 is 2. NaN for b = 0, 0 on int32.
 * An infinite b leaves an a of its sign as it is. The derivatives are 1 and −⌊a/b⌋, at the jumps too. NumPy's `mod`.
 */
export const mod: Atom<2, "same"> = {
  name: "mod",
  arity: 2,
  result: "same",
  operands: "number",
  value: modulo,
  lanes: (l, a, b) => l.wide((wide, a, b) => moduloOfLanes(wide, a!, b!), a, b),
  // ⌊a/b⌋ by the result, since a/b may be rounded up to a whole number.
  partials: [() => 1, (a, b, y) => y.sub(a).div(b).round()],
  kinks: (a, b) => {
    const n = a.div(b).round();
    // As far from a jump as a is from a multiple of b; a large multiple moves faster than b does.
    return [b, a.sub(b.mul(n)).div(n.abs().add(1))];
  },
};
