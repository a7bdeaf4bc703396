// How far float64 sums may be from the truth: they run in halves down to blocks of 256.

import { type Tensor, tensor } from "@adjoint/autograd";
import { expect, test } from "vitest";

const ways: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  "in a row": (x) => x.sum() as Tensor,
  backwards: (x) => x.flip().sum() as Tensor,
  "as the last axis of two": (x) => x.reshape([1, x.size]).sum({ axis: 1 }) as Tensor,
};

for (const [way, sum] of Object.entries(ways)) {
  test.each([257, 1000, 4095])(
    `%i numbers ${way} round as often as a block and its halvings are long`,
    (n) => {
      // On its way a number meets at most the others of its block, and one addition for each halving: Higham (1993).
      const roundings = 255 + Math.ceil(Math.log2(n / 256));
      const unit = 2 ** -53;
      // A 1 loses every number of half its last place that is added to it by itself.
      for (const place of [0, 1, n >> 1, n - 1]) {
        const values = new Float64Array(n).fill(unit);
        values[place] = 1;
        const truth = 1 + (n - 1) * unit;
        expect(Math.abs(sum(tensor(values) as Tensor).item() - truth), `1 at ${place}`).toBeLessThanOrEqual(
          roundings * unit * truth,
        );
      }
    },
  );
}
