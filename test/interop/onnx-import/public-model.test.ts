// Public networks: Silero VAD, which says whether a stretch of sound is speech, as npm's @ricky0123/vad-web ships it (MIT, ISC).

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { compile, randomKey, type Tensor, tensor, uniform, zeros } from "@adjoint/autograd";
import { fromOnnx, type OnnxModel } from "@adjoint/interop";
import { adam, parameters, variables } from "@adjoint/nn";
import { describe, expect, test } from "vitest";
import { onnxruntime, publicModels } from "../peers.ts";
import { onnxruntimeOutputs } from "./runtime.ts";

const reason = onnxruntime.reason || publicModels.reason;
const bytesOf = (name: string): Uint8Array => new Uint8Array(readFileSync(join(publicModels.path, name)));

const rate = tensor(16000, { dtype: "int32" });
// Noise has power at every frequency; where there is none, the networks take the logarithm of rounding errors.
const sound = uniform(randomKey(1), [1, 512]).sub(0.5) as Tensor;

const networks = {
  "silero_vad_legacy.onnx": { input: sound, sr: rate, h: zeros([2, 1, 64]), c: zeros([2, 1, 64]) },
  "silero_vad_v5.onnx": { input: sound, state: zeros([2, 1, 128]), sr: rate },
  "silero_vad_v6.onnx": { input: sound, state: zeros([2, 1, 128]), sr: rate },
} as const;

describe.skipIf(reason !== "")(`public networks${reason}`, () => {
  test.each(Object.entries(networks))(
    "%s gives what it gives in onnxruntime, eagerly and compiled",
    async (name, given) => {
      const inputs: Record<string, Tensor> = { ...given };
      const bytes = bytesOf(name);
      const model = fromOnnx(bytes);
      const theirs = await onnxruntimeOutputs(bytes, inputs);
      const eager = model.run(inputs);
      const { sr, ...floats } = inputs;
      const compiled = compile((given: Record<string, Tensor>) => model.run({ ...given, sr: sr! }))(floats);
      for (const own of [eager, compiled])
        for (const output of model.outputs) {
          expect(own[output]!.shape).toEqual(theirs[output]!.shape);
          const apart = own[output]!.sub(theirs[output]! as Tensor)
            .abs()
            .max()
            .item();
          // Sums of up to 258 products in float32, in another order, through ten layers.
          expect(apart).toBeLessThan(1e-4);
        }
    },
  );

  const losses = (model: OnnxModel, inputs: Record<string, Tensor>): number[] => {
    const optimizer = adam({ learningRate: 3e-4 });
    const step = compile(() =>
      optimizer.minimize(
        () => model.run(inputs)["output"]!.sub(1).square().mean() as Tensor,
        variables(model),
      ),
    );
    return Array.from({ length: 20 }, () => step().item());
  };

  test("twenty steps of training make a network call noise speech, and its loss falls", () => {
    const model = fromOnnx(bytesOf("silero_vad_legacy.onnx"));
    const all = losses(model, { ...networks["silero_vad_legacy.onnx"] });
    console.log(`the loss goes from ${all[0]} to ${all.at(-1)}`);
    expect(all.at(-1)!).toBeLessThan(0.8 * all[0]!);
    expect(model.run({ ...networks["silero_vad_legacy.onnx"] })["output"]!.item()).toBeGreaterThan(
      1 - Math.sqrt(all[0]!),
    );
  });

  test("weights that a file has in Constant nodes train where they are asked for", () => {
    const bytes = bytesOf("silero_vad_v5.onnx");
    expect(Object.keys(variables(fromOnnx(bytes)))).toEqual([]);
    const model = fromOnnx(bytes, { constants: true });
    expect(Object.keys(parameters(model)).length).toBeGreaterThan(20);
    const all = losses(model, { ...networks["silero_vad_v5.onnx"] });
    expect(all.at(-1)!).toBeLessThan(0.8 * all[0]!);
  });
});
