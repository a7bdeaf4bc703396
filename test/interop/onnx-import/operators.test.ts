// One small example with numbers by hand for operators of each kind; the standard's own tests run in npm run test:interop.

import { type Tensor, tensor } from "@adjoint/autograd";
import { fromOnnx } from "@adjoint/interop";
import { expect, test } from "vitest";
import { graph, INT64, modelBytes, node, stored, type Value } from "./build.ts";

type Numbers = number | readonly Numbers[];

interface Case {
  readonly op: string;
  readonly opset?: number;
  readonly x: Numbers;
  /** Further inputs: floats, or whole numbers where they are named so; "" for one that is left out. */
  readonly more?: readonly ("" | { readonly float: Numbers } | { readonly int: Numbers })[];
  readonly attributes?: Readonly<Record<string, Value>>;
  /** What its first output is. */
  readonly gives: Numbers;
  /** What an output that is not the first is, by its place. */
  readonly also?: readonly [number, Numbers];
}

const float = (value: Numbers) => ({ float: value });
const int = (value: Numbers) => ({ int: value });

// tanh(1), σ(0) = ½.
const T = Math.tanh(1);

const cases: readonly Case[] = [
  { op: "Clip", x: [-3, 0.5, 3], more: [float(-1), float(1)], gives: [-1, 0.5, 1] },
  { op: "Mod", x: [5, -5], more: [float([3, 3])], attributes: { fmod: 1 }, gives: [2, -2] },
  { op: "Pow", x: [2, -3], more: [int([3, 2])], gives: [8, 9] },
  { op: "LeakyRelu", x: [-10, 10], attributes: { alpha: { float: 0.5 } }, gives: [-5, 10] },
  { op: "PRelu", x: [-10, 10], more: [float([0.25])], gives: [-2.5, 10] },
  { op: "HardSigmoid", x: [-9, 0, 9], gives: [0, 0.5, 1] },
  {
    op: "Shrink",
    x: [-2, 0.1, 2],
    attributes: { bias: { float: 0.5 }, lambd: { float: 1 } },
    gives: [-1.5, 0, 1.5],
  },
  // Before version 13 over all axes from the one that is named on.
  {
    op: "Softmax",
    opset: 11,
    x: [
      [
        [0, 0],
        [0, 0],
      ],
    ],
    gives: [
      [
        [0.25, 0.25],
        [0.25, 0.25],
      ],
    ],
  },
  {
    op: "Softmax",
    x: [
      [
        [0, 0],
        [0, 0],
      ],
    ],
    gives: [
      [
        [0.5, 0.5],
        [0.5, 0.5],
      ],
    ],
  },
  {
    op: "Hardmax",
    x: [
      [1, 3, 3],
      [2, 0, 1],
    ],
    gives: [
      [0, 1, 0],
      [1, 0, 0],
    ],
  },
  {
    op: "Gemm",
    x: [[1, 2]],
    more: [float([[3, 4]]), float([1])],
    attributes: { transB: 1, alpha: { float: 2 }, beta: { float: 10 } },
    gives: [[32]],
  },
  {
    op: "ReduceSum",
    opset: 11,
    x: [
      [1, 2],
      [3, 4],
    ],
    attributes: { axes: [0], keepdims: 0 },
    gives: [4, 6],
  },
  {
    op: "ReduceSum",
    x: [
      [1, 2],
      [3, 4],
    ],
    more: [int([1])],
    gives: [[3], [7]],
  },
  { op: "ReduceSum", x: [[1, 2]], attributes: { noop_with_empty_axes: 1 }, gives: [[1, 2]] },
  { op: "ReduceL2", x: [[3, 4]], more: [int([1])], attributes: { keepdims: 0 }, gives: [5] },
  { op: "ArgMax", x: [[1, 3, 3]], attributes: { axis: 1, select_last_index: 1, keepdims: 0 }, gives: [2] },
  { op: "CumSum", x: [1, 2, 3], more: [int(0)], attributes: { exclusive: 1, reverse: 1 }, gives: [5, 3, 0] },
  {
    op: "Conv",
    x: [[[1, 2, 3]]],
    more: [float([[[1, 10]]]), float([100])],
    attributes: { pads: [1, 0] },
    gives: [[[110, 121, 132]]],
  },
  {
    op: "Conv",
    x: [[[1, 2, 3, 4, 5]]],
    more: [float([[[1, 10]]])],
    attributes: { auto_pad: "SAME_UPPER", strides: [2] },
    gives: [[[21, 43, 5]]],
  },
  {
    op: "ConvTranspose",
    x: [[[1, 2]]],
    more: [float([[[1, 10]]])],
    attributes: { strides: [2], output_padding: [1] },
    gives: [[[1, 10, 2, 20, 0]]],
  },
  {
    op: "MaxPool",
    x: [[[1, 5, 2, 4]]],
    attributes: { kernel_shape: [2], strides: [2] },
    gives: [[[5, 4]]],
    also: [1, [[[1, 3]]]],
  },
  {
    op: "MaxPool",
    x: [[[1, 5, 2]]],
    attributes: { kernel_shape: [2], strides: [2], ceil_mode: 1 },
    gives: [[[5, 2]]],
  },
  { op: "AveragePool", x: [[[2, 4]]], attributes: { kernel_shape: [2], pads: [1, 1] }, gives: [[[2, 3, 4]]] },
  {
    op: "AveragePool",
    x: [[[2, 4]]],
    attributes: { kernel_shape: [2], pads: [1, 1], count_include_pad: 1 },
    gives: [[[1, 3, 2]]],
  },
  {
    op: "LayerNormalization",
    x: [[1, 3]],
    more: [float([2, 2]), float([0, 1])],
    attributes: { epsilon: { float: 0 } },
    gives: [[-2, 3]],
  },
  {
    op: "GroupNormalization",
    opset: 18,
    x: [[[1], [3]]],
    more: [float([2]), float([1])],
    attributes: { num_groups: 1, epsilon: { float: 0 } },
    gives: [[[-1], [3]]],
  },
  {
    op: "RMSNormalization",
    opset: 23,
    x: [[1, 7]],
    more: [float([1, 2])],
    attributes: { epsilon: { float: 0 } },
    gives: [[0.2, 2.8]],
  },
  {
    op: "LpNormalization",
    x: [
      [3, 4],
      [0, 0],
    ],
    gives: [
      [0.6, 0.8],
      [0, 0],
    ],
  },
  // One step: tanh(1·1 + 0·1 + 0).
  {
    op: "RNN",
    x: [[[1]]],
    more: [float([[[1]]]), float([[[1]]])],
    attributes: { hidden_size: 1 },
    gives: [[[[T]]]],
  },
  // Two sequences of two steps, of which the second has one: its result is 0 after it, and its last state that of its end.
  {
    op: "RNN",
    x: [
      [[1], [1]],
      [[0], [9]],
    ],
    more: [float([[[1]]]), float([[[0]]]), "", int([2, 1])],
    attributes: { hidden_size: 1, activations: ["Affine"] },
    gives: [[[[1], [1]]], [[[0], [0]]]],
    also: [1, [[[0], [1]]]],
  },
  // All weights 0: z = ½ halves the state.
  {
    op: "GRU",
    x: [[[1]]],
    more: [float([[[0], [0], [0]]]), float([[[0], [0], [0]]]), "", "", float([[[8]]])],
    attributes: { hidden_size: 1 },
    gives: [[[[4]]]],
  },
  // All weights 0: every gate is ½, so the cell halves, and the output is ½·tanh(1).
  {
    op: "LSTM",
    x: [[[1]]],
    more: [float([[[0], [0], [0], [0]]]), float([[[0], [0], [0], [0]]]), "", "", "", float([[[2]]])],
    attributes: { hidden_size: 1 },
    gives: [[[[T / 2]]]],
    also: [2, [[[1]]]],
  },
  // The gates in the order input, output, forget, cell: the cell is forgotten, and tanh(1) takes its place.
  {
    op: "LSTM",
    x: [[[1]]],
    more: [
      float([[[0], [0], [0], [0]]]),
      float([[[0], [0], [0], [0]]]),
      float([[100, 100, -100, 1, 0, 0, 0, 0]]),
      "",
      "",
      float([[[2]]]),
    ],
    attributes: { hidden_size: 1 },
    gives: [[[[Math.tanh(T)]]]],
    also: [2, [[[T]]]],
  },
  // Equal keys: the mean of the values.
  {
    op: "Attention",
    opset: 23,
    x: [[[[1]]]],
    more: [float([[[[1], [1]]]]), float([[[[2], [4]]]])],
    gives: [[[[3]]]],
  },
  {
    op: "Attention",
    opset: 23,
    x: [[[[1], [1]]]],
    more: [float([[[[1], [1]]]]), float([[[[2], [4]]]])],
    attributes: { is_causal: 1 },
    gives: [[[[2], [3]]]],
  },
  // A quarter of a turn.
  {
    op: "RotaryEmbedding",
    opset: 23,
    x: [[[[1, 2]]]],
    more: [float([[0]]), float([[1]]), int([[0]])],
    gives: [[[[-2, 1]]]],
  },
  { op: "Slice", x: [0, 1, 2, 3, 4], more: [int([-1]), int([-6]), int([0]), int([-2])], gives: [4, 2, 0] },
  { op: "Split", x: [1, 2, 3], attributes: { num_outputs: 2 }, gives: [1, 2], also: [1, [3]] },
  {
    op: "Reshape",
    x: [
      [1, 2],
      [3, 4],
    ],
    more: [int([0, -1, 1])],
    gives: [
      [[1], [2]],
      [[3], [4]],
    ],
  },
  {
    op: "DepthToSpace",
    x: [[[[1]], [[2]], [[3]], [[4]]]],
    attributes: { blocksize: 2 },
    gives: [
      [
        [
          [1, 2],
          [3, 4],
        ],
      ],
    ],
  },
  {
    op: "Pad",
    x: [1, 2, 3],
    more: [int([2, 1])],
    attributes: { mode: "reflect" },
    gives: [3, 2, 1, 2, 3, 2],
  },
  { op: "Pad", x: [1, 2, 3], more: [int([-1, 1]), float(9)], gives: [2, 3, 9] },
  {
    op: "Resize",
    x: [[1, 3]],
    more: ["", float([1, 2])],
    attributes: { mode: "linear" },
    gives: [[1, 1.5, 2.5, 3]],
  },
  {
    op: "GatherElements",
    x: [
      [1, 2],
      [3, 4],
    ],
    more: [int([[-1, 0]])],
    gives: [[3, 2]],
  },
  {
    op: "GatherND",
    x: [
      [1, 2],
      [3, 4],
    ],
    more: [
      int([
        [1, 0],
        [0, -1],
      ]),
    ],
    gives: [3, 2],
  },
  { op: "ScatterElements", x: [1, 2, 3], more: [int([2, 0]), float([9, 8])], gives: [8, 2, 9] },
  {
    op: "ScatterElements",
    x: [1, 2, 3],
    more: [int([1, 1]), float([5, 7])],
    attributes: { reduction: "mul" },
    gives: [1, 70, 3],
  },
  {
    op: "ScatterND",
    x: [
      [1, 2],
      [3, 4],
    ],
    more: [int([[1]]), float([[9, 8]])],
    gives: [
      [1, 2],
      [9, 8],
    ],
  },
  {
    op: "TopK",
    x: [3, 1, 2],
    more: [int([2])],
    attributes: { largest: 0 },
    gives: [1, 2],
    also: [1, [1, 2]],
  },
  {
    op: "Trilu",
    x: [
      [1, 2],
      [3, 4],
    ],
    more: [int(1)],
    gives: [
      [0, 2],
      [0, 0],
    ],
  },
  { op: "Unique", x: [3, 1, 3], gives: [1, 3], also: [3, [1, 2]] },
  {
    op: "NegativeLogLikelihoodLoss",
    x: [
      [-1, -2],
      [-3, -4],
    ],
    more: [int([0, 1])],
    attributes: { ignore_index: 1 },
    gives: 1,
  },
];

