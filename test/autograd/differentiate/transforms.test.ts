// Each transform by itself: what it takes and gives. What it says when it can't is tested in test/misuse.

import {
  grad,
  hessian,
  hvp,
  jacobian,
  jvp,
  Tensor,
  tensor,
  valueAndGrad,
  variable,
  vjp,
  zeros,
} from "@adjoint/autograd";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { trials } from "../../support/runs.ts";
import { count, Dice, innerProduct, numbers, seeds, spread, tensorOf } from "../../support/tensors.ts";

const at = (x: number) => tensorOf([x], []);

describe("trees", () => {
  const point = () => ({
    w: tensorOf([1, 2, 3, 4], [2, 2]),
    layers: [{ b: tensorOf([5, 6], [2]) }, { b: tensorOf([7], [1]) }],
  });
  const f = ({ w, layers }: ReturnType<typeof point>) =>
    (w.matmul(layers[0]!.b) as Tensor).mul(layers[1]!.b).sum() as Tensor;

  test("a gradient has the form of its argument, in every leaf the partial derivative", () => {
    const { value, gradient } = valueAndGrad(f)(point());
    expect(value.item()).toBe(7 * (1 * 5 + 2 * 6 + 3 * 5 + 4 * 6));
    expect(gradient.w.toArray()).toEqual([
      [35, 42],
      [35, 42],
    ]);
    expect(gradient.layers[0]!.b.toArray()).toEqual([7 * 4, 7 * 6]);
    expect(gradient.layers[1]!.b.toArray()).toEqual([56]);
    expect(grad(f)(point()).layers[1]!.b.toArray()).toEqual([56]);
  });

  test("a function may return a tree, and cotangents and tangents have its form", () => {
    const g = ({ a, b }: { a: Tensor; b: Tensor }) => ({ sum: a.add(b), parts: [a.mul(b), b] as const });
    const x = { a: at(2), b: at(3) };
    const { value, pullback } = vjp(g, x);
    expect(value.parts[0].item()).toBe(6);
    const pulled = pullback({ sum: at(10), parts: [at(1), at(100)] });
    expect([pulled.a.item(), pulled.b.item()]).toEqual([10 + 3, 10 + 2 + 100]);
    const { tangent } = jvp(g, x, { a: at(1), b: at(-1) });
    expect([tangent.sum.item(), tangent.parts[0].item(), tangent.parts[1].item()]).toEqual([0, 1, -1]);
  });

  test("a Jacobian is a tree of the output's form whose leaves are trees of the input's", () => {
    const g = ({ a, b }: { a: Tensor; b: Tensor }) => [a.mul(b.sum()) as Tensor, { c: b.mul(2) }] as const;
    const x = { a: tensorOf([1, 2], [2]), b: tensorOf([3, 4, 5], [3]) };
    for (const mode of ["forward", "reverse"] as const) {
      const [first, { c }] = jacobian(g, { mode })(x) as unknown as [
        { a: Tensor; b: Tensor },
        { c: { a: Tensor; b: Tensor } },
      ];
      expect(first.a.toArray()).toEqual([
        [12, 0],
        [0, 12],
      ]);
      expect(first.b.toArray()).toEqual([
        [1, 1, 1],
        [2, 2, 2],
      ]);
      expect(c.a.shape).toEqual([3, 2]);
      expect(numbers(c.a).every((x) => x === 0)).toBe(true);
      expect(c.b.toArray()).toEqual([
        [2, 0, 0],
        [0, 2, 0],
        [0, 0, 2],
      ]);
    }
  });

  test("a Hessian has a block for every pair of leaves", () => {
    const x = { a: tensorOf([1, 2], [2]), b: at(3) };
    const blocks = hessian(({ a, b }: typeof x) => a.square().sum().mul(b) as Tensor)(x) as unknown as Record<
      "a" | "b",
      Record<"a" | "b", Tensor>
    >;
    expect(blocks.a.a.toArray()).toEqual([
      [6, 0],
      [0, 6],
    ]);
    expect(blocks.a.b.toArray()).toEqual([2, 4]);
    expect(blocks.b.a.toArray()).toEqual([2, 4]);
    expect(blocks.b.b.item()).toBe(0);
  });

  test("variables may stand among the leaves, and stand for what they hold", () => {
    const v = variable(tensorOf([2], []));
    const f = ([a, b]: readonly [Tensor, Tensor]) => a.mul(b).mul(a);
    const [da, db] = grad(f)([v, at(5)] as const) as unknown as [Tensor, Tensor];
    expect([da.item(), db.item()]).toEqual([20, 4]);
    v.assign(at(3));
    expect((grad(f)([v, at(5)] as const) as unknown as [Tensor])[0].item()).toBe(30);
    expect((hvp((x: Tensor) => x.mul(x).mul(x), v, at(1)) as Tensor).item()).toBe(18);
  });

  test("further arguments are passed on and not differentiated", () => {
    const f = (x: Tensor, scale: Tensor, options: { add: number }) =>
      x.square().mul(scale).add(options.add).sum() as Tensor;
    expect((grad(f)(at(3), at(5), { add: 1 }) as Tensor).item()).toBe(30);
    expect((hessian(f)(at(3), at(5), { add: 1 }) as Tensor).item()).toBe(10);
  });

  test("an argument that is not used has gradient zero where it may, and an argument that is returned gradient one", () => {
    const [unused, itself] = grad(([, b]: readonly [Tensor, Tensor]) => b, { allowUnused: true })([
      tensorOf([1, 2], [2]),
      at(1),
    ] as const) as unknown as Tensor[];
    expect(unused!.toArray()).toEqual([0, 0]);
    expect(itself!.item()).toBe(1);
    expect((grad(() => at(7), { allowUnused: true })(at(1)) as Tensor).item()).toBe(0);
  });

  test("a gradient is that of one number: a list of two, of which either would do, is refused", () => {
    const total = (x: Tensor) => x.sum() as Tensor;
    for (const f of [(x: Tensor) => [total(x), x], (x: Tensor) => [total(x), total(x)], () => []])
      for (const run of [grad(f as never), valueAndGrad(f as never)])
        expect(() => run(tensor([1, 2]) as never)).toThrow(/the function returned .*single number/);
    // One alone in a tree is a single number.
    expect(grad(((x: Tensor) => ({ loss: total(x) })) as never)(tensor([1, 2]) as never)).toBeDefined();
  });

  test("empty trees and empty tensors have empty gradients", () => {
    expect(grad((_: readonly Tensor[]) => at(1))([])).toEqual([]);
    const nothing = tensorOf([], [0, 3]);
    expect((grad((x: Tensor) => x.square().sum() as Tensor)(nothing) as Tensor).shape).toEqual([0, 3]);
    for (const mode of ["forward", "reverse"] as const)
      expect((jacobian((x: Tensor) => x.mul(2), { mode })(nothing) as Tensor).shape).toEqual([0, 3, 0, 3]);
  });
});

