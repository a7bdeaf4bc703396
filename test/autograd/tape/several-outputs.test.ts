// Primitives of several outputs: whatever reads a tape or a program treats them as it would the operations apart.

import {
  checkpoint,
  compile,
  grad,
  hessian,
  jvp,
  Program,
  record,
  type Tensor,
  tapeOf,
  variable,
} from "@adjoint/autograd";
import { describe, expect, test } from "vitest";
import { NDArray } from "../../../packages/autograd/src/array/ndarray.ts";
import { applyAll } from "../../../packages/autograd/src/tape/apply.ts";
import type { Primitive } from "../../../packages/autograd/src/tape/value.ts";
import { numbers, vector } from "../../support/tensors.ts";

type Rules = Pick<Primitive<null>, "pullback" | "pushforward">;

const t = (value: unknown) => value as Tensor;
const zero = (like: Tensor) => like.mul(0);

// What is not wanted is not computed.
const pullback: Rules["pullback"] = ({ inputs }, _cotangent, wanted, cotangents) => {
  const [a, b] = inputs.map(t) as [Tensor, Tensor];
  const [p, q] = [cotangents[0], cotangents[2]].map((each) => (each == null ? zero(a) : t(each)));
  return [wanted[0] ? p!.mul(b).add(q!) : null, wanted[1] ? p!.mul(a).sub(q!.mul(b).mul(2)) : null];
};

const pushforward: Rules["pushforward"] = ({ inputs }, tangents) => {
  const [a, b] = inputs.map(t) as [Tensor, Tensor];
  const [da, db] = tangents.map((each) => (each === null ? zero(a) : t(each)));
  return [da!.mul(b).add(a.mul(db!)), null, da!.sub(b.mul(db!).mul(2))];
};

/** a·b, whether a is above b, and a − b², in one step. */
const stated = (rules: Rules): Primitive<null> => ({
  name: "triple",
  describe: ([a]) => [
    { shape: a!.shape, dtype: a!.dtype },
    { shape: a!.shape, dtype: "bool" },
    { shape: a!.shape, dtype: a!.dtype },
  ],
  evaluate([a, b], _attributes, _output, outputs) {
    const [product, above, rest] = outputs.map(({ shape, dtype }) => NDArray.zeros(dtype, shape));
    a!.data.forEach((x: number, i: number) => {
      const y = b!.data[i]!;
      product!.buffer[i] = x * y;
      above!.buffer[i] = Number(x > y);
      rest!.buffer[i] = x - y * y;
    });
    return [product!, above!, rest!];
  },
  ...rules,
});

type Triple = (a: Tensor, b: Tensor) => readonly [Tensor, Tensor, Tensor];

const inOne =
  (primitive: Primitive<null>): Triple =>
  (a, b) =>
    applyAll(primitive, [a, b], null) as unknown as readonly [Tensor, Tensor, Tensor];
const apart: Triple = (a, b) => [a.mul(b), a.greater(b), a.sub(b.square())];

/** What is made of the outputs, all of them single numbers. Integers stay integers, so every way is exact. */
const uses: Readonly<Record<string, (outputs: readonly [Tensor, Tensor, Tensor]) => Tensor>> = {
  "the first alone": ([p]) => p.square().sum(),
  "the last alone": ([, , q]) => q.square().sum(),
  "both, into one": ([p, , q]) => p.mul(q).sum(),
  "both, several times": ([p, , q]) => p.mul(p).add(q.mul(p)).sub(q).sum(),
  "the last before the first": ([p, , q]) => q.mul(q).mul(p).sum(),
  "the truth values, too": ([p, above, q]) => above.cast(p.dtype).mul(p).add(q).sum(),
};

const [a, b] = [vector(3, -1, 2), vector(2, 5, -4)];
const [da, db] = [vector(1, 2, -1), vector(-3, 1, 2)];
const flat = (tree: unknown): unknown => (Array.isArray(tree) ? tree.map(flat) : (tree as Tensor).toArray());

