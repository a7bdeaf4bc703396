// Rules broken on purpose, one way at a time, over every primitive that has a derivative and every function of
// the vocabulary: what the laboratory must find.

import {
  checkpoint,
  concat,
  cond,
  customJvp,
  customVjp,
  jvp,
  record,
  type ScanOptions,
  scan,
  type Tensor,
  tensor,
  vjp,
} from "@adjoint/autograd";
import { anywhere, type Between, moveWithin } from "../../../packages/autograd/src/check/numbers.ts";
import { byPullback, byPushforward } from "../../../packages/autograd/src/differentiate/own-rule.ts";
import { functionOf } from "../../../packages/autograd/src/expression/elementwise-function.ts";
import { isAtom, vocabulary } from "../../../packages/autograd/src/expression/vocabulary.ts";
import * as tableModule from "../../../packages/autograd/src/primitives/table.ts";
import { choice } from "../../../packages/autograd/src/program/choice.ts";
import { region } from "../../../packages/autograd/src/program/region.ts";
import { scan as scanStep } from "../../../packages/autograd/src/program/scan.ts";
import { apply } from "../../../packages/autograd/src/tape/apply.ts";
import type { Applied, Primitive } from "../../../packages/autograd/src/tape/value.ts";

const table = { ...tableModule };

/** A function that runs a primitive where its rules matter at both orders, and a point for it. */
export interface Exercise {
  readonly primitive: Primitive;
  /** Only steps that this accepts are broken: one function of the vocabulary, say. */
  readonly concerns: (attributes: unknown) => boolean;
  readonly name: string;
  readonly f: (...inputs: Tensor[]) => Tensor;
  readonly inputs: readonly Tensor[];
}

export const at = (values: readonly number[], shape: readonly number[] = [values.length]): Tensor =>
  tensor(Float64Array.from(values), { dtype: "float64", shape }) as Tensor;

const any = () => true;

// Signs, sizes and places all differ, so that no mistake can hide behind a symmetry.
// Each element is a direction that is examined, so there are no more of them than it takes.
const vector = at([0.7, -1.3, 0.4, 2.1]);
const rectangle = at([0.7, -1.3, 0.4, 2.1, -0.6, 1.6], [2, 3]);
const flat = at([0.7, -1.3, 0.4], [1, 3]);
const square = at([0.7, -1.3, 0.4, 2.1, -0.6, 1.6, -0.9, 0.2, 1.1], [3, 3]);
const indices = tensor([2, 0, 2, 1], { dtype: "int32" }) as Tensor;

// Bending before and after makes every rule count at order two: a linear one through what it is applied to.
const bend = (x: Tensor) => x.add(x.square().mul(0.1)) as Tensor;
const bent = (inner: (x: Tensor) => Tensor) => (x: Tensor) => {
  const y = inner(bend(x));
  return y.add(y.square().mul(0.3));
};

function exercise(
  name: keyof typeof table,
  inner: (x: Tensor) => Tensor,
  point: Tensor,
  label = "",
): Exercise {
  return {
    primitive: table[name] as unknown as Primitive,
    concerns: any,
    name: `${name}${label}`,
    f: bent(inner) as Exercise["f"],
    inputs: [point],
  };
}

