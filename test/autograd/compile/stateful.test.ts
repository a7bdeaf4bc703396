// Random functions with state beside their programs: variables read and assigned, gradients read and added to, tensors
// from around, several results, arrays on both sides of the kernels' threshold, and throws in the middle. Every operation
// in them is exact, so eager and compiled numbers are the same bit for bit, whatever the build.

import {
  compile,
  definePrimitive,
  grad,
  type Tensor,
  tensor,
  type Variable,
  variable,
} from "@adjoint/autograd";
import { expect, test } from "vitest";
import { type Build, bestBuild } from "../../../packages/autograd/src/kernels/webassembly.ts";
import { runs } from "../../support/runs.ts";
import { Dice } from "../../support/tensors.ts";

// The sign of a zero may differ: what is made in one pass with other things may be 0 where it is −0 by itself.
const numbers = (x: Tensor | null) =>
  x === null ? null : Array.from(x.data as ArrayLike<number>, (value) => value + 0);

/** Throws where its operand begins with a negative number. */
const picky = definePrimitive({
  name: "picky",
  shape: ([s]) => s!,
  value([x], out) {
    if (x!.data[0]! < 0) throw new RangeError("picky");
    out.set(x!.data);
  },
  pullback: (_step, cotangent) => [cotangent],
});

/** The surroundings of one function: what it closes over, fresh for each way of running it. */
interface World {
  readonly variables: readonly Variable[];
  /** A tensor that nobody watches, and one that was made from the first variable. */
  readonly closed: readonly Tensor[];
}

type Statement = (values: Tensor[], world: World) => void;

interface Drawn {
  readonly text: string;
  readonly size: number;
  makeWorld(): World;
  f(world: World): (x: Tensor) => readonly Tensor[];
}

/** Small whole numbers: their sums and products are exact. */
const drawn = (dice: Dice, size: number) =>
  tensor(
    Array.from({ length: size }, () => dice.below(7) - 3),
    { dtype: "float64" },
  ) as Tensor;

function draw(seed: number): Drawn {
  const dice = new Dice(seed);
  // Beyond 4096 elements eager code runs kernels too.
  const size = dice.below(25) === 0 ? 4099 : 1 + dice.below(5);
  const statements: Statement[] = [];
  const lines: string[] = [];
  let count = 1;
  const say = (line: string, statement: Statement) => {
    lines.push(line);
    statements.push(statement);
  };
  const make = (line: string, value: (values: readonly Tensor[], world: World) => Tensor) => {
    // Bounded, so that nothing overflows however often it is used.
    say(`t${count} = ${line}`, (values, world) => {
      values.push(value(values, world).clip(-8, 8));
    });
    count++;
  };
  const any = () => dice.below(count);
  const which = () => dice.below(3);
  const kinds: (() => void)[] = [
    () => {
      const [a, b] = [any(), any()];
      make(`t${a} + t${b}`, (t) => t[a]!.add(t[b]!));
    },
    () => {
      const [a, b] = [any(), any()];
      make(`t${a} · t${b}`, (t) => t[a]!.mul(t[b]!));
    },
    () => {
      const a = any();
      make(`|t${a}| − 1`, (t) => t[a]!.abs().sub(1));
    },
    () => {
      const [a, v] = [any(), which()];
      make(`t${a} − v${v}`, (t, { variables }) => t[a]!.sub(variables[v]!));
    },
    () => {
      const v = which();
      make(`v${v}`, (_t, { variables }) => variables[v]!.value);
    },
    () => {
      const [a, c] = [any(), dice.below(2)];
      make(`t${a} · closed ${c}`, (t, { closed }) => t[a]!.mul(closed[c]!));
    },
    () => {
      const [a, v] = [any(), which()];
      make(`t${a} + gradient of v${v}`, (t, { variables }) => {
        const { grad } = variables[v]!;
        return grad === null ? t[a]!.neg() : t[a]!.add(grad);
      });
    },
    () => {
      const [a, v] = [any(), which()];
      say(`v${v} ← t${a}`, (t, { variables }) => variables[v]!.assign(t[a]!));
    },
    () => {
      const [a, v] = [any(), which()];
      say(`(t${a} · v${v}) backward`, (t, { variables }) => {
        variables[v]!.mul(t[a]!).sum().backward();
      });
    },
    () => {
      const v = which();
      say(`forget the gradient of v${v}`, (_t, { variables }) => variables[v]!.clearGrad());
    },
    () => {
      const a = any();
      make(`a variable of its own: 0 + t${a} + t${a}`, (t) => {
        const own = variable(tensor(new Float64Array(size)) as Tensor);
        own.assign(own.value.add(t[a]!));
        own.assign(own.value.add(t[a]!));
        return own.value;
      });
    },
    () => {
      const a = any();
      make(`slope of square at t${a}`, (t) => grad((x: Tensor) => x.square().sum())(t[a]!));
    },
  ];
  const steps = 3 + dice.below(10);
  const throwsAt = dice.below(4) === 0 ? dice.below(steps) : -1;
  for (let i = 0; i < steps; i++) {
    kinds[dice.below(kinds.length)]!();
    if (i === throwsAt) {
      const a = any();
      make(`picky t${a}`, (t) => picky(t[a]!));
    }
  }
  const results = Array.from({ length: 1 + dice.below(3) }, any);
  const starts = Array.from({ length: 4 }, () => drawn(dice, size));
  return {
    text: [...lines, `return ${results.map((a) => `t${a}`).join(", ")}`].join("; "),
    size,
    makeWorld() {
      const variables = starts.slice(0, 3).map((start, i) => variable(start, { name: `v${i}` }));
      return { variables, closed: [starts[3]!, variables[0]!.mul(2)] };
    },
    f: (world) => (x) => {
      const values = [x];
      for (const statement of statements) statement(values, world);
      return results.map((a) => values[a]!);
    },
  };
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
  /** Whether the argument is made from the second variable. */
  readonly isWatched: boolean;
  readonly asks: boolean;
  /** Whether the third variable is assigned between the call and what is asked. */
  readonly assignsBefore: boolean;
}

