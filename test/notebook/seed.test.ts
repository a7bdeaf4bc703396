// Seeds, and other ones by an argument.

import { afterEach, beforeEach, expect, test, vi } from "vitest";

const { argv } = process;
let seed: (number: number) => number;

// Which seed is the first of a script is known to the module, so each test has a module of its own.
beforeEach(async () => {
  vi.resetModules();
  ({ seed } = await import("../../packages/notebook/src/seed.ts"));
});
afterEach(() => {
  process.argv = argv;
  vi.unstubAllEnvs();
});

test("a seed is returned as it is where no other is given", () => {
  expect([seed(7), seed(8)]).toEqual([7, 8]);
});

test("ADJOINT_SEED gives the first seed of a script, and no later one", () => {
  vi.stubEnv("ADJOINT_SEED", "5");
  expect([seed(7), seed(8)]).toEqual([5, 8]);
});

test("the argument goes before the environment", () => {
  vi.stubEnv("ADJOINT_SEED", "5");
  process.argv = [...argv, "--seed", "6"];
  expect([seed(7), seed(8)]).toEqual([6, 8]);
});

test.each(["", "two", "1.5"])("a seed that is no whole number is refused by name: --seed %j", (given) => {
  process.argv = [...argv, "--seed", given];
  expect(() => seed(7)).toThrow(new RangeError(`seed: ${given} must be a whole number`));
});

test("nothing behind --seed is refused, too", () => {
  process.argv = [...argv, "--seed"];
  expect(() => seed(7)).toThrow(RangeError);
});
