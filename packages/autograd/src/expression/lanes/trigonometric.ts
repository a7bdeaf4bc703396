// Sine, cosine and tangent over lanes. Angles up to 2²⁰ are computed here; beyond, and at infinity, JavaScript is asked.
//
// x = n·π/2 + r with |r| ≤ π/4, n·π/2 being taken off in parts of π/2 so short that the products are exact (Cody and
// Waite, 1980). Float32 is computed in lanes of 64 bits, where that takes two parts and short polynomials; in float64
// it takes four, and r comes as a sum. The parts and the polynomials of float64 are fdlibm's (Sun, 1993), e_rem_pio2.c,
// k_sin.c and k_cos.c; those for float32 are FreeBSD's (Schultz, 2005), k_sinf.c and k_cosf.c.

import type { Lane, Lanes } from "../lanes.ts";
import { polynomial } from "./polynomial.ts";

/** The largest angle computed here. n is below 2²⁰, and each part of π/2 but the last has 33 bits. */
const LIMIT = 2 ** 20;
/** What is added to it is rounded to a whole number, which its last bits then hold. */
const ROUNDER = 1.5 * 2 ** 52;
const PARTS = [1.57079632673412561417, 6.0771005063039659766e-11, 2.0222662487111664558e-21] as const;
/** What the first part leaves of π/2, and what all three leave. */
const AFTER_FIRST = 6.07710050650619224932e-11;
const AFTER_LAST = 8.47842766036889956997e-32;

const forFloat32 = {
  sine: [
    -0.166666666416265235595, 0.0083333293858894631756, -0.000198393348360966317347, 2.7183114939898219064e-6,
  ],
  cosine: [
    -0.49999999725103100312, 0.0416666233237390631894, -0.00138867637746099294692, 2.43904487962774090654e-5,
  ],
};
const forFloat64 = {
  sine: [
    -1.66666666666666324348e-1, 8.33333333332248946124e-3, -1.98412698298579493134e-4,
    2.75573137070700676789e-6, -2.50507602534068634195e-8, 1.58969099521155010221e-10,
  ],
  cosine: [
    4.16666666666666019037e-2, -1.38888888888741095749e-3, 2.48015872894767294178e-5,
    -2.75573143513906633035e-7, 2.0875723212981748279e-9, -1.13596475577881948265e-11,
  ],
};

/** A number as the exact sum of a leading part and a part that is small beside it. */
type Sum = readonly [lead: Lane, rest: Lane];

/** An angle |x|: n, in the low bits of `turns`, and sine and cosine of r. */
interface Turned {
  readonly turns: Lane;
  readonly sine: Sum;
  readonly cosine: Sum;
}

/** Knuth's TwoSum for a − b: the rounded difference, and what rounding took away. */
function twoDifference(l: Lanes, a: Lane, b: Lane): Sum {
  const difference = l.sub(a, b);
  const back = l.sub(difference, a);
  return [difference, l.sub(l.sub(a, l.sub(difference, back)), l.add(b, back))];
}

function turn(l: Lanes, size: Lane): { turns: Lane; n: Lane; left: Lane } {
  const sum = l.madd(size, l.constant(2 / Math.PI), l.constant(ROUNDER));
  const n = l.sub(sum, l.constant(ROUNDER));
  return { turns: l.asInt(sum), n, left: l.sub(size, l.mul(n, l.constant(PARTS[0]))) };
}

/** To the precision of float32, in lanes of 64 bits. */
function turnedShort(l: Lanes, size: Lane): Turned {
  const { turns, n, left } = turn(l, size);
  const r = l.sub(left, l.mul(n, l.constant(AFTER_FIRST)));
  const z = l.mul(r, r);
  const { sine, cosine } = forFloat32;
  return {
    turns,
    sine: [r, l.mul(l.mul(r, z), polynomial(l, z, sine))],
    cosine: [l.constant(1), l.mul(z, polynomial(l, z, cosine))],
  };
}

