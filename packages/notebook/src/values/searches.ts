// Searches of hyperparameters: the trials as a table, the best first, and their losses over each setting.

import type { SearchState, Trial } from "@adjoint/nn";
import { chart } from "../views/chart.ts";
import { groupOf } from "../views/group.ts";
import { counted, numberText } from "../views/number-text.ts";
import { table } from "../views/table.ts";
import type { Axis, View } from "../views/view.ts";
import type { Kind } from "./kind.ts";
import { isPlain } from "./plain.ts";

const isTrial = (value: unknown): value is Trial =>
  isPlain(value) && isPlain(value.settings) && "loss" in value && "budget" in value;

const isSearch = (value: unknown): value is SearchState =>
  isPlain(value) && Array.isArray(value.trials) && value.trials.length > 0 && value.trials.every(isTrial);

/** An axis over numbers, logarithmic where they go over more than two orders of magnitude. */
function axisOver(label: string, values: readonly number[]): Axis {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return low > 0 && high / low > 100 ? { label, scale: "log" } : { label };
}

/** The losses over a setting: dots where it is a number, and nothing where it is not. */
function overSetting(name: string, trials: readonly Trial[]): View | null {
  const known = trials.filter(({ settings, loss }) => typeof settings[name] === "number" && loss !== null);
  const xs = known.map(({ settings }) => settings[name] as number);
  if (new Set(xs).size < 2) return null;
  const ys = known.map(({ loss }) => loss!);
  return chart([{ mark: "dots", name: "trial", x: xs, y: ys }], {
    title: name,
    x: axisOver(name, xs),
    y: axisOver("loss", ys),
  });
}

export const searches: Kind = {
  name: "a search's result",
  forms: ["table"],
  view(value, options) {
    if (!isSearch(value)) return undefined;
    const { trials } = value;
    const names = [...new Set(trials.flatMap(({ settings }) => Object.keys(settings)))];
    const hasBudget = trials.some(({ budget }) => budget !== null);
    // Losses of other budgets can't be compared: the largest budget first.
    const inOrder = [...trials].sort(
      (a, b) => (b.budget ?? 0) - (a.budget ?? 0) || (a.loss ?? Infinity) - (b.loss ?? Infinity),
    );
    const rows = inOrder.slice(0, 1000).map(({ settings, loss, budget }) => ({
      ...Object.fromEntries(names.map((name) => [name, settings[name]])),
      ...(hasBudget ? { budget } : {}),
      loss: loss ?? Number.NaN,
    }));
    const left =
      trials.length > rows.length ? `; ${counted(trials.length - rows.length, "more trial")} left out` : "";
    const failed = trials.filter(({ loss }) => loss === null).length;
    const list = table(rows, {
      title: options.title ?? counted(trials.length, "trial"),
      ...(options.columns === undefined ? {} : { columns: options.columns }),
      ...(options.digits === undefined ? {} : { digits: options.digits }),
      note: `the best first${failed === 0 ? "" : `; ${counted(failed, "loss").replace("losss", "losses")} not finite`}${left}${options.note === undefined ? "" : `; ${options.note}`}; lowest loss ${numberText(inOrder[0]!.loss ?? Number.NaN)}`,
    });
    if (options.as === "table") return list;
    const charts = names.flatMap((name) => overSetting(name, trials) ?? []);
    return charts.length === 0 ? list : groupOf([list, groupOf(charts, { arrangement: "row" })]);
  },
};
