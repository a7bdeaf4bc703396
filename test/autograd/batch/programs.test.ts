// vmap beside a loop: random programs, their gradients and Hessian-vector products, of many inputs at once and one after
// another, eagerly and compiled, nested, with the parts along any axis.

import { compile, grad, hvp, jvp, stack, type Tensor, tensor, vmap } from "@adjoint/autograd";
import { type Program, programs } from "@adjoint/autograd/check";
import fc from "fast-check";
import { expect, test } from "vitest";
import { runs, trials } from "../../support/runs.ts";
import { Dice, seeds } from "../../support/tensors.ts";
import { difference, flat } from "../compile/uncertainty.ts";

type OfTensors = (...inputs: Tensor[]) => Tensor | readonly Tensor[];

/** The value, the gradient and a Hessian-vector product of a program, as functions of its inputs. */
function questions({ point, dtype, run }: Program): readonly (readonly [name: string, f: OfTensors])[] {
  const floats = point.flatMap((input, i) => (input.dtype === dtype ? [i] : []));
  const lossAt = (inputs: readonly Tensor[]) => (moving: readonly Tensor[]) => {
    const all = [...inputs];
    floats.forEach((i, k) => {
      all[i] = moving[k]!;
    });
    return run(...all)
      .filter((output) => output.dtype === dtype)
      .reduce((sum, output) => sum.add(output.sum() as Tensor) as Tensor, tensor(0, { dtype }) as Tensor);
  };
  const movingOf = (inputs: readonly Tensor[]) => floats.map((i) => inputs[i]!);
  return [
    ["value", (...inputs) => run(...inputs)],
    [
      "gradient",
      (...inputs) =>
        grad(lossAt(inputs) as never, { allowUnused: true })(movingOf(inputs) as never) as Tensor[],
    ],
    [
      "Hessian-vector product",
      (...inputs) =>
        hvp(
          lossAt(inputs) as never,
          movingOf(inputs) as never,
          movingOf(inputs).map((x) => x.mul(0.5).add(0.25)) as never,
          { allowUnused: true },
        ) as Tensor[],
    ],
  ];
}

/** The tangents of a program's results, for a tangent of each float input. */
function tangentsOf({ dtype }: Program, f: OfTensors, inputs: readonly Tensor[]): OfTensors {
  return (...tangents) => {
    const floats = inputs.flatMap((input, i) => (input.dtype === dtype ? [i] : []));
    const moving = (given: readonly Tensor[]) => {
      const all = [...inputs];
      floats.forEach((i, k) => {
        all[i] = given[k]!;
      });
      return (f(...all) as readonly Tensor[]).filter((output) => output.dtype === dtype);
    };
    const points = floats.map((i) => inputs[i]!);
    return (jvp(moving as never, points as never, tangents as never) as { tangent: Tensor[] }).tangent;
  };
}

/** How a program moves, part by part beside at once: with the transform inside of vmap, and around it. */
function forwardProblems(program: Program, { parts, axes, given }: Batch): string[] {
  const { dtype, run } = program;
  const isFloat = (input: Tensor) => input.dtype === dtype;
  const tangentOf = (x: Tensor) => x.mul(0.5).add(0.25) as Tensor;
  const ofPart = (...inputs: Tensor[]) =>
    tangentsOf(program, run, inputs)(...inputs.filter(isFloat).map(tangentOf));
  const compute = () => Float64Array.from(parts.flatMap((part) => [...flat(ofPart(...part))]));
  let eager: Float64Array;
  try {
    eager = compute();
  } catch {
    return [];
  }
  const many = vmap(run as OfTensors, { inAxes: axes }) as OfTensors;
  const ways: readonly (readonly [string, () => unknown])[] = [
    ["jvp inside", () => (vmap(ofPart as OfTensors, { inAxes: axes }) as OfTensors)(...given)],
    ["jvp around", () => tangentsOf(program, many, given)(...given.filter(isFloat).map(tangentOf))],
  ];
  return ways.flatMap(([name, way]) => {
    const found = difference(
      partAfterPart(way() as Tensor[], parts.length),
      compute,
      dtype as "float64",
      eager,
    );
    return found === null
      ? []
      : [
          `${name} of vmap along [${axes.join()}] of ${program.functionCode()}: element ${found.place} is ${found.compiled}, part by part ${found.eager} ± ${found.allowed}`,
        ];
  });
}

