// What the standard's tests leave open, held against onnxruntime: recurrent cells in all directions, and older versions of
// operators, whose attributes became inputs.

import { normal, randomKey, type Tensor, tensor } from "@adjoint/autograd";
import { fromOnnx } from "@adjoint/interop";
import { describe, expect, test } from "vitest";
import { Datum } from "../../../packages/interop/src/onnx/import/datum.ts";
import { onnxruntime } from "../peers.ts";
import { FLOAT, graph, INT64, modelBytes, node, stored, type Value, value } from "./build.ts";
import { differences } from "./node-data.ts";
import { onnxruntimeOutputs } from "./runtime.ts";

const drawn = (seed: number, shape: readonly number[]): Tensor => normal(randomKey(seed), shape);
const weights = (name: string, seed: number, shape: readonly number[]) =>
  stored(name, shape, Array.from(drawn(seed, shape).data));

async function compare(bytes: Uint8Array, inputs: Record<string, Tensor>): Promise<void> {
  const model = fromOnnx(bytes);
  const own = model.run(inputs);
  const theirs = await onnxruntimeOutputs(bytes, inputs);
  for (const name of model.outputs)
    expect(`${name} ${differences(Datum.of(own[name]!), Datum.of(theirs[name]!)) ?? "agrees"}`).toBe(
      `${name} agrees`,
    );
}

const CELLS = { RNN: 1, GRU: 3, LSTM: 4 } as const;

interface Case {
  readonly cell: keyof typeof CELLS;
  readonly attributes: Readonly<Record<string, Value>>;
  readonly lengths: boolean;
  readonly state: boolean;
  readonly peepholes: boolean;
}

function recurrentBytes({ cell, attributes, lengths, state, peepholes }: Case): Uint8Array {
  const [batch, inputs, hidden] = [3, 4, 2];
  const n = attributes["direction"] === "bidirectional" ? 2 : 1;
  const gates = CELLS[cell];
  const isLstm = cell === "LSTM";
  const held = [
    weights("W", 1, [n, gates * hidden, inputs]),
    weights("R", 2, [n, gates * hidden, hidden]),
    weights("B", 3, [n, 2 * gates * hidden]),
    // int32, as the standard has it.
    { name: "lengths", dims: [batch], dataType: 6, int32Data: [5, 2, 3] },
    weights("h", 4, [n, batch, hidden]),
    weights("c", 5, [n, batch, hidden]),
    weights("P", 6, [n, 3 * hidden]),
  ];
  const names = ["x", "W", "R", "B", lengths ? "lengths" : "", state ? "h" : ""];
  if (isLstm) names.push(state ? "c" : "", peepholes ? "P" : "");
  const outputs = ["Y", "Y_h", ...(isLstm ? ["Y_c"] : [])];
  return modelBytes(
    graph({
      inputs: ["x"],
      outputs,
      nodes: [node(cell, names, outputs, { hidden_size: hidden, ...attributes })],
      stored: held.filter(({ name }) => names.includes(name!)),
    }),
    17,
  );
}

