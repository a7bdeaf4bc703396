// Twenty primitives whose derivatives are wrong in the ways that people get them wrong. Their functions use nothing from
// outside, so that printed snippets can repeat them.

import type { PrimitiveStatement, Shape, Tensor } from "@adjoint/autograd";

/** A broken primitive, with operands that fit. */
export interface PlantedBug {
  readonly mistake: string;
  readonly statement: PrimitiveStatement<void>;
}

type Elementwise = (x: number) => number;
type Cotangents = (
  step: { readonly inputs: readonly Tensor[]; readonly output: Tensor },
  dy: Tensor,
) => (Tensor | null)[];

const matrices: { shapes: Shape[] }[] = [
  {
    shapes: [
      [2, 2],
      [2, 2],
    ],
  },
  {
    shapes: [
      [3, 3],
      [3, 3],
    ],
  },
];
const pairs: { shapes: Shape[] }[] = [
  { shapes: [[3], [3]] },
  {
    shapes: [
      [2, 2],
      [2, 2],
    ],
  },
];
const batches: { shapes: Shape[] }[] = [{ shapes: [[3, 2], [2]] }, { shapes: [[2, 3], [3]] }];

/** A function of each element: the text of `f` goes into the statement's own, so that it stays closed. */
function ofElements(name: string, f: Elementwise, pullback: Cotangents): PrimitiveStatement<void> {
  const value = new Function(
    `return (inputs, out) => inputs[0].data.forEach((x, i) => { out[i] = (${f})(x); })`,
  );
  return { name, shape: ([shape]) => shape!, value: value() as PrimitiveStatement<void>["value"], pullback };
}

/** A function of two tensors of one shape, element by element. */
function ofPairs(
  name: string,
  f: (a: number, b: number) => number,
  pullback: Cotangents,
): PrimitiveStatement<void> {
  const value = new Function(
    `return (inputs, out) => inputs[0].data.forEach((a, i) => { out[i] = (${f})(a, inputs[1].data[i]); })`,
  );
  const shape = new Function(
    `return ([a, b]) => { if (String(a) !== String(b)) throw new Error("${name}: two shapes"); return a; }`,
  );
  return {
    name,
    shape: shape() as PrimitiveStatement<void>["shape"],
    value: value() as PrimitiveStatement<void>["value"],
    pullback,
    examples: pairs,
  };
}

