// What the export emits, without a runtime that reads it: operators, shapes, names, bytes, and errors that teach.

import {
  atom,
  definePrimitive,
  Expression,
  maxPool,
  randomKey,
  record,
  scan,
  type Tensor,
  tensor,
  variable,
  zeros,
} from "@adjoint/autograd";
import { BatchError, recordBatches, toOnnx } from "@adjoint/interop";
import * as nn from "@adjoint/nn";
import { describe, expect, test } from "vitest";
import { statedFunction } from "../../../packages/autograd/src/expression/elementwise-function.ts";
import { atoms, primitives } from "../../../packages/autograd/src/program/names.ts";
import type { Graph } from "../../../packages/interop/src/onnx/export/encode.ts";
import { graphOf } from "../../../packages/interop/src/onnx/export/to-onnx.ts";
import { operatorsIn, operatorsTable, programOfAtom, programsOfPrimitive } from "./operators.ts";

const floats = (...shape: number[]): Tensor => zeros(shape, { dtype: "float32" });
const key = randomKey(1);
const shapes = (ports: Graph["inputs"]) => ports.map(({ name, shape }) => `${name} [${shape.join(", ")}]`);

/** What is wrong with a graph: a node that uses what is not there before it, or a name that is given twice. */
function faults(
  { inputs, outputs, constants, nodes }: Graph,
  around: ReadonlySet<string> = new Set(),
): string[] {
  const there = new Set(around);
  const found: string[] = [];
  const give = (name: string) => {
    if (there.has(name)) found.push(`${name} is given twice`);
    there.add(name);
  };
  for (const { name } of [...inputs, ...constants]) give(name);
  for (const node of nodes) {
    for (const name of node.inputs)
      if (name !== "" && !there.has(name)) found.push(`${node.operator} of ${name}, which is not there`);
    for (const value of Object.values(node.attributes))
      if ("graph" in value) found.push(...faults(value.graph, there));
    node.outputs.forEach(give);
  }
  for (const { name } of outputs) if (!there.has(name)) found.push(`the output ${name} is not there`);
  return found;
}

