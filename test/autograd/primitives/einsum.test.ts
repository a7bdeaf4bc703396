// Einstein's summation of drawn equations, with letters that repeat and "...", against one sum over all letters.

import { compile, einsum, type Tensor, vmap } from "@adjoint/autograd";
import { checkGradients } from "@adjoint/autograd/check";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { trials } from "../../support/runs.ts";
import { Dice, flat, numbers, places, seeds, spread, tensorOf } from "../../support/tensors.ts";

interface Drawn {
  readonly equation: string;
  readonly shapes: readonly (readonly number[])[];
  readonly values: readonly (readonly number[])[];
  readonly shape: readonly number[];
  readonly expected: readonly number[];
}

const letters = ["i", "j", "k", "B"];

/** One to three operands; the axes that "..." stands for are letters "0" and "1" here, which may have size 1 in an operand. */
function drawn(seed: number): Drawn {
  const dice = new Dice(seed);
  const sizes: Record<string, number> = { 0: 2, 1: 3 };
  for (const letter of letters) sizes[letter] = dice.below(9) === 0 ? 0 : 1 + dice.below(3);
  const hasDots = dice.below(2) === 0;
  const operands = Array.from({ length: 1 + dice.below(3) }, () => {
    const named = Array.from({ length: dice.below(4) }, () => letters[dice.below(letters.length)]!);
    const dots = hasDots && dice.below(4) > 0 ? ["0", "1"].slice(dice.below(3)) : null;
    const at = dice.below(named.length + 1);
    const axes = dots === null ? named : named.toSpliced(at, 0, ...dots);
    const text = dots === null ? named : named.toSpliced(at, 0, "...");
    const shape = axes.map((letter) => (letter < "2" && dice.below(3) === 0 ? 1 : sizes[letter]!));
    const values = places(shape).map(() => dice.below(7) - 3);
    return { axes, text: text.join(""), shape, values };
  });
  const used = [...new Set(operands.flatMap(({ axes }) => axes))];
  const dots = ["0", "1"].filter((letter) => used.includes(letter));
  // An axis that is 1 in every operand is 1 in the result.
  const sizeOf = (letter: string) =>
    Math.max(
      ...operands.flatMap(({ axes, shape }) =>
        axes.flatMap((each, axis) => (each === letter ? [shape[axis]!] : [])),
      ),
    );
  const named = dice.shuffled(used.filter((letter) => letter >= "2")).slice(0, dice.below(4));
  const isStated = dice.below(4) > 0;
  const counts = operands.flatMap(({ axes }) => axes);
  const once = used.filter(
    (letter) => letter >= "2" && counts.filter((each) => each === letter).length === 1,
  );
  const at = dice.below(named.length + 1);
  const result = isStated ? named.toSpliced(at, 0, ...dots) : [...dots, ...once.sort()];
  const arrow = isStated
    ? `->${(operands.some(({ text }) => text.includes("...")) ? named.toSpliced(at, 0, "...") : named).join("")}`
    : "";
  const shape = result.map(sizeOf);
  const summed = used.filter((letter) => !result.includes(letter));
  const expected = places(shape).map((place) =>
    places(summed.map(sizeOf)).reduce((sum, inner) => {
      const index = (letter: string) =>
        result.includes(letter) ? place[result.indexOf(letter)]! : inner[summed.indexOf(letter)]!;
      return (
        sum +
        operands.reduce((product, { axes, shape, values }) => {
          const where = axes.map((letter, axis) => (shape[axis] === 1 ? 0 : index(letter)));
          return product * values[flat(where, shape)]!;
        }, 1)
      );
    }, 0),
  );
  return {
    equation: operands.map(({ text }) => text).join(",") + arrow,
    shapes: operands.map((each) => each.shape),
    values: operands.map((each) => each.values),
    shape,
    expected,
  };
}

test("drawn equations are one sum over all letters, eagerly, compiled and for many at once", () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const { equation, shapes, values, shape, expected } = drawn(seed);
      const dtype = seed % 2 === 0 ? "float64" : "int32";
      const tensors = shapes.map((each, i) => tensorOf(values[i]!, each, dtype));
      const f = (...all: Tensor[]): Tensor => einsum(equation, ...all);
      for (const run of [f, compile(f)]) {
        const found = run(...tensors);
        expect(found.shape, equation).toEqual(shape);
        expect(
          numbers(found).map((n) => n + 0),
          equation,
        ).toEqual(expected.map((n) => n + 0));
      }
      const many = vmap(f)(...tensors.map((each) => each.expandDims(0) as Tensor));
      expect(numbers(many).map((n) => n + 0)).toEqual(expected.map((n) => n + 0));
    }),
    trials(80),
  );
});

test("drawn equations are of every kind", () => {
  const equations = Array.from({ length: 300 }, (_, seed) => drawn(seed).equation);
  const kinds = [
    /(\w).*\1.*->/,
    /^(\w)*(\w)(\w)*\2/,
    /\.\.\..*,.*\.\.\./,
    /^[^>]*$/,
    /,.*,/,
    /\.\.\.\w+,/,
    /\w\.\.\./,
  ];
  for (const kind of kinds) expect(equations.some((each) => kind.test(each))).toBe(true);
});

describe("derivatives of orders one and two are those that differences have", () => {
  test.each([
    ["ii->i", [[3, 3]]],
    ["ii", [[3, 3]]],
    [
      "iij,jk->ik",
      [
        [2, 2, 3],
        [3, 2],
      ],
    ],
    [
      "...ij,...jk->...ik",
      [
        [2, 1, 3],
        [2, 3, 1],
      ],
    ],
    ["i...,j->j...", [[2, 2], [2]]],
  ] as const)("%s", (equation, shapes) => {
    const point = shapes.map((shape, i) => {
      const n = shape.reduce((a: number, b: number) => a * b, 1);
      return tensorOf(spread(n, new Dice(i)), shape);
    });
    const f = (...all: Tensor[]): Tensor => einsum(equation as string, ...all.map((each) => each.exp()));
    expect(checkGradients(f, point).verdict).toBe("right");
  });
});
