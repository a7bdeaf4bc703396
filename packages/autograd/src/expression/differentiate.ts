// Derivatives of expressions, by the chain rule over the nodes in order. Shared parts stay shared.

import { gate } from "./atoms/index.ts";
import { Expression, inOrder } from "./expression.ts";
import { Builder, chain, sum } from "./simplify.ts";

/**
 * The derivative of an expression with respect to one of its inputs, simplified.
 * Sub-results, the expression's own value included, are shared with the derivative, so tanh's is 1 − tanh(x)².
 */
export function differentiate(root: Expression, input = 0): Expression {
  return differentiateIn(new Builder(), root, input).derivative;
}

/** The simplified expression beside its derivative, sharing nodes: `derivative` may contain `value` itself. */
export function differentiateIn(
  build: Builder,
  expression: Expression,
  input: number,
): { value: Expression; derivative: Expression } {
  const root = build.import(expression);
  const derivatives = new Map<Expression, Expression>();
  for (const node of inOrder(root)) {
    const derivative = derivativeOf(build, node, input, derivatives);
    if (derivative !== null) derivatives.set(node, derivative);
  }
  return { value: root, derivative: derivatives.get(root) ?? build.constant(0) };
}

/** Null stands for a derivative that is zero everywhere. */
function derivativeOf(
  build: Builder,
  node: Expression,
  input: number,
  derivatives: ReadonlyMap<Expression, Expression>,
): Expression | null {
  if (node.atom === null) return node.input === input ? build.constant(1) : null;
  let total: Expression | null = null;
  for (let i = 0; i < node.operands.length; i++) {
    const inner = derivatives.get(node.operands[i]!);
    if (inner === undefined) continue;
    const partial = partialOf(build, node, i);
    if (partial.isConstant && partial.constant === 0) continue;
    // Otherwise the zero that suppresses a value would not suppress its derivative.
    const term = node.atom.zeroWins ? build.apply(gate, [partial, inner]) : chain(build, partial, inner);
    total = total === null ? term : sum(build, total, term);
  }
  return total;
}

/** An atom's partial derivative, at the node's operands and with the node itself as the output. */
function partialOf(build: Builder, node: Expression, operand: number): Expression {
  const partial = node.atom!.partials[operand] as (...args: Expression[]) => Expression | number;
  return build.import(Expression.from(partial(...node.operands, node)));
}
