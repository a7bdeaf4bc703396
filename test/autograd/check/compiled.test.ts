// checkGradients with { compiled: true }: programs that give other numbers than eager code are found, and no others.

import { atom, compile, randomKey, type Tensor, tensor, variable, where } from "@adjoint/autograd";
import { checkGradients } from "@adjoint/autograd/check";
import * as nn from "@adjoint/nn";
import { expect, test } from "vitest";

type Lanes = NonNullable<Parameters<typeof atom<1>>[0]["lanes"]>;
const squared = (name: string, lanes: Lanes) =>
  atom({ name, arity: 1, value: (x) => x * x, partials: [(x) => x.mul(2)], lanes });
const x = tensor([0.5, -1.5, 2, 0, 1], { dtype: "float64" }) as Tensor;
const single = x.cast("float32") as Tensor;

const right = squared("right", (l, v) => l.mul(v, v));
const negated = squared("negated", (l, v) => l.neg(l.mul(v, v)));
const slightly = squared("slightly", (l, v) => l.mul(l.mul(v, v), l.constant(1 + 2 ** -14)));
// The value is right, and its partial derivative is an atom whose lanes are not.
const slope = atom({
  name: "slope",
  arity: 1,
  value: (v) => 2 * v,
  partials: [(v) => v.mul(0).add(2)],
  lanes: (_, v) => v,
});
const onlyBackward = atom({
  name: "onlyBackward",
  arity: 1,
  value: (v) => v * v,
  partials: [(v) => slope(v)],
  lanes: (l, v) => l.mul(v, v),
});

const both = { compiled: true, order: 1 };
const bare = { order: 1 };

test.each([
  ["values", negated, 0],
  ["values by less than float32 shows at first sight", slightly, 0],
  ["gradients", onlyBackward, 1],
] as const)(
  "a program whose %s differ is found, in either type, and only when it is asked for",
  (_name, f, order) => {
    for (const point of [x, single]) {
      const g = (v: Tensor) => f(v) as Tensor;
      expect(checkGradients(g, [point], bare).verdict).toBe("right");
      const report = checkGradients(g, [point], both);
      expect(report.verdict).toBe("wrong");
      expect(report.disagreements[0]?.order).toBe(order);
      expect(report.toString()).toMatch(
        /compiled (values|gradients) against eager ones, of the (result|input)\[0\]: .* compiled, .* step by step/,
      );
    }
  },
);

test("programs of variables, constants, ties and several results are right", () => {
  const w = variable(x);
  const model = nn.mlp([2, 3, 1], { activation: nn.tanh, key: randomKey(0) });
  const data = tensor([
    [0.3, -0.4],
    [1, 2],
  ]);
  const loss = () => model.forward(data).square().mean();
  const cases: [(...inputs: never[]) => unknown, Parameters<typeof checkGradients>[1]][] = [
    [(v: Tensor) => right(v), [x]],
    [(v: Tensor) => right(v), [single]],
    [(v: Tensor) => [v.sin(), v.exp().sum()], [x]],
    [(v: Tensor) => where(v.greater(0.25), v.square(), v.exp()), [x]],
    [(v: Tensor) => v.mul(w), [x]],
    [() => w.square().sum(), { w }],
    [loss, nn.variables(model)],
    [compile(loss), nn.variables(model)],
  ];
  for (const [f, point] of cases) {
    const report = checkGradients(f, point, both);
    expect(report.verdict === "right" ? "right" : report.toString()).toBe("right");
  }
  expect([...w.data]).toEqual([...x.data]);
});

test("a function that can't be compiled says why, and is judged all the same where that is not asked for", () => {
  const branching = (slope: number) => (v: Tensor) => v.mul(v.sum().item() > 0 ? slope : 2);
  expect(() => checkGradients(branching(1), [x], both)).toThrow(/item/);
  for (const options of [{}, bare, { compiled: false }]) {
    expect(checkGradients(branching(1), [x], options).verdict).toBe("right");
    const forgetful = (v: Tensor) => branching(v.sum().item())(v);
    expect(checkGradients(forgetful, [x], options).verdict).toBe("wrong");
  }
});
