// What each primitive of the table is attacked with: operands that fit together, and its meaning once more, an element
// at a time, in plain loops. A primitive without a case here is attacked with its own `examples`.

import type { Shape } from "@adjoint/autograd";
import fc from "fast-check";
import {
  type ElementwiseFunction,
  functionOf,
  statedFunction,
} from "../../../packages/autograd/src/expression/elementwise-function.ts";
import { isAtom, vocabulary } from "../../../packages/autograd/src/expression/vocabulary.ts";
import { normalQuantile } from "../../../packages/autograd/src/primitives/normal-quantile.ts";
import type { Primitive } from "../../../packages/autograd/src/tape/value.ts";
import { Dice, flat, places, same, seeds, shapes, sizes } from "../../support/tensors.ts";
import { threefryByTheBook } from "./threefry.ts";

/** An operand to be filled with numbers of the float type under attack, or one that is given. */
export interface OperandSpec {
  readonly shape: Shape;
  readonly kind?: "int32" | "bool";
  readonly values?: readonly number[];
  /** Where the drawn numbers are moved to, for functions that are not smooth or not defined everywhere. */
  readonly moved?: (x: number) => number;
}

export interface Instance {
  readonly operands: readonly OperandSpec[];
  readonly attributes: unknown;
  /** The shape of the result, found otherwise than by the primitive; absent where there is no such way. */
  readonly shape?: Shape;
}

type Read = (operand: number, place: readonly number[]) => number;
type Round = (x: number) => number;

export interface Case {
  readonly instances: fc.Arbitrary<Instance>;
  /** One element of the result; `round` makes a number one of the type under attack, where something is rounded inside. */
  readonly element?: (read: Read, place: readonly number[], instance: Instance, round: Round) => number;
  /** Whether something is rounded inside, so that float32 is more than float64 rounded once. */
  readonly roundsInside?: (instance: Instance) => boolean;
  /** Sums of products of the operands: with short numbers no rounding happens, and tests allow none. */
  readonly exact: boolean;
  /** Which of two equal numbers of different sign is chosen is not said. */
  readonly signlessZero?: boolean;
}

const float = (shape: Shape): OperandSpec => ({ shape });

/** One operand of a shape, with attributes made from the shape. */
function unary<A>(
  attributes: (shape: number[]) => fc.Arbitrary<A>,
  { minRank = 0, shape }: { minRank?: number; shape?: (shape: number[], attributes: A) => Shape } = {},
): fc.Arbitrary<Instance> {
  return shapes(minRank).chain((of) =>
    attributes(of).map((told) => ({
      operands: [float(of)],
      attributes: told,
      shape: shape === undefined ? of : shape(of, told),
    })),
  );
}

const axisOf = (shape: Shape) => fc.nat({ max: shape.length - 1 });
const someAxes = (shape: Shape) => fc.subarray(shape.map((_, axis) => axis));
const perAxis = <T>(shape: Shape, one: fc.Arbitrary<T>) =>
  fc.array(one, { minLength: shape.length, maxLength: shape.length });
const attributesOf = <A>({ attributes }: Instance) => attributes as A;

/** A shape, and one that broadcasts to it. */
const broadcastable = fc
  .tuple(shapes(), fc.nat({ max: 3 }), fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }))
  .map(([to, dropped, single]) => ({
    to,
    from: to.map((n, axis) => (single[axis]! ? 1 : n)).slice(Math.min(dropped, to.length)),
  }));

/** Where an index of the larger shape reads the smaller one. */
const narrowed = (place: readonly number[], from: Shape) =>
  place.slice(place.length - from.length).map((i, axis) => (from[axis] === 1 ? 0 : i));

const sum = (numbers: readonly number[]) => numbers.reduce((total, x) => total + x, 0);

/** Along an axis, the numbers beside a place. */
const line = (read: Read, place: readonly number[], axis: number, n: number) =>
  Array.from({ length: n }, (_, i) => read(0, place.with(axis, i)));

