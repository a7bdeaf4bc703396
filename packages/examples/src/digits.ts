// Handwritten digits, read by a multi-layer perceptron that is trained here and now, in under a minute.
// 8,000 real 28×28 images to learn from; 2,000 others, never trained on, to judge by. `npm start` runs this.
//
// Run another seed with `--seed 2`: other held-out images, other first weights, other warps. Exits with 1 if fewer than
// 97% of the held-out images are read rightly; seeds 1 to 5 gave 98.35%, 97.70%, 98.35%, 97.85% and 97.95%.
// `digits-convolutional.ts` reads more than 98.5%, and takes longer.

import { parseArgs } from "node:util";
import { compile, type Tensor, tensor, valueAndGrad } from "@adjoint/autograd";
import {
  accuracy,
  adam,
  confusionMatrix,
  crossEntropy,
  dense,
  fit,
  flatten,
  heUniform,
  keys,
  oneCycle,
  relu,
  sequential,
  summary,
} from "@adjoint/nn";
import { progressBar } from "@adjoint/nn/terminal";
import { divide, imageAt, loadDigits, samplesOf, side } from "./data/mnist.ts";
import { warpedBatches } from "./data/warp.ts";
import { beside, chances, confusionTable, curves, drawn, percent, readings, sorted } from "./shown/digits.ts";

const { values: options } = parseArgs({ options: { seed: { type: "string", default: "1" } } });
const seed = Number(options.seed);

// %% The data
// Everything random comes from one seed. Each use gets a key of its own, so changing one leaves the others alone.

const key = keys(seed);
const { training, heldOut } = divide(loadDigits(), 2000, key());
const { x: images, y: labels } = samplesOf(heldOut);
console.log(
  `${training.labels.length} images to train on, ${heldOut.labels.length} held out (seed ${seed}). The first of them:\n`,
);
console.log(
  beside(
    [0, 1, 2].map((place) => drawn(imageAt(training, place))),
    26,
  ),
);

// %% The network
// 784 pixels → 256 neurons → 10 logits, one a digit. The last layer is linear because crossEntropy takes logits: softmax
// and its logarithm together are accurate where one after the other are not.

const model = sequential(
  flatten(),
  dense(side * side, 256, { initializer: heUniform, key: key() }),
  relu,
  dense(256, 10, { key: key() }),
);
console.log(`\n${summary(model, { input: [1, 1, side, side] })}\n`);

// %% The training
// Steps on mini-batches of 100, each one WebAssembly program: forward, backward and the update of the weights. Two things
// keep 200,000 weights from learning 8,000 images by heart: every image is warped a little, anew each epoch (without that,
// held-out accuracy stays near 95% while training accuracy nears 100%); and the learning rate rises and then falls to
// nothing, so that the weights settle. The held-out images are looked at after every epoch, and nothing is chosen by them.

const epochs = 16;
const batchSize = 100;
const steps = epochs * Math.floor(training.labels.length / batchSize);

const start = performance.now();
const { history } = await fit(
  model,
  warpedBatches(training, { batchSize, limits: { shift: 1.2, turn: 0.16, slant: 0.16, resize: 0.1 } }),
  {
    loss: crossEntropy,
    optimizer: adam({ learningRate: oneCycle(0.006, { steps, rising: 0.2 }) }),
    epochs,
    batchSize,
    key: key(),
    validation: { x: images, y: labels },
    metrics: [accuracy()],
    callbacks: [progressBar(process.stdout)],
  },
);
const seconds = (performance.now() - start) / 1000;

console.log(
  `\nThe losses, epoch by epoch. Warped images are harder than the held-out ones, which are as they are:\n`,
);
console.log(curves(history, ["loss", "validation.loss"]));

// %% The judgement
// Rows are what the digit is, columns what it was read as. Then three digits read rightly, and the three mistakes that the
// network was surest of.

const logits: Tensor = model.forward(images);
console.log("\nHeld-out images by what they are (rows) and what they were read as (columns):\n");
console.log(confusionTable(confusionMatrix().of(logits, labels)));

const { mistakes, right } = sorted(heldOut, logits);
console.log(`\n${readings(heldOut, logits, right.slice(0, 3))}`);
console.log(`\n${readings(heldOut, logits, mistakes.slice(0, 3))}`);

// %% Another derivative
// What is differentiable can be asked of anything. Here of an image: what ink, put there or taken away, would make the
// network read its surest mistake rightly? The same loss, descended in its other argument.

const [mistake] = mistakes;
if (mistake !== undefined) {
  const label = tensor(heldOut.labels.slice(mistake, mistake + 1));
  const askInk = compile(valueAndGrad((image: Tensor) => crossEntropy(model.forward(image), label)));
  const first: Tensor = images.slice([mistake, mistake + 1]);
  let image = first;
  let changes = 0;
  for (; changes < 200 && model.forward(image).argmax().item() !== heldOut.labels[mistake]; changes++) {
    const { gradient } = askInk(image);
    image = image.sub(gradient.div(gradient.abs().max()).mul(0.05)).clip(0, 1);
  }
  const share = image.sub(first).abs().sum().item() / first.sum().item();
  console.log(
    `\nThe first of these, and what the loss's derivative makes of it: with ${percent(share)} of its ink moved, the network says ${chances(model.forward(image).slice(0))}.\n`,
  );
  console.log(beside([drawn(first.data), drawn(image.data)], 26));
}

// %% The end

const reached = accuracy().of(logits, labels) as number;
console.log(
  `\nTrained in ${seconds.toFixed(1)} s (processor time of the whole run: ${(process.cpuUsage().user / 1e6).toFixed(1)} s).`,
);
console.log(
  `${percent(reached)} of the held-out images are read rightly: ${right.length} of ${heldOut.labels.length}.`,
);
if (reached < 0.97) {
  console.log("That is below 97%, which this network should reach from any seed.");
  process.exitCode = 1;
}
