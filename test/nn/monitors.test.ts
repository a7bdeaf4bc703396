// Monitors against what the same steps give when one computes everything by hand.

import { gradients, normal, randomKey, type Tensor, tensor } from "@adjoint/autograd";
import * as nn from "@adjoint/nn";
import { expect, test } from "vitest";
import { task } from "./fit/training.ts";

const { x, y } = task(12);
const key = randomKey(2);
const made = () =>
  nn.sequential(
    nn.dense(3, 6, { activation: nn.tanh, key: nn.keys(1)(), initializer: nn.uniformRange(-3, 3) }),
    nn.dense(6, 5, { key: nn.keys(2)() }),
    nn.relu,
    nn.dense(5, 2, { key: nn.keys(3)() }),
  );
const rate = 0.25;
const monitors = [
  nn.saturation({ within: 0.1 }),
  nn.deadUnits(),
  nn.gradientNorm(),
  nn.gradientNorms(),
  nn.updateRatios(),
  nn.histograms({ bins: 4, range: [-2, 2] }),
];

const norm = (tensors: readonly Tensor[]) =>
  Math.hypot(...tensors.flatMap((each) => Array.from(each.data as Float32Array)));

test("every monitor shows the mean over the steps of what a step computes", async () => {
  const model = made();
  // 5 of 12 samples and 2 in the last batch: those that only fill it must not count.
  const { history } = await nn.fit(
    model,
    { x, y },
    {
      loss: nn.crossEntropy,
      optimizer: nn.sgd({ learningRate: rate }),
      epochs: 1,
      batchSize: 5,
      shuffle: false,
      monitors,
    },
  );
  const twin = made();
  const steps = [
    [0, 5],
    [5, 10],
    [10, 12],
  ].map(([from, to]) => {
    const [input, target] = [x.slice([from!, to!]), y.slice([from!, to!])];
    const first = (twin[0] as nn.Layer).forward(input);
    const second = nn.relu((twin[1] as nn.Layer).forward(first));
    const before = Object.values(nn.parameters(twin)).map((each) => each.value);
    const slopes = gradients(nn.crossEntropy(twin.forward(input), target), nn.parameters(twin));
    nn.sgd({ learningRate: rate }).step(nn.parameters(twin), slopes);
    const after = Object.values(nn.parameters(twin)).map((each) => each.value);
    return { first, second, slopes: Object.values(slopes), before, after };
  });
  const all = (which: "first" | "second") =>
    steps.flatMap((step) => Array.from(step[which].data as Float32Array));
  const near = (values: readonly number[], limits: readonly number[]) =>
    values.filter((value) => limits.some((limit) => Math.abs(value - limit) <= 0.1)).length / values.length;
  expect(history["saturation 0 tanh"]).toEqual([near(all("first"), [-1, 1])]);
  expect(history["saturation 1 relu"]).toEqual([near(all("second"), [0])]);
  expect(near(all("first"), [-1, 1])).toBeGreaterThan(0.2);

  const outputs = all("second");
  const dead = [0, 1, 2, 3, 4].filter((unit) => outputs.every((value, i) => i % 5 !== unit || value === 0));
  expect(history["deadUnits 1 relu"]).toEqual([dead.length / 5]);
  expect(history["deadUnits 0 tanh"]).toEqual([0]);

  const mean = (of: (step: (typeof steps)[number]) => number) =>
    steps.reduce((sum, step) => sum + of(step), 0) / 3;
  const isClose = (name: string, value: number) => {
    // Programs add the up to 30 products of a gradient in another order than eager code does.
    expect(Math.abs(Number(history[name]![0]) / value - 1), name).toBeLessThan(64 * 2 ** -24);
  };
  isClose(
    "gradientNorm",
    mean(({ slopes }) => norm(slopes)),
  );
  ["0", "1", "3"].forEach((layer, i) => {
    const own = (tensors: readonly Tensor[]) => tensors.slice(2 * i, 2 * i + 2);
    isClose(
      `gradientNorms ${layer}`,
      mean(({ slopes }) => norm(own(slopes))),
    );
    isClose(
      `updateRatio ${layer}`,
      mean(
        ({ before, after }) =>
          norm(own(after).map((each, k) => each.sub(own(before)[k]!))) / norm(own(before)),
      ),
    );
  });
  const weights = steps.flatMap(({ after }) => Array.from(after[0]!.data as Float32Array));
  const counts = [0, 0, 0, 0];
  for (const value of weights) counts[Math.min(3, Math.max(0, Math.floor(value + 2)))]!++;
  expect(history["weights 0.weight"]).toEqual([counts.map((count) => count / weights.length)]);
});

