// definePrimitive with a lowering: a user's operation that kernels compute, fused with its neighbours.

import {
  compile,
  DTypeError,
  definePrimitive,
  grad,
  type OwnLowering,
  ShapeError,
  type Tensor,
  tensor,
} from "@adjoint/autograd";
import { checkPrimitive } from "@adjoint/autograd/check";
import { describe, expect, test } from "vitest";
import { Dice } from "../../support/tensors.ts";

type Statement<A> = Parameters<typeof definePrimitive<A>>[0];

const sizeOf = (shape: readonly number[]) => shape.reduce((size, n) => size * n, 1);

/** w·e^(a·x) for each element, w one number a row. */
const scaledExponential: Statement<{ readonly a: number }> = {
  name: "scaledExponential",
  shape: ([x]) => x!,
  value([x, w], out, { a }) {
    const width = x!.shape[1]!;
    for (let i = 0; i < out.length; i++) out[i] = w!.data[Math.floor(i / width)]! * Math.exp(a * x!.data[i]!);
  },
  lowering: (_inputs, { a }) => ({
    family: "elements",
    element: ({ read, apply }) => apply((x, w) => w.mul(x.mul(a).exp()), read(0), read(1)),
  }),
  pullback: ({ inputs: [x], output, attributes: { a } }, dy) => [
    dy.mul(output).mul(a) as Tensor,
    dy.mul(x!.mul(a).exp()).sum({ axis: 1, keepDims: true }) as Tensor,
  ],
  examples: [
    {
      shapes: [
        [2, 3],
        [2, 1],
      ],
      attributes: { a: -0.5 },
    },
  ],
};

/** 7 where an element times its place in its row is more than 1, else the element. */
const weightedIndex: Statement<void> = {
  name: "weightedIndex",
  shape: ([x]) => x!,
  value([x], out) {
    for (let i = 0; i < out.length; i++) out[i] = x!.data[i]! * (i % x!.shape.at(-1)!) > 1 ? 7 : x!.data[i]!;
  },
  lowering: ([x], _none, { dtype }) => ({
    family: "elements",
    element({ read, index, constant, cast, apply }) {
      const place = cast(index(x!.shape.length - 1), dtype);
      return apply((x, i, seven) => x.mul(i).greater(1).select(seven, x), read(0), place, constant(7));
    },
  }),
  pullback: ({ inputs: [x], output }, dy) => [dy.mul(output.equal(x!).cast(dy.dtype)) as Tensor],
  examples: [{ shapes: [[3, 4]] }],
};

const everyOther: Statement<void> = {
  name: "everyOther",
  shape: ([x]) => [Math.ceil(x![0]! / 2)],
  value([x], out) {
    for (let i = 0; i < out.length; i++) out[i] = x!.data[2 * i]!;
  },
  lowering: () => ({ family: "view", view: { starts: [0], axes: [{ axis: 0, step: 2 }] } }),
  examples: [{ shapes: [[5]] }],
};

const flattened: Statement<void> = {
  name: "flattened",
  shape: ([x]) => [sizeOf(x!)],
  value: ([x], out) => out.set(x!.data),
  lowering: () => ({ family: "regroup" }),
  pullback: ({ inputs: [x] }, dy) => [dy.reshape(x!.shape) as Tensor],
  examples: [{ shapes: [[2, 3]] }],
};

const largestOfColumn: Statement<void> = {
  name: "largestOfColumn",
  shape: ([x]) => x!.slice(1),
  value([x], out) {
    const width = out.length;
    for (let i = 0; i < width; i++) {
      out[i] = -Infinity;
      for (let row = 0; row < x!.shape[0]!; row++) out[i] = Math.max(out[i]!, x!.data[row * width + i]!);
    }
  },
  lowering: () => ({ family: "reduction", combine: "largest" }),
  examples: [{ shapes: [[3, 4]] }],
};

