// Values as the code that prints them: it gives the same value again, and it can be read.

import { activation, type Tensor, tensor } from "@adjoint/autograd";
import { expect, test } from "vitest";
import { expressionCode, literal } from "../../../packages/autograd/src/check/literal.ts";

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
