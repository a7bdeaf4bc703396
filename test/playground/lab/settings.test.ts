// Settings: what is refused, and the links that carry them.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { startingWith } from "../../../packages/playground/src/lab/defaults.ts";
import { activationChoices } from "../../../packages/playground/src/lab/formula/activations.ts";
import type { Settings } from "../../../packages/playground/src/lab/lab.ts";
import { linkOf, settingsOf } from "../../../packages/playground/src/lab/link.ts";
import { lossChoices } from "../../../packages/playground/src/lab/losses.ts";
import { MistakeError } from "../../../packages/playground/src/lab/mistakes.ts";
import { optimizerChoices } from "../../../packages/playground/src/lab/optimizers.ts";
import { checked, dataChoices } from "../../../packages/playground/src/lab/settings.ts";
import { mistakesOf } from "./laboratory.ts";

const start: Settings = { ...startingWith("moons"), outputActivation: "logistic", loss: "negLogLoss" };
const refused = (settings: Settings) => {
  try {
    checked(settings);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(MistakeError);
    return (error as MistakeError).mistakes;
  }
};
const name = (choices: readonly { readonly name: string }[]) =>
  fc.constantFrom(...choices.map((each) => each.name));
const activation = fc.oneof(
  name(activationChoices),
  fc.constantFrom("x * logistic(x)", "max(0, x)·2", "|x| − 1", "x²", "e^x where_", "a~b.c%41"),
);
const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });

/** Settings of the form that settings have, most of them possible. */
const someSettings: fc.Arbitrary<Settings> = fc.record({
  data: fc.oneof(
    fc.record({ name: name(dataChoices), noise: number(0, 2), samples: fc.integer({ min: 8, max: 5000 }) }),
    fc.record({
      name: fc.constant("csv"),
      noise: number(0, 2),
      samples: fc.integer({ min: 8, max: 5000 }),
      csv: fc.string({ unit: "grapheme" }),
    }),
  ),
  hidden: fc.array(fc.record({ units: fc.integer({ min: 1, max: 128 }), activation }), { maxLength: 8 }),
  outputActivation: activation,
  loss: name(lossChoices),
  optimizer: name(optimizerChoices),
  learningRate: number(Number.MIN_VALUE, 1000),
  batch: fc.integer({ min: 0, max: 10_000 }),
  l2: number(0, 10),
  dropout: number(0, 0.999),
  seed: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
});

describe("a link", () => {
  test("leads back to the very settings that it was made of, by signs that no browser changes", () => {
    fc.assert(
      fc.property(someSettings, (settings) => {
        const link = linkOf(settings);
        expect(link).toMatch(/^[\w\-.~%+]*$/);
        expect(settingsOf(link)).toEqual(settings);
      }),
      { numRuns: 300 },
    );
  });

  test("is short for settings without a table", () => {
    expect(linkOf(start)).toBe("1~moons~0.1~400~~8.tanh.8.tanh~logistic~negLogLoss~adam~0.01~32~0~0~1");
  });

  test("that was cut off or changed anywhere is refused or has the form of settings", () => {
    const link = linkOf({ ...start, data: { name: "csv", noise: 0, samples: 8, csv: "1,2\n3,é" } });
    fc.assert(
      fc.property(fc.nat(link.length), fc.nat(4), fc.string({ maxLength: 4 }), (at, cut, put) => {
        const answer = settingsOf(link.slice(0, at) + put + link.slice(at + cut));
        if (mistakesOf(answer).length > 0) return;
        expect(Object.keys(answer).sort()).toEqual(Object.keys(start).sort());
      }),
      { numRuns: 500 },
    );
    for (let end = 0; end < link.lastIndexOf("~"); end++)
      expect(mistakesOf(settingsOf(link.slice(0, end)))).toHaveLength(1);
  });

  test("keeps a number that is not there yet, as while a field is empty, for its own message", () => {
    const settings = { ...start, learningRate: Number.NaN, l2: Infinity };
    expect(settingsOf(linkOf(settings))).toEqual(settings);
  });

  test.each([
    ["", "link", "version"],
    ["2~moons", "link", "version “2”"],
    ["1~moons", "link", "2 of 14 parts"],
    [`${linkOf(start)}~x`, "link", "more than 14 parts"],
    [linkOf(start).replace("moons", "%E0%A4"), "data.name", "damaged"],
    [linkOf(start).replace("~400~", "~4e400x~"), "data.samples", "where a number belongs"],
    [linkOf(start).replace("~400~", "~0x10~"), "data.samples", "where a number belongs"],
    [linkOf(start).replace("8.tanh.8.tanh", "8.tanh.8"), "hidden", "damaged"],
    [linkOf(start).replace("8.tanh.8.tanh", "8.x.".repeat(1_000)), "hidden", "damaged"],
    ["1~".padEnd(5_000_000, "~"), "link", "more than any state"],
  ])("such as %.40s is a mistake", (link, field, says) => {
    const [mistake] = mistakesOf(settingsOf(link));
    expect(mistake!.field).toBe(field);
    expect(mistake!.message).toContain(says);
  });
});

