// Training that is cut short, by a signal, a callback or an error, and gone on with.

import { randomKey, type Tensor, tensor } from "@adjoint/autograd";
import * as nn from "@adjoint/nn";
import { expect, test } from "vitest";
import { dropping, network, task, valuesOf } from "./training.ts";

const key = randomKey(3);
const { x, y } = task(40);
const held = task(10, 9);
const made = () => nn.sequential(dropping(), network());
const adam = () => nn.adam({ learningRate: 0.02 });

/** Options under which everything that a training state holds is in use. */
const options = (optimizer: nn.Optimizer) => ({
  loss: nn.crossEntropy,
  optimizer,
  epochs: 4,
  batchSize: 8,
  key,
  validation: held,
  metrics: [nn.accuracy(), nn.rocAuc()],
  monitors: [nn.deadUnits(), nn.gradientNorm()],
  earlyStopping: { patience: 9 },
});

test("training that is cut after any step and read back from JSON goes on to the very same bits", async () => {
  const model = made();
  const optimizer = adam();
  const whole = await nn.fit(model, { x, y }, options(optimizer));
  // In the middle of an epoch, at its end, before everything and after it.
  for (const cut of [0, 7, 10, 20]) {
    const [again, memory] = [made(), adam()];
    const first = await nn.fit(
      again,
      { x, y },
      {
        ...options(memory),
        ...(cut === 0
          ? { signal: { aborted: true } }
          : { callbacks: [{ onStep: ({ steps, stop }: nn.Moment) => void (steps === cut && stop()) }] }),
      },
    );
    expect(first.training.steps).toBe(cut);
    expect(first.ending).toBe(cut === 0 ? "aborted" : "callback");
    const resume = JSON.parse(JSON.stringify(first.training)) as nn.TrainingState;
    const second = await nn.fit(again, { x, y }, { ...options(memory), resume });
    expect(second.history).toEqual(whole.history);
    expect(valuesOf({ again, memory })).toEqual(valuesOf({ again: model, memory: optimizer }));
    expect(JSON.stringify(second.training)).toBe(JSON.stringify(whole.training));
  }
});

test("a state that is read in a callback stays as it was read", async () => {
  const read: string[] = [];
  const states: nn.TrainingState[] = [];
  const callback = {
    onStep({ training }: nn.Moment) {
      states.push(training);
      read.push(JSON.stringify(training));
    },
  };
  await nn.fit(made(), { x, y }, { ...options(adam()), callbacks: [callback] });
  expect(states.map((each) => JSON.stringify(each))).toEqual(read);
  expect(new Set(read).size).toBe(20);
});

test("a callback that throws leaves the model as after the last step, and the error says where and how to go on", async () => {
  const [model, twin, optimizer, other] = [made(), made(), adam(), adam()];
  const trouble = new Error("disk full");
  const failing = {
    onStep: async ({ steps }: nn.Moment) => {
      if (steps === 7) throw trouble;
    },
  };
  const error = await nn
    .fit(model, { x, y }, { ...options(optimizer), callbacks: [failing] })
    .catch((error: unknown) => error);
  expect(error).toBeInstanceOf(nn.FitError);
  const { message, cause, training } = error as nn.FitError;
  expect(cause).toBe(trouble);
  expect(message).toMatch(
    /epoch 2, after step 2 of 5, the callback onStep threw: disk full.*7 in all.*resume: error.training/,
  );
  await nn.fit(
    twin,
    { x, y },
    {
      ...options(other),
      callbacks: [{ onStep: ({ steps, stop }: nn.Moment) => void (steps === 7 && stop()) }],
    },
  );
  expect(valuesOf({ model, optimizer })).toEqual(valuesOf({ model: twin, optimizer: other }));
  await nn.fit(model, { x, y }, { ...options(optimizer), resume: training });
  const whole = made();
  await nn.fit(whole, { x, y }, options(adam()));
  expect(valuesOf(model)).toEqual(valuesOf(whole));
});

test("data and steps that throw leave the model as after the last step", async () => {
  const model = network();
  const bad = { x: x.slice([8, 16]), y: tensor([0, 1, 2, 0, 1, 0, 1, 0], { dtype: "int32" }) as Tensor };
  const good = { x: x.slice([0, 8]), y: y.slice([0, 8]) };
  const twin = network();
  const base = { loss: nn.crossEntropy, epochs: 1, key } as const;
  await nn.fit(twin, [good], { ...base, optimizer: adam() });
  // Label 2 is none of two classes.
  const wrong = nn.fit(model, [good, bad], { ...base, optimizer: adam() });
  await expect(wrong).rejects.toThrow(/epoch 1, after step 1, the step threw.*label 2/s);
  expect(valuesOf(model)).toEqual(valuesOf(twin));
  const lost = network();
  const broken = async function* () {
    yield good;
    throw new Error("connection lost");
  };
  await expect(nn.fit(lost, broken, { ...base, optimizer: adam() })).rejects.toThrow(
    /after step 1, the data threw: connection lost/,
  );
  expect(valuesOf(lost)).toEqual(valuesOf(twin));
});

