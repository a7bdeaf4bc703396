// The logarithm of softmax, as one primitive: digits that are lost by adding logarithms to large numbers, or by
// subtracting from one, are lost in derivatives, too, so value and rules are stated in forms that don't cancel.

import type { Description } from "../array/description.ts";
import { checkFloat } from "../array/dtype.ts";
import { eachRow, NDArray } from "../array/ndarray.ts";
import type { Atom } from "../expression/atoms/atom.ts";
import { type ElementwiseFunction, functionOf, statedFunction } from "../expression/elementwise-function.ts";
import { Expression } from "../expression/expression.ts";
import { apply } from "../tape/apply.ts";
import type { Primitive } from "../tape/value.ts";
import { elementwise } from "./elementwise.ts";
import { sumRun } from "./movement.ts";
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
const logarithm = statedFunction("logSoftmax", 4, (x, largest, ties, others) =>
  below(x!, largest!).sub(ties!.sub(1).add(others!).log1p()),
);
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
const pulledBack = statedFunction("logSoftmax's pullback", 3, (dy, total, y) =>
  dy!.gate(missing(y!)).sub(total!.sub(dy!).gate(y!.exp())),
);
const share = statedFunction("share", 2, (tangent, y) => tangent!.gate(y!.exp()));
const pushed = statedFunction("logSoftmax's pushforward", 3, (tangent, total, y) =>
  tangent!.gate(missing(y!)).sub(total!.sub(tangent!.gate(y!.exp()))),
);

interface Axis {
  readonly axis: number;
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
  evaluate([x], { axis }, { shape, dtype }) {
    const result = NDArray.zeros(dtype, shape);
    const n = shape[axis]!;
    const [from, to] = [x!.buffer, result.buffer];
    const [step, targetStep] = [x!.strides[axis]!, result.strides[axis]!];
    const row = new Float64Array(n);
    const rows = shape.with(axis, 1);
    eachRow(
      rows,
      [x!.view(rows, x!.strides), result.view(rows, result.strides)],
      (length, [source, target], [across, targetAcross]) => {
        for (let i = 0; i < length; i++) {
          for (let k = 0; k < n; k++) row[k] = from[source! + i * across! + k * step]!;
          logarithmsOf(row);
          for (let k = 0; k < n; k++) to[target! + i * targetAcross! + k * targetStep] = row[k]!;
        }
      },
    );
    return result;
  },
  composed([x], { axis }) {
    const { shape } = x!;
    const largest = apply(max, [x!], { axes: [axis] });
    const sumOf = (fn: ElementwiseFunction) => summedTo(elementwise(fn, [x!, largest]), shape.with(axis, 1));
    return elementwise(logarithm, [x!, largest, sumOf(isLargest), sumOf(power)]);
  },
  pullback({ output, attributes: { axis } }, dy) {
    const { shape } = output;
    return [elementwise(pulledBack, [dy, summedTo(dy, shape.with(axis, 1)), output])];
  },
  pushforward({ output, attributes: { axis } }, [tangent]) {
    if (tangent == null) return null;
    const { shape } = output;
    const total = summedTo(elementwise(share, [tangent, output]), shape.with(axis, 1));
    return elementwise(pushed, [tangent, total, output]);
  },
  label: ({ axis }) => `axis ${axis}`,
};

const powers: number[] = [];

/** Replaces a row by the logarithms of its softmax. */
function logarithmsOf(row: Float64Array): void {
  const n = row.length;
  let largest = row[0]!;
  for (let k = 1; k < n; k++) if (row[k]! > largest || Number.isNaN(row[k])) largest = row[k]!;
  let ties = 0;
  for (let k = 0; k < n; k++) {
    const z = apart.value(row[k]!, largest);
    row[k] = z;
    if (z === 0) ties++;
    powers[k] = z === 0 ? 0 : Math.exp(z);
  }
  const rest = Math.log1p(ties - 1 + sumRun(powers, 0, 1, n));
  for (let k = 0; k < n; k++) row[k]! -= rest;
}
