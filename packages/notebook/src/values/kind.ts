// What a kind of value is: a test and a view in one. The kinds are listed in table.ts.

import { type AxisLike, checkAxis, checkOptions, checkRange, checkText, checkWhole } from "../views/check.ts";
import type { View } from "../views/view.ts";

/** How numbers can be shown. */
export const forms = [
  "number",
  "table",
  "image",
  "heat map",
  "histogram",
  "curve",
  "confusion matrix",
  "text",
] as const;
/** The form in which a value is shown. */
export type Form = (typeof forms)[number];

/** The options of `show` and `view`. */
export interface ShowOptions {
  /** Stands above; none by default. */
  readonly title?: string;
  /** How it is shown; chosen by what it is unless given. */
  readonly as?: Form;
  /** The axes of curves and histograms, and of fields over a plane (heat maps). */
  readonly x?: AxisLike;
  /** The vertical axis, where the value is drawn as a chart. */
  readonly y?: AxisLike;
  /** What the numbers of a heat map are. */
  readonly label?: string;
  /** Names of classes, for a confusion matrix. */
  readonly classes?: readonly string[];
  /** Columns of a histogram; 30 by default. */
  readonly bins?: number;
  /** What the least and the greatest colour, or the ends of a histogram, stand for. */
  readonly range?: readonly [number, number];
  /** Significant digits; 4 by default. */
  readonly digits?: number;
  /** The columns of a table, in their order. */
  readonly columns?: readonly string[];
  /** A line below. */
  readonly note?: string;
  /** The model whose paths name the layers of a program's graph. */
  readonly model?: object;
}

const names = [
  "title",
  "as",
  "x",
  "y",
  "label",
  "classes",
  "bins",
  "range",
  "digits",
  "columns",
  "note",
  "model",
] as const;

/** Throws TypeError or RangeError for options that can't be meant. */
export function checkShowOptions(operation: string, options: ShowOptions): void {
  checkOptions(
    operation,
    options,
    names,
    `${operation}(value, { title: "…" }); values together go in an object or an array`,
  );
  const { as, x, y, bins, range, digits, classes, columns, model } = options;
  for (const name of ["title", "label", "note"] as const)
    checkText(operation, `the option ${name}`, options[name]);
  if (as !== undefined && !forms.includes(as))
    throw new TypeError(
      `${operation}: as is "${String(as)}" and must be one of ${forms.map((each) => `"${each}"`).join(", ")}`,
    );
  if (x !== undefined) checkAxis(operation, "x", x);
  if (y !== undefined) checkAxis(operation, "y", y);
  if (bins !== undefined) checkWhole(operation, "bins", bins, 1);
  if (digits !== undefined && checkWhole(operation, "digits", digits, 1) > 17)
    throw new RangeError(`${operation}: digits is ${digits}; 17 tell all float64 numbers apart`);
  if (range !== undefined) checkRange(operation, "range", range);
  for (const [name, list] of [
    ["classes", classes],
    ["columns", columns],
  ] as const)
    if (list !== undefined && !(Array.isArray(list) && list.every((each) => typeof each === "string")))
      throw new TypeError(`${operation}: ${name} must be names in brackets, ${name}: ["first", "second"]`);
  if (model !== undefined && (typeof model !== "object" || model === null) && typeof model !== "function")
    throw new TypeError(`${operation}: model must be a model, as it was trained`);
}

/** A kind of value: its view, or undefined for values of other kinds. `inner` shows a part of it. */
export interface Kind {
  readonly name: string;
  /** In which forms its values can be shown beside their own and "text"; others are errors. */
  readonly forms: readonly Form[];
  readonly view: (value: unknown, options: ShowOptions, inner: Inner) => View | undefined;
}

/** The view of a part of a value. */
export type Inner = (value: unknown, options?: ShowOptions) => View;

/** An option that does not go with a value: whoever wrote it hears of it, where any other failure is shown. */
export class OptionError extends TypeError {
  override readonly name: string = "TypeError";
}