test("an AbortSignal ends training before the next step, which is no error", async () => {
  const controller = new AbortController();
  const { ending, training } = await nn.fit(
    network(),
    { x, y },
    {
      loss: nn.crossEntropy,
      optimizer: adam(),
      epochs: 4,
      batchSize: 8,
      key,
      signal: controller.signal,
      callbacks: [{ onStep: ({ steps }) => void (steps === 3 && controller.abort()) }],
    },
  );
  expect([ending, training.steps, training.epoch, training.position]).toEqual(["aborted", 3, 0, 3]);
});

test("other data, another size of batches, and what is no state are refused", async () => {
  const { training } = await nn.fit(
    network(),
    { x, y },
    { loss: nn.crossEntropy, optimizer: adam(), epochs: 1, batchSize: 8, key },
  );
  const go = (more: object, samples = { x, y }) =>
    nn.fit(network(), samples, {
      loss: nn.crossEntropy,
      optimizer: adam(),
      epochs: 2,
      batchSize: 8,
      key,
      resume: training,
      ...more,
    });
  await expect(go({ batchSize: 4 })).rejects.toThrow(/saved with batchSize 8.*go on with 4/);
  await expect(go({}, task(24))).rejects.toThrow(/saved with samples 40.*go on with 24/);
  await expect(go({ resume: { epoch: 1 } })).rejects.toThrow(/resume has no position/);
  await expect(go({ resume: { ...training, steps: -1 } })).rejects.toThrow(/resume.steps is -1/);
});

test("training that had ended is over when it is gone on with, and nothing is trained", async () => {
  const base = (more: object) => ({
    loss: nn.crossEntropy,
    optimizer: nn.sgd({ learningRate: 0.5 }) as nn.Optimizer,
    epochs: 9,
    batchSize: 8,
    key,
    ...more,
  });
  for (const [ending, more] of [
    ["loss", { stop: { loss: 9 } }],
    ["gradientNorm", { stop: { gradientNorm: 9 } }],
    ["early stopping", { earlyStopping: { patience: 1, minDelta: 99, restoreBest: false } }],
    ["early stopping", { earlyStopping: { patience: 2, minDelta: 99 } }],
  ] as const) {
    const model = network();
    const first = await nn.fit(model, { x, y }, base(more));
    expect(first.ending).toBe(ending);
    const before = valuesOf(model);
    const calls: string[] = [];
    const callbacks = [{ onStep: () => void calls.push("step"), onEnd: () => void calls.push("end") }];
    const resume = JSON.parse(JSON.stringify(first.training)) as nn.TrainingState;
    const second = await nn.fit(model, { x, y }, base({ ...more, resume, callbacks }));
    expect([second.ending, second.training.epoch]).toEqual([ending, first.training.epoch]);
    expect(calls).toEqual(["end"]);
    expect(valuesOf(model)).toEqual(before);
  }
  // With other limits it goes on.
  const model = network();
  const { training } = await nn.fit(model, { x, y }, base({ stop: { loss: 9 } }));
  const second = await nn.fit(model, { x, y }, base({ epochs: 2, stop: { loss: 0 }, resume: training }));
  expect([second.ending, second.training.epoch]).toEqual(["epochs", 2]);
});

test("a moment's loss is that of the last step, also of an earlier training", async () => {
  const model = network();
  const losses: number[] = [];
  const callbacks = [
    {
      onStep: ({ loss }: nn.Moment) => void losses.push(loss),
      onEnd: ({ loss }: nn.Moment) => void losses.push(loss),
    },
  ];
  const base = { loss: nn.crossEntropy, optimizer: adam(), epochs: 1, batchSize: 40, callbacks };
  const { training } = await nn.fit(model, { x, y }, base);
  const resume = JSON.parse(JSON.stringify(training)) as nn.TrainingState;
  await nn.fit(model, { x, y }, { ...base, resume });
  expect(losses).toHaveLength(3);
  expect(new Set(losses).size).toBe(1);
  expect(losses[0]).toBeGreaterThan(0);
});

test("progress lines say the epoch and every number of the history", async () => {
  const lines: string[] = [];
  await nn.fit(
    network(),
    { x, y },
    {
      loss: nn.crossEntropy,
      optimizer: adam(),
      epochs: 2,
      key,
      metrics: [nn.accuracy(), nn.confusionMatrix()],
      callbacks: [nn.progressLines((line) => lines.push(line))],
    },
  );
  expect(lines).toHaveLength(2);
  expect(lines[1]).toMatch(/^epoch 2\/2 {2}loss 0\.\d{4} {2}accuracy 0\.\d+ {2}learningRate 0\.02000$/);
});