/** The numbers of a line up to a place, in order. */
const upTo = (read: Read, place: readonly number[], axis: number, { operands: [x] }: Instance) =>
  line(read, place, axis, x!.shape[axis]!).slice(0, place[axis]! + 1);

const alongOne = unary((shape) => fc.record({ axis: axisOf(shape) }), { minRank: 1 });

/** All numbers that reduce to a place whose reduced axes have size 1. */
const reduced = (read: Read, place: readonly number[], { operands }: Instance, axes: readonly number[]) =>
  places(operands[0]!.shape)
    .filter((from) => from.every((i, axis) => axes.includes(axis) || i === place[axis]))
    .map((from) => read(0, from));

/** Axes that have elements: nothing has no largest. */
const filledAxes = (shape: Shape) => shape.flatMap((n, axis) => (n > 0 ? [axis] : []));

const extremes = shapes()
  .chain((shape) => fc.subarray(filledAxes(shape)).map((axes) => ({ shape, axes })))
  .map(({ shape, axes }) => ({
    operands: [float(shape)],
    attributes: { axes },
    shape: shape.map((n, axis) => (axes.includes(axis) ? 1 : n)),
  }));

const alongAxis = fc
  .tuple(shapes(1), sizes, seeds)
  .chain(([shape, m, seed]) => axisOf(shape).map((axis) => ({ shape, m, seed, axis })))
  // Nothing can be read from an empty axis.
  .map(({ shape, m, seed, axis }) => ({ shape, axis, seed, m: shape[axis] === 0 ? 0 : m }));

function randomIndices(shape: Shape, n: number, seed: number): OperandSpec {
  const dice = new Dice(seed);
  return { shape, kind: "int32", values: places(shape).map(() => dice.below(2 * n) - n) };
}

const wrapped = (index: number, n: number) => (index < 0 ? index + n : index);

interface WindowAttributes {
  readonly sizes: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
}

const windowed = fc
  .tuple(
    fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 1 }),
    fc.array(
      fc.record({
        size: fc.integer({ min: 1, max: 3 }),
        stride: fc.integer({ min: 1, max: 3 }),
        dilation: fc.integer({ min: 1, max: 2 }),
        extra: fc.nat({ max: 3 }),
      }),
      { minLength: 1, maxLength: 2 },
    ),
  )
  .map(([rest, axes]) => ({
    whole: [...rest, ...axes.map(({ size, dilation, extra }) => (size - 1) * dilation + 1 + extra)],
    windows: [
      ...rest,
      ...axes.map(({ stride, extra }) => Math.floor(extra / stride) + 1),
      ...axes.map(({ size }) => size),
    ],
    attributes: {
      sizes: axes.map(({ size }) => size),
      strides: axes.map(({ stride }) => stride),
      dilations: axes.map(({ dilation }) => dilation),
    },
  }));

/** Where an element of a window lies in the whole. */
function inWhole(
  place: readonly number[],
  { sizes: window, strides, dilations }: WindowAttributes,
): number[] {
  const axes = window.length;
  const rest = place.length - 2 * axes;
  return [
    ...place.slice(0, rest),
    ...window.map((_, i) => place[rest + i]! * strides[i]! + place[rest + axes + i]! * dilations[i]!),
  ];
}

const draws = fc
  .record({
    key: fc.tuple(fc.integer(), fc.integer()),
    count: fc.nat(12),
    dtype: fc.constantFrom("float32", "float64"),
  })
  .map(({ key, count, dtype }) => ({
    operands: [{ shape: [2], kind: "int32", values: key } as const],
    attributes: { count, dtype },
    shape: [count],
  }));

const words = (read: Read, [place]: readonly number[], use: number = 0): [number, number] =>
  threefryByTheBook([read(0, [0]), read(0, [1])], [place!, use]);

/** The highest bits of the two words, so many of each, as one whole number. */
const highBits = ([high, low]: readonly [number, number], ofHigh: number, ofLow: number) =>
  Math.floor((high >>> 0) / 2 ** (32 - ofHigh)) * 2 ** ofLow + Math.floor((low >>> 0) / 2 ** (32 - ofLow));

