// checkPrimitive on the table, on right primitives of users, and on every kind of wrong one.

import { definePrimitive, type Operand, type PrimitiveStatement, type Tensor } from "@adjoint/autograd";
import { checkPrimitive } from "@adjoint/autograd/check";
import { describe, expect, test } from "vitest";
import { NDArray } from "../../../packages/autograd/src/array/ndarray.ts";
import { functionOf } from "../../../packages/autograd/src/expression/elementwise-function.ts";
import { vocabulary } from "../../../packages/autograd/src/expression/vocabulary.ts";
import * as table from "../../../packages/autograd/src/primitives/table.ts";
import type { Example, Primitive } from "../../../packages/autograd/src/tape/value.ts";

const tanh = { fn: functionOf(vocabulary.find(({ name }) => name === "tanh")!) };

const examples: Partial<Record<keyof typeof table, readonly Example<unknown>[]>> = {
  matmul: [
    {
      shapes: [
        [2, 3],
        [3, 4],
      ],
      attributes: null,
    },
    {
      shapes: [
        [2, 2, 2],
        [2, 2, 2],
      ],
      attributes: null,
    },
  ],
  map: [{ shapes: [[2, 3]], attributes: tanh }],
  broadcastTo: [{ shapes: [[2, 1]], attributes: { shape: [3, 2, 4] } }],
  sumTo: [{ shapes: [[3, 2, 4]], attributes: { shape: [2, 1] } }],
  reshape: [{ shapes: [[2, 3]], attributes: { shape: [3, 2] } }],
  permute: [{ shapes: [[2, 3, 4]], attributes: { order: [2, 0, 1] } }],
  slice: [{ shapes: [[4, 5]], attributes: { starts: [1, 0], sizes: [2, 3], steps: [1, 2] } }],
  pad: [{ shapes: [[2, 3]], attributes: { before: [1, 0], after: [0, 2], between: [1, 0] } }],
  concat: [
    {
      shapes: [
        [2, 3],
        [2, 3],
      ],
      attributes: { axis: 1 },
    },
  ],
  flip: [{ shapes: [[2, 3]], attributes: { axes: [1] } }],
  cast: [{ shapes: [[2, 3]], attributes: { dtype: "float64" } }],
  cumsum: [{ shapes: [[2, 3]], attributes: { axis: 1, reverse: false } }],
  cumprod: [{ shapes: [[2, 3]], attributes: { axis: 1 } }],
  cummax: [{ shapes: [[2, 3]], attributes: { axis: 0 } }],
  recurrence: [
    {
      shapes: [
        [2, 3],
        [2, 3],
      ],
      attributes: { axis: 1, reverse: true },
    },
  ],
  takeAlong: [
    {
      shapes: [
        [3, 2],
        [4, 2],
      ],
      attributes: { axis: 0 },
      dtypes: ["float", "int32"],
    },
  ],
  max: [{ shapes: [[2, 3]], attributes: { axes: [1] } }],
  min: [{ shapes: [[2, 3]], attributes: { axes: [0] } }],
  argsort: [{ shapes: [[2, 3]], attributes: { axis: 1, descending: true } }],
  windows: [{ shapes: [[2, 6]], attributes: { sizes: [3], strides: [2], dilations: [1] } }],
};

describe("a primitive of the table is called right:", () => {
  const given = Object.entries(table).flatMap(([name, primitive]) => {
    const own = examples[name as keyof typeof table];
    return own === undefined ? [] : [[name, primitive as unknown as Primitive, own] as const];
  });
  test.each(given)("%s", (_name, primitive, own) => {
    const report = checkPrimitive(primitive, own);
    expect(report.findings).toEqual([]);
    expect(report.verdict).toBe("right");
  });
});

const dot = (x: Operand, y: Operand) =>
  (x.data as Float64Array).reduce((sum, value, i) => sum + value * y.data[i]!, 0);

const inner: PrimitiveStatement<void> = {
  name: "inner",
  shape: () => [],
  value: ([x, y], out) => {
    out[0] = dot(x!, y!);
  },
  pullback: ({ inputs: [x, y] }, dy) => [y!.mul(dy), x!.mul(dy)] as Tensor[],
  examples: [{ shapes: [[4], [4]] }],
};
const judge = (changes: Partial<PrimitiveStatement<void>>) =>
  checkPrimitive(definePrimitive({ ...inner, ...changes }));

test("a user's primitive with a right rule is called right, with its own examples", () => {
  const report = judge({});
  expect(report.toString()).toMatch(/^inner is right: \d+ comparisons to order 2/);
});

