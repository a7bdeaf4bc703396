// What has entries: maps, sets, lists of objects and objects, as tables.

import { types } from "node:util";
import { counted } from "../views/number-text.ts";
import { cellText } from "../views/table.ts";
import type { TableView } from "../views/view.ts";
import type { Kind, ShowOptions } from "./kind.ts";
import { isPlain, read } from "./plain.ts";

/** Up to how many rows of a table are kept. */
const mostRows = 1000;

/** Rows of text cells, cut where they are many. */
function tableView(
  columns: readonly string[],
  rows: readonly (readonly unknown[])[],
  options: ShowOptions,
  title: string,
): TableView {
  const shown = rows.slice(0, mostRows);
  const left =
    rows.length > shown.length
      ? `${counted(rows.length - shown.length, "more row")} left out; show a slice`
      : "";
  return {
    kind: "table",
    title: options.title ?? title,
    columns: columns.map((name, i) => ({
      name,
      align:
        shown.length > 0 && shown.every((row) => typeof row[i] === "number" || row[i] === undefined)
          ? "right"
          : "left",
    })),
    rows: shown.map((row) => row.map((cell) => safeCell(cell, options.digits))),
    note: [left, options.note ?? ""].filter((each) => each !== "").join("; "),
  };
}

/** A cell, or what went wrong with it. */
function safeCell(value: unknown, digits?: number): string {
  try {
    return cellText(value, digits);
  } catch (error) {
    return `(can't be shown: ${error instanceof Error ? error.message : String(error)})`;
  }
}

export const mapsAndSets: Kind = {
  name: "a Map or Set",
  forms: ["table"],
  view(value, options) {
    if (types.isMap(value))
      return tableView(
        ["key", "value"],
        [...value.entries()],
        options,
        `Map of ${counted(value.size, "entry").replace("entrys", "entries")}`,
      );
    if (types.isSet(value))
      return tableView(
        ["value"],
        [...value.values()].map((each) => [each]),
        options,
        `Set of ${counted(value.size, "value")}`,
      );
    return undefined;
  },
};

export const listsOfObjects: Kind = {
  name: "an array of objects",
  forms: ["table"],
  view(value, options) {
    if (!Array.isArray(value) || value.length === 0 || !value.every(isPlain)) return undefined;
    const all = [...new Set(value.slice(0, mostRows).flatMap((row) => Object.keys(row)))];
    const names = options.columns ?? all;
    const rows = value.map((row) => names.map((name) => read(row, name)));
    return tableView(names, rows, options, "");
  },
};

const isShallow = (value: unknown) =>
  value === null ||
  (typeof value !== "object" && typeof value !== "function") ||
  (value instanceof Object && "said" in value);

export const plainObjects: Kind = {
  name: "an object",
  forms: ["table"],
  view(value, options) {
    if (!isPlain(value)) return undefined;
    const entries = Object.keys(value).map((name) => [name, read(value, name)] as const);
    if (entries.length === 0) return undefined;
    if (options.as !== "table" && !entries.every(([, each]) => isShallow(each))) return undefined;
    const view = tableView(["name", "value"], entries, options, "");
    // Numbers among other values stand to the right only where all are numbers.
    return view;
  },
};