const gram: Statement<void> = {
  name: "productOfTwo",
  shape: ([a, b]) => [a![0]!, b![1]!],
  value([a, b], out) {
    const [[m, k], n] = [a!.shape as [number, number], b!.shape[1]!];
    for (let i = 0; i < m; i++)
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let t = 0; t < k; t++) sum += a!.data[i * k + t]! * b!.data[t * n + j]!;
        out[i * n + j] = sum;
      }
  },
  lowering: () => ({ family: "product" }),
  examples: [
    {
      shapes: [
        [2, 3],
        [3, 4],
      ],
    },
  ],
};

/** Elements of two vectors in turn. */
const zipped: Statement<void> = {
  name: "zipped",
  shape: ([a]) => [2 * a![0]!],
  value([a, b], out) {
    for (let i = 0; i < a!.data.length; i++) {
      out[2 * i] = a!.data[i]!;
      out[2 * i + 1] = b!.data[i]!;
    }
  },
  lowering: () => ({
    family: "parts",
    combine: "store",
    parts: [
      { starts: [0], steps: [2] },
      { starts: [1], steps: [2] },
    ],
  }),
  pullback: (_step, dy) => [dy.slice([0, null, 2]), dy.slice([1, null, 2])],
  examples: [{ shapes: [[3], [3]] }],
};

/** A vector added to itself, moved by one place. */
const withShifted: Statement<void> = {
  name: "withShifted",
  shape: ([a]) => [a![0]! + 1],
  value([a, b], out) {
    for (let i = 0; i < a!.data.length; i++) {
      out[i]! += a!.data[i]!;
      out[i + 1]! += b!.data[i]!;
    }
  },
  lowering: () => ({
    family: "parts",
    combine: "add",
    parts: [
      { starts: [0], steps: [1] },
      { starts: [1], steps: [1] },
    ],
  }),
  examples: [{ shapes: [[3], [3]] }],
};

/** One in each family. */
const statements = [
  scaledExponential,
  weightedIndex,
  everyOther,
  flattened,
  largestOfColumn,
  gram,
  zipped,
  withShifted,
] as readonly Statement<unknown>[];

const dice = new Dice(3);
const operandsOf = ({ examples }: Statement<unknown>, dtype: "float32" | "float64") =>
  examples![0]!.shapes.map(
    (shape) =>
      tensor(
        Array.from({ length: sizeOf(shape) }, () => 2 * dice.fraction() - 1),
        { dtype },
      ).reshape([...shape]) as Tensor,
  );

describe.each(statements.map((statement) => [statement.name, statement] as const))(
  "%s",
  (_name, statement) => {
    const primitive = definePrimitive(statement) as unknown as (...operands: unknown[]) => Tensor;
    const attributes = statement.examples![0]!.attributes;
    const call = (...operands: Tensor[]) =>
      (attributes === undefined ? primitive(...operands) : primitive(...operands, attributes)).add(
        1,
      ) as Tensor;

    test.each(["float32", "float64"] as const)(
      "in %s is compiled without a host call, and equals its value",
      (dtype) => {
        const operands = operandsOf(statement, dtype);
        const compiled = compile(call);
        expect(compiled.program(...operands).toString()).not.toContain("host call");
        const [got, expected] = [compiled(...operands), call(...operands)];
        expect(got.shape).toEqual(expected.shape);
        expect(got.dtype).toBe(dtype);
        // Exponentials within two units, a product, and the sum with 1; what only moves elements is exact.
        const units = statement === scaledExponential ? 4 : 0;
        const epsilon = dtype === "float32" ? 2 ** -23 : 2 ** -52;
        expected.data.forEach((value: number, i: number) => {
          expect(Math.abs(got.data[i]! - value)).toBeLessThanOrEqual(units * epsilon * (1 + Math.abs(value)));
        });
      },
    );

    test("is found to be right, and without its lowering compiles to a host call", () => {
      expect(String(checkPrimitive(definePrimitive(statement)))).toContain("is right");
      const { lowering: _, ...without } = statement;
      const plain = definePrimitive(without) as unknown as (...operands: unknown[]) => Tensor;
      const given = operandsOf(statement, "float32");
      const compiled = compile((...operands: Tensor[]) =>
        plain(...operands, ...(attributes === undefined ? [] : [attributes])),
      );
      expect(compiled.program(...given).toString()).toContain("host call");
    });
  },
);

