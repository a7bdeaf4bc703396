// Metrics against their definitions in plain loops, on any division into batches.

import { concat, normal, randomInteger, randomKey, splitKey, type Tensor, tensor } from "@adjoint/autograd";
import * as nn from "@adjoint/nn";
import { describe, expect, test } from "vitest";

interface Sample {
  readonly predicted: number;
  readonly actual: number;
  readonly weight: number;
}

const sum = (list: readonly number[]) => list.reduce((a, b) => a + b, 0);
const weightOf = (samples: readonly Sample[], holds: (each: Sample) => boolean) =>
  sum(samples.filter(holds).map(({ weight }) => weight));
const share = (part: number, whole: number) => (whole === 0 ? 0 : part / whole);

/** Precision, recall and F1 of one class. */
function scores(samples: readonly Sample[], label: number): Record<"precision" | "recall" | "f1", number> {
  const hits = weightOf(samples, ({ predicted, actual }) => predicted === label && actual === label);
  const precision = share(
    hits,
    weightOf(samples, ({ predicted }) => predicted === label),
  );
  const recall = share(
    hits,
    weightOf(samples, ({ actual }) => actual === label),
  );
  return {
    precision,
    recall,
    f1: precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall),
  };
}

/** What a metric makes of batches, joined. */
function joined(metric: nn.Metric, batches: readonly (readonly [Tensor, Tensor, Tensor])[]): nn.Measured {
  const parts = batches.map(([p, y, w]) => metric.part(p, y, w));
  return metric.value(parts.reduce((a, b) => metric.join?.(a, b) ?? a.add(b)));
}

const cut = (x: Tensor, ends: readonly number[]): Tensor[] =>
  ends.map((end, i) => x.slice([i === 0 ? 0 : ends[i - 1]!, end]));

const n = 23;
const ends = [9, 18, 23];
const [a, b, c] = splitKey(randomKey(4), 3);
const weights: Tensor = randomInteger(c, [n], { low: 0, high: 4 }).cast("float32");
// Sums of small whole weights are exact; one division, and for F1 and macro averages some more, of numbers up to 1.
const few = 8 * 2 ** -53;

describe.each([2, 4])("of %d classes", (classes) => {
  const logits: Tensor = normal(a, [n, classes]);
  const labels: Tensor = randomInteger(b, [n], { low: 0, high: classes });
  const batches = [0, 1, 2].map(
    (i) => [logits, labels, weights].map((x) => cut(x, ends)[i]!) as [Tensor, Tensor, Tensor],
  );
  const samples = Array.from({ length: n }, (_, i): Sample => {
    const row = Array.from(logits.slice(i).data);
    return { predicted: row.indexOf(Math.max(...row)), actual: labels.data[i]!, weight: weights.data[i]! };
  });
  const all = weightOf(samples, () => true);

  test("accuracy is the weighted share of right predictions", () => {
    const right = weightOf(samples, ({ predicted, actual }) => predicted === actual) / all;
    expect(nn.accuracy().of(logits, labels, weights)).toBe(right);
    expect(joined(nn.accuracy(), batches)).toBe(right);
    const rows = labels.expandDims(1).equal(
      tensor(
        Array.from({ length: classes }, (_, k) => k),
        { dtype: "int32" },
      ),
    );
    expect(nn.accuracy().of(logits, rows.cast("float32"), weights)).toBe(right);
  });

  test("the confusion matrix counts each class taken for each", () => {
    const counts = Array.from({ length: classes }, (_, row) =>
      Array.from({ length: classes }, (_, column) =>
        weightOf(samples, ({ predicted, actual }) => actual === row && predicted === column),
      ),
    );
    expect(nn.confusionMatrix().of(logits, labels, weights)).toEqual(counts);
    expect(joined(nn.confusionMatrix(), batches)).toEqual(counts);
  });

  test.each([
    ["precision", nn.precision],
    ["recall", nn.recall],
    ["f1", nn.f1],
  ] as const)("%s is as defined, for one class, on average and together", (name, metric) => {
    const each = Array.from({ length: classes }, (_, k) => scores(samples, k)[name]);
    const right = weightOf(samples, ({ predicted, actual }) => predicted === actual);
    const by = (average: "macro" | "micro" | "binary") => metric({ average });
    expect(Math.abs(Number(joined(by("macro"), batches)) - sum(each) / classes)).toBeLessThan(few);
    // Each sample is predicted once and right once, so that all three are the accuracy.
    expect(Math.abs(Number(joined(by("micro"), batches)) - right / all)).toBeLessThan(few);
    if (classes === 2)
      expect(Math.abs(Number(metric().of(logits, labels, weights)) - each[1]!)).toBeLessThan(few);
    else expect(() => metric().of(logits, labels)).toThrow(/4 classes.*average: "macro"/s);
  });
});

test("a macro average leaves out classes that are neither predicted nor right, and counts 0 for those never predicted", () => {
  // Class 2 is neither; class 1 is never predicted, class 0 always.
  const logits = tensor([
    [1, 0, 0],
    [1, 0, 0],
    [1, 0, 0],
  ]);
  const labels = tensor([0, 0, 1], { dtype: "int32" });
  expect(nn.precision({ average: "macro" }).of(logits, labels)).toBe((2 / 3 + 0) / 2);
  expect(nn.recall({ average: "macro" }).of(logits, labels)).toBe((1 + 0) / 2);
  expect(nn.f1({ average: "macro" }).of(logits, labels)).toBe((4 / 5 + 0) / 2);
});

