// A small language model of "Moby-Dick", character by character: a transformer of six blocks, trained by one compiled step, that
// writes some text of its own at the end (Vaswani et al. 2017; Radford et al. 2018).
//
// It is trained on the first nine tenths of the book and judged on the last. It takes some minutes; run fewer steps with
// `--steps 50`, or a smaller model with `--layers 2 --width 32`.

import { parseArgs } from "node:util";
import { categorical, compile, randomInteger, type Tensor, tensor } from "@adjoint/autograd";
import {
  adamw,
  crossEntropy,
  dense,
  embedding,
  encoderBlock,
  gelu,
  keys,
  layerNorm,
  learnedPositions,
  normalOf,
  parameters,
  sequential,
  warmUp,
} from "@adjoint/nn";
import { loadText, vocabularyOf } from "./data/text.ts";

const { values: options } = parseArgs({
  options: {
    steps: { type: "string", default: "1000" },
    layers: { type: "string", default: "6" },
    width: { type: "string", default: "128" },
    letters: { type: "string", default: "400" },
  },
});
const [steps, layers, width, letters] = [
  ...[options.steps, options.layers, options.width, options.letters].map(Number),
] as [number, number, number, number];

// %% The text
// Characters become numbers, the commonest first. A sample is 128 characters and, for each of them, the one that follows.

const context = 128;
const batch = 8;
const characters = [...loadText()];
const vocabulary = vocabularyOf(characters);
const signs = [...vocabulary.keys()];
const numbers = Int32Array.from(characters, (character) => vocabulary.get(character)!);
const divide = Math.floor(0.9 * numbers.length);
const training = numbers.subarray(0, divide);
const heldOut = numbers.subarray(divide);
console.log(`${numbers.length} characters, ${signs.length} different ones`);

/** Samples that begin at these places of a text. */
function samples(text: Int32Array, places: ArrayLike<number>): { x: Tensor; y: Tensor } {
  const from = (shift: number) => {
    const parts = Array.from(places, (place) => text.subarray(place + shift, place + shift + context));
    const all = new Int32Array(parts.length * context);
    parts.forEach((part, i) => {
      all.set(part, i * context);
    });
    return tensor(all, { shape: [parts.length, context] });
  };
  return { x: from(0), y: from(1) };
}

// %% The network
// Each place sees those up to itself, so one sample asks 128 questions at once. What goes into each part of a block is normalised
// and the shortcuts are left alone, which trains well from the first step on.

const key = keys(1);
const small = normalOf(0.02);
const model = sequential(
  embedding(signs.length, width, { initializer: small, key: key() }),
  learnedPositions(context, width, { initializer: small, key: key() }),
  ...Array.from({ length: layers }, () =>
    encoderBlock(width, 4, { causal: true, normFirst: true, activation: gelu, key: key() }),
  ),
  layerNorm(width),
  dense(width, signs.length, { key: key() }),
);
const weights = parameters(model);
const size = Object.values(weights).reduce((sum, each) => sum + each.size, 0);
console.log(`${layers} blocks, ${width} wide, ${size} weights`);

const optimizer = adamw({ learningRate: warmUp(0.001, { steps: 100 }) });
const step = compile((x: Tensor, y: Tensor) =>
  optimizer.minimize(() => crossEntropy(model.forward(x), y), weights),
);
const lossOf = compile((x: Tensor, y: Tensor) => crossEntropy(model.forward(x), y));

// %% The training
// The program of a step is made in the first call. The rate of learning changes and the program does not, since the optimizer
// counts its steps in a variable.

/** The mean loss on samples spread over the held-out text. */
function judged(): number {
  const rounds = 8;
  const stride = Math.floor((heldOut.length - context - 1) / (rounds * batch));
  let sum = 0;
  for (let round = 0; round < rounds; round++) {
    const places = Array.from({ length: batch }, (_, i) => (round * batch + i) * stride);
    const { x, y } = samples(heldOut, places);
    sum += lossOf(x, y).item();
  }
  return sum / rounds;
}

console.log("\n step   loss   held-out   tokens a second");
console.log(`    0      –      ${judged().toFixed(3)}`);
const every = Math.max(1, Math.floor(steps / 10));
let mean = 0;
let since = performance.now();
for (let i = 1; i <= steps; i++) {
  const places = randomInteger(key(), [batch], { low: 0, high: training.length - context });
  const { x, y } = samples(training, places.data);
  mean += step(x, y).item() / every;
  if (i === 1) {
    console.log(`      the program was made in ${((performance.now() - since) / 1000).toFixed(1)} s`);
    since = performance.now();
  }
  if (i % every !== 0) continue;
  // The first step, which made the program, does not count.
  const count = i === every ? every - 1 : every;
  const rate = (count * batch * context) / ((performance.now() - since) / 1000);
  const columns = [`${i}`.padStart(5), mean.toFixed(3), judged().toFixed(3).padStart(8), rate.toFixed(0)];
  console.log(columns.join("   "));
  mean = 0;
  since = performance.now();
}
console.log(`programs made for ${steps} steps: ${step.programs.length}`);

// %% Text of its own
// The next character is drawn with the probabilities that the network gives, and joins what it sees next. Characters that come
// after the last one may be anything, since no place sees a later one.

const next = compile((seen: Tensor, last: Tensor, key: Tensor<[2]>) => {
  const logits: Tensor = model.forward(seen).reshape([context, signs.length]);
  const own: Tensor = logits.gather(last);
  return categorical(key, own);
});
const written = Array.from("The whale ", (character) => vocabulary.get(character)!);
for (let i = 0; i < letters; i++) {
  const seen = new Int32Array(context);
  seen.set(written.slice(-context));
  const last = Math.min(written.length, context) - 1;
  written.push(next(tensor(seen, { shape: [1, context] }), tensor(last, { dtype: "int32" }), key()).item());
}
console.log(`\n${written.map((number) => signs[number]).join("")}`);
