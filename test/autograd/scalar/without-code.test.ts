// The engine where code may not be made at run time, as under a page's content security policy.

import { beforeAll, expect, test, vi } from "vitest";
import { vocabulary } from "../../../packages/autograd/src/expression/vocabulary.ts";

type Engine = typeof import("../../../packages/autograd/src/scalar/scalar.ts");
type Scalar = import("../../../packages/autograd/src/scalar/scalar.ts").Scalar;

let generated: Engine;
let interpreted: Engine;

beforeAll(async () => {
  generated = await import("../../../packages/autograd/src/scalar/scalar.ts");
  vi.resetModules();
  vi.stubGlobal("Function", function forbidden() {
    throw new EvalError("Refused to evaluate a string as JavaScript");
  });
  // A module asks once whether code may be made, here while it is loaded.
  interpreted = await import("../../../packages/autograd/src/scalar/scalar.ts");
  vi.unstubAllGlobals();
});

/** Every entry of the vocabulary at a point, the results joined in one; value, gradients, second derivatives. */
function everything({ scalar }: Engine, point: readonly number[]): number[] {
  const leaves = point.map(scalar);
  const results = vocabulary.map((entry) => {
    const method = leaves[0]![entry.name as keyof Scalar] as unknown as (...others: Scalar[]) => Scalar;
    return method.call(leaves[0]!, ...leaves.slice(1, entry.arity));
  });
  const sum = results.reduce((a, b) => a.add(b.mul(b)));
  sum.backward();
  const first = sum.gradient(leaves);
  const second = first.reduce((a, b) => a.add(b)).gradient(leaves);
  return [...results, sum, ...first, ...second]
    .map((s) => s.value)
    .concat([...results, ...leaves].map((s) => s.grad));
}

test("the interpreter gives the numbers of the generated code, bit for bit", () => {
  for (const point of [
    [0.3, 0.8, 1.7],
    [1.2, 0.4, -0.5],
    [-0.6, 1.5, 2.5],
    [0, 0, 1],
    [NaN, 1, 2],
  ]) {
    expect(everything(interpreted, point)).toEqual(everything(generated, point));
  }
});

test("the two are different engines", () => {
  expect(interpreted.Scalar).not.toBe(generated.Scalar);
  expect(String(interpreted.Scalar.prototype.mul)).not.toBe(String(generated.Scalar.prototype.mul));
});

test("either engine adds to a leaf's grad, at each of its nodes and in each backward", () => {
  for (const { scalar } of [interpreted, generated]) {
    const x = scalar(3);
    const y = x.mul(x).mul(x);
    y.backward();
    y.backward();
    expect(x.grad).toBe(54);
    // A leaf that was used long ago gets another node.
    let z = x.mul(2);
    for (let i = 0; i < 2000; i++) z = z.add(1);
    z.add(x).backward();
    expect(x.grad).toBe(57);
  }
});
