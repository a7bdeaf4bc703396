// The logarithm of the gamma function and its derivatives by Adjoint's formulas, in float64: XLA's own lose their digits near
// the zeros of the functions. Each is a private function of the module, since it is long.

import {
  above,
  below,
  bernoulli,
  cotangentDerivative,
  ofSlope,
  type ShiftedRatio,
  slope,
  stirling,
  ZERO,
  ZERO_REST,
} from "../../formulas/gamma.ts";
import type { Operand } from "../operand.ts";
import { Elements } from "./elements.ts";

const ratio = (e: Elements, x: Operand, { most, p, q }: ShiftedRatio): Operand =>
  e.add(e.div(e.polynomial(x, p), e.polynomial(x, q)), most);

/** In float64, as a private function of the module. */
const called = (name: string, f: (e: Elements, x: Operand) => Operand) => (elements: Elements, x: Operand) =>
  elements.wide(
    (e, y) =>
      e.emit.call([name, ...y!.shape].join("_"), [y!], (emit, [given]) =>
        f(new Elements(emit, "f64"), given!),
      ),
    x,
  );

const isWhole = (e: Elements, x: Operand) => e.equal(x, e.floor(x));

/** log |Γ(x)|; ∞ at ±∞ and at the poles. */
export const lgamma: (e: Elements, x: Operand) => Operand = called("lgamma", (e, x) => {
  const [isLeft, isSmall] = [e.lessEqual(x, -0.5), e.less(x, 0.5)];
  // From ½ on: by reflection, or one further.
  const z = e.select(isLeft, e.neg(x), e.select(isSmall, e.add(x, 1), x));
  const isMiddle = e.less(z, 8);
  let [y, product] = [z, e.emit.like(1, x)];
  for (let step = 0; step < 5; step++) {
    const goesOn = e.and(e.less(e.emit.like(3, x), y), isMiddle);
    y = e.select(goesOn, e.sub(y, 1), y);
    product = e.select(goesOn, e.mul(product, y), product);
  }
  const part = e.select(e.less(y, 1.5), ratio(e, e.sub(y, 0.5), below), ratio(e, e.sub(y, 1.5), above));
  const near = e.add(e.log(product), e.mul(e.mul(e.sub(y, 1), e.sub(y, 2)), part));
  const rest = e.div(e.polynomial(e.div(1, e.mul(z, z)), stirling), z);
  const far = e.add(e.mul(e.sub(z, 0.5), e.sub(e.log(z), 1)), e.add(rest, 0.5 * Math.log(2 * Math.PI) - 0.5));
  const value = e.select(isMiddle, near, far);
  const sine = e.emit.unary("sine", e.mul(e.abs(e.sub(x, e.round(x))), Math.PI));
  const reflected = e.sub(e.log(e.div(Math.PI, e.mul(z, sine))), value);
  const shifted = e.sub(value, e.log(e.abs(x)));
  const finite = e.select(isLeft, reflected, e.select(isSmall, shifted, value));
  const isPole = e.and(e.lessEqual(x, 0), isWhole(e, x));
  return e.select(e.or(isPole, e.isInfinite(x)), Infinity, finite);
});

/** The derivative of lgamma: ∓∞ at ±0, NaN at the other poles and at −∞. */
export const digamma: (e: Elements, x: Operand) => Operand = called("digamma", (e, x) => {
  const [isLeft, isBelow, isSmall] = [e.lessEqual(x, -0.5), e.less(x, 0), e.less(x, 1)];
  const next = e.add(x, 1);
  const z = e.select(isLeft, e.sub(1, x), e.select(isBelow, e.add(x, 2), e.select(isSmall, next, x)));
  const isMiddle = e.less(z, 10);
  let [y, sum] = [z, e.emit.like(0, x)];
  for (let step = 0; step < 7; step++) {
    const goesOn = e.and(e.lessEqual(e.emit.like(3, x), y), isMiddle);
    y = e.select(goesOn, e.sub(y, 1), y);
    sum = e.select(goesOn, e.add(sum, e.div(1, y)), sum);
  }
  // A choice keeps XLA from adding the two constants first, in which the second would be lost.
  const fromZero = e.sub(y, ZERO);
  const distance = e.sub(e.select(isMiddle, fromZero, 0), ZERO_REST);
  const near = e.add(sum, e.mul(distance, ratio(e, e.sub(y, 1), slope)));
  const inverse = e.div(1, e.mul(z, z));
  const series = e.mul(inverse, e.polynomial(inverse, ofSlope));
  const far = e.sub(e.log(z), e.add(e.div(0.5, z), series));
  const value = e.select(isMiddle, near, far);
  const once = e.sub(value, e.div(1, x));
  const twice = e.sub(e.sub(value, e.div(1, next)), e.div(1, x));
  const shifted = e.select(isBelow, twice, e.select(isSmall, once, value));
  const finite = e.select(isLeft, e.sub(value, cotangent(e, x)), shifted);
  const isPole = e.and(e.less(x, 0), isWhole(e, x));
  return e.select(isPole, NaN, finite);
});

