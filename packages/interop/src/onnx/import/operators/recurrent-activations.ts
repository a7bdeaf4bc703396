// The functions of recurrent cells, which a node names with numbers for them.

import { type Tensor, where } from "@adjoint/autograd";
import type { NodeReader } from "../node-reader.ts";

/** A function of each element. */
export type ElementMap = (x: Tensor) => Tensor;

interface Named {
  readonly alpha?: number;
  readonly beta?: number;
  readonly map: (x: Tensor, alpha: number, beta: number) => Tensor;
}

/** By name, in small letters, with the standard values of what it takes. */
const named: Readonly<Record<string, Named>> = {
  relu: { map: (x) => x.relu() },
  tanh: { map: (x) => x.tanh() },
  sigmoid: { map: (x) => x.logistic() },
  affine: { alpha: 1, beta: 0, map: (x, alpha, beta) => x.mul(alpha).add(beta) },
  leakyrelu: { alpha: 0.01, map: (x, alpha) => where(x.less(0), x.mul(alpha), x) },
  thresholdedrelu: { alpha: 1, map: (x, alpha) => where(x.less(alpha), 0, x) },
  scaledtanh: { alpha: 1, beta: 1, map: (x, alpha, beta) => x.mul(beta).tanh().mul(alpha) },
  hardsigmoid: { alpha: 0.2, beta: 0.5, map: (x, alpha, beta) => x.mul(alpha).add(beta).clip(0, 1) },
  elu: { alpha: 1, map: (x, alpha) => where(x.less(0), x.minimum(0).expm1().mul(alpha), x) },
  softsign: { map: (x) => x.div(x.abs().add(1)) },
  softplus: { map: (x) => x.softplus() },
};

/** The functions of each direction, with the bound of their inputs. Those not named are the cell's own. */
export function activationsOf(
  node: NodeReader,
  standard: readonly string[],
  directions: number,
): readonly (readonly ElementMap[])[] {
  const names = node.strings("activations") ?? Array.from({ length: directions }, () => standard).flat();
  const alphas = node.floats("activation_alpha") ?? [];
  const betas = node.floats("activation_beta") ?? [];
  const bound = node.float("clip", 0);
  if (names.length !== standard.length * directions)
    node.refuse(
      `it names ${names.length} activations and has ${standard.length} for each of ${directions} directions`,
    );
  // The numbers belong, in order, to the functions that take any.
  let [nextAlpha, nextBeta] = [0, 0];
  const maps = names.map((name): ElementMap => {
    const found = named[name.toLowerCase()];
    if (found === undefined)
      return node.refuse(
        `the activation ${JSON.stringify(name.slice(0, 40))} is none of ${Object.keys(named).join(", ")}`,
      );
    const alpha = found.alpha === undefined ? 0 : (alphas[nextAlpha++] ?? found.alpha);
    const beta = found.beta === undefined ? 0 : (betas[nextBeta++] ?? found.beta);
    // As the standard says, of the inputs of all functions; onnxruntime leaves out that of an LSTM's cell.
    return (x) => found.map(bound > 0 ? x.clip(-bound, bound) : x, alpha, beta);
  });
  return Array.from({ length: directions }, (_, i) =>
    maps.slice(i * standard.length, (i + 1) * standard.length),
  );
}
