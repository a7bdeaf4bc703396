// Programs of scalars where memory is at its end, and where the functions that they call ask for memory or throw.

import { atom, compile, type Scalar, scalar, type Tensor, tensor } from "@adjoint/autograd";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { heap } from "../../../packages/autograd/src/kernels/heap.ts";
import { bestBuild, webAssembly } from "../../../packages/autograd/src/kernels/webassembly.ts";

const N = 3000;
const x = tensor(new Float32Array(6000).fill(2)) as Tensor;

/** A loop of N rounds, whose frame takes nearly 50 kB. */
function looped(by: number) {
  const data = Array.from({ length: N }, (_, i) => scalar((i % 7) - 3));
  const f = compile(() => data.map((each) => each.square().mul(each).mul(by)).reduce((a, b) => a.add(b)));
  /** The sum of by·x³ and, at the last two leaves, its derivatives 3·by·x². */
  const check = () => {
    for (const leaf of data.slice(-2)) leaf.assign(leaf.value);
    const result = f();
    result.backward();
    const [before, last] = data.slice(-2) as [Scalar, Scalar];
    expect([result.value, before.grad, last.grad]).toEqual([
      data.reduce((sum, { value }) => sum + by * value ** 3, 0),
      3 * by * before.value ** 2,
      3 * by * last.value ** 2,
    ]);
  };
  return { f, check };
}

const tensorPrograms = (count: number) => {
  for (let i = 0; i < count; i++) {
    const f = compile((from: Tensor) => from.mul(x).add(i) as Tensor);
    expect(f(x).data[7]).toBe(4 + i);
  }
};

/** What was used last of all is not taken back, so that is to be something small. */
const useLittle = () => void compile((from: Tensor) => from.add(1))(tensor([1]) as Tensor);

/** Takes parts of so many bytes until there are none. */
function allThatThereIs(bytes: number): number[] {
  const parts: number[] = [];
  expect(() => {
    for (;;) parts.push(heap().allocate(bytes));
  }).toThrow("MiB of memory are needed");
  return parts;
}

describe.skipIf(bestBuild() === "none")("where there is memory for six programs", () => {
  const { memory } = heap();
  const grow = memory.grow.bind(memory);
  let others: number[];

  beforeEach(() => {
    memory.grow = () => {
      throw new RangeError("no more");
    };
    useLittle();
    others = allThatThereIs(50_000);
    for (const start of others.splice(-6)) heap().free(start);
  });
  afterEach(() => {
    memory.grow = grow;
    for (const start of others) heap().free(start);
  });

  test("programs of scalars that nobody drops compute and differentiate in turn, and in the order back", () => {
    const all = Array.from({ length: 9 }, (_, i) => looped(i + 1));
    const before = heap().takenBack;
    for (const { check } of all) check();
    expect(heap().takenBack).toBeGreaterThan(before);
    for (const { check } of all) check();
    for (const { check } of all.reverse()) check();
  });

  test("programs of tensors get the memory of scalars' frames, and these get it again", () => {
    const all = Array.from({ length: 5 }, (_, i) => looped(i + 1));
    for (const { check } of all) {
      check();
      tensorPrograms(3);
      check();
    }
    tensorPrograms(6);
    for (const { check } of all) check();
  });

  test("frames come back to where they were, so that their code is made once each way", () => {
    const all = Array.from({ length: 4 }, (_, i) => looped(i + 1));
    for (const { check } of all) check();
    const before = heap().takenBack;
    tensorPrograms(6);
    expect(heap().takenBack).toBeGreaterThan(before);
    const made = vi.spyOn(webAssembly!, "Module");
    for (const { check } of all) check();
    expect(made).not.toHaveBeenCalled();
    made.mockRestore();
  });

  test("frames whose place somebody keeps move, and the code of both ways goes with them", () => {
    const { check } = looped(2);
    check();
    useLittle();
    const stays = allThatThereIs(25_000);
    for (const start of stays.splice(0, stays.length / 2)) heap().free(start);
    const made = vi.spyOn(webAssembly!, "Module");
    check();
    expect(made).toHaveBeenCalledTimes(2);
    // At the new place code and frames stay.
    check();
    expect(made).toHaveBeenCalledTimes(2);
    made.mockRestore();
    for (const start of stays) heap().free(start);
    check();
  });

  test("a program that loses its frames while it is prepared gets them when it is called", async () => {
    const { f, check } = looped(3);
    const prepared = f.prepare();
    tensorPrograms(6);
    await prepared;
    tensorPrograms(6);
    check();
  });

  test("a loop too large for all of memory says so, and runs where there is more", () => {
    const { check } = looped(2);
    useLittle();
    const stays = allThatThereIs(25_000);
    expect(check).toThrow(/MiB of memory are needed/);
    for (const start of stays) heap().free(start);
    check();
  });

  test("a function called from a loop may ask for so much memory that others must go", () => {
    let calls = 0;
    const hungry = atom({
      name: "hungry",
      arity: 1,
      value: () => {
        if (calls++ % 40 === 20) tensorPrograms(4);
        return 3;
      },
      partials: [(y) => y.mul(0)],
    });
    const greedy = atom({
      name: "greedy",
      arity: 1,
      value: (y) => {
        if (calls++ % 40 === 20) tensorPrograms(4);
        return 3 * y;
      },
      partials: [(y) => hungry(y)],
    });
    const data = Array.from({ length: 200 }, (_, i) => scalar(i));
    const f = compile(() => data.map((each) => greedy(each).add(1).square()));
    const before = heap().takenBack;
    const results = f();
    results.reduce((a, b) => a.add(b)).backward();
    expect(f.program().toString()).toMatch(/loop {9}200 × 3 steps/);
    expect(heap().takenBack).toBeGreaterThan(before);
    expect(results.map(({ value }) => value)).toEqual(data.map((_, i) => (3 * i + 1) ** 2));
    expect(data.map(({ grad }) => grad)).toEqual(data.map((_, i) => 6 * (3 * i + 1)));
  });
});

