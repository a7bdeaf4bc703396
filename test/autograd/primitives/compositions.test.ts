// Operations that are made of primitives: their values against plain loops, and their derivatives in both modes, by
// differences, and again at order two. One row a use; a new composition is tested by a new row.

import {
  averagePool,
  concat,
  convolution,
  einsum,
  maxPool,
  type Shape,
  stack,
  type Tensor,
  tensor,
  where,
} from "@adjoint/autograd";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkDerivatives } from "../../support/derivatives.ts";
import { trials } from "../../support/runs.ts";
import { count, Dice, flat, numbers, places, seeds, spread, tensorOf } from "../../support/tensors.ts";

type At = (...place: number[]) => number;

interface Composition {
  readonly shapes: readonly Shape[];
  readonly f: (...x: Tensor[]) => Tensor;
  readonly shape: Shape;
  /** One element of the result, from the operands' elements. */
  readonly element: (place: readonly number[], x: readonly At[]) => number;
}

const range = (n: number) => Array.from({ length: n }, (_, i) => i);
const sum = (numbers: readonly number[]) => numbers.reduce((total, x) => total + x, 0);
const mean = (numbers: readonly number[]) => sum(numbers) / numbers.length;
const product = (numbers: readonly number[]) => numbers.reduce((total, x) => total * x, 1);
const descending = (numbers: readonly number[]) => [...numbers].sort((a, b) => b - a);

/** x, or what lies outside it. */
const within =
  (x: At, shape: Shape, outside: number): At =>
  (...place) =>
    place.every((i, axis) => i >= 0 && i < shape[axis]!) ? x(...place) : outside;

