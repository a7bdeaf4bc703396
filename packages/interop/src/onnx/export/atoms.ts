// What each atom becomes, on tensors of one type: an operator, or several.

import type { AtomTable } from "@adjoint/autograd";
import { Arithmetic, type Term } from "./arithmetic.ts";
import { digamma, lgamma, polygamma } from "./gamma.ts";
import * as special from "./special.ts";
import type { Element } from "./writer.ts";

type Unary = (e: Arithmetic, x: Term) => Element;

/** The remainder of a division, with the divisor's sign. */
function remainder(e: Arithmetic, a: Term, b: Term): Element {
  const inputs = (divisor: Term) => [e.as(a).name, e.as(divisor).name];
  if (e.type === "int32") {
    // Dividing by 0 ends the process, and so does dividing the least number by −1; both leave 0 over here.
    const isWhole = e.or(e.equal(b, 0), e.equal(b, -1));
    return e.writer.add("Mod", inputs(e.where(isWhole, 1, b)), e.type, { fmod: { int: 0 } });
  }
  const rest = e.writer.add("Mod", inputs(b), e.type, { fmod: { int: 1 } });
  const isElsewhere = e.xor(e.less(rest, 0), e.less(b, 0));
  const moved = e.where(isElsewhere, e.add(rest, b), rest);
  return e.where(e.equal(rest, 0), e.where(e.less(b, 0), -0, 0), moved);
}

/** A power, with JavaScript's NaN where C has 1. */
function power(e: Arithmetic, a: Term, b: Term): Element {
  const usual = e.apply("Pow", a, b);
  if (typeof b === "number" && Number.isFinite(b)) return usual;
  const isOne = e.and(e.equal(e.abs(a), 1), e.isInfinite(b));
  return e.where(e.or(isOne, e.isNaN(b)), Number.NaN, usual);
}

/** The product, 0 where a factor is 0. */
function gated(e: Arithmetic, a: Term, b: Term): Element {
  const product = e.mul(a, b);
  const zeros = [a, b].flatMap((factor) =>
    typeof factor === "number" && factor !== 0 ? [] : [e.equal(factor, 0)],
  );
  if (zeros.length === 0) return product;
  return e.where(
    zeros.reduce((one, other) => e.or(one, other)),
    0,
    product,
  );
}

function lerp(e: Arithmetic, a: Term, b: Term, t: Term): Element {
  const rest = e.sub(1, t);
  return e.where(
    e.less(t, 0.5),
    e.add(a, e.sub(e.mul(b, t), e.mul(a, t))),
    e.add(b, e.sub(e.mul(a, rest), e.mul(b, rest))),
  );
}

