// Dividing and scaling data.

import { normal, randomKey, type Tensor, tensor } from "@adjoint/autograd";
import * as nn from "@adjoint/nn";
import { expect, test } from "vitest";

const key = randomKey(1);
const numbered = (n: number) => {
  const x = tensor(Array.from({ length: n }, (_, i) => [i, -i])) as Tensor;
  return {
    x,
    y: {
      label: tensor(
        Array.from({ length: n }, (_, i) => 10 * i),
        { dtype: "int32" },
      ) as Tensor,
    },
  };
};
const placesIn = (part: { x: Tensor }) => Array.from(part.x.slice(null, 0).data as Float32Array);
const sorted = (list: readonly number[]) => list.toSorted((a, b) => a - b);

test("each sample is in one part, with its target, in sizes that add up", () => {
  const data = numbered(11);
  const parts = nn.split(data, { training: 0.7, validation: 0.2, test: 0.1 }, key);
  expect([parts.training, parts.validation, parts.test].map(({ x }) => x.shape[0])).toEqual([8, 2, 1]);
  const all = Object.values(parts).flatMap(placesIn);
  expect(sorted(all)).toEqual(Array.from({ length: 11 }, (_, i) => i));
  expect(all).not.toEqual(sorted(all));
  for (const part of Object.values(parts))
    expect(Array.from(part.y.label.data)).toEqual(placesIn(part).map((i) => 10 * i));
  expect(placesIn(nn.split(data, { a: 0.5, b: 0.5 }, key).a)).toEqual(
    placesIn(nn.split(data, { a: 0.5, b: 0.5 }, key).a),
  );
});

test("shares that don't add up, or leave a part empty, are refused", () => {
  expect(() => nn.split(numbered(9), { a: 0.5, b: 0.4 }, key)).toThrow(/add up to 1/);
  expect(() => nn.split(numbered(9), { a: 1.5, b: -0.5 }, key)).toThrow(/above 0/);
  expect(() => nn.split(numbered(3), { a: 0.9, b: 0.1 }, key)).toThrow(/b, 0.1 of 3 samples, would be empty/);
});

test("each sample is in one fold's validation set, and in all others' training sets", () => {
  const folds = nn.kFold(numbered(11), 4, key);
  expect(folds.map(({ validation }) => validation.x.shape[0])).toEqual([3, 3, 3, 2]);
  expect(sorted(folds.flatMap(({ validation }) => placesIn(validation)))).toEqual(
    Array.from({ length: 11 }, (_, i) => i),
  );
  for (const { training, validation } of folds)
    expect(sorted([...placesIn(training), ...placesIn(validation)])).toEqual(
      Array.from({ length: 11 }, (_, i) => i),
    );
  expect(() => nn.kFold(numbered(3), 4, key)).toThrow(/4 folds of 3 samples/);
  expect(() => nn.kFold(numbered(3), 1, key)).toThrow(/k 1 must be/);
});

test("standard scaling gives each feature mean 0 and deviation 1, far from 0 too, and a constant one 0", () => {
  const data: Tensor = normal(key, [50, 3], { dtype: "float64" })
    .mul(tensor([1, 5, 0], { dtype: "float64" }))
    .add(tensor([1000, 0, 0.1], { dtype: "float64" }));
  const scaling = nn.standardScaling(data);
  const scaled = scaling.forward(data);
  for (const feature of [0, 1]) {
    const column = Array.from(scaled.slice(null, feature).data);
    const mean = column.reduce((a, b) => a + b, 0) / 50;
    // 1000 has a spacing of 2⁻⁴³, and so has the mean.
    expect(Math.abs(mean)).toBeLessThan(2 ** -42);
    expect(Math.abs(column.reduce((a, b) => a + b * b, 0) / 50 - 1)).toBeLessThan(2 ** -42);
  }
  expect(Array.from(scaled.slice(null, 2).data).every((value) => Math.abs(value) < 2 ** -52)).toBe(true);
  const back = scaling.inverse(scaled);
  for (const [i, value] of back.data.entries())
    expect(Math.abs(value - data.data[i]!)).toBeLessThan(2 ** -42);
  expect(Object.keys(nn.variables(scaling))).toEqual(["shift", "scale"]);
  expect(Object.keys(nn.parameters(scaling))).toEqual([]);
});

test("min–max scaling takes the extremes of each feature to the ends", () => {
  const data = tensor([
    [0, 5, 2],
    [4, 5, -2],
    [1, 5, 0],
  ]);
  expect(nn.minMaxScaling(data).forward(data).toArray()).toEqual([
    [0, 0, 1],
    [1, 0, 0],
    [0.25, 0, 0.5],
  ]);
  const wide = nn.minMaxScaling(data, { from: -1, to: 3 });
  expect(wide.forward(data).toArray()).toEqual([
    [-1, -1, 3],
    [3, -1, -1],
    [0, -1, 1],
  ]);
  expect(wide.inverse(wide.forward(data)).toArray()).toEqual(data.toArray());
});

test("scalings go into models and refuse other features", () => {
  const data = tensor([
    [0, 5],
    [4, 5],
  ]);
  const model = nn.sequential(nn.minMaxScaling(data), nn.dense(2, 1, { key }));
  expect(Object.keys(nn.variables(model))).toEqual(["0.shift", "0.scale", "1.weight", "1.bias"]);
  expect(String(model)).toBe("sequential(minMaxScaling(2 features), dense(2, 1, linear))");
  expect(() => nn.minMaxScaling(data).forward(tensor([[1, 2, 3]]))).toThrow(/\[1, 3\] must have 2 features/);
  expect(() => nn.standardScaling(tensor([1, 2]))).toThrow(/reshape\(\[-1, 1\]\)/);
  expect(() => nn.minMaxScaling(data, { from: 1, to: 1 })).toThrow(/must go up/);
});

test("a model with a scaling is made again from its architecture and its file, to the bit", () => {
  for (const dtype of ["float32", "float64"] as const) {
    const data = normal(randomKey(8), [20, 3], { dtype, mean: 4, deviation: 7 });
    const scalings = [
      nn.standardScaling(data),
      nn.minMaxScaling(data),
      nn.minMaxScaling(data, { from: -1, to: 2 }),
    ];
    for (const scaling of scalings) {
      const model = nn.sequential(scaling, nn.dense(3, 2, { key: randomKey(1), dtype }));
      const json = JSON.stringify(nn.architectureOf(model));
      const again = nn.modelFrom(JSON.parse(json));
      expect(nn.load(again, nn.save(model)).loaded).toHaveLength(4);
      expect((again.forward(data) as Tensor).toArray()).toEqual(model.forward(data).toArray());
      expect(JSON.stringify(nn.architectureOf(again))).toBe(json);
      expect(json.includes('{"from":-1,"to":2}')).toBe(scaling === scalings[2]);
      // The data themselves are not part of the description.
      expect(json).not.toContain(String(data.data[0]));
    }
  }
});