// ── map ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Where the plain loops' value comes from for what is no atom. */
const compounds: Readonly<Record<string, (...x: number[]) => number>> = {
  relu: (x) => (x! > 0 || Number.isNaN(x) ? x! : 0),
  clip: (x, low, high) => {
    if (x! < low!) return low!;
    if (x! > high!) return high!;
    // Of zeros of both signs, the bound's, where nothing but the bound is left.
    return x === low && low === high ? low! : x!;
  },
  sigmoid: (x) => (x! >= 0 ? 1 / (1 + Math.exp(-x!)) : Math.exp(x!) / (1 + Math.exp(x!))),
  // As truth values of JavaScript, but that NaN counts as true.
  logicalAnd: (a, b) => Number(a !== 0 && b !== 0),
  logicalOr: (a, b) => Number(a !== 0 || b !== 0),
  logicalXor: (a, b) => Number((a !== 0) !== (b !== 0)),
  logicalNot: (x) => Number(x === 0),
};

const awayFromZero = (x: number) => x + Math.sign(x) / 4;
const tamed = (x: number) => x / 4;
/** Into an interval, with room for a difference on either side, however many numbers there are. */
function within(from: number, to: number): (x: number) => number {
  if (from === -Infinity) return (x) => x;
  if (to === Infinity) return (x) => from + 0.25 + Math.abs(x);
  const half = (to - from) / 2;
  return (x) => from + half + (0.875 * half * x) / (1 + Math.abs(x));
}

const moves: Readonly<Record<string, ((x: number) => number)[]>> = {
  // The poles of tan and 1/x lie outside, with room for a difference.
  tan: [tamed],
  reciprocal: [awayFromZero],
  div: [(x) => x, awayFromZero],
};

interface AttackedFunction {
  readonly fn: ElementwiseFunction;
  /** Its value on numbers of a type. */
  readonly value: (round: Round) => (...x: number[]) => number;
  readonly moved: readonly ((x: number) => number)[];
  readonly roundsInside: boolean;
}

const entries: readonly AttackedFunction[] = vocabulary.map((entry) => {
  const intervals = isAtom(entry) ? (entry.smoothOn ?? []) : [];
  const value = isAtom(entry) ? (entry.value as (...x: number[]) => number) : compounds[entry.name]!;
  const moved = Array.from({ length: entry.arity }, (_, i) => {
    const { from, to } = intervals[i] ?? { from: -Infinity, to: Infinity };
    return moves[entry.name]?.[i] ?? within(from, to);
  });
  return { fn: functionOf(entry), value: () => value, moved, roundsInside: false };
});

const stated: readonly AttackedFunction[] = [
  [
    statedFunction("swish", 1, (x) => x!.mul(x!.logistic())),
    (r: Round) => (x: number) => x * r(x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x))),
  ],
  [statedFunction("the second of three", 3, (_a, b) => b!), () => (_a: number, b: number) => b],
  [statedFunction("a constant", 2, () => 3), () => () => 3],
  [
    statedFunction("a sum of products", 3, (a, b, c) => a!.mul(b!).add(c!.sin().mul(a!))),
    (r: Round) => (a: number, b: number, c: number) => r(a * b) + r(r(Math.sin(c)) * a),
  ],
  [
    statedFunction("a product used twice", 2, (a, b) => a!.mul(b!).tanh().mul(a!.mul(b!))),
    (r: Round) => (a: number, b: number) => r(Math.tanh(r(a * b))) * r(a * b),
  ],
  [
    statedFunction("a branch", 2, (a, b) => a!.greater(b!).select(a!.square(), b!.mul(3))),
    () => (a: number, b: number) => (a > b ? a * a : b * 3),
  ],
].map(([fn, value]) => ({
  fn: fn as ElementwiseFunction,
  value: value as AttackedFunction["value"],
  moved: [(x) => x, (x) => x, (x) => x],
  roundsInside: true,
}));

