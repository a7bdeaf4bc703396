// What every script has: numbers, text, dates, lists, maps, errors, functions.

import { inspect, types } from "node:util";
import { counted, numberText } from "../views/number-text.ts";
import { isSvg, svg } from "../views/svg.ts";
import type { View } from "../views/view.ts";
import type { Kind, ShowOptions } from "./kind.ts";
import { viewOfNumbers } from "./numbers.ts";
import { fromLists, fromTypedArray } from "./numeric-array.ts";

/** Up to how many rows of a table are kept. */
const _mostRows = 1000;

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
      case "object":
        return value === null ? asText("null", options) : undefined;
      case "function":
        return undefined;
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

/** What nothing else takes: as the console prints it. */
export const everything: Kind = {
  name: "a value",
  forms: [],
  view: (value, options) => asText(inspected(value), options),
};
