// Random functions with state beside their programs, in every build: results, variables, gradients, what is thrown, and the
// derivatives of the results.

import { isDeepStrictEqual } from "node:util";
import { setFlagsFromString } from "node:v8";
import { compile, type Tensor, tensor, transaction, type Variable } from "@adjoint/autograd";
import { expect, test } from "vitest";
import { type Build, bestBuild } from "../../../packages/autograd/src/kernels/webassembly.ts";
import { interpose } from "../../../packages/autograd/src/tape/interpose.ts";
import { runs } from "../../support/runs.ts";
import { Dice } from "../../support/tensors.ts";
import { drawStateful, type StatefulFunction, type World, wholeNumbers } from "./stateful-functions.ts";

// Relaxed vectors lie behind this flag in Node 20; later ones have them without it.
if (process.version.startsWith("v20.")) setFlagsFromString("--experimental-wasm-relaxed-simd");

// The sign of a zero may differ: what is made in one pass with other things may be 0 where it is −0 by itself.
function numbers(x: Tensor | null): Float64Array | null {
  if (x === null) return null;
  const { data } = x;
  const copy = new Float64Array(data.length);
  for (let i = 0; i < copy.length; i++) copy[i] = data[i]! + 0;
  return copy;
}

const stateOf = ({ variables, count }: World) =>
  [...variables, count].map((each) => [numbers(each), numbers(each.grad)]);

/** As `expect(…).toEqual(…)`, which is slow, and so left for those that differ. */
function expectSame(actual: unknown, expected: unknown, where: string): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual, where).toEqual(expected);
}

/** What is seen of one call. */
interface Outcome {
  readonly before?: unknown;
  readonly after?: unknown;
  readonly results?: unknown;
  readonly thrown?: string;
  readonly lost?: string;
  readonly derivatives?: unknown;
}

/** How one call is made, and what is asked afterwards. */
interface Calling {
  readonly x: Tensor;
  /** The variable that has a gradient from elsewhere by then; null: none has. */
  readonly given: number | null;
  /** Whether the argument is made from the second variable. */
  readonly isWatched: boolean;
  readonly asks: boolean;
  /** Whether the third variable is assigned between the call and what is asked. */
  readonly assignsBefore: boolean;
  /** Whether the derivatives of the derivatives are asked for, too. */
  readonly asksTwice: boolean;
}

function drawCalling(dice: Dice, { size, dtype }: StatefulFunction): Calling {
  const asks = dice.below(2) === 0;
  return {
    x: wholeNumbers(dice, size, dtype),
    given: dice.below(4) === 0 ? dice.below(3) : null,
    isWatched: dice.below(3) === 0,
    asks,
    assignsBefore: asks && dice.below(4) === 0,
    asksTwice: asks && dice.below(4) === 0,
  };
}

/** What one call leaves: results, variables, gradients, the derivatives of the results' weighted sum; or what it throws. */
function outcome(
  world: World,
  f: (x: Tensor) => readonly Tensor[],
  { x, given, isWatched, asks, assignsBefore, asksTwice }: Calling,
): Outcome {
  if (given !== null) world.variables[given]!.mul(x).sum().backward();
  const before = stateOf(world);
  let results: readonly Tensor[];
  try {
    results = f(isWatched ? world.variables[1]!.mul(x) : x);
  } catch (error) {
    return { thrown: (error as Error).message, before, after: stateOf(world) };
  }
  const shown = { results: results.map(numbers), after: stateOf(world) };
  if (!asks) return shown;
  // With a weight for each, so that they can't be taken for each other.
  const total = results.reduce(
    (sum, each, i) => sum.add(each.sum().mul(i + 1)),
    tensor(0, { dtype: x.dtype }) as Tensor,
  );
  for (const each of world.variables) each.clearGrad();
  if (assignsBefore) world.variables[2]!.assign(x);
  let lost: string | undefined;
  try {
    total.backward({ createGraph: asksTwice });
  } catch (error) {
    lost = (error as Error).message;
  }
  // A gradient of zero may be there or not: a program does not tell which of a variable's uses were cut off.
  const zeros = (each: Variable) => new Float64Array(each.size);
  const gradients = () => world.variables.map((each) => numbers(each.grad) ?? zeros(each));
  const derivatives = [gradients()];
  const parts = world.variables.flatMap(({ grad }, i) => (grad === null ? [] : [grad.sum().mul(i + 1)]));
  for (const each of world.variables) each.clearGrad();
  if (asksTwice && lost === undefined && parts.length > 0) {
    try {
      parts.reduce((sum, part) => sum.add(part)).backward();
    } catch (error) {
      // Where a gradient is constant, eager code says so, and a program, or only one of them, gives zeros.
      if (!/depends on no variable/.test((error as Error).message)) throw error;
    }
    derivatives.push(gradients());
    for (const each of world.variables) each.clearGrad();
  } else if (asksTwice) derivatives.push(world.variables.map(zeros));
  return lost === undefined ? { ...shown, derivatives } : { ...shown, derivatives, lost };
}

// Whole numbers up to 2²⁴ are exact in float32, and sums of 16 that are at most this large too, in whatever order.
const largestExact = { float32: 2 ** 20, float64: 2 ** 49 };

/** Runs something eagerly and gives the largest number that was met in it. */
function largestIn(run: () => void): number {
  let largest = 0;
  const made = ({ array }: { readonly array: { readonly data: ArrayLike<number> } }) => {
    const { data } = array;
    for (let i = 0; i < data.length; i++) {
      const size = Math.abs(data[i]!);
      if (!(size <= largest)) largest = size;
    }
  };
  interpose({ made }, run);
  return largest;
}

