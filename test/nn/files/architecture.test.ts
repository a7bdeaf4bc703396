// Models as data without their weights, and models made of such data.

import { readFileSync } from "node:fs";
import * as autograd from "@adjoint/autograd";
import { activation, atom, type Key, randomKey, type Tensor, tensor, variable } from "@adjoint/autograd";
import * as nn from "@adjoint/nn";
import { architectureOf, dense, keys, load, made, mlp, modelFrom, save, sequential } from "@adjoint/nn";
import { describe, expect, test } from "vitest";
import * as table from "../../../packages/nn/src/layers/table.ts";

/** Through JSON, as from a file. */
const again = (model: nn.Layer<never, unknown>, options?: nn.ArchitectureOptions) => {
  const rebuilt = modelFrom(JSON.parse(JSON.stringify(architectureOf(model))), options);
  expect(Object.keys(nn.variables(rebuilt))).toEqual(Object.keys(nn.variables(model)));
  load(rebuilt, save(model));
  return rebuilt;
};

const x = tensor([
  [0.5, -1.25],
  [3, 0.125],
]);

/** A model and what is made of its data and its weights give the same numbers, to the bit. */
function expectSame(model: nn.Layer, options?: nn.ArchitectureOptions): nn.Layer {
  const rebuilt = again(model, options);
  expect(rebuilt.forward(x).toArray()).toEqual(model.forward(x).toArray());
  expect(architectureOf(rebuilt)).toEqual(architectureOf(model));
  return rebuilt;
}

const layer = (activation: nn.LayerOrFunction) => dense(2, 2, { activation, key: keys(1)() });

const key = keys(9);

/** One of each kind of layer that the package exports, by the names of the functions that make them. */
const examples: Readonly<Record<string, object>> = {
  adaptiveAveragePool1d: nn.adaptiveAveragePool1d(2),
  adaptiveAveragePool2d: nn.adaptiveAveragePool2d([1, 2]),
  adaptiveMaxPool1d: nn.adaptiveMaxPool1d(2),
  adaptiveMaxPool2d: nn.adaptiveMaxPool2d(2),
  averagePool1d: nn.averagePool1d(2),
  averagePool2d: nn.averagePool2d([1, 2]),
  batchNorm: nn.batchNorm(2, { momentum: 0.2 }),
  conv1d: nn.conv1d(2, 3, 2, { key: key() }),
  conv2d: nn.conv2d(2, 3, [2, 1], { key: key() }),
  convTranspose1d: nn.convTranspose1d(2, 3, 2, { key: key() }),
  convTranspose2d: nn.convTranspose2d(2, 3, [2, 1], { key: key() }),
  decoderBlock: nn.decoderBlock(4, 2, { key: key() }),
  dense: layer(nn.tanh),
  dropout: nn.dropout(0.25),
  embedding: nn.embedding(5, 2, { key: key() }),
  encoderBlock: nn.encoderBlock(4, 2, { key: key() }),
  flatten: nn.flatten(),
  groupNorm: nn.groupNorm(2, 4),
  gru: nn.gru(2, 3, { key: key() }),
  gruCell: nn.gruCell(2, 3, { key: key() }),
  layerNorm: nn.layerNorm([2, 3], { epsilon: 0.1 }),
  learnedPositions: nn.learnedPositions(4, 2, { key: key() }),
  lstm: nn.lstm(2, 3, { key: key() }),
  lstmCell: nn.lstmCell(2, 3, { key: key() }),
  maxPool1d: nn.maxPool1d(2),
  maxPool2d: nn.maxPool2d([1, 2]),
  maxout: nn.maxout(2, 3, { key: key() }),
  mlp: mlp([2, 3, 2], { key: key() }),
  multiHeadAttention: nn.multiHeadAttention(4, 2, { key: key() }),
  plainCell: nn.plainCell(2, 3, { key: key() }),
  plainRecurrent: nn.plainRecurrent(2, 3, { key: key() }),
  prelu: nn.prelu(),
  recurrent: nn.recurrent(nn.gruCell(2, 3, { key: key() })),
  residual: nn.residual(layer(nn.tanh)),
  rmsNorm: nn.rmsNorm(3),
  sequential: sequential(layer(nn.relu), nn.softmax),
  snake: nn.snake(),
  swish: nn.swish(),
};

/** Functions of tensors beside the layers. */
const others = ["attentionWeights", "causalMask", "rotary", "sinusoidalPositions", "sinusoids"];

