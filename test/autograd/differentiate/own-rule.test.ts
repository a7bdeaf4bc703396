// Functions with a derivative rule of their own, and linearize: in every mode and order, under vmap, in programs, and what
// they refuse.

import {
  checkpoint,
  compile,
  customJvp,
  customVjp,
  grad,
  hessian,
  hvp,
  jacobian,
  jvp,
  linearize,
  record,
  stopGradient,
  type Tensor,
  tensor,
  variable,
  vjp,
  vmap,
} from "@adjoint/autograd";
import { describe, expect, test } from "vitest";
import { numbers } from "../../support/tensors.ts";

const x3 = tensor([0.5, -1, 2], { dtype: "float64" });
const dx = tensor([1, 2, -1], { dtype: "float64" });

/** log(1 + eˣ), whose own rule is right; and functions whose rules are not those of their values, so that they show. */
const soft = {
  customVjp: customVjp(
    (x: Tensor) => x.exp().add(1).log() as Tensor,
    (x) => ({ value: x.softplus(), pullback: (dy) => dy.mul(x.logistic()) }),
  ),
  customJvp: customJvp(
    (x: Tensor) => x.exp().add(1).log() as Tensor,
    ([x], [along]) => ({ value: x.softplus(), tangent: along.mul(x.logistic()) }),
  ),
};
const tripled = {
  customVjp: customVjp(
    (x: Tensor) => x.mul(1) as Tensor,
    (x) => ({ value: x, pullback: (dy) => dy.mul(x).mul(3) }),
  ),
  customJvp: customJvp(
    (x: Tensor) => x.mul(1) as Tensor,
    ([x], [along]) => ({ value: x, tangent: along.mul(x).mul(3) }),
  ),
};

describe.each(["customVjp", "customJvp"] as const)("a function by %s", (kind) => {
  const [f, g] = [soft[kind], tripled[kind]];
  const loss = (of: (x: Tensor) => Tensor) => (x: Tensor) => of(x).mul(of(x)).sum() as Tensor;

  test("has f's value and the rule's derivative, in both modes and of both orders", () => {
    const plain = (x: Tensor) => x.softplus() as Tensor;
    expect(numbers(f(x3))).toEqual(numbers(x3.exp().add(1).log()));
    // The two losses differ by how their values are rounded.
    const near = (a: Tensor, b: Tensor) =>
      expect(numbers(a)).toEqual(numbers(b).map((x) => expect.closeTo(x, 12)));
    near(grad(loss(f))(x3), grad(loss(plain))(x3));
    near(jvp(f, x3, dx).tangent as Tensor, jvp(plain, x3, dx).tangent);
    near(hvp(loss(f), x3, dx), hvp(loss(plain), x3, dx));
    near(hessian(loss(f))(x3) as Tensor, hessian(loss(plain))(x3) as Tensor);
    near(hessian(loss(f), { mode: "reverse" })(x3) as Tensor, hessian(loss(plain))(x3) as Tensor);
    near(jacobian(f)(x3) as Tensor, jacobian(plain)(x3) as Tensor);
  });

  test("keeps its rule compiled, checkpointed, recorded, under vmap and around it", () => {
    const slope = numbers(x3.mul(3));
    const total = (of: (x: Tensor) => Tensor) => (x: Tensor) => of(x).sum() as Tensor;
    expect(numbers(grad(total(g))(x3))).toEqual(slope);
    expect(numbers(compile(grad(total(g)))(x3))).toEqual(slope);
    expect(numbers(grad(compile(total(g)))(x3))).toEqual(slope);
    const w = variable(x3);
    compile(() => g(w).sum())().backward();
    expect(numbers(w.grad!)).toEqual(slope);
    expect(numbers(grad(checkpoint(total(g)))(x3))).toEqual(slope);
    const program = record(total(g), x3);
    expect(numbers(grad((x: Tensor) => program.run(x) as Tensor)(x3))).toEqual(slope);
    const each = vmap(grad((x: Tensor) => g(x) as Tensor));
    expect(numbers(each(x3))).toEqual(slope);
    expect(numbers(grad((x: Tensor) => vmap((one: Tensor) => g(one))(x).sum() as Tensor)(x3))).toEqual(slope);
    expect(numbers(compile(each)(x3))).toEqual(slope);
    expect(numbers(jvp((x: Tensor) => vmap((one: Tensor) => g(one))(x), x3, dx).tangent)).toEqual(
      numbers(x3.mul(3).mul(dx)),
    );
  });

  test("is not differentiated by what it is made of", () => {
    expect(numbers(grad((x: Tensor) => g(g(x)).sum() as Tensor)(x3))).toEqual(
      numbers(x3.mul(3).mul(x3).mul(3)),
    );
  });
});

