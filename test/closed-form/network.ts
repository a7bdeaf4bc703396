// The lecture's feedforward, backpropagation and update for a network of any depth, in plain loops.
// The oracle that the engine must agree with, so it imports nothing of the engine and never optimises.

import { activationNamed } from "./activations.ts";
import { lossNamed, type Reduction } from "./losses.ts";
import { at, hadamard, outer, sum, times, transposeTimes } from "./matrix.ts";

/** A transfer matrix W⁽ˡ⁾ and the φ of the layer that it leads to. W: [1 + inputs, outputs], row 0 the bias. */
export interface Layer {
  W: number[][];
  activation: string;
}

/** What one sample leaves behind in a network of L transfer matrices. */
export interface Backpropagation {
  /** x⁽⁰⁾ … x⁽ᴸ⁾ at x[0] … x[L]: each with the bias neuron's leading 1, save the output layer's. */
  x: number[][];
  /**
   * δ⁽¹⁾ … δ⁽ᴸ⁾ at delta[0] … delta[L−1], so that gradient[l] = x[l] (delta[l] [1+])ᵀ. A hidden layer's has
   * the lecture's placeholder δ₀ = ψ(1)(Wδ)₀ in front (0 for softmax, which has no ψ); the output's has none.
   */
  delta: number[][];
  /** ∇⁽⁰⁾ … ∇⁽ᴸ⁻¹⁾, each in the shape of its W. */
  gradient: number[][][];
  /** ∂J/∂x⁽⁰⁾ [1+]. [inputs] */
  inputGradient: number[];
  /** ŷ = x⁽ᴸ⁾. [outputs] */
  prediction: number[];
  loss: number;
}

/** The same of a batch, as derivatives of the batch's one loss: for the mean, a sample's share is 1/N. */
export interface BatchBackpropagation {
  /** x[l][sample] is that sample's x⁽ˡ⁾. */
  x: number[][][];
  /** delta[l − 1][sample] is ∂J/∂(weighted sums of layer l) of that sample, with the placeholder in front. */
  delta: number[][][];
  /** ∂J/∂W⁽ˡ⁾, over all samples. */
  gradient: number[][][];
  /** ∂J/∂x of each sample. [batch, inputs] */
  inputGradient: number[][];
  /** [batch, outputs] */
  prediction: number[][];
  loss: number;
}

/** 1 ⊕ x[1+]: the bias neuron in front. [n] → [1 + n] */
export function augment(x: number[]): number[] {
  return [1, ...x];
}

/** The lecture's subscript [1+]: the vector without its bias entry. [1 + n] → [n] */
export function dropBias(x: number[]): number[] {
  return x.slice(1);
}

/** Every δ⁽ˡ⁾ without its placeholder: [1+] of the hidden layers, the output's as it is. */
export function dropPlaceholders(delta: number[][]): number[][] {
  return delta.map((entries, index) => (index < delta.length - 1 ? dropBias(entries) : entries));
}

/** Wᵀx: what the activation of the next layer is applied to. W: [1 + n, m], x: [1 + n] → [m] */
export function weightedSums(W: number[][], x: number[]): number[] {
  return transposeTimes(W, x);
}

/**
 * x⁽⁰⁾ … x⁽ᴸ⁾ by x⁽ˡ⁺¹⁾[1+] = φ(W⁽ˡ⁾ᵀ x⁽ˡ⁾), Eq. (1) layer after layer. x: [inputs], without the bias neuron.
 * Throws RangeError where a matrix does not fit the layer before it, or if there is none.
 */
export function feedforward(x: number[], layers: Layer[]): number[][] {
  if (layers.length === 0) throw new RangeError("feedforward: a network needs at least one transfer matrix");
  const activations = [augment(x)];
  layers.forEach(({ W, activation }, l) => {
    const outputs = activationNamed(activation).phi(weightedSums(W, at(activations, l)));
    activations.push(l === layers.length - 1 ? outputs : augment(outputs));
  });
  return activations;
}

