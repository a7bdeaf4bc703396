// A copy task: a sign is shown once, then nothing for many steps, and at the end the sign is asked for. What must be learned is
// to keep something. A plain recurrent cell does not learn it, an LSTM does. `--full` takes a longer time and more training.

import {
  compile,
  concat,
  type Key,
  oneHot,
  ones,
  randomInteger,
  type Tensor,
  zeros,
} from "@adjoint/autograd";
import { adam, crossEntropy, dense, keys, type Layer, lstm, parameters, plainRecurrent } from "@adjoint/nn";

const isFull = process.argv.includes("--full");
const signs = 4;
const steps = isFull ? 200 : 40;
const trainingSteps = isFull ? 2000 : 300;
const [batch, hidden] = [32, 16];

// %% Data
// Each sample is [steps, signs + 1]: the sign in the first step, zeros after it, and in the last step a one in a place of its
// own, which says that now the sign is asked for.

function samples(key: Key): { x: Tensor; sign: Tensor } {
  const sign = randomInteger(key, [batch], { low: 0, high: signs });
  const shown = oneHot(sign, signs).reshape([batch, 1, signs]);
  const places = concat([shown, zeros([batch, steps - 1, signs])], { axis: 1 });
  const asks = concat([zeros([batch, steps - 1, 1]), ones([batch, 1, 1])], { axis: 1 });
  return { x: concat([places, asks], { axis: -1 }), sign };
}

// %% Training
// The last step's output goes through a dense layer, whose logits are compared with the sign. The LSTM starts with open
// forget gates: otherwise it would forget within some ten steps, and would first have to learn not to.

function train(name: string, recurrent: Layer, seed: number): void {
  const key = keys(seed);
  const model = { recurrent, read: dense(hidden, signs, { key: key() }) };
  const logits = (x: Tensor) => model.read.forward(model.recurrent.forward(x).slice(null, -1));
  const optimizer = adam({ learningRate: 0.003 });
  const weights = parameters(model);
  const step = compile((key: Key) => {
    const { x, sign } = samples(key);
    return optimizer.minimize(() => crossEntropy(logits(x), sign), weights);
  });
  for (let i = 0; i < trainingSteps; i++) step(key());
  const count = compile((key: Key) => {
    const { x, sign } = samples(key);
    return logits(x).argmax({ axis: -1 }).equal(sign).cast("int32").sum();
  });
  const rounds = 10;
  let right = 0;
  for (let i = 0; i < rounds; i++) right += count(key()).item();
  console.log(
    `${name.padEnd(12)}${((100 * right) / (rounds * batch)).toFixed(1)}% of signs right after ${steps} steps`,
  );
}

const key = keys(1);
console.log(`One of ${signs} signs is to be kept for ${steps} steps; guessing is right in ${100 / signs}%.`);
train("plain cell", plainRecurrent(signs + 1, hidden, { key: key() }), 2);
train("LSTM", lstm(signs + 1, hidden, { forgetBias: 4, key: key() }), 2);
