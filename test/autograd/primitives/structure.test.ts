// The functions that rearrange, repeat and choose elements, each against its meaning at one place of the result: eagerly,
// compiled and for many at once.

import { grad, type Tensor, tensor } from "@adjoint/autograd";
import { describe, expect, test } from "vitest";
import { expectMeaning, type Place, type Stated } from "../../support/by-place.ts";
import { flat, numbers, places } from "../../support/tensors.ts";

const modulo = (i: number, n: number) => ((i % n) + n) % n;
const other = tensor([[1, -2, 3]], { dtype: "float64" });
const otherAt = ([i, j]: Place) => [[1, -2, 3]][i!]![j!]!;

const cases: Readonly<Record<string, Stated>> = {
  tile(shape, dice) {
    const times = [...(dice.below(2) === 0 ? [2] : []), ...shape.map(() => dice.below(3))];
    const added = times.length - shape.length;
    return {
      call: (x) => x.tile(times),
      shape: times.map((n, k) => n * (shape[k - added] ?? 1)),
      at: (place, x) => x(shape.map((n, k) => place[k + added]! % n)),
    };
  },
  repeat(shape, dice) {
    const times = dice.below(3);
    if (shape.length === 0 || dice.below(3) === 0) {
      const n = shape.reduce((a, b) => a * b, 1);
      return {
        call: (x) => x.repeat(times),
        shape: [n * times],
        at: ([i], x) => x(places(shape)[Math.floor(i! / times)]!),
      };
    }
    const axis = dice.below(shape.length);
    return {
      call: (x) => x.repeat(times, { axis: axis - (dice.below(2) === 0 ? shape.length : 0) }),
      shape: shape.with(axis, shape[axis]! * times),
      at: (place, x) => x(place.with(axis, Math.floor(place[axis]! / times))),
    };
  },
  roll(shape, dice) {
    const shift = dice.below(9) - 4;
    if (shape.length === 0 || dice.below(3) === 0) {
      const all = places(shape);
      return {
        call: (x) => x.roll(shift),
        shape,
        at: (place, x) => x(all[modulo(flat(place, shape) - shift, all.length)]!),
      };
    }
    const axis = dice.below(shape.length);
    return {
      call: (x) => x.roll(shift, { axis }),
      shape,
      at: (place, x) => x(place.with(axis, modulo(place[axis]! - shift, shape[axis]!))),
    };
  },
  diff(shape, dice) {
    if (shape.length === 0) return null;
    const axis = dice.below(shape.length);
    const n = dice.below(4);
    // Differences of differences: signs in turn, and binomial coefficients.
    const weights = [[1], [-1, 1], [1, -2, 1], [-1, 3, -3, 1]][n]!;
    return {
      call: (x) => x.diff({ axis: axis - shape.length, n }),
      shape: shape.with(axis, Math.max(0, shape[axis]! - n)),
      at: (place, x) =>
        weights.reduce((sum, weight, k) => sum + weight * x(place.with(axis, place[axis]! + k)), 0),
    };
  },
  swapAxes(shape, dice) {
    if (shape.length === 0) return null;
    const [a, b] = [dice.below(shape.length), dice.below(shape.length)];
    const swapped = (list: readonly number[]) => list.with(a, list[b]!).with(b, list[a]!);
    return {
      call: (x) => x.swapAxes(a, b - shape.length),
      shape: swapped(shape),
      at: (place, x) => x(swapped(place)),
    };
  },
  moveAxis(shape, dice) {
    if (shape.length === 0) return null;
    const [from, to] = [dice.below(shape.length), dice.below(shape.length)];
    const moved = (list: readonly number[]) => list.toSpliced(from, 1).toSpliced(to, 0, list[from]!);
    const back = (list: readonly number[]) => list.toSpliced(to, 1).toSpliced(from, 0, list[to]!);
    return {
      call: (x) => x.moveAxis(from, to - shape.length),
      shape: moved(shape),
      at: (place, x) => x(back(place)),
    };
  },
  tril(shape, dice) {
    if (shape.length < 2) return null;
    const k = dice.below(5) - 2;
    return {
      call: (x) => x.tril(k),
      shape,
      at: (place, x) => (place.at(-1)! - place.at(-2)! <= k ? x(place) : 0),
    };
  },
  triu(shape, dice) {
    if (shape.length < 2) return null;
    const k = dice.below(5) - 2;
    return {
      call: (x) => x.triu(k),
      shape,
      at: (place, x) => (place.at(-1)! - place.at(-2)! >= k ? x(place) : 0),
    };
  },
  diagonal(shape, dice) {
    if (shape.length < 2) return null;
    const offset = dice.below(7) - 3;
    const [rows, columns] = shape.slice(-2) as [number, number];
    const on = Array.from({ length: rows }, (_, i) => i).filter(
      (i) => i + offset >= 0 && i + offset < columns,
    );
    return {
      call: (x) => x.diagonal({ offset }),
      shape: [...shape.slice(0, -2), on.length],
      at: (place, x) => x([...place.slice(0, -1), on[place.at(-1)!]!, on[place.at(-1)!]! + offset]),
    };
  },
  trace(shape) {
    if (shape.length < 2) return null;
    const n = Math.min(...shape.slice(-2));
    return {
      call: (x) => x.trace(),
      shape: shape.slice(0, -2),
      at: (place, x) => Array.from({ length: n }, (_, i) => x([...place, i, i])).reduce((a, b) => a + b, 0),
    };
  },
  split(shape, dice) {
    if (shape.length === 0) return null;
    const axis = dice.below(shape.length);
    const first = dice.below(shape[axis]! + 1);
    const rest = shape[axis]! - first;
    return {
      call: (x) => x.split([first, rest], { axis })[1]!,
      shape: shape.with(axis, rest),
      at: (place, x) => x(place.with(axis, place[axis]! + first)),
    };
  },
  unstack(shape, dice) {
    if (shape.length === 0) return null;
    const axis = dice.below(shape.length);
    if (shape[axis] === 0) return null;
    return {
      call: (x) => x.unstack({ axis }).at(-1)!,
      shape: shape.toSpliced(axis, 1),
      at: (place, x) => x(place.toSpliced(axis, 0, shape[axis]! - 1)),
    };
  },
  outer: (shape) => ({
    call: (x) => x.outer(other) as Tensor,
    shape: [shape.reduce((a, b) => a * b, 1), 3],
    at: ([i, j], x) => x(places(shape)[i!]!) * otherAt([0, j!]),
  }),
  kron(shape) {
    const rank = Math.max(shape.length, 2);
    const wide = [...new Array<number>(rank - shape.length).fill(1), ...shape];
    const sizes = [...new Array<number>(rank - 2).fill(1), 1, 3];
    return {
      call: (x) => x.kron(other),
      shape: wide.map((n, k) => n * sizes[k]!),
      at: (place, x) =>
        x(place.map((i, k) => Math.floor(i / sizes[k]!)).slice(rank - shape.length)) *
        otherAt(place.map((i, k) => i % sizes[k]!).slice(-2)),
    };
  },
  tensordot(shape, dice) {
    if (shape.length === 0) return null;
    const axis = dice.below(shape.length);
    const n = shape[axis]!;
    const weights = Array.from({ length: 2 * n }, (_, i) => i - 1);
    const right = tensor(weights, { shape: [2, n], dtype: "float64" }) as Tensor;
    return {
      call: (x) => x.tensordot(right, [[axis], [1]]),
      shape: [...shape.toSpliced(axis, 1), 2],
      at: (place, x) =>
        Array.from(
          { length: n },
          (_, k) => x(place.slice(0, -1).toSpliced(axis, 0, k)) * weights[place.at(-1)! * n + k]!,
        ).reduce((a, b) => a + b, 0),
    };
  },
  maskedFill(shape, dice) {
    const last = shape.at(-1) ?? 1;
    const holds = Array.from({ length: last }, () => dice.below(2));
    const mask = tensor(holds, { shape: shape.length === 0 ? [] : [last], dtype: "bool" }) as Tensor;
    return {
      call: (x) => x.maskedFill(mask, 7),
      shape,
      at: (place, x) => (holds[place.at(-1) ?? 0] === 1 ? 7 : x(place)),
    };
  },
};

