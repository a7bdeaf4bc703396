// Training, as the page asks for it: sessions, steps, pauses, what is told of them, and how they end.

import { randomKey } from "@adjoint/autograd";
import { backpropagation, negLogLossWithLogits, parameters } from "@adjoint/nn";
import { describe, expect, test } from "vitest";
import { drawn, grounded } from "../../../packages/playground/src/lab/data/drawn.ts";
import { startingWith } from "../../../packages/playground/src/lab/defaults.ts";
import type { LayerPicture, Progress, Settings } from "../../../packages/playground/src/lab/lab.ts";
import { decided, lossChoices, lossOf } from "../../../packages/playground/src/lab/losses.ts";
import {
  optimizerChoices,
  optimizerNamed,
  optimizerOf,
} from "../../../packages/playground/src/lab/optimizers.ts";
import { checked } from "../../../packages/playground/src/lab/settings.ts";
import { Order } from "../../../packages/playground/src/lab/training/order.ts";
import { Session } from "../../../packages/playground/src/lab/training/session.ts";
import { Thinned } from "../../../packages/playground/src/lab/training/thinned.ts";
import { groundedExample } from "../../closed-form/grounded-example.ts";
import { numbers } from "../../support/tensors.ts";
import { laboratory, mistakesOf, opened } from "./laboratory.ts";

const small = (changes: Partial<Settings> = {}): Settings => ({
  ...startingWith("moons"),
  data: { name: "moons", noise: 0.1, samples: 80 },
  hidden: [{ units: 3, activation: "tanh" }],
  batch: 8,
  ...changes,
});
const moons = () => drawn(small().data, 1);
const weightsOf = ({ layers }: Progress) => layers.map(({ weight }) => weight);

describe("the suggested settings", () => {
  test.each([
    ["xor", 300, 0.99],
    ["moons", 500, 0.97],
    ["spiral", 1500, 0.95],
    ["digits", 150, 0.9],
  ])("learn %s in %i steps to an accuracy on test data of at least %d", async (name, steps, accuracy) => {
    const lab = laboratory();
    await opened(lab, startingWith(name));
    const { testAccuracy, step } = await lab.steps(steps);
    expect(step).toBe(steps);
    expect(testAccuracy).toBeGreaterThanOrEqual(accuracy);
  });

  test("learn the quiz until less than a thousandth of the variance is left", async () => {
    const lab = laboratory();
    await opened(lab, startingWith("quiz"));
    expect((await lab.steps(1500)).testLoss).toBeLessThan(1e-3);
  });

  test("of a table follow from its last column", async () => {
    const lab = laboratory();
    const table = (last: (i: number) => string) => ({
      name: "csv",
      noise: 0,
      samples: 8,
      csv: Array.from({ length: 24 }, (_, i) => `${i},${last(i)}`).join("\n"),
    });
    for (const [data, loss] of [
      [table((i) => (i < 12 ? "a" : "b")), "negLogLossWithLogits"],
      [table((i) => "abc"[i % 3]!), "crossEntropy"],
      [table((i) => `${i / 7}`), "meanSquaredError"],
    ] as const) {
      const settings = await lab.suggest(data);
      expect(settings).toMatchObject({ loss });
      const { progress } = await opened(lab, settings as Settings);
      expect((await lab.steps(150)).trainingLoss).toBeLessThan(progress.trainingLoss);
    }
    expect(mistakesOf(await lab.suggest({ name: "csv", noise: 0, samples: 8 }))[0]!.field).toBe("data.csv");
  });
});

test("a typed activation trains", async () => {
  const lab = laboratory();
  await opened(lab, { ...startingWith("xor"), hidden: [{ units: 6, activation: "x * logistic(2x)" }] });
  expect((await lab.steps(500)).testAccuracy).toBe(1);
});

test("a step from the grounded example is the lecture's", () => {
  const session = new Session(checked(startingWith("grounded")), grounded());
  const { exact } = groundedExample;
  const before = session.progress(0, false);
  const [input, hidden, output] = before.layers as [LayerPicture, LayerPicture, LayerPicture];
  // float64 numbers below 1: 1e-12 is a few thousand roundings.
  const close = (a: readonly number[], b: readonly number[]) => {
    for (const [i, value] of a.entries()) expect(Math.abs(value - b[i]!)).toBeLessThan(1e-12);
  };
  close(hidden.x!, [1, ...exact.hidden]);
  close(output.x!, exact.prediction);
  close(input.gradient!.flat(), exact.hiddenGradient.flat());
  close(hidden.gradient!.flat(), exact.outputGradient.flat());
  session.advance(1);
  close(session.progress(0, false).layers[2]!.x!, exact.newPrediction);
});

