// Round numbers along an axis.

/** Multiples of 1, 2 or 5 times a power of ten from `low` to `high`, about `count` of them; only the ends where these are no range. */
export function ticksOf([low, high]: readonly [number, number], count: number): number[] {
  if (!(Number.isFinite(low) && Number.isFinite(high))) return [];
  if (low === high) return [low];
  const [from, to] = low < high ? [low, high] : [high, low];
  const rough = (to - from) / Math.max(count, 1);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * (rough / power < 1.5 ? 1 : rough / power < 3.5 ? 2 : rough / power < 7.5 ? 5 : 10);
  if (!(step > 0)) return [from, to];
  const ticks: number[] = [];
  // Ends that are round themselves count in spite of rounding.
  for (let i = Math.ceil(from / step - 1e-6); i <= to / step + 1e-6; i++) ticks.push(Number((i * step).toPrecision(12)));
  return ticks;
}
