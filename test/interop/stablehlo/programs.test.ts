// Whole programs in XLA beside Adjoint: random ones with their gradients and Hessian-vector products, and those of directed.ts.
//
// What rounding elsewhere may do to a result is found by rounding at random in Adjoint, a few times (uncertainty.ts): each atom
// by ±2 units in the last place, and the largest of six deviations counts 16-fold, which covers XLA's functions, that are off by
// up to 9 (atoms.test.ts), sums in another order, and products and sums that XLA rounds together.

import { grad, hvp, record, type Tensor, tensor } from "@adjoint/autograd";
import { type Program as Drawn, programs } from "@adjoint/autograd/check";
import { toStableHLO } from "@adjoint/interop";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { atoms, primitives } from "../../../packages/autograd/src/program/names.ts";
import { difference } from "../../autograd/compile/uncertainty.ts";
import { trials } from "../../support/runs.ts";
import { python } from "../peers.ts";
import { Tally } from "./contents.ts";
import { type Directed, directed } from "./directed.ts";
import { leastNormal } from "./ulps.ts";
import { type Job, numbersOf, runOnXLA } from "./xla.ts";

const tally = new Tally();

interface Question extends Job, Directed {
  readonly eager: Float64Array;
  readonly dtype: "float32" | "float64";
}

/** The numbers of a tree of tensors, in order. */
const flat = (tree: unknown): Float64Array =>
  Float64Array.from(
    tree !== null && typeof tree === "object" && "dtype" in tree
      ? ((tree as Tensor).data as ArrayLike<number>)
      : (Object.values(tree as object).flatMap((each) => Array.from(flat(each))) as number[]),
  );

function asked(each: Directed, dtype: "float32" | "float64", loops: "while" | "unroll"): Question {
  const { f, args } = each;
  const program = record(f, ...args);
  tally.add(program);
  const eager = flat(f(...args));
  return { ...each, dtype, eager, text: toStableHLO(program, { loops }), given: [args.map(numbersOf)] };
}

/** In what XLA's answer differs; null where it does not. */
function faultOf(
  { name, f, args, eager, dtype, isExact }: Question,
  answer: ReturnType<typeof runOnXLA>[number],
) {
  if (typeof answer === "string") return `${name}: ${answer}`;
  const got = Float64Array.from(answer[0]!.flatMap(({ data }) => Array.from(data)));
  if (isExact === true) {
    const place = eager.findIndex((x, i) => x !== got[i] && !(Number.isNaN(x) && Number.isNaN(got[i])));
    return place < 0 && got.length === eager.length
      ? null
      : `${name}: ${place} is ${got[place]}, not ${eager[place]}`;
  }
  // Of a number below the least normal one, XLA's CPU makes 0.
  got.forEach((x, i) => {
    if (x === 0 && Math.abs(eager[i]!) < leastNormal[dtype]) got[i] = eager[i]!;
  });
  const found = difference(got, () => flat(f(...args)), dtype, eager);
  return found && `${name}: ${found.place} is ${found.compiled}, not ${found.eager} ± ${found.allowed}`;
}

function faults(questions: readonly Question[]): readonly string[] {
  const answers = runOnXLA(questions);
  return questions.flatMap((question, i) => faultOf(question, answers[i]!) ?? []);
}

/** A program's value, its gradient, or its Hessian times a vector. */
function questionOf(program: Drawn, which: number): Directed {
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
  const options = { allowUnused: true };
  const code = program.functionCode();
  if (which === 0) return { name: `value of ${code}`, f: program.run, args: point };
  if (which === 1)
    return {
      name: `gradient of ${code}`,
      f: (...x) => grad(loss as never, options)(x as never),
      args: start,
    };
  return {
    name: `Hessian-vector product of ${code}`,
    f: (...x) => hvp(loss as never, x as never, along as never, options),
    args: start,
  };
}

/** Null where eager code refuses, for then there is nothing to compare with. */
function unlessRefused(program: Drawn, i: number): Question | null {
  const question = questionOf(program, i % 3);
  try {
    question.f(...question.args);
  } catch {
    return null;
  }
  return asked(question, program.dtype as "float64", i % 2 === 0 ? "while" : "unroll");
}

/** Programs of a part, of which each is compiled by one process. */
const partSize = 130;
const { numRuns, seed } = trials(17, 170);
const parts = Array.from({ length: python.isHere ? numRuns : 1 }, (_, i) => i);

describe.runIf(python.isHere)("XLA gives Adjoint's numbers for", () => {
  let compared = 0;

  test.each(parts)(
    "random programs, part %i",
    (part) => {
      const dtype = part % 2 === 0 ? "float64" : "float32";
      const drawn = fc.sample(programs({ dtype, maxSteps: 10 }), { numRuns: partSize, seed: seed + part });
      const questions = drawn.flatMap((program, i) => unlessRefused(program, i) ?? []);
      compared += questions.length;
      expect(faults(questions)).toEqual([]);
    },
    600_000,
  );

  test("programs that say what random ones seldom do", () => {
    const questions = directed.map((each, i) => asked(each, "float64", i % 2 === 0 ? "while" : "unroll"));
    expect(faults(questions)).toEqual([]);
  }, 600_000);

  test("more than two thousand random programs", () => {
    expect(compared).toBeGreaterThan(2000);
  });

  test("programs in which every primitive and every atom of the engine occurs", () => {
    const missing = {
      primitives: [...primitives.keys()].filter((name) => !tally.primitives.has(name)),
      atoms: [...atoms.keys()].filter((name) => !tally.atoms.has(name)),
    };
    expect(missing).toEqual({ primitives: [], atoms: [] });
  });
});

test.skipIf(python.isHere)(`XLA gives Adjoint's numbers${python.reason}`, () => {});
