// The standard's node tests: for each a model, inputs and outputs, as PyPI's package onnx ships them.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import type { Datum } from "../../../packages/interop/src/onnx/import/datum.ts";
import { isFloatType } from "../../../packages/interop/src/onnx/import/element-types.ts";
import { ModelProto, type onnx, TensorProto } from "../../../packages/interop/src/onnx/import/proto.ts";
import { readTensor } from "../../../packages/interop/src/onnx/import/read-tensor.ts";
import { python } from "../peers.ts";

/** The folder of the tests; null where the package is not installed. */
export function nodeTests(): string | null {
  if (!python.isHere) return null;
  const lib = join(python.path, "../../lib");
  const version = readdirSync(lib).find((name) => name.startsWith("python3"));
  const folder = join(lib, version ?? "", "site-packages/onnx/backend/test/data/node");
  return existsSync(folder) ? folder : null;
}

/** One test. */
export interface NodeTest {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly model: onnx.IModelProto;
  /** The numbers, by their files. */
  readonly sets: readonly {
    readonly inputs: readonly Uint8Array[];
    readonly outputs: readonly Uint8Array[];
  }[];
}

const inOrder = (folder: string, kind: string): Uint8Array[] =>
  readdirSync(folder)
    .filter((name) => name.startsWith(`${kind}_`))
    .toSorted((a, b) => Number(/\d+/.exec(a)) - Number(/\d+/.exec(b)))
    .map((name) => new Uint8Array(readFileSync(join(folder, name))));

/** A test by its folder. */
export function nodeTest(folder: string, name: string): NodeTest {
  const bytes = new Uint8Array(readFileSync(join(folder, name, "model.onnx")));
  const sets = readdirSync(join(folder, name))
    .filter((each) => each.startsWith("test_data_set"))
    .map((each) => ({
      inputs: inOrder(join(folder, name, each), "input"),
      outputs: inOrder(join(folder, name, each), "output"),
    }));
  return { name, bytes, model: ModelProto.decode(bytes), sets };
}

/** A tensor of a test. */
export const tensorIn = (bytes: Uint8Array): Datum =>
  readTensor(TensorProto.decode(bytes), "the test's file");

/** All operators of a graph and of those within it, with their domains. */
export function operatorsIn(graph: onnx.IGraphProto): Set<string> {
  const found = new Set<string>();
  const walk = (each: onnx.IGraphProto): void => {
    for (const node of each.node ?? []) {
      found.add(node.domain ? `${node.domain}.${node.opType}` : node.opType!);
      for (const { g, graphs } of node.attribute ?? []) {
        if (g) walk(g);
        for (const inner of graphs ?? []) walk(inner);
      }
    }
  };
  walk(graph);
  return found;
}

/** The tolerances of the standard's own runner: rtol 1e-3 and atol 1e-7. */
export function differences(got: Datum, wanted: Datum): string | null {
  if (got.shape.join() !== wanted.shape.join())
    return `shape [${got.shape.join(", ")}] instead of [${wanted.shape.join(", ")}]`;
  const [a, b] = [got.numbers("a result"), wanted.numbers("a result")];
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i]!, b[i]!];
    if (Object.is(x, y) || x === y) continue;
    const isNear = isFloatType(wanted.type) && Math.abs(x - y) <= 1e-7 + 1e-3 * Math.abs(y);
    if (!isNear) return `element ${i} is ${x} instead of ${y}`;
  }
  return null;
}
