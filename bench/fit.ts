// What `fit` costs beside the step that it compiles, on M1: `npx tsx --conditions=@adjoint/source bench/fit.ts`. Both make the same
// steps on the same samples, in turns, so that a machine that drifts drifts for both. Ends with 1 where the cost is above 5%.
//
// The bare step is given one batch after another that lie ready as tensors, and its loss is read in each step: what one
// would write by hand, without order, history and pauses. So `fit` takes the samples in their order, too. Shuffled, it reads
// rows from all over 8 MB, which caches and neighbours on the machine make slower: that is told beside it, and not held
// against the limit.

import { compile, randomKey, type Tensor, tensor } from "@adjoint/autograd";
import { crossEntropy, fit, linear, mlp, parameters, relu, sgd } from "@adjoint/nn";
import { block, labels } from "./data.ts";
import { BATCH, MLP, RATE } from "./workloads.ts";

const size = BATCH.M1;
const batches = 40;
const samples = size * batches;
const inputs = MLP[0]!;
const pixels = block(1, [samples, inputs]).values;
const x = tensor(pixels, { shape: [samples, inputs] }) as Tensor;
const y = tensor(labels(2, samples, 10)) as Tensor;

const made = () => mlp(MLP, { activation: relu, outputActivation: linear, key: randomKey(0) });

const slices = Array.from({ length: batches }, (_, i): [Tensor, Tensor] => [
  x.slice([i * size, (i + 1) * size]),
  y.slice([i * size, (i + 1) * size]),
]);
const model = made();
const all = parameters(model);
const optimizer = sgd({ learningRate: RATE.M1 });
const step = compile((x: Tensor, y: Tensor) =>
  optimizer.minimize(() => crossEntropy(model.forward(x), y), all),
);

const epochs = Number(process.argv[2] ?? 20);

interface Times {
  readonly fitTimes: number[];
  readonly bareTimes: number[];
}

/** Milliseconds of each step, by fit and by hand. */
async function measured(shuffle: boolean): Promise<Times> {
  const fitTimes: number[] = [];
  const bareTimes: number[] = [];
  let start = 0;
  await fit(
    made(),
    { x, y },
    {
      loss: crossEntropy,
      optimizer: sgd({ learningRate: RATE.M1 }),
      batchSize: size,
      epochs: epochs + 1,
      key: randomKey(1),
      shuffle,
      callbacks: [
        {
          onStep({ epoch }) {
            const end = performance.now();
            // The first epoch makes the programs.
            if (epoch > 1) fitTimes.push(end - start);
            start = performance.now();
          },
          onEpoch() {
            for (const [x, y] of slices) {
              const start = performance.now();
              step(x, y).item();
              bareTimes.push(performance.now() - start);
            }
            start = performance.now();
          },
        },
      ],
    },
  );
  return { fitTimes, bareTimes };
}

/** Other processes only ever add to a time, so the fast ones say what a step takes: the one that a fiftieth of them beat. */
const at = (list: readonly number[], part: number) =>
  list.toSorted((a, b) => a - b)[Math.floor(list.length * part)]!;
function costOf({ fitTimes, bareTimes }: Times, name: string, part: number): number {
  const [fitted, bare] = [at(fitTimes, part), at(bareTimes, part)];
  const cost = fitted / bare - 1;
  console.log(
    `  ${name}: bare ${(1000 * bare).toFixed(0)} µs, fit ${(1000 * fitted).toFixed(0)} µs a step: ${(100 * cost).toFixed(1)}% more`,
  );
  return cost;
}
for (const shuffle of [false, true]) {
  const times = await measured(shuffle);
  console.log(
    `${times.fitTimes.length} steps of each, ${shuffle ? "fit's batches drawn from all samples" : "the same batches"}:`,
  );
  const costs = [costOf(times, "the fast ones", 1 / 50), costOf(times, "the median", 1 / 2)];
  if (!shuffle && Math.max(...costs) > 0.05) process.exitCode = 1;
}