describe("what is told of a training", () => {
  test("has the gradients and norms that backpropagation gives for all training samples", () => {
    const own = new Session(checked(small()), moons());
    const progress = own.progress(0, false);
    const shown = backpropagation(own.network.model, own.training.x, own.training.y, negLogLossWithLogits, {
      reduction: "batchMean",
    });
    expect(progress.trainingLoss).toBeCloseTo(shown.loss.item(), 5);
    shown.layers.slice(0, -1).forEach(({ gradient, weight }, l) => {
      const flat = Array.from(gradient!.data as Float32Array);
      const told = progress.layers[l]!;
      expect(told.weight!.flat()).toEqual(Array.from(weight!.data as Float32Array));
      // Sums of 60 float32 products in another order.
      for (const [i, value] of flat.entries())
        expect(Math.abs(told.gradient!.flat()[i]! - value)).toBeLessThan(1e-6);
      expect(progress.gradientNorms[l]).toBeCloseTo(Math.hypot(...flat), 5);
    });
  });

  test("has a field whose values are the network's predictions at its places", async () => {
    const lab = laboratory();
    await opened(lab, small());
    const { field, layers } = await lab.steps(100);
    const { columns, rows, x, y, values } = field!;
    expect(values).toHaveLength(columns * rows);
    const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));
    const layer = (input: readonly number[], W: readonly (readonly number[])[], phi: (z: number) => number) =>
      W[0]!.map((_, j) => phi([1, ...input].reduce((sum, each, i) => sum + each * W[i]![j]!, 0)));
    for (const [row, column] of [
      [0, 0],
      [rows - 1, columns - 1],
      [7, 31],
    ] as const) {
      const place = [
        x[0] + ((x[1] - x[0]) * column) / (columns - 1),
        y[0] + ((y[1] - y[0]) * row) / (rows - 1),
      ];
      const [prediction] = layer(layer(place, layers[0]!.weight!, Math.tanh), layers[1]!.weight!, sigmoid);
      // float32 against float64.
      expect(values[row * columns + column]!).toBeCloseTo(prediction!, 5);
    }
  });

  test("counts the units near the limits of their range, and says nothing where the range has none", async () => {
    const lab = laboratory();
    await opened(
      lab,
      small({
        hidden: [
          { units: 3, activation: "tanh" },
          { units: 3, activation: "linear" },
        ],
        learningRate: 0.1,
      }),
    );
    const { saturation } = await lab.steps(200);
    const near = (await lab.activations(1)).filter((value) => Math.abs(value) >= 0.95).length;
    const all = (await lab.activations(1)).length;
    expect(saturation[0]).toBeGreaterThan(0);
    // All 60 training samples are shown.
    expect(saturation[0]).toBeCloseTo(near / all, 6);
    expect(saturation[1]).toBeNull();
  });

  test("is the history of every weight, whose last value is the weight's", async () => {
    const lab = laboratory();
    await opened(lab, small());
    for (let i = 0; i < 5; i++) await lab.steps(3);
    const { layers } = await lab.pause();
    const history = await lab.weight(0, 2, 1);
    expect(history.steps).toEqual([0, 3, 6, 9, 12, 15]);
    expect(history.values.at(-1)).toBe(layers[0]!.weight![2]![1]);
    expect(history.gradients.at(-1)).toBe(layers[0]!.gradient![2]![1]);
    await expect(lab.weight(0, 3, 0)).rejects.toThrow(RangeError);
    await expect(lab.weight(2, 0, 0)).rejects.toThrow(RangeError);
  });

  test("leaves out matrices while a large network trains, and has them when it pauses", async () => {
    const lab = laboratory();
    await opened(lab, small({ hidden: [64, 64].map((units) => ({ units, activation: "tanh" })) }));
    let first: Progress | undefined;
    const done = lab.train((progress) => {
      first ??= progress;
      void lab.pause();
    });
    await done;
    expect(first!.layers[0]).not.toHaveProperty("weight");
    expect((await lab.pause()).layers[0]!.weight).toHaveLength(3);
  });
});

