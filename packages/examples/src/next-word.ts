// # Softmax over many classes: the next word
//
// What is the next word, given the four before it? A network that answers has an output for every word there may be, here 50,000,
// and softmax makes probabilities of them (Bengio et al., 2003). Does it learn more from "Moby-Dick" than how often each word
// occurs? The measure is the perplexity, among how many equally likely words it would be as hard to guess:
//
// $$\exp\Bigl(-\frac 1 N \sum_{i=1}^N \log p(w_i \mid w_{i-4} \dots w_{i-1})\Bigr)$$

import { compile, permutation, type Tensor, tensor } from "@adjoint/autograd";
import { adam, crossEntropy, dense, embedding, keys, parameters, sequential, tanh } from "@adjoint/nn";
import { chart, fast, finding, group, progress, seed, show } from "@adjoint/notebook";
import { loadText, vocabularyOf, wordsOf } from "./data/text.ts";

const key = keys(seed(1));

// %% The text
// Words become numbers, the commonest first. The book has some 19,000 different ones; the other classes stay free, and cost as
// much as those that occur. How often a word occurs falls with its rank as Zipf said, about as one over the rank: nearly half of
// the different words occur once. The first nine tenths are trained on and the last is judged on.

const classes = fast ? 2_000 : 50_000;
const context = 4;
const words = wordsOf(loadText()).slice(0, fast ? 50_000 : Infinity);
const vocabulary = vocabularyOf(words);
const names = [...vocabulary.keys()];
// In a quick run the last class stands for all rare words.
const numbers = Int32Array.from(words, (word) => Math.min(vocabulary.get(word)!, classes - 1));
const divide = Math.floor(0.9 * numbers.length);
const training = numbers.subarray(0, divide);
const heldOut = numbers.subarray(divide);

const counts = new Float64Array(names.length);
for (const word of words) counts[vocabulary.get(word)!]!++;
const ranks = [...counts.keys()].filter(
  (rank) => Math.log2(rank + 1) % 0.25 < 0.25 / Math.sqrt(rank + 1) || rank < 8,
);
show(
  chart(
    [
      {
        mark: "dots",
        name: "words",
        x: ranks.map((rank) => rank + 1),
        y: ranks.map((rank) => counts[rank]!),
      },
    ],
    {
      title: `${numbers.length.toLocaleString("en")} words, ${names.length.toLocaleString("en")} different ones`,
      x: { label: "rank of the word", scale: "log" },
      y: { label: "occurrences", scale: "log" },
    },
  ),
);

/** The samples whose next words stand at these places of a text: x [places, 4], y [places]. */
function samples(text: Int32Array, places: ArrayLike<number>): { x: Tensor; y: Tensor } {
  const before = Int32Array.from({ length: places.length * context }, (_, i) => {
    const place = places[Math.floor(i / context)]!;
    return text[place - context + (i % context)]!;
  });
  const next = Int32Array.from(places, (place) => text[place]!);
  return { x: tensor(before, { shape: [places.length, context] }), y: tensor(next) };
}

// %% What is known without a context
// Every class is counted once more than it occurs in the part trained on, so that none is impossible. What these shares cost at
// 2,560 places, evenly spread over the held-out text, is the perplexity to beat.

const shares = new Float64Array(classes).fill(1 / (training.length + classes));
for (const number of training) shares[number]! += 1 / (training.length + classes);
const batchSize = 128;
const judged = (fast ? 5 : 20) * batchSize;
const stride = (heldOut.length - context) / judged;
const judgedAt = Int32Array.from({ length: judged }, (_, i) => context + Math.floor(i * stride));
const unigram = Math.exp(
  judgedAt.reduce((sum, place) => sum - Math.log(shares[heldOut[place]!]!), 0) / judged,
);

// %% The network
// The output's biases begin as the logarithms of the shares, so that training starts where counting ends.

