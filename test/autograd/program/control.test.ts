// Loops, branches and checkpoints as steps: beside plain loops and ifs, which eager code runs. Values, gradients and
// Hessian-vector products, of random bodies and of chosen ones; as recorded steps, compiled, and batched.

import {
  checkpoint,
  compile,
  cond,
  definePrimitive,
  grad,
  hvp,
  jvp,
  ones,
  Program as Recorded,
  record,
  scan,
  stack,
  type Tensor,
  tensor,
  valueAndGrad,
  variable,
  vmap,
  whileLoop,
  zeros,
} from "@adjoint/autograd";
import { type Program, programs } from "@adjoint/autograd/check";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { trials } from "../../support/runs.ts";
import { difference, flat } from "../compile/uncertainty.ts";

type OfTensors = (...inputs: Tensor[]) => Tensor | readonly Tensor[];

const float64 = (values: number | number[] | number[][]) => tensor(values, { dtype: "float64" }) as Tensor;
const scalar = (x: Tensor) => x.sum() as Tensor;

/**
 * Numbers of size one, to a thousand units of float64's last place: compiled code adds up in another order, and its
 * elementary functions are within two units of eager ones.
 */
function expectNear(found: unknown, expected: unknown): void {
  const [a, b] = [flat(found), flat(expected)];
  expect(a.length).toBe(b.length);
  a.forEach((value, i) => {
    expect(Math.abs(value - b[i]!), `${value} beside ${b[i]}`).toBeLessThanOrEqual(2 ** -43);
  });
}

/** A function of a list, as one of tensors. */
const ofList =
  (f: (inputs: readonly Tensor[]) => Tensor | readonly Tensor[]): OfTensors =>
  (...inputs) =>
    f(inputs);

/** The value, the gradient and a Hessian-vector product of a loss. */
function questions(loss: (inputs: readonly Tensor[]) => Tensor): readonly (readonly [string, OfTensors])[] {
  return [
    ["value", ofList(loss)],
    ["gradient", ofList((inputs) => grad(loss as never, { allowUnused: true })(inputs as never) as Tensor[])],
    [
      "Hessian-vector product",
      ofList(
        (inputs) =>
          hvp(loss as never, inputs as never, inputs.map((x) => x.mul(0.5).add(0.25)) as never, {
            allowUnused: true,
          }) as Tensor[],
      ),
    ],
  ];
}

/** A loop whose body is a random program: of what is carried, of a part of what is scanned, and of what all share. */
function loopOf(
  { point, dtype, run }: Program,
  checkpointEvery?: number,
): {
  readonly loss: (inputs: readonly Tensor[]) => Tensor;
  readonly inputs: readonly Tensor[];
} {
  const floats = point.flatMap((input, i) => (input.dtype === dtype ? [i] : []));
  const role = (k: number) => (["carried", "scanned", "shared"] as const)[k % 3]!;
  const inputs = floats.map((i, k) =>
    role(k) === "scanned"
      ? (stack([1, 0.75, 1.125].map((scale) => point[i]!.mul(scale)) as never) as Tensor)
      : point[i]!,
  );
  const placesOf = (which: string) => floats.flatMap((i, k) => (role(k) === which ? [{ i, k }] : []));
  const loss = (given: readonly Tensor[]) => {
    const [carried, scanned, shared] = ["carried", "scanned", "shared"].map(placesOf);
    const [last, all] = scan(
      (carry: readonly Tensor[], x: readonly Tensor[]) => {
        const all = [...point];
        carried!.forEach(({ i }, at) => {
          all[i] = carry[at]!;
        });
        scanned!.forEach(({ i }, at) => {
          all[i] = x[at]!;
        });
        for (const { i, k } of shared!) all[i] = given[k]!;
        const outputs = run(...all).filter((output) => output.dtype === dtype);
        const size = outputs.reduce(
          (sum, output) => sum.add(scalar(output)) as Tensor,
          tensor(0, { dtype }) as Tensor,
        );
        // Bounded, so that a few rounds stay where the program is defined: the carry moves little from where it was.
        return [
          carry.map(
            (each) =>
              each.add(
                size
                  .tanh()
                  .mul(each)
                  .mul(2 ** -6),
              ) as Tensor,
          ),
          outputs,
        ];
      },
      carried!.map(({ k }) => given[k]!) as readonly Tensor[],
      scanned!.map(({ k }) => given[k]!) as readonly Tensor[],
      checkpointEvery === undefined ? { length: 3 } : { length: 3, checkpointEvery },
    ) as unknown as [Tensor[], Tensor[]];
    return [...last, ...all].reduce(
      (sum, each) => sum.add(each.sum()) as Tensor,
      tensor(0, { dtype }) as Tensor,
    );
  };
  return { loss, inputs };
}

const flatSum = (tensors: readonly Tensor[]) =>
  tensors.map(scalar).reduce((sum, each) => sum.add(each) as Tensor);

/** What a way of running a function gives beside what eager code gives, where the two differ by more than rounding. */
function problems(
  { dtype }: Program,
  asked: readonly (readonly [string, OfTensors])[],
  inputs: readonly Tensor[],
  way: (f: OfTensors) => OfTensors,
): string[] {
  return asked.flatMap(([name, f]) => {
    const compute = () => Float64Array.from(flat(f(...inputs)));
    let eager: Float64Array;
    try {
      eager = compute();
    } catch {
      // Where eager code refuses, there is nothing to compare with.
      return [];
    }
    const other = Float64Array.from(flat(way(f)(...inputs)));
    const found = difference(other, compute, dtype as "float64", eager);
    return found === null
      ? []
      : [`${name}: element ${found.place} is ${found.compiled}, eagerly ${found.eager} ± ${found.allowed}`];
  });
}

const asProgram =
  (f: OfTensors): OfTensors =>
  (...inputs) =>
    record(f, ...inputs).run(...inputs) as Tensor[];
