// A formula of x as the engine's expression. Nothing is ever run as code: tokens become applications of known functions.
//
//   formula     comparison ["where" name "=" sum {"," name "=" sum}]
//   comparison  sum [("<" | "≤" | "=" | "≠" | "≥" | ">") sum]
//   sum         product {("+" | "−") product}
//   product     signed {("·" | "/" | nothing) signed}
//   signed      {"−" | "+"} power
//   power       primary {superscript} ["^" signed]
//   primary     number | name | name "(" comparison {"," comparison} ")" | "(" comparison ")" | "|" sum "|" | "√" primary

import { Expression } from "@adjoint/autograd";
import { nearest } from "../mistakes.ts";
import { FormulaMistake } from "./formula-mistake.ts";
import { type FormulaFunction, functions } from "./functions.ts";
import { type Token, tokensOf } from "./tokens.ts";

/** How deep brackets, signs and powers may be nested. */
const DEEPEST = 50;

/** A part of the formula: what it is, and where it stands. */
interface Part {
  readonly value: Expression;
  readonly isTruth: boolean;
  readonly from: number;
  readonly to: number;
  /** Whether it is Euler's number, written e, whose powers are exp. */
  readonly isEuler?: boolean;
}

const COMPARISONS: Readonly<Record<string, string>> = {
  "<": "less",
  "<=": "lessEqual",
  "=": "equal",
  "!=": "notEqual",
  ">=": "greaterEqual",
  ">": "greater",
};

const CONSTANTS: Readonly<Record<string, number>> = { e: Math.E, pi: Math.PI, Infinity };

/**
 * A formula as an expression of its names, x unless others are given: `parsed("x·logistic(x)")`. What `text(expression)` prints
 * is read back, and what people type besides: 2x, |x|, x^2, x², ln(1+e^x), max(0, x), σ(x), π.
 * Throws FormulaMistake, with its place, for everything else.
 */
export function parsed(text: string, names: readonly string[] = ["x"]): Expression {
  return new Parser(tokensOf(text), names).formula();
}

/** True and false as the engine prints them. */
const isTruthConstant = ({ isConstant, constant }: Expression): boolean =>
  isConstant && (constant === 0 || constant === 1);

class Parser {
  readonly #tokens: readonly Token[];
  readonly #names: Map<string, Pick<Part, "value" | "isTruth">>;
  #at = 0;
  #depth = 0;
  /** How many |…| are open. */
  #bars = 0;

  constructor(tokens: readonly Token[], names: readonly string[]) {
    this.#tokens = tokens;
    this.#names = new Map(names.map((name, i) => [name, { value: Expression.input(i), isTruth: false }]));
  }

