// fit against the loop that one would write by hand.

import { compile, randomKey, splitKey, type Tensor, variable } from "@adjoint/autograd";
import * as nn from "@adjoint/nn";
import { describe, expect, test } from "vitest";
import { at, dropping, network, ordersOf, task, valuesOf } from "./training.ts";

const key = randomKey(3);
const adam = () => nn.adam({ learningRate: 0.01 });

test("fit leaves the very bits that a loop of minimize on the same batches leaves", async () => {
  const { x, y } = task(24);
  const [fitted, looped] = [network(), network()];
  const { history } = await nn.fit(
    fitted,
    { x, y },
    { loss: nn.crossEntropy, optimizer: adam(), epochs: 3, batchSize: 8, key },
  );

  const optimizer = adam();
  const set = nn.parameters(looped);
  const step = compile((x: Tensor, y: Tensor) =>
    optimizer.minimize(() => nn.crossEntropy(looped.forward(x), y), set),
  );
  const losses: number[] = [];
  for (const order of ordersOf(key, 24, 3)) {
    const batches = [0, 8, 16].map((first) => order.slice(first, first + 8));
    const each = batches.map((places) => step(at(x, places), at(y, places)).item());
    losses.push(each.reduce((sum, loss) => sum + loss * 8, 0) / 24);
  }
  expect(valuesOf(fitted)).toEqual(valuesOf(looped));
  expect(history["loss"]).toEqual(losses);
  // Learning has changed something.
  expect(valuesOf(fitted)).not.toEqual(valuesOf(network()));
});

test("a last batch of 4 of 8 counts as those 4 samples alone, and the epoch's loss is the mean over all samples", async () => {
  const { x, y } = task(20);
  const [fitted, looped] = [network(), network()];
  const sgd = () => nn.sgd({ learningRate: 0.5 });
  const { history } = await nn.fit(
    fitted,
    { x, y },
    { loss: nn.crossEntropy, optimizer: sgd(), epochs: 2, batchSize: 8, key },
  );
  const optimizer = sgd();
  const losses: number[] = [];
  for (const order of ordersOf(key, 20, 2)) {
    let sum = 0;
    for (const first of [0, 8, 16]) {
      const places = order.slice(first, first + 8);
      const loss = () => nn.crossEntropy(looped.forward(at(x, places)), at(y, places));
      sum += optimizer.minimize(loss, nn.parameters(looped)).item() * places.length;
    }
    losses.push(sum / 20);
  }
  const mine = Object.values(nn.variables(fitted)).flatMap((each) => Array.from(each.value.data));
  const other = Object.values(nn.variables(looped)).flatMap((each) => Array.from(each.value.data));
  // Six steps, whose sums of at most 8 float32 terms of size 1 are rounded in another order.
  for (const [i, value] of mine.entries()) expect(Math.abs(value - other[i]!)).toBeLessThan(6 * 8 * 2 ** -24);
  for (const [i, value] of losses.entries())
    expect(Math.abs(Number(history["loss"]![i]) - value)).toBeLessThan(8 * 2 ** -24);
});

test("a last batch that is smaller makes no second program", async () => {
  const runs = async (samples: number) => {
    let calls = 0;
    const inner = network();
    const model = {
      inner,
      forward(x: Tensor) {
        calls++;
        return inner.forward(x);
      },
    };
    await nn.fit(model, task(samples), {
      loss: nn.crossEntropy,
      optimizer: adam(),
      epochs: 3,
      batchSize: 8,
      key,
    });
    return calls;
  };
  // A function is run while its program is made, and never after.
  expect(await runs(20)).toBe(await runs(16));
});

