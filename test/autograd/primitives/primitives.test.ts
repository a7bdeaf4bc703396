import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as table from "../../../packages/autograd/src/primitives/table.ts";
import type { Primitive } from "../../../packages/autograd/src/tape/primitive.ts";
import { trials } from "../../support/runs.ts";
import { seeds } from "../../support/tensors.ts";
import { type Case, caseOfExamples, cases } from "./cases.ts";
import { properties } from "./properties.ts";

const primitives = Object.entries(table) as unknown as [string, Primitive][];

for (const [name, primitive] of primitives) {
  const stated: Case | null = cases[name] ?? caseOfExamples(primitive);
  describe(name, () => {
    test("can be attacked: it has operands to be attacked with", () => {
      expect(
        stated,
        `the primitive "${name}" is in the table and nothing attacks it; give it examples where it is defined, e.g. examples: [{ shapes: [[2, 3]], attributes: { … } }], and the properties follow`,
      ).not.toBeNull();
    });
    if (stated === null) return;
    // map stands for some forty functions, so it takes more to meet them all.
    const { numRuns, seed } = trials(name === "map" ? 300 : 40);
    for (const { sentence, check } of properties) {
      test(sentence, () => {
        fc.assert(
          fc.property(stated.instances, seeds, (instance, dice) => {
            check({ primitive, stated, instance, seed: dice });
          }),
          { numRuns, seed },
        );
      });
    }
  });
}

test("a case is stated for no primitive that does not exist", () => {
  expect(Object.keys(cases).filter((name) => !(name in table))).toEqual([]);
});
