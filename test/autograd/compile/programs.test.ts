// Compiled code beside eager code: random programs over everything the package can do, their gradients and
// Hessian-vector products, in both float types and every build there is.

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

/** The questions with eager answers. Where eager code refuses, there is nothing to compare with. */
const answered = (asked: readonly Question[]): Answered[] =>
  asked.flatMap((question) => {
    try {
      return [{ ...question, eager: flat(question.f(...(question.args as never[]))) }];
    } catch {
      return [];
    }
  });

/** All questions in one function: what the answers have in common is computed once. */
const together = (asked: readonly Answered[]): Answered => ({
  name: asked.map(({ name }) => name).join(", "),
  f: ((...args: unknown[][]) => asked.flatMap(({ f }, i) => f(...(args[i] as never[])))) as AnyFunction,
  args: asked.map(({ args }) => args),
  eager: Float64Array.from(asked.flatMap(({ eager }) => [...eager])),
});

/** Everything in which a compiled program differs from the eager one. */
function differences(program: Program, build: Build, isTogether: boolean): string[] {
  const asked = answered(questions(program));
  const each = isTogether ? [together(asked)] : asked;
  return each.flatMap(({ name, f, args, eager }) => {
    const compute = () => flat(f(...(args as never[])));
    const compiled = compile(f, { build });
    const found = difference(
      flat(compiled(...(args as never[]))),
      compute,
      program.dtype as "float64",
      eager,
    );
    return found === null
      ? []
      : [
          `${name} of ${program.functionCode()}: element ${found.place} is ${found.compiled}, eagerly ${found.eager} ± ${found.allowed}`,
        ];
  });
}

const builds: readonly Build[] = bestBuild() === "relaxed" ? ["simd", "relaxed", "none"] : ["simd", "none"];

describe.each(builds)("in the build %s", (build) => {
  const count = build === "simd" ? runs(2000, 20_000) : runs(200, 5000);

  test.each(["float64", "float32"] as const)(
    "random programs in %s give eager numbers, gradients and Hessian-vector products",
    (dtype) => {
      fc.assert(
        fc.property(programs({ dtype, maxSteps: runs(8, 12) }), fc.boolean(), (program, isTogether) => {
          expect(differences(program, build, isTogether)).toEqual([]);
        }),
        { ...trials(count / 2, count / 2), endOnFailure: false },
      );
    },
    1_200_000,
  );
});