describe.skipIf(!onnxruntime.isHere)(`beside onnxruntime${onnxruntime.reason}`, () => {
  const cases = (Object.keys(CELLS) as (keyof typeof CELLS)[]).flatMap((cell) =>
    ["forward", "reverse", "bidirectional"].flatMap((direction) => {
      const of = (more: Partial<Case>): Case => ({
        cell,
        attributes: { direction },
        lengths: false,
        state: false,
        peepholes: false,
        ...more,
      });
      const special: Case[] =
        cell === "GRU"
          ? [of({ attributes: { direction, linear_before_reset: 1 }, lengths: true })]
          : cell === "LSTM"
            ? [of({ attributes: { direction, input_forget: 1 }, peepholes: true })]
            : [];
      const functions = {
        RNN: ["Relu"],
        GRU: ["HardSigmoid", "Softsign"],
        LSTM: ["HardSigmoid", "Tanh", "Relu"],
      }[cell];
      const named = direction === "bidirectional" ? [...functions, ...functions] : functions;
      return [
        of({}),
        of({ lengths: true, state: true }),
        // onnxruntime does not bound what an LSTM's last function gets, as the standard says.
        of({
          attributes: { direction, activations: named, ...(cell === "LSTM" ? {} : { clip: { float: 0.7 } }) },
        }),
        ...special,
      ];
    }),
  );
  test.each(cases.map((each) => [JSON.stringify(each), each] as const))(
    "%s gives the same",
    async (_, each) => {
      await compare(recurrentBytes(each), { x: drawn(9, [5, 3, 4]) });
    },
  );

  // One model for each old form: what is an attribute there is an input today.
  const old: readonly [
    string,
    number,
    Parameters<typeof node>,
    readonly number[],
    ReturnType<typeof stored>[]?,
  ][] = [
    ["Squeeze 11", 11, ["Squeeze", ["x"], ["y"], { axes: [0, -1] }], [1, 3, 1]],
    ["Unsqueeze 11", 11, ["Unsqueeze", ["x"], ["y"], { axes: [0, 2] }], [3, 2]],
    ["Slice 9", 9, ["Slice", ["x"], ["y"], { starts: [0, -3], ends: [2, 100], axes: [0, 1] }], [3, 5]],
    ["Split 11", 11, ["Split", ["x"], ["y", "z"], { axis: 1, split: [2, 3] }], [2, 5]],
    ["Pad 10", 10, ["Pad", ["x"], ["y"], { mode: "reflect", pads: [0, 1, 0, 2] }], [2, 4]],
    ["Pad 2 constant", 9, ["Pad", ["x"], ["y"], { pads: [0, 1, 1, 2], value: { float: 3 } }], [2, 4]],
    ["ReduceSum 11", 11, ["ReduceSum", ["x"], ["y"], { axes: [1], keepdims: 0 }], [2, 4]],
    ["ReduceMean 17", 17, ["ReduceMean", ["x"], ["y"], { axes: [0, -1] }], [2, 3, 4]],
    ["Softmax 11", 11, ["Softmax", ["x"], ["y"], { axis: 1 }], [2, 3, 4]],
    ["LogSoftmax 9, standard axis", 9, ["LogSoftmax", ["x"], ["y"]], [2, 3, 4]],
    ["Hardmax 11", 11, ["Hardmax", ["x"], ["y"], { axis: 1 }], [2, 3, 4]],
    ["Clip 6", 9, ["Clip", ["x"], ["y"], { min: { float: -0.5 }, max: { float: 0.5 } }], [7]],
    ["TopK 9", 9, ["TopK", ["x"], ["y", "z"], { k: 2 }], [2, 4]],
    [
      "Upsample 7",
      8,
      ["Upsample", ["x"], ["y"], { mode: "linear", scales: { floats: [1, 1, 2, 2] } }],
      [1, 2, 3, 3],
    ],
    [
      "Resize 10",
      10,
      ["Resize", ["x", "scales"], ["y"], { mode: "nearest" }],
      [1, 1, 4, 4],
      [stored("scales", [4], [1, 1, 0.6, 0.5])],
    ],
    ["Dropout 10", 10, ["Dropout", ["x"], ["y"], { ratio: { float: 0.9 } }], [5]],
    [
      "Gemm 9",
      9,
      ["Gemm", ["x", "x", "c"], ["y"], { transB: 1, alpha: { float: 0.5 }, beta: { float: 2 } }],
      [3, 3],
      [stored("c", [3], [1, 2, 3])],
    ],
    ["GlobalLpPool 2", 12, ["GlobalLpPool", ["x"], ["y"], { p: 3 }], [2, 2, 3, 3]],
    [
      "BatchNormalization 9",
      9,
      ["BatchNormalization", ["x", "s", "b", "m", "v"], ["y"]],
      [2, 3, 4],
      [
        stored("s", [3], [1, 2, 3]),
        stored("b", [3], [0, 1, 2]),
        stored("m", [3], [0.5, 0, -0.5]),
        stored("v", [3], [1, 2, 3]),
      ],
    ],
    [
      "Scatter 9",
      9,
      ["Scatter", ["x", "i", "u"], ["y"], { axis: 1 }],
      [2, 4],
      [stored("i", [2, 2], [0, 3, 1, 2], INT64), stored("u", [2, 2], [9, 8, 7, 6])],
    ],
    ["Shape of 9", 9, ["Shape", ["x"], ["y"]], [2, 4]],
    [
      "AveragePool 10 with ceil_mode",
      10,
      [
        "AveragePool",
        ["x"],
        ["y"],
        { kernel_shape: [3], strides: [2], ceil_mode: 1, count_include_pad: 1, pads: [1, 1] },
      ],
      [1, 2, 8],
    ],
    [
      "MaxPool 8 with indices in columns",
      10,
      ["MaxPool", ["x"], ["y", "z"], { kernel_shape: [2, 2], storage_order: 1 }],
      [1, 2, 4, 6],
    ],
    [
      "ConvTranspose with output_shape",
      11,
      ["ConvTranspose", ["x", "w"], ["y"], { strides: [2], output_shape: [9], auto_pad: "SAME_UPPER" }],
      [1, 2, 4],
      [weights("w", 8, [2, 3, 3])],
    ],
    [
      "ConvTranspose with groups",
      11,
      [
        "ConvTranspose",
        ["x", "w"],
        ["y"],
        { strides: [2, 1], group: 2, pads: [1, 0, 0, 1], output_padding: [1, 0], dilations: [1, 2] },
      ],
      [1, 4, 3, 4],
      [weights("w", 8, [4, 2, 2, 2])],
    ],
  ];
  test.each(old)("%s gives the same", async (_, opset, parts, shape, held = []) => {
    const made = node(...parts);
    const isIndex = (name: string) => (name === "z" && parts[0] !== "Split") || parts[0] === "Shape";
    const outputs = made.output!.map((name) => value(name, null, isIndex(name) ? INT64 : FLOAT));
    const bytes = modelBytes(graph({ inputs: ["x"], outputs, nodes: [made], stored: held }), opset);
    await compare(bytes, { x: drawn(3, shape) });
  });

  test("whole numbers are divided and powered as they are there", async () => {
    const pair = ["a", "b"];
    const bytes = modelBytes(
      graph({
        inputs: pair.map((name) => ({ name, type: { tensorType: { elemType: INT64 } } })),
        outputs: ["q", "r", "s"].map((name) => ({ name, type: { tensorType: { elemType: INT64 } } })),
        nodes: [node("Div", pair, ["q"]), node("Mod", pair, ["r"]), node("Mod", pair, ["s"], { fmod: 1 })],
      }),
    );
    const [a, b] = [
      tensor([7, -7, 7, -7], { dtype: "int32" }),
      tensor([2, 2, -2, -2], { dtype: "int32" }),
    ] as Tensor[];
    await compare(bytes, { a: a!, b: b! });
  });
});
