// definePrimitive: a user's operation states one rule, and has every derivative.

import {
  concat,
  DTypeError,
  definePrimitive,
  grad,
  hessian,
  jvp,
  ones,
  ShapeError,
  type Tensor,
  tapeOf,
  tensor,
  variable,
  vjp,
} from "@adjoint/autograd";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkDerivatives } from "../../support/derivatives.ts";
import { trials } from "../../support/runs.ts";
import { Dice, numbers, seeds, spread, tensorOf } from "../../support/tensors.ts";

interface Exponent {
  readonly exponent: number;
}

const value = (
  [x, w]: readonly { readonly data: ArrayLike<number> }[],
  out: { [i: number]: number },
  { exponent }: Exponent,
) => {
  for (let i = 0; i < x!.data.length; i++) out[i] = w!.data[0]! * Math.exp(exponent * x!.data[i]!);
};
const statement = {
  name: "scaledExponential",
  shape: ([x]: readonly (readonly number[])[]) => x!,
  value,
};

/** w·exp(a·x) with one of its rules, both, or none. */
const rules = {
  pullback: (
    {
      inputs: [x],
      output,
      attributes: { exponent },
    }: { inputs: readonly Tensor[]; output: Tensor; attributes: Exponent },
    dy: Tensor,
  ) => [dy.mul(output).mul(exponent) as Tensor, dy.mul(x!.mul(exponent).exp()).sum() as Tensor],
  pushforward: (
    {
      inputs: [x],
      output,
      attributes: { exponent },
    }: { inputs: readonly Tensor[]; output: Tensor; attributes: Exponent },
    [dx, dw]: readonly (Tensor | null)[],
  ) => {
    const first = dx == null ? null : dx.mul(output).mul(exponent);
    const second = dw == null ? null : x!.mul(exponent).exp().mul(dw);
    return (first === null ? second : second === null ? first : first.add(second)) as Tensor | null;
  },
};

const variants = {
  "both rules": definePrimitive<Exponent>({ ...statement, ...rules }),
  "a pullback only": definePrimitive<Exponent>({ ...statement, pullback: rules.pullback }),
  "a pushforward only": definePrimitive<Exponent>({ ...statement, pushforward: rules.pushforward }),
};

for (const [which, primitive] of Object.entries(variants)) {
  describe(`a primitive with ${which}`, () => {
    const f = ([x, w]: readonly Tensor[]) => [primitive(x!, w!, { exponent: -0.5 })];

    test("has both modes, at orders one to three", () => {
      fc.assert(
        fc.property(seeds, (seed) => {
          checkDerivatives(f, [tensorOf(spread(3, new Dice(seed)), [3]), tensorOf([1.25], [])], {
            seed,
            order: 3,
          });
        }),
        trials(4),
      );
    });

    test("is differentiated among others, twice, as if it had been written out", () => {
      const x = tensorOf([0.25, -1, 2], [3]);
      const w = tensorOf([3], []);
      const own = (t: Tensor) => f([t.sin(), w])[0]!.square().sum() as Tensor;
      const written = (t: Tensor) => (t.sin().mul(-0.5).exp() as Tensor).mul(w).square().sum() as Tensor;
      for (const mode of ["forward", "reverse"] as const) {
        const [a, b] = [own, written].map((g) => numbers(hessian(g, { mode })(x) as Tensor));
        // The same dozen factors in another order, at the size of the largest entry.
        const allowed = 2 ** -48 * Math.max(...b!.map(Math.abs));
        for (const [i, h] of a!.entries()) expect(Math.abs(h - b![i]!)).toBeLessThanOrEqual(allowed);
      }
    });
  });
}