const functions = [...entries, ...stated];

const mapsOf = (attacked: readonly AttackedFunction[]): fc.Arbitrary<Instance> =>
  fc.tuple(fc.constantFrom(...attacked), shapes()).map(([{ fn, moved }, shape]) => ({
    operands: fn.signature.operands.map(
      (kind, i): OperandSpec => (kind === "bool" ? { shape, kind } : { shape, moved: moved[i]! }),
    ),
    attributes: { fn },
    shape,
  }));

/** map of one function of the vocabulary. */
export const mapsOfOne = (name: string): fc.Arbitrary<Instance> =>
  mapsOf(functions.filter(({ fn }) => fn.name === name));

const valuesOf = new Map(functions.map((attacked) => [attacked.fn, attacked]));

// ── The table ─────────────────────────────────────────────────────────────────────────────────────────────────────

// Sizes up to 6 go beyond the kernel's tile of 4.
const matrices: Case["instances"] = fc
  .record({
    batch: fc.array(fc.nat({ max: 2 }), { maxLength: 2 }),
    m: fc.nat({ max: 6 }),
    k: fc.nat({ max: 6 }),
    n: fc.nat({ max: 6 }),
  })
  .map(({ batch, m, k, n }) => ({
    operands: [float([...batch, m, k]), float([...batch, k, n])],
    attributes: null,
    shape: [...batch, m, n],
  }));

/** More multiplications than are written out: those of float32 are rounded one by one, and added up in float32. */
const isLong = ({ operands: [a, b] }: Instance) =>
  a!.shape.at(-2)! * a!.shape.at(-1)! * b!.shape.at(-1)! > 64;

function productOf(
  read: (operand: number, place: readonly number[]) => number,
  place: readonly number[],
  instance: Instance,
  round: Round,
  times: (x: number, y: number) => number,
): number {
  const batch = place.slice(0, -2);
  const [i, j] = place.slice(-2) as [number, number];
  const within: Round = isLong(instance) ? round : (x) => x;
  let total = 0;
  for (let k = 0; k < instance.operands[0]!.shape.at(-1)!; k++)
    total = within(total + within(times(read(0, [...batch, i, k]), read(1, [...batch, k, j]))));
  return total;
}

