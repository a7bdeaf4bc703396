import { type Mutation, mutationsOf } from "./mutation.ts";

const misuse = "misuse/misuse.test.ts";
const custom = "autograd/primitives/custom.test.ts";
const conventions = "autograd/primitives/conventions.test.ts";
const compositions = "autograd/primitives/compositions.test.ts";
const creation = "autograd/array/creation.test.ts";
const recording = "autograd/differentiate/recording.test.ts";

export const tensor: readonly Mutation[] = [
  ...mutationsOf(
    "autograd/src/tensor/tensor.ts",
    [conventions, misuse, compositions, recording],
    [
      ["if (shape.length - known.length > 1)", "if (shape.length - known.length > 2)"],
      ["shape.length > known.length && !Number.isInteger(fit)", "false"],
      ["(_, axis) => this.rank - 1 - axis", "(_, axis) => axis"],
      ['normalizeAxis(axis, this.rank + 1, "expandDims")', 'normalizeAxis(axis, this.rank, "expandDims")'],
      ["k < 0 || k > n)", "k < 0 || k >= n)"],
      ["...indices.shape, ...shape.slice(axis + 1)", "...indices.shape, ...shape.slice(axis)"],
      ["keep ? gradient : hiddenFrom(gradient, variableTrace)", "gradient"],
      [
        'typeof width === "number" ? [width, width] : width',
        'typeof width === "number" ? [width, 0] : width',
      ],
      ["descending: options.descending ?? false", "descending: options.descending ?? true"],
      ['typeof parts[axis] !== "number"', "parts[axis] === undefined"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/tensor/variable.ts",
    ["autograd/differentiate/variables.test.ts", creation, misuse],
    [
      ["if (!sameShape(given.shape, this.shape))", "if (given.size !== this.size)"],
      ["if (given.dtype !== this.dtype)", "if (given.dtype < this.dtype)"],
      ["new Variable(held.detach(),", "new Variable(held,"],
      ["value, { dtype: this.dtype })", "value)"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/tensor/custom.ts",
    [custom, misuse],
    [
      ["if (given.length !== count) {", "if (given.length > count) {"],
      ["result.dtype === like.dtype && shapeText", "shapeText"],
      ["rest.length > 1 || rest.some(isTensor)", "rest.length > 1"],
      ["!isOwn && (Array", "(Array"],
      ["shapes.map(() => types[0]!)", "shapes.map(() => types.at(-1)!)"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/tensor/convolution.ts",
    ["autograd/primitives/pooling.test.ts", conventions, compositions],
    [
      ["if (n > before && last < end) return;", "if (n >= before && last < end) return;"],
      ["if (n > before && last < end) return;", "if (n > before && last <= end) return;"],
    ],
  ),
];