test.skipIf(bestBuild() === "none")("functions called from a loop may have memory grow", () => {
  const { memory } = heap();
  const size = memory.buffer.byteLength;
  const growAt = (y: number, grown: number) => {
    if (y === 20.5 && memory.buffer.byteLength === size + 65_536 * grown) memory.grow(1);
  };
  const slope = atom({
    name: "slope",
    arity: 1,
    value: (y) => {
      growAt(y, 1);
      return 2;
    },
    partials: [(y) => y.mul(0)],
  });
  const growing = atom({
    name: "growing",
    arity: 1,
    value: (y) => {
      growAt(y, 0);
      return 2 * y;
    },
    partials: [(y) => slope(y)],
  });
  const data = Array.from({ length: 100 }, (_, i) => scalar(i + 0.5));
  const results = compile(() => data.map((each) => growing(each).add(1).square()))();
  results.reduce((a, b) => a.add(b)).backward();
  expect(memory.buffer.byteLength).toBe(size + 2 * 65_536);
  expect(results.map(({ value }) => value)).toEqual(data.map((_, i) => (2 * i + 2) ** 2));
  expect(data.map(({ grad }) => grad)).toEqual(data.map((_, i) => 4 * (2 * i + 2)));
});

test.each(["none", bestBuild()] as const)(
  "what a call that throws has begun is nobody's afterwards, whichever way it went (%s)",
  (build) => {
    const fails = { value: false, slope: false };
    const slope = atom({
      name: "slope",
      arity: 1,
      value: (y) => {
        if (fails.slope && y === 3) throw new RangeError("slope at 3");
        return 2 * y;
      },
      partials: [(y) => y.mul(0).add(2)],
    });
    const fragile = atom({
      name: "fragile",
      arity: 1,
      value: (y) => {
        if (fails.value && y === 3) throw new RangeError("value of 3");
        return y * y;
      },
      partials: [(y) => slope(y)],
    });
    const data = Array.from({ length: 70 }, (_, i) => scalar(i));
    const chain = (each: Scalar) => fragile(each).add(1).mul(each);
    const f = compile(() => data.map(chain).reduce((a, b) => a.add(b)), { build });
    const g = compile((a: Scalar, b: Scalar) => [fragile(a).mul(b), fragile(b).mul(a)] as const, { build });
    const expectRight = () => {
      for (const each of data) each.assign(each.value);
      f().backward();
      // (y² + 1)·y
      expect(data.map(({ grad }) => grad)).toEqual(data.map(({ value }) => 3 * value ** 2 + 1));
    };
    expectRight();

    // A result from before goes back on its own values, not on those of the call that threw.
    const result = f();
    data[5]!.assign(9);
    fails.value = true;
    expect(() => f()).toThrow("value of 3");
    fails.value = false;
    data[5]!.assign(5);
    for (const each of data) each.assign(each.value);
    result.backward();
    expect(data[5]!.grad).toBe(76);
    expectRight();

    const again = f();
    fails.slope = true;
    expect(() => again.backward()).toThrow("slope at 3");
    fails.slope = false;
    expectRight();

    const [p, q] = [scalar(3), scalar(4)];
    const [one, other] = g(p, q);
    fails.slope = true;
    expect(() => one.add(other).backward()).toThrow("slope at 3");
    fails.slope = false;
    for (const each of [p, q]) each.assign(each.value);
    one.add(other).backward();
    // a²b + b²a
    expect([p.grad, q.grad]).toEqual([2 * 12 + 16, 9 + 2 * 12]);
  },
);
