// Tables of rows.

import { inspect } from "node:util";
import { checkOptions, checkText, checkWhole, kindOf } from "./check.ts";
import { numberText } from "./number-text.ts";
import type { TableView } from "./view.ts";

/** The options of `table`. */
export interface TableOptions {
  /** Stands above; none by default. */
  readonly title?: string;
  /** Which columns, in which order; all by default. */
  readonly columns?: readonly string[];
  /** Significant digits of numbers; 4 by default. */
  readonly digits?: number;
  /** A line below, such as what was left out. */
  readonly note?: string;
}

/** A cell as text. */
export function cellText(value: unknown, digits = 4): string {
  if (typeof value === "number") return numberText(value, digits);
  if (typeof value === "string") return value.replace(/\s*\n\s*/g, " ");
  if (value === undefined || value === null) return value === null ? "null" : "";
  if (typeof value === "function") return value.name === "" ? "function" : value.name;
  if (typeof value === "symbol") return value.toString();
  if (typeof value === "bigint" || typeof value === "boolean") return String(value);
  const text = inspect(value, { depth: 1, breakLength: Infinity, maxArrayLength: 8, maxStringLength: 60 });
  return text.replace(/\s*\n\s*/g, " ");
}

/**
 * A table with a row for each object, its columns by the objects' names; or of rows that are lists, with `columns` to name them:
 * `table([{ width: 16, loss: 0.1 }])`, `table([[16, 0.1]], { columns: ["width", "loss"] })`. Columns of numbers stand to the right.
 * Throws TypeError for rows that are neither, and for a column that no row has.
 */
export function table(rows: readonly object[], options: TableOptions = {}): TableView {
  checkOptions("table", options, ["title", "columns", "digits", "note"]);
  if (!Array.isArray(rows))
    throw new TypeError(
      `table: got ${kindOf(rows)} where rows belong; write them in brackets, [{ width: 16, loss: 0.1 }]`,
    );
  for (const [i, row] of rows.entries())
    if (typeof row !== "object" || row === null)
      throw new TypeError(
        `table: row ${i} is ${kindOf(row)} and must be an object such as { loss: 0.1 }, or a list`,
      );
  const digits = checkWhole("table", "digits", options.digits ?? 4, 1);
  const lists = rows.some((row) => Array.isArray(row));
  if (lists && options.columns === undefined)
    throw new TypeError(`table: rows that are lists need names of their columns, columns: ["width", "loss"]`);
  const names = options.columns ?? [...new Set(rows.flatMap((row) => Object.keys(row as object)))];
  if (!lists && rows.length > 0)
    for (const name of names)
      if (!rows.some((row) => name in (row as object)))
        throw new TypeError(
          `table: no row has a column "${name}"; there are ${[...new Set(rows.flatMap((row) => Object.keys(row as object)))].join(", ")}`,
        );
  const cells = rows.map((row, i) => {
    if (!Array.isArray(row)) return names.map((name) => (row as Readonly<Record<string, unknown>>)[name]);
    if (row.length !== names.length)
      throw new TypeError(`table: row ${i} has ${row.length} cells and there are ${names.length} columns`);
    return row as unknown[];
  });
  const isNumber = (column: number) =>
    cells.some((row) => typeof row[column] === "number") &&
    cells.every((row) => ["number", "undefined"].includes(typeof row[column]) || row[column] === null);
  return {
    kind: "table",
    title: checkText("table", "the title", options.title),
    columns: names.map((name, i) => ({ name, align: isNumber(i) ? "right" : "left" })),
    rows: cells.map((row) => row.map((cell) => cellText(cell, digits))),
    note: checkText("table", "the note", options.note),
  };
}
