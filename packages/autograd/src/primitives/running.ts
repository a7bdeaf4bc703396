// Running sums, products and maxima along an axis, and the recurrence yₖ = aₖ·yₖ₋₁ + bₖ, of which their derivatives are
// made: what reaches a place is a part of what has reached the place before it, and what is new there.

import type { Description } from "../array/description.ts";
import { checkFloat, type DType } from "../array/dtype.ts";
import { DTypeError, ShapeError } from "../array/errors.ts";
import { eachRow, NDArray } from "../array/ndarray.ts";
import { sameShape, shapeText } from "../array/shape.ts";
import { alongAxisByKernel } from "../kernels/eager/along-axis.ts";
import { apply } from "../tape/apply.ts";
import { detached } from "../tape/leaf.ts";
import type { Running } from "../tape/lowering.ts";
import { type Applied, algebraOf, type Primitive, type Value } from "../tape/value.ts";
import { filled } from "../tape/zeros.ts";
import { elements, elementwise } from "./elementwise.ts";
import { type Differentiable, linear } from "./families.ts";
import { distance } from "./log-softmax.ts";
import { cast, flip } from "./movement.ts";
import { padded, rangeAlong } from "./moving.ts";

interface Along {
  readonly axis: number;
}

interface Directed extends Along {
  readonly reverse: boolean;
}

// ── Values ──────────────────────────────────────────────────────────────────────────────────────────────────────────

interface Rule {
  /** What stands before the first place. */
  readonly start: number;
  /** What a place has, from what the place before has and the operands' elements. */
  next(before: number, x: number, y: number): number;
}

const ruleOf: Readonly<Record<Running, (dtype: DType) => Rule>> = {
  // Whole numbers are added and multiplied modulo 2³², also where float64 would round.
  total: (dtype) => ({ start: 0, next: dtype === "int32" ? (s, x) => (s + x) | 0 : (s, x) => s + x }),
  product: (dtype) => ({ start: 1, next: dtype === "int32" ? Math.imul : (s, x) => s * x }),
  // The first of equals stays, and NaN, once there.
  largest: () => ({ start: -Infinity, next: (s, x) => (x > s || Number.isNaN(x) ? x : s) }),
  affine: () => ({ start: 0, next: (s, a, b) => (s === 0 || a === 0 ? 0 : s * a) + b }),
};

/** Runs along an axis of one or two arrays. */
function run(
  combine: Running,
  inputs: readonly NDArray[],
  { axis, reverse }: Directed,
  { shape, dtype }: Description,
): NDArray {
  const result = NDArray.zeros(dtype, shape);
  // The factor between two places belongs to the later one in the array, whichever way the recurrence runs.
  const isLate = combine === "affine" && reverse;
  if (alongAxisByKernel({ combine, isLate }, inputs, axis, reverse, result)) return result;
  const [x, y = x] = inputs;
  const n = shape[axis]!;
  const { start, next } = ruleOf[combine](dtype);
  const [first, second, to] = [x!.buffer, y!.buffer, result.buffer];
  const lines = shape.with(axis, Math.min(1, n));
  const arrays = [x!, y!, result];
  const [step, otherStep, targetStep] = arrays.map(({ strides }) => strides[axis]!) as [
    number,
    number,
    number,
  ];
  const lag = Number(isLate);
  eachRow(
    lines,
    arrays.map((array) => array.view(lines, array.strides)),
    (length, [source, other, target], [across, otherAcross, targetAcross]) => {
      for (let i = 0; i < length; i++) {
        let last = start;
        for (let k = 0; k < n; k++) {
          const along = reverse ? n - 1 - k : k;
          const own = k < lag ? 0 : first[source! + i * across! + (along + lag) * step]!;
          last = next(last, own, second[other! + i * otherAcross! + along * otherStep]!);
          to[target! + i * targetAcross! + along * targetStep] = last;
        }
      }
    },
  );
  return result;
}

function checkNumber(operation: string, { dtype }: Description): void {
  if (dtype === "bool")
    throw new DTypeError(`${operation}: bool is not a number; cast it, e.g. x.cast("int32")`);
}

