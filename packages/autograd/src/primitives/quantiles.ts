// Quantiles over axes: elements in order, and the straight line between two neighbours.

import { ShapeError } from "../array/errors.ts";
import { shapeText } from "../array/shape.ts";
import { statedFunction } from "../expression/elementwise-function.ts";
import { apply } from "../tape/apply.ts";
import { detached } from "../tape/leaf.ts";
import type { Value } from "../tape/value.ts";
import { elements, elementwise } from "./elementwise.ts";
import { takeAlong } from "./indexing.ts";
import { permute } from "./movement.ts";
import { rangeAlong, reshaped } from "./moving.ts";
import { countOf, kept } from "./reduce.ts";
import { argsort } from "./selection.ts";

/**
 * The elements over axes in order, NaN last, along one axis behind the others: [...others, n]. Throws ShapeError where there
 * are none.
 */
export function orderedRows(operation: string, x: Value, axes: readonly number[]): Value {
  const n = countOf(x, axes);
  if (n === 0)
    throw new ShapeError(
      `${operation}: ${shapeText(x.shape)} over axes [${axes.join(", ")}]: nothing has no ${operation}; an axis of size 0 can't be reduced`,
    );
  const others = x.shape.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]));
  const behind = apply(permute, [x], { order: [...others, ...axes] });
  const rows = reshaped(behind, [...others.map((axis) => x.shape[axis]!), n]);
  const axis = others.length;
  return apply(takeAlong, [rows, apply(argsort, [rows], { axis, descending: false })], { axis });
}

// From the nearer end, so that it is a where a = b, and never less than a or more than b. Where b − a overflows or is no number,
// the weighted sum is right: it is the infinity that both share, or the one that only one of them is.
const onTheWay = (isNearer: boolean) =>
  statedFunction("quantile", 3, (a, b, t) => {
    const span = b!.sub(a!);
    const rest = t!.neg().add(1);
    const near = isNearer ? a!.add(span.mul(t!)) : b!.sub(span.mul(rest));
    return span.less(Infinity).select(near, a!.mul(rest).add(b!.mul(t!)));
  });
const nearFirst = onTheWay(true);
const nearSecond = onTheWay(false);

/**
 * The quantile q of rows in order, [..., n] → [..., 1]: at (n − 1)·q of the way from the first to the last, on the straight
 * line between neighbours; NaN where a row has one.
 */
function quantileOfRows(rows: Value, q: number): Value {
  const axis = rows.rank - 1;
  const n = rows.shape[axis]!;
  const element = (i: number) => rangeAlong(rows, axis, i, 1);
  const place = (n - 1) * q;
  const below = Math.floor(place);
  const [first, t] = [element(below), place - below];
  const found =
    t === 0 ? first : elementwise(t < 0.5 ? nearFirst : nearSecond, [first, element(below + 1), t]);
  // Whether it is NaN is no matter of derivatives.
  const last = detached(element(n - 1));
  return elements.select(elements.lessEqual(last, Infinity), found, last);
}

/** The quantile q of the rows of x over axes, which stay with size 1. */
export const quantileOver = (rows: Value, x: Value, axes: readonly number[], q: number): Value =>
  reshaped(quantileOfRows(rows, q), kept(x.shape, axes));
