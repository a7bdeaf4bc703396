// What a compiled function of scalars is to those who call it: leaves, results on the tape, backward, and what it
// refuses.

import { expect, test } from "vitest";
import { CompileError } from "../../../packages/autograd/src/array/errors.ts";
import { compile } from "../../../packages/autograd/src/compile/compile.ts";
import { bind, noGrad, transaction } from "../../../packages/autograd/src/differentiate/surroundings.ts";
import { type Scalar, scalar } from "../../../packages/autograd/src/scalar/scalar.ts";
import { tensor } from "../../../packages/autograd/src/tensor/creation.ts";
import { variable } from "../../../packages/autograd/src/tensor/variable.ts";

const close = (a: number, b: number) =>
  expect(Math.abs(a - b)).toBeLessThanOrEqual(1e-12 * (1 + Math.abs(b)));

test("a call reads the leaves' present values, those that were assigned since too", () => {
  const [x, y] = [scalar(2), scalar(3)];
  const f = compile(() => x.mul(y).add(x.tanh()));
  close(f().value, 6 + Math.tanh(2));
  x.assign(-1);
  close(f().value, -3 + Math.tanh(-1));
});

test("a program that was prepared meanwhile computes and differentiates like one that was made at once", async () => {
  const x = scalar(0.5);
  const chain = () => {
    let y: Scalar = x;
    for (let i = 1; i <= 40; i++) y = y.mul(x).add(i / 100);
    return y;
  };
  const [prepared, made] = [compile(chain), compile(chain)];
  const program = await prepared.prepare();
  const [a, b] = [prepared(), made()];
  expect(prepared.programs).toEqual([program]);
  expect(a.value).toBe(b.value);
  a.backward();
  const slope = x.grad;
  b.backward();
  expect(x.grad).toBe(2 * slope);
});

test("backward on a result adds to every leaf's grad, twice if it is called twice", () => {
  const [x, y] = [scalar(2), scalar(3)];
  const result = compile(() => x.mul(x).mul(y))();
  result.backward();
  expect([x.grad, y.grad]).toEqual([12, 4]);
  result.backward();
  expect([x.grad, y.grad]).toEqual([24, 8]);
  expect(result.grad).toBe(1);
});

test("a result differentiates at the values that its call saw, whatever was assigned or called since", () => {
  const x = scalar(2);
  const cube = compile(() => x.mul(x).mul(x));
  const first = cube();
  x.assign(5);
  const second = cube();
  first.backward();
  expect(x.grad).toBe(12);
  second.backward();
  expect(x.grad).toBe(12 + 75);
});

test("a result goes on: in eager steps, in other compiled functions, and as what these take from around them", () => {
  const [x, y] = [scalar(0.5), scalar(-2)];
  const square = compile((a: Scalar) => a.mul(a));
  const inner = x.mul(3);
  const result = square(inner.add(square(y)));
  const outer = compile(() => result.mul(inner).mul(x));
  const end = outer().add(y.mul(result));
  end.backward();
  const at = (x: number, y: number) => {
    const result = (3 * x + y * y) ** 2;
    return result * 3 * x * x + y * result;
  };
  close(end.value, at(0.5, -2));
  const h = 1e-6;
  expect(x.grad).toBeCloseTo((at(0.5 + h, -2) - at(0.5 - h, -2)) / (2 * h), 5);
  expect(y.grad).toBeCloseTo((at(0.5, -2 + h) - at(0.5, -2 - h)) / (2 * h), 5);
  // What lies between has its own derivative too.
  close(inner.grad, 2 * 5.5 * (3 * 0.25 - 2 + 0) + 5.5 ** 2 * 0.5);
});

test("arguments and results may be trees of Scalars; numbers are part of the signature", () => {
  const f = compile(({ point, scale }: { point: Scalar[]; scale: number }) => ({
    sum: point.reduce((sum, each) => sum.add(each)),
    scaled: point.map((each) => each.mul(scale)),
    first: point[0]!,
    fixed: "text",
  }));
  const point = [scalar(1), scalar(2), scalar(3)];
  const { sum, scaled, first, fixed } = f({ point, scale: 10 });
  expect([sum.value, ...scaled.map(({ value }) => value), first.value]).toEqual([6, 10, 20, 30, 1]);
  expect(fixed).toBe("text");
  scaled[1]!.mul(scaled[2]!).add(first).backward();
  expect(point.map(({ grad }) => grad)).toEqual([1, 300, 200]);
  expect(f({ point, scale: 2 }).scaled[0]!.value).toBe(2);
  f({ point: [point[0]!, point[0]!, point[0]!], scale: 2 });
  expect(f.programs.length).toBe(2);
});

test("one Scalar given twice, and taken from around the function as well, gets the sum of its derivatives", () => {
  const x = scalar(3);
  compile((a: Scalar, b: Scalar) => a.mul(b).mul(x))(x, x).backward();
  expect(x.grad).toBe(27);
});