describe.each([
  ["a pullback", { pullback }],
  ["a pushforward", { pushforward }],
  ["both rules", { pullback, pushforward }],
] as const)("with %s", (_, rules) => {
  const primitive = stated(rules as Rules);
  describe.each(Object.entries(uses))("of which a function uses %s", (_use, use) => {
    const f = (triple: Triple) => (x: Tensor, y: Tensor) => use(triple(x, y));
    const [joined, separate] = [f(inOne(primitive)), f(apart)];

    test("the gradient, the tangent and the Hessian are those of the operations apart", () => {
      for (const argnums of [0, 1, [0, 1]] as const)
        expect(flat(grad(joined, { argnums })(a, b))).toEqual(flat(grad(separate, { argnums })(a, b)));
      const pair = (g: typeof joined) => (z: readonly [Tensor, Tensor]) => g(z[0], z[1]);
      const moved = [joined, separate].map((g) => jvp(pair(g), [a, b], [da, db]));
      expect(flat(moved[0]!.tangent)).toEqual(flat(moved[1]!.tangent));
      for (const mode of ["forward", "reverse"] as const)
        expect(flat(hessian(pair(joined), { mode })([a, b]))).toEqual(
          flat(hessian(pair(separate), { mode })([a, b])),
        );
      // One operand moves, and the other is a constant.
      const one = [joined, separate].map((g) => jvp((x: Tensor) => g(x, b), a, da).tangent);
      expect(flat(one[0])).toEqual(flat(one[1]));
    });

    test("backward reaches variables", () => {
      const gradients = [joined, separate].map((g) => {
        const v = variable(a);
        g(v, v.mul(b)).backward();
        return numbers(v.grad!);
      });
      expect(gradients[0]).toEqual(gradients[1]);
    });

    test("a recorded program gives its numbers and gradients, also after it was saved", () => {
      const program = record(joined, a, b);
      const again = Program.fromJSON(JSON.parse(JSON.stringify(program)), {
        primitives: { triple: primitive },
      });
      for (const { run } of [program, again].map((each) => ({
        run: (x: Tensor, y: Tensor) => each.run(x, y) as Tensor,
      }))) {
        expect(flat(run(da, db))).toEqual(flat(separate(da, db)));
        expect(flat(grad(run)(da, db))).toEqual(flat(grad(separate)(da, db)));
      }
      expect(String(again)).toBe(String(program));
    });

    test("a compiled function gives its numbers and gradients", () => {
      expect(flat(compile(joined)(a, b))).toEqual(flat(separate(a, b)));
      expect(flat(compile(grad(joined))(a, b))).toEqual(flat(grad(separate)(a, b)));
      expect(flat(grad(compile(joined))(a, b))).toEqual(flat(grad(separate)(a, b)));
    });
  });
});

const { "both, into one": both } = uses;

test("a program's text tells the outputs apart, and its pictures too", () => {
  const program = record((x: Tensor, y: Tensor) => both!(inOne(stated({ pullback }))(x, y)), a, b);
  expect(String(program)).toMatchInlineSnapshot(`
    "%0 = input 0: float64 [3]
    %1 = input 1: float64 [3]
    %2 = triple.0(%0, %1): float64 [3]
    %3 = triple.1(%0, %1): bool [3]
    %4 = triple.2(%0, %1): float64 [3]
    %5 = map mul(%2, %4): float64 [3]
    %6 = sumTo [1](%5): float64 [1]
    %7 = reshape [](%6): float64 []
    return %7"
  `);
  expect(program.toDot()).toContain('label="triple.2\\nfloat64 [3]"');
  expect(program.toSVG()).toContain(">triple.2<");
});

test("text and pictures number the outputs of a step where there are two or more", () => {
  const drawn = (count: number) => {
    const parts = checkpoint((x: Tensor) => [x.exp(), x.add(1), x.neg()].slice(0, count));
    const program = record(parts, a);
    const caption = /region(\.\d)?/g;
    return [String(program), program.toDot(), program.toSVG()].map((text) => text.match(caption));
  };
  expect(drawn(1)).toEqual([["region"], ["region"], ["region"]]);
  for (const count of [2, 3]) {
    const captions = ["region.0", "region.1", "region.2"].slice(0, count);
    expect(drawn(count)).toEqual([captions, captions, captions]);
  }
});

test("equal steps are one in a program, and each output is told from the others", () => {
  const triple = inOne(stated({ pullback }));
  const f = compile((x: Tensor, y: Tensor) => [...triple(x, y), ...triple(x, y)]);
  const [product, above, rest] = apart(a, b).map((each) => each.toArray());
  expect(f(a, b).map((each) => each.toArray())).toEqual([product, above, rest, product, above, rest]);
});

test("a tape lists all outputs of a step side by side, also those that nobody takes", () => {
  const tape = tapeOf((x: Tensor) => inOne(stated({ pullback }))(x, b)[2].square(), a);
  const made = tape.values.map(({ origin }) =>
    origin.kind === "step" ? [origin.step.primitive.name, origin.output] : [origin.kind],
  );
  expect(made.slice(-4)).toEqual([
    ["triple", 0],
    ["triple", 1],
    ["triple", 2],
    ["map", 0],
  ]);
  expect((tape.run(a) as Tensor).toArray()).toEqual(apart(a, b)[2].square().toArray());
});
