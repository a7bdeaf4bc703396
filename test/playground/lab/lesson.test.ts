// The lesson, stage by stage, against the lecture's figures and against its algebra in plain loops.

import { expect, test } from "vitest";
import type { LayerPicture, Stage } from "../../../packages/playground/src/lab/lab.ts";
import { Lesson } from "../../../packages/playground/src/lab/lesson/stages.ts";
import {
  errata,
  groundedExample,
  predictionFromPrintedMatrices,
  updatedMatrices,
} from "../../closed-form/grounded-example.ts";
import { backpropagate, type Layer, updateLayers } from "../../closed-form/network.ts";

const { exact, printed, layers, sample, target, loss, rho } = groundedExample;
const lesson = new Lesson();
const passLength = 8;
const stages = (pass: number): Stage[] =>
  Array.from({ length: passLength }, (_, i) => lesson.stage(1 + pass * passLength + i, false));

/** Absolute: every number here is below 4, so 1e-12 is a few thousand roundings. */
function expectClose(actual: unknown, expected: unknown): void {
  const [found, wanted] = [[actual].flat(3), [expected].flat(3)] as [number[], number[]];
  expect(found).toHaveLength(wanted.length);
  for (const [i, value] of wanted.entries()) expect(Math.abs(found[i]! - value)).toBeLessThanOrEqual(1e-12);
}

/** The text of MathML as one reads it, without the invisible sign of a function's application. */
const read = (mathml: string): string =>
  mathml
    .replace(/<[^>]*>/g, " ")
    .replaceAll("\u2061", " ")
    .replace(/\s+/g, " ")
    .replaceAll("− ", "−")
    .trim();

test("the stages are those of the slides in their order", () => {
  expect(lesson.stage(0, false)).toMatchObject({ index: 0, kind: "start", layer: 0 });
  expect(stages(0).map(({ kind, layer }) => [kind, layer])).toEqual([
    ["feedforward", 1],
    ["feedforward", 2],
    ["loss", undefined],
    ["backpropagation", 2],
    ["backpropagation", 1],
    ["gradient", 1],
    ["gradient", 0],
    ["update", undefined],
  ]);
  expect(stages(3).map(({ kind }) => kind)).toEqual(stages(0).map(({ kind }) => kind));
});

test("each stage of three passes has the numbers of the algebra in plain loops", () => {
  let network: Layer[] = layers;
  for (let pass = 0; pass < 3; pass++) {
    const known = backpropagate(sample, target, network, loss);
    const last = stages(pass).at(-1)!;
    const [input, hidden, output] = last.layers as [LayerPicture, LayerPicture, LayerPicture];
    for (const [l, picture] of last.layers.entries()) expectClose(picture.x, known.x[l]);
    // The placeholder of the bias neuron is ψ(1) times something, which is 0.
    expectClose(hidden.delta, known.delta[0]);
    expectClose(output.delta, known.delta[1]);
    expectClose(input.gradient, known.gradient[0]);
    expectClose(hidden.gradient, known.gradient[1]);
    expectClose(last.loss, known.loss);
    expectClose(last.prediction, known.prediction);
    for (const [l, { W }] of network.entries()) expectClose(stages(pass)[0]!.layers[l]!.weight, W);
    network = updateLayers(network, known.gradient, rho);
    for (const [l, { W }] of network.entries()) expectClose(last.layers[l]!.weight, W);
  }
});

test("the first pass has the exact figures, and the second the exact new prediction", () => {
  const last = stages(0).at(-1)!;
  expectClose(last.layers[1]!.x, [1, ...exact.hidden]);
  expectClose(last.prediction, exact.prediction);
  expectClose(last.layers[2]!.delta, exact.outputDelta);
  expectClose(last.layers[1]!.delta, exact.hiddenDelta);
  expectClose(last.layers[1]!.gradient, exact.outputGradient);
  expectClose(last.layers[0]!.gradient, exact.hiddenGradient);
  expectClose(stages(1)[1]!.prediction, exact.newPrediction);
});

