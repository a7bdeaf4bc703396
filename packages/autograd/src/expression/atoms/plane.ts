// The length and the direction of a vector in the plane. Squares are never formed of numbers whose squares leave the range,
// and every derivative is a product of direction cosines by a power of the length, in which nothing cancels.

import type { Expression } from "../expression.ts";
import * as plane from "../lanes/plane.ts";
import type { Atom } from "./atom.ts";

/** The root of the sum of the squares of a and b, times a power of two, and that power's inverse. */
function scaled(a: number, b: number): { root: number; down: number } {
  const larger = Math.max(Math.abs(a), Math.abs(b));
  const up = larger > plane.FAR ? 1 / plane.SCALE : larger < 1 / plane.FAR ? plane.SCALE : 1;
  const [x, y] = [a * up, b * up];
  return { root: Math.sqrt(x * x + y * y), down: 1 / up };
}

const isFar = (a: number, b: number) => Math.abs(a) === Infinity || Math.abs(b) === Infinity;

/** Zero at the origin alone; along an axis, where the length is |a|, it changes its sign there. */
const origin = (a: Expression, b: Expression) => b.equal(0).select(a, a.equal(0).select(b, a.hypot(b)));

function cosineOf(a: number, b: number): number {
  const { root, down } = scaled(a, b);
  // What scales down multiplies the quotient instead: beside a huge b, a itself would lose its digits.
  return root === 0 ? 0 : ((a * Math.max(1 / down, 1)) / root) * Math.min(1 / down, 1);
}

/** Beside infinity a finite number counts as 0, and infinity as 1. */
const held = (x: number) => (Math.abs(x) === Infinity ? Math.sign(x) : x / Infinity);

/**
 * a/√(a² + b²), the cosine of the angle between (a, b) and the first axis; 0 at the origin. An atom of its own, since the
 * curvature of the length, 1/r − a²/r³, cancels where b is small; by cosines it is (b/r)²/r.
 */
export const directionCosine: Atom<2, "same"> = {
  name: "directionCosine",
  arity: 2,
  result: "same",
  operands: "float",
  value: (a, b) => (isFar(a, b) ? cosineOf(held(a), held(b)) : cosineOf(a, b)),
  partials: [
    (a, b) => overLength(a, b, b.applied(directionCosine, a).square()),
    (a, b, y) => overLength(a, b, y.mul(b.applied(directionCosine, a)).neg()),
  ],
  kinks: (a, b) => [origin(a, b)],
};

/** x/√(a² + b²), and 0 at the origin. */
const overLength = (a: Expression, b: Expression, x: Expression): Expression => {
  const length = a.hypot(b);
  return length.equal(0).select(0, x.div(length));
};

/**
 * Length √(a² + b²) of the vector (a, b), which neither overflows nor underflows on the way; infinite where an operand is, even
 * beside NaN, as NumPy's `hypot`. Both derivatives are 0 at the origin.
 */
export const hypot: Atom<2, "same"> = {
  name: "hypot",
  arity: 2,
  result: "same",
  operands: "float",
  value: (a, b) => {
    if (isFar(a, b)) return Infinity;
    const { root, down } = scaled(a, b);
    return root * down;
  },
  partials: [(a, b) => a.applied(directionCosine, b), (a, b) => b.applied(directionCosine, a)],
  kinks: (a, b) => [origin(a, b)],
  commutative: true,
};

/**
 * Angle of the point (x, y), `y.atan2(x)`, in radians, from −π to π: the arctangent of y/x in the quadrant of the
 * point, as NumPy's `arctan2`. The signs of zeros say on which side of an axis a point lies: it is π above the negative
 * half of the first axis and −π below. Both derivatives are 0 at the origin.
 */
export const atan2: Atom<2, "same"> = {
  name: "atan2",
  arity: 2,
  result: "same",
  operands: "float",
  value: Math.atan2,
  partials: [
    (y, x) => overLength(y, x, x.applied(directionCosine, y)),
    (y, x) => overLength(y, x, y.applied(directionCosine, x).neg()),
  ],
  // Zero at the origin and where it jumps, for x below 0.
  kinks: (y, x) => [x.less(0).select(y, y.hypot(x))],
};
