// A formula's expression as a TypeScript statement: (x) => x.mul(x.logistic()).

import type { Expression } from "@adjoint/autograd";

/** A function of x that builds the same expression, and whether it needs the class Expression, for constants in front. */
export interface Statement {
  readonly code: string;
  readonly needsExpression: boolean;
}

/** An expression of the input 0 as code. Parts that occur several times are named. */
export function statementOf(root: Expression): Statement {
  const order = inOrder(root);
  const uses = new Map<Expression, number>();
  for (const { operands } of order) for (const each of operands) uses.set(each, (uses.get(each) ?? 0) + 1);
  const code = new Map<Expression, string>();
  const lines: string[] = [];
  let needsExpression = false;
  const receiver = (node: Expression) => {
    if (!node.isConstant) return code.get(node)!;
    needsExpression = true;
    return `Expression.constant(${code.get(node)})`;
  };
  for (const node of order) {
    if (node.isConstant) code.set(node, Object.is(node.constant, -0) ? "-0" : `${node.constant}`);
    else if (node.atom === null) code.set(node, "x");
    else {
      const [first, ...others] = node.operands;
      const call = `${receiver(first!)}.${node.atom.name}(${others.map((each) => code.get(each)).join(", ")})`;
      if ((uses.get(node) ?? 0) < 2) code.set(node, call);
      else {
        const name = `t${lines.length + 1}`;
        lines.push(`  const ${name} = ${call};`);
        code.set(node, name);
      }
    }
  }
  // A constant, or x alone, is no method call.
  const result = root.isConstant ? receiver(root) : code.get(root)!;
  const body = lines.length === 0 ? result : `{\n${lines.join("\n")}\n  return ${result};\n}`;
  return { code: `(x) => ${body}`, needsExpression };
}

/** Every node once, operands before what is made of them; a loop, since expressions may be deep. */
function inOrder(root: Expression): readonly Expression[] {
  const order: Expression[] = [];
  const done = new Set<Expression>();
  const pending = [root];
  while (pending.length > 0) {
    const node = pending.at(-1)!;
    const waiting = done.has(node) ? [] : node.operands.filter((each) => !done.has(each));
    if (waiting.length > 0) {
      pending.push(...waiting);
      continue;
    }
    pending.pop();
    if (done.has(node)) continue;
    done.add(node);
    order.push(node);
  }
  return order;
}
