import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import type { Atom } from "../../../packages/autograd/src/expression/atoms/atom.ts";
import { add, gate, mul, square } from "../../../packages/autograd/src/expression/atoms/index.ts";
import { differentiate } from "../../../packages/autograd/src/expression/differentiate.ts";
import {
  type DerivedCall,
  ElementwiseFunction,
  kinkConditions,
  statedFunction,
} from "../../../packages/autograd/src/expression/elementwise-function.ts";
import {
  Expression,
  inOrder,
  inputs,
  rebuild,
  size,
} from "../../../packages/autograd/src/expression/expression.ts";
import { Builder, simplify } from "../../../packages/autograd/src/expression/simplify.ts";
import { text } from "../../../packages/autograd/src/expression/text.ts";
import {
  generate,
  interpreter,
  makeFunction,
  toFunction,
} from "../../../packages/autograd/src/expression/to-function.ts";
import { atoms } from "../../../packages/autograd/src/expression/vocabulary.ts";
import { anyFloat, expressions, powersOfTwo, smoothAtoms, uniform } from "../../support/arbitraries.ts";
import { agree, exactValue } from "../../support/exact-value.ts";
import { Real } from "../../support/real.ts";
import { bounded } from "../../support/running-error.ts";
import { trials } from "../../support/runs.ts";
import { judge } from "./attack.ts";
import { parse } from "./parse.ts";

const c = Expression.constant;
const [x, y, z] = inputs(3) as [Expression, Expression, Expression];

const random = expressions({ arity: 2, steps: 10 });
const randomSmooth = expressions({ arity: 2, steps: 8, from: smoothAtoms });

// Where results are compared to thirty digits nothing may be rounded. Constants are, when they fold; so they are
// powers of two, as are those in the derivatives of these atoms (erf's 2/√π is not).
const random30 = expressions({ arity: 2, steps: 10, constants: powersOfTwo }).filter(foldsExactly);
const differentiable30 = smoothAtoms.filter((atom) => {
  const partials = atom.partials as unknown as ((...x: Expression[]) => Expression | number)[];
  const results = partials.map((partial) => Expression.from(partial(...inputs(atom.arity + 1))));
  return inOrder(results).every(
    (node) => !node.isConstant || Number.isInteger(Math.log2(Math.abs(node.constant || 1))),
  );
});
const randomSmooth30 = expressions({
  arity: 2,
  steps: 8,
  from: differentiable30,
  constants: powersOfTwo,
}).filter(foldsExactly);

/** Whether every part that folds into a constant is a float exactly. */
function foldsExactly(expression: Expression): boolean {
  return inOrder(expression).every((node) => {
    const folded = simplify(node);
    if (!folded.isConstant || !Number.isFinite(folded.constant)) return !folded.isConstant;
    return exactValue(node, [0, 0])?.value.compare(Real.from(folded.constant)) === 0;
  });
}

const places = fc.tuple(uniform(-2, 2), uniform(-2, 2));
const anyPlaces = fc.tuple(anyFloat, anyFloat);

/** Whether a point is so far from every kink and jump that rounding can't take it across. */
function isAwayFromKinks(expression: Expression): (point: readonly number[]) => boolean {
  const conditions = kinkConditions(expression).map((each) => interpreter(each));
  return (point) => conditions.every((condition) => Math.abs(condition(...point)) > 1e-6);
}

