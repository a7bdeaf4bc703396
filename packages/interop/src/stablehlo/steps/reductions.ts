// Steps that combine many elements: sums, products of matrices, extremes, the order.

import type { StepTable } from "@adjoint/autograd";
import { Elements } from "../atoms/elements.ts";
import { log1p } from "../atoms/exponential.ts";
import type { Context, Results } from "../context.ts";
import type { Emitter } from "../emitter.ts";
import type { Operand } from "../operand.ts";
import { type ElementType, isFloat, type Shape } from "../types.ts";

type Entries = Pick<
  StepTable<Results>,
  "argExtreme" | "argsort" | "logSoftmax" | "matmul" | "max" | "mean" | "min" | "sumTo"
>;

/** The sum over the axes that a shape lacks, of floats in float64: float32 sums are rounded once, by who asks. */
export function total(emit: Emitter, x: Operand, shape: Shape): Operand {
  const wide = x.type === "f32" ? emit.convert(x, "f64") : x;
  const added = x.shape.length - shape.length;
  const axes = x.shape.flatMap((n, axis) =>
    axis < added || (shape[axis - added] === 1 && n !== 1) ? [axis] : [],
  );
  const sum = axes.length === 0 ? wide : emit.reduce(wide, axes, "add", 0);
  return emit.reshape(sum, shape);
}

/** A power of two so small that so many numbers, multiplied by it, have a finite sum. */
const shrinking = (terms: number) => 2 ** -Math.ceil(Math.log2(Math.max(1, terms)));

/** What no element of a type is more extreme than. */
const start = {
  maximum: { f32: -Infinity, f64: -Infinity, i32: -(2 ** 31), i1: 0 },
  minimum: { f32: Infinity, f64: Infinity, i32: 2 ** 31 - 1, i1: 1 },
} as const;

/** The extreme along axes, which stay with size 1. */
function extreme(emit: Emitter, x: Operand, axes: Shape, of: "maximum" | "minimum"): Operand {
  const kept = x.shape.map((n, axis) => (axes.includes(axis) ? 1 : n));
  if (axes.length === 0) return x;
  const combining = x.type === "i1" ? (of === "maximum" ? "or" : "and") : of;
  const first = start[of][x.type as keyof (typeof start)["maximum"]];
  return emit.reshape(emit.reduce(x, axes, combining, first), kept);
}

/** Whether a is before b in order; NaN is behind every number. */
function isBefore(emit: Emitter, a: Operand, b: Operand): Operand {
  if (!isFloat(a.type)) return emit.compare("LT", a, b);
  const isLast = emit.binary("and", emit.compare("EQ", a, a), emit.isNaN(b));
  return emit.binary("or", emit.compare("LT", a, b), isLast);
}

const size = (shape: Shape) => shape.reduce((n, each) => n * each, 1);

export function reductions({ emit, of }: Context): Entries {
  const rounded = (x: Operand, type: ElementType) => emit.convert(x, type);
  return {
    sumTo: ({ inputs: [x], attributes: { shape } }) => [rounded(total(emit, of(x!), shape), of(x!).type)],
    mean({ inputs: [x], attributes: { shape, divisor } }) {
      const terms = of(x!);
      const sum = total(emit, terms, shape);
      const quotient = emit.binary("divide", sum, emit.like(divisor, sum));
      if (terms.type === "f32") return [rounded(quotient, "f32")];
      // A sum that overflows is formed of smaller terms.
      const by = shrinking(size(terms.shape) / size(shape));
      const small = total(emit, emit.binary("multiply", terms, emit.like(by, terms)), shape);
      const other = emit.binary("divide", small, emit.like(divisor * by, small));
      return [emit.select(emit.isFinite(sum), quotient, other)];
    },
    matmul: ({ inputs: [a, b] }) => [emit.product(of(a!), of(b!))],
    max: ({ inputs: [x], attributes: { axes } }) => [extreme(emit, of(x!), axes, "maximum")],
    min: ({ inputs: [x], attributes: { axes } }) => [extreme(emit, of(x!), axes, "minimum")],
    argExtreme({ inputs: [value], attributes: { axis, smallest } }) {
      const x = of(value!);
      const best = extreme(emit, x, [axis], smallest ? "minimum" : "maximum");
      const isEqual = emit.compare("EQ", x, emit.spread(best, x.shape));
      // Where there is a NaN, it is the extreme, and equal to nothing.
      const isBest = isFloat(x.type) ? emit.binary("or", isEqual, emit.isNaN(x)) : isEqual;
      const places = emit.iota(axis, "i32", x.shape);
      const found = emit.select(isBest, places, emit.like(x.shape[axis]!, places));
      return [extreme(emit, found, [axis], "minimum")];
    },
    argsort({ inputs: [value], attributes: { axis, descending } }) {
      const given = of(value!);
      const x = given.type === "i1" ? emit.convert(given, "i32") : given;
      const places = emit.iota(axis, "i32", x.shape);
      const [, order] = emit.sort([x, places], axis, ([a, b]) =>
        descending ? isBefore(emit, b!, a!) : isBefore(emit, a!, b!),
      );
      return [order!];
    },
    logSoftmax({ inputs: [value], attributes: { axis } }) {
      const x = of(value!);
      const row = x.shape.with(axis, 1);
      const zero = (y: Operand) => emit.like(0, y);
      const largest = emit.spread(extreme(emit, x, [axis], "maximum"), x.shape);
      const isTie = emit.compare("EQ", x, largest);
      const z = emit.select(isTie, zero(x), emit.binary("subtract", x, largest));
      const isZero = emit.compare("EQ", z, zero(z));
      const ties = total(emit, emit.convert(isZero, x.type), row);
      const powers = emit.select(isZero, zero(z), emit.unary("exponential", z));
      const others = total(emit, powers, row);
      const excess = emit.binary("add", emit.binary("subtract", ties, emit.like(1, ties)), others);
      const above = rounded(log1p(new Elements(emit, "f64"), excess), x.type);
      return [emit.binary("subtract", z, emit.spread(above, x.shape))];
    },
  };
}
