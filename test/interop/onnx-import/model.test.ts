// A model from a file beside the same in layers and operations of the engine: values, derivatives, names, training.

import {
  compile,
  grad,
  hessian,
  jvp,
  normal,
  randomKey,
  record,
  type Tensor,
  tensor,
  Variable,
  vmap,
} from "@adjoint/autograd";
import { adam, fit, meanSquaredError, parameters, sgd, variables } from "@adjoint/nn";
import { describe, expect, test } from "vitest";
import { fromOnnx, OnnxError } from "../../../packages/interop/src/onnx/import/index.ts";
import { BOOL, graph, INT64, modelBytes, node, stored, value } from "./build.ts";

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
    const adds = names.map((name, i) => node("Add", [i === 0 ? "x" : `s${i}`, name], [i === names.length - 1 ? "y" : `s${i + 1}`]));
    const model = fromOnnx(
      modelBytes(graph({ inputs: ["x"], outputs: ["y"], nodes: adds, stored: names.map((name, i) => stored(name, [1], [i])) })),
    );
    const found = Object.values(variables(model)).map((each) => each.name);
    expect(found.toSorted()).toEqual(names.toSorted());
    expect(Object.keys(variables(model))).toEqual(expect.arrayContaining(["/enc/w", "a", "7", "initializers.forward"]));
    expect(model.forward(tensor([0])).item()).toBe(28);
  });

  test("it computes what the same operations compute, eagerly and compiled", () => {
    const model = fromOnnx(perceptron());
    expect(numbers(model.forward(x))).toEqual(numbers(direct(x)));
    const compiled = compile((given: Tensor) => model.forward(given))(x);
    numbers(compiled).forEach((each, i) => expect(each).toBeCloseTo(numbers(direct(x))[i]!, 5));
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
    numbers(each).forEach((one, i) => expect(one).toBeCloseTo(numbers(direct(x))[i]!, 5));
  });

  test("inputs go by position, by name, or alone, and what does not fit is an error", () => {
    const model = fromOnnx(perceptron());
    const wanted = numbers(model.forward(x));
    expect(numbers(model.forward([x]))).toEqual(wanted);
    expect(numbers(model.run({ x })["y"]!)).toEqual(wanted);
    expect(() => model.forward(drawn(1, [6, 4]))).toThrow(/input "x" is \[batch, 3\] in the file, and \[6, 4\] was given/);
    expect(() => model.forward(x.cast("float64"))).toThrow(/input "x" is float32 .* cast it: x\.cast\("float32"\)/);
    expect(() => model.forward(x, { trainning: true } as never)).toThrow(/no option "trainning"/);
  });

  test("a node that can't run on what it gets is named, and the error keeps its class", () => {
    const bytes = modelBytes(
      graph({ inputs: ["x"], outputs: ["y"], nodes: [node("MatMul", ["x", "w"], ["y"], {}, "project")], stored: [weights("w", 1, [4, 2])] }),
    );
    expect(() => fromOnnx(bytes).forward(x)).toThrow(
      /^node "project" \(MatMul, opset 21\): matmul: \[6, 3\] · \[4, 2\]/,
    );
  });

  test("fit trains it as any layer", () => {
    const model = fromOnnx(perceptron());
    const y = drawn(7, [6, 2]);
    const before = meanSquaredError(model.forward(x), y).item();
    fit(model, { x, y }, { loss: meanSquaredError, optimizer: adam({ learningRate: 0.1 }), epochs: 20 });
    expect(meanSquaredError(model.forward(x), y).item()).toBeLessThan(0.8 * before);
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
        nodes: [node("Mul", ["x", "scale"], ["a"]), node("Resize", ["a", "", "scales"], ["b"]), node("Add", ["b", "w"], ["y"])],
        stored: [stored("scale", [], [3]), stored("scales", [2], [2, 1]), stored("w", [1], [1])],
      }),
    );
    const model = fromOnnx(bytes);
    expect(Object.keys(variables(model))).toEqual(["scale", "w"]);
    expect(Object.keys(parameters(model))).toEqual(["w"]);
    expect(numbers(compile((given: Tensor) => model.forward(given))(tensor([[1, 2]])))).toEqual([4, 7, 4, 7]);
  });
});

