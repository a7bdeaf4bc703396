// The lecture's grounded example as data: a 2-2-1 network, what the slides print, what is exact, and the
// errata of the slides. Stops at numbers and words: nothing is computed here.

import type { Layer } from "./network.ts";

/** One forward pass, one backward pass, one update. */
export interface GroundedNumbers {
  /** x⁽¹⁾[1+] */
  hidden: number[];
  /** ŷ before the update */
  prediction: number[];
  /** δ⁽²⁾ */
  outputDelta: number[];
  /** δ⁽¹⁾, its placeholder δ₀ in front */
  hiddenDelta: number[];
  /** ∇⁽¹⁾ */
  outputGradient: number[][];
  /** ∇⁽⁰⁾ */
  hiddenGradient: number[][];
  /** ŷ after one update of both matrices */
  newPrediction: number[];
}

export interface GroundedExample {
  layers: Layer[];
  sample: number[];
  target: number[];
  loss: string;
  /** The learning rate ρ. */
  rho: number;
  exact: GroundedNumbers;
  printed: GroundedNumbers;
  /** How many digits after the point the slides print. */
  printedDigits: number;
}

export const groundedExample: GroundedExample = {
  layers: [
    {
      W: [
        [0.4, 0.6],
        [0.7, -0.4],
        [-0.2, 0.3],
      ],
      activation: "logistic",
    },
    { W: [[-0.3], [0.5], [0.1]], activation: "logistic" },
  ],
  sample: [0, 1],
  target: [1],
  loss: "negLogLoss",
  rho: 1,
  exact: {
    hidden: [0.549833997312478, 0.7109495026250039],
    prediction: [0.5115009582452517],
    outputDelta: [-0.48849904175474834],
    hiddenDelta: [0, -0.06045580429408154, -0.010038670321700199],
    outputGradient: [[-0.48849904175474834], [-0.26859338081132833], [-0.3472981507683293]],
    hiddenGradient: [
      [-0.06045580429408154, -0.010038670321700199],
      [0, 0],
      [-0.06045580429408154, -0.010038670321700199],
    ],
    newPrediction: [0.7218744558656254],
  },
  printed: {
    hidden: [0.55, 0.711],
    prediction: [0.512],
    outputDelta: [-0.488],
    hiddenDelta: [0, -0.06, -0.01],
    outputGradient: [[-0.488], [-0.269], [-0.347]],
    hiddenGradient: [
      [-0.06, -0.01],
      [0, 0],
      [-0.06, -0.01],
    ],
    newPrediction: [0.722],
  },
  printedDigits: 3,
};

/** The two matrices after the update, as printed and as they must be to the same digits. */
export const updatedMatrices: Record<"W0" | "W1", { printed: number[][]; correct: number[][] }> = {
  W0: {
    printed: [
      [0.46, 0.61],
      [0.7, -0.4],
      [0.46, 0.61],
    ],
    correct: [
      [0.46, 0.61],
      [0.7, -0.4],
      [-0.14, 0.31],
    ],
  },
  W1: {
    printed: [[0.188], [0.769], [-0.447]],
    correct: [[0.188], [0.769], [0.447]],
  },
};

/** The prediction that the updated matrices give exactly as they are printed. */
export const predictionFromPrintedMatrices = 0.597;

export type ErratumId =
  | "updated-W1"
  | "updated-W0"
  | "update-sign"
  | "feedforward-transpose"
  | "bias-term-name"
  | "softmax-index"
  | "early-stopping";

export interface Erratum {
  id: ErratumId;
  /** Where in the slides. */
  where: string;
  printed: string;
  correct: string;
  /** What a computation shows: a sentence that could be false. */
  shown: string;
}

export const errata: Erratum[] = [
  {
    id: "updated-W1",
    where: "A grounded example III",
    printed: "the updated W⁽¹⁾ ends in −0.447",
    correct: "it ends in +0.447 = 0.1 + 0.347",
    shown: "the updated W⁽¹⁾ ends in +0.447",
  },
  {
    id: "updated-W0",
    where: "A grounded example III",
    printed: "the last row of the updated W⁽⁰⁾ is [0.460, 0.610]",
    correct: "it is [−0.140, 0.310]",
    shown: "only with both updated matrices corrected is the new prediction 0.722; as printed it is 0.597",
  },
  {
    id: "update-sign",
    where: "Training ANNs",
    printed: "W ← W + ρ∇Loss",
    correct: "W ← W − ρ∇Loss",
    shown: "adding ρ∇ to the weights raises the loss and subtracting it lowers the loss",
  },
  {
    id: "feedforward-transpose",
    where: "Feedforward I, generalized feedforward",
    printed: "φ(W⁽ˡ⁾x⁽ˡ⁾)",
    correct: "φ(W⁽ˡ⁾ᵀx⁽ˡ⁾)",
    shown: "without the transpose the shapes disagree, or for a square W the weighted sums are others",
  },
  {
    id: "bias-term-name",
    where: "Backpropagation: a more generalized example I, below Eq. (9)",
    printed: "the row dropped is that of the bias term o₁",
    correct: "it is that of the bias term o₀",
    shown: "dropping the row of o₀ gives ∂J/∂x and dropping that of o₁ does not",
  },
  {
    id: "softmax-index",
    where: "Activation functions II: softmax",
    printed: "the sum in the denominator counts i, which is already the neuron's index",
    correct: "it counts j",
    shown: "softmax with the sum over j adds up to one, and with i held fixed in it is 1/K whatever z is",
  },
  {
    id: "early-stopping",
    where: "Overfitting in ANNs",
    printed: "stop when the loss on the test set drops too much",
    correct: "stop when it rises",
    shown: "in overfitting the test loss falls and then rises, and the rise is where to stop",
  },
];