test("one prediction for each target is compared with the threshold, which it may equal", () => {
  const p = tensor([0.5, 0.49, 0.9, 0.1]);
  const y = tensor([1, 1, 1, 0], { dtype: "int32" });
  expect(nn.accuracy().of(p, y)).toBe(0.75);
  expect(nn.accuracy({ threshold: 0.2 }).of(p.expandDims(1), y.expandDims(1))).toBe(1);
  expect(nn.recall({ threshold: 0.6 }).of(p, y.cast("float32"))).toBe(1 / 3);
});

test("rows along further axes count one by one, and their sample's weight is theirs", () => {
  const logits = tensor([
    [
      [2, 1],
      [1, 2],
    ],
    [
      [1, 2],
      [1, 2],
    ],
  ]);
  const labels = tensor(
    [
      [0, 0],
      [1, 1],
    ],
    { dtype: "int32" },
  );
  expect(nn.accuracy().of(logits, labels)).toBe(0.75);
  expect(nn.accuracy().of(logits, labels, tensor([3, 1]))).toBe((3 + 2) / 8);
});

test("NaN predictions make every metric NaN, unless their sample weighs nothing", () => {
  const p = tensor([
    [1, 0],
    [Number.NaN, 0],
    [0, 1],
  ]);
  const y = tensor([0, 1, 1], { dtype: "int32" });
  for (const metric of [nn.accuracy(), nn.precision(), nn.recall(), nn.f1(), nn.rocAuc()]) {
    expect(metric.of(p, y), metric.name).toBeNaN();
    expect(metric.of(p, y, tensor([1, 0, 1])), metric.name).toBe(1);
  }
  const [q, t] = [tensor([1, Number.NaN, 3]), tensor([1, 2, 3])];
  expect(nn.r2().of(q, t)).toBeNaN();
  expect(nn.r2().of(q, t, tensor([1, 0, 1]))).toBe(1);
});

test("R² is one less the ratio of squares, the mean over outputs, far from 0 too", () => {
  const far = 2 ** 20;
  const y: Tensor = normal(a, [n, 2], { dtype: "float64" }).add(far);
  const p: Tensor = y.add(normal(b, [n, 2], { dtype: "float64" }).mul(0.5));
  const w = weights.cast("float64");
  const batches = [0, 1, 2].map((i) => [p, y, w].map((x) => cut(x, ends)[i]!) as [Tensor, Tensor, Tensor]);
  const each = [0, 1].map((output) => {
    const at = (x: Tensor, i: number) => x.data[2 * i + output]!;
    const places = Array.from({ length: n }, (_, i) => i);
    const total = sum(Array.from(w.data));
    // From far, where differences are exact.
    const mean = sum(places.map((i) => w.data[i]! * (at(y, i) - far))) / total;
    const left = sum(places.map((i) => w.data[i]! * (at(y, i) - at(p, i)) ** 2));
    return 1 - left / sum(places.map((i) => w.data[i]! * (at(y, i) - far - mean) ** 2));
  });
  // The mean is rounded to 2⁻³³, the spacing of float64 at 2²⁰, which is the error of a difference of size 1.
  expect(Math.abs(Number(joined(nn.r2(), batches)) - sum(each) / 2)).toBeLessThan(2 ** -30);
  expect(nn.r2().of(tensor([1, 2]), tensor([3, 3]))).toBe(-Infinity);
  expect(nn.r2().of(tensor([3, 3]), tensor([3, 3]))).toBeNaN();
});

test("the area under the ROC curve is the share of pairs in the right order, ties counting half", () => {
  // Few different scores, so that there are ties.
  const scores: Tensor = randomInteger(a, [n], { low: 0, high: 6 }).cast("float32");
  const labels: Tensor = randomInteger(b, [n], { low: 0, high: 2 });
  let [won, pairs] = [0, 0];
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      if (labels.data[i] !== 1 || labels.data[j] !== 0) continue;
      const weight = weights.data[i]! * weights.data[j]!;
      pairs += weight;
      won += weight * (Math.sign(scores.data[i]! - scores.data[j]!) / 2 + 0.5);
    }
  expect(nn.rocAuc().of(scores, labels, weights)).toBe(won / pairs);
  const batches = [0, 1, 2].map(
    (i) => [scores, labels, weights].map((x) => cut(x, ends)[i]!) as [Tensor, Tensor, Tensor],
  );
  expect(joined(nn.rocAuc(), batches)).toBe(won / pairs);
  const two = concat([scores.neg().expandDims(1), scores.expandDims(1)], { axis: 1 });
  expect(nn.rocAuc().of(two, labels, weights)).toBe(won / pairs);
  expect(nn.rocAuc().of(tensor([1, 2]), tensor([1, 1]))).toBeNaN();
});

test("a loss as a metric is its mean over samples and outputs", () => {
  const metric = nn.averageOf(nn.absoluteError);
  expect(metric.name).toBe("absoluteError");
  expect(
    metric.of(
      tensor([
        [1, 2],
        [3, 4],
      ]),
      tensor([
        [0, 0],
        [0, 0],
      ]),
      tensor([1, 3]),
    ),
  ).toBe((3 + 3 * 7) / 8);
});

test("predictions and targets that don't fit are refused, with both shapes", () => {
  expect(() => nn.accuracy().of(tensor([[1, 2]]), tensor([1, 2], { dtype: "int32" }))).toThrow(
    /\[1, 2\] and target \[2\]/,
  );
  expect(() => nn.accuracy().of(tensor([[1, 2]]), tensor([1]))).toThrow(/float32 target \[1\] don't fit/);
  expect(() => nn.r2().of(tensor([1, 2]), tensor([[1], [2]]))).toThrow(/\[2\] and target \[2, 1\] differ/);
  expect(() => nn.f1({ average: "weighted" as "micro" })).toThrow(/average "weighted" is not known/);
});
