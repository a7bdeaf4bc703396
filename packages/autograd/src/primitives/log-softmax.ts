// The logarithm of softmax, as one primitive: digits that are lost by adding logarithms to large numbers, or by
// subtracting from one, are lost in derivatives, too, so value and rules are stated in forms that don't cancel.

import type { Description } from "../array/description.ts";
import { checkFloat } from "../array/dtype.ts";
import { NDArray } from "../array/ndarray.ts";
import { sameShape } from "../array/shape.ts";
import { apart } from "../expression/atoms/arithmetic.ts";
import type { Atom } from "../expression/atoms/atom.ts";
import { type ElementwiseFunction, functionOf, statedFunction } from "../expression/elementwise-function.ts";
import { Expression } from "../expression/expression.ts";
import { apply } from "../tape/apply.ts";
import type { Primitive, Value } from "../tape/value.ts";
import { elementwise } from "./elementwise.ts";
import { addAlong, singleAlong, takeAlong } from "./indexing.ts";
import { map } from "./map.ts";
import { cast, spreadOver, sumTo } from "./movement.ts";
import { summedTo } from "./moving.ts";
import { max, rowsOf } from "./selection.ts";

/** How far the logits of a row lie below its largest. */
export const distance: ElementwiseFunction = functionOf(apart);

const isLargest = statedFunction("isLargest", 2, (x, largest) => x!.equal(largest!));
/** What an element below the largest adds to the sum of its row. Infinity less infinity is only met where they are equal. */
const power = statedFunction("power", 2, (x, largest) =>
  x!.equal(largest!).select(0, x!.sub(largest!).exp()),
);
/** How far the log of the sum of a row's powers lies above its largest element. */
const excess = statedFunction("excess", 2, (ties, others) => ties!.sub(1).add(others!).log1p());
const logarithm = statedFunction("logSoftmax", 3, (x, largest, above) =>
  Expression.apply(apart, [x!, largest!]).sub(above!),
);
/** Whether an element has more than half of its row's sum: no other one of the row has. */
const isMost = (y: Expression) => Expression.constant(-0.5).less(y);
/**
 * 1 − eʸ, exact where it is tiny, for an element that has most of its row; 1 for the others, whose eʸ is taken away with
 * those of the whole row. The operand eʸ is differentiated as a function of y.
 */
export const lacking: Atom<2, "same"> = {
  name: "lacking",
  arity: 2,
  result: "same",
  operands: "float",
  value: (y) => (y > -0.5 ? -Math.expm1(y) : 1),
  // Most rows have no such element.
  lanes: (l, y) =>
    l.exceptWhere(l.isLess(l.constant(-0.5), y), l.constant(1), (y) => (y > -0.5 ? -Math.expm1(y) : 1), y),
  partials: [(y, power) => isMost(y).select(power.neg(), 0), () => 0],
};
const missing = (y: Expression) => Expression.apply(lacking, [y, y.exp()]);
const unlessMost = statedFunction("unlessMost", 2, (x, y) => isMost(y!).select(0, x!));
/**
 * What is taken away of an element, from the sum of its row: of all, or, for the element that has most of the row, of the
 * others, which would be lost beside it.
 */
const ofRow = (y: Expression, all: Expression, withoutMost: Expression) => isMost(y).select(withoutMost, all);
const own = (dy: Expression, y: Expression) => dy.gate(missing(y));
const lessRow = (own: Expression, y: Expression, all: Expression, withoutMost: Expression) =>
  own.sub(ofRow(y, all, withoutMost).gate(y.exp()));
const pulledBack = statedFunction("logSoftmax's pullback", 4, (dy, y, all, withoutMost) =>
  lessRow(own(dy!, y!), y!, all!, withoutMost!),
);
// The same where a row has one cotangent that is not 0: its own part, and then that of the row.
const ofSingle = statedFunction("ofSingle", 2, (dy, y) => own(dy!, y!));
const aroundSingle = statedFunction("aroundSingle", 4, (own, y, all, withoutMost) =>
  lessRow(own!, y!, all!, withoutMost!),
);
const share = statedFunction("share", 2, (tangent, y) => tangent!.gate(y!.exp()));
const pushed = statedFunction("logSoftmax's pushforward", 4, (tangent, y, all, withoutMost) =>
  tangent!.gate(missing(y!)).sub(ofRow(y!, all!, withoutMost!)),
);

interface Axis {
  readonly axis: number;
}

