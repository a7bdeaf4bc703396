// Orders and running sums, products and maxima: in every build and eagerly, whatever their operand's layout, they give bit
// for bit what plain loops over plain arrays give, and programs compute them without a host call.

import {
  compile,
  type DType,
  grad,
  oneHot,
  type Shape,
  scan,
  type Tensor,
  tensor,
  variable,
  vmap,
  where,
} from "@adjoint/autograd";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SHARING } from "../../../packages/autograd/src/compile/sharing.ts";
import { type Build, bestBuild } from "../../../packages/autograd/src/kernels/webassembly.ts";
import { trials } from "../../support/runs.ts";
import { count, Dice, flat, numbers, places, seeds, tensorOf } from "../../support/tensors.ts";

const builds: readonly Build[] = bestBuild() === "relaxed" ? ["simd", "relaxed", "none"] : ["simd", "none"];

// ── Plain loops ───────────────────────────────────────────────────────────────────────────────────────────────────

type Line = readonly number[];

/** Places in order: by insertion, each before the first that belongs behind it. */
function placesInOrder(line: Line, descending: boolean): number[] {
  const isBehind = (a: number, b: number) => {
    const [left, right] = descending ? [b, a] : [a, b];
    return Number.isNaN(left) ? !Number.isNaN(right) : left > right;
  };
  const order: number[] = [];
  line.forEach((x, i) => {
    let at = order.length;
    while (at > 0 && isBehind(line[order[at - 1]!]!, x)) at--;
    order.splice(at, 0, i);
  });
  return order;
}

/** What runs along a line of numbers of a type, rounded at each place. */
function running(line: Line, start: number, next: (so: number, x: number) => number): number[] {
  let so = start;
  return line.map((x) => (so = next(so, x)));
}

const whole = (x: bigint): number => Number(BigInt.asIntN(32, x));
const sums = (line: Line, dtype: DType) =>
  running(line, 0, (so, x) => (dtype === "int32" ? whole(BigInt(so) + BigInt(x)) : so + x));
const products = (line: Line, dtype: DType) =>
  running(line, 1, (so, x) => (dtype === "int32" ? whole(BigInt(so) * BigInt(x)) : so * x));
/** The first of equal zeros stays. */
const maxima = (line: Line) => running(line, -Infinity, (so, x) => (so === x ? so : Math.max(so, x)));
const backwards = (f: (line: Line) => number[]) => (line: Line) => f([...line].reverse()).reverse();

interface Operation {
  readonly f: (x: Tensor, axis: number) => Tensor;
  readonly line: (line: Line, dtype: DType) => number[];
  readonly takesBool?: boolean;
}

const operations: Readonly<Record<string, Operation>> = {
  argsort: {
    f: (x, axis) => x.argsort({ axis }),
    line: (line) => placesInOrder(line, false),
    takesBool: true,
  },
  "descending argsort": {
    f: (x, axis) => x.argsort({ axis, descending: true }),
    line: (line) => placesInOrder(line, true),
    takesBool: true,
  },
  sort: {
    f: (x, axis) => x.sort({ axis }),
    line: (line) => placesInOrder(line, false).map((i) => line[i]!),
    takesBool: true,
  },
  topK: {
    f: (x, axis) => x.topK(Math.ceil(x.shape[axis]! / 2), { axis }).values as Tensor,
    line: (line) =>
      placesInOrder(line, true)
        .slice(0, Math.ceil(line.length / 2))
        .map((i) => line[i]!),
    takesBool: true,
  },
  cumsum: { f: (x, axis) => x.cumsum({ axis }), line: sums },
  "cumsum from the end": {
    f: (x, axis) => x.cumsum({ axis, reverse: true }),
    line: (line, dtype) => backwards((back) => sums(back, dtype))(line),
  },
  cumprod: { f: (x, axis) => x.cumprod({ axis }), line: products },
  "cumprod from the end": {
    f: (x, axis) => x.cumprod({ axis, reverse: true }),
    line: (line, dtype) => backwards((back) => products(back, dtype))(line),
  },
  cummax: { f: (x, axis) => x.cummax({ axis }), line: maxima, takesBool: true },
  "cummax from the end": {
    f: (x, axis) => x.cummax({ axis, reverse: true }),
    line: backwards(maxima),
    takesBool: true,
  },
};

