// A model from a file beside the same in layers and operations of the engine: values, derivatives, names, training.

import {
  compile,
  grad,
  hessian,
  jvp,
  normal,
  randomKey,
  type Tensor,
  tensor,
  Variable,
  vmap,
} from "@adjoint/autograd";
import { fromOnnx, OnnxError } from "@adjoint/interop";
import { adam, fit, load, meanSquaredError, parameters, save, sgd, variables } from "@adjoint/nn";
import { describe, expect, test } from "vitest";
import { graph, modelBytes, node, stored, value } from "./build.ts";

const drawn = (seed: number, shape: readonly number[]): Tensor => normal(randomKey(seed), shape);
const weights = (name: string, seed: number, shape: readonly number[]) =>
  stored(name, shape, Array.from(drawn(seed, shape).data));

/** tanh(x·W₁ᵀ + b₁)·W₂ᵀ + b₂. */
const perceptron = (): Uint8Array =>
  modelBytes(
    graph({
      inputs: [value("x", ["batch", 3])],
      outputs: ["y"],
      nodes: [
        node("Gemm", ["x", "fc1.weight", "fc1.bias"], ["a"], { transB: 1 }),
        node("Tanh", ["a"], ["h"]),
        node("Gemm", ["h", "fc2.weight", "fc2.bias"], ["y"], { transB: 1 }),
      ],
      stored: [
        weights("fc1.weight", 1, [4, 3]),
        weights("fc1.bias", 2, [4]),
        weights("fc2.weight", 3, [2, 4]),
        weights("fc2.bias", 4, [2]),
      ],
    }),
  );

const direct = (x: Tensor): Tensor => {
  const [w1, b1, w2, b2] = [drawn(1, [4, 3]), drawn(2, [4]), drawn(3, [2, 4]), drawn(4, [2])];
  return x.matmul(w1.transpose()).add(b1).tanh().matmul(w2.transpose()).add(b2) as Tensor;
};

const numbers = (x: Tensor): number[] => Array.from(x.data);

/** Equal but for the order in which float32 sums of three and four products are added up. */
function expectNear(got: Tensor, wanted: Tensor): void {
  expect(got.shape).toEqual(wanted.shape.length === got.rank ? wanted.shape : [6, 1, 2]);
  const apart = got.reshape(wanted.shape).sub(wanted).abs().max().item();
  expect(apart).toBeLessThan(1e-5);
}

