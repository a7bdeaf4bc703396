// What atoms are written in: operations on elements, which may be numbers or truth values beside each other.

import type { Emitter, Operand } from "../emitter.ts";
import { isFloat } from "../types.ts";

/** The type of the numbers in an expression. */
export type NumberType = "f32" | "f64" | "i32";

/** Short names for operations on elements of one type. */
export class Elements {
  readonly emit: Emitter;
  readonly type: NumberType;

  constructor(emit: Emitter, type: NumberType) {
    this.emit = emit;
    this.type = type;
  }

  /** The same for numbers of another type. */
  as(type: NumberType): Elements {
    return new Elements(this.emit, type);
  }

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

  add(a: Operand | number, b: Operand | number): Operand {
    return this.emit.binary("add", ...this.#both(a, b));
  }

  sub(a: Operand | number, b: Operand | number): Operand {
    return this.emit.binary("subtract", ...this.#both(a, b));
  }

  mul(a: Operand | number, b: Operand | number): Operand {
    return this.emit.binary("multiply", ...this.#both(a, b));
  }

  div(a: Operand | number, b: Operand | number): Operand {
    return this.emit.binary("divide", ...this.#both(a, b));
  }

  power(a: Operand | number, b: Operand | number): Operand {
    return this.emit.binary("power", ...this.#both(a, b));
  }

  max(a: Operand | number, b: Operand | number): Operand {
    return this.emit.binary("maximum", ...this.#both(a, b));
  }

  min(a: Operand | number, b: Operand | number): Operand {
    return this.emit.binary("minimum", ...this.#both(a, b));
  }

  neg(x: Operand): Operand {
    return this.emit.unary("negate", x);
  }

  abs(x: Operand): Operand {
    return this.emit.unary("abs", x);
  }

  exp(x: Operand): Operand {
    return this.emit.unary("exponential", x);
  }

  log(x: Operand): Operand {
    return this.emit.unary("log", x);
  }

  sqrt(x: Operand): Operand {
    return this.emit.unary("sqrt", x);
  }

  floor(x: Operand): Operand {
    return this.emit.unary("floor", x);
  }

  round(x: Operand): Operand {
    return this.emit.unary("round_nearest_even", x);
  }

  equal(a: Operand, b: Operand | number): Operand {
    return this.emit.compare("EQ", a, this.#of(b, a));
  }

  less(a: Operand, b: Operand | number): Operand {
    return this.emit.compare("LT", a, this.#of(b, a));
  }

  lessEqual(a: Operand, b: Operand | number): Operand {
    return this.emit.compare("LE", a, this.#of(b, a));
  }

  greater(a: Operand, b: Operand | number): Operand {
    return this.emit.compare("GT", a, this.#of(b, a));
  }

  and(a: Operand, b: Operand): Operand {
    return this.emit.binary("and", a, b);
  }

  or(a: Operand, b: Operand): Operand {
    return this.emit.binary("or", a, b);
  }

  not(a: Operand): Operand {
    return this.emit.unary("not", a);
  }

  isNaN(x: Operand): Operand {
    return this.emit.isNaN(x);
  }

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
