// A function of elements: an expression with a name, and all that is derived from it (value, derivatives, the types it
// takes), which is computed once and kept with it. It is freed with the function, so nothing leaks.

import type { Arity, OperandKind, Repeat, ResultKind } from "./atoms/atom.ts";
import { gate } from "./atoms/index.ts";
import { differentiateIn } from "./differentiate.ts";
import { arityOf, Expression, inOrder, inputs, kindOf, substitute } from "./expression.ts";
import { Builder, simplify, sum } from "./simplify.ts";
import { text } from "./text.ts";
import { type NumberFunction, toFunction } from "./to-function.ts";
import { type Definition, isAtom } from "./vocabulary.ts";

/** Where an operand of a derived function comes from. */
export type Source =
  | { readonly from: "input"; readonly index: number }
  | { readonly from: "output" }
  /** The cotangent, or the tangent of input `index`. */
  | { readonly from: "tangent"; readonly index: number };

/** A function to apply, and what to apply it to. `fn` is null where the only operand is already the result. */
export interface DerivedCall {
  readonly fn: ElementwiseFunction | null;
  readonly operands: readonly Source[];
}

/** What a function of elements can be applied to: a tensor, a scalar, an expression. */
export interface ElementwiseOperand<Self> {
  /** A function of the elements of this and of others, whose shapes broadcast. */
  elementwise(fn: ElementwiseFunction, ...others: (Self | number)[]): Self;
}

/** A named function of `arity` elements, stated as an expression of inputs 0 … arity − 1. */
export class ElementwiseFunction {
  /** The name, in listings and errors. */
  readonly name: string;
  /** How many operands it takes. */
  readonly arity: number;
  /** The expression as it was stated, simplified. */
  readonly expression: Expression;
  /** The atom, where the function is a single atom applied to the inputs in order. */
  readonly atom: Definition | null;
  #value: NumberFunction | undefined;
  #signature: { operands: OperandKind[]; result: ResultKind } | undefined;
  /** Read before simplifying, which joins constants. */
  readonly #stated: Expression;
  #fraction: number | null | undefined;
  readonly #derived = new Map<string, DerivedCall | null>();

  constructor(name: string, arity: number, expression: Expression, atom: Definition | null = null) {
    this.name = name;
    this.arity = arity;
    this.#stated = expression;
    this.expression = atom === null ? simplify(expression) : expression;
    this.atom = atom;
  }

  /** Its value on numbers. */
  get value(): NumberFunction {
    this.#value ??= toFunction(this.expression, this.arity);
    return this.#value;
  }

  /** The types its operands may have, and whether it yields truth values. */
  get signature(): { readonly operands: readonly OperandKind[]; readonly result: ResultKind } {
    this.#signature ??= signatureOf(this.expression, this.arity);
    return this.#signature;
  }

  /** A constant in its statement that no int32 element can equal; null where there is none. */
  get noInt32(): number | null {
    if (this.#fraction === undefined) {
      const constants = inOrder(this.#stated).filter(({ isConstant }) => isConstant);
      this.#fraction = constants.find(({ constant }) => constant !== (constant | 0))?.constant ?? null;
    }
    return this.#fraction;
  }

  /** Readable mathematics. */
  toString(names?: readonly string[]): string {
    return text(this.expression, names);
  }

  /**
   * Reverse mode: the cotangent of one operand, from the output's. Null where the derivative is zero everywhere.
   */
  pullback(operand: number): DerivedCall | null {
    return this.#derive(`pullback ${operand}`, (build, at) => {
      const derivative = at(operand);
      return derivative === null ? null : build.apply(gate, [build.input(this.arity + 1), derivative]);
    });
  }

  /**
   * Forward mode: the output's tangent, from those of the operands listed, in one pass. Null where it is zero everywhere.
   */
  pushforward(operands: readonly number[]): DerivedCall | null {
    return this.#derive(`pushforward ${operands.join()}`, (build, at) => {
      let total: Expression | null = null;
      for (const operand of operands) {
        const derivative = at(operand);
        if (derivative === null) continue;
        const term = build.apply(gate, [build.input(this.arity + 1 + operand), derivative]);
        total = total === null ? term : sum(build, total, term);
      }
      return total;
    });
  }

  /** The derivative with respect to one operand, in inputs and (as input `arity`) the output. */
  partial(operand: number): Expression {
    return this.#partial(new Builder(), operand);
  }

  #partial(build: Builder, operand: number): Expression {
    const { value, derivative } = differentiateIn(build, this.expression, operand);
    // Reading the output back costs less than computing it again, and gives ψ its meaning.
    if (value.atom === null) return derivative;
    const output = build.input(this.arity);
    return build.import(replaceNode(derivative, value, output));
  }

  #derive(
    key: string,
    make: (build: Builder, at: (operand: number) => Expression | null) => Expression | null,
  ): DerivedCall | null {
    const known = this.#derived.get(key);
    if (known !== undefined) return known;
    const build = new Builder();
    const expression = make(build, (operand) => {
      const partial = this.#partial(build, operand);
      return partial.isConstant && partial.constant === 0 ? null : partial;
    });
    const call = expression === null ? null : this.#compact(expression);
    this.#derived.set(key, call);
    return call;
  }

  /** Keeps only the operands that an expression uses. Its inputs are the function's own, the output, then tangents. */
  #compact(expression: Expression): DerivedCall {
    const used = [...new Set(inOrder(expression).map((node) => node.input))]
      .filter((i) => i >= 0)
      .sort((a, b) => a - b);
    const operands = used.map((i): Source => {
      if (i < this.arity) return { from: "input", index: i };
      return i === this.arity ? { from: "output" } : { from: "tangent", index: i - this.arity - 1 };
    });
    if (expression.input >= 0) return { fn: null, operands };
    const renumbered: Expression[] = [];
    used.forEach((old, fresh) => {
      renumbered[old] = Expression.input(fresh);
    });
    const placed = substitute(expression, renumbered);
    return { fn: new ElementwiseFunction(`d ${this.name}`, operands.length, placed), operands };
  }
}

