// A million replays leave memory flat, and a replay allocates nothing on the JavaScript heap.

import { compile, guarded, randomKey, type Tensor, tensor, variable } from "@adjoint/autograd";
import { logistic, mlp, negLogLoss, sgd, variables } from "@adjoint/nn";
import { expect, test } from "vitest";
import { heap } from "../../../packages/autograd/src/kernels/heap.ts";

function xor() {
  const model = mlp([2, 2, 1], { activation: logistic, outputActivation: logistic, key: randomKey(1) });
  const optimizer = sgd({ learningRate: 0.5 });
  const step = compile((x: Tensor, y: Tensor) =>
    optimizer.minimize(() => negLogLoss(model.forward(x as never) as Tensor, y), variables(model)),
  );
  const x = tensor([
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ]) as Tensor;
  const y = tensor([[0], [1], [1], [0]]) as Tensor;
  return { step, x, y };
}

const collect = globalThis.gc!;

test("a million replays of a training step allocate nothing on the JavaScript heap", () => {
  const { step, x, y } = xor();
  const program = step.program(x, y);
  // Until the engine has compiled both the loop and the program, it allocates for itself.
  for (let i = 0; i < 100_000; i++) program.run();
  collect();
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < 1_000_000; i++) program.run();
  const grown = process.memoryUsage().heapUsed - before;
  // No collection in between: one object of the smallest kind a replay would be 12 MB. What grows is the
  // engine's own bookkeeping, and the answer of memoryUsage.
  expect(grown).toBeLessThan(1_000_000);
});

test("a guard's look allocates nothing, at numbers as they lie or transposed, given or computed", () => {
  let sum = 0;
  const add = (elements: ArrayLike<number>) => {
    sum += elements[1]!;
  };
  const f = compile((x: Tensor) => {
    guarded(x, add);
    guarded(x.transpose() as Tensor, add);
    return guarded(x.mul(2) as Tensor, add);
  });
  const x = tensor([
    [1, 2],
    [4, 8],
  ]) as Tensor;
  const program = f.program(x);
  for (let i = 0; i < 100_000; i++) program.run();
  collect();
  const before = process.memoryUsage().heapUsed;
  sum = 0;
  for (let i = 0; i < 500_000; i++) program.run();
  const grown = process.memoryUsage().heapUsed - before;
  // As above: one object for each look would be 12 MB and more.
  expect(grown).toBeLessThan(1_000_000);
  expect(sum).toBe(500_000 * (2 + 4 + 4));
});

test("a million calls of a compiled training step leave memory flat", () => {
  const { step, x, y } = xor();
  for (let i = 0; i < 20_000; i++) step(x, y);
  collect();
  const [before, held] = [process.memoryUsage(), heap().used];
  for (let i = 0; i < 1_000_000; i++) step(x, y);
  collect();
  const after = process.memoryUsage();
  expect(after.heapUsed - before.heapUsed).toBeLessThan(1_000_000);
  expect(after.external - before.external).toBeLessThan(1_000_000);
  expect(heap().used).toBe(held);
}, 120_000);

test("programs that nobody holds any more give their memory back", async () => {
  const held = heap().used;
  for (let i = 0; i < 50; i++) {
    compile((x: Tensor) => x.add(i).tanh().sum())(tensor(new Float32Array(10_000)) as Tensor);
  }
  expect(heap().used).toBeGreaterThan(held);
  for (let i = 0; i < 20 && heap().used > held + 100_000; i++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    collect();
  }
  // The engine may hold the last few a while longer.
  expect(heap().used).toBeLessThan(held + 200_000);
});

test("a function keeps nothing of earlier calls, neither tensors in trees nor results", async () => {
  const seen: WeakRef<Tensor>[] = [];
  const made = (i: number) => {
    const x = tensor([i, 1, 2]) as Tensor;
    seen.push(new WeakRef(x));
    return x;
  };
  class Pair {
    readonly left: Tensor;
    readonly right = { inner: [made(0)] };
    constructor() {
      this.left = made(1);
    }
  }
  const ofObjects = compile((m: { x: Tensor }) => ({ double: m.x.mul(2) }));
  const ofInstances = compile((p: Pair) => new Map([["sum", p.left.add(p.right.inner[0]!)]]));
  const ofLists = compile((list: readonly Tensor[]) => new Set([list[0]!.neg()]));
  const call = (i: number) => {
    const result = ofObjects({ x: made(i) });
    seen.push(new WeakRef(result.double), new WeakRef(ofInstances(new Pair()).get("sum")!));
    seen.push(new WeakRef([...ofLists([made(i)])][0]!));
  };
  for (let i = 0; i < 3; i++) call(i);
  const before = seen.length;
  // What was there last may stay.
  call(3);
  for (let i = 0; i < 2; i++) {
    await new Promise((resolve) => setTimeout(resolve));
    collect();
  }
  expect(seen.slice(0, before).filter((each) => each.deref() !== undefined)).toEqual([]);
});

test("a function keeps nothing of a watched argument, which may hold a tape, not even of the last call", async () => {
  const [w, v] = [variable([1, 2]), variable([3, 4])];
  const f = compile((x: Tensor) => w.mul(x).sum());
  const call = () => {
    const x = v.mul(2);
    f(x).backward();
    return new WeakRef<Tensor>(x);
  };
  const seen = call();
  for (let i = 0; i < 2; i++) {
    await new Promise((resolve) => setTimeout(resolve));
    collect();
  }
  expect(seen.deref()).toBeUndefined();
});
