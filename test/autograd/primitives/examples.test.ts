// A primitive that nobody knows here is attacked all the same, with the examples it carries.

import { concat, definePrimitive, type Tensor } from "@adjoint/autograd";
import { describe, expect, test } from "vitest";
import { trials } from "../../support/runs.ts";
import { caseOf } from "./cases.ts";
import { attack } from "./properties.ts";

/** Rows of x, each multiplied by the next, the last by the first. */
const neighbours = (derivative: (x: Tensor, dy: Tensor) => Tensor) =>
  definePrimitive<{ readonly by: number }>({
    name: "neighbours",
    shape: ([x]) => x!,
    value: ([x], out, { by }, shape) => {
      const n = shape[0]!;
      for (let i = 0; i < n; i++) out[i] = by * x!.data[i]! * x!.data[(i + 1) % n]!;
    },
    pullback: ({ inputs: [x], attributes: { by } }, dy) => [derivative(x!, dy).mul(by)],
    examples: [
      { shapes: [[3]], attributes: { by: 2 } },
      { shapes: [[1]], attributes: { by: -1 }, between: [1, 4] },
      { shapes: [[0]], attributes: { by: 3 } },
    ],
  }).primitive;

/** The elements of a vector, each moved k places on. */
const turned = (x: Tensor, k: number): Tensor => {
  const n = x.shape[0]!;
  const parts = n === 0 ? [x, x] : ([x.slice([n - (k % n), n]), x.slice([0, n - (k % n)])] as const);
  return concat([parts[0], parts[1]]);
};

describe("a primitive with examples", () => {
  test("passes the attack where its rule is right", () => {
    // dy[i]·x[i + 1] from the term i, dy[i − 1]·x[i − 1] from the term before.
    const right = neighbours((x, dy) => {
      const n = x.shape[0]!;
      return dy.mul(turned(x, Math.max(0, n - 1))).add(turned(dy.mul(x), 1));
    });
    attack(right as never, caseOf("neighbours", right as never), trials(30));
  });

  test("is caught where its rule forgets a term", () => {
    const wrong = neighbours((x, dy) => dy.mul(turned(x, Math.max(0, x.shape[0]! - 1))));
    expect(() => attack(wrong as never, caseOf("neighbours", wrong as never), trials(30))).toThrow(
      "Property failed",
    );
  });

  test("may take whole numbers beside floats", () => {
    const scale = definePrimitive({
      name: "scaleByIndex",
      shape: ([x]) => x!,
      value: ([x, k], out) => {
        for (let i = 0; i < out.length; i++) out[i] = x!.data[i]! * k!.data[i]!;
      },
      pullback: ({ inputs: [x, k] }, dy) => [dy.mul(k!.cast(x!.dtype)), null],
      examples: [
        {
          shapes: [
            [2, 3],
            [2, 3],
          ],
          dtypes: ["float", "int32"],
          between: [-3, 3],
        },
      ],
    });
    const primitive = scale.primitive as never;
    attack(primitive, caseOf("scaleByIndex", primitive), trials(30));
  });
});

test("an entry of the table with neither case nor examples is refused, and told what to add", () => {
  const bare = definePrimitive({ name: "bare", shape: ([x]) => x!, value: () => {} });
  expect(() => caseOf("bare", bare.primitive as never)).toThrow(
    /"bare" .* examples: \[\{ shapes: \[\[2, 3\]\]/,
  );
});
