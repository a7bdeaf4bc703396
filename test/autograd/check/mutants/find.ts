// The mutants in parts, a test file for each, so that both workers have one. Every PARTS-th mutant belongs to one part,
// which spreads the slow ones.

import { checkGradients } from "@adjoint/autograd/check";
import { expect, test } from "vitest";
import { interpose } from "../../../../packages/autograd/src/tape/interpose.ts";
import { runs } from "../../../support/runs.ts";
import { mutants } from "../mutants.ts";

export const PARTS = 2;

/** The default seed, and three others. */
export const seeds: readonly (number | undefined)[] = [undefined, 2, 3, 4].slice(0, runs(1, 4));
export const optionsOf = (seed: number | undefined): { seed?: number } =>
  seed === undefined ? {} : { seed };

/** States the test that the laboratory finds every mutant of a part, the first part being 1. */
export function findEveryMutantOf(part: number): void {
  // Some 300 checks for each seed, each with a search for the guilty step: twenty seconds on an idle machine.
  test(`every mutant of part ${part} of ${PARTS} is found wrong`, () => {
    const survivors: string[] = [];
    let [checks, toothless] = [0, 0];
    for (const { name, exercise, replace, hasBitten } of mutants.filter((_, i) => i % PARTS === part - 1)) {
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
    // 300 over all parts.
    expect(biting).toBeGreaterThanOrEqual((300 / PARTS) * seeds.length);
  }, 600_000);
}
