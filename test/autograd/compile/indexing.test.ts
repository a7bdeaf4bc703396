// Reading and adding at indices in compiled functions: the numbers and gradients of eager code, in one kernel with what
// is done before and after; and indices outside, which change nothing.

import {
  type CompiledFunction,
  compile,
  grad,
  guarded,
  oneHot,
  ShapeError,
  type Tensor,
  tensor,
  variable,
} from "@adjoint/autograd";
import { describe, expect, test } from "vitest";

type DType = "float32" | "float64" | "int32";

const numbers = (shape: readonly number[], dtype: DType, seed = 1): Tensor => {
  const size = shape.reduce((product, n) => product * n, 1);
  const whole = Array.from({ length: size }, (_, i) => ((i * 37 + seed * 11) % 23) - 11);
  // Eighths: their sums are exact, in whatever order and type.
  const values = dtype === "int32" ? whole : whole.map((value) => value / 8);
  return tensor(values, { dtype }).reshape(shape) as Tensor;
};

/** Indices from −n to n − 1, some of which repeat. */
const indices = (shape: readonly number[], n: number): Tensor => {
  const size = shape.reduce((product, k) => product * k, 1);
  return tensor(Int32Array.from({ length: size }, (_, i) => ((i * 7 + 3) % (2 * n)) - n)).reshape(
    shape,
  ) as Tensor;
};

/** Runs f both ways, twice, with the same results; returns the program as text. */
function agrees(f: (...args: Tensor[]) => Tensor, ...args: Tensor[]): string {
  const compiled = compile(f) as CompiledFunction<typeof f>;
  const expected = f(...args);
  for (let run = 0; run < 2; run++) {
    const found = compiled(...args);
    expect(found.dtype).toBe(expected.dtype);
    expect(found.shape).toEqual(expected.shape);
    expect(found.toArray()).toEqual(expected.toArray());
  }
  return compiled.program(...args).toString();
}

const kernelsOf = (text: string) =>
  text.split("\n").filter((line) => /^ +\d+ {2}(loop|zeros|product)/.test(line));

/** The gradient of what f makes of its first argument, weighted unevenly. */
const gradientOf =
  (f: (...args: Tensor[]) => Tensor) =>
  (x: Tensor, ...rest: Tensor[]): Tensor =>
    grad((moving: Tensor) => {
      const y = f(moving, ...rest);
      return y.mul(numbers(y.shape, y.dtype as DType, 5)).sum() as Tensor;
    })(x) as Tensor;

const types = ["float32", "float64"] as const;
/** x, the indices, and the axis. */
const cases = [
  [[5], [3], 0],
  [[5], [1], 0],
  [[7], [40], 0],
  [[4, 9], [6, 9], 0],
  [[4, 9], [4, 13], 1],
  [[4, 9], [4, 1], 1],
  [[3, 4, 5], [3, 7, 5], 1],
  [[1, 1], [1, 1], 0],
] as const;

