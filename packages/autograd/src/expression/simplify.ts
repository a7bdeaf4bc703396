// Makes an expression smaller and safer without changing its meaning (but for the sign of a zero): equal
// subexpressions become one node, constants fold, neutral elements vanish, and forms that overflow become the
// atoms that don't. Rules that would hide a NaN (x·0 → 0) are left out; differentiate never makes such terms.

import type { Atom } from "./atoms/atom.ts";
import { identifierOf } from "./atoms/identity.ts";
import * as A from "./atoms/index.ts";
import { Expression, inOrder } from "./expression.ts";

// Rules build their results by applying rules. A chain of such calls as long as the expression would overflow the stack;
// beyond this depth a node is made without rules: it is right, but longer than it could be.
const DEEPEST = 100;

/**
 * Builds simplified expressions that share equal parts. The table of what was built belongs to one pass and is
 * freed with it, so it can't leak.
 */
export class Builder {
  readonly #ids = new Map<Expression, number>();
  readonly #known = new Map<string, Expression>();
  #nesting = 0;

  constant(value: number): Expression {
    // String(−0) is "0", so minus zero needs a key of its own.
    return this.#share(`c${Object.is(value, -0) ? "-0" : value}`, () => Expression.constant(value));
  }

  input(index: number): Expression {
    return this.#share(`i${index}`, () => Expression.input(index));
  }

  /** Atom applied to operands made by this builder. */
  apply(atom: Atom, operands: readonly Expression[]): Expression {
    if (operands.every((operand) => operand.isConstant)) {
      return this.constant((atom.value as (...x: number[]) => number)(...operands.map((o) => o.constant)));
    }
    // Put in order before the rules see them, so that rules can't tell a + b from b + a either.
    const placed = atom.commutative ? this.#canonical(operands) : operands;
    const shorter = this.#shorter(atom, placed);
    if (shorter !== null) return shorter;
    const key = `${identifierOf(atom)}(${placed.map((o) => this.#ids.get(o)).join()})`;
    return this.#share(key, () => Expression.apply(atom, placed));
  }

  #shorter(atom: Atom, operands: readonly Expression[]): Expression | null {
    const rule = rules.get(atom);
    if (rule === undefined || this.#nesting >= DEEPEST) return null;
    this.#nesting++;
    const shorter = rule(this, operands);
    this.#nesting--;
    return shorter;
  }

