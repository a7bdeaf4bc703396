// Where a compiled function meets what lies around it: gradients that are only read, transforms that watch what it
// closes over, attributes and arguments that are told apart, programs that are prepared.

import {
  CompileError,
  compile,
  definePrimitive,
  grad,
  jacobian,
  jvp,
  type Tensor,
  tensor,
  variable,
  vjp,
} from "@adjoint/autograd";
import { describe, expect, test } from "vitest";

const numbers = (x: unknown) => Array.from((x as Tensor).data as ArrayLike<number>);

describe("a gradient that a program only reads", () => {
  const withGradient = () => {
    const v = variable(tensor([1, 2, 3]));
    (v.mul(v).sum() as Tensor).backward();
    return v;
  };

  test("is the one that was there before the call", () => {
    const v = withGradient();
    expect(numbers(compile(() => v.grad!.mul(1))())).toEqual([2, 4, 6]);
  });

  test("is read anew in every call", () => {
    const v = withGradient();
    const f = compile(() => v.grad!.mul(1));
    f();
    (v.sum() as Tensor).backward();
    expect(numbers(f())).toEqual([3, 5, 7]);
  });

  test("is right where another variable's gradient is left behind", () => {
    const [v, w] = [withGradient(), variable(tensor([1, 1, 1]))];
    const f = compile(() => {
      (w.mul(5).sum() as Tensor).backward();
      return v.grad!.add(w.grad!);
    });
    expect(numbers(f())).toEqual([7, 9, 11]);
  });

  test.each(["none", undefined] as const)(
    "is missed with words once it has been cleared (build %s)",
    (build) => {
      const v = withGradient();
      const program = compile(() => v.assign(v.grad!), build === undefined ? {} : { build }).program();
      v.clearGrad();
      expect(() => program.run()).toThrow(
        /^compile: the program reads the gradient of a variable, which has none now/,
      );
      expect(numbers(v.value)).toEqual([1, 2, 3]);
    },
  );

  test("may go into what a variable is assigned", () => {
    const v = withGradient();
    compile(() => v.assign(v.value.sub(v.grad!)))();
    expect(numbers(v.value)).toEqual([-1, -2, -3]);
  });
});

describe("a compiled function under a transform has the derivative of what it closes over", () => {
  const [x, along] = [tensor([1, 2], { dtype: "float64" }), tensor([1, 1], { dtype: "float64" })];

  test("in reverse mode", () => {
    expect(numbers(grad((y: Tensor) => compile(() => y.square().sum() as Tensor)())(x))).toEqual([2, 4]);
    const f = (y: Tensor) => compile((z: Tensor) => y.mul(z) as Tensor)(along);
    expect(numbers(vjp(f, x as Tensor).pullback(along as Tensor))).toEqual([1, 1]);
  });

  test("in forward mode", () => {
    const f = (y: Tensor) => compile(() => y.square().sum() as Tensor)();
    expect(numbers(jvp(f, x as Tensor, along as Tensor).tangent)).toEqual([6]);
    const rows = jacobian((y: Tensor) => compile(() => y.square() as Tensor)(), { mode: "forward" });
    expect(numbers(rows(x))).toEqual([2, 0, 0, 4]);
  });

  test("of second order", () => {
    const cube = (y: Tensor) => compile(() => y.mul(y).mul(y).sum() as Tensor)();
    const slope = (y: Tensor) => grad(cube)(y).sum() as Tensor;
    expect(numbers(grad(slope)(x))).toEqual([6, 12]);
  });
});