describe("gives what eager code gives", () => {
  test.each(cases)("reading one element for each index: %j at %j along axis %i", (from, at, axis) => {
    const index = indices(at, from[axis]!);
    const take = (x: Tensor, i: Tensor) => x.takeAlongAxis(i, { axis });
    for (const dtype of [...types, "int32"] as const) {
      const text = agrees(take, numbers(from, dtype), index);
      expect(text).not.toContain("host call");
      agrees((x, i) => take(x.mul(3).add(1), i.add(0)).mul(2), numbers(from, dtype), index);
    }
    for (const dtype of types) {
      const text = agrees(gradientOf(take), numbers(from, dtype), index);
      expect(text).not.toContain("host call");
    }
  });

  test.each(cases)("adding at indices: to %j at %j along axis %i", (to, at, axis) => {
    const index = indices(at, to[axis]!);
    const add = (x: Tensor, i: Tensor) => x.scatterAdd(i, { axis, shape: to });
    for (const dtype of [...types, "int32"] as const) {
      const text = agrees(add, numbers(at, dtype), index);
      expect(text).not.toContain("host call");
      agrees((x, i) => add(x.add(1), i).mul(2), numbers(at, dtype), index);
    }
    for (const dtype of types) agrees(gradientOf(add), numbers(at, dtype), index);
  });

  test("whole slices at indices of any shape, along any axis", () => {
    const table = numbers([6, 5, 4], "float32");
    for (const axis of [0, 1, 2]) {
      const take = (x: Tensor, i: Tensor) => x.gather(i, { axis });
      const index = indices([2, 3], table.shape[axis]!);
      expect(agrees(take, table, index)).not.toContain("host call");
      expect(agrees(gradientOf(take), table, index)).not.toContain("host call");
    }
  });

  test("views: transposed, flipped, repeated, and reshaped so that an axis is uneven", () => {
    const x = numbers([6, 4], "float32");
    const index = indices([4, 3], 6);
    agrees((a, i) => a.transpose().takeAlongAxis(i, { axis: 1 }), x, index);
    agrees((a, i) => a.flip({ axis: 0 }).takeAlongAxis(i.transpose(), { axis: 0 }), x, index);
    agrees(
      (a, i) => a.slice(2).reshape([1, 4]).broadcastTo([4, 4]).takeAlongAxis(i, { axis: 1 }),
      x,
      indices([4, 3], 4),
    );
    agrees((a, i) => a.transpose().reshape([24]).gather(i), x, indices([30], 24));
    agrees((a, i) => a.transpose().reshape([3, 8]).transpose().gather(i), x, indices([5], 8));
    agrees((a, i) => a.scatterAdd(i.transpose().flip(), { axis: 1, shape: [6, 7] }), x, indices([4, 6], 7));
  });

  test("indices that are computed, or read at indices themselves", () => {
    const x = numbers([9, 3], "float32");
    const index = indices([7], 9);
    agrees((a, i) => a.gather(i.gather(i.mul(0).sub(2))), x, index);
    agrees((a) => a.gather(a.slice(null, 0).mul(0).add(2).cast("int32")), x);
    agrees((a) => a.sort({ axis: 0 }), x);
    agrees(
      gradientOf((a) => a.sort({ axis: 0, descending: true })),
      x,
    );
    agrees(
      gradientOf((a) => a.sort({ axis: 1 })),
      numbers([9, 3], "float64"),
    );
  });

  test("what is read at indices is complete before, also where it would be computed in the same place", () => {
    const x = numbers([8, 8], "float32");
    const index = indices([8, 8], 8);
    agrees(
      (a, i) => {
        const y = a.mul(2);
        return y.add(y.takeAlongAxis(i, { axis: 1 })).add(y.takeAlongAxis(i, { axis: 0 }));
      },
      x,
      index,
    );
    // A table that a step reads and changes.
    const train = (wrap: <F extends (...args: never[]) => unknown>(f: F) => F) => {
      const table = variable(x);
      const step = wrap((i: Tensor) => {
        table.assign(table.value.sub(table.value.takeAlongAxis(i, { axis: 0 }).mul(0.5)));
      });
      for (let k = 0; k < 3; k++) step(index);
      return table.value.toArray();
    };
    expect(train(compile as never)).toEqual(train((f) => f));
  });
});

test("what is read at indices goes into the kernel that uses it", () => {
  const f = (table: Tensor, i: Tensor) => table.gather(i).mul(2).exp().sum({ axis: 1 }) as Tensor;
  const text = compile(f)
    .program(numbers([50, 16], "float32"), indices([32], 50))
    .toString();
  expect(kernelsOf(text)).toHaveLength(1);
});

describe("indices outside", () => {
  const operations = {
    takeAlongAxis: (x: Tensor, i: Tensor) => x.takeAlongAxis(i, { axis: 0 }),
    gather: (x: Tensor, i: Tensor) => x.gather(i),
    scatterAdd: (x: Tensor, i: Tensor) => x.scatterAdd(i, { axis: 0, shape: [4] }),
    labels: (x: Tensor, i: Tensor) =>
      x.takeAlongAxis(guarded(i, { from: 0, to: 3, message: "label {} is none of 4" }), { axis: 0 }),
  } as const;

  test.each(Object.entries(operations))(
    "%s throws as eager code does, and changes no variable",
    (_name, f) => {
      const x = numbers([4], "float32");
      const v = variable(tensor([0, 0]) as Tensor);
      const step = compile((i: Tensor) => {
        v.assign(v.value.add(1));
        return f(x, i);
      });
      const at = (...values: number[]) => tensor(Int32Array.from(values)) as Tensor;
      step(at(0, 1, 2, 3));
      const labels = f === operations.labels;
      for (const bad of [4, -5, 2 ** 31 - 1, -(2 ** 31), ...(labels ? [-1] : [])]) {
        const index = at(0, bad, 1, 2);
        let eager: unknown;
        try {
          f(x, index);
        } catch (error) {
          eager = error;
        }
        expect(eager).toBeInstanceOf(RangeError);
        expect(() => step(index)).toThrow(eager as RangeError);
        expect(v.value.toArray()).toEqual([1, 1]);
      }
    },
  );
});

