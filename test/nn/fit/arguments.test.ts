// What fit and evaluate are given where TypeScript doesn't look: nothing is ignored silently, and errors say the way out.

import { randomKey, type Tensor } from "@adjoint/autograd";
import * as nn from "@adjoint/nn";
import { describe, expect, test } from "vitest";
import { dropping, network, task, valuesOf } from "./training.ts";

const key = randomKey(3);
const data = task(8);
const base = () => ({
  loss: nn.crossEntropy,
  optimizer: nn.adam({ learningRate: 0.01 }) as nn.Optimizer,
  epochs: 1,
  batchSize: 4,
  key,
});
const run = (more: object, model: nn.LayerOrFunction = network(), given: unknown = data) =>
  nn.fit(model, given as nn.Data<Tensor, Tensor>, { ...base(), ...more });

describe("options that would be ignored", () => {
  test.each<[string, object, RegExp]>([
    [
      "callbacks that are no list",
      { callbacks: { onEpoch: () => 1 } },
      /callbacks are an object and must be a list/,
    ],
    [
      "a callback that is a function",
      { callbacks: [() => 1] },
      /callbacks\[0\] is a function and must be an object/,
    ],
    [
      "a callback of another name",
      { callbacks: [{ onEpoch: () => 1 }, { onEpochEnd: () => 1 }] },
      /callbacks\[1\] has "onEpochEnd", which is none of onStep, onEpoch, onEnd/,
    ],
    [
      "a misspelt callback beside a right one",
      { callbacks: [{ onEpoch: () => 1, onFinish: () => 1 }] },
      /"onFinish", which is none/,
    ],
    [
      "a callback with nothing to call",
      { callbacks: [{ epoch: () => 1 }] },
      /callbacks\[0\] has none of onStep, onEpoch, onEnd/,
    ],
    [
      "a callback that is no function",
      { callbacks: [{ onEpoch: "log" }] },
      /callbacks\[0\].onEpoch is the string "log"/,
    ],
    [
      "a controller for a signal",
      { signal: new AbortController() },
      /signal is an? AbortController without aborted.*controller\.signal/s,
    ],
    ["null for a signal", { signal: null }, /signal is null without aborted/],
    ["a threshold that is text", { stop: { loss: "5" } }, /stop: loss is a string and must be a number/],
    ["a threshold that is NaN", { stop: { gradientNorm: NaN } }, /stop: gradientNorm is NaN/],
    [
      "metrics that are no list",
      { metrics: nn.accuracy() },
      /metrics are an object and must be a list: \[accuracy\(\)\]/,
    ],
    [
      "a metric that was not called",
      { metrics: [nn.accuracy] },
      /metrics\[0\] is a function without name, part and value; call it: accuracy\(\)/,
    ],
    ["monitors that are no list", { monitors: nn.deadUnits() }, /monitors are an object and must be a list/],
    [
      "a monitor that was not called",
      { monitors: [nn.deadUnits] },
      /monitors\[0\] is a function .*call it: deadUnits\(\)/,
    ],
    ["a monitor that is null", { monitors: [null] }, /monitors\[0\] is null/],
  ])("%s: refused", async (_what, more, message) => {
    await expect(run(more)).rejects.toThrow(message);
  });

  test("evaluate refuses metrics that are no list", async () => {
    const judged = (metrics: unknown) =>
      nn.evaluate(network(), data, { loss: nn.crossEntropy, metrics: metrics as nn.Metric[] });
    await expect(judged(nn.accuracy())).rejects.toThrow(/^evaluate: metrics are an object/);
    await expect(judged([nn.accuracy])).rejects.toThrow(/^evaluate: metrics\[0\] is a function/);
  });

  test("callbacks may be objects of a class, with fields of their own, and some may be undefined", async () => {
    class Counting {
      epochs = 0;
      onStep = undefined;
      onEpoch() {
        this.epochs++;
      }
    }
    const counting = new Counting();
    await run({ callbacks: [counting as object] });
    expect(counting.epochs).toBe(1);
  });
});

describe("a state to go on from", () => {
  test.each<[string, object, RegExp]>([
    ["no totals", { totals: null }, /resume\.totals is null and must be tensors by name/],
    [
      "totals that are no tensors",
      { totals: { loss: 3 } },
      /resume\.totals\["loss"\] is 3 and must be a tensor/,
    ],
    ["a tensor that is none", { totals: { loss: { data: "x" } } }, /resume\.totals\["loss"\] is no tensor/],
    [
      "totals of what nothing measures",
      { totals: { accuracy: nn.state([1]).value } },
      /resume was saved with "accuracy" in its totals/,
    ],
    ["no history", { history: null }, /resume\.history is null and must be lists by name/],
    [
      "a history that is no list",
      { history: { loss: 3 } },
      /resume\.history\["loss"\] is 3 and must be a list/,
    ],
    ["stopping that is none", { stopping: 3 }, /resume\.stopping is 3/],
    [
      "stopping without what it waited",
      { stopping: { best: 1, bestEpoch: 1, kept: null } },
      /resume\.stopping\.waited is undefined/,
    ],
    ["a key that is none", { draws: [1] }, /resume\.draws is an array and must be two whole numbers or null/],
    ["an order that is none", { order: "abc" }, /resume\.order is a string/],
    ["a loss that is none", { loss: "1" }, /resume\.loss is a string/],
    ["a position that is none", { position: 1.5 }, /resume\.position is 1\.5/],
  ])("with %s is refused by name", async (_what, more, message) => {
    const { training } = await run({});
    await expect(run({ epochs: 2, resume: { ...training, ...more } })).rejects.toThrow(message);
  });

  test("without a key, where samples are to be shuffled now, is refused", async () => {
    const { training } = await run({ shuffle: false, key: undefined });
    await expect(run({ epochs: 2, resume: training })).rejects.toThrow(
      /saved without a key.*shuffle: false/s,
    );
  });
});

