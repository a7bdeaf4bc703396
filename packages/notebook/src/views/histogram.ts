// Histograms: how often numbers fall into each stretch.

import { type ChartOptions, chart } from "./chart.ts";
import {
  type AxisLike,
  checkNumbers,
  checkOptions,
  checkRange,
  checkText,
  checkWhole,
  type Numbers,
} from "./check.ts";
import { counted } from "./number-text.ts";
import type { ChartView } from "./view.ts";

/** The options of `histogram`. */
export interface HistogramOptions {
  /** Stands above; none by default. */
  readonly title?: string;
  /** What the numbers are; "value" by default. */
  readonly x?: AxisLike;
  /** How many columns, all of one width; 30 by default. */
  readonly bins?: number;
  /** From where to where; the least and the greatest finite number by default. */
  readonly range?: readonly [number, number];
  /** A line below, such as what was left out. */
  readonly note?: string;
}

/**
 * How many numbers fall into each of `bins` intervals of one width; the last one has its end. Numbers that are not
 * finite or lie outside `range` are counted in the note. Throws RangeError for a range or a number of bins that is
 * none.
 */
export function histogram(values: Numbers, options: HistogramOptions = {}): ChartView {
  checkOptions("histogram", options, ["title", "x", "bins", "range", "note"]);
  const numbers = checkNumbers("histogram", "the values", values);
  const bins = checkWhole("histogram", "bins", options.bins ?? 30, 1);
  const given = options.range === undefined ? undefined : checkRange("histogram", "range", options.range);
  const chartOptions: ChartOptions = {
    title: checkText("histogram", "the title", options.title),
    x: options.x ?? "value",
    y: "count",
  };
  return histogramOf(numbers, bins, given, chartOptions, options.note);
}

/** The same for numbers that are known to be numbers: nothing is copied. */
export function histogramOf(
  numbers: ArrayLike<number>,
  bins: number,
  given: readonly [number, number] | undefined,
  options: ChartOptions,
  note = "",
): ChartView {
  const [low, high] = given ?? extentOf(numbers);
  const counts = new Array<number>(bins).fill(0);
  let notFinite = 0;
  let outside = 0;
  for (let i = 0; i < numbers.length; i++) {
    const value = numbers[i]!;
    if (!Number.isFinite(value)) notFinite++;
    else if (value < low || value > high) outside++;
    else counts[Math.min(bins - 1, Math.floor(((value - low) / (high - low)) * bins))]!++;
  }
  const edge = (i: number) => (i === bins ? high : low + ((high - low) * i) / bins);
  const said = [
    note,
    notFinite === 0
      ? ""
      : `${counted(notFinite, "number")} that ${notFinite === 1 ? "is" : "are"} not finite left out`,
    outside === 0 ? "" : `${counted(outside, "number")} outside of the range left out`,
  ].filter((each) => each !== "");
  return chart(
    [
      {
        mark: "columns",
        name: "count",
        from: counts.map((_, i) => edge(i)),
        to: counts.map((_, i) => edge(i + 1)),
        y: counts,
      },
    ],
    { ...options, note: said.join("; ") },
  );
}

/** The least and the greatest finite number, spread where they are equal, so that there is a width. */
function extentOf(numbers: ArrayLike<number>): readonly [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < numbers.length; i++) {
    const value = numbers[i]!;
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low > high) return [0, 1];
  if (low < high && Number.isFinite(high - low)) return [low, high];
  const room = low < high ? 0 : Math.abs(low) * 0.5 || 0.5;
  return [Math.max(low - room, -1e308 / 2), Math.min(high + room, 1e308 / 2)];
}
