// Functions that ONNX has no operator for, or onnxruntime no float64 kernel, out of operators that both have: logarithms and
// exponentials that don't cancel, inverse circular functions, the error function and its relatives, the normal quantile.

import { central, outer, outermost, type Ratio } from "../../formulas/normal-quantile.ts";
import type { Arithmetic, Term } from "./arithmetic.ts";
import type { Element } from "./writer.ts";

/** log(1 + x). What adding 1 rounds off is made up for by the quotient. Goldberg (1991), theorem 4. */
export function log1p(e: Arithmetic, x: Term): Element {
  const u = e.add(x, 1);
  const log = e.log(u);
  const usual = e.mul(log, e.div(x, e.sub(u, 1)));
  return e.where(e.equal(u, 1), x, e.where(e.isInfinite(u), log, usual));
}

/** exp(x) − 1, by the same idea. Higham (2002), "Accuracy and stability of numerical algorithms", section 1.14.1. */
export function expm1(e: Arithmetic, x: Term): Element {
  const u = e.exp(x);
  const v = e.sub(u, 1);
  const usual = e.mul(v, e.div(x, e.log(u)));
  const isLimit = e.or(e.isInfinite(u), e.equal(v, -1));
  return e.where(e.equal(u, 1), x, e.where(isLimit, v, usual));
}

/** Where x is below 0 by eˣ/(1 + eˣ), which keeps the digits of what is tiny. */
export function logistic(e: Arithmetic, x: Term): Element {
  const small = e.exp(e.neg(e.abs(x)));
  return e.div(e.where(e.less(x, 0), small, 1), e.add(1, small));
}

export const softplus = (e: Arithmetic, x: Term): Element =>
  e.add(e.max(x, 0), log1p(e, e.exp(e.neg(e.abs(x)))));

export function sinh(e: Arithmetic, x: Term): Element {
  const m = expm1(e, e.abs(x));
  const size = e.mul(0.5, e.add(m, e.div(m, e.add(m, 1))));
  return e.mul(e.sign(x), e.where(e.isInfinite(m), m, size));
}

export const cosh = (e: Arithmetic, x: Term): Element => e.mul(0.5, e.add(e.exp(x), e.exp(e.neg(x))));

export const tan = (e: Arithmetic, x: Term): Element => e.div(e.apply("Sin", x), e.apply("Cos", x));

// Moshier (1984), Cephes, atan.c: within [0, tan(π/8)·…] relative error 2e-16.
const ARCTANGENT = {
  p: [
    -6.485021904942025371773e1, -1.22886668449013617341e2, -7.50085579231470466734e1,
    -1.615753718733365076637e1, -8.750608600031904122785e-1,
  ],
  q: [
    1.945506571482613964425e2, 4.853903996359136964868e2, 4.328810604912902668951e2,
    1.650270098316988542046e2, 2.485846490142306297962e1, 1,
  ],
};

export function atan(e: Arithmetic, x: Term): Element {
  const a = e.abs(x);
  const isLarge = e.greater(a, 1 + Math.SQRT2);
  const isMiddle = e.greater(a, 0.66);
  const turned = e.where(isMiddle, e.div(e.sub(a, 1), e.add(a, 1)), a);
  const t = e.where(isLarge, e.div(-1, a), turned);
  const from = e.where(isLarge, Math.PI / 2, e.where(isMiddle, Math.PI / 4, 0));
  const z = e.mul(t, t);
  const ratio = e.div(e.polynomial(z, ARCTANGENT.p), e.polynomial(z, ARCTANGENT.q));
  const angle = e.add(from, e.add(t, e.mul(t, e.mul(z, ratio))));
  return e.where(e.less(x, 0), e.neg(angle), angle);
}

const cathetus = (e: Arithmetic, x: Term) => e.sqrt(e.mul(e.sub(1, x), e.add(1, x)));

export const asin = (e: Arithmetic, x: Term): Element => atan(e, e.div(x, cathetus(e, x)));

export const acos = (e: Arithmetic, x: Term): Element =>
  e.mul(2, atan(e, e.sqrt(e.div(e.sub(1, x), e.add(1, x)))));

/** Beyond this the square leaves the range, and 1 beside it has been lost long before. */
const FAR = 1e150;

export function asinh(e: Arithmetic, x: Term): Element {
  const a = e.abs(x);
  const square = e.mul(a, a);
  const near = log1p(e, e.add(a, e.div(square, e.add(1, e.sqrt(e.add(square, 1))))));
  const size = e.where(e.greater(a, FAR), e.add(e.log(a), Math.LN2), near);
  return e.where(e.less(x, 0), e.neg(size), e.where(e.equal(x, 0), x, size));
}

