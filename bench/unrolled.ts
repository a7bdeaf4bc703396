// How long programs take to make that are unrolled over time: a cell of long short-term memory and its gradient. Times
// should grow as the steps do. Run: npx tsx --conditions=@adjoint/source bench/unrolled.ts

import { compile, grad, type Tensor, tensor, zeros } from "@adjoint/autograd";

const [BATCH, WIDTH] = [4, 16];
const wave = (rows: number, columns: number) =>
  tensor(
    Float32Array.from({ length: rows * columns }, (_, i) => Math.sin(i + 1) / 2),
    { shape: [rows, columns] },
  ) as Tensor;

function loss(
  { input, state }: { readonly input: Tensor; readonly state: Tensor },
  xs: readonly Tensor[],
): Tensor {
  let [h, c] = [zeros([BATCH, WIDTH]) as Tensor, zeros([BATCH, WIDTH]) as Tensor];
  for (const x of xs) {
    const gates = x.matmul(input as never).add(h.matmul(state as never) as Tensor);
    const gate = (i: number) => gates.slice(null, [i * WIDTH, (i + 1) * WIDTH]) as Tensor;
    c = gate(1)
      .logistic()
      .mul(c)
      .add(gate(0).logistic().mul(gate(2).tanh())) as Tensor;
    h = gate(3).logistic().mul(c.tanh()) as Tensor;
  }
  return h.square().sum() as Tensor;
}

const weights = { input: wave(WIDTH, 4 * WIDTH), state: wave(WIDTH, 4 * WIDTH) };
// The first program pays for what is done once.
for (const steps of [10, 100, 200, 400, 800, 1600]) {
  const xs = Array.from({ length: steps }, () => wave(BATCH, WIDTH));
  const start = performance.now();
  compile(grad(loss as never) as never as typeof loss).program(weights, xs);
  console.log(`${steps} steps: ${((performance.now() - start) / 1000).toFixed(2)} s`);
}