const width = 48;
const hidden = 96;
const output = dense(hidden, classes, { key: key() });
output.bias!.assign(tensor(Float32Array.from(shares, Math.log)));
output.weight.assign(output.weight.mul(0.1));
const model = sequential(
  embedding(classes, width, { key: key() }),
  (x: Tensor) => x.reshape([-1, context * width]),
  dense(context * width, hidden, { activation: tanh, key: key() }),
  output,
);
const optimizer = adam({ learningRate: 0.002 });
const weights = parameters(model);
const step = compile((x: Tensor, y: Tensor) =>
  optimizer.minimize(() => crossEntropy(model.forward(x), y), weights),
);
const lossOf = compile((x: Tensor, y: Tensor) => crossEntropy(model.forward(x), y));

// %% The training
// Perplexity at these places, and on the batches that are trained on, each before its step.

const steps = fast ? 20 : 200;
const order = permutation(key(), training.length - context).data;

function perplexity(): number {
  let sum = 0;
  for (let from = 0; from < judged; from += batchSize) {
    const { x, y } = samples(heldOut, judgedAt.subarray(from, from + batchSize));
    sum += lossOf(x, y).item() * batchSize;
  }
  return Math.exp(sum / judged);
}

const course = {
  steps: [0],
  heldOut: [perplexity()],
  batches: { steps: [] as number[], training: [] as number[] },
};
const every = steps / (fast ? 2 : 8);
const work = progress("steps", steps);
let sum = 0;
for (let i = 1; i <= steps; i++) {
  const from = ((i - 1) * batchSize) % (order.length - batchSize);
  const places = Int32Array.from(order.subarray(from, from + batchSize), (place) => place + context);
  const { x, y } = samples(training, places);
  sum += step(x, y).item();
  work.update(i);
  if (i % every !== 0) continue;
  course.steps.push(i);
  course.heldOut.push(perplexity());
  course.batches.steps.push(i - every / 2);
  course.batches.training.push(Math.exp(sum / every));
  sum = 0;
}
work.end();
show(
  chart(
    [
      { mark: "line", name: "training", x: course.batches.steps, y: course.batches.training },
      { mark: "line", name: "held out", x: course.steps, y: course.heldOut },
      { mark: "rule", name: "shares of the words alone", at: unigram, across: "y" },
    ],
    { title: "Perplexity", x: "step", y: "perplexity" },
  ),
);

// %% What comes next
// The likeliest words after four given ones, with their probabilities. Without a context the answer would always be the same, the
// first words of the list above.

const contexts = ["the bottom of the", "said he , “", "the great Sperm Whale", "he was going to"];
const likeliest = (text: string) => {
  const before = wordsOf(text).map((word) => Math.min(vocabulary.get(word) ?? classes - 1, classes - 1));
  const chances: Tensor = model
    .forward(tensor([before], { dtype: "int32" }))
    .softmax()
    .slice(0);
  const { values, indices } = chances.topK(8);
  const name = (place: number) =>
    fast && place === classes - 1 ? "(a rare word)" : (names[place] ?? "(unused)");
  return { labels: [...indices.data].map(name), values };
};
const answers = contexts.map(likeliest);
show(
  group(
    contexts.map((text, i) =>
      chart(
        [
          {
            mark: "bars",
            name: "probability",
            labels: answers[i]!.labels,
            values: answers[i]!.values.mul(100),
          },
        ],
        {
          title: `${text} …`,
          x: "next word",
          y: { label: "probability", unit: "%" },
        },
      ),
    ),
    { title: "The likeliest next words", arrangement: "row" },
  ),
);

// %% What was found
// After 200 steps, in which it has seen a tenth of the book once, the network is a good quarter less perplexed than the shares of the words
// are; the curve still falls. What it has learned is mostly grammar: what goes with an article, with a comma, with an opening
// quotation mark. That it knows what the book is about was not found.
//
// Nor is this a good perplexity: large models go below 20, with more text than one book and far more training.

const reached = course.heldOut.at(-1)!;
finding("perplexity by the shares of the words alone", unigram, { expected: 922.5, spread: 0.5 });
finding("perplexity of the network", reached, { expected: 666, spread: 25 });
finding("of that by the shares", (100 * reached) / unigram, { expected: 72, spread: 3, unit: "%" });
