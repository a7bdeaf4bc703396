// What counts in the loss and the metrics of an epoch: samples, labels, and not what only fills a batch.

import { randomKey, type Tensor, tensor, vmap } from "@adjoint/autograd";
import * as nn from "@adjoint/nn";
import { describe, expect, test } from "vitest";
import { network, task, valuesOf } from "./training.ts";

const key = randomKey(3);
const sgd = () => nn.sgd({ learningRate: 0.1 });

/** A model with a variable that leaves its input alone. */
const identity = () => ({ scale: nn.parameter(1), forward: (x: Tensor): Tensor => x });
const spread = {
  x: tensor([[1], [2], [3], [4], [50]]) as Tensor,
  y: tensor([[0], [0], [0], [0], [0]]) as Tensor,
};
const careless = (p: Tensor, y: Tensor): Tensor => p.sub(y).square().mean();
const part = ({ x, y }: typeof spread, from: number, to: number) => ({
  x: x.slice([from, to]),
  y: y.slice([from, to]),
});

describe("a loss that reads no weights", () => {
  test("is refused by evaluate where a batch is filled up, and right where none is", async () => {
    const judged = (batchSize: number) => nn.evaluate(identity(), spread, { loss: careless, batchSize });
    await expect(judged(4)).rejects.toThrow(
      /^evaluate: a batch of data .*the loss reads no weights.*a batchSize that divides/s,
    );
    expect(await judged(5)).toEqual({ loss: (1 + 4 + 9 + 16 + 2500) / 5 });
    expect((await judged(1))["loss"]).toBe((1 + 4 + 9 + 16 + 2500) / 5);
  });

  test("is refused for validation that has to be filled up, before anything is trained", async () => {
    const model = network();
    const loss = (p: Tensor, y: Tensor) => nn.crossEntropy(p, y);
    const run = nn.fit(model, task(8), {
      loss,
      optimizer: sgd(),
      epochs: 1,
      batchSize: 4,
      key,
      validation: task(6, 9),
    });
    await expect(run).rejects.toThrow(/^fit: a batch of validation .*the loss reads no weights/s);
    expect(valuesOf(model)).toEqual(valuesOf(network()));
  });

  test("is refused for validation batches as soon as one is smaller", async () => {
    const { x, y } = task(6, 9);
    const run = nn.fit(network(), task(8), {
      loss: (p: Tensor, y: Tensor) => nn.crossEntropy(p, y),
      optimizer: sgd(),
      epochs: 1,
      batchSize: 4,
      key,
      validation: [part({ x, y }, 0, 4), part({ x, y }, 4, 6)],
    });
    await expect(run).rejects.toThrow(/after step 2 of 2, the validation threw.*reads no weights/s);
  });

  test("trains on batches of one size, and is refused at the first smaller one", async () => {
    const all = task(8);
    const loss = (p: Tensor, y: Tensor) => nn.crossEntropy(p, y);
    const run = (...sizes: readonly (readonly [number, number])[]) =>
      nn.fit(
        network(),
        sizes.map(([from, to]) => part(all, from, to)),
        { loss, optimizer: sgd(), epochs: 2 },
      );
    expect((await run([0, 4], [4, 8])).training.steps).toBe(4);
    await expect(run([0, 4], [4, 6])).rejects.toThrow(/epoch 1, after step 1, .*reads no weights.*"drop"/s);
    const dropped = await nn.fit(network(), [part(all, 0, 4), part(all, 4, 6)], {
      loss,
      optimizer: sgd(),
      epochs: 2,
      lastBatch: "drop",
    });
    expect(dropped.training.steps).toBe(2);
  });

  test("may read them elsewhere: what counts is whether the loss depends on them", async () => {
    const reading = (p: Tensor, y: Tensor, { weights }: nn.LossOptions) => {
      weights?.cast("float32").square().sum();
      return careless(p, y);
    };
    await expect(nn.evaluate(identity(), spread, { loss: reading, batchSize: 4 })).rejects.toThrow(
      /reads no weights/,
    );
  });
});

test("a metric that reads no weights is refused by name where a batch is filled up", async () => {
  const size: nn.Metric = {
    name: "size",
    part: (p) => p.mul(0).add(1).sum().cast("float64"),
    value: (total) => total.item(),
    of: () => 0,
  };
  const judged = (batchSize: number) =>
    nn.evaluate(identity(), spread, { loss: nn.meanSquaredError, metrics: [nn.r2(), size], batchSize });
  await expect(judged(4)).rejects.toThrow(/the metric "size" reads no weights/);
  expect((await judged(5))["size"]).toBe(5);
});