function turned(l: Lanes, size: Lane): Turned {
  const { turns, n, left } = turn(l, size);
  const [second, error2] = twoDifference(l, left, l.mul(n, l.constant(PARTS[1])));
  const [third, error3] = twoDifference(l, second, l.mul(n, l.constant(PARTS[2])));
  const small = l.sub(l.add(error2, error3), l.mul(n, l.constant(AFTER_LAST)));
  const r = l.add(third, small);
  const tail = l.add(l.sub(third, r), small);

  const z = l.mul(r, r);
  const half = l.mul(z, l.constant(0.5));
  const cube = l.mul(z, r);
  const [first, ...others] = forFloat64.sine;
  // r³·(S₁ + z·S) + tail·(1 − z/2), and likewise −tail·r for the cosine.
  const inner = l.sub(l.mul(l.constant(0.5), tail), l.mul(cube, polynomial(l, z, others)));
  const sineRest = l.sub(l.mul(cube, l.constant(first!)), l.sub(l.mul(z, inner), tail));
  const lead = l.sub(l.constant(1), half);
  const lost = l.sub(l.sub(l.constant(1), lead), half);
  const quartic = l.mul(l.mul(z, z), polynomial(l, z, forFloat64.cosine));
  return { turns, sine: [r, sineRest], cosine: [lead, l.add(lost, l.sub(quartic, l.mul(r, tail)))] };
}

/** Where n is odd. */
function isOdd(l: Lanes, turns: Lane): Lane {
  return l.isNotEqual(l.and(turns, l.pattern(1n)), l.pattern(0n));
}

/** Computes in lanes of 64 bits, in the form for the type; calls JavaScript beyond the limit. */
function circular(
  l: Lanes,
  x: Lane,
  value: (x: number) => number,
  compute: (l: Lanes, x: Lane, parts: Turned) => Lane,
): Lane {
  const usual =
    l.bits === 32
      ? l.wide((w, a) => compute(w, a!, turnedShort(w, w.abs(a!))), x)
      : compute(l, x, turned(l, l.abs(x)));
  return l.exceptWhere(l.isLess(l.constant(LIMIT), l.abs(x)), usual, value, x);
}

/** sin x. */
export function sin(l: Lanes, x: Lane): Lane {
  return circular(l, x, Math.sin, (w, a, { turns, sine, cosine }) => {
    const size = w.choose(isOdd(w, turns), w.add(...cosine), w.add(...sine));
    // Negative in the third and fourth quarter, and with x.
    const sign = w.xor(a, w.asFloat(w.shiftLeft(turns, 62)));
    return w.xor(size, w.and(sign, w.constant(-0)));
  });
}

/** cos x. */
export function cos(l: Lanes, x: Lane): Lane {
  return circular(l, x, Math.cos, (w, _a, { turns, sine, cosine }) => {
    const size = w.choose(isOdd(w, turns), w.add(...sine), w.add(...cosine));
    // Negative in the second and third quarter.
    const sign = w.asFloat(w.shiftLeft(w.intAdd(turns, w.pattern(1n)), 62));
    return w.xor(size, w.and(sign, w.constant(-0)));
  });
}

/** tan x: sine by cosine, or −cosine by sine where n is odd. */
export function tan(l: Lanes, x: Lane): Lane {
  return circular(l, x, Math.tan, (w, a, { turns, sine, cosine }) => {
    const odd = isOdd(w, turns);
    const [s, c] = [w.add(...sine), w.add(...cosine)];
    const [above, below] = [w.choose(odd, c, s), w.choose(odd, s, c)];
    let size = w.div(above, below);
    if (l.bits === 64) {
      // What rounding sine and cosine took away.
      const lost = (sum: Sum, rounded: Lane) => w.add(w.sub(sum[0], rounded), sum[1]);
      const [lostSine, lostCosine] = [lost(sine, s), lost(cosine, c)];
      const lostAbove = w.choose(odd, lostCosine, lostSine);
      const lostBelow = w.choose(odd, lostSine, lostCosine);
      size = w.add(size, w.div(w.sub(lostAbove, w.mul(size, lostBelow)), below));
    }
    const sign = w.xor(a, w.asFloat(w.shiftLeft(turns, 63)));
    return w.xor(size, w.and(sign, w.constant(-0)));
  });
}