test("a whole step with backward inside adds to the leaves in every call, also through Scalars computed outside", () => {
  const [w, x] = [scalar(2), scalar(3)];
  const outside = x.mul(x);
  let runs = 0;
  const step = compile(() => {
    runs++;
    const loss = w.mul(outside).add(w.mul(w));
    loss.backward();
    w.backward();
    return loss;
  });
  expect(step().value).toBe(22);
  expect([w.grad, x.grad]).toEqual([9 + 4 + 1, 12]);
  step();
  expect([w.grad, x.grad]).toEqual([28, 24]);
  const descent = () => {
    w.assign(w.value - 0.1 * w.grad);
    return step().value;
  };
  const values = Array.from({ length: 200 }, descent);
  expect(runs).toBe(1);
  // w² + 10w + … : backward on w itself adds 1.
  close(w.value, -5);
  close(values.at(-1)!, 25 - 45);
});

test("a step that returns nothing is not lost, and program().run() does it again", () => {
  const x = scalar(3);
  const step = compile(() => {
    x.square().backward();
  });
  expect(step()).toBe(undefined);
  expect(x.grad).toBe(6);
  step.program().run();
  expect(x.grad).toBe(12);
});

test("gradients asked for inside are results that differentiate again", () => {
  const x = scalar(2);
  const f = compile(() => x.mul(x).mul(x).gradient([x])[0]!);
  expect(f().value).toBe(12);
  f().backward();
  expect(x.grad).toBe(12);
  x.assign(3);
  expect(f().value).toBe(27);
});