export function acosh(e: Arithmetic, x: Term): Element {
  const t = e.sub(x, 1);
  const near = log1p(e, e.add(t, e.sqrt(e.mul(t, e.add(t, 2)))));
  return e.where(e.greater(x, FAR), e.add(e.log(x), Math.LN2), near);
}

export function atanh(e: Arithmetic, x: Term): Element {
  const a = e.abs(x);
  const size = e.mul(0.5, log1p(e, e.div(e.mul(2, a), e.sub(1, a))));
  return e.where(e.less(x, 0), e.neg(size), e.where(e.equal(x, 0), x, size));
}

const isNegative = (e: Arithmetic, x: Term) => e.or(e.less(x, 0), e.less(e.div(1, x), 0));

/** The angle of (x, y); the signs of zeros say on which side of an axis a point lies. */
export function atan2(
  e: Arithmetic,
  y: Term,
  x: Term,
  arctangent: (e: Arithmetic, x: Term) => Element,
): Element {
  const [up, along] = [e.abs(y), e.abs(x)];
  const [low, high] = [e.min(up, along), e.max(up, along)];
  const quotient = e.where(e.isInfinite(low), 1, e.where(e.equal(low, 0), low, e.div(low, high)));
  const low8th = arctangent(e, quotient);
  const angle = e.where(e.greater(up, along), e.sub(Math.PI / 2, low8th), low8th);
  const half = e.where(isNegative(e, x), e.sub(Math.PI, angle), angle);
  const whole = e.where(isNegative(e, y), e.neg(half), half);
  return e.where(e.or(e.isNaN(x), e.isNaN(y)), Number.NaN, whole);
}

/** √(a² + b²); infinite where an operand is, even beside NaN. */
export function hypot(e: Arithmetic, a: Term, b: Term): Element {
  const [x, y] = [e.abs(a), e.abs(b)];
  const [low, high] = [e.min(x, y), e.max(x, y)];
  const ratio = e.div(low, high);
  const length = e.mul(high, e.sqrt(e.add(1, e.mul(ratio, ratio))));
  const isFar = e.or(e.isInfinite(x), e.isInfinite(y));
  return e.where(isFar, Number.POSITIVE_INFINITY, e.where(e.equal(high, 0), 0, length));
}

/** a/√(a² + b²), 0 at the origin. Beside infinity a finite number counts as 0, and infinity as 1. */
export function directionCosine(e: Arithmetic, a: Term, b: Term): Element {
  const isFar = e.or(e.isInfinite(a), e.isInfinite(b));
  const held = (x: Term) => e.where(e.isInfinite(x), e.sign(x), e.mul(x, 0));
  const [x, y] = [a, b].map((each) => e.where(isFar, held(each), each)) as [Element, Element];
  const high = e.max(e.abs(x), e.abs(y));
  const [u, v] = [e.div(x, high), e.div(y, high)];
  const cosine = e.div(u, e.sqrt(e.add(e.mul(u, u), e.mul(v, v))));
  return e.where(e.equal(high, 0), 0, cosine);
}

// Sun's fdlibm, s_erf.c (1993), each on the interval named.
const NEAR_ZERO = {
  p: [
    1.28379167095512558561e-1, -3.2504210724700149937e-1, -2.84817495755985104766e-2,
    -5.77027029648944159157e-3, -2.37630166566501626084e-5,
  ],
  q: [
    1, 3.97917223959155352819e-1, 6.50222499887672944485e-2, 5.08130628187576562776e-3,
    1.32494738004321644526e-4, -3.9602282787753681232e-6,
  ],
};
const NEAR_ONE = {
  p: [
    -2.36211856075265944077e-3, 4.14856118683748331666e-1, -3.72207876035701323847e-1,
    3.18346619901161753674e-1, -1.10894694282396677476e-1, 3.54783043256182359371e-2,
    -2.166375594868790843e-3,
  ],
  q: [
    1, 1.06420880400844228286e-1, 5.40397917702171048937e-1, 7.18286544141962662868e-2,
    1.26171219808761642112e-1, 1.36370839120290507362e-2, 1.1984499846799107417e-2,
  ],
};
const MIDDLE = {
  p: [
    -9.86494403484714822705e-3, -6.93858572707181764372e-1, -1.05586262253232909814e1,
    -6.23753324503260060396e1, -1.62396669462573470355e2, -1.84605092906711035994e2,
    -8.12874355063065934246e1, -9.81432934416914548592,
  ],
  q: [
    1, 1.96512716674392571292e1, 1.376577541435190426e2, 4.34565877475229228821e2, 6.45387271733267880336e2,
    4.29008140027567833386e2, 1.08635005541779435134e2, 6.57024977031928170135, -6.04244152148580987438e-2,
  ],
};
const TAIL = {
  p: [
    -9.86494292470009928597e-3, -7.99283237680523006574e-1, -1.77579549177547519889e1,
    -1.60636384855821916062e2, -6.37566443368389627722e2, -1.02509513161107724954e3,
    -4.83519191608651397019e2,
  ],
  q: [
    1, 3.03380607434824582924e1, 3.25792512996573918826e2, 1.53672958608443695994e3, 3.19985821950859553908e3,
    2.55305040643316442583e3, 4.74528541206955367215e2, -2.24409524465858183362e1,
  ],
};
const ERF_ONE = 8.45062911510467529297e-1;

