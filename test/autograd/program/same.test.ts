// When two steps are one: the keys of their attributes.

import { compile, definePrimitive, type Tensor, tensor } from "@adjoint/autograd";
import { expect, test } from "vitest";
import { keyOf, nameOf } from "../../../packages/autograd/src/program/same.ts";

class Setting {
  readonly rate: number;
  constructor(rate: number) {
    this.rate = rate;
  }
}

function ring(): object {
  const one: { self?: unknown; rate: number } = { rate: 1 };
  one.self = [one];
  return one;
}

const f = () => 1;
const setting = new Setting(1);
const round = ring();

test.each<[string, unknown, unknown]>([
  ["0 and −0", 0, -0],
  ["a number and its text", 1, "1"],
  ["a number and a whole number without end", 1, 1n],
  ["a truth value and its text", true, "true"],
  ["null and its text", null, "null"],
  ["undefined and its text", undefined, "undefined"],
  ["null and undefined", { axis: null }, { axis: undefined }],
  ["a text with a comma and two texts", ["a,b"], ["a", "b"]],
  ["a text with quotes and two texts", ['a","b'], ["a", "b"]],
  ["lists of other lengths", [1, [2]], [[1], 2]],
  ["an empty list and an empty object", [], {}],
  ["fields of other names", { a: 1 }, { b: 1 }],
  ["a field more", { a: 1 }, { a: 1, b: undefined }],
  ["functions of one text", () => 1, () => 1],
  ["instances of one class with the same fields", new Setting(1), new Setting(1)],
  ["an instance and an object with its fields", setting, { rate: 1 }],
  ["two moments", new Date(0), new Date(1)],
  ["symbols of one name", Symbol("a"), Symbol("a")],
  ["two objects that hold themselves", ring(), ring()],
])("%s have two keys", (_, one, other) => {
  expect(keyOf(one)).not.toBe(keyOf(other));
  expect(keyOf({ deep: [one] })).not.toBe(keyOf({ deep: [other] }));
});

test.each<[string, unknown, unknown]>([
  ["equal numbers", -0.5, -0.5],
  ["NaN and NaN", NaN, 0 / 0],
  ["equal texts", "axis", "axis"],
  [
    "equal lists and objects",
    { axes: [1, { deep: true }], shape: null },
    { axes: [1, { deep: true }], shape: null },
  ],
  ["objects with and without a prototype", { a: 1 }, Object.assign(Object.create(null) as object, { a: 1 })],
  ["one function", f, f],
  ["one instance", setting, setting],
  ["one object that holds itself", round, round],
  ["an object held twice, beside itself", [round, round], [round, round]],
])("%s have one key", (_, one, other) => {
  expect(keyOf(one)).toBe(keyOf(other));
  expect(keyOf({ deep: [one] })).toBe(keyOf({ deep: [other] }));
});

test("a thing keeps its name, and no other thing has it", () => {
  const things = [f, setting, round, {}, []];
  const names = things.map(nameOf);
  expect(new Set(names).size).toBe(things.length);
  expect(things.map(nameOf)).toEqual(names);
});

test("a compiled function does steps of other attributes each for itself", () => {
  const told = definePrimitive<{ readonly by: unknown }>({
    name: "told",
    shape: ([shape]) => shape!,
    value([x], out, { by }) {
      const [plus, times] = [Object.is(by, -0) ? -1 : 1, by instanceof Date ? by.getTime() : Number(by)];
      for (let i = 0; i < out.length; i++) out[i] = x!.data[i]! * times + plus;
    },
  });
  const all = (x: Tensor) => [0, -0, 1, "2", new Date(3), new Date(4)].map((by) => told(x, { by }).sum());
  const x = tensor([10]) as Tensor;
  expect(compile(all)(x).map((each) => (each as Tensor).item())).toEqual([1, -1, 11, 21, 31, 41]);
});

test("a compiled function does two operations on the same operands each for itself", () => {
  const times = (name: string, by: number) =>
    definePrimitive({
      name,
      shape: ([shape]) => shape!,
      value([x], out) {
        for (let i = 0; i < out.length; i++) out[i] = x!.data[i]! * by;
      },
    });
  const [double, triple] = [times("times", 2), times("times", 3)];
  const f = compile((x: Tensor) => [double(x), triple(x), double(x)]);
  expect(f(tensor([5]) as Tensor).map((each) => each.toArray())).toEqual([[10], [15], [10]]);
});
