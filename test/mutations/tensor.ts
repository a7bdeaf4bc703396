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
    "autograd/src/tensor/pooling.ts",
    ["autograd/primitives/pooling.test.ts", conventions, compositions],
    [
      [
        "if (n > before && last < end && before < end) return;",
        "if (n >= before && last < end && before < end) return;",
      ],
      [
        "if (n > before && last < end && before < end) return;",
        "if (n > before && last <= end && before < end) return;",
      ],
    ],
  ),
  ...mutationsOf(
    "autograd/src/tensor/patterns.ts",
    ["autograd/primitives/parts.test.ts"],
    [
      ["offset >= 0 ? offset : -offset * n", "offset >= 0 ? offset : -offset"],
      ["i < 2 && xs.length > 1 ? 1 - i : i", "i < 2 && xs.length > 2 ? 1 - i : i"],
      ["options.dtype === undefined ? own", 'options.dtype === undefined ? "float32"'],
    ],
  ),
  ...mutationsOf(
    "autograd/src/tensor/lookup.ts",
    ["autograd/primitives/parts.test.ts"],
    [
      ["to: n - 1,", "to: n,"],
      ["from: 0,", "from: -n,"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/tensor/counting.ts",
    ["autograd/primitives/counting.test.ts"],
    [
      ["a === b || (Number.isNaN(a) && Number.isNaN(b))", "a === b"],
      ["where(flat.equal(last), bins - 1, place)", "place"],
      ['{ side: "right" }', '{ side: "left" }'],
      ["low === high ? 0.5 : 0", "0"],
      ["error instanceof CompileError ? new CompileError(said) : new TypeError(said)", "new TypeError(said)"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/tensor/draws.ts",
    ["autograd/primitives/draws.test.ts"],
    [
      [".add(0.5)", ".add(0)"],
      ["lower > 0 ? -1 : 1", "1"],
      ["-roundedUp(-upper, dtype)", "upper"],
      [".less(span!)", ".less(span!.mul(2))"],
      ["bucket * span === PLACES ? first :", "true ? first :"],
    ],
  ),
  ...mutationsOf(
    "autograd/src/tensor/choices.ts",
    ["autograd/primitives/draws.test.ts"],
    [
      ['{ side: "right" }', '{ side: "left" }'],
      ["from: count,", "from: 0,"],
      [".div(weights)", ".mul(weights)"],
      ["rows.sub(most).add(noise)", "rows.sub(most).sub(noise)"],
    ],
  ),
];