describe("training", () => {
  test("gives the same weights however its steps are split", async () => {
    const settings = small({ dropout: 0.2, hidden: [4, 4].map((units) => ({ units, activation: "relu" })) });
    const [a, b] = [laboratory(), laboratory()];
    await opened(a, settings);
    await opened(b, settings);
    const whole = await a.steps(60);
    for (const count of [1, 7, 0, 30, 22]) await b.steps(count);
    const split = await b.pause();
    expect(weightsOf(split)).toEqual(weightsOf(whole));
    const trained = b.train((progress) => void (progress.step > 200 && b.pause()));
    await trained;
    const { step } = await b.pause();
    expect(weightsOf(await a.steps(step - 60))).toEqual(weightsOf(await b.pause()));
  });

  test("tells how far it has come again and again until it is paused, and goes on from there", async () => {
    const lab = laboratory();
    await opened(lab, small());
    const told: Progress[] = [];
    await lab.train((progress) => {
      told.push(progress);
      if (told.length === 3) void lab.pause();
    });
    const steps = told.map(({ step }) => step);
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
    expect(told.at(-1)!.stepsPerSecond).toBeGreaterThan(0);
    const paused = await lab.pause();
    expect((await lab.pause()).step).toBe(paused.step);
    expect((await lab.steps(1)).step).toBe(paused.step + 1);
  });

  test("does not tell a page that is slow more than it has taken", async () => {
    const lab = laboratory();
    await opened(lab, small());
    let atOnce = 0;
    let most = 0;
    let count = 0;
    await lab.train(async () => {
      most = Math.max(most, ++atOnce);
      if (++count === 3) void lab.pause();
      // Some slices of training go by before the page answers.
      for (let i = 0; i < 4; i++) await new Promise((resolve) => setImmediate(resolve));
      atOnce--;
    });
    expect(most).toBe(1);
  });

  test("with other settings takes the place of one that runs", async () => {
    const lab = laboratory();
    await opened(lab, small());
    let running: Promise<void> | undefined;
    await new Promise<void>((resolve) => {
      running = lab.train(() => resolve());
    });
    await opened(lab, small({ seed: 9 }));
    await running;
    expect((await lab.pause()).step).toBe(0);
  });

  test("stays where it was when other settings are refused", async () => {
    const lab = laboratory();
    await opened(lab, small());
    const before = await lab.steps(5);
    for (const wrong of [
      small({ seed: -1 }),
      small({ data: { name: "csv", noise: 0, samples: 8, csv: "1,2\n" } }),
      { ...startingWith("quiz"), loss: "negLogLoss", outputActivation: "logistic" },
    ])
      expect(mistakesOf(await lab.open(wrong))).not.toEqual([]);
    expect(weightsOf(await lab.pause())).toEqual(weightsOf(before));
  });

  test("can't begin before something is open, and makes no steps that can't be counted", async () => {
    const lab = laboratory();
    await expect(lab.pause()).rejects.toThrow("call open(settings) first");
    await opened(lab, small());
    for (const count of [-1, 0.5, NaN, 1e12]) await expect(lab.steps(count)).rejects.toThrow(RangeError);
  });

  test("adds α times the weights to their gradients, as the lecture has it", async () => {
    const alpha = 0.5;
    const settings = small({ optimizer: "sgd", learningRate: 0.1, batch: 0 });
    const [plain, regular] = [laboratory(), laboratory()];
    const { progress } = await opened(plain, settings);
    await opened(regular, { ...settings, l2: alpha });
    const [a, b] = [await plain.steps(1), await regular.steps(1)];
    for (const [l, { weight = [] }] of progress.layers.entries())
      for (const [i, row] of weight.entries())
        for (const [j, w] of row.entries()) {
          const difference = a.layers[l]!.weight![i]![j]! - b.layers[l]!.weight![i]![j]!;
          // float32 numbers near 1.
          expect(Math.abs(difference - 0.1 * alpha * w)).toBeLessThan(1e-6);
        }
  });

  test("goes on with the suggested loss long after every sample is surely right, where the loss of probabilities ends", async () => {
    const lab = laboratory();
    const sure = { ...startingWith("moons"), learningRate: 0.03 };
    await opened(lab, { ...sure, outputActivation: "logistic", loss: "negLogLoss" });
    const { ended, step } = await lab.steps(40_000);
    expect(ended).toMatch(/exactly 0 or 1/);
    await opened(lab, sure);
    const after = await lab.steps(step + 1_000);
    expect(after.ended).toBeUndefined();
    expect(after.trainingLoss).toBeLessThan(1e-6);
  });

  test("ends by itself where the loss is no finite number, says what to do, and keeps finite weights", async () => {
    const lab = laboratory();
    await opened(lab, {
      ...startingWith("quiz"),
      hidden: [{ units: 4, activation: "x³" }],
      optimizer: "sgd",
      learningRate: 100,
    });
    const told: Progress[] = [];
    await lab.train((progress) => void told.push(progress));
    const { ended, layers } = await lab.pause();
    expect(ended).toMatch(/no finite number/);
    expect(ended).toMatch(/learning rate/);
    expect(told.at(-1)!.ended).toBe(ended);
    for (const value of layers[0]!.weight!.flat()) expect(value).toSatisfy(Number.isFinite);
    expect((await lab.steps(5)).ended).toBe(ended);
  });

  test("says at once which function makes the first loss no finite number", async () => {
    const { progress } = await opened(laboratory(), small({ hidden: [{ units: 4, activation: "log(x)" }] }));
    expect(progress.ended).toMatch(/first weights.*log\(x\) is NaN of −0\.\d/);
  });

  test("moves all weights by every optimizer that is offered", () => {
    for (const { name } of optimizerChoices) {
      const { network, training } = new Session(checked(small()), moons());
      const before = network.layers.map((layer) => layer.transferMatrix.toArray());
      const optimizer = optimizerOf(optimizerNamed(name)!, 0.01, 0.1);
      const step = () => lossOf(network.task, network.run(training.x).at(-1)!, training.y);
      for (let i = 0; i < 2; i++) optimizer.minimize(step, parameters(network.model));
      for (const [l, layer] of network.layers.entries())
        expect(layer.transferMatrix.toArray(), name).not.toEqual(before[l]);
    }
  });

  test("tells the classes apart by every loss that is offered", () => {
    for (const { name } of lossChoices) {
      const outputActivation = name === "negLogLoss" ? "logistic" : "linear";
      const session = new Session(checked(small({ loss: name, outputActivation })), moons());
      session.advance(150);
      const { network, training } = session;
      const found = numbers(decided(network.task, network.run(training.x).at(-1)!));
      const right = numbers(training.labels).filter((label, i) => label === found[i]).length;
      expect(right / found.length, name).toBeGreaterThan(0.75);
    }
  });
});