/** Inputs beside those of a program, where the same is defined. */
const scales = [1, 0.75, 1.125];

interface Batch {
  readonly parts: readonly (readonly Tensor[])[];
  readonly axes: readonly (number | null)[];
  readonly given: readonly Tensor[];
}

function batchOf({ point, dtype }: Program, dice: Dice): Batch {
  const floats = point.flatMap((input, i) => (input.dtype === dtype ? [i] : []));
  const sure = floats.length > 0 ? floats[dice.below(floats.length)]! : 0;
  const axes = point.map((input, i) =>
    i === sure || dice.below(3) > 0
      ? dice.below(input.rank + 1) - (dice.below(3) === 0 ? input.rank + 1 : 0)
      : null,
  );
  const own = scales.map((scale) =>
    point.map((input) => (input.dtype === dtype ? (input.mul(scale) as Tensor) : input)),
  );
  const parts = own.map((part) => part.map((input, i) => (axes[i] === null ? own[0]![i]! : input)));
  const given = axes.map((axis, i) =>
    axis === null ? parts[0]![i]! : (stack(parts.map((part) => part[i]!) as never, { axis }) as Tensor),
  );
  return { parts, axes, given };
}

/** The numbers of results, part after part. */
function partAfterPart(results: Tensor | readonly Tensor[], size: number): Float64Array {
  const all = (Array.isArray(results) ? results : [results]) as readonly Tensor[];
  return Float64Array.from(
    Array.from({ length: size }, (_, at) =>
      all.flatMap(({ data }) => {
        const each = data.length / size;
        return Array.from(data.subarray(at * each, (at + 1) * each) as ArrayLike<number>);
      }),
    ).flat(),
  );
}

function problems(program: Program, seed: number): string[] {
  const dice = new Dice(seed);
  const batch = batchOf(program, dice);
  const { parts, axes, given } = batch;
  if (dice.below(4) === 0) return forwardProblems(program, batch);
  const size = parts.length;
  const isCompiled = dice.below(4) === 0;
  const isNested = !isCompiled && dice.below(4) === 0;
  const all = questions(program);
  // Making a program takes longest: each is asked one question, and another program finds more than another question.
  const asked = isCompiled ? [all[dice.below(all.length)]!] : all;
  return asked.flatMap(([name, f]) => {
    const compute = () => Float64Array.from(parts.flatMap((part) => [...flat(f(...part))]));
    let eager: Float64Array;
    try {
      eager = compute();
    } catch {
      // Where eager code refuses, there is nothing to compare with.
      return [];
    }
    let many: OfTensors = vmap(f, { inAxes: axes }) as OfTensors;
    let inputs = given;
    let count = size;
    if (isNested) {
      // Twice the same batch, beside each other.
      const twice = many;
      many = vmap(twice as never, { inAxes: axes.map((axis) => (axis === null ? null : 0)) }) as OfTensors;
      inputs = given.map((input, i) =>
        axes[i] === null ? input : (stack([input, input] as never) as Tensor),
      );
      count = 2 * size;
      eager = Float64Array.from([...eager, ...eager]);
    }
    const run = isCompiled ? compile(many as never) : many;
    const results = (run as OfTensors)(...inputs);
    const found = difference(
      partAfterPart(results, count),
      () => (isNested ? Float64Array.from([...compute(), ...compute()]) : compute()),
      program.dtype as "float64",
      eager,
    );
    return found === null
      ? []
      : [
          `${name} along [${axes.join()}]${isCompiled ? ", compiled" : isNested ? ", nested" : ""} of ${program.functionCode()}: element ${found.place} is ${found.compiled}, part by part ${found.eager} ± ${found.allowed}`,
        ];
  });
}

test.each(["float64", "float32"] as const)(
  "random programs in %s give for many inputs at once what they give for each, with derivatives of both orders",
  (dtype) => {
    fc.assert(
      fc.property(programs({ dtype, maxSteps: runs(5, 12) }), seeds, (program, seed) => {
        expect(problems(program, seed)).toEqual([]);
      }),
      { ...trials(1500, 10_000), endOnFailure: true },
    );
  },
  1_200_000,
);