describe("the loss of all samples comes out at every size of batches", () => {
  const n = 13;
  const { x } = task(n);
  // Labels of which many are ignored: the second batch of 4 has none that counts.
  const y = tensor([0, 1, -1, 1, -1, -1, -1, -1, 1, -1, 0, 0, 1], { dtype: "int32" }) as Tensor;
  const numbers = x.slice(null, [0, 2]);
  const model = network();
  const ignoring = (p: Tensor, y: Tensor, options: nn.LossOptions = {}) =>
    nn.crossEntropy(p, y, { ...options, ignoreLabel: -1 });
  const uneven = (p: Tensor, y: Tensor, options: nn.LossOptions = {}) =>
    nn.crossEntropy(p, y, { ...options, ignoreLabel: -1, classWeights: tensor([1, 7]) });
  const summed = (p: Tensor, y: Tensor, options: nn.LossOptions = {}) =>
    nn.crossEntropy(p, y, { reduction: "sum", ...options, ignoreLabel: -1 });
  const own = (p: Tensor, y: Tensor, { weights, ...options }: nn.LossOptions = {}) => {
    const trust = y.abs().slice(null, [0, 1]);
    const all = weights === undefined ? trust : trust.mul(weights.cast("float32"));
    return nn.huber(p, y, { ...options, weights: all });
  };
  test.each<[string, nn.TrainingLoss<Tensor, Tensor>, Tensor]>([
    ["labels that are ignored", ignoring, y],
    ["labels that are ignored, and classes of different weight", uneven, y],
    ["a sum over labels", summed, y],
    ["sumSquaredError", nn.sumSquaredError, numbers],
    [
      "batchMean",
      (p, y, options) => nn.meanSquaredError(p, y, { reduction: "batchMean", ...options }),
      numbers,
    ],
    ["weights of its own", own, numbers],
    ["a mean with a penalty", (p, y, options) => ignoring(p, y, options).add(1), y],
    [
      "pairs",
      (p, y, options) => nn.contrastive(p, p.neg(), y.slice(null, 0).abs().minimum(1), options),
      numbers,
    ],
    ["triplets", (p, y, options) => nn.tripletMargin(p, y, p.neg(), options), numbers],
  ])("%s", async (_what, loss, target) => {
    const whole = loss(model.forward(x), target, {}).item();
    expect(Number.isFinite(whole)).toBe(true);
    for (const batchSize of [1, 4, 5, 13]) {
      const { loss: found } = await nn.evaluate(model, { x, y: target }, { loss, batchSize });
      // Sums of at most 26 float32 terms, in another order.
      expect(Math.abs(Number(found) - whole) / whole).toBeLessThan(26 * 2 ** -24);
    }
    // Without learning, the history has it, too.
    const { history } = await nn.fit(
      network(),
      { x, y: target },
      {
        loss,
        optimizer: nn.sgd({ learningRate: 1e-30 }),
        epochs: 1,
        batchSize: 4,
        shuffle: false,
        validation: { x, y: target },
      },
    );
    for (const name of ["loss", "validation.loss"])
      expect(Math.abs(Number(history[name]![0]) - whole) / whole).toBeLessThan(26 * 2 ** -24);
  });

  test("a sum that the loss divides itself is taken for the mean that it is", async () => {
    const halved = (p: Tensor, y: Tensor, options: nn.LossOptions) =>
      nn.sumSquaredError(p, y, options).div(4);
    const { loss } = await nn.evaluate(
      identity(),
      {
        x: tensor([[1], [2], [3], [4], [5], [6], [7], [8]]),
        y: tensor([0, 0, 0, 0, 0, 0, 0, 0]).expandDims(1),
      },
      { loss: halved, batchSize: 4 },
    );
    expect(loss).toBe((1 + 4 + 9 + 16 + 25 + 36 + 49 + 64) / 8);
  });

  test("batches that grow count by the labels in each, too", async () => {
    const data = [
      [0, 2],
      [2, 7],
      [7, 13],
    ].map((part) => ({ x: x.slice(part as [number, number]), y: y.slice(part as [number, number]) }));
    const whole = ignoring(model.forward(x), y).item();
    const { loss } = await nn.evaluate(model, data, { loss: ignoring });
    expect(Math.abs(Number(loss) - whole)).toBeLessThan(13 * 2 ** -24 * whole);
  });

  test("a loss that calls another one sample by sample is a mean over samples, and nothing leaks from within", async () => {
    const rows = vmap((row: Tensor, label: Tensor) => nn.crossEntropy(row, label, { ignoreLabel: -1 })) as (
      p: Tensor,
      y: Tensor,
    ) => Tensor;
    const loss: nn.TrainingLoss<Tensor, Tensor> = (p, y, { reduction }) => {
      const each = rows(p, y.maximum(0));
      return reduction === "none" ? each : each.mean();
    };
    const whole = nn.crossEntropy(model.forward(x), y.maximum(0)).item();
    for (const batchSize of [1, 13]) {
      const { loss: found } = await nn.evaluate(model, { x, y }, { loss, batchSize });
      expect(Math.abs(Number(found) - whole)).toBeLessThan(13 * 2 ** -24 * whole);
    }
  });

  test("where no label counts at all, the loss is NaN, and where the model gives NaN, too", async () => {
    const none = y.mul(0).sub(1);
    expect(await nn.evaluate(model, { x, y: none }, { loss: ignoring, batchSize: 4 })).toEqual({ loss: NaN });
    expect(await nn.evaluate(model, { x: x.mul(NaN), y }, { loss: ignoring, batchSize: 4 })).toEqual({
      loss: NaN,
    });
  });

  test("a batch in which nothing counts leaves the model as it is, and the epoch's loss", async () => {
    const still = network();
    const { history } = await nn.fit(
      still,
      [
        { x: x.slice([4, 8]), y: y.slice([4, 8]) },
        { x: x.slice([4, 8]), y: y.slice([4, 8]) },
      ],
      { loss: ignoring, optimizer: sgd(), epochs: 1 },
    );
    expect(history["loss"]).toEqual([NaN]);
    expect(valuesOf(still)).toEqual(valuesOf(network()));
  });

  test("training that is left in the middle of an epoch of a loss that sums goes on to the same history", async () => {
    const options = () =>
      ({ loss: summed, optimizer: sgd(), epochs: 2, batchSize: 4, shuffle: false }) as const;
    const whole = await nn.fit(network(), { x, y }, options());
    const again = network();
    const cut = await nn.fit(
      again,
      { x, y },
      { ...options(), callbacks: [{ onStep: ({ steps, stop }) => void (steps === 2 && stop()) }] },
    );
    const resume = JSON.parse(JSON.stringify(cut.training)) as nn.TrainingState;
    const { history } = await nn.fit(again, { x, y }, { ...options(), resume });
    expect(history).toEqual(whole.history);
  });
});

