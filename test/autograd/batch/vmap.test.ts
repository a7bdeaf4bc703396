// vmap: axes, trees, what parts share, draws, variables, nesting with the other transforms, and what it refuses.

import {
  bind,
  checkpoint,
  compile,
  definePrimitive,
  grad,
  gradients,
  guarded,
  hessian,
  hvp,
  jacobian,
  jvp,
  noGrad,
  normal,
  randomKey,
  record,
  splitKey,
  stack,
  type Tensor,
  tensor,
  variable,
  vjp,
  vmap,
} from "@adjoint/autograd";
import { crossEntropy, logistic, mlp, variables } from "@adjoint/nn";
import { describe, expect, test } from "vitest";
import { numbers } from "../../support/tensors.ts";

const xs = tensor([
  [1, 2, 3],
  [4, 5, 6],
]);
const cubes = (x: Tensor): Tensor => x.mul(x).mul(x).sum();

describe("parts", () => {
  test("lie along any axis, counted from either end, and so do results", () => {
    expect(vmap((x: Tensor) => x.sum())(xs).toArray()).toEqual([6, 15]);
    expect(vmap((x: Tensor) => x.sum(), { inAxes: 1 })(xs).toArray()).toEqual([5, 7, 9]);
    expect(vmap((x: Tensor) => x.sum(), { inAxes: -1 })(xs).toArray()).toEqual([5, 7, 9]);
    expect(vmap((x: Tensor) => x.mul(2), { outAxes: 1 })(xs).shape).toEqual([3, 2]);
    expect(vmap((x: Tensor) => x.mul(2), { outAxes: -1 })(xs).shape).toEqual([3, 2]);
  });

  test("of trees have axes in trees, of which null shares and leaves alone what it stands for", () => {
    const f = ({ a, b }: { a: Tensor; b: readonly Tensor[] }, name: string, scale: Tensor) => {
      expect(name).toBe("sum");
      return { sum: a.add(b[0]!).mul(scale), first: b[1]! };
    };
    const made = vmap(f, { inAxes: [{ a: 0, b: [1, null] }, null, null], outAxes: { sum: 0, first: null } })(
      { a: xs, b: [xs.transpose(), tensor([7])] },
      "sum",
      tensor(2),
    );
    expect(made.sum.toArray()).toEqual(xs.mul(4).toArray());
    expect(made.first.toArray()).toEqual([7]);
  });

  test("all share what the function takes from around it, and results that don't differ are repeated", () => {
    const w = tensor([1, 10, 100]);
    expect(vmap((x: Tensor) => x.mul(w).sum())(xs).toArray()).toEqual([321, 654]);
    expect(vmap((_: Tensor) => w)(xs).toArray()).toEqual([
      [1, 10, 100],
      [1, 10, 100],
    ]);
  });

  test("may be none, and may be one", () => {
    const none = tensor([], { shape: [0, 3] });
    expect(vmap(cubes)(none).shape).toEqual([0]);
    expect(vmap(grad(cubes))(none).shape).toEqual([0, 3]);
    expect(vmap(cubes)(tensor([[1, 2, 3]])).toArray()).toEqual([36]);
  });

  test("draw by keys of their own", () => {
    const keys = splitKey(randomKey(1), 3);
    const together = vmap((key: Tensor) => normal(key as never, [4]))(stack(keys as never) as Tensor);
    expect(together.toArray()).toEqual(keys.map((key) => normal(key, [4]).toArray()));
    const apart = vmap((key: Tensor) => normal(key as never, [4]), { inAxes: 0 });
    expect(compile(apart)(stack(keys as never) as Tensor).toArray()).toEqual(together.toArray());
  });
});

