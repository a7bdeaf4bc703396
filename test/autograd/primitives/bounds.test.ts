// Bounds of clip that hold nothing, and the curvature of squared distances where they are 0.

import { activation, compile, grad, hvp, scalar, type Tensor, tensor } from "@adjoint/autograd";
import { huber } from "@adjoint/nn";
import { describe, expect, test } from "vitest";

const vector = (values: number[], dtype: "float32" | "float64" | "int32" = "float64") =>
  tensor(values, { dtype }) as Tensor;

describe("clip", () => {
  test.each([
    [1, -1],
    [NaN, 1],
    [0, NaN],
    [Infinity, 0],
    [0, -Infinity],
  ])("refuses the bounds %s and %s on tensors, scalars and expressions", (low, high) => {
    const says = /^clip: nothing lies between the bounds/;
    for (const run of [
      () => vector([0]).clip(low, high),
      () => vector([0], "int32").clip(low, high),
      () => scalar(0).clip(low, high),
      () => scalar(1).clip(low, high),
      () => activation("hard", (x) => x.clip(low, high)),
      () => compile((x: Tensor) => x.clip(low, high) as Tensor)(vector([0])),
    ])
      expect(run).toThrow(says);
    expect(() => vector([0]).clip(low, high)).toThrow(RangeError);
  });

  test("refuses a number that is NaN beside a tensor, and takes bounds that meet or are infinite", () => {
    expect(() => vector([0]).clip(vector([1]), NaN)).toThrow(/^clip: nothing lies between/);
    expect(() => vector([0]).clip(NaN, vector([1]))).toThrow(/^clip: nothing lies between/);
    expect(vector([-1, 3]).clip(2, 2).toArray()).toEqual([2, 2]);
    expect(vector([-1, 3]).clip(-Infinity, Infinity).toArray()).toEqual([-1, 3]);
  });

  test("of bounds in tensors a NaN does not bind, and where they cross the lower goes first", () => {
    const clip = (x: Tensor, low: Tensor, high: Tensor) => x.clip(low, high) as Tensor;
    for (const f of [clip, compile(clip)])
      expect(f(vector([0, 5, 0, 3]), vector([NaN, 0, 2, 2]), vector([1, NaN, 1, 1])).toArray()).toEqual([
        0, 5, 2, 1,
      ]);
  });

  test("a parameter that was projected onto a bound leaves it by gradient descent", () => {
    let x = vector([2, -2]).clip(-1, 1) as Tensor;
    for (let i = 0; i < 50; i++) {
      const slope = grad((x: Tensor) => (x.clip(-1, 1) as Tensor).square().sum() as Tensor)(x) as Tensor;
      x = x.sub(slope.mul(0.25)).clip(-1, 1) as Tensor;
    }
    // Each step halves it.
    expect(x.toArray()).toEqual([2 ** -50, -(2 ** -50)]);
  });
});

describe("where a distance is 0", () => {
  const curvature = (f: (x: Tensor) => Tensor, at: number) => {
    const f2 = (x: Tensor) => hvp(f, x, vector([1])) as unknown as Tensor;
    const found = [f2(vector([at])), compile(f2)(vector([at]))].map((each) => each.data[0]);
    expect(found[1]).toBe(found[0]);
    // The sign of a zero says nothing.
    return found[0]! + 0;
  };

  test("huber has curvature 1, inside as well, and 0 beyond its delta, in prediction and in target", () => {
    const zero = vector([0]);
    for (const f of [(x: Tensor) => huber(x, zero), (x: Tensor) => huber(zero, x)])
      for (const [at, wanted] of [
        [0, 1],
        [-0, 1],
        [0.5, 1],
        [-0.5, 1],
        [2, 0],
        [-2, 0],
      ] as const)
        expect(curvature((x) => f(x) as Tensor, at)).toBe(wanted);
  });

  test("the square of an absolute value stated as one function has curvature 2", () => {
    for (const f of [
      activation("|x|²", (x) => x.abs().square()),
      activation("|x|·|x|", (x) => x.abs().mul(x.abs())),
      activation("|x| to the power 2", (x) => x.abs().pow(2)),
      activation("half of it", (x) => x.abs().square().mul(0.5).add(x.square().mul(0.5))),
    ])
      for (const at of [0, 1.5, -2]) {
        expect(curvature((x) => f(x).sum() as Tensor, at)).toBe(2);
        expect(f.kinks).toEqual([]);
      }
  });

  test("other even functions of an absolute value stated as one function have their own curvature there", () => {
    for (const [f, wanted] of [
      [activation("cos |x|", (x) => x.abs().cos()), -1],
      [activation("1 + |x|² + |x|⁴", (x) => x.abs().pow(4).add(x.abs().pow(2)).add(1)), 2],
      [activation("12·√(1 + |x|²)", (x) => x.abs().square().add(1).sqrt().mul(12)), 12],
      [activation("| |x| |·|x|", (x) => x.abs().abs().mul(x.abs())), 2],
      // Its third derivative jumps there, its second does not.
      [activation("|x|³", (x) => x.abs().pow(3)), 0],
    ] as const)
      for (const at of [0, -0])
        expect(
          curvature((x) => f(x).sum() as Tensor, at),
          f.name,
        ).toBe(wanted);
  });

  test("the fourth derivative of |x|⁴ stated as one function is 24", () => {
    const fourth = activation("|x|⁴", (x) => x.abs().pow(4));
    const nth = (f: (x: Tensor) => Tensor, order: number): ((x: Tensor) => Tensor) =>
      order === 0 ? f : (x) => grad((y: Tensor) => nth(f, order - 1)(y).sum())(x);
    for (const at of [0, 1, -3]) expect(nth((x) => fourth(x) as Tensor, 4)(vector([at])).data[0]).toBe(24);
  });
});
