// Where ∞ and NaN begin, going forward and coming back.

import { concat, randomKey, type Tensor, tensor, variable, where } from "@adjoint/autograd";
import { explainNonFinite, NonFiniteOrigin } from "@adjoint/autograd/check";
import { dense, mlp, relu } from "@adjoint/nn";
import { describe, expect, test } from "vitest";

const double = (values: number[]) => tensor(values, { dtype: "float64" }) as Tensor;
/** The line of this file after the one that calls it, as origins name it: file:line. */
const nextLine = () => {
  const [, line] = /explain-non-finite\.test\.ts:(\d+)/.exec(new Error().stack!.split("\n")[2]!)!;
  return `explain-non-finite.test.ts:${Number(line) + 1}:`;
};

describe("going forward", () => {
  test("the step that made an infinity is named with its line, operands and place, not the NaN it led to", () => {
    let line = "";
    const f = (x: Tensor) => {
      line = nextLine();
      const y = x.log();
      return y.sub(y).sum();
    };
    const origin = explainNonFinite(f, [double([1, 0, 2])]);
    expect(origin).toMatchObject({
      found: true,
      pass: "forward",
      operation: "map log",
      value: -Infinity,
      index: [1],
      operands: [{ value: 0 }],
      surfaced: "the result",
    });
    expect(origin.line).toContain(line);
  });

  test("the place is given along each axis, outermost first", () => {
    const x = tensor([1, 2, 3, 4, 0, 6], { shape: [2, 3], dtype: "float64" });
    const origin = explainNonFinite((x: Tensor) => x.log().sum(), [x]);
    expect(origin).toMatchObject({ operation: "map log", index: [1, 1] });
    const y = tensor([1, 2, 0, 4, 5, 6], { shape: [3, 1, 2], dtype: "float64" });
    expect(explainNonFinite((x: Tensor) => x.log().sum(), [y])).toMatchObject({ index: [1, 0, 0] });
  });

  test("the place is that of the first element that is NaN, and of the first infinity where none is", () => {
    const places = (...values: number[]) => {
      const { index, value } = explainNonFinite((x: Tensor) => x.log(), [double(values)]);
      return [index, value];
    };
    expect(places(1, 0, 0)).toEqual([[1], -Infinity]);
    expect(places(1, 0, -1, -2)).toEqual([[2], NaN]);
    expect(places(-1, 0, -2)).toEqual([[0], NaN]);
  });

  test("a step on tensors that nothing watches is found too", () => {
    const f = (x: Tensor) => x.mul(x.detach().sub(1).reciprocal());
    expect(explainNonFinite(f, [double([2, 1])])).toMatchObject({
      pass: "forward",
      operation: "map reciprocal",
      index: [1],
    });
  });

  test("an overflow in a sum of finite numbers is told with what they range over", () => {
    const origin = explainNonFinite((x: Tensor) => x.sum(), [double([1e308, 1e308, -1])]);
    expect(origin).toMatchObject({ value: Infinity, operands: [{ value: null, extremes: [-1, 1e308] }] });
    expect(String(origin)).toMatch(/forward: sumTo .* is ∞, made at .*explain-non-finite\.test\.ts/);
  });

  test("a mask of −∞ is harmless, and the step that makes NaN of it is not", () => {
    const masked = (x: Tensor) => where(x.greater(0), x, -Infinity);
    const through = explainNonFinite((x: Tensor) => masked(x).softmax().sum(), [double([1, -1, 2])]);
    expect(through.found).toBe(false);
    const spoilt = explainNonFinite((x: Tensor) => masked(x).mul(0).sum(), [double([1, -1, 2])]);
    expect(spoilt).toMatchObject({
      operation: "map mul",
      index: [1],
      operands: [{ value: -Infinity }, { value: 0 }],
    });
  });

  test("an input that is not finite is named as such", () => {
    const origin = explainNonFinite((x: Tensor, y: Tensor) => x.mul(y), [double([1]), double([NaN])]);
    expect(origin).toMatchObject({
      found: true,
      pass: "forward",
      operation: "input 2",
      line: null,
      index: [0],
    });
  });
});

describe("coming back", () => {
  test("the step whose derivative is infinite is named with its own line, operand and cotangent", () => {
    let line = "";
    const f = (x: Tensor) => {
      line = nextLine();
      const y = x.sqrt();
      return y.mul(3).sum();
    };
    const origin = explainNonFinite(f, [double([4, 0])]);
    expect(origin).toMatchObject({
      found: true,
      pass: "backward",
      operation: "map sqrt",
      value: Infinity,
      index: [1],
      operands: [{ value: 0 }],
      cotangent: 3,
      surfaced: "the gradient of the input",
    });
    expect(origin.line).toContain(line);
    expect(String(origin)).toMatch(
      /^backward: the derivative of map sqrt at \[1\] is ∞, made at .*\n {2}of 0, cotangent 3\n/,
    );
  });

  test("the root of a norm of zeros is harmless here, where a zero factor wins", () => {
    const norm = (x: Tensor) => x.square().sum().sqrt();
    expect(explainNonFinite(norm, [double([0, 0])]).found).toBe(false);
  });

  test("a cotangent that overflows on the way is led back to where it did", () => {
    const f = (x: Tensor) => x.mul(1e-200).mul(1e-200).mul(1e-200).mul(1e300).mul(1e200).sum();
    const origin = explainNonFinite(f, [double([1])]);
    expect(origin).toMatchObject({ pass: "backward", operation: "map mul" });
    expect(origin.cotangent).not.toBe(null);
  });

  test("a rule that overflows in the middle of a model is found from a variable's gradient", () => {
    const model = mlp([2, 3, 1], { dtype: "float64", key: randomKey(0) });
    const x = tensor([[1, 2]], { dtype: "float64" }) as Tensor;
    const origin = explainNonFinite(() => {
      const y = model.forward(x);
      return y.sub(y.detach()).sqrt().sum();
    });
    expect(origin).toMatchObject({ found: true, pass: "backward", operation: "map sqrt" });
    expect(origin.surfaced).toMatch(/the gradient of variable "(weight|bias)"/);
  });

  test("no variable's gradient is touched", () => {
    const w = variable(double([0]), { name: "w" });
    expect(explainNonFinite(() => w.sqrt().sum()).found).toBe(true);
    expect(w.grad).toBe(null);
  });

  test("trees of inputs are named by their path", () => {
    const f = ({ a, b }: { a: Tensor; b: Tensor[] }) => concat([a, b[1]!.sqrt()]).sum();
    const origin = explainNonFinite(f, [{ a: double([1]), b: [double([1]), double([0])] }]);
    expect(origin.surfaced).toBe("the gradient of the input.b[1]");
  });
});

test("where everything is finite nothing is found", () => {
  const layer = dense(2, 2, { activation: relu, key: randomKey(0) });
  const origin = explainNonFinite((x: Tensor) => layer.forward(x as never), [tensor([[1, -1]])]);
  expect(origin).toBeInstanceOf(NonFiniteOrigin);
  expect(String(origin)).toBe("every result and every gradient is finite");
});

test("what the function throws comes through", () => {
  expect(() =>
    explainNonFinite(() => {
      throw new Error("mine");
    }),
  ).toThrow("mine");
});
