// Loops of every length: several vectors side by side, those that are left over, and the lanes that fill none.

import { compile, normal, randomKey, type Tensor, valueAndGrad } from "@adjoint/autograd";
import { describe, expect, test } from "vitest";
import { type Build, bestBuild } from "../../../packages/autograd/src/kernels/webassembly.ts";
import { difference, flat } from "./uncertainty.ts";

const builds: readonly Build[] = bestBuild() === "relaxed" ? ["simd", "relaxed"] : ["simd"];
const lengths = Array.from({ length: 70 }, (_, i) => i + 1);

/** Bodies short and long, with values that are kept and values that are reduced. The sine of large numbers is a call of JavaScript. */
const bodies: Record<string, (x: Tensor, w: Tensor) => Tensor> = {
  short: (x, w) => x.mul(w).add(1),
  "a chain": (x, w) => x.mul(w).tanh().mul(x).exp(),
  "a choice of chains": (x, w) =>
    x.less(w).select(x.softplus(), w.mul(1e9).sin()).mul(x.square().add(1).log()),
};

describe.each(builds)("in the build %s", (build) => {
  describe.each(["float32", "float64"] as const)("of %s", (dtype) => {
    test.each(Object.keys(bodies))(
      "%s is right at every length from 1 to 70, gradients and sums too",
      (name) => {
        const body = bodies[name]!;
        for (const n of lengths) {
          const point = [1, 2].map((seed) => normal(randomKey(100 * n + seed), [n], { dtype }) as Tensor);
          const f = (x: Tensor, w: Tensor) => {
            const at = valueAndGrad(([x, w]: [Tensor, Tensor]) => body(x, w).sum() as Tensor);
            const { value, gradient } = at([x, w]);
            return [body(x, w), value, ...gradient];
          };
          const compute = () => flat(f(...(point as [Tensor, Tensor])));
          const compiled = compile(f, { build })(...(point as [Tensor, Tensor]));
          expect(difference(flat(compiled), compute, dtype), `length ${n}`).toBeNull();
        }
      },
    );

    test("rows and columns of every length are reduced rightly", () => {
      for (const n of lengths) {
        for (const shape of [
          [3, n],
          [n, 3],
          [n, 21],
        ] as const) {
          const x = normal(randomKey(n), shape, { dtype }) as Tensor;
          const f = (x: Tensor) => {
            const y = x.mul(x.logistic());
            return [y.sum({ axis: 1 }), y.exp().sum({ axis: 0 }), y.max({ axis: 0 })];
          };
          const compute = () => flat(f(x));
          expect(difference(flat(compile(f, { build })(x)), compute, dtype), `[${shape}]`).toBeNull();
        }
      }
    });
  });
});