const movements: Exercise[] = [
  exercise("broadcastTo", (x) => x.broadcastTo([2, 4]), vector),
  exercise("broadcastTo", (x) => x.broadcastTo([2, 3]), flat, " of a size-1 axis"),
  exercise("sumTo", (x) => x.sum({ axis: 0 }) as Tensor, rectangle),
  exercise("sumTo", (x) => x.sumTo([1, 1]), flat, " of a size-1 axis"),
  exercise("reshape", (x) => x.reshape([3, 2]), rectangle),
  exercise("reshape", (x) => x.reshape([3]), flat, " of a size-1 axis"),
  exercise("permute", (x) => x.transpose() as Tensor, rectangle),
  exercise("permute", (x) => x.transpose() as Tensor, flat, " of a size-1 axis"),
  exercise("slice", (x) => x.slice([0, null, 2]), vector),
  exercise("slice", (x) => x.slice(null, [1, 3]), flat, " of a size-1 axis"),
  exercise("pad", (x) => x.pad(1), rectangle),
  exercise("pad", (x) => x.pad(1), flat, " of a size-1 axis"),
  exercise("concat", (x) => concat([x, x.slice([1])]), rectangle),
  exercise("concat", (x) => concat([x, x]), flat, " of a size-1 axis, twice the same"),
  exercise("flip", (x) => x.flip({ axis: 1 }) as Tensor, rectangle),
  exercise("flip", (x) => x.flip({ axis: 1 }) as Tensor, flat, " of a size-1 axis"),
  exercise("takeAlong", (x) => x.gather(indices), vector),
  exercise("takeAlong", (x) => x.gather(indices, { axis: 1 }), flat, " of a size-1 axis"),
  exercise(
    "addAlong",
    (x) => x.scatterAdd(tensor([0, 2, 2, 1], { dtype: "int32" }) as Tensor, { axis: 0, shape: [4] }),
    vector,
  ),
  exercise("cumsum", (x) => x.cumsum({ axis: 1 }) as Tensor, rectangle),
  exercise("cumsum", (x) => x.cumsum({ axis: 1 }) as Tensor, flat, " of a size-1 axis"),
  exercise("windows", (x) => x.windows({ sizes: [2] }), vector),
  exercise("windows", (x) => x.windows({ sizes: [2] }), flat, " of a size-1 axis"),
  exercise("max", (x) => x.max({ axis: 1 }) as Tensor, rectangle),
  exercise("max", (x) => x.max({ axis: 1 }) as Tensor, flat, " of a size-1 axis"),
  exercise("min", (x) => x.min({ axis: 0 }) as Tensor, rectangle),
  exercise("matmul", (x) => x.matmul(square) as Tensor, rectangle, " on the left"),
  exercise("matmul", (x) => square.matmul(x) as Tensor, square, " on the right"),
  exercise("matmul", (x) => x.matmul(x) as Tensor, square, " by itself"),
  exercise("matmul", (x) => x.matmul(square) as Tensor, flat, " of a size-1 axis"),
  {
    primitive: table.overlapAdd as unknown as Primitive,
    concerns: any,
    name: "overlapAdd",
    f: bent(
      (x) => apply(table.overlapAdd, [x], { sizes: [2], strides: [1], dilations: [1], shape: [4] }) as Tensor,
    ) as Exercise["f"],
    inputs: [at([0.7, -1.3, 0.4, 2.1, -0.6, 1.6], [3, 2])],
  },
];

/** One exercise a differentiable function of the vocabulary, both or all its operands moving. */
const functions: Exercise[] = vocabulary.flatMap((entry): Exercise[] => {
  const fn = functionOf(entry);
  const moves = Array.from({ length: fn.arity }, (_, i) => fn.pullback(i) !== null);
  if (!moves.includes(true)) return [];
  // Of both signs where the function's domain allows it.
  const domains = isAtom(entry) ? (entry.smoothOn as readonly Between[] | undefined) : undefined;
  const operands = [
    [0.7, -1.3],
    [1.2, -0.9],
    [-0.4, 0.8],
  ]
    .slice(0, fn.arity)
    .map((values, i) => at(values.map((x) => moveWithin(x, domains?.[i] ?? anywhere))));
  const truth = tensor([true, false]) as Tensor;
  const kinds = fn.signature.operands;
  const inputs = operands.filter((_, i) => kinds[i] !== "bool");
  const f = (...moving: Tensor[]) => {
    let next = 0;
    const all = kinds.map((kind) => (kind === "bool" ? truth : bend(moving[next++]!)));
    const y = all[0]!.elementwise(fn, ...all.slice(1));
    return y.add(y.square().mul(0.3)) as Tensor;
  };
  return [
    {
      primitive: table.map as unknown as Primitive,
      concerns: (attributes) => (attributes as { fn: unknown }).fn === fn,
      name: `map ${fn.name}`,
      f,
      inputs,
    },
  ];
});

/** A function's steps run as a program, so that steps that hold programs are evaluated as such. */
const asProgram = (f: (x: Tensor) => Tensor) => (x: Tensor) => record(f, x).run(x) as Tensor;

const sums = (x: Tensor, options: ScanOptions) => {
  const [last, all] = scan(
    (c: Tensor, row: Tensor) => {
      const next = c.mul(0.5).add(row).mul(row.cos()) as Tensor;
      return [next, next.square()];
    },
    bend(x.slice(0) as Tensor),
    x,
    options,
  );
  return all.add(last) as Tensor;
};
const wave = (x: Tensor) => x.sin().mul(x) as Tensor;
const curve = (x: Tensor) => x.mul(0.5).tanh();

