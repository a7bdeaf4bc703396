// A line search: how far to go along a direction so that the loss falls enough and its slope has flattened.

/** A point along the direction. */
export interface Trial {
  /** How far it is. */
  readonly at: number;
  readonly loss: number;
  /** The derivative along the direction. */
  readonly slope: number;
  readonly gradient: Float64Array;
}

/** Where the cubic through two points with their slopes is least, within bounds; the middle where it has no minimum. */
function leastOfCubic(a: Trial, b: Trial, low: number, high: number): number {
  const [left, right] = a.at <= b.at ? [a, b] : [b, a];
  const d1 = a.slope + b.slope - (3 * (a.loss - b.loss)) / (a.at - b.at);
  const square = d1 * d1 - a.slope * b.slope;
  const d2 = Math.sqrt(square);
  const place =
    right.at - (right.at - left.at) * ((right.slope + d2 - d1) / (right.slope - left.slope + 2 * d2));
  // NaN where there is none, or where a loss is not finite.
  return Number.isFinite(place) ? Math.min(Math.max(place, low), high) : (low + high) / 2;
}

// Nocedal & Wright's constants for quasi-Newton methods.
const ENOUGH = 1e-4;
const FLATTER = 0.9;

/**
 * A point that satisfies the strong Wolfe conditions: loss ≤ loss₀ + 10⁻⁴·at·slope₀ and |slope| ≤ 0.9·|slope₀|, or the best one
 * found in `most` evaluations. Nocedal & Wright (2006), algorithms 3.5 and 3.6, with the choices of Schmidt's minFunc, as in
 * PyTorch's LBFGS. A loss that is NaN counts as too large. `reach`: the largest element of the direction.
 */
export function strongWolfe(
  evaluate: (at: number) => Trial,
  start: Trial,
  first: number,
  reach: number,
  { most, leastChange }: { readonly most: number; readonly leastChange: number },
): Trial {
  const isTooHigh = ({ at, loss }: Trial) => !(loss <= start.loss + ENOUGH * at * start.slope);
  const isFlat = ({ slope }: Trial) => Math.abs(slope) <= -FLATTER * start.slope;
  let before = start;
  let now = evaluate(first);
  let count = 0;
  let bracket: readonly [Trial, Trial] | null = null;
  for (; count < most; count++) {
    if (isTooHigh(now) || (count > 1 && now.loss >= before.loss)) bracket = [before, now];
    else if (isFlat(now)) return now;
    else if (now.slope >= 0) bracket = [before, now];
    if (bracket !== null) break;
    const next = leastOfCubic(before, now, now.at + 0.01 * (now.at - before.at), now.at * 10);
    before = now;
    now = evaluate(next);
  }
  const [from, to] = bracket ?? [start, now];
  let [low, high] = to.loss < from.loss ? [to, from] : [from, to];
  let isStuck = false;
  for (; count < most; count++) {
    if (Math.abs(high.at - low.at) * reach < leastChange) break;
    const [left, right] = low.at < high.at ? [low.at, high.at] : [high.at, low.at];
    let at = leastOfCubic(low, high, left, right);
    // Near an end of the bracket twice, or at it: a tenth of the bracket away from it.
    const margin = 0.1 * (right - left);
    const isNear = Math.min(right - at, at - left) < margin;
    if (isNear && (isStuck || at >= right || at <= left)) {
      at = Math.abs(at - right) < Math.abs(at - left) ? right - margin : left + margin;
      isStuck = false;
    } else isStuck = isNear;
    const trial = evaluate(at);
    if (isTooHigh(trial) || !(trial.loss < low.loss)) {
      [low, high] = trial.loss < low.loss ? [trial, low] : [low, trial];
      continue;
    }
    if (isFlat(trial)) return trial;
    if (trial.slope * (high.at - low.at) >= 0) high = low;
    low = trial;
  }
  return low;
}