describe("simplify", () => {
  test("means the same number, to thirty digits", () => {
    let seen = 0;
    const property = fc.property(random30, places, (stated, point) => {
      const before = exactValue(stated, point);
      if (before === undefined || !isAwayFromKinks(stated)(point)) return;
      seen++;
      const after = exactValue(simplify(stated), point);
      expect(after, "still has a value").toBeDefined();
      expect(agree(before, after!), text(simplify(stated))).toBe(true);
    });
    const { numRuns, seed } = trials(300);
    fc.assert(property, { numRuns, seed });
    expect(seen).toBeGreaterThan(numRuns / 3);
  });

  test("in float64 differs by no more than rounding can explain", () => {
    fc.assert(
      fc.property(random, places, (stated, point) => {
        if (!isAwayFromKinks(stated)(point)) return;
        const [before, after] = [bounded(stated)(point), bounded(simplify(stated))(point)];
        if (!Number.isFinite(before.error + after.error)) return;
        expect(Math.abs(before.value - after.value)).toBeLessThanOrEqual(before.error + after.error);
      }),
      trials(300),
    );
  });

  test("neither hides a NaN nor makes one, wherever nothing overflows on the way", () => {
    fc.assert(
      fc.property(random, anyPlaces, (stated, point) => {
        if (!isModerate(stated, point)) return;
        const [before, after] = [toFunction(stated, 2)(...point), toFunction(simplify(stated), 2)(...point)];
        expect(Number.isNaN(after)).toBe(Number.isNaN(before));
        expect(Number.isFinite(after)).toBe(Number.isFinite(before));
      }),
      trials(500),
    );
  });

  test("has nothing left to shorten the second time", () => {
    fc.assert(
      fc.property(random, (stated) => {
        const once = simplify(stated);
        expect(size(simplify(once))).toBe(size(once));
      }),
      trials(300),
    );
  });

  test("makes equal parts, built twice, one node", () => {
    fc.assert(
      fc.property(random, (stated) => {
        const build = new Builder();
        expect(build.import(copy(stated))).toBe(build.import(stated));
      }),
      trials(200),
    );
  });

  test("writes a ∘ b and b ∘ a as one node where ∘ is commutative", () => {
    const isOneNode = (atom: Atom, a: Expression, b: Expression) => {
      const build = new Builder();
      const [left, right] = [build.import(a), build.import(b)];
      return build.apply(atom, [left, right]) === build.apply(atom, [right, left]);
    };
    const commutative = atoms.filter((atom) => atom.commutative);
    fc.assert(
      fc.property(fc.constantFrom(...commutative), random, random, (atom, a, b) => {
        expect(isOneNode(atom, a, b), atom.name).toBe(true);
      }),
      {
        ...trials(200),
        // Once 2·(x/y) or (2·x)/y, and −y − x or −x − y: the rules had seen the operands in the order given.
        examples: [
          [mul as Atom, x.add(x), y.reciprocal()],
          [add as Atom, y.neg(), x.neg()],
        ],
      },
    );
  });

  test("folds what has no input into one constant", () => {
    expect(simplify(c(2).mul(3).sin().exp()).constant).toBe(Math.exp(Math.sin(6)));
  });

  test.each([
    ["1/(1 + eᵘ)", (u: Expression) => c(1).div(u.exp().add(1)), "logistic(−x)"],
    ["1/(1 + e⁻ᵘ)", (u: Expression) => c(1).div(u.neg().exp().add(1)), "logistic(x)"],
    ["reciprocal(e⁻ᵘ + 1)", (u: Expression) => u.neg().exp().add(1).reciprocal(), "logistic(x)"],
    ["eᵘ/(1 + eᵘ)", (u: Expression) => u.exp().div(c(1).add(u.exp())), "logistic(x)"],
    ["log(1 + eᵘ)", (u: Expression) => c(1).add(u.exp()).log(), "softplus(x)"],
    ["log1p(eᵘ)", (u: Expression) => u.exp().log1p(), "softplus(x)"],
    ["p/(1 + eᵘ)", (u: Expression) => y.div(u.exp().add(1)), "y·logistic(−x)"],
    ["u + 0", (u: Expression) => u.add(0), "x"],
    ["0 + u", (u: Expression) => c(0).add(u), "x"],
    ["u + u", (u: Expression) => u.add(u), "2·x"],
    ["u + −v", (u: Expression) => u.add(y.neg()), "x − y"],
    ["−u + v", (u: Expression) => u.neg().add(y), "y − x"],
    ["u + −2·v", (u: Expression) => u.add(y.mul(-2)), "x − 2·y"],
    ["−u + −v", (u: Expression) => u.neg().add(y.neg()), "−x − y"],
    ["−2·u + v", (u: Expression) => u.mul(-2).add(y), "y − 2·x"],
    ["u − 0", (u: Expression) => u.sub(0), "x"],
    ["0 − u", (u: Expression) => c(0).sub(u), "−x"],
    ["u − −v", (u: Expression) => u.sub(y.neg()), "x + y"],
    ["0·(2·u)", (u: Expression) => c(0).mul(u.mul(2)), "0·x"],
    ["1·u", (u: Expression) => u.mul(1), "x"],
    ["−1·u", (u: Expression) => u.mul(-1), "−x"],
    ["u·−v", (u: Expression) => u.mul(y.neg()), "−(x·y)"],
    ["u·u", (u: Expression) => u.mul(u), "x²"],
    ["2·(3·u)", (u: Expression) => c(2).mul(c(3).mul(u)), "6·x"],
    ["2·−u", (u: Expression) => c(2).mul(u.neg()), "−2·x"],
    ["2·u·(3·v)", (u: Expression) => u.mul(2).mul(y.mul(3)), "6·x·y"],
    ["3·(1/u)", (u: Expression) => c(3).mul(u.reciprocal()), "3/x"],
    ["u·(1/v)", (u: Expression) => u.mul(y.reciprocal()), "x/y"],
    ["1/u·v", (u: Expression) => u.reciprocal().mul(y), "y/x"],
    ["a gate with a constant", (u: Expression) => c(2).gate(u), "2·x"],
    ["−(−u)", (u: Expression) => u.neg().neg(), "x"],
    ["−(u − v)", (u: Expression) => u.sub(y).neg(), "y − x"],
    ["−(2·u)", (u: Expression) => u.mul(2).neg(), "−2·x"],
    ["u/1", (u: Expression) => u.div(1), "x"],
    ["1/u", (u: Expression) => c(1).div(u), "1/x"],
    ["u⁰", (u: Expression) => u.pow(0), "1"],
    ["u¹", (u: Expression) => u.pow(1), "x"],
    ["u²", (u: Expression) => u.pow(2), "x²"],
    ["u⁻¹", (u: Expression) => u.pow(-1), "1/x"],
    ["|u|²", (u: Expression) => u.abs().square(), "x²"],
    ["|u|·|u|", (u: Expression) => u.abs().mul(u.abs()), "x²"],
    ["|u|⁴", (u: Expression) => u.abs().pow(4), "x⁴"],
    ["|u|⁻²", (u: Expression) => u.abs().pow(-2), "pow(x, −2)"],
    ["|u|³", (u: Expression) => u.abs().pow(3), "abs(x)³"],
    ["cos |u|", (u: Expression) => u.abs().cos(), "cos(x)"],
    ["||u||", (u: Expression) => u.abs().abs(), "abs(x)"],
    ["a choice that is made", (u: Expression) => c(1).select(u, y), "x"],
    ["a choice that is made otherwise", (u: Expression) => c(0).select(u, y), "y"],
    ["a choice between equals", (u: Expression) => u.less(y).select(u, x), "x"],
    [
      "a choice asked again where it holds",
      (u: Expression) => u.less(y).select(u.less(y).select(u.sin(), 1), u.cos()),
      "select(x < y, sin(x), cos(x))",
    ],
    [
      "a choice asked again where it doesn't",
      (u: Expression) => u.less(y).select(u.sin(), u.less(y).select(1, u.cos())),
      "select(x < y, sin(x), cos(x))",
    ],
    [
      "the sum of two choices by one question",
      (u: Expression) => u.less(y).select(u, y).add(u.less(y).select(1, 2)),
      "select(x < y, 1 + x, 2 + y)",
    ],
    [
      "a choice and another function of its question",
      (u: Expression) => u.less(y).select(u, y).add(u.less(y).not()),
      "select(x < y, x, y) + not(x < y)",
    ],
    [
      "the difference of two choices by one question",
      (u: Expression) => u.less(y).select(u, y).sub(u.less(y).select(1, 2)),
      "select(x < y, x − 1, y − 2)",
    ],
    [
      "a gate before a choice",
      (u: Expression) => y.gate(u.less(0).select(0, u.sin())),
      "select(x < 0, 0, y·sin(x))",
    ],
  ])("writes %s in the form that is shorter or does not overflow", (_, statement, expected) => {
    expect(text(simplify(statement(x)))).toBe(expected);
  });

  test("does not fold two factors whose product is beyond the floats", () => {
    const large = simplify(c(1e200).mul(c(1e200).mul(x)));
    expect(toFunction(large, 1)(1e-300)).toBe(1e200 * (1e200 * 1e-300));
    const small = simplify(c(1e-200).mul(c(1e-200).mul(x)));
    expect(toFunction(small, 1)(1e300)).toBe(1e-200 * (1e-200 * 1e300));
  });

  test("keeps a gate with the constant 0 shut, whatever stands behind it", () => {
    const shut = toFunction(simplify(c(0).gate(x)), 1);
    expect([Infinity, NaN, 3].map((value) => shut(value))).toEqual([0, 0, 0]);
  });

  test("keeps a gate shut by a zero against an infinite constant, and within a choice", () => {
    expect(toFunction(simplify(c(Infinity).gate(x)), 1)(0)).toBe(0);
    const chosen = simplify(y.gate(x.less(0).select(0, x.reciprocal())));
    expect(toFunction(chosen, 2)(0, 0)).toBe(0);
  });

  test("squares by one multiplication", () => {
    expect(simplify(x.pow(2)).atom).toBe(square);
  });
});