describe("a model from a file", () => {
  const x = drawn(5, [6, 3]);

  test("its variables have the names of the file", () => {
    const all = variables(fromOnnx(perceptron()));
    expect(Object.keys(all)).toEqual(["fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"]);
    expect(all["fc2.weight"]!.name).toBe("fc2.weight");
    expect(all["fc2.weight"]!.shape).toEqual([2, 4]);
  });

  test("names with slashes, brackets and names of the model's own are found, each once", () => {
    const names = ["/enc/w", "a", "a.b", "forward", "run.x", "t[0]", "x..y", "7"];
    const adds = names.map((name, i) =>
      node("Add", [i === 0 ? "x" : `s${i}`, name], [i === names.length - 1 ? "y" : `s${i + 1}`]),
    );
    const model = fromOnnx(
      modelBytes(
        graph({
          inputs: ["x"],
          outputs: ["y"],
          nodes: adds,
          stored: names.map((name, i) => stored(name, [1], [i])),
        }),
      ),
    );
    const found = Object.values(variables(model)).map((each) => each.name);
    expect(found.toSorted()).toEqual(names.toSorted());
    expect(Object.keys(variables(model))).toEqual(
      expect.arrayContaining(["/enc/w", "a", "7", "initializers.forward"]),
    );
    expect(model.forward(tensor([0])).item()).toBe(28);
  });

  test("it computes what the same operations compute, eagerly and compiled", () => {
    const model = fromOnnx(perceptron());
    expect(numbers(model.forward(x))).toEqual(numbers(direct(x)));
    const compiled = compile((given: Tensor) => model.forward(given))(x);
    expectNear(compiled, direct(x));
  });

  test("its derivatives are those of the same operations, at the first and the second order, and through vmap", () => {
    const model = fromOnnx(perceptron());
    const row = drawn(6, [1, 3]);
    const sum = (f: (x: Tensor) => Tensor) => (given: Tensor) => f(given).square().sum() as Tensor;
    const [own, theirs] = [sum((given) => model.forward(given)), sum(direct)];
    expect(numbers(grad(own)(row))).toEqual(numbers(grad(theirs)(row)));
    expect(numbers(hessian(own)(row) as Tensor)).toEqual(numbers(hessian(theirs)(row) as Tensor));
    expect(jvp(own, row, row).tangent.item()).toBe(jvp(theirs, row, row).tangent.item());
    const each = vmap((part: Tensor) => model.forward(part.expandDims(0) as Tensor))(x) as Tensor;
    expectNear(each, direct(x));
  });

  test("inputs go by position, by name, or alone, and what does not fit is an error", () => {
    const model = fromOnnx(perceptron());
    const wanted = numbers(model.forward(x));
    expect(numbers(model.forward([x]))).toEqual(wanted);
    expect(numbers(model.run({ x })["y"]!)).toEqual(wanted);
    expect(() => model.forward(drawn(1, [6, 4]))).toThrow(
      /input "x" is \[batch, 3\] in the file, and \[6, 4\] was given/,
    );
    expect(() => model.forward(x.cast("float64"))).toThrow(
      /input "x" is float32 .* cast it: x\.cast\("float32"\)/,
    );
    expect(() => model.forward(x, { trainning: true } as never)).toThrow(/no option "trainning"/);
  });

  test("a node that can't run on what it gets is named, and the error keeps its class", () => {
    const bytes = modelBytes(
      graph({
        inputs: ["x"],
        outputs: ["y"],
        nodes: [node("MatMul", ["x", "w"], ["y"], {}, "project")],
        stored: [weights("w", 1, [4, 2])],
      }),
    );
    expect(() => fromOnnx(bytes).forward(x)).toThrow(
      /^node "project" \(MatMul, opset 21\): matmul: \[6, 3\] · \[4, 2\]/,
    );
  });

  test("fit trains it as any layer", async () => {
    const model = fromOnnx(perceptron());
    const y = drawn(7, [6, 2]);
    const before = meanSquaredError(model.forward(x), y).item();
    await fit(
      model,
      { x, y },
      { loss: meanSquaredError, optimizer: adam({ learningRate: 0.1 }), epochs: 20 },
    );
    expect(meanSquaredError(model.forward(x), y).item()).toBeLessThan(0.8 * before);
  });

  test("its weights are saved, and loaded into the file as it was", () => {
    const model = fromOnnx(perceptron());
    sgd({ learningRate: 0.1 }).minimize(() => model.forward(x).square().mean() as Tensor, variables(model));
    const other = fromOnnx(perceptron());
    expect(numbers(other.forward(x))).not.toEqual(numbers(model.forward(x)));
    load(other, save(model));
    expect(numbers(other.forward(x))).toEqual(numbers(model.forward(x)));
  });

  test("frozen tensors are variables that don't train", () => {
    const all = fromOnnx(perceptron(), { frozen: true });
    expect(Object.keys(variables(all))).toHaveLength(4);
    expect(Object.keys(parameters(all))).toEqual([]);
    const some = fromOnnx(perceptron(), { frozen: (name) => name.startsWith("fc1.") });
    expect(Object.keys(parameters(some))).toEqual(["fc2.weight", "fc2.bias"]);
    expect(() => fromOnnx(perceptron(), { freeze: true } as never)).toThrow(/no option "freeze"/);
  });

  test("single numbers and settings are not trained", () => {
    const bytes = modelBytes(
      graph({
        inputs: ["x"],
        outputs: ["y"],
        nodes: [
          node("Mul", ["x", "scale"], ["a"]),
          node("Resize", ["a", "", "scales"], ["b"]),
          node("Add", ["b", "w"], ["y"]),
        ],
        stored: [stored("scale", [], [3]), stored("scales", [2], [2, 1]), stored("w", [1], [1])],
      }),
    );
    const model = fromOnnx(bytes);
    expect(Object.keys(variables(model))).toEqual(["scale", "w"]);
    expect(Object.keys(parameters(model))).toEqual(["w"]);
    expect(numbers(compile((given: Tensor) => model.forward(given))(tensor([[1, 2]])))).toEqual([4, 7, 4, 7]);
  });
});

describe("training", () => {
  test("dropout drops only while training, and needs a key for it", () => {
    const model = fromOnnx(
      modelBytes(
        graph({
          inputs: ["x"],
          outputs: ["y"],
          nodes: [node("Dropout", ["x", "half"], ["y"])],
          stored: [stored("half", [], [0.5])],
        }),
      ),
    );
    const x = tensor(new Array<number>(1000).fill(1));
    expect(numbers(model.forward(x))).toEqual(numbers(x));
    expect(() => model.forward(x, { training: true })).toThrow(/no key to draw with/);
    const dropped = numbers(model.forward(x, { training: true, key: randomKey(1) }));
    expect(new Set(dropped)).toEqual(new Set([0, 2]));
  });

  test("batch normalisation uses the batch while training, and moves its statistics", () => {
    const model = fromOnnx(
      modelBytes(
        graph({
          inputs: ["x"],
          outputs: ["y"],
          nodes: [
            node("BatchNormalization", ["x", "s", "b", "m", "v"], ["y"], {
              momentum: { float: 0.5 },
              epsilon: { float: 0 },
            }),
          ],
          stored: [
            stored("s", [1], [1]),
            stored("b", [1], [0]),
            stored("m", [1], [0]),
            stored("v", [1], [1]),
          ],
        }),
      ),
    );
    expect(Object.keys(parameters(model))).toEqual(["s", "b"]);
    const x = tensor([[1], [3]]);
    expect(numbers(model.forward(x))).toEqual([1, 3]);
    expect(numbers(model.forward(x, { training: true }))).toEqual([-1, 1]);
    const { m, v } = variables(model);
    expect([m!.item(), v!.item()]).toEqual([1, 1]);
    // With the statistics as they are now.
    expect(numbers(model.forward(x))).toEqual([0, 2]);
  });

  test("a step that throws leaves the weights as they were", () => {
    const model = fromOnnx(perceptron());
    const before = numbers(variables(model)["fc1.weight"]!);
    const optimizer = sgd({ learningRate: 0.1 });
    expect(() =>
      optimizer.minimize(() => model.forward(drawn(1, [2, 5])).sum() as Tensor, variables(model)),
    ).toThrow(OnnxError);
    expect(numbers(variables(model)["fc1.weight"]!)).toEqual(before);
    expect(variables(model)["fc1.weight"]).toBeInstanceOf(Variable);
  });
});