function replaceNode(root: Expression, old: Expression, fresh: Expression): Expression {
  const image = new Map<Expression, Expression>([[old, fresh]]);
  for (const node of inOrder(root, image)) {
    if (image.has(node)) continue;
    const operands = node.operands.map((operand) => image.get(operand)!);
    image.set(node, node.atom === null ? node : Expression.apply(node.atom, operands));
  }
  return image.get(root)!;
}

function signatureOf(expression: Expression, arity: number): { operands: OperandKind[]; result: ResultKind } {
  // The operands of one call share a type, except those read as truth values, so the strictest atom decides.
  let strictest: OperandKind = "any";
  const truth = new Set<number>();
  for (const { atom, operands } of inOrder(expression)) {
    if (atom === null) continue;
    operands.forEach((operand, i) => {
      const kind = typeof atom.operands === "string" ? atom.operands : atom.operands[i]!;
      if (kind === "bool") {
        if (operand.input >= 0) truth.add(operand.input);
      } else if (kind === "float" || (kind === "number" && strictest === "any")) strictest = kind;
    });
  }
  return {
    operands: Array.from({ length: arity }, (_, i) => (truth.has(i) ? "bool" : strictest)),
    result: isTruth(expression) ? "bool" : "same",
  };
}

const isTruth = (node: Expression) => node.atom !== null && node.atom.result === "bool";

const known = new WeakMap<Definition, ElementwiseFunction>();

/** The function that an entry of the vocabulary is; made once. */
export function functionOf(definition: Definition): ElementwiseFunction {
  let fn = known.get(definition);
  if (fn === undefined) {
    const operands = inputs(definition.arity);
    fn = isAtom(definition)
      ? new ElementwiseFunction(
          definition.name,
          definition.arity,
          Expression.apply(definition, operands),
          definition,
        )
      : new ElementwiseFunction(definition.name, definition.arity, build(definition.build, operands));
    known.set(definition, fn);
  }
  return fn;
}

function build<N extends Arity>(
  statement: (...operands: Repeat<Expression, N>) => Expression,
  operands: Expression[],
): Expression {
  return statement(...(operands as Repeat<Expression, N>));
}

/** A function stated by a user: `build` is called with expressions for the operands. */
export function statedFunction(
  name: string,
  arity: number,
  statement: (...operands: Expression[]) => Expression | number,
): ElementwiseFunction {
  if (typeof statement !== "function")
    throw new TypeError(
      `${name}: its statement is a ${typeof statement}; give a function of expressions, e.g. (x) => x.mul(x.logistic())`,
    );
  const stated: unknown = statement(...inputs(arity));
  if (typeof stated !== "number" && !(stated instanceof Expression)) {
    throw new TypeError(
      `${name}: the statement returned ${kindOf(stated)}; it must return an expression of its operands, e.g. (x) => x.mul(x.logistic())`,
    );
  }
  const expression = Expression.from(stated);
  if (arityOf(expression) > arity)
    throw new RangeError(`${name}: the statement uses an input beyond its ${arity} operands`);
  return new ElementwiseFunction(name, arity, expression);
}

/** Expressions in the inputs whose zeros are the kinks, jumps and poles of an expression. */
export function kinkConditions(expression: Expression): Expression[] {
  const builder = new Builder();
  const conditions = new Set<Expression>();
  for (const node of inOrder(builder.import(expression))) {
    const kinks = node.atom?.kinks as ((...operands: Expression[]) => Expression[]) | undefined;
    for (const condition of kinks?.(...node.operands) ?? []) {
      const simple = builder.import(condition);
      if (!simple.isConstant) conditions.add(simple);
    }
  }
  return [...conditions];
}
