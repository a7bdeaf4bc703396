// The expression: what happens inside one element. An immutable graph of inputs, constants and applied atoms.
// This file builds and orders it; simplify, differentiate, text and toFunction read it.

import type { Atom } from "./atoms/atom.ts";
import { LARGEST_FLOAT32, type NanToNumOptions, replaced, replacements } from "./nan-to-num.ts";
import { deriveMethods, isAtom, type PlainMethods } from "./vocabulary.ts";

export interface Expression extends PlainMethods<Expression> {}

/**
 * A function of one element: an input, a constant, or an atom applied to expressions.
 * Its methods build larger expressions: `x.mul(x.logistic())`. Numbers are taken as constants.
 */
export class Expression {
  /** The atom applied, or null for a leaf. */
  readonly atom: Atom | null;
  /** What the atom is applied to; empty for a leaf. */
  readonly operands: readonly Expression[];
  /** The index of an input among the function's operands; −1 where this is no input. */
  readonly input: number;
  /** The constant's value; NaN where this is no constant (ask `isConstant`). */
  readonly constant: number;

  private constructor(atom: Atom | null, operands: readonly Expression[], input: number, constant: number) {
    this.atom = atom;
    this.operands = operands;
    this.input = input;
    this.constant = constant;
  }

  /** The operand of the function at this index, counted from 0, as an expression. */
  static input(index: number): Expression {
    return new Expression(null, [], index, NaN);
  }

  /** A number as an expression. */
  static constant(value: number): Expression {
    return new Expression(null, [], -1, value);
  }

  /** An atom applied to expressions. */
  static apply(atom: Atom, operands: readonly Expression[]): Expression {
    return new Expression(atom, operands, -1, NaN);
  }

  /** A number as a constant; an expression as it is. Throws TypeError for anything else. */
  static from(value: Expression | number, operation: string = "expression"): Expression {
    if (typeof value === "number") return Expression.constant(value);
    if (value instanceof Expression) return value;
    throw new TypeError(
      `${operation}: got ${kindOf(value)} where an expression or a number belongs; inside an activation, build on its operand: x.${operation === "expression" ? "mul" : operation}(2)`,
    );
  }

  /** Operators would turn an expression into NaN or text, and what was written with them would be lost. */
  [Symbol.toPrimitive](hint: string): string {
    if (hint === "string") return "an expression";
    throw new TypeError(
      "expression: JavaScript's operators and Math work on numbers and can't be differentiated; use its methods: x.mul(2) for x * 2, x.tanh() for Math.tanh(x), x.greater(0).select(a, b) for x > 0 ? a : b",
    );
  }

  /**
   * A stated function of this expression: how an activation is called on one. Throws TypeError for an operand that is
   * neither an expression nor a number.
   */
  elementwise(fn: { readonly expression: Expression }, ...others: (Expression | number)[]): Expression {
    return substitute(fn.expression, [this, ...others.map((other) => Expression.from(other))]);
  }

  /**
   * This, with numbers in the place of NaN, ∞ and −∞: 0 and ±the largest float32 by default, since an expression does
   * not know the type of its elements. Where an element is replaced, the derivative is 0. NumPy's `nan_to_num`. Throws
   * TypeError for options that are not numbers.
   */
  nanToNum(options: NanToNumOptions = {}): Expression {
    return replaced(this, ...replacements(options, LARGEST_FLOAT32));
  }

  /** Whether it is a constant. */
  get isConstant(): boolean {
    return this.atom === null && this.input < 0;
  }

  /**
   * An atom of this and others, for atoms that have no method. Throws TypeError for an operand that is neither an
   * expression nor a number.
   */
  applied(atom: Atom, ...others: (Expression | number)[]): Expression {
    return Expression.apply(atom, [this, ...others.map((other) => Expression.from(other))]);
  }

  static {
    deriveMethods(Expression.prototype, (entry) => {
      const build = isAtom(entry)
        ? (...operands: Expression[]) => Expression.apply(entry, operands)
        : (entry.build as (...operands: Expression[]) => Expression);
      return function (...others: (Expression | number)[]) {
        if (others.length !== entry.arity - 1)
          throw new TypeError(
            `${entry.name}: takes ${entry.arity - 1} operands beside the expression, got ${others.length}; write x.${entry.name}(${["y", "z"].slice(0, entry.arity - 1).join(", ")})`,
          );
        return build(this, ...others.map((other) => Expression.from(other, entry.name)));
      };
    });
  }
}

/** What a value is, for messages. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return "an array";
  return `a ${typeof value === "object" ? (value.constructor?.name ?? "object") : typeof value}`;
}

/** The inputs 0 … arity − 1. */
export function inputs(arity: number): Expression[] {
  return Array.from({ length: arity }, (_, index) => Expression.input(index));
}

/**
 * Every node reachable from the roots once, operands before the nodes that use them; what lies beneath a node
 * that is `known` is passed over. A loop, not recursion, so that depth is unlimited.
 */
export function inOrder(
  roots: Expression | readonly Expression[],
  known: { has(node: Expression): boolean } = new Set<Expression>(),
): Expression[] {
  const order: Expression[] = [];
  const done = new Set<Expression>();
  const pending: Expression[] = roots instanceof Expression ? [roots] : [...roots].reverse();
  while (pending.length > 0) {
    const node = pending[pending.length - 1]!;
    if (done.has(node)) {
      pending.pop();
      continue;
    }
    let ready = true;
    for (let i = known.has(node) ? -1 : node.operands.length - 1; i >= 0; i--) {
      const operand = node.operands[i]!;
      if (done.has(operand)) continue;
      ready = false;
      pending.push(operand);
    }
    if (!ready) continue;
    pending.pop();
    done.add(node);
    order.push(node);
  }
  return order;
}

/** How many distinct nodes an expression has. */
export function size(root: Expression): number {
  return inOrder(root).length;
}

/** The largest input index plus one. */
export function arityOf(...roots: readonly Expression[]): number {
  return inOrder(roots).reduce((arity, node) => Math.max(arity, node.input + 1), 0);
}

/** The same expression with each input i replaced by `replacements[i]`. */
export function substitute(root: Expression, replacements: readonly Expression[]): Expression {
  return rebuild(root, (node) => (node.input >= 0 ? (replacements[node.input] ?? node) : null));
}

/** The same expression with nodes replaced where `replace` returns another. */
export function rebuild(root: Expression, replace: (node: Expression) => Expression | null): Expression {
  const image = new Map<Expression, Expression>();
  for (const node of inOrder(root)) {
    const replaced = replace(node);
    if (replaced !== null) image.set(node, replaced);
    else if (node.atom === null) image.set(node, node);
    else {
      const operands = node.operands.map((operand) => image.get(operand)!);
      const same = operands.every((operand, i) => operand === node.operands[i]);
      image.set(node, same ? node : Expression.apply(node.atom, operands));
    }
  }
  return image.get(root)!;
}
