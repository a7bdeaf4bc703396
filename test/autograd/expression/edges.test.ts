import { describe, expect, test } from "vitest";
import { differentiate } from "../../../packages/autograd/src/expression/differentiate.ts";
import { Expression, inputs } from "../../../packages/autograd/src/expression/expression.ts";
import { type NumberFunction, toFunction } from "../../../packages/autograd/src/expression/to-function.ts";
import { atoms } from "../../../packages/autograd/src/expression/vocabulary.ts";

const inf = Infinity;

/** At the operands: the value, then the partial derivatives; `_` where mathematics defines none. */
type Row = readonly [operands: readonly number[], value: number, ...partials: (number | typeof _)[]];
const _ = Symbol("undefined");

// What mathematics, or IEEE 754 where a limit from one side decides, says at the edges. Values are compared with
// their sign of zero, derivatives without it.
const edges: Readonly<Record<string, readonly Row[]>> = {
  add: [
    [[inf, -inf], NaN, 1, 1],
    [[-0, -0], -0, 1, 1],
    [[0, -0], 0, 1, 1],
    [[NaN, 1], NaN, 1, 1],
    [[1e308, 1e308], inf, 1, 1],
  ],
  sub: [
    [[inf, inf], NaN, 1, -1],
    [[0, 0], 0, 1, -1],
    [[-0, 0], -0, 1, -1],
    [[1, NaN], NaN, 1, -1],
  ],
  mul: [
    [[0, inf], NaN, inf, 0],
    [[-0, 1], -0, 1, 0],
    [[-0, -0], 0, 0, 0],
    [[NaN, 0], NaN, 0, NaN],
    [[1e-200, 1e-200], 0, 1e-200, 1e-200],
  ],
  div: [
    [[1, 0], inf, inf, _],
    [[1, -0], -inf, -inf, _],
    [[0, 0], NaN, _, NaN],
    [[inf, inf], NaN, 0, NaN],
    [[1, inf], 0, 0, 0],
    [[-1, inf], -0, 0, 0],
    [[0, 2], 0, 0.5, 0],
  ],
  gate: [
    [[0, inf], 0, inf, 0],
    [[-inf, 0], 0, 0, -inf],
    [[0, NaN], 0, NaN, 0],
    [[NaN, 0], 0, 0, NaN],
    [[2, NaN], NaN, NaN, 2],
    [[2, 3], 6, 3, 2],
  ],
  neg: [
    [[0], -0, -1],
    [[-0], 0, -1],
    [[inf], -inf, -1],
  ],
  reciprocal: [
    [[0], inf, -inf],
    [[-0], -inf, -inf],
    [[inf], 0, 0],
    [[-inf], -0, 0],
    [[2], 0.5, -0.25],
  ],
  square: [
    [[-0], 0, 0],
    [[inf], inf, inf],
    [[-inf], inf, -inf],
    [[1e200], inf, 2e200],
  ],
  sqrt: [
    [[0], 0, inf],
    [[-0], -0, _],
    [[inf], inf, 0],
    [[-1], NaN, NaN],
    [[4], 2, 0.25],
  ],
  pow: [
    // 0⁰ = 1, and a⁰ is 1 for every a: flat in a.
    [[0, 0], 1, 0, 0],
    [[5, 0], 1, 0, Math.log(5)],
    [[inf, 0], 1, 0, _],
    [[NaN, 0], 1, 0, _],
    [[0, 1], 0, 1, 0],
    [[0, 2], 0, 0, 0],
    [[0, 0.5], 0, inf, 0],
    [[0, -1], inf, _, _],
    [[-0, 3], -0, 0, 0],
    [[-2, 3], -8, 12, _],
    [[-2, 2], 4, -4, _],
    [[-8, 1 / 3], NaN, NaN, NaN],
    [[1, 7], 1, 7, 0],
    [[2, inf], inf, inf, inf],
    [[0.5, inf], 0, _, 0],
    [[2, -inf], 0, _, 0],
    [[2, NaN], NaN, NaN, NaN],
  ],
  erf: [
    [[0], 0, 2 / Math.sqrt(Math.PI)],
    [[-0], -0, 2 / Math.sqrt(Math.PI)],
    [[inf], 1, 0],
    [[-inf], -1, 0],
    [[1000], 1, 0],
    [[-1000], -1, 0],
    [[5e-324], 5e-324, 2 / Math.sqrt(Math.PI)],
  ],
  erfc: [
    [[0], 1, -2 / Math.sqrt(Math.PI)],
    [[-0], 1, -2 / Math.sqrt(Math.PI)],
    [[5e-324], 1, -2 / Math.sqrt(Math.PI)],
    [[inf], 0, -0],
    [[-inf], 2, -0],
    [[1000], 0, -0],
    [[-1000], 2, -0],
    [[-6], 2, _],
    // mpmath's digits: the last of them is the least number but one.
    [[6], 2.1519736712498913e-17, _],
    [[26], 5.663192408856143e-296, _],
    [[27.2], 1e-323, _],
  ],
  exp: [
    [[0], 1, 1],
    [[-0], 1, 1],
    [[inf], inf, inf],
    [[-inf], 0, 0],
    [[1000], inf, inf],
    [[-1000], 0, 0],
  ],
  expm1: [
    [[0], 0, 1],
    [[-0], -0, 1],
    [[1e-300], 1e-300, 1],
    [[inf], inf, inf],
    [[-inf], -1, 0],
    [[1000], inf, inf],
    [[-1000], -1, 0],
  ],
  log: [
    [[0], -inf, inf],
    [[-0], -inf, _],
    [[inf], inf, 0],
    [[1], 0, 1],
    [[-1], NaN, _],
  ],
  log1p: [
    [[0], 0, 1],
    [[-0], -0, 1],
    [[1e-300], 1e-300, 1],
    [[-1], -inf, inf],
    [[inf], inf, 0],
    [[-2], NaN, _],
  ],
  logistic: [
    [[0], 0.5, 0.25],
    [[-0], 0.5, 0.25],
    [[inf], 1, 0],
    [[-inf], 0, 0],
    [[1000], 1, 0],
    [[-1000], 0, 0],
    [[-700], Math.exp(-700), Math.exp(-700)],
  ],
  softplus: [
    [[0], Math.LN2, 0.5],
    [[-0], Math.LN2, 0.5],
    [[inf], inf, 1],
    [[-inf], 0, 0],
    [[1000], 1000, 1],
    [[-1000], 0, 0],
    [[-700], Math.exp(-700), Math.exp(-700)],
  ],
  abs: [
    [[0], 0, 0],
    [[-0], 0, 0],
    [[inf], inf, 1],
    [[-inf], inf, -1],
    [[NaN], NaN, NaN],
    [[-5e-324], 5e-324, -1],
  ],
  sign: [
    [[0], 0, 0],
    [[-0], -0, 0],
    [[inf], 1, 0],
    [[-inf], -1, 0],
    [[NaN], NaN, 0],
    [[5e-324], 1, 0],
  ],
  floor: [
    [[-0], -0, 0],
    [[-0.5], -1, 0],
    [[2], 2, 0],
    [[1.5], 1, 0],
    [[-inf], -inf, 0],
    [[inf], inf, 0],
    [[NaN], NaN, 0],
  ],
  maximum: [
    [[1, 1], 1, 0.5, 0.5],
    [[2, 1], 2, 1, 0],
    [[1, 2], 2, 0, 1],
    [[0, -0], 0, 0.5, 0.5],
    [[-0, 0], 0, 0.5, 0.5],
    [[NaN, 1], NaN, _, _],
    [[1, NaN], NaN, _, _],
    [[inf, inf], inf, 0.5, 0.5],
    [[-inf, 3], 3, 0, 1],
  ],
  minimum: [
    [[1, 1], 1, 0.5, 0.5],
    [[2, 1], 1, 0, 1],
    [[1, 2], 1, 1, 0],
    [[0, -0], -0, 0.5, 0.5],
    [[-0, 0], -0, 0.5, 0.5],
    [[NaN, 1], NaN, _, _],
    [[1, NaN], NaN, _, _],
    [[-inf, -inf], -inf, 0.5, 0.5],
    [[inf, 3], 3, 0, 1],
  ],
  equal: [
    [[1, 1], 1, 0, 0],
    [[0, -0], 1, 0, 0],
    [[NaN, NaN], 0, 0, 0],
    [[inf, inf], 1, 0, 0],
    [[1, 2], 0, 0, 0],
  ],
  notEqual: [
    [[1, 1], 0, 0, 0],
    [[0, -0], 0, 0, 0],
    [[NaN, NaN], 1, 0, 0],
    [[inf, inf], 0, 0, 0],
    [[1, 2], 1, 0, 0],
  ],
  less: [
    [[1, 1], 0, 0, 0],
    [[-0, 0], 0, 0, 0],
    [[NaN, 1], 0, 0, 0],
    [[1, NaN], 0, 0, 0],
    [[1, 2], 1, 0, 0],
    [[-inf, inf], 1, 0, 0],
  ],
  lessEqual: [
    [[1, 1], 1, 0, 0],
    [[0, -0], 1, 0, 0],
    [[NaN, 1], 0, 0, 0],
    [[1, NaN], 0, 0, 0],
    [[2, 1], 0, 0, 0],
    [[inf, inf], 1, 0, 0],
  ],
  greater: [
    [[1, 1], 0, 0, 0],
    [[0, -0], 0, 0, 0],
    [[NaN, 1], 0, 0, 0],
    [[1, NaN], 0, 0, 0],
    [[2, 1], 1, 0, 0],
    [[inf, -inf], 1, 0, 0],
  ],
  greaterEqual: [
    [[1, 1], 1, 0, 0],
    [[-0, 0], 1, 0, 0],
    [[NaN, 1], 0, 0, 0],
    [[1, NaN], 0, 0, 0],
    [[1, 2], 0, 0, 0],
    [[inf, inf], 1, 0, 0],
  ],
  and: [
    [[1, 1], 1, 0, 0],
    [[1, 0], 0, 0, 0],
    [[0, 1], 0, 0, 0],
    [[0, 0], 0, 0, 0],
  ],
  or: [
    [[1, 1], 1, 0, 0],
    [[1, 0], 1, 0, 0],
    [[0, 1], 1, 0, 0],
    [[0, 0], 0, 0, 0],
  ],
  not: [
    [[1], 0, 0],
    [[0], 1, 0],
  ],
  // The branch not taken has no say, whatever it is.
  select: [
    [[1, 2, NaN], 2, 0, 1, 0],
    [[0, NaN, 3], 3, 0, 0, 1],
    [[1, -0, inf], -0, 0, 1, 0],
    [[1, NaN, 3], NaN, 0, 1, 0],
  ],
  sin: [
    [[0], 0, 1],
    [[-0], -0, 1],
    [[inf], NaN, NaN],
    [[-inf], NaN, NaN],
    [[5e-324], 5e-324, 1],
  ],
  cos: [
    [[0], 1, 0],
    [[-0], 1, 0],
    [[inf], NaN, NaN],
  ],
  tan: [
    [[0], 0, 1],
    [[-0], -0, 1],
    [[inf], NaN, NaN],
    [[5e-324], 5e-324, 1],
  ],
  tanh: [
    [[0], 0, 1],
    [[-0], -0, 1],
    [[inf], 1, 0],
    [[-inf], -1, 0],
    [[1000], 1, 0],
    [[-1000], -1, 0],
    [[5e-324], 5e-324, 1],
  ],
};

describe("at the edges", () => {
  for (const [name, rows] of Object.entries(edges)) {
    const atom = atoms.find((atom) => atom.name === name)!;
    const expression = Expression.apply(atom, inputs(atom.arity));
    const partials = inputs(atom.arity).map((_, i) => toFunction(differentiate(expression, i), atom.arity));
    for (const [operands, value, ...derivatives] of rows) {
      const at = `${name}(${operands.map((x) => (Object.is(x, -0) ? "−0" : x))})`;
      test(`${at} is ${value} and its partials are ${derivatives.map((d) => (d === _ ? "anything" : d))}`, () => {
        expect((atom.value as NumberFunction)(...operands)).toBe(value);
        expect(derivatives).toHaveLength(atom.arity);
        derivatives.forEach((derivative, i) => {
          if (derivative === _) return;
          // Adding 0 turns −0 into 0.
          expect(partials[i]!(...operands) + 0, `partial ${i}`).toBe(derivative + 0);
        });
      });
    }
  }
});
