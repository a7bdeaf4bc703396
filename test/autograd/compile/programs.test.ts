// Compiled code beside eager code: random programs over everything the package can do, their gradients and
// Hessian-vector products, in both float types and every build there is.
//
// Each program is asked one question and compiled once, since a program that was not drawn yet finds more than another
// question to the same one.

import { compile, grad, hvp, type Tensor, tensor } from "@adjoint/autograd";
import { type Program, programs } from "@adjoint/autograd/check";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Build, bestBuild } from "../../../packages/autograd/src/kernels/webassembly.ts";
import { runs, trials } from "../../support/runs.ts";
import { difference, flat } from "./uncertainty.ts";

type AnyFunction = (...args: never[]) => unknown;

interface Question {
  readonly name: string;
  readonly f: AnyFunction;
  readonly args: readonly unknown[];
}

/** What is compared of a program: its value, its gradient, and its Hessian times a vector. */
function questions(program: Program): Question[] {
  const { point, dtype } = program;
  const floats = point.flatMap((input, i) => (input.dtype === dtype ? [i] : []));
  const loss = (moving: readonly Tensor[]): Tensor => {
    const inputs = [...point];
    floats.forEach((i, k) => {
      inputs[i] = moving[k]!;
    });
    return program
      .run(...inputs)
      .filter((output) => output.dtype === dtype)
      .reduce((sum, output) => sum.add(output.sum() as Tensor) as Tensor, tensor(0, { dtype }) as Tensor);
  };
  const start = floats.map((i) => point[i]!);
  const along = start.map((x) => x.mul(0.5).add(0.25));
  return [
    { name: "value", f: program.run as AnyFunction, args: point },
    { name: "gradient", f: grad(loss as never, { allowUnused: true }) as AnyFunction, args: [start] },
    {
      name: "Hessian-vector product",
      f: ((x: Tensor[]) => hvp(loss as never, x, along, { allowUnused: true })) as AnyFunction,
      args: [start],
    },
  ];
}

interface Answered extends Question {
  readonly eager: Float64Array;
}

/** A question with its eager answer; null where eager code refuses, for then there is nothing to compare with. */
function answered(question: Question): Answered | null {
  try {
    return { ...question, eager: flat(question.f(...(question.args as never[]))) };
  } catch {
    return null;
  }
}

/** All questions in one function: what the answers have in common is computed once. */
function together(asked: readonly Question[]): Answered | null {
  const answers = asked.flatMap((question) => answered(question) ?? []);
  if (answers.length === 0) return null;
  return {
    name: answers.map(({ name }) => name).join(", "),
    f: ((...args: unknown[][]) => answers.flatMap(({ f }, i) => f(...(args[i] as never[])))) as AnyFunction,
    args: answers.map(({ args }) => args),
    eager: Float64Array.from(answers.flatMap(({ eager }) => [...eager])),
  };
}

/** The question of this number, or the first after it that eager code answers; after the last comes all of them together. */
function asked(program: Program, number: number): Answered | null {
  const all = questions(program);
  for (const question of all.slice(number)) {
    const answer = answered(question);
    if (answer !== null) return answer;
  }
  return together(all);
}

/** In what a compiled program differs from the eager one; null where it does not, undefined where nothing was compiled. */
function differenceOf(program: Program, build: Build, question: number): string | null | undefined {
  const answer = asked(program, question);
  if (answer === null) return undefined;
  const { name, f, args, eager } = answer;
  const compiled = compile(f, { build });
  const found = difference(
    flat(compiled(...(args as never[]))),
    () => flat(f(...(args as never[]))),
    program.dtype as "float64",
    eager,
  );
  return (
    found &&
    `${name} of ${program.functionCode()}: element ${found.place} is ${found.compiled}, eagerly ${found.eager} ± ${found.allowed}`
  );
}

const builds: readonly Build[] = bestBuild() === "relaxed" ? ["simd", "relaxed", "none"] : ["simd", "none"];

describe.each(builds)("in the build %s", (build) => {
  const count = build === "simd" ? runs(2800, 25_000) : runs(220, 6000);

  test.each(["float64", "float32"] as const)(
    "random programs in %s give eager numbers, gradients and Hessian-vector products",
    (dtype) => {
      let compiled = 0;
      fc.assert(
        fc.property(programs({ dtype, maxSteps: runs(8, 12) }), fc.nat({ max: 3 }), (program, question) => {
          const found = differenceOf(program, build, question);
          if (found !== undefined) compiled++;
          expect(found ?? null).toBeNull();
        }),
        { ...trials(count / 2, count / 2), endOnFailure: false },
      );
      // Eager code refuses hardly any program.
      expect(compiled).toBeGreaterThan(0.99 * (count / 2));
    },
    1_200_000,
  );
});
