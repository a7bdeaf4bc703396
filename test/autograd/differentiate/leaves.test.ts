// Looking for the variables of a model wherever they are, and what transforms make of the same things as trees.

import {
  activation,
  compile,
  grad,
  jvp,
  leaves,
  record,
  scalar,
  type Tensor,
  Variable,
  vjp,
} from "@adjoint/autograd";
import { describe, expect, test } from "vitest";
import { numbers, parameter, vector } from "../../support/tensors.ts";

const isVariable = (value: unknown): value is Variable => value instanceof Variable;
const pathsIn = (within: unknown) => Object.keys(leaves(within, isVariable));
const w = parameter(2);

class Layer {
  readonly weight = parameter(3);
  readonly #hidden = parameter(1);
  get twice(): Tensor {
    return this.weight.mul(this.#hidden).mul(2);
  }
}

describe("leaves finds what lies", () => {
  test.each<[string, unknown, string[]]>([
    ["there by itself", w, [""]],
    ["in arrays and objects", { a: [{ b: w }] }, ["a.0.b"]],
    [
      "in a Map, by its keys",
      new Map<unknown, unknown>([
        ["x", w],
        [2, [parameter(1)]],
      ]),
      ["x", "2.0"],
    ],
    ["in a Map whose keys are objects, by its place", new Map([[{}, w]]), ["0"]],
    ["in a Set", { s: new Set([w, parameter(1)]) }, ["s.0", "s.1"]],
    ["in an instance of a class", { l: new Layer() }, ["l.weight"]],
    ["in a function with fields", { f: Object.assign((x: Tensor) => x.mul(w), { gain: w }) }, ["f.gain"]],
    ["in fields that are not listed", Object.defineProperty({}, "w", { value: w }), ["w"]],
    ["under a symbol", { [Symbol("s")]: w }, ["Symbol(s)"]],
    [
      "behind an accessor of the object's own",
      {
        get weight() {
          return w;
        },
      },
      ["weight"],
    ],
    [
      "in fields of an array and of a Map",
      [Object.assign([parameter(1)], { gain: w }), Object.assign(new Map(), { g: parameter(1) })],
      ["0.0", "0.gain", "1.g"],
    ],
    ["in an object without a prototype", Object.assign(Object.create(null), { w }), ["w"]],
  ])("%s", (_, within, paths) => {
    expect(pathsIn(within)).toEqual(paths);
  });

  test("once, by the first path, also where it leads back to itself", () => {
    const model: Record<string, unknown> = { a: w, b: [w] };
    model["self"] = model;
    expect(pathsIn(model)).toEqual(["a"]);
  });

  test("by paths that can't be taken for one another", () => {
    const each = () => parameter(1);
    const model = {
      "a.b": each(),
      a: { b: each(), "": each() },
      "": each(),
      "[0]": each(),
      größe: each(),
      ["__proto__"]: each(),
    };
    const found = leaves(model, isVariable);
    expect(Object.keys(found)).toEqual([
      '["a.b"]',
      "a.b",
      'a[""]',
      '[""]',
      '["[0]"]',
      "größe",
      '["__proto__"]',
    ]);
    expect(new Set(Object.values(found)).size).toBe(7);
  });

  test("and of other kinds what is asked for", () => {
    const isNumber = (value: unknown): value is Tensor => (value instanceof Layer) as never;
    expect(Object.keys(leaves({ a: new Layer() }, isNumber))).toEqual(["a"]);
  });
});

describe("leaves does not look", () => {
  test("into tensors, programs, compiled functions and activations, which lead to the engine", () => {
    const step = compile((x: Tensor) => w.mul(x));
    step(vector(1));
    const parts = {
      made: w.mul(2),
      number: scalar(3).mul(2),
      program: record((x: Tensor) => w.mul(x), vector(1)),
      step,
      swish: activation("swish", (x) => x.mul(x.logistic())),
    };
    expect(pathsIn(parts)).toEqual([]);
  });

  test("into what holds nothing that could be found: numbers by the thousand, dates, private fields", () => {
    expect(
      pathsIn([new Float64Array(3), new Date(0), /x/, null, undefined, 1n, "text", Symbol("s")]),
    ).toEqual([]);
  });
});

describe("leaves names", () => {
  test.each<[string, unknown]>([
    ["a Promise", Promise.resolve(w)],
    ["a WeakMap", new WeakMap([[{}, w]])],
    ["a WeakSet", new WeakSet([w])],
    ["a WeakRef", new WeakRef(w)],
  ])("%s, which may hold some and can't be looked into", (kind, value) => {
    expect(() => pathsIn({ a: [{ b: value }] })).toThrow(
      `leaves: what lies at "a.0.b" is ${kind}, which may hold some and can't be looked into`,
    );
  });

  test("a generator, too", () => {
    function* all() {
      yield w;
    }
    expect(() => pathsIn({ all: all() })).toThrow("can't be looked into");
  });

  test("two that would have one path", () => {
    const map = new Map<unknown, Variable>([
      [1, parameter(1)],
      ["1", parameter(2)],
    ]);
    expect(() => pathsIn({ map })).toThrow('two that differ lie at "map.1"');
  });

  test("what is no function", () => {
    expect(() => leaves({}, Variable as never)).not.toThrow(/belongs/);
    expect(() => leaves({}, undefined as never)).toThrow("leaves: got undefined where the function belongs");
  });
});

describe("a tree that a transform takes", () => {
  test("keeps accessors of an object's own, which see the copy's fields", () => {
    const model = {
      w: vector(3),
      get double(): Tensor {
        return this.w.mul(2);
      },
    };
    const f = (m: { w: Tensor }) => (m as typeof model).double.square().sum();
    const gradient = grad(f)(model as { w: Tensor });
    expect(numbers(gradient.w)).toEqual([24]);
    const compiled = compile(f);
    expect([compiled(model), compiled(model)].map((each) => each.item())).toEqual([36, 36]);
  });

  test("gives an accessor of another object another program", () => {
    const make = (by: number) => ({
      w: vector(3),
      get scaled(): Tensor {
        return this.w.mul(by);
      },
    });
    const compiled = compile((m: ReturnType<typeof make>) => m.scaled.sum());
    const [two, five] = [make(2), make(5)];
    expect([two, five, two].map((m) => compiled(m).item())).toEqual([6, 15, 6]);
  });

  test("keeps the class of an array, a Map and a Set", () => {
    class Layers extends Array<Tensor> {
      forward(x: Tensor): Tensor {
        return this.reduce((y, each) => y.mul(each), x);
      }
    }
    class Named extends Map<string, Tensor> {
      get total(): Tensor {
        return [...this.values()].reduce((a, b) => a.add(b));
      }
    }
    class Bag extends Set<Tensor> {
      get total(): Tensor {
        return [...this].reduce((a, b) => a.add(b));
      }
    }
    const layers = Layers.from([vector(2), vector(5)]) as Layers;
    const gradient = grad((l: Layers) => l.forward(vector(3)).sum())(layers);
    expect([...(gradient as unknown as Layers)].map(numbers)).toEqual([[15], [6]]);
    const named = new Named([["a", vector(2)]]);
    expect(numbers(grad((n: Named) => n.total.square().sum())(named).get("a")!)).toEqual([4]);
    const bag = new Bag([vector(2), vector(5)]);
    const ofBag = vjp((b: never) => (b as Bag).total, bag as never).pullback(vector(1));
    expect([...(ofBag as unknown as Bag)].map(numbers)).toEqual([[1], [1]]);
  });

  test("gives a Set as many tensors as it takes, also where two of them are the same, in every order", () => {
    const bag = new Set([vector(2), vector(5)]);
    const sum = (b: typeof bag) => [...b].reduce((x, y) => x.add(y)).sum();
    const ofSum = (b: typeof bag) => grad(sum as never)(b as never) as unknown as typeof bag;
    expect([...ofSum(bag)].map(numbers)).toEqual([[1], [1]]);
    expect([...compile(ofSum)(bag)].map(numbers)).toEqual([[1], [1]]);
    const twice = grad((x: Tensor) => {
      const [a, b] = [...ofSum(new Set([x.square(), x.mul(3)]))];
      return a!.mul(x).add(b!.mul(x)).sum();
    });
    expect(numbers(twice(vector(7)))).toEqual([2]);
    const tangents = jvp((x: Tensor) => new Set([x.add(1), x.add(2)]) as never, vector(1), vector(4)).tangent;
    expect([...(tangents as unknown as typeof bag)].map(numbers)).toEqual([[4], [4]]);
  });

  test.each<[string, () => unknown, string]>([
    [
      "a function that holds a variable",
      () => Object.assign(new Layer(), { f: Object.assign((x: Tensor) => x.mul(w), { gain: w }) }),
      'the argument.f is a function that holds a tensor at "gain"',
    ],
    [
      "fields of an array beside its elements",
      () => Object.assign([parameter(1)], { gain: w }),
      "the argument is an array",
    ],
    [
      "fields of a Map beside its entries",
      () => ({ m: Object.assign(new Map(), { w }) }),
      "the argument.m is a Map",
    ],
    [
      "a Promise in a field",
      () => Object.assign(new Layer(), { later: Promise.resolve(w) }),
      "the argument.later is a Promise",
    ],
  ])("names %s, which a copy would be without", (_, make, text) => {
    const f = (_: never) => w.sum();
    expect(() => grad(f)(make() as never)).toThrow(text);
    expect(() => vjp(f, make() as never)).toThrow(text);
  });

  test("may hold functions and fields without tensors", () => {
    const model = Object.assign(new Layer(), { name: Object.assign(() => "layer", { version: [1, 2] }) });
    const list = Object.assign([model.weight], { note: "text" });
    expect(numbers(grad((_: never) => model.weight.square().sum())(list as never)[0])).toEqual([6]);
    const gradient = grad((_: never) => model.weight.square().sum())(
      model as never,
    ) as unknown as typeof model;
    expect(numbers(gradient.weight)).toEqual([6]);
    expect(gradient.name).toBe(model.name);
  });
});

test("all leaves of a model are a tree that transforms take, whatever the model is", () => {
  const model = {
    layers: new Map([["one", new Layer()]]),
    f: Object.assign(() => 0, { bias: parameter(5) }),
  };
  const layer = model.layers.get("one")!;
  const all = leaves(model, isVariable);
  const gradient = grad((_: typeof all) => layer.weight.square().mul(model.f.bias).sum())(all);
  expect(Object.keys(gradient)).toEqual(["layers.one.weight", "f.bias"]);
  expect(Object.values(gradient).map(numbers)).toEqual([[30], [9]]);
});