const compiled = (f: OfTensors): OfTensors => compile(f as never) as unknown as OfTensors;

describe("a loop over a random body", () => {
  const drawn = (count: number, deep: number, way: (f: OfTensors) => OfTensors) => () => {
    fc.assert(
      fc.property(programs({ maxSteps: 6, dtype: "float64" }), (program) => {
        const { loss, inputs } = loopOf(program);
        expect(problems(program, questions(loss), inputs, way)).toEqual([]);
      }),
      { ...trials(count, deep), endOnFailure: true },
    );
  };
  test("has as a step the numbers of a plain loop", drawn(200, 5000, asProgram), 1_200_000);
  test("has compiled the numbers of a plain loop", drawn(30, 1000, compiled), 1_200_000);

  test("has with checkpoints the numbers of a plain loop, eagerly and compiled", () => {
    let drawn = 0;
    fc.assert(
      fc.property(programs({ maxSteps: 6, dtype: "float64" }), (program) => {
        const { loss, inputs } = loopOf(program);
        const kept = questions(loopOf(program, 1 + (drawn % 2)).loss);
        const way = (f: OfTensors) => (drawn % 8 === 0 ? compiled(f) : f);
        let at = 0;
        expect(problems(program, questions(loss), inputs, () => way(kept[at++]![1]))).toEqual([]);
        drawn++;
      }),
      { ...trials(50, 3000), endOnFailure: true },
    );
  }, 1_200_000);
});

test("checkpoints of random programs have gradients that are the same to the last bit", () => {
  fc.assert(
    fc.property(programs({ maxSteps: 8 }), ({ steps, point, dtype, run }) => {
      // Within a checkpoint these are steps, whose cotangents are added up by themselves first.
      fc.pre(steps.every(({ operation }) => !/scan|cond/.test(operation.name)));
      const inputs = point.filter((input) => input.dtype === dtype);
      const given = (moving: readonly Tensor[]) => {
        let next = 0;
        return point.map((input) => (input.dtype === dtype ? moving[next++]! : input));
      };
      const lossOf = (f: typeof run) => (moving: readonly Tensor[]) =>
        f(...given(moving))
          .filter((output) => output.dtype === dtype)
          .reduce((sum, output) => sum.add(output.sum()) as Tensor, tensor(0, { dtype }) as Tensor);
      const gradients = (f: typeof run) =>
        flat(grad(lossOf(f) as never, { allowUnused: true })(inputs as never) as Tensor[]);
      expect(gradients(checkpoint(run))).toEqual(gradients(run));
    }),
    { ...trials(500, 5000), endOnFailure: true },
  );
}, 600_000);

// ── Chosen loops ──────────────────────────────────────────────────────────────────────────────────────────────────

const w = variable(
  float64([
    [0.5, -0.3],
    [0.1, 0.4],
  ]),
  { name: "w" },
);
const xs = float64([
  [1, 2],
  [0.5, -1],
  [0.3, 0.2],
]);
const h0 = float64([0.1, 0.2]);

const cell = (h: Tensor, x: Tensor) => {
  const next = h.reshape([1, 2]).matmul(w).reshape([2]).add(x).tanh();
  return [next, next.mul(x)] as const;
};
const lossBy = (options: { reverse?: boolean }) => (h: Tensor, all: Tensor) => {
  const [last, ys] = scan(cell, h, all, options);
  return last.sum().add(ys.square().mean()) as Tensor;
};

test.each([false, true])("a scan carries on from place to place, with the last first: %s", (reverse) => {
  let h = h0 as Tensor;
  const ys: Tensor[] = [];
  for (const place of reverse ? [2, 1, 0] : [0, 1, 2]) {
    const x = xs.slice(place) as Tensor;
    h = h.reshape([1, 2]).matmul(w).reshape([2]).add(x).tanh() as Tensor;
    ys[place] = h.mul(x) as Tensor;
  }
  const f = () => scan(cell, h0, xs, { reverse });
  for (const [last, all] of [f(), record(f).run() as [Tensor, Tensor], compile(f)()]) {
    expectNear(last, h);
    expectNear(all, stack(ys as never));
  }
});

test.each([false, true])(
  "gradients reach the carry, what is scanned, and variables, backwards: %s",
  (reverse) => {
    const loss = lossBy({ reverse });
    const ofAll = (h: Tensor, all: Tensor) => grad((v: typeof w) => loss(v && h, all))(w);
    const both = grad(loss, { argnums: [0, 1] });
    expectNear(compile(both)(h0, xs), both(h0, xs));
    expectNear(compile(ofAll)(h0, xs), ofAll(h0, xs));
  },
);

test("what all places share is not scanned, whatever it is: a tensor around, a variable, a result that is not known yet", () => {
  const around = float64([3, 5]);
  const f = (x: Tensor) => {
    const square = x.square();
    return scan(
      (c: Tensor, y: Tensor) => [c.mul(square).add(around.mul(y)).add(w.sum()), null],
      x,
      xs,
    )[0].sum();
  };
  const program = record(grad(f), h0);
  expectNear(program.run(h0), grad(f)(h0));
  expectNear(compile(grad(f))(h0), grad(f)(h0));
  expect(program.variables).toEqual([w]);
});

/** A matrix of many numbers. */
const wave = (rows: number, columns: number, scale: number) =>
  float64(
    Array.from({ length: rows }, (_, i) =>
      Array.from({ length: columns }, (_, j) => scale * Math.sin(1 + 3 * i + j)),
    ),
  );

