// The digits again, read by a convolutional network: of 2,000 held-out images it reads 98.5% or more, from 8,000 to learn
// from, in a minute or so. `digits.ts` does the same with a multi-layer perceptron, faster and less well.
//
// Run another seed with `--seed 2`, fewer epochs with `--epochs 3`. Exits with 1 below 98.5%.
//
// Seeds 1 to 5 gave 99.20%, 99.00%, 99.05%, 99.00% and 99.05%, in 48 to 53 s of processor time (Node 20).

import { parseArgs } from "node:util";
import { compile, type Tensor } from "@adjoint/autograd";
import {
  accuracy,
  adam,
  batchNorm,
  confusionMatrix,
  conv2d,
  crossEntropy,
  dense,
  dropout,
  fit,
  flatten,
  heUniform,
  keys,
  maxPool2d,
  oneCycle,
  relu,
  sequential,
  summary,
} from "@adjoint/nn";
import { progressBar } from "@adjoint/nn/terminal";
import { divide, loadDigits, samplesOf, side } from "./data/mnist.ts";
import { warpedBatches } from "./data/warp.ts";
import { confusionTable, curves, percent, readings, sorted } from "./shown/digits.ts";

const { values: options } = parseArgs({
  options: { seed: { type: "string", default: "1" }, epochs: { type: "string", default: "16" } },
});
const [seed, epochs] = [Number(options.seed), Number(options.epochs)];

// %% The data

const key = keys(seed);
const { training, heldOut } = divide(loadDigits(), 2000, key());
const { x: images, y: labels } = samplesOf(heldOut);
console.log(
  `${training.labels.length} images to train on, ${heldOut.labels.length} held out (seed ${seed})\n`,
);

// %% The network
// Three convolutions that look at ever more of the image: 28×28 → 24×24 → 12×12 → 10×10 → 5×5 → 3×3. Pooling comes before
// normalisation and relu, which then have a quarter of the work. The convolutions have no bias: batch normalisation would
// take it away again.

const convolution = (inputs: number, outputs: number, window: number) =>
  conv2d(inputs, outputs, window, { bias: false, initializer: heUniform, key: key() });
const model = sequential(
  ...[convolution(1, 12, 5), maxPool2d(2), batchNorm(12), relu],
  ...[convolution(12, 24, 3), maxPool2d(2), batchNorm(24), relu],
  ...[convolution(24, 48, 3), batchNorm(48), relu],
  ...[flatten(), dropout(0.2), dense(48 * 3 * 3, 10, { key: key() })],
);
console.log(`${summary(model, { input: [1, 1, side, side] })}\n`);

// %% The training
// Every image is warped anew in each epoch, the rate rises and falls once. Of the time, warping takes less than a
// twentieth: some 12 µs an image, where a step takes some 350 µs for each of its images.

const batchSize = 50;
const steps = epochs * Math.floor(training.labels.length / batchSize);

const start = performance.now();
const { history } = await fit(
  model,
  warpedBatches(training, { batchSize, limits: { shift: 1.5, turn: 0.2, slant: 0.2, resize: 0.12 } }),
  {
    loss: crossEntropy,
    optimizer: adam({ learningRate: oneCycle(0.01, { steps, rising: 0.2 }) }),
    epochs,
    batchSize,
    key: key(),
    validation: { x: images, y: labels },
    metrics: [accuracy()],
    callbacks: [progressBar(process.stdout)],
  },
);
const seconds = (performance.now() - start) / 1000;
const processor = process.cpuUsage();

console.log("\nThe losses, epoch by epoch:\n");
console.log(curves(history, ["loss", "validation.loss"]));

// %% The judgement

const logits: Tensor = compile((x: Tensor) => model.forward(x))(images);
console.log("\nHeld-out images by what they are (rows) and what they were read as (columns):\n");
console.log(confusionTable(confusionMatrix().of(logits, labels)));

const { mistakes, right } = sorted(heldOut, logits);
console.log("\nThe mistakes that the network was surest of:\n");
for (const from of [0, 3]) console.log(`${readings(heldOut, logits, mistakes.slice(from, from + 3))}\n`);

const reached = accuracy().of(logits, labels) as number;
const processorSeconds = ((processor.user + processor.system) / 1e6).toFixed(1);
console.log(`Trained in ${seconds.toFixed(1)} s (processor time so far: ${processorSeconds} s).`);
console.log(
  `${percent(reached)} of the held-out images are read rightly: ${right.length} of ${heldOut.labels.length}.`,
);
if (reached < 0.985) {
  console.log("That is below 98.5%, which this network should reach from any seed.");
  process.exitCode = 1;
}