describe.each(Object.entries(cases))("%s", (_name, stated) => {
  test("has at each place what its meaning says, eagerly, compiled and for many at once", () => {
    expectMeaning(stated, 40);
  });
});

test("no derivative passes where a mask holds, an infinity there does no harm, and parts that repeat add theirs up", () => {
  const mask = tensor([1, 0, 0], { dtype: "bool" });
  const x = tensor([0, 1, 2]);
  expect(numbers(grad((y: Tensor) => y.log().maskedFill(mask, 0).sum() as Tensor)(x))).toEqual([0, 1, 0.5]);
  expect(numbers(grad((y: Tensor) => y.tile([3]).sum() as Tensor)(x))).toEqual([3, 3, 3]);
  expect(numbers(grad((y: Tensor) => y.repeat(2).roll(1).slice([0, 2]).sum() as Tensor)(x))).toEqual([
    1, 0, 1,
  ]);
});

test("split makes equal parts of a number", () => {
  expect(
    tensor([1, 2, 3, 4])
      .split(2)
      .map((part) => part.toArray()),
  ).toEqual([
    [1, 2],
    [3, 4],
  ]);
});

describe("refused is", () => {
  const x = tensor([
    [1, 2, 3],
    [4, 5, 6],
  ]);
  const told: readonly (readonly [string, () => unknown, string])[] = [
    [
      "a number of parts that does not divide",
      () => x.split(2, { axis: 1 }),
      "split: 2 equal parts of an axis of 3 in [2, 3]",
    ],
    [
      "sizes that don't fill an axis",
      () => x.split([1, 1], { axis: 1 }),
      "split: sizes [1, 1] of an axis of 3",
    ],
    [
      "half a repetition",
      () => x.repeat(1.5),
      "repeat: the number of times is 1.5 and must be a whole number",
    ],
    ["a negative repetition", () => x.repeat(-1), "repeat: -1 times"],
    ["a number in place of a list", () => x.tile(2 as never), "tile: got a number where repeats belong"],
    ["an axis that is not there", () => x.roll(1, { axis: 2 }), "roll: axis 2"],
    [
      "an option that is not there",
      () => x.unstack({ axes: 0 } as never),
      'unstack: there is no option "axes"',
    ],
    ["half a difference", () => x.diff({ n: 0.5 }), "diff: n is 0.5 and must be a whole number"],
    ["a negative difference", () => x.diff({ n: -1 }), "diff: n is -1; give 0 or more"],
    ["a difference of truth values", () => x.greater(1).diff(), "diff: bool is not a number"],
    ["a vector as a matrix", () => tensor([1]).tril(), "tril: [1] is no matrix"],
    [
      "sizes that disagree",
      () => x.tensordot(x, 1),
      "tensordot: [2, 3] over axes [1] and [2, 3] over [0]: sizes [3] and [2] must agree",
    ],
    ["a mask of numbers", () => x.maskedFill(x, 0), "maskedFill: the mask is float32 and must be bool"],
    [
      "a mask that does not broadcast",
      () => x.maskedFill(tensor([1, 0], { dtype: "bool" }), 0),
      "maskedFill: ",
    ],
    ["a number as a tensor", () => x.outer(3 as never), "outer: got a number where a tensor belongs"],
    ["types that differ", () => x.kron(x.cast("float64")), "kron: float32 and float64 don't mix"],
  ];
  test.each(told)("%s", (_, run, message) => {
    expect(run).toThrow(message);
  });
});