describe("what tells calls and steps apart", () => {
  const over = definePrimitive<{ by: unknown }>({
    name: "over",
    shape: ([shape]) => shape!,
    value([x], out, { by }) {
      out[0] = x!.data[0]! / Number(by);
    },
  });
  const both = (a: unknown, b: unknown) =>
    compile((x: Tensor) => [over(x, { by: a }), over(x, { by: b })])(tensor([1])).map(
      (each) => numbers(each)[0],
    );

  test("0 and −0 are two attributes, and so are a number and its text", () => {
    expect(both(0, -0)).toEqual([Infinity, -Infinity]);
    expect(both(4, "5")).toEqual([0.25, Math.fround(0.2)]);
    expect(both(Infinity, "2")).toEqual([0, 0.5]);
  });

  test("attributes may be BigInts, and hold themselves", () => {
    expect(both(2n, 4n)).toEqual([0.5, 0.25]);
    const ring: { self?: unknown; valueOf(): number } = { valueOf: () => 8 };
    ring.self = ring;
    expect(both(ring, 2)).toEqual([0.125, 0.5]);
  });

  test("attributes may hold symbols, registered or not", () => {
    const tagged = definePrimitive<{ tag: symbol }>({
      name: "tagged",
      shape: ([shape]) => shape!,
      value([x], out, { tag }) {
        out[0] = x!.data[0]! * tag.description!.length;
      },
    });
    const f = compile((x: Tensor) =>
      [Symbol("a"), Symbol.for("bb"), Symbol("ccc")].map((tag) => tagged(x, { tag })),
    );
    expect(f(tensor([1])).map((each) => numbers(each)[0])).toEqual([1, 2, 3]);
  });

  test("the order of an argument's fields counts", () => {
    const first = compile((o: Record<string, Tensor>) => Object.values(o)[0]!.mul(1));
    const [a, b] = [tensor([1]), tensor([2])];
    expect(numbers(first({ a, b }))).toEqual([1]);
    expect(numbers(first({ b, a }))).toEqual([2]);
    expect(numbers(first({ a: b, b: a }))).toEqual([2]);
    expect(numbers(first({ a }))).toEqual([1]);
  });
});

describe("what a program is given", () => {
  test("a prepared program runs with what it was prepared with", async () => {
    const v = variable(tensor([0]));
    const f = compile((x: Tensor) => v.assign(v.value.add(x)));
    (await f.prepare(tensor([5]))).run();
    expect(numbers(v.value)).toEqual([5]);
    (await f.prepare(tensor([2]))).run();
    expect(numbers(v.value)).toEqual([7]);
  });

  test("a shape is the tensor's own, however it was made", () => {
    const shape = [2, 3];
    const made: Tensor[] = [
      tensor([1, 2, 3, 4, 5, 6], { shape }) as Tensor,
      tensor(new Float32Array(6), { shape }) as Tensor,
      (tensor([1, 2, 3]) as Tensor).broadcastTo(shape) as Tensor,
      (
        tensor([
          [
            [1, 2, 3],
            [4, 5, 6],
          ],
        ]) as Tensor
      ).sumTo(shape) as Tensor,
    ];
    made.push(
      (tensor([[1, 2, 3]]) as Tensor).scatterAdd(tensor([[0, 0, 1]], { dtype: "int32" }), { axis: 0, shape }),
    );
    shape[0] = 9;
    for (const each of made) expect(each.shape).toEqual([2, 3]);
  });

  test("windows keep the steps that they were asked for, also in their derivative", () => {
    const strides = [2];
    const slope = grad((x: Tensor) => {
      const seen = x.windows({ sizes: [2], strides });
      strides[0] = 1;
      return seen.sum() as Tensor;
    });
    expect(numbers(slope(tensor([1, 2, 3, 4, 5])))).toEqual([1, 1, 1, 1, 0]);
  });

  test("an async function is refused, and its rejection ends nothing", async () => {
    const rejections: unknown[] = [];
    const note = (reason: unknown) => rejections.push(reason);
    process.on("unhandledRejection", note);
    const f = compile(async (x: Tensor) => {
      await Promise.resolve();
      return x.item();
    });
    expect(() => f(tensor([1]))).toThrow(CompileError);
    await new Promise((resolve) => setTimeout(resolve, 20));
    process.off("unhandledRejection", note);
    expect(rejections).toEqual([]);
  });
});
