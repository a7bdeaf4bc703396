// Reads printed mathematics back into an expression, so that tests can see whether the brackets are right.
//
//   text       = comparison ["where" name "=" sum {"," name "=" sum}]
//   comparison = sum [("=" | "≠" | "<" | "≤" | ">" | "≥") sum]
//   sum        = product {("+" | "−") product}
//   product    = signed {("·" | "/") signed}
//   signed     = "−" signed | power
//   power      = primary [superscript digits]
//   primary    = number | "∞" | "NaN" | name | name "(" comparison {"," comparison} ")" | "(" comparison ")"

import type { Atom } from "../../../packages/autograd/src/expression/atoms/atom.ts";
import { Expression } from "../../../packages/autograd/src/expression/expression.ts";
import { inputName } from "../../../packages/autograd/src/expression/text.ts";
import { atoms } from "../../../packages/autograd/src/expression/vocabulary.ts";
import * as derivedAtoms from "../../../packages/autograd/src/primitives/derived-atoms.ts";

const superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹";
const token = /\s*(\d+(?:\.\d+)?(?:e[+-]?\d+)?|[A-Za-z][\w₀-₉]*|[⁰¹²³⁴⁵⁶⁷⁸⁹]+|[-+−·/=≠<≤>≥(),∞])/y;

type Method =
  | "add"
  | "sub"
  | "mul"
  | "div"
  | "equal"
  | "notEqual"
  | "less"
  | "lessEqual"
  | "greater"
  | "greaterEqual";
const sums: Readonly<Record<string, Method>> = { "+": "add", "−": "sub" };
const products: Readonly<Record<string, Method>> = { "·": "mul", "/": "div" };
const comparisons: Readonly<Record<string, Method>> = {
  "=": "equal",
  "≠": "notEqual",
  "<": "less",
  "≤": "lessEqual",
  ">": "greater",
  "≥": "greaterEqual",
};

/** The expression that a text says. Throws where it does not follow the grammar. */
export function parse(source: string): Expression {
  const tokens = tokensOf(source);
  const definitions = new Map<string, Expression>();
  let at = 0;
  const take = (expected?: string): string => {
    const next = tokens[at++];
    if (next === undefined || (expected !== undefined && next !== expected)) {
      throw new Error(`expected ${expected ?? "more"} before ${next ?? "the end"} in ${source}`);
    }
    return next;
  };

  const chained =
    (operators: Readonly<Record<string, Method>>, part: () => Expression, limit: number) => () => {
      let left = part();
      for (let i = 0; i < limit && tokens[at] !== undefined && tokens[at]! in operators; i++) {
        left = left[operators[take()]!](part());
      }
      return left;
    };

  const primary = (): Expression => {
    const next = take();
    if (next === "(") {
      const inside = comparison();
      take(")");
      return inside;
    }
    if (next === "∞") return Expression.constant(Infinity);
    if (next === "NaN") return Expression.constant(NaN);
    if (/^\d/.test(next)) return Expression.constant(Number(next));
    if (tokens[at] === "(") return call(next);
    if (definitions.has(next)) return definitions.get(next)!;
    for (let input = 0; input < 20; input++) if (inputName(input) === next) return Expression.input(input);
    throw new Error(`${next} is no name in ${source}`);
  };

  const call = (name: string): Expression => {
    const atom = [...atoms, ...(Object.values(derivedAtoms) as unknown as Atom[])].find(
      (atom) => atom.name === name,
    );
    if (atom === undefined) throw new Error(`${name} is no atom in ${source}`);
    take("(");
    const operands = [comparison()];
    while (tokens[at] === ",") {
      take(",");
      operands.push(comparison());
    }
    take(")");
    return Expression.apply(atom, operands);
  };

  const power = (): Expression => {
    const base = primary();
    if (tokens[at] === undefined || !superscripts.includes(tokens[at]![0]!)) return base;
    return base.pow(Number([...take()].map((digit) => superscripts.indexOf(digit)).join("")));
  };
  const signed = (): Expression => {
    if (tokens[at] !== "−") return power();
    take("−");
    return signed().neg();
  };
  const product = chained(products, signed, Infinity);
  const sum = chained(sums, product, Infinity);
  const comparison = chained(comparisons, sum, 1);

  // The definitions come last and are needed first; each uses those before it only.
  const definitionsAt = tokens.indexOf("where") + 1;
  if (definitionsAt > 0) {
    at = definitionsAt;
    do {
      const name = take();
      take("=");
      definitions.set(name, sum());
    } while (tokens[at] === "," && take(","));
    if (at < tokens.length) throw new Error(`${tokens[at]} is left over in ${source}`);
    tokens.length = definitionsAt - 1;
    at = 0;
  }
  const whole = comparison();
  if (at < tokens.length) throw new Error(`${tokens[at]} is left over in ${source}`);
  return whole;
}

function tokensOf(source: string): string[] {
  const tokens: string[] = [];
  token.lastIndex = 0;
  while (token.lastIndex < source.length) {
    const from = token.lastIndex;
    const match = token.exec(source);
    if (match === null) throw new Error(`${source.slice(from, from + 10)} can't be read in ${source}`);
    tokens.push(match[1]!);
  }
  return tokens;
}