/** What a running primitive of this kind states beside its rules. */
const stated = <A extends Directed | Along>(combine: Running) => ({
  evaluate: (inputs: readonly NDArray[], attributes: A, output: Description) =>
    run(combine, inputs, { reverse: false, ...attributes }, output),
  lowering: (attributes: A) => ({
    family: "running" as const,
    combine,
    reverse: false,
    ...attributes,
  }),
  shifted: (attributes: A): A => ({ ...attributes, axis: attributes.axis + 1 }),
  label: ({ axis, ...rest }: A) =>
    `axis ${axis}${"reverse" in rest && rest.reverse === true ? " from the end" : ""}`,
});

// ── Rules ───────────────────────────────────────────────────────────────────────────────────────────────────────────

const sizesAlong = ({ rank }: Value, axis: number, size: number) =>
  Array.from({ length: rank }, (_, k) => (k === axis ? size : 0));

/** At each place what the place before has, and a number at the first one. */
function before(x: Value, axis: number, first: number): Value {
  const n = x.shape[axis]!;
  if (n === 0) return x;
  const widths = { before: sizesAlong(x, axis, 1), after: sizesAlong(x, axis, 0) };
  return padded(rangeAlong(x, axis, 0, n - 1), widths, first);
}

/** At each place what the next place has, and 0 at the last one. */
function after(x: Value, axis: number): Value {
  const n = x.shape[axis]!;
  if (n === 0) return x;
  const widths = { before: sizesAlong(x, axis, 0), after: sizesAlong(x, axis, 1) };
  return padded(rangeAlong(x, axis, 1, n - 1), widths, 0);
}

const transposed = <A extends Directed>(attributes: A): A => ({
  ...attributes,
  reverse: !attributes.reverse,
});

/** Running sums along an axis, from its start or (reverse) from its end. */
export const cumsum: Primitive<Directed> = linear<Directed>({
  name: "cumsum",
  ...stated<Directed>("total"),
  describe([x]) {
    checkNumber("cumsum", x!);
    return { shape: x!.shape, dtype: x!.dtype };
  },
  adjoint: (dy, _x, _i, { attributes }) => apply(cumsum, [dy], transposed(attributes)),
});

/**
 * yₖ = aₖ·yₖ₋₁ + bₖ along an axis, with y₋₁ = 0; reverse: yₖ = aₖ₊₁·yₖ₊₁ + bₖ from the end. A factor that is zero is stronger
 * than infinity and NaN. For fixed a, the two directions are each other's transposes.
 */
export const recurrence: Differentiable<Directed> = {
  name: "recurrence",
  ...stated<Directed>("affine"),
  describe([a, b]) {
    checkFloat("recurrence", a!.dtype);
    if (a!.dtype !== b!.dtype)
      throw new DTypeError(
        `recurrence: factors of ${a!.dtype} and summands of ${b!.dtype} don't mix; cast one, e.g. b.cast("${a!.dtype}")`,
      );
    if (!sameShape(a!.shape, b!.shape))
      throw new ShapeError(
        `recurrence: factors ${shapeText(a!.shape)} and summands ${shapeText(b!.shape)} must have one shape`,
      );
    return { shape: b!.shape, dtype: b!.dtype };
  },
  pushforward({ inputs: [a], output, attributes }, [da, db]) {
    const { axis, reverse } = attributes;
    const turned = (tangent: Value) =>
      reverse ? after(elements.gate(tangent, output), axis) : elements.gate(tangent, before(output, axis, 0));
    const moved = da == null ? null : turned(da);
    const summand = moved === null ? db : db == null ? moved : algebraOf(moved).plus(moved, db);
    return summand == null ? null : apply(recurrence, [a!, summand], attributes);
  },
  pullback({ inputs: [a], output, attributes }, dy: Value, wanted) {
    const { axis, reverse } = attributes;
    const summand = apply(recurrence, [a!, dy], transposed(attributes));
    const factor = () =>
      reverse
        ? elements.gate(before(summand, axis, 0), output)
        : elements.gate(summand, before(output, axis, 0));
    return [wanted[0] ? factor() : null, wanted[1] ? summand : null];
  },
};

