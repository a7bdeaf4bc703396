// The optimizers that are offered, with the lecture's L2 regularization before them.

import {
  adadelta,
  adagrad,
  adam,
  adamw,
  chain,
  lamb,
  lion,
  nadam,
  type Optimizer,
  rmsProp,
  sgd,
  weightDecay,
} from "@adjoint/nn";
import type { Choice } from "./lab.ts";

interface OptimizerEntry extends Choice {
  readonly make: (learningRate: number) => Optimizer;
  /** The call as one writes it, for exported code. */
  readonly code: (learningRate: string) => string;
}

const entry = (
  name: string,
  title: string,
  make: OptimizerEntry["make"],
  code: OptimizerEntry["code"],
  about: string,
): OptimizerEntry => ({ name, title, about, make, code });

/** An optimizer that is called by its own name with a learning rate alone. */
const plain = (
  make: (options: { readonly learningRate: number }) => Optimizer,
  name: string,
  title: string,
  about: string,
): OptimizerEntry =>
  entry(
    name,
    title,
    (learningRate) => make({ learningRate }),
    (rate) => `${name}({ learningRate: ${rate} })`,
    about,
  );

const table: readonly OptimizerEntry[] = [
  plain(
    sgd,
    "sgd",
    "gradient descent",
    "W ← W − ρ∇, the lecture's update: the plainest, and with the right ρ often enough.",
  ),
  entry(
    "momentum",
    "momentum",
    (learningRate) => sgd({ learningRate, momentum: 0.9 }),
    (rate) => `sgd({ learningRate: ${rate}, momentum: 0.9 })`,
    "Keeps 0.9 of the last step, which carries it along valleys and through small bumps.",
  ),
  entry(
    "nesterov",
    "Nesterov momentum",
    (learningRate) => sgd({ learningRate, momentum: 0.9, nesterov: true }),
    (rate) => `sgd({ learningRate: ${rate}, momentum: 0.9, nesterov: true })`,
    "Momentum that looks ahead along the step before it corrects it.",
  ),
  plain(
    adam,
    "adam",
    "Adam",
    "Divides a running mean of gradients by their running size, weight by weight: a good first choice.",
  ),
  plain(
    adamw,
    "adamw",
    "AdamW",
    "Adam whose weights also shrink by a hundredth of ρ in each step, which its moments don't see.",
  ),
  plain(nadam, "nadam", "NAdam", "Adam with Nesterov's look ahead."),
  plain(
    adagrad,
    "adagrad",
    "AdaGrad",
    "Divides by the size of all gradients so far, so that its steps become smaller and smaller.",
  ),
  plain(adadelta, "adadelta", "Adadelta", "Measures its steps by earlier steps, so that ρ is near 1."),
  plain(
    rmsProp,
    "rmsProp",
    "RMSProp",
    "Divides by the running size of the gradients; Adam without its mean.",
  ),
  plain(
    lion,
    "lion",
    "Lion",
    "Takes the sign of a running mean alone, so that all weights move equally far; wants a ρ some ten times smaller than Adam.",
  ),
  plain(
    lamb,
    "lamb",
    "LAMB",
    "Adam whose steps are in proportion to each layer's weights, for large batches.",
  ),
];

export const optimizerChoices: readonly Choice[] = table.map(({ name, title, about }) => ({
  name,
  title,
  about,
}));

/** The entry of a name; undefined where there is none. */
export const optimizerNamed = (name: string): OptimizerEntry | undefined =>
  table.find((each) => each.name === name);

/** An optimizer after L2 regularization with the weight α: αW is added to the gradients, as in the lecture. */
export function optimizerOf({ make }: OptimizerEntry, learningRate: number, l2: number): Optimizer {
  const own = make(learningRate);
  return l2 === 0 ? own : chain(weightDecay(l2), own);
}
