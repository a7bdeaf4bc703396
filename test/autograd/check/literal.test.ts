// Values as the code that prints them: it gives the same value again, and it can be read.

import { activation, type Tensor, tensor } from "@adjoint/autograd";
import { expect, test } from "vitest";
import { expressionCode, literal } from "../../../packages/autograd/src/check/literal.ts";
import { Expression, inputs } from "../../../packages/autograd/src/expression/expression.ts";
import { interpreter } from "../../../packages/autograd/src/expression/to-function.ts";

const again = (code: string): unknown => new Function("tensor", `return ${code};`)(tensor);

const special = [0, -0, NaN, Infinity, -Infinity, 1e-300, 1 / 3, -7];

test.each([[[]], [[8]], [[2, 4]], [[2, 2, 2]], [[1, 2, 2, 2]], [[0]], [[3, 0]]])(
  "the code of a tensor of shape %j gives a tensor of the same shape, type and bits",
  (shape) => {
    const size = shape.reduce((product, n) => product * n, 1);
    for (const dtype of ["float32", "float64"] as const)
      for (let from = 0; from < special.length; from++) {
        const values = Array.from({ length: size }, (_, i) => special[(from + i) % special.length]!);
        const x = tensor(values, { dtype, shape });
        const same = again(literal(x)) as Tensor;
        expect(same.shape).toEqual(shape);
        expect(same.dtype).toBe(dtype);
        expect(Array.from(same.data).every((value, i) => Object.is(value, x.data[i]))).toBe(true);
      }
  },
);

test("a zero keeps its sign by itself and inside objects and lists", () => {
  expect(literal(-0)).toBe("-0");
  expect(literal({ rate: -0, steps: [0, -0] })).toBe("{ rate: -0, steps: [0, -0] }");
});

test("the code of texts, truth values, nothing, numbers and fields of any name gives them again", () => {
  const tree = { axis: null, keepDims: true, "two words": 'a "b"\n', $: undefined, "1st": [], é: {} };
  expect(again(literal(tree))).toStrictEqual(tree);
  for (const x of special)
    expect(again(literal({ factor: x, list: [[x]] }))).toEqual({ factor: x, list: [[x]] });
});

test("brackets go two deep: more axes are told as a shape", () => {
  expect(literal(tensor([1, 2, 3, 4], { shape: [2, 2] }))).toBe("tensor([[1, 2], [3, 4]])");
  expect(literal(tensor([1, 2, 3, 4], { shape: [2, 1, 2] }))).toBe(
    "tensor([1, 2, 3, 4], { shape: [2, 1, 2] })",
  );
});

test("a part of an expression that is used twice is written once, and gets a name", () => {
  const shared = activation("shared", (x) => x.sin().mul(x.sin().exp()));
  expect(expressionCode(shared.expression, ["x"])).toBe(
    "(x) => { const t1 = x.sin(); return t1.mul(t1.exp()); }",
  );
  const chain = activation("chain", (x) => x.sin().exp());
  expect(expressionCode(chain.expression, ["x"])).toBe("(x) => x.sin().exp()");
});

const [x, y] = inputs(2) as [Expression, Expression];
const part = x.exp();
test.each<[string, Expression]>([
  ["an input", y],
  ["a constant", Expression.constant(-0)],
  ["operations on both inputs", x.tanh().mul(y.exp()).sub(x)],
  ["constants on either side", Expression.constant(2).sub(x).div(3)],
  ["a part that is used three times", part.mul(part).add(part)],
  ["comparisons and choices", x.greater(y).select(x.sin(), y.cos())],
])("the code of an expression builds the same function again: %s", (_, root) => {
  const build = again(expressionCode(root, ["x", "y"])!) as (...all: Expression[]) => Expression | number;
  const built = build(x, y);
  const values = (root: Expression) =>
    [-1.5, -0, 0, 0.3, 2].flatMap((a) => [-2, 0.5].map((b) => interpreter(root)(a, b)));
  expect(values(built instanceof Expression ? built : Expression.constant(built))).toEqual(values(root));
});

test("the code of an expression grows with its operations, however often their results are used", () => {
  let root = x;
  for (let i = 0; i < 12; i++) root = root.mul(root).tanh();
  expect(expressionCode(root, ["x"])!.match(/tanh/g)).toHaveLength(12);
});
