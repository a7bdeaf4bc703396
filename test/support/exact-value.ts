// What expressions mean, to 60 digits: a reference for each atom that has one, written apart from the atom.
// An atom without an entry here is still attacked by every property that needs no reference.

import { type Expression, inOrder } from "../../packages/autograd/src/expression/expression.ts";
import { Real, Undefined } from "./real.ts";

const one = Real.from(1);
const two = Real.from(2);
const ten = Real.from(10);
const pi = one.atan().scale(2);
const half = (x: Real) => x.scale(-1);
const length = (a: Real, b: Real) => a.mul(a).add(b.mul(b)).sqrt();

/** The angle of a point, as the arctangent of a quotient or of its inverse. */
function angle(y: Real, x: Real): Real {
  if (x.sign === 0 && y.sign === 0) throw new Undefined("the origin has no angle");
  if (x.sign === 0) return y.sign > 0 ? half(pi) : half(pi).neg();
  const atan = y.div(x).atan();
  if (x.sign > 0) return atan;
  return y.sign < 0 ? atan.sub(pi) : atan.add(pi);
}
const isEven = (whole: Real) => whole.scale(-1).floor().scale(1).compare(whole) === 0;
const truth = (holds: boolean) => (holds ? one : Real.ZERO);

/** log(x + √(1 + x²)) for x ≥ 0, as log(1 + x + x²/(1 + √(1 + x²))). */
function areaSine(x: Real): Real {
  const square = x.mul(x);
  return x.add(square.div(one.add(one.add(square).sqrt()))).log1p();
}

/** The mathematical meaning of atoms, by name. They throw Undefined where mathematics has no value. */
export const references: Readonly<Record<string, (...x: Real[]) => Real>> = {
  add: (a, b) => a!.add(b!),
  sub: (a, b) => a!.sub(b!),
  mul: (a, b) => a!.mul(b!),
  gate: (a, b) => a!.mul(b!),
  div: (a, b) => a!.div(b!),
  neg: (x) => x!.neg(),
  reciprocal: (x) => one.div(x!),
  square: (x) => x!.mul(x!),
  sqrt: (x) => x!.sqrt(),
  rsqrt: (x) => one.div(x!.sqrt()),
  // So that nothing cancels where one end is far larger, nor where the ends are equal and t is so large that 1 − t loses the 1.
  lerp: (a, b, t) =>
    t!.abs().compare(two) > 0 ? a!.add(t!.mul(b!.sub(a!))) : a!.mul(one.sub(t!)).add(b!.mul(t!)),
  pow: (a, b) => a!.pow(b!),
  exp: (x) => x!.exp(),
  exp2: (x) => x!.mul(two.log()).exp(),
  expm1: (x) => x!.expm1(),
  log: (x) => x!.log(),
  log1p: (x) => x!.log1p(),
  log2: (x) => x!.log().div(two.log()),
  log10: (x) => x!.log().div(ten.log()),
  logAddExp: (a, b) => a!.exp().add(b!.exp()).log(),
  xlogy: (a, b) => (a!.sign === 0 ? Real.ZERO : a!.mul(b!.log())),
  logistic: (x) => one.div(one.add(x!.neg().exp())),
  softplus: (x) => x!.exp().log1p(),
  sin: (x) => x!.sin(),
  cos: (x) => x!.cos(),
  tan: (x) => x!.sin().div(x!.cos()),
  // (u + u/(1 + u))/2 with u = eˣ − 1, which does not cancel.
  sinh: (x) => half(x!.expm1().add(x!.expm1().div(x!.exp()))),
  cosh: (x) => half(x!.exp().add(x!.neg().exp())),
  tanh: (x) => x!.tanh(),
  asin: (x) =>
    x!
      .div(one.add(one.sub(x!.mul(x!)).sqrt()))
      .atan()
      .scale(1),
  acos: (x) => one.sub(x!).sqrt().div(one.add(x!).sqrt()).atan().scale(1),
  atan: (x) => x!.atan(),
  asinh: (x) => (x!.sign < 0 ? areaSine(x!.neg()).neg() : areaSine(x!)),
  acosh: (x) => {
    const t = x!.sub(one);
    return t.add(t.mul(t.add(two)).sqrt()).log1p();
  },
  atanh: (x) => half(x!.scale(1).div(one.sub(x!)).log1p()),
  atan2: (y, x) => angle(y!, x!),
  hypot: (a, b) => length(a!, b!),
  erf: (x) => x!.erf(),
  erfc: (x) => x!.erfc(),
  abs: (x) => x!.abs(),
  sign: (x) => Real.from(x!.sign),
  floor: (x) => x!.floor(),
  ceil: (x) => x!.neg().floor().neg(),
  trunc: (x) => (x!.sign < 0 ? x!.neg().floor().neg() : x!.floor()),
  round: (x) => {
    const low = x!.floor();
    const side = x!.sub(low).scale(1).compare(one);
    return side < 0 || (side === 0 && isEven(low)) ? low : low.add(one);
  },
  mod: (a, b) => {
    const quotient = a!.div(b!);
    if (quotient.magnitude > 100) throw new Undefined("too large a quotient to be rounded exactly here");
    return a!.sub(b!.mul(quotient.floor()));
  },
  isNaN: () => Real.ZERO,
  isFinite: () => one,
  isInfinite: () => Real.ZERO,
  maximum: (a, b) => (a!.compare(b!) >= 0 ? a! : b!),
  minimum: (a, b) => (a!.compare(b!) <= 0 ? a! : b!),
  equal: (a, b) => truth(a!.compare(b!) === 0),
  notEqual: (a, b) => truth(a!.compare(b!) !== 0),
  less: (a, b) => truth(a!.compare(b!) < 0),
  lessEqual: (a, b) => truth(a!.compare(b!) <= 0),
  greater: (a, b) => truth(a!.compare(b!) > 0),
  greaterEqual: (a, b) => truth(a!.compare(b!) >= 0),
  and: (a, b) => truth(a!.sign !== 0 && b!.sign !== 0),
  or: (a, b) => truth(a!.sign !== 0 || b!.sign !== 0),
  not: (a) => truth(a!.sign === 0),
  select: (condition, a, b) => (condition!.sign !== 0 ? a! : b!),
};

