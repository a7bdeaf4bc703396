// Primitives with several outputs, held against the same functions made of primitives with one: values, both modes,
// compiled, recorded, saved, and read back from a tape.

import {
  compile,
  grad,
  hessian,
  jacobian,
  jvp,
  Program,
  record,
  type Tensor,
  tapeOf,
  tensor,
  vjp,
} from "@adjoint/autograd";
import { describe, expect, test } from "vitest";
import { NDArray } from "../../../packages/autograd/src/array/ndarray.ts";
import { elements } from "../../../packages/autograd/src/primitives/elementwise.ts";
import { applyAll } from "../../../packages/autograd/src/tape/apply.ts";
import type { Primitive, Value } from "../../../packages/autograd/src/tape/value.ts";

let evaluations = 0;

/** [x·y, x + y², x > y] of two tensors of one shape; its rule is stated for one mode. */
const stated = (mode: "pullback" | "pushforward"): Primitive<null> => ({
  name: "threefold",
  describe: ([x]) => [x!, x!, { shape: x!.shape, dtype: "int32" }],
  evaluate([x, y], _attributes, { shape, dtype }) {
    evaluations++;
    const outputs = [NDArray.zeros(dtype, shape), NDArray.zeros(dtype, shape), NDArray.zeros("int32", shape)];
    y!.data.forEach((b: number, i: number) => {
      const a = x!.data[i]!;
      [a * b, a + b * b, a > b ? 1 : 0].forEach((value, k) => {
        outputs[k]!.buffer[i] = value;
      });
    });
    return outputs;
  },
  ...(mode === "pullback"
    ? {
        pullback({ inputs: [x, y] }, _cotangent, _wanted, [p, q]) {
          const [dx, dy]: (Value | null)[][] = [[], []];
          if (p != null) {
            dx!.push(elements.mul(p, y!));
            dy!.push(elements.mul(p, x!));
          }
          if (q != null) {
            dx!.push(q);
            dy!.push(elements.mul(elements.add(q, q), y!));
          }
          return [dx!, dy!].map((terms) =>
            terms.reduce((a, b) => (a === null ? b : elements.add(a, b!)), null),
          );
        },
      }
    : {
        pushforward({ inputs: [x, y] }, [dx, dy]) {
          const product = [
            ...(dx == null ? [] : [elements.mul(dx, y!)]),
            ...(dy == null ? [] : [elements.mul(dy, x!)]),
          ];
          const sum = [
            ...(dx == null ? [] : [dx]),
            ...(dy == null ? [] : [elements.mul(elements.add(dy, dy), y!)]),
          ];
          const total = (terms: readonly Value[]) => terms.reduce((a, b) => elements.add(a, b));
          return [total(product), total(sum), null];
        },
      }),
});

const [x, y] = [tensor([1.5, -2, 0.25], { dtype: "float64" }), tensor([0.5, 3, -1], { dtype: "float64" })];
type Both = (x: Tensor, y: Tensor) => Tensor;

