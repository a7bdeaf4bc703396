// The laboratory under test: it must not find what is not there. That it finds every broken rule is shown in mutants/.

import { readdirSync } from "node:fs";
import { checkGradients } from "@adjoint/autograd/check";
import { expect, test } from "vitest";
import { optionsOf, PARTS, seeds } from "./mutants/find.ts";
import { exercises, mutants } from "./mutants.ts";

test("there are at least 300 mutants", () => {
  expect(mutants.length).toBeGreaterThanOrEqual(300);
});

test("each part of the mutants has a test file, and there are no more", () => {
  const files = readdirSync(new URL("mutants/", import.meta.url)).filter((name) => name.endsWith(".test.ts"));
  expect(files.sort()).toEqual(Array.from({ length: PARTS }, (_, i) => `part-${i + 1}.test.ts`));
});

test.each(exercises.map((exercise) => [exercise.name, exercise] as const))(
  "%s unbroken is found right",
  (_name, exercise) => {
    for (const seed of seeds) {
      const report = checkGradients(exercise.f, exercise.inputs, optionsOf(seed));
      expect(String(report)).toMatch(/^right/);
    }
  },
);
