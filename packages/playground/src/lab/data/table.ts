// A person's own table: comma-separated values, whose last column is the target. Whatever is damaged is a mistake that names
// the line.

import { randomKey } from "@adjoint/autograd";
import { dsvFormat } from "d3-dsv";
import type { Mistake } from "../lab.ts";
import { MistakeError, refuse } from "../mistakes.ts";
import type { Dataset, Rows } from "./dataset.ts";
import { standard } from "./drawn.ts";
import { whyTooLong } from "./limits.ts";
import { shared } from "./share.ts";

const FIELD = "data.csv";
const MOST_ROWS = 10_000;
const MOST_INPUTS = 64;
const FEWEST_ROWS = 8;
const MOST_CLASSES = 20;
/** No more mistakes than these are told at once. */
const MOST_MISTAKES = 5;

interface Line {
  /** Counted from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

/** What a table holds. */
export interface Table {
  readonly inputs: readonly string[];
  readonly target: string;
  /** Names of the classes; null where the target is a number. */
  readonly classes: readonly string[] | null;
  readonly rows: Rows;
}

/** A table as a data set, its columns scaled by the training data. */
export function fromTable(text: string, seed: number): Dataset {
  const { inputs, target, classes, rows } = tableOf(text);
  const parts = shared(rows, inputs.length, randomKey(seed));
  const kind = inputs.length === 2 ? "plane" : inputs.length === 1 && classes === null ? "line" : "table";
  return {
    kind,
    inputs,
    outputs: classes ?? [target],
    isClassification: classes !== null,
    ...parts,
    inputScale: standard(parts.training.x, inputs.length),
    targetScale: classes === null ? standard(parts.training.y, 1) : null,
    scaling: `each input less its mean over the training data, divided by its standard deviation${classes === null ? "; so is the target, of which losses are" : ""}`,
    source: `a table of ${rows.count} samples, whose last column, ${target}, holds ${classes === null ? "numbers" : `${classes.length} classes`}`,
  };
}

/** The table of a text. Refuses what is damaged, with up to five mistakes. */
export function tableOf(text: string): Table {
  const tooLong = whyTooLong(text.length);
  if (tooLong !== undefined) refuse(FIELD, tooLong);
  const lines = linesOf(text);
  const [first] = lines;
  if (first === undefined)
    return refuse(FIELD, "the table is empty; paste rows of numbers, the target last, such as 1.5,2,yes");
  const width = first.cells.length;
  if (width < 2)
    refuse(FIELD, "a row has one column; it needs an input and, last, a target, divided by commas: 1.5,yes", {
      line: first.line,
    });
  if (width - 1 > MOST_INPUTS)
    refuse(FIELD, `there are ${width - 1} inputs, and at most ${MOST_INPUTS} are taken; leave out columns`, {
      line: first.line,
    });
  const header = headerOf(first);
  const body = header === null ? lines : lines.slice(1);
  if (body.length < FEWEST_ROWS)
    refuse(
      FIELD,
      `there ${body.length === 1 ? "is 1 row" : `are ${body.length} rows`} of data, and at least ${FEWEST_ROWS} are needed, for training and test`,
      { line: lines.at(-1)!.line },
    );
  if (body.length > MOST_ROWS)
    refuse(FIELD, `there are ${body.length} rows, and at most ${MOST_ROWS} are taken; leave out the rest`, {
      line: body[MOST_ROWS]!.line,
    });
  const names = header ?? Array.from({ length: width }, (_, i) => (i < width - 1 ? `x${i + 1}` : "y"));
  const x = inputsOf(body, width, names);
  const { classes, y } = targetOf(body, width, names);
  return { inputs: names.slice(0, -1), target: names.at(-1)!, classes, rows: { count: body.length, x, y } };
}

// ── Lines ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Rows that are not blank, with their lines. */
function linesOf(text: string): readonly Line[] {
  const plain = text.replace(/^\ufeff/, "");
  const quotes = plain.split('"').length - 1;
  if (quotes % 2 === 1) {
    const line = plain.slice(0, plain.lastIndexOf('"')).split("\n").length;
    refuse(FIELD, "a quotation mark is not closed; close it, or remove it", { line });
  }
  // Spreadsheets may write the divider into a line of its own, in front.
  const [stated, sign] = /^sep=([,;\t])(?:\r\n|\n|\r)/i.exec(plain) ?? [""];
  const rest = plain.slice(stated.length);
  const lines: Line[] = [];
  let line = stated === "" ? 1 : 2;
  for (const cells of dsvFormat(sign ?? dividerOf(rest)).parseRows(rest)) {
    if (cells.some((cell) => cell.trim() !== ""))
      lines.push({ line, cells: cells.map((cell) => cell.trim()) });
    // A cell in quotation marks may hold ends of lines.
    line += 1 + cells.reduce((sum, cell) => sum + (cell.match(/\r\n|\n|\r/g)?.length ?? 0), 0);
  }
  return lines;
}

/** In this order: where both fit, semicolons and tabs divide cells, and commas are within them, in decimals or names. */
const DIVIDERS = ["\t", ";", ","] as const;
/** By so many rows it is judged what divides them. */
const JUDGED = 20;

/** What divides all of the first rows into equally many cells; where nothing does, what the first row has most of. */
function dividerOf(text: string): string {
  const start = /^(?:[^\r\n]*(?:\r\n|\n|\r|$)){1,200}/.exec(text)![0];
  const counts = DIVIDERS.map((divider) =>
    dsvFormat(divider)
      .parseRows(start)
      .filter((cells) => cells.some((cell) => cell.trim() !== ""))
      .slice(0, JUDGED)
      .map(({ length }) => length),
  );
  const even = counts.findIndex(
    ([first = 0, ...others]) => first > 1 && others.length > 0 && others.every((count) => count === first),
  );
  if (even >= 0) return DIVIDERS[even]!;
  const most = Math.max(...counts.map(([first = 0]) => first));
  return DIVIDERS[counts.findLastIndex(([first = 0]) => first === most)]!;
}

/** The names of columns, where the first row has them: where none of its inputs is a number. */
function headerOf({ line, cells }: Line): readonly string[] | null {
  const inputs = cells.slice(0, -1);
  // A number that is too large, or has a decimal comma, is refused as such, and is no name.
  const isNumber = (cell: string) => NUMBER.test(cell) || DECIMAL_COMMA.test(cell);
  const words = inputs.filter((cell) => !isNumber(cell) && cell !== "" && !isMissing(cell));
  if (words.length === 0 && inputs.some((cell) => cell !== "")) return null;
  if (inputs.some(isNumber))
    refuse(
      FIELD,
      `some cells are numbers and “${shortened(words[0]!)}” is a word; a header names every column, and a row of data has numbers`,
      { line },
    );
  const names = cells.map((cell, i) => (cell === "" ? `column ${i + 1}` : cell));
  names.forEach((name, i) => {
    if (names.indexOf(name) < i)
      refuse(FIELD, `two columns are called “${shortened(name)}”; give each a name of its own`, { line });
  });
  return names;
}

// ── Cells ─────────────────────────────────────────────────────────────────────────────────────────────────────────

const NUMBER = /^[+\-−]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

const DECIMAL_COMMA = /^[+\-−]?\d+,\d+$/;

/** The number that a cell holds; null where it is none, or too large for one. */
function numberOf(cell: string): number | null {
  if (!NUMBER.test(cell)) return null;
  const value = Number(cell.replace("−", "-"));
  return Math.abs(value) <= LARGEST ? value : null;
}

/** Networks compute in float32; its square, which losses take, must not overflow either. */
const LARGEST = 1e18;

const isMissing = (cell: string) => /^([+\-−]?inf(inity)?|nan|na|n\/a|null|none|\?|-)$/i.test(cell);

/** A cell in a sentence. */
const shortened = (cell: string) => (cell.length > 24 ? `${cell.slice(0, 24)}…` : cell);

function whyNoNumber(cell: string): string {
  if (cell === "") return "is empty; fill it in, or remove the row";
  if (isMissing(cell)) return `is “${cell}”, which is no finite number; fill it in, or remove the row`;
  if (DECIMAL_COMMA.test(cell)) return `is “${cell}”; write decimals with a point`;
  if (NUMBER.test(cell)) return `is ${shortened(cell)}, beyond ±10¹⁸; scale the column`;
  return `is “${shortened(cell)}” where a number belongs; only the last column may hold words`;
}

/** Mistakes, up to so many. */
class Found {
  readonly #all: Mistake[] = [];