test("a compiled gradient goes by the rule that is stated, fused and without a host call", () => {
  const primitive = definePrimitive(scaledExponential);
  const loss = (x: Tensor, w: Tensor) => primitive(x, w, { a: 0.5 }).square().sum() as Tensor;
  const slope = (x: Tensor, w: Tensor) => grad((y: Tensor) => loss(y, w))(x);
  const [x, w] = operandsOf(scaledExponential as Statement<unknown>, "float64") as [Tensor, Tensor];
  const compiled = compile(slope);
  expect(compiled.program(x, w).toString()).not.toContain("host call");
  const [got, expected] = [compiled(x, w), slope(x, w)];
  // A dozen roundings, the exponentials' among them.
  expected.data.forEach((value: number, i: number) => {
    expect(Math.abs(got.data[i]! / value - 1)).toBeLessThan(12 * 2 ** -52);
  });
});

test("where its lowering is null a program calls the value", () => {
  const even: Statement<void> = {
    ...flattened,
    lowering: ([x]) => (sizeOf(x!.shape) % 2 === 0 ? { family: "regroup" } : null),
  };
  const compiled = compile(definePrimitive(even) as (x: Tensor) => Tensor);
  const listing = (n: number) => compiled.program(tensor(new Float32Array(n)) as Tensor).toString();
  expect(listing(4)).not.toContain("host call");
  expect(listing(5)).toContain("host call");
});

test.each<[string, Statement<unknown>, OwnLowering]>([
  [
    "another function",
    scaledExponential as Statement<unknown>,
    { family: "elements", element: ({ read, apply }) => apply((x, w) => w.mul(x.exp()), read(0), read(1)) },
  ],
  [
    "another operand",
    zipped as Statement<unknown>,
    {
      family: "parts",
      combine: "store",
      parts: [
        { starts: [1], steps: [2] },
        { starts: [0], steps: [2] },
      ],
    },
  ],
  ["a row less", largestOfColumn as Statement<unknown>, { family: "reduction", combine: "least" }],
  [
    "elements in another order",
    everyOther as Statement<unknown>,
    { family: "view", view: { starts: [4], axes: [{ axis: 0, step: -2 }] } },
  ],
])("checkPrimitive convicts a lowering that says %s", (_what, statement, lowering) => {
  const report = checkPrimitive(definePrimitive({ ...statement, lowering: () => lowering }));
  expect(report.verdict).toBe("wrong");
  expect(String(report)).toMatch(/gives \S+ by its lowering, in a program, and \S+ by its value/);
});

