// The logarithm of softmax, as one primitive: digits that are lost by adding logarithms to large numbers, or by
// subtracting from one, are lost in derivatives, too, so value and rules are stated in forms that don't cancel.

import type { Description } from "../array/description.ts";
import { checkFloat } from "../array/dtype.ts";
import type { NDArray } from "../array/ndarray.ts";
import type { Atom } from "../expression/atoms/atom.ts";
import { type ElementwiseFunction, functionOf, statedFunction } from "../expression/elementwise-function.ts";
import { Expression } from "../expression/expression.ts";
import { apply } from "../tape/apply.ts";
import type { Primitive, Value } from "../tape/value.ts";
import { elementwise } from "./elementwise.ts";
import { map } from "./map.ts";
import { spreadOver, sumTo } from "./movement.ts";
import { summedTo } from "./moving.ts";
import { max } from "./selection.ts";

/** a − b, and 0 between equal infinities: the logits of a row by how far they lie below its largest. */
export const apart: Atom<2, "same"> = {
  name: "apart",
  arity: 2,
  result: "same",
  operands: "float",
  value: (a, b) => (a === b ? 0 : a - b),
  lanes: (l, a, b) => l.andNot(l.sub(a, b), l.isEqual(a, b)),
  partials: [() => 1, () => -1],
};
export const distance: ElementwiseFunction = functionOf(apart);

const below = (x: Expression, largest: Expression) => Expression.apply(apart, [x, largest]);
const power = statedFunction("power", 2, (x, largest) => {
  const z = below(x!, largest!);
  return z.equal(0).select(0, z.exp());
});
const isLargest = statedFunction("isLargest", 2, (x, largest) => x!.equal(largest!).select(1, 0));
/** How far the log of the sum of a row's powers lies above its largest element. */
const excess = statedFunction("excess", 2, (ties, others) => ties!.sub(1).add(others!).log1p());
const logarithm = statedFunction("logSoftmax", 3, (x, largest, above) => below(x!, largest!).sub(above!));
/** 1 − eʸ, from y and eʸ, exact where it is tiny. The operand eʸ is differentiated as a function of y. */
export const lacking: Atom<2, "same"> = {
  name: "lacking",
  arity: 2,
  result: "same",
  operands: "float",
  value: (y, power) => (y > -0.5 ? -Math.expm1(y) : 1 - power),
  // At most one element of a row has more than e^−½, and most rows have none.
  lanes: (l, y, power) =>
    l.exceptWhere(l.isLess(l.constant(-0.5), y), l.sub(l.constant(1), power), (y) => -Math.expm1(y), y),
  partials: [(_y, power) => power.neg(), () => 0],
};
const missing = (y: Expression) => Expression.apply(lacking, [y, y.exp()]);
/** Whether an element has more than half of its row's sum: no other one of the row has. */
const isMost = (y: Expression) => Expression.constant(-0.5).less(y);
const unlessMost = statedFunction("unlessMost", 2, (x, y) => isMost(y!).select(0, x!));
/**
 * The sum over the others of a row, from the sum of all, and from that without the element that has most of the row. To
 * take that one away again would lose the others beside it.
 */
const ofOthers = (x: Expression, y: Expression, all: Expression, withoutMost: Expression) =>
  isMost(y).select(withoutMost, all.sub(x));
const pulledBack = statedFunction("logSoftmax's pullback", 4, (dy, y, all, withoutMost) =>
  dy!.gate(missing(y!)).sub(ofOthers(dy!, y!, all!, withoutMost!).gate(y!.exp())),
);
const share = statedFunction("share", 2, (tangent, y) => tangent!.gate(y!.exp()));
const pushed = statedFunction("logSoftmax's pushforward", 4, (tangent, y, all, withoutMost) =>
  tangent!.gate(missing(y!)).sub(ofOthers(tangent!.gate(y!.exp()), y!, all!, withoutMost!)),
);

interface Axis {
  readonly axis: number;
}

/** What the formula is made of, on arrays or on values. */
interface Operations<T> {
  /** Of each row. */
  readonly largest: (x: T) => T;
  readonly total: (x: T) => T;
  /** A function of the elements; what has one element a row stands beside each of the row's. */
  readonly together: (fn: ElementwiseFunction, operands: readonly T[]) => T;
}

function formula<T>(x: T, { largest, total, together }: Operations<T>): T {
  const most = largest(x);
  const totalOf = (fn: ElementwiseFunction) => total(together(fn, [x, most]));
  return together(logarithm, [x, most, together(excess, [totalOf(isLargest), totalOf(power)])]);
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
      together: (fn, arrays) =>
        numbersOf(map, arrays[0] === x ? arrays.map((array) => spreadOver(array, shape)) : arrays, { fn }),
    });
  },
  composed: ([x], { axis }) =>
    formula(x!, {
      largest: (value) => apply(max, [value], { axes: [axis] }),
      total: (value) => summedTo(value, x!.shape.with(axis, 1)),
      together: elementwise,
    }),
  pullback({ output, attributes: { axis } }, dy) {
    return [elementwise(pulledBack, [dy, output, ...sumsOf(dy, output, axis)])];
  },
  pushforward({ output, attributes: { axis } }, [tangent]) {
    if (tangent == null) return null;
    const shares = elementwise(share, [tangent, output]);
    return elementwise(pushed, [tangent, output, ...sumsOf(shares, output, axis)]);
  },
  label: ({ axis }) => `axis ${axis}`,
};

/** What a primitive of one output gives for arrays. */
function numbersOf<A>(primitive: Primitive<A>, inputs: readonly NDArray[], attributes: A): NDArray {
  const output = primitive.describe(inputs, attributes) as Description;
  return primitive.evaluate(inputs, attributes, output, [output]) as NDArray;
}

/** The sums of rows, of all elements and without the one that has most of its row in `output`. */
function sumsOf(x: Value, output: Value, axis: number): readonly [Value, Value] {
  const row = output.shape.with(axis, 1);
  return [summedTo(x, row), summedTo(elementwise(unlessMost, [x, output]), row)];
}