describe("a model made again of its architecture", () => {
  test.each(Object.entries(examples))(
    "has the same form and weights where it has one by %s",
    (_name, example) => {
      // A cell is no layer, and stands in one.
      const layer = "forward" in example ? (example as nn.Layer) : nn.recurrent(example as nn.Cell<Tensor>);
      for (const model of [layer, sequential(nn.residual(layer), layer)]) {
        const rebuilt = again(model);
        expect(architectureOf(rebuilt)).toEqual(architectureOf(model));
        expect(save(rebuilt)).toEqual(save(model));
        expect(String(rebuilt)).toBe(String(model));
        expect(String(model)).not.toContain("object");
      }
    },
  );

  test("is tested for every layer, and every layer is in the table with which architectures are read", () => {
    const makers = Object.keys(table).filter((name) => /^[a-z]/.test(name));
    expect(makers.sort()).toEqual([...Object.keys(examples), ...others].sort());
    const index = readFileSync(new URL("../../../packages/nn/src/index.ts", import.meta.url), "utf8");
    expect([...index.matchAll(/"\.\/layers\/([\w-]+)\.ts"/g)].map(([, file]) => file)).toEqual(["table"]);
  });

  test("computes the same with the same weights", () => {
    const key = keys(3);
    expectSame(mlp([2, 4, 3, 1], { activation: nn.tanh, outputActivation: nn.softmax, key: key() }));
    expectSame(sequential());
    expectSame(sequential(dense(2, 3, { bias: false, key: key() }), nn.relu, sequential(nn.logSoftmax)));
    const double = dense(2, 2, { dtype: "float64", initializer: nn.heNormal, key: key() });
    expect(again(double).forward(x.cast("float64")).toArray()).toEqual(
      double.forward(x.cast("float64") as never).toArray(),
    );
  });

  test("has every activation of the package, under its name", () => {
    const all = Object.entries(nn).filter(([, each]) => typeof each === "function" && "psi" in each);
    expect(all.length).toBeGreaterThan(11);
    for (const [, each] of [...all, ["", nn.softmax], ["", nn.logSoftmax]] as [
      string,
      nn.LayerActivation,
    ][]) {
      const rebuilt = expectSame(layer(each)) as nn.Dense;
      expect(rebuilt.activation).toBe(each);
    }
  });

  test("has own activations by their expressions, with ψ, kinks and range", () => {
    const own = activation("own", (x) => x.greater(0.5).select(x.mul(x.logistic()).sub(1 / 3), x.sinh()), {
      psi: (y) => y.mul(2),
      kinks: [0.5, -0],
      range: [-Infinity, 7],
    });
    const { activation: rebuilt } = expectSame(layer(own)) as nn.Dense & { activation: typeof own };
    expect([rebuilt.name, String(rebuilt), rebuilt.kinks, rebuilt.range]).toEqual([
      "own",
      String(own),
      [0.5, -0],
      [-Infinity, 7],
    ]);
    expect([rebuilt.psi!(3), String(rebuilt.psi)]).toEqual([6, String(own.psi)]);
    for (let t = -4; t < 4; t += 0.37) expect(rebuilt(t)).toBe(own(t));
    expect(rebuilt.derivative).toBe(own.derivative);
    expectSame(layer(nn.leakyReluOf(0.3)));
    expectSame(layer(activation("none", (x) => x.sin())));
  });

  test("has activations of own atoms, which are given", () => {
    const cube = atom({ name: "cube", arity: 1, value: (x) => x ** 3, partials: [(x) => x.square().mul(3)] });
    const model = layer(activation("soft", (x) => cube(x).tanh()));
    expect(() => again(model)).toThrow(/is "cube", which is no atom here; give it/);
    expectSame(model, { atoms: { cube: cube.atom } });
  });

  test("shares what the model shared", () => {
    const shared = dense(2, 2, { key: keys(2)() });
    const slope = nn.leakyReluOf(0.2);
    const rebuilt = expectSame(
      sequential(shared, slope, dense(2, 2, { activation: slope, key: keys(3)() }), shared),
    ) as nn.Sequential<nn.Dense>;
    expect(rebuilt[3]).toBe(rebuilt[0]);
    expect(rebuilt[2]!.activation).toBe(rebuilt[1]);
  });

  test("draws first weights of its own: from seed 0, or from a key, each layer others", () => {
    const json = architectureOf(mlp([2, 2, 2], { key: keys(5)() }));
    const weights = (key?: Key) =>
      [0, 1].map((i) =>
        (modelFrom(json, key === undefined ? {} : { key }) as nn.Sequential<nn.Dense>)
          [i]!.weight.toArray()
          .join(),
      );
    expect(weights()).toEqual(weights(randomKey(0)));
    expect(new Set([...weights(), ...weights(randomKey(1))]).size).toBe(4);
  });

  test("starts from initializers by name, of the package and given", () => {
    const build = (initializer: nn.Initializer) => dense(2, 2, { initializer, key: keys(1)() });
    const first = (model: nn.Layer, options?: nn.ArchitectureOptions) =>
      (modelFrom(architectureOf(model), options) as nn.Dense).weight.toArray().flat();
    expect(first(dense(2, 2, { initializer: nn.allOnes }))).toEqual([1, 1, 1, 1]);
    expect(Math.min(...first(build(nn.uniformRange(5, 6))))).toBeGreaterThanOrEqual(5);
    const threes: nn.Initializer = (_key, shape, dtype) => tensor(new Array(4).fill(3), { shape, dtype });
    expect(first(build(threes), { functions: { threes } })).toEqual([3, 3, 3, 3]);
    expect(() => first(build(threes))).toThrow(
      'names "threes", which is not known here; give it: modelFrom(json, { functions: { threes } })',
    );
  });

  test("has own layers by the names of the functions that make them", () => {
    class Stretched implements nn.Layer {
      readonly inner: nn.Layer;
      readonly by: nn.Layer | Tensor;
      readonly gains: readonly Tensor[];
      constructor(inner: nn.Layer, { by, gains = [] }: { by: Tensor; gains?: readonly Tensor[] }) {
        this.inner = inner;
        this.by = by;
        this.gains = gains;
      }
      forward(x: Tensor): Tensor {
        return this.gains.reduce((y, gain) => y.mul(gain), this.inner.forward(x).mul(this.by as Tensor));
      }
    }
    const stretched = (inner: nn.Layer, options: { by: Tensor; gains?: readonly Tensor[] }) =>
      made(new Stretched(inner, options), "stretched", inner, options);
    const gain = variable([2, 3], { name: "gain", trainable: false });
    const model = stretched(layer(nn.tanh), { by: tensor([0.1, -0]), gains: [gain, gain] });
    const rebuilt = expectSame(model, { layers: { stretched } }) as Stretched;
    expect(rebuilt.gains[0]).toBe(rebuilt.gains[1]);
    expect(rebuilt.gains[0]).toMatchObject({ name: "gain", trainable: false });
    expect(() => modelFrom(architectureOf(model))).toThrow(
      'modelFrom: the model names "stretched", which is not known here; give it: modelFrom(json, { layers: { stretched } })',
    );
    expect(() => architectureOf(new Stretched(layer(nn.tanh), { by: gain }))).toThrow(
      'architectureOf: the model is a Stretched, of which it is not known how it was made; make it by a function that ends in return made(layer, "name", …arguments)',
    );
    expect(() => architectureOf(sequential(nn.tanh, { forward: (x) => x }))).toThrow(
      "architectureOf: the model, sequential's argument 2 is an object, of which it is not known how it was made",
    );
  });

  test("is not changed by what happens to the options after the call", () => {
    const options = { bias: false, key: keys(0)() };
    const model = dense(2, 2, options);
    options.bias = true;
    expect((again(model) as nn.Dense).bias).toBeNull();
  });

  test("holds no weights, no keys and no code", () => {
    const text = JSON.stringify(architectureOf(mlp([2, 3, 1], { activation: nn.tanh, key: randomKey(77) })));
    expect(text).toBe(
      '{"format":"adjoint model","version":1,"model":{"$made":["sequential",{"$made":["dense",2,3,{"key":{"$key":true},"activation":{"$named":"tanh"}}]},{"$made":["dense",3,1,{"key":{"$key":true},"activation":{"$named":"tanh"}}]}]}}',
    );
    // However deep a key lies among the arguments, and beside whatever other options.
    const block = (options: { inner: { key: Key }; forward?: number; key?: Key }) =>
      made({ forward: (x: Tensor) => x }, "block", options);
    const deep = JSON.stringify(
      architectureOf(block({ inner: { key: randomKey(77) }, forward: 1, key: randomKey(7) })),
    );
    expect(deep).toContain('"block",{"inner":{"key":{"$key":true}},"forward":1,"key":{"$key":true}}');
  });

  test("may be of a layer that is frozen", () => {
    const layer = made(Object.freeze({ forward: (x: Tensor) => x }), "still");
    expect(JSON.stringify(architectureOf(layer))).toContain('{"$made":["still"]}');
  });
});

