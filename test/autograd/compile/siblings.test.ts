// Parts of a program that don't wait for each other but read the same array are computed in one pass, and what is computed
// takes the place of an operand that nothing needs any more: how many kernels there are, how large the arena is, and that
// numbers stay those of eager evaluation.

import { compile, normal, randomKey, splitKey, type Tensor, variable } from "@adjoint/autograd";
import { expect, test } from "vitest";

const kernelsOf = (program: unknown) => Number(/program: (\d+) kernels/.exec(String(program))![1]);
/** In KiB. */
function arenaOf(program: unknown): number {
  const [, size, unit] = /arena ([\d.]+) (B|KiB|MiB)/.exec(String(program))!;
  return Number(size) * { B: 1 / 1024, KiB: 1, MiB: 1024 }[unit as "B" | "KiB" | "MiB"];
}

const [xKey, wKey] = splitKey(randomKey(1), 2);
const x = normal(xKey, [64, 100]) as Tensor;
const w = normal(wKey, [100, 80]) as Tensor;

/** Checks that a function gives the same compiled, and returns its program. Sums may differ in the last digits. */
function compared(f: (x: Tensor) => readonly Tensor[], given: Tensor = x): unknown {
  const compiled = compile(f);
  const expected = f(given);
  compiled(given).forEach((result, i) => {
    const [a, b] = [result.data, expected[i]!.data];
    expect(a.length).toBe(b.length);
    // Single precision rounds to 2⁻²⁴; sums of some hundred numbers and elementary functions round a few times.
    for (let k = 0; k < a.length; k++)
      expect(Math.abs(a[k]! - b[k]!)).toBeLessThanOrEqual(2 ** -20 * (1 + Math.abs(b[k]!)));
  });
  return compiled.program(given);
}

test("two reductions of one array are one pass over it", () => {
  const program = compared((x) => [x.sum({ axis: 1 }), x.square().mean({ axis: 1 })]);
  expect(kernelsOf(program)).toBe(1);
});

test("reductions of one array along different axes have the right numbers", () => {
  compared((x) => [x.sum({ axis: 0 }), x.sum({ axis: 1 }), x.max(), x.transpose().sum({ axis: 0 })]);
});

test("what waits for another pass over the same array stays a pass of its own", () => {
  const program = compared((x) => [x.sub(x.max({ axis: 1, keepDims: true })).sum({ axis: 1 })]);
  expect(kernelsOf(program)).toBe(2);
  // The second sum reads x and, through a product, the first: x, then the product, then x again.
  const later = compared((x) => {
    const first = x.abs().sum({ axis: 1, keepDims: true });
    const between = first.matmul(first.transpose());
    return [x.mul(between.sum({ axis: 1, keepDims: true })).sum({ axis: 1 }), first];
  });
  expect(kernelsOf(later)).toBeGreaterThanOrEqual(4);
});

test("an array that is read in another order is not shared by one pass", () => {
  const square = normal(xKey, [60, 60]) as Tensor;
  compared(
    (x) => [x.sum({ axis: 1 }), x.transpose().mul(2).sum({ axis: 1 }), x.flip({ axis: 0 }).sum({ axis: 1 })],
    square,
  );
});

test("single numbers that have nothing to do with each other are computed by one kernel", () => {
  const [a, b] = [variable(1, { name: "a" }), variable(2, { name: "b" })];
  const f = compile(() => {
    a.assign(a.add(1));
    b.assign(b.mul(3));
  });
  f();
  expect(kernelsOf(f.program())).toBe(1);
  expect([a.item(), b.item()]).toEqual([2, 6]);
});

test("what is computed from an array for the last time takes its place", () => {
  const program = compared((x) => {
    const logits = x.matmul(w);
    return [logits.sub(logits.max({ axis: 1, keepDims: true })).exp()];
  });
  // x, w, one array of 64×80 and one of 64; with two of 64×80 it would be 20 KiB more.
  expect(arenaOf(program)).toBeLessThan((4 * (64 * 100 + 100 * 80 + 64 * 80)) / 1024 + 1);
});

test("an array that is read elsewhere, in another order or again later keeps its place", () => {
  const square = normal(xKey, [100, 100]) as Tensor;
  compared((x) => {
    const y = x.matmul(x);
    return [y.sub(y.max()).add(y.transpose())];
  }, square);
  compared((x) => {
    const y = x.matmul(x);
    const most = y.max();
    return [y.sub(most).exp(), y.add(most).cos().matmul(x), y];
  }, square);
  compared((x) => {
    const y = x.matmul(x);
    return [
      y
        .sub(y.max())
        .mul(y.flip({ axis: 1 }))
        .roll(3, { axis: 0 }),
    ];
  }, square);
  // One of two results can take the operand's place, and keeps it while others are computed; one of another size can't.
  compared((x) => {
    const y = x.matmul(x);
    const most = y.max();
    return [y.sub(most).exp(), y.sub(most).cos()];
  }, square);
  compared((x) => {
    const y = x.matmul(x);
    const powers = y.sub(y.max()).exp();
    return [powers, powers.matmul(x).matmul(x)];
  }, square);
  compared((x) => {
    const y = x.matmul(x);
    const wide = y.sub(y.max()).cast("float64");
    return [wide, wide.matmul(x.cast("float64"))];
  }, square);
  // Each step takes the place of the one before, and the last keeps it while others are computed.
  compared((x) => {
    let y = x.matmul(x);
    for (let i = 0; i < 4; i++) y = y.sub(y.max({ axis: i % 2, keepDims: true })).exp();
    return [y, y.matmul(x).matmul(x)];
  }, square);
});

test("what is computed from a variable's new value leaves that where it is", () => {
  const w = variable(normal(xKey, [100, 100]), { name: "w" });
  const step = (x: Tensor) => {
    w.assign(w.sub(x).tanh());
    return w.sub(w.max()).exp();
  };
  const square = normal(wKey, [100, 100]);
  const start = w.value;
  const expected = [step(square), w.value, step(square), w.value];
  w.assign(start);
  const compiled = compile(step);
  const found = [compiled(square), w.value, compiled(square), w.value];
  // Values of single operations are the same; exponentials differ by a unit or two of 2⁻²⁴.
  found.forEach((each, i) => {
    each.data.forEach((number, k) => {
      expect(Math.abs(number - expected[i]!.data[k]!)).toBeLessThanOrEqual(2 ** -21);
    });
  });
});
