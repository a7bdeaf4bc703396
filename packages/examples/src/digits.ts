// # Handwritten digits, learned here and now
//
// Can a multi-layer perceptron learn to read in a few seconds? 8,000 real 28×28 images to learn from; 2,000 others, never
// trained on, to judge by. `npm start` runs this; other held-out images, first weights and warps with `--seed 2`.
// `digits-convolutional.ts` reads more of them, and takes longer.

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
} from "@adjoint/nn";
import { curves, fast, finding, group, heatMap, progress, seed, show } from "@adjoint/notebook";
import { divide, imageAt, loadDigits, samplesOf, select, side } from "./data/mnist.ts";
import { warpedBatches } from "./data/warp.ts";
import { chances, digit, percent, readings, sheet, sorted } from "./shown/digits.ts";

// %% The data
// Everything random comes from one seed. Each use gets a key of its own, so changing one leaves the others alone.

const key = keys(seed(1));
const all = loadDigits();
const some = fast
  ? select(
      all,
      Int32Array.from({ length: 1000 }, (_, i) => 10 * i),
    )
  : all;
const { training, heldOut } = divide(some, some.labels.length / 5, key());
const { x: images, y: labels } = samplesOf(heldOut);
show(
  group(
    [0, 1, 2].map((place) => digit(imageAt(training, place), `a ${training.labels[place]}`)),
    {
      title: `${training.labels.length} images to train on, ${heldOut.labels.length} held out. The first of them:`,
      arrangement: "row",
    },
  ),
);

// %% The network
// 784 pixels → 256 neurons → 10 logits, one for each digit. The last layer is linear because crossEntropy takes logits: softmax
// and its logarithm together are accurate where one after the other are not.

const hidden = dense(side * side, 256, { initializer: heUniform, key: key() });
const model = sequential(flatten(), hidden, relu, dense(256, 10, { key: key() }));
show(model, { title: "The network" });

// %% The training
// Steps on mini-batches of 100, each one WebAssembly program: forward, backward and the update of the weights. Two things
// keep 200,000 weights from learning 8,000 images by heart: every image is warped a little, anew in each epoch (without that,
// held-out accuracy stays near 95% while training accuracy nears 100%); and the learning rate rises and then falls to
// nothing, so that the weights settle. The held-out images are looked at after every epoch, and nothing is chosen by them.

const epochs = fast ? 3 : 16;
const batchSize = fast ? 50 : 100;
const steps = epochs * Math.floor(training.labels.length / batchSize);
const work = progress("training", steps);
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
      title: "Loss. Warped images are harder than the held-out ones, which are as they are",
      x: "epoch",
      y: { label: "cross-entropy", unit: "nat" },
      at: curve("loss").map((_, epoch) => epoch + 1),
    },
  ),
);

// %% The judgement
// Rows are what the digit is, columns what it was read as. Then three digits read rightly, and the mistakes that the network
// was surest of.

const logits: Tensor = model.forward(images);
show(confusionMatrix().of(logits, labels), { as: "confusion matrix", title: "Held-out images" });
const { mistakes, right } = sorted(heldOut, logits);
show(readings("Read rightly", heldOut, logits, right.slice(0, 3)));
show(readings("The surest mistakes", heldOut, logits, mistakes.slice(0, 6)));

// %% What the first layer looks for
// The weights from the 784 pixels to each of the first hidden neurons: it answers ink where they are positive, and is silenced by
// ink where they are negative.

const filters = hidden.weight.value.transpose().slice([0, 18]).reshape([18, side, side]);
show(heatMap(sheet(filters, 6), { title: "Weights of 18 hidden neurons", label: "weight", numbers: false }));

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
  const cards = [first, image].map((each) => digit(each.data, chances(model.forward(each).slice(0))));
  show(group(cards, { title: `Read rightly with ${percent(share)} of its ink moved`, arrangement: "row" }));
}

// %% What was found
// Some 98 of 100 images that the network has never seen are read rightly, from any seed. Most of the others are hard for people, too.
// How it would do on MNIST's own test images was not found: which of MNIST's 70,000 these are is not known.

const reached = accuracy().of(logits, labels) as number;
finding("held-out images read rightly", 100 * reached, { expected: 98, spread: 0.7, unit: "%" });
show(`Trained in ${seconds.toFixed(1)} s; ${right.length} of ${heldOut.labels.length} read rightly.`);
if (!fast && reached < 0.97) {
  console.log("That is below 97%, which this network should reach from any seed.");
  process.exitCode = 1;
}
