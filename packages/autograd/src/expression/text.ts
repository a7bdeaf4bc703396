// Expressions as readable mathematics: 1 − tanh(x)², x·logistic(x).

import { type Expression, inOrder } from "./expression.ts";

interface Piece {
  readonly text: string;
  /** The binding power of the outermost operation: 0 comparison, 1 sum, 2 product, 3 sign and power, 4 a name or a call. */
  readonly power: number;
  /** Whether it starts with a minus sign, which needs brackets after an operator. */
  readonly leadsWithSign: boolean;
}

const superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹";
const subscripts = "₀₁₂₃₄₅₆₇₈₉";

const alphabet = ["x", "y", "z", "u", "v", "w", "p", "q", "r", "s"];

// A part as long as this that is used again is written once, under a name. Otherwise the text of ten shared
// squarings would have a thousand parts, and that of a hundred would not fit in any memory.
const LONG = 80;

/** The names inputs are printed with, unless the caller has better ones: x, y, z … */
export function inputName(index: number): string {
  return alphabet[index] ?? `x${index}`;
}

/** A number as mathematics writes it: −2, ∞, 0.5. */
export function numberText(value: number): string {
  const text = Math.abs(value) === Infinity ? "∞" : `${Math.abs(value)}`;
  return value < 0 || Object.is(value, -0) ? `−${text}` : text;
}

/**
 * The expression as text. `names[i]` is what input i is called. Long parts that are used more than once are named:
 * `t₁·exp(t₁) where t₁ = …`.
 */
export function text(root: Expression, names: readonly string[] = []): string {
  const order = inOrder(root);
  const uses = useCounts(order);
  const pieces = new Map<Expression, Piece>();
  const definitions: string[] = [];
  for (const node of order) {
    const piece = pieceOf(node, pieces, names);
    if (uses.get(node)! < 2 || piece.text.length < LONG) pieces.set(node, piece);
    else {
      const name = `t${digits(definitions.length + 1, subscripts)}`;
      definitions.push(`${name} = ${held(piece, 1).text}`);
      pieces.set(node, named(name));
    }
  }
  const { text } = pieces.get(root)!;
  return definitions.length === 0 ? text : `${text} where ${definitions.join(", ")}`;
}

function useCounts(order: readonly Expression[]): Map<Expression, number> {
  const uses = new Map(order.map((node) => [node, 0]));
  for (const { operands } of order) for (const operand of operands) uses.set(operand, uses.get(operand)! + 1);
  return uses;
}

function pieceOf(node: Expression, pieces: ReadonlyMap<Expression, Piece>, names: readonly string[]): Piece {
  if (node.isConstant) {
    const text = numberText(node.constant);
    return text.startsWith("−") ? { text, power: 3, leadsWithSign: true } : named(text);
  }
  if (node.atom === null) return named(names[node.input] ?? inputName(node.input));
  const parts = node.operands.map((operand) => pieces.get(operand)!);
  const { name, notation, commutative } = node.atom;
  if (notation === undefined) return callOrPower(name, node, parts);
  const { power } = notation;
  if ("prefix" in notation) {
    const { text } = afterOperator(parts[0]!, power + 1);
    return { text: notation.prefix + text, power, leadsWithSign: notation.prefix.startsWith("−") };
  }
  // Comparisons don't chain. And the right side needs brackets at equal power too where the order matters:
  // a − (b − c), a/(b·c).
  const left = held(parts[0]!, power === 0 ? 1 : power);
  const right = afterOperator(parts[1]!, power > 0 && commutative ? power : power + 1);
  return { text: left.text + notation.infix + right.text, power, leadsWithSign: left.leadsWithSign };
}

const named = (text: string): Piece => ({ text, power: 4, leadsWithSign: false });

function held(piece: Piece, power: number): Piece {
  return piece.power >= power ? piece : named(`(${piece.text})`);
}

function afterOperator(piece: Piece, power: number): Piece {
  return held(piece, piece.leadsWithSign ? 4 : power);
}

function callOrPower(name: string, node: Expression, parts: readonly Piece[]): Piece {
  const exponent =
    name === "square" ? 2 : name === "pow" && node.operands[1]!.isConstant ? node.operands[1]!.constant : NaN;
  if (Number.isInteger(exponent) && exponent >= 0) {
    return {
      text: held(parts[0]!, 4).text + digits(exponent, superscripts),
      power: 3.5,
      leadsWithSign: false,
    };
  }
  return named(`${name}(${parts.map((part) => part.text).join(", ")})`);
}

const digits = (value: number, alphabet: string) =>
  [...`${value}`].map((digit) => alphabet[Number(digit)]).join("");