  formula(): Expression {
    if (this.#tokens.length === 1)
      throw new FormulaMistake("the formula is empty; write one of x, such as x * logistic(x)", 0, 0);
    const where = this.#tokens.findIndex(({ kind, text }) => kind === "name" && text === "where");
    if (where >= 0) this.#definitions(where);
    const result = this.#comparison();
    const rest = this.#next;
    if (rest.kind !== "end" && !(rest.kind === "name" && rest.text === "where")) throw this.#unexpected(rest);
    if (result.isTruth)
      throw new FormulaMistake(
        "this is true or false, and an activation is a number; write select(…, 1, 0) around it",
        result.from,
        result.to,
      );
    return result.value;
  }

  /** Parts that are named after the formula: `t₁·t₁ where t₁ = exp(x)`. */
  #definitions(where: number): void {
    this.#at = where + 1;
    for (;;) {
      const name = this.#take();
      if (
        name.kind !== "name" ||
        this.#names.has(name.text) ||
        Object.hasOwn(CONSTANTS, name.text) ||
        functions().has(name.text)
      )
        throw new FormulaMistake(
          "after “where” a new name belongs, as in where t₁ = exp(x)",
          name.from,
          name.to,
        );
      this.#expect("=", "“=” belongs after the name of a part, as in where t₁ = exp(x)");
      const { value, isTruth } = this.#sum();
      this.#names.set(name.text, { value, isTruth });
      if (!this.#skip(",")) break;
    }
    if (this.#next.kind !== "end") throw this.#unexpected(this.#next);
    this.#at = 0;
  }

  #comparison(): Part {
    const left = this.#sum();
    const name = this.#signIn(COMPARISONS);
    if (name === undefined) return left;
    this.#numeric(left);
    const right = this.#numeric(this.#sum());
    if (this.#next.kind === "sign" && Object.hasOwn(COMPARISONS, this.#next.text))
      throw new FormulaMistake(
        "comparisons don't chain; write and(0 < x, x < 1)",
        this.#next.from,
        this.#next.to,
      );
    return { ...this.#apply(name, [left, right]), isTruth: true };
  }

  #sum(): Part {
    let left = this.#product();
    for (;;) {
      const name = this.#signIn({ "+": "add", "-": "sub" });
      if (name === undefined) return left;
      left = this.#apply(name, [left, this.#product()]);
    }
  }

  #product(): Part {
    let left = this.#signed();
    let divides = false;
    for (;;) {
      const next = this.#next;
      const name = this.#signIn({ "*": "mul", "/": "div" });
      if (name === undefined && !this.#begins(next)) return left;
      if (name === undefined && divides)
        throw new FormulaMistake(
          "a/b c can be read as (a/b)·c and as a/(b·c); write the one that is meant with its brackets",
          left.from,
          next.to,
        );
      if (name === undefined && left.isEuler === true)
        throw new FormulaMistake(
          "e is a number; write e^x or exp(x) for its powers, e·x for a product",
          left.from,
          next.to,
        );
      if (name === undefined && next.kind === "number")
        throw new FormulaMistake(
          "a sign is missing before this number: +, −, · or /; decimals have a point",
          next.from,
          next.to,
        );
      divides = name === "div";
      left = this.#apply(name ?? "mul", [left, this.#signed()]);
    }
  }

  /** Whether a token begins a factor, so that a product is meant where no sign stands before it. */
  #begins({ kind, text }: Token): boolean {
    if (kind === "number") return true;
    if (kind === "name") return text !== "where";
    return (
      kind === "sign" && (text === "(" || text === "√" || text === "∞" || (text === "|" && this.#bars === 0))
    );
  }

  #signed(): Part {
    const sign = this.#next;
    const name = this.#signIn({ "-": "neg", "+": "+" });
    if (name === undefined) return this.#power();
    const operand = this.#nested(sign, () => this.#signed());
    if (name === "+") return this.#numeric(operand);
    const { value } = this.#numeric(operand);
    // A negative number is a constant, which clip can check, say.
    if (value.isConstant && value.constant > 0)
      return { value: Expression.constant(-value.constant), isTruth: false, from: sign.from, to: operand.to };
    return { ...this.#apply("neg", [operand]), from: sign.from };
  }

  #power(): Part {
    let base = this.#primary();
    while (this.#next.kind === "power") {
      const { value, from, to } = this.#take();
      base = this.#raised(base, { value: Expression.constant(value), isTruth: false, from, to });
    }
    const sign = this.#next;
    if (!this.#skip("^")) return base;
    return this.#raised(
      base,
      this.#nested(sign, () => this.#signed()),
    );
  }

  #raised(base: Part, exponent: Part): Part {
    this.#numeric(base);
    this.#numeric(exponent);
    const place = { from: base.from, to: exponent.to, isTruth: false };
    if (base.isEuler === true) return { value: exponent.value.exp(), ...place };
    // Exponentials have a simpler derivative than powers of a number.
    const { isConstant, constant } = base.value;
    if (isConstant && constant === 2 && !exponent.value.isConstant)
      return { value: exponent.value.exp2(), ...place };
    if (isConstant && constant > 0 && constant < Infinity && !exponent.value.isConstant)
      return { value: exponent.value.mul(Math.log(constant)).exp(), ...place };
    if (exponent.value.isConstant && exponent.value.constant === 2)
      return { value: base.value.square(), ...place };
    return { value: base.value.pow(exponent.value), ...place };
  }

  #primary(): Part {
    const token = this.#take();
    const { kind, text, value, from, to } = token;
    if (kind === "number") return { value: Expression.constant(value), isTruth: false, from, to };
    if (kind === "name") return this.#named(token);
    if (kind === "sign" && text === "∞")
      return { value: Expression.constant(Infinity), isTruth: false, from, to };
    if (kind === "sign" && text === "√") {
      const first = this.#next;
      const operand = this.#nested(token, () => this.#primary());
      const after = this.#next;
      const isPower = after.kind === "power" || (after.kind === "sign" && after.text === "^");
      if (isPower && !(first.kind === "sign" && first.text === "("))
        throw new FormulaMistake(
          "√x² can be read as (√x)² and as √(x²); write the one that is meant with its brackets",
          from,
          after.to,
        );
      return { ...this.#apply("sqrt", [operand]), from };
    }
    if (kind === "sign" && text === "(") {
      const bars = this.#bars;
      this.#bars = 0;
      const inner = this.#nested(token, () => this.#comparison());
      const end = this.#close(token);
      this.#bars = bars;
      return { value: inner.value, isTruth: inner.isTruth, from, to: end.to };
    }
    if (kind === "sign" && text === "|") {
      this.#bars++;
      const inner = this.#nested(token, () => this.#sum());
      this.#bars--;
      const end = this.#next;
      if (!this.#skip("|"))
        throw new FormulaMistake("this | has no second one; write |x| or abs(x)", from, to);
      return { ...this.#apply("abs", [inner]), from, to: end.to };
    }
    throw this.#unexpected(token);
  }

  #named(token: Token): Part {
    const { text, from, to } = token;
    const input = this.#names.get(text);
    if (input !== undefined) return { ...input, from, to };
    const fn = functions().get(text);
    if (fn !== undefined) return this.#call(token, fn);
    if (Object.hasOwn(CONSTANTS, text))
      return {
        value: Expression.constant(CONSTANTS[text]!),
        isTruth: false,
        from,
        to,
        isEuler: text === "e",
      };
    throw this.#unknown(token);
  }

  #unknown({ text, from, to }: Token): FormulaMistake {
    const [x] = this.#names.keys();
    const followed = this.#next.kind === "sign" && this.#next.text === "(";
    const near = nearest(text, [...functions().keys(), ...this.#names.keys(), ...Object.keys(CONSTANTS)]);
    const meant = near === undefined ? "" : `: did you mean ${near}?`;
    if (followed)
      return new FormulaMistake(
        `unknown function “${text}”${meant || "; use one such as tanh, exp, log, max or abs"}`,
        from,
        to,
      );
    const digits = new RegExp(`^${x}(\\d+)$`).exec(text);
    if (digits !== null)
      return new FormulaMistake(
        `unknown name “${text}”: did you mean ${x}^${digits[1]} or ${digits[1]}${x}?`,
        from,
        to,
      );
    return new FormulaMistake(
      `unknown name “${text}”${meant || `; a formula is of ${x}, numbers, e, π and functions`}`,
      from,
      to,
    );
  }

  #call(name: Token, fn: FormulaFunction): Part {
    const open = this.#next;
    const example = `${name.text}(${["x", "1", "2"].slice(0, fn.arity).join(", ")})`;
    if (open.kind === "power" || (open.kind === "sign" && open.text === "^"))
      throw new FormulaMistake(
        `write a power behind the brackets: ${example}^2; the inverse of tan is atan`,
        name.from,
        open.to,
      );
    if (!this.#skip("("))
      throw new FormulaMistake(
        `${name.text} is a function; write its operand in brackets: ${example}`,
        name.from,
        name.to,
      );
    const bars = this.#bars;
    this.#bars = 0;
    const operands: Part[] = [];
    if (!(this.#next.kind === "sign" && this.#next.text === ")"))
      do operands.push(this.#nested(open, () => this.#comparison()));
      while (this.#skip(","));
    const end = this.#close(open);
    this.#bars = bars;
    if (operands.length !== fn.arity)
      throw new FormulaMistake(
        `${name.text} takes ${fn.arity} ${fn.arity === 1 ? "operand" : "operands"} and has ${operands.length}; write ${example}`,
        name.from,
        end.to,
      );
    return { ...this.#apply(name.text, operands), from: name.from, to: end.to };
  }

  /** A function of parts. Throws where one is a truth value and should be a number, or the other way round. */
  #apply(name: string, operands: readonly Part[]): Part {
    const fn = functions().get(name)!;
    operands.forEach((operand, i) => {
      const kind = fn.takes[i]!;
      if (kind === "number") this.#numeric(operand);
      if (kind === "truth" && !operand.isTruth && !isTruthConstant(operand.value))
        throw new FormulaMistake(
          "this is a number, and a condition belongs here, such as x > 0",
          operand.from,
          operand.to,
        );
    });
    try {
      return {
        value: fn.build(...operands.map(({ value }) => value)),
        isTruth: fn.isTruth,
        from: operands[0]!.from,
        to: operands.at(-1)!.to,
      };
    } catch (error) {
      // Bounds that cross, say.
      if (!(error instanceof RangeError)) throw error;
      throw new FormulaMistake(error.message, operands[0]!.from, operands.at(-1)!.to);
    }
  }

  #numeric(part: Part): Part {
    if (!part.isTruth) return part;
    throw new FormulaMistake(
      "this is true or false, and a number belongs here; write select(…, 1, 0) around it",
      part.from,
      part.to,
    );
  }

  // ── Tokens ──────────────────────────────────────────────────────────────────────────────────────────────────────

  get #next(): Token {
    return this.#tokens[this.#at]!;
  }

  #take(): Token {
    const token = this.#next;
    if (token.kind !== "end") this.#at++;
    return token;
  }

  #skip(sign: string): boolean {
    const isIt = this.#next.kind === "sign" && this.#next.text === sign;
    if (isIt) this.#at++;
    return isIt;
  }

  /** The meaning of the next token among some signs, which is then taken. */
  #signIn(meanings: Readonly<Record<string, string>>): string | undefined {
    const { kind, text } = this.#next;
    if (kind !== "sign" || !Object.hasOwn(meanings, text)) return undefined;
    this.#at++;
    return meanings[text];
  }

  #expect(sign: string, message: string): void {
    const { from, to } = this.#next;
    if (!this.#skip(sign)) throw new FormulaMistake(message, from, to);
  }

  #close(open: Token): Token {
    const end = this.#next;
    if (this.#skip(")")) return end;
    if (end.kind === "end") throw new FormulaMistake("this bracket is not closed; add )", open.from, open.to);
    throw this.#unexpected(end);
  }

  #nested(token: Token, parse: () => Part): Part {
    if (++this.#depth > DEEPEST)
      throw new FormulaMistake(
        `nested deeper than ${DEEPEST} brackets, signs and powers; simplify it`,
        token.from,
        token.to,
      );
    const part = parse();
    this.#depth--;
    return part;
  }

  #unexpected({ kind, text, from, to }: Token): FormulaMistake {
    if (kind === "end")
      return new FormulaMistake(
        "the formula ends too early; a number, x or a function belongs here",
        Math.max(0, from - 1),
        to,
      );
    if (text === ")") {
      const isOpen = this.#depth > 0;
      return new FormulaMistake(
        isOpen ? "something is missing before this bracket" : "this bracket closes none; remove it",
        from,
        to,
      );
    }
    if (text === ",")
      return new FormulaMistake(
        "a comma stands between a function's operands; decimals have a point: 1.5",
        from,
        to,
      );
    if (text === "=" || Object.hasOwn(COMPARISONS, text))
      return new FormulaMistake(
        "something to compare is missing; write it as in select(x > 0, x, 0)",
        from,
        to,
      );
    if (text === "where")
      return new FormulaMistake("“where” stands after the formula, as in t₁·t₁ where t₁ = exp(x)", from, to);
    return new FormulaMistake("a number, x or a function belongs here", from, to);
  }
}
