// atom(): a user's own elementary function, which is not made of others: its value, its derivatives, and, where
// speed matters, its lanes. The result can be used wherever the vocabulary's functions can.

import type { ElementsOf } from "./activation.ts";
import type { Arity, Atom, Interval, OperandKind, Repeat, ResultKind } from "./atoms/atom.ts";
import { type Carrying, calling, counted } from "./calling.ts";
import { functionOf } from "./elementwise-function.ts";
import { arityOf, Expression, inputs, kindOf } from "./expression.ts";
import { vocabulary } from "./vocabulary.ts";

/** What is stated about an own atom: the fields of `Atom`; the types of operands and result may be left out. */
export interface AtomStatement<N extends Arity = Arity>
  extends Omit<Atom<N>, "operands" | "result" | "zeroWins"> {
  /** Which element types its operands may have: by default `"float"`, which is float32 and float64. */
  readonly operands?: OperandKind | Repeat<OperandKind, N>;
  /** The type of the result: by default `"same"`, the operands' type. */
  readonly result?: ResultKind;
}

/** An own atom as a function of its operands: expressions, tensors, scalars or numbers. */
export interface AtomFunction<N extends Arity = Arity> {
  (...operands: Repeat<number, N>): number;
  (...operands: Repeat<Expression | number, N>): Expression;
  <T extends Carrying>(first: T, ...others: unknown[]): ElementsOf<T>;
  /** The atom, as `Expression.apply` takes it. */
  readonly atom: Atom<N>;
}

/**
 * An elementary function of 1 to 3 elements that is not made of others: `value` on numbers, and `partials`, the
 * derivative with respect to each operand as an expression of the operands and, last, the output. Derivatives of every
 * order, kernels and text follow, and activations can be made of it as of any other function:
 *
 *     const cbrt = atom({
 *       name: "cbrt",
 *       arity: 1,
 *       value: Math.cbrt,
 *       partials: [(_x, y) => y.square().mul(3).reciprocal()],
 *       kinks: (x) => [x],
 *     });
 *     const soft = activation("soft", (x) => cbrt(x.square().add(1)));
 *
 * `smoothOn` and `kinks` say where it is not smooth. `lanes` says how vectors compute it; without that a program
 * calls `value` for each element. Throws TypeError or RangeError where the statement can't be right; whether the
 * derivatives are, `checkActivation` of @adjoint/autograd/check says.
 */
export function atom<const N extends Arity>(statement: AtomStatement<N>): AtomFunction<N> {
  check(statement);
  const own = { operands: "float", result: "same", ...statement } as Atom<N>;
  const fn = functionOf(own as unknown as Atom);
  const call = Object.defineProperty(calling(fn), "name", { value: own.name });
  return Object.assign(call, { atom: own }) as unknown as AtomFunction<N>;
}

const example = `atom({ name: "cbrt", arity: 1, value: Math.cbrt, partials: [(_x, y) => y.square().mul(3).reciprocal()], kinks: (x) => [x] })`;

const fields = [
  "name",
  "arity",
  "value",
  "partials",
  "operands",
  "result",
  "lanes",
  "smoothOn",
  "kinks",
  "commutative",
  "notation",
];

/** Throws unless a statement has all fields that are needed, each in the right form. */
function check(statement: unknown): asserts statement is AtomStatement {
  if (typeof statement !== "object" || statement === null)
    throw new TypeError(`atom: got ${kindOf(statement)} where the statement belongs; write ${example}`);
  const said = statement as { readonly [K in keyof AtomStatement]?: unknown };
  const { name, arity, value } = said;
  if (typeof name !== "string" || name === "")
    throw new TypeError(
      `atom: its name is ${kindOf(name)} and must be a text that is not empty; write ${example}`,
    );
  const refuse: Refuse = (Kind, why) => new Kind(`atom "${name}": ${why}`);
  if (vocabulary.some((entry) => entry.name === name))
    throw refuse(
      RangeError,
      `the vocabulary has a function of that name; use x.${name}(…), or choose another name`,
    );
  const odd = Object.keys(said).find((field) => !fields.includes(field));
  if (odd !== undefined)
    throw refuse(TypeError, `there is no field "${odd}"; the fields are ${fields.join(", ")}`);
  if (arity !== 1 && arity !== 2 && arity !== 3)
    throw refuse(
      RangeError,
      `its arity is ${String(arity)}; an atom has 1, 2 or 3 operands. Make functions of more out of several`,
    );
  if (typeof value !== "function")
    throw refuse(
      TypeError,
      `its value is ${kindOf(value)} and must be a function of ${counted(arity, "number")}, e.g. Math.cbrt`,
    );
  const sample: unknown = value(...new Array<number>(arity).fill(1));
  if (typeof sample !== "number")
    throw refuse(
      TypeError,
      `its value at ${new Array(arity).fill(1).join(", ")} is ${kindOf(sample)} and must be a number; truth values are 1 and 0`,
    );
  if (said.lanes !== undefined && typeof said.lanes !== "function")
    throw refuse(
      TypeError,
      `its lanes are ${kindOf(said.lanes)} and must be a function of lanes and operands, e.g. (l, x) => l.mul(x, x)`,
    );
  checkKinds(said, arity, refuse);
  checkPartials(said.partials, arity, refuse);
  checkSmoothness(said, arity, refuse);
}

