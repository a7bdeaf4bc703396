// What holds for layers over sequences beside their values: loops, padding, states, keys, errors.

import { compile, gradients, normal, randomKey, type Tensor, tensor, zeros } from "@adjoint/autograd";
import * as nn from "@adjoint/nn";
import { describe, expect, test } from "vitest";

const draw = (seed: number, shape: readonly number[]) => normal(randomKey(seed), shape, { dtype: "float64" });
const int32 = (values: number[]) => tensor(values, { dtype: "int32" });
const layers = (hidden: number) => ({
  plain: nn.plainRecurrent(2, hidden, { dtype: "float64", key: randomKey(1) }),
  lstm: nn.lstm(2, hidden, { dtype: "float64", key: randomKey(2) }),
  gru: nn.gru(2, hidden, { dtype: "float64", key: randomKey(3) }),
});
type Kind = keyof ReturnType<typeof layers>;
const kinds: readonly Kind[] = ["plain", "lstm", "gru"];

describe.each(kinds)("%s", (kind) => {
  test("a training step has as many steps for long sequences as for short ones", () => {
    const layer = layers(2)[kind];
    const step = compile((x: Tensor) => gradients(layer.forward(x).square().sum(), nn.parameters(layer)));
    const kernels = (time: number) =>
      String(step.program(zeros([2, time, 2], { dtype: "float64" }))).match(/^program: (\d+) kernels/)![1];
    expect(kernels(40)).toBe(kernels(4));
  });

  test("the product with the input weights is outside the loop", () => {
    const listing = String(
      compile((x: Tensor) => layers(3)[kind].forward(x)).program(zeros([2, 7, 2], { dtype: "float64" })),
    );
    const [before, loop] = listing.split(/\bscan\b/, 2);
    // 7·2 rows of two inputs.
    expect(before).toMatch(/product +\S*14×2·2×/);
    expect(loop).not.toMatch(/14×2·2×/);
  });

  test("two halves, the second from the first one's last state, give what the whole gives", () => {
    const layer = layers(3)[kind] as nn.Recurrent;
    const x = draw(5, [2, 6, 2]);
    const whole = layer.unroll(x);
    const first = layer.unroll(x.slice(null, [0, 2]));
    const second = layer.unroll(x.slice(null, [2]), { initial: first.last });
    expect(second.outputs.toArray()).toEqual(whole.outputs.slice(null, [2]).toArray());
    expect(JSON.stringify(second.last)).toEqual(JSON.stringify(whole.last));
  });

  test("what stands in padding has no influence, on gradients of the weights neither, even NaN, eager or compiled", () => {
    const layer = layers(3)[kind];
    const x = draw(6, [2, 4, 2]);
    const all = (padded: Tensor) => {
      const { outputs } = layer.unroll(padded, { lengths: int32([4, 2]) });
      return [outputs, ...Object.values(gradients(outputs.square().sum(), nn.parameters(layer)))];
    };
    for (const f of [all, compile(all)]) {
      const [clean, dirty] = [0, Number.NaN].map((padding) =>
        f(x.at(1, [2]).set(padding)).map((each) => each.toArray()),
      );
      expect(dirty).toEqual(clean);
    }
  });

  test("a mask may leave out steps in the middle, which keep the state", () => {
    const layer = layers(3)[kind];
    const x = draw(7, [1, 4, 2]);
    const mask = tensor([[1, 0, 0, 1]]).notEqual(0);
    const masked = layer.unroll(x, { mask });
    const short = layer.unroll(x.slice(null, [0, null, 3]));
    expect(JSON.stringify(masked.last)).toEqual(JSON.stringify(short.last));
    expect(masked.outputs.slice(0, [1, 3]).toArray()).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ]);
  });

  test("all first weights lie within ±1/√hidden and fill that range", () => {
    const all = Object.values(nn.parameters(layers(16)[kind])).flatMap((each) => Array.from(each.data));
    expect(Math.max(...all.map(Math.abs))).toBeLessThanOrEqual(1 / 4);
    // Of more than 300 even draws, some lie beyond nine tenths.
    expect(Math.max(...all)).toBeGreaterThan(0.9 / 4);
    expect(Math.min(...all)).toBeLessThan(-0.9 / 4);
  });
});

test("a sequence without a batch is one sample", () => {
  const layer = nn.gru(2, 3, { key: randomKey(1) });
  const x = normal(randomKey(2), [1, 4, 2]);
  expect(layer.forward(x.slice(0)).toArray()).toEqual(layer.forward(x).slice(0).toArray());
});

test("a cell of one's own fits in, and may carry a tree", () => {
  // The running mean of all inputs so far.
  const mean: nn.Cell<{ readonly sum: Tensor; readonly count: Tensor }> = {
    ...{ inputs: 1, outputs: 1 },
    step({ sum, count }, x) {
      const next = { sum: sum.add(x), count: count.add(1) };
      return [next, next.sum.div(next.count)];
    },
    start: (batch) => ({ sum: zeros([...batch, 1]), count: zeros([...batch, 1]) }),
  };
  const { outputs, last } = nn.recurrent(mean).unroll(tensor([[[2], [4], [9]]]));
  expect(outputs.toArray()).toEqual([[[2], [3], [5]]]);
  expect(last[0]!.count.toArray()).toEqual([[3]]);
});

