// Programs that say what random ones seldom do: each function of the vocabulary with its derivatives, draws, loops whose
// length depends on numbers, indices, and numbers that are none.

import {
  averagePool,
  bernoulli,
  checkpoint,
  cond,
  convolution,
  exponential,
  grad,
  gumbel,
  hvp,
  type Key,
  maxPool,
  normal,
  oneHot,
  permutation,
  randomInteger,
  randomKey,
  scan,
  splitKey,
  type Tensor,
  truncatedNormal,
  uniform,
  whileLoop,
} from "@adjoint/autograd";
import {
  type ElementwiseFunction,
  functionOf,
} from "../../../packages/autograd/src/expression/elementwise-function.ts";
import { vocabulary } from "../../../packages/autograd/src/expression/vocabulary.ts";
import * as table from "../../../packages/autograd/src/primitives/table.ts";
import { apply } from "../../../packages/autograd/src/tape/apply.ts";
import { Dice, digits, tensorOf } from "../../support/tensors.ts";

/** A function with the tensors it is called on. */
export interface Directed {
  readonly name: string;
  readonly f: (...args: Tensor[]) => unknown;
  readonly args: readonly Tensor[];
  /** Whether the numbers must be the same to the last bit: nothing is rounded otherwise than IEEE 754 says. */
  readonly isExact?: boolean;
}

const random = (shape: readonly number[], seed: number) =>
  tensorOf(
    digits(
      shape.reduce((n, size) => n * size, 1),
      new Dice(seed),
    ),
    shape,
  );
const given = (...numbers: number[]) => tensorOf(numbers, [numbers.length]);

/** Where functions that are not defined everywhere are. */
const domains: Readonly<Record<string, readonly number[]>> = {
  acosh: [1.1, 1.5, 3, 40],
  log: [0.1, 0.9, 2, 50],
  log2: [0.1, 0.9, 2, 50],
  log10: [0.1, 0.9, 2, 50],
  sqrt: [0.1, 0.9, 2, 50],
  rsqrt: [0.1, 0.9, 2, 50],
  pow: [0.1, 0.9, 2, 5],
  xlogy: [0.1, 0.9, 2, 5],
  lgamma: [0.1, 0.9, 2.5, 12],
  digamma: [0.1, 0.9, 2.5, 12],
};
const inside = [-0.7, -0.2, 0.3, 0.8];

/** Each entry of the vocabulary that has floats: its value, its gradient, and its Hessian times a vector. */
const derivatives: readonly Directed[] = vocabulary.flatMap((entry) => {
  const fn: ElementwiseFunction = functionOf(entry);
  const { operands, result } = fn.signature;
  const points = domains[entry.name] ?? inside;
  const args = operands.map((kind, i) =>
    kind === "bool"
      ? tensorOf([1, 0, 1, 0], [4], "bool")
      : given(...points.map((_, k) => points[(k + i) % 4]!)),
  );
  const call = (...x: Tensor[]) => x[0]!.elementwise(fn as never, ...(x.slice(1) as never[])) as Tensor;
  const value: Directed = { name: entry.name, f: call, args, isExact: result === "bool" };
  const floats = operands.flatMap((kind, i) => (kind === "bool" ? [] : [i]));
  if (result === "bool" || floats.length === 0) return [value];
  const loss = (moving: readonly Tensor[]) => {
    const x = [...args];
    floats.forEach((i, k) => {
      x[i] = moving[k]!;
    });
    return call(...x).sum() as Tensor;
  };
  const start = floats.map((i) => args[i]!);
  const along = start.map((x) => x.mul(0.5).add(0.25));
  const options = { allowUnused: true };
  return [
    value,
    {
      name: `the gradient of ${entry.name}`,
      f: (...x) => grad(loss as never, options)(x as never),
      args: start,
    },
    {
      name: `the Hessian of ${entry.name} times a vector`,
      f: (...x) => hvp(loss as never, x as never, along as never, options),
      args: start,
    },
  ];
});