/** π·cot πx, by its exact distance from the nearest whole number. */
function cotangent(e: Elements, x: Operand): Operand {
  const r = e.sub(x, e.round(x));
  const near = e.div(Math.PI, e.emit.unary("tan", e.mul(r, Math.PI)));
  const complement = e.emit.unary("tan", e.mul(e.sub(0.5, e.abs(r)), Math.PI));
  const far = e.mul(e.mul(e.emit.unary("sign", r), Math.PI), complement);
  return e.select(e.lessEqual(e.abs(r), 0.25), near, far);
}

/** Σ 1/(x + k)ˢ over k ≥ 0, for x > 0: a sum, and the rest of it by Euler and Maclaurin's formula. */
function hurwitzZeta(e: Elements, s: number, x: Operand): Operand {
  const steps = s + 8;
  const power = (base: Operand, exponent: number) => e.power(base, exponent);
  const a = e.add(x, steps);
  const square = e.mul(a, a);
  let total = e.emit.like(0, x);
  // s(s + 1)…(s + 2i)/(2i + 2)!·a^(−2i − 1)
  let factor = e.div(s / 2, a);
  bernoulli.forEach((b, i) => {
    total = e.add(total, e.mul(factor, b));
    const ratio = ((s + 2 * i + 1) * (s + 2 * i + 2)) / ((2 * i + 3) * (2 * i + 4));
    factor = e.div(e.mul(factor, ratio), square);
  });
  const rest = e.add(e.mul(e.add(total, 0.5), power(a, -s)), e.div(power(a, 1 - s), s - 1));
  let sum = rest;
  // Small terms first.
  for (let k = steps - 1; k >= 0; k--) sum = e.add(sum, power(k === 0 ? x : e.add(x, k), -s));
  return sum;
}

/** The derivative of digamma of an order that is known: by Hurwitz' zeta function for x > 0, and below by reflection. */
export function polygamma(elements: Elements, x: Operand, order: number): Operand {
  if (!(Number.isInteger(order) && order >= 0)) return elements.emit.like(NaN, x);
  if (order === 0) return digamma(elements, x);
  return called(`polygamma_${order}`, (e, y) => polygammaOf(e, y, order))(elements, x);
}

function polygammaOf(e: Elements, x: Operand, order: number): Operand {
  const isOdd = order % 2 === 1;
  let factor = isOdd ? 1 : -1;
  for (let k = 2; k <= order; k++) factor *= k;
  const [isLeft, isBelow] = [e.lessEqual(x, -0.5), e.less(x, 0)];
  const y = e.select(isLeft, e.sub(1, x), e.select(isBelow, e.add(x, 1), x));
  const zeta = hurwitzZeta(e, order + 1, y);
  const series = e.mul(zeta, factor);
  const right = e.select(isBelow, e.mul(e.add(zeta, e.power(x, -(order + 1))), factor), series);
  const turned = isOdd ? e.neg(series) : series;
  const left = e.sub(turned, e.polynomial(cotangent(e, x), cotangentDerivative(order)));
  const isPole = e.and(e.lessEqual(x, 0), isWhole(e, x));
  const atPole = isOdd ? e.emit.like(Infinity, x) : e.select(e.equal(x, 0), e.div(-1, x), NaN);
  const value = e.select(isPole, atPole, e.select(isLeft, left, right));
  return e.select(e.equal(x, -Infinity), NaN, value);
}
