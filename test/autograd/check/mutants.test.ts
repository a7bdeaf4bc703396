// The laboratory under test: it must not find what is not there. That it finds every broken rule is shown in mutants/.

import { checkGradients } from "@adjoint/autograd/check";
import { expect, test } from "vitest";
import { optionsOf, PARTS, seeds } from "./mutants/find.ts";
import { exercises, mutants } from "./mutants.ts";

test("there are at least 300 mutants", () => {
  expect(mutants.length).toBeGreaterThanOrEqual(300);
});

test("each part of the mutants has a test file, and there are no more", () => {
  const files = Object.keys(import.meta.glob("./mutants/*.test.ts")).sort();
  const parts = Array.from({ length: PARTS }, (_, i) => `./mutants/part-${i + 1}.test.ts`);
  expect(files).toEqual(parts);
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
