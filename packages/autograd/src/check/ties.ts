// Directions that keep ties: entries that are equal at the point move by the same amount, and stay equal. At a tie, a
// maximum's slope in one entry may be anything from 0 to 1; along such a direction it is smooth, and the slopes must add up to 1.

import type { Stream } from "./random.ts";

/** So many groups are moved by themselves. */
const fewGroups = 6;

/** The places of numbers that occur more than once, number by number; infinities can't be moved. */
export function tiesIn(point: Float64Array): number[][] {
  const places = new Map<number, number[]>();
  point.forEach((value, i) => {
    const known = places.get(value);
    if (known === undefined) places.set(value, [i]);
    else known.push(i);
  });
  return [...places].flatMap(([value, at]) => (at.length > 1 && Number.isFinite(value) ? [at] : []));
}

/** All tied entries moved at once, those of one number by one amount, which is drawn; null where nothing is tied. */
export function tieMove(point: Float64Array, scales: Float64Array, stream: Stream): Float64Array | null {
  const groups = tiesIn(point);
  return groups.length === 0 ? null : moved(groups, scales, stream.vector(groups.length));
}

/**
 * The same, and with `each`, the groups also one by one, which shows the ties of one number where another lies on a kink.
 */
export function tieMoves(
  point: Float64Array,
  scales: Float64Array,
  stream: Stream,
  each: boolean,
): Float64Array[] {
  const groups = tiesIn(point);
  if (groups.length === 0) return [];
  const single = each || groups.length === 1 ? groups.slice(0, fewGroups) : [];
  const alone = single.map((group) => moved([group], scales, Float64Array.of(1)));
  return groups.length === 1 ? alone : [moved(groups, scales, stream.vector(groups.length)), ...alone];
}

function moved(groups: readonly number[][], scales: Float64Array, amounts: Float64Array): Float64Array {
  const vector = new Float64Array(scales.length);
  groups.forEach((group, k) => {
    for (const entry of group) vector[entry] = amounts[k]! * scales[entry]!;
  });
  return vector;
}
