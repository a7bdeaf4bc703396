// Every layer of @adjoint/nn as a model: onnxruntime's numbers, at several sizes of the batch with one file.

import { type DType, record, type Tensor, zeros } from "@adjoint/autograd";
import { recordBatches, toOnnx } from "@adjoint/interop";
import * as nn from "@adjoint/nn";
import { afterAll, describe, expect, test } from "vitest";
import { cases, filled, type LayerCase } from "../../nn/layer-cases.ts";
import { sequenceCases } from "../../nn/sequences.ts";
import { count, tensorOf } from "../../support/tensors.ts";
import { onnxruntime, python } from "../peers.ts";
import { complaints, distance, opened } from "./models.ts";

/** Of the largest number of an output: float32 has 6e-8, and sums of up to 64 terms are added in another order. */
const ROOM = 1e-5;

interface Asked {
  readonly forward: (...x: never[]) => unknown;
  readonly inputs: readonly (readonly number[])[];
  readonly dtype?: DType;
  /** The axis of the batch in each input; 0 by default. */
  readonly axes?: readonly number[];
  /** Whether the case says something of each of its two samples, such as how long they are. */
  readonly isFixed?: boolean;
  /** What is random, as a further input. */
  readonly key?: Tensor;
}

/** A layer with numbers in all its variables. */
function layerOf({ make, input, options }: LayerCase): Asked {
  const layer = make("float32");
  Object.entries(nn.variables(layer)).forEach(([path, each], i) => {
    const values = filled(each.size, i + 1);
    const isVariance = path.endsWith("runningVariance");
    each.assign(tensorOf(isVariance ? values.map((v) => Math.abs(v) + 0.5) : values, each.shape, "float32"));
  });
  const { key, ...others } = options ?? {};
  const forward = (x: Tensor, own = key) =>
    layer.forward(x, own === undefined ? others : { ...others, key: own });
  const random = key === undefined ? {} : { key };
  if (!("labels" in input)) return { forward, inputs: [input], ...random };
  return { forward, inputs: [[input.labels.length, input.labels[0]!.length]], dtype: "int32" };
}

const all: readonly (readonly [string, () => Asked])[] = [
  ...Object.entries(cases).map(([name, each]) => [name, () => layerOf(each)] as const),
  ...sequenceCases.map(({ name, inputs, make }) => {
    const { run } = make("float32");
    const asked = (): Asked => ({
      forward: run,
      inputs,
      axes: inputs.map((_, i) => (i > 0 && name.includes("from a state") ? 1 : 0)),
      isFixed: /lengths|padding|masks/.test(name),
    });
    return [name, asked] as const;
  }),
];

const models: Uint8Array[] = [];
afterAll(() => {
  models.length = 0;
});
const flat = (tree: unknown): Tensor[] => (Array.isArray(tree) ? (tree as Tensor[]) : [tree as Tensor]);

describe.runIf(onnxruntime.isHere).each([20, 23] as const)(
  `in opset %i onnxruntime gives the engine's numbers${onnxruntime.reason}`,
  (opset) => {
    test.each(all)("of %s", async (name, make) => {
      const { forward, inputs, dtype = "float32", isFixed = false, key, axes = inputs.map(() => 0) } = make();
      const random = key === undefined ? [] : [key];
      const examples = [...inputs.map((shape) => zeros(shape, { dtype })), ...random] as never;
      const program = isFixed
        ? record(forward as never, ...(examples as never[]))
        : recordBatches(forward as never, examples, { axes: [...axes, ...random.map(() => null)] });
      const bytes = toOnnx(program, { opset });
      models.push(bytes);
      const { variables, outcomes } = "programAt" in program ? program.programAt(2) : program;
      // Where a layer assigns some of its variables, all of them go in, and those come out.
      const held = outcomes.some(({ value }) => value !== undefined) ? variables : [];
      const kept = new Set(
        outcomes.flatMap(({ variable, value }) => (value === undefined ? [] : [variable.face])),
      );
      const model = await opened(bytes);
      // One sample alone has no variance, which the engine refuses.
      const sizes = name === "batchNorm of features" ? [2, 3, 6] : [2, 1, 6];
      for (const batch of isFixed ? [2] : sizes) {
        const x = inputs.map((shape, i) => {
          const own = shape.with(axes[i]!, batch);
          const values = filled(count(own), i);
          return tensorOf(dtype === "int32" ? values.map((v) => Math.abs(v * 64) % 5) : values, own, dtype);
        });
        const given = [...x, ...random, ...held.map(({ value }) => value)];
        const outputs = flat(forward(...([...x, ...random] as never[])));
        const expected = [...outputs, ...held.flatMap((each) => (kept.has(each) ? [each.value] : []))];
        const found = await model.run(given);
        expect(found.length).toBe(expected.length);
        expected.forEach((each, i) => {
          expect(distance(found[i]!, each), `output ${i} of a batch of ${batch}`).toBeLessThan(ROOM);
        });
      }
      await model.close();
    });

    test.runIf(python.isHere)("and the standard's checker finds nothing wrong with the files", () => {
      expect(complaints(models)).toBe("");
    });
  },
);
