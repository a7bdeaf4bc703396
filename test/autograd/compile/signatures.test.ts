// Which calls share a program, and which program goes first.

import { compile, definePrimitive, type Tensor, tensor, variable } from "@adjoint/autograd";
import { describe, expect, test } from "vitest";

const x = tensor([1, 2]) as Tensor;

/** A compiled function, and how often it has been recorded. */
function counted<A extends unknown[], R>(f: (...args: A) => R) {
  const times = { recorded: 0 };
  const compiled = compile((...args: A): R => {
    times.recorded++;
    return f(...args);
  });
  return { compiled, times };
}

describe("what tells calls apart", () => {
  test("0 and −0 do, which have different reciprocals", () => {
    const { compiled, times } = counted((x: Tensor, by: number) => x.mul(1 / by));
    expect(compiled(x, 0).toArray()).toEqual([Infinity, Infinity]);
    expect(compiled(x, -0).toArray()).toEqual([-Infinity, -Infinity]);
    expect(compiled(x, 0).toArray()).toEqual([Infinity, Infinity]);
    expect(times.recorded).toBe(2);
  });

  test.each([NaN, Infinity, -Infinity])(
    "%s is itself: a second call with it uses the program of the first",
    (by) => {
      const { compiled, times } = counted((x: Tensor, by: number) => x.mul(by));
      const first = compiled(x, by).toArray();
      expect(compiled(x, by).toArray()).toEqual(first);
      expect(times.recorded).toBe(1);
    },
  );

  test("the number of elements of an array does, whether it is called with more or fewer at first", () => {
    const sum = (xs: Tensor[]) => xs.reduce((a, b) => a.add(b) as Tensor);
    const all = [[x], [x, x], [x, x, x]];
    for (const order of [all, all.toReversed()]) {
      const { compiled, times } = counted(sum);
      for (const xs of order) expect(compiled(xs).toArray()).toEqual([xs.length, 2 * xs.length]);
      expect(times.recorded).toBe(3);
    }
  });

  test("a field more does, also one that holds undefined", () => {
    const scaled = (o: { x: Tensor; by?: number | undefined }) => o.x.mul(Object.keys(o).length);
    for (const order of [
      [{ x }, { x, by: undefined }],
      [{ x, by: undefined }, { x }],
    ]) {
      const { compiled } = counted(scaled);
      for (const o of order) expect(compiled(o).data[0]).toBe(Object.keys(o).length);
    }
  });

  test("the order of fields does, since a function may go by it", () => {
    const { compiled } = counted((o: Record<string, Tensor>) => {
      const [first, second] = Object.values(o);
      return first!.sub(second!);
    });
    const y = tensor([10, 20]) as Tensor;
    expect(compiled({ x, y }).toArray()).toEqual([-9, -18]);
    expect(compiled({ y, x }).toArray()).toEqual([9, 18]);
  });

  test("the keys of a map do, and how many there are, whichever call is the first", () => {
    type Scaled = Map<string | undefined, Tensor>;
    const f = (map: Scaled) => [...map].map(([key, each]) => each.mul(`${key}`.length));
    const maps: Scaled[] = [
      new Map([["a", x]]),
      new Map([["bb", x]]),
      new Map([
        ["a", x],
        ["bb", x],
      ]),
      new Map([
        ["bb", x],
        ["a", x],
      ]),
      new Map([
        ["a", x],
        [undefined, x],
      ]),
    ];
    for (const order of [maps, maps.toReversed()]) {
      const { compiled, times } = counted(f);
      for (const map of order)
        expect(compiled(map).map(({ data }) => data[0])).toEqual(
          [...map.keys()].map((key) => `${key}`.length),
        );
      expect(times.recorded).toBe(5);
    }
  });

  test("a field more does in an instance of a class, too", () => {
    class Scaled {
      readonly x = x;
      readonly [more: string]: unknown;
    }
    const [more, none] = [1, undefined].map((each) => Object.assign(new Scaled(), { more: each }));
    for (const order of [
      [new Scaled(), more!, none!],
      [none!, more!, new Scaled()],
    ]) {
      const { compiled } = counted((o: Scaled) => o.x.mul(Object.keys(o).length));
      for (const o of order) expect(compiled(o).data[0]).toBe(Object.keys(o).length);
    }
  });

  test("shapes of one size and types of one shape do", () => {
    const { compiled, times } = counted((x: Tensor) => x.sum({ axis: 0 }) as Tensor);
    const numbers = Float32Array.of(1, 2, 3, 4, 5, 6);
    expect(compiled(tensor(numbers, { shape: [2, 3] }) as Tensor).toArray()).toEqual([5, 7, 9]);
    expect(compiled(tensor(numbers, { shape: [3, 2] }) as Tensor).toArray()).toEqual([9, 12]);
    expect(compiled(tensor(numbers, { shape: [6] }) as Tensor).toArray()).toBe(21);
    const double = compiled(tensor(numbers, { shape: [2, 3], dtype: "float64" }) as Tensor);
    expect([double.dtype, double.toArray()]).toEqual(["float64", [5, 7, 9]]);
    expect(times.recorded).toBe(4);
  });
});

describe("of the programs of a function", () => {
  test("the one used last is the first", () => {
    const { compiled } = counted((x: Tensor, by: number) => x.mul(by));
    compiled(x, 1);
    const [one] = compiled.programs;
    compiled(x, 2);
    const [two] = compiled.programs;
    expect(compiled.programs).toEqual([two, one]);
    compiled(x, 1);
    expect(compiled.programs[0]).toBe(one);
    expect(compiled.programs[1]).toBe(two);
  });

  test("one goes for the sixty-fifth, which itself stays", () => {
    const { compiled, times } = counted((x: Tensor, by: number) => x.mul(by));
    for (let by = 0; by < 64; by++) compiled(x, by);
    const before = new Set(compiled.programs);
    compiled(x, 64);
    expect(times.recorded).toBe(65);
    expect(compiled.programs).toHaveLength(64);
    expect(compiled.programs.filter((program) => before.has(program))).toHaveLength(63);
    // Asked for again, the new one and all but one of the others are there.
    expect(before.has(compiled.programs[0]!)).toBe(false);
    compiled(x, 64);
    expect(times.recorded).toBe(65);
  });
});

describe("a compiled function's argument that depends on a variable", () => {
  test("is differentiated through", () => {
    const v = variable([3, 4]);
    const square = compile((x: Tensor) => x.square());
    square(tensor([1, 2]));
    square(v.mul(2)).sum().backward();
    expect(v.grad!.toArray()).toEqual([24, 32]);
  });

  test("is so too when a program has taken it before, while the variable was not watched", () => {
    const v = variable([3, 4]);
    const square = compile((x: Tensor) => x.square());
    const doubled = v.mul(2) as Tensor;
    const asking = definePrimitive({
      name: "asking",
      shape: ([shape]) => shape!,
      value([x], out) {
        out.set(x!.data);
      },
      // While backward runs, nothing is recorded for variables.
      pullback: (_, dy) => [dy.mul(square(doubled))],
    });
    asking(doubled).sum().backward();
    expect(v.grad!.toArray()).toEqual([72, 128]);
    v.clearGrad();
    square(doubled).sum().backward();
    expect(v.grad!.toArray()).toEqual([24, 32]);
  });
});
