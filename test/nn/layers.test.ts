// Layers, models made of them, and how their variables are found.

import { normal, randomKey, splitKey, type Tensor, tensor, variable, zeros } from "@adjoint/autograd";
import * as nn from "@adjoint/nn";
import { describe, expect, test } from "vitest";

const float64 = (values: number[] | number[][]) => tensor(values, { dtype: "float64" }) as Tensor;

describe("dense", () => {
  test("computes φ(x·W + b) over any batch axes", () => {
    const layer = nn.dense(2, 3, { activation: nn.tanh, dtype: "float64", key: randomKey(4) });
    layer.bias!.assign(float64([0.1, -0.2, 0.3]));
    const x = normal(randomKey(5), [4, 5, 2], { dtype: "float64" }) as Tensor;
    const y = layer.forward(x as Tensor) as Tensor;
    expect(y.shape).toEqual([4, 5, 3]);
    const [w, b] = [layer.weight.data, layer.bias!.data];
    for (let s = 0; s < 20; s++) {
      for (let j = 0; j < 3; j++) {
        const sum = x.data[2 * s]! * w[j]! + x.data[2 * s + 1]! * w[3 + j]! + b[j]!;
        // Two roundings of a sum of three terms below 4.
        expect(Math.abs(y.data[3 * s + j]! - Math.tanh(sum))).toBeLessThanOrEqual(16 * Number.EPSILON);
      }
    }
  });

  test("gives back the transfer matrix it was given, row 0 as the bias", () => {
    const layer = nn.dense(2, 2, { key: randomKey(0) });
    const W = tensor([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    layer.transferMatrix = W;
    expect(layer.transferMatrix.toArray()).toEqual([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    expect(layer.bias!.value.toArray()).toEqual([1, 2]);
    expect(layer.weight.value.toArray()).toEqual([
      [3, 4],
      [5, 6],
    ]);
  });

  test("without a bias shows a bias row of zeros and refuses another", () => {
    const layer = nn.dense(1, 2, { bias: false, key: randomKey(0) });
    expect(layer.transferMatrix.slice(0).toArray()).toEqual([0, 0]);
    layer.transferMatrix = tensor([
      [0, 0],
      [7, 8],
    ]);
    expect(layer.weight.value.toArray()).toEqual([[7, 8]]);
    expect(() => {
      layer.transferMatrix = tensor([
        [1, 0],
        [7, 8],
      ]);
    }).toThrow(/row 0 holds bias weights and the layer has no bias/);
  });

  test("without a bias refuses a bias row of negative weights too, and has float64 zeros where it is float64", () => {
    const layer = nn.dense(1, 2, { bias: false, dtype: "float64", key: randomKey(0) });
    const { dtype, shape } = layer.transferMatrix;
    expect([dtype, shape]).toEqual(["float64", [2, 2]]);
    expect(() => {
      layer.transferMatrix = float64([
        [0, -1],
        [7, 8],
      ]);
    }).toThrow(/row 0 holds bias weights and the layer has no bias/);
  });
});

describe("mlp", () => {
  test("of two widths has no hidden layer", () => {
    expect([...nn.mlp([3, 2], { key: randomKey(0) })]).toHaveLength(1);
  });

  test("starts every layer differently and every time alike", () => {
    const [a, b] = [nn.mlp([3, 3, 3], { key: randomKey(9) }), nn.mlp([3, 3, 3], { key: randomKey(9) })];
    expect(a[0]!.weight.toArray()).toEqual(b[0]!.weight.toArray());
    expect(a[0]!.weight.toArray()).not.toEqual(a[1]!.weight.toArray());
  });

  test("uses the hidden activation at the output unless told otherwise", () => {
    expect(String(nn.mlp([2, 2, 1], { activation: nn.tanh, key: randomKey(0) }))).toBe(
      "sequential(dense(2, 2, tanh), dense(2, 1, tanh))",
    );
    expect(
      String(nn.mlp([2, 2, 1], { activation: nn.tanh, outputActivation: nn.softmax, key: randomKey(0) })),
    ).toBe("sequential(dense(2, 2, tanh), dense(2, 1, softmax))");
  });
});

describe("variables", () => {
  test("finds every variable by its path, through layers, arrays and plain objects", () => {
    const model = {
      body: nn.mlp([2, 3, 1], { key: randomKey(0) }),
      extra: [{ gain: variable([1, 2]) }],
      note: "text",
      table: new Float32Array(5),
    };
    expect(Object.keys(nn.variables(model))).toEqual([
      "body.0.weight",
      "body.0.bias",
      "body.1.weight",
      "body.1.bias",
      "extra.0.gain",
    ]);
  });

  test("finds them in Maps, in functions with fields and in instances of classes, too", () => {
    class Gain {
      readonly gain = variable([1]);
    }
    const model = {
      heads: new Map([["a.b", nn.dense(1, 1, { key: randomKey(0) })]]),
      scale: Object.assign((x: Tensor) => x.mul(2), { by: new Gain() }),
    };
    expect(Object.keys(nn.variables(model))).toEqual([
      'heads["a.b"].weight',
      'heads["a.b"].bias',
      "scale.by.gain",
    ]);
  });

  test("names a part that can't be looked into", () => {
    expect(() =>
      nn.variables({
        layers: [
          nn.dense(1, 1, { key: randomKey(0) }),
          Promise.resolve(nn.dense(1, 1, { key: randomKey(0) })),
        ],
      }),
    ).toThrow(`variables: what lies at "layers.1" is a Promise`);
  });

  test("lists a shared variable once and survives a cycle", () => {
    const shared = variable([1]);
    const model: { a: unknown; b: unknown; self?: unknown } = { a: shared, b: shared };
    model.self = model;
    expect(Object.keys(nn.variables(model))).toEqual(["a"]);
  });
});

describe("initializers", () => {
  const [inputs, outputs] = [300, 200];
  const spread = (initializer: nn.Initializer) => {
    const drawn = initializer(randomKey(1), [inputs, outputs], "float64") as Tensor;
    return (drawn.square().mean() as Tensor).item();
  };

  // 60,000 draws: the mean square is within 3% of its expectation but once in more than 10⁶ runs.
  test.each([
    ["glorotUniform", nn.glorotUniform, 2 / (inputs + outputs)],
    ["glorotNormal", nn.glorotNormal, 2 / (inputs + outputs)],
    ["heUniform", nn.heUniform, 2 / inputs],
    ["heNormal", nn.heNormal, 2 / inputs],
    ["uniformRange(0, 1)", nn.uniformRange(0, 1), 1 / 3],
  ] as const)("%s has the variance its authors ask for", (_name, initializer, variance) => {
    expect(Math.abs(spread(initializer) / variance - 1)).toBeLessThan(0.03);
  });

  // Of n even draws over ±b the largest is above 0.99·b but once in (1/0.99)ⁿ⁻¹ runs: 10⁸ for these.
  test.each([
    ["glorotUniform", nn.glorotUniform, Math.sqrt(6 / (inputs + outputs)), [inputs, outputs]],
    ["heUniform", nn.heUniform, Math.sqrt(6 / inputs), [inputs, outputs]],
    // Of a kernel [outputs, inputs, ...window] a unit has all inputs of its window.
    ["glorotUniform of a kernel", nn.glorotUniform, Math.sqrt(6 / ((3 + 16) * 5 * 9)), [16, 3, 5, 9]],
    ["heUniform of a kernel", nn.heUniform, Math.sqrt(6 / (3 * 5 * 9)), [16, 3, 5, 9]],
    ["heUniform of a kernel with one axis", nn.heUniform, Math.sqrt(6 / (8 * 20)), [16, 8, 20]],
  ] as const)("%s spreads evenly over both signs, to its bound", (_name, initializer, bound, shape) => {
    const { data, dtype } = initializer(randomKey(2), shape, "float64");
    expect(dtype).toBe("float64");
    const [least, largest] = [Math.min(...data), Math.max(...data)];
    expect(Math.max(-least, largest)).toBeLessThanOrEqual(bound);
    expect(Math.min(-least, largest)).toBeGreaterThan(0.99 * bound);
  });

  test.each([
    ["glorotNormal", nn.glorotNormal, 2 / ((3 + 16) * 20 * 30)],
    ["heNormal", nn.heNormal, 2 / (3 * 20 * 30)],
  ] as const)("%s of a kernel has the variance its authors ask for", (_name, initializer, variance) => {
    const drawn = initializer(randomKey(1), [16, 3, 20, 30], "float64") as Tensor;
    // 28,800 draws: the mean square is within 5% of its expectation but once in more than 10⁷ runs.
    expect(Math.abs((drawn.square().mean() as Tensor).item() / variance - 1)).toBeLessThan(0.05);
  });

  test("uniformRange and allZeros give the type that is asked for", () => {
    for (const dtype of ["float32", "float64"] as const) {
      for (const initializer of [nn.uniformRange(0, 1), nn.allZeros])
        expect(initializer(randomKey(1), [2, 2], dtype).dtype).toBe(dtype);
    }
  });

  test("allZeros gives zeros", () => {
    expect(spread(nn.allZeros)).toBe(0);
  });
});

describe("sequential", () => {
  test("passes x through plain objects with a forward, in order", () => {
    const model = nn.sequential(
      { forward: (x: Tensor) => x.mul(2) as Tensor },
      { forward: (x: Tensor) => x.add(1) as Tensor },
    );
    expect(model.forward(tensor([1, 2]) as Tensor).toArray()).toEqual([3, 5]);
    expect(
      nn
        .sequential()
        .forward(zeros([2]) as Tensor)
        .toArray(),
    ).toEqual([0, 0]);
  });

  test("prints its layers by their own text, and one that has none as a layer", () => {
    const model = nn.sequential(nn.dense(2, 3, { activation: nn.relu, key: randomKey(0) }), {
      forward: (x: Tensor) => x,
    });
    expect(String(model)).toBe("sequential(dense(2, 3, relu), layer)");
    expect(String(nn.sequential(model))).toBe("sequential(sequential(dense(2, 3, relu), layer))");
  });
});

describe("options of a forward pass", () => {
  test("reach every layer, also in a sequential within another; where there are none, none come", () => {
    const seen: unknown[] = [];
    const spy: nn.Layer = {
      forward(x, options) {
        seen.push(options);
        return x;
      },
    };
    const model = nn.sequential(spy, nn.sequential(spy, nn.sequential(spy)), spy);
    const x = tensor([1, 2]) as Tensor;
    const options = { training: true };
    model.forward(x, options);
    expect(seen).toEqual([options, options, options, options]);
    seen.length = 0;
    model.forward(x);
    expect(seen).toEqual([undefined, undefined, undefined, undefined]);
  });
});

describe("the layers of an mlp", () => {
  test("hands every option on to every layer, and the last activation to the last alone", () => {
    const model = nn.mlp([3, 4, 5, 2], {
      activation: nn.tanh,
      outputActivation: nn.logistic,
      bias: false,
      initializer: nn.uniformRange(2, 3),
      dtype: "float64",
      key: randomKey(7),
    });
    const layers = [...model];
    expect(layers.map(({ activation }) => activation)).toEqual([nn.tanh, nn.tanh, nn.logistic]);
    for (const { weight, bias } of layers) {
      expect(bias).toBeNull();
      expect(weight.dtype).toBe("float64");
      expect(Math.min(...weight.data)).toBeGreaterThanOrEqual(2);
    }
    // Each layer draws by a key of its own.
    expect(new Set(layers.map(({ weight }) => weight.data[0])).size).toBe(3);
    const other = nn.mlp([3, 4], { key: randomKey(8) });
    expect(other[0]!.weight.data).not.toEqual(nn.mlp([3, 4], { key: randomKey(7) })[0]!.weight.data);
  });

  test("gives the output layer the hidden layers' activation where it is told no other", () => {
    const activations = (widths: readonly number[], options: nn.MlpOptions) =>
      [...nn.mlp(widths, { ...options, key: randomKey(0) })].map(({ activation }) => activation);
    expect(activations([1, 2, 3], { activation: nn.relu })).toEqual([nn.relu, nn.relu]);
    expect(activations([1, 2], {})).toEqual([nn.linear]);
  });
});

test("layers of unlike keys are unlike", () => {
  const [a, b] = splitKey(randomKey(0));
  expect(nn.dense(2, 2, { key: a! }).weight.toArray()).not.toEqual(
    nn.dense(2, 2, { key: b! }).weight.toArray(),
  );
});
