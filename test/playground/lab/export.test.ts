// What can be saved, and the tape: code that runs by itself and predicts the same, weights that it takes, curves, and the steps
// of one training step with their gradients.

import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { activation } from "@adjoint/autograd";
import { expressions } from "@adjoint/autograd/check";
import { backpropagation, fromSafetensors, load, negLogLoss } from "@adjoint/nn";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { drawn, grounded } from "../../../packages/playground/src/lab/data/drawn.ts";
import { fromTable } from "../../../packages/playground/src/lab/data/table.ts";
import { startingWith } from "../../../packages/playground/src/lab/defaults.ts";
import { fileOf } from "../../../packages/playground/src/lab/export/files.ts";
import { statementOf } from "../../../packages/playground/src/lab/export/statement.ts";
import type { Settings } from "../../../packages/playground/src/lab/lab.ts";
import { settingsOf } from "../../../packages/playground/src/lab/link.ts";
import { checked } from "../../../packages/playground/src/lab/settings.ts";
import { tapeStepsOf } from "../../../packages/playground/src/lab/tape.ts";
import { Session } from "../../../packages/playground/src/lab/training/session.ts";
import { numbers } from "../../support/tensors.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
// Beside packages that see the engine by its name, and ignored by git.
const folder = `${root}packages/examples/.cache/exported-${process.pid}/`;

// Names that would end a comment of the code, or its line.
const csv = `"a*/b","two\nlines",colour\n${Array.from(
  { length: 40 },
  (_, i) => `${i / 3},${(i * 7) % 11},${["red", "green", "blue"][i % 3]}`,
).join("\n")}`;

/** Settings of each kind, and a session that has learnt a little. */
const cases: Readonly<
  Record<
    string,
    { readonly settings: Settings; readonly data: (settings: Settings) => ReturnType<typeof grounded> }
  >
> = {
  grounded: { settings: startingWith("grounded"), data: grounded },
  quiz: {
    settings: {
      ...startingWith("quiz"),
      hidden: [
        { units: 4, activation: "x·σ(x) + 1 − 1/(2 + x²)" },
        { units: 3, activation: "max(x, 0.1x)" },
      ],
    },
    data: ({ data, seed }) => drawn(data, seed),
  },
  table: {
    settings: {
      ...startingWith("csv"),
      data: { name: "csv", noise: 0, samples: 8, csv },
      hidden: [{ units: 4, activation: "relu" }],
      outputActivation: "linear",
      loss: "crossEntropy",
      dropout: 0.1,
      l2: 0.001,
    },
    data: ({ data, seed }) => fromTable(data.csv!, seed),
  },
};
const sessions = new Map(
  Object.entries(cases).map(([name, { settings, data }]) => {
    const session = new Session(checked(settings), data(settings));
    session.progress(0, false);
    session.advance(20);
    session.progress(0, false);
    return [name, session];
  }),
);

