// Steps that hold programs: a function behind `checkpoint` against the function itself. Values and derivatives bit for
// bit, eagerly, compiled, recorded and saved; and nothing on the tape between its operands and its results.

import {
  checkpoint,
  compile,
  grad,
  gradients,
  hessian,
  jacobian,
  jvp,
  noGrad,
  Program,
  randomKey,
  record,
  type Tensor,
  tapeOf,
  tensor,
  uniform,
  variable,
  vjp,
} from "@adjoint/autograd";
import { describe, expect, test } from "vitest";

const float64 = (values: number | number[] | number[][]) => tensor(values, { dtype: "float64" }) as Tensor;
const w = variable(
  float64([
    [1, -2],
    [0.5, 3],
  ]),
  { name: "w" },
);
const b = variable(float64([0.1, -0.2]), { name: "b" });
const x = float64([
  [0.3, -0.7],
  [1.1, 0.2],
]);
const fixed = float64([2, -1]);

const functions: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  "of its argument alone": (t) => t.sin().mul(t).sum(),
  "of variables that it reads": (t) => t.matmul(w).add(b).tanh().square().sum(),
  "of one variable twice": (t) => t.matmul(w).matmul(w).sum(),
  "of a constant around it": (t) => t.mul(fixed).exp().sum(),
  "of nothing but a variable and its argument's shape": (t) =>
    w.slice([0, t.shape[0]!]).exp().add(t.mul(0)).sum(),
  "with a transform inside": (t) =>
    grad((s: Tensor) => s.matmul(w).sin().sum())(t)
      .square()
      .sum(),
  "with a checkpoint inside": (t) =>
    checkpoint((s: Tensor) => s.matmul(w).exp())(t.sin())
      .square()
      .sum(),
  "with draws": (t) => uniform(randomKey(3), [2, 2], { dtype: "float64" }).mul(t).square().sum(),
  "with a branch that is not taken": (t) => t.greater(0).select(t.abs().log(), t.mul(3)).sum(),
  "that lets go of a tape": (t) => t.detach().mul(t).add(t.sin().detach().square()).sum(),
  "with something nobody watches": (t) =>
    noGrad(() => t.square().matmul(w))
      .mul(t)
      .sum(),
  "with a derivative within something nobody watches": (t) =>
    noGrad(() => grad((s: Tensor) => s.sin().mul(s).sum())(t))
      .mul(t)
      .sum(),
  "with a softmax": (t) =>
    t
      .softmax()
      .mul(fixed)
      .add(t.logSumExp({ axis: 0 }))
      .sum(),
  "with a variable of its own": (t) => {
    const own = variable(t.mul(2));
    own.assign(own.value.mul(t));
    return own.value.sum();
  },
};

describe.each(Object.entries(functions))("a function %s", (_of, f) => {
  const kept = (t: Tensor) => checkpoint(f)(t);

  test("has its value and derivatives of order one and two, in both modes", () => {
    expect(kept(x).item()).toBe(f(x).item());
    expect(grad(kept)(x).toArray()).toEqual(grad(f)(x).toArray());
    expect(jvp(kept, x, x).tangent.item()).toBe(jvp(f, x, x).tangent.item());
    expect(hessian(kept)(x).toArray()).toEqual(hessian(f)(x).toArray());
    const both = { w, b };
    const ofVariables = (g: typeof f) => grad((_: typeof both) => g(x), { allowUnused: true })(both);
    expect(ofVariables(kept).w.toArray()).toEqual(ofVariables(f).w.toArray());
    expect(ofVariables(kept).b.toArray()).toEqual(ofVariables(f).b.toArray());
    const second = (g: typeof f) =>
      grad((_: typeof both) => grad(g)(x).square().sum(), { allowUnused: true })(both).w.toArray();
    expect(second(kept)).toEqual(second(f));
  });

  test("is the same compiled, recorded and saved", () => {
    // Other orders of adding in lanes: some roundings of a dozen terms.
    const near = (got: Tensor, right: Tensor) =>
      right.data.forEach((value: number, i: number) => {
        expect(Math.abs(got.data[i]! - value)).toBeLessThanOrEqual(
          64 * Number.EPSILON * Math.max(1, Math.abs(value)),
        );
      });
    near(compile(kept)(x), f(x));
    near(compile(grad(kept))(x), grad(f)(x));
    near(grad(compile(kept))(x), grad(f)(x));
    const program = record(kept, x);
    expect((program.run(x) as Tensor).item()).toBe(f(x).item());
    const loaded = Program.fromJSON(JSON.parse(JSON.stringify(program)));
    expect((loaded.run(x) as Tensor).item()).toBe(f(x).item());
    expect(grad((t: Tensor) => loaded.run(t) as Tensor)(x).toArray()).toEqual(grad(f)(x).toArray());
    expect(loaded.toString()).toBe(program.toString());
  });
});

test("nothing between operands and results stays on the tape, however deep the function is", () => {
  const deep = (t: Tensor) => {
    let y = t;
    for (let i = 0; i < 100; i++) y = y.matmul(w).tanh();
    return y.sum();
  };
  expect(tapeOf(deep(x)).steps.length).toBeGreaterThan(200);
  const tape = tapeOf(checkpoint(deep)(x));
  expect(tape.steps).toHaveLength(1);
  expect(tape.toString()).toContain("    %3 = map tanh(%2): float64 [2, 2]");
});