/** Whether all numbers on the way are ones that reordering can't push beyond the floats: 0, ∞, NaN or of fair size. */
function isModerate(expression: Expression, point: readonly number[]): boolean {
  const order = inOrder(expression);
  const { statements, results, functions } = generate(order, ["x0", "x1"]);
  const all = makeFunction<(...x: number[]) => number[]>(
    ["x0", "x1"],
    `${statements}\nreturn [${results.join()}];`,
    functions,
  );
  return all(...point).every((value, i) => {
    // Beyond an infinity nothing is said: x·(1/y) is NaN at 0·∞ where x/y is 0.
    if (!Number.isFinite(value)) return order[i]!.input >= 0 ? Number.isNaN(value) : Number.isNaN(value);
    return value === 0 || (Math.abs(value) > 1e-60 && Math.abs(value) < 1e60);
  });
}

const copy = (expression: Expression) =>
  rebuild(expression, (node) =>
    node.isConstant ? c(node.constant) : node.input >= 0 ? Expression.input(node.input) : null,
  );

describe("an expression as a function", () => {
  test("is the same compiled and interpreted, bit for bit, at any floats", () => {
    fc.assert(
      fc.property(random, anyPlaces, (expression, point) => {
        expect(toFunction(expression, 2)(...point)).toBe(interpreter(expression)(...point));
      }),
      trials(500),
    );
  });

  test("is interpreted where code may not be made at run time, and gives the same numbers", async () => {
    const compiled = toFunction(x.mul(x.logistic()).sub(y.exp()), 2);
    // What a page's content security policy does.
    vi.stubGlobal("Function", () => {
      throw new EvalError("Refused to evaluate a string as JavaScript");
    });
    vi.resetModules();
    try {
      const strict = await import("../../../packages/autograd/src/expression/to-function.ts");
      const fresh = await import("../../../packages/autograd/src/expression/expression.ts");
      const [x, y] = fresh.inputs(2) as [Expression, Expression];
      expect(strict.canGenerateCode()).toBe(false);
      expect(strict.toFunction(x.mul(x.logistic()).sub(y.exp()), 2)(0.3, 0.7)).toBe(compiled(0.3, 0.7));
    } finally {
      vi.unstubAllGlobals();
      vi.resetModules();
    }
  });

  test("is the same beside other roots as alone", () => {
    fc.assert(
      fc.property(random, random, anyPlaces, (first, second, point) => {
        const { statements, results, functions } = generate([first, second, first], ["x0", "x1"]);
        const both = makeFunction<(...x: number[]) => number[]>(
          ["x0", "x1"],
          `${statements}\nreturn [${results.join()}];`,
          functions,
        );
        const [a, b] = [interpreter(first)(...point), interpreter(second)(...point)];
        expect(both(...point)).toEqual([a, b, a]);
      }),
      trials(200),
    );
  });

  test.each([-0, 0, NaN, Infinity, -Infinity, -2, 5e-324, 1e21, -1e-7])(
    "keeps the constant %s to the bit",
    (value) => {
      expect(toFunction(c(value), 0)()).toBe(value);
      expect(toFunction(x.sub(c(value)), 1)(-0)).toBe(-0 - value);
      expect(toFunction(simplify(c(value).mul(c(value))), 0)()).toBe(value * value);
    },
  );

  test("has float64 values within the error that is carried along, of the exact one", () => {
    let seen = 0;
    const property = fc.property(random, places, (expression, point) => {
      const exact = exactValue(expression, point);
      const { value, error } = bounded(expression)(point);
      if (exact === undefined || !Number.isFinite(error) || !isAwayFromKinks(expression)(point)) return;
      seen++;
      // The exact value is itself rounded to a float here: half a unit, which the 3 of each atom leave room for.
      expect(Math.abs(exact.value.toNumber() - value)).toBeLessThanOrEqual(error);
    });
    const { numRuns, seed } = trials(300);
    fc.assert(property, { numRuns, seed });
    expect(seen).toBeGreaterThan(numRuns / 3);
  });
});