test("the gradient of a large weight is one product after the loop, and the same as added up at each place", () => {
  const [own, shift] = [wave(48, 48, 0.2), wave(1, 48, 0.1)];
  const loss = (weight: Tensor, bias: Tensor, all: Tensor) =>
    scan(
      (h: Tensor, x: Tensor) => [h.matmul(weight).add(bias).add(x).tanh(), h.square()],
      zeros([1, 48], { dtype: "float64" }) as Tensor,
      all,
    )
      .map(scalar)
      .reduce((a, b) => a.add(b) as Tensor);
  const both = grad(loss, { argnums: [0, 1] });
  const program = record(both, own, shift, wave(7, 48, 1));
  expect(String(program)).toMatch(/\n%\d+ = gatedMatmul\(.*: float64 \[48, 48\]/);
  const expected = both(own, shift, wave(7, 48, 1));
  expectNear(program.run(own, shift, wave(7, 48, 1)), expected);
  expectNear(compile(both)(own, shift, wave(7, 48, 1)), expected);
  // A cotangent that is zero counts as absent, also where what it meets is not finite.
  const broken = float64([[Infinity, ...new Array<number>(47).fill(0)]]);
  const masked = (weight: Tensor) =>
    scan(
      (h: Tensor, x: Tensor) => [h, x.greater(2).select(h.add(broken).matmul(weight), x).sum()],
      zeros([1, 48], { dtype: "float64" }) as Tensor,
      wave(7, 48, 1),
    )[1].sum() as Tensor;
  expect(new Set(flat(grad(masked)(own)))).toEqual(new Set([0]));
  expect(new Set(flat(compile(grad(masked))(own)))).toEqual(new Set([0]));
});

test("what a body computes from nothing but what all places share is computed before the loop", () => {
  const loss = (weight: Tensor, all: Tensor) =>
    scan((h: Tensor, x: Tensor) => [h.mul(weight.exp().neg()).add(x), null], h0, all)[0].sum() as Tensor;
  const text = String(record(loss, h0, xs));
  expect(text).toMatch(/\n%\d+ = map exp\(%0\)/);
  expect(text).not.toMatch(/\n {4}%\d+ = map (exp|neg)/);
  const both = grad(loss, { argnums: [0, 1] });
  for (const f of [asProgram(both), compile(both)]) expectNear(f(h0, xs), both(h0, xs));
  // What grows stays where it is: a value that is repeated costs nothing until it is stored.
  const grows = (b: Tensor, all: Tensor) =>
    scan((h: Tensor, x: Tensor) => [h.add(b).add(x), null], zeros([9, 2], { dtype: "float64" }), all)[0];
  expect(String(record(grows, h0, zeros([3, 9, 2], { dtype: "float64" })))).toMatch(
    /\n {4}%\d+ = broadcastTo/,
  );
});

describe("a product of what is scanned and what all places share", () => {
  const weight = wave(4, 6, 2);
  const cell = (given: Tensor, all: Tensor) =>
    scan(
      (h: Tensor, x: Tensor) => {
        const next = x.reshape([-1, 4]).matmul(given).add(h.matmul(given)).tanh();
        return [next.slice(null, [0, 4]) as Tensor, next];
      },
      zeros([all.shape[1]!, 4], { dtype: "float64" }) as Tensor,
      all,
    )[1]
      .square()
      .sum() as Tensor;
  const inALoop = (given: Tensor, all: Tensor) => {
    let h = zeros([all.shape[1]!, 4], { dtype: "float64" }) as Tensor;
    let sum = float64(0) as Tensor;
    for (const x of all.unstack() as Tensor[]) {
      const next = x.matmul(given).add(h.matmul(given)).tanh();
      h = next.slice(null, [0, 4]) as Tensor;
      sum = sum.add(next.square().sum()) as Tensor;
    }
    return sum;
  };

  test.each([
    [1, true],
    [7, true],
    [8, false],
  ])("of %i rows at each place is computed for all places at once: %s", (rows, isHoisted) => {
    const all = wave(5 * rows, 4, 3).reshape([5, rows, 4]) as Tensor;
    const text = String(record(cell, weight, all));
    expect(text.match(/\n {4}%\d+ = matmul/g)).toHaveLength(isHoisted ? 1 : 2);
    for (const f of [grad(cell, { argnums: [0, 1] }), compile(grad(cell, { argnums: [0, 1] }))])
      expectNear(f(weight, all), grad(inALoop, { argnums: [0, 1] })(weight, all));
    const moved = ones([4, 6], { dtype: "float64" });
    expectNear(
      hvp((w: Tensor) => cell(w, all), weight, moved as Tensor),
      hvp((w: Tensor) => inALoop(w, all), weight, moved as Tensor),
    );
  });

  test("stays in the loop where its results are much larger than what is scanned", () => {
    const wide = (given: Tensor, all: Tensor) =>
      scan(
        (h: Tensor, x: Tensor) => [h.add(x.reshape([1, 4]).matmul(given).max()), null],
        float64(0) as Tensor,
        all,
      )[0];
    const all = wave(5, 4, 3);
    expect(String(record(wide, wave(4, 16, 1), all))).toMatch(/\n%\d+ = matmul/);
    expect(String(record(wide, wave(4, 17, 1), all))).toMatch(/\n {4}%\d+ = matmul/);
  });

  test("stays in the loop where the matrix is scanned, too", () => {
    const own = (rows: Tensor, matrices: Tensor) =>
      scan(
        (h: Tensor, [x, m]: [Tensor, Tensor]) => [h.add(x.reshape([1, 4]).matmul(m).max()), null],
        float64(0) as Tensor,
        [rows, matrices] as [Tensor, Tensor],
      )[0];
    const matrices = wave(20, 2, 1).reshape([5, 4, 2]) as Tensor;
    expect(String(record(own, wave(5, 4, 3), matrices))).toMatch(/\n {4}%\d+ = matmul/);
  });
});

test("trees are carried, scanned and given back in their form", () => {
  const f = (x: Tensor) =>
    scan(
      ({ sum, count }, { part }: { part: Tensor }) => [
        { sum: sum.add(part) as Tensor, count: count.add(1) as Tensor },
        { mean: sum.add(part).div(count.add(1)) },
      ],
      { sum: float64([0, 0]), count: float64(0) },
      { part: x },
    );
  for (const [{ sum, count }, { mean }] of [f(xs), compile(f)(xs)]) {
    expect(sum.toArray()).toEqual([1.8, 1.2]);
    expect(count.item()).toBe(3);
    expect(mean.shape).toEqual([3, 2]);
  }
});

test("without anything to scan a loop has a length, and without a place its results are empty", () => {
  const doubled = (x: Tensor) => scan((c: Tensor) => [c.mul(2), c], x, null, { length: 3 });
  for (const [last, all] of [doubled(h0), compile(doubled)(h0)]) {
    expect(last.toArray()).toEqual([0.8, 1.6]);
    expect(all.toArray()).toEqual([
      [0.1, 0.2],
      [0.2, 0.4],
      [0.4, 0.8],
    ]);
  }
  const never = (x: Tensor) => scan((c: Tensor) => [c.mul(2), c], x, null, { length: 0 });
  for (const [last, all] of [never(h0), compile(never)(h0)]) {
    expect(last.toArray()).toEqual(h0.toArray());
    expect(all.shape).toEqual([0, 2]);
  }
  const none = (x: Tensor) => scan(cell, x, zeros([0, 2], { dtype: "float64" }));
  for (const [last, all] of [none(h0), compile(none)(h0)]) {
    expect(last.toArray()).toEqual(h0.toArray());
    expect(all.shape).toEqual([0, 2]);
  }
  expect(grad((x: Tensor) => none(x)[0].sum())(h0).toArray()).toEqual([1, 1]);
});

test("loops lie in loops, and in checkpoints", () => {
  const inner = (c: Tensor, rows: Tensor): Tensor =>
    scan((d: Tensor, x: Tensor) => [cell(d, x)[0], null], c, rows)[0];
  const outer = (f: typeof inner) => (x: Tensor) =>
    scan((c: Tensor, rows: Tensor) => [f(c, rows), c], x, stack([xs, xs.mul(2)]) as Tensor)
      .map(scalar)
      .reduce((a, b) => a.add(b) as Tensor);
  const [plain, kept] = [outer(inner), outer(checkpoint(inner) as typeof inner)];
  const hessian = (f: typeof plain) => (x: Tensor) => hvp(f, x, float64([1, -2]));
  const expected = [grad(plain)(h0), hessian(plain)(h0)];
  for (const f of [plain, kept]) {
    expectNear(grad(f)(h0), expected[0]);
    expectNear(compile(grad(f))(h0), expected[0]);
    expectNear(compile(hessian(f))(h0), expected[1]);
  }
});

test("a batch of loops is a loop of batches, whichever of its operands have parts", () => {
  const starts = stack([h0, h0.mul(-2)]) as Tensor;
  const inputs = stack([xs, xs.mul(0.5)]) as Tensor;
  const loss = lossBy({ reverse: true });
  for (const inAxes of [
    [0, 0],
    [0, null],
    [null, 0],
  ] as const) {
    const [h, x] = [inAxes[0] === null ? h0 : starts, inAxes[1] === null ? xs : inputs];
    const many = vmap(grad(loss, { argnums: [0, 1] }), { inAxes }) as unknown as OfTensors;
    const one = (i: number) =>
      grad(loss, { argnums: [0, 1] })(
        (inAxes[0] === null ? h : h.slice(i)) as Tensor,
        (inAxes[1] === null ? x : x.slice(i)) as Tensor,
      );
    const expected = [...one(0), ...one(1)];
    for (const f of [many, compile(many as never) as unknown as OfTensors]) {
      const [dh, dx] = f(h, x) as [Tensor, Tensor];
      expectNear([dh.slice(0), dx.slice(0), dh.slice(1), dx.slice(1)], expected);
    }
  }
});

test("a loop is one line of a program, whatever its length, and what is kept for the way back is shown", () => {
  const text = (length: number) =>
    record(grad(lossBy({})), h0, zeros([length, 2], { dtype: "float64" })).toString();
  const [short, long] = [text(2000), text(5000)];
  expect(long.split("\n").length).toBe(short.split("\n").length);
  expect(long).toMatch(/= scan\.\d cell, 5000 times\(/);
  expect(long).toMatch(/= scan\.\d cell, 5000 times, backwards\(/);
  expect(long).toMatch(/: float64 \[5000, 2\]/);
  const listed = (length: number) =>
    String(compile(grad(lossBy({}))).program(h0, zeros([length, 2], { dtype: "float64" })));
  expect(listed(5000).split("\n").length).toBe(listed(2000).split("\n").length);
});

test("a program with loops and branches is saved, and does the same when it is read again", () => {
  const f = (h: Tensor) =>
    cond(
      h.sum().greater(0) as Tensor,
      (x) => scan(cell, x, xs)[0],
      (x) => x.mul(2) as Tensor,
      h,
    ).add(
      whileLoop(
        (c: Tensor) => c.sum().less(10) as Tensor,
        (c) => c.mul(2),
        h.abs().add(0.1) as Tensor,
      ),
    ) as Tensor;
  const program = record(f, h0);
  const again = Recorded.fromJSON(JSON.parse(JSON.stringify(program)));
  for (const h of [h0, h0.neg() as Tensor]) expectNear(again.run(h), f(h));
});

test.each(["relaxed", "simd", "none"] as const)("loops and branches run in the build %s", (build) => {
  const f = (h: Tensor) => {
    const y = cond(
      h.sum().greater(0) as Tensor,
      (x) => scan(cell, x, xs)[1],
      (x) => x.mul(xs) as Tensor,
      h,
    );
    return y.square().sum() as Tensor;
  };
  const derivative = valueAndGrad(f);
  const run = compile(derivative, { build: build === "relaxed" ? undefined : build } as never);
  for (const h of [h0, h0.neg() as Tensor]) {
    const [{ value, gradient }, expected] = [run(h), derivative(h)];
    expectNear([value, gradient], [expected.value, expected.gradient]);
  }
});

// ── What a body may not do, and what it calls ─────────────────────────────────────────────────────────────────────

test("a carry that changes is refused by the leaf that changes", () => {
  const change = (f: (c: { h: Tensor; n: Tensor }) => unknown) => () =>
    scan((c: { h: Tensor; n: Tensor }) => [f(c), null] as never, { h: h0, n: float64(0) }, null, {
      length: 2,
    });
  const cases = [
    [
      change(({ h, n }) => ({ h: h.sum(), n })),
      /carry\.h has shape \[2\], and the function gives one of shape \[\]/,
    ],
    [
      change(({ h, n }) => ({ h, n: n.cast("float32") })),
      /carry\.n is float64, and the function gives float32/,
    ],
    [change(({ h }) => ({ h })), /they differ in carry\.n/],
    [change(({ h, n }) => ({ h, n: n.item() })), /the function's carry\.n is a number/],
  ] as const;
  for (const [f, message] of cases) expect(f).toThrow(message);
  expect(() => record(cases[0][0])).toThrow(/carry\.h has shape \[2\]/);
  expect(() => compile(cases[1][0])()).toThrow(/carry\.n is float64/);
});

test("what can't be scanned is refused, with the way out", () => {
  const run = (x: unknown, options?: object) => () =>
    scan(((c: Tensor) => [c, c]) as never, h0, x as never, options);
  expect(run(null)).toThrow(/nothing is scanned; give xs, or how many times in \{ length \}/);
  expect(run(float64(1))).toThrow(/xs is a single number and has no axis to go along/);
  expect(run([xs, h0])).toThrow(/xs\[1\] of shape \[2\] has 2 parts along its first axis, and xs\[0\] has 3/);
  expect(run(xs, { length: 2 })).toThrow(/has 3 parts along its first axis, and length says 2/);
  expect(run(xs, { length: 1.5 })).toThrow(/length is 1.5/);
  expect(run(xs, { lenght: 3 })).toThrow(/lenght/);
  for (const checkpointEvery of [0, -1, 1.5, NaN])
    expect(run(xs, { checkpointEvery })).toThrow(
      `scan: checkpointEvery is ${checkpointEvery} and must be a whole number, 1 or more`,
    );
  expect(() => scan((() => h0) as never, h0, xs)).toThrow(/must give a pair/);
  expect(() => scan((async () => [h0, h0]) as never, h0, xs)).toThrow(/async/);
});

test("a recorded body assigns no variable, and a plain loop may", () => {
  const count = variable(float64(0), { name: "count" });
  const f = (x: Tensor) =>
    scan(
      (c: Tensor, row: Tensor) => {
        count.assign(count.add(1));
        return [c.add(row), null];
      },
      x,
      xs,
    )[0];
  f(h0);
  expect(count.item()).toBe(3);
  expect(() => compile(f)(h0)).toThrow(/assigns variable "count"/);
  expect(count.item()).toBe(3);
});

test("a primitive that only JavaScript computes runs within a loop, at each place on its own numbers", () => {
  const twice = definePrimitive({
    name: "twice",
    shape: ([shape]) => shape!,
    value: ([x], out) => {
      for (let i = 0; i < out.length; i++) out[i] = 2 * x!.data[i]!;
    },
    pullback: (_, dy) => [dy.mul(2)],
  }) as unknown as (x: Tensor) => Tensor;
  const f = (x: Tensor) => scan((c: Tensor, row: Tensor) => [c.add(twice(row.mul(c))).sin(), c], x, xs);
  const loss = (x: Tensor) => f(x)[0].sum().add(f(x)[1].sum()) as Tensor;
  expectNear(compile(loss)(h0), loss(h0));
  expectNear(compile(grad(loss))(h0), grad(loss)(h0));
});

test("an index out of range within a loop or a branch is refused before any variable changes", () => {
  const table = float64([
    [1, 2],
    [3, 4],
  ]);
  const state = variable(float64([0, 0]));
  const lookup = compile((tokens: Tensor) => {
    const [sum] = scan((c: Tensor, t: Tensor) => [c.add(table.gather(t)), null], h0, tokens);
    state.assign(sum);
    return sum;
  });
  const tokens = (...list: number[]) => tensor(list, { dtype: "int32" }) as Tensor;
  expect(lookup(tokens(0, 1, -1)).toArray()).toEqual([7.1, 10.2]);
  // Also one that could change before the loop runs.
  const calls = variable(float64(0));
  const counted = compile((list: Tensor) => {
    calls.assign(calls.add(1));
    return scan((c: Tensor, t: Tensor) => [c.add(table.gather(t)), null], h0, list)[0];
  });
  counted(tokens(0, 1));
  expect(() => counted(tokens(0, 2))).toThrow(/index 2/);
  expect(calls.item()).toBe(1);
  const before = state.toArray();
  expect(() => lookup(tokens(0, 2, 1))).toThrow(/index 2/);
  expect(state.toArray()).toEqual(before);
  const branch = compile((t: Tensor, takes: Tensor) =>
    cond(
      takes,
      (i: Tensor) => table.gather(i) as Tensor,
      (_: Tensor) => h0,
      t,
    ),
  );
  // What does not run does not refuse.
  expect(branch(tokens(7).slice(0) as Tensor, tensor(false) as Tensor).toArray()).toEqual(h0.toArray());
  expect(() => branch(tokens(7).slice(0) as Tensor, tensor(true) as Tensor)).toThrow(/index 7/);
});

// ── Branches ──────────────────────────────────────────────────────────────────────────────────────────────────────

const branching = (x: Tensor) =>
  cond(
    x.sum().greater(0) as Tensor,
    (t) => t.mul(w.sum()) as Tensor,
    (t) => t.square() as Tensor,
    x,
  );

test("a branch runs one of two functions, and has its derivatives", () => {
  const loss = (x: Tensor) => branching(x).square().sum() as Tensor;
  const second = (x: Tensor) => hvp(loss, x, h0);
  for (const x of [h0, h0.neg() as Tensor])
    for (const f of [loss, grad(loss), second] as OfTensors[]) {
      expectNear(compiled(f)(x), f(x));
      expectNear(asProgram(f)(x), f(x));
    }
  const ofVariable = (x: Tensor) => grad((v: typeof w) => loss(v && x))(w);
  expect(compile(ofVariable)(h0.neg() as Tensor).toArray()).toEqual([
    [0, 0],
    [0, 0],
  ]);
  expectNear(compile(ofVariable)(h0), ofVariable(h0));
});

test("each operand of a branch has a derivative of its own", () => {
  const loss = (x: Tensor, y: Tensor) =>
    cond(
      x.sum().greater(0) as Tensor,
      (a: Tensor, b: Tensor) => a.mul(b).sum(),
      (a: Tensor, b: Tensor) => a.sub(b.square()).sum(),
      x,
      y,
    );
  const both = grad(loss, { argnums: [0, 1] });
  const other = float64([3, -5]);
  for (const x of [h0, h0.neg() as Tensor])
    for (const f of [asProgram(both), compile(both)] as OfTensors[]) expectNear(f(x, other), both(x, other));
});

test("a branch that is not taken contributes nothing, even where it is not defined", () => {
  const f = (x: Tensor) =>
    cond(
      x.greater(0) as Tensor,
      (t) => t.log() as Tensor,
      (t) => t.mul(3) as Tensor,
      x,
    );
  const many = vmap(f) as unknown as typeof f;
  for (const x of [-2, 2]) {
    const slope = x > 0 ? 1 / x : 3;
    for (const each of [f, compile(f)]) expect(grad(each)(float64(x)).item()).toBe(slope);
    for (const each of [many, compile(many)])
      expect(grad((t: Tensor) => each(t).sum())(float64([x, -3])).toArray()).toEqual([slope, 3]);
  }
});

test("parts that decide differently each take their own", () => {
  const all = stack([h0, h0.neg(), h0.mul(3)]) as Tensor;
  const expected = [0, 1, 2].map((i) => branching(all.slice(i) as Tensor));
  const many = vmap(branching) as unknown as typeof branching;
  for (const f of [many, compile(many)]) expectNear(f(all), expected);
});

test("branches that take nothing give what they are made of, one by one and for many at once", () => {
  const sign = (x: Tensor) =>
    cond(
      x.greater(1) as Tensor,
      () => float64([1, 2]),
      () => w.slice(0) as Tensor,
    );
  const many = vmap(sign) as unknown as typeof sign;
  const expected = [
    [0.5, -0.3],
    [1, 2],
  ];
  for (const f of [many, compile(many)]) expect(f(float64([0, 3])).toArray()).toEqual(expected);
  const constant = (x: Tensor) =>
    cond(
      x.greater(1) as Tensor,
      () => float64([1, 2]),
      () => float64([3, 4]),
    );
  const all = vmap(constant) as unknown as typeof constant;
  for (const f of [all, compile(all)])
    expect(f(float64([0, 3])).toArray()).toEqual([
      [3, 4],
      [1, 2],
    ]);
});

test("a condition is one truth value, and both functions give the same form", () => {
  const [yes, no] = [(x: Tensor) => x, (x: Tensor) => x.sum() as Tensor];
  expect(() => cond(h0.greater(0) as Tensor, yes, yes, h0)).toThrow(/condition has shape \[2\].*all\(\)/);
  expect(() => cond(h0.sum() as Tensor, yes, yes, h0)).toThrow(/is float64 and must be bool/);
  expect(cond(true, yes, no, h0)).toBe(h0);
  const recordBoth = (f: (x: Tensor) => unknown, g: (x: Tensor) => unknown) => () =>
    record((x: Tensor) => cond(x.sum().greater(0) as Tensor, f, g, x), h0);
  expect(recordBoth(yes, no)).toThrow(
    /result has shape \[2\] where the condition is true and \[\] where it is false/,
  );
  expect(recordBoth(yes, (x) => x.cast("float32"))).toThrow(
    /float64 where the condition is true and float32/,
  );
  expect(recordBoth(yes, (x) => [x])).toThrow(/different forms/);
});

// ── Loops that end by themselves ──────────────────────────────────────────────────────────────────────────────────

/** Newton's iteration for the square root of a. */
const root = (a: Tensor) =>
  whileLoop(
    ({ x }: { x: Tensor; n: Tensor }) => x.square().sub(a).abs().max().greater(1e-12) as Tensor,
    ({ x, n }) => ({ x: x.add(a.div(x)).mul(0.5), n: n.add(1) }),
    { x: a as Tensor, n: tensor(0, { dtype: "int32" }) as Tensor },
  );

test("a loop with a condition goes on until it fails", () => {
  const a = float64([2, 9]);
  for (const f of [root, compile(root)]) {
    const { x, n } = f(a);
    expectNear(x, float64([Math.SQRT2, 3]));
    expect(n.item()).toBe(6);
  }
});

test("a loop with a condition has derivatives forwards", () => {
  const a = float64([2, 9]);
  const f = (t: Tensor) => jvp((s: Tensor) => root(s).x, t, float64([1, 1])).tangent as Tensor;
  for (const each of [f, compile(f)])
    flat(each(a)).forEach((value, i) => {
      // The tangent is one step of Newton's iteration behind the value, and so has half of its digits.
      expect(value).toBeCloseTo(0.5 / Math.sqrt([2, 9][i]!), 9);
    });
});

test("a loop with a condition has no derivatives backwards, and says what to use", () => {
  expect(() => grad((t: Tensor) => root(t).x.sum())(float64([2, 9]))).toThrow(
    /whileLoop: has no reverse mode.*use scan.*customVjp/,
  );
  expect(() => compile(grad((t: Tensor) => root(t).x.sum()))(float64([2, 9]))).toThrow(/no reverse mode/);
});

test("in a batch each part ends by itself", () => {
  const all = float64([
    [2, 9],
    [1e6, 1],
  ]);
  const expected = [0, 1].map((i) => root(all.slice(i) as Tensor));
  const many = vmap(root) as unknown as (a: Tensor) => { x: Tensor; n: Tensor };
  for (const f of [many, compile(many)]) {
    const { x, n } = f(all);
    expect(n.toArray()).toEqual(expected.map((each) => each.n.item()));
    expectNear(
      x,
      expected.map((each) => each.x),
    );
  }
});

test("a loop with a condition is given what it can decide by", () => {
  const goes = (c: Tensor) => c.mul(2) as Tensor;
  expect(() => whileLoop((() => true) as never, goes, h0)).toThrow(/gives a boolean and must give a tensor/);
  expect(() => whileLoop((c: Tensor) => c.less(1) as Tensor, goes, h0)).toThrow(/condition has shape \[2\]/);
  expect(() =>
    whileLoop(
      (c: Tensor) => c.sum().less(1) as Tensor,
      (c) => c.sum(),
      h0,
    ),
  ).toThrow(/carry has shape \[2\], and the function gives one of shape \[\]/);
  expect(() => whileLoop(() => tensor(true) as Tensor, goes as never, [] as never)).toThrow(
    /holds no tensor/,
  );
});

// ── Memory ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The bytes of a compiled program's memory, as its listing says. */
function peakOf(listing: string): number {
  const [, number, unit] = /arena ([\d.]+) (B|KiB|MiB)/.exec(listing)!;
  return Number(number) * { B: 1, KiB: 1024, MiB: 2 ** 20 }[unit as "B"];
}

test("a network of 64 layers takes a quarter of the memory with a checkpoint every eight layers", () => {
  const layers = Array.from({ length: 64 }, (_, i) =>
    float64(
      Array.from({ length: 4 }, (_, r) => Array.from({ length: 4 }, (_, c) => Math.sin(i + 3 * r + c))),
    ),
  );
  const stretch = (part: readonly Tensor[], x: Tensor) =>
    part.reduce((h, layer) => h.matmul(layer).tanh().add(h.square().mul(0.1)) as Tensor, x);
  const parts = Array.from({ length: 8 }, (_, i) => layers.slice(8 * i, 8 * i + 8));
  const loss = (through: typeof stretch) => (x: Tensor) =>
    parts.reduce((h, part) => through(part, h), x).sum() as Tensor;
  const plain = compile(grad(loss(stretch)));
  const kept = compile(grad(loss(checkpoint(stretch) as typeof stretch)));
  const x = zeros([1024, 4], { dtype: "float64" }).add(0.5) as Tensor;
  const listings = [plain, kept].map((f) => peakOf(String(f.program(x))));
  expect(listings[1]! / listings[0]!).toBeLessThan(0.25);
  expectNear(kept(x), plain(x));
});

test("the memory of a loop with its gradient grows by what it keeps, and with a checkpoint by its carries alone", () => {
  const width = 64;
  const body = (c: Tensor, x: Tensor) => c.mul(x).sin().mul(c.cos()).add(x.exp().mul(c)).tanh() as Tensor;
  const loss = (f: typeof body) => (c: Tensor, all: Tensor) =>
    scan((d: Tensor, x: Tensor) => [f(d, x), null], c, all)[0].sum() as Tensor;
  const peak = (f: typeof body, length: number) =>
    peakOf(
      String(
        compile(grad(loss(f))).program(
          zeros([width], { dtype: "float64" }),
          zeros([length, width], { dtype: "float64" }),
        ),
      ),
    );
  const growth = (f: typeof body) => (peak(f, 4000) - peak(f, 1000)) / (3000 * 8 * width);
  // What is scanned, and the carries.
  expect(growth(checkpoint(body) as typeof body)).toBeCloseTo(2, 1);
  expect(growth(body)).toBeGreaterThan(4);
});

describe("a loop with a checkpoint every so many steps", () => {
  const body = ({ h, n }: { h: Tensor; n: Tensor }, x: Tensor) => {
    const next = h.mul(x).sin().add(w.sum()).mul(h.cos()) as Tensor;
    return [
      { h: next, n: n.add(1) as Tensor },
      { sum: next.sum() as Tensor, all: [next.square(), n] },
    ] as const;
  };
  const all = wave(7, 2, 1);
  const first = { h: h0, n: float64(0) };

  test("gives what it gives without, whatever the lengths, from either end", () => {
    for (let length = 0; length <= 7; length++)
      for (let checkpointEvery = 1; checkpointEvery <= 8; checkpointEvery++)
        for (const reverse of [false, true]) {
          const run = (xs: Tensor, options: object) => scan(body, first, xs, { reverse, ...options });
          const part = all.slice([0, length]) as Tensor;
          const [last, ys] = run(part, { checkpointEvery });
          const [lastPlain, ysPlain] = run(part, {});
          const flatOf = (carry: typeof last, results: typeof ys) =>
            flat([carry.h, carry.n, results.sum, ...results.all]);
          expect(flatOf(last, ys), `${length} in stretches of ${checkpointEvery}`).toEqual(
            flatOf(lastPlain, ysPlain),
          );
          expect(ys.all[0]!.shape).toEqual([length, 2]);
        }
  });

  test("has the same derivatives, compiled and of second order, and for many inputs at once", () => {
    const lossBy = (options: object) => (h: Tensor, xs: Tensor, weight: Tensor) => {
      const [last, ys] = scan(
        (c: Tensor, x: Tensor) => {
          const next = c.mul(weight).add(x).tanh() as Tensor;
          return [next, next.mul(x)];
        },
        h,
        xs,
        options,
      );
      return last.sum().add(ys.square().sum()) as Tensor;
    };
    const weight = float64([0.7, -0.4]);
    for (const checkpointEvery of [1, 2, 3, 6])
      for (const reverse of [false, true]) {
        const [kept, plain] = [{ checkpointEvery, reverse }, { reverse }].map(lossBy);
        const first = (loss: typeof kept) => grad(loss!, { argnums: [0, 1, 2] });
        const second = (loss: typeof kept) => (h: Tensor, xs: Tensor) =>
          grad((v: Tensor) => flatSum(first(loss)(h, xs, v)))(weight);
        expectNear(first(kept)(h0, all, weight), first(plain)(h0, all, weight));
        expectNear(compile(first(kept))(h0, all, weight), first(plain)(h0, all, weight));
        expectNear(second(kept)(h0, all), second(plain)(h0, all));
        const many = (loss: typeof kept) =>
          vmap(first(loss) as never, { inAxes: [0, null, null] }) as unknown as OfTensors;
        const starts = stack([h0, h0.mul(2), h0.neg()] as never) as Tensor;
        expectNear(many(kept)(starts, all, weight), many(plain)(starts, all, weight));
      }
  });

  test("makes no checkpoint of the steps that run last, which the way back would compute twice in a row", () => {
    const loop = (c: Tensor, xs: Tensor) =>
      scan((c: Tensor, x: Tensor) => [c.mul(x).sin(), null], c, xs, { checkpointEvery: 3 })[0];
    for (const [length, stretches, last] of [
      [6, 1, 3],
      [7, 2, 1],
    ]) {
      const steps = String(record(loop, float64(1), zeros([length!], { dtype: "float64" })));
      const times = [...steps.matchAll(/^%\d+ = scan.* (\d+) times/gm)].map(([, count]) => Number(count));
      expect(times).toEqual([stretches, last]);
    }
  });

  test("runs as often as it is told where nothing is scanned, and gives no results where there are none", () => {
    const twice = (c: Tensor) => [c.mul(2), null] as const;
    const [last, ys] = scan(twice, float64(1) as Tensor, null, { length: 7, checkpointEvery: 3 });
    expect([last.item(), ys]).toEqual([128, null]);
  });

  test("takes memory for the carries of its stretches, and for the steps of one", () => {
    const width = 64;
    const step = (c: Tensor, x: Tensor) => [c.mul(x).sin().mul(c.cos()).add(x.exp().mul(c)).tanh(), null];
    const [length, every] = [1024, 32];
    const peak = (options: object) =>
      peakOf(
        String(
          compile(
            grad((c: Tensor, xs: Tensor) => scan(step as never, c, xs, options)[0].sum() as Tensor),
          ).program(zeros([width], { dtype: "float64" }), zeros([length, width], { dtype: "float64" })),
        ),
      );
    const scanned = 8 * width * length;
    const [plain, kept] = [peak({}), peak({ checkpointEvery: every })].map((each) => each - scanned);
    // 32 carries and what 32 steps keep, beside what 1,024 keep: a thirty-second, and half of one for the carries.
    expect(kept! / plain!).toBeLessThan(1 / 16);
  });

  test("refuses results that change from one stretch to the next, in form or in shape", () => {
    // The first three steps are recorded once, as one stretch; the last one runs by itself.
    const changing = (before: (x: Tensor) => object, after: (x: Tensor) => object) => {
      let calls = 0;
      const step = (c: Tensor, x: Tensor) => [c.add(x), calls++ === 0 ? before(x) : after(x)];
      return () => scan(step as never, zeros([6]) as Tensor, ones([4, 6]), { checkpointEvery: 3 });
    };
    const some = (x: Tensor) => ({ a: x });
    const more = (x: Tensor) => ({ a: x, b: x });
    for (const run of [changing(some, more), changing(more, some)])
      expect(run).toThrow(/results of different forms at different indices/);
    const wide = (x: Tensor) => x.reshape([2, 3]);
    const high = (x: Tensor) => x.reshape([3, 2]);
    expect(changing(wide, high)).toThrow(/concat/);
  });

  test("refuses what a checkpoint refuses", () => {
    const count = variable(float64(0), { name: "count" });
    const f = () =>
      scan(
        (c: Tensor, x: Tensor) => {
          count.assign(count.add(1));
          return [c.add(x), null];
        },
        h0,
        all,
        { checkpointEvery: 2 },
      );
    expect(f).toThrow(/the function assigns variable "count"/);
    expect(count.item()).toBe(0);
  });
});

test("the gradient that a loop adds up goes on from what the steps after it gave: no second sum is held beside it", () => {
  // What comes first among the things that the loop's steps share has no gradient.
  const loss = (weight: Tensor, xs: Tensor, scale: Tensor) => {
    const grown = (c: Tensor, x: Tensor) => [c.add(scale.mul(x).mul(weight).sin()), null] as const;
    const [last] = scan(grown, zeros([6], { dtype: "float64" }) as Tensor, xs);
    return last.mul(weight).sum() as Tensor;
  };
  const [weight, scale] = [wave(6, 1, 1).reshape([6]), wave(6, 1, 2).reshape([6])];
  const times = [0.5, -1.25, 2];
  const xs = float64(times);
  const slope = grad(loss);
  const program = record(slope, weight, xs, scale);
  expect(String(program)).toMatch(/\n%(\d+) = scan\.1 grown, 3 times, backwards\(.*\n( .*\n)*return %\1$/);
  // d(Σ sin(s·x·w)·w)/dw, in plain numbers.
  const expected = Array.from(weight.data, (w, i) =>
    times
      .map((x) => x * scale.data[i]!)
      .reduce((sum, angle) => sum + Math.sin(angle * w) + w * angle * Math.cos(angle * w), 0),
  );
  for (const found of [
    slope(weight, xs, scale),
    compile(slope)(weight, xs, scale),
    program.run(weight, xs, scale),
  ])
    expectNear(found, float64(expected));
});
