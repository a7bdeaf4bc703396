// What a model knows before it runs, such as shapes and whole numbers of 64 bits, and what it does where it does not know.

import { compile, grad, normal, randomKey, record, type Tensor, tensor } from "@adjoint/autograd";
import { fromOnnx } from "@adjoint/interop";
import { variables } from "@adjoint/nn";
import { describe, expect, test } from "vitest";
import { type attribute, BOOL, graph, INT64, modelBytes, node, stored, value } from "./build.ts";

const drawn = (seed: number, shape: readonly number[]): Tensor => normal(randomKey(seed), shape);
const numbers = (x: Tensor): number[] => Array.from(x.data);

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
        {
          name: "far",
          dims: [1],
          dataType: INT64,
          rawData: new Uint8Array(BigInt64Array.of(2n ** 63n - 1n).buffer),
        },
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

  test("a slice of an old version may end beyond all axes", () => {
    const slice = node("Slice", ["x"], ["y"], { starts: [1], axes: [0] });
    const greatest = { low: -1, high: 2 ** 31 - 1, unsigned: false };
    const ends = { name: "ends", type: 7, ints: [greatest] } as unknown as ReturnType<typeof attribute>;
    const model = fromOnnx(
      modelBytes(
        graph({
          inputs: ["x"],
          outputs: ["y"],
          nodes: [{ ...slice, attribute: [...slice.attribute!, ends] }],
        }),
        9,
      ),
    );
    expect(numbers(model.forward(tensor([1, 2, 3])))).toEqual([2, 3]);
  });

  test("a shape that depends on numbers is an error in a compiled function, which says so, and works outside", () => {
    const model = fromOnnx(
      modelBytes(
        graph({
          inputs: ["x", value("to", null, INT64)],
          outputs: ["y"],
          nodes: [node("Reshape", ["x", "to"], ["y"], {}, "r")],
        }),
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
      modelBytes(
        graph({
          inputs: [value("a", null, ofType), value("b", null, ofType)],
          outputs: [value("y", null, ofType)],
          nodes: nodes.map((each) => node(...each)),
          stored: held,
        }),
      ),
    );
  const int = (...values: number[]): Tensor => tensor(values, { dtype: "int32" });

  test("int8 and uint16 wrap as the standard's do", () => {
    expect(numbers(op([["Add", ["a", "b"], ["y"]]], 3).forward([int(127), int(1)]))).toEqual([-128]);
    expect(numbers(op([["Mul", ["a", "b"], ["y"]]], 4).forward([int(300), int(300)]))).toEqual([
      90000 - 65536,
    ]);
  });

  test("int64 tensors whose result leaves int32 are an error and no wrong number, compiled too", () => {
    const model = op([["Add", ["a", "b"], ["y"]]], INT64);
    const [a, b] = [int(2 ** 31 - 1), int(1)];
    expect(numbers(model.forward([a, int(-1)]))).toEqual([2 ** 31 - 2]);
    expect(() => model.forward([a, b])).toThrow(/\(Add, opset 21\): 2147483648 does not fit into int32/);
    expect(() => compile((x: Tensor, y: Tensor) => model.forward([x, y]))(a, b)).toThrow(RangeError);
  });

  test("stored int64 that don't fit are an error where they meet what is given, with the node", () => {
    const big = {
      name: "big",
      dims: [1],
      dataType: INT64,
      rawData: new Uint8Array(BigInt64Array.of(2n ** 40n).buffer),
    };
    expect(() => op([["Add", ["a", "big"], ["y"]]], INT64, [big]).forward([int(1), int(1)])).toThrow(
      /\(Add, opset 21\): the int64 1099511627776 does not fit into int32/,
    );
  });

  test("stored int64 that are gathered by indices which are given are taken there, in a compiled function, too", () => {
    const table = stored("table", [4], [5, 6, 7, 8], INT64);
    const model = fromOnnx(
      modelBytes(
        graph({
          inputs: [value("i", null, INT64)],
          outputs: [value("y", null, INT64)],
          nodes: [node("Gather", ["table", "i"], ["y"])],
          stored: [table],
        }),
      ),
    );
    const i = int(3, 0, -2);
    expect(numbers(model.forward(i))).toEqual([8, 5, 7]);
    expect(numbers(compile((given: Tensor) => model.forward(given))(i))).toEqual([8, 5, 7]);
    expect(() => compile((given: Tensor) => model.forward(given))(int(4))).toThrow(RangeError);
  });

  test("numbers below 0 have no place in uint32", () => {
    const uint32 = 12;
    expect(() => op([["Sub", ["a", "b"], ["y"]]], uint32).forward([int(1), int(2)])).toThrow(
      /\(Sub, opset 21\): -1 is below 0, where the type ends/,
    );
    const cast = fromOnnx(
      modelBytes(
        graph({
          inputs: [value("x", null, 6)],
          outputs: [value("y", null, uint32)],
          nodes: [node("Cast", ["x"], ["y"], { to: uint32 })],
        }),
      ),
    );
    expect(numbers(cast.forward(int(7)))).toEqual([7]);
    expect(() => cast.forward(int(-7))).toThrow(/-7 is below 0/);
  });

  test("known powers are exact modulo 2⁶⁴ and take no memory", () => {
    const held = [
      stored("three", [2], [3, 2], INT64),
      stored("n", [2], [39, 2 ** 52], INT64),
      stored("m", [2], [3 ** 33, 1], INT64),
    ];
    const model = fromOnnx(
      modelBytes(
        graph({
          inputs: [],
          outputs: [value("y", null, INT64)],
          nodes: [node("Pow", ["three", "n"], ["p"]), node("Mod", ["p", "m"], ["y"])],
          stored: held,
        }),
      ),
    );
    // 3³⁹, the last below 2⁶³, is a multiple of 3³³, and 2 to the power 2⁵² one of 2⁶⁴.
    expect(numbers(model.forward([]))).toEqual([0, 0]);
  });

  test("sums of products that float64 does not hold exactly are an error", () => {
    const model = fromOnnx(
      modelBytes(
        graph({
          inputs: [value("a", null, 6), value("b", null, 6)],
          outputs: [value("y", null, 6)],
          nodes: [node("MatMul", ["a", "b"], ["y"])],
        }),
      ),
    );
    expect(numbers(model.forward([int(2, 3), int(4, 5)]))).toEqual([23]);
    const large = 2 ** 31 - 1;
    expect(() => model.forward([int(large, large), int(large, -large)])).toThrow(
      /beyond 2⁵³, where it is not exact/,
    );
  });

  test("a float beyond a type's range can't be cast to it", () => {
    const model = fromOnnx(
      modelBytes(
        graph({
          inputs: ["x"],
          outputs: [value("y", null, INT64)],
          nodes: [node("Cast", ["x"], ["y"], { to: 2 })],
        }),
      ),
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
          nodes: [
            node("Cast", ["w"], ["f"], { to: 1 }),
            node("Cast", ["x"], ["r"], { to: 10 }),
            node("Cast", ["r"], ["g"], { to: 1 }),
            node("Concat", ["f", "g"], ["y"], { axis: 0 }),
          ],
          stored: [half],
        }),
      ),
    );
    expect(numbers(model.forward(tensor([0.1, 65519, 65520, 2 ** -25])))).toEqual([
      0.333251953125,
      2 ** -24,
      0.0999755859375,
      65504,
      Infinity,
      0,
    ]);
  });
});