test("the forget gates' biases add up to forgetBias, and all others are drawn as without it", () => {
  const [plain, open] = [{}, { forgetBias: 1 }].map((options) =>
    nn.lstmCell(2, 2, { ...options, key: randomKey(4) }),
  );
  const sums = Array.from(open!.inputBias!.add(open!.hiddenBias!).data);
  expect(sums.slice(2, 4)).toEqual([1, 1]);
  const others = (cell: typeof plain) => {
    const all = Array.from(cell!.inputBias!.data);
    return [...all.slice(0, 2), ...all.slice(4)];
  };
  expect(others(open)).toEqual(others(plain));
  expect(() => nn.lstmCell(2, 2, { forgetBias: 1, bias: false, key: randomKey(4) })).toThrow(
    "lstmCell: there is no bias that could start at forgetBias; leave out bias: false",
  );
});

describe("dropout", () => {
  const layer = nn.plainRecurrent(1, 400, {
    layers: 2,
    dropout: 0.5,
    activation: nn.linear,
    key: randomKey(1),
  });

  test("drops outputs between layers while training, by the key, and not the last layer's", () => {
    const x = tensor([[[1]]]);
    const trained = layer.forward(x, { training: true, key: randomKey(3) });
    expect(trained.toArray()).toEqual(layer.forward(x, { training: true, key: randomKey(3) }).toArray());
    expect(trained.toArray()).not.toEqual(layer.forward(x).toArray());
    expect(Array.from(trained.data).every((each) => each !== 0)).toBe(true);
  });

  test("asks for a key", () => {
    expect(() => layer.forward(tensor([[[1]]]), { training: true })).toThrow(/dropout: .* needs a key/);
  });
});

describe("errors say what doesn't fit and the way out", () => {
  const layer = nn.gru(2, 3, { key: randomKey(1) });
  const x = zeros([2, 4, 2]);
  test.each<[string, () => unknown]>([
    [
      "recurrent: input [2, 4, 3] where the first cell takes [...batch, time, 2]",
      () => layer.forward(zeros([2, 4, 3])),
    ],
    ["recurrent: input [2] where the first cell takes", () => layer.forward(zeros([2]))],
    [
      "gruCell: the input is float64 and the cell float32; cast the input",
      () => layer.forward(zeros([1, 1, 2], { dtype: "float64" })),
    ],
    [
      "recurrent: a length is 5, and the sequences have 4 steps; lengths lie from 0 to 4",
      () => layer.unroll(x, { lengths: int32([1, 5]) }),
    ],
    ["recurrent: a length is -1, and", () => layer.unroll(x, { lengths: int32([-1, 2]) })],
    ["recurrent: lengths are [3] where [2] belongs", () => layer.unroll(x, { lengths: int32([1, 1, 1]) })],
    ["recurrent: the mask is [2, 3] where [2, 4] belongs", () => layer.unroll(x, { mask: zeros([2, 3]) })],
    [
      "recurrent: both lengths and mask are given; give one of them",
      () => layer.unroll(x, { mask: zeros([2, 4]), lengths: int32([1, 1]) }),
    ],
    [
      "recurrent: initial[0] has a part of [3] where [2, 3] belongs",
      () => layer.unroll(x, { initial: [zeros([3])] }),
    ],
    [
      "recurrent: initial is a list of 2; give what each of the 1 cells carries",
      () => layer.unroll(x, { initial: [zeros([2, 3]), zeros([2, 3])] }),
    ],
    ['recurrent: there is no option "length"', () => layer.unroll(x, { length: 3 } as object)],
    [
      "recurrent: a cell of layer 2 takes 2 inputs and is given 3; make it with 3 inputs",
      () => nn.recurrent([nn.gruCell(2, 3, { key: randomKey(1) }), nn.gruCell(2, 3, { key: randomKey(1) })]),
    ],
    ["recurrent: give a cell, a list of cells", () => nn.recurrent([])],
    [
      "recurrent: the step of cell 1 is undefined and must be a function",
      () => nn.recurrent({ inputs: 1, outputs: 1 } as never),
    ],
    [
      "lstm: layers is 0 and must be a whole number, 1 or more",
      () => nn.lstm(2, 3, { layers: 0, key: randomKey(1) }),
    ],
    ["lstmCell: hidden is 0; it must be a whole number", () => nn.lstm(2, 0, { key: randomKey(1) })],
    ["gruCell: its first weights are random, so it needs a key", () => nn.gru(2, 3)],
    [
      'plainCell: there is no option "nonlinearity"',
      () => nn.plainCell(2, 3, { nonlinearity: "relu" } as object),
    ],
  ])("%s", (message, call) => {
    expect(call).toThrow(message);
  });

  test("a cell that changes the form of its carry", () => {
    const odd: nn.Cell<Record<string, Tensor>> = {
      ...{ inputs: 1, outputs: 1 },
      step: ({ a }, x) => [{ b: a! }, x],
      start: (batch) => ({ a: zeros([...batch, 1]) }),
    };
    expect(() => nn.recurrent(odd).forward(zeros([1, 2, 1]))).toThrow(
      /recurrent: the cell carries on tensors at "\.b" and was given them at "\.a"/,
    );
  });
});
