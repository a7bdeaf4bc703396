// A training run that writes a checkpoint at each step and resumes from the last one: what is killed in the test of
// checkpoints. Arguments: the directory, the number of steps. Prints each step, and at the end the checksum of everything.

import { createHash } from "node:crypto";
import {
  bind,
  gradients,
  normal,
  type Tensor,
  transaction,
  type Variable,
  zerosLike,
} from "@adjoint/autograd";
import { keys, load, meanSquaredError, mlp, parameters, save, state, tanh, variables } from "@adjoint/nn";
import { checkpoints } from "@adjoint/nn/node";

const [directory, steps] = process.argv.slice(2);

const key = keys(1);
const model = mlp([8, 64, 64, 1], { activation: tanh, key: key() });
const like = (set: Record<string, Variable>) =>
  Object.fromEntries(Object.entries(set).map(([path, each]) => [path, state(zerosLike(each.value))]));
const velocity = like(parameters(model));
const average = like(parameters(model));
const all = { model, velocity, average, key };

const store = checkpoints(directory!, { keep: 2 });
const last = store.latest();
let step = 0;
let losses: unknown[] = [];
if (last !== null) {
  // What was being written when the process was stopped has no name yet.
  if (last.skipped.length > 0) throw new Error(last.skipped.join());
  load(all, last.bytes);
  step = last.counters["step"] as number;
  losses = last.counters["losses"] as unknown[];
}

/** One step of momentum, on a batch drawn from the key, and of an average of the weights. */
function train(): Tensor {
  const x = normal(key(), [16, 8]);
  const y = x.sin().sum({ axis: 1, keepDims: true });
  const set = parameters(model);
  return transaction(() => {
    const loss = meanSquaredError(model.forward(x), y);
    const slopes = gradients(loss, set);
    for (const [path, each] of Object.entries(set)) {
      const kept = velocity[path]!;
      kept.assign(kept.value.mul(0.9).add(slopes[path]!));
      each.assign(each.value.sub(kept.value.mul(0.001)));
      average[path]!.assign(average[path]!.value.mul(0.95).add(each.value.mul(0.05)));
    }
    return loss.detach();
  });
}

while (step < Number(steps)) {
  losses = [...losses.slice(-3), train().item(), NaN];
  step++;
  store.save(all, { step, losses });
  process.stdout.write(`${step}\n`);
}
const prediction = bind(variables(model), average, () => model.forward(normal(key(), [4, 8])));
const hash = createHash("sha256")
  .update(save(all))
  .update(String(prediction.toArray()))
  .update(String(losses));
process.stdout.write(`end ${hash.digest("hex")}\n`);
