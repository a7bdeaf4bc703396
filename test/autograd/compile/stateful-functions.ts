// Random functions with state: variables read and assigned, gradients read and added to, tensors from around, a count of
// whole numbers, an optimizer's steps, several results, arrays on both sides of the kernels' threshold, and throws in the
// middle. All numbers are whole, so that every operation is exact while they are small.

import {
  bind,
  checkpoint,
  type DType,
  definePrimitive,
  grad,
  gradients,
  noGrad,
  type Tensor,
  tensor,
  type Variable,
  variable,
} from "@adjoint/autograd";
import { type Optimizer, optimizer } from "@adjoint/nn";
import { Dice } from "../../support/tensors.ts";

export type FloatType = "float32" | "float64";

/** Gives its operand, and throws where that begins with less than `least`. */
const throwing = (name: string, least: number) =>
  definePrimitive({
    name,
    shape: ([s]) => s!,
    value([x], out) {
      if (x!.data[0]! < least) throw new RangeError(name);
      out.set(x!.data);
    },
    pullback: (_step, cotangent) => [cotangent],
  });
const picky = throwing("picky", 0);
const wary = throwing("wary", -5);

/** The surroundings of one function: what it closes over, fresh for each way of running it. */
export interface World {
  readonly variables: readonly Variable[];
  /** A tensor that nobody watches, and one that was made from the first variable. */
  readonly closed: readonly Tensor[];
  /** A whole number. */
  readonly count: Variable;
  readonly optimizer: Optimizer;
  /** Where f runs eagerly: called around each step of the optimizer, which gives all variables a new value or none. */
  readonly around?: (step: () => void) => void;
}

type Statement = (values: Tensor[], world: World) => void;

export interface StatefulFunction {
  readonly text: string;
  readonly dtype: FloatType;
  readonly size: number;
  /** Whether some statement may throw. */
  readonly canThrow: boolean;
  makeWorld(around?: World["around"]): World;
  f(world: World): (x: Tensor) => readonly Tensor[];
}

/** Small whole numbers. */
export const wholeNumbers = (dice: Dice, size: number, dtype: DType): Tensor =>
  tensor(
    Array.from({ length: size }, () => dice.below(7) - 3),
    { dtype },
  ) as Tensor;

// Bounded, so that nothing overflows however often it is used.
const bounded = (x: Tensor) => x.clip(-8, 8);

/** A rule that keeps memories, and throws at some gradients: after it has changed these, and others' before it. */
const rule = () =>
  optimizer("wary", 1, ({ value, gradient, memory }) => {
    const velocity = memory("velocity");
    velocity.assign(bounded(velocity.value.add(gradient)));
    const steps = memory("steps", []);
    steps.assign(steps.value.add(1));
    const next = value.sub(velocity.value).add(bounded(steps.value));
    return value.sub(wary(bounded(next)));
  });

/** Statements in the order in which they run, and their text. */
class Body {
  readonly lines: string[] = [];
  readonly statements: Statement[] = [];
  /** How many values there are: the argument, and what was made. */
  count = 1;

  say(line: string, statement: Statement): void {
    this.lines.push(line);
    this.statements.push(statement);
  }

  make(line: string, value: (values: readonly Tensor[], world: World) => Tensor): void {
    this.say(`t${this.count++} = ${line}`, (values, world) => {
      values.push(bounded(value(values, world)));
    });
  }
}

interface Kinds {
  readonly common: readonly (() => void)[];
  /** Those that make long programs. */
  readonly rare: readonly (() => void)[];
}

