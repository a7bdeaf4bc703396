// What comes from elsewhere: other realms, another copy of the package, JSON.

import { runInNewContext } from "node:vm";
import { compile, grad, type Tensor, tensor, variable } from "@adjoint/autograd";
import { expect, test } from "vitest";

const numbers = (x: unknown) => Array.from((x as Tensor).data as ArrayLike<number>);

test("typed arrays of another realm are typed arrays, of their own element type", () => {
  const foreign = (text: string) => runInNewContext(text) as never;
  for (const [name, dtype] of [
    ["Float32Array", "float32"],
    ["Float64Array", "float64"],
    ["Int32Array", "int32"],
    ["Uint8Array", "bool"],
  ] as const) {
    const x = tensor(foreign(`new ${name}([1, 0, 1])`)) as Tensor;
    expect([x.dtype, numbers(x)]).toEqual([dtype, [1, 0, 1]]);
  }
  expect(() => tensor(foreign("new Uint8Array([2])"))).toThrow("is read as truth values");
  expect(() => tensor(foreign("new Int8Array([2])"))).toThrow("Int8Array holds no element type");
  expect(tensor(Buffer.from([1, 0])).dtype).toBe("bool");
  expect(numbers(tensor(foreign("[[1, 2], [3, 4]]")))).toEqual([1, 2, 3, 4]);
});

test("plain objects, arrays and Maps of another realm are trees", () => {
  const tree = runInNewContext("({ list: [null], map: new Map() })") as {
    list: Tensor[];
    map: Map<string, Tensor>;
  };
  tree.list[0] = tensor([3]);
  tree.map.set("a", tensor([5]));
  const f = (t: typeof tree) => t.list[0]!.mul(t.map.get("a")!).sum();
  const gradient = grad(f)(tree);
  expect([numbers(gradient.list[0]), numbers(gradient.map.get("a"))]).toEqual([[5], [3]]);
  expect(compile(f)(tree).item()).toBe(15);
  expect(compile((t: typeof tree) => t.list[0]!.neg())(tree).toArray()).toEqual([-3]);
});

test("a reactive Proxy of a tree is the tree, also in a program", () => {
  const tree = { w: tensor([3]) };
  const f = (t: typeof tree) => t.w.square().sum();
  const proxy = new Proxy(tree, {});
  expect(numbers(grad(f)(proxy).w)).toEqual([6]);
  expect(compile(f)(proxy).item()).toBe(9);
});

test("a tensor of another copy of the package is refused as that", () => {
  const foreign = Object.create({ [Symbol.for("@adjoint/autograd tensor")]: true }) as Tensor;
  expect(() => tensor([1]).add(foreign)).toThrow("a tensor of another copy of @adjoint/autograd");
  expect(() => tensor([[1]]).matmul(foreign as never)).toThrow(
    "a tensor of another copy of @adjoint/autograd",
  );
});

test("JSON keeps every number, and tensor reads it back", () => {
  for (const x of [tensor([NaN, Infinity, -Infinity, -0, 1.5]), variable([[NaN, -0]])] as Tensor[]) {
    const { data, shape, dtype } = JSON.parse(JSON.stringify(x)) as {
      data: number[];
      shape: number[];
      dtype: "float32";
    };
    const back = tensor(data, { shape, dtype }) as Tensor;
    expect(back.shape).toEqual(x.shape);
    numbers(back).forEach((value, i) => {
      expect(Object.is(value, numbers(x)[i])).toBe(true);
    });
  }
  expect(() => tensor(["nan"] as never)).toThrow("a string is no element");
});