export const cases: Readonly<Record<string, Case>> = {
  map: {
    instances: mapsOf(functions),
    element: (read, place, { operands, attributes }, round) =>
      valuesOf.get((attributes as AttackedFunction).fn)!.value(round)(
        ...operands.map((_, i) => read(i, place)),
      ),
    roundsInside: ({ attributes }) => valuesOf.get((attributes as AttackedFunction).fn)!.roundsInside,
    exact: false,
  },
  broadcastTo: {
    instances: broadcastable.map(({ to, from }) => ({
      operands: [float(from)],
      attributes: { shape: to },
      shape: to,
    })),
    element: (read, place, { operands }) => read(0, narrowed(place, operands[0]!.shape)),
    exact: true,
  },
  sumTo: {
    instances: broadcastable.map(({ to, from }) => ({
      operands: [float(to)],
      attributes: { shape: from },
      shape: from,
    })),
    element: (read, place, { operands, attributes }) => {
      const { shape } = attributes as { shape: Shape };
      return sum(
        places(operands[0]!.shape)
          .filter((from) => same(narrowed(from, shape), place))
          .map((from) => read(0, from)),
      );
    },
    exact: true,
  },
  mean: {
    instances: broadcastable.map(({ to, from }) => ({
      operands: [float(to)],
      // A power of two: with short numbers no rounding happens.
      attributes: { shape: from, divisor: 4 },
      shape: from,
    })),
    element: (read, place, { operands, attributes }) => {
      const { shape } = attributes as { shape: Shape };
      const terms = places(operands[0]!.shape).filter((from) => same(narrowed(from, shape), place));
      return sum(terms.map((from) => read(0, from))) / 4;
    },
    exact: true,
  },
  reshape: {
    instances: unary(
      (shape) =>
        fc
          .array(fc.boolean(), { minLength: shape.length + 1, maxLength: shape.length + 1 })
          // Some axes joined with the next, some with an axis of size 1 before them; [2, 3] with the sizes exchanged.
          .map((joins) => {
            const result: number[] = [];
            shape.forEach((n, axis) => {
              if (joins[axis]! && result.length > 0) result.push(n * result.pop()!);
              else result.push(...(joins[axis]! ? [1] : []), n);
            });
            return { shape: joins.at(-1)! ? result.reverse() : result };
          }),
      { shape: (_, { shape }) => shape },
    ),
    element: (read, place, { operands, attributes }) => {
      const from = operands[0]!.shape;
      const position = flat(place, attributesOf<{ shape: Shape }>({ operands, attributes }).shape);
      return read(0, places(from)[position]!);
    },
    exact: true,
  },
  permute: {
    instances: unary(
      (shape) =>
        fc
          .shuffledSubarray(
            shape.map((_, axis) => axis),
            { minLength: shape.length },
          )
          .map((order) => ({ order })),
      { shape: (shape, { order }) => order.map((axis) => shape[axis]!) },
    ),
    element: (read, place, instance) => {
      const { order } = attributesOf<{ order: number[] }>(instance);
      return read(
        0,
        order.map((_, axis) => place[order.indexOf(axis)]!),
      );
    },
    exact: true,
  },
  slice: {
    instances: unary(
      (shape) =>
        fc
          .tuple(
            ...shape.map((n) =>
              fc
                .tuple(fc.nat({ max: n }), fc.integer({ min: 1, max: 3 }))
                .chain(([start, step]) =>
                  fc.nat({ max: Math.ceil((n - start) / step) }).map((size) => ({ start, size, step })),
                ),
            ),
          )
          .map((parts) => ({
            starts: parts.map(({ start }) => start),
            sizes: parts.map(({ size }) => size),
            steps: parts.map(({ step }) => step),
          })),
      { shape: (_, { sizes: taken }) => taken },
    ),
    element: (read, place, instance) => {
      const { starts, steps } = attributesOf<{ starts: number[]; steps: number[] }>(instance);
      return read(
        0,
        place.map((i, axis) => starts[axis]! + i * steps[axis]!),
      );
    },
    exact: true,
  },
  pad: {
    instances: unary(
      (shape) =>
        fc.record({
          before: perAxis(shape, fc.nat({ max: 2 })),
          after: perAxis(shape, fc.nat({ max: 2 })),
          between: perAxis(shape, fc.nat({ max: 2 })),
        }),
      {
        shape: (shape, { before, after, between }) =>
          shape.map((n, axis) => before[axis]! + n + Math.max(0, n - 1) * between[axis]! + after[axis]!),
      },
    ),
    element: (read, place, instance) => {
      const { before, between } = attributesOf<{ before: number[]; between: number[] }>(instance);
      const from = place.map((i, axis) => (i - before[axis]!) / (between[axis]! + 1));
      return from.every((i, axis) => Number.isInteger(i) && i >= 0 && i < instance.operands[0]!.shape[axis]!)
        ? read(0, from)
        : 0;
    },
    exact: true,
  },
  concat: {
    instances: fc.tuple(shapes(1), fc.array(sizes, { minLength: 1, maxLength: 3 })).chain(([shape, parts]) =>
      axisOf(shape).map((axis) => ({
        operands: parts.map((n) => float(shape.with(axis, n))),
        attributes: { axis },
        shape: shape.with(axis, sum(parts)),
      })),
    ),
    element: (read, place, instance) => {
      const { axis } = attributesOf<{ axis: number }>(instance);
      let at = place[axis]!;
      let operand = 0;
      for (; at >= instance.operands[operand]!.shape[axis]!; operand++)
        at -= instance.operands[operand]!.shape[axis]!;
      return read(operand, place.with(axis, at));
    },
    exact: true,
  },
  flip: {
    instances: unary((shape) => someAxes(shape).map((axes) => ({ axes }))),
    element: (read, place, instance) => {
      const { axes } = attributesOf<{ axes: number[] }>(instance);
      const { shape } = instance.operands[0]!;
      return read(
        0,
        place.map((i, axis) => (axes.includes(axis) ? shape[axis]! - 1 - i : i)),
      );
    },
    exact: true,
  },
  cast: {
    instances: unary(() =>
      fc.constantFrom("float32", "float64", "int32", "bool").map((dtype) => ({ dtype })),
    ),
    element: (read, place, instance) => {
      const { dtype } = attributesOf<{ dtype: string }>(instance);
      const x = read(0, place);
      if (dtype === "bool") return x === 0 ? 0 : 1;
      return dtype === "int32" ? (Number.isFinite(x) ? Math.trunc(x) + 0 : 0) : x;
    },
    exact: true,
  },
  identity: {
    instances: unary(() => fc.constant(null)),
    element: (read, place) => read(0, place),
    exact: true,
  },
  constantIn: {
    instances: fc.tuple(shapes(), fc.array(shapes(), { maxLength: 2 })).map(([shape, others]) => ({
      operands: [shape, ...others].map(float),
      attributes: null,
      shape,
    })),
    element: (read, place) => read(0, place),
    exact: true,
  },
  guarded: {
    instances: unary(() => fc.constant({ check: () => {} })),
    element: (read, place) => read(0, place),
    exact: true,
  },
  logSoftmax: {
    // An axis of size 0 is left out, as the method leaves it out.
    instances: shapes(1)
      .filter((shape) => filledAxes(shape).length > 0)
      .chain((shape) =>
        fc.constantFrom(...filledAxes(shape)).map((axis) => ({
          operands: [float(shape)],
          attributes: { axis },
          shape,
        })),
      ),
    element: (read, place, instance, round) => {
      const { axis } = attributesOf<{ axis: number }>(instance);
      const row = line(read, place, axis, instance.operands[0]!.shape[axis]!);
      const largest = Math.max(...row);
      const ties = row.filter((x) => x === largest).length;
      const below = (x: number) => (x === largest ? 0 : round(x - largest));
      const others = round(sum(row.filter((x) => x !== largest).map((x) => round(Math.exp(below(x))))));
      return below(row[place[axis]!]!) - round(Math.log1p(round(ties - 1 + others)));
    },
    roundsInside: () => true,
    exact: false,
  },
  matmul: {
    instances: matrices,
    element: (read, place, instance, round) => productOf(read, place, instance, round, (x, y) => x * y),
    roundsInside: isLong,
    exact: true,
  },
  gatedMatmul: {
    instances: matrices,
    element: (read, place, instance, round) =>
      productOf(read, place, instance, round, (x, y) => (x === 0 || y === 0 ? 0 : x * y)),
    roundsInside: isLong,
    exact: true,
  },
  takeAlong: {
    instances: alongAxis.map(({ shape, m, seed, axis }) => ({
      operands: [float(shape), randomIndices(shape.with(axis, m), shape[axis]!, seed)],
      attributes: { axis },
      shape: shape.with(axis, m),
    })),
    element: (read, place, instance) => {
      const { axis } = attributesOf<{ axis: number }>(instance);
      return read(0, place.with(axis, wrapped(read(1, place), instance.operands[0]!.shape[axis]!)));
    },
    exact: true,
  },
  oneHot: {
    instances: fc.tuple(shapes(), fc.integer({ min: 1, max: 5 }), fc.nat()).map(([shape, classes, seed]) => ({
      // From 0 on: one-hot rows count no index from the end.
      operands: [
        {
          shape: [...shape, 1],
          kind: "int32" as const,
          values: places([...shape, 1]).map((_, i) => (7 * i + (seed % 97)) % classes),
        },
      ],
      attributes: { classes, dtype: "float64" },
      shape: [...shape, classes],
    })),
    element: (read, place) => Number(read(0, place.with(-1, 0)) === place.at(-1)),
    exact: true,
  },
  addAlong: {
    instances: alongAxis.map(({ shape, m, seed, axis }) => ({
      operands: [float(shape.with(axis, m)), randomIndices(shape.with(axis, m), shape[axis]!, seed)],
      attributes: { axis, shape },
      shape,
    })),
    element: (read, place, instance) => {
      const { axis, shape } = attributesOf<{ axis: number; shape: Shape }>(instance);
      const from = Array.from({ length: instance.operands[0]!.shape[axis]! }, (_, i) => place.with(axis, i));
      return sum(
        from
          .filter((each) => wrapped(read(1, each), shape[axis]!) === place[axis])
          .map((each) => read(0, each)),
      );
    },
    exact: true,
  },
  cumprod: {
    instances: alongOne,
    element: (read, place, instance) => {
      const { axis } = attributesOf<{ axis: number }>(instance);
      return upTo(read, place, axis, instance).reduce((product, x) => product * x, 1);
    },
    exact: false,
  },
  cummax: {
    instances: alongOne,
    element: (read, place, instance) => {
      const { axis } = attributesOf<{ axis: number }>(instance);
      return Math.max(...upTo(read, place, axis, instance));
    },
    exact: true,
    signlessZero: true,
  },
  recurrence: {
    instances: shapes(1).chain((shape) =>
      fc.record({ axis: axisOf(shape), reverse: fc.boolean() }).map((attributes) => ({
        operands: [float(shape), float(shape)],
        attributes,
        shape,
      })),
    ),
    element: (read, place, instance) => {
      const { axis, reverse } = attributesOf<{ axis: number; reverse: boolean }>(instance);
      const n = instance.operands[0]!.shape[axis]!;
      const factor = (k: number) => read(0, place.with(axis, k));
      const at = (k: number): number => {
        if (k < 0 || k >= n) return 0;
        const [y, a] = reverse ? [at(k + 1), k + 1 < n ? factor(k + 1) : 0] : [at(k - 1), factor(k)];
        return (y === 0 || a === 0 ? 0 : a * y) + read(1, place.with(axis, k));
      };
      return at(place[axis]!);
    },
    exact: false,
  },
  cumsum: {
    instances: unary((shape) => fc.record({ axis: axisOf(shape), reverse: fc.boolean() }), { minRank: 1 }),
    element: (read, place, instance) => {
      const { axis, reverse } = attributesOf<{ axis: number; reverse: boolean }>(instance);
      const numbers = line(read, place, axis, instance.operands[0]!.shape[axis]!);
      return sum(reverse ? numbers.slice(place[axis]!).reverse() : numbers.slice(0, place[axis]! + 1));
    },
    exact: true,
  },
  max: {
    instances: extremes,
    element: (read, place, instance) =>
      Math.max(...reduced(read, place, instance, attributesOf<{ axes: number[] }>(instance).axes)),
    exact: true,
    signlessZero: true,
  },
  min: {
    instances: extremes,
    element: (read, place, instance) =>
      Math.min(...reduced(read, place, instance, attributesOf<{ axes: number[] }>(instance).axes)),
    exact: true,
    signlessZero: true,
  },
  argsort: {
    instances: unary((shape) => fc.record({ axis: axisOf(shape), descending: fc.boolean() }), { minRank: 1 }),
    element: (read, place, instance) => {
      const { axis, descending } = attributesOf<{ axis: number; descending: boolean }>(instance);
      const numbers = line(read, place, axis, instance.operands[0]!.shape[axis]!);
      // The place of the element before which as many belong as before this place of the result: NaN is the largest, and
      // of equals the first comes first.
      const before = (i: number, j: number) => {
        const [a, b] = [numbers[i]!, numbers[j]!];
        if (Number.isNaN(a) || Number.isNaN(b))
          return Number.isNaN(a) === Number.isNaN(b) ? i < j : Number.isNaN(descending ? a : b);
        return a === b ? i < j : descending ? a > b : a < b;
      };
      return numbers.findIndex((_, i) => numbers.filter((_, j) => before(j, i)).length === place[axis]);
    },
    exact: true,
  },
  argExtreme: {
    instances: shapes(1)
      .filter((shape) => filledAxes(shape).length > 0)
      .chain((shape) =>
        fc
          .record({ axis: fc.constantFrom(...filledAxes(shape)), smallest: fc.boolean() })
          .map((attributes) => ({
            operands: [float(shape)],
            attributes,
            shape: shape.with(attributes.axis, 1),
          })),
      ),
    element: (read, place, instance) => {
      const { axis, smallest } = attributesOf<{ axis: number; smallest: boolean }>(instance);
      const numbers = line(read, place, axis, instance.operands[0]!.shape[axis]!);
      const broken = numbers.findIndex(Number.isNaN);
      return broken >= 0 ? broken : numbers.indexOf(smallest ? Math.min(...numbers) : Math.max(...numbers));
    },
    exact: true,
  },
  windows: {
    instances: windowed.map(({ whole, windows, attributes }) => ({
      operands: [float(whole)],
      attributes,
      shape: windows,
    })),
    element: (read, place, instance) => read(0, inWhole(place, attributesOf<WindowAttributes>(instance))),
    exact: true,
  },
  overlapAdd: {
    instances: windowed.map(({ whole, windows, attributes }) => ({
      operands: [float(windows)],
      attributes: { ...attributes, shape: whole },
      shape: whole,
    })),
    element: (read, place, instance) =>
      sum(
        places(instance.operands[0]!.shape)
          .filter((from) => same(inWhole(from, attributesOf<WindowAttributes>(instance)), place))
          .map((from) => read(0, from)),
      ),
    exact: true,
  },
  randomBits: {
    instances: draws.map((each) => ({ ...each, attributes: { ...each.attributes, dtype: "int32" } })),
    element: (read, place) => words(read, place)[0],
    exact: true,
  },
  splitKey: {
    instances: draws.map((each) => ({ ...each, attributes: { ...each.attributes, dtype: "int32" } })),
    element: (read, place) => words(read, place, 1)[0],
    exact: true,
  },
  randomUniform: {
    instances: draws,
    element: (read, place, instance) => {
      const drawn = words(read, place);
      return attributesOf<{ dtype: string }>(instance).dtype === "float32"
        ? highBits(drawn, 24, 0) / 2 ** 24
        : highBits(drawn, 27, 26) / 2 ** 53;
    },
    exact: true,
  },
  randomNormal: {
    instances: draws,
    element: (read, place) =>
      // That the quantile is one is tested in random.test.ts; here, that the right one is taken.
      normalQuantile((highBits(words(read, place), 26, 26) + 0.5) / 2 ** 52),
    exact: true,
  },
};

/** What an entry of the table is attacked with: its case above, or else its own examples. */
export function caseOf(name: string, primitive: Primitive): Case {
  const stated = cases[name] ?? caseOfExamples(primitive);
  if (stated === null) {
    throw new Error(
      `the primitive "${name}" is in the table and nothing attacks it; where it is defined, give it operands that fit, e.g. examples: [{ shapes: [[2, 3]], attributes: { … } }], and the properties follow`,
    );
  }
  return stated;
}

function caseOfExamples({ examples = [] }: Primitive): Case | null {
  if (examples.length === 0) return null;
  const instances = examples.map(
    ({ shapes: of, attributes, dtypes = [], between: [low, high] = [-2, 2] }) => ({
      operands: of.map((shape, i): OperandSpec => {
        const kind = dtypes[i] ?? "float";
        const within = (x: number) => low + (high - low) * (0.5 + Math.atan(x) / Math.PI);
        if (kind === "float") return { shape, moved: within };
        return { shape, kind, ...(kind === "int32" ? { moved: (x: number) => Math.round(within(x)) } : {}) };
      }),
      attributes,
    }),
  );
  return { instances: fc.constantFrom(...instances), exact: false };
}
