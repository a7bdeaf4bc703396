// What training measured: curves over epochs, training beside validation.

import type { History } from "@adjoint/nn";
import { chart, type LayerLike } from "../views/chart.ts";
import { groupOf } from "../views/group.ts";
import { colouring } from "../views/matrix.ts";
import { counted, numberText } from "../views/number-text.ts";
import { table } from "../views/table.ts";
import type { Axis, View } from "../views/view.ts";
import { confusionOf } from "./heat-maps.ts";
import type { Inner, Kind, ShowOptions } from "./kind.ts";
import { fromLists } from "./numeric-array.ts";
import { asText, isPlain } from "./plain.ts";

/** How many charts and heat maps of monitors are drawn. */
const mostCharts = 16;
/** How many lines share a chart. */
const mostLines = 12;

/** A record of lists of one length, the loss among them. */
const isHistory = (value: unknown): value is History => {
  if (!isPlain(value) || !Array.isArray(value.loss)) return false;
  const { length } = value.loss;
  return Object.values(value).every(
    (list) => Array.isArray(list) && list.length === length && list.every(isMeasured),
  );
};

const isMeasured = (value: unknown): boolean =>
  typeof value === "number" || (Array.isArray(value) && value.every(isMeasured));

/** Names of measures with the same name before their place: { gradientNorms: ["gradientNorms 0", …] }. */
function families(names: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const name of names) {
    const family = name.replace(/^validation\./, "").split(" ")[0]!;
    found.set(family, [...(found.get(family) ?? []), name]);
  }
  return found;
}

/** A logarithmic axis where all is above 0 and goes over more than two orders of magnitude. */
function axisOf(label: string, lists: readonly (readonly number[])[]): Axis {
  const finite = lists.flat().filter((value) => Number.isFinite(value));
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  return low > 0 && high / low > 100 ? { label, scale: "log" } : { label };
}

/**
 * A learning rate that stays as it was set, in a line of text: its picture would say no more. A measure that never changes is
 * drawn, since that may be what is wrong.
 */
function settingOf(family: string, history: History): View | undefined {
  const list = history[family];
  if (family !== "learningRate" || list === undefined) return undefined;
  const [first, ...others] = list as readonly number[];
  return others.every((value) => value === first)
    ? asText(`${family}: ${numberText(first!)} in every epoch`)
    : undefined;
}

function curvesOf(family: string, names: readonly string[], history: History): View {
  const epochs = history.loss!.map((_, i) => i + 1);
  const shown = names.slice(0, mostLines);
  const hasValidation = names.some((name) => name.startsWith("validation."));
  const nameOf = (name: string) =>
    names.length === 1
      ? name
      : name === family
        ? hasValidation
          ? "training"
          : name
        : name === `validation.${family}`
          ? "validation"
          : name.replace(`${family} `, "");
  const lists = shown.map((name) => history[name] as readonly number[]);
  const layers = shown.map(
    (name, i): LayerLike => ({ mark: "line", name: nameOf(name), x: epochs, y: lists[i]! }),
  );
  const odd = lists.flat().filter((value) => !Number.isFinite(value)).length;
  return chart(layers, {
    title: family,
    x: "epoch",
    y: axisOf(family, lists),
    note: [
      names.length > shown.length ? `${counted(names.length - shown.length, "more curve")} left out` : "",
      odd > 0 ? `${counted(odd, "value")} not finite: gaps` : "",
    ]
      .filter((each) => each !== "")
      .join("; "),
  });
}

/** The bins of a monitor's histograms, epoch by epoch: a column for each epoch. */
function binsOf(name: string, lists: readonly (readonly number[])[]): View {
  const [columns, rows] = [lists.length, lists[0]!.length];
  // The last bin is at the top.
  const values = Float64Array.from(
    { length: rows * columns },
    (_, i) => lists[i % columns]![rows - 1 - Math.floor(i / columns)]!,
  );
  const field = { mark: "field", name: "share of elements", rows, columns, values } as const;
  return {
    kind: "chart",
    title: name,
    x: { label: "epoch", domain: [0.5, columns + 0.5] },
    y: { label: "bin", domain: [0.5, rows + 0.5] },
    layers: [{ ...field, ...colouring(values, "sequential"), x: [1, columns], y: [1, rows] }],
    note: "",
  };
}

