// The standard's own tests of operators, forward and compiled.

import { readdirSync } from "node:fs";
import { compile, type Tensor } from "@adjoint/autograd";
import { fromOnnx, type OnnxModel } from "@adjoint/interop";
import { describe, expect, test } from "vitest";
import { Datum } from "../../../packages/interop/src/onnx/import/datum.ts";
import { nameOfCode, typeOfCode } from "../../../packages/interop/src/onnx/import/element-types.ts";
import { kinds } from "../../../packages/interop/src/onnx/import/operators/table.ts";
import type { onnx } from "../../../packages/interop/src/onnx/import/proto.ts";
import { python } from "../peers.ts";
import { differences, type NodeTest, nodeTest, nodeTests, operatorsIn, tensorIn } from "./node-data.ts";

const operators = new Map(Object.values(kinds).flatMap((kind) => Object.entries(kind)));

/** The element types of a graph's inputs and outputs that are not tensors, or have no place in the engine. */
function foreignTypes(graph: onnx.IGraphProto): string[] {
  const infos = [...(graph.input ?? []), ...(graph.output ?? [])];
  return infos.flatMap(({ type }) => {
    if (type?.tensorType == null) return ["sequences and optional values"];
    const code = type.tensorType.elemType ?? 0;
    return typeOfCode(code) === null ? [nameOfCode(code)] : [];
  });
}

/** Types that nodes ask for by number. */
function castTypes(graph: onnx.IGraphProto): string[] {
  const attributes = (graph.node ?? []).flatMap((node) =>
    node.opType === "Cast" ? (node.attribute ?? []) : [],
  );
  return attributes.flatMap(({ name, i }) =>
    name === "to" && typeOfCode(Number(i)) === null ? [nameOfCode(Number(i))] : [],
  );
}

/** Why a test of operators that are read is left out; null for one that runs. */
function reasonToLeaveOut({ model, name, sets }: NodeTest): string | null {
  const foreign = [...foreignTypes(model.graph!), ...castTypes(model.graph!)];
  if (foreign.length > 0) return `no type here for ${[...new Set(foreign)].toSorted().join(", ")}`;
  const isTooLarge = sets.some(({ inputs, outputs }) =>
    [...inputs, ...outputs].some((bytes) => {
      const { whole } = tensorIn(bytes);
      return (
        whole !== null &&
        Array.from(whole as Iterable<bigint>).some((n) => n > 2147483647n || n < -2147483648n)
      );
    }),
  );
  if (isTooLarge) return "its whole numbers don't fit into int32";
  // The masks are the draws of NumPy's generator, which no other has.
  return /^test_training_dropout(_default)?(_mask)?$/.test(name)
    ? "it expects the draws of NumPy's generator"
    : null;
}

function outputs(model: OnnxModel, inputs: readonly Tensor[]): Datum[] {
  const results = model.run(inputs);
  return model.outputs.map((name) => Datum.of(results[name]!));
}

describe.skipIf(!python.isHere)(`the standard's node tests${python.reason}`, () => {
  const folder = nodeTests();
  const all = folder === null ? [] : readdirSync(folder).map((name) => nodeTest(folder, name));
  const isRead = (each: NodeTest) => [...operatorsIn(each.model.graph!)].every((name) => operators.has(name));
  const read = all.filter(isRead);
  const reasons = new Map(read.map((each) => [each.name, reasonToLeaveOut(each)]));
  const running = read.filter((each) => reasons.get(each.name) === null);

  test("every test of operators that are read, and of types that are here, passes", () => {
    const failed: string[] = [];
    const passed = new Map<string, number>();
    for (const { name, bytes, sets, model } of running) {
      try {
        const imported = fromOnnx(bytes);
        for (const set of sets) {
          const results = outputs(
            imported,
            set.inputs.map((each) => tensorIn(each).tensor),
          );
          results.forEach((got, i) => {
            const why = differences(got, tensorIn(set.outputs[i]!));
            if (why !== null) throw new Error(why);
          });
        }
        for (const operator of operatorsIn(model.graph!))
          passed.set(operator, (passed.get(operator) ?? 0) + 1);
      } catch (error) {
        failed.push(`${name}: ${(error as Error).message.slice(0, 200)}`);
      }
    }
    const leftOut = new Map<string, number>();
    for (const reason of reasons.values())
      if (reason !== null) leftOut.set(reason, (leftOut.get(reason) ?? 0) + 1);
    const counts = [...operators.keys()].map((name) => `${name} ${passed.get(name) ?? 0}`);
    console.log(
      [
        `${running.length - failed.length} of ${running.length} pass; of ${all.length}, ${all.length - read.length} use other operators`,
        ...[...leftOut].map(([reason, n]) => `left out, ${n}: ${reason}`),
        `passed for each operator: ${counts.join(", ")}`,
      ].join("\n"),
    );
    expect(failed).toEqual([]);
    // What the package has tests for is many more than a handful.
    expect(running.length).toBeGreaterThan(1000);
  }, 300_000);

  // What a float input decides, such as scales, is kept out of what is compiled.
  const isSetting = (model: onnx.IModelProto, name: string): boolean =>
    (model.graph?.node ?? []).some((node) =>
      operators.get(node.opType!)?.settings?.some((k) => node.input?.[k] === name),
    );
  const dataDependent = /^test_unique_|^test_range_.*_expanded$/;

  test("compiled models give what eager ones give", () => {
    const failed: string[] = [];
    let count = 0;
    for (const { name, bytes, sets, model } of running) {
      if (dataDependent.test(name)) continue;
      const imported = fromOnnx(bytes);
      const inputs = sets[0]!.inputs.map((each) => tensorIn(each).tensor);
      const isGiven = imported.inputs.map(
        (info, i) => inputs[i]!.dtype.startsWith("float") && !isSetting(model, info.name),
      );
      if (!isGiven.includes(true)) continue;
      try {
        const eager = outputs(imported, inputs);
        const compiled = compile((...xs: Tensor[]) => {
          const given = [...xs];
          return imported.run(inputs.map((x, i) => (isGiven[i] ? given.shift()! : x)));
        });
        const results = compiled(...inputs.filter((_, i) => isGiven[i])) as Record<string, Tensor>;
        imported.outputs.forEach((output, i) => {
          const why = differences(Datum.of(results[output]!), eager[i]!);
          if (why !== null) throw new Error(why);
        });
        count++;
      } catch (error) {
        failed.push(`${name}: ${(error as Error).message.slice(0, 200)}`);
      }
    }
    expect(failed).toEqual([]);
    expect(count).toBeGreaterThan(900);
  }, 600_000);
});
