// Memory that is at its end: programs that are not running give theirs up, and take it again when they are called.

import { atom, compile, grad, guarded, type Tensor, tensor, variable } from "@adjoint/autograd";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { heap } from "../../../packages/autograd/src/kernels/heap.ts";
import { bestBuild, webAssembly } from "../../../packages/autograd/src/kernels/webassembly.ts";

const N = 100_000;
const x = tensor(Float32Array.from({ length: N }, (_, i) => i % 7)) as Tensor;

describe.skipIf(bestBuild() === "none")("where memory does not grow beyond a few programs", () => {
  const { memory } = heap();
  const grow = memory.grow.bind(memory);

  beforeEach(() => {
    const most = memory.buffer.byteLength + 4 * 2 ** 20;
    memory.grow = (pages) => {
      if (memory.buffer.byteLength + 65_536 * pages > most) throw new RangeError("no more");
      return grow(pages);
    };
  });
  afterEach(() => {
    memory.grow = grow;
  });

  const programs = (count: number) =>
    Array.from({ length: count }, (_, i) =>
      // Its argument, its constant and its result lie in memory.
      compile((from: Tensor) => from.mul(x).add(i).add(from.sum()) as Tensor),
    );

  test("fifty programs that nobody drops compute in turn, and in the order back", () => {
    const all = programs(50);
    const total = [...x.data].reduce((sum, each) => sum + each, 0);
    const check = (f: (from: Tensor) => Tensor, i: number) => {
      const { data } = f(x);
      expect([data[1], data[6], data[N - 1]]).toEqual(
        [1, 36, (x.data[N - 1] ?? 0) ** 2].map((y) => y + i + total),
      );
    };
    all.forEach(check);
    expect(heap().takenBack).toBeGreaterThan(0);
    all.forEach(check);
    for (const [i, f] of [...all.entries()].reverse()) check(f, i);
  });

  test("programs come back to where they were, so that their code is made once", () => {
    const all = programs(30);
    for (const f of all) f(x);
    const made = vi.spyOn(webAssembly!, "Module");
    const before = heap().takenBack;
    for (const f of all) f(x);
    expect(heap().takenBack).toBeGreaterThan(before);
    expect(made).not.toHaveBeenCalled();
    made.mockRestore();
  });

  test("a program that is run again has its arguments and its variables as they were", () => {
    const sum = variable(tensor(new Float32Array(N)) as Tensor);
    const step = compile((by: Tensor) => sum.assign(sum.add(by.mul(x)) as Tensor));
    const program = step.program(tensor(new Float32Array(N).fill(2)) as Tensor);
    for (let i = 0; i < 3; i++) {
      program.run();
      for (const f of programs(30)) f(x);
    }
    expect(sum.value.data[6]).toBe(36);
    // Written without being read, and taken back in between.
    const set = compile((to: Tensor) => sum.assign(to.add(1) as Tensor));
    set(x);
    for (const f of programs(30)) f(x);
    set(x.add(1) as Tensor);
    for (const f of programs(30)) f(x);
    expect(sum.value.data[6]).toBe(8);
  });

  test("values of variables that only a program holds survive, as do assignments and results from before", () => {
    const all = Array.from({ length: 40 }, (_, i) => {
      const w = variable(tensor(new Float32Array(N).fill(i)) as Tensor);
      const step = compile(() => {
        const slope = grad((at: Tensor) => at.square().sum() as Tensor)(w.value) as Tensor;
        w.assign(w.sub(slope.mul(0.25)) as Tensor);
        return w.mul(2) as Tensor;
      });
      return { w, step, first: step() };
    });
    all.forEach(({ w, step, first }, i) => {
      expect(first.data[N - 1]).toBe(i);
      if (i % 3 === 0) w.assign(8);
      expect(step().data[0]).toBe(i % 3 === 0 ? 8 : i / 2);
      expect(w.value.data[N - 1]).toBe(i % 3 === 0 ? 4 : i / 4);
    });
  });

  test("two programs share a variable that moved", () => {
    const w = variable(tensor(new Float32Array(N).fill(1)) as Tensor);
    const [double, add] = [
      compile(() => w.assign(w.mul(2) as Tensor)),
      compile((by: Tensor) => w.assign(w.add(by) as Tensor)),
    ];
    for (let i = 0; i < 4; i++) {
      double();
      for (const f of programs(17 + i)) f(x);
      add(x);
      for (const f of programs(11)) f(x);
    }
    // (((1·2 + 6)·2 + 6)·2 + 6)·2 + 6
    expect(w.value.data[6]).toBe(106);
  });

  test("a program too large for all of memory says so, and others go on", () => {
    const [small] = programs(1);
    const before = small!(x).data[3];
    const large = tensor(new Float32Array(20 * N)) as Tensor;
    expect(() => compile((from: Tensor) => from.add(1))(large)).toThrow(/MiB of memory are needed/);
    expect(small!(x).data[3]).toBe(before);
  });

  test("a program that moved looks at the numbers where they are now", () => {
    const looked: number[] = [];
    const look = (elements: ArrayLike<number>) => {
      looked.push(elements[6]!);
      if (elements[1] === 9) throw new RangeError("nine");
    };
    const wide = tensor(new Float32Array(2).fill(1)) as Tensor;
    // One look where the numbers lie, and one through a view that brings them to one place.
    const f = compile((from: Tensor) => {
      const turned = guarded(from.reshape([2, N / 2]).transpose(), look);
      return guarded(from, look).add(turned.mul(wide).sum());
    });
    const g = f as (from: Tensor) => Tensor;
    g(x);
    // What was used last of all is not taken back.
    compile((from: Tensor) => from.add(1))(tensor([1]) as Tensor);
    // What stays takes the place of everything; half of it goes again, but not what came last and lies where f was.
    const stays: number[] = [];
    expect(() => {
      for (;;) stays.push(heap().allocate(4 * N));
    }).toThrow("MiB of memory are needed");
    for (const start of stays.splice(0, stays.length / 2)) heap().free(start);
    const made = vi.spyOn(webAssembly!, "Module");
    looked.length = 0;
    const expected = x.data[6]! + [...x.data].reduce((sum, each) => sum + each, 0);
    expect(g(x).data[6]).toBe(expected);
    expect(made).toHaveBeenCalledTimes(1);
    made.mockRestore();
    expect(looked.toSorted((a, b) => a - b)).toEqual([x.data[3]!, x.data[6]!].toSorted((a, b) => a - b));
    const nine = tensor(x.data.map((each, i) => (i === 1 ? 9 : each)) as Float32Array) as Tensor;
    expect(() => g(nine)).toThrow("nine");
    for (const start of stays) heap().free(start);
  });

  test("an atom that is called element by element may ask for so much memory that others must go", () => {
    let calls = 0;
    const greedy = atom({
      name: "greedy",
      arity: 1,
      value: (y) => {
        if (calls++ % 100 === 50) for (const f of programs(20)) f(x);
        return 3 * y;
      },
      partials: [(y) => y.mul(0).add(3)],
    });
    const numbers = tensor(Array.from({ length: 200 }, (_, i) => i));
    const f = compile((from: Tensor) => greedy(from.add(1)).square() as Tensor);
    const before = heap().takenBack;
    const { data } = f(numbers as Tensor);
    expect(heap().takenBack).toBeGreaterThan(before);
    expect([...data]).toEqual(Array.from({ length: 200 }, (_, i) => 9 * (i + 1) ** 2));
  });
});

test("of 65 calls that come in turn few are compiled again", () => {
  let recorded = 0;
  const f = compile((from: Tensor) => {
    recorded++;
    return from.mul(2) as Tensor;
  });
  const inputs = Array.from({ length: 65 }, (_, i) => tensor(new Float32Array(i + 1).fill(i)) as Tensor);
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  for (let round = 0; round < 10; round++)
    for (const [i, input] of inputs.entries()) expect(f(input).data[i]).toBe(2 * i);
  warn.mockRestore();
  expect(f.programs.length).toBe(64);
  // Dropping the one used longest ago, it would be 650.
  expect(recorded).toBeLessThan(65 + 10 * 8);
});