/** What the formula is made of, on arrays or on values. */
interface Operations<T> {
  /** Of each row. */
  readonly largest: (x: T) => T;
  readonly total: (x: T) => T;
  /** How many elements of a row are its largest. */
  readonly ties: (x: T, largest: T) => T;
  /** A function of the elements; what has one element a row stands beside each of the row's. */
  readonly together: (fn: ElementwiseFunction, operands: readonly T[]) => T;
}

function formula<T>(x: T, { largest, total, ties, together }: Operations<T>): T {
  const most = largest(x);
  const above = together(excess, [ties(x, most), total(together(power, [x, most]))]);
  return together(logarithm, [x, most, above]);
}

/**
 * x − max − log1p(what the others' powers add to the largest one's): along an axis, which is not empty. The same for
 * logits that differ by a common number; infinite ones are the limits.
 */
export const logSoftmax: Primitive<Axis> = {
  name: "logSoftmax",
  describe([x]): Description {
    checkFloat("logSoftmax", x!.dtype);
    return { shape: x!.shape, dtype: x!.dtype };
  },
  // Operation by operation, as programs do: large arrays have kernels for each.
  evaluate([x], { axis }) {
    const { shape } = x!;
    const row = shape.with(axis, 1);
    return formula(x!, {
      largest: (array) => numbersOf(max, [array], { axes: [axis] }),
      total: (array) => numbersOf(sumTo, [array], { shape: row }),
      ties: (array, largest) => tiesIn(array, largest, axis),
      together: (fn, arrays) =>
        numbersOf(
          map,
          arrays.every((array) => sameShape(array.shape, row))
            ? arrays
            : arrays.map((array) => spreadOver(array, shape)),
          { fn },
        ),
    });
  },
  composed: ([x], { axis }) =>
    formula(x!, {
      largest: (value) => apply(max, [value], { axes: [axis] }),
      total: (value) => summedTo(value, x!.shape.with(axis, 1)),
      ties: (value, largest) => {
        // Sums of whole numbers take less time than those of floats, which are added up in float64.
        const found = apply(cast, [elementwise(isLargest, [value, largest])], { dtype: "int32" });
        return apply(cast, [summedTo(found, largest.shape)], { dtype: value.dtype });
      },
      together: elementwise,
    }),
  pullback({ output, attributes: { axis } }, dy) {
    const single = singleAlong(axis, dy);
    if (single === null) return [elementwise(pulledBack, [dy, output, ...sumsOf(dy, output, axis)])];
    const { elements, indices } = single;
    const at = apply(takeAlong, [output, indices], { axis });
    const [ownPart, others] = [ofSingle, unlessMost].map((fn) => elementwise(fn, [elements, at]));
    const spread = apply(addAlong, [ownPart!, indices], { axis, shape: output.shape });
    return [elementwise(aroundSingle, [spread, output, elements, others!])];
  },
  pushforward({ output, attributes: { axis } }, [tangent]) {
    if (tangent == null) return null;
    const shares = elementwise(share, [tangent, output]);
    return elementwise(pushed, [tangent, output, ...sumsOf(shares, output, axis)]);
  },
  shifted: ({ axis }) => ({ axis: axis + 1 }),
  label: ({ axis }) => `axis ${axis}`,
};

/** What a primitive of one output gives for arrays. */
function numbersOf<A>(primitive: Primitive<A>, inputs: readonly NDArray[], attributes: A): NDArray {
  const output = primitive.describe(inputs, attributes) as Description;
  return primitive.evaluate(inputs, attributes, output, [output]) as NDArray;
}

function tiesIn(x: NDArray, largest: NDArray, axis: number): NDArray {
  const result = NDArray.zeros(x.dtype, largest.shape);
  const { rows, length } = rowsOf(x, [axis]);
  const [{ data }, { data: most }, { buffer }] = [rows, largest, result];
  for (let row = 0, at = 0; row < most.length; row++)
    for (const end = at + length; at < end; at++) if (data[at] === most[row]) buffer[row]!++;
  return result;
}

/** The sums of rows, of all elements and without the one that has most of its row in `output`. */
function sumsOf(x: Value, output: Value, axis: number): readonly [Value, Value] {
  const row = output.shape.with(axis, 1);
  const all = summedTo(x, row);
  // With many classes no row has such an element, and where that is known, one sum is both.
  if (!mayHaveMost(output.array)) return [all, all];
  return [all, summedTo(elementwise(unlessMost, [x, output]), row)];
}

function mayHaveMost(output: NDArray): boolean {
  if (output.pending !== null || output.size === 0) return true;
  // Not the other way round, since the largest of a row with NaN is NaN.
  return !(numbersOf(max, [output], { axes: output.shape.map((_, axis) => axis) }).first <= -0.5);
}
