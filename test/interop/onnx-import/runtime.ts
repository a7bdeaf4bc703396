// What onnxruntime makes of a model, for comparison.

import { type Tensor, tensor } from "@adjoint/autograd";
import { loadOnnxruntime } from "../peers.ts";

interface OrtTensor {
  readonly data: ArrayLike<number | bigint>;
  readonly dims: readonly number[];
  readonly type: string;
}
interface Ort {
  readonly Tensor: new (type: string, data: unknown, dims: readonly number[]) => OrtTensor;
  readonly InferenceSession: {
    create(
      bytes: Uint8Array,
      options: object,
    ): Promise<{
      run(feeds: Record<string, OrtTensor>): Promise<Record<string, OrtTensor>>;
    }>;
  };
}

/** The outputs by name. Inputs of int32 tensors are handed over as the type that is named, int64 by default. */
export async function onnxruntimeOutputs(
  bytes: Uint8Array,
  inputs: Readonly<Record<string, Tensor>>,
  wholeType: "int32" | "int64" = "int64",
): Promise<Record<string, Tensor>> {
  const ort = loadOnnxruntime() as Ort;
  // Only errors: it warns of what is not used.
  const session = await ort.InferenceSession.create(bytes, { logSeverityLevel: 3 });
  const feeds = Object.entries(inputs).map(([name, x]) => {
    const { dtype, shape } = x;
    const [type, data] =
      dtype !== "int32"
        ? [dtype, x.data]
        : wholeType === "int32"
          ? ["int32", x.data]
          : ["int64", BigInt64Array.from(x.data as Int32Array, BigInt)];
    return [name, new ort.Tensor(type, data, shape)] as const;
  });
  const results = await session.run(Object.fromEntries(feeds));
  return Object.fromEntries(
    Object.entries(results).map(([name, { data, dims, type }]) => {
      const dtype = type === "float32" ? "float32" : type === "bool" ? "bool" : "int32";
      return [name, tensor(Array.from(data as ArrayLike<number>, Number), { shape: [...dims], dtype })];
    }),
  );
}