test("steps whose results and leaves are many leave memory flat", async () => {
  const leaves = Array.from({ length: 2000 }, (_, i) => scalar(i));
  const step = compile(() => leaves.reduce((sum, leaf) => sum.add(leaf.mul(leaf)), scalar(0)));
  // Typed arrays' memory is returned a little after their objects.
  const held = async () => {
    for (let i = 0; i < 4; i++) {
      globalThis.gc!();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return process.memoryUsage().arrayBuffers;
  };
  for (let i = 0; i < 10; i++) step().backward();
  const before = await held();
  for (let i = 0; i < 1000; i++) step().backward();
  // Each call keeps 16 kB for as long as its result lives.
  expect((await held()) - before).toBeLessThan(4_000_000);
});

test("a chain in which every round needs the one before is compiled too", () => {
  const [w, b] = [scalar(0.9), scalar(0.1)];
  const f = () => {
    let x = scalar(0.5);
    for (let i = 0; i < 3000; i++) x = x.mul(w).add(b).tanh();
    return x;
  };
  const eager = f();
  eager.backward();
  const grads = [w.grad, b.grad];
  const compiled = compile(f);
  const result = compiled();
  result.backward();
  expect(result.value).toBe(eager.value);
  // What f makes by itself is no operand.
  expect(compiled.program().toString()).toMatch(/ on 2 operands /);
  close(w.grad, 2 * grads[0]!);
  close(b.grad, 2 * grads[1]!);
});

test("data that differ in one round, and loops that feed loops, give what they give eagerly", () => {
  const weights = Array.from({ length: 40 }, (_, j) => scalar(Math.sin(j)));
  const points = Array.from({ length: 50 }, (_, r) => scalar(Math.cos(r)));
  const f = () => {
    const norm = weights.reduce((sum, w) => sum.add(w.square()), scalar(1e-3)).sqrt();
    const unit = weights.map((w) => w.div(norm));
    const scores = points.map((p, r) => {
      const score = unit.reduce(
        (sum, u, j) =>
          sum.add(
            u
              .mul(p)
              .add(j % 3)
              .tanh(),
          ),
        p,
      );
      return r === 17 ? score.mul(norm).sin() : score;
    });
    const highest = scores.reduce((most, score) => most.maximum(score));
    const total = scores.map((score) => score.sub(highest).exp()).reduce((sum, each) => sum.add(each));
    return total.log().add(highest).sub(scores[17]!);
  };
  const eager = f();
  eager.backward();
  const all = [...weights, ...points];
  const grads = all.map(({ grad }) => grad);
  for (const each of all) each.assign(each.value);
  const compiled = compile(f);
  const result = compiled();
  result.backward();
  close(result.value, eager.value);
  all.forEach((each, i) => {
    expect(Math.abs(each.grad - grads[i]!)).toBeLessThan(1e-11);
  });
  expect(compiled.program().toString()).toMatch(/loop/);
});

/** Expects the values and derivatives of the sum of what f gives to be the eager ones; gives the program's listing. */
function expectLikeEager(leaves: readonly Scalar[], f: () => Scalar[]): string {
  const compiled = compile(f);
  const outcomes = [f, compiled].map((run) => {
    for (const leaf of leaves) leaf.assign(leaf.value);
    const results = run();
    results.reduce((sum, each) => sum.add(each)).backward();
    return [...results.map(({ value }) => value), ...leaves.map(({ grad }) => grad)];
  });
  outcomes[0]!.forEach((eager, i) => {
    close(outcomes[1]![i]!, eager);
  });
  return compiled.program().toString();
}

test("running totals that are read on the way are no sums", () => {
  const data = Array.from({ length: 100 }, (_, r) => scalar(Math.sin(r)));
  const running = (read: (total: Scalar) => Scalar) => () => {
    let [total, sum] = [scalar(0.1), scalar(0)];
    const totals = data.map((datum) => {
      total = total.add(datum.square().tanh());
      sum = sum.add(read(total));
      return total;
    });
    return { sum, totals };
  };
  expectLikeEager(data, () => [running((total) => total.sin())().sum]);
  expectLikeEager(data, () => running((total) => total.sin())().totals);
  expectLikeEager(data, () => running((total) => total.sin())().totals.filter((_, r) => r % 7 === 3));
});

test("a loop reads two sequences apart that begin and end alike", () => {
  const data = Array.from({ length: 64 }, (_, r) => scalar(Math.sin(r)));
  const other = data.map((datum, r) => (r === 0 || r === 63 ? datum : data[63 - r]!));
  const listed = expectLikeEager(data, () =>
    data.map((datum, r) => datum.sin().mul(other[r]!.exp()).add(other[r]!).tanh()),
  );
  expect(listed).toMatch(/loop {9}64 × 5 steps/);
});

test("rounds begin where the body does, also after steps that are like its end", () => {
  const w = scalar(0.7);
  const data = Array.from({ length: 64 }, (_, r) => scalar(Math.sin(r)));
  const listed = expectLikeEager([w, ...data], () => {
    const before = w.sqrt().mul(w).tanh().sin();
    return [before, ...data.map((datum) => datum.exp().mul(w).add(1).tanh().sin())];
  });
  expect(listed).toMatch(/loop {9}64 × 5 steps/);
});

test("the branch that a select did not take contributes nothing, even where it is NaN", () => {
  const x = scalar(-1);
  const f = compile(() => x.less(0).select(x.mul(2), x.sqrt()));
  f().backward();
  expect(x.grad).toBe(2);
  const many = Array.from({ length: 64 }, (_, i) => scalar(i - 20));
  const sum = compile(() =>
    many
      .map((each) => each.less(0).select(each.mul(2).sin(), each.log().sqrt().add(each)))
      .reduce((a, b) => a.add(b)),
  );
  sum().backward();
  close(many[3]!.grad, 2 * Math.cos(2 * -17));
});

test("what needs numbers while it is recorded is refused, with the way out", () => {
  const x = scalar(2);
  const message = (f: () => unknown): string => {
    try {
      compile(f)();
    } catch (error) {
      expect(error).toBeInstanceOf(CompileError);
      return (error as Error).message;
    }
    return "nothing was thrown";
  };
  expect(message(() => (x.value > 0 ? x.mul(2) : x))).toMatch(
    /number is asked for.*condition\.select\(a, b\)/,
  );
  expect(message(() => x.mul(x.grad))).toMatch(/grad is asked for.*backward inside and read grad outside/);
  expect(message(() => x.assign(3))).toMatch(/assigned while.*assign outside/);
  expect(message(() => [x.mul(2), tensor([1, 2]).add(1)])).toMatch(/Scalars and with Tensors/);
  const v = variable(tensor([1, 2]));
  expect(message(() => [x.mul(2), v.mul(3).sum()])).toMatch(/Scalars and with Tensors/);
  // Nothing is left of a recording that failed.
  x.mul(3).backward();
  expect([x.grad, x.value]).toEqual([3, 2]);
});

test("what is refused while a function is recorded is refused too where it binds variables or records nothing", () => {
  const x = scalar(2);
  const v = variable(tensor([1, 2]));
  const within: ((run: () => Scalar) => unknown)[] = [
    (run) => bind([v], [tensor([3, 4])], run),
    (run) => noGrad(run),
    (run) => transaction(run),
    (run) => noGrad(() => bind([v], [tensor([3, 4])], () => transaction(run))),
  ];
  for (const run of within) {
    const asked = compile(() => run(() => x.mul(x.value)));
    expect(() => asked()).toThrow(/number is asked for/);
    const changed = compile(() =>
      run(() => {
        x.assign(3);
        return x;
      }),
    );
    expect(() => changed()).toThrow(/assigned while/);
    // Outside of recordings nothing is.
    expect(run(() => x.mul(x.value))).toHaveProperty("value", 4);
  }
});

test("gradient on a result says where to ask for it", () => {
  const x = scalar(2);
  const result = compile(() => x.square())();
  expect(() => result.add(1).gradient([x])).toThrow(/compile\(\(\) => loss\.gradient\(inputs\)\)/);
});

test("backward twice inside adds twice, and a Scalar that is returned twice has both cotangents", () => {
  const x = scalar(3);
  compile(() => {
    const loss = x.square();
    loss.backward();
    loss.backward();
  })();
  expect(x.grad).toBe(12);
  x.assign(2);
  const [a, b] = compile(() => {
    const y = x.square();
    return [y, y] as const;
  })();
  a.mul(5).add(b.mul(7)).backward();
  expect(x.grad).toBe(48);
});
