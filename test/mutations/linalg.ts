import { type Mutation, mutationsOf } from "./mutation.ts";

const values = "linalg/values.test.ts";
const derivatives = "linalg/derivatives.test.ts";
const edges = "linalg/edges.test.ts";
const several = "autograd/primitives/several.test.ts";

export const linalg: readonly Mutation[] = [
  ...mutationsOf(
    "linalg/src/lu.ts",
    [values],
    [
      ["this.#upper.rows * Number.EPSILON * largest", "0 * largest"],
      ["if (seen.has(start)) continue;", ""],
    ],
  ),
  ...mutationsOf(
    "linalg/src/existence.ts",
    [edges],
    [
      ["if (!moved.isKnown || !state.isKnown) return;", "return;"],
      [
        ".some((each: number) => each !== 0)) part(out).fill(NaN);",
        ".some((each: number) => each !== 0)) part(out).fill(0);",
      ],
      ["derivative.gate(where(", "derivative.mul(where("],
    ],
  ),
  ...mutationsOf(
    "linalg/src/spectrum.ts",
    [edges],
    [["(isApart, gaps, 1).reciprocal()", "(isApart, gaps, Infinity).reciprocal()"]],
  ),
  ...mutationsOf(
    "linalg/src/svd.ts",
    [values, derivatives],
    [
      ["turned(v, dv).mul(transposed(share))", "turned(v, dv).mul(share)"],
      ["if (du != null && m > k)", "if (du != null && m < k)"],
    ],
  ),
  ...mutationsOf(
    "linalg/src/power.ts",
    [values],
    [
      ["const SQUARINGS = 20;", "const SQUARINGS = 4;"],
      [
        "result = where(count.greater(step), result.matmul(result), result)",
        "result = result.matmul(result)",
      ],
    ],
  ),
  ...mutationsOf("linalg/src/det.ts", [derivatives], [["n % 2 === 0 ? first.neg() : first", "first"]]),
  ...mutationsOf("linalg/src/qr.ts", [values], [["upper.get(i, i) < 0 ? -1 : 1", "1"]]),
  ...mutationsOf(
    "linalg/src/triangular.ts",
    [derivatives],
    [["[lower ? da.tril() : da.triu(), db]", "[da, db]"]],
  ),
  ...mutationsOf(
    "autograd/src/tensor/custom.ts",
    [several],
    [
      ["if (dtypes.length !== shapes.length)", "if (dtypes.length < 0)"],
      [
        "...(shifted && { shifted }),\n    ...(examples && { examples }),\n  };\n}\n\nfunction checkCount",
        "...(examples && { examples }),\n  };\n}\n\nfunction checkCount",
      ],
    ],
  ),
  ...mutationsOf(
    "autograd/src/tape/value.ts",
    [several],
    [["return this.array.pending?.text === undefined;", "return true;"]],
  ),
];
