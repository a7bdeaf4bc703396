// In a page the kernels of large eager operations are fetched when they are first needed. Here the whole engine runs with them
// to come, as bundlers for browsers make it: what is computed before they have arrived, by plain loops, and afterwards must
// be the same to the bit, whoever brings them.

import { compile, grad, type Tensor, tensor } from "@adjoint/autograd";
import { afterEach, expect, test, vi } from "vitest";
import { eagerKernels, provide } from "../../../packages/autograd/src/kernels/eager/arrival.ts";
import { plain } from "../../../packages/autograd/src/kernels/plain.ts";
import { Dice } from "../../support/tensors.ts";

const [later, code] = ["arrival-later", "written"].map(
  (name) => `../../../packages/autograd/src/kernels/eager/${name}.ts`,
) as [string, string];

vi.mock(
  "../../../packages/autograd/src/kernels/eager/arrival.ts",
  () => import("../../../packages/autograd/src/kernels/eager/arrival-later.ts"),
);

afterEach(() => {
  vi.restoreAllMocks();
  vi.doUnmock(code);
  vi.resetModules();
});

const dice = new Dice(3);
const random = (rows: number, columns: number, dtype: "float32" | "float64") =>
  tensor(
    Array.from({ length: rows }, () => Array.from({ length: columns }, () => dice.fraction() * 8 - 4)),
    { dtype },
  ) as Tensor;

/** Operations of every kind that has kernels, on 9000 elements and more. */
const operations: Readonly<Record<string, (x: Tensor, w: Tensor) => Tensor>> = {
  "a function of elements": (x) => x.tanh(),
  "several functions, with a broadcast": (x) =>
    x
      .mul(x.mean({ axis: 0 }))
      .sigmoid()
      .add(1),
  "sums of rows": (x) => x.sum({ axis: 1 }),
  "sums of columns": (x) => x.sum({ axis: 0 }),
  "extremes of rows": (x) => x.max({ axis: 1 }),
  "a product": (x, w) => x.matmul(w),
  "running sums": (x) => x.cumsum({ axis: 1 }),
  "an order": (x) => x.argsort({ axis: 1 }),
  "a gradient": (x, w) => grad((y: Tensor) => y.sin().matmul(w).exp().sum() as Tensor)(x) as Tensor,
};
const inputs = (["float32", "float64"] as const).map((dtype) => ({
  dtype,
  x: random(90, 101, dtype),
  w: random(101, 60, dtype),
}));
const everything = () =>
  Object.entries(operations).flatMap(([name, f]) =>
    inputs.map(({ dtype, x, w }) => [`${name}, ${dtype}`, f(x, w).data] as const),
  );

test("kernels come after the first large operation, and what was computed before is theirs to the bit", async () => {
  const before = everything();
  expect(eagerKernels()).toBe(plain);
  // They were asked for first, so they are there when this import of theirs is.
  const { written } = await import(code);
  expect(eagerKernels()).toBe(written);
  for (const [k, [name, numbers]] of everything().entries())
    expect(before[k]![1], name).toStrictEqual(numbers);
});

test("who compiles brings the kernels of large eager operations along", async () => {
  provide(plain);
  compile((x: Tensor) => x.tanh());
  const { written } = await import(code);
  expect(eagerKernels()).not.toBe(plain);
  expect(Object.keys(eagerKernels())).toStrictEqual(Object.keys(written));
});

test("a page that can't fetch the kernels is told so once, and computes without them", async () => {
  vi.doMock(code, () => {
    throw new Error("no such file");
  });
  const warning = new Promise<string>((done) => {
    vi.spyOn(console, "warn").mockImplementation(done);
  });
  const fresh = (await import(later)) as { eagerKernels: typeof eagerKernels };
  const kernels = fresh.eagerKernels();
  expect(fresh.eagerKernels()).toBe(kernels);
  expect(await warning).toMatch(/kernels for large arrays could not be fetched .*take longer/s);
  // Had the second call asked again, it would be answered by now.
  await expect(import(code)).rejects.toThrow();
  expect(fresh.eagerKernels()).toBe(kernels);
  expect(console.warn).toHaveBeenCalledTimes(1);
});
