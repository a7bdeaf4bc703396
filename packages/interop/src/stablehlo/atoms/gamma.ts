// The derivatives of the logarithm of the gamma function, with the poles that Adjoint has.

import type { Operand } from "../emitter.ts";
import type { Elements } from "./elements.ts";

/** chlo's digamma, but ∓∞ at ±0, where it says NaN. */
export const digamma = (e: Elements, x: Operand): Operand =>
  e.select(e.equal(x, 0), e.div(-1, x), e.emit.special("digamma", x));

/** For each order n, the polynomial in c = π·cot πx that is the n-th derivative of c, by c′ = −(π² + c²). */
function cotangentDerivative(order: number): readonly number[] {
  let polynomial = [0, 1];
  for (let n = 0; n < order; n++) {
    const next = new Array<number>(polynomial.length + 1).fill(0);
    polynomial.forEach((coefficient, power) => {
      if (power === 0) return;
      next[power - 1]! -= power * coefficient * Math.PI ** 2;
      next[power + 1]! -= power * coefficient;
    });
    polynomial = next;
  }
  return polynomial;
}

/** π·cot πx, by its exact distance from the nearest whole number. */
function cotangent(e: Elements, x: Operand): Operand {
  const r = e.sub(x, e.round(x));
  const near = e.div(Math.PI, e.emit.unary("tan", e.mul(r, Math.PI)));
  const complement = e.emit.unary("tan", e.mul(e.sub(0.5, e.abs(r)), Math.PI));
  const far = e.mul(e.mul(e.emit.unary("sign", r), Math.PI), complement);
  return e.select(e.lessEqual(e.abs(r), 0.25), near, far);
}

/** The derivative of digamma of an order that is known: by Hurwitz' zeta function for x > 0, and below by reflection. */
export function polygamma(e: Elements, x: Operand, order: number): Operand {
  if (!(Number.isInteger(order) && order >= 0)) return e.emit.like(NaN, x);
  if (order === 0) return digamma(e, x);
  const isOdd = order % 2 === 1;
  let factor = isOdd ? 1 : -1;
  for (let k = 2; k <= order; k++) factor *= k;
  const [isLeft, isBelow] = [e.lessEqual(x, -0.5), e.less(x, 0)];
  const y = e.select(isLeft, e.sub(1, x), e.select(isBelow, e.add(x, 1), x));
  const series = e.mul(e.emit.zeta(e.emit.like(order + 1, x), y), factor);
  const first = e.mul(e.power(x, -(order + 1)), factor);
  const right = e.select(isBelow, e.add(series, first), series);
  const turned = isOdd ? e.neg(series) : series;
  const left = e.sub(turned, e.polynomial(cotangent(e, x), cotangentDerivative(order)));
  const isPole = e.and(e.lessEqual(x, 0), e.equal(x, e.floor(x)));
  const atPole = isOdd ? e.emit.like(Infinity, x) : e.select(e.equal(x, 0), e.div(-1, x), NaN);
  const value = e.select(isPole, atPole, e.select(isLeft, left, right));
  return e.select(e.equal(x, -Infinity), NaN, value);
}