describe("differentiate", () => {
  test.each([
    [1, "smooth atoms", randomSmooth],
    [2, "smooth atoms", randomSmooth],
    [1, "all atoms", random],
    [2, "all atoms", random],
  ] as const)(
    "to order %i agrees with numerical derivatives of random expressions of %s",
    (order, _, arbitrary) => {
      let right = 0;
      const property = fc.property(
        arbitrary,
        places,
        fc.nat(1),
        fc.nat(1),
        (expression, point, first, second) => {
          if (!isAwayFromKinks(expression)(point)) return;
          const derivative = differentiate(expression, first);
          const claim =
            order === 1
              ? { f: expression, derivative, input: first }
              : { f: derivative, derivative: differentiate(derivative, second), input: second };
          const { verdict, because } = judge(claim)(point);
          expect(verdict, because).not.toBe("wrong");
          if (verdict === "right") right++;
        },
      );
      const { numRuns, seed } = trials(200);
      fc.assert(property, { numRuns, seed });
      expect(right).toBeGreaterThan(numRuns / 3);
    },
  );

  test("gives the same mixed derivative in either order, to thirty digits", () => {
    let seen = 0;
    const property = fc.property(randomSmooth30, places, (expression, point) => {
      const xy = exactValue(differentiate(differentiate(expression, 0), 1), point);
      const yx = exactValue(differentiate(differentiate(expression, 1), 0), point);
      if (xy === undefined || yx === undefined) return;
      seen++;
      expect(agree(xy, yx)).toBe(true);
    });
    fc.assert(property, trials(150));
    expect(seen).toBeGreaterThan(50);
  });

  test("is linear: the derivative of a·f + g is a·f′ + g′, to thirty digits", () => {
    fc.assert(
      fc.property(randomSmooth30, randomSmooth30, powersOfTwo, places, (f, g, a, point) => {
        const together = exactValue(differentiate(f.mul(a).add(g)), point);
        const apart = exactValue(differentiate(f).mul(a).add(differentiate(g)), point);
        if (together !== undefined && apart !== undefined) expect(agree(together, apart)).toBe(true);
      }),
      trials(150),
    );
  });

  test("of what an expression does not depend on is the constant 0", () => {
    expect(differentiate(x.sin().exp(), 1)).toMatchObject({ isConstant: true, constant: 0 });
    expect(differentiate(c(3))).toMatchObject({ isConstant: true, constant: 0 });
    expect(differentiate(x.floor().mul(x.sign()))).toMatchObject({ isConstant: true, constant: 0 });
  });

  test("lets the branch that was not taken contribute exactly zero, at order one and two", () => {
    // √ has an infinite derivative at 0 and none below; log has none below either.
    for (const guarded of [
      x.greater(0).select(x.sqrt(), 0),
      x.greater(0).select(x.log(), x),
      x.lessEqual(0).select(3, x.pow(0.5)),
    ]) {
      const first = differentiate(guarded);
      const taken = text(guarded).includes("log") ? 1 : 0;
      for (const point of [0, -1, -0]) {
        expect(toFunction(first, 1)(point)).toBe(taken);
        expect(toFunction(differentiate(first), 1)(point)).toBe(0);
      }
    }
  });

  test.each([
    ["select(expm1(x) ≤ 0, 0, exp(x))", x.expm1().relu()],
    ["select(x ≤ 0, 0, cos(select(x ≤ 0, 0, x)))", x.relu().sin()],
    ["select(x < 0, cos(select(x < 0, x, 3)), 0)", x.less(0).select(x, 3).sin()],
    [
      "select(x < 0, 0.5·cos(select(x < 0, 0.5·x, x)), cos(select(x < 0, 0.5·x, x)))",
      x.less(0).select(x.mul(0.5), x).sin(),
    ],
    // No side is zero: nothing to shut, and the factor stands once.
    ["select(x < 0, 3, 2·x)·cos(select(x < 0, 3·x, x²))", x.less(0).select(x.mul(3), x.square()).sin()],
    [
      "select(x < 0, exp(x), 2·x)·cos(select(x < 0, exp(x), x²))",
      x.less(0).select(x.exp(), x.square()).sin(),
    ],
  ])("moves a factor into a choice where a side is zero or both are constant: %s", (expected, f) => {
    const derivative = differentiate(simplify(f));
    expect(text(derivative)).toBe(expected);
    expect(inOrder(derivative).map((node) => node.atom)).not.toContain(gate);
  });

  test("lets a branch not taken behind other choices contribute zero against an infinite factor", () => {
    // √ of what is zero by choice: √′(0) = ∞ meets a derivative that is zero by choice, directly or further in.
    const positive = x.greater(0).select(x, 0);
    for (const f of [
      positive.sqrt(),
      x.greater(-1).select(positive, 0).sqrt(),
      x
        .greater(-1)
        .select(x.greater(-0.9).select(positive.mul(x), 0), 0)
        .sqrt(),
      x.greater(-1).select(positive, 0).sqrt().sqrt(),
      x.greater(-1).select(positive.sqrt(), 0).sqrt().mul(x.cos()),
    ]) {
      const first = differentiate(f);
      expect(toFunction(first, 1)(-0.5) + 0, text(f)).toBe(0);
      expect(toFunction(differentiate(first), 1)(-0.5) + 0, text(f)).toBe(0);
      const fn = new ElementwiseFunction("f", 1, f);
      const { fn: pullback, operands } = fn.pullback(0)!;
      const at = operands.map(({ from }) => (from === "tangent" ? 1 : from === "output" ? 0 : -0.5));
      expect(pullback!.value(...at) + 0, text(f)).toBe(0);
    }
  });

  test("lets the operand that lost a maximum or minimum contribute exactly zero", () => {
    // log′(0) = ∞ and log(0) = −∞, which loses against 0.
    expect(toFunction(differentiate(x.maximum(x.log())), 1)(0)).toBe(1);
    expect(toFunction(differentiate(x.log().maximum(x)), 1)(0)).toBe(1);
    expect(toFunction(differentiate(x.minimum(x.log().neg())), 1)(0)).toBe(1);
  });

  test("lets a shut gate shut out infinite derivatives, at order one and two", () => {
    // What where(mask, √x, 0) meets at x = 0: a zero cotangent against √′ = ∞.
    const sqrt = statedFunction("sqrt", 1, (x) => x!.sqrt());
    const call = sqrt.pullback(0)!;
    const cotangentAt = call.operands.findIndex(({ from }) => from === "tangent");
    const point = call.operands.map((_, i) => (i === cotangentAt ? 0 : 0));
    expect(call.fn!.value(...point)).toBe(0);
    for (const i of call.operands.keys()) {
      if (i === cotangentAt) continue;
      expect(
        toFunction(differentiate(call.fn!.expression, i), call.operands.length)(...point),
        `in operand ${i}`,
      ).toBe(0);
    }
    const gated = y.gate(x.sqrt().reciprocal());
    expect(toFunction(differentiate(gated, 0), 2)(0, 0)).toBe(0);
    expect(toFunction(differentiate(differentiate(gated, 0), 0), 2)(0, 0)).toBe(0);
  });
});

