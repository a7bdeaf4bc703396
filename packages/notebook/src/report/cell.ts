// A cell as a section of the page: its title, its text and code, and below each piece of code what it showed.

import type { Page } from "../html/fragment.ts";
import { drawMarkdown, firstHeading, inlineMarkdown } from "../html/markdown.ts";
import { type Markup, markup } from "../html/markup.ts";
import type { Cell } from "../script/cell.ts";
import { drawCode } from "./code.ts";
import { drawOutput } from "./output.ts";
import type { CellRun } from "./place.ts";

/** A time as a reader says it. */
export function timeText(milliseconds: number): string {
  if (milliseconds < 999.5)
    return `${milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 99.95) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(Math.round(seconds) / 60)} min ${Math.round(seconds) % 60} s`;
}

/** A cell that is titled by itself or by a heading of its text. */
export function headingOf(cell: Cell): string {
  if (cell.title !== "") return cell.title;
  for (const piece of cell.pieces) {
    const heading = piece.kind === "markdown" ? firstHeading(piece.text) : undefined;
    if (heading !== undefined) return heading.text;
  }
  return "";
}

/** The report's title, and the cells without what became it. */
export function titled(cells: readonly Cell[], name: string): { title: string; cells: readonly Cell[] } {
  const [first, ...rest] = cells;
  if (first === undefined) return { title: name, cells };
  if (first.title !== "") return { title: first.title, cells: [{ ...first, title: "" }, ...rest] };
  for (const [i, piece] of first.pieces.entries()) {
    const heading = piece.kind === "markdown" ? firstHeading(piece.text) : undefined;
    if (heading === undefined) continue;
    if (heading.rest === undefined) return { title: heading.text, cells };
    const pieces = first.pieces.map((each, j) => (i === j ? { ...each, text: heading.rest! } : each));
    return { title: heading.text, cells: [{ ...first, pieces }, ...rest] };
  }
  return { title: name, cells };
}

/** A cell as HTML. `number` counts from 0, `hasRun` says whether the script has come to an end. */
export async function drawCell(
  cell: Cell,
  number: number,
  run: CellRun,
  { page, failed, hasRun }: { page: Page; failed: ReadonlySet<number>; hasRun: boolean },
): Promise<Markup> {
  page.headings.base = 2;
  const parts: Markup[] = [];
  if (cell.title !== "") {
    parts.push(markup`<h2>${inlineMarkdown(cell.title)}</h2>`);
    page.headings.base = 3;
    page.headings.previous = 2;
  }
  const below = async (piece: number) => {
    const outputs: Markup[] = [];
    for (const output of run.outputs[piece] ?? []) outputs.push(await drawOutput(output, page));
    if (outputs.some((output) => output.text !== ""))
      parts.push(markup`<div class="outputs">${outputs}</div>`);
  };
  for (const [i, piece] of cell.pieces.entries()) {
    if (piece.kind === "markdown") {
      if (piece.text.trim() !== "")
        parts.push(markup`<div class="prose">${drawMarkdown(piece.text, page.headings)}</div>`);
    } else if (piece.text.trim() !== "") {
      // Blank lines at the front would show as empty numbered lines.
      const blank = /^(?:[ \t]*\n)*/.exec(piece.text)![0];
      const from = piece.from + blank.split("\n").length - 1;
      parts.push(await drawCode(piece.text.slice(blank.length), from, failed));
    }
    await below(i);
  }
  if (cell.pieces.length === 0) await below(0);
  const hasCode = cell.pieces.some((piece) => piece.kind === "code" && piece.text.trim() !== "");
  const state =
    run.milliseconds !== undefined
      ? timeText(run.milliseconds)
      : run.state === "running" && !hasRun
        ? "running …"
        : run.state === "waiting" && hasRun
          ? "not run"
          : "";
  if (hasCode && state !== "") parts.push(markup`<p class="timing">${state}</p>`);
  return markup`<section id="cell-${number + 1}" class="cell">${parts}</section>`;
}