describe("exported code", () => {
  let printed: Record<string, { predictions: number[][]; loaded: number[][] }> = {};

  beforeAll(() => {
    mkdirSync(folder, { recursive: true });
    const imports = [...sessions].map(([name, session]) => {
      writeFileSync(`${folder}${name}.ts`, fileOf(session, "code").content);
      writeFileSync(`${folder}${name}.safetensors`, fileOf(session, "safetensors").content);
      writeFileSync(
        `${folder}${name}.json`,
        JSON.stringify(
          Array.from({ length: session.data.test.count }, (_, i) => [
            ...session.data.test.x.slice(
              i * session.data.inputs.length,
              (i + 1) * session.data.inputs.length,
            ),
          ]),
        ),
      );
      return `import * as ${name} from "./${name}.ts";`;
    });
    // One process for all: each file prints first, and then predicts all test samples, before and after its own weights are set
    // to zero and loaded from the file.
    writeFileSync(
      `${folder}all.ts`,
      `${imports.join("\n")}
import { readFileSync } from "node:fs";
import { tensor } from "@adjoint/autograd";
import { load, variables } from "@adjoint/nn";
const result: Record<string, unknown> = {};
for (const [name, { model, predict }] of Object.entries({ ${[...sessions.keys()].join(", ")} })) {
  const read = (end: string) => readFileSync(new URL(name + end, import.meta.url));
  const x = tensor(JSON.parse(String(read(".json"))), { dtype: model[0]!.weight.dtype });
  const predictions = predict(x).toArray();
  for (const each of Object.values(variables(model))) each.assign(each.value.mul(0));
  load(model, new Uint8Array(read(".safetensors")));
  result[name] = { predictions, loaded: predict(x).toArray() };
}
console.log("RESULT" + JSON.stringify(result));`,
    );
    // What `npx tsx` runs, without npx.
    const command = ["--import", "tsx", "--conditions=@adjoint/source", `${folder}all.ts`];
    const output = execFileSync(process.execPath, command, { cwd: root, encoding: "utf8" });
    printed = JSON.parse(output.slice(output.indexOf("RESULT") + 6));
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each([...sessions.keys()])(
    "of the %s network predicts the same numbers, also with the weights of the safetensors file",
    (name) => {
      const session = sessions.get(name)!;
      const { network, data } = session;
      const x = session.test.x;
      const output = network.run(x).at(-1)!;
      const expected =
        data.targetScale !== null
          ? numbers(output).map((value) => value * data.targetScale!.scale[0]! + data.targetScale!.shift[0]!)
          : numbers(network.task.name === "crossEntropy" ? output.softmax() : output);
      const { predictions, loaded } = printed[name]!;
      expect(loaded).toEqual(predictions);
      expect(predictions.flat()).toHaveLength(expected.length);
      // Inputs are scaled in float32 there and in float64 here, and numbers of the size of the target are scaled back.
      const size = Math.max(...expected.map(Math.abs));
      const bound = network.dtype === "float64" ? 0 : 2e-6 * size;
      for (const [i, value] of predictions.flat().entries())
        expect(Math.abs(value - expected[i]!)).toBeLessThanOrEqual(bound);
    },
  );

  test("states every expression that a formula can have, as the same function", () => {
    fc.assert(
      fc.property(expressions({ maxSteps: 6 }), (drawn) => {
        const { code } = statementOf(drawn);
        const again = new Function("Expression", `return ${code}`)(drawn.constructor);
        const [a, b] = [activation("a", () => drawn), activation("b", again)];
        expect(b.function.toString()).toBe(a.function.toString());
      }),
      { numRuns: 100 },
    );
  });

  test("says what it was trained with, and nothing of a person's table", () => {
    const code = String(fileOf(sessions.get("table")!, "code").content);
    expect(code).toContain(
      "chain(weightDecay(0.001), adam({ learningRate: 0.01 })), batches of 32, dropout 0.1",
    );
    expect(code).not.toContain(csv.slice(0, 40));
  });
});

test("the safetensors file has the weights and, in its metadata, the settings that made them", () => {
  for (const [name, session] of sessions) {
    const { tensors, metadata } = fromSafetensors(fileOf(session, "safetensors").content as Uint8Array);
    const settings = settingsOf(metadata["settings"]!) as Settings;
    expect(settings.hidden).toEqual(cases[name]!.settings.hidden);
    expect(settings.data.csv).toBeUndefined();
    expect(Object.keys(tensors)).toHaveLength(2 * session.network.layers.length);
    const other = new Session(session.checked, session.data);
    load(other.network.model, fileOf(session, "safetensors").content as Uint8Array);
    expect(other.network.model[0]!.transferMatrix.toArray()).toEqual(
      session.network.model[0]!.transferMatrix.toArray(),
    );
  }
});

test("curves are a table with a row for each look at the training", () => {
  const [header, ...rows] = String(fileOf(sessions.get("quiz")!, "curves").content)
    .trim()
    .split("\n");
  expect(header).toBe(
    "step,epoch,training loss,test loss,training accuracy,test accuracy,gradient norm W(0),gradient norm W(1),gradient norm W(2),saturation hidden 1,saturation hidden 2",
  );
  expect(rows.map((row) => row.split(",")[0])).toEqual(["0", "20"]);
  for (const row of rows) expect(row.split(",")).toHaveLength(header!.split(",").length);
  expect(() => fileOf(sessions.get("quiz")!, "all" as "code")).toThrow(TypeError);
});

describe("the tape of a step", () => {
  const { network, training, batch } = new Session(checked(startingWith("grounded")), grounded());
  const tape = tapeStepsOf(network, training, batch);
  const named = (name: string) => tape.find((each) => each.name === name)!;

  test("leads from the weights, the sample and the target to the loss, operands first", () => {
    const seen = new Set<string>();
    for (const { id, operands } of tape) {
      for (const operand of operands) expect(seen).toContain(operand);
      seen.add(id);
    }
    expect(seen.size).toBe(tape.length);
    expect(tape.at(-1)).toMatchObject({ kind: "result", value: "0.67", gradient: "1", shape: [] });
    for (const name of ["W(0)", "W(1)", "bias of W(0)", "bias of W(1)"])
      expect(named(name).kind).toBe("weight");
    expect(named("x")).toMatchObject({ kind: "input", value: "[0, 1]" });
    expect(named("target")).toMatchObject({ kind: "input", value: "[1]" });
  });

  test("has the gradients of backpropagation on its edges", () => {
    const { layers } = backpropagation(network.model, training.x, training.y, negLogLoss);
    const text = (values: Iterable<number>) =>
      `[${Array.from(values, (value) => `${Number(value.toPrecision(3))}`.replace("-", "−")).join(", ")}]`;
    expect(named("W(1)").gradient).toBe(text(numbers(layers[1]!.gradient!).slice(1)));
    expect(named("bias of W(0)").gradient).toBe(text(numbers(layers[0]!.gradient!).slice(0, 2)));
    // δ: the gradient of the weighted sums, which are what a logistic step is made of.
    const logistic = tape.filter(({ name }) => name === "logistic");
    const sums = logistic.map(({ operands }) => tape.find(({ id }) => id === operands[0])!);
    expect(sums[0]!.gradient).toBe(text(numbers(layers[1]!.delta!).slice(1)));
    expect(sums[1]!.gradient).toBe(text(numbers(layers[2]!.delta!)));
    expect(logistic.map(({ layer }) => layer)).toEqual([1, 2]);
    expect(tape.at(-1)).not.toHaveProperty("layer");
  });

  test("changes nothing, and holds no more than 32 samples", () => {
    const session = sessions.get("quiz")!;
    const before = session.network.model[0]!.transferMatrix.toArray();
    const steps = tapeStepsOf(session.network, session.training, 1000);
    expect(session.network.model[0]!.transferMatrix.toArray()).toEqual(before);
    expect(steps.find(({ name }) => name === "x")!.shape).toEqual([32, 1]);
    for (const { kind, gradient } of steps) if (kind === "weight") expect(gradient).toMatch(/\d/);
  });
});