describe("jacobian, hessian and hvp agree with each other", () => {
  const f = (x: Tensor) => {
    const cube = x.square().mul(x);
    return (cube.add(cube.sum()).tanh() as Tensor).mul(x.sum());
  };
  // A few dozen roundings at the size of the largest entry.
  const near = (a: readonly number[], b: readonly number[]) => {
    const size = Math.max(...b.map(Math.abs), 2 ** -100);
    for (const [i, x] of a.entries()) expect(Math.abs(x - b[i]!)).toBeLessThanOrEqual(2 ** -44 * size);
  };

  test("both modes give one Jacobian, whose products are vjp and jvp", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 }), seeds, (shape, seed) => {
        const dice = new Dice(seed);
        const n = count(shape);
        const draw = () => tensorOf(spread(n, dice), shape);
        const [x, u, v] = [draw(), draw(), draw()];
        const forward = jacobian(f, { mode: "forward" })(x) as Tensor;
        const reverse = jacobian(f, { mode: "reverse" })(x) as Tensor;
        expect(forward.shape).toEqual([...shape, ...shape]);
        near(numbers(forward), numbers(reverse));
        const matrix = forward.reshape([n, n]) as Tensor;
        near(
          numbers(jvp(f, x, v).tangent as Tensor),
          numbers(matrix.matmul(v.reshape([n]) as Tensor) as Tensor),
        );
        near(
          numbers(vjp(f, x).pullback(u) as Tensor),
          numbers((u.reshape([n]) as Tensor).matmul(matrix) as Tensor),
        );
        const single = (t: Tensor) => f(t).square().sum() as Tensor;
        const curvature = hessian(single)(x).reshape([n, n]) as Tensor;
        near(numbers(curvature), numbers(curvature.transpose() as Tensor));
        near(
          numbers(hvp(single, x, v) as Tensor),
          numbers(curvature.matmul(v.reshape([n]) as Tensor) as Tensor),
        );
      }),
      trials(25),
    );
  });

  test("by itself jacobian sweeps as often as there are inputs or outputs, whichever are fewer", () => {
    let sweeps = 0;
    const counting = (x: Tensor) => {
      sweeps++;
      return x;
    };
    const x = tensorOf(spread(5, new Dice(1)), [5]);
    expect((jacobian((t: Tensor) => counting(t).sum() as Tensor)(x) as Tensor).shape).toEqual([5]);
    expect(sweeps).toBe(1);
  });
});

