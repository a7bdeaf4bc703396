// What holds for attention, places and blocks beside their values.

import { gradients, normal, randomKey, type Tensor, tensor, variable, zeros } from "@adjoint/autograd";
import * as nn from "@adjoint/nn";
import { describe, expect, test } from "vitest";

const draw = (seed: number, shape: readonly number[]): Tensor =>
  normal(randomKey(seed), shape, { dtype: "float64" });
const truths = (values: number[] | number[][]) => tensor(values).notEqual(0);

describe("attention", () => {
  test.each(["float32", "float64"] as const)(
    "a masked key has a weight of exactly 0, and a query that sees nothing zeros and no gradient, in %s",
    (dtype) => {
      const query = variable(draw(1, [2, 4]).cast(dtype));
      const key = variable(draw(2, [3, 4]).cast(dtype));
      const weights = nn.attentionWeights(
        query,
        key,
        truths([
          [1, 0, 1],
          [0, 0, 0],
        ]),
      );
      expect(weights.slice(0, 1).item()).toBe(0);
      expect(weights.slice(1).toArray()).toEqual([0, 0, 0]);
      const slopes = gradients(weights.mul(draw(3, [2, 3]).cast(dtype)).sum(), { query, key });
      expect(slopes.query.slice(1).toArray()).toEqual([0, 0, 0, 0]);
      expect(slopes.key.slice(1).toArray()).toEqual([0, 0, 0, 0]);
      expect(slopes.query.slice(0).abs().min().item()).toBeGreaterThan(0);
    },
  );

  test("NaN and infinity at a key that is masked have no influence on weights and their gradients", () => {
    const query = variable(draw(1, [2, 4]));
    const of = (value: number) => {
      const scores = nn.attentionWeights(query, draw(2, [3, 4]).at(1).set(value), truths([1, 0, 1]));
      return scores.toArray();
    };
    expect(of(Number.NaN)).toEqual(of(0));
    expect(of(Number.POSITIVE_INFINITY)).toEqual(of(0));
  });

  test("a masked key has no weight beside scores far below it", () => {
    const weights = nn.attentionWeights(tensor([[1e8]]), tensor([[-1e8], [0]]), truths([1, 0]));
    expect(weights.toArray()).toEqual([[1, 0]]);
  });

  test("a layer whose queries see nothing gives the output matrix's bias", () => {
    const layer = nn.multiHeadAttention(4, 2, { key: randomKey(1) });
    layer.output.bias!.assign(tensor([1, 2, 3, 4]));
    const { outputs } = layer.attend(zeros([1, 4]), zeros([2, 4]), zeros([2, 4]), {
      keyMask: truths([0, 0]),
    });
    expect(outputs.toArray()).toEqual([[1, 2, 3, 4]]);
  });

  test("what a causal layer gives at a place does not change with what comes after it", () => {
    const layer = nn.multiHeadAttention(4, 2, {
      causal: true,
      rotary: true,
      key: randomKey(1),
      dtype: "float64",
    });
    const x = draw(4, [5, 4]);
    const changed = x.at([3]).set(7);
    expect(layer.forward(changed).slice([0, 3]).toArray()).toEqual(layer.forward(x).slice([0, 3]).toArray());
    expect(layer.forward(changed).slice(4).toArray()).not.toEqual(layer.forward(x).slice(4).toArray());
  });

  test("dropout drops weights while training, by the key", () => {
    const layer = nn.multiHeadAttention(4, 2, { dropout: 0.5, key: randomKey(1) });
    const x = normal(randomKey(2), [6, 4]);
    const trained = layer.forward(x, { training: true, key: randomKey(3) });
    expect(trained.toArray()).not.toEqual(layer.forward(x).toArray());
    expect(trained.toArray()).toEqual(layer.forward(x, { training: true, key: randomKey(3) }).toArray());
    expect(() => layer.forward(x, { training: true })).toThrow(/dropout: .* needs a key/);
  });

  test("rotary places leave only how far query and key are apart", () => {
    const [a, b] = [draw(1, [1, 4]), draw(2, [1, 4])];
    const turned = (x: Tensor) => nn.rotary(x.broadcastTo([6, 4]));
    const scores = turned(a).matmul(turned(b).transpose());
    // Four products of numbers below 3, each with a few roundings.
    const error = 100 * Number.EPSILON;
    for (let i = 0; i < 5; i++)
      expect(Math.abs(scores.slice(i, i + 1).item() - scores.slice(0, 1).item())).toBeLessThan(error);
    expect(Math.abs(scores.slice(0, 2).item() - scores.slice(0, 1).item())).toBeGreaterThan(error);
  });

  test.each<[string, () => unknown]>([
    [
      "multiHeadAttention: 3 heads don't divide a width of 4",
      () => nn.multiHeadAttention(4, 3, { key: randomKey(1) }),
    ],
    [
      "multiHeadAttention: its first weights are random, so it needs a key",
      () => nn.multiHeadAttention(4, 2),
    ],
    [
      "multiHeadAttention: the mask is [2, 3] and must be [2, 2]",
      () =>
        nn.multiHeadAttention(4, 2, { key: randomKey(1) }).forward(zeros([2, 4]), { mask: zeros([2, 3]) }),
    ],
    [
      "multiHeadAttention: the keyMask is [3] and must be [...batch, 2]",
      () =>
        nn.multiHeadAttention(4, 2, { key: randomKey(1) }).forward(zeros([2, 4]), { keyMask: zeros([3]) }),
    ],
    ["sinusoids: width is 3; sines and cosines come in pairs", () => nn.sinusoids(2, 3)],
    [
      "learnedPositions: input [3, 2] where there are 2 positions of 2 numbers",
      () => nn.learnedPositions(2, 2, { key: randomKey(1) }).forward(zeros([3, 2])),
    ],
    ["encoderBlock: its first weights are random, so it needs a key", () => nn.encoderBlock(4, 2)],
    [
      "decoderBlock: the memory is undefined and must be a tensor",
      () => nn.decoderBlock(4, 2, { key: randomKey(1) }).forward(zeros([2, 4])),
    ],
  ])("%s", (message, call) => {
    expect(call).toThrow(message);
  });
});

