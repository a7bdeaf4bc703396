// Data that come as batches: of different sizes, gone on with, and closed.

import { randomKey, type Tensor } from "@adjoint/autograd";
import * as nn from "@adjoint/nn";
import { describe, expect, test } from "vitest";
import { network, task, valuesOf } from "./training.ts";

const key = randomKey(3);
const { x, y } = task(40);
const adam = () => nn.adam({ learningRate: 0.02 });

/** Batches of given sizes, one after another. */
function batchesOf(sizes: readonly number[]) {
  let from = 0;
  return sizes.map((n) => {
    const part: [number, number] = [from, from + n];
    from += n;
    return { x: x.slice(part), y: y.slice(part) };
  });
}

/** A model that notes how many samples each run without numbers had, as every program of its own has one. */
function watching() {
  const inner = network();
  const sizes: number[] = [];
  return {
    inner,
    sizes: { seen: sizes } as object,
    forward(x: Tensor) {
      sizes.push(x.shape[0]!);
      return inner.forward(x);
    },
  };
}

describe("batches of different sizes", () => {
  const sizes = [4, 8, 3, 8, 4];
  test.each(["fill", "drop"] as const)(
    "train to the same bits when training is left after any step and gone on with (%s)",
    async (lastBatch) => {
      const options = (optimizer: nn.Optimizer) => ({
        loss: nn.crossEntropy,
        optimizer,
        epochs: 2,
        lastBatch,
        validation: batchesOf([2, 5, 3]),
      });
      const [model, memory] = [network(), adam()];
      const whole = await nn.fit(model, batchesOf(sizes), options(memory));
      const perEpoch = lastBatch === "fill" ? 5 : 3;
      expect(whole.training.steps).toBe(2 * perEpoch);
      for (let cut = 1; cut <= 2 * perEpoch; cut++) {
        const [again, other] = [network(), adam()];
        const { training } = await nn.fit(again, batchesOf(sizes), {
          ...options(other),
          callbacks: [{ onStep: ({ steps, stop }: nn.Moment) => void (steps === cut && stop()) }],
        });
        expect(training.position).toBe(((cut - 1) % perEpoch) + 1);
        const resume = JSON.parse(JSON.stringify(training)) as nn.TrainingState;
        const { history, training: last } = await nn.fit(again, batchesOf(sizes), {
          ...options(other),
          resume,
        });
        expect(history).toEqual(whole.history);
        expect(last.steps).toBe(2 * perEpoch);
        expect(valuesOf({ again, other })).toEqual(valuesOf({ again: model, other: memory }));
      }
    },
  );

  test("dropped are those smaller than one before them in the same epoch, in every epoch alike", async () => {
    const steps: number[] = [];
    const model = watching();
    await nn.fit(model, batchesOf(sizes), {
      loss: (p: Tensor, y: Tensor) => nn.crossEntropy(p, y),
      optimizer: adam(),
      epochs: 3,
      lastBatch: "drop",
      callbacks: [{ onEpoch: ({ steps: made }) => void steps.push(made) }],
    });
    expect(steps).toEqual([3, 6, 9]);
    expect(new Set((model.sizes as { seen: number[] }).seen)).toEqual(new Set([4, 8]));
  });

  test("an epoch that now has fewer batches than steps were made in it is an error", async () => {
    const options = { loss: nn.crossEntropy, optimizer: adam(), epochs: 1 };
    const { training } = await nn.fit(network(), batchesOf([4, 4, 4]), {
      ...options,
      callbacks: [{ onStep: ({ steps, stop }) => void (steps === 2 && stop()) }],
    });
    await expect(nn.fit(network(), batchesOf([4]), { ...options, resume: training })).rejects.toThrow(
      /data gave 1 batches of an epoch that was left after 2; to go on, give the same data/,
    );
  });
});

