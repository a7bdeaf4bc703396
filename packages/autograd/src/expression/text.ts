// Expressions as readable mathematics: 1 − tanh(x)², x·logistic(x).

import { type Expression, inOrder } from "./expression.ts";

interface Piece {
  readonly text: string;
  /** How strongly it holds together: 0 comparison, 1 sum, 2 product, 3 sign and power, 4 a name or a call. */
  readonly power: number;
}

const superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹";

const alphabet = ["x", "y", "z", "u", "v", "w", "p", "q", "r", "s"];

/** The names inputs are printed with, unless the caller has better ones: x, y, z … */
export function inputName(index: number): string {
  return alphabet[index] ?? `x${index}`;
}

/** A number as mathematics writes it: −2, ∞, 0.5. */
export function numberText(value: number): string {
  const text = Math.abs(value) === Infinity ? "∞" : `${Math.abs(value)}`;
  return value < 0 || Object.is(value, -0) ? `−${text}` : text;
}

/** The expression as text. `names[i]` is what input i is called. */
export function text(root: Expression, names: readonly string[] = []): string {
  const pieces = new Map<Expression, Piece>();
  for (const node of inOrder(root)) pieces.set(node, pieceOf(node, pieces, names));
  return pieces.get(root)!.text;
}

function pieceOf(node: Expression, pieces: ReadonlyMap<Expression, Piece>, names: readonly string[]): Piece {
  if (node.isConstant) return { text: numberText(node.constant), power: node.constant < 0 ? 3 : 4 };
  if (node.atom === null) return { text: names[node.input] ?? inputName(node.input), power: 4 };
  const parts = node.operands.map((operand) => pieces.get(operand)!);
  const { name, notation } = node.atom;
  if (notation === undefined) return callOrPower(name, node, parts);
  if ("prefix" in notation)
    return { text: notation.prefix + held(parts[0]!, notation.power + 1), power: notation.power };
  // The right side needs brackets at equal power too where the order matters: a − (b − c), a/(b·c).
  const right = notation.power + (node.atom.commutative ? 0 : 1);
  return {
    text:
      held(parts[0]!, notation.power) +
      notation.infix +
      held(parts[1]!, Math.max(right, leadsWithSign(parts[1]!) ? 4 : 0)),
    power: notation.power,
  };
}

const leadsWithSign = (piece: Piece) => piece.text.startsWith("−");

function held(piece: Piece, power: number): string {
  return piece.power >= power ? piece.text : `(${piece.text})`;
}

function callOrPower(name: string, node: Expression, parts: readonly Piece[]): Piece {
  const exponent =
    name === "square" ? 2 : name === "pow" && node.operands[1]!.isConstant ? node.operands[1]!.constant : NaN;
  if (Number.isInteger(exponent) && exponent >= 0) {
    const raised = [...`${exponent}`].map((digit) => superscripts[Number(digit)]).join("");
    return { text: held(parts[0]!, 4) + raised, power: 3.5 };
  }
  return { text: `${name}(${parts.map((part) => part.text).join(", ")})`, power: 4 };
}