describe("together with", () => {
  const each = (f: (x: Tensor) => Tensor) => [0, 1].map((i) => f(xs.slice(i) as Tensor).toArray());

  test("grad, jacobian, hessian, hvp and jvp inside, it gives each part's", () => {
    const v = tensor([1, -1, 2]);
    for (const f of [
      grad(cubes),
      jacobian((x: Tensor) => x.sin().mul(x.sum())) as (x: Tensor) => Tensor,
      hessian(cubes) as (x: Tensor) => Tensor,
      (x: Tensor) => hvp(cubes, x, v),
      (x: Tensor) => jvp((y: Tensor) => y.sin(), x, v).tangent,
      (x: Tensor) => vjp((y: Tensor) => y.exp(), x).pullback(v),
    ] as ((x: Tensor) => Tensor)[]) {
      expect(vmap(f)(xs).toArray()).toEqual(each(f));
      expect(numbers(compile(vmap(f))(xs))).toEqual(numbers(vmap(f)(xs)).map((x) => expect.closeTo(x, 4)));
    }
  });

  test("transforms around it, derivatives go through it, of second order too", () => {
    const many = (x: Tensor) => vmap(cubes)(x).sum() as Tensor;
    expect(grad(many)(xs).toArray()).toEqual(xs.square().mul(3).toArray());
    expect(hvp(many, xs, xs).toArray()).toEqual(xs.mul(6).mul(xs).toArray());
    expect(jvp((x: Tensor) => vmap(cubes)(x), xs, xs).tangent.toArray()).toEqual([108, 1215]);
    const gradient = (x: Tensor) => vmap(grad(cubes))(x).square().sum() as Tensor;
    // The gradient of Σ (3x²)² is 36x³.
    expect(grad(gradient)(xs).toArray()).toEqual(xs.mul(xs).mul(xs).mul(36).toArray());
  });

  test("a derivative that is constant, a transform around it sees zeros and no error", () => {
    const slopes = (x: Tensor) => vmap(grad((y: Tensor) => y.mul(3).sum() as Tensor))(x).sum() as Tensor;
    expect(grad(slopes)(xs).toArray()).toEqual(xs.mul(0).toArray());
  });

  test("itself, an outer part meets an inner one", () => {
    const outer = vmap((a: Tensor) => vmap((b: Tensor) => a.mul(b))(tensor([1, 2, 3])));
    expect(outer(tensor([10, 20])).toArray()).toEqual([
      [10, 20, 30],
      [20, 40, 60],
    ]);
    const all = vmap(vmap(grad((x: Tensor) => x.square() as Tensor)));
    expect(all(xs).toArray()).toEqual(xs.mul(2).toArray());
  });

  test("programs, it is recorded, saved and run again", () => {
    const program = record(vmap(grad(cubes)), xs);
    expect((program.run(xs.mul(2)) as Tensor).toArray()).toEqual(xs.square().mul(12).toArray());
  });

  test("checkpoint, noGrad and gradients, it gives each part's", () => {
    const block = checkpoint((x: Tensor) => x.sin().sum() as Tensor);
    expect(vmap(grad(block))(xs).toArray()).toEqual(xs.cos().toArray());
    expect(grad((x: Tensor) => vmap(block)(x).sum() as Tensor)(xs).toArray()).toEqual(xs.cos().toArray());
    const held = (x: Tensor) =>
      noGrad(() => x.square())
        .mul(x)
        .sum() as Tensor;
    expect(vmap(grad(held))(xs).toArray()).toEqual(xs.square().toArray());
    const inner = (x: Tensor) => {
      const y = x.square();
      return grad((z: Tensor) => gradients(z.mul(z).sum(), z).sum() as Tensor)(y);
    };
    expect(vmap(inner)(xs).toArray()).toEqual(xs.mul(0).add(2).toArray());
  });
});

