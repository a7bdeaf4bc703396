// What guards in programs are shown: the numbers of this call, wherever they lie.

import { compile, guarded, Program, record, type Tensor, tensor, variable } from "@adjoint/autograd";
import { describe, expect, test } from "vitest";

/** A check that notes what it is shown. */
function noting() {
  const shown: number[][] = [];
  return { shown, check: (elements: ArrayLike<number>) => void shown.push(Array.from(elements)) };
}

const square = (...values: number[]) => tensor(values, { shape: [2, 2] }) as Tensor;

test.each([
  ["as they lie", (x: Tensor) => x, [1, 2, 3, 4]],
  ["transposed", (x: Tensor) => x.transpose() as Tensor, [1, 3, 2, 4]],
  ["a column of them", (x: Tensor) => x.slice(null, 1) as Tensor, [2, 4]],
  ["backwards", (x: Tensor) => x.flip() as Tensor, [4, 3, 2, 1]],
  ["computed", (x: Tensor) => x.mul(2) as Tensor, [2, 4, 6, 8]],
] as const)(
  "guards are shown an argument's numbers %s, in every call, also after memory has grown",
  (_how, seen, first) => {
    const { shown, check } = noting();
    const f = compile((x: Tensor) => guarded(seen(x), check).add(0) as Tensor);
    expect(f(square(1, 2, 3, 4)).size).toBe(first.length);
    // More than the heap begins with, so that it grows and all views of it are stale.
    const large = compile((x: Tensor) => x.mul(2).add(x.sum()) as Tensor);
    large(tensor(new Float32Array(4_000_000)) as Tensor);
    f(square(10, 20, 30, 40));
    expect(shown.slice(-2)).toEqual([first, first.map((value) => value * 10)]);
  },
);

test("guards are shown a variable's numbers before the call changes it, and what it was given since", () => {
  const { shown, check } = noting();
  const weight = variable([1, 2]);
  const f = compile(() => {
    const value = guarded(weight.value as Tensor, check);
    weight.assign(value.mul(2) as Tensor);
  });
  f();
  f();
  weight.assign(tensor([7, 5]));
  f();
  expect(shown.slice(-3)).toEqual([
    [1, 2],
    [2, 4],
    [7, 5],
  ]);
});

describe("a range with a message", () => {
  const share = { from: 0, to: 1, message: "prior: {} is no share, {}" };
  const log = (x: Tensor): Tensor => guarded(x, share).log();

  test.each([
    ["below", -1e-300, "prior: -1e-300 is no share"],
    ["above", 1.5, "prior: 1.5 is no share"],
    ["NaN", NaN, "prior: NaN is no share"],
    ["infinite", Infinity, "prior: Infinity is no share"],
  ])("throws where an element is %s, eagerly and compiled, and names it", (_where, bad, says) => {
    const x = tensor([0, 1, bad, 2], { dtype: "float64" });
    expect(() => log(x)).toThrow(new RangeError(`${says}, {}`));
    expect(() => compile(log)(x)).toThrow(new RangeError(`${says}, {}`));
  });

  test("takes both ends", () => {
    expect(guarded(tensor([0, 1]), share).toArray()).toEqual([0, 1]);
  });

  test("is saved with a program and holds in what is loaded", () => {
    const loaded = Program.fromJSON(JSON.parse(JSON.stringify(record(log, tensor([0.5])))));
    expect((loaded.run(tensor([1])) as Tensor).item()).toBe(0);
    expect(() => loaded.run(tensor([2]))).toThrow("prior: 2 is no share");
  });

  test("that is none is refused", () => {
    expect(() => guarded(tensor([1]), { from: 0, to: 1 } as never)).toThrow(
      "guarded: the check has from a number, to a number and message undefined",
    );
  });
});

test("a repeated number is shown once for all its places", () => {
  const { shown, check } = noting();
  const f = compile((x: Tensor) => guarded(x.broadcastTo([3, 2]) as Tensor, check).sum() as Tensor);
  expect(f(tensor([1, 2]) as Tensor).item()).toBe(9);
  expect(shown.at(-1)).toEqual([1, 2]);
});

test("what is looked at is refused also where nobody needs the result", () => {
  const f = compile((x: Tensor) => {
    guarded(x.mul(2) as Tensor, (elements) => {
      if (elements[0]! < 0) throw new RangeError("below 0");
    });
    return x.add(1) as Tensor;
  });
  expect(f(tensor([1]) as Tensor).toArray()).toEqual([2]);
  expect(() => f(tensor([-1]) as Tensor)).toThrow("below 0");
});

describe("an argument that has been looked at", () => {
  const probability = { from: 0, to: 1, message: "{} is no probability" };
  const f = compile((x: Tensor, y: Tensor) => guarded(x, probability).add(y));
  const [half, quarter, two] = [tensor(0.5), tensor(0.25), tensor(2)];

  test("is not looked at again, and another one is", () => {
    expect(f(half, two).item()).toBe(2.5);
    expect(f(half, quarter).item()).toBe(0.75);
    expect(() => f(two, quarter)).toThrow("2 is no probability");
    expect(() => f(two, half)).toThrow("2 is no probability");
    expect(() => f(two, half)).toThrow("2 is no probability");
    expect(f(quarter, two).item()).toBe(2.25);
    expect(() => f(two, two)).toThrow("2 is no probability");
  });

  test("is refused each time where it is wrong, also without new arguments", () => {
    const program = f.program(two, half);
    for (let i = 0; i < 3; i++) expect(() => program.run()).toThrow("2 is no probability");
  });

  test("is shown to a function in every call, for it may answer differently", () => {
    const { shown, check } = noting();
    const g = compile((x: Tensor) => guarded(x, check).add(1));
    for (let i = 0; i < 3; i++) g(half);
    // Once more while it is recorded.
    expect(shown.slice(-3)).toEqual([[0.5], [0.5], [0.5]]);
  });

  test("does not speak for a variable, which may change", () => {
    const w = variable(0.5);
    const g = compile((x: Tensor) => guarded(w, probability).add(x));
    expect(g(half).item()).toBe(1);
    w.assign(two);
    expect(() => g(half)).toThrow("2 is no probability");
    w.assign(quarter);
    expect(g(half).item()).toBe(0.75);
  });
});
