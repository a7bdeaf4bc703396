import { createRequire } from "node:module";
import * as nn from "@adjoint/nn";
import { record, zeros, randomKey, uniform, type Tensor } from "@adjoint/autograd";
import { toOnnx, recordBatches } from "@adjoint/interop";
import { writeFileSync } from "node:fs";
const ort = createRequire("/work/main/.cache/interop/onnxruntime/package.json")("onnxruntime-node");
const model = nn.sequential(nn.dense(4, 8, { key: randomKey(1) }), nn.tanh, nn.layerNorm(8), nn.dense(8, 3, { key: randomKey(2) }));
const b = recordBatches((x: Tensor) => model.forward(x).softmax(), [zeros([1, 4])]);
console.log(String(b.programs[0]));
const bytes = toOnnx(b);
writeFileSync("/tmp/h/onnxout-a.onnx", bytes);
const s = await ort.InferenceSession.create(bytes);
for (const n of [1, 2, 9]) {
  const x = uniform(randomKey(n), [n, 4], { dtype: "float32" });
  const y = await s.run({ input_0: new ort.Tensor("float32", Float32Array.from(x.data), [n, 4]) });
  const e = model.forward(x).softmax().data;
  console.log(y.output_0.dims, Math.max(...Array.from(y.output_0.data as Float32Array, (v, i) => Math.abs(v - e[i]!))));
}