describe("sharing", () => {
  // The numbers of a trial that built the derivatives with shared parts and no further thought.
  test.each([
    ["tanh", 93, x.tanh()],
    ["swish", 225, x.mul(x.logistic())],
    ["gelu by tanh", 426, geluByTanh(x)],
  ])("the sixth derivative of %s has at most %i nodes", (_, most, f) => {
    let derivative = f;
    for (let order = 1; order <= 6; order++) derivative = differentiate(derivative);
    expect(size(derivative)).toBeLessThanOrEqual(most);
  });

  test("the derivative contains the function itself where it is made of it", () => {
    const derivative = differentiate(x.tanh());
    expect(text(derivative)).toBe("1 − tanh(x)²");
    expect(inOrder(derivative).filter((node) => node.atom?.name === "tanh")).toHaveLength(1);
  });
});

function geluByTanh(x: Expression): Expression {
  const inner = x.add(x.mul(x).mul(x).mul(0.044715)).mul(Math.sqrt(2 / Math.PI));
  return x.mul(0.5).mul(inner.tanh().add(1));
}

function _chain(length: number, link: (e: Expression, i: number) => Expression): Expression {
  let e = x;
  for (let i = 0; i < length; i++) e = link(e, i);
  return e;
}

describe("text", () => {
  test("can be read back as the same function: no bracket is missing", () => {
    let seen = 0;
    const property = fc.property(random, places, (expression, point) => {
      const printed = text(expression);
      const exact = exactValue(expression, point);
      if (exact === undefined || !isAwayFromKinks(expression)(point)) {
        parse(printed);
        return;
      }
      seen++;
      const read = exactValue(parse(printed), point);
      expect(read, printed).toBeDefined();
      expect(agree(exact, read!), printed).toBe(true);
    });
    const { numRuns, seed } = trials(400);
    fc.assert(property, { numRuns, seed });
    expect(seen).toBeGreaterThan(numRuns / 3);
  });

  test("of derivatives can be read back, too", () => {
    fc.assert(
      fc.property(random, places, (expression, point) => {
        const derivative = differentiate(expression);
        const exact = exactValue(derivative, point);
        const read = exactValue(parse(text(derivative)), point);
        if (exact === undefined || !isAwayFromKinks(expression)(point)) return;
        expect(read !== undefined && agree(exact, read), text(derivative)).toBe(true);
      }),
      trials(200),
    );
  });

  const written: readonly (readonly [Expression, string])[] = [
    [x.sub(y.sub(z)), "x − (y − z)"],
    [x.sub(y).sub(z), "x − y − z"],
    [x.div(y.mul(z)), "x/(y·z)"],
    [x.div(y).div(z), "x/y/z"],
    [x.div(y.div(z)), "x/(y/z)"],
    [x.add(y).mul(z), "(x + y)·z"],
    [x.mul(y).add(z), "x·y + z"],
    [x.neg().square(), "(−x)²"],
    [x.square().neg(), "−(x²)"],
    [x.neg().neg(), "−(−x)"],
    [x.add(y.neg()), "x + (−y)"],
    [x.mul(-2), "x·(−2)"],
    [c(-2).square(), "(−2)²"],
    [c(-0).square(), "(−0)²"],
    [x.square().square(), "(x²)²"],
    [x.add(y).pow(12), "(x + y)¹²"],
    [x.pow(y), "pow(x, y)"],
    [x.pow(-1), "pow(x, −1)"],
    [x.neg().reciprocal(), "1/(−x)"],
    [x.add(1).reciprocal(), "1/(x + 1)"],
    [x.reciprocal().reciprocal(), "1/(1/x)"],
    [x.equal(y.equal(z)), "x = (y = z)"],
    [x.equal(y).equal(z), "(x = y) = z"],
    [x.less(y).select(x.add(1), -1), "select(x < y, x + 1, −1)"],
    [x.sub(c(-Infinity)), "x − (−∞)"],
    [c(1e-7).mul(x), "1e-7·x"],
  ];

  test.each(written.map(([expression, expected]) => [expected, expression] as const))(
    "writes %s",
    (expected, expression) => {
      expect(text(expression)).toBe(expected);
    },
  );

  test("takes the caller's names, and has names for any number of inputs", () => {
    expect(text(x.add(y), ["price", "tax"])).toBe("price + tax");
    expect(text(Expression.input(0).add(Expression.input(12)))).toBe("x + x12");
  });

  test("names a long part from its second use on, and writes out what is short or used once", () => {
    const short = x.sin().add(x.cos());
    const long = Array.from({ length: 8 }, (_, i) => x.mul(i + 2).tanh()).reduce((a, b) => a.add(b));
    expect(text(long)).toBe([2, 3, 4, 5, 6, 7, 8, 9].map((i) => `tanh(x·${i})`).join(" + "));
    expect(text(long.exp())).toBe(`exp(${text(long)})`);
    expect(text(long.mul(long.exp()))).toBe(`t₁·exp(t₁) where t₁ = ${text(long)}`);
    expect(text(short.mul(short.exp()))).toBe(`(${text(short)})·exp(${text(short)})`);
  });
});