/** What eager calls leave, one after another, until one meets a number that may not be exact. */
function eagerOutcomes(drawn: StatefulFunction, callings: readonly Calling[], where: string): Outcome[] {
  let torn: { readonly before: unknown; readonly after: unknown } | null = null;
  const world = drawn.makeWorld((step) => {
    const before = stateOf(world);
    try {
      step();
    } catch (error) {
      torn = { before, after: stateOf(world) };
      throw error;
    }
  });
  const checkTorn = () => {
    if (torn !== null) expectSame(torn.after, torn.before, `a step that threw in ${where}`);
  };
  const f = drawn.f(world);
  // What eager code has changed before it throws is its caller's business; a program is all or nothing.
  const called = drawn.canThrow ? (x: Tensor) => transaction(() => f(x)) : f;
  const outcomes: Outcome[] = [];
  for (const calling of callings) {
    let one: Outcome = {};
    const largest = largestIn(() => {
      one = outcome(world, called, calling);
    });
    checkTorn();
    if (largest > largestExact[drawn.dtype]) break;
    outcomes.push(one);
  }
  return outcomes;
}

interface Tally {
  compared: number;
  derivatives: number;
  lost: number;
  thrown: number;
}

/** Makes the calls in a program, and compares what each leaves with what it left eagerly. */
function compare(
  drawn: StatefulFunction,
  callings: readonly Calling[],
  eager: readonly Outcome[],
  build: Build,
  where: string,
  tally: Tally,
): void {
  const world = drawn.makeWorld();
  const compiled = compile(drawn.f(world), { build });
  for (const [call, expected] of eager.entries()) {
    const actual = outcome(world, compiled, callings[call]!);
    const there = `${where}, call ${call}, ${build}`;
    tally.compared++;
    if (expected.thrown !== undefined) {
      tally.thrown++;
      expect(actual.thrown, there).toBe(expected.thrown);
      expectSame(actual.after, actual.before, there);
      expectSame(actual.after, expected.after, there);
      continue;
    }
    expect(actual.thrown, there).toBeUndefined();
    const seen = ({ results, after }: Outcome) => ({ results, after });
    expectSame(seen(actual), seen(expected), there);
    if (!callings[call]!.asks) continue;
    if (actual.lost !== undefined) {
      // An error where the derivative can't be had, and no other: the function assigned what its result was made from,
      // or somebody has since, or f throws when it is run again. Or there is no variable: eager code says so too, or knows
      // one that the function made, which a program does not show, and no other.
      tally.lost++;
      const isOfNone = /depends on no variable/.test(actual.lost);
      if (!isOfNone)
        expect(actual.lost, there).toMatch(
          /its result depends on (what that held before or after|that)|was assigned after the compiled function|^picky$|^wary$/,
        );
      else if (expected.lost !== undefined) expect(expected.lost, there).toMatch(/depends on no variable/);
      else expect(expected.derivatives, there).toEqual(actual.derivatives);
      const none = world.variables.map(({ size }) => new Float64Array(size));
      expectSame(
        actual.derivatives,
        callings[call]!.asksTwice ? [none, none] : [none],
        `after an error of backward in ${there}`,
      );
      continue;
    }
    tally.derivatives++;
    expectSame(actual.derivatives, expected.derivatives, there);
  }
}

const best = bestBuild();
const vectors: readonly Build[] = best === "relaxed" ? ["simd", "relaxed"] : best === "simd" ? ["simd"] : [];

test("random functions with state do in a program what they do eagerly, without WebAssembly and in every build of it", () => {
  const tallies = Object.fromEntries(
    ["none", ...vectors].map((build) => [build, { compared: 0, derivatives: 0, lost: 0, thrown: 0 }]),
  ) as Record<Build, Tally>;
  const count = runs(1500, 10_000);
  let [calls, inexact] = [0, 0];
  for (let i = 0; i < count; i++) {
    const seed = 7 * i + 1;
    const drawn = drawStateful(seed);
    const where = `${drawn.text} (seed ${seed}, ${drawn.dtype} [${drawn.size}])`;
    const dice = new Dice(seed + 1);
    const callings = Array.from({ length: 3 }, () => drawCalling(dice, drawn));
    const eager = eagerOutcomes(drawn, callings, where);
    calls++;
    if (eager.length < 3) inexact++;
    // Each function without WebAssembly, and in one of its builds.
    const builds = vectors.length === 0 ? [] : [vectors[i % vectors.length]!];
    for (const build of ["none", ...builds] as const)
      compare(drawn, callings, eager, build, where, tallies[build]);
  }
  // Enough of each kind has come up.
  expect(inexact / calls).toBeLessThan(0.02);
  for (const [build, { compared, derivatives, thrown }] of Object.entries(tallies)) {
    const drawn = build === "none" ? count : count / vectors.length;
    expect(compared, build).toBeGreaterThan(1.5 * drawn);
    expect(derivatives, build).toBeGreaterThan(drawn / 10);
    expect(thrown, build).toBeGreaterThan(drawn / 40);
  }
}, 1_200_000);

test.skipIf(vectors.includes("relaxed"))(
  "this engine has no relaxed vectors, so that build is not run",
  () => {
    expect(bestBuild()).not.toBe("relaxed");
  },
);
