// Steps of training as plain graphs: variables go in and come out, and onnxruntime trains as the engine does.

import { normal, randomKey, record, type Tensor, type Variable } from "@adjoint/autograd";
import { type OnnxOptions, recordBatches, toOnnx } from "@adjoint/interop";
import * as nn from "@adjoint/nn";
import { afterAll, describe, expect, test } from "vitest";
import { loadDigits, select } from "../../../packages/examples/src/data/mnist.ts";
import { tensorOf } from "../../support/tensors.ts";
import { onnxruntime, python } from "../peers.ts";
import { complaints, distance, opened } from "./models.ts";

/** Relative to the largest number: both round to float32 in each step, in another order. */
const ROOM = 1e-5;

const optimizers: Readonly<Record<string, () => nn.Optimizer>> = {
  sgd: () => nn.sgd({ learningRate: 0.1 }),
  "sgd with momentum": () => nn.sgd({ learningRate: 0.05, momentum: 0.9 }),
  adam: () => nn.adam({ learningRate: 0.002 }),
};

const models: Uint8Array[] = [];
afterAll(() => {
  models.length = 0;
});

/** Batches of digits, of several sizes. */
function batches(): readonly (readonly [Tensor, Tensor])[] {
  const all = loadDigits();
  return Array.from({ length: 12 }, (_, i) => {
    const size = i % 3 === 2 ? 7 : 20;
    const { pixels, labels } = select(
      all,
      Int32Array.from({ length: size }, (_each, k) => (37 * i + 499 * k) % 10_000),
    );
    return [tensorOf([...pixels], [size, 784], "float32"), tensorOf([...labels], [size], "int32")] as const;
  });
}

function network(make: () => nn.Optimizer) {
  const key = nn.keys(3);
  const model = nn.sequential(
    nn.dense(784, 24, { activation: nn.tanh, key: key() }),
    nn.layerNorm(24),
    nn.dense(24, 10, { key: key() }),
  );
  const optimizer = make();
  const step = (x: Tensor, labels: Tensor) =>
    optimizer.minimize(() => nn.crossEntropy(model.forward(x), labels) as Tensor, nn.variables(model));
  return { model, step };
}

describe.runIf(onnxruntime.isHere)(`a step of training in onnxruntime${onnxruntime.reason}`, () => {
  test.each(Object.entries(optimizers))(
    "has the losses of %s, whatever the size of a batch",
    async (_name, make) => {
      const data = batches();
      const { model, step } = network(make);
      // The first step makes what the optimizer remembers.
      step(...data[0]!);
      const recorded = recordBatches(step, data[0]!);
      const { variables, outcomes } = recorded.programAt(20);
      const bytes = toOnnx(recorded, { names: { inputs: ["x", "labels"], outputs: ["loss"] } });
      models.push(bytes);
      const runtime = await opened(bytes);
      const changes = new Set(
        outcomes.flatMap(({ variable, value }) => (value === undefined ? [] : [variable.face])),
      );
      const assigned = variables.filter((each) => changes.has(each));
      expect(assigned.length).toBeGreaterThanOrEqual(6);
      const state = new Map<Variable, Tensor>(variables.map((each) => [each, each.value]));
      const losses: number[] = [];
      for (const [x, labels] of data) {
        const [loss, ...next] = await runtime.run([x, labels, ...variables.map((each) => state.get(each)!)]);
        const expected = step(x, labels);
        expect(distance(loss!, expected)).toBeLessThan(ROOM);
        losses.push(loss!.item());
        assigned.forEach((each, i) => {
          state.set(each, next[i]!);
        });
      }
      // It learned something, and so did what is handed on.
      expect(losses.at(-2)).toBeLessThan(losses[0]!);
      for (const each of Object.values(nn.variables(model)))
        expect(distance(state.get(each)!, each.value)).toBeLessThan(ROOM);
      await runtime.close();
    },
  );

  const smaller: Readonly<Record<string, OnnxOptions>> = {
    "opset 20": { opset: 20 },
    "opset 23": { opset: 23 },
  };
  test.each(Object.entries(smaller))(
    "of a convolutional network with batch normalization has its loss in %s",
    async (_name, options) => {
      const key = nn.keys(5);
      const model = nn.sequential(
        nn.conv2d(1, 3, 3, { padding: 1, key: key() }),
        nn.batchNorm(3),
        nn.relu,
        nn.maxPool2d(2),
        nn.flatten(),
        nn.dropout(0.25),
        nn.dense(48, 4, { key: key() }),
      );
      const optimizer = nn.adamw({ learningRate: 0.01 });
      const step = (x: Tensor, labels: Tensor, own: Tensor) =>
        optimizer.minimize(
          () => nn.crossEntropy(model.forward(x, { training: true, key: own as never }), labels) as Tensor,
          nn.variables(model),
        );
      const x = normal(randomKey(1), [6, 1, 8, 8], { dtype: "float32" }) as Tensor;
      const labels = tensorOf([0, 1, 2, 3, 0, 1], [6], "int32");
      step(x, labels, randomKey(2));
      const { variables } = record(step, x, labels, randomKey(2));
      const values = variables.map(({ value }) => value);
      for (const program of [
        recordBatches(step, [x, labels, randomKey(2)], { axes: [0, 0, null] }),
        record(step, x, labels, randomKey(2)),
      ]) {
        const bytes = toOnnx(program, options);
        models.push(bytes);
        const runtime = await opened(bytes);
        const [loss] = await runtime.run([x, labels, randomKey(2), ...values]);
        await runtime.close();
        expect(distance(loss!, step(x, labels, randomKey(2)))).toBeLessThan(ROOM);
        variables.forEach((each, i) => {
          each.assign(values[i]!);
        });
      }
    },
  );

  test.runIf(python.isHere)("is a file in which the standard's checker finds nothing wrong", () => {
    expect(complaints(models)).toBe("");
  });
});
