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

/** A Proxy that gives Proxies of what is in it, of whatever `takes` says, as deep reactive state is. */
function deep<T extends object>(target: T, takes: (value: object) => boolean): T {
  return new Proxy(target, {
    get(from, key, receiver) {
      const value: unknown = Reflect.get(from, key, receiver);
      return typeof value === "object" && value !== null && takes(value) ? deep(value, takes) : value;
    },
  });
}

const reactiveTags = ["[object Object]", "[object Array]", "[object Map]", "[object Set]"];

test("reactive state as Vue makes it, of what is tagged as a plain object, leaves tensors and variables alone", () => {
  const state = deep({ x: tensor([1, 2]) as Tensor, in: [{ v: variable([3]) }] }, (value) =>
    reactiveTags.includes(Object.prototype.toString.call(value)),
  );
  const [x, v] = [state.x, state.in[0]!.v];
  expect(numbers(x.add(v))).toEqual([4, 5]);
  v.assign(5);
  expect(numbers(v)).toEqual([5]);
  const f = (t: typeof state) => t.x.mul(t.in[0]!.v).sum() as Tensor;
  expect(numbers(grad(f)(state).x)).toEqual([5, 5]);
  expect(compile(f)(state).item()).toBe(15);
});

test("behind a Proxy a tensor or a variable says how it is had without one", () => {
  const state = deep({ x: tensor([1, 2]) as Tensor, v: variable([3]) }, () => true);
  const other = tensor([1, 2]) as Tensor;
  for (const read of [
    () => state.x.add(1),
    () => other.mul(state.x),
    () => state.x.shape,
    () => state.x.toString(),
    () => compile((y: Tensor) => y.neg() as Tensor)(state.x),
    () => grad((y: Tensor) => y.sum() as Tensor)(state.x),
    () => JSON.stringify(state.x),
  ])
    expect(read).toThrow(/^tensor: it stands behind a Proxy.*toRaw.*markRaw, shallowRef/);
  for (const read of [
    () => state.v.assign(1),
    () => state.v.value,
    () => state.v.grad,
    () => state.v.name,
    () => other.mul(state.v),
  ])
    expect(read).toThrow(/^variable: it stands behind a Proxy.*toRaw.*markRaw, shallowRef/);
});

test("structuredClone and postMessage refuse a tensor or a variable, and say what to send", async () => {
  const watched = variable([2]);
  const { port1 } = new MessageChannel();
  for (const x of [tensor([1]), watched, watched.value, watched.mul(3), tensor([1]).neg()])
    for (const copied of [x, [x], { deep: { x } }])
      for (const copy of [structuredClone, (each: unknown) => port1.postMessage(each)])
        expect(() => copy(copied)).toThrow(/send x\.data, x\.shape and x\.dtype.*could not be cloned/);
  port1.close();
  // What it says works.
  const x = tensor([[1, 2]], { dtype: "float64" }) as Tensor;
  const { data, shape, dtype } = structuredClone({ data: x.data, shape: x.shape, dtype: x.dtype });
  expect((tensor(data, { shape, dtype }) as Tensor).toArray()).toEqual([[1, 2]]);
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