/** What plain loops give along an axis. */
function expected(x: Tensor, axis: number, f: Operation["line"], of: DType): number[] {
  const { shape, dtype } = x;
  const data = numbers(x);
  const lines = new Map<string, number[]>();
  const length = f(
    Array.from({ length: shape[axis]! }, () => 0),
    dtype,
  ).length;
  const results = places(shape.with(axis, length)).map((place) => {
    const first = place.with(axis, 0);
    const key = first.join();
    if (!lines.has(key)) {
      const line = Array.from({ length: shape[axis]! }, (_, i) => data[flat(first.with(axis, i), shape)]!);
      lines.set(key, f(line, dtype));
    }
    return lines.get(key)![place[axis]!]!;
  });
  return of === "float32" ? results.map(Math.fround) : results;
}

/** The same numbers in other places, and the shapes that are taken. */
const layouts: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  "as it is": (x) => x,
  transposed: (x) => x.permute(x.shape.map((_, axis) => x.rank - 1 - axis)) as Tensor,
  backwards: (x) => x.flip() as Tensor,
  "every other element": (x) => x.slice(...x.shape.map((n) => [0, n, 2] as const)) as Tensor,
  repeated: (x) => x.expandDims(0).broadcastTo([2, ...x.shape]) as Tensor,
  "regrouped after transposing": (x) =>
    (x.permute(x.shape.map((_, axis) => x.rank - 1 - axis)) as Tensor).reshape([x.shape[0]!, -1]) as Tensor,
  computed: (x) => where(x.equal(x), x, x),
};

const specials = [NaN, Infinity, -Infinity, 0, -0, 1, -1, 2, -3, 0.5, 1e-40, 3e38, -3e38];

function drawn(n: number, dtype: DType, dice: Dice): number[] {
  const few = dice.below(2) === 0;
  return Array.from({ length: n }, () => {
    if (dtype === "bool") return dice.below(2);
    if (dtype === "int32") return few ? dice.below(5) - 2 : dice.below(2 ** 32) | 0;
    return few ? specials[dice.below(specials.length)]! : 4 * dice.fraction() - 2;
  });
}

const sameBits = (got: Tensor, wanted: readonly number[], what: string): void => {
  const list = numbers(got);
  const at = list.findIndex((x, i) => !Object.is(x, wanted[i]));
  if (list.length === wanted.length && at < 0) return;
  expect.fail(`${what}: element ${at} of ${list.length} is ${list[at]} in place of ${wanted[at]}`);
};

function check(build: Build, name: string, x: Tensor, layout: string, which: number): void {
  const { f, line } = operations[name]!;
  const seen = layouts[layout]!(x);
  const axis = which % seen.rank;
  const g = (t: Tensor) => f(layouts[layout]!(t), axis);
  const what = `${name} along axis ${axis} of ${x.dtype} [${x.shape.join()}], ${layout}`;
  const eager = g(x);
  const wanted = expected(seen, axis, line, eager.dtype);
  sameBits(eager, wanted, `eager ${what}`);
  const compiled = compile(g, { build });
  sameBits(compiled(x), wanted, `compiled ${what}`);
  if (build !== "none" && wanted.length > 0)
    expect(String(compiled.program(x)), what).not.toMatch(/host call|look/);
}

const drawnShapes: fc.Arbitrary<Shape> = fc
  .tuple(
    fc.integer({ min: 0, max: 70 }),
    fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 2 }),
    fc.nat(),
  )
  .map(([n, others, at]) => others.toSpliced(at % (others.length + 1), 0, n));

