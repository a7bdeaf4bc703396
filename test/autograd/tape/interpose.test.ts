// What stands between operations and their results, and what of it lies within another.

import { bind, grad, type Tensor } from "@adjoint/autograd";
import { expect, test } from "vitest";
import { NDArray } from "../../../packages/autograd/src/array/ndarray.ts";
import { type Interposition, interpose } from "../../../packages/autograd/src/tape/interpose.ts";
import type { Primitive } from "../../../packages/autograd/src/tape/value.ts";
import { numbers, parameter, vector } from "../../support/tensors.ts";

/** Notes what it is asked and told, under a name. */
function noting(name: string, notes: string[], also: Interposition = {}): Interposition {
  return {
    replace(primitive) {
      notes.push(`${name} is asked for ${primitive.name}`);
      return also.replace?.(primitive) ?? primitive;
    },
    perturb(operand) {
      notes.push(`${name} sees [${operand.data}]`);
      return also.perturb?.(operand) ?? operand;
    },
    made: ({ array }) => notes.push(`${name} is told of [${array.data}]`),
  };
}

const renamed = (name: string): Interposition => ({
  replace: (primitive: Primitive) => ({ ...primitive, name }),
});
const plus = (by: number): Interposition => ({
  perturb: ({ dtype, shape, data }) =>
    new NDArray(
      dtype,
      shape,
      Float64Array.from(data as Float64Array, (x) => x + by),
    ),
});

test("one within another comes first, and each is asked and told once", () => {
  const notes: string[] = [];
  const result = interpose(noting("outer", notes, plus(10)), () =>
    interpose(noting("inner", notes, { ...renamed("other"), ...plus(1) }), () => vector(3).neg()),
  );
  expect(notes).toEqual([
    "inner is asked for map",
    "outer is asked for other",
    "inner sees [3]",
    "outer sees [4]",
    "outer is told of [-14]",
    "inner is told of [-14]",
  ]);
  expect(numbers(result)).toEqual([-14]);
});

test("three within each other do what they say in turn, and the outer ones go on after the inner is over", () => {
  const notes: string[] = [];
  const told = (name: string): Interposition => ({ made: () => notes.push(name) });
  interpose(told("a"), () => {
    interpose(told("b"), () => {
      interpose(told("c"), () => vector(1).neg());
      notes.push("|");
      vector(1).neg();
    });
    notes.push("|");
    vector(1).neg();
  });
  vector(1).neg();
  expect(notes).toEqual(["a", "b", "c", "|", "a", "b", "|", "a"]);
});

test("what is shaken is the numbers alone: derivatives go to the operands as they are", () => {
  const f = (x: Tensor) => x.square().sum() as Tensor;
  expect(numbers(interpose(plus(1), () => f(vector(3, 5))))).toEqual([4 ** 2 + 1 + (6 ** 2 + 1) + 1]);
  // Steps are made on the operands that were given, whatever was seen in their place.
  const slope = interpose({ perturb: (operand) => operand }, () => grad(f)(vector(3, 5)));
  expect(numbers(slope)).toEqual([6, 10]);
});

test("an operation is asked for once within bind, and reads what is bound around", () => {
  const w = parameter(3);
  for (const run of [
    (notes: string[]) => interpose(noting("one", notes), () => bind({ w }, { w: vector(5) }, () => w.neg())),
    (notes: string[]) => bind({ w }, { w: vector(5) }, () => interpose(noting("one", notes), () => w.neg())),
  ]) {
    const notes: string[] = [];
    expect(numbers(run(notes))).toEqual([-5]);
    expect(notes).toEqual(["one is asked for map", "one sees [5]", "one is told of [-5]"]);
  }
});
