// Compiled programs keep variables in memory of their own, and look at them again only if something else than their own
// last run has changed one: every order of programs that read and write one variable, and of what is done between.

import { compile, definePrimitive, type Tensor, tensor, variable } from "@adjoint/autograd";
import { expect, test } from "vitest";
import { runs } from "../../support/runs.ts";
import { Dice } from "../../support/tensors.ts";

test("any order of runs, reads and assignments gives a variable the value that plain numbers have", () => {
  for (let round = 0; round < runs(40, 2000); round++) {
    const dice = new Dice(round);
    const where = `round ${round}`;
    const [a, b] = [variable([1, 2], { name: "a" }), variable([3, 4], { name: "b" })];
    let plain = { a: [1, 2], b: [3, 4] };
    // Small whole numbers, which are exact, by a remainder.
    const next = (x: number, y: number) => (2 * x + y) % 17;
    const writeA = compile(() => a.assign(a.mul(2).add(b).mod(17)));
    const writeB = compile(() => b.assign(b.mul(2).add(a).mod(17)));
    const both = compile(() => {
      a.assign(a.mul(2).add(b).mod(17));
      b.assign(b.mul(2).add(a).mod(17));
    });
    const onlyRead = compile(() => a.sub(b));
    const actions: (() => void)[] = [
      () => {
        writeA();
        plain = { ...plain, a: plain.a.map((x, i) => next(x, plain.b[i]!)) };
      },
      () => {
        writeB();
        plain = { ...plain, b: plain.b.map((x, i) => next(x, plain.a[i]!)) };
      },
      () => {
        both();
        const a = plain.a.map((x, i) => next(x, plain.b[i]!));
        plain = { a, b: plain.b.map((x, i) => next(x, a[i]!)) };
      },
      () => {
        a.assign(a.add(1).mod(17));
        plain = { ...plain, a: plain.a.map((x) => (x + 1) % 17) };
      },
      () => {
        b.assign(tensor([5, 6]));
        plain = { ...plain, b: [5, 6] };
      },
      () => expect([...a.data], where).toEqual(plain.a),
      () => expect([...b.data], where).toEqual(plain.b),
      () => expect([...onlyRead().data], where).toEqual(plain.a.map((x, i) => x - plain.b[i]!)),
    ];
    for (let i = 0; i < 60; i++) actions[dice.below(actions.length)]!();
    expect([[...a.data], [...b.data]], where).toEqual([plain.a, plain.b]);
  }
});

test("a variable that JavaScript assigns in the middle of a run has that value in the next", () => {
  const [watched, written] = [variable(1, { name: "watched" }), variable(0, { name: "written" })];
  let isChanging = false;
  const changing = definePrimitive({
    name: "changing",
    shape: ([shape]) => shape!,
    value([x], out) {
      if (isChanging) watched.assign(watched.item() + 10);
      out.set(x!.data);
    },
  });
  const f = compile((x: Tensor) => {
    written.assign(written.add(changing(x)));
    return watched.mul(1);
  });
  const x = tensor(1);
  expect([f(x), f(x), f(x)].map((y) => y.item())).toEqual([1, 1, 1]);
  isChanging = true;
  f(x);
  isChanging = false;
  expect(f(x).item()).toBe(11);
  expect(f(x).item()).toBe(11);
  expect(written.item()).toBe(6);
});

test("a variable that is read in the middle of a run has the run's value afterwards", () => {
  const count = variable(0, { name: "count" });
  const seen: number[] = [];
  const looking = definePrimitive({
    name: "looking",
    shape: ([shape]) => shape!,
    value([x], out) {
      seen.push(count.item());
      out.set(x!.data);
    },
  });
  const f = compile((x: Tensor) => count.assign(count.add(looking(x))));
  const one = tensor(1);
  for (let i = 0; i < 4; i++) f(one);
  expect(count.item()).toBe(4);
  expect(seen.slice(-3)).toEqual([1, 2, 3]);
});

test("a derivative through a compiled function is refused once another program has written to its variable", () => {
  const w = variable(2, { name: "w" });
  const double = compile((x: Tensor) => x.mul(w));
  const step = compile(() => w.assign(w.add(1)));
  const otherStep = compile(() => w.assign(w.add(2)));
  const isRefused = (y: Tensor) =>
    expect(() => y.backward()).toThrow(/was assigned after the compiled function was called/);
  // All are compiled first, since that reads the variable.
  for (const f of [step, otherStep, () => double(tensor(3)), step, step]) f();
  const before = double(tensor(3));
  step();
  isRefused(before);
  otherStep();
  step();
  const between = double(tensor(3));
  step();
  isRefused(between);
  const beforeReading = double(tensor(3));
  step();
  expect(w.item()).toBe(2 + 7 * 1 + 2 * 2);
  isRefused(beforeReading);
  const after = double(tensor(3));
  after.backward();
  expect(w.grad!.item()).toBe(3);
});