describe("arguments and results", () => {
  const scaled = customVjp(
    ({ a, b }: { a: Tensor; b: Tensor }, labels: Tensor, scale: Tensor) => ({
      sum: a.add(b).mul(scale) as Tensor,
      labels: labels.add(1) as Tensor,
    }),
    ({ a, b }, _labels, scale) => ({
      value: null as never,
      pullback: ({ sum }) => [{ a: sum.mul(10), b: sum.mul(100) }, null, sum.mul(a.sub(b)).sum().mul(scale)],
    }),
  );
  const [a, b] = [tensor([1, 2]), tensor([3, 5])];
  const labels = tensor([0, 1], { dtype: "int32" });

  test("are trees, of whose parts some don't move the value", () => {
    const rule = customVjp(
      ({ a, b }: { a: Tensor; b: Tensor }, labels: Tensor, scale: Tensor) => ({
        sum: a.add(b).mul(scale) as Tensor,
        labels: labels.add(1) as Tensor,
      }),
      ({ a, b }, _labels, scale) => ({
        value: { sum: a.add(b).mul(scale), labels },
        pullback: ({ sum }) => [{ a: sum.mul(10), b: sum.mul(100) }, null, sum.mul(a.sub(b)).sum()],
      }),
    );
    const result = rule({ a, b }, labels, tensor(2));
    expect(result.sum.toArray()).toEqual([8, 14]);
    expect(result.labels.toArray()).toEqual([1, 2]);
    const [of, scale] = grad(
      (tree: { a: Tensor; b: Tensor }, s: Tensor) => rule(tree, labels, s).sum.sum() as Tensor,
      { argnums: [0, 1] },
    )({ a, b }, tensor(2)) as unknown as [{ a: Tensor; b: Tensor }, Tensor];
    expect([of.a.toArray(), of.b.toArray(), scale.item()]).toEqual([[10, 10], [100, 100], -5]);
  });

  test("that all parts of a batch share have the sum of the parts' cotangents", () => {
    const product = customVjp(
      (w: Tensor, x: Tensor) => w.mul(x).sum() as Tensor,
      (w, x) => ({ value: w.mul(x).sum(), pullback: (dy) => [dy.mul(x).mul(2), dy.mul(w)] }),
    );
    const xs = tensor([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    const loss = (w: Tensor) =>
      vmap(product as (w: Tensor, x: Tensor) => Tensor, { inAxes: [null, 0] })(w, xs)
        .mul(tensor([1, 2, 3]))
        .sum();
    expect(numbers(grad(loss as (w: Tensor) => Tensor)(a))).toEqual([44, 56]);
  });

  test("are not asked for a value that nobody needs", () => {
    expect(() => scaled({ a, b }, labels, tensor(2))).not.toThrow();
  });
});

test("a straight-through estimator passes what a step takes away", () => {
  const step = customVjp(
    (x: Tensor) => x.floor() as Tensor,
    (x) => ({ value: x.floor(), pullback: (dy) => dy }),
  );
  expect(numbers(grad((x: Tensor) => step(x).mul(x).sum() as Tensor)(x3))).toEqual(
    numbers(x3.floor().add(x3)),
  );
});

describe("linearize", () => {
  test("gives what jvp gives for every tangent, and runs the function once", () => {
    let calls = 0;
    const f = (x: Tensor) => {
      calls++;
      return x.sin().mul(x.sum());
    };
    const { value, pushforward } = linearize(f, x3);
    for (const v of [dx, x3, dx.mul(0)])
      expect(numbers(pushforward(v))).toEqual(numbers(jvp(f, x3, v).tangent));
    expect(numbers(value)).toEqual(numbers(f(x3)));
    expect(calls).toBe(5);
  });

  test("is differentiated through, and says what a tangent lacks", () => {
    const cube = (x: Tensor) => x.mul(x).mul(x) as Tensor;
    const along = (x: Tensor) => linearize(cube, x).pushforward(dx).sum() as Tensor;
    expect(numbers(grad(along)(x3))).toEqual(numbers(x3.mul(6).mul(dx)));
    expect(() => linearize(cube, x3).pushforward(tensor([1]))).toThrow("linearize: the tangent");
    expect(() => linearize(() => tensor(1), x3)).toThrow("linearize: the function's result does not depend");
  });
});

describe("refused is", () => {
  const w = variable([1, 2, 3], { name: "w" });
  const plain = tensor([1, 2, 3]);
  const good = (x: Tensor) => ({ value: x, pullback: (dy: Tensor) => dy });
  const pulled = (pullback: unknown) => () =>
    vjp(
      customVjp(
        (x: Tensor) => x.mul(2) as Tensor,
        (x) => ({ value: x, pullback: pullback as never }),
      ),
      plain,
    ).pullback(plain);
  const told: readonly (readonly [string, () => unknown, string])[] = [
    [
      "a function that reads a variable",
      () => customVjp((x: Tensor) => x.mul(w) as Tensor, good as never)(plain),
      'customVjp: the function takes variable "w", which is differentiated',
    ],
    [
      "a function that takes a watched tensor from around it",
      () =>
        grad((y: Tensor) => customVjp((x: Tensor) => x.mul(y) as Tensor, good as never)(plain).sum())(plain),
      "customVjp: the function takes a tensor [3] from around it, which is differentiated",
    ],
    [
      "a rule that returns no pullback",
      () =>
        vjp(
          customVjp((x: Tensor) => x.mul(2) as Tensor, ((x: Tensor) => x) as never),
          plain,
        ).pullback(plain),
      "customVjp: the rule returned a Tensor; it must return { value, pullback }, as vjp does",
    ],
    ["a pullback that is no function", pulled(3), "customVjp: the rule's pullback: got a number"],
    [
      "a cotangent of another shape",
      pulled((dy: Tensor) => dy.sum()),
      "customVjp: the rule's cotangent is float32 [] where float32 [3] belongs",
    ],
    ["a cotangent that is no tensor", pulled(() => 3), "customVjp: the rule's cotangent is a number"],
    [
      "too few cotangents",
      () =>
        vjp(
          (x: Tensor) =>
            customVjp(
              (a: Tensor, b: Tensor) => a.mul(b) as Tensor,
              (a) => ({ value: a, pullback: (dy) => [dy] }),
            )(x, x),
          plain,
        ).pullback(plain),
      "customVjp: the rule's pullback gave an array of 1 for 2 arguments",
    ],
    [
      "a tangent of another shape",
      () =>
        jvp(
          customJvp(
            (x: Tensor) => x.mul(2) as Tensor,
            ([x], [d]) => ({ value: x, tangent: d.sum() as Tensor }),
          ),
          plain,
          plain,
        ),
      "customJvp: the rule's tangent is float32 [] where float32 [3] belongs",
    ],
    [
      "what is no function",
      () => customVjp(3 as never, good as never),
      "customVjp: got a number where the function belongs",
    ],
    [
      "what is no rule",
      () => customJvp((x: Tensor) => x, 3 as never),
      "customJvp: got a number where the function belongs",
    ],
    [
      "to be saved",
      () =>
        JSON.stringify(
          record(
            customVjp((x: Tensor) => x.mul(2) as Tensor, good as never),
            plain,
          ),
        ),
      "toJSON",
    ],
  ];
  test.each(told)("%s", (_, run, message) => {
    expect(run).toThrow(message);
  });

  test("nothing that is meant as a constant", () => {
    const scaled = customVjp(
      (x: Tensor) => x.mul(stopGradient(w)) as Tensor,
      (x) => ({
        value: x.mul(stopGradient(w)),
        pullback: (dy) => dy.mul(stopGradient(w)),
      }),
    );
    expect(numbers(grad((x: Tensor) => scaled(x).sum() as Tensor)(plain))).toEqual([1, 2, 3]);
    // In a program, what is taken from around is not known yet, and not watched either.
    const inside = compile((x: Tensor, y: Tensor) =>
      grad(
        (z: Tensor) =>
          customVjp(
            (a: Tensor) => a.mul(y) as Tensor,
            (a) => ({ value: a, pullback: (dy) => dy.mul(y) }),
          )(z).sum() as Tensor,
      )(x),
    );
    expect(numbers(inside(plain, plain))).toEqual([1, 2, 3]);
  });
});
