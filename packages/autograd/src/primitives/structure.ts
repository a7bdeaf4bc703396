// The table of structure: functions that rearrange, repeat and choose elements, made of movements. A tensor takes methods of
// these names from here, so a new one is an entry here, its signature with its docstring in tensor/tensor.ts, and nothing else.

import { checkOptions, kindOf } from "../array/arguments.ts";
import { DTypeError, inNameOf, ShapeError } from "../array/errors.ts";
import { NDArray } from "../array/ndarray.ts";
import { checkShape, normalizeAxis, shapeText, sizeOf } from "../array/shape.ts";
import type { Shape } from "../array/shape-types.ts";
import { apply } from "../tape/apply.ts";
import { algebraOf, type Value } from "../tape/value.ts";
import { matrixProduct } from "./contraction.ts";
import { elements } from "./elementwise.ts";
import { concat, permute, slice } from "./movement.ts";
import { rangeAlong, reshaped, spread, summedTo, withAxisMoved } from "./moving.ts";

interface Along {
  readonly axis?: number;
}

function axisOf(operation: string, x: Value, options: Along, standard: number): number {
  checkOptions(operation, options, ["axis"]);
  return normalizeAxis(options.axis ?? standard, x.rank, operation);
}

const isCount = (n: unknown): n is number => Number.isInteger(n) && (n as number) >= 0;

function checkWhole(operation: string, what: string, n: unknown): asserts n is number {
  if (!Number.isInteger(n))
    throw new RangeError(
      `${operation}: ${what} is ${typeof n === "number" ? n : kindOf(n)} and must be a whole number`,
    );
}

function checkMatrix(operation: string, x: Value): void {
  if (x.rank < 2)
    throw new ShapeError(`${operation}: ${shapeText(x.shape)} is no matrix; it takes [..., rows, columns]`);
}

// ── Parts ───────────────────────────────────────────────────────────────────────────────────────────────────────────

export function split(x: Value, parts: number | readonly number[], options: Along = {}): Value[] {
  const axis = axisOf("split", x, options, 0);
  const n = x.shape[axis]!;
  const sizes =
    typeof parts === "number"
      ? Array.from({ length: isCount(parts) ? parts : 0 }, () => n / (parts as number))
      : parts;
  const isRight =
    Array.isArray(sizes) &&
    sizes.length > 0 &&
    sizes.every(isCount) &&
    sizes.reduce((a, b) => a + b, 0) === n;
  if (!isRight)
    throw new ShapeError(
      `split: ${typeof parts === "number" ? `${parts} equal parts` : Array.isArray(parts) ? `sizes [${parts.join(", ")}]` : kindOf(parts)} of an axis of ${n} in ${shapeText(x.shape)}; give a number that divides ${n}, or sizes that add up to it`,
    );
  let start = 0;
  return sizes.map((size) => {
    const part = rangeAlong(x, axis, start, size);
    start += size;
    return part;
  });
}

export function unstack(x: Value, options: Along = {}): Value[] {
  const axis = axisOf("unstack", x, options, 0);
  return Array.from({ length: x.shape[axis]! }, (_, i) =>
    reshaped(rangeAlong(x, axis, i, 1), x.shape.toSpliced(axis, 1)),
  );
}

// ── Repetition ──────────────────────────────────────────────────────────────────────────────────────────────────────

export function tile(x: Value, repeats: readonly number[]): Value {
  if (!Array.isArray(repeats))
    throw new TypeError(
      `tile: got ${kindOf(repeats)} where repeats belong; write them in brackets, e.g. [2, 1]`,
    );
  checkShape(repeats, "tile");
  const rank = Math.max(x.rank, repeats.length);
  const filledUp = (list: readonly number[]) => [...new Array<number>(rank - list.length).fill(1), ...list];
  const [shape, times] = [filledUp(x.shape), filledUp(repeats)];
  const apart = reshaped(
    x,
    shape.flatMap((n) => [1, n]),
  );
  const repeated = spread(
    apart,
    shape.flatMap((n, axis) => [times[axis]!, n]),
  );
  return reshaped(
    repeated,
    shape.map((n, axis) => n * times[axis]!),
  );
}