describe("variables", () => {
  test("around the function are shared, and gradients reach them", () => {
    const w = variable([1, 10, 100]);
    vmap((x: Tensor) => x.mul(w).sum())(xs)
      .sum()
      .backward();
    expect(numbers(w.grad!)).toEqual([5, 7, 9]);
  });

  test("among the arguments are read part by part, as what the function reads in them", () => {
    const w = variable([
      [1, 2],
      [3, 4],
    ]);
    const f = vmap((own: Tensor) => {
      expect(own).toBe(w);
      return own.sum().add(w.mul(10).sum());
    });
    expect(f(w).toArray()).toEqual([33, 77]);
    expect(w.toArray()).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  test("of a model give per-sample gradients, equal to those of each sample alone, compiled too", () => {
    const model = mlp([3, 4, 2], { activation: logistic, key: randomKey(1) });
    const all = variables(model);
    const labels = tensor([0, 1], { dtype: "int32" });
    const loss = (x: Tensor, y: Tensor) =>
      crossEntropy(model.forward(x.reshape([1, 3])) as Tensor, y.reshape([1]));
    const gradient = (x: Tensor, y: Tensor) => grad((_: typeof all) => loss(x, y) as Tensor)(all);
    const together = vmap(gradient)(xs, labels);
    const compiled = compile(vmap(gradient))(xs, labels);
    for (const [path, tensors] of Object.entries(together)) {
      const apart = [0, 1].map((i) => gradient(xs.slice(i) as Tensor, labels.slice(i) as Tensor)[path]!);
      expect(tensors.toArray()).toEqual(apart.map((one) => one.toArray()));
      // Compiled, products and sums may round otherwise.
      expect(numbers(compiled[path]!)).toEqual(numbers(tensors).map((x) => expect.closeTo(x, 5)));
    }
  });

  test("of an ensemble are bound to stacked values", () => {
    const models = [1, 2, 3].map((seed) => mlp([3, 2], { activation: logistic, key: randomKey(seed) }));
    const [first] = models;
    const own = variables(first!);
    const stacked = Object.fromEntries(
      Object.keys(own).map((path) => [
        path,
        stack(models.map((each) => variables(each)[path]!.value) as never),
      ]),
    );
    const together = vmap((values: typeof stacked) => bind(own, values, () => first!.forward(xs)))(
      stacked as never,
    );
    expect(together.toArray()).toEqual(models.map((each) => each.forward(xs).toArray()));
  });

  test("made inside may hold parts", () => {
    const f = (x: Tensor) => {
      const v = variable(x);
      v.assign(v.mul(2));
      return v.sum() as Tensor;
    };
    expect(vmap(f)(xs).toArray()).toEqual([12, 30]);
  });
});

test("a primitive of one's own is applied part by part, and checks that are functions see one part", () => {
  const shapes: string[] = [];
  const cube = definePrimitive({
    name: "cube",
    shape: ([shape]) => shape!,
    value([x], out) {
      shapes.push(x!.shape.join());
      for (let i = 0; i < out.length; i++) out[i] = x!.data[i]! ** 3;
    },
    pullback: ({ inputs: [x] }, dy) => [dy.mul(x!.square()).mul(3)],
  });
  expect(vmap(grad((x: Tensor) => cube(x).sum() as Tensor))(xs).toArray()).toEqual(
    xs.square().mul(3).toArray(),
  );
  expect(shapes).toEqual(["3", "3"]);
  expect(vmap(cube as (x: Tensor) => Tensor)(tensor([], { shape: [0, 3] })).shape).toEqual([0, 3]);
  const lengths: number[] = [];
  vmap((x: Tensor) => guarded(x, (elements) => void lengths.push(elements.length)))(xs);
  expect(lengths).toEqual([3, 3]);
});

describe("an error says", () => {
  const w = variable([1, 2, 3], { name: "w" });
  const told: readonly (readonly [string, () => unknown, string])[] = [
    [
      "that numbers are asked for",
      () => vmap((x: Tensor) => x.sum().item())(xs),
      "vmap: the numbers of float32 []",
    ],
    [
      "that a variable is assigned",
      () => vmap((x: Tensor) => w.assign(x))(xs),
      'vmap: the function assigns variable "w"',
    ],
    [
      "that a gradient is added to a variable",
      () => vmap((x: Tensor) => x.mul(w).sum().backward())(xs),
      'vmap: the function changes the gradient of variable "w"',
    ],
    [
      "which shapes of parts don't fit",
      () => vmap((x: Tensor) => x.matmul(tensor([1, 2])))(xs),
      "matmul: [3] · [2]",
    ],
    [
      "which numbers of parts differ",
      () => vmap((x: Tensor, y: Tensor) => x.add(y))(xs, tensor([1, 2, 3])),
      "vmap: argument 1 of shape [3] has 3 parts along axis 0, and argument 0 has 2",
    ],
    [
      "that a number has no parts",
      () => vmap((x: Tensor) => x)(tensor(1)),
      "vmap: argument 0 is a single number",
    ],
    [
      "that no argument has parts",
      () => vmap((x: Tensor) => x, { inAxes: null })(xs),
      "vmap: no argument has parts",
    ],
    ["that there is no such axis", () => vmap((x: Tensor) => x, { inAxes: 2 })(xs), "vmap: argument 0"],
    [
      "that axes and arguments differ in number",
      () => vmap((x: Tensor) => x, { inAxes: [0, 0] })(xs),
      "vmap: inAxes has 2 entries, and the call 1 arguments",
    ],
    [
      "that axes are not of the argument's form",
      () => vmap(({ a }: { a: Tensor }) => a, { inAxes: [{ b: 0 }] })({ a: xs }),
      'vmap: the axes of argument 0 and argument 0 itself differ in the field "a"',
    ],
    [
      "that a result said to be shared is not",
      () => vmap((x: Tensor) => x, { outAxes: null })(xs),
      "vmap: the function's result differs from part to part",
    ],
    [
      "that the function is async",
      () => vmap(async (x: Tensor) => x)(xs),
      "vmap: the function's result is a Promise",
    ],
    ["what is no function", () => vmap(3 as never), "vmap: got a number where the function belongs"],
  ];
  test.each(told)("%s", (_, run, message) => {
    expect(run).toThrow(message);
    expect(w.grad).toBeNull();
    expect(numbers(w)).toEqual([1, 2, 3]);
  });
});
