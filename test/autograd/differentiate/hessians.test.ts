// The Hessian of random networks by every pair of modes.

import { grad, hessian, jvp, type Tensor, tensor } from "@adjoint/autograd";
import fc from "fast-check";
import { expect, test } from "vitest";
import { trials } from "../../support/runs.ts";
import { count, Dice, numbers, seeds, tensorOf } from "../../support/tensors.ts";

const activations = {
  tanh: (x: Tensor) => x.tanh(),
  logistic: (x: Tensor) => x.logistic(),
  softplus: (x: Tensor) => x.softplus(),
  sin: (x: Tensor) => x.sin(),
  gelu: (x: Tensor) => x.mul(x.mul(Math.SQRT1_2).erf().add(1)).mul(0.5),
  "logarithm of 1 + x²": (x: Tensor) => x.square().log1p(),
} satisfies Record<string, (x: Tensor) => Tensor>;

const losses = {
  "mean square": (y: Tensor) => y.square().mean() as Tensor,
  "cross-entropy": (y: Tensor) => y.logSoftmax({ axis: 1 }).slice(null, 0).mean().neg() as Tensor,
  spread: (y: Tensor) => y.variance() as Tensor,
};

/** A network as a function of all its parameters in one vector. */
function network(
  layers: readonly number[],
  activation: (x: Tensor) => Tensor,
  loss: (y: Tensor) => Tensor,
  dice: Dice,
) {
  const input = tensorOf(
    Array.from({ length: 3 * layers[0]! }, () => 2 * dice.fraction() - 1),
    [3, layers[0]!],
  );
  const shapes = layers.slice(1).flatMap((n, i) => [[layers[i]!, n], [n]]);
  const size = shapes.reduce((sum, shape) => sum + count(shape), 0);
  const f = (parameters: Tensor): Tensor => {
    let start = 0;
    const take = (shape: readonly number[]) => {
      const part = parameters.slice([start, start + count(shape)]).reshape(shape);
      start += count(shape);
      return part as Tensor;
    };
    let x: Tensor = input;
    for (let layer = 0; layer < shapes.length; layer += 2) {
      const weighted = (x.matmul(take(shapes[layer]!)) as Tensor).add(take(shapes[layer + 1]!)) as Tensor;
      x = layer + 2 < shapes.length ? activation(weighted) : weighted;
    }
    return loss(x);
  };
  return {
    f,
    at: tensorOf(
      Array.from({ length: size }, () => 2 * dice.fraction() - 1),
      [size],
    ),
  };
}

test("forward over reverse, reverse over forward and reverse over reverse give one Hessian", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...Object.values(activations)),
      fc.constantFrom(...Object.values(losses)),
      fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 2, maxLength: 4 }),
      seeds,
      (activation, loss, layers, seed) => {
        // Two classes at least, or cross-entropy has nothing to choose from.
        const { f, at } = network([...layers, 2], activation, loss, new Dice(seed));
        const n = at.size;
        const units = Array.from({ length: n }, (_, i) =>
          tensorOf(
            Array.from({ length: n }, (_, k) => Number(i === k)),
            [n],
          ),
        );
        const along = (v: Tensor) => (x: Tensor) => jvp(f, x, v).tangent as Tensor;
        const ways = {
          forwardOverReverse: numbers(hessian(f)(at) as Tensor),
          reverseOverReverse: numbers(hessian(f, { mode: "reverse" })(at) as Tensor),
          reverseOverForward: units.flatMap((v) => numbers(grad(along(v))(at) as Tensor)),
        };
        const [first, ...others] = Object.values(ways) as [number[], ...number[][]];
        // Relative to the largest entry: small ones are differences of terms of that size.
        const allowed = 1e-10 * Math.max(...first.map(Math.abs));
        for (const other of others) {
          const apart = Math.max(...first.map((h, i) => Math.abs(h - other[i]!)));
          expect(apart).toBeLessThanOrEqual(allowed);
        }
      },
    ),
    trials(15),
  );
});

test("the Hessian of a quadratic form is its matrix plus its transpose, exactly", () => {
  const a = tensor([
    [1, 2, 3],
    [0, -4, 5],
    [7, 0, 6],
  ]);
  const f = (x: Tensor) => x.matmul(a.matmul(x) as Tensor) as Tensor;
  const expected = a.add(a.transpose()).toArray();
  for (const mode of ["forward", "reverse"] as const)
    expect((hessian(f, { mode })(tensor([0.5, -1, 2])) as Tensor).toArray()).toEqual(expected);
});
