// Axes as text: where numbers lie on them, and what they are called.

import { numberText } from "../views/number-text.ts";
import type { Axis, Layer } from "../views/view.ts";

/** Where numbers lie on an axis: along the logarithm where it is logarithmic, where numbers not above 0 have no place (NaN). */
export interface Scale {
  readonly place: (value: number) => number;
  readonly value: (place: number) => number;
  readonly from: number;
  readonly to: number;
}

/** An axis' name, unit and kind: "loss (nats), logarithmic". */
export const axisName = ({ label, unit, scale }: Axis): string =>
  `${label}${unit === undefined || unit === "" ? "" : ` (${unit})`}${scale === "log" ? ", logarithmic" : ""}`;

export function scaleOf(axis: Axis, values: Iterable<number>): Scale {
  const isLog = axis.scale === "log";
  const place = (value: number) =>
    !isLog
      ? Number.isFinite(value)
        ? value
        : Number.NaN
      : value > 0 && value < Infinity
        ? Math.log10(value)
        : Number.NaN;
  let [from, to] = [Infinity, -Infinity];
  for (const value of axis.domain ?? values) {
    const at = place(value);
    if (at < from) from = at;
    if (at > to) to = at;
  }
  if (from > to) [from, to] = [0, 1];
  if (from === to) {
    const room = Math.abs(from) * 0.1 || 0.5;
    [from, to] = [from - room, to + room];
  }
  return { place, value: (at) => (isLog ? 10 ** at : at), from, to };
}

/** The numbers that layers have along an axis. */
export function* numbersAlong(layers: readonly Layer[], which: "x" | "y"): Generator<number> {
  for (const layer of layers) {
    switch (layer.mark) {
      case "line":
      case "field":
      case "contours":
        yield* layer[which];
        break;
      case "dots":
        yield* layer[which];
        if (which === "y")
          for (const [i, spread] of (layer.spread ?? []).entries()) {
            yield layer.y[i]! - spread;
            yield layer.y[i]! + spread;
          }
        break;
      case "band":
        if (which === "x") yield* layer.x;
        else {
          yield* layer.low;
          yield* layer.high;
        }
        break;
      case "columns":
        if (which === "x") {
          yield* layer.from;
          yield* layer.to;
        } else {
          yield 0;
          yield* layer.y;
        }
        break;
      case "bars":
        break;
      case "rule":
        if (layer.across === which) yield layer.at;
        break;
    }
  }
}

/** Evenly spaced numbers as labels: rounded to what tells them apart, so that what should be 0 is. */
export function labelsOf(given: readonly number[], isLog: boolean): readonly string[] {
  const span = Math.abs(given.at(-1)! - given[0]!);
  const step = 10 ** (Math.floor(Math.log10(span)) - 2);
  const isCoarse = !isLog && step > 0 && Number.isFinite(step);
  const values = given.map((value) => (isCoarse ? Math.round(value / step) * step + 0 : value));
  const digits = [3, 4, 5, 6, 8, 10, 12, 15].find(
    (each) => new Set(values.map((value) => numberText(value, each))).size === new Set(values).size,
  );
  return values.map((value) => numberText(value, digits ?? 4));
}