test("a layer that looks at the whole batch sees full batches of samples that differ", async () => {
  const { x, y } = task(20);
  const inner = network();
  const sums = variable([0, 0]);
  sums.trainable = false;
  const model = {
    inner,
    sums,
    forward(x: Tensor, { training = false } = {}) {
      // Rows that are equal would make products of differences 0.
      const first = x.slice(null, 0);
      const apart = first.expandDims(1).sub(first.expandDims(0)).equal(0).cast("float32").sum();
      const size = first.equal(first).cast("float32").sum();
      if (training)
        sums.assign(
          sums.value.maximum(
            apart
              .expandDims(0)
              .mul(variableOf([1, 0]))
              .add(size.mul(variableOf([0, 1]))),
          ),
        );
      return inner.forward(x);
    },
  };
  await nn.fit(model, { x, y }, { loss: nn.crossEntropy, optimizer: adam(), epochs: 2, batchSize: 8, key });
  // Each row equals itself alone, 8 in all.
  expect(sums.value.toArray()).toEqual([8, 8]);
});
const variableOf = (numbers: readonly number[]): Tensor => variable([...numbers]).value;

test("lastBatch: 'drop' leaves the smaller batch out, and says so by the number of steps", async () => {
  const options = { loss: nn.crossEntropy, optimizer: adam(), epochs: 2, batchSize: 8, key } as const;
  const dropped = await nn.fit(network(), task(20), { ...options, lastBatch: "drop" });
  const filled = await nn.fit(network(), task(20), { ...options, optimizer: adam() });
  expect([dropped.training.steps, filled.training.steps]).toEqual([4, 6]);
});

test("batches of 1 train sample by sample, and of Infinity on all at once, in their order", async () => {
  const { x, y } = task(6);
  const options = { loss: nn.crossEntropy, epochs: 2, key } as const;
  const single = await nn.fit(network(), { x, y }, { ...options, optimizer: adam(), batchSize: 1 });
  expect(single.training.steps).toBe(12);
  const [whole, looped] = [network(), network()];
  await nn.fit(whole, { x, y }, { ...options, optimizer: adam(), batchSize: Infinity });
  const optimizer = adam();
  const step = compile(() =>
    optimizer.minimize(() => nn.crossEntropy(looped.forward(x), y), nn.parameters(looped)),
  );
  step();
  step();
  expect(valuesOf(whole)).toEqual(valuesOf(looped));
});

test("each step draws from a key of its own: the first half of what is split from the one before", async () => {
  const { x, y } = task(8);
  const [fitted, looped] = [0, 1].map(() => nn.sequential(dropping(), network())) as [
    nn.Sequential,
    nn.Sequential,
  ];
  await nn.fit(fitted, { x, y }, { loss: nn.crossEntropy, optimizer: adam(), epochs: 3, batchSize: 8, key });
  const optimizer = adam();
  const step = compile((key: typeof own) =>
    optimizer.minimize(
      () => nn.crossEntropy(looped.forward(x, { training: true, key }), y),
      nn.parameters(looped),
    ),
  );
  let [own, next] = splitKey(splitKey(key, 3)[0]);
  for (let i = 0; i < 3; i++) {
    step(own);
    [own, next] = splitKey(next);
  }
  expect(valuesOf(fitted)).toEqual(valuesOf(looped));
});

describe("data that come as batches", () => {
  const { x, y } = task(20);
  const batches = [0, 8, 16].map((first) => ({
    x: x.slice([first, Math.min(20, first + 8)]),
    y: y.slice([first, Math.min(20, first + 8)]),
  }));
  const options = { loss: nn.crossEntropy, epochs: 2, shuffle: false } as const;

  test("arrays, functions and async functions of them train as samples in the same order do", async () => {
    const results = [];
    const forms: nn.Data<Tensor, Tensor>[] = [
      { x, y },
      batches,
      () => batches,
      async function* () {
        for (const batch of batches) yield await Promise.resolve(batch);
      },
    ];
    for (const data of forms) {
      const model = network();
      await nn.fit(model, data, { ...options, optimizer: nn.sgd({ learningRate: 0.5 }), batchSize: 8 });
      results.push(valuesOf(model));
    }
    for (const result of results.slice(2)) expect(result).toEqual(results[1]);
    // Samples that only fill the batch are others, and their weights are 0 all the same.
    expect(results[0]).toEqual(results[1]);
  });

  test("lastBatch: 'drop' leaves out a batch that is smaller than one before it", async () => {
    const { training } = await nn.fit(network(), batches, {
      ...options,
      optimizer: adam(),
      lastBatch: "drop",
    });
    expect(training.steps).toBe(4);
  });

  test("an iterator that can be read only once is an error in the second epoch, and names the way out", async () => {
    const once = (function* () {
      yield* batches;
    })();
    const trained = nn.fit(network(), once, { ...options, optimizer: adam() });
    await expect(trained).rejects.toThrow(/in epoch 2.*data gave no batch.*give a function/s);
  });
});

