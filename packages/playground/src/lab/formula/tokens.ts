// A formula's characters as tokens, each with its place. Signs that mean the same become one.

import { FormulaMistake } from "./formula-mistake.ts";

/** The most characters that a formula may have. */
export const LONGEST = 400;

export interface Token {
  readonly kind: "number" | "name" | "sign" | "power" | "end";
  /** A sign in the form that the parser knows, or the name. */
  readonly text: string;
  /** Of a number or a raised power. */
  readonly value: number;
  readonly from: number;
  readonly to: number;
}

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** Signs by the one that the parser knows. */
const SIGNS: Readonly<Record<string, string>> = {
  "+": "+",
  "-": "-",
  "−": "-",
  "–": "-",
  "*": "*",
  "·": "*",
  "×": "*",
  "⋅": "*",
  "∙": "*",
  "∘": "*",
  "/": "/",
  "÷": "/",
  "∕": "/",
  "^": "^",
  "(": "(",
  ")": ")",
  "[": "(",
  "]": ")",
  ",": ",",
  "|": "|",
  "√": "√",
  "<": "<",
  ">": ">",
  "≤": "<=",
  "≥": ">=",
  "≠": "!=",
  "=": "=",
  "∞": "∞",
};

const PAIRS: Readonly<Record<string, string>> = {
  "<=": "<=",
  ">=": ">=",
  "!=": "!=",
  "==": "=",
  "**": "^",
};

/** Names that are a single letter outside of ASCII. */
const LETTERS: Readonly<Record<string, string>> = { π: "pi", σ: "logistic" };

/** Letters that look like Latin ones. */
const LOOKS: Readonly<Record<string, string>> = {
  а: "a",
  е: "e",
  о: "o",
  р: "p",
  с: "c",
  у: "y",
  х: "x",
  Х: "X",
  χ: "x",
  ο: "o",
  ν: "v",
  ε: "e",
  ρ: "p",
  𝑥: "x",
  𝐱: "x",
  𝒙: "x",
};

const NUMBER = /(?:\d+\.?\d*|\.\d+)(?:[eE][+\-−]?\d+)?/y;
const NAME = /[A-Za-z_][A-Za-z0-9_]*[₀-₉]*/y;
const POWER = /⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]+/y;
const SPACE = /[ \t\r\n\u00a0\u2009\u202f]+/y;

/** Tokens of a formula, the last of kind "end". Throws FormulaMistake for a character that has no meaning, and for too many. */
export function tokensOf(text: string): readonly Token[] {
  if (text.length > LONGEST)
    throw new FormulaMistake(
      `the formula has ${text.length} characters and may have ${LONGEST}; shorten it`,
      LONGEST,
      text.length,
    );
  const tokens: Token[] = [];
  let at = 0;
  const take = (pattern: RegExp): string | null => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0] ?? null;
  };
  const add = (kind: Token["kind"], length: number, meaning: string, value = NaN) => {
    tokens.push({ kind, text: meaning, value, from: at, to: at + length });
    at += length;
  };
  while (at < text.length) {
    const space = take(SPACE);
    if (space !== null) {
      at += space.length;
      continue;
    }
    const number = take(NUMBER);
    if (number !== null) {
      add("number", number.length, number, numberAt(number, at));
      continue;
    }
    const name = take(NAME);
    if (name !== null) {
      add("name", name.length, name);
      continue;
    }
    const power = take(POWER);
    if (power !== null) {
      const digits = [...power].map((each) => (each === "⁻" ? "-" : SUPERSCRIPTS.indexOf(each))).join("");
      add("power", power.length, power, Number(digits));
      continue;
    }
    const pair = PAIRS[text.slice(at, at + 2)];
    if (pair !== undefined) {
      add("sign", 2, pair);
      continue;
    }
    const character = String.fromCodePoint(text.codePointAt(at)!);
    const sign = Object.hasOwn(SIGNS, character) ? SIGNS[character] : undefined;
    const letter = Object.hasOwn(LETTERS, character) ? LETTERS[character] : undefined;
    if (sign !== undefined) add("sign", 1, sign);
    else if (letter !== undefined) add("name", 1, letter);
    else throw unknownCharacter(character, at);
  }
  tokens.push({ kind: "end", text: "", value: NaN, from: text.length, to: text.length });
  return tokens;
}

function numberAt(text: string, at: number): number {
  const value = Number(text.replace("−", "-"));
  if (Number.isFinite(value)) return value;
  throw new FormulaMistake(
    `${text} is larger than any number; write a smaller one, or ∞`,
    at,
    at + text.length,
  );
}

function unknownCharacter(character: string, at: number): FormulaMistake {
  const to = at + character.length;
  const code = `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`;
  // Letters and digits of full width, and mathematical ones, have plain forms.
  const plain = character.normalize("NFKC");
  const like = Object.hasOwn(LOOKS, character)
    ? LOOKS[character]
    : plain !== character && /^[\x21-\x7e]$/.test(plain)
      ? plain
      : undefined;
  const shown = /[\p{C}\p{Z}\p{M}]/u.test(character) ? "an invisible character" : `“${character}”`;
  if (like !== undefined)
    return new FormulaMistake(`${shown} (${code}) only looks like ${like}; type ${like}`, at, to);
  if (character === "%") return new FormulaMistake("write mod(x, 2) for a remainder", at, to);
  if (character === "&") return new FormulaMistake("write and(x > 0, x < 1)", at, to);
  if (character === "?" || character === ":")
    return new FormulaMistake("write select(x > 0, x, 0) for x where x > 0, else 0", at, to);
  return new FormulaMistake(`${shown} (${code}) has no meaning in a formula; leave it out`, at, to);
}