/** Feedforward, every δ⁽ˡ⁾, every ∇⁽ˡ⁾ and ∂J/∂x of one sample; the loss is that of `closedFormLosses`. */
export function backpropagate(
  sample: number[],
  target: number[],
  layers: Layer[],
  loss: string,
): Backpropagation {
  const { value, gradient: lossGradient } = lossNamed(loss);
  const x = feedforward(sample, layers);
  const last = layers.length;
  const prediction = at(x, last);

  // δ⁽ᴸ⁾ = ψ(ŷ) ∘ ∂J/∂ŷ, and for softmax the Jacobian's transpose in place of ψ(ŷ) ∘.
  const outputActivation = activationNamed(at(layers, last - 1).activation);
  const delta = [outputActivation.pullback(prediction, lossGradient(prediction, target))];
  const gradient: number[][][] = [];
  let inputGradient: number[] = [];
  for (let l = last; l >= 1; l--) {
    const { W } = at(layers, l - 1);
    const xBefore = at(x, l - 1);
    // The output layer has no bias neuron, so it alone has no δ₀ to drop.
    const error = l === last ? at(delta, 0) : dropBias(at(delta, 0));
    // ∇⁽ˡ⁻¹⁾ = x⁽ˡ⁻¹⁾ (δ⁽ˡ⁾[1+])ᵀ, Eq. (10).
    gradient.unshift(outer(xBefore, error));
    // ∂J/∂x⁽ˡ⁻¹⁾ = W⁽ˡ⁻¹⁾ δ⁽ˡ⁾[1+], Eq. (9).
    const carried = times(W, error);
    if (l > 1) delta.unshift(throughHiddenLayer(at(layers, l - 2).activation, xBefore, carried));
    else inputGradient = dropBias(carried);
  }
  return { x, delta, gradient, inputGradient, prediction, loss: value(prediction, target) };
}

/** J over a batch. samples: [batch, inputs], targets: [batch, outputs] or, for labels, [batch, 1]. */
export function batchLoss(
  samples: number[][],
  targets: number[][],
  layers: Layer[],
  loss: string,
  reduction: Reduction = lossNamed(loss).defaultReduction,
): number {
  const share = shareOfASample(samples, targets, reduction);
  const { value } = lossNamed(loss);
  const losses = samples.map((sample, n) => {
    return value(at(feedforward(sample, layers), layers.length), at(targets, n));
  });
  return share * sum(losses);
}

/**
 * Backpropagation of a batch: each sample on its own, then the mean (or sum) over samples, which is the
 * gradient of the mean (or summed) loss since differentiation is linear.
 * samples: [batch, inputs], targets: [batch, outputs] or, for labels, [batch, 1]. Throws RangeError if empty.
 */
export function batchGradient(
  samples: number[][],
  targets: number[][],
  layers: Layer[],
  loss: string,
  reduction: Reduction = lossNamed(loss).defaultReduction,
): BatchBackpropagation {
  const share = shareOfASample(samples, targets, reduction);
  const each = samples.map((sample, n) => backpropagate(sample, at(targets, n), layers, loss));
  return {
    x: [...layers.keys(), layers.length].map((l) => each.map(({ x }) => at(x, l))),
    delta: layers.map((_, l) => each.map(({ delta }) => scale(at(delta, l), share))),
    gradient: layers.map(({ W }, l) => {
      return W.map((row, i) => {
        return row.map((_, j) => share * sum(each.map(({ gradient }) => at(at(at(gradient, l), i), j))));
      });
    }),
    inputGradient: each.map(({ inputGradient }) => scale(inputGradient, share)),
    prediction: each.map(({ prediction }) => prediction),
    loss: share * sum(each.map((one) => one.loss)),
  };
}

/** W − ρ∇: one step of descent. All [m, n]; W itself stays as it was. */
export function update(W: number[][], gradient: number[][], rho: number): number[][] {
  return W.map((row, i) => row.map((weight, j) => weight - rho * at(at(gradient, i), j)));
}

/** `update` of every layer with its own ∇⁽ˡ⁾. */
export function updateLayers(layers: Layer[], gradient: number[][][], rho: number): Layer[] {
  return layers.map(({ W, activation }, l) => ({ W: update(W, at(gradient, l), rho), activation }));
}

// δ⁽ˡ⁾ = ψ(x⁽ˡ⁾) ∘ (W⁽ˡ⁾ δ⁽ˡ⁺¹⁾), Eq. (8), bias entry included as the lecture has it: nothing reads that entry.
function throughHiddenLayer(name: string, x: number[], carried: number[]): number[] {
  const { psi, pullback } = activationNamed(name);
  if (psi !== undefined) return hadamard(x.map(psi), carried);
  return [0, ...pullback(dropBias(x), dropBias(carried))];
}

function shareOfASample(samples: number[][], targets: number[][], reduction: Reduction): number {
  if (samples.length === 0 || samples.length !== targets.length) {
    throw new RangeError(
      `batch: ${samples.length} samples and ${targets.length} targets; each sample needs one, and one at least`,
    );
  }
  return reduction === "batchMean" ? 1 / samples.length : 1;
}

function scale(v: number[], factor: number): number[] {
  return v.map((entry) => factor * entry);
}