const flat = (value: Numbers): number[] => (typeof value === "number" ? [value] : value.flatMap(flat));
const shapeOf = (value: Numbers): number[] =>
  typeof value === "number" ? [] : [value.length, ...(value.length > 0 ? shapeOf(value[0]!) : [])];

test.each(cases.map((each, i) => [`${each.op}, example ${i}`, each] as const))(
  "%s",
  (_, { op, opset = 21, x, more = [], attributes = {}, gives, also }) => {
    const held = more.flatMap((each, i) => {
      if (each === "") return [];
      const value = "int" in each ? each.int : each.float;
      // A recurrent cell's lengths are int32.
      if ("int" in each && op === "RNN")
        return [{ name: `i${i}`, dims: shapeOf(value), dataType: 6, int32Data: flat(value) }];
      return [stored(`i${i}`, shapeOf(value), flat(value), "int" in each ? INT64 : undefined)];
    });
    const inputs = ["x", ...more.map((each, i) => (each === "" ? "" : `i${i}`))];
    const outputs = Array.from({ length: (also?.[0] ?? 0) + 1 }, (_, i) => `y${i}`);
    const made = node(op, inputs, outputs, attributes);
    const model = fromOnnx(modelBytes(graph({ inputs: ["x"], outputs, nodes: [made], stored: held }), opset));
    const results = model.run(tensor(flat(x), { shape: shapeOf(x) }));
    const compare = (got: Tensor, wanted: Numbers): void => {
      expect(got.shape).toEqual(shapeOf(wanted));
      // A few roundings of float32.
      Array.from(got.data).forEach((each, i) => {
        expect(each).toBeCloseTo(flat(wanted)[i]!, 5);
      });
    };
    compare(results["y0"]!, gives);
    if (also !== undefined) compare(results[`y${also[0]}`]!, also[1]);
  },
);
