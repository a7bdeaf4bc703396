// What atoms are written in: operations on elements, which may be numbers or truth values beside each other.

import type { Emitter } from "../emitter.ts";
import type { Operand } from "../operand.ts";
import { isFloat } from "../types.ts";

/** The type of the numbers in an expression. */
export type NumberType = "f32" | "f64" | "i32";

/** Short names for operations on elements of one type. */
export class Elements {
  /** What writes the operations. */
  readonly emit: Emitter;
  /** The type of the numbers. */
  readonly type: NumberType;

  constructor(emit: Emitter, type: NumberType) {
    this.emit = emit;
    this.type = type;
  }

  /** The same for numbers of another type. */
  as(type: NumberType): Elements {
    return new Elements(this.emit, type);
  }

  /** Whether the numbers are floats. */
  get isFloat(): boolean {
    return isFloat(this.type);
  }

  /** Truth values as 1 and 0; numbers as they are. */
  number(x: Operand): Operand {
    return this.emit.convert(x, this.type);
  }

  /** Numbers as whether they are not 0; NaN is not. Truth values as they are. */
  truth(x: Operand): Operand {
    return x.type === "i1" ? x : this.emit.compare("NE", x, this.emit.like(0, x));
  }

  #of(x: Operand | number, like: Operand): Operand {
    return typeof x === "number" ? this.emit.like(x, like) : x;
  }

  #both(a: Operand | number, b: Operand | number): [Operand, Operand] {
    const like = typeof a === "number" ? (b as Operand) : a;
    return [this.#of(a, like), this.#of(b, like)];
  }

  /** a + b, modulo 2³² where whole. */
  add(a: Operand | number, b: Operand | number): Operand {
    return this.emit.binary("add", ...this.#both(a, b));
  }

  /** a − b, modulo 2³² where whole. */
  sub(a: Operand | number, b: Operand | number): Operand {
    return this.emit.binary("subtract", ...this.#both(a, b));
  }

  /** a·b, modulo 2³² where whole. */
  mul(a: Operand | number, b: Operand | number): Operand {
    return this.emit.binary("multiply", ...this.#both(a, b));
  }

  /** a/b. */
  div(a: Operand | number, b: Operand | number): Operand {
    return this.emit.binary("divide", ...this.#both(a, b));
  }

  /** aᵇ as IEEE 754 has it: 1 for a = 1 and for b = 0, also beside NaN. */
  power(a: Operand | number, b: Operand | number): Operand {
    return this.emit.binary("power", ...this.#both(a, b));
  }

  /** The larger of two; NaN if either is. */
  max(a: Operand | number, b: Operand | number): Operand {
    return this.emit.binary("maximum", ...this.#both(a, b));
  }

  /** The smaller of two; NaN if either is. */
  min(a: Operand | number, b: Operand | number): Operand {
    return this.emit.binary("minimum", ...this.#both(a, b));
  }

  /** −x. */
  neg(x: Operand): Operand {
    return this.emit.unary("negate", x);
  }

  /** |x|. */
  abs(x: Operand): Operand {
    return this.emit.unary("abs", x);
  }

  /** eˣ. */
  exp(x: Operand): Operand {
    return this.emit.unary("exponential", x);
  }

  /** The natural logarithm. */
  log(x: Operand): Operand {
    return this.emit.unary("log", x);
  }

  /** The square root. */
  sqrt(x: Operand): Operand {
    return this.emit.unary("sqrt", x);
  }

  /** The largest whole number not above x. */
  floor(x: Operand): Operand {
    return this.emit.unary("floor", x);
  }

  /** The nearest whole number; of two, the even one. */
  round(x: Operand): Operand {
    return this.emit.unary("round_nearest_even", x);
  }

  /** Whether a = b; false for NaN. */
  equal(a: Operand, b: Operand | number): Operand {
    return this.emit.compare("EQ", a, this.#of(b, a));
  }

  /** Whether a < b; false for NaN. */
  less(a: Operand, b: Operand | number): Operand {
    return this.emit.compare("LT", a, this.#of(b, a));
  }

  /** Whether a ≤ b; false for NaN. */
  lessEqual(a: Operand, b: Operand | number): Operand {
    return this.emit.compare("LE", a, this.#of(b, a));
  }

  /** Whether a > b; false for NaN. */
  greater(a: Operand, b: Operand | number): Operand {
    return this.emit.compare("GT", a, this.#of(b, a));
  }

  /** Whether both hold. */
  and(a: Operand, b: Operand): Operand {
    return this.emit.binary("and", a, b);
  }

  /** Whether one or both hold. */
  or(a: Operand, b: Operand): Operand {
    return this.emit.binary("or", a, b);
  }

  /** The opposite. */
  not(a: Operand): Operand {
    return this.emit.unary("not", a);
  }

  /** Whether x is NaN. */
  isNaN(x: Operand): Operand {
    return this.emit.isNaN(x);
  }

  /** Whether x is ∞ or −∞. */
  isInfinite(x: Operand): Operand {
    return this.equal(this.abs(x), Infinity);
  }

  /** a where the condition holds, else b. */
  select(condition: Operand, a: Operand | number, b: Operand | number): Operand {
    const each = (x: Operand | number) =>
      typeof x === "number" ? this.emit.constant(x, this.type, condition.shape) : x;
    return this.emit.select(condition, each(a), each(b));
  }

  /** c₀ + c₁·x + c₂·x² + … by Horner's rule. */
  polynomial(x: Operand, coefficients: readonly number[]): Operand {
    return coefficients
      .slice(0, -1)
      .reduceRight<Operand>(
        (above, coefficient) => this.add(this.mul(above, x), coefficient),
        this.emit.like(coefficients.at(-1)!, x),
      );
  }

  /** Computed in float64, and rounded to the type once, at the end. */
  wide(f: (elements: Elements, ...operands: Operand[]) => Operand, ...operands: Operand[]): Operand {
    if (this.type === "f64") return f(this, ...operands);
    const wide = this.as("f64");
    return this.number(f(wide, ...operands.map((x) => wide.number(x))));
  }
}