  add(line: number, message: string): void {
    this.#all.push({ field: FIELD, message, line });
    if (this.#all.length === MOST_MISTAKES) this.end();
  }

  end(): void {
    if (this.#all.length > 0) throw new MistakeError(this.#all);
  }
}

function inputsOf(body: readonly Line[], width: number, names: readonly string[]): Float64Array {
  const found = new Found();
  const x = new Float64Array(body.length * (width - 1));
  body.forEach(({ line, cells }, row) => {
    if (cells.length !== width) {
      found.add(
        line,
        `this row has ${cells.length} ${cells.length === 1 ? "cell" : "cells"} where the first has ${width}`,
      );
      return;
    }
    for (let i = 0; i < width - 1; i++) {
      const value = numberOf(cells[i]!);
      if (value === null) found.add(line, `${names[i]} ${whyNoNumber(cells[i]!)}`);
      else x[row * (width - 1) + i] = value;
    }
  });
  found.end();
  return x;
}

/** What stands for a missing class. “none” and “-” may be one. */
const NO_CLASS = /^(nan|na|n\/a|null|\?)$/i;

/** Numbers with so few values are classes: 0 and 1, say. */
const FEW = 10;

function targetOf(body: readonly Line[], width: number, names: readonly string[]) {
  const found = new Found();
  const name = names.at(-1)!;
  const cells = body.map(({ cells }) => cells[width - 1]!);
  const numbers = cells.map(numberOf);
  const words = numbers.filter((value) => value === null).length;
  // Where nearly all are numbers, a word among them is an accident.
  const isNumeric = words === 0 || words < body.length / 5;
  body.forEach(({ line }, row) => {
    const cell = cells[row]!;
    if (cell === "" || (isNumeric && numbers[row] === null)) found.add(line, `${name} ${whyNoNumber(cell)}`);
    else if (!isNumeric && NO_CLASS.test(cell))
      found.add(
        line,
        `${name} is “${cell}”, which says that the class is missing; remove the row, or write another name`,
      );
  });
  found.end();
  const distinct = new Set(cells);
  const whole = isNumeric && numbers.every((value) => Number.isInteger(value));
  const values = new Set(numbers);
  if (isNumeric && !(whole && values.size <= FEW && body.length >= 3 * values.size)) {
    if (values.size === 1)
      refuse(FIELD, `${name} is ${cells[0]} in every row; a target must differ for something to be learnt`);
    return { classes: null, y: Float64Array.from(numbers, (value) => value!) };
  }
  if ((isNumeric ? values : distinct).size === 1)
    refuse(FIELD, `there is one class only, “${shortened(cells[0]!)}”; give rows of at least two`);
  if (!isNumeric && distinct.size > MOST_CLASSES)
    refuse(
      FIELD,
      `${name} has ${distinct.size} different words, and at most ${MOST_CLASSES} classes are taken`,
    );
  if (isNumeric) {
    const sorted = [...(values as Set<number>)].sort((a, b) => a - b);
    return { classes: sorted.map(String), y: Float64Array.from(numbers, (value) => sorted.indexOf(value!)) };
  }
  const classes = [...distinct].sort();
  return { classes, y: Float64Array.from(cells, (cell) => classes.indexOf(cell)) };
}
