// When training ends, against the rules by definition.

import { randomKey, tensor } from "@adjoint/autograd";
import * as nn from "@adjoint/nn";
import { expect, test } from "vitest";
import { network, task, valuesOf } from "./training.ts";

const key = randomKey(3);

/** A model with one weight that goes through given values, one in each epoch, whose loss on validation data is that weight. */
function walking(values: readonly number[]) {
  const weight = nn.parameter([0]);
  const model = { weight, forward: () => weight.value.expandDims(1) };
  let next = 0;
  const optimizer = {
    // A schedule of values by a table in the program, counted by a variable.
    place: nn.state(tensor([0], { dtype: "int32" })),
    step() {
      weight.assign(tensor([...values]).gather(optimizer.place.value));
      optimizer.place.assign(optimizer.place.value.add(1));
    },
  };
  const loss = (p: nn.Seen["weights"]) => p.sum();
  const data = { x: tensor([[0]]), y: tensor([[0]]) };
  return {
    model,
    run: (more: object) =>
      nn.fit(model, data, {
        loss,
        optimizer,
        epochs: values.length,
        shuffle: false,
        validation: data,
        callbacks: [{ onEpoch: () => void next++ }],
        ...more,
      }),
    get epochs() {
      return next;
    },
  };
}

/** When early stopping ends and what it keeps, by the definition: the last improvement counts from the best so far. */
function expected(values: readonly number[], patience: number, minDelta: number, sign: number) {
  let [best, bestEpoch] = [Infinity, 0];
  for (const [i, value] of values.entries()) {
    if (sign * value < best - minDelta || (best === Infinity && !Number.isNaN(value)))
      [best, bestEpoch] = [sign * value, i + 1];
    if (i + 1 - bestEpoch >= patience) return { end: i + 1, bestEpoch };
  }
  return { end: values.length, bestEpoch };
}

test.each([
  [[5, 4, 3, 2, 1], 2, 0, "lower"],
  [[5, 4, 4.5, 4.25, 3, 9, 9, 9, 9], 3, 0, "lower"],
  [[5, 4, 4, 4, 1], 2, 0, "lower"],
  [[5, 4.75, 4.5, 4.25, 4, 3.75], 2, 0.5, "lower"],
  [[1, 3, 2, 2.5, 2.75, 9], 3, 0, "higher"],
  [[Number.NaN, Number.NaN, 3, Number.NaN, 2, 4, 4, 1], 3, 0, "lower"],
  [[Number.NaN, Number.NaN, Number.NaN, Number.NaN], 3, 0, "lower"],
  [[4, 5, 3], 1, 0, "lower"],
] as const)(
  "early stopping on %o with patience %d, minDelta %d, %s better, ends and restores by the definition",
  async (values, patience, minDelta, better) => {
    const { end, bestEpoch } = expected(values, patience, minDelta, better === "lower" ? 1 : -1);
    const walk = walking(values);
    const { ending, training, history } = await walk.run({ earlyStopping: { patience, minDelta, better } });
    expect(walk.epochs).toBe(end);
    expect(ending).toBe(
      end === values.length && values.length - bestEpoch < patience ? "epochs" : "early stopping",
    );
    expect(history["validation.loss"]).toEqual(values.slice(0, end));
    expect(training.stopping!.bestEpoch).toBe(bestEpoch);
    expect(walk.model.weight.value.toArray()).toEqual([
      bestEpoch === 0 ? values[end - 1] : values[bestEpoch - 1],
    ]);
  },
);

test("without restoreBest the model stays as it ended", async () => {
  const walk = walking([5, 4, 6, 7, 8]);
  await walk.run({ earlyStopping: { patience: 2, restoreBest: false } });
  expect(walk.model.weight.value.toArray()).toEqual([7]);
});

test("the best variables include those that are not trained", async () => {
  const inner = network();
  const count = nn.state([0]);
  const model = {
    inner,
    count,
    forward(x: Parameters<typeof inner.forward>[0], { training = false } = {}) {
      if (training) count.assign(count.value.add(1));
      return inner.forward(x);
    },
  };
  // Nothing is better than the first epoch: the learning rate makes all things worse.
  await nn.fit(model, task(8), {
    loss: nn.crossEntropy,
    optimizer: nn.sgd({ learningRate: 1e4 }),
    epochs: 9,
    batchSize: 8,
    key,
    validation: task(8, 6),
    earlyStopping: { patience: 3 },
  });
  expect(count.value.toArray()).toEqual([1]);
});

test("training ends at the first epoch whose loss or gradient norm is small enough", async () => {
  const data = task(16);
  const options = () => ({
    loss: nn.crossEntropy,
    optimizer: nn.sgd({ learningRate: 0.5 }),
    epochs: 60,
    batchSize: Infinity,
    key,
  });
  const { history } = await nn.fit(network(), data, { ...options(), monitors: [nn.gradientNorm()] });
  for (const name of ["loss", "gradientNorm"] as const) {
    const values = history[name] as readonly number[];
    const limit = values[20]!;
    const first = values.findIndex((value) => value <= limit);
    const { ending, training } = await nn.fit(network(), data, { ...options(), stop: { [name]: limit } });
    expect([ending, training.epoch]).toEqual([name, first + 1]);
  }
  const { ending, training } = await nn.fit(network(), data, { ...options(), epochs: 3 });
  expect([ending, training.epoch]).toEqual(["epochs", 3]);
});

test("what is frozen when fit begins stays as it is", async () => {
  const model = network();
  model[0]!.weight.trainable = false;
  const before = valuesOf(model);
  await nn.fit(model, task(8), { loss: nn.crossEntropy, optimizer: nn.adam(), epochs: 2, key });
  const after = valuesOf(model);
  expect(
    Object.keys(after).filter((path) => JSON.stringify(after[path]) === JSON.stringify(before[path])),
  ).toEqual(["0.weight"]);
});
