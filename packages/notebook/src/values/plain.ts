// What every script has: numbers, text, dates, lists, maps, errors, functions.

import { inspect, types } from "node:util";
import { counted, numberText } from "../views/number-text.ts";
import { isSvg, svg } from "../views/svg.ts";
import { cellText } from "../views/table.ts";
import type { TableView, View } from "../views/view.ts";
import type { Kind, ShowOptions } from "./kind.ts";
import { fromLists, fromTypedArray, viewOfNumbers } from "./numbers.ts";

/** Up to how many rows of a table are kept. */
const mostRows = 1000;

export const asText = (text: string, { title, note }: ShowOptions = {}): View => ({
  kind: "text",
  text: [title ?? "", text, note ?? ""].filter((each, i) => each !== "" || i === 1).join("\n"),
});

/** A value as Node's console prints it, cut where it is long. */
export const inspected = (value: unknown): string =>
  inspect(value, { depth: 4, maxArrayLength: 50, maxStringLength: 2000, breakLength: 80, showProxy: true });

/** What has traps of its own may do anything when it is looked at: it is shown without asking them. */
export const proxies: Kind = {
  name: "a Proxy",
  forms: [],
  view: (value, options) =>
    types.isProxy(value) ? asText(`${inspected(value)}  (its traps were not called)`, options) : undefined,
};

export const primitives: Kind = {
  name: "a primitive value",
  forms: ["number"],
  view(value, options) {
    switch (typeof value) {
      case "number":
        return asText(numberText(value, options.digits ?? 6), options);
      case "bigint":
        return asText(`${value}n`, options);
      case "string":
        if (isSvg(value)) return svg(value, options.title ?? "a picture");
        return asText(value === "" ? '""  (an empty string)' : value, options);
      case "boolean":
      case "undefined":
        return asText(String(value), options);
      case "symbol":
        return asText(value.toString(), options);
      default:
        return value === null ? asText("null", options) : undefined;
    }
  },
};

export const promises: Kind = {
  name: "a Promise",
  forms: [],
  view: (value, options) =>
    types.isPromise(value)
      ? asText("a Promise, whose value is not there yet: await it, show(await …)", options)
      : undefined,
};

/** Messages with causes, from the outermost inwards, and the stack of the outermost. */
export const errors: Kind = {
  name: "an error",
  forms: [],
  view(value, options) {
    if (!(value instanceof Error)) return undefined;
    const lines: string[] = [];
    const seen = new Set<unknown>();
    const tell = (error: unknown, depth: number, word: string): void => {
      const indent = "  ".repeat(depth);
      if (!(error instanceof Error)) {
        lines.push(`${indent}${word}${cellText(error)}`);
        return;
      }
      if (seen.has(error)) {
        lines.push(`${indent}${word}${error.name} (the same as above)`);
        return;
      }
      seen.add(error);
      lines.push(`${indent}${word}${error.name}: ${error.message.replaceAll("\n", `\n${indent}`)}`);
      if (depth === 0) {
        const places = (error.stack ?? "")
          .split("\n")
          .filter((line) => /^\s+at /.test(line) && !/node:internal|node_modules/.test(line));
        lines.push(...places.slice(0, 4).map((line) => `    ${line.trim()}`));
      }
      if (error.cause !== undefined) tell(error.cause, depth + 1, "caused by ");
      if (error instanceof AggregateError)
        for (const each of error.errors.slice(0, 10)) tell(each, depth + 1, "- ");
    };
    tell(value, 0, "");
    return asText(lines.join("\n"), options);
  },
};

export const functions: Kind = {
  name: "a function",
  forms: [],
  view(value, options) {
    if (typeof value !== "function") return undefined;
    const source = Function.prototype.toString.call(value);
    const kind = source.startsWith("class") ? "class" : "function";
    const name = value.name === "" ? "(without a name)" : value.name;
    const lines = source.split("\n");
    const code = kind === "class" || source.includes("[native code]") ? [] : lines.slice(0, 12);
    const cut =
      code.length > 0 && lines.length > code.length
        ? [`… ${counted(lines.length - code.length, "more line")}`]
        : [];
    return asText([`${kind} ${name}`, ...code, ...cut].join("\n"), options);
  },
};

export const dates: Kind = {
  name: "a date",
  forms: [],
  view(value, options) {
    if (types.isDate(value))
      return asText(Number.isNaN(value.getTime()) ? "an invalid Date" : value.toISOString(), options);
    return undefined;
  },
};

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

export const numericLists: Kind = {
  name: "an array of numbers",
  forms: ["number", "table", "image", "heat map", "histogram", "curve", "confusion matrix"],
  view(value, options) {
    const array =
      fromTypedArray(value) ?? (Array.isArray(value) && value.length > 0 ? fromLists(value) : null);
    if (array === null) return undefined;
    if (options.as === undefined && options.classes !== undefined)
      return viewOfNumbers(array, { ...options, as: "confusion matrix" });
    return viewOfNumbers(array, options);
  },
};

export const isPlain = (value: unknown): value is Readonly<Record<string, unknown>> => {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

/** A property, where reading it throws the error in its place. */
export const read = (value: object, name: string): unknown => {
  try {
    return (value as Readonly<Record<string, unknown>>)[name];
  } catch (error) {
    return new Unreadable(error);
  }
};

/** What stands for a property that can't be read. */
class Unreadable {
  readonly said: string;
  constructor(error: unknown) {
    this.said = error instanceof Error ? error.message : String(error);
  }
  [inspect.custom](): string {
    return `(reading it throws: ${this.said})`;
  }
}

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

/** What nothing else takes: as the console prints it. */
export const everything: Kind = {
  name: "a value",
  forms: [],
  view: (value, options) => asText(inspected(value), options),
};