function viewOfList(name: string, history: History, options: ShowOptions, inner: Inner): View {
  const list = history[name]!;
  const last = fromLists(list.at(-1) as readonly unknown[]);
  if (last === null) return inner(list, { title: name });
  if (name.endsWith("confusionMatrix") && last.shape.length === 2) {
    const { classes } = options;
    const title = name.startsWith("validation.")
      ? "Confusion matrix, validation, last epoch"
      : "Confusion matrix, training, last epoch";
    return confusionOf(last, { title, ...(classes === undefined ? {} : { classes }) });
  }
  return last.shape.length === 1 && list.every((each) => Array.isArray(each) && each.length === last.shape[0])
    ? binsOf(name, list as readonly (readonly number[])[])
    : inner(list.at(-1), { title: `${name}, last epoch` });
}

function viewOfHistory(history: History, options: ShowOptions, inner: Inner): View {
  const names = Object.keys(history);
  const epochs = history.loss!.length;
  const numeric = names.filter((name) => history[name]!.every((value) => typeof value === "number"));
  const lists = names.filter((name) => !numeric.includes(name));
  if (epochs === 0) return asText("a history of no epochs", options);
  const rows = numeric.map((name) => ({
    measure: name,
    first: history[name]![0],
    last: history[name]!.at(-1),
  }));
  const charts =
    epochs < 2
      ? [table(rows.map(({ measure, last }) => ({ measure, value: last })))]
      : [...families(numeric)].map(
          ([family, members]) => settingOf(family, history) ?? curvesOf(family, members, history),
        );
  const others = lists.map((name) => viewOfList(name, history, options, inner));
  const all = [...charts, ...others];
  const shown = all.slice(0, mostCharts);
  if (all.length > shown.length)
    shown.push(
      asText(`${counted(all.length - shown.length, "more picture")} left out; show a part of the history`),
    );
  const { title = "", note = "" } = options;
  if (note !== "") shown.push(asText(note));
  return shown.length === 1 && title === "" ? shown[0]! : groupOf(shown, { title });
}

export const histories: Kind = {
  name: "a history",
  forms: ["table"],
  view(value, options, inner) {
    if (!isHistory(value)) return undefined;
    return options.as === "table" ? tableOf(value, options) : viewOfHistory(value, options, inner);
  },
};

/** A row for each epoch. */
function tableOf(history: History, { title = "", digits, columns, note = "" }: ShowOptions): View {
  const names = Object.keys(history).filter((name) =>
    history[name]!.every((value) => typeof value === "number"),
  );
  const rows = history.loss!.map((_, i) => ({
    epoch: i + 1,
    ...Object.fromEntries(names.map((name) => [name, history[name]![i]])),
  }));
  return table(rows, {
    title,
    note,
    ...(digits === undefined ? {} : { digits }),
    ...(columns === undefined ? {} : { columns }),
  });
}

/** What `fit` returns. */
export const fitResults: Kind = {
  name: "a result of fit",
  forms: ["table"],
  view(value, options, inner) {
    if (!isPlain(value) || !("training" in value) || typeof value.ending !== "string") return undefined;
    const { history, ending } = value;
    if (!isHistory(history)) return undefined;
    if (options.as === "table") return tableOf(history, options);
    const epochs = history.loss!.length;
    const last = history.loss!.at(-1);
    const said = `${counted(epochs, "epoch")}; training ended by: ${ending === "epochs" ? "all epochs are done" : ending}${typeof last === "number" ? `; loss ${numberText(last)} at last` : ""}`;
    const { title = "", ...rest } = options;
    return groupOf([viewOfHistory(history, rest, inner), asText(said)], { title });
  },
};
