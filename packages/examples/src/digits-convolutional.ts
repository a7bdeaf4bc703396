// # The digits again, by a convolutional network
//
// How much better than a multi-layer perceptron reads a network that looks for the same small patterns everywhere? The images and
// their division are those of `digits.ts`: 8,000 to learn from, 2,000 held out.

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
} from "@adjoint/nn";
import { curves, fast, finding, heatMap, progress, seed, show } from "@adjoint/notebook";
import { divide, loadDigits, samplesOf, select } from "./data/mnist.ts";
import { warpedBatches } from "./data/warp.ts";
import { readings, sheet, sorted } from "./shown/digits.ts";

// %% The data

const key = keys(seed(1));
const all = loadDigits();
const some = fast
  ? select(
      all,
      Int32Array.from({ length: 500 }, (_, i) => 20 * i),
    )
  : all;
const { training, heldOut } = divide(some, some.labels.length / 5, key());
const { x: images, y: labels } = samplesOf(heldOut);

// %% The network
// Three convolutions that look at ever more of the image: 28×28 → 24×24 → 12×12 → 10×10 → 5×5 → 3×3. Pooling comes before
// normalisation and relu, which then have a quarter of the work. The convolutions have no bias: batch normalisation would
// take it away again.

const convolution = (inputs: number, outputs: number, window: number) =>
  conv2d(inputs, outputs, window, { bias: false, initializer: heUniform, key: key() });
const first = convolution(1, 12, 5);
const model = sequential(
  ...[first, maxPool2d(2), batchNorm(12), relu],
  ...[convolution(12, 24, 3), maxPool2d(2), batchNorm(24), relu],
  ...[convolution(24, 48, 3), batchNorm(48), relu],
  ...[flatten(), dropout(0.2), dense(48 * 3 * 3, 10, { key: key() })],
);
show(model, { title: "The network" });

// %% The training
// Every image is warped anew in each epoch, the learning rate rises and falls once.

const epochs = fast ? 2 : 12;
const batchSize = fast ? 25 : 50;
const steps = epochs * Math.floor(training.labels.length / batchSize);
const work = progress("training", steps);
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
    callbacks: [{ onStep: ({ steps }) => work.update(steps) }],
  },
);
work.end();
const seconds = (performance.now() - start) / 1000;
const curve = (name: string) => history[name] as readonly number[];
show(
  curves(
    { "training, warped": curve("loss"), "held out": curve("validation.loss") },
    {
      title: "Loss",
      x: "epoch",
      y: { label: "cross-entropy", unit: "nat", scale: "log" },
      at: curve("loss").map((_, epoch) => epoch + 1),
    },
  ),
);

// %% The judgement
// Rows are what the digit is, columns what it was read as. Then the mistakes that the network was surest of.

const logits: Tensor = compile((x: Tensor) => model.forward(x))(images);
show(confusionMatrix().of(logits, labels), { as: "confusion matrix", title: "Held-out images" });
const { mistakes, right } = sorted(heldOut, logits);
show(readings("The surest mistakes", heldOut, logits, mistakes.slice(0, 6)));

// %% What the first layer looks for
// The twelve filters of the first convolution: edges in several directions, and ends of strokes.

const filters = first.weight.value.reshape([12, 5, 5]);
show(heatMap(sheet(filters, 6), { title: "Filters of 5×5 pixels", label: "weight", numbers: false }));

// %% What was found
// Of 2,000 held-out images only some 20 are misread, half as many as by the perceptron of `digits.ts`, by a network with a twelfth of its
// weights. That is paid for with more arithmetic for each image. That more layers would do better still was not tried.

const reached = accuracy().of(logits, labels) as number;
finding("held-out images read rightly", 100 * reached, { expected: 99, spread: 0.4, unit: "%" });
show(`Trained in ${seconds.toFixed(1)} s; ${right.length} of ${heldOut.labels.length} read rightly.`);
if (!fast && reached < 0.985) {
  console.log("That is below 98.5%, which this network should reach from any seed.");
  process.exitCode = 1;
}
