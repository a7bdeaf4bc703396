import { createRequire } from "node:module";
import { encodeModel } from "./src/onnx/export/encode.ts";
const ort = createRequire("/work/main/.cache/interop/onnxruntime/package.json")("onnxruntime-node");
async function run(operator: string, data: number[], attributes: any = {}, constants: any[] = [], type: any = "float32", out: any = type) {
  const A: any = type === "float64" ? Float64Array : Float32Array;
  const m = encodeModel({ name: "g", inputs: [{ name: "x", type, shape: ["n"] }], outputs: [{ name: "y", type: out, shape: [operator.startsWith("Reduce")||operator.startsWith("Arg") ? 1 : "n"] }], constants, nodes: [{ operator, inputs: ["x", ...constants.map((c) => c.name)], outputs: ["y"], attributes }] }, 20);
  const s = await ort.InferenceSession.create(m);
  return [...(await s.run({ x: new ort.Tensor(type, A.from(data), [data.length]) })).y.data].join(" ");
}
const ax = [{ name: "a", type: "int64", shape: [1], data: [0] }];
for (const t of ["float32", "float64"]) for (const d of [[NaN, 1, 2], [1, NaN, 2], [1, 2, NaN], [1,2,3,4,5,6,7,8,9,NaN,1,2,3,4,5,6,7,8,9,0,1], [-Infinity, -Infinity]])
  console.log(t, d.join(), "max", await run("ReduceMax", d, { keepdims: { int: 1 } }, ax, t), "min", await run("ReduceMin", d, { keepdims: { int: 1 } }, ax, t), "argmax", await run("ArgMax", d, { axis: { int: 0 } }, [], t, "int64"));
console.log("mx", await run("Max", [NaN, 1, -1, -0, Infinity], {}, [{ name: "a", type: "float32", shape: [], data: [0] }]));
console.log("sign", await run("Sign", [NaN, 1, -1, -0, Infinity]));
console.log("relu", await run("Relu", [NaN, 1, -1, -0, Infinity]));
console.log("sigmoid", await run("Sigmoid", [NaN, 1, -1, -30, -100, Infinity, -Infinity]));
console.log("tanh", await run("Tanh", [NaN, 1e-5, -1, -0, Infinity]));
console.log("exp", await run("Exp", [NaN, 1e-5, -100, 88.5, 100, Infinity, -Infinity]));
console.log("softplus", await run("Softplus", [NaN, 1e-5, -20, -100, 88.5, 100, Infinity, -Infinity]));
console.log("logsoftmax", await run("LogSoftmax", [1, -Infinity, 3], { axis: { int: 0 } }), await run("LogSoftmax", [1, Infinity, 3], { axis: { int: 0 } }), await run("LogSoftmax", [-Infinity, -Infinity], { axis: { int: 0 } }));
console.log("softmax", await run("Softmax", [1, -Infinity, 3], { axis: { int: 0 } }), await run("Softmax", [1, Infinity, 3], { axis: { int: 0 } }), await run("Softmax", [-Infinity, -Infinity], { axis: { int: 0 } }));
