// Jacobians of which all rows, or all columns, are swept at once: against one sweep for each, in slices, compiled, of trees
// and of tensors without elements.

import {
  compile,
  definePrimitive,
  hessian,
  jacobian,
  jvp,
  type Tensor,
  tensor,
  vjp,
} from "@adjoint/autograd";
import fc from "fast-check";
import { expect, test } from "vitest";
import { trials } from "../../support/runs.ts";
import { Dice, numbers, seeds } from "../../support/tensors.ts";

const unit = (n: number, at: number) =>
  tensor(
    Array.from({ length: n }, (_, i) => Number(i === at)),
    { dtype: "float64" },
  );

/** A function [n] → [m] in which every output depends on every input; of whole numbers, all derivatives are exact. */
function mixture(n: number, m: number, dice: Dice): (x: Tensor) => Tensor {
  const weights = tensor(
    Array.from({ length: n * m }, () => dice.below(17) - 8),
    { shape: [n, m], dtype: "float64" },
  ) as Tensor;
  return (x) => x.square().matmul(weights).mul(x.sum()) as Tensor;
}

test("rows by one sweep each, columns by one push each, and both at once are the same", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }), seeds, (n, m, seed) => {
      const dice = new Dice(seed);
      const f = mixture(n, m, dice);
      const x = tensor(
        Array.from({ length: n }, () => dice.below(17) - 8),
        { dtype: "float64" },
      ) as Tensor;
      const { pullback } = vjp(f, x);
      const rows = Array.from({ length: m }, (_, i) => numbers(pullback(unit(m, i) as Tensor)));
      const columns = Array.from({ length: n }, (_, i) => numbers(jvp(f, x, unit(n, i) as Tensor).tangent));
      const byRows = rows.flat();
      const byColumns = rows.flatMap((_, i) => columns.map((column) => column[i]!));
      for (const mode of ["reverse", "forward"] as const)
        for (const run of [jacobian(f, { mode }), compile(jacobian(f, { mode }))])
          expect(numbers(run(x) as Tensor)).toEqual(mode === "reverse" ? byRows : byColumns);
      expect(byRows).toEqual(byColumns);
    }),
    trials(60),
  );
});

test.each(["reverse", "forward"] as const)("%s sweeps that would take much memory go in slices", (mode) => {
  const n = 61;
  const many = tensor(
    Array.from({ length: 8192 }, (_, i) => (i % 3) - 0.5),
    { shape: [1, 8192] },
  ) as Tensor;
  const total = many.sum().item();
  const f = (x: Tensor) => x.expandDims(1).mul(many).sum({ axis: 1 }).mul(x) as Tensor;
  const x = tensor(Array.from({ length: n }, (_, i) => i - 30)) as Tensor;
  const found = jacobian(f, { mode })(x) as Tensor;
  expect(found.shape).toEqual([n, n]);
  // The derivative of k·x² is 2k·x.
  const expected = Array.from({ length: n * n }, (_, i) =>
    i % (n + 1) === 0 ? 2 * total * (i / (n + 1) - 30) : 0,
  );
  expect(numbers(found).map((value) => value + 0)).toEqual(expected.map((value) => value + 0));
});

test("blocks of trees have the forms of both, also where a tensor has no elements", () => {
  const f = ({ a, b }: { a: Tensor; b: Tensor }) => [a.mul(b.sum()), b.slice([0, 0])] as const;
  const untyped = jacobian as (f: unknown, options: object) => (x: unknown) => unknown;
  const [first, second] = untyped(f, { allowUnused: true })({
    a: tensor([1, 2]),
    b: tensor([3, 4, 5]),
  }) as { a: Tensor; b: Tensor }[];
  expect(first!.a.toArray()).toEqual([
    [12, 0],
    [0, 12],
  ]);
  expect(first!.b.toArray()).toEqual([
    [1, 1, 1],
    [2, 2, 2],
  ]);
  expect([second!.a.shape, second!.b.shape]).toEqual([
    [0, 2],
    [0, 3],
  ]);
});

test("a primitive of one's own takes part, row by row", () => {
  const cube = definePrimitive({
    name: "cube",
    shape: ([shape]) => shape!,
    value([x], out) {
      for (let i = 0; i < out.length; i++) out[i] = x!.data[i]! ** 3;
    },
    pullback: ({ inputs: [x] }, dy) => [dy.mul(x!.square()).mul(3)],
  });
  const x = tensor([1, 2]);
  expect((jacobian((y: Tensor) => cube(y))(x) as Tensor).toArray()).toEqual([
    [3, 0],
    [0, 12],
  ]);
  expect((hessian((y: Tensor) => cube(y).sum() as Tensor)(x) as Tensor).toArray()).toEqual([
    [6, 0],
    [0, 12],
  ]);
});