describe("what is wrong is found:", () => {
  const wrong: Record<string, [Partial<PrimitiveStatement<void>>, RegExp]> = {
    "a rule that forgets a factor": [
      { pullback: ({ inputs: [x, y] }, dy) => [y!.mul(dy), x!.mul(dy).mul(1.01)] as Tensor[] },
      /has a wrong derivative/,
    ],
    "a rule that reads detached operands": [
      { pullback: ({ inputs: [x, y] }, dy) => [y!.detach().mul(dy), x!.mul(dy)] as Tensor[] },
      /has a wrong derivative: .*order 1/s,
    ],
    "a pullback that is not linear": [
      { pullback: ({ inputs: [x, y] }, dy) => [y!.mul(dy.square()), x!.mul(dy)] as Tensor[] },
      /has a wrong derivative/,
    ],
    "a rule that throws at order two": [
      {
        pullback: ({ inputs: [x, y] }, dy) => {
          if (dy.traces !== null) throw new Error("not twice");
          return [y!.mul(dy), x!.mul(dy)] as Tensor[];
        },
      },
      /not twice/,
    ],
    "a value that writes into its operand": [
      {
        value: ([x, y], out) => {
          out[0] = dot(x!, y!);
          x!.data[0] = 7;
        },
      },
      /./,
    ],
    "a value that remembers": [
      {
        value: (() => {
          let calls = 0;
          return ([x, y]: readonly Operand[], out: { [i: number]: number }) => {
            out[0] = dot(x!, y!) + calls++;
          };
        })(),
      },
      /given the same operands again/,
    ],
    "a value that throws at an edge": [
      {
        value: ([x, y], out) => {
          if (dot(x!, x!) > 1e6 || Number.isNaN(dot(x!, x!))) throw new Error("too large");
          out[0] = dot(x!, y!);
        },
      },
      /throws numbers at the edges of arithmetic: too large/,
    ],
    "a value that fails on empty operands its shape rule takes": [
      {
        value: ([x, y], out) => {
          if (x!.data.length === 0) throw new RangeError("nothing");
          out[0] = dot(x!, y!);
        },
      },
      /axes of size 0, which its shape rule takes: nothing/,
    ],
    "two derivatives that differ by which operands move": [
      {
        pushforward: ({ inputs: [x, y] }, [dx, dy]) =>
          dx !== null && dy !== null
            ? (x!.mul(dy!).sum().add(y!.mul(dx!).sum()).mul(1.5) as Tensor)
            : ((dx === null ? x!.mul(dy!) : y!.mul(dx!)).sum() as Tensor),
      },
      /has a wrong derivative/,
    ],
  };
  test.each(Object.entries(wrong))("%s", (_name, [changes, expected]) => {
    const report = judge(changes);
    expect(report.verdict).toBe("wrong");
    expect(report.findings.join("\n")).toMatch(expected);
  });

  test("a type rule that its value contradicts", () => {
    const liar: Primitive<null> = {
      ...definePrimitive(inner).primitive,
      describe: () => ({ shape: [1], dtype: "float64" }),
    } as unknown as Primitive<null>;
    const evaluate = definePrimitive(inner).primitive;
    const mixed = {
      ...liar,
      evaluate: (i: never, a: never, o: never) =>
        evaluate.evaluate(i, a, { ...(o as object), shape: [] } as never, [o]),
    };
    const report = checkPrimitive(mixed as unknown as Primitive, inner.examples as never);
    expect(report.findings.join()).toMatch(/says that it gives float64 \[1\], and gives float64 \[\]/);
  });

  test("a value that reads its operands as if they lay in order", () => {
    const bare: Primitive<null> = {
      name: "double",
      describe: ([x]) => x!,
      evaluate: ([x], _, { shape, dtype }) =>
        new NDArray(
          dtype,
          shape,
          x!.buffer.slice(0, x!.size).map((value) => 2 * value),
        ),
      examples: [{ shapes: [[2, 3]] }],
    };
    expect(checkPrimitive(bare).findings.join()).toMatch(/laid out otherwise in memory/);
  });
});

test("a primitive without examples is inconclusive, and told what to give", () => {
  const { examples: _none, ...bare } = inner;
  const report = checkPrimitive(definePrimitive(bare));
  expect(report.verdict).toBe("inconclusive");
  expect(report.notes[0]).toMatch(/examples: \[\{ shapes/);
  expect(checkPrimitive(definePrimitive(bare), [{ shapes: [[3], [3]] }]).verdict).toBe("right");
});