describe("the order of samples", () => {
  test("has each of them once in every epoch, in another order, also where batches reach across", () => {
    const order = new Order(10, 4, randomKey(0));
    const all = Array.from({ length: 50 }, () => [...(order.next()!.data as Int32Array)]).flat();
    const epochs = Array.from({ length: 20 }, (_, i) => all.slice(10 * i, 10 * (i + 1)));
    for (const epoch of epochs)
      expect([...epoch].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(new Set(epochs.map(String)).size).toBe(20);
  });

  test("puts every sample at every place equally often", () => {
    const order = new Order(5, 1, randomKey(3));
    const counts = Array.from({ length: 25 }, () => 0);
    for (let i = 0; i < 5 * 2000; i++) counts[(order.next()!.data[0] as number) * 5 + (i % 5)]!++;
    // 2,000 epochs: 400 each, with a standard deviation of 18.
    for (const count of counts) expect(Math.abs(count - 400)).toBeLessThan(5 * 18);
  });

  test("is all samples where the batch is", () => {
    for (const size of [0, 10, 99]) expect(new Order(10, size, randomKey(0)).next()).toBeNull();
  });
});

test("records of a long run stay in bounded memory and spread over all of it", () => {
  const records = new Thinned<number>(16);
  for (let i = 0; i < 100_000; i++) records.add(() => i);
  expect(records.all.length).toBeLessThanOrEqual(16);
  expect(records.all.length).toBeGreaterThanOrEqual(8);
  const gaps = records.all.slice(1).map((value, i) => value - records.all[i]!);
  expect(new Set(gaps).size).toBe(1);
  expect(records.all[0]).toBe(0);
  expect(records.all.at(-1)).toBeGreaterThan(100_000 - 2 * gaps[0]!);
});
