// Scales of charts, and paths through their points.

import { ticks } from "d3-array";

export interface Scale {
  /** The place of a number, in pixels. */
  (value: number): number;
  /** About so many round numbers within the ends. */
  ticks(count: number): number[];
}

type Ends = readonly [number, number];

/** Numbers between two ends, evenly, to places between two others; numbers beyond the ends to places beyond. */
export function linear([low, high]: Ends, [from, to]: Ends): Scale {
  const slope = (to - from) / (high - low || 1);
  return Object.assign((value: number) => from + (value - low) * slope, {
    ticks: (count: number) => ticks(low, high, Math.max(1, Math.floor(count))),
  });
}

/** Positive numbers, evenly in their logarithms. Its ticks are powers of ten, about four at most. */
export function logarithmic([low, high]: Ends, sides: Ends): Scale {
  const ends = [Math.log10(low), Math.log10(high)] as const;
  const inner = linear(ends, sides);
  const [a, b] = [Math.ceil(ends[0] - 1e-9), Math.floor(ends[1] + 1e-9)];
  const step = Math.max(1, Math.ceil((b - a) / 4));
  return Object.assign((value: number) => inner(Math.log10(value)), {
    ticks: () => Array.from({ length: Math.floor((b - a) / step) + 1 }, (_, i) => powerOfTen(a + i * step)),
  });
}

/** As near as a number comes to it, which `10 ** n` is not everywhere. */
export const powerOfTen = (n: number): number => Number(`1e${n}`);

const tenths = (x: number): number => Math.round(10 * x) / 10;

/** An SVG path through points, broken where one is null or has a coordinate that is not finite. */
export function pathThrough(points: readonly (Ends | null)[]): string {
  let path = "";
  let isPenDown = false;
  for (const point of points) {
    const isHere = point !== null && Number.isFinite(point[0]) && Number.isFinite(point[1]);
    if (isHere) path += `${isPenDown ? "L" : "M"}${tenths(point[0])} ${tenths(point[1])}`;
    isPenDown = isHere;
  }
  return path;
}