/** Every kind of statement, each drawn on the values that there are. */
function kindsOf(dice: Dice, body: Body, size: number, rows: number, dtype: FloatType): Kinds {
  const any = () => dice.below(body.count);
  const which = () => dice.below(3);
  const other = dtype === "float32" ? "float64" : "float32";
  const common = [
    () => {
      const [a, b] = [any(), any()];
      body.make(`t${a} + t${b}`, (t) => t[a]!.add(t[b]!));
    },
    () => {
      const [a, b] = [any(), any()];
      body.make(`t${a} · t${b}`, (t) => t[a]!.mul(t[b]!));
    },
    () => {
      const a = any();
      body.make(`|t${a}| − 1`, (t) => t[a]!.abs().sub(1));
    },
    () => {
      const [a, v] = [any(), which()];
      body.make(`t${a} − v${v}`, (t, { variables }) => t[a]!.sub(variables[v]!));
    },
    () => {
      const v = which();
      body.make(`v${v}`, (_t, { variables }) => variables[v]!.value);
    },
    () => {
      const [a, c] = [any(), dice.below(2)];
      body.make(`t${a} · closed ${c}`, (t, { closed }) => t[a]!.mul(closed[c]!));
    },
    () => {
      // What it holds is the same in all calls, also where it is a result.
      const c = dice.below(2);
      body.make(`closed ${c}`, (_t, { closed }) => closed[c]!);
    },
    () => {
      const known = wholeNumbers(dice, size, dtype);
      body.make("known numbers", () => known);
    },
    () => {
      const [a, v] = [any(), which()];
      body.make(`t${a} + gradient of v${v}`, (t, { variables }) => {
        const { grad } = variables[v]!;
        return grad === null ? t[a]!.neg() : t[a]!.add(grad);
      });
    },
    () => {
      const [a, v] = [any(), which()];
      body.say(`v${v} ← t${a}`, (t, { variables }) => variables[v]!.assign(t[a]!));
    },
    () => {
      const [a, v] = [any(), which()];
      body.say(`(t${a} · v${v}) backward`, (t, { variables }) => {
        variables[v]!.mul(t[a]!).sum().backward();
      });
    },
    () => {
      const v = which();
      body.say(`forget the gradient of v${v}`, (_t, { variables }) => variables[v]!.clearGrad());
    },
    () => {
      const a = any();
      body.make(`a variable of its own: 0 + t${a} + t${a}`, (t) => {
        const own = variable(tensor(new Array<number>(size).fill(0), { dtype }) as Tensor);
        own.assign(own.value.add(t[a]!));
        own.assign(own.value.add(t[a]!));
        return own.value;
      });
    },
    () => {
      const a = any();
      body.make(`slope of square at t${a}`, (t) => grad((x: Tensor) => x.square().sum())(t[a]!));
    },
    () => {
      const a = any();
      body.make(`t${a} − the count, and one more`, (t, { count }) => {
        count.assign(count.value.add(1));
        return t[a]!.sub(count.value.cast(dtype));
      });
    },
    () => {
      const a = any();
      body.make(`t${a}, detached`, (t) => t[a]!.detach());
    },
    () => {
      const [a, v] = [any(), which()];
      body.make(`t${a} · v${v}, unseen`, (t, { variables }) => noGrad(() => t[a]!.mul(variables[v]!)));
    },
    () => {
      const [a, v, c] = [any(), which(), dice.below(2)];
      body.make(`checkpoint of t${a} · v${v} + closed ${c}`, (t, { variables, closed }) =>
        checkpoint((x: Tensor) => x.mul(variables[v]!).add(closed[c]!))(t[a]!),
      );
    },
    () => {
      const [a, v] = [any(), which()];
      // Detached, since a value may be made from what the variable held before, which is refused.
      body.make(`slope of t${a}, detached, · v${v}² in v${v}`, (t, { variables }) =>
        gradients(t[a]!.detach().mul(variables[v]!.square()).sum(), variables[v]!),
      );
    },
    () => {
      const [a, b, v] = [any(), any(), which()];
      body.make(`t${a} · v${v}², where v${v} is t${b}`, (t, { variables }) =>
        bind([variables[v]!], [t[b]!], () => t[a]!.mul(variables[v]!.square())),
      );
    },
    () => {
      const a = any();
      body.make(`2 · t${a} in ${other}`, (t) => t[a]!.cast(other).mul(2).cast(dtype));
    },
  ];
  const rare = [
    () => {
      // Up to as many sums of rows and of all as one pass computes. They wrap round, so that each is seen in the total.
      const [a, n] = [any(), 1 + dice.below(dice.below(3) === 0 ? 16 : 2)];
      body.make(`t${a} + ${2 * n} sums of its ${rows} rows and of all`, (t) => {
        const grid = t[a]!.reshape([rows, size / rows]);
        let total = grid;
        let own = grid.abs();
        for (let i = 0; i < n; i++) {
          own = own.neg().add(1);
          total = total.add(own.sum({ axis: 1, keepDims: true }).mul((i % 5) - 1)).add(own.sum().mul(i % 3));
        }
        return total.sub(total.div(8).floor().mul(8)).reshape([size]);
      });
    },
    () => {
      const [a, v] = [any(), which()];
      body.say(`(t${a} · v${v}) backward and a step`, (t, { variables, optimizer, around }) => {
        variables[v]!.mul(t[a]!).sum().backward();
        const step = () => optimizer.step(variables);
        if (around === undefined) step();
        else around(step);
      });
    },
  ];
  return { common, rare };
}

export function drawStateful(seed: number): StatefulFunction {
  const dice = new Dice(seed);
  const dtype = dice.below(2) === 0 ? "float32" : "float64";
  const rows = 1 + dice.below(3);
  // Beyond 4096 elements eager code runs kernels too.
  const size = rows * (dice.below(40) === 0 ? 4099 : 1 + dice.below(4));
  const body = new Body();
  const { common, rare } = kindsOf(dice, body, size, rows, dtype);
  const steps = 3 + dice.below(8);
  const throwsAt = dice.below(5) === 0 ? dice.below(steps) : -1;
  for (let i = 0; i < steps; i++) {
    const kinds = dice.below(16) === 0 ? rare : common;
    kinds[dice.below(kinds.length)]!();
    if (i === throwsAt) {
      const a = dice.below(body.count);
      // Not of known numbers, at which it would throw while the function is recorded, before whatever threw in a run.
      body.make(`picky (t${a} + 0 · t0)`, (t) => picky(t[a]!.add(t[0]!.mul(0))));
    }
  }
  const results = Array.from({ length: 1 + dice.below(3) }, () => dice.below(body.count));
  const starts = Array.from({ length: 4 }, () => wholeNumbers(dice, size, dtype));
  return {
    text: [...body.lines, `return ${results.map((a) => `t${a}`).join(", ")}`].join("; "),
    dtype,
    size,
    canThrow: body.lines.some((line) => /picky|step/.test(line)),
    makeWorld(around) {
      const variables = starts.slice(0, 3).map((start, i) => variable(start, { name: `v${i}` }));
      const count = variable(tensor(0, { dtype: "int32" }) as Tensor, { name: "count" });
      const world = { variables, closed: [starts[3]!, variables[0]!.mul(2)], count, optimizer: rule() };
      return around === undefined ? world : { ...world, around };
    },
    f: (world) => (x) => {
      const values = [x];
      for (const statement of body.statements) statement(values, world);
      return results.map((a) => values[a]!);
    },
  };
}