const compositions: Readonly<Record<string, Composition>> = {
  "a sum over the middle axis": {
    shapes: [[2, 3, 4]],
    f: (x) => x.sum({ axis: 1 }) as Tensor,
    shape: [2, 4],
    element: ([i, k], [x]) => sum(range(3).map((j) => x!(i!, j, k!))),
  },
  "a mean over two axes, which are kept": {
    shapes: [[2, 3, 4]],
    f: (x) => x.mean({ axis: [0, -1], keepDims: true }) as Tensor,
    shape: [1, 3, 1],
    element: ([, j], [x]) => mean(range(2).flatMap((i) => range(4).map((k) => x!(i, j!, k)))),
  },
  "the largest over two axes": {
    shapes: [[2, 3, 4]],
    f: (x) => x.max({ axis: [0, 2] }) as Tensor,
    shape: [3],
    element: ([j], [x]) => Math.max(...range(2).flatMap((i) => range(4).map((k) => x!(i, j!, k)))),
  },
  "the smallest": {
    shapes: [[5]],
    f: (x) => x.min() as Tensor,
    shape: [],
    element: (_, [x]) => Math.min(...range(5).map((i) => x!(i))),
  },
  "a product along an axis of odd length": {
    shapes: [[2, 7]],
    f: (x) => x.prod({ axis: 1 }) as Tensor,
    shape: [2],
    element: ([i], [x]) => product(range(7).map((j) => x!(i!, j))),
  },
  "a variance": {
    shapes: [[3, 4]],
    f: (x) => x.variance({ axis: 0 }) as Tensor,
    shape: [4],
    element: ([j], [x]) => {
      const column = range(3).map((i) => x!(i, j!));
      return mean(column.map((v) => (v - mean(column)) ** 2));
    },
  },
  "a variance of a sample": {
    shapes: [[6]],
    f: (x) => x.variance({ correction: 1 }) as Tensor,
    shape: [],
    element: (_, [x]) => {
      const all = range(6).map((i) => x!(i));
      return sum(all.map((v) => (v - mean(all)) ** 2)) / 5;
    },
  },
  "log-sum-exp": {
    shapes: [[3, 4]],
    f: (x) => x.logSumExp({ axis: -1 }) as Tensor,
    shape: [3],
    element: ([i], [x]) => Math.log(sum(range(4).map((j) => Math.exp(x!(i!, j))))),
  },
  softmax: {
    shapes: [[3, 4]],
    f: (x) => x.softmax({ axis: 0 }),
    shape: [3, 4],
    element: ([i, j], [x]) => Math.exp(x!(i!, j!)) / sum(range(3).map((k) => Math.exp(x!(k, j!)))),
  },
  "log-softmax": {
    shapes: [[2, 5]],
    f: (x) => x.logSoftmax(),
    shape: [2, 5],
    element: ([i, j], [x]) => x!(i!, j!) - Math.log(sum(range(5).map((k) => Math.exp(x!(i!, k))))),
  },
  "a sum with broadcasting": {
    shapes: [
      [2, 1, 3],
      [4, 1],
    ],
    f: (x, y) => x.add(y) as Tensor,
    shape: [2, 4, 3],
    element: ([i, j, k], [x, y]) => x!(i!, 0, k!) + y!(j!, 0),
  },
  "a product of a vector and a number's tensor": {
    shapes: [[3], []],
    f: (x, y) => x.mul(y).sub(y) as Tensor,
    shape: [3],
    element: ([i], [x, y]) => x!(i!) * y!() - y!(),
  },
  "matrix times matrix in a broadcast batch": {
    shapes: [
      [2, 1, 2, 3],
      [4, 3, 2],
    ],
    f: (a, b) => a.matmul(b) as Tensor,
    shape: [2, 4, 2, 2],
    element: ([n, m, i, j], [a, b]) => sum(range(3).map((k) => a!(n!, 0, i!, k) * b!(m!, k, j!))),
  },
  "a batch times one matrix": {
    shapes: [
      [2, 4, 3],
      [3, 5],
    ],
    f: (a, b) => a.matmul(b) as Tensor,
    shape: [2, 4, 5],
    element: ([n, i, j], [a, b]) => sum(range(3).map((k) => a!(n!, i!, k) * b!(k, j!))),
  },
  "row times matrix": {
    shapes: [[3], [3, 2]],
    f: (a, b) => a.matmul(b) as Tensor,
    shape: [2],
    element: ([j], [a, b]) => sum(range(3).map((k) => a!(k) * b!(k, j!))),
  },
  "matrix times column": {
    shapes: [[2, 3], [3]],
    f: (a, b) => a.matmul(b) as Tensor,
    shape: [2],
    element: ([i], [a, b]) => sum(range(3).map((k) => a!(i!, k) * b!(k))),
  },
  "an inner product": {
    shapes: [[4], [4]],
    f: (a, b) => a.dot(b) as Tensor,
    shape: [],
    element: (_, [a, b]) => sum(range(4).map((k) => a!(k) * b!(k))),
  },
  "einsum: a bilinear form in a batch": {
    shapes: [
      [2, 3],
      [3, 4],
      [2, 4],
    ],
    f: (a, b, c) => einsum("ni,ij,nj->n", a, b, c),
    shape: [2],
    element: ([n], [a, b, c]) =>
      sum(range(3).flatMap((i) => range(4).map((j) => a!(n!, i) * b!(i, j) * c!(n!, j)))),
  },
  "einsum: attention scores with heads": {
    shapes: [
      [2, 3, 2, 2],
      [2, 4, 2, 2],
    ],
    f: (q, k) => einsum("bqhd,bkhd->bhqk", q, k),
    shape: [2, 2, 3, 4],
    element: ([b, h, i, j], [q, k]) => sum(range(2).map((d) => q!(b!, i!, h!, d) * k!(b!, j!, h!, d))),
  },
  "einsum: an outer product, transposed and summed, without an arrow": {
    shapes: [[2], [3, 2]],
    f: (a, b) => einsum("j,kj", a, b),
    shape: [3],
    element: ([k], [a, b]) => sum(range(2).map((j) => a!(j) * b!(k!, j))),
  },
  "a sorted row": {
    shapes: [[2, 5]],
    f: (x) => x.sort({ descending: true }),
    shape: [2, 5],
    element: ([i, j], [x]) => descending(range(5).map((k) => x!(i!, k)))[j!]!,
  },
  "the two largest along the first axis": {
    shapes: [[5, 2]],
    f: (x) => x.topK(2, { axis: 0 }).values,
    shape: [2, 2],
    element: ([i, j], [x]) => descending(range(5).map((k) => x!(k, j!)))[i!]!,
  },
  "a gather with repeated and negative indices of two axes": {
    shapes: [[2, 4, 2]],
    f: (x) =>
      x.gather(
        tensor(
          [
            [0, -1, 2],
            [3, 3, 1],
          ],
          { dtype: "int32" },
        ),
        { axis: 1 },
      ),
    shape: [2, 2, 3, 2],
    element: ([n, i, j, m], [x]) =>
      x!(
        n!,
        [
          [0, 3, 2],
          [3, 3, 1],
        ][i!]![j!]!,
        m!,
      ),
  },
  "a padding with a value": {
    shapes: [[2, 3]],
    f: (x) => x.pad([[1, 0], 2], { value: 7 }),
    shape: [3, 7],
    element: ([i, j], [x]) => within(x!, [2, 3], 7)(i! - 1, j! - 2),
  },
  "a slice by index, by range and by step": {
    shapes: [[3, 5, 4]],
    f: (x) => x.slice(-1, [1, null, 2], [-3, -1]),
    shape: [2, 2],
    element: ([i, j], [x]) => x!(2, 1 + 2 * i!, 1 + j!),
  },
  "tensors one after another and on top of each other": {
    shapes: [
      [2, 2],
      [2, 1],
    ],
    f: (a, b) => stack([concat([a, b], { axis: 1 }), concat([b, a], { axis: 1 })], { axis: -1 }),
    shape: [2, 3, 2],
    element: ([i, j, k], [a, b]) => {
      if (k === 0) return j! < 2 ? a!(i!, j!) : b!(i!, 0);
      return j === 0 ? b!(i!, 0) : a!(i!, j! - 1);
    },
  },
  "axes moved about": {
    shapes: [[2, 1, 3]],
    f: (x) => (x.squeeze({ axis: 1 }).transpose() as Tensor).expandDims(0).flip({ axis: 2 }).reshape([-1, 2]),
    shape: [3, 2],
    element: ([i, j], [x]) => x!(1 - j!, 0, i!),
  },
  "running sums from the end": {
    shapes: [[4, 2]],
    f: (x) => x.cumsum({ axis: 0, reverse: true }),
    shape: [4, 2],
    element: ([i, j], [x]) => sum(range(4 - i!).map((k) => x!(i! + k, j!))),
  },
  "a scatter with repeated indices": {
    shapes: [[4, 2]],
    f: (x) =>
      x.scatterAdd(
        tensor(
          [
            [0, 1],
            [2, 1],
            [0, -1],
            [0, 0],
          ],
          { dtype: "int32" },
        ),
        { axis: 0, shape: [3, 2] },
      ),
    shape: [3, 2],
    element: ([i, j], [x]) =>
      sum(
        range(4)
          .filter(
            (k) =>
              [
                [0, 1],
                [2, 1],
                [0, 2],
                [0, 0],
              ][k]![j!] === i,
          )
          .map((k) => x!(k, j!)),
      ),
  },
  "a choice between two functions": {
    shapes: [[6]],
    f: (x) => where(x.greater(0), x.log1p(), x.exp().sub(1)) as Tensor,
    shape: [6],
    element: ([i], [x]) => (x!(i!) > 0 ? Math.log1p(x!(i!)) : Math.exp(x!(i!)) - 1),
  },
  "a convolution over one axis": {
    shapes: [
      [2, 2, 7],
      [3, 2, 3],
    ],
    f: (x, k) => convolution(x, k, { strides: 2, padding: 1 }),
    shape: [2, 3, 4],
    element: ([n, o, i], [x, k]) =>
      sum(
        range(2).flatMap((c) =>
          range(3).map((w) => within(x!, [2, 2, 7], 0)(n!, c, 2 * i! + w - 1) * k!(o!, c, w)),
        ),
      ),
  },
  "a dilated convolution over two axes, padded unevenly": {
    shapes: [
      [1, 2, 5, 4],
      [2, 2, 2, 2],
    ],
    f: (x, k) =>
      convolution(x, k, {
        dilations: [2, 1],
        strides: [1, 2],
        padding: [
          [1, 0],
          [0, 2],
        ],
      }),
    shape: [1, 2, 4, 3],
    element: ([n, o, i, j], [x, k]) =>
      sum(
        range(2).flatMap((c) =>
          range(2).flatMap((v) =>
            range(2).map(
              (w) => within(x!, [1, 2, 5, 4], 0)(n!, c, i! + 2 * v - 1, 2 * j! + w) * k!(o!, c, v, w),
            ),
          ),
        ),
      ),
  },
  "a convolution that keeps the size": {
    shapes: [
      [1, 1, 4],
      [1, 1, 2],
    ],
    f: (x, k) => convolution(x, k, { padding: "same" }),
    shape: [1, 1, 4],
    element: ([, , i], [x, k]) =>
      sum(range(2).map((w) => within(x!, [1, 1, 4], 0)(0, 0, i! + w) * k!(0, 0, w))),
  },
  "a convolution that keeps the size with gaps in its kernel": {
    shapes: [
      [1, 1, 5],
      [1, 1, 2],
    ],
    f: (x, k) => convolution(x, k, { padding: "same", dilations: 3 }),
    shape: [1, 1, 5],
    // The kernel spans four places, of which one lies before.
    element: ([, , i], [x, k]) =>
      sum(range(2).map((w) => within(x!, [1, 1, 5], 0)(0, 0, i! + 3 * w - 1) * k!(0, 0, w))),
  },
  "einsum without an arrow, whose result has its axes in the order of the alphabet": {
    shapes: [
      [2, 3],
      [2, 4],
    ],
    f: (x, y) => einsum("zb,za", x, y),
    shape: [4, 3],
    element: ([a, b], [x, y]) => sum(range(2).map((z) => x!(z, b!) * y!(z, a!))),
  },
  "max-pooling": {
    shapes: [[1, 2, 4, 6]],
    f: (x) => maxPool(x, 2),
    shape: [1, 2, 2, 3],
    element: ([n, c, i, j], [x]) =>
      Math.max(...range(2).flatMap((v) => range(2).map((w) => x!(n!, c!, 2 * i! + v, 2 * j! + w)))),
  },
  "max-pooling of windows that overlap and reach outside": {
    shapes: [[1, 1, 5]],
    f: (x) => maxPool(x, [3], { strides: 2, padding: 1 }),
    shape: [1, 1, 3],
    element: ([, , i], [x]) =>
      Math.max(...range(3).map((w) => within(x!, [1, 1, 5], -Infinity)(0, 0, 2 * i! + w - 1))),
  },
  "average-pooling with padding": {
    shapes: [[1, 2, 5]],
    f: (x) => averagePool(x, 2, { padding: [[1, 0]] }),
    shape: [1, 2, 3],
    element: ([n, c, i], [x]) => mean(range(2).map((w) => within(x!, [1, 2, 5], 0)(n!, c!, 2 * i! + w - 1))),
  },
  "windows with steps and gaps": {
    shapes: [[2, 7]],
    f: (x) => x.windows({ sizes: [2], strides: [2], dilations: [3] }),
    shape: [2, 2, 2],
    element: ([n, i, w], [x]) => x!(n!, 2 * i! + 3 * w!),
  },
};