/** The table for elements of a type: float32, float64 or int32, or bool where all operands are truth values. */
export function atomTable(e: Arithmetic): AtomTable<Term> {
  const isWhole = e.type === "int32";
  const isDouble = e.type === "float64";
  const operator = (name: string) => (x: Term) => e.apply(name, x);
  /** An operator that onnxruntime lacks in float64. */
  const single = (name: string, composed: Unary) => (x: Term) =>
    isDouble ? composed(e, x) : e.apply(name, x);
  const wide = (f: Unary) => (x: Term) => e.wide((inside, y) => f(inside, y!), x);
  /** What whole numbers are already. */
  const rounding = (round: (x: Term) => Term) => (x: Term) => (isWhole ? x : round(x));
  /** Truth values are compared as numbers. */
  const compared = (compare: (n: Arithmetic, a: Term, b: Term) => Element) => (a: Term, b: Term) => {
    if (e.type !== "bool") return compare(e, a, b);
    const numbers = new Arithmetic(e.writer, "int32");
    return compare(numbers, numbers.as(a), numbers.as(b));
  };
  const arctangent = (inside: Arithmetic, x: Term) =>
    isDouble ? special.atan(inside, x) : inside.apply("Atan", x);
  return {
    add: e.add,
    sub: e.sub,
    mul: e.mul,
    div: e.div,
    neg: e.neg,
    reciprocal: operator("Reciprocal"),
    square: (x) => e.mul(x, x),
    sqrt: e.sqrt,
    pow: (a, b) => power(e, a, b),
    rsqrt: (x) => e.apply("Reciprocal", e.sqrt(x)),
    lerp: (a, b, t) => e.wide((w, x, y, z) => lerp(w, x!, y!, z!), a, b, t),
    powerSlope: (a, b) => e.where(e.equal(b, 0), 0, e.mul(b, power(e, a, e.sub(b, 1)))),
    powerLog: (y, a, b) =>
      e.where(e.or(e.equal(y, 0), e.and(e.equal(a, 0), e.equal(b, 0))), 0, e.mul(y, e.log(a))),
    gate: (a, b) => gated(e, a, b),
    exp: e.exp,
    exp2: (x) => e.apply("Pow", 2, x),
    expm1: (x) => special.expm1(e, x),
    log: e.log,
    log1p: (x) => special.log1p(e, x),
    log2: wide((w, x) => w.div(w.log(x), Math.LN2)),
    log10: wide((w, x) => w.div(w.log(x), Math.LN10)),
    logAddExp: (a, b) => {
      const apart = e.where(e.equal(a, b), 0, e.sub(a, b));
      return e.add(e.max(a, b), special.log1p(e, e.exp(e.neg(e.abs(apart)))));
    },
    xlogy: (a, b) => e.where(e.and(e.equal(a, 0), e.not(e.isNaN(b))), 0, e.mul(a, e.log(b))),
    // onnxruntime has the operator in float64, and makes of x·σ(x) one that it lacks there.
    logistic: single("Sigmoid", special.logistic),
    softplus: single("Softplus", special.softplus),
    erf: single("Erf", special.erf),
    erfc: wide(special.erfc),
    erfInv: wide(special.erfInv),
    lgamma: wide((w, x) => lgamma(w, w.as(x))),
    digamma: wide((w, x) => digamma(w, w.as(x))),
    polygamma(x, order) {
      if (typeof order !== "number")
        throw new TypeError(
          "toOnnx: polygamma has an order that is computed; it is exported for an order that is a number",
        );
      return e.wide((w, y) => polygamma(w, y!, order), x);
    },
    sin: operator("Sin"),
    cos: operator("Cos"),
    tan: single("Tan", special.tan),
    sinh: single("Sinh", special.sinh),
    cosh: single("Cosh", special.cosh),
    tanh: operator("Tanh"),
    asin: single("Asin", special.asin),
    acos: single("Acos", special.acos),
    atan: single("Atan", special.atan),
    asinh: single("Asinh", special.asinh),
    acosh: single("Acosh", special.acosh),
    atanh: single("Atanh", special.atanh),
    oneMinusSquare: (x) => e.mul(e.sub(1, x), e.add(1, x)),
    atan2: (y, x) => special.atan2(e, y, x, arctangent),
    hypot: (a, b) => special.hypot(e, a, b),
    directionCosine: (a, b) => special.directionCosine(e, a, b),
    abs: e.abs,
    sign: e.sign,
    floor: rounding(e.floor),
    ceil: rounding(operator("Ceil")),
    trunc: rounding((x) => e.where(e.less(x, 0), e.apply("Ceil", x), e.floor(x))),
    round: rounding(e.round),
    mod: (a, b) => remainder(e, a, b),
    isNaN: (x) => (isWhole || e.type === "bool" ? e.not(e.equal(x, x)) : e.isNaN(x)),
    isFinite: (x) =>
      isWhole || e.type === "bool" ? e.equal(x, x) : e.not(e.or(e.isNaN(x), e.isInfinite(x))),
    isInfinite: (x) => (isWhole || e.type === "bool" ? e.not(e.equal(x, x)) : e.isInfinite(x)),
    maximum: (a, b) => (e.type === "bool" ? e.or(a, b) : e.max(a, b)),
    minimum: (a, b) => (e.type === "bool" ? e.and(a, b) : e.min(a, b)),
    equal: e.equal,
    notEqual: (a, b) => e.not(e.equal(a, b)),
    less: compared((n, a, b) => n.less(a, b)),
    lessEqual: compared((n, a, b) => n.lessEqual(a, b)),
    greater: compared((n, a, b) => n.greater(a, b)),
    greaterEqual: compared((n, a, b) => n.greaterEqual(a, b)),
    and: e.and,
    or: e.or,
    not: e.not,
    select(condition, a, b) {
      if (e.type !== "bool") return e.where(condition, a, b);
      // onnxruntime chooses among no truth values.
      return e.or(e.and(condition, a), e.and(e.not(condition), b));
    },
    apart: (a, b) => e.where(e.equal(a, b), 0, e.sub(a, b)),
    portableLog: e.log,
    normalQuantile: wide(special.normalQuantile),
    lacking: (y) => e.where(e.greater(y, -0.5), e.neg(special.expm1(e, y)), 1),
    constant: (value) => value,
    default(atom) {
      throw new TypeError(
        `toOnnx: the atom "${atom.name}" is your own, and only its values are known, of which no ONNX operator can be made; state the function by the engine's atoms, e.g. activation("${atom.name}", (x) => x.mul(x.logistic()))`,
      );
    },
  };
}