/** An exact result, and the size of the largest number met on the way, which says how much may have cancelled. */
export interface Exact {
  readonly value: Real;
  readonly largest: Real;
}

/**
 * The value of an expression to 60 digits. Undefined (the JavaScript value) where mathematics has none or an atom
 * has no reference. The branch that a select did not take need not have a value.
 */
export function exactValue(expression: Expression, point: readonly number[]): Exact | undefined {
  const values = new Map<Expression, Real | null>();
  let largest = Real.ZERO;
  const order = inOrder(expression);
  for (const node of order) {
    const value = valueAt(node, point, values);
    values.set(node, value);
    if (value !== null && value.abs().compare(largest) > 0) largest = value.abs();
  }
  const value = values.get(expression);
  return value == null ? undefined : { value, largest };
}

function valueAt(
  node: Expression,
  point: readonly number[],
  values: ReadonlyMap<Expression, Real | null>,
): Real | null {
  try {
    if (node.isConstant) return Real.from(node.constant);
    if (node.atom === null) return Real.from(point[node.input]!);
    const operands = node.operands.map((operand) => values.get(operand)!);
    if (node.atom.name === "select" && operands[0] !== null)
      return operands[operands[0]!.sign === 0 ? 2 : 1]!;
    const known = operands.filter((operand) => operand !== null);
    return known.length < operands.length ? null : (references[node.atom.name]?.(...known) ?? null);
  } catch (error) {
    if (error instanceof Undefined) return null;
    throw error;
  }
}

/**
 * Whether two exact results are the same number, to some bits of the largest number met. Both keep 200; agreement
 * to 100 leaves 100 for what rounding at the last bit is amplified by on the way, and is 47 more than a float64 has.
 */
export function agree(a: Exact, b: Exact, bits = 100): boolean {
  const scale = a.largest.compare(b.largest) > 0 ? a.largest : b.largest;
  return a.value.sub(b.value).abs().compare(scale.scale(-bits)) <= 0;
}