/** Steps that hold programs. */
const structures: Exercise[] = [
  { name: "scan", primitive: scanStep, inner: asProgram((x) => sums(x, {})) },
  { name: "scan backwards", primitive: scanStep, inner: asProgram((x) => sums(x, { reverse: true })) },
  {
    name: "cond",
    primitive: choice,
    inner: asProgram((x) => cond(x.less(100).all() as Tensor, wave, curve, x)),
  },
  {
    name: "cond otherwise",
    primitive: choice,
    inner: asProgram((x) => cond(x.greater(100).any() as Tensor, wave, curve, x)),
  },
  { name: "checkpoint", primitive: region, inner: checkpoint(wave) },
  {
    name: "a rule backwards",
    primitive: byPullback,
    inner: (x: Tensor) => customVjp(wave, (at: Tensor) => vjp(wave, at))(x) as Tensor,
  },
  {
    name: "a rule forwards",
    primitive: byPushforward,
    inner: (x: Tensor) =>
      customJvp(wave, ([at]: readonly [Tensor], [dx]) => jvp(wave, at, dx as Tensor))(x) as Tensor,
  },
].map(({ name, primitive, inner }) => ({
  name,
  primitive: primitive as unknown as Primitive,
  concerns: any,
  f: bent(inner) as Exercise["f"],
  inputs: [rectangle],
}));

export const exercises: readonly Exercise[] = [...movements, ...functions, ...structures];

type Cotangents = readonly (Tensor | null)[];

/** A primitive's rules, of however many results. */
interface AllRules {
  pushforward(step: Applied<unknown, Tensor>, tangents: Cotangents): Tensor | null | Cotangents;
  pullback(
    step: Applied<unknown, Tensor>,
    cotangent: Tensor,
    wanted: readonly boolean[],
    cotangents: Cotangents,
  ): Cotangents;
}

/** A way of breaking rules. Null where the primitive or the exercise has nothing to break in this way. */
interface Breakage {
  readonly name: string;
  readonly pullback?: (step: Applied<unknown, Tensor>, shares: Cotangents, cotangent: Tensor) => Cotangents;
  readonly pushforward?: (step: Applied<unknown, Tensor>, tangent: Tensor) => Tensor;
  readonly applies?: (exercise: Exercise) => boolean;
}

const each = (change: (share: Tensor, i: number, step: Applied<unknown, Tensor>) => Tensor) => ({
  pullback: (step: Applied<unknown, Tensor>, shares: Cotangents) =>
    shares.map((share, i) => (share === null ? null : change(share, i, step))),
});

/** A mask that is 1 at the first place and 0 elsewhere. */
const firstOnly = ({ shape, size, dtype }: Tensor): Tensor => {
  const mask = new Float64Array(size);
  mask[0] = 1;
  return tensor(mask, { dtype, shape }) as Tensor;
};

const hasSizeOne = ({ inputs }: Exercise) => inputs.some(({ shape }) => shape.includes(1));
const sizeOneStep = (step: Applied<unknown, Tensor>) => step.inputs.some(({ shape }) => shape.includes(1));

const breakages: readonly Breakage[] = [
  {
    name: "a wrong sign",
    ...each((share) => share.neg() as Tensor),
    pushforward: (_, tangent) => tangent.neg() as Tensor,
  },
  { name: "twice the value", ...each((share) => share.mul(2)), pushforward: (_, tangent) => tangent.mul(2) },
  { name: "0.1% off", ...each((share) => share.mul(1.001)), pushforward: (_, tangent) => tangent.mul(1.001) },
  { name: "0.1% off backward only", ...each((share) => share.mul(1.001)) },
  { name: "0.1% off forward only", pushforward: (_, tangent) => tangent.mul(1.001) },
  {
    name: "one element 1% off",
    ...each((share) => share.add(share.mul(firstOnly(share)).mul(0.01)) as Tensor),
  },
  {
    name: "wrong where the input is negative",
    ...each((share, i, { inputs }) => inputs[i]!.less(0).select(share.mul(1.1), share) as Tensor),
    applies: ({ inputs }) => inputs.every(({ data }) => data.some((value) => value < 0)),
  },
  { name: "a dropped input", pullback: (_, shares) => dropLast(shares) },
  { name: "right at order one only, backward", ...each((share) => share.detach() as Tensor) },
  { name: "right at order one only, forward", pushforward: (_, tangent) => tangent.detach() as Tensor },
  {
    name: "wrong for an operand used twice",
    ...each((share, _i, { inputs }) => (new Set(inputs).size < inputs.length ? share.mul(1.5) : share)),
    applies: ({ name }) => name.includes("twice the same") || name.includes("by itself"),
  },
  {
    name: "wrong for axes of size 1",
    ...each((share, _i, step) => (sizeOneStep(step) ? share.mul(1.5) : share)),
    applies: hasSizeOne,
  },
  {
    name: "a transposed operand",
    ...each((share) =>
      share.rank === 2 && share.shape[0] === share.shape[1] ? (share.transpose() as Tensor) : share,
    ),
    applies: ({ name }) => name === "matmul on the right" || name === "matmul by itself",
  },
  {
    name: "a forgotten broadcast sum",
    pullback: ({ inputs: [x] }, _shares, cotangent) => [firstOf(cotangent, x!.shape)],
    applies: ({ name }) => name.startsWith("broadcastTo"),
  },
];