const ratio = (e: Arithmetic, x: Term, { p, q }: Ratio): Element =>
  e.div(e.polynomial(x, p), e.polynomial(x, q));

/** erf a near 0 and near 1, and erfc a beyond, for a ≥ 0, in float64. */
function errorParts(e: Arithmetic, a: Element) {
  const square = e.mul(a, a);
  const nearZero = e.add(a, e.mul(a, ratio(e, square, NEAR_ZERO)));
  const nearOne = ratio(e, e.sub(a, 1), NEAR_ONE);
  const s = e.div(1, square);
  const rest = e.where(e.less(a, 1 / 0.35), ratio(e, s, MIDDLE), ratio(e, s, TAIL));
  // Rounded to float32 it has a square that is exact.
  const z = e.as(e.writer.cast(a, "float32"));
  const main = e.exp(e.sub(-0.5625, e.mul(z, z)));
  const beyond = e.div(e.mul(main, e.exp(e.add(e.mul(e.sub(z, a), e.add(z, a)), rest))), a);
  // Beyond 28 it is less than any float, and there e(z − a)(z + a) may not be a number.
  const tail = e.where(e.greater(a, 28), 0, beyond);
  return { nearZero, nearOne, tail, isNearZero: e.less(a, 0.84375), isNearOne: e.less(a, 1.25) };
}

/** In float64. */
export function erf(e: Arithmetic, x: Term): Element {
  const a = e.abs(x);
  const { nearZero, nearOne, tail, isNearZero, isNearOne } = errorParts(e, a);
  const far = e.where(isNearOne, e.add(ERF_ONE, nearOne), e.sub(1, tail));
  const size = e.where(isNearZero, nearZero, far);
  const signed = e.where(e.less(x, 0), e.neg(size), size);
  return e.where(e.isNaN(x), Number.NaN, signed);
}

/** In float64. */
export function erfc(e: Arithmetic, x: Term): Element {
  const a = e.abs(x);
  const { nearZero, nearOne, tail, isNearZero, isNearOne } = errorParts(e, a);
  const far = e.where(isNearOne, e.sub(1 - ERF_ONE, nearOne), tail);
  const size = e.where(isNearZero, e.sub(1, nearZero), far);
  const signed = e.where(e.less(x, 0), e.sub(2, size), size);
  return e.where(e.isNaN(x), Number.NaN, signed);
}

/** The normal quantile of ½ + q, where `tail` is ½ − |q| with all its digits. In float64. */
function quantileOf(e: Arithmetic, q: Element, tail: Element): Element {
  const inside = e.mul(q, ratio(e, e.sub(0.180625, e.mul(q, q)), central));
  const r = e.sqrt(e.neg(e.log(tail)));
  const beyond = e.where(e.lessEqual(r, 5), ratio(e, e.sub(r, 1.6), outer), ratio(e, e.sub(r, 5), outermost));
  const size = e.where(e.equal(tail, 0), Number.POSITIVE_INFINITY, beyond);
  const outside = e.where(e.less(q, 0), e.neg(size), size);
  return e.where(e.lessEqual(e.abs(q), 0.425), inside, outside);
}

/** In float64. */
export function normalQuantile(e: Arithmetic, p: Term): Element {
  const q = e.sub(p, 0.5);
  return quantileOf(e, q, e.as(e.where(e.less(q, 0), p, e.sub(1, p))));
}

/** In float64. */
export function erfInv(e: Arithmetic, y: Term): Element {
  const tail = e.mul(0.5, e.sub(1, e.abs(y)));
  return e.mul(Math.SQRT1_2, quantileOf(e, e.mul(0.5, y), tail));
}
