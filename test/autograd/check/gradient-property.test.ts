// Gradient properties: right functions pass, twenty planted bugs are found in long programs, shrink to a step or three,
// and what is printed runs by itself and fails in the same way.

import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Tensor } from "@adjoint/autograd";
import {
  assertGradients,
  broadcastableShapes,
  GradientError,
  gradientProperty,
  matmulShapes,
  planted,
  programProperty,
  programs,
  tensors,
  tensorsOf,
} from "@adjoint/autograd/check";
import fc from "fast-check";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runs, trials } from "../../support/runs.ts";
import { bugs } from "./planted-bugs.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
// Beside the tests, so that fast-check is found as it is from any of the project's files.
const scratch = `${root}test/autograd/check/.scratch/`;

// Printed scripts are run where the package is installed, as their reader runs them; a process that loads two files is
// there sooner than one that loads every source.
beforeAll(async () => {
  const [own, installed] = [`${root}packages/autograd/`, `${scratch}node_modules/@adjoint/autograd/`];
  mkdirSync(installed, { recursive: true });
  cpSync(`${own}package.json`, `${installed}package.json`);
  const build = await rolldown({
    input: { index: `${own}src/index.ts`, "check/index": `${own}src/check/index.ts` },
    external: ["fast-check"],
  });
  await build.write({ dir: `${installed}dist`, format: "esm" });
}, 60_000);
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function output(name: string, script: string): string {
  const file = `${scratch}${name}.mjs`;
  writeFileSync(file, script);
  return execFileSync(process.execPath, [file], {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1" },
  });
}