describe("branches and loops", () => {
  const inner = (k: number) =>
    graph({
      inputs: [],
      outputs: ["t"],
      nodes: [node("Constant", [], ["k"], { value_float: { float: k } }), node("Mul", ["x", "k"], ["t"])],
    });
  const branches = fromOnnx(
    modelBytes(
      graph({
        inputs: ["x", value("flag", [], BOOL)],
        outputs: ["y"],
        nodes: [
          node("If", ["flag"], ["y"], { then_branch: { graph: inner(2) }, else_branch: { graph: inner(3) } }),
        ],
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

  test("a stored setting that a branch reads is no weight", () => {
    const resize = graph({ inputs: [], outputs: ["t"], nodes: [node("Resize", ["x", "", "scales"], ["t"])] });
    const model = fromOnnx(
      modelBytes(
        graph({
          inputs: ["x", value("flag", [], BOOL)],
          outputs: ["y"],
          nodes: [
            node("If", ["flag"], ["y"], { then_branch: { graph: resize }, else_branch: { graph: resize } }),
          ],
          stored: [stored("scales", [1], [2])],
        }),
      ),
    );
    expect(Object.keys(variables(model))).toEqual([]);
    const run = compile((x: Tensor, flag: Tensor) => model.forward([x, flag]));
    expect(numbers(run(tensor([1, 2]), tensor(true, { dtype: "bool" })))).toEqual([1, 1, 2, 2]);
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
          nodes: [
            node("Less", ["x", "hundred"], ["start"]),
            node("Loop", ["", "start", "x"], ["y"], { body: { graph: body } }),
          ],
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