const forwards = ({ axis }: Along): Directed => ({ axis, reverse: false });
const backwards = ({ axis }: Along): Directed => ({ axis, reverse: true });

/** Running products along an axis. Derivatives are exact where elements are zero, of every order. */
export const cumprod: Differentiable<Along> = {
  name: "cumprod",
  ...stated<Along>("product"),
  describe([x]) {
    checkNumber("cumprod", x!);
    return { shape: x!.shape, dtype: x!.dtype };
  },
  pushforward({ inputs: [x], output, attributes }, [tangent]) {
    if (tangent == null) return null;
    const fresh = elements.gate(tangent, before(output, attributes.axis, 1));
    return apply(recurrence, [x!, fresh], forwards(attributes));
  },
  pullback({ inputs: [x], output, attributes }, dy: Value) {
    const reached = apply(recurrence, [x!, dy], backwards(attributes));
    return [elements.gate(reached, before(output, attributes.axis, 1))];
  },
};

/**
 * For running maxima: whether each is the one before, whether it is the element at its place, and 1 divided by how many
 * elements so far it is. An element that is NaN hands NaN on.
 */
function ties({ inputs: [x], output, attributes }: Applied<Along>) {
  const { dtype } = x!;
  const last = before(output, attributes.axis, 0);
  // Once there, NaN stays.
  const isLast = elements.or(elements.equal(last, output), elements.notEqual(last, last));
  const stays = apply(cast, [isLast], { dtype });
  const isHit = apply(cast, [elements.equal(x!, output)], { dtype });
  const hits = elements.select(elements.notEqual(x!, x!), filled(NaN, x!.shape, dtype, x!), isHit);
  const share = elements.reciprocal(apply(recurrence, [stays, hits], forwards(attributes)));
  return { stays, hits, share };
}

/** Running maxima along an axis; NaN from the first NaN on. Elements that tie share the derivative equally. */
export const cummax: Differentiable<Along> = {
  name: "cummax",
  ...stated<Along>("largest"),
  describe: ([x]) => ({ shape: x!.shape, dtype: x!.dtype }),
  pushforward(step, [tangent]) {
    if (tangent == null) return null;
    const { stays, hits, share } = ties(step);
    const reached = apply(recurrence, [stays, elements.gate(tangent, hits)], forwards(step.attributes));
    return elements.gate(reached, share);
  },
  pullback(step, dy: Value) {
    const { stays, hits, share } = ties(step);
    const reached = apply(recurrence, [stays, elements.gate(dy, share)], backwards(step.attributes));
    return [elements.gate(reached, hits)];
  },
};

// ── Functions of values ─────────────────────────────────────────────────────────────────────────────────────────────

/** A function along an axis, from the start or (reverse) from the end. */
export function directed(f: (x: Value) => Value, x: Value, { axis, reverse }: Directed): Value {
  const flipped = (value: Value) => apply(flip, [value], { axes: [axis] });
  return reverse ? flipped(f(flipped(x))) : f(x);
}

/**
 * The logarithm of running sums of exponentials, kept as the running maximum and the running sum of exponentials of what
 * lies below it: nothing overflows, and no sum is less than 1. In float64, since a sum is scaled anew at each new maximum.
 */
export function logCumSumExp(x: Value, axis: number): Value {
  const { dtype } = x;
  const wide = dtype === "float64" ? x : apply(cast, [x], { dtype: "float64" });
  // Any shift is right in exact arithmetic, so it carries no derivative.
  const most = apply(cummax, [detached(wide)], { axis });
  const scale = elements.exp(elementwise(distance, [before(most, axis, 0), most]));
  const powers = elements.exp(elementwise(distance, [wide, most]));
  const sums = apply(recurrence, [scale, powers], { axis, reverse: false });
  const y = elements.add(elements.log(sums), most);
  return dtype === "float64" ? y : apply(cast, [y], { dtype });
}