const key = randomKey(12345) as Tensor;
const drawn = (name: string, f: (key: Key) => unknown, isExact = true): Directed => ({
  name,
  f: (k) => f(k as Key),
  args: [key],
  isExact,
});
const draws: readonly Directed[] = [
  drawn("uniform float32", (k) => uniform(k, [1000])),
  drawn("uniform float64", (k) => uniform(k, [1000], { dtype: "float64" })),
  drawn("normal float32", (k) => normal(k, [1000])),
  drawn("normal float64", (k) => normal(k, [1000], { dtype: "float64" })),
  drawn("splitKey", (k) => splitKey(k, 3)),
  drawn("bernoulli", (k) => bernoulli(k, [1000])),
  drawn("permutation", (k) => permutation(k, 50)),
  drawn("randomInteger", (k) => randomInteger(k, [1000], { high: 1000 } as never)),
  drawn("exponential", (k) => exponential(k, [1000], { dtype: "float64" }), false),
  drawn("gumbel", (k) => gumbel(k, [1000], { dtype: "float64" }), false),
  drawn("truncatedNormal", (k) => truncatedNormal(k, [1000], { dtype: "float64" }), false),
];

const step = (c: Tensor, x: Tensor) => [c.mul(0.5).add(x).tanh(), c.mul(x)] as const;
const image = random([1, 2, 6, 6], 3);
const kernel = random([3, 2, 2, 2], 4);
const pixels = (x: Tensor, k: Tensor) => convolution(x, k, { padding: "same" } as never) as Tensor;
const doubled = (x: Tensor) =>
  whileLoop(
    (y: Tensor) => y.abs().sum().less(100) as Tensor,
    (y: Tensor) => y.mul(2) as Tensor,
    x,
  ) as Tensor;

const structures: readonly Directed[] = [
  { name: "a loop as long as a condition holds", f: doubled, args: [given(1, -2, 3)], isExact: true },
  { name: "a loop that does nothing", f: doubled, args: [given(100, -2, 3)], isExact: true },
  {
    name: "the gradient of a scan from the end",
    f: (x) => grad((y: Tensor) => scan(step, y.slice(0), y, { reverse: true })[1].sum() as Tensor)(x),
    args: [random([5, 3], 5)],
  },
  {
    name: "a scan of no places",
    f: (x) => scan(step, x, tensorOf([], [0, 3])),
    args: [given(1, 2, 3)],
  },
  {
    name: "a branch in a scan in a checkpoint",
    f: (x) =>
      checkpoint((y: Tensor) =>
        scan(
          (c: Tensor, z: Tensor) => {
            const next = cond(
              z.sum().greater(0) as Tensor,
              (a: Tensor) => a.exp(),
              (a: Tensor) => a.neg(),
              c,
            ) as Tensor;
            return [next.tanh(), next] as const;
          },
          y.slice(0) as Tensor,
          y,
        ),
      )(x),
    args: [random([4, 2], 6)],
  },
  {
    name: "the gradient of a convolution with pooling",
    f: (x, k) =>
      grad(
        (y: Tensor, w: Tensor) =>
          maxPool(pixels(y, w), 2)
            .add(averagePool(pixels(y, w), 2))
            .sum() as Tensor,
        {
          argnums: [0, 1],
        },
      )(x as never, k as never),
    args: [image, kernel],
  },
  {
    name: "indices from the end",
    f: (x, i) => [
      x.gather(i as never),
      x.takeAlongAxis(i as never, { axis: 0 } as never),
      oneHot(i.abs() as never, 5),
    ],
    args: [given(1, 2, 3, 4), tensorOf([-1, 2, 0, -4], [4], "int32")],
    isExact: true,
  },
  {
    name: "the gradient of a cross-entropy",
    f: (x) => grad((y: Tensor) => y.logSoftmax({ axis: 1 }).slice([0, 2], 0).sum().neg() as Tensor)(x),
    args: [random([4, 5], 7)],
  },
];

