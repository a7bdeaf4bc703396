// Formulas that people type: what they mean, what is wrong in those that mean nothing, and what is known of activations.

import { activation, tensor } from "@adjoint/autograd";
import { expressions } from "@adjoint/autograd/check";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { text } from "../../../packages/autograd/src/expression/text.ts";
import {
  activationChoices,
  chosen,
  factsOf,
  verdictOf,
} from "../../../packages/playground/src/lab/formula/activations.ts";
import { FormulaMistake } from "../../../packages/playground/src/lab/formula/formula-mistake.ts";
import { functions } from "../../../packages/playground/src/lab/formula/functions.ts";
import { parsed } from "../../../packages/playground/src/lab/formula/parse.ts";
import { LONGEST } from "../../../packages/playground/src/lab/formula/tokens.ts";
import { MistakeError } from "../../../packages/playground/src/lab/mistakes.ts";

const deep = process.env["ADJOINT_DEEP"] === "1";

const mistakeOf = (formula: string): FormulaMistake | null => {
  try {
    parsed(formula);
    return null;
  } catch (error) {
    if (error instanceof FormulaMistake) return error;
    throw error;
  }
};

describe("a formula", () => {
  test("that the engine prints is read back as the same expression", () => {
    let read = 0;
    fc.assert(
      fc.property(expressions({ maxSteps: 8 }), (drawn) => {
        const printed = text(drawn);
        // NaN is no number that one types.
        if (printed.length > LONGEST || printed.includes("NaN")) return;
        read++;
        expect(text(parsed(printed))).toBe(printed);
      }),
      { numRuns: deep ? 20_000 : 300 },
    );
    expect(read).toBeGreaterThan(200);
  });

  test.each<[string, (x: number) => number]>([
    ["x * logistic(x)", (x) => x / (1 + Math.exp(-x))],
    ["x·σ(x)", (x) => x / (1 + Math.exp(-x))],
    ["max(0, x)", (x) => Math.max(0, x)],
    ["x^2", (x) => x * x],
    ["x**3", (x) => x ** 3],
    ["x²", (x) => x * x],
    ["x⁻¹", (x) => 1 / x],
    ["2x", (x) => 2 * x],
    ["2(x+1)x", (x) => 2 * (x + 1) * x],
    ["ln(1+e^x)", (x) => Math.log1p(Math.exp(x))],
    ["|x|", Math.abs],
    ["||x| − 1|", (x) => Math.abs(Math.abs(x) - 1)],
    ["|x||x|", (x) => x * x],
    ["-x^2", (x) => -(x * x)],
    ["−x²", (x) => -(x * x)],
    ["(-x)^2", (x) => x * x],
    ["2^-x", (x) => 2 ** -x],
    ["2^x^2", (x) => 2 ** (x * x)],
    ["x - 1 - 2", (x) => x - 3],
    ["8/2/x", (x) => 4 / x],
    ["√(x²) + √4", (x) => Math.abs(x) + 2],
    ["πx", (x) => Math.PI * x],
    ["1.5e-1·x", (x) => 0.15 * x],
    [".5x", (x) => x / 2],
    ["e·x", (x) => Math.E * x],
    ["select(x > 0, x, 0.1x)", (x) => (x > 0 ? x : 0.1 * x)],
    ["if(and(0 < x, x ≤ 1), x, -1)", (x) => (x > 0 && x <= 1 ? x : -1)],
    ["t·t where t = exp(x)", (x) => Math.exp(2 * x)],
    ["swish(x) + gelu(0x)", (x) => x / (1 + Math.exp(-x))],
    ["clip(x, -1, 1)", (x) => Math.min(1, Math.max(-1, x))],
  ])("%s means what a reader takes it for", (text, f) => {
    const phi = activation("f", () => parsed(text));
    // The same function may be rounded in another order: a few units in the last place of float64.
    for (const x of [-2.5, -0.75, 0.25, 0.5, 1.75, 3])
      expect(Math.abs(phi(x) - f(x))).toBeLessThanOrEqual(1e-14 * (1 + Math.abs(f(x))));
  });

  test.each<[string, string, number, number]>([
    ["x * sogmoid(x)", "unknown function “sogmoid”: did you mean sigmoid?", 4, 11],
    ["x + y", "unknown name “y”: did you mean x?", 4, 5],
    ["x2", "did you mean x^2 or 2x?", 0, 2],
    ["(x", "this bracket is not closed", 0, 1],
    ["x)", "this bracket closes none", 1, 2],
    ["tanh(x", "this bracket is not closed", 4, 5],
    ["|x", "this | has no second one", 0, 1],
    ["x +", "ends too early", 2, 3],
    ["* x", "a number, x or a function belongs here", 0, 1],
    ["()", "something is missing before this bracket", 1, 2],
    ["tanh x", "tanh is a function; write its operand in brackets: tanh(x)", 0, 4],
    ["max(x)", "max takes 2 operands and has 1; write max(x, 1)", 0, 6],
    ["1,5x", "decimals have a point", 1, 2],
    ["1.2.3", "a sign is missing before this number", 3, 5],
    ["1e999", "larger than any number", 0, 5],
    ["1/2x", "can be read as (a/b)·c and as a/(b·c)", 0, 4],
    ["√x²", "can be read as (√x)² and as √(x²)", 0, 3],
    ["1 + √x^2", "can be read as (√x)² and as √(x²)", 4, 7],
    ["sin²(x)", "write a power behind the brackets: sin(x)^2", 0, 4],
    ["e(x)", "e^x or exp(x)", 0, 2],
    ["х + 1", "“х” (U+0445) only looks like x; type x", 0, 1],
    ["ｘ", "only looks like x", 0, 1],
    ["x\u200b", "an invisible character (U+200B)", 1, 2],
    ["x # 1", "“#” (U+0023) has no meaning", 2, 3],
    ["x % 2", "mod(x, 2)", 2, 3],
    ["x > 0 ? x : 0", "select(x > 0, x, 0)", 6, 7],
    ["x > 0", "this is true or false", 0, 5],
    ["x + (x > 0)", "a number belongs here", 4, 11],
    ["select(x, 1, 2)", "a condition belongs here", 7, 8],
    ["0 < x < 1", "comparisons don't chain", 6, 7],
    ["clip(x, 1, -1)", "nothing lies between the bounds", 5, 13],
    ["x where", "after “where” a new name belongs", 7, 7],
    ["constructor(x)", "unknown function “constructor”", 0, 11],
    ["__proto__", "unknown name “__proto__”", 0, 9],
    ["", "empty", 0, 0],
    [`${"(".repeat(51)}x`, "nested deeper than 50", 50, 51],
    [`${"-".repeat(51)}x`, "nested deeper than 50", 50, 51],
    ["x".repeat(401), "has 401 characters and may have 400", 400, 401],
  ])("%s is a mistake with its place and the way out", (text, says, from, to) => {
    const mistake = mistakeOf(text)!;
    expect(mistake?.message).toContain(says);
    expect([mistake.from, mistake.to]).toEqual([from, to]);
  });

  test("of any characters is read or is a mistake within the text", () => {
    const token = fc.constantFrom(
      ..."x()|+-*/^,.<>=²√πe 0123456789".split(""),
      "log(",
      "where ",
      "select(",
      "max(",
      "t₁",
      "∞",
    );
    const text = fc.oneof(
      fc.string({ unit: "grapheme" }),
      fc.array(token, { maxLength: 40 }).map((each) => each.join("")),
    );
    fc.assert(
      fc.property(text, (each) => {
        const mistake = mistakeOf(each);
        if (mistake === null) return;
        expect(mistake.message.length).toBeGreaterThan(0);
        expect(mistake.from).toBeGreaterThanOrEqual(0);
        expect(mistake.to).toBeGreaterThanOrEqual(mistake.from);
        expect(mistake.to).toBeLessThanOrEqual(each.length);
      }),
      { numRuns: deep ? 100_000 : 2_000 },
    );
  });

  test("may use every elementwise function of the engine by its name", () => {
    const x = tensor([0.5]);
    const methods = [...functions().keys()].filter(
      (name) => typeof (x as unknown as Record<string, unknown>)[name] === "function",
    );
    expect(methods.length).toBeGreaterThan(60);
    for (const [name, { arity, takes, isTruth }] of functions()) {
      const operands = takes.map((kind) => (kind === "truth" ? "x > 0" : "x")).join(", ");
      const call = `${name}(${operands})`;
      expect(takes, name).toHaveLength(arity);
      expect(() => parsed(isTruth ? `select(${call}, 1, 0)` : call), name).not.toThrow();
    }
  });
});