describe("a key", () => {
  const batches = (_epoch: number, _key: unknown) => [data];

  test("is required where samples are shuffled, held out, or given by a function that takes one", async () => {
    const none = { key: undefined };
    await expect(run(none)).rejects.toThrow(/samples are shuffled, and there is no key.*shuffle: false/s);
    await expect(run({ ...none, validation: 0.5, batchSize: 9 })).rejects.toThrow(
      /validation samples are drawn/,
    );
    await expect(run({ ...none, shuffle: false }, network(), batches)).rejects.toThrow(
      /the function given as data takes a key, and there is no key/,
    );
    await expect(run({ ...none, shuffle: false, validation: batches })).rejects.toThrow(
      /the function given as validation takes a key/,
    );
  });

  test("is not required where nothing draws: one batch, batches, no shuffling", async () => {
    const none = { key: undefined };
    expect((await run({ ...none, batchSize: 8 })).training.steps).toBe(1);
    expect((await run(none, network(), [data])).training.steps).toBe(1);
    expect((await run({ ...none, shuffle: false })).training.steps).toBe(2);
    expect((await run(none, network(), () => [data])).training.steps).toBe(1);
    await expect(run({ ...none, batchSize: 8 }, nn.sequential(dropping(), network()))).rejects.toThrow(
      /no key/,
    );
  });
});

describe("errors say what is wrong, and where", () => {
  test("a model with nothing to train", async () => {
    await expect(run({}, { forward: (x: Tensor) => x.slice(null, [0, 2]) })).rejects.toThrow(
      /^fit: the model has nothing to train: variables\(model\) finds no variable/,
    );
    const frozen = network();
    for (const each of Object.values(nn.variables(frozen))) each.trainable = false;
    await expect(run({}, frozen)).rejects.toThrow(/nothing to train: none of its 4 variables is trainable/);
  });

  test("a callback that throws after an epoch, and before the first", async () => {
    const failing = (name: "onEpoch" | "onEnd") => ({
      callbacks: [
        {
          [name]: () => {
            throw new Error("disk full");
          },
        },
      ],
    });
    await expect(run({ epochs: 2, ...failing("onEpoch") })).rejects.toThrow(
      /^fit: after epoch 1, the callback onEpoch threw: disk full\. .* 2 in all/,
    );
    await expect(run({ epochs: 0, ...failing("onEnd") })).rejects.toThrow(
      /^fit: before the first epoch, the callback onEnd threw/,
    );
  });

  test("what evaluate throws begins with its name", async () => {
    const judged = (loss: unknown, more = {}) =>
      nn.evaluate(network(), data, { loss: loss as nn.TrainingLoss<Tensor, Tensor>, ...more });
    await expect(judged(() => 3)).rejects.toThrow(/^evaluate: what the loss returned is a number/);
    const tree = { forward: (x: Tensor) => ({ x }) };
    await expect(
      nn.evaluate(tree as unknown as nn.Layer, data, {
        loss: (p, _y, options) => nn.meanSquaredError((p as unknown as { x: Tensor }).x, data.x, options),
        metrics: [nn.accuracy()],
      }),
    ).rejects.toThrow(/^evaluate: accuracy: the model's output is an object/);
  });

  test("early stopping on what the history won't have is refused before training", async () => {
    const model = network();
    const stopping = (of: string, more = {}) => run({ earlyStopping: { patience: 2, of }, ...more }, model);
    await expect(stopping("validation.los", { validation: data })).rejects.toThrow(
      /no number "validation.los" in the history; it has loss, learningRate, validation.loss/,
    );
    await expect(stopping("validation.loss")).rejects.toThrow(/no number "validation.loss"/);
    expect(valuesOf(model)).toEqual(valuesOf(network()));
    // Labels show only while training.
    const monitors = [nn.gradientNorms()];
    await expect(stopping("gradientNorms 7", { monitors })).rejects.toThrow(
      /^fit: after epoch 1, early stopping threw: .*no number "gradientNorms 7".*gradientNorms 0/,
    );
    expect((await stopping("gradientNorms 0", { monitors })).ending).toBe("epochs");
    expect((await stopping("learningRate")).ending).toBe("epochs");
  });
});