describe("whole numbers", () => {
  test("have zero tangents and pass none on", () => {
    const x = tensorOf([1.5, 2.5], [2]);
    const f = (t: Tensor) => ({
      places: t.argsort(),
      more: t.greater(2),
      sum: t.sum() as Tensor,
      back: t.cast("int32").cast("float64"),
    });
    const { tangent } = jvp(f, x, tensorOf([1, 1], [2]));
    expect(tangent.places.dtype).toBe("int32");
    expect(tangent.places.toArray()).toEqual([0, 0]);
    expect(tangent.more.toArray()).toEqual([0, 0]);
    expect(tangent.back.toArray()).toEqual([0, 0]);
    expect(tangent.sum.item()).toBe(2);
    const { value, pullback } = vjp(f, x);
    const zero = {
      places: zeros([2], { dtype: "int32" }),
      more: zeros([2], { dtype: value.more.dtype }),
      sum: at(3),
      back: tensorOf([9, 9], [2]),
    };
    expect((pullback(zero) as Tensor).toArray()).toEqual([3, 3]);
  });

  test("the Jacobian of whole numbers is zero in both modes, of one shape", () => {
    for (const mode of ["forward", "reverse"] as const) {
      const result = jacobian((t: Tensor) => t.argsort(), { mode })(tensorOf([2, 1], [2])) as Tensor;
      expect(result.toArray()).toEqual([
        [0, 0],
        [0, 0],
      ]);
    }
  });

  test("can't be differentiated with respect to, and the message says what to do", () => {
    const whole = tensor([1, 2], { dtype: "int32" });
    expect(() => grad((x: Tensor) => x.sum() as Tensor)(whole)).toThrow(/grad: .*int32.*cast/);
    expect(() => grad(({ a }: { a: Tensor }) => a.sum() as Tensor)({ a: whole })).toThrow(/a is int32/);
    expect(() => grad((x: Tensor) => x.cast("int32").sum() as Tensor)(at(1))).toThrow(/returned int32/);
  });
});

test("the gradient of a sum of many outputs is the sum of the rows of the Jacobian", () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const x = tensorOf(spread(4, new Dice(seed)), [4]);
      const f = (t: Tensor) => t.cumsum().mul(t.flip());
      const rows = jacobian(f)(x) as Tensor;
      const gradient = grad((t: Tensor) => f(t).sum() as Tensor)(x) as Tensor;
      // Multiples of 1/64 of few digits: exact.
      expect(innerProduct([gradient], [gradient]).value).toBe(
        innerProduct([rows.sum({ axis: 0 }) as Tensor], [gradient]).value,
      );
      expect(gradient).toBeInstanceOf(Tensor);
    }),
    trials(10),
  );
});
