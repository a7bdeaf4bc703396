// The functions that a formula may name: the engine's vocabulary, which is read off its expressions, and the activations of
// nn. So a new atom is one here, too.

import { type Activation, Expression } from "@adjoint/autograd";
import {
  celuOf,
  elu,
  gelu,
  hardSwish,
  hardTanh,
  leakyRelu,
  linear,
  mish,
  selu,
  silu,
  softsign,
  step,
} from "@adjoint/nn";

type Build = (...operands: readonly Expression[]) => Expression;

/** A function of one to three operands. */
export interface FormulaFunction {
  readonly arity: number;
  readonly build: Build;
  /** For each operand, what it takes: a number, a truth value, or either. */
  readonly takes: readonly ("number" | "truth" | "any")[];
  readonly isTruth: boolean;
}

/** The activations of nn that are no functions of the vocabulary. */
const activations: Readonly<Record<string, Activation>> = {
  linear,
  step,
  elu,
  celu: celuOf(1),
  selu,
  gelu,
  silu,
  mish,
  softsign,
  leakyRelu,
  hardTanh,
  hardSwish,
};

/** Other names for the same, as people write them. */
const ALIASES: Readonly<Record<string, string>> = {
  ln: "log",
  max: "maximum",
  min: "minimum",
  sgn: "sign",
  arcsin: "asin",
  arccos: "acos",
  arctan: "atan",
  arctan2: "atan2",
  arsinh: "asinh",
  arcosh: "acosh",
  artanh: "atanh",
  swish: "silu",
  heaviside: "step",
  power: "pow",
  if: "select",
};

const methods = Expression.prototype as unknown as Record<
  string,
  (this: Expression, ...others: Expression[]) => Expression
>;

/** What is no function of elements among the methods of expressions. */
const APART: ReadonlySet<string> = new Set([
  "constructor",
  "elementwise",
  "nanToNum",
  "isConstant",
  "applied",
]);

const inputs = [0, 1, 2].map((i) => Expression.input(i));

/** A method as a function, with the number of operands that it accepts; null for what is none. */
function functionOf(name: string): FormulaFunction | null {
  if (APART.has(name) || !Object.hasOwn(methods, name)) return null;
  for (let arity = 1; arity <= 3; arity++) {
    try {
      const made = methods[name]!.apply(inputs[0]!, inputs.slice(1, arity));
      const build: Build = (first, ...others) => methods[name]!.apply(first!, others);
      // What is made of several atoms names its operands in none of them alone.
      const isAtom = made.atom?.name === name;
      const kinds = isAtom ? made.atom!.operands : name.startsWith("logical") ? "any" : "number";
      const takes = Array.from({ length: arity }, (_, i) => {
        const kind = typeof kinds === "string" ? kinds : kinds[i]!;
        return kind === "bool" ? "truth" : kind === "any" ? "any" : "number";
      });
      return { arity, build, takes, isTruth: made.atom?.result === "bool" };
    } catch (error) {
      // It takes another number of operands.
      if (!(error instanceof TypeError)) throw error;
    }
  }
  return null;
}

function table(): ReadonlyMap<string, FormulaFunction> {
  const all = new Map<string, FormulaFunction>();
  for (const name of Object.getOwnPropertyNames(methods)) {
    const fn = functionOf(name);
    if (fn !== null) all.set(name, fn);
  }
  // A choice between numbers; of truth values it would be one, and nothing needs that.
  all.set("select", { ...all.get("select")!, takes: ["truth", "number", "number"] });
  for (const [name, phi] of Object.entries(activations))
    all.set(name, { arity: 1, build: (x) => phi(x!), takes: ["number"], isTruth: false });
  for (const [name, of] of Object.entries(ALIASES)) all.set(name, all.get(of)!);
  return all;
}

let known: ReadonlyMap<string, FormulaFunction> | undefined;

/** All functions by name. */
export function functions(): ReadonlyMap<string, FormulaFunction> {
  known ??= table();
  return known;
}