function dropLast(shares: Cotangents): Cotangents {
  const last = shares.findLastIndex((share) => share !== null);
  return shares.map((share, i) => (i === last ? (share!.mul(0) as Tensor) : share));
}

/** What is left when repeated elements are not summed but the first is taken. */
function firstOf(cotangent: Tensor, shape: readonly number[]): Tensor {
  const added = cotangent.rank - shape.length;
  const parts = cotangent.shape.map((_, axis) =>
    axis < added ? 0 : shape[axis - added] === 1 ? ([0, 1] as const) : null,
  );
  return cotangent.slice(...parts).reshape(shape);
}

export interface Mutant {
  readonly name: string;
  readonly exercise: Exercise;
  readonly replace: (primitive: Primitive) => Primitive;
  /** Whether the broken rule has given anything other than the right one would have. One that never does is no mutant. */
  readonly hasBitten: () => boolean;
}

/** Whether a wrong result of a rule differs from the right one: in its numbers, or in what can still be differentiated. */
function differ(wrong: Tensor | null, right: Tensor | null): boolean {
  if (wrong === null || right === null) return wrong !== right;
  const lost = wrong.traces === null && right.traces !== null;
  // The least breakage is 0.1%; shaking for noise moves numbers by less than this.
  const moved = (value: number, i: number) =>
    Math.abs(value - right.data[i]!) > 1e-9 * Math.abs(right.data[i]!);
  return lost || wrong.data.some(moved);
}

function mutantOf(exercise: Exercise, breakage: Breakage): Mutant {
  const { primitive, concerns } = exercise;
  let bitten = false;
  const broken: Primitive = {
    ...primitive,
    // A rule that the primitive leaves to the sweeps can't be broken.
    ...(breakage.pullback === undefined || primitive.pullback === undefined
      ? {}
      : {
          pullback(
            step: Applied<unknown, Tensor>,
            cotangent: Tensor,
            wanted: readonly boolean[],
            cotangents: Cotangents,
          ) {
            const shares = (primitive as unknown as AllRules).pullback(step, cotangent, wanted, cotangents);
            if (!concerns(step.attributes)) return shares;
            const wrong = breakage.pullback!(step, shares, cotangent);
            bitten ||= wrong.some((share, i) => differ(share, shares[i]!));
            return wrong;
          },
        }),
    ...(breakage.pushforward === undefined || primitive.pushforward === undefined
      ? {}
      : {
          pushforward(step: Applied<unknown, Tensor>, tangents: readonly (Tensor | null)[]) {
            const moved = (primitive as unknown as AllRules).pushforward(step, tangents);
            const broken = (tangent: Tensor | null) => {
              if (tangent === null || !concerns(step.attributes)) return tangent;
              const wrong = breakage.pushforward!(step, tangent);
              bitten ||= differ(wrong, tangent);
              return wrong;
            };
            return Array.isArray(moved) ? (moved as Cotangents).map(broken) : broken(moved as Tensor | null);
          },
        }),
  };
  return {
    name: `${exercise.name}: ${breakage.name}`,
    exercise,
    replace: (each) => (each === primitive ? broken : each),
    hasBitten: () => bitten,
  };
}

/** Every exercise broken in every way that applies to it. */
export const mutants: readonly Mutant[] = exercises.flatMap((exercise) =>
  breakages.filter(({ applies = any }) => applies(exercise)).map((breakage) => mutantOf(exercise, breakage)),
);
