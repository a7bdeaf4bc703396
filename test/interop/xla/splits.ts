// How the three networks are split over a mesh: the batch along "data", weights along "model".

import type { Mesh, Sharding, Shardings } from "@adjoint/interop";
import type { Batches, Case } from "./networks.ts";

type Split = (path: string) => Sharding | undefined;

/** Columns, then rows: between the two layers each device has its own neurons, and their sum is the one thing that is exchanged. */
const perceptron: Split = (path) =>
  ({
    "model.1.weight": [null, "model"],
    "model.1.bias": ["model"],
    "model.3.weight": ["model", null],
  })[path];

/** Output channels of the first and the last convolution, input channels of what follows each. */
const convolutional: Split = (path) => {
  if (/^model\.(0|8)\.weight$/.test(path)) return ["model", null, null, null];
  if (path === "model.4.weight") return [null, "model", null, null];
  if (path === "model.13.weight") return ["model", null];
  return /^model\.(2|9)\./.test(path) ? ["model"] : undefined;
};

/** Heads of attention, and neurons of the network behind it: Shoeybi et al. (2019), section 3. */
const transformer: Split = (path) => {
  if (/\.(query|key|value|widen)\.weight$/.test(path)) return [null, "model"];
  if (/\.(query|key|value|widen)\.bias$/.test(path)) return ["model"];
  return /\.(attention\.output|narrow)\.weight$/.test(path) ? ["model", null] : undefined;
};

const splits = [perceptron, convolutional, transformer];

/** The options that split a network over a mesh with an axis "data", "model", or both. */
export function splitOver(
  mesh: Mesh,
  place: number,
  { x, y }: Batches,
): { readonly mesh: Mesh; readonly shardings: Shardings; readonly names: readonly string[] } {
  const rows = ({ shape }: Batches["x"]): Sharding => ["data", ...shape.slice(2).map(() => null)];
  return {
    mesh,
    names: ["x", "y"],
    shardings: {
      inputs: "data" in mesh ? [rows(x), rows(y)] : [],
      variables: (path) => ("model" in mesh ? splits[place]!(path) : undefined),
    },
  };
}

/**
 * How many float numbers on one device are the results of sums over devices in a step, by formula. Nothing else is exchanged but
 * truth values.
 */
export function summed(mesh: Mesh, place: number, { make, batch }: Case): number {
  const { data = 1, model = 1 } = mesh;
  const rows = batch / data;
  const own = (path: string, size: number) =>
    splits[place]!(`model.${path}`) === undefined ? size : size / model;
  const weights = Object.entries(make("float32").trained);
  // Each device has the gradients of its part of the weights from its part of the batch; and a part of the loss.
  const gradients = data === 1 ? 0 : 1 + weights.reduce((sum, [path, { size }]) => sum + own(path, size), 0);
  const sums = () => {
    // The logits are sums over the hidden neurons.
    if (place === 0) return rows * 10;
    // The second convolution's 10×10 sums over split channels, the gradient of the 3×3 windows of 3×3×24 numbers that the third
    // looks at, and the logits.
    if (place === 1) return rows * (10 * 10 * 24 + 3 * 3 * (3 * 3 * 24) + 10);
    // In each of two blocks: what comes out of attention and out of the network, and the gradients of what goes into queries,
    // keys, values and the network: 64 numbers at each of 64 places.
    const activations = 2 * (2 + 4) * rows * 64 * 64;
    // Eight devices have half a head each, so that in each block the scores, and the gradient of the weights of attention, are sums
    // of two halves: 64×64 for the one head that a device has a part of.
    return activations + (model > 4 ? 2 * 2 * rows * 64 * 64 : 0);
  };
  // Batch normalisation: of 12, 24 and 48 channels the mean, the variance, and two sums of the gradient of what goes in.
  const statistics = data === 1 || place !== 1 ? 0 : 4 * (12 / model + 24 + 48 / model);
  return gradients + statistics + (model === 1 ? 0 : sums());
}
