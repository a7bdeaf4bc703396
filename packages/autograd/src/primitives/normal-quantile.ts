// The quantile function of the standard normal distribution, by arithmetic alone, so that it is the same everywhere: as numbers,
// and in lanes with the same steps in the same order.

import type { Atom } from "../expression/atoms/atom.ts";
import type { Lane, Lanes } from "../expression/lanes.ts";
import { naturalLog, naturalLogLanes } from "./portable-log.ts";

function rational(x: number, p: readonly number[], q: readonly number[]): number {
  let [top, bottom] = [0, 0];
  for (let i = p.length - 1; i >= 0; i--) {
    top = top * x + p[i]!;
    bottom = bottom * x + q[i]!;
  }
  return top / bottom;
}

// Wichura (1988), Algorithm AS 241, PPND16: relative accuracy about 1e-16.
const central = {
  p: [
    3.387132872796366608, 133.14166789178437745, 1971.5909503065514427, 13731.693765509461125,
    45921.953931549871457, 67265.770927008700853, 33430.575583588128105, 2509.0809287301226727,
  ],
  q: [
    1, 42.313330701600911252, 687.1870074920579083, 5394.1960214247511077, 21213.794301586595867,
    39307.89580009271061, 28729.085735721942674, 5226.495278852854561,
  ],
};
const outer = {
  p: [
    1.42343711074968357734, 4.6303378461565452959, 5.7694972214606914055, 3.64784832476320460504,
    1.27045825245236838258, 0.24178072517745061177, 0.0227238449892691845833, 7.7454501427834140764e-4,
  ],
  q: [
    1, 2.05319162663775882187, 1.6763848301838038494, 0.68976733498510000455, 0.14810397642748007459,
    0.0151986665636164571966, 5.475938084995344946e-4, 1.05075007164441684324e-9,
  ],
};
const far = {
  p: [
    6.6579046435011037772, 5.4637849111641143699, 1.7848265399172913358, 0.29656057182850489123,
    0.026532189526576123093, 0.0012426609473880784386, 2.71155556874348757815e-5, 2.01033439929228813265e-7,
  ],
  q: [
    1, 0.59983220655588793769, 0.13692988092273580531, 0.0148753612908506148525, 7.868691311456132591e-4,
    1.8463183175100546818e-5, 1.4215117583164458887e-7, 2.04426310338993978564e-15,
  ],
};

/** The same, in lanes, where division, square root and sums of products are rounded in the same way. */
function rationalLanes(lanes: Lanes, x: Lane, p: readonly number[], q: readonly number[]): Lane {
  const sum = (coefficients: readonly number[]) =>
    coefficients
      .map((coefficient) => lanes.constant(coefficient))
      .reduceRight((above, coefficient) => lanes.add(lanes.mul(above, x), coefficient));
  return lanes.div(sum(p), sum(q));
}

/** The x below which a standard normal falls with probability p; NaN where p is no probability. */
export function normalQuantile(p: number): number {
  if (!(p > 0 && p < 1)) return p === 0 ? -Infinity : p === 1 ? Infinity : NaN;
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) return q * rational(0.180625 - q * q, central.p, central.q);
  const r = Math.sqrt(-naturalLog(q < 0 ? p : 1 - p));
  const x = r <= 5 ? rational(r - 1.6, outer.p, outer.q) : rational(r - 5, far.p, far.q);
  return q < 0 ? -x : x;
}

/** The probability that a standard normal is at most x: where the quantile function, which rises, passes x. By its arithmetic alone. */
export function probabilityBelow(x: number): number {
  if (x > 0) return 1 - probabilityBelow(-x);
  // Positive floats are ordered as their bits are, so that 63 halvings find the place, however small it is.
  const bits = new BigInt64Array(1);
  const p = new Float64Array(bits.buffer);
  p[0] = 0.5;
  if (normalQuantile(p[0]) <= x) return p[0];
  let [below, above] = [0n, bits[0]!];
  while (above - below > 1n) {
    const half = (below + above) >> 1n;
    bits[0] = half;
    if (normalQuantile(p[0]!) <= x) below = half;
    else above = half;
  }
  bits[0] = below;
  return p[0]!;
}

/** The same as normalQuantile, in lanes of 64 bits, bit for bit. */
function quantileLanes(lanes: Lanes, p: Lane): Lane {
  const [zero, half] = [lanes.constant(0), lanes.constant(0.5)];
  const q = lanes.sub(p, half);
  const isBelow = lanes.isLess(q, zero);
  const near = lanes.sub(lanes.constant(0.180625), lanes.mul(q, q));
  const inside = lanes.mul(q, rationalLanes(lanes, near, central.p, central.q));
  const log = naturalLogLanes(lanes, lanes.choose(isBelow, p, lanes.sub(lanes.constant(1), p)));
  const r = lanes.sqrt(lanes.neg(log));
  const tail = rationalLanes(lanes, lanes.sub(r, lanes.constant(1.6)), outer.p, outer.q);
  const outside = lanes.choose(isBelow, lanes.neg(tail), tail);
  const isInside = lanes.isLessEqual(lanes.abs(q), lanes.constant(0.425));
  // One draw in 10¹¹ lies in the far tails.
  const isFar = lanes.andNot(lanes.isLess(lanes.constant(5), r), isInside);
  return lanes.exceptWhere(isFar, lanes.choose(isInside, inside, outside), normalQuantile, p);
}

/** The same as an atom, computed in float64. */
export const quantile: Atom<1, "same"> = {
  name: "normalQuantile",
  arity: 1,
  result: "same",
  operands: "float",
  value: normalQuantile,
  lanes: (lanes, p) => lanes.wide(quantileLanes, p),
  // The derivative of a draw with respect to its bits is zero.
  partials: [() => 0],
};