describe("shapes", () => {
  // As programs write x.reshape(x.shape[0], -1): a shape that is taken apart and put together again.
  const bytes = modelBytes(
    graph({
      inputs: ["x"],
      outputs: ["y"],
      nodes: [
        node("Shape", ["x"], ["s"]),
        node("Gather", ["s", "zero"], ["b"]),
        node("Unsqueeze", ["b", "zeros"], ["b1"]),
        node("Concat", ["b1", "rest"], ["to"], { axis: 0 }),
        node("Reshape", ["x", "to"], ["flat"]),
        // x[:, 1:] with an end beyond all axes.
        node("Slice", ["flat", "ones", "far", "ones"], ["y"]),
      ],
      stored: [
        stored("zero", [], [0], INT64),
        stored("zeros", [1], [0], INT64),
        stored("ones", [1], [1], INT64),
        stored("rest", [1], [-1], INT64),
        { name: "far", dims: [1], dataType: INT64, rawData: new Uint8Array(BigInt64Array.of(2n ** 63n - 1n).buffer) },
      ],
    }),
  );

  test("what is computed from shapes is known while a function is compiled, and exact beyond int32", () => {
    const model = fromOnnx(bytes);
    const x = drawn(1, [2, 3, 4]);
    expect(model.forward(x).shape).toEqual([2, 11]);
    const compiled = compile((given: Tensor) => model.forward(given));
    expect(numbers(compiled(x))).toEqual(numbers(model.forward(x)));
    // No step of the program computes a shape.
    expect(record((given: Tensor) => model.forward(given), x).steps.length).toBeLessThanOrEqual(3);
  });

  test("a shape that depends on numbers is an error in a compiled function, which says so, and works outside", () => {
    const model = fromOnnx(
      modelBytes(
        graph({ inputs: ["x", value("to", null, INT64)], outputs: ["y"], nodes: [node("Reshape", ["x", "to"], ["y"], {}, "r")] }),
      ),
    );
    const to = tensor([3, 2], { dtype: "int32" });
    const x = drawn(1, [6]);
    expect(model.forward([x, to]).shape).toEqual([3, 2]);
    expect(() => compile((a: Tensor, b: Tensor) => model.forward([a, b]))(x, to)).toThrow(
      /node "r" \(Reshape, opset 21\): the numbers that the model is given decide a shape, and are not known while a function is compiled/,
    );
  });
});

describe("whole numbers", () => {
  const op = (nodes: Parameters<typeof node>[], ofType: number, held: ReturnType<typeof stored>[] = []) =>
    fromOnnx(
      modelBytes(graph({ inputs: [value("a", null, ofType), value("b", null, ofType)], outputs: [value("y", null, ofType)], nodes: nodes.map((each) => node(...each)), stored: held })),
    );
  const int = (...values: number[]): Tensor => tensor(values, { dtype: "int32" });

  test("int8 and uint16 wrap as the standard's do", () => {
    expect(numbers(op([["Add", ["a", "b"], ["y"]]], 3).forward([int(127), int(1)]))).toEqual([-128]);
    expect(numbers(op([["Mul", ["a", "b"], ["y"]]], 4).forward([int(300), int(300)]))).toEqual([90000 - 65536]);
  });

  test("int64 tensors whose result leaves int32 are an error and no wrong number, compiled too", () => {
    const model = op([["Add", ["a", "b"], ["y"]]], INT64);
    const [a, b] = [int(2 ** 31 - 1), int(1)];
    expect(numbers(model.forward([a, int(-1)]))).toEqual([2 ** 31 - 2]);
    expect(() => model.forward([a, b])).toThrow(/Add.*2147483648 is a whole number that int32/s);
    expect(() => compile((x: Tensor, y: Tensor) => model.forward([x, y]))(a, b)).toThrow(RangeError);
  });

  test("stored int64 that don't fit are an error where they meet what is given, with the node", () => {
    const big = { name: "big", dims: [1], dataType: INT64, rawData: new Uint8Array(BigInt64Array.of(2n ** 40n).buffer) };
    expect(() => op([["Add", ["a", "big"], ["y"]]], INT64, [big]).forward([int(1), int(1)])).toThrow(
      /\(Add, opset 21\): the int64 1099511627776 does not fit into int32/,
    );
  });

  test("a float beyond a type's range can't be cast to it", () => {
    const model = fromOnnx(
      modelBytes(graph({ inputs: ["x"], outputs: [value("y", null, INT64)], nodes: [node("Cast", ["x"], ["y"], { to: 2 })] })),
    );
    expect(numbers(model.forward(tensor([3.9, 255])))).toEqual([3, 255]);
    expect(() => model.forward(tensor([256]))).toThrow(/256 is cast to uint8/);
  });

  test("float16 is read exactly, and a cast to it rounds", () => {
    // 1/3 as float16, and the least of them.
    const half = { name: "w", dims: [2], dataType: 10, rawData: Uint8Array.of(0x55, 0x35, 1, 0) };
    const model = fromOnnx(
      modelBytes(
        graph({
          inputs: ["x"],
          outputs: ["y"],
          nodes: [node("Cast", ["w"], ["f"], { to: 1 }), node("Cast", ["x"], ["r"], { to: 10 }), node("Cast", ["r"], ["g"], { to: 1 }), node("Concat", ["f", "g"], ["y"], { axis: 0 })],
          stored: [half],
        }),
      ),
    );
    expect(numbers(model.forward(tensor([0.1, 65519, 65520, 2 ** -25])))).toEqual([
      0.333251953125, 2 ** -24, 0.0999755859375, 65504, Infinity, 0,
    ]);
  });
});