export function repeat(x: Value, times: number, options: Along = {}): Value {
  checkWhole("repeat", "the number of times", times);
  if (times < 0) throw new RangeError(`repeat: ${times} times; give 0 or more`);
  if (options.axis === undefined) {
    checkOptions("repeat", options, ["axis"]);
    return repeat(reshaped(x, [x.size]), times, { axis: 0 });
  }
  const axis = axisOf("repeat", x, options, 0);
  const { shape } = x;
  const apart = reshaped(x, shape.toSpliced(axis + 1, 0, 1));
  return reshaped(spread(apart, shape.toSpliced(axis + 1, 0, times)), shape.with(axis, shape[axis]! * times));
}

export function roll(x: Value, shift: number, options: Along = {}): Value {
  checkWhole("roll", "the shift", shift);
  if (options.axis === undefined) {
    checkOptions("roll", options, ["axis"]);
    return reshaped(roll(reshaped(x, [x.size]), shift, { axis: 0 }), x.shape);
  }
  const axis = axisOf("roll", x, options, 0);
  const n = x.shape[axis]!;
  const by = n === 0 ? 0 : ((shift % n) + n) % n;
  if (by === 0) return x;
  return apply(concat, [rangeAlong(x, axis, n - by, by), rangeAlong(x, axis, 0, n - by)], { axis });
}

export function diff(x: Value, options: Along & { readonly n?: number } = {}): Value {
  checkOptions("diff", options, ["axis", "n"]);
  const { n = 1 } = options;
  checkWhole("diff", "n", n);
  if (n < 0) throw new RangeError(`diff: n is ${n}; give 0 or more`);
  const axis = normalizeAxis(options.axis ?? -1, x.rank, "diff");
  let result = x;
  for (let i = 0; i < n && result.shape[axis]! > 0; i++) {
    const rest = result.shape[axis]! - 1;
    const [later, earlier] = [rangeAlong(result, axis, 1, rest), rangeAlong(result, axis, 0, rest)];
    result = inNameOf("diff", () => elements.sub(later, earlier));
  }
  return result;
}

// ── Axes ────────────────────────────────────────────────────────────────────────────────────────────────────────────

export function swapAxes(x: Value, first: number, second: number): Value {
  const [a, b] = [first, second].map((axis) => normalizeAxis(axis, x.rank, "swapAxes")) as [number, number];
  const order = x.shape.map((_, axis) => (axis === a ? b : axis === b ? a : axis));
  return apply(permute, [x], { order });
}

export function moveAxis(x: Value, from: number, to: number): Value {
  const [a, b] = [from, to].map((axis) => normalizeAxis(axis, x.rank, "moveAxis")) as [number, number];
  return withAxisMoved(x, a, b);
}

// ── Matrices ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Truth values [rows, columns]: where the column is at least, or at most, the row plus an offset. */
function triangle(x: Value, offset: number, isUpper: boolean): Value {
  const [rows, columns] = x.shape.slice(-2) as [number, number];
  const array = NDArray.zeros("bool", [rows, columns]);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const beyond = column - row - offset;
      array.buffer[row * columns + column] = Number(isUpper ? beyond >= 0 : beyond <= 0);
    }
  return spread(algebraOf(x).make(array), x.shape);
}

export function tril(x: Value, k = 0): Value {
  checkMatrix("tril", x);
  checkWhole("tril", "k", k);
  return elements.select(triangle(x, k, false), x, 0);
}

export function triu(x: Value, k = 0): Value {
  checkMatrix("triu", x);
  checkWhole("triu", "k", k);
  return elements.select(triangle(x, k, true), x, 0);
}

export function diagonal(x: Value, options: { readonly offset?: number } = {}): Value {
  checkOptions("diagonal", options, ["offset"]);
  checkMatrix("diagonal", x);
  const { offset = 0 } = options;
  checkWhole("diagonal", "offset", offset);
  const batch = x.shape.slice(0, -2);
  const [rows, columns] = x.shape.slice(-2) as [number, number];
  const n = Math.max(0, Math.min(rows + Math.min(offset, 0), columns - Math.max(offset, 0)));
  const flat = reshaped(x, [...batch, rows * columns]);
  const start = n === 0 ? 0 : offset >= 0 ? offset : -offset * columns;
  return apply(slice, [flat], {
    starts: [...batch.map(() => 0), start],
    sizes: [...batch, n],
    steps: [...batch.map(() => 1), columns + 1],
  });
}