describe("settings", () => {
  test("with which each data set starts are possible", () => {
    for (const { name } of dataChoices) if (name !== "csv") expect(refused(startingWith(name))).toEqual([]);
  });

  test("of any form that links can have are taken or refused with a field, and never break the check", () => {
    fc.assert(
      fc.property(someSettings, (settings) => {
        for (const { field, message } of refused(settings)) {
          expect(field).toMatch(/^(data\.\w+|hidden(\.\d+\.\w+)?|\w+)$/);
          expect(message.length).toBeGreaterThan(5);
        }
      }),
      { numRuns: 40 },
    );
  });

  // biome-ignore lint/suspicious/noExplicitAny: what a link or a page may hold in the place of settings.
  const changed = (change: Record<string, any>): Settings => ({ ...start, ...change });
  test.each<[string, Settings, string]>([
    ["data.name", changed({ data: { ...start.data, name: "mons" } }), "did you mean moons?"],
    ["data.noise", changed({ data: { ...start.data, noise: -1 } }), "from 0 to 2"],
    ["data.samples", changed({ data: { ...start.data, samples: 1e9 } }), "from 8 to 5000"],
    ["data.csv", changed({ data: { ...start.data, name: "csv" } }), "there is no table"],
    ["data.csv", changed({ data: { ...start.data, name: "csv", csv: "\ud800" } }), "surrogate"],
    ["hidden", changed({ hidden: "8" }), "a list of layers"],
    ["hidden", changed({ hidden: Array(9).fill(start.hidden[0]) }), "may have 8"],
    [
      "hidden.1.units",
      changed({ hidden: [start.hidden[0], { units: 1.5, activation: "tanh" }] }),
      "whole number",
    ],
    ["hidden.0.activation", changed({ hidden: [{ units: 2, activation: "tanh(" }] }), "ends too early"],
    ["hidden.0.activation", changed({ hidden: [{ units: 2, activation: 3 }] }), "a name or a formula"],
    ["hidden.0.units", changed({ hidden: [null] }), "missing"],
    ["outputActivation", changed({ outputActivation: "tanh" }), "gives numbers from −1 to 1"],
    ["outputActivation", changed({ outputActivation: "1.0001·logistic(x)" }), "from 0 to 1.0001"],
    ["outputActivation", changed({ loss: "crossEntropy" }), "applies softmax itself"],
    ["outputActivation", changed({ loss: "negLogLossWithLogits" }), "applies the logistic function itself"],
    ["loss", changed({ loss: "mse" }), "must be one of negLogLoss"],
    ["optimizer", changed({ optimizer: "adma" }), "did you mean adam?"],
    ["learningRate", changed({ learningRate: 0 }), "above 0"],
    ["learningRate", changed({ learningRate: Number.NaN }), "is no number"],
    ["learningRate", changed({ learningRate: "0.1" }), "“0.1”"],
    ["batch", changed({ batch: -1 }), "from 0 to 10000"],
    ["l2", changed({ l2: Infinity }), "from 0 to 10"],
    ["dropout", changed({ dropout: 1 }), "below 1"],
    ["seed", changed({ seed: 2 ** 32 }), "from 0 to 4294967295"],
  ])("are refused at %s", (field, settings, says) => {
    const mistakes = refused(settings);
    expect(mistakes[0]!.field).toBe(field);
    expect(mistakes[0]!.message).toContain(says);
  });

  test("are refused with all their mistakes at once", () => {
    const fields = refused(
      changed({ seed: -1, batch: 0.5, optimizer: "", hidden: [{ units: 0, activation: "y" }] }),
    ).map(({ field }) => field);
    expect(fields).toEqual(["hidden.0.units", "hidden.0.activation", "optimizer", "batch", "seed"]);
  });

  test("have a choice of names, each with a sentence that says what it is", () => {
    for (const choices of [dataChoices, activationChoices, lossChoices, optimizerChoices]) {
      expect(new Set(choices.map(({ name }) => name)).size).toBe(choices.length);
      for (const { about } of choices) expect(about).toMatch(/^\S.{20,}[.?]$/);
    }
  });
});
