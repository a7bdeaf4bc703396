// Rounding, remainders, tests for NaN and logic as methods of tensors: every type, few elements and many, eagerly and compiled.
// What NumPy gives is written down with the version that gave it.

import {
  activation,
  compile,
  type Expression,
  full,
  grad,
  scalar,
  type Tensor,
  tensor,
} from "@adjoint/autograd";
import { checkGradients } from "@adjoint/autograd/check";
import { describe, expect, test } from "vitest";
import { kinkConditions } from "../../../packages/autograd/src/expression/elementwise-function.ts";
import { toFunction } from "../../../packages/autograd/src/expression/to-function.ts";
import { LEAST_ELEMENTS } from "../../../packages/autograd/src/kernels/eager/elements.ts";

const inf = Infinity;
type DType = "float32" | "float64" | "int32" | "bool";

/** What f gives for a list of elements: of few, of many, and compiled. */
function everyWay(
  f: (...x: Tensor[]) => Tensor,
  lists: readonly (readonly number[])[],
  dtypes: readonly DType[],
) {
  const n = lists[0]!.length;
  const times = Math.ceil(LEAST_ELEMENTS / n) + 1;
  const of = (count: number) =>
    lists.map(
      (list, i) =>
        tensor(
          Array.from({ length: count * n }, (_, at) => list[at % n]!),
          { dtype: "float64" },
        ).cast(dtypes[i]!) as Tensor,
    );
  const last = (x: Tensor) => [...x.data].slice(-n);
  const run = compile(f);
  return [of(1), of(times)].flatMap((args) => [last(f(...args)), last(run(...args) as Tensor)]);
}

function expectEverywhere(
  f: (...x: Tensor[]) => Tensor,
  lists: readonly (readonly number[])[],
  dtypes: readonly DType[],
  wanted: readonly number[],
) {
  for (const found of everyWay(f, lists, dtypes)) expect(found).toEqual(wanted);
}

describe.each(["float32", "float64"] as const)("on %s", (dtype) => {
  test("rounding is NumPy's, with its zeros", () => {
    const x = [0.5, 1.5, 2.5, -0.5, -1.5, -0.25, -0, inf, NaN];
    // NumPy 2.4.6.
    expectEverywhere((t) => t.round(), [x], [dtype], [0, 2, 2, -0, -2, -0, -0, inf, NaN]);
    expectEverywhere((t) => t.ceil(), [x], [dtype], [1, 2, 3, -0, -1, -0, -0, inf, NaN]);
    expectEverywhere((t) => t.trunc(), [x], [dtype], [0, 1, 2, -0, -1, -0, -0, inf, NaN]);
  });

  test("mod has NumPy's signs and zeros", () => {
    const a = [5, -5, 5, -5, -6, 6, -0, 1, -1, inf, 1];
    const b = [3, 3, -3, -3, 3, -3, 3, inf, inf, 2, 0];
    // NumPy 2.4.6.
    expectEverywhere((s, t) => s.mod(t), [a, b], [dtype, dtype], [2, 1, -1, -2, 0, -0, 0, 1, inf, NaN, NaN]);
  });

  test("only what is finite is finite", () => {
    const x = [0, -1.5, inf, -inf, NaN];
    expectEverywhere((t) => t.isNaN(), [x], [dtype], [0, 0, 0, 0, 1]);
    expectEverywhere((t) => t.isFinite(), [x], [dtype], [1, 1, 0, 0, 0]);
    expectEverywhere((t) => t.isInfinite(), [x], [dtype], [0, 0, 1, 1, 0]);
  });

  test("nanToNum puts NumPy's numbers in the place of what is not finite, or those that it is given", () => {
    const largest = dtype === "float32" ? (2 - 2 ** -23) * 2 ** 127 : Number.MAX_VALUE;
    const x = [NaN, inf, -inf, -1.5, -0];
    expectEverywhere((t) => t.nanToNum(), [x], [dtype], [0, largest, -largest, -1.5, -0]);
    const given = { nan: -1, positiveInfinity: 8, negativeInfinity: NaN };
    expectEverywhere((t) => t.nanToNum(given), [x], [dtype], [-1, 8, NaN, -1.5, -0]);
  });

  test("nanToNum has the derivative 1, and 0 where it replaces, in both modes", () => {
    const x = tensor([NaN, inf, -inf, 2], { dtype }) as Tensor;
    const f = (t: Tensor) => t.nanToNum({ positiveInfinity: 3, negativeInfinity: -3 }).square().sum();
    expect([...grad(f)(x).data]).toEqual([0, 0, 0, 4]);
    expect([...(compile(grad(f))(x) as Tensor).data]).toEqual([0, 0, 0, 4]);
    expect(checkGradients((t: Tensor) => t.nanToNum().sin(), [tensor([0, -0.5, 3], { dtype })]).verdict).toBe(
      "right",
    );
  });
});

test("whole numbers are rounded already, and have remainders, of which that by 0 is 0", () => {
  const x = [7, -7, 7, -7, 5, -(2 ** 31), 2 ** 31 - 1];
  const y = [3, 3, -3, -3, 0, -1, 10];
  // NumPy 2.4.6.
  expectEverywhere((a, b) => a.mod(b), [x, y], ["int32", "int32"], [1, 2, -2, -1, 0, 0, 7]);
  for (const name of ["ceil", "round", "trunc", "nanToNum"] as const)
    expectEverywhere((a) => a[name]() as Tensor, [x], ["int32"], x);
});