describe("one-hot rows in programs", () => {
  const outputs = ["float32", "float64", "int32", "bool"] as const;

  test.each(outputs)("are the eager ones of type %s, without a host call", (dtype) => {
    for (const shape of [[], [0], [5], [2, 3], [64, 1]]) {
      const size = shape.reduce((product, n) => product * n, 1);
      const labels = tensor(Int32Array.from({ length: size }, (_, i) => (3 * i) % 4)).reshape(
        shape,
      ) as Tensor;
      const text = agrees((l) => oneHot(l, 4, { dtype }) as Tensor, labels);
      // Where there is no element there is no loop.
      if (size > 0) expect(text).not.toContain("host");
    }
  });

  test("are made of labels that the program computes, and join what is done with them", () => {
    const labels = tensor([2, 0, 1], { dtype: "int32" }) as Tensor;
    const x = numbers([3, 4], "float32");
    const f = (l: Tensor, x: Tensor) =>
      (oneHot(l.add(1) as Tensor, 4) as Tensor).mul(x).sum({ axis: 1 }) as Tensor;
    expect(agrees(f, labels, x)).not.toContain("host");
    expect(f(labels, x).toArray()).toEqual([3, 1, 2].map((label, row) => x.data[row * 4 + label]));
    agrees((l, x) => gradientOf((x) => f(l, x))(x), labels, x);
  });

  test.each([-1, 3])("refuse the label %i in oneHot's name before anything changes", (label) => {
    const count = variable(0);
    const f = compile((l: Tensor) => {
      count.assign(count.value.add(1) as Tensor);
      return oneHot(l, 3) as Tensor;
    });
    f(tensor([0, 2], { dtype: "int32" }) as Tensor);
    expect(() => f(tensor([0, label], { dtype: "int32" }) as Tensor)).toThrow(
      `oneHot: index ${label} with 3 classes; indices run from 0 to 2`,
    );
    expect(count.item()).toBe(1);
  });
});

test.each([
  ["another number of elements", [4], [3], [5], 0],
  ["fewer rows than indices", [1, 3], [2, 3], [2, 5], 1],
  ["another number of axes", [2, 3], [3], [2, 5], 1],
  ["a result of another size beside the axis", [2, 3], [2, 3], [4, 5], 1],
] as const)("scatterAdd refuses %s, eagerly and compiled", (_what, x, at, shape, axis) => {
  const f = (x: Tensor, at: Tensor) => x.scatterAdd(at, { axis, shape });
  const operands = [
    numbers(x, "float32"),
    tensor(new Int32Array(at.reduce((a, b) => a * b, 1))).reshape(at),
  ] as const;
  for (const run of [f, compile(f)]) {
    expect(() => run(operands[0], operands[1] as Tensor)).toThrow(ShapeError);
    expect(() => run(operands[0], operands[1] as Tensor)).toThrow(/^scatterAdd: \[/);
  }
});

describe("few elements of what is cheap are computed at their indices, and nothing is stored for them", () => {
  const taken =
    (axis: number) =>
    (x: Tensor, other: Tensor, at: Tensor): Tensor =>
      x.sub(other).neg().takeAlongAxis(at, { axis }) as Tensor;

  test.each([
    ["of rows", [4, 40], [4, 1], [4, 1], 1],
    ["of columns", [40, 4], [1, 4], [1, 4], 0],
    ["along an axis between others", [2, 32, 4], [2, 1, 4], [2, 1, 4], 1],
    ["along the first axis of three", [40, 3, 2], [3, 2], [1, 3, 2], 0],
    ["of several indices of a row", [3, 100], [3, 1], [3, 5], 1],
    ["where all beside it repeats", [2, 48], [48], [2, 2], 1],
  ])("%s", (_, shape, beside, at, axis) => {
    for (const type of types) {
      const args = [numbers(shape, type), numbers(beside, type, 2), indices(at, shape[axis]!)] as const;
      const text = agrees(taken(axis), ...args);
      expect(kernelsOf(text), text).toHaveLength(1);
    }
  });

  test("and otherwise the elements are right as well", () => {
    const x = numbers([8, 8], "float64");
    // Its own space is one axis of 64, and not of rows.
    agrees((x, at) => x.mul(x).takeAlongAxis(at, { axis: 1 }) as Tensor, x, indices([8, 1], 8));
    agrees((x, at) => x.mul(2).transpose().takeAlongAxis(at, { axis: 0 }) as Tensor, x, indices([1, 8], 8));
    agrees(
      (x, at) => x.mul(2).slice([2, 6]).add(x.slice(1)).takeAlongAxis(at, { axis: 1 }) as Tensor,
      numbers([8, 16], "float32"),
      indices([4, 1], 16),
    );
    const less = (x: Tensor, other: Tensor) => x.sub(other) as Tensor;
    agrees(
      (x, other, at) => less(x, other).slice([2, 6]).takeAlongAxis(at, { axis: 1 }) as Tensor,
      numbers([8, 64], "float64"),
      numbers([8, 1], "float64", 2),
      indices([4, 1], 64),
    );
    // What is taken is in another shape than what it was computed in.
    agrees(
      (x, other, at) => less(x, other).reshape([24, 32]).takeAlongAxis(at, { axis: 1 }) as Tensor,
      numbers([4, 6, 32], "float64"),
      numbers([6, 1], "float64", 2),
      indices([24, 1], 32),
    );
    agrees(
      (x, other, at) => less(x, other).reshape([64]).takeAlongAxis(at, { axis: 0 }) as Tensor,
      numbers([8, 8], "float64"),
      numbers([8, 1], "float64", 2),
      indices([3], 64),
    );
    // What is found by an index itself is not looked up again.
    agrees(
      (x, at, again) => x.takeAlongAxis(at, { axis: 1 }).mul(2).takeAlongAxis(again, { axis: 1 }) as Tensor,
      numbers([4, 32], "float64"),
      indices([4, 32], 32),
      indices([4, 1], 32),
    );
  });
});
