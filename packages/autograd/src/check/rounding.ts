// How far a float64 evaluation of an expression may be from the truth: errors are propagated node by node.

import type { Atom } from "../expression/atoms/atom.ts";
import { type Expression, inOrder } from "../expression/expression.ts";

/** What an atom's own value may be off by, in units of the gap between floats: `test/…/atoms.test.ts` holds them to it. */
const atomUlps = 3;

const word = new Float64Array(1);
const halves = new Uint32Array(word.buffer);

/** The gap between |x| and the next float64. */
export function gapAt(x: number): number {
  word[0] = x;
  const exponent = (halves[1]! >>> 20) & 0x7ff;
  return exponent <= 52 ? Number.MIN_VALUE : 2 ** (exponent - 1075);
}

/**
 * A bound on the rounding error of an expression of one input, which counts as exact, as a function of the input.
 * Infinite where nothing is known. No derivative is used, so that it can judge derivatives.
 *
 * A node's error is what its operands' errors can change (the atom at every corner of the box they span: right for an
 * atom that is monotone over so small a box) and its own rounding: Higham (2002), section 3.3.
 */
export function roundingOf(expression: Expression): (x: number) => number {
  const order = inOrder(expression);
  const place = new Map(order.map((node, i) => [node, i]));
  const operandsOf = order.map((node) => node.operands.map((operand) => place.get(operand)!));
  const values = new Float64Array(order.length);
  const errors = new Float64Array(order.length);
  return (x) => {
    order.forEach(({ atom, input, constant }, i) => {
      if (atom !== null) applyAtom(atom, operandsOf[i]!, i, values, errors);
      else values[i] = input >= 0 ? x : constant;
    });
    return Number.isFinite(values[order.length - 1]!) ? errors[order.length - 1]! : Infinity;
  };
}

function applyAtom(
  atom: Atom,
  operands: readonly number[],
  i: number,
  values: Float64Array,
  errors: Float64Array,
): void {
  const f = atom.value as (...x: number[]) => number;
  const value = f(...operands.map((operand) => values[operand]!));
  // A truth value is not rounded.
  // Nor is a zero that is made from a zero.
  const exact = atom.result === "bool" || (value === 0 && operands.some((operand) => values[operand] === 0));
  let error = exact ? 0 : atomUlps * gapAt(value);
  if (operands.some((operand) => errors[operand]! > 0)) {
    let carried = 0;
    for (let corner = 0; corner < 2 ** operands.length; corner++) {
      const moved = operands.map((operand, k) =>
        (corner >> k) & 1 ? values[operand]! + errors[operand]! : values[operand]! - errors[operand]!,
      );
      const change = Math.abs(f(...moved) - value);
      carried = Number.isNaN(change) ? Infinity : Math.max(carried, change);
    }
    error += carried;
  }
  values[i] = value;
  errors[i] = Number.isFinite(value) ? error : Infinity;
}