const odd = tensorOf([NaN, 1, Infinity, -Infinity, 0, -0, 3, 3, -2], [3, 3]);
const none = tensorOf([0, NaN, Infinity, 2], [2, 2]);
const far = tensorOf([Infinity, 0, 0, -Infinity], [2, 2]);
const special: readonly Directed[] = [
  {
    name: "extremes, their places and the order of numbers that are none",
    f: (x) => [
      x.max({ axis: 1 }),
      x.min({ axis: 0 }),
      x.argmax({ axis: 1 }),
      x.argmin({ axis: 0 }),
      x.argsort({ axis: 1 }),
      x.argsort({ axis: 0, descending: true }),
      x.sort({ axis: 1 }),
      x.cummax({ axis: 0 }),
    ],
    args: [odd],
    isExact: true,
  },
  {
    name: "sums and means of numbers that are none",
    f: (x) => [
      x.sum(),
      x.mean({ axis: 0 }),
      x.cumsum({ axis: 1 }),
      x.cumprod({ axis: 1 }),
      x.prod({ axis: 0 }),
    ],
    args: [odd],
  },
  { name: "a mean whose sum overflows", f: (x) => x.mean(), args: [given(1.7e308, 1.7e308, -1e308)] },
  {
    name: "the derivative of a product of matrices with zeros beside infinity",
    f: (x, y) =>
      grad(
        (a: Tensor) =>
          a
            .matmul(y)
            .mul(tensorOf([0, 1, 1, 0], [2, 2]))
            .sum() as Tensor,
      )(x),
    args: [none, far],
  },
  {
    name: "gated products of infinities of both signs",
    f: (x, y) =>
      grad((a: Tensor, b: Tensor) => a.matmul(b).slice(0).sum() as Tensor, { argnums: [0, 1] })(
        x as never,
        y as never,
      ),
    args: [tensorOf([1, Infinity, -Infinity, NaN], [2, 2]), tensorOf([0, -1, Infinity, Infinity], [2, 2])],
  },
  {
    name: "the logarithm of softmax of infinities",
    f: (x) => x.logSoftmax({ axis: 1 }),
    args: [tensorOf([Infinity, 1, 2, -Infinity, -Infinity, -Infinity, -Infinity, 0, 0], [3, 3])],
  },
  {
    name: "floats as whole numbers and truth values",
    f: (x) => [
      x.cast("int32"),
      x.cast("bool"),
      x.cast("float32").cast("int32"),
      x.cast("int32").cast("float32"),
    ],
    args: [
      given(
        NaN,
        Infinity,
        -Infinity,
        -0.5,
        2.9,
        -2.9,
        2 ** 31,
        -(2 ** 31) - 1,
        2 ** 40 + 3,
        -(2 ** 53),
        1e300,
      ),
    ],
    isExact: true,
  },
  {
    name: "whole numbers modulo 2³²",
    f: (x) => [x.mul(x), x.add(x), x.square(), x.neg(), x.abs(), x.sum(), x.cumsum(), x.cumprod(), x.prod()],
    args: [tensorOf([2 ** 31 - 1, -(2 ** 31), 65537, -3, 7], [5], "int32")],
    isExact: true,
  },
  {
    name: "truth values",
    f: (x) => [
      x.max(),
      x.min(),
      x.argmax(),
      x.cummax(),
      x.argsort(),
      x.sort(),
      x.cast("float32"),
      x.flip(),
      x.logicalXor(x),
    ],
    args: [tensorOf([1, 0, 1, 0], [4], "bool")],
    isExact: true,
  },
];

/** Primitives by themselves that the others seldom or never leave in a program. */
const bare: readonly Directed[] = [
  ["identity", table.identity, given(1, -0, NaN), null],
  ["constantIn", table.constantIn, given(1, -0, NaN), null],
  ["randomBits", table.randomBits, key, { count: 1000, dtype: "int32" }],
].map(([name, primitive, x, attributes]) => ({
  name: name as string,
  f: (y: Tensor) => apply(primitive as never, [y], attributes as never),
  args: [x as Tensor],
  isExact: true,
}));

export const directed: readonly Directed[] = [...bare, ...derivatives, ...draws, ...structures, ...special];