test("perplexity as a loss or a metric says what to use instead", async () => {
  const { x, y } = task(8);
  const loss = nn.perplexity as nn.TrainingLoss<Tensor, Tensor>;
  const way = /perplexity: it has no reduction.*use crossEntropy, then exp/s;
  await expect(nn.evaluate(network(), { x, y }, { loss })).rejects.toThrow(way);
  const metrics = [nn.averageOf(nn.perplexity as nn.Loss)];
  await expect(nn.evaluate(network(), { x, y }, { loss: nn.crossEntropy, metrics })).rejects.toThrow(way);
});

describe("things measured are told apart by their names", () => {
  const named = (name: string, value: number): nn.Metric => ({
    name,
    part: (_p, _y, weights) => weights.cast("float64").sum().mul(value),
    value: (total) => total.item(),
    of: () => 0,
  });

  test("a metric whose name begins as another's has its own value", async () => {
    const metrics = [
      { ...named("class 1", 1), value: () => 1 },
      { ...named("class 1 recall", 2), value: () => 2 },
    ];
    const judged = await nn.evaluate(identity(), spread, { loss: nn.meanSquaredError, metrics });
    expect([judged["class 1"], judged["class 1 recall"]]).toEqual([1, 2]);
  });

  test("a metric whose name is a monitor's and a word has its own value", async () => {
    const { history } = await nn.fit(network(), task(8), {
      loss: nn.crossEntropy,
      optimizer: sgd(),
      epochs: 1,
      metrics: [{ ...named("gradientNorm share", 1), value: () => 9 }],
      monitors: [nn.gradientNorm()],
    });
    expect(history["gradientNorm share"]).toEqual([9]);
  });

  test.each<[string, object, RegExp]>([
    [
      "a metric and a monitor's label",
      { metrics: [named("gradientNorms 0", 1)], monitors: [nn.gradientNorms()] },
      /two things are called "gradientNorms 0"/,
    ],
    [
      "two monitors",
      { monitors: [nn.gradientNorm(), nn.gradientNorm()] },
      /two things are called "gradientNorm"/,
    ],
    [
      "a metric and the threshold's norm",
      { metrics: [named("gradientNorm", 1)], stop: { gradientNorm: 1 } },
      /two things are called "gradientNorm"/,
    ],
    [
      "a metric and the validation's loss",
      { metrics: [named("validation.loss", 1)], validation: task(8) },
      /two things are called "validation.loss"/,
    ],
    [
      "monitors of which one's name begins as the other's",
      { monitors: [nn.gradientNorm(), { ...nn.gradientNorm(), name: "gradientNorm of" }] },
      /"gradientNorm" and "gradientNorm of" can't be told apart/,
    ],
  ])("%s of one name are refused", async (_what, more, message) => {
    const options = { loss: nn.crossEntropy, optimizer: sgd(), epochs: 1, ...more };
    await expect(nn.fit(network(), task(8), options)).rejects.toThrow(message);
  });

  test("evaluate refuses metrics of one name, and one called loss", async () => {
    const judged = (metrics: readonly nn.Metric[]) =>
      nn.evaluate(identity(), spread, { loss: nn.meanSquaredError, metrics });
    await expect(judged([nn.r2(), nn.r2()])).rejects.toThrow(/^evaluate: two things are called "r2"/);
    await expect(judged([named("loss", 1)])).rejects.toThrow(/^evaluate: two things are called "loss"/);
  });
});