test("orders and what runs along an axis are what plain loops give, in every build and layout, without a host call", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...builds),
      fc.constantFrom(...Object.keys(operations)),
      fc.constantFrom<DType>("float32", "float64", "int32", "bool"),
      drawnShapes,
      fc.constantFrom(...Object.keys(layouts)),
      fc.nat({ max: 5 }),
      seeds,
      (build, name, dtype, shape, layout, which, seed) => {
        if (dtype === "bool" && operations[name]!.takesBool !== true) return;
        if (count(shape) === 0 && layout.startsWith("regrouped")) return;
        const x = tensorOf(drawn(count(shape), dtype, new Dice(seed)), shape, dtype);
        check(build, name, x, layout, which);
      },
    ),
    trials(250),
  );
});

test("rows of four axes that lie in another order than they are stored are all found", () => {
  const x = tensorOf(drawn(120, "float64", new Dice(9)), [2, 3, 4, 5]);
  const f = (t: Tensor) => (t.permute([2, 1, 3, 0]) as Tensor).sort({ axis: 2 });
  const wanted = expected(x.permute([2, 1, 3, 0]) as Tensor, 2, operations.sort!.line, "float64");
  sameBits(compile(f)(x), wanted, "sort");
});

test.each(Object.keys(operations))("%s of long rows is what plain loops give", (name) => {
  const dice = new Dice(7);
  for (const [dtype, shape] of [
    ["float32", [2, 300]],
    ["float64", [70, 3]],
    ["int32", [300]],
  ] as const)
    check(bestBuild(), name, tensorOf(drawn(count(shape), dtype, dice), shape, dtype), "as it is", 1);
});

test.each(["float32", "float64", "int32"] as const)(
  "thirty thousand elements of %s are in the order of a typed array's own sort, and equals stay in order",
  (dtype) => {
    const dice = new Dice(3);
    const x = tensorOf(
      Array.from({ length: 30_000 }, () =>
        dtype === "int32" ? dice.below(1000) - 500 : dice.fraction() - 0.5,
      ),
      [30_000],
      dtype,
    );
    const data = numbers(x);
    const sorted = Float64Array.from(data).sort();
    for (const run of [(t: Tensor) => t.argsort(), compile((t: Tensor) => t.argsort())]) {
      const order = numbers(run(x));
      expect(order.every((at, i) => data[at] === sorted[i])).toBe(true);
      expect(order.every((at, i) => i === 0 || data[at]! > data[order[i - 1]!]! || at > order[i - 1]!)).toBe(
        true,
      );
    }
  },
);

test("large eager arrays give along every axis what plain loops give", () => {
  const dice = new Dice(11);
  const along = [
    ["argsort", "cumsum from the end"],
    ["descending argsort", "cumprod"],
    ["cumsum", "cummax"],
  ];
  for (const dtype of ["float32", "float64", "int32", "bool"] as const)
    for (const [axis, names] of along.entries())
      for (const name of names) {
        const { f, line, takesBool = false } = operations[name]!;
        if (dtype === "bool" && !takesBool) continue;
        // An odd number of elements, so that arrays of one byte each end between the others' borders.
        const x = tensorOf(drawn(17 * 15 * 17, dtype, dice), [17, 15, 17], dtype);
        const t = axis === 1 ? (x.transpose() as Tensor) : x;
        const found = f(t, axis);
        sameBits(found, expected(t, axis, line, found.dtype), `${name} of ${dtype} along axis ${axis}`);
      }
});

test("slopes of large eager products are those of a program, bit for bit", () => {
  const x = tensorOf(
    drawn(5000, "float64", new Dice(5)).map((v) => (Number.isFinite(v) ? v : 1)),
    [50, 100],
  );
  const slope = grad((t: Tensor) => t.cumprod({ axis: 1 }).sum() as Tensor);
  sameBits(slope(x) as Tensor, numbers(compile(slope)(x) as Tensor), "slope");
});

