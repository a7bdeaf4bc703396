// Every optimizer against its definition in plain loops, and against the trajectories of PyTorch.

import { readFileSync } from "node:fs";
import { compile, type DType, type Tensor, tensor, type Variable, variable } from "@adjoint/autograd";
import * as nn from "@adjoint/nn";
import { describe, expect, test } from "vitest";
import { Dice, numbers } from "../../support/tensors.ts";
import { shown, trajectories } from "../data/trajectories.ts";
import { losses, starts } from "./losses.ts";
import { table } from "./table.ts";

const entries = Object.entries(table);
const ways: [string, <F extends (...args: never[]) => unknown>(f: F) => F][] = [
  ["eagerly", (f) => f],
  ["compiled", (f) => compile(f)],
];
const floats: [DType, number][] = [
  ["float32", 2 ** -24],
  ["float64", 2 ** -53],
];

/** Gradients of ten steps, of whole eighths, so that both float types have them: some of them 0. */
function drawn(dice: Dice, size: number): number[][] {
  return Array.from({ length: 10 }, () => Array.from({ length: size }, () => (dice.below(25) - 12) / 8));
}

describe.each(ways)("%s,", (way, around) => {
  // What is compiled is compared in float64 with PyTorch.
  const types = way === "compiled" ? floats.slice(0, 1) : floats;
  describe.each(types)("in %s,", (dtype, unit) => {
    test.each(entries.filter(([, { plain }]) => plain !== null))(
      "%s is its definition in plain numbers",
      (_name, entry) => {
        const dice = new Dice(7);
        // One has the length 0, of which lamb can take no share.
        const from = { a: [0.5, -1.5, 2, 0], b: [0] };
        const set: Record<string, Variable> = {};
        for (const [path, start] of Object.entries(from)) set[path] = variable(tensor(start, { dtype }));
        const gradients = { a: drawn(dice, 4), b: drawn(dice, 1) };
        const optimizer = entry.make();
        const step = around((a: Tensor, b: Tensor) => {
          optimizer.step(set, { a, b });
          return a;
        });
        const plains = { a: entry.plain!(), b: entry.plain!() };
        const at: Record<"a" | "b", number[]> = { ...from };
        for (let t = 1; t <= 10; t++) {
          const [a, b] = [gradients.a[t - 1]!, gradients.b[t - 1]!];
          step(tensor(a, { dtype }), tensor(b, { dtype }));
          at.a = plains.a(at.a, a, t);
          at.b = plains.b(at.b, b, t);
          // So many roundings in each step, of numbers below 4, each by half a unit of the last place at most.
          const bound = t * (entry.roundings ?? 40) * unit * 4;
          for (const path of ["a", "b"] as const)
            numbers(set[path]!).forEach((found, i) => {
              expect(Math.abs(found - at[path][i]!)).toBeLessThanOrEqual(bound);
            });
        }
      },
    );
  });

  test.each(entries.filter(([, { torch }]) => torch !== undefined))(
    "%s goes the way of PyTorch",
    (_name, entry) => {
      const walks = Object.entries(trajectories[entry.torch!]) as [keyof typeof losses, number[][]][];
      for (const [loss, rows] of way === "compiled" ? walks.slice(1) : walks) {
        const set = starts();
        const optimizer = entry.make();
        const step = around(() => optimizer.minimize(() => losses[loss](set.a, set.b), set));
        for (let t = 1; t <= 10; t++) {
          step();
          const row = rows[shown.indexOf(t)];
          // Ten steps of a hundred roundings at most, of numbers below 1.
          row?.forEach((wanted, i) => {
            expect(Math.abs((i < 2 ? set.a.data[i]! : set.b.item()) - wanted)).toBeLessThan(1e-13);
          });
        }
      }
    },
  );
});

test("every optimizer and link that is exported is in the table", () => {
  const index = readFileSync(new URL("../../../packages/nn/src/index.ts", import.meta.url), "utf8");
  const exported = [...index.matchAll(/export \{([^}]*)\} from "\.\/optimizers\//g)].flatMap(([, names]) =>
    names!
      .split(",")
      .map((name) => name.trim())
      .filter((name) => name !== "" && !name.startsWith("type ")),
  );
  expect(exported.length).toBeGreaterThan(15);
  const attacked = new Set(entries.flatMap(([, { of }]) => of as readonly string[]));
  // These are no links, and have tests of their own: average-of-weights and lbfgs.
  const others = ["averageOfWeights", "lbfgs"];
  expect(exported.filter((name) => !attacked.has(name)).sort()).toEqual(others);
  expect([...attacked].every((name) => name in nn)).toBe(true);
});