test("trees of tensors go in and come out", async () => {
  const { x, y } = task(10);
  const weights = { a: nn.dense(3, 1, { key: nn.keys(1)() }), b: nn.dense(3, 1, { key: nn.keys(2)() }) };
  const model = {
    weights,
    forward: ({ left, right }: { left: Tensor; right: Tensor }) => ({
      sum: weights.a.forward(left).add(weights.b.forward(right)),
      product: weights.a.forward(left).mul(weights.b.forward(right)),
    }),
  };
  const { history } = await nn.fit(
    model,
    { x: { left: x, right: x.neg() }, y: { target: y.cast("float32").expandDims(1) } },
    {
      loss: ({ sum, product }, { target }, options) =>
        nn.meanSquaredError(sum, target, options).add(nn.meanSquaredError(product, target, options)),
      optimizer: adam(),
      epochs: 30,
      key,
    },
  );
  expect(Number(history["loss"]!.at(-1))).toBeLessThan(Number(history["loss"]![0]));
});

test("training goes on while everything else does: a timer runs before it ends", async () => {
  let ticks = 0;
  const timer = setInterval(() => ticks++, 1);
  const start = performance.now();
  const slow = {
    onStep: () => {
      const end = performance.now() + 5;
      while (performance.now() < end);
    },
  };
  await nn.fit(network(), task(80), {
    loss: nn.crossEntropy,
    optimizer: adam(),
    epochs: 1,
    batchSize: 8,
    key,
    callbacks: [slow],
  });
  clearInterval(timer);
  expect(performance.now() - start).toBeGreaterThan(40);
  expect(ticks).toBeGreaterThan(0);
});

test("validation is measured without training, on all of its samples", async () => {
  const model = nn.sequential(dropping(), network());
  const held = task(21, 9);
  const { history } = await nn.fit(model, task(16), {
    loss: nn.crossEntropy,
    optimizer: adam(),
    epochs: 2,
    batchSize: 8,
    key,
    validation: held,
    metrics: [nn.accuracy()],
  });
  const loss = nn.crossEntropy(model.forward(held.x), held.y).item();
  expect(Math.abs(Number(history["validation.loss"]![1]) - loss)).toBeLessThan(21 * 2 ** -24);
  expect(history["validation.accuracy"]![1]).toBe(nn.accuracy().of(model.forward(held.x), held.y));
  expect(
    await nn.evaluate(model, held, { loss: nn.crossEntropy, metrics: [nn.accuracy()], batchSize: 4 }),
  ).toEqual({
    loss: expect.closeTo(loss, 5),
    accuracy: history["validation.accuracy"]![1],
  });
});

test("a fraction for validation holds samples out that are never trained on", async () => {
  const { x, y } = task(20);
  const seen = new Set<number>();
  const { training } = await nn.fit(
    network(),
    { x, y },
    {
      loss: nn.crossEntropy,
      optimizer: adam(),
      epochs: 1,
      batchSize: 4,
      key,
      validation: 0.25,
      lastBatch: "drop",
      callbacks: [{ onEpoch: ({ training }) => void seen.add(training.samples!) }],
    },
  );
  expect([...seen]).toEqual([15]);
  const parts = nn.split({ x, y }, { training: 0.75, validation: 0.25 }, splitKey(key, 3)[2]);
  expect(parts.validation.x.shape).toEqual([5, 3]);
  expect(training.division).toEqual(Array.from(splitKey(key, 3)[2].data));
});