describe("an exported model", () => {
  test("has operators for every primitive and every atom, in both float types, in an order in which they can run", () => {
    const twice = graphOf(record((x: Tensor) => x.exp().sin(), floats(2)));
    expect(faults({ ...twice, nodes: twice.nodes.toReversed() })).toHaveLength(1);
    for (const dtype of ["float32", "float64"] as const) {
      const programs = [...primitives.keys()].flatMap((name) => programsOfPrimitive(name, dtype));
      const ofAtoms = [...atoms.keys()].map((name) => programOfAtom(name, dtype));
      expect([...programs, ...ofAtoms].flatMap((program) => faults(graphOf(program)))).toEqual([]);
    }
  });

  test("has the operators that docs/onnx-operators.md lists", async () => {
    await expect(operatorsTable()).toMatchFileSnapshot("../../../docs/onnx-operators.md");
  });

  test("has one operator for what the standard has one", () => {
    const of = (f: (x: Tensor) => Tensor, ...shape: number[]) =>
      operatorsIn(recordBatches(f, [floats(...shape)]));
    const dense = nn.dense(4, 3, { activation: nn.tanh, key });
    expect(of((x) => dense.forward(x).softmax(), 1, 4)).toEqual(["MatMul", "Add", "Tanh", "Softmax"]);
    const norm = nn.layerNorm([2, 3], { epsilon: 0.25 });
    expect(of((x) => norm.forward(x), 1, 2, 3)).toEqual(["LayerNormalization"]);
    const layouts: nn.ConvolutionLayerOptions[] = [
      { padding: 1, stride: 2 },
      {
        padding: [
          [1, 0],
          [0, 2],
        ] as never,
        groups: 2,
        dilation: 2,
      },
    ];
    for (const options of layouts) {
      const layer = nn.conv2d(4, 6, 3, { ...options, key });
      expect(of((x) => layer.forward(x), 1, 4, 8, 8)).toEqual(["Conv", "Reshape", "Add"]);
    }
    for (const padding of [0, 1]) {
      const [max, mean] = [nn.maxPool2d(3, { stride: 2, padding }), nn.averagePool2d(3, { padding })];
      expect(of((x) => max.forward(x), 1, 2, 8, 8)).toEqual(["MaxPool"]);
      expect(of((x) => mean.forward(x), 1, 2, 8, 8)).toEqual(["AveragePool"]);
    }
    const embedding = nn.embedding(5, 3, { key });
    const labels = zeros([1, 2], { dtype: "int32" });
    expect(operatorsIn(recordBatches((x: Tensor) => embedding.forward(x), [labels]))).toContain("Gather");
    const lstm = nn.lstm(2, 3, { key });
    expect(of((x) => lstm.forward(x), 1, 4, 2).filter((name) => name === "Scan")).toHaveLength(1);
  });

  test("has no operator in place of steps that are almost those", () => {
    const of = (f: (x: Tensor) => Tensor) => operatorsIn(record(f, floats(2, 4)));
    const power = (x: Tensor, y: Tensor) => x.sub(y.max({ axis: 1, keepDims: true })).exp();
    expect(of((x) => x.softmax({ axis: 0 }))).toEqual(["Softmax"]);
    // Divided by the sums along another axis.
    expect(of((x) => power(x, x).div(power(x, x).sum({ axis: 0, keepDims: true })))).not.toContain("Softmax");
    const norm = nn.layerNorm(4);
    expect(of((x) => norm.forward(x))).toEqual(["LayerNormalization"]);
    // The mean of something else is taken away.
    const centred = (x: Tensor) => x.sub(x.square().mean({ axis: 1, keepDims: true }));
    const scaled = (x: Tensor) => centred(x).square().mean({ axis: 1, keepDims: true }).add(0.1).rsqrt();
    expect(of((x) => centred(x).mul(scaled(x)).mul(norm.weight!.value).add(norm.bias!.value))).not.toContain(
      "LayerNormalization",
    );
  });

  test("takes a batch of any size, and says so in its shapes", () => {
    const model = nn.sequential(nn.dense(4, 8, { key }), nn.relu, nn.dense(8, 2, { key }));
    const graph = graphOf(recordBatches((x: Tensor) => model.forward(x), [floats(1, 4)]));
    expect([shapes(graph.inputs), shapes(graph.outputs)]).toEqual([
      ["input_0 [batch, 4]"],
      ["output_0 [batch, 2]"],
    ]);
    const twice = graphOf(
      recordBatches((x: Tensor, y: Tensor) => x.reshape([-1]).add(y), [floats(2, 3), floats(1)], {
        axes: [1, null],
      }),
    );
    expect(shapes(twice.outputs)).toEqual(["output_0 [2*batch]"]);
  });

  test("repeats operands where no other one has the axes of the result", () => {
    const of = (f: (x: Tensor, y: Tensor) => Tensor) => operatorsIn(record(f, floats(3), floats(1, 3)));
    expect(of((x, y) => y.add(x))).toEqual(["Add"]);
    // Together they would be a vector.
    expect(of((x) => x.broadcastTo([1, 3]).add(x.broadcastTo([1, 3]).mul(2)))).toContain("Expand");
  });

  test("holds the numbers of variables, or takes them, in the order of the program", () => {
    const w = variable(tensor([1, 2]), { name: "weight" });
    const other = variable(tensor([3, 4]), { name: "weight" });
    const program = record((x: Tensor) => x.mul(w).add(other), tensor([0, 0]));
    const held = graphOf(program);
    expect(shapes(held.inputs)).toEqual(["input_0 [2]"]);
    expect(held.constants.map(({ name, data }) => [name, ...Array.from(data)])).toEqual([
      ["weight", 1, 2],
      ["weight_2", 3, 4],
    ]);
    const given = graphOf(program, {
      variables: "inputs",
      names: { inputs: ["x"], outputs: ["y"], variables: { gain: w, "0.bias": other } },
    });
    expect(shapes(given.inputs)).toEqual(["x [2]", "gain [2]", "0.bias [2]"]);
    expect(given.outputs.map(({ name }) => name)).toEqual(["y"]);
  });

  test("has what variables are assigned behind its outputs", () => {
    const [w, rate] = [variable(tensor([1, 2]), { name: "w" }), variable(tensor(0.5), { name: "rate" })];
    const step = (x: Tensor) => {
      w.assign(w.value.sub(x.mul(rate)));
      return x.sum();
    };
    const program = record(step, tensor([1, 1]));
    const graph = graphOf(program);
    expect([shapes(graph.inputs), shapes(graph.outputs)]).toEqual([
      ["input_0 [2]", "w [2]", "rate []"],
      ["output_0 []", "w_next [2]"],
    ]);
    expect(shapes(graphOf(program, { variables: "initializers" }).inputs)).toEqual(["input_0 [2]", "w [2]"]);
  });

  test("names an output that is an input, and one that is there twice", () => {
    const graph = graphOf(record((x: Tensor) => [x, x.exp(), x.exp()], floats(2)));
    expect(
      graph.nodes.map(({ operator, inputs, outputs }) => `${outputs.join()} = ${operator}(${inputs.join()})`),
    ).toEqual(["output_1 = Exp(input_0)", "output_0 = Identity(input_0)", "output_2 = Identity(output_1)"]);
  });

  test("is the same bytes each time, for opset 20 and 23, and others for float32", () => {
    const model = nn.sequential(nn.lstm(2, 3, { key }), nn.dense(3, 2, { key }));
    const forward = () => recordBatches((x: Tensor) => model.forward(x), [floats(1, 4, 2)]);
    for (const opset of [20, 23] as const)
      expect(toOnnx(forward(), { opset })).toEqual(toOnnx(forward(), { opset }));
    expect(toOnnx(forward(), { opset: 20 })).not.toEqual(toOnnx(forward(), { opset: 23 }));
    const double = record((x: Tensor) => x.erf(), zeros([2], { dtype: "float64" }));
    expect(graphOf(double).outputs[0]!.type).toBe("float64");
    expect(graphOf(double, { floats: "float32" })).toMatchObject({
      outputs: [{ type: "float32" }],
      nodes: [{ operator: "Erf" }],
    });
  });

  test("leaves out what no output is made of", () => {
    expect(operatorsIn(record((x: Tensor) => [x.exp(), x.sin()][1]!, floats(2)))).toEqual(["Sin"]);
    const sums = (x: Tensor) =>
      scan((carry: Tensor, y: Tensor) => [carry.add(y), carry.exp()], x.slice(0), x)[0];
    expect(operatorsIn(record(sums, floats(4, 2)))).not.toContain("Exp");
  });
});

