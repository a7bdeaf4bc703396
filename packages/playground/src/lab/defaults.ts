// Settings with which each data set is learnt well. Imports nothing of the engine, so that the page can have them at once.

import type { DataSettings, Settings } from "./lab.ts";

const classes: Omit<Settings, "data"> = {
  hidden: [
    { units: 8, activation: "tanh" },
    { units: 8, activation: "tanh" },
  ],
  // Of a probability that training brings to 1 exactly, the loss of the other class would be no finite number.
  outputActivation: "linear",
  loss: "negLogLossWithLogits",
  optimizer: "adam",
  learningRate: 0.01,
  batch: 32,
  l2: 0,
  dropout: 0,
  seed: 1,
};

/** Settings for one of the data sets that have a name; for tables the laboratory's `suggest` reads them first. */
export function startingWith(name: string): Settings {
  const data: DataSettings = { name, noise: 0.1, samples: 400 };
  switch (name) {
    case "grounded":
      return {
        ...classes,
        data: { name, noise: 0, samples: 8 },
        hidden: [{ units: 2, activation: "logistic" }],
        outputActivation: "logistic",
        loss: "negLogLoss",
        optimizer: "sgd",
        learningRate: 1,
        batch: 0,
      };
    case "xor":
      return {
        ...classes,
        data: { ...data, samples: 200 },
        hidden: [{ units: 4, activation: "tanh" }],
        learningRate: 0.03,
      };
    case "spiral":
      return {
        ...classes,
        data: { ...data, noise: 0.03 },
        hidden: [16, 16].map((units) => ({ units, activation: "tanh" })),
      };
    case "quiz":
      return {
        ...classes,
        data: { ...data, noise: 0, samples: 100 },
        hidden: [{ units: 8, activation: "tanh" }],
        outputActivation: "linear",
        loss: "meanSquaredError",
      };
    case "digits":
      return {
        ...classes,
        data: { ...data, noise: 0, samples: 1797 },
        hidden: [{ units: 32, activation: "relu" }],
        outputActivation: "linear",
        loss: "crossEntropy",
        learningRate: 0.003,
      };
    default:
      return { ...classes, data };
  }
}
