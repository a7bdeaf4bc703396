// Kernels that are alike but for addresses are one function: programs in which everything occurs twice and more, beside
// eager code.

import { compile, grad, normal, randomKey, type Tensor, tensor } from "@adjoint/autograd";
import { type Program, programs } from "@adjoint/autograd/check";
import { adam, crossEntropy, linear, mlp, tanh, variables } from "@adjoint/nn";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SHARING } from "../../../packages/autograd/src/compile/sharing.ts";
import { type Build, bestBuild } from "../../../packages/autograd/src/kernels/webassembly.ts";
import { trials } from "../../support/runs.ts";
import { difference, flat } from "./uncertainty.ts";

const builds: readonly Build[] = bestBuild() === "relaxed" ? ["simd", "relaxed"] : ["simd"];

describe.each(builds)("in the build %s", (build) => {
  // Small programs share as well here.
  const { least } = SHARING;
  beforeAll(() => {
    SHARING.least = 0;
  });
  afterAll(() => {
    SHARING.least = least;
  });

  /** The program's outputs and gradient, at two points. */
  const twice = (program: Program) => {
    const { point, dtype } = program;
    const at = (inputs: readonly Tensor[]): Tensor[] => {
      const outputs = program.run(...inputs).filter((output) => output.dtype === dtype);
      const [first] = inputs;
      if (first!.dtype !== dtype) return outputs;
      const loss = (x: Tensor) =>
        program
          .run(x, ...inputs.slice(1))
          .filter((output) => output.dtype === dtype)
          .reduce((sum, output) => sum.add(output.sum() as Tensor) as Tensor, tensor(0, { dtype }) as Tensor);
      return [...outputs, grad(loss as never, { allowUnused: true })(first as never) as Tensor];
    };
    const moved = point.map((x) => (x.dtype === dtype ? (x.mul(0.75) as Tensor) : x));
    return {
      f: (p: Tensor[], q: Tensor[]) => [...at(p), ...at(q)],
      args: [[...point], moved] as [Tensor[], Tensor[]],
    };
  };

  test.each(["float64", "float32"] as const)(
    "random programs in %s, done to two points, give eager numbers",
    (dtype) => {
      fc.assert(
        fc.property(programs({ dtype, maxSteps: 8 }), (program) => {
          const { f, args } = twice(program);
          const compute = () => flat(f(...args));
          let eager: Float64Array;
          try {
            eager = compute();
          } catch {
            // What eager code refuses, there is nothing to compare with.
            return;
          }
          expect(
            difference(flat(compile(f, { build })(...args)), compute, dtype, eager),
            program.functionCode(),
          ).toBeNull();
        }),
        { ...trials(100, 1500), endOnFailure: false },
      );
    },
    600_000,
  );
});

test("a network of equal layers trains as eagerly, and its code is that of one layer", () => {
  const dtype = "float64";
  const widths = (depth: number) => [8, ...new Array<number>(depth).fill(8), 3];
  const made = (depth: number) => {
    const model = mlp(widths(depth), {
      activation: tanh,
      outputActivation: linear,
      key: randomKey(4),
      dtype,
    });
    const optimizer = adam({ learningRate: 0.01 });
    const weights = variables(model);
    const step = (x: Tensor, y: Tensor) =>
      optimizer.minimize(() => crossEntropy(model.forward(x), y), weights);
    return { step, weights };
  };
  const x = normal(randomKey(1), [5, 8], { dtype }) as Tensor;
  const y = tensor([0, 1, 2, 0, 1], { dtype: "int32" }) as Tensor;
  const train = (wrap: <F extends (...args: never[]) => unknown>(f: F) => F) => {
    const { step, weights } = made(24);
    const run = wrap(step);
    const losses = Array.from({ length: 6 }, () => run(x, y).item());
    return [...losses, ...Object.values(weights).flatMap((each) => Array.from(each.data))];
  };
  const [compiled, eager] = [train((f) => compile(f)), train((f) => f)];
  // Six steps of a smooth loss: rounding of 1e-16 grows by a factor of a few a step at most, and Adam divides by it.
  compiled.forEach((value, i) => {
    expect(Math.abs(value - eager[i]!)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(eager[i]!)));
  });
  const bytesOf = (depth: number) => {
    const program = compile(made(depth).step).program(x, y) as unknown as {
      readonly executor: { readonly runner: { readonly module: { bytes(): Uint8Array } } };
    };
    return program.executor.runner.module.bytes().length;
  };
  // Shared kernels can be timed one by one as well.
  const { executor } = compile(made(24).step).program(x, y) as unknown as {
    readonly executor: { readonly runner: { profile(runs: number): number[] } };
  };
  const { runner } = executor;
  expect(runner.profile(1).filter((time) => Number.isNaN(time))).toEqual([]);
  // What is left for each further layer is calls with addresses; written out, twice the layers would be twice the code.
  expect(bytesOf(48) - bytesOf(24)).toBeLessThan(0.5 * bytesOf(24));
});