function errorOf(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

describe("right functions pass", () => {
  test("of inputs that are drawn apart, or together", () => {
    fc.assert(
      gradientProperty(
        (x: Tensor, y: Tensor) => x.log().mul(y.sum() as Tensor),
        [tensors({ from: 0 }), tensors()],
      ),
      trials(10, 300),
    );
    fc.assert(
      gradientProperty(
        (a: Tensor, b: Tensor, y: Tensor) => (a.matmul(b as never) as Tensor).sub(y).square(),
        tensorsOf(matmulShapes()),
      ),
      trials(10, 300),
    );
    fc.assert(
      gradientProperty((a: Tensor, b: Tensor) => a.mul(b).tanh(), tensorsOf(broadcastableShapes())),
      trials(10, 300),
    );
  });

  test("and every verdict is counted", () => {
    const property = gradientProperty((x: Tensor) => x.sin(), [tensors({ shape: [2] })]);
    const tally = assertGradients(property, { numRuns: 12, seed: 1 });
    expect(tally).toBe(property.tally);
    expect(tally).toEqual({ right: 12, wrong: 0, inconclusive: 0 });
  });

  test("unless nothing could be told at any point", () => {
    const property = gradientProperty((x: Tensor) => x.sub(x).log(), [tensors()]);
    expect(() => assertGradients(property, { numRuns: 5, seed: 1 })).toThrow(
      /all 5 checks were inconclusive/,
    );
  });
});

describe("a wrong function", () => {
  // The derivative of what is detached is missing.
  const wrong = (x: Tensor) => x.mul(x.greater(0.5).select(x.detach(), 1));

  test("shrinks, and is printed with the seed and the path that lead back to it", () => {
    const property = gradientProperty(wrong, [tensors({ from: -3, to: 3 })]);
    const error = errorOf(() => assertGradients(property, { seed: 3, numRuns: 200 })) as GradientError;
    expect(error).toBeInstanceOf(GradientError);
    expect(error.snippet).toContain("tensor(1, {");
    const [, seed, path] = /\{ seed: (-?\d+), path: "([\d:]+)" \}/.exec(error.message)!;
    const again = errorOf(() =>
      assertGradients(property, { seed: Number(seed), path: path!, endOnFailure: true }),
    );
    expect((again as GradientError).report.toString()).toBe(error.report.toString());
    const printed = output("wrong", error.snippet);
    expect(printed).toMatch(/^wrong/);
    expect(printed).toContain("a value leaves the tape");
  });

  test("fails fc.assert, with the report and the script as the cause", () => {
    const error = errorOf(() =>
      fc.assert(gradientProperty(wrong, [tensors()]), { seed: 1, numRuns: 200 }),
    ) as Error;
    expect((error.cause as GradientError).report.verdict).toBe("wrong");
    expect((error.cause as Error).message).toContain("console.log(String(checkGradients(f, inputs)))");
  });

  test("that throws, throws what it throws", () => {
    const property = gradientProperty(
      (x: Tensor): Tensor => {
        throw new RangeError(`no ${x.rank}`);
      },
      [tensors({ shape: [2] })],
    );
    expect(errorOf(() => assertGradients(property, { seed: 1 }))).toMatchObject({
      cause: { name: "RangeError", message: "no 1" },
    });
  });
});

describe("the script of a wrong function", () => {
  const wrong = (x: Tensor) => x.mul(x.detach());
  const scriptOf = (f: (x: Tensor) => unknown, source?: string) => {
    const property = gradientProperty(
      f,
      [tensors({ shape: [1], from: 0 })],
      source === undefined ? {} : { source },
    );
    return (errorOf(() => assertGradients(property, { numRuns: 5, seed: 1 })) as GradientError).snippet;
  };

  test("says which of the user's own names it leaves open", () => {
    expect(scriptOf((x) => wrong(x).sum())).toContain("// The function uses wrong: import or define it here");
  });

  test("names none where f is closed", () => {
    for (const f of [
      (x: Tensor) => x.mul(x.detach()),
      (x: Tensor) => {
        const factor = Math.PI / 2;
        return x.mul(x.detach()).mul(factor);
      },
      { method: (x: Tensor) => [x].map((each) => each.mul(each.detach())) }.method,
    ]) {
      const script = scriptOf(f);
      expect(script).not.toContain("// The function uses");
      expect(output("closed", script)).toMatch(/^wrong/);
    }
  });

  test("is one that runs for a method, too", () => {
    const holder = {
      half(x: Tensor) {
        return x.mul(x.detach());
      },
    };
    expect(output("method", scriptOf(holder.half))).toMatch(/^wrong/);
  });

  test("has the lines that it is told", () => {
    const script = scriptOf(wrong, "const wrong = (x) => x.mul(x.detach());");
    expect(script).toContain("const f = wrong;");
    expect(output("told", script)).toMatch(/^wrong/);
  });

  test("takes no name that the function or its lines use", () => {
    const [f, inputs] = [wrong, 2];
    const script = scriptOf((x) => f(x).mul(inputs));
    expect(script).toContain("// The function uses f, inputs: import or define it here");
    const defined = "const f = (x) => x.mul(x.detach());\nconst [inputs, f2] = [2, 3]; // f3";
    const whole = scriptOf((x) => f(x).mul(inputs), defined);
    // By its name only where its lines are given, which is the name of no constant here.
    expect(whole).toContain("const f3 = ");
    const named = scriptOf(
      f,
      'import { checkGradients } from "@adjoint/autograd/check";\nconst wrong = (f) => f.mul(f.detach());',
    );
    expect(named).toContain("const f2 = wrong;");
    expect(output("named", named)).toMatch(/^wrong/);
    const text = script.replace(
      /^\/\/ The function uses.*$/m,
      "const f = (x) => x.mul(x.detach());\nconst inputs = 2;",
    );
    expect(output("text", text)).toMatch(/^wrong/);
  });
});

test("shapes that fit together may be drawn as tuples that can't be changed", () => {
  const pairs = matmulShapes().map(([left, right]) => [left, right] as const);
  const property = gradientProperty((a: Tensor, b: Tensor) => a.matmul(b as never), tensorsOf(pairs));
  expect(assertGradients(property, { numRuns: 5, seed: 1 }).wrong).toBe(0);
});

test("what is no arbitrary is named with the way out", () => {
  const f = (x: Tensor) => x;
  const given = (arbitraries: unknown) => () => gradientProperty(f, arbitraries as never);
  expect(given([[2]])).toThrow(
    "gradientProperty: got an array where an arbitrary belongs; give one for each input",
  );
  expect(given("x")).toThrow("gradientProperty: got a string where an arbitrary belongs");
  expect(given([undefined])).toThrow("gradientProperty: got undefined where an arbitrary belongs");
  expect(() => gradientProperty(tensors() as never, [tensors()])).toThrow("where the function belongs");
});

describe("a bug in a program of ten steps and more is found, shrunk and named", () => {
  // All are printed and run in a deep run; a few, at both ends of the list, in a normal one.
  const executed = new Set([...bugs.slice(0, runs(1, bugs.length)), ...bugs.slice(-1)]);

  test("twenty of them", () => expect(bugs.length).toBe(20));

  test.each(bugs)("$mistake", { timeout: 300_000 }, (bug) => {
    const { statement } = bug;
    const property = programProperty(
      programs({ plant: [planted(statement)], minSteps: 10, maxSteps: runs(20, 30) }),
    );
    const found = fc.check(property, { numRuns: 100, seed: 1 });
    expect(found.failed).toBe(true);
    const [program] = found.counterexample!;
    const error = found.errorInstance as GradientError;
    expect(error).toBeInstanceOf(GradientError);
    expect(error.report.guilty?.operation).toBe(statement.name);
    expect(program.steps.length).toBeLessThanOrEqual(3);
    for (const { shape } of program.inputs) for (const n of shape) expect(n).toBeLessThanOrEqual(3);
    if (!executed.has(bug)) return;
    const printed = output(statement.name, error.snippet).trim();
    // But for the line, which only the script has.
    expect(printed.replace(/, made at .*/, "")).toBe(String(error.report).replace(/, made at .*/, ""));
  });
});