describe("a program", () => {
  const x = tensor([
    [3, 1, 2],
    [1, 5, 4],
  ]);
  const functions: Readonly<Record<string, (x: Tensor) => unknown>> = {
    "the gradient of a sort": grad((t: Tensor) => t.sort().square().cumsum({ axis: 1 }).sum() as Tensor),
    "the gradient of the top two": grad((t: Tensor) => t.topK(2).values.square().sum() as Tensor),
    "batched sorts": vmap((row: Tensor) => row.sort().cumprod()),
    "the second derivative of products": (t: Tensor) =>
      grad(
        (u: Tensor) =>
          grad((v: Tensor) => v.cumprod({ axis: 1 }).sum() as Tensor)(u)
            .square()
            .sum() as Tensor,
      )(t),
    "the gradient of maxima": grad(
      (t: Tensor) => t.cummax({ axis: 1, reverse: true }).square().sum() as Tensor,
    ),
    "the second derivative of log-sums": (t: Tensor) =>
      grad(
        (u: Tensor) =>
          grad((v: Tensor) => v.logCumSumExp().square().sum() as Tensor)(u)
            .square()
            .sum() as Tensor,
      )(t),
    "places as one-hot rows": (t: Tensor) => oneHot(t.argsort(), 3),
    "elements gathered in their order": (t: Tensor) => t.slice(0).gather(t.slice(0).argsort() as Tensor),
  };

  test.skipIf(bestBuild() === "none").each(Object.keys(functions))(
    "computes %s without a host call",
    (name) => {
      const compiled = compile(functions[name]! as (x: Tensor) => Tensor);
      expect(compiled(x).toArray()).toEqual((functions[name]!(x) as Tensor).toArray());
      expect(String(compiled.program(x))).not.toMatch(/host call|look/);
    },
  );

  test.each([
    ["moved out of the axis", (t: Tensor) => t.takeAlongAxis(t.argsort({ axis: 1 }).add(1), { axis: 1 })],
    [
      "of a longer axis",
      (t: Tensor) => t.slice(null, [0, 2]).takeAlongAxis(t.argsort({ axis: 1 }), { axis: 1 }),
    ],
  ])("looks at places that are %s, and refuses them", (_how, f) => {
    expect(() => f(x)).toThrow(RangeError);
    expect(() => compile(f)(x)).toThrow(RangeError);
  });

  test("gives a variable its own running sums and its own order", () => {
    const [w, v] = [variable([3, 1, 2]), variable([3, 1, 2])];
    const step = compile(() => {
      w.assign(w.cumsum() as Tensor);
      v.assign(v.sort({ descending: true }) as Tensor);
    });
    step();
    step();
    expect([w.toArray(), v.toArray()]).toEqual([
      [3, 7, 13],
      [3, 2, 1],
    ]);
  });

  test.skipIf(bestBuild() === "none")("runs rows inside a loop over parts, on the parts' own numbers", () => {
    const f = (t: Tensor) => {
      const step = (carry: Tensor, part: Tensor): [Tensor, Tensor] => [
        carry.add(part.cumsum({ reverse: true })).sort({ descending: true }),
        part.add(carry).cummax(),
      ];
      const [last, parts] = scan(step, t.slice(0) as Tensor, t, { reverse: true });
      return [last, parts];
    };
    const compiled = compile(f);
    expect(compiled(x).map((each) => each.toArray())).toEqual(f(x).map((each) => each.toArray()));
    expect(String(compiled.program(x))).not.toMatch(/host call|look/);
  });

  test("of many kernels runs them on their own rows", () => {
    const f = (t: Tensor) => {
      let y = t;
      for (let i = 0; i < SHARING.least; i++)
        y = i % 2 === 0 ? y.cumsum({ axis: i % 4 === 0 ? 0 : 1 }) : y.sort().neg();
      return y;
    };
    expect(compile(f)(x).toArray()).toEqual(f(x).toArray());
  });
});