describe("what can't be exported is an error that says why:", () => {
  test("a primitive or an atom that is not the engine's", () => {
    const own = definePrimitive({
      name: "matmul",
      shape: ([s]) => s!,
      value: ([from], out) => out.set(from!.data),
    });
    expect(() => toOnnx(record((x: Tensor) => own(x), floats(2)))).toThrow(
      'toOnnx: the primitive "matmul" is your own or another package\'s, and no ONNX operator is known for it; compute that part by operations of the engine',
    );
    const twice = atom({ name: "doubled", arity: 1, value: (v) => 2 * v, partials: [() => 2] });
    expect(() => toOnnx(record((x: Tensor) => twice(x), floats(2)))).toThrow(
      'toOnnx: the atom "doubled" is your own, and only its values are known',
    );
  });

  test("a gradient from before, and an order that is computed", () => {
    const w = variable(tensor([1, 2]));
    w.square().sum().backward();
    expect(() => toOnnx(record(() => w.grad!.mul(2)))).toThrow(
      "toOnnx: the program reads the gradient that a variable has",
    );
    const polygamma = atoms.get("polygamma")!;
    const computed = statedFunction("computed", 2, (x, n) => Expression.apply(polygamma, [x!, n!]));
    expect(() =>
      toOnnx(record((x: Tensor, n: Tensor) => x.elementwise(computed, n), floats(2), floats(2))),
    ).toThrow(
      "toOnnx: polygamma has an order that is computed; it is exported for an order that is a number",
    );
  });

  test("sizes that don't follow from the batch", () => {
    const refused = (f: (x: Tensor) => unknown, ...shape: number[]) => {
      expect(() => toOnnx(recordBatches(f, [floats(...shape)]))).toThrow(BatchError);
      // With the sizes of the example it works.
      toOnnx(record(f, floats(...shape)));
      return expect(() => toOnnx(recordBatches(f, [floats(...shape)])));
    };
    refused(
      (x) =>
        x
          .reshape([-1])
          .outer(x.reshape([-1]))
          .reshape([-1]),
      4,
    ).toThrow(
      "which is no multiple of the batch and a number; export it with a fixed batch: toOnnx(record(f, ...examples))",
    );
    refused((x) => (x.shape[0]! % 4 === 1 ? x.exp().sin() : x.exp()), 4).toThrow(
      "the function does 1 steps for a batch of 11 and 2 for one of 13",
    );
    refused((x) => (x.shape[0]! % 4 === 1 ? x.exp() : x.cumsum()), 4).toThrow(
      "step 0, cumsum, is another one for a batch of 13 and one of 11",
    );
    refused((x) => x.mul(Math.sqrt(x.shape[0]!)), 4).toThrow(
      "a number is 3.316624879837036, 3.605551242828369, ",
    );
    refused((x) => x.windows({ sizes: [2] }), 4).toThrow("windows slides over the batch");
    refused((x) => maxPool(x.reshape([1, 1, -1]), [x.shape[0]!]), 4).toThrow(
      "the settings of step 1, windows, are others for a batch of 13 and one of 11",
    );
    refused(
      (x) =>
        x.add(
          tensor(
            Array.from({ length: x.shape[0]! }, (_, i) => i),
            { dtype: "float32" },
          ),
        ),
      4,
    ).toThrow("numbers that the function makes differ along the batch");
    expect(() => recordBatches((x: Tensor) => x, [tensor(1)])).toThrow(
      "recordBatches: argument 0 has a tensor of shape [] without an axis 0 for the batch; say where samples lie in each argument, e.g. { axes: [0, null] }",
    );
  });

  test("options and names that can't be meant", () => {
    const program = record((x: Tensor) => x.exp(), floats(2));
    const given = (options: object) => expect(() => toOnnx(program, options as never));
    given({ opset: 21 }).toThrow("toOnnx: opset is 21 and must be 20 or 23");
    given({ opsets: 20 }).toThrow(
      'toOnnx: there is no option "opsets"; the options are opset, variables, floats and names',
    );
    given({ variables: "none" }).toThrow('variables is none and must be "initializers" or "inputs"');
    given({ floats: "float16" }).toThrow('floats is float16 and must be "float32"');
    given({ names: { inputs: ["x", "y"] } }).toThrow("names.inputs has 2 names for 1 inputs");
    given({ names: { inputs: ["x"], outputs: ["x"] } }).toThrow('have the name "x"; give others');
    expect(() => toOnnx(((x: Tensor) => x) as never)).toThrow(
      "toOnnx: got something else where a program belongs",
    );
    expect(() => toOnnx(null as never)).toThrow("toOnnx: got something else where a program belongs");
  });
});
