// What each atom is in StableHLO: one entry for each atom of the engine, or this file does not compile.

import type { AtomTable } from "@adjoint/autograd";
import type { Direction, Operand, Special, Unary } from "../operand.ts";
import type { Shape } from "../types.ts";
import type { Elements } from "./elements.ts";
import { erfc, erfInv } from "./erfc.ts";
import * as exponential from "./exponential.ts";
import { digamma, lgamma, polygamma } from "./gamma.ts";
import { normalQuantile, portableLog } from "./normal.ts";
import * as plane from "./plane.ts";

type Default = AtomTable<Operand>["default"];

/** The table for expressions on tensors of a shape and a type. `own` is for atoms that are not the engine's. */
export function atomTable(e: Elements, shape: Shape, own: Default): AtomTable<Operand> {
  const { emit } = e;
  const unary = (operation: Unary) => (x: Operand) => emit.unary(operation, e.number(x));
  const special = (operation: Special) => (x: Operand) => emit.special(operation, e.number(x));
  const one = (f: (e: Elements, x: Operand) => Operand) => (x: Operand) => f(e, e.number(x));
  const two = (f: (e: Elements, a: Operand, b: Operand) => Operand) => (a: Operand, b: Operand) =>
    f(e, e.number(a), e.number(b));
  const three =
    (f: (e: Elements, a: Operand, b: Operand, c: Operand) => Operand) =>
    (a: Operand, b: Operand, c: Operand) =>
      f(e, e.number(a), e.number(b), e.number(c));
  /** Truth values beside each other stay such; beside a number they become 1 and 0. */
  const alike = (a: Operand, b: Operand): [Operand, Operand] =>
    a.type === b.type ? [a, b] : [e.number(a), e.number(b)];
  const compared = (direction: Direction) => (a: Operand, b: Operand) =>
    emit.compare(direction, ...alike(a, b));
  const extreme = (of: "maximum" | "minimum", ofTruths: "or" | "and") => (a: Operand, b: Operand) => {
    const both = alike(a, b);
    return emit.binary(both[0].type === "i1" ? ofTruths : of, ...both);
  };
  /** Whole numbers and truth values are numbers, and finite. */
  const kind = (f: (x: Operand) => Operand, ofOthers: number) => (x: Operand) =>
    e.isFloat && x.type !== "i1" ? f(x) : emit.constant(ofOthers, "i1", x.shape);
  /** What changes no whole number. */
  const rounding = (f: (x: Operand) => Operand) => (x: Operand) => (e.isFloat ? f(e.number(x)) : e.number(x));

  return {
    add: two((_, a, b) => e.add(a, b)),
    sub: two((_, a, b) => e.sub(a, b)),
    mul: two((_, a, b) => e.mul(a, b)),
    div: two((_, a, b) => e.div(a, b)),
    neg: unary("negate"),
    reciprocal: one((_, x) => e.div(1, x)),
    square: one((_, x) => e.mul(x, x)),
    sqrt: unary("sqrt"),
    pow: two(exponential.pow),
    rsqrt: unary("rsqrt"),
    lerp: three(plane.lerp),
    powerSlope: two(exponential.powerSlope),
    powerLog: three(exponential.powerLog),
    gate: two(exponential.gate),
    exp: unary("exponential"),
    exp2: one(exponential.exp2),
    expm1: unary("exponential_minus_one"),
    log: unary("log"),
    log1p: one(exponential.log1p),
    log2: one(exponential.log2),
    log10: one(exponential.log10),
    logAddExp: two(exponential.logAddExp),
    xlogy: two(exponential.xlogy),
    logistic: unary("logistic"),
    softplus: one(exponential.softplus),
    erf: special("erf"),
    erfc: one(erfc),
    erfInv: one(erfInv),
    lgamma: one(lgamma),
    digamma: one(digamma),
    polygamma(x, order) {
      if (order.constant === undefined)
        throw new RangeError(
          "toStableHLO: polygamma of an order that is computed has no StableHLO; the order must be a constant, as in derivatives of lgamma and digamma",
        );
      return polygamma(e, e.number(x), order.constant);
    },
    sin: unary("sine"),
    cos: unary("cosine"),
    tan: unary("tan"),
    sinh: one(exponential.sinh),
    cosh: one(exponential.cosh),
    tanh: unary("tanh"),
    asin: special("asin"),
    acos: special("acos"),
    atan: special("atan"),
    asinh: special("asinh"),
    acosh: special("acosh"),
    atanh: one(exponential.atanh),
    oneMinusSquare: one((_, x) => e.mul(e.sub(1, x), e.add(x, 1))),
    atan2: two((_, y, x) => emit.binary("atan2", y, x)),
    hypot: two(plane.hypot),
    directionCosine: two(plane.directionCosine),
    abs: unary("abs"),
    sign: unary("sign"),
    floor: rounding((x) => e.floor(x)),
    ceil: rounding((x) => emit.unary("ceil", x)),
    trunc: rounding((x) => plane.trunc(e, x)),
    round: rounding((x) => e.round(x)),
    mod: two(plane.mod),
    isNaN: kind((x) => e.isNaN(x), 0),
    isFinite: kind((x) => emit.isFinite(x), 1),
    isInfinite: kind((x) => e.isInfinite(x), 0),
    maximum: extreme("maximum", "or"),
    minimum: extreme("minimum", "and"),
    equal: compared("EQ"),
    notEqual: compared("NE"),
    less: compared("LT"),
    lessEqual: compared("LE"),
    greater: compared("GT"),
    greaterEqual: compared("GE"),
    and: (a, b) => e.and(e.truth(a), e.truth(b)),
    or: (a, b) => e.or(e.truth(a), e.truth(b)),
    not: (x) => e.not(e.truth(x)),
    select: (condition, a, b) => emit.select(e.truth(condition), ...alike(a, b)),
    apart: two(exponential.apart),
    portableLog: one(portableLog),
    normalQuantile: one(normalQuantile),
    lacking: (y, _power) => exponential.lacking(e, e.number(y)),
    constant: (value) => emit.constant(e.isFloat ? value : value | 0, e.type, shape),
    default: own,
  };
}