test("a stage shows what is computed up to it, and nothing that comes later", () => {
  const shown = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((i) => {
    const { layers, loss, prediction } = lesson.stage(i, false);
    const has = layers.flatMap((layer, l) => [
      ...(layer.x === undefined ? [] : [`x${l}`]),
      ...(layer.delta === undefined ? [] : [`δ${l}`]),
      ...(layer.gradient === undefined ? [] : [`∇${l}`]),
    ]);
    return [...has, ...(prediction === undefined ? [] : ["ŷ"]), ...(loss === undefined ? [] : ["J"])].join(
      " ",
    );
  });
  expect(shown).toEqual([
    "x0",
    "x0 x1",
    "x0 x1 x2 ŷ",
    "x0 x1 x2 ŷ J",
    "x0 x1 x2 δ2 ŷ J",
    "x0 x1 δ1 x2 δ2 ŷ J",
    "x0 x1 δ1 ∇1 x2 δ2 ŷ J",
    "x0 ∇0 x1 δ1 ∇1 x2 δ2 ŷ J",
    "x0 ∇0 x1 δ1 ∇1 x2 δ2 ŷ J",
    "x0 x1",
  ]);
});

test("equations have the numbers that the slides print, and full precision on demand", () => {
  const digits = (value: number) =>
    (Number.isInteger(value) ? `${value}` : value.toFixed(3)).replace("-", "−");
  const [first, second, , outputDelta, hiddenDelta, , inputGradient] = stages(0).map(({ numbers }) =>
    read(numbers!),
  );
  for (const value of printed.hidden) expect(first).toContain(digits(value));
  expect(second).toContain(digits(printed.prediction[0]!));
  expect(outputDelta).toBe("δ ( 2 ) = 0.512 −1 = −0.488");
  for (const value of printed.hiddenDelta) expect(hiddenDelta).toContain(digits(value));
  expect(hiddenDelta).toContain("0.550 ( 1 −0.550 )");
  expect(inputGradient).toContain("= ( −0.060 −0.010 0 0 −0.060 −0.010 )");
  expect(read(lesson.stage(2, true).numbers!)).toContain(`${exact.prediction[0]}`);
  expect(read(lesson.stage(5, true).numbers!)).toContain(`${exact.hiddenDelta[1]}`.replace("-", "−"));
});

test("equations are MathML that is closed as it is opened", () => {
  for (let i = 0; i <= 9; i++)
    for (const mathml of [lesson.stage(i, false).equation!, lesson.stage(i, true).numbers!]) {
      const open: string[] = [];
      for (const [, end, name] of mathml.matchAll(/<(\/?)([a-z]+)[^>]*>/g))
        if (end === "/") expect(open.pop()).toBe(name);
        else open.push(name!);
      expect(open).toEqual([]);
      expect(mathml).toMatch(/^<math xmlns="http:\/\/www\.w3\.org\/1998\/Math\/MathML"/);
    }
});

test("the errata of the slides stand at the stages where one meets them", () => {
  const all = stages(0).map(({ errata }) => errata.join(" "));
  const update = all.at(-1)!;
  const text = (rows: number[][]) => rows.at(-1)!.map((value) => value.toFixed(3).replace("-", "−"));
  expect(update).toContain(`${text(updatedMatrices.W1.printed)} for the last entry`);
  expect(update).toContain(`[${text(updatedMatrices.W0.printed).join(", ")}] for the last row`);
  expect(update).toContain(`[${text(updatedMatrices.W0.correct).join(", ")}]`);
  expect(update).toContain("W ← W + ρ∇");
  expect(all[0]).toContain("φ(Wᵀ x)");
  expect(all[4]).toContain("o₁");
  expect(stages(1)[1]!.errata[0]).toContain(predictionFromPrintedMatrices.toFixed(3));
  // Two errata are about softmax and early stopping, which the example doesn't have.
  expect(errata.map(({ id }) => id).filter((id) => !/softmax|early/.test(id))).toHaveLength(5);
  expect([...stages(2), ...stages(3)].flatMap(({ errata }) => errata)).toEqual([]);
});

test("stages can be asked for in any order, and one that is none is refused", () => {
  const later = lesson.stage(40, false);
  expect(new Lesson().stage(40, false)).toEqual(later);
  expect(lesson.stage(3, false)).toEqual(new Lesson().stage(3, false));
  for (const index of [-1, 0.5, NaN, 1e9]) expect(() => lesson.stage(index, false)).toThrow(RangeError);
});