for (const [name, { shapes, f, shape, element }] of Object.entries(compositions)) {
  describe(name, () => {
    const draw = (seed: number) => {
      const dice = new Dice(seed);
      return shapes.map((of, k) =>
        tensorOf(
          spread(count(of), dice).map((x) => x + k / 64),
          of,
        ),
      );
    };

    test("is what plain loops make of its operands, in both float types", () => {
      fc.assert(
        fc.property(seeds, (seed) => {
          const operands = draw(seed);
          const at = operands.map(
            (x): At =>
              (...place) =>
                x.data[flat(place, x.shape)]!,
          );
          const expected = places(shape).map((place) => element(place, at));
          for (const dtype of ["float32", "float64"] as const) {
            const result = f(...operands.map((x) => x.cast(dtype)));
            expect(result.dtype).toBe(dtype);
            expect(result.shape).toEqual(shape);
            // Exponentials and quotients on the way are each rounded, to 24 or 53 bits: a handful, at the size of the
            // largest number on the way, which is below 32 here.
            const allowed = 32 * (dtype === "float32" ? 2 ** -22 : 2 ** -51);
            numbers(result).forEach((x, i) => {
              expect(Math.abs(x - expected[i]!)).toBeLessThanOrEqual(allowed);
            });
          }
        }),
        trials(5),
      );
    });

    test("has derivatives that agree with each other and with differences, at orders one and two", () => {
      fc.assert(
        fc.property(seeds, (seed) => {
          checkDerivatives((x) => [f(...x)], draw(seed), { seed });
        }),
        trials(3),
      );
    });
  });
}
