// The gain of an activation: by how much weights must grow so that what comes out of it is as large as what went in.

import type { Activation } from "@adjoint/autograd";
import { checkFunction } from "./arguments.ts";

// Gauss–Legendre nodes and weights of order 8 on [−1, 1]: Abramowitz & Stegun (1964), table 25.4.
const nodes = [
  [0.1834346424956498, 0.362683783378362],
  [0.525532409916329, 0.3137066458778873],
  [0.7966664774136267, 0.2223810344533745],
  [0.9602898564975363, 0.1012285362903763],
] as const;

/** ∫ f from a to b. */
function integral(f: (x: number) => number, a: number, b: number): number {
  const [middle, half] = [(a + b) / 2, (b - a) / 2];
  return half * nodes.reduce((sum, [x, w]) => sum + w * (f(middle - half * x) + f(middle + half * x)), 0);
}

/**
 * 1/√E φ(z)² for a standard normal z: with weights that many times larger, weighted sums of φ's outputs have
 * variance 1 where its inputs had. √2 for relu, √(2/(1 + slope²)) for leaky ones, 1 for linear and selu, 1.59 for tanh. He et al. (2015), for any
 * activation. PyTorch's `calculate_gain` has the same for the first two and other figures for tanh (5/3), sigmoid (1) and selu
 * (3/4). Throws RangeError for an activation that is 0, or not finite, where z falls.
 */
export function gainOf(phi: Activation): number {
  checkFunction("gainOf", "the activation", phi, "relu");
  // Beyond 12 the density is below 10⁻³¹. Between kinks φ is smooth, and so are quarters, where eight nodes are exact to rounding.
  const ends = Array.from({ length: 97 }, (_, i) => (i - 48) / 4);
  const kinks = (phi.kinks ?? []).filter((kink) => Math.abs(kink) < 12);
  const places = [...ends, ...kinks].sort((a, b) => a - b);
  const density = (z: number) => Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  const meanSquare = places
    .slice(1)
    .reduce((sum, end, i) => sum + integral((z) => phi(z) ** 2 * density(z), places[i]!, end), 0);
  if (!(meanSquare > 0 && meanSquare < Infinity))
    throw new RangeError(
      `gainOf: the mean square of ${phi.name} is ${meanSquare}, and no gain makes 1 of it; choose the gain yourself`,
    );
  return 1 / Math.sqrt(meanSquare);
}
