import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as table from "../../../packages/autograd/src/primitives/table.ts";
import type { Primitive } from "../../../packages/autograd/src/tape/value.ts";
import { trials } from "../../support/runs.ts";
import { seeds } from "../../support/tensors.ts";
import { caseOf, cases } from "./cases.ts";
import { properties } from "./properties.ts";

// What definePrimitive makes is a function that carries its primitive.
const primitives = Object.entries(table).map(([name, entry]): [string, Primitive] => [
  name,
  ("primitive" in entry ? entry.primitive : entry) as unknown as Primitive,
]);

for (const [name, primitive] of primitives) {
  describe(name, () => {
    test("comes with operands to be attacked with", () => {
      expect(() => caseOf(name, primitive)).not.toThrow();
    });
    // map stands for some forty functions, so it takes more to meet them all.
    const { numRuns, seed } = trials(name === "map" ? 300 : 40);
    for (const { sentence, check } of properties) {
      test(sentence, () => {
        const stated = caseOf(name, primitive);
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

test("every primitive of the table stands there under its own name", () => {
  expect(primitives.filter(([name, primitive]) => name !== primitive.name)).toEqual([]);
});

test("a case is stated for no primitive that does not exist", () => {
  expect(Object.keys(cases).filter((name) => !(name in table))).toEqual([]);
});

test("every case reaches axes of size 0 and of size 1", () => {
  for (const [name, { instances }] of Object.entries(cases)) {
    const sampled = fc.sample(instances, { numRuns: 200, seed: 1 });
    const found = new Set(
      sampled.flatMap(({ operands, shape }) => [...(shape ?? []), ...operands[0]!.shape]),
    );
    expect([...found], name).toEqual(expect.arrayContaining([0, 1]));
  }
});
