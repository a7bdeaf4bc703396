// The laboratory under test: it must find every broken rule, and must not find what is not there.

import { checkGradients } from "@adjoint/autograd/check";
import { expect, test } from "vitest";
import { interpose } from "../../../packages/autograd/src/tape/interpose.ts";
import { runs } from "../../support/runs.ts";
import { exercises, mutants } from "./mutants.ts";

/** The default seed, and three others. */
const seeds = [undefined, 2, 3, 4].slice(0, runs(1, 4));
const optionsOf = (seed: number | undefined) => (seed === undefined ? {} : { seed });

test("there are at least 300 mutants", () => {
  expect(mutants.length).toBeGreaterThanOrEqual(300);
});

// Some 590 checks, each with a search for the guilty step: half a minute on an idle machine, a seed.
test("every mutant is found wrong", () => {
  const survivors: string[] = [];
  let [checks, toothless] = [0, 0];
  for (const { name, exercise, replace, hasBitten } of mutants) {
    for (const seed of seeds) {
      const report = interpose({ replace }, () =>
        checkGradients(exercise.f, exercise.inputs, optionsOf(seed)),
      );
      checks++;
      if (!hasBitten()) toothless++;
      else if (report.verdict !== "wrong")
        survivors.push(`${name} (seed ${seed ?? "default"}): ${report.verdict}`);
    }
  }
  const biting = checks - toothless;
  console.log(
    `${biting - survivors.length} of ${biting} mutants killed; ${toothless} others never gave a wrong number`,
  );
  expect(survivors).toEqual([]);
  expect(biting).toBeGreaterThanOrEqual(300 * seeds.length);
}, 600_000);

test.each(exercises.map((exercise) => [exercise.name, exercise] as const))(
  "%s unbroken is found right",
  (_name, exercise) => {
    for (const seed of seeds) {
      const report = checkGradients(exercise.f, exercise.inputs, optionsOf(seed));
      expect(String(report)).toMatch(/^right/);
    }
  },
);
