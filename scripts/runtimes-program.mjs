// What scripts/runtimes.mjs runs everywhere: nothing here knows where it runs.

import { compile, convolution, normal, randomKey, tensor, variable } from "@adjoint/autograd";
import { adam, crossEntropy, dense, linear, tanh, variables } from "@adjoint/nn";

/** The loss after 50 steps of a convolutional network on random images. */
function train(wrap) {
  const dtype = "float64";
  const kernel = variable(normal(randomKey(1), [4, 1, 3, 3], { dtype, deviation: 0.3 }));
  const layer = dense(4 * 8 * 8, 5, { activation: linear, key: randomKey(2), dtype });
  const all = { kernel, ...variables(layer) };
  const images = normal(randomKey(3), [16, 1, 8, 8], { dtype });
  const labels = tensor(Int32Array.from({ length: 16 }, (_, i) => i % 5));
  const optimizer = adam({ learningRate: 0.003 });
  const forward = (x) =>
    layer.forward(tanh(convolution(x, kernel, { padding: "same" })).reshape([16, 4 * 8 * 8]));
  const step = wrap((x, y) => optimizer.minimize(() => crossEntropy(forward(x), y), all));
  let loss;
  for (let i = 0; i < 50; i++) loss = step(images, labels);
  return loss.item();
}

export function run() {
  const losses = { eager: train((f) => f) };
  for (const build of ["none", "simd", "relaxed"]) {
    try {
      losses[`compiled (${build})`] = train((f) => compile(f, { build }));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }
  // In a page kernels of large eager operations may have arrived in the meantime.
  losses["eager, again"] = train((f) => f);
  const { userAgent } = globalThis.navigator ?? {};
  return { engine: userAgent ?? `Node.js ${globalThis.process.version}`, losses };
}

if (globalThis.document === undefined) console.log(JSON.stringify(run()));