describe("what fit refuses", () => {
  const { x, y } = task(8);
  const good = {
    loss: nn.crossEntropy,
    epochs: 1,
    key,
    get optimizer() {
      return adam();
    },
  };

  test("a variable in a closure or a private field is named", async () => {
    const hidden = variable([1, 1], { name: "scale" });
    const inner = network();
    const closure = { inner, forward: (x: Tensor) => inner.forward(x).mul(hidden) };
    await expect(nn.fit(closure, { x, y }, good)).rejects.toThrow(
      /variables\(model\) can't see: "scale" \[2\]/,
    );
    class Private {
      readonly inner = network();
      readonly #scale = variable([1, 1]);
      forward(x: Tensor): Tensor {
        return this.inner.forward(x).mul(this.#scale);
      }
    }
    await expect(nn.fit(new Private(), { x, y }, good)).rejects.toThrow(
      /one without a name \[2\].*keep it in a field/s,
    );
    expect(hidden.value.toArray()).toEqual([1, 1]);
  });

  test("a loss that takes no weights is refused where a batch must be filled up, and taken where none must", async () => {
    const loss = (p: Tensor, y: Tensor) => nn.crossEntropy(p, y);
    await expect(nn.fit(network(), { x, y }, { ...good, loss, batchSize: 3 })).rejects.toThrow(
      /reads no weights.*lastBatch: "drop"/s,
    );
    await nn.fit(network(), { x, y }, { ...good, loss, batchSize: 4 });
    await nn.fit(network(), { x, y }, { ...good, loss, batchSize: 3, lastBatch: "drop" });
  });

  test.each([
    [{ key: undefined, batchSize: 4 }, /no key to draw from.*keys\(0\)/s],
    [{ epochs: -1 }, /epochs -1/],
    [{ epochs: 1.5 }, /epochs 1.5/],
    [{ batchSize: 0 }, /batchSize 0/],
    [{ lastBatch: "keep" }, /lastBatch "keep"/],
    [{ optimiser: 1 }, /there is no option "optimiser"/],
    [{ optimizer: {} }, /without step/],
    [{ loss: "mse" }, /loss is the string "mse"/],
    [{ validation: 1.5 }, /validation 1.5/],
    [{ metrics: [nn.accuracy(), nn.accuracy()] }, /two things are called "accuracy"/],
    [{ earlyStopping: { patience: 0 } }, /patience 0/],
    [{ earlyStopping: { patience: 1, of: "accuracy" } }, /no number "accuracy".*loss/s],
  ])("options %o are refused", async (odd, message) => {
    const options: Record<string, unknown> = { ...good, ...odd };
    for (const name in options) if (options[name] === undefined) delete options[name];
    await expect(nn.fit(network(), { x, y }, options as unknown as typeof good)).rejects.toThrow(message);
  });

  test("data without targets, of different lengths, or none, are refused by name", async () => {
    await expect(nn.fit(network(), { x } as { x: Tensor; y: Tensor }, good)).rejects.toThrow(
      /without x and y/,
    );
    await expect(nn.fit(network(), { x, y: y.slice([0, 7]) }, good)).rejects.toThrow(/8 samples.*7/s);
    await expect(nn.fit(network(), { x: x.slice([0, 0]), y: y.slice([0, 0]) }, good)).rejects.toThrow(
      /no samples/,
    );
    const pair = [x, y] as unknown as { x: Tensor; y: Tensor };
    const message = "is a list of tensors; name them, { x: inputs, y: targets }";
    await expect(nn.fit(network(), pair, good)).rejects.toThrow(`fit: data ${message}`);
    await expect(nn.fit(network(), { x, y }, { ...good, validation: pair })).rejects.toThrow(
      `fit: validation ${message}`,
    );
  });
});