test("a unit is dead only if no batch of the epoch wakes it", () => {
  const monitor = nn.deadUnits();
  const seen = (output: Tensor, weights: Tensor): nn.Seen => ({
    activations: [{ label: "a", range: [0, Infinity], output }],
    gradients: {},
    before: {},
    after: {},
    weights,
  });
  const double = (rows: number[][]) => tensor(rows, { dtype: "float64" }) as Tensor;
  const ones = tensor([1, 1], { dtype: "float64" });
  const first = monitor.part(
    seen(
      double([
        [0, 0, 3],
        [0, 0, 0],
      ]),
      ones,
    ),
  )["a"]!;
  const second = monitor.part(
    seen(
      double([
        [0, 2, 0],
        [0, 0, 0],
      ]),
      ones,
    ),
  )["a"]!;
  expect([first, second, first.add(second)].map((each) => monitor.value(each))).toEqual([
    2 / 3,
    2 / 3,
    1 / 3,
  ]);
  // A sample that only fills the batch wakes nobody.
  const none = tensor([0, 1], { dtype: "float64" });
  expect(
    monitor.value(
      monitor.part(
        seen(
          double([
            [5, 5, 5],
            [0, 0, 0],
          ]),
          none,
        ),
      )["a"]!,
    ),
  ).toBe(1);
});

test("labels are the layers' paths in models of any form, with a number where there are two", async () => {
  const [inner, outer] = [
    nn.dense(3, 3, { activation: nn.tanh, key: nn.keys(1)() }),
    nn.dense(3, 2, { key: nn.keys(2)() }),
  ];
  const model = {
    blocks: { inner },
    outer,
    act: nn.logistic,
    forward: (x: Tensor) => outer.forward(nn.logistic(nn.logistic(inner.forward(x)).add(x))),
  };
  const { history } = await nn.fit(
    model,
    { x, y },
    {
      loss: nn.crossEntropy,
      optimizer: nn.adam(),
      epochs: 1,
      key,
      monitors: [nn.saturation()],
    },
  );
  expect(Object.keys(history).filter((name) => name.startsWith("saturation"))).toEqual([
    "saturation blocks.inner tanh",
    "saturation blocks.inner logistic",
    "saturation blocks.inner logistic 2",
  ]);
});

test("monitors change nothing of what is trained but the order in which programs add", async () => {
  const values = async (more: object) => {
    const model = made();
    const options = { loss: nn.crossEntropy, epochs: 2, batchSize: 4, key };
    await nn.fit(model, { x, y }, { ...options, optimizer: nn.sgd({ learningRate: rate }), ...more });
    return Object.values(nn.variables(model)).flatMap((each) => Array.from(each.value.data));
  };
  const plain = await values({});
  // Six steps, each of which adds some 30 products of size 1 with roundings of its own.
  for (const [i, value] of (await values({ monitors })).entries())
    expect(Math.abs(value - plain[i]!)).toBeLessThan(6 * 30 * 2 ** -24);
});

test("NaN is in no bin, and what lies beyond the range is in the outer ones", () => {
  const monitor = nn.histograms({ of: "gradients", bins: 2, range: [0, 2] });
  const g = tensor([-9, 0, 0.99, 1, 2, 99, Number.NaN, Infinity]) as Tensor;
  const part = monitor.part({
    activations: [],
    gradients: { w: g },
    before: {},
    after: {},
    weights: normal(key, [1]),
  });
  expect(part["w"]!.toArray()).toEqual([3, 4]);
  expect(() => nn.histograms({ range: [1, 1] })).toThrow(/range 1 to 1/);
});
