// How far a float64 evaluation may be from the truth: errors carried along node by node.

import type { Atom } from "../../packages/autograd/src/expression/atoms/atom.ts";
import { type Expression, inOrder } from "../../packages/autograd/src/expression/expression.ts";
import { type Estimate, ulp } from "./numerical.ts";

/** What each atom's own value may be off by, in units of the gap between floats; atoms.test.ts holds them to it. */
export const ATOM_ULPS = 3;

/** Atoms that may cancel: the number in whose gaps their error counts, at the operands, where it may exceed the value. */
const scales: Readonly<Record<string, (...operands: number[]) => number>> = {
  logAddExp: (a, b) => Math.max(Math.abs(a!), Math.abs(b!)),
  lerp: (a, b, t) => Math.max(Math.abs(a!), Math.abs(b!)) * (1 + Math.abs(t!)),
};

/** The number in whose gaps the error of a function counts: its value, or what it takes off of each other, if that is more. */
export const scaleOf = (name: string, value: number, operands: readonly number[]): number =>
  Math.max(Math.abs(value), scales[name]?.(...operands) ?? 0);

/** What an atom's own value may be off by; infinite where it may leave the range on the way. */
export function roundingOf(atom: Atom, value: number, operands: readonly number[]): number {
  const scale = scaleOf(atom.name, value, operands);
  const mayLeave = atom.name in scales && scale > Number.MAX_VALUE / 4;
  return mayLeave ? Infinity : ATOM_ULPS * ulp(scale);
}

/** The width up to which the atoms are monotone but for their turning points, which cost next to nothing there. */
const SMALL = 1e-3;

/**
 * The value of an expression in float64 with a bound on its distance from the exact one, as a function of its
 * inputs, which count as exact. The bound is infinite where nothing is known.
 *
 * The error of a node is what its operands' errors can change (the atom at every corner of the box they span:
 * right for an atom that is monotone over so small a box; a box wider than SMALL is not) and its own rounding. No derivative is used, so that
 * this can judge derivatives. Running error analysis: Higham (2002), section 3.3.
 */
export function bounded(expression: Expression): (point: readonly number[]) => Estimate {
  const order = inOrder(expression);
  const place = new Map(order.map((node, i) => [node, i]));
  const operandsOf = order.map((node) => node.operands.map((operand) => place.get(operand)!));
  return (point) => {
    const results: Estimate[] = [];
    order.forEach((node, i) => {
      if (node.isConstant) results.push({ value: node.constant, error: 0 });
      else if (node.atom === null) results.push({ value: point[node.input]!, error: 0 });
      else
        results.push(
          applied(
            node.atom,
            operandsOf[i]!.map((at) => results[at]!),
          ),
        );
    });
    return results.at(-1)!;
  };
}

function applied(atom: Atom, operands: readonly Estimate[]): Estimate {
  const f = atom.value as (...x: number[]) => number;
  const centre = operands.map((operand) => operand.value);
  const value = f(...centre);
  // A truth value is not rounded.
  let error = atom.result === "bool" ? 0 : roundingOf(atom, value, centre);
  if (operands.some((operand) => operand.error > 0)) {
    let carried = operands.some((operand) => operand.error > SMALL) ? Infinity : 0;
    for (let corner = 0; corner < 2 ** operands.length; corner++) {
      const moved = operands.map(({ value, error }, i) =>
        (corner >> i) & 1 ? value + error : value - error,
      );
      const change = Math.abs(f(...moved) - value);
      // Over so small a box only a jump changes so much, and the corners don't tell how much it is.
      const jumps = !(change <= SMALL * Math.max(1, Math.abs(value)));
      carried = jumps ? Infinity : Math.max(carried, change);
    }
    error += carried;
  }
  return { value, error: Number.isFinite(value) ? error : Infinity };
}
