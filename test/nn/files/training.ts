// A training run that writes a checkpoint after each step and goes on from the last one: what is killed in the test of
// checkpoints. Arguments: the directory, the number of steps. Prints each step, and at the end the checksum of everything.

import { createHash } from "node:crypto";
import { normal, type Tensor } from "@adjoint/autograd";
import {
  adam,
  cosineDecay,
  dense,
  dropout,
  fit,
  keys,
  load,
  meanSquaredError,
  save,
  sequential,
  type TrainingState,
  tanh,
} from "@adjoint/nn";
import { checkpoints } from "@adjoint/nn/node";

const [directory, steps] = process.argv.slice(2);
const batchSize = 8;
// A last batch of four, so that it is filled up.
const samples = 3 * batchSize + 4;
const stepsPerEpoch = 4;

const key = keys(1);
const x: Tensor = normal(key(), [samples, 8]);
const y: Tensor = x.sin().sum({ axis: 1, keepDims: true });
const model = sequential(
  dense(8, 64, { activation: tanh, key: key() }),
  dropout(0.3),
  dense(64, 1, { key: key() }),
);
const optimizer = adam({ learningRate: cosineDecay(0.02, { steps: Number(steps) }) });

const store = checkpoints(directory!, { keep: 2 });
const last = store.latest();
// What was being written when the process was stopped has no name yet.
if (last !== null && last.skipped.length > 0) throw new Error(last.skipped.join());
if (last !== null) load({ model, optimizer }, last.bytes);

const { training, history } = await fit(
  model,
  { x, y },
  {
    loss: meanSquaredError,
    optimizer,
    epochs: Number(steps) / stepsPerEpoch,
    batchSize,
    key: key(),
    validation: { x: x.mul(0.9), y },
    // It never ends training here; it remembers the best epoch's variables, and gives them back at the end.
    earlyStopping: { patience: Number(steps) },
    ...(last === null ? {} : { resume: last.counters["training"] as TrainingState }),
    callbacks: [
      {
        onStep({ training, steps }) {
          store.save({ model, optimizer }, { training });
          process.stdout.write(`${steps}\n`);
        },
      },
    ],
  },
);
const hash = createHash("sha256")
  .update(save({ model, optimizer }))
  .update(JSON.stringify({ training, history }));
process.stdout.write(`end ${hash.digest("hex")}\n`);