describe("blocks", () => {
  test("all their drops differ, and come from the key", () => {
    const block = nn.encoderBlock(4, 2, { dropout: 0.5, key: randomKey(1) });
    const x = normal(randomKey(2), [6, 4]);
    const [a, b, c] = [3, 3, 4].map((seed) =>
      block.forward(x, { training: true, key: randomKey(seed) }).toArray(),
    );
    expect(b).toEqual(a);
    expect(c).not.toEqual(a);
    expect(block.forward(x).toArray()).toEqual(block.forward(x, { training: false }).toArray());
  });

  test("the decoder's first part and its memory's part start with different weights", () => {
    const { attention, memoryAttention } = nn.decoderBlock(4, 2, { key: randomKey(1) });
    expect(attention.query.weight.toArray()).not.toEqual(memoryAttention.query.weight.toArray());
    expect(attention.query.weight.toArray()).not.toEqual(attention.key.weight.toArray());
  });

  test("another normalisation fits in", () => {
    const block = nn.encoderBlock(4, 2, { norm: nn.rmsNorm, key: randomKey(1) });
    expect(Object.keys(nn.parameters(block)).filter((path) => path.includes("Norm"))).toEqual([
      "attentionNorm.weight",
      "networkNorm.weight",
    ]);
  });

  test("padding in the memory has no influence", () => {
    const block = nn.decoderBlock(4, 2, { key: randomKey(1) });
    const [x, memory] = [normal(randomKey(2), [3, 4]), normal(randomKey(3), [3, 4])];
    const memoryKeyMask = truths([1, 1, 0]);
    const short = block.forward(x, { memory: memory.slice([0, 2]) });
    // The sums are of other lengths, so they round differently.
    const apart = block
      .forward(x, { memory: memory.at(2).set(9), memoryKeyMask })
      .sub(short)
      .abs()
      .max()
      .item();
    expect(apart).toBeLessThan(32 * 2 ** -24);
  });
});

test("queries and keys are both turned by their places where rotary is asked for", () => {
  const layer = nn.multiHeadAttention(4, 1, { rotary: true, dtype: "float64", key: randomKey(1) });
  const x = draw(5, [3, 4]);
  const { weights } = layer.attend(x, x);
  const [q, k] = [layer.query.forward(x), layer.key.forward(x)];
  const byHand = nn.rotary(q).matmul(nn.rotary(k).transpose()).div(2).softmax();
  // Weights are below 1; sums of four products each.
  expect(weights.reshape([3, 3]).sub(byHand).abs().max().item()).toBeLessThan(1e-15);
  // A score depends on how far apart two places are, not on where they are: equal rows see each other likewise.
  const equal = draw(6, [1, 4]).broadcastTo([3, 4]);
  const scores = layer.attend(equal, equal).weights.log().reshape([3, 3]).toArray();
  expect(scores[0]![1]! - scores[0]![0]!).toBeCloseTo(scores[1]![2]! - scores[1]![1]!, 13);
});

describe("the keys of a block", () => {
  test("give a decoder's two attentions first weights of their own", () => {
    const block = nn.decoderBlock(4, 2, { key: randomKey(1) });
    expect(block.memoryAttention.query.weight.toArray()).not.toEqual(block.attention.query.weight.toArray());
  });

  test("reach what is dropped in every part: at the second part alone, two keys differ", () => {
    const block = nn.encoderBlock(4, 2, { dropout: 0.5, normFirst: true, key: randomKey(1) });
    const x = draw(7, [16, 4]).cast("float32");
    // The first part gives nothing.
    block.attention.output.weight.assign(0);
    const train = (seed: number) => block.forward(x, { training: true, key: randomKey(seed) }).toArray();
    expect(train(1)).toEqual(train(1));
    expect(train(1)).not.toEqual(train(2));
  });
});
