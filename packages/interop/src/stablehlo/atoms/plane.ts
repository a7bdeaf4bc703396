// Lengths and directions in the plane, interpolation, and what divisions leave over.

import type { Operand } from "../operand.ts";
import type { Elements } from "./elements.ts";

/** Beyond FAR squares might leave the range; SCALE brings numbers back. */
const limits = { f32: { far: 2 ** 60, scale: 2 ** 80 }, f64: { far: 2 ** 500, scale: 2 ** 600 } } as const;

/** The root of the sum of the squares of a and b times a power of two, that power, and its inverse. */
function scaled(e: Elements, a: Operand, b: Operand) {
  const { far, scale } = limits[e.type === "f32" ? "f32" : "f64"];
  const larger = e.max(e.abs(a), e.abs(b));
  const isLarge = e.greater(larger, far);
  const isSmall = e.less(larger, 1 / far);
  const choice = (large: number, small: number) =>
    e.select(isLarge, large, e.select(isSmall, small, e.emit.like(1, a)));
  const up = choice(1 / scale, scale);
  const [x, y] = [e.mul(a, up), e.mul(b, up)];
  const root = e.sqrt(e.add(e.mul(x, x), e.mul(y, y)));
  return { root, up, down: choice(scale, 1 / scale) };
}

/** √(a² + b²); infinite where an operand is, even beside NaN. */
export function hypot(e: Elements, a: Operand, b: Operand): Operand {
  const { root, down } = scaled(e, a, b);
  return e.select(e.or(e.isInfinite(a), e.isInfinite(b)), Infinity, e.mul(root, down));
}

/** a/√(a² + b²); 0 at the origin. Beside infinity a finite number counts as 0, and infinity as 1. */
export function directionCosine(e: Elements, a: Operand, b: Operand): Operand {
  const isFar = e.or(e.isInfinite(a), e.isInfinite(b));
  const held = (x: Operand) => {
    const far = e.select(e.isInfinite(x), e.emit.unary("sign", x), e.div(x, Infinity));
    return e.select(isFar, far, x);
  };
  const [p, q] = [held(a), held(b)];
  const { root, up } = scaled(e, p, q);
  // What scales down multiplies the quotient: beside a huge b, a itself would lose its digits.
  const quotient = e.div(e.mul(p, e.max(up, 1)), root);
  return e.select(e.equal(root, 0), 0, e.mul(quotient, e.min(up, 1)));
}

/** a + t·(b − a) from the nearer end, in float64. */
export const lerp = (elements: Elements, ...operands: [Operand, Operand, Operand]): Operand =>
  elements.wide(
    (e, a, b, t) => {
      const isFirst = e.less(t!, 0.5);
      const way = e.select(isFirst, t!, e.sub(1, t!));
      const [near, far] = [e.select(isFirst, a!, b!), e.select(isFirst, b!, a!)];
      return e.add(near, e.sub(e.mul(far, way), e.mul(near, way)));
    },
    ...operands,
  );

/** a − b·⌊a/b⌋ with the divisor's sign: NaN for b = 0, 0 on whole numbers. */
export function mod(e: Elements, a: Operand, b: Operand): Operand {
  const isNone = e.equal(b, 0);
  const divisor = e.isFloat ? b : e.select(isNone, 1, b);
  const rest = e.emit.binary("remainder", a, divisor);
  const isBelow = e.less(b, 0);
  const isAcross = e.emit.compare("NE", e.less(rest, 0), isBelow);
  const moved = e.select(isAcross, e.add(rest, divisor), rest);
  const zero = e.isFloat ? e.select(isBelow, -0, e.emit.like(0, rest)) : e.emit.like(0, rest);
  return e.select(e.equal(rest, 0), zero, moved);
}

/** x without its fraction, which keeps the sign of zero. */
export const trunc = (e: Elements, x: Operand): Operand =>
  e.select(e.less(x, 0), e.emit.unary("ceil", x), e.floor(x));