  /** Any expression, simplified, sharing nodes with what this builder has made. */
  import(root: Expression): Expression {
    const image = new Map<Expression, Expression>();
    for (const node of inOrder(root, this.#ids)) image.set(node, this.#importOne(node, image));
    return image.get(root)!;
  }

  #importOne(node: Expression, image: ReadonlyMap<Expression, Expression>): Expression {
    if (this.#ids.has(node)) return node;
    if (node.isConstant) return this.constant(node.constant);
    if (node.atom === null) return this.input(node.input);
    return this.apply(
      node.atom,
      node.operands.map((operand) => image.get(operand)!),
    );
  }

  #share(key: string, make: () => Expression): Expression {
    let node = this.#known.get(key);
    if (node === undefined) {
      node = make();
      this.#known.set(key, node);
      this.#ids.set(node, this.#ids.size);
    }
    return node;
  }

  /** Constants first, then the older first: one order for a + b and b + a. */
  #canonical(operands: readonly Expression[]): Expression[] {
    const rank = (node: Expression) => (node.isConstant ? -1 : this.#ids.get(node)!);
    return [...operands].sort((a, b) => rank(a) - rank(b));
  }
}

/**
 * The result of an atom where some operands are known (a number) and others are not (null): a constant, or one of its
 * operands; null where it is neither.
 */
export function constantOrOperand(
  atom: Atom,
  operands: readonly (number | null)[],
): { readonly constant: number } | { readonly operand: number } | null {
  if (!operands.some((operand) => operand !== null)) return null;
  const build = new Builder();
  const result = build.apply(
    atom,
    operands.map((operand, i) => (operand === null ? build.input(i) : build.constant(operand))),
  );
  if (result.isConstant) return { constant: result.constant };
  return result.input >= 0 ? { operand: result.input } : null;
}

/** The same function in fewer nodes, equal parts shared. */
export function simplify(root: Expression): Expression {
  return new Builder().import(root);
}

/** A shorter form, or null. The operands of a commutative atom come in canonical order: a constant is the first. */
type Rule = (build: Builder, operands: readonly Expression[]) => Expression | null;

const is = (node: Expression, value: number) => node.isConstant && Object.is(node.constant, value);
const isZero = (node: Expression) => node.isConstant && node.constant === 0;
const operandOf = (node: Expression, atom: Atom) => (node.atom === atom ? node.operands[0]! : null);

/** c when a node is c·x with a constant c (or −x, where c is −1), beside x. */
function scaled(node: Expression): { factor: number; rest: Expression } | null {
  if (node.atom === A.neg) return { factor: -1, rest: node.operands[0]! };
  if (node.atom !== A.mul) return null;
  const [a, b] = node.operands as [Expression, Expression];
  return a.isConstant ? { factor: a.constant, rest: b } : null;
}

/**
 * c·d, unless it leaves the range of floats though c and d are inside: then c·(d·x) may be right where (c·d)·x isn't. Nor
 * where the product of two whole numbers has more bits than a float64: then it is not theirs modulo 2³².
 */
function foldedFactor(c: number, d: number): number | null {
  if (Number.isInteger(c) && Number.isInteger(d) && !Number.isSafeInteger(c * d)) return null;
  const inRange = (value: number) => Number.isFinite(value) && Math.abs(value) >= 2 ** -1022;
  return inRange(c * d) || !inRange(c) || !inRange(d) ? c * d : null;
}

const product: Rule = (build, [a, b]) => {
  if (a!.isConstant) {
    if (a!.constant === 1) return b!;
    if (a!.constant === -1) return build.apply(A.neg, [b!]);
    const inner = scaled(b!);
    const factor = inner === null ? null : foldedFactor(a!.constant, inner.factor);
    if (factor !== null) return build.apply(A.mul, [build.constant(factor), inner!.rest]);
    const inverse = operandOf(b!, A.reciprocal);
    return inverse === null ? null : build.apply(A.div, [a!, inverse]);
  }
  // A sign or a constant moves outward, where it can be joined with others.
  for (const [one, other] of [
    [a!, b!],
    [b!, a!],
  ] as const) {
    const inner = scaled(one);
    if (inner !== null) {
      return build.apply(A.mul, [build.constant(inner.factor), build.apply(A.mul, [inner.rest, other])]);
    }
    const inverse = operandOf(one, A.reciprocal);
    if (inverse !== null) return build.apply(A.div, [other, inverse]);
  }
  return a === b ? build.apply(A.square, [a!]) : null;
};

/** Two choices by one condition are one choice. */
function mergeChoices(build: Builder, atom: Atom, a: Expression, b: Expression): Expression | null {
  if (a.atom !== A.select || b.atom !== A.select || a.operands[0] !== b.operands[0]) return null;
  return build.apply(A.select, [
    a.operands[0]!,
    build.apply(atom, [a.operands[1]!, b.operands[1]!]),
    build.apply(atom, [a.operands[2]!, b.operands[2]!]),
  ]);
}

/** u when a node is 1 + eᵘ. */
function onePlusExp(node: Expression): Expression | null {
  if (node.atom !== A.add) return null;
  const [a, b] = node.operands as [Expression, Expression];
  return is(a, 1) ? operandOf(b, A.exp) : null;
}

const rules: ReadonlyMap<Atom, Rule> = new Map<Atom, Rule>([
  [
    A.add as Atom,
    (build, [a, b]) => {
      if (isZero(a!)) return b!;
      if (a === b) return build.apply(A.mul, [build.constant(2), a!]);
      // −a + −b becomes −a − b.
      for (const [one, other] of [
        [b!, a!],
        [a!, b!],
      ] as const) {
        const scale = scaled(one);
        if (scale !== null && scale.factor < 0) {
          return build.apply(A.sub, [other, build.apply(A.mul, [build.constant(-scale.factor), scale.rest])]);
        }
      }
      return mergeChoices(build, A.add, a!, b!);
    },
  ],
  [
    A.sub as Atom,
    (build, [a, b]) => {
      if (isZero(b!)) return a!;
      if (isZero(a!)) return build.apply(A.neg, [b!]);
      const negated = operandOf(b!, A.neg);
      return negated === null ? mergeChoices(build, A.sub, a!, b!) : build.apply(A.add, [a!, negated]);
    },
  ],
  [A.mul as Atom, product],
  [
    A.gate as Atom,
    (build, [a, b]) => {
      for (const [one, other] of [
        [a!, b!],
        [b!, a!],
      ] as const) {
        if (isZero(one)) return build.constant(0);
        // Any other finite constant can't turn a zero into NaN: an ordinary product is enough.
        if (one.isConstant && Number.isFinite(one.constant)) return build.apply(A.mul, [one, other]);
        const chosen = chooseProduct(build, one, (branch) => build.apply(A.gate, [branch, other]));
        if (chosen !== null) return chosen;
      }
      return null;
    },
  ],
  [
    A.square as Atom,
    // Exact, and without a kink: |x| has the slope 0 at 0, where the curvature of |x|² would be lost.
    (build, [x]) => (x!.atom === A.abs ? build.apply(A.square, x!.operands) : null),
  ],
  [
    A.neg as Atom,
    (build, [x]) => {
      const scale = scaled(x!);
      if (scale !== null) return build.apply(A.mul, [build.constant(-scale.factor), scale.rest]);
      if (x!.atom === A.sub) return build.apply(A.sub, [x!.operands[1]!, x!.operands[0]!]);
      return null;
    },
  ],
  [
    A.div as Atom,
    (build, [a, b]) => {
      if (is(b!, 1)) return a!;
      const exponent = onePlusExp(b!);
      if (exponent !== null) {
        // p/(1+eᵘ) overflows in its derivatives; the logistic function doesn't.
        if (operandOf(a!, A.exp) === exponent) return build.apply(A.logistic, [exponent]);
        return build.apply(A.mul, [a!, build.apply(A.logistic, [build.apply(A.neg, [exponent])])]);
      }
      return is(a!, 1) ? build.apply(A.reciprocal, [b!]) : null;
    },
  ],
  [
    A.reciprocal as Atom,
    (build, [x]) => {
      const exponent = onePlusExp(x!);
      if (exponent !== null) return build.apply(A.logistic, [build.apply(A.neg, [exponent])]);
      return null;
    },
  ],
  [
    A.log as Atom,
    (build, [x]) => {
      const exponent = onePlusExp(x!);
      return exponent === null ? null : build.apply(A.softplus, [exponent]);
    },
  ],
  [
    A.log1p as Atom,
    (build, [x]) => {
      const exponent = operandOf(x!, A.exp);
      return exponent === null ? null : build.apply(A.softplus, [exponent]);
    },
  ],
  [
    A.pow as Atom,
    (build, [a, b]) => {
      if (is(b!, 0)) return build.constant(1);
      if (is(b!, 1)) return a!;
      if (is(b!, 2)) return build.apply(A.square, [a!]);
      if (is(b!, -1)) return build.apply(A.reciprocal, [a!]);
      return null;
    },
  ],
  [
    A.select as Atom,
    (build, [condition, a, b]) => {
      if (condition!.isConstant) return condition!.constant !== 0 ? a! : b!;
      if (a === b) return a!;
      // Within a branch, the same condition has a known value.
      const again = (branch: Expression, answer: 1 | 2) =>
        branch.atom === A.select && branch.operands[0] === condition ? branch.operands[answer]! : branch;
      const [ifTrue, ifFalse] = [again(a!, 1), again(b!, 2)];
      return ifTrue === a && ifFalse === b ? null : build.apply(A.select, [condition!, ifTrue, ifFalse]);
    },
  ],
]);

/** Whether a node may be zero because a choice did not take it. Then it stays zero, whatever it is multiplied by. */
function mayBeShut(node: Expression): boolean {
  return node.atom === A.gate || (node.atom === A.select && node.operands.slice(1).some(isZero));
}

/**
 * p·(c ? u : v) as c ? p·u : p·v, where one of u and v is zero and so stays zero whatever p is. Null where that does
 * not help: neither is zero, or the other is such a choice too, which may go on as deep as the expression.
 */
function chooseProduct(
  build: Builder,
  choice: Expression,
  times: (node: Expression) => Expression,
): Expression | null {
  if (choice.atom !== A.select) return null;
  const [condition, u, v] = choice.operands as [Expression, Expression, Expression];
  if (!(isZero(u) || isZero(v) || (u.isConstant && v.isConstant)) || mayBeShut(u) || mayBeShut(v))
    return null;
  const [ifTrue, ifFalse] = [u, v].map((branch) => (isZero(branch) ? branch : times(branch)));
  return build.apply(A.select, [condition, ifTrue!, ifFalse!]);
}

/**
 * The chain rule's product of two derivatives. A branch that was not taken stays exactly zero, whatever it is
 * multiplied by.
 */
export function chain(build: Builder, outer: Expression, inner: Expression): Expression {
  const chosen =
    chooseProduct(build, outer, (branch) => chain(build, branch, inner)) ??
    chooseProduct(build, inner, (branch) => chain(build, outer, branch));
  if (chosen !== null) return chosen;
  return build.apply(mayBeShut(outer) || mayBeShut(inner) ? A.gate : A.mul, [outer, inner]);
}

/** a + b, simplified. */
export function sum(build: Builder, a: Expression, b: Expression): Expression {
  return build.apply(A.add, [a, b]);
}