/** Makes the error that says what is wrong with a statement. */
type Refuse = (Kind: typeof TypeError | typeof RangeError, why: string) => Error;

function checkKinds(
  said: { readonly operands?: unknown; readonly result?: unknown },
  arity: number,
  refuse: Refuse,
): void {
  const { operands = "float", result = "same" } = said;
  const kinds: readonly unknown[] = Array.isArray(operands) ? operands : new Array(arity).fill(operands);
  const isKind = (kind: unknown) => ["float", "number", "bool", "any"].includes(kind as string);
  if (kinds.length !== arity || !kinds.every(isKind))
    throw refuse(
      TypeError,
      `its operands are ${JSON.stringify(operands)}; say "float", "number", "bool" or "any", once for all or in an array of ${arity}`,
    );
  if (result !== "same" && result !== "bool")
    throw refuse(
      TypeError,
      `its result is ${JSON.stringify(result)}; say "same" for the operands' type, or "bool"`,
    );
}

function checkPartials(partials: unknown, arity: number, refuse: Refuse): void {
  if (!Array.isArray(partials) || partials.length !== arity)
    throw refuse(
      TypeError,
      `its partials are ${Array.isArray(partials) ? `an array of ${partials.length}` : kindOf(partials)}; give an array of ${counted(arity, "function")}, the derivative with respect to each operand`,
    );
  for (const [i, partial] of partials.entries()) {
    const which = `partial ${i + 1}`;
    if (typeof partial !== "function")
      throw refuse(
        TypeError,
        `${which} is ${kindOf(partial)}; give a function of the operands and the output, e.g. (x, y) => y.mul(2), or () => 0 where the derivative is 0 everywhere`,
      );
    checkExpression(which, partial(...inputs(arity + 1)), arity + 1, refuse);
  }
}

function checkExpression(which: string, given: unknown, places: number, refuse: Refuse): void {
  if (typeof given === "number") return;
  if (!(given instanceof Expression))
    throw refuse(
      TypeError,
      `${which} returned ${kindOf(given)}; it must return an expression of what it is given, or a number`,
    );
  if (arityOf(given as Expression) > places)
    throw refuse(
      RangeError,
      `${which} uses an input beyond the ${places} that it is given; build on its own parameters`,
    );
}

function checkSmoothness(
  said: { readonly smoothOn?: unknown; readonly kinks?: unknown },
  arity: number,
  refuse: Refuse,
): void {
  const { smoothOn, kinks } = said;
  const isInterval = (each: Partial<Interval> | null) =>
    typeof each?.from === "number" && typeof each.to === "number" && each.from < each.to;
  if (
    smoothOn !== undefined &&
    !(Array.isArray(smoothOn) && smoothOn.length === arity && smoothOn.every(isInterval))
  )
    throw refuse(
      TypeError,
      `its smoothOn must have an interval for each operand, e.g. [{ from: 0, to: Infinity }]`,
    );
  if (kinks === undefined) return;
  if (typeof kinks !== "function")
    throw refuse(
      TypeError,
      `its kinks are ${kindOf(kinks)}; give a function that returns expressions which are 0 there, e.g. (x) => [x.sub(1)]`,
    );
  const conditions: unknown = kinks(...inputs(arity));
  if (!Array.isArray(conditions))
    throw refuse(
      TypeError,
      `its kinks returned ${kindOf(conditions)}; return an array of expressions, e.g. (x) => [x.sub(1)]`,
    );
  for (const condition of conditions) checkExpression("a condition of its kinks", condition, arity, refuse);
}