describe.each(["pullback", "pushforward"] as const)("with a %s alone", (mode) => {
  const primitive = stated(mode);
  const outputsOf = (x: Tensor, y: Tensor) => applyAll(primitive, [x, y], null) as readonly Tensor[];
  const plain = (x: Tensor, y: Tensor) => [x.mul(y), x.add(y.square())] as const;

  const uses: readonly [string, Both, Both][] = [
    [
      "both outputs",
      (x, y) => outputsOf(x, y)[0]!.sin().add(outputsOf(x, y)[1]!.square()),
      (x, y) => plain(x, y)[0].sin().add(plain(x, y)[1].square()),
    ],
    ["the first alone", (x, y) => outputsOf(x, y)[0]!.exp(), (x, y) => plain(x, y)[0].exp()],
    ["the second alone", (x, y) => outputsOf(x, y)[1]!.exp(), (x, y) => plain(x, y)[1].exp()],
    [
      "an output twice",
      (x, y) => {
        const [p, q] = outputsOf(x, y);
        return p!.mul(p!).mul(q!);
      },
      (x, y) => {
        const [p, q] = plain(x, y);
        return p.mul(p).mul(q);
      },
    ],
    [
      "one output into another's operand",
      (x, y) => outputsOf(outputsOf(x, y)[1]!, outputsOf(x, y)[0]!)[1]!,
      (x, y) => plain(plain(x, y)[1], plain(x, y)[0])[1],
    ],
    [
      "one tensor for both operands",
      (x) => outputsOf(x, x)[0]!.add(outputsOf(x, x)[1]!),
      (x) => plain(x, x)[0].add(plain(x, x)[1]),
    ],
  ];

  // A few roundings apart at most: both sum the same terms, in different orders.
  const near = (got: Tensor, right: Tensor) => {
    expect(got.shape).toEqual(right.shape);
    right.data.forEach((value: number, i: number) => {
      expect(Math.abs(got.data[i]! - value)).toBeLessThanOrEqual(
        8 * Number.EPSILON * Math.max(1, Math.abs(value)),
      );
    });
  };

  test.each(uses)(
    "%s: value and derivatives of order one and two are those of separate primitives",
    (_use, f, right) => {
      near(f(x, y), right(x, y));
      const [sum, rightSum] = [f, right].map((each) => (a: Tensor, b: Tensor) => each(a, b).sum());
      for (const argnums of [0, 1])
        near(
          grad(sum!, { argnums, allowUnused: true })(x, y),
          grad(rightSum!, { argnums, allowUnused: true })(x, y),
        );
      near(jvp((a: Tensor) => f(a, y), x, y).tangent, jvp((a: Tensor) => right(a, y), x, y).tangent);
      near(hessian((a: Tensor) => sum!(a, y))(x), hessian((a: Tensor) => rightSum!(a, y))(x));
      near(jacobian((b: Tensor) => f(x, b).add(b))(y), jacobian((b: Tensor) => right(x, b).add(b))(y));
    },
  );

  test.each(uses)("%s: compiled, recorded and saved it gives the eager numbers", (_use, f, _right) => {
    const eager = f(x, y).toArray();
    const gradient = grad((a: Tensor) => f(a, y).sum());
    for (const build of ["none", undefined] as const) {
      const options = build === undefined ? {} : { build };
      expect(compile(f, options)(x, y).toArray()).toEqual(eager);
      near(compile(gradient, options)(x), gradient(x));
    }
    const program = record(f, x, y);
    expect((program.run(x, y) as Tensor).toArray()).toEqual(eager);
    const loaded = Program.fromJSON(JSON.parse(JSON.stringify(program)), {
      primitives: { threefold: primitive },
    });
    expect((loaded.run(x, y) as Tensor).toArray()).toEqual(eager);
    const tape = tapeOf(f, x, y);
    expect((tape.run(...tape.inputs.map(({ id }) => tape.tensors[id]!)) as Tensor).toArray()).toEqual(eager);
  });

  test("an output that is not a float has no derivative, and the others have theirs", () => {
    const { value, pullback } = vjp((a: Tensor) => outputsOf(a, y)[2]!.cast("float64").mul(a), x);
    expect(value.toArray()).toEqual([1.5, -0, 0.25]);
    expect(pullback(tensor([1, 1, 1], { dtype: "float64" })).toArray()).toEqual([1, 0, 1]);
  });

  test("a program asks the primitive once a call, whichever outputs are used", () => {
    for (const picked of [[0, 1, 2], [1], [2, 0]]) {
      const f = compile((a: Tensor, b: Tensor) => {
        const outputs = outputsOf(a, b);
        return picked.map((i) => outputs[i]!);
      });
      const right = outputsOf(x, y);
      f(x, y);
      evaluations = 0;
      expect(f(y, x).map((each) => each.toArray())).not.toEqual(picked.map((i) => right[i]!.toArray()));
      expect(f(x, y).map((each) => each.toArray())).toEqual(picked.map((i) => right[i]!.toArray()));
      expect(evaluations).toBe(2);
      expect(
        f
          .program(x, y)
          .toString()
          .match(/host call/g),
      ).toHaveLength(1);
    }
  });
});
