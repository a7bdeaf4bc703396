// What tests draw from: numbers that like edges, and random expressions over the atom table.

import fc from "fast-check";
import type { Atom, Interval } from "../../packages/autograd/src/expression/atoms/atom.ts";
import { Expression, inputs } from "../../packages/autograd/src/expression/expression.ts";
import { text } from "../../packages/autograd/src/expression/text.ts";
import { atoms } from "../../packages/autograd/src/expression/vocabulary.ts";
import { nextUp } from "./numerical.ts";

const special = [0, -0, 1, -1, 0.5, -0.5, 2, -2, 3, 1e-8, -1e-8, 1e-300, -1e-300, 10, -10];

/** A float64 strictly inside an interval, of any size that fits; every third is a special one or next to an end. */
export function floatInside({ from, to }: Interval): fc.Arbitrary<number> {
  const inside = (x: number) => x > from && x < to;
  const ends = [nextUp(from), -nextUp(-to)];
  return fc.oneof(
    { weight: 2, arbitrary: fc.double({ min: from, max: to, noNaN: true }).filter(inside) },
    { weight: 2, arbitrary: uniform(Math.max(from, -4), Math.min(to, 4)).filter(inside) },
    { weight: 2, arbitrary: fc.constantFrom(...[...special, ...ends].filter(inside)) },
  );
}

/** A float64 from an interval, evenly spread, as `fc.double` is not. */
export function uniform(from: number, to: number): fc.Arbitrary<number> {
  return fc.integer({ min: 0, max: 2 ** 30 }).map((i) => from + (to - from) * (i / 2 ** 30));
}

/** Any float64, with infinities, NaN, both zeros and ±1000 often among them. */
export const anyFloat: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(0, -0, Infinity, -Infinity, NaN, 1000, -1000, 40, -40, 1e300, 5e-324),
  fc.double(),
  uniform(-4, 4),
);

export interface ExpressionOptions {
  /** The number of inputs; 1 if left out. */
  readonly arity?: number;
  /** At most so many atoms are applied. */
  readonly steps: number;
  /** The atoms drawn from; the whole table if left out. */
  readonly from?: readonly Atom[];
  /** What constants are drawn from; anything in [−3, 3] if left out. */
  readonly constants?: fc.Arbitrary<number>;
}

/** Constants whose products are exact: what folds them rounds nothing. */
export const powersOfTwo: fc.Arbitrary<number> = fc.constantFrom(1, -1, 2, -2, 0.5, 0.25, 4);

const anyConstant = fc.oneof(fc.constantFrom(1, -1, 2, 0.5, -0.5, 3), uniform(-3, 3));

/** The atoms that are smooth wherever they are defined: no kinks and no jumps, and no truth values. */
export const smoothAtoms: readonly Atom[] = atoms.filter(
  (atom) => atom.kinks === undefined && atom.result === "same" && takesNumbers(atom),
);

function takesNumbers(atom: Atom): boolean {
  return (typeof atom.operands === "string" ? [atom.operands] : atom.operands).every(
    (kind) => kind !== "bool",
  );
}

/**
 * A random expression: a straight-line program over inputs, two constants and earlier results, so that parts are
 * shared and chains get deep. Operands are led into the interval where an atom is smooth (log of a softplus); a
 * truth value is made by a comparison where one is wanted. It shrinks to shorter programs.
 */
export function expressions({
  arity = 1,
  steps,
  from = atoms,
  constants = anyConstant,
}: ExpressionOptions): fc.Arbitrary<Expression> {
  const step = fc.record({
    atom: fc.constantFrom(...from),
    // How far back an operand lies; near ones are likelier, so that programs get deep.
    back: fc.tuple(reach, reach, reach),
  });
  return fc
    .record({
      first: fc.tuple(constants, constants),
      program: fc.array(step, { minLength: 1, maxLength: steps }),
    })
    .map(({ first, program }) => {
      const results = [...first.map(Expression.constant), ...inputs(arity)];
      for (const { atom, back } of program) {
        const operands = Array.from({ length: atom.arity }, (_, i) =>
          fitting(atom, i, results[Math.max(0, results.length - 1 - back[i]!)]!),
        );
        results.push(Expression.apply(atom, operands));
      }
      return printable(results.at(-1)!);
    });
}

const reach = fc.oneof({ weight: 3, arbitrary: fc.nat(1) }, { weight: 1, arbitrary: fc.nat(6) });

/** An expression made to fit as an atom's operand: a truth value where one is wanted, inside the smooth interval. */
function fitting(atom: Atom, operand: number, expression: Expression): Expression {
  const kind = typeof atom.operands === "string" ? atom.operands : atom.operands[operand];
  if (kind === "bool") return expression.atom?.result === "bool" ? expression : expression.greater(0.3);
  const { from, to } = atom.smoothOn?.[operand] ?? { from: -Infinity, to: Infinity };
  if (from > -Infinity && to < Infinity)
    return expression
      .logistic()
      .mul(to - from)
      .add(from);
  if (from > -Infinity) return expression.softplus().add(from);
  if (to < Infinity) return expression.softplus().neg().add(to);
  return expression;
}

/** So that a counterexample of fast-check reads as mathematics. */
function printable(expression: Expression): Expression {
  return Object.defineProperty(expression, fc.toStringMethod, { value: () => text(expression) });
}
