// One wrong entry among 65,536: the laboratory finds it with the directions it draws at default settings.

import {
  definePrimitive,
  normal,
  type PrimitiveFunction,
  randomKey,
  type Tensor,
  tensor,
} from "@adjoint/autograd";
import { checkGradients } from "@adjoint/autograd/check";
import { expect, test } from "vitest";
import { runs } from "../../support/runs.ts";

const n = 256;

/** y = Wx, whose rules take one entry of W to be a part larger than it is. */
function planted(
  matrix: Tensor,
  entry: number,
  part: number,
  where: "both" | "backward",
): PrimitiveFunction<void> {
  const wrong = Float64Array.from(matrix.data);
  wrong[entry]! *= 1 + part;
  const W = matrix.data;
  const believed = tensor(wrong, { shape: [n, n] }) as Tensor;
  const times = (by: Tensor, x: Tensor) => by.matmul(x) as Tensor;
  return definePrimitive({
    name: "planted",
    shape: ([shape]) => shape!,
    value([x], out) {
      const v = x!.data;
      for (let i = 0; i < n; i++) {
        let sum = 0;
        for (let j = 0; j < n; j++) sum += W[i * n + j]! * v[j]!;
        out[i] = sum;
      }
    },
    pullback: (_step, dy) => [times(believed.transpose() as Tensor, dy)],
    pushforward: (_step, [dx]) => (dx == null ? null : times(where === "both" ? believed : matrix, dx)),
  });
}

test("a 0.1% error in one entry of a 256×256 Jacobian is found in more than 99 of 100 seeds", {
  timeout: 1_200_000,
}, () => {
  const seeds = runs(3, 200);
  let found = 0;
  for (let seed = 1; seed <= seeds; seed++) {
    const matrix = normal(randomKey(seed), [n, n], { dtype: "float64" }) as Tensor;
    const x = normal(randomKey(-seed), [n], { dtype: "float64" }) as Tensor;
    const entry = (seed * 7919 * 31) % (n * n);
    const f = planted(matrix, entry, 1e-3, seed % 2 === 0 ? "both" : "backward");
    const { verdict, guilty } = checkGradients((v: Tensor) => f(v), [x], { seed });
    if (verdict === "wrong" && guilty?.operation === "planted") found++;
  }
  console.log(`found in ${found} of ${seeds} seeds`);
  expect(found / seeds).toBeGreaterThan(0.99);
});

test("without the error the same function is found right", () => {
  const matrix = normal(randomKey(1), [n, n], { dtype: "float64" }) as Tensor;
  const f = planted(matrix, 0, 0, "both");
  expect(
    checkGradients((v: Tensor) => f(v), [normal(randomKey(2), [n], { dtype: "float64" }) as Tensor]).verdict,
  ).toBe("right");
});