export function trace(x: Value, options: { readonly offset?: number } = {}): Value {
  const along = inNameOf("trace", () => diagonal(x, options));
  const batch = along.shape.slice(0, -1);
  return reshaped(summedTo(along, [...batch, 1]), batch);
}

// ── Products ────────────────────────────────────────────────────────────────────────────────────────────────────────

export function outer(x: Value, other: Value): Value {
  const shape = [x.size, other.size];
  const [rows, columns] = [reshaped(x, [x.size, 1]), reshaped(other, [1, other.size])];
  return inNameOf("outer", () => elements.mul(spread(rows, shape), spread(columns, shape)));
}

export function tensordot(
  x: Value,
  other: Value,
  axes: number | readonly [readonly number[], readonly number[]] = 2,
): Value {
  const counted = (n: number): readonly (readonly number[])[] => {
    if (!isCount(n) || n > x.rank || n > other.rank)
      throw new ShapeError(
        `tensordot: ${n} axes of ${shapeText(x.shape)} and ${shapeText(other.shape)}; give a number that both have, or two lists of axes`,
      );
    return [Array.from({ length: n }, (_, i) => x.rank - n + i), Array.from({ length: n }, (_, i) => i)];
  };
  const [left, right] = (typeof axes === "number" ? counted(axes) : axes).map((list, i) =>
    list.map((axis) => normalizeAxis(axis, (i === 0 ? x : other).rank, "tensordot")),
  ) as [number[], number[]];
  const sizes = (value: Value, list: readonly number[]): Shape => list.map((axis) => value.shape[axis]!);
  const [a, b] = [sizes(x, left), sizes(other, right)];
  if (a.join() !== b.join())
    throw new ShapeError(
      `tensordot: ${shapeText(x.shape)} over axes [${left.join(", ")}] and ${shapeText(other.shape)} over [${right.join(", ")}]: sizes [${a.join(", ")}] and [${b.join(", ")}] must agree`,
    );
  const rest = (value: Value, list: readonly number[]) =>
    value.shape.map((_, axis) => axis).filter((axis) => !list.includes(axis));
  const [rows, columns] = [rest(x, left), rest(other, right)];
  const inner = sizeOf(a);
  const first = apply(permute, [x], { order: [...rows, ...left] });
  const second = apply(permute, [other], { order: [...right, ...columns] });
  const product = inNameOf("tensordot", () =>
    matrixProduct(
      reshaped(first, [sizeOf(sizes(x, rows)), inner]),
      reshaped(second, [inner, sizeOf(sizes(other, columns))]),
    ),
  );
  return reshaped(product, [...sizes(x, rows), ...sizes(other, columns)]);
}

export function kron(x: Value, other: Value): Value {
  const rank = Math.max(x.rank, other.rank);
  const filledUp = ({ shape }: Value) => [...new Array<number>(rank - shape.length).fill(1), ...shape];
  const [a, b] = [filledUp(x), filledUp(other)];
  const all = a.flatMap((n, axis) => [n, b[axis]!]);
  const left = spread(
    reshaped(
      x,
      a.flatMap((n) => [n, 1]),
    ),
    all,
  );
  const right = spread(
    reshaped(
      other,
      b.flatMap((n) => [1, n]),
    ),
    all,
  );
  const product = inNameOf("kron", () => elements.mul(left, right));
  return reshaped(
    product,
    a.map((n, axis) => n * b[axis]!),
  );
}

// ── Choices ─────────────────────────────────────────────────────────────────────────────────────────────────────────

export function maskedFill(x: Value, mask: Value, value: number | Value): Value {
  if (mask.dtype !== "bool")
    throw new DTypeError(
      `maskedFill: the mask is ${mask.dtype} and must be bool: compare, e.g. x.greater(0), or mask.cast("bool")`,
    );
  return inNameOf("maskedFill", () => elements.select(spread(mask, x.shape), value, x));
}