test("trees of arguments and results, of several types, keep their form and derivatives", () => {
  const f = ({ a, list }: { a: Tensor; list: readonly [Tensor, Tensor] }, scale: Tensor) => ({
    product: a.mul(list[0]).mul(scale),
    rest: [a.greater(list[1]).cast("int32"), list[1]] as const,
  });
  const argument = { a: float64([1, 2]), list: [float64([3, 4]), float64([0, 5])] as const };
  const scale = float64(2);
  const kept = checkpoint(f)(argument, scale);
  expect(kept.product.toArray()).toEqual([6, 16]);
  expect(kept.rest.map((each) => [each.dtype, each.toArray()])).toEqual([
    ["int32", [1, 0]],
    ["float64", [0, 5]],
  ]);
  const gradients = grad((all: typeof argument) => {
    const { product, rest } = checkpoint(f)(all, scale);
    return product.sum().add(rest[1].square().sum());
  })(argument);
  expect([gradients.a, ...gradients.list].map((each) => each.toArray())).toEqual([
    [6, 8],
    [2, 4],
    [0, 10],
  ]);
});

test("a tensor that a transform watches, taken from around the function, has its derivative", () => {
  const outer = (t: Tensor) => checkpoint((s: Tensor) => s.mul(t).sin().sum())(float64([1, 2]));
  const plain = (t: Tensor) => float64([1, 2]).mul(t).sin().sum();
  const at = float64([0.3, 0.4]);
  expect(grad(outer)(at).toArray()).toEqual(grad(plain)(at).toArray());
  expect(hessian(outer)(at).toArray()).toEqual(hessian(plain)(at).toArray());
  const compiled = compile((t: Tensor) => outer(t.mul(2)));
  expect(compiled(at).item()).toBeCloseTo(plain(at.mul(2)).item(), 14);
});

test("backward goes through it to variables, and gradients to its operands", () => {
  const before = x.sin();
  const loss = checkpoint((t: Tensor) => t.matmul(w).tanh().sum());
  const plain = (t: Tensor) => t.matmul(w).tanh().sum();
  loss(before).backward();
  expect(w.grad!.toArray()).toEqual(gradients(plain(before), w).toArray());
  w.clearGrad();
});

describe("what can't be run again is refused, and changes nothing", () => {
  test.each([
    [
      "assigns a variable",
      (t: Tensor) => {
        w.assign(w.value.mul(2));
        return t.sum();
      },
      'checkpoint: the function assigns variable "w"',
    ],
    [
      "asks for numbers",
      (t: Tensor) => (t.sum().item() > 0 ? t.sum() : t.neg().sum()),
      "are asked for while",
    ],
    ["is async", async (t: Tensor) => t.sum(), "checkpoint: the function is async"],
    ["returns no tensors in what can't be looked into", () => new WeakMap(), "checkpoint: the result"],
  ])("a function that %s", (_what, f, says) => {
    const held = w.value.toArray();
    expect(() => checkpoint(f as (t: Tensor) => unknown)(x)).toThrow(says);
    expect(w.value.toArray()).toEqual(held);
  });

  test("a function that throws throws as it does, eagerly and from its numbers", () => {
    expect(() => checkpoint((t: Tensor) => t.matmul(float64([1, 2, 3])))(x)).toThrow(/^matmul/);
    expect(() => checkpoint((t: Tensor) => t.gather(tensor([5], { dtype: "int32" })))(x)).toThrow(
      /^gather: index 5/,
    );
  });

  test("a saved region whose operands do not fit its program", () => {
    const saved = JSON.stringify(record((t: Tensor) => checkpoint((s: Tensor) => s.exp())(t), x));
    const damaged = saved.replace('"shape":[2,2]', '"shape":[2,3]');
    expect(damaged).not.toBe(saved);
    expect(() => Program.fromJSON(JSON.parse(damaged))).toThrow(
      /^Program.fromJSON: steps\[0\].* region: operands/,
    );
    const inner = saved.replace('"primitive":"map"', '"primitive":"mop"');
    expect(() => Program.fromJSON(JSON.parse(inner))).toThrow(
      /^Program.fromJSON: steps\[0\]\.attributes\.program\.\$program is no program: .*"mop"/,
    );
  });
});

test("an argument that the results are no functions of is an error for grad, as without a checkpoint", () => {
  const cases: readonly [string, (t: Tensor) => Tensor][] = [
    ["unused", () => fixed.exp().sum()],
    ["detached", (t) => t.detach().mul(fixed.sum()).sum()],
    ["used where nobody watches", (t) => noGrad(() => t.square()).sum()],
    ["beside a variable", (t) => w.mul(t.detach()).sum()],
  ];
  for (const [what, f] of cases) {
    for (const each of [f, (t: Tensor) => checkpoint(f)(t)])
      expect(() => grad(each)(x), what).toThrow(
        "grad: the function's result does not depend on the argument",
      );
    expect(grad((t: Tensor) => checkpoint(f)(t), { allowUnused: true })(x).toArray()).toEqual([
      [0, 0],
      [0, 0],
    ]);
  }
});

test("results that are arguments, constants, or of no argument are what the function gives", () => {
  expect(checkpoint((t: Tensor) => t)(x).toArray()).toEqual(x.toArray());
  expect(checkpoint(() => fixed)().toArray()).toEqual(fixed.toArray());
  expect(checkpoint((t: Tensor) => [t, fixed, t.neg()])(x).map((each) => each.toArray())).toEqual([
    x.toArray(),
    fixed.toArray(),
    x.neg().toArray(),
  ]);
  expect(jacobian((t: Tensor) => checkpoint((s: Tensor) => s)(t))(float64([1, 2])).toArray()).toEqual([
    [1, 0],
    [0, 1],
  ]);
  expect(
    vjp((t: Tensor) => checkpoint((s: Tensor) => [s, s] as const)(t)[1], x)
      .pullback(x)
      .toArray(),
  ).toEqual(x.toArray());
});