describe("a lowering that can't be right is an error of the call that compiles it", () => {
  const x = tensor([
    [1, 2, 3],
    [4, 5, 6],
  ]) as Tensor;
  const lowered = (
    shape: number[],
    lowering: OwnLowering,
    operands = [x],
    dtype: "float32" | "int32" = "float32",
  ) => {
    const primitive = definePrimitive({
      name: "own",
      shape: () => shape,
      dtype: () => dtype,
      value: () => undefined,
      lowering: () => lowering,
    });
    return () => compile((...given: Tensor[]) => primitive(...given))(...operands);
  };

  test.each<[string, () => unknown, typeof ShapeError | typeof DTypeError | typeof TypeError, RegExp]>([
    ["no family", lowered([2, 3], {} as OwnLowering), TypeError, /names no family; say .* elements, view/],
    [
      "a view that leaves the operand",
      lowered([2, 3], {
        family: "view",
        view: {
          starts: [0, 1],
          axes: [
            { axis: 0, step: 1 },
            { axis: 1, step: 1 },
          ],
        },
      }),
      ShapeError,
      /view of indices 1 to 3 along axis 1, of size 3/,
    ],
    [
      "a view below the operand's start",
      lowered([2, 3], {
        family: "view",
        view: {
          starts: [0, 1],
          axes: [
            { axis: 0, step: 1 },
            { axis: 1, step: -1 },
          ],
        },
      }),
      ShapeError,
      /view of indices -1 to 1 along axis 1/,
    ],
    [
      "a view along an axis that is not there",
      lowered([2], { family: "view", view: { starts: [0, 0], axes: [{ axis: 2, step: 1 }] } }),
      ShapeError,
      /along axis 2, which \[2, 3\] has not/,
    ],
    [
      "a view with too few axes",
      lowered([2], { family: "view", view: { starts: [0], axes: [null] } }),
      ShapeError,
      /give one start for each axis of \[2, 3\]/,
    ],
    [
      "a regrouping of another size",
      lowered([5], { family: "regroup" }),
      ShapeError,
      /regroups \[2, 3\] as \[5\]/,
    ],
    [
      "a reduction that keeps half an axis",
      lowered([2], { family: "reduction", combine: "total" }),
      ShapeError,
      /reduces \[2, 3\] to \[2\]/,
    ],
    [
      "an unknown reduction",
      lowered([3], { family: "reduction", combine: "mean" as "total" }),
      TypeError,
      /combines by mean/,
    ],
    [
      "a product that does not fit",
      lowered([2, 2], { family: "product" }, [x, x]),
      ShapeError,
      /product of float32 \[2, 3\] and \[2, 3\]/,
    ],
    [
      "too many operands",
      lowered([6], { family: "regroup" }, [x, x]),
      ShapeError,
      /for 1 operands, and there are 2/,
    ],
    [
      "another type",
      lowered([6], { family: "regroup" }, [x], "int32"),
      DTypeError,
      /moves float32 elements into a result that is int32/,
    ],
    [
      "a part that leaves the result",
      lowered([2, 3], { family: "parts", combine: "store", parts: [{ starts: [0, 1], steps: [1, 1] }] }),
      ShapeError,
      /at \[0, 1\] by steps \[1, 1\], which leaves \[2, 3\]/,
    ],
    [
      "parts that overlap",
      lowered(
        [2, 4],
        {
          family: "parts",
          combine: "store",
          parts: [
            { starts: [0, 0], steps: [1, 1] },
            { starts: [0, 1], steps: [1, 1] },
          ],
        },
        [x, x],
      ),
      ShapeError,
      /stores parts that overlap/,
    ],
    [
      "an element of another type",
      lowered([2, 3], {
        family: "elements",
        element: ({ read, apply }) => apply((v) => v.greater(0), read(0)),
      }),
      DTypeError,
      /makes bool elements of a result that is float32/,
    ],
    [
      "no element",
      lowered([2, 3], { family: "elements", element: () => undefined as never }),
      DTypeError,
      /makes no element/,
    ],
    [
      "an operand that is not there",
      lowered([2, 3], { family: "elements", element: ({ read }) => read(1) }),
      RangeError as never,
      /reads operand 1, and there are 1/,
    ],
    [
      "an operand of another shape",
      lowered([3, 2], { family: "elements", element: ({ read }) => read(0) }),
      ShapeError,
      /reads operand 0, \[2, 3\], element by element for \[3, 2\]/,
    ],
    [
      "an axis that is not there",
      lowered([2, 3], { family: "elements", element: ({ index, cast }) => cast(index(2), "float32") }),
      RangeError as never,
      /counts along axis 2/,
    ],
    [
      "types that don't mix",
      lowered([2, 3], {
        family: "elements",
        element: ({ read, index, apply }) => apply((a, i) => a.add(i), read(0), index(1)),
      }),
      DTypeError,
      /float32 and int32 don't mix/,
    ],
  ])("%s", (_what, run, Kind, message) => {
    expect(run).toThrow(Kind);
    expect(run).toThrow(message);
    expect(run).toThrow("own");
  });
});