describe("what batches are read from is closed", () => {
  /** Batches that never end, and how often they were opened and closed. */
  function source(wait = false) {
    const counts = { opened: 0, closed: 0 };
    const sync = function* () {
      counts.opened++;
      try {
        for (;;) yield batchesOf([4])[0]!;
      } finally {
        counts.closed++;
      }
    };
    const later = async function* () {
      counts.opened++;
      try {
        for (;;) yield await Promise.resolve(batchesOf([4])[0]!);
      } finally {
        counts.closed++;
      }
    };
    return { counts, data: wait ? later : sync };
  }
  const options = () => ({ loss: nn.crossEntropy, optimizer: adam(), epochs: 3 });
  const closed = { opened: 1, closed: 1 };

  test.each([false, true])("where a callback stops training (async: %s)", async (wait) => {
    const { counts, data } = source(wait);
    const { training } = await nn.fit(network(), data, {
      ...options(),
      callbacks: [{ onStep: ({ steps, stop }) => void (steps === 2 && stop()) }],
    });
    expect(training.steps).toBe(2);
    expect(counts).toEqual(closed);
  });

  test.each([false, true])("where a callback throws (async: %s)", async (wait) => {
    const { counts, data } = source(wait);
    const failing = {
      onStep: () => {
        throw new Error("disk full");
      },
    };
    await expect(nn.fit(network(), data, { ...options(), callbacks: [failing] })).rejects.toThrow(
      /disk full/,
    );
    expect(counts).toEqual(closed);
  });

  test("where a signal ends it, and the step throws", async () => {
    const { counts, data } = source();
    const controller = new AbortController();
    await nn.fit(network(), data, {
      ...options(),
      signal: controller.signal,
      callbacks: [{ onStep: () => controller.abort() }],
    });
    expect(counts).toEqual(closed);
    const other = source();
    const wrong = { ...options(), loss: (p: Tensor) => p.reshape([99]) };
    await expect(nn.fit(network(), other.data, wrong)).rejects.toThrow(/reshape/);
    expect(other.counts).toEqual(closed);
  });

  test("where evaluate and the validation throw", async () => {
    const { counts, data } = source();
    const wrong = (p: Tensor) => p.reshape([99]);
    await expect(nn.evaluate(network(), data, { loss: wrong })).rejects.toThrow(/reshape/);
    expect(counts).toEqual(closed);
    const other = source();
    const loss: nn.TrainingLoss<Tensor, Tensor> = (p, y, given) =>
      p.shape[0] === 8 ? nn.crossEntropy(p, y, given) : p.reshape([99]);
    const held = nn.fit(
      network(),
      { x, y },
      { ...options(), loss, key, batchSize: 8, validation: other.data },
    );
    await expect(held).rejects.toThrow(/the validation threw.*reshape/);
    expect(other.counts).toEqual(closed);
  });

  test("and what is thrown while closing hides no error, and is an error where there was none", async () => {
    const bad: Iterable<{ x: Tensor; y: Tensor }> = {
      [Symbol.iterator]: () => ({
        next: () => ({ done: false, value: batchesOf([4])[0]! }),
        return: () => {
          throw new Error("lost while closing");
        },
      }),
    };
    const stopping = { onStep: ({ stop }: nn.Moment) => stop() };
    await expect(nn.fit(network(), bad, { ...options(), callbacks: [stopping] })).rejects.toThrow(
      /after step 1, the data threw when they were closed: lost while closing/,
    );
    const failing = {
      onStep: () => {
        throw new Error("disk full");
      },
    };
    await expect(nn.fit(network(), bad, { ...options(), callbacks: [failing] })).rejects.toThrow(/disk full/);
  });
});

describe("functions that give no batches say what they gave", () => {
  const { x, y } = task(4);
  test.each<[string, unknown, RegExp]>([
    [
      "samples",
      () => ({ x, y }),
      /function given as data returned an object with x and y.*\(\) => \[\{ x, y \}\]/s,
    ],
    ["a promise", async () => [{ x, y }], /function given as data returned a Promise.*async function\*/s],
    ["nothing", () => undefined, /function given as data returned undefined.*function\*/s],
    ["a number", () => 3, /function given as data returned a number/],
  ])("%s", async (_what, data, message) => {
    const options = { loss: nn.crossEntropy, optimizer: adam(), epochs: 1 };
    await expect(nn.fit(network(), data as nn.Data<Tensor, Tensor>, options)).rejects.toThrow(message);
    await expect(
      nn.evaluate(network(), data as nn.Data<Tensor, Tensor>, { loss: nn.crossEntropy }),
    ).rejects.toThrow(message);
  });

  test("a promise that fails, too, and nothing else is left to fail", async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => void unhandled.push(reason);
    process.on("unhandledRejection", note);
    const data = () => Promise.reject(new Error("lost"));
    const options = { loss: nn.crossEntropy, optimizer: adam(), epochs: 1 };
    await expect(nn.fit(network(), data as unknown as nn.Data<Tensor, Tensor>, options)).rejects.toThrow(
      /returned a Promise/,
    );
    await new Promise((resolve) => setTimeout(resolve, 5));
    process.off("unhandledRejection", note);
    expect(unhandled).toEqual([]);
  });

  test("without a key, a function's default for one is used", async () => {
    const keys: unknown[] = [];
    const data = (_epoch: number, given = "own") => {
      keys.push(given);
      return [{ x, y }];
    };
    const options = { loss: nn.crossEntropy, optimizer: adam(), epochs: 1 };
    await nn.fit(network(), data as unknown as nn.Data<Tensor, Tensor>, options);
    expect(keys).toEqual(["own"]);
  });

  test("a validation iterator that can be read only once is an error in the second epoch, named so", async () => {
    const once = [{ x, y }].values();
    const run = nn.fit(network(), [{ x, y }], {
      loss: nn.crossEntropy,
      optimizer: adam(),
      epochs: 3,
      validation: once,
    });
    await expect(run).rejects.toThrow(
      /^fit: in epoch 2, after step 1, the validation threw: fit: validation gave no batch; an/,
    );
  });
});
