// Round numbers along an axis.

import type { Axis } from "./view.ts";

/** Multiples of 1, 2 or 5 times a power of ten from `low` to `high`, about `count` of them; only the ends where these are no range. */
export function ticksOf([low, high]: readonly [number, number], count: number): number[] {
  if (!(Number.isFinite(low) && Number.isFinite(high))) return [];
  if (low === high) return [low];
  const [from, to] = low < high ? [low, high] : [high, low];
  const rough = (to - from) / Math.max(count, 1);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * (rough / power < 1.5 ? 1 : rough / power < 3.5 ? 2 : rough / power < 7.5 ? 5 : 10);
  // Ends that are round themselves count in spite of rounding.
  const [first, last] = [Math.ceil(from / step - 1e-6), Math.floor(to / step + 1e-6)];
  // Numbers that differ in their last digits only, such as 1 and 1 + 2⁻⁵²: multiples of the step can't be told apart there.
  if (!(step > 0) || !(Math.max(Math.abs(first), Math.abs(last)) < 1e11)) return [from, to];
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** Powers of ten in the extent, no more than `count`; 1, 2 and 5 times these where the extent has fewer than two; round numbers where that, too, is fewer. */
export function logTicks([low, high]: readonly [number, number], count: number): number[] {
  // 0 has no logarithm, and neither has what lies beyond it.
  if (!(low > 0 && high < Infinity)) return [];
  const [first, last] = [Math.ceil(Math.log10(low) - 1e-9), Math.floor(Math.log10(high) + 1e-9)];
  const step = Math.max(1, Math.ceil((last - first + 1) / count));
  const powers: number[] = [];
  for (let power = first; power <= last; power += step) powers.push(Number(`1e${power}`));
  if (powers.length >= 2) return powers;
  const between: number[] = [];
  for (let power = first - 1; power <= last; power++) {
    for (const factor of [1, 2, 5]) {
      const tick = Number(`${factor}e${power}`);
      if (tick >= low * (1 - 1e-9) && tick <= high * (1 + 1e-9)) between.push(tick);
    }
  }
  return between.length >= 2 ? between : ticksOf([low, high], count);
}

/** How many significant digits tell numbers along an axis from each other, and are true to a thousandth of what lies between them; 4 at the least. */
export function digitsOf(numbers: readonly number[]): number {
  const sorted = [...numbers].filter(Number.isFinite).sort((a, b) => a - b);
  const gaps = sorted.slice(1).flatMap((each, i) => (each > sorted[i]! ? [each - sorted[i]!] : []));
  const room = Math.min(...gaps) / 1000;
  let digits = 4;
  while (digits < 17 && sorted.some((each) => Math.abs(Number(each.toPrecision(digits)) - each) > room))
    digits++;
  return digits;
}

/** Ticks of an axis from `extent[0]` to `extent[1]`, about `count` of them. */
export function axisTicks(axis: Axis, extent: readonly [number, number], count: number): number[] {
  return axis.scale === "log" ? logTicks(extent, count) : ticksOf(extent, count);
}