describe("branches and loops", () => {
  const inner = (k: number) =>
    graph({ inputs: [], outputs: ["t"], nodes: [node("Constant", [], ["k"], { value_float: { float: k } }), node("Mul", ["x", "k"], ["t"])] });
  const branches = fromOnnx(
    modelBytes(
      graph({
        inputs: ["x", value("flag", [], BOOL)],
        outputs: ["y"],
        nodes: [node("If", ["flag"], ["y"], { then_branch: { graph: inner(2) }, else_branch: { graph: inner(3) } })],
      }),
    ),
  );

  test("a condition that is only known when a program runs chooses there, and derivatives follow", () => {
    const x = tensor([1, 2]);
    const truth = (value: boolean) => tensor(value, { dtype: "bool" });
    const compiled = compile((given: Tensor, flag: Tensor) =>
      grad((own: Tensor) => branches.forward([own, flag]).sum() as Tensor)(given),
    );
    expect(numbers(compiled(x, truth(true)))).toEqual([2, 2]);
    expect(numbers(compiled(x, truth(false)))).toEqual([3, 3]);
  });

  test("a loop whose length depends on numbers is a loop of the program", () => {
    // Doubles until it is above 100.
    const body = graph({
      inputs: [value("i", [], INT64), value("go", [], BOOL), "v"],
      outputs: [value("on", [], BOOL), "w"],
      nodes: [node("Add", ["v", "v"], ["w"]), node("Less", ["w", "hundred"], ["on"])],
    });
    const model = fromOnnx(
      modelBytes(
        graph({
          inputs: ["x"],
          outputs: ["y"],
          nodes: [node("Less", ["x", "hundred"], ["start"]), node("Loop", ["", "start", "x"], ["y"], { body: { graph: body } })],
          stored: [stored("hundred", [], [100])],
        }),
      ),
    );
    for (const start of [3, 101]) {
      const wanted = start === 3 ? 192 : 101;
      expect(model.forward(tensor(start)).item()).toBe(wanted);
      expect(compile((x: Tensor) => model.forward(x))(tensor(start)).item()).toBe(wanted);
    }
  });
});

describe("training", () => {
  test("dropout drops only while training, and needs a key for it", () => {
    const model = fromOnnx(
      modelBytes(graph({ inputs: ["x"], outputs: ["y"], nodes: [node("Dropout", ["x", "half"], ["y"])], stored: [stored("half", [], [0.5])] })),
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
          nodes: [node("BatchNormalization", ["x", "s", "b", "m", "v"], ["y"], { momentum: { float: 0.5 }, epsilon: { float: 0 } })],
          stored: [stored("s", [1], [1]), stored("b", [1], [0]), stored("m", [1], [0]), stored("v", [1], [1])],
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
    expect(() => optimizer.minimize(() => model.forward(drawn(1, [2, 5])).sum() as Tensor, variables(model))).toThrow(OnnxError);
    expect(numbers(variables(model)["fc1.weight"]!)).toEqual(before);
    expect(variables(model)["fc1.weight"]).toBeInstanceOf(Variable);
  });
});
