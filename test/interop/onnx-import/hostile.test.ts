// Files that are made to do harm: an error that says where.

import { fromOnnx, OnnxError } from "@adjoint/interop";
import { describe, expect, test } from "vitest";
import type { onnx } from "../../../packages/interop/src/onnx/import/proto.ts";
import { graph, modelBytes, node, stored } from "./build.ts";

const message = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(OnnxError);
    return (error as Error).message;
  }
  return "no error";
};

describe("files made to do harm", () => {
  const simple = (
    parts: Partial<Parameters<typeof graph>[0]> & { more?: onnx.IModelProto; opset?: number },
  ): Uint8Array =>
    modelBytes(graph({ inputs: ["x"], outputs: ["y"], nodes: [], ...parts }), parts.opset, parts.more);
  const withTensor = (tensor: onnx.ITensorProto): Uint8Array =>
    simple({ nodes: [node("Add", ["x", "w"], ["y"])], stored: [tensor] });

  const cases: readonly [string, () => Uint8Array, RegExp][] = [
    [
      "sizes without the bytes for them",
      () => withTensor({ name: "w", dataType: 1, dims: [65536, 65536], rawData: new Uint8Array(16) }),
      /initializer "w": it has 16 bytes, and float32 \[65536, 65536\] takes 17179869184/,
    ],
    [
      "sizes beyond all numbers",
      () => withTensor({ name: "w", dataType: 1, dims: [2 ** 40, 2 ** 40], rawData: new Uint8Array(16) }),
      /initializer "w": its sizes .* make more elements than there can be/,
    ],
    [
      "a negative size",
      () => withTensor({ name: "w", dataType: 1, dims: [-1], rawData: new Uint8Array(16) }),
      /initializer "w": the size of axis 0 is -1/,
    ],
    [
      "numbers in another file",
      () =>
        withTensor({
          name: "w",
          dataType: 1,
          dims: [2],
          dataLocation: 1,
          externalData: [{ key: "location", value: "../../etc/passwd" }],
        }),
      /initializer "w": its numbers lie in another file, "\.\.\/\.\.\/etc\/passwd", which is not read; save the model as one file/,
    ],
    [
      "bytes and numbers at once",
      () => withTensor({ name: "w", dataType: 1, dims: [1], rawData: new Uint8Array(4), floatData: [1] }),
      /has both raw_data and float_data/,
    ],
    [
      "a type without a place here",
      () => withTensor({ name: "w", dataType: 8, dims: [1], stringData: [new Uint8Array(1)] }),
      /initializer "w": its element type is string/,
    ],
    [
      "a number that its type does not hold",
      () => withTensor({ name: "w", dataType: 3, dims: [1], int32Data: [300] }),
      /initializer "w": int32_data holds 300, which is no int8/,
    ],
    [
      "an operator that is not read",
      () => simple({ nodes: [node("Frobnicate", ["x"], ["y"], {}, "n7")] }),
      /node "n7" \(Frobnicate, opset 21\): the operator Frobnicate is not read/,
    ],
    [
      "an operator of another domain",
      () =>
        simple({
          nodes: [{ ...node("Gelu", ["x"], ["y"], {}, "n7"), domain: "com.microsoft" }],
          more: {
            opsetImport: [
              { domain: "", version: 21 },
              { domain: "com.microsoft", version: 1 },
            ],
          },
        }),
      /node "n7" \(com\.microsoft\.Gelu, opset 1\): the operator com\.microsoft\.Gelu is not read/,
    ],
    [
      "a domain that the file does not import",
      () => simple({ nodes: [{ ...node("Gelu", ["x"], ["y"], {}, "n7"), domain: "com.microsoft" }] }),
      /node "n7" \(com\.microsoft\.Gelu\): the file names no version of the operator set "com\.microsoft"/,
    ],
    [
      "an operator that is not there yet",
      () => simple({ nodes: [node("Gelu", ["x"], ["y"])], opset: 17 }),
      /node 0, which makes "y" \(Gelu, opset 17\): Gelu is read in the versions 20 to/,
    ],
    ["a version that is not known", () => simple({ opset: 99 }), /uses version 99 of the operator set/],
    [
      "a cycle",
      () =>
        simple({
          nodes: [
            node("Add", ["x", "b"], ["a"], {}, "first"),
            node("Abs", ["a"], ["b"]),
            node("Abs", ["a"], ["y"]),
          ],
        }),
      /node "first" \(Add, opset 21\): it reads "b", which a later node makes; nodes must stand in the order in which they run, without cycles/,
    ],
    [
      "a node that reads itself",
      () => simple({ nodes: [node("Abs", ["y"], ["y"])] }),
      /it reads "y", which it makes itself/,
    ],
    [
      "a name that nothing makes",
      () => simple({ nodes: [node("Abs", ["z"], ["y"])] }),
      /it reads "z", which nothing makes/,
    ],
    [
      "a name that is made twice",
      () => simple({ nodes: [node("Abs", ["x"], ["y"]), node("Neg", ["x"], ["y"])] }),
      /the name "y" is taken already/,
    ],
    ["an output that nothing makes", () => simple({}), /output "y": nothing makes it/],
    [
      "an attribute that the version does not have",
      () => simple({ nodes: [node("Softmax", ["x"], ["y"], { axes: [1] })] }),
      /\(Softmax, opset 21\): there is no attribute "axes" in this version of Softmax/,
    ],
    [
      "an attribute of another type",
      () => simple({ nodes: [node("Softmax", ["x"], ["y"], { axis: "last" })] }),
      /the attribute "axis" is STRING and must be INT/,
    ],
    [
      "an attribute out of range",
      () => simple({ nodes: [node("Concat", ["x", "x"], ["y"], {})] }),
      /\(Concat, opset 21\): the attribute "axis" is missing/,
    ],
    ["too few inputs", () => simple({ nodes: [node("Add", ["x"], ["y"])] }), /it has 1 inputs; Add takes 2/],
    [
      "a needed input that is left out",
      () => simple({ nodes: [node("Add", ["", "x"], ["y"])] }),
      /one that it needs is left out/,
    ],
    [
      "a sequence as input",
      () =>
        modelBytes({
          ...graph({ inputs: [], outputs: ["y"], nodes: [node("Identity", ["x"], ["y"])] }),
          input: [{ name: "x", type: { sequenceType: {} } }],
        }),
      /input "x" is no tensor/,
    ],
    [
      "functions",
      () => simple({ nodes: [node("Abs", ["x"], ["y"])], more: { functions: [{ name: "f" }] } }),
      /defines the function "f", and functions are not read; write them out/,
    ],
    ["no graph", () => Uint8Array.of(8, 8), /holds no graph/],
    ["no bytes", () => new Uint8Array(0), /holds no graph/],
    [
      "a field that goes beyond the message that it lies in",
      // A graph of nine bytes, a node of four, and its name, of which five bytes are said and two are there.
      () => Uint8Array.of(0x3a, 9, 0x0a, 4, 0x1a, 5, 97, 98, 99, 100, 101),
      /at byte 4, in graph\[0\]\.node\[0\]: a field of 5 bytes goes 3 beyond the message that it lies in/,
    ],
    ["a text", () => new TextEncoder().encode("<!DOCTYPE html>"), /at byte \d+.*no ONNX file/],
  ];
  test.each(cases)("%s: the error says where", (_, bytes, expected) => {
    expect(message(() => fromOnnx(bytes()))).toMatch(expected);
    expect(message(() => fromOnnx(bytes()))).toMatch(/^fromOnnx: /);
  });

  test("graphs that lie in each other without end are an error, and don't exhaust the stack", () => {
    // From the inside out: a graph in an attribute in a node in a graph …
    const field = (number: number, content: Uint8Array): Uint8Array => {
      const head = [number * 8 + 2];
      for (let rest = content.length; ; rest = Math.floor(rest / 128)) {
        head.push((rest & 127) | (rest > 127 ? 128 : 0));
        if (rest < 128) break;
      }
      const all = new Uint8Array(head.length + content.length);
      all.set(head);
      all.set(content, head.length);
      return all;
    };
    let inner = field(2, Uint8Array.of(97));
    for (let i = 0; i < 3_000; i++) inner = field(1, field(5, field(6, inner)));
    expect(message(() => fromOnnx(field(7, inner)))).toMatch(/messages lie more than 100 deep in each other/);
  });

  test("a run-time error names the node", () => {
    const model = fromOnnx(
      simple({
        nodes: [node("MatMul", ["x", "w"], ["y"], {}, "project")],
        stored: [stored("w", [3, 2], [1, 2, 3, 4, 5, 6])],
      }),
    );
    expect(() => model.forward([])).toThrow(/got 0 inputs; the model takes "x"/);
    expect(() => model.forward({ z: 1 as never })).toThrow(/there is no input "z"; the model takes "x"/);
  });
});