test.each(["int32", "bool"] as const)("every element of type %s is finite", (dtype) => {
  const x = [0, 1, 1, 0];
  expectEverywhere((a) => a.isFinite(), [x], [dtype], [1, 1, 1, 1]);
  expectEverywhere((a) => a.isNaN(), [x], [dtype], [0, 0, 0, 0]);
  expectEverywhere((a) => a.isInfinite(), [x], [dtype], [0, 0, 0, 0]);
});

describe.each(["float32", "float64", "int32", "bool"] as const)("logic on %s", (dtype) => {
  const [a, b] = [
    [0, 0, 1, 1],
    [0, 1, 0, 1],
  ].map((list) => (dtype === "bool" ? list : list.map((x) => x * 2)));

  test("takes what is not 0 as true, and gives truth values", () => {
    const types = [dtype, dtype];
    expectEverywhere((x, y) => x.logicalAnd(y), [a!, b!], types, [0, 0, 0, 1]);
    expectEverywhere((x, y) => x.logicalOr(y), [a!, b!], types, [0, 1, 1, 1]);
    expectEverywhere((x, y) => x.logicalXor(y), [a!, b!], types, [0, 1, 1, 0]);
    expectEverywhere((x) => x.logicalNot(), [a!], [dtype], [1, 1, 0, 0]);
    const x = tensor([0, 1], { dtype: "float32" }).cast(dtype);
    expect(x.logicalXor(x).dtype).toBe("bool");
    expect(x.logicalNot().dtype).toBe("bool");
  });
});

test("NaN counts as true, as in NumPy, and so does −1, and −0 does not", () => {
  const x = tensor([NaN, -1, -0]);
  expect([...x.logicalNot().data]).toEqual([0, 0, 1]);
  expect([...x.logicalAnd(1).data]).toEqual([1, 1, 0]);
  expect([...x.logicalOr(0).data]).toEqual([1, 1, 0]);
  expect([...x.logicalXor(1).data]).toEqual([0, 0, 1]);
});

test("logic does not mix types", () => {
  const mixed = () => tensor([1]).logicalAnd(tensor([1], { dtype: "int32" }) as never);
  expect(mixed).toThrow("logicalAnd: float32 and int32 don't mix");
});

test("mod's derivatives are 1 and −⌊a/b⌋, in both modes, eagerly and compiled", () => {
  const [a, b] = [tensor([7.5, -7.5, 2]), tensor([2, 2, -1.5])];
  const [da, db] = grad((x: Tensor, y: Tensor) => x.mod(y).sum(), { argnums: [0, 1] })(
    a,
    b,
  ) as unknown as Tensor[];
  expect([...da!.data]).toEqual([1, 1, 1]);
  expect([...db!.data]).toEqual([-3, 4, 2]);
  const report = checkGradients((x: Tensor, y: Tensor) => x.mod(y).sin(), [a, b], {
    compiled: true,
    order: 3,
  });
  expect(report.verdict).toBe("right");
});

test.each(["ceil", "round", "trunc", "floor"] as const)(
  "%s at a jump is inconclusive, and right beside one",
  (name) => {
    const f = (x: Tensor) => (x[name]() as Tensor).mul(x).sum();
    const jump = name === "round" ? 1.5 : 2;
    expect(checkGradients(f, [tensor([jump], { dtype: "float64" })]).verdict).toBe("inconclusive");
    expect(checkGradients(f, [tensor([jump + 0.2, -0.7], { dtype: "float64" })]).verdict).toBe("right");
  },
);

test("trunc has no jump at 0", () => {
  const f = (x: Tensor) => x.trunc().add(x.square()).sum();
  const report = checkGradients(f, [tensor([0], { dtype: "float64" })]);
  expect(report.verdict).toBe("right");
  expect(report.kinks).toBe(0);
  const [condition] = kinkConditions(activation("toWhole", (e) => e.trunc()).expression);
  const at = toFunction(condition!, 1);
  expect([0, 1, -3].map((x) => at(x) === 0)).toEqual([false, true, true]);
});

test("scalars and expressions have nanToNum, too", () => {
  const x = scalar(inf);
  const y = x.nanToNum();
  y.backward();
  expect([y.value, x.grad]).toEqual([Number.MAX_VALUE, 0]);
  const tame = activation("tame", (e: Expression) => e.log().nanToNum({ nan: 7, negativeInfinity: -5 }));
  expect([-1, 0, 1].map((at) => tame(at))).toEqual([7, -5, 0]);
  expect(String(activation("held", (e: Expression) => e.mod(3).round().isNaN().select(0, e.lgamma())))).toBe(
    "held(x) = select(isNaN(round(mod(x, 3))), 0, lgamma(x))",
  );
});

test("nanToNum refuses what is no option", () => {
  const x = full([2], 1);
  expect(() => x.nanToNum(0 as never)).toThrow(
    "nanToNum: got a number where options belong; write them by name: { nan: 0 }",
  );
  expect(() => x.nanToNum({ posinf: 1 } as never)).toThrow('nanToNum: there is no option "posinf"');
  expect(() => x.nanToNum({ nan: "0" } as never)).toThrow("nanToNum: nan is a string; give a number");
});
