// Models run by onnxruntime and looked at by the checker of the standard, for the tests of the export.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DType, Tensor } from "@adjoint/autograd";
import { tensorOf } from "../../support/tensors.ts";
import { loadOnnxruntime, python } from "../peers.ts";

/** What of onnxruntime-node is used here. */
interface Runtime {
  readonly Tensor: new (type: string, data: unknown, dims: readonly number[]) => Held;
  readonly InferenceSession: {
    create(bytes: Uint8Array, options: object): Promise<Session>;
  };
}
interface Held {
  readonly data: ArrayLike<number>;
  readonly dims: readonly number[];
  readonly type: DType;
}
interface Session {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  run(feeds: Readonly<Record<string, Held>>): Promise<Readonly<Record<string, Held>>>;
  release(): Promise<void>;
}

let runtime: Runtime | undefined;
const loaded = (): Runtime => (runtime ??= loadOnnxruntime() as Runtime);

export interface Model {
  readonly outputNames: readonly string[];
  /** The outputs for these inputs, in the order of the file. */
  run(inputs: readonly Tensor[]): Promise<readonly Tensor[]>;
  close(): Promise<void>;
}

/** A model in onnxruntime, on the processor. It warns of nothing: the tests look at numbers. */
export async function opened(bytes: Uint8Array): Promise<Model> {
  const { InferenceSession, Tensor: Fed } = loaded();
  const session = await InferenceSession.create(bytes, { logSeverityLevel: 3, intraOpNumThreads: 1 });
  return {
    outputNames: session.outputNames,
    async run(inputs) {
      const feeds = session.inputNames.map((name, i) => {
        const { dtype, data, shape } = inputs[i]!;
        return [name, new Fed(dtype, data, shape)] as const;
      });
      const results = await session.run(Object.fromEntries(feeds));
      return session.outputNames.map((name) => {
        const { data, dims, type } = results[name]!;
        return tensorOf(Array.from(data), dims, type);
      });
    },
    close: () => session.release(),
  };
}

/** The outputs of a model that is asked once. */
export async function answerOf(bytes: Uint8Array, inputs: readonly Tensor[]): Promise<readonly Tensor[]> {
  const model = await opened(bytes);
  try {
    return await model.run(inputs);
  } finally {
    await model.close();
  }
}

const largest = (numbers: readonly number[]) => numbers.reduce((most, x) => Math.max(most, Math.abs(x)), 0);

/**
 * How far a tensor is off: the largest difference divided by the largest number that is expected, ‖y − ŷ‖∞ / ‖ŷ‖∞; infinite
 * where shapes, types, or the places of numbers that are not finite differ.
 */
export function distance(found: Tensor, expected: Tensor): number {
  if (found.dtype !== expected.dtype || found.shape.join() !== expected.shape.join()) return Infinity;
  const [ours, theirs] = [Array.from(expected.data), Array.from(found.data)];
  const differs = ours.some((x, i) => !Number.isFinite(x) && !Object.is(x, theirs[i]));
  const finite = ours.flatMap((x, i) => (Number.isFinite(x) ? [{ x, error: theirs[i]! - x }] : []));
  const error = largest(finite.map((each) => each.error));
  if (differs || !Number.isFinite(error)) return Infinity;
  return error === 0 ? 0 : error / largest(finite.map(({ x }) => x));
}

const CHECK = `
import sys, onnx
for path in sys.argv[1:]:
    onnx.checker.check_model(onnx.load(path), full_check=True)
`;

/** What the checker of the standard says of models; nothing where it finds nothing wrong. */
export function complaints(models: readonly Uint8Array[]): string {
  const folder = mkdtempSync(join(tmpdir(), "onnx-"));
  try {
    const paths = models.map((bytes, i) => {
      const path = join(folder, `${i}.onnx`);
      writeFileSync(path, bytes);
      return path;
    });
    execFileSync(python.path, ["-c", CHECK, ...paths], { stdio: ["ignore", "ignore", "pipe"] });
    return "";
  } catch (error) {
    return String((error as { stderr?: unknown }).stderr ?? error);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