describe("what is known of an activation", () => {
  test("is the formula, its derivative and its ψ", () => {
    expect(factsOf("logistic")).toMatchObject({ formula: "logistic(x)", psi: "y·(1 − y)", kinks: [] });
    expect(factsOf("tanh(2x)")).toMatchObject({ formula: "tanh(2·x)", psi: "2·(1 − y²)" });
    expect(factsOf("relu").kinks).toEqual([0]);
    expect(factsOf("x·logistic(x)").derivative).toContain("logistic(x)");
  });

  test("says where the output does not tell the slope, if there is no ψ", () => {
    for (const text of ["x²", "x * logistic(x)", "|x|", "sin(x)"]) {
      const { psi, whyNoPsi } = factsOf(text);
      expect(psi).toBeUndefined();
      const [a, b] = [...whyNoPsi!.matchAll(/x = (−?[\d.]+)/g)].map((match) =>
        Number(match[1]!.replace("−", "-")),
      );
      const phi = chosen(text, "f").phi;
      // The places are told with three digits.
      expect(Math.abs(phi(a!) - phi(b!))).toBeLessThan(0.01);
      const slope = (x: number) => (phi(x + 1e-6) - phi(x - 1e-6)) / 2e-6;
      expect(Math.abs(slope(a!) - slope(b!))).toBeGreaterThan(0.02);
    }
    expect(factsOf("softplus(x)·1 + 0x").whyNoPsi ?? "").not.toContain("At x");
  });

  test("has slopes that are those of the values", () => {
    const { xs, values, slopes } = factsOf("x * tanh(x)");
    for (let i = 1; i + 1 < xs.length; i++) {
      const difference = (values[i + 1]! - values[i - 1]!) / (xs[i + 1]! - xs[i - 1]!);
      // The error of a central difference over 0.1 is h²/6 times the third derivative, which is below 4 here.
      expect(Math.abs(difference - slopes[i]!)).toBeLessThan((0.05 ** 2 / 6) * 4);
    }
  });

  test.each([
    ["||x| − 1|", [-1, 0, 1]],
    ["select(x² > 4, x, 0)", [-2, 2]],
    ["clip(x, -1, 1)", [-1, 1]],
    ["x * logistic(x)", []],
    ["sin(3x)", []],
  ])("names the kinks of %s, also those that no linear condition gives", (text, kinks) => {
    expect(factsOf(text).kinks).toEqual(kinks);
  });

  test("includes the checker's verdict, which finds nothing wrong in what is typed", () => {
    for (const text of ["x * logistic(x)", "||x| − 1|"])
      expect(verdictOf(text)).toMatchObject({ verdict: "right" });
    expect(verdictOf("sqrt(x)^3 + exp(x^9)").report).toContain("sqrt(x)^3 + exp(x^9)");
  });

  test.each([
    ["3", "the same for every x"],
    ["x − x", "the same for every x"],
    ["1^x", "the same for every x"],
    ["x/x", "the same for every x"],
    ["log(-1 - x²)", "not a finite number"],
    [Array.from({ length: 80 }, () => "x").join("+"), "operations"],
  ])("is refused for %s, which is no activation", (text, says) => {
    const refused = (() => {
      try {
        return chosen(text, "hidden.0.activation");
      } catch (error) {
        return error as MistakeError;
      }
    })();
    expect(refused).toBeInstanceOf(MistakeError);
    const [mistake] = (refused as MistakeError).mistakes;
    expect(mistake).toMatchObject({ field: "hidden.0.activation", from: 0, to: text.length });
    expect(mistake!.message).toContain(says);
  });

  test("includes the range of a formula, by which units count as saturated", () => {
    const rangeOf = (text: string) => chosen(text, "f").range;
    expect(rangeOf("tanh(3x)")).toEqual([-1, 1]);
    expect(rangeOf("max(0, x)")).toEqual([0, Infinity]);
    expect(rangeOf("x³")).toEqual([-Infinity, Infinity]);
    for (const { name } of activationChoices)
      expect(chosen(name, "f").range).toEqual(chosen(name, "f").phi.range);
  });
});
