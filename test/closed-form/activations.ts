// Activations φ over a layer's vector, each with the transpose of its Jacobian *in terms of its output*
// (the lecture's ψ, Eq. 4). Stops at one layer of one sample: no weights, no bias neuron, no losses.

import { at, hadamard, sum } from "./matrix.ts";

/** Where every output lies: anywhere, above 0, or strictly between 0 and 1. */
export type OutputRange = "real" | "positive" | "unitInterval";

export interface ClosedFormActivation {
  /** φ: the weighted sums z of a layer → its outputs y. z: [n] → [n]. */
  phi(z: number[]): number[];
  /** (∂y/∂z)ᵀ ∂J/∂y from the outputs alone; for an elementwise φ this is ψ(y) ∘ ∂J/∂y. Both: [n] → [n]. */
  pullback(y: number[], dJdy: number[]): number[];
  /** ψ with ψ(φ(z)) = φ′(z), one output at a time; absent where outputs depend on each other's sums. */
  psi?: (y: number) => number;
  /** The weighted sums at which φ or a derivative of it jumps; a difference quotient must not straddle one. */
  kinks: number[];
  range: OutputRange;
}

/** The slope of `leakyRelu` below 0. */
export const leakyReluSlope = 0.01;

/**
 * Every activation with a closed form, by its name. At a kink ψ takes the side of z ≤ 0: relu has 0 there,
 * leakyRelu its small slope. step(0) = 0 and sign(0) = −1: the lecture's "1 if x > 0, else".
 */
export const closedFormActivations: Record<string, ClosedFormActivation> = {
  linear: elementwise(
    (z) => z,
    () => 1,
  ),
  step: elementwise(
    (z) => (z > 0 ? 1 : 0),
    () => 0,
    { kinks: [0] },
  ),
  sign: elementwise(
    (z) => (z > 0 ? 1 : -1),
    () => 0,
    { kinks: [0] },
  ),
  logistic: elementwise(logistic, (y) => y * (1 - y), { range: "unitInterval" }),
  tanh: elementwise(Math.tanh, (y) => 1 - y * y),
  relu: elementwise(
    (z) => Math.max(0, z),
    (y) => (y > 0 ? 1 : 0),
    { kinks: [0] },
  ),
  leakyRelu: elementwise(
    (z) => (z > 0 ? z : leakyReluSlope * z),
    (y) => (y > 0 ? 1 : leakyReluSlope),
    { kinks: [0] },
  ),
  // Its first derivative is continuous at 0, its second is not.
  elu: elementwise(
    (z) => (z > 0 ? z : Math.expm1(z)),
    (y) => (y > 0 ? 1 : y + 1),
    { kinks: [0] },
  ),
  // φ′ = σ(z), and eʸ = 1 + eᶻ, so σ(z) = 1 − e⁻ʸ; expm1 keeps its digits when y is small.
  softplus: elementwise(softplus, (y) => -Math.expm1(-y), { range: "positive" }),
  exp: elementwise(Math.exp, (y) => y, { range: "positive" }),
  // ∂yᵢ/∂zⱼ = yᵢ(1[i = j] − yⱼ): symmetric, so its transpose times a vector is y ∘ (v − yᵀv).
  softmax: {
    phi: softmax,
    pullback(y, dJdy) {
      const mean = sum(hadamard(y, dJdy));
      return y.map((yi, i) => yi * (at(dJdy, i) - mean));
    },
    kinks: [],
    range: "unitInterval",
  },
};

/** The activation of that name; throws RangeError with the names there are. */
export function activationNamed(name: string): ClosedFormActivation {
  const activation = closedFormActivations[name];
  if (activation === undefined) {
    throw new RangeError(
      `activation "${name}" has no closed form here; these have: ${Object.keys(closedFormActivations).join(", ")}`,
    );
  }
  return activation;
}

/** 1 / (1 + e⁻ᶻ); where e⁻ᶻ overflows the quotient is the right 0. */
export function logistic(z: number): number {
  return 1 / (1 + Math.exp(-z));
}

/** log(1 + eᶻ), without overflow. */
export function softplus(z: number): number {
  return Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
}

/** eᶻⁱ / Σⱼ eᶻʲ, shifted by the largest so that nothing overflows. z: [n] → [n]. */
export function softmax(z: number[]): number[] {
  const largest = Math.max(...z);
  const powers = z.map((zi) => Math.exp(zi - largest));
  const total = sum(powers);
  return powers.map((power) => power / total);
}

function elementwise(
  phi: (z: number) => number,
  psi: (y: number) => number,
  { kinks = [], range = "real" }: { kinks?: number[]; range?: OutputRange } = {},
): ClosedFormActivation {
  return {
    phi: (z) => z.map((zi) => phi(zi)),
    pullback: (y, dJdy) => hadamard(y.map(psi), dJdy),
    psi,
    kinks,
    range,
  };
}
