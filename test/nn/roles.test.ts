// Roles of variables, keys, and what counts as a layer.

import { normal, randomKey, type Tensor, tensor, zeros } from "@adjoint/autograd";
import * as nn from "@adjoint/nn";
import { describe, expect, test } from "vitest";

describe("roles", () => {
  const model = () => ({ scale: nn.parameter([1, 2], { name: "scale" }), mean: nn.state([0, 0]), count: 3 });

  test("variables finds parameters and state, parameters what is trained", () => {
    const both = model();
    expect(nn.variables(both)).toEqual({ scale: both.scale, mean: both.mean });
    expect(nn.parameters(both)).toEqual({ scale: both.scale });
    expect(both.scale.name).toBe("scale");
    expect([both.scale.trainable, both.mean.trainable]).toEqual([true, false]);
  });

  test("a parameter that is frozen is no longer among those that are trained, and can be switched back", () => {
    const both = model();
    both.scale.trainable = false;
    expect(nn.parameters(both)).toEqual({});
    both.scale.trainable = true;
    expect(Object.keys(nn.parameters(both))).toEqual(["scale"]);
  });

  test("being trained is nothing that derivatives know of", () => {
    const { scale, mean } = model();
    scale.add(mean).square().sum().backward();
    expect([scale.grad?.toArray(), mean.grad?.toArray()]).toEqual([
      [2, 4],
      [2, 4],
    ]);
  });
});

describe("keys", () => {
  test("are all different, and the same again for the same seed", () => {
    const drawn = (seed: number) => {
      const key = nn.keys(seed);
      return Array.from({ length: 100 }, () => [...key().data].join());
    };
    const [first, again, other] = [drawn(3), drawn(3), drawn(4)];
    expect(first).toEqual(again);
    expect(new Set([...first, ...other]).size).toBe(200);
  });

  test("give draws that have nothing to do with each other", () => {
    const key = nn.keys(0);
    const [a, b] = [normal(key(), [10_000]), normal(key(), [10_000])];
    // The correlation of independent draws has a deviation of 0.01.
    expect(Math.abs(a.mul(b).mean().item())).toBeLessThan(0.05);
  });

  test("are split over the layers of a sequential, each of which gets another", () => {
    const seen: string[] = [];
    const listener = {
      forward(x: Tensor, options?: nn.ForwardOptions) {
        seen.push(options?.key === undefined ? "none" : [...options.key.data].join());
        return x;
      },
    };
    const model = nn.sequential(listener, nn.sequential(listener, listener), listener);
    model.forward(zeros([1]), { training: true, key: randomKey(0) });
    expect(new Set(seen).size).toBe(4);
    expect(seen).not.toContain("none");
    seen.length = 0;
    model.forward(zeros([1]), { training: true });
    expect(seen).toEqual(["none", "none", "none", "none"]);
  });
});

describe("a layer", () => {
  test("may be a bare function, which is given no options", () => {
    const given: unknown[][] = [];
    const double = (...all: [Tensor]) => {
      given.push(all.slice(1));
      return all[0].mul(2);
    };
    const model = nn.sequential(double, nn.relu);
    expect(model.forward(tensor([-1, 2]), { training: true }).toArray()).toEqual([0, 4]);
    expect(given).toEqual([[]]);
    expect(String(model)).toBe("sequential(double, relu)");
  });

  test("may be the activation of a dense layer, and its variables are the dense layer's", () => {
    const slope = nn.parameter([0.25]);
    const leaky = {
      slope,
      forward: (x: Tensor) => x.maximum(0).add(x.minimum(0).mul(slope)),
      toString: () => "leaky",
    };
    const layer = nn.dense(1, 1, { activation: leaky, initializer: nn.allOnes });
    expect(Object.keys(nn.variables(layer))).toEqual(["weight", "bias", "activation.slope"]);
    expect(layer.forward(tensor([[-4]])).toArray()).toEqual([[-1]]);
    expect(String(layer)).toBe("dense(1, 1, leaky)");
  });

  test("needs no key where its initializer draws nothing", () => {
    const model = nn.mlp([2, 3, 1], { initializer: nn.allZeros });
    expect(model.forward(zeros([1, 2])).toArray()).toEqual([[0]]);
  });
});

test("an initializer asks for the fans that a shape does not tell, and takes those that it is given", () => {
  const key = randomKey(0);
  expect(() => nn.heNormal(key, [5], "float64")).toThrow("give them: initializer(key, shape, dtype");
  const given = nn.glorotUniform(key, [1000], "float64", { inputs: 2, outputs: 4 });
  const largest = Math.max(...given.data.map(Math.abs));
  // Draws lie evenly over ±1: the largest of 1,000 is above 0.99 but for a chance of 0.99¹⁰⁰⁰.
  expect(largest).toBeLessThanOrEqual(1);
  expect(largest).toBeGreaterThan(0.99);
});