/** What one call leaves: results, variables, gradients, the derivatives of the results' sum; or what it throws. */
function outcome(
  world: World,
  f: (x: Tensor) => readonly Tensor[],
  { x, isWatched, asks, assignsBefore }: Calling,
): Outcome {
  const before = world.variables.map((each) => [numbers(each), numbers(each.grad)]);
  const state = () => world.variables.map((each) => [numbers(each), numbers(each.grad)]);
  let results: readonly Tensor[];
  try {
    results = f(isWatched ? world.variables[1]!.mul(x) : x);
  } catch (error) {
    return { thrown: (error as Error).message, before, after: state() };
  }
  const after = state();
  const shown = { results: results.map(numbers), after };
  if (!asks) return shown;
  const total = results.reduce((sum, each) => sum.add(each.sum()), tensor(0, { dtype: "float64" }) as Tensor);
  for (const each of world.variables) each.clearGrad();
  if (assignsBefore) world.variables[2]!.assign(x);
  try {
    total.backward();
  } catch (error) {
    return { ...shown, lost: (error as Error).message };
  }
  // A gradient of zero may be there or not: a program does not tell which of a variable's uses were cut off.
  const zeros = (each: Variable) => new Array<number>(each.size).fill(0);
  const derivatives = world.variables.map((each) => numbers(each.grad) ?? zeros(each));
  for (const each of world.variables) each.clearGrad();
  return { ...shown, derivatives };
}

interface Tally {
  compared: number;
  derivatives: number;
  lost: number;
  thrown: number;
}

function compare(seed: number, build: Build, tally: Tally): void {
  const program = draw(seed);
  const dice = new Dice(seed + 1);
  const [eager, other] = [program.makeWorld(), program.makeWorld()];
  const f = program.f(eager);
  const compiled = compile(program.f(other), { build });
  for (let call = 0; call < 3; call++) {
    const asks = dice.below(2) === 0;
    const calling: Calling = {
      x: drawn(dice, program.size),
      isWatched: dice.below(3) === 0,
      asks,
      assignsBefore: asks && dice.below(4) === 0,
    };
    const expected = outcome(eager, f, calling);
    const actual = outcome(other, compiled, calling);
    const where = `${program.text} (seed ${seed}, call ${call}, ${build})`;
    tally.compared++;
    if (expected.thrown !== undefined) {
      tally.thrown++;
      expect(actual.thrown, where).toBe(expected.thrown);
      // All or nothing: what eager code has changed before it threw is its caller's business, a program changes nothing.
      expect(actual.after, where).toEqual(actual.before);
      return;
    }
    expect({ results: actual.results, after: actual.after }, where).toEqual({
      results: expected.results,
      after: expected.after,
    });
    if (!asks) continue;
    if (actual.lost !== undefined) {
      // An error where the derivative can't be had, and no other: the function assigned what its result was made from,
      // or somebody has since, or f throws when it is run again. Or eager code says that there is none.
      tally.lost++;
      expect(actual.lost, where).toMatch(
        expected.lost === undefined || !/depends on no variable/.test(actual.lost)
          ? /its result depends on (what that held before or after|that)|was assigned after the compiled function|^picky$/
          : /depends on no variable/,
      );
      return;
    }
    tally.derivatives++;
    expect(actual.derivatives, where).toEqual(expected.derivatives);
  }
}

const builds: readonly Build[] = bestBuild() === "none" ? ["none"] : ["none", bestBuild()];

test.each(builds)(
  "random functions with state do in a program what they do eagerly, in the build %s",
  (build) => {
    const tally: Tally = { compared: 0, derivatives: 0, lost: 0, thrown: 0 };
    const count = runs(1500, 10_000);
    for (let seed = 0; seed < count; seed++) compare(7 * seed + 1, build, tally);
    // Enough of each kind has come up.
    expect(tally.compared).toBeGreaterThan(1.5 * count);
    expect(tally.derivatives).toBeGreaterThan(count / 10);
    expect(tally.thrown).toBeGreaterThan(count / 40);
  },
);
