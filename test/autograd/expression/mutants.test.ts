import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Atom } from "../../../packages/autograd/src/expression/atoms/atom.ts";
import { atoms } from "../../../packages/autograd/src/expression/vocabulary.ts";
import { trials } from "../../support/runs.ts";
import { attackInside, wrongAtEdges, wrongInTruthValues } from "./attack.ts";
import { mutantsOf } from "./mutants.ts";

/** Whether the generic attack of atoms.test.ts, with fewer points, finds anything. */
function isCaught(atom: Atom): boolean {
  if (wrongInTruthValues(atom) !== null || wrongAtEdges(atom).wrong !== null) return true;
  return fc.check(attackInside(atom, 1).property, trials(60)).failed;
}

// Not an error: on truth values, 1 or 0, both are the same function.
const equivalent = [
  "select, partial 1: select(x, 1, 0) became x in select(x, 1, 0)",
  // Nor this: what is rounded is a whole number already, but for an error of rounding.
  "mod, partial 1: round((z − x)/y) became (z − x)/y in round((z − x)/y)",
];

describe("the attack bites", () => {
  for (const atom of atoms)
    test(`every spoiled partial of ${atom.name} is caught`, () => {
      expect(isCaught(atom), "unspoiled").toBe(false);
      const mutants = mutantsOf(atom);
      expect(mutants.length).toBeGreaterThanOrEqual(atom.arity);
      const survivors = mutants.filter((mutant) => !isCaught(mutant.atom)).map(({ name }) => name);
      expect(survivors.filter((name) => !equivalent.includes(name))).toEqual([]);
    });
});
