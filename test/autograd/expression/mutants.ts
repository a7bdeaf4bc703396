// Broken copies of atoms: every way to spoil a partial derivative by one small change. They measure whether the
// attack bites.

import type { Atom } from "../../../packages/autograd/src/expression/atoms/atom.ts";
import {
  Expression,
  inOrder,
  inputs,
  rebuild,
  substitute,
} from "../../../packages/autograd/src/expression/expression.ts";
import { text } from "../../../packages/autograd/src/expression/text.ts";

export interface Mutant {
  /** What was done to which partial. */
  readonly name: string;
  readonly atom: Atom;
}

/**
 * Copies of an atom with one partial changed: its sign, a factor, dropped altogether; and, at each place inside it,
 * a term or factor or function dropped, operands swapped, or a constant moved.
 */
export function mutantsOf(atom: Atom): Mutant[] {
  const operands = inputs(atom.arity);
  const output = Expression.input(atom.arity);
  return operands.flatMap((_, i) => {
    const partial = atom.partials[i] as (...x: Expression[]) => Expression | number;
    const right = Expression.from(partial(...operands, output));
    return spoiled(right).map(({ name, expression }) => ({
      name: `${atom.name}, partial ${i}: ${name}`,
      atom: withPartial(atom, i, (...x: Expression[]) => substitute(expression, x)),
    }));
  });
}

function withPartial(atom: Atom, i: number, partial: (...x: Expression[]) => Expression): Atom {
  return { ...atom, partials: (atom.partials as unknown[]).with(i, partial) } as unknown as Atom;
}

function spoiled(right: Expression): { name: string; expression: Expression }[] {
  if (right.isConstant && right.constant === 0)
    return [{ name: "0 became 1", expression: Expression.constant(1) }];
  const mutants = [
    { name: "the sign was changed", expression: right.neg() },
    { name: "a factor 2 was added", expression: right.mul(2) },
    { name: "it was dropped", expression: Expression.constant(0) },
  ];
  for (const node of inOrder(right)) {
    const exchange = (how: string, fresh: Expression) =>
      mutants.push({
        name: `${text(node)} became ${how} in ${text(right)}`,
        expression: rebuild(right, (other) => (other === node ? fresh : null)),
      });
    if (node.isConstant) exchange(`${node.constant + 1}`, Expression.constant(node.constant + 1));
    for (const operand of node.operands) exchange(text(operand), operand);
    if (node.operands.length === 2 && node.atom!.commutative !== true) {
      exchange("its operands swapped", Expression.apply(node.atom!, node.operands.toReversed()));
    }
  }
  return mutants;
}
