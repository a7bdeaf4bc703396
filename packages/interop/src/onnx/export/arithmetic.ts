// Elementwise operators on tensors of one type and on numbers, and the truth values that comparisons give.

import type { ElementType } from "./encode.ts";
import type { Element, Writer } from "./writer.ts";

/** A tensor, or a number that stands beside each element. */
export type Term = Element | number;

export class Arithmetic {
  readonly writer: Writer;
  /** The type in which is computed. */
  readonly type: ElementType;

  constructor(writer: Writer, type: ElementType) {
    this.writer = writer;
    this.type = type;
  }

  /** A term as a tensor of a type. A number counts as true unless it is 0. */
  as(x: Term, type: ElementType = this.type): Element {
    if (typeof x === "number") return this.writer.scalar(type, type === "bool" ? Number(x !== 0) : x);
    return this.writer.cast(x, type);
  }

  /** An operator on terms of the type. */
  apply(operator: string, ...terms: readonly Term[]): Element {
    return this.writer.add(
      operator,
      terms.map((term) => this.as(term).name),
      this.type,
    );
  }

  #compared(operator: string, a: Term, b: Term): Element {
    return this.writer.add(operator, [this.as(a).name, this.as(b).name], "bool");
  }

  #logical(operator: string, ...terms: readonly Term[]): Element {
    return this.writer.add(
      operator,
      terms.map((term) => this.as(term, "bool").name),
      "bool",
    );
  }

  add = (a: Term, b: Term): Element => this.apply("Add", a, b);
  sub = (a: Term, b: Term): Element => this.apply("Sub", a, b);
  mul = (a: Term, b: Term): Element => this.apply("Mul", a, b);
  div = (a: Term, b: Term): Element => this.apply("Div", a, b);
  neg = (x: Term): Element => this.apply("Neg", x);
  abs = (x: Term): Element => this.apply("Abs", x);
  sqrt = (x: Term): Element => this.apply("Sqrt", x);
  exp = (x: Term): Element => this.apply("Exp", x);
  log = (x: Term): Element => this.apply("Log", x);
  floor = (x: Term): Element => this.apply("Floor", x);
  round = (x: Term): Element => this.apply("Round", x);
  sign = (x: Term): Element => this.apply("Sign", x);
  max = (a: Term, b: Term): Element => this.apply("Max", a, b);
  min = (a: Term, b: Term): Element => this.apply("Min", a, b);

  equal = (a: Term, b: Term): Element => this.#compared("Equal", a, b);
  less = (a: Term, b: Term): Element => this.#compared("Less", a, b);
  greater = (a: Term, b: Term): Element => this.#compared("Greater", a, b);
  lessEqual = (a: Term, b: Term): Element => this.#compared("LessOrEqual", a, b);
  greaterEqual = (a: Term, b: Term): Element => this.#compared("GreaterOrEqual", a, b);
  isNaN = (x: Term): Element => this.writer.add("IsNaN", [this.as(x).name], "bool");
  isInfinite = (x: Term): Element => this.writer.add("IsInf", [this.as(x).name], "bool");

  and = (a: Term, b: Term): Element => this.#logical("And", a, b);
  or = (a: Term, b: Term): Element => this.#logical("Or", a, b);
  not = (x: Term): Element => this.#logical("Not", x);
  xor = (a: Term, b: Term): Element => this.#logical("Xor", a, b);

  /** a where the condition is true, else b. */
  where(condition: Term, a: Term, b: Term): Element {
    const { name } = this.as(condition, "bool");
    return this.writer.add("Where", [name, this.as(a).name, this.as(b).name], this.type);
  }

  /** The sum of c[i]·xⁱ, by Horner's rule. */
  polynomial(x: Term, coefficients: readonly number[]): Term {
    return coefficients.reduceRight<Term>(
      (sum, coefficient) => (sum === 0 ? coefficient : this.add(this.mul(sum, x), coefficient)),
      0,
    );
  }

  /** A function computed in float64, whatever the type is. */
  wide(f: (wide: Arithmetic, ...x: readonly Element[]) => Term, ...x: readonly Term[]): Element {
    const wide = new Arithmetic(this.writer, "float64");
    const made = wide.as(
      f(
        wide,
        ...x.map((term) => (typeof term === "number" ? this.writer.scalar("float64", term) : wide.as(term))),
      ),
    );
    return this.as(made);
  }
}
