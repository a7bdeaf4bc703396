// Where the slides print something else than what comes out: a sentence for each, at the stage where one meets it.

import { type Matrix, predictionOf } from "./pass.ts";
import type { Step } from "./stages.ts";

/** The two matrices after the update, as the slides print them. */
const PRINTED: readonly Matrix[] = [
  [
    [0.46, 0.61],
    [0.7, -0.4],
    [0.46, 0.61],
  ],
  [[0.188], [0.769], [-0.447]],
];

/** The errata of a step of a pass. */
export function erratumOf({ kind, layer }: Step, pass: number): readonly string[] {
  if (pass === 1 && kind === "feedforward" && layer === 2)
    return [
      `The slides print 0.722, too. With the updated matrices as they print them it would be ${predictionOf(PRINTED).toFixed(3)}.`,
    ];
  if (pass > 0) return [];
  if (kind === "feedforward" && layer === 1)
    return ["One general formula of the slides is φ(W x); it lacks the transpose: φ(Wᵀ x)."];
  if (kind === "backpropagation" && layer === 1)
    return ["A sentence near Eq. (9) of the slides calls the bias term o₁; it is o₀."];
  if (kind === "update")
    return [
      "The slides print −0.447 for the last entry of the updated W⁽¹⁾; it is +0.447, which is 0.1 + 0.347.",
      "The slides print [0.460, 0.610] for the last row of the updated W⁽⁰⁾; it is [−0.140, 0.310].",
      "Under “Training ANNs” the slides write W ← W + ρ∇; descent subtracts, W ← W − ρ∇, as they have it here.",
    ];
  return [];
}