export const bugs: readonly PlantedBug[] = [
  {
    mistake: "the wrong sign",
    statement: ofElements(
      "cubed",
      (x) => x ** 3,
      ({ inputs: [x] }, dy) => [dy.mul(x!.square()).mul(-3)],
    ),
  },
  {
    mistake: "a missing factor",
    statement: ofElements(
      "squared",
      (x) => x * x,
      ({ inputs: [x] }, dy) => [dy.mul(x!)],
    ),
  },
  {
    mistake: "a dropped term",
    statement: ofPairs(
      "productPlus",
      (a, b) => a * b + a,
      ({ inputs: [a, b] }, dy) => [dy.mul(b!), dy.mul(a!)],
    ),
  },
  {
    mistake: "an operand that is not transposed",
    statement: {
      name: "product",
      shape([a, b]) {
        if (a!.length !== 2 || b!.length !== 2 || a![1] !== b![0] || a![0] !== a![1] || b![0] !== b![1])
          throw new Error("product: square matrices only");
        return [a![0]!, b![1]!];
      },
      value([a, b], out) {
        const n = a!.shape[0]!;
        for (let i = 0; i < n; i++)
          for (let j = 0; j < n; j++)
            for (let k = 0; k < n; k++) out[i * n + j]! += a!.data[i * n + k]! * b!.data[k * n + j]!;
      },
      pullback: ({ inputs: [a, b] }, dy) => [
        dy.matmul(b! as never) as Tensor,
        a!.transpose().matmul(dy as never) as Tensor,
      ],
      examples: matrices,
    },
  },
  {
    mistake: "a forgotten sum over the batch",
    statement: {
      name: "biased",
      shape([x, b]) {
        if (x!.length !== 2 || b!.length !== 1 || x![1] !== b![0] || x![0] === 0)
          throw new Error("biased: no bias");
        return x!;
      },
      value([x, b], out) {
        const n = b!.shape[0]!;
        x!.data.forEach((each: number, i: number) => {
          out[i] = each + b!.data[i % n]!;
        });
      },
      pullback: (_, dy) => [dy, dy.slice(0)],
      examples: batches,
    },
  },
  {
    mistake: "a thousandth too much",
    statement: ofElements(
      "bounded",
      (x) => Math.tanh(x),
      ({ output: y }, dy) => [dy.mul(y.square().neg().add(1)).mul(1.001)],
    ),
  },
  {
    mistake: "one element",
    statement: ofElements(
      "doubled",
      (x) => 2 * x,
      (_, dy) => {
        if (dy.size === 0) return [dy];
        const last = dy.flatten().slice([dy.size - 1, dy.size]);
        return [dy.mul(2).add(last.pad([[dy.size - 1, 0]]).reshape(dy.shape))];
      },
    ),
  },
  {
    mistake: "the negative side only",
    statement: ofElements(
      "leaking",
      (x) => (x > 0 ? x : 0.1 * x),
      ({ inputs: [x] }, dy) => [x!.greater(0).select(dy, dy.mul(0.2))],
    ),
  },
  {
    mistake: "the second order only",
    statement: ofElements(
      "squareOnce",
      (x) => x * x,
      ({ inputs: [x] }, dy) => [dy.mul(x!.detach()).mul(2)],
    ),
  },
  {
    mistake: "forward mode only",
    statement: {
      ...ofElements(
        "sine",
        (x) => Math.sin(x),
        ({ inputs: [x] }, dy) => [dy.mul(x!.cos())],
      ),
      pushforward: ({ inputs: [x] }, [t]) => (t === null ? null : t!.mul(x!.sin())),
    },
  },
  {
    mistake: "reverse mode only",
    statement: {
      ...ofElements(
        "cosine",
        (x) => Math.cos(x),
        ({ inputs: [x] }, dy) => [dy.mul(x!.sin())],
      ),
      pushforward: ({ inputs: [x] }, [t]) => (t === null ? null : t!.mul(x!.sin()).neg()),
    },
  },
  {
    mistake: "an operand used twice only",
    statement: ofPairs(
      "scaled",
      (a, b) => a * b,
      ({ inputs: [a, b] }, dy) => (a === b ? [dy.mul(a!), null] : [dy.mul(b!), dy.mul(a!)]),
    ),
  },
  {
    mistake: "an axis of size 1 only",
    statement: ofElements(
      "tripled",
      (x) => 3 * x,
      (_, dy) => [dy.mul(dy.shape.includes(1) ? 1 : 3)],
    ),
  },
  {
    mistake: "exchanged cotangents",
    statement: ofPairs(
      "drift",
      (a, b) => a - 2 * b,
      (_, dy) => [dy.mul(-2), dy],
    ),
  },
  {
    mistake: "no chain",
    statement: ofElements(
      "decaying",
      (x) => Math.exp(-x * x),
      ({ output: y }, dy) => [dy.mul(y)],
    ),
  },
  {
    mistake: "the wrong formula in the output",
    statement: ofElements(
      "squashed",
      (x) => 1 / (1 + Math.exp(-x)),
      ({ output: y }, dy) => [dy.mul(y.mul(y.add(1)))],
    ),
  },
  {
    mistake: "a lost case",
    statement: ofElements(
      "size",
      (x) => Math.abs(x),
      (_, dy) => [dy],
    ),
  },
  {
    mistake: "a mean that forgets to divide",
    statement: {
      name: "average",
      shape([x]) {
        if (x!.includes(0)) throw new Error("average: of nothing");
        return [];
      },
      value([x], out) {
        for (const each of x!.data) out[0]! += each / x!.data.length;
      },
      pullback: ({ inputs: [x] }, dy) => [dy.broadcastTo(x!.shape)],
    },
  },
  {
    mistake: "a running sum pulled back the same way",
    statement: {
      name: "running",
      shape([x]) {
        if (x!.length !== 1) throw new Error("running: of vectors");
        return x!;
      },
      value([x], out) {
        let sum = 0;
        x!.data.forEach((each: number, i: number) => {
          sum += each;
          out[i] = sum;
        });
      },
      pullback: (_, dy) => [dy.cumsum()],
      examples: [{ shapes: [[3]] }, { shapes: [[4]] }],
    },
  },
  {
    mistake: "saturation only",
    statement: ofElements(
      "held",
      (x) => Math.min(1, Math.max(-1, x)),
      (_, dy) => [dy],
    ),
  },
];
