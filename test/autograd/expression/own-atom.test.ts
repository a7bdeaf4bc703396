// Atoms of a user's own: attacked as those of the table are, and then through everything that they reach: activations,
// tensors of both types, scalars and programs, to order three.

import {
  type Activation,
  type AtomFunction,
  activation,
  atom,
  compile,
  type DType,
  grad,
  type Scalar,
  scalar,
  type Tensor,
  tensor,
} from "@adjoint/autograd";
import { checkActivation, checkGradients } from "@adjoint/autograd/check";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Atom } from "../../../packages/autograd/src/expression/atoms/atom.ts";
import { differentiate } from "../../../packages/autograd/src/expression/differentiate.ts";
import { Expression } from "../../../packages/autograd/src/expression/expression.ts";
import { interpreter } from "../../../packages/autograd/src/expression/to-function.ts";
import { trials } from "../../support/runs.ts";
import { attackInside, wrongAtEdges } from "./attack.ts";

/** The arctangent: no lanes, so programs call Math.atan. */
const atan = atom({
  name: "arctangent",
  arity: 1,
  value: Math.atan,
  partials: [(x) => x.square().add(1).reciprocal()],
});

/** x/√(1 + x²), in lanes of its own. */
const algebraic = atom({
  name: "algebraic",
  arity: 1,
  value: (x) => x / Math.sqrt(1 + x * x),
  lanes: (l, x) => l.div(x, l.sqrt(l.add(l.constant(1), l.mul(x, x)))),
  partials: [(x) => x.square().add(1).pow(-1.5)],
});

/** √(a² + b²), of two operands, with a kink where both are 0. */
const length = atom({
  name: "length",
  arity: 2,
  // Not Math.hypot, which need not round alike in all engines.
  value: (a, b) => Math.sqrt(a * a + b * b),
  // Where both are 0 the slope is 0, which lies between those from either side.
  partials: [(a, _b, y) => y.equal(0).select(0, a.div(y)), (_a, b, y) => y.equal(0).select(0, b.div(y))],
  kinks: (a, b) => [a.square().add(b.square())],
  commutative: true,
});

const unary: readonly [string, AtomFunction<1>][] = [
  ["without lanes", atan],
  ["with lanes", algebraic],
];

/** What an atom is put into. */
const made: readonly [string, Activation][] = [
  ["atan by itself", activation("atan1", (x) => atan(x))],
  ["atan in a product", activation("atan2", (x) => x.mul(atan(x.mul(2))))],
  ["atan of atan", activation("atan3", (x) => atan(atan(x).add(x)))],
  ["algebraic by itself", activation("algebraic1", (x) => algebraic(x))],
  ["algebraic of a function", activation("algebraic2", (x) => algebraic(x.sin()).add(x))],
  ["both", activation("both", (x) => algebraic(x).mul(atan(x)))],
  ["a length", activation("length1", (x) => length(x, 1))],
  ["a length, the constant first", activation("length2", (x) => length(2, x.sin()))],
];

describe.each(unary)("an atom %s", (_, { atom }) => {
  test.each([1, 2] as const)("has derivatives of order %i that agree with numerical ones", (order) => {
    const { property, count } = attackInside(atom as unknown as Atom, order);
    fc.assert(property, trials(100));
    expect(count.right).toBeGreaterThanOrEqual(count.all / 3);
  });
});

test("an atom of two operands has derivatives that agree with numerical ones, and is right at its kink", () => {
  // Sides from a tenth to ten: the differences' first steps reach from much shorter ones across the kink, which has no
  // sign to change by.
  const side = fc.double({ min: 0.1, max: 10, noNaN: true }).chain((size) => fc.constantFrom(size, -size));
  const property = fc.property(side, side, (a, b) => {
    const report = checkGradients(
      (a: Tensor, b: Tensor) => length(a, b),
      [tensor(a, { dtype: "float64" }) as Tensor, tensor(b, { dtype: "float64" }) as Tensor],
    );
    expect(`${report.verdict} ${report}`).toMatch(/^right/);
  });
  fc.assert(property, trials(30));
  expect(wrongAtEdges(length.atom as unknown as Atom).wrong).toBeNull();
});

test.each(made)("the laboratory finds %s right to order three, on numbers, tensors and scalars", (_, phi) => {
  const report = checkActivation(phi);
  expect(`${report.verdict} ${report}`).toMatch(/^right/);
});

test("the laboratory finds an atom with a wrong partial wrong", () => {
  const wrong = atom({
    name: "wrong",
    arity: 1,
    value: Math.atan,
    partials: [(x) => x.square().add(1.01).reciprocal()],
  });
  expect(checkActivation(activation("hidden", (x) => x.mul(wrong(x)))).verdict).toBe("wrong");
});