describe("definePrimitive", () => {
  const x = tensorOf([1, 2], [2]);

  test("gives a function whose step carries name and attributes", () => {
    const primitive = definePrimitive<Exponent>({ ...statement, ...rules });
    expect(tapeOf((t: Tensor) => primitive(t, tensorOf([1], []), { exponent: 1 }), x).toString()).toContain(
      "scaledExponential(",
    );
    expect(primitive.primitive.name).toBe("scaledExponential");
  });

  test("takes the first operand's type for the result, or the one stated", () => {
    const same = definePrimitive({ name: "copy", shape: ([s]) => s!, value: ([a], out) => out.set(a!.data) });
    expect(same(tensor([1, 2])).dtype).toBe("float32");
    expect(same(x).dtype).toBe("float64");
    const count = definePrimitive({
      name: "count",
      shape: () => [],
      dtype: () => "int32",
      value: ([a], out) => {
        out[0] = a!.data.length;
      },
    });
    expect(count(x).dtype).toBe("int32");
    expect(count(x).item()).toBe(2);
  });

  test("without a rule runs, and says what to do when it is differentiated", () => {
    const bare = definePrimitive({ name: "bare", shape: ([s]) => s!, value: ([a], out) => out.set(a!.data) });
    expect(numbers(bare(x))).toEqual([1, 2]);
    const message = /bare: has no derivative rule; state a pullback or a pushforward .* x\.detach\(\)/;
    expect(() => grad((t: Tensor) => bare(t).sum() as Tensor)(x)).toThrow(message);
    expect(() => jvp((t: Tensor) => bare(t), x, x)).toThrow(message);
    expect(numbers(grad((t: Tensor) => bare(t.detach()).mul(t).sum() as Tensor)(x) as Tensor)).toEqual([
      1, 2,
    ]);
  });

  test("says which rule is lacking where reverse mode would transpose a rule that applies itself without end", () => {
    const twice: (x: Tensor) => Tensor = definePrimitive({
      name: "twice",
      shape: ([s]) => s!,
      value: ([a], out) => out.set(a!.data.map((each: number) => 2 * each)),
      pushforward: (_, [dx]) => twice(dx!),
    });
    expect(numbers(jvp((t: Tensor) => twice(t), x, x).tangent as Tensor)).toEqual([2, 4]);
    const message = /^twice: its pushforward applies twice itself, .* state a pullback as well$/;
    for (let i = 0; i < 2; i++)
      expect(() => grad((t: Tensor) => twice(t).sum() as Tensor)(x)).toThrow(message);
    // A rule that applies itself to ever fewer elements ends.
    const halving: (x: Tensor) => Tensor = definePrimitive({
      name: "halving",
      shape: ([s]) => s!,
      value: ([a], out) => out.set(a!.data.map((each: number) => 3 * each)),
      pushforward: (_, [dx]) => {
        const [n] = dx!.shape as [number];
        return n === 1
          ? dx!.mul(3)
          : concat([halving(dx!.slice([0, n >> 1])), halving(dx!.slice([n >> 1, n]))]);
      },
    });
    const eight = ones([8], { dtype: "float64" }) as Tensor;
    expect(numbers(grad((t: Tensor) => halving(t).sum() as Tensor)(eight))).toEqual(new Array(8).fill(3));
  });

  test("names a rule whose result has the wrong shape, type or number", () => {
    const broken = (
      pullback: (dy: Tensor) => readonly (Tensor | null)[],
      pushforward?: (dx: Tensor) => Tensor,
    ) =>
      definePrimitive({
        name: "broken",
        shape: ([s]) => s!,
        value: () => {},
        pullback: (_, dy) => pullback(dy),
        ...(pushforward === undefined ? {} : { pushforward: (_, [dx]) => pushforward(dx!) }),
      });
    const pull = (rule: (dy: Tensor) => readonly (Tensor | null)[]) => () =>
      vjp((t: Tensor) => broken(rule)(t), x).pullback(x);
    expect(pull((dy) => [dy.sum() as Tensor])).toThrow(
      /broken: its pullback gave float64 \[\] where the input 1 is float64 \[2\]/,
    );
    expect(pull((dy) => [dy.cast("float32")])).toThrow(/gave float32 \[2\] where the input 1 is float64/);
    expect(pull((dy) => [dy, dy])).toThrow(/gave 2 cotangents for 1 inputs/);
    const pushed = broken(
      (dy) => [dy],
      (dx) => dx.sum() as Tensor,
    );
    expect(() => jvp((t: Tensor) => pushed(t), x, x)).toThrow(
      /broken: its pushforward gave float64 \[\] where the output/,
    );
    expect(pull(() => [null])).not.toThrow();
  });

  test("takes a value that gives back what it wrote into, as fill does", () => {
    const ones = definePrimitive({
      name: "ones",
      shape: ([shape]) => shape!,
      value: (_, out) => out.fill(1),
    });
    expect(ones(tensor([3, 4]) as Tensor).toArray()).toEqual([1, 1]);
    const lost = definePrimitive({
      name: "lost",
      shape: ([shape]) => shape!,
      value: (_, out) => out.map(() => 1),
    });
    expect(() => lost(tensor([3, 4]) as Tensor)).toThrow("lost: its value returned a Float32Array");
  });

  test("refuses calls without tensors, and shape rules that give no shape", () => {
    const one = definePrimitive({ name: "one", shape: () => [-1], value: () => {} });
    expect(() => one(x)).toThrow(ShapeError);
    expect(() => (one as (...args: unknown[]) => Tensor)()).toThrow(/one: takes tensors/);
    expect(() => (one as (...args: unknown[]) => Tensor)({}, x)).toThrow(TypeError);
    const odd = definePrimitive({
      name: "odd",
      shape: ([s]) => s!,
      dtype: () => {
        throw new DTypeError("odd: floats only");
      },
      value: () => {},
    });
    expect(() => odd(x)).toThrow("odd: floats only");
  });
});

test("a share for an operand that has no derivative is left where it is: whole numbers get no gradient", () => {
  const scaled = definePrimitive({
    name: "scaledByIndex",
    shape: ([shape]) => shape!,
    value([x, by], out) {
      for (let i = 0; i < out.length; i++) out[i] = x!.data[i]! * by!.data[0]!;
    },
    // Says more than it is asked.
    pullback: ({ inputs: [x, by] }, dy) => [dy.mul(by!.cast("float32")), dy.mul(x!).cast("int32")],
  });
  const x = variable([1, 2]);
  const by = variable(tensor([3, 3], { dtype: "int32" }));
  scaled(x, by).sum().backward();
  expect(x.grad!.toArray()).toEqual([3, 3]);
  expect(by.grad).toBeNull();
  expect(grad((x: Tensor) => scaled(x, by).sum() as Tensor)(tensor([1, 2]))).toMatchObject({ shape: [2] });
  expect(by.grad).toBeNull();
});
