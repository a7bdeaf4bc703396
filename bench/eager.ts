// Large eager operations: plain loops, which small ones run through, against kernels; and an eager training step.
// Best of many, in microseconds. Run: npx tsx --conditions=@adjoint/source bench/eager.ts

import { normal, randomKey, type Tensor, tensor } from "@adjoint/autograd";
import { crossEntropy, linear, mlp, relu, sgd, variables } from "@adjoint/nn";
import { NDArray } from "../packages/autograd/src/array/ndarray.ts";
import { functionOf } from "../packages/autograd/src/expression/elementwise-function.ts";
import { vocabulary } from "../packages/autograd/src/expression/vocabulary.ts";
import { matmul, multiplyPlainly } from "../packages/autograd/src/primitives/contraction.ts";
import { map, mapPlainly } from "../packages/autograd/src/primitives/map.ts";
import { sumPlainly, sumTo } from "../packages/autograd/src/primitives/movement.ts";

const MILLISECONDS = 300;

function best(work: () => unknown): number {
  const end = performance.now() + MILLISECONDS;
  let least = Infinity;
  for (let i = 0; i < 3 || performance.now() < end; i++) {
    const start = performance.now();
    work();
    least = Math.min(least, performance.now() - start);
  }
  return 1000 * least;
}

function compare(what: string, plain: () => unknown, kernel: () => unknown, operations = 0): void {
  const cells = [plain, kernel].map((work) => {
    const time = best(work);
    const rate = operations === 0 ? "" : ` (${(operations / time / 1000).toFixed(1)} GFLOP/s)`;
    return `${time.toFixed(1).padStart(9)} µs${rate}`;
  });
  console.log(`${what.padEnd(28)} ${cells.join("  →  ")}`);
}

for (const dtype of ["float32", "float64"] as const) {
  const array = (...shape: number[]) => {
    const result = NDArray.zeros(dtype, shape);
    result.buffer.set(normal(randomKey(1), shape, { dtype }).data);
    return result;
  };
  for (const name of ["tanh", "exp", "add", "relu"]) {
    const fn = functionOf(vocabulary.find((each) => each.name === name)!);
    for (const n of [4096, 1_000_000]) {
      const inputs = Array.from({ length: fn.arity }, () => array(n));
      const output = { shape: [n], dtype };
      compare(
        `${dtype} ${name} of ${n}`,
        () => mapPlainly(fn, inputs, output),
        () => map.evaluate(inputs, { fn }, output, [output]),
      );
    }
  }
  for (const n of [16, 32, 64, 256, 512]) {
    const [a, b] = [array(n, n), array(n, n)];
    const output = { shape: [n, n], dtype };
    compare(
      `${dtype} product of ${n}×${n}`,
      () => multiplyPlainly(a, b, NDArray.zeros(dtype, [n, n]), false),
      () => matmul.evaluate([a, b], null, output, [output]),
      2 * n ** 3,
    );
  }
  const x = array(1000, 1000);
  for (const shape of [[], [1000], [1000, 1]]) {
    compare(
      `${dtype} sum of 1000×1000 to [${shape}]`,
      () => sumPlainly(x, shape),
      () => sumTo.evaluate([x], { shape }, { shape, dtype }, [{ shape, dtype }]),
    );
  }
}

const model = mlp([784, 256, 128, 10], { activation: relu, outputActivation: linear, key: randomKey(1) });
const optimizer = sgd({ learningRate: 0.01 });
const images = normal(randomKey(2), [64, 784]);
const labels = tensor(
  Array.from({ length: 64 }, (_, i) => i % 10),
  { dtype: "int32" },
);
const time = best(() =>
  optimizer.minimize(
    () => crossEntropy(model.forward(images) as Tensor, labels as Tensor) as never,
    variables(model),
  ),
);
console.log(`a step of 784-256-128-10 on 64 images: ${time.toFixed(0)} µs`);