// Lengths that fill vectors of 2, 4 and 8 lanes, and don't.
const sizes = [1, 2, 3, 4, 5, 7, 8, 9, 17, 64];
const points = (n: number, dtype: DType) =>
  tensor(
    Array.from({ length: n }, (_, i) => 1.7 * Math.sin(1 + 3 * i)),
    { dtype, shape: [n] },
  ) as Tensor;

describe.each(made)("%s", (_, phi) => {
  const orders = [(x: Tensor) => phi(x).sum() as Tensor] as ((x: Tensor) => Tensor)[];
  for (let k = 1; k <= 3; k++) orders.push(sumOf(grad(orders[k - 1]!)));
  const expected = [phi.expression];
  for (let k = 1; k <= 3; k++) expected.push(differentiate(expected[k - 1]!));

  test.each(["float32", "float64"] as const)(
    "has in a program, in %s, the eager values and derivatives to order three",
    (dtype) => {
      for (const n of sizes) {
        const x = points(n, dtype);
        const all = (x: Tensor) => [phi(x), ...orders.slice(0, 3).map((f) => grad(f)(x))];
        const eager = all(x);
        const compiled = compile(all)(x);
        eager.forEach((each, order) => {
          // Eager values of float32 are computed in float64 and rounded; lanes round each step. A third derivative of
          // these has below 100 steps, and numbers below 100 for |x| < 2.
          const room = (dtype === "float32" ? 2 ** -24 : 2 ** -53) * 100 * 100;
          const exact = interpreter(expected[order]!);
          each.data.forEach((value: number, i: number) => {
            expect(Math.abs(value - exact(x.data[i]!))).toBeLessThanOrEqual(room);
            expect(Math.abs(compiled[order]!.data[i]! - value)).toBeLessThanOrEqual(room);
          });
        });
      }
    },
  );

  test("has on scalars, eagerly and in a program, the derivatives of its expression to order three", () => {
    for (const at of [-1.5, -0.3, 0.4, 1.9]) {
      const x = scalar(at);
      let y: Scalar = phi(x);
      for (let order = 0; order <= 3; order++) {
        const exact = interpreter(expected[order]!)(at);
        // The same steps in another order, each within 2⁻⁵³ of numbers below 100, fewer than 100 of them.
        expect(Math.abs(y.value - exact)).toBeLessThanOrEqual(2 ** -53 * 100 * 100);
        if (order < 3) y = y.gradient([x])[0]!;
      }
      const leaf = scalar(at);
      compile(() => phi(leaf).mul(3))().backward();
      expect(Math.abs(leaf.grad - 3 * interpreter(expected[1]!)(at))).toBeLessThanOrEqual(
        2 ** -53 * 100 * 100,
      );
    }
  });
});

function sumOf(f: (x: Tensor) => Tensor) {
  return (x: Tensor) => f(x).sum() as Tensor;
}

test("an atom of two operands broadcasts, takes numbers, and has the laboratory's gradients eagerly and compiled", () => {
  const [a, b] = [tensor([[1], [-2]], { dtype: "float64" }), tensor([3, 0.5, -1], { dtype: "float64" })];
  const f = (a: Tensor, b: Tensor) => length(length(a, b) as Tensor, 2).sum() as Tensor;
  expect(length(a as Tensor, b).shape).toEqual([2, 3]);
  expect(checkGradients(f, [a as Tensor, b as Tensor], { order: 3 }).verdict).toBe("right");
  expect(checkGradients(compile(f), [a as Tensor, b as Tensor]).verdict).toBe("right");
  expect(length(3, 4)).toBe(5);
  expect(length(scalar(3), scalar(4)).value).toBe(5);
});

describe("two atoms of one name are two functions", () => {
  // A notebook's cell that is run again, or two people's.
  const [first, second] = [1, 10].map((factor) =>
    atom({ name: "mine", arity: 1, value: (x) => factor * x, partials: [() => factor] }),
  ) as [AtomFunction<1>, AtomFunction<1>];
  const both = activation("both", (x) => first(x).add(second(x)));

  test("in one expression", () => {
    expect(both(1)).toBe(11);
    expect(interpreter(both.expression)(1)).toBe(11);
    expect(interpreter(differentiate(both.expression))(1)).toBe(11);
  });

  test("on tensors, eagerly and in one kernel", () => {
    const x = tensor([1, 2, 3]) as Tensor;
    for (const f of [(x: Tensor) => both(x), compile((x: Tensor) => both(x))])
      expect(f(x).toArray()).toEqual([11, 22, 33]);
    expect(compile((x: Tensor) => first(x).add(second(x)))(x).toArray()).toEqual([11, 22, 33]);
  });

  test("in kernels that are alike but for them", () => {
    const mixing = tensor([
      [0, 1],
      [1, 0],
    ]) as Tensor;
    const f = (x: Tensor) => {
      let y = x;
      for (let layer = 0; layer < 40; layer++)
        y = (layer % 2 === 0 ? first : second)(y.matmul(mixing) as Tensor).mul(0.5);
      return y;
    };
    const x = tensor([[1, 2]]) as Tensor;
    expect(compile(f)(x).toArray()).toEqual(f(x).toArray());
  });

  test("on scalars, eagerly and compiled", () => {
    const x = scalar(2);
    const f = () => {
      let sum: Scalar = scalar(0);
      for (let i = 0; i < 20; i++) sum = sum.add(first(x.mul(i)).mul(second(x)));
      return sum;
    };
    expect(compile(f)().value).toBe(f().value);
    expect(f().value).toBe(190 * 2 * 20);
  });
});