describe("data that are no architecture", () => {
  const from = (model: unknown, options?: nn.ArchitectureOptions) => () =>
    modelFrom({ format: "adjoint model", version: 1, model }, options);

  test("are refused with the place", () => {
    for (const wrong of [
      null,
      3,
      [],
      {},
      { format: "adjoint model", version: 2 },
      { format: "other", version: 1 },
    ])
      expect(() => modelFrom(wrong)).toThrow(/which is no architecture that architectureOf gave/);
    expect(() => modelFrom("{}")).toThrow("write JSON.parse(text)");
    expect(from({ $made: ["sequential", { $made: ["dense", 2, -1] }] })).toThrow(
      "the model, sequential's argument 1 can't be made by dense: dense: outputs is -1",
    );
    expect(from({ $made: ["dense", 2, 2, { key: { $key: true }, size: 3 }] })).toThrow(
      'there is no option "size"',
    );
    expect(from({ $made: ["Dense", 2, 2, {}] })).toThrow("can't be made by Dense");
    expect(from({ $made: "dense" })).toThrow("is a string and must be a list");
    expect(from({ $made: [] })).toThrow("names undefined, which is not known here");
    expect(from({ $named: "eval" })).toThrow('names "eval", which is not known here');
    expect(from({ $again: 0 })).toThrow("says it is 0 again, of 0 before it");
    expect(from({ $made: ["sequential", { $named: "tanh" }, { $again: "length" }] })).toThrow(
      'says it is "length" again',
    );
    expect(from({ $eval: "1" })).toThrow('has "$eval", which is no form of a value');
    expect(from({ $named: "tanh", more: 1 })).toThrow('has other names beside "$named"');
    expect(from({ $activation: { name: "x" } })).toThrow(
      "is no activation: activationFromJSON: the data is no activation that",
    );
    expect(from({ $tensor: { data: [1], shape: [2], dtype: "float32" } })).toThrow("is no tensor");
    expect(from({ $variable: 3 })).toThrow("is a number and must be a list");
    expect(from({ $number: "3" })).toThrow("is no special number");
    expect(from({ $named: "tanh" })).toThrow("the model is a function and must be a layer");
    expect(from([])).toThrow("the model is an array and must be a layer");
  });

  test("can't reach what objects inherit, or nest without an end", () => {
    for (const name of ["constructor", "__proto__", "toString", "hasOwnProperty"]) {
      expect(from({ $made: [name] }, { layers: {} })).toThrow("which is not known here");
      expect(from({ $given: name })).toThrow("which is not known here");
      expect(from({ $named: name })).toThrow("which is not known here");
    }
    let deep: unknown = 0;
    for (let i = 0; i < 100_000; i++) deep = [deep];
    expect(from(deep)).toThrow("is nested more than 500 deep");
    expect(
      from(JSON.parse('{"$made":["dense",1,1,{"__proto__":{"bias":false},"key":{"$key":true}}]}')),
    ).toThrow('there is no option "__proto__"');
  });

  test("are not made of functions without names", () => {
    expect(() => architectureOf(sequential((x: Tensor) => x))).toThrow(
      /the model, sequential's argument 1 is a function without a name; where it works on one element, make it an activation/,
    );
    expect(() => architectureOf({ x: 1 } as never)).toThrow("got an object where a layer belongs");
    expect(() => made({}, "")).toThrow('e.g. made(layer, "block", width)');
    expect(() => again(made({ forward: (x: Tensor) => x }, "own", new Date()) as never)).toThrow(
      "own's argument 1 is a Date, which has no form as data",
    );
  });

  test("of an activation are refused with the place", () => {
    const { activationFromJSON, activationToJSON } = autograd;
    const json = activationToJSON(activation("x", (x) => x.mul(2), { psi: () => 2 })) as Record<
      string,
      unknown
    >;
    const changed = (changes: object) => () => activationFromJSON({ ...json, ...changes });
    expect(changed({})().psi!(1)).toBe(2);
    expect(changed({ version: 2 })).toThrow("is no activation that activationToJSON gave");
    expect(() => activationToJSON(3 as never)).toThrow("got a number where an activation belongs");
    expect(() => activationToJSON(((x: number) => x) as never)).toThrow("got a function where");
    expect(changed({ name: 3 })).toThrow("activationFromJSON: name is a number and must be a text");
    expect(changed({ kinks: ["x"] })).toThrow('kinks[0] is "x" and must be a number');
    for (const range of [[], [1], [1, 2, 3]]) expect(changed({ range })).toThrow("range must be two numbers");
    expect(changed({ function: { $function: "add" } })).toThrow(
      "function has 2 operands, and an activation has one",
    );
    expect(changed({ psi: { $function: "x", arity: 1, nodes: [{ atom: "evil", of: [] }] } })).toThrow(
      'psi.nodes[0].atom is "evil", which is no atom here; give it: activationFromJSON(json, { atoms: { evil } })',
    );
  });
});