describe("functions of elements", () => {
  const randomFunction = random.map((expression) => new ElementwiseFunction("f", 2, expression));
  const tangents = fc.tuple(uniform(-2, 2), uniform(-2, 2));

  /** What a derived call gives: each operand taken from where it says. */
  function called(
    { fn, operands }: DerivedCall,
    point: readonly number[],
    output: number,
    tangent: readonly number[],
  ): number {
    const values = operands.map((source) => {
      if (source.from === "input") return point[source.index]!;
      return source.from === "output" ? output : tangent[source.index]!;
    });
    return fn === null ? values[0]! : fn.value(...values);
  }

  test("their pullbacks are the cotangent times the partial derivative, to within rounding", () => {
    fc.assert(
      fc.property(randomFunction, places, tangents, fc.nat(1), (fn, point, [cotangent], i) => {
        const partial = bounded(differentiate(fn.expression, i))(point);
        const output = bounded(fn.expression)(point);
        if (!Number.isFinite(partial.error + output.error) || !isAwayFromKinks(fn.expression)(point)) return;
        const call = fn.pullback(i);
        const pulled = call === null ? 0 : called(call, point, output.value, [cotangent]);
        // The same derivative; reading the output back and the product round once more each.
        const room =
          Math.abs(cotangent) * partial.error * 2 + 4 * Number.EPSILON * Math.abs(cotangent * partial.value);
        expect(Math.abs(pulled - cotangent * partial.value)).toBeLessThanOrEqual(room);
      }),
      trials(200),
    );
  });

  test("their pushforward is the sum of tangents times partial derivatives, to within rounding", () => {
    const which = fc.constantFrom([0], [1], [0, 1]);
    fc.assert(
      fc.property(randomFunction, places, tangents, which, (fn, point, tangent, operands) => {
        const output = bounded(fn.expression)(point);
        const partials = [0, 1].map((i) => bounded(differentiate(fn.expression, i))(point));
        let expected = 0;
        let room = 0;
        for (const i of operands) {
          const { value, error } = partials[i]!;
          expected += tangent[i]! * value;
          // The same derivative; reading the output back, the product and the sum round once more each.
          room += Math.abs(tangent[i]!) * (2 * error + 8 * Number.EPSILON * Math.abs(value));
        }
        if (!Number.isFinite(room + output.error) || !isAwayFromKinks(fn.expression)(point)) return;
        const call = fn.pushforward(operands);
        const pushed = call === null ? 0 : called(call, point, output.value, tangent);
        expect(Math.abs(pushed - expected)).toBeLessThanOrEqual(room);
      }),
      trials(200),
    );
  });

  test("a derived call uses no operand that it does not need", () => {
    const tanh = statedFunction("tanh", 1, (x) => x!.tanh());
    expect(tanh.pullback(0)!.operands.map(({ from }) => from)).toEqual(["output", "tangent"]);
    const sum = statedFunction("sum", 2, (a, b) => a!.add(b!));
    expect(sum.pullback(0)).toEqual({ fn: null, operands: [{ from: "tangent", index: 0 }] });
    const step = statedFunction("step", 1, (x) => x!.greater(0));
    expect(step.pullback(0)).toBeNull();
    expect(step.pushforward([0])).toBeNull();
  });

  test("a derived function is made once", () => {
    const tanh = statedFunction("tanh", 1, (x) => x!.tanh());
    expect(tanh.pullback(0)).toBe(tanh.pullback(0));
    expect(tanh.pushforward([0])).toBe(tanh.pushforward([0]));
  });

  test("their types follow from the strictest atom, and truth values are told apart", () => {
    const types = (arity: number, statement: (...x: Expression[]) => Expression) =>
      statedFunction("f", arity, statement).signature;
    expect(types(1, (x) => x!.exp().add(1))).toEqual({ operands: ["float"], result: "same" });
    expect(types(2, (a, b) => a!.mul(b!))).toEqual({ operands: ["number", "number"], result: "same" });
    expect(types(2, (a, b) => a!.maximum(b!))).toEqual({ operands: ["any", "any"], result: "same" });
    expect(types(2, (a, b) => a!.less(b!))).toEqual({ operands: ["any", "any"], result: "bool" });
    expect(types(2, (a, c) => c!.select(a!.exp(), 1))).toEqual({
      operands: ["float", "bool"],
      result: "same",
    });
    expect(types(3, (c, a, b) => c!.select(a!, b!))).toEqual({
      operands: ["bool", "any", "any"],
      result: "same",
    });
  });

  test("a statement that reaches beyond its operands is refused", () => {
    expect(() => statedFunction("greedy", 1, () => Expression.input(3))).toThrow(
      /greedy.*input beyond its 1 operands/,
    );
  });
});

test("eᵘ/(1 + eᵛ) is the logistic function where u and v are the same, and nowhere else", () => {
  const [u, v] = inputs(2) as [Expression, Expression];
  const at = (e: Expression) => interpreter(simplify(e))(1, 2);
  const mixed = at(u.exp().div(v.exp().add(1)));
  // Three roundings of numbers below 1.
  expect(Math.abs(mixed - Math.E / (1 + Math.E ** 2))).toBeLessThanOrEqual(4 * Number.EPSILON);
  expect(Math.abs(at(u.exp().div(u.exp().add(1))) - 1 / (1 + 1 / Math.E))).toBeLessThanOrEqual(
    4 * Number.EPSILON,
  );
});