test("a name need not be an identifier, and may be one of JavaScript's words", () => {
  for (const name of ["2nd", "my-atom", "φ", "return", "a b"]) {
    const own = atom({ name, arity: 1, value: (x) => x + 1, partials: [() => 1] });
    const phi = activation("phi", (x) => own(x).mul(2));
    expect(phi(1)).toBe(4);
    expect(phi(tensor([1])).toArray()).toEqual([4]);
    expect(`${phi}`).toBe(`phi(x) = 2·${name}(x)`);
  }
});

describe("a statement that can't be right is refused, with the way out:", () => {
  const right = { name: "own", arity: 1, value: Math.atan, partials: [() => 0] } as const;
  test.each([
    ["no statement", undefined, /where the statement belongs; write atom\(/],
    ["a name alone", "own", /got a string where the statement belongs/],
    ["no name", { ...right, name: "" }, /must be a text that is not empty/],
    ["a name of the vocabulary", { ...right, name: "tanh" }, /use x\.tanh\(…\), or choose another name/],
    ["a compound's name", { ...right, name: "relu" }, /has a function of that name/],
    ["an unknown field", { ...right, derivative: () => 0 }, /no field "derivative"; the fields are name/],
    ["no arity", { ...right, arity: undefined }, /arity is undefined; an atom has 1, 2 or 3/],
    ["four operands", { ...right, arity: 4 }, /arity is 4/],
    ["no value", { ...right, value: undefined }, /value is undefined and must be a function of 1 number/],
    ["a value of text", { ...right, value: () => "1" }, /value at 1 is a string and must be a number/],
    ["a truth value", { ...right, value: (x: number) => x > 0 }, /truth values are 1 and 0/],
    ["no partials", { ...right, partials: undefined }, /partials are undefined; give an array of 1 function/],
    ["a bare partial", { ...right, partials: () => 0 }, /partials are a function/],
    ["too few partials", { ...right, arity: 2 }, /an array of 1; give an array of 2 functions/],
    ["a number as partial", { ...right, partials: [0] }, /partial 1 is a number; give a function/],
    ["a partial of nothing", { ...right, partials: [() => undefined] }, /partial 1 returned undefined/],
    [
      "operators in a partial",
      { ...right, partials: [(x: never) => 1 - x] },
      /JavaScript's operators and Math/,
    ],
    ["a foreign input", { ...right, partials: [() => Expression.input(7)] }, /beyond the 2/],
    ["kinks of one condition", { ...right, kinks: (x: unknown) => x }, /return an array of expressions/],
    ["a kink's place", { ...right, kinks: [0] }, /kinks are an array; give a function/],
    ["one interval bare", { ...right, smoothOn: { from: 0, to: 1 } }, /an interval for each operand/],
    ["an empty interval", { ...right, smoothOn: [{ from: 1, to: 0 }] }, /an interval for each operand/],
    ["a type of elements", { ...right, operands: "float64" }, /say "float", "number", "bool" or "any"/],
    ["a result in words", { ...right, result: "number" }, /say "same" for the operands' type, or "bool"/],
    ["lanes of a table", { ...right, lanes: {} }, /lanes are a Object and must be a function of lanes/],
  ])("%s", (_, statement, message) => {
    expect(() => atom(statement as never)).toThrow(message);
  });

  test("and so is a call with what it can't take", () => {
    expect(() => (atan as (...x: unknown[]) => unknown)("1")).toThrow(
      /arctangent: can't be applied to a string first/,
    );
    expect(() => (atan as (...x: unknown[]) => unknown)()).toThrow(
      /arctangent: takes 1 operand, got 0; write arctangent\(x\)/,
    );
    expect(() => (length as (...x: unknown[]) => unknown)(1, tensor([1]))).toThrow(
      /a tensor or a scalar first/,
    );
    expect(() => (length as (...x: unknown[]) => unknown)(tensor([1]), [1])).toThrow(/length: got an array/);
  });
});
