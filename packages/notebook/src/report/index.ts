// A report: one HTML file with a script's text, code and outputs, which asks for nothing and needs no script to be read.

import { formulaStyle } from "../html/formula.ts";
import type { Page } from "../html/fragment.ts";
import { inlineMarkdown } from "../html/markdown.ts";
import { type Markup, markup, trusted } from "../html/markup.ts";
import type { ScriptEvent } from "../run/events.ts";
import type { Cell } from "../script/cell.ts";
import { drawCell, headingOf, titled } from "./cell.ts";
import { liveHash, liveScript } from "./live.ts";
import { placed } from "./place.ts";
import { reportStyle } from "./style.ts";

/** A fact for the head of the report, such as the date, the versions or the commit. */
export interface Fact {
  readonly name: string;
  readonly value: string;
}

/** What a report is made of. */
export interface ReportInput {
  /** The script's file name; the title where the script has none. */
  readonly name: string;
  /** The script's text, shown as it stands where it has no cells, such as one that can't be read. */
  readonly source: string;
  readonly cells: readonly Cell[];
  /** What the script told, in order. */
  readonly events: readonly ScriptEvent[];
  /** Facts of the runner; those that the script tells come after them. */
  readonly facts: readonly Fact[];
  /** Whether the page listens to a server that tells of new versions, at `events` beside it: for pages that are served. */
  readonly live?: boolean;
}

/** What every report ends with, and by which it is known as one. */
export const FOOTER = "by Adjoint.";

/** From more cells than this on, a report has a table of contents. */
const FEW_CELLS = 3;

/** The runner's facts and the script's; a name that comes several times has all of its values. */
function allFacts({ facts, events }: ReportInput): Fact[] {
  const values = new Map<string, string[]>();
  const told = events.filter((event) => event.kind === "fact");
  for (const { name, value } of [...facts, ...told]) {
    const known = values.get(name) ?? [];
    if (!known.includes(value)) known.push(value);
    values.set(name, known);
  }
  return [...values].map(([name, all]) => ({ name, value: all.join(", ") }));
}

/** Events of each of `count` cells; the last one has those of cells that aren't there, so that none is lost. */
function byCell(events: readonly ScriptEvent[], count: number): Map<number, ScriptEvent[]> {
  const cells = new Map<number, ScriptEvent[]>();
  for (const event of events) {
    if (!("cell" in event)) continue;
    const cell = Math.max(0, Math.min(event.cell, count - 1));
    const known = cells.get(cell);
    if (known === undefined) cells.set(cell, [event]);
    else known.push(event);
  }
  return cells;
}

/** A script as one cell of code. */
function wholeScript(source: string): Cell[] {
  const to = source.split("\n").length;
  return [{ title: "", pieces: [{ kind: "code", text: source, from: 1, to }], from: 1, to }];
}

function contents(cells: readonly Cell[]): Markup | undefined {
  if (cells.length <= FEW_CELLS) return undefined;
  const items = cells.flatMap((cell, i) => {
    const heading = headingOf(cell);
    return heading === "" ? [] : [markup`<li><a href="#cell-${i + 1}">${inlineMarkdown(heading)}</a></li>`];
  });
  if (items.length < 2) return undefined;
  return markup`<nav class="contents" aria-labelledby="contents"><p id="contents">Contents</p><ol>${items}</ol></nav>`;
}

/** A title without the marks of Markdown, for the window. */
const plain = (title: string) => title.replace(/[*_`$]/g, "");

/** A report as the text of an HTML file. A view that can't be drawn says so in its place. */
export async function reportOf(input: ReportInput): Promise<string> {
  const { name, events, live = false } = input;
  const { title, cells } = titled(input.cells.length > 0 ? input.cells : wholeScript(input.source), name);
  const runs = byCell(events, cells.length);
  const failed = new Set(
    events.flatMap((event) => (event.kind === "failed" && event.line !== null ? [event.line] : [])),
  );
  const hasRun = events.some((event) => event.kind === "over");
  const page: Page = { headings: { base: 2, previous: 1 } };
  const sections: Markup[] = [];
  for (const [i, cell] of cells.entries())
    sections.push(await drawCell(cell, i, placed(cell, runs.get(i) ?? []), { page, failed, hasRun }));
  const facts = allFacts(input).map(
    ({ name: fact, value }) => markup`<div><dt>${fact}</dt><dd>${value}</dd></div>`,
  );
  const list = contents(cells);
  const body = markup`<div id="page"${list === undefined ? "" : markup` class="has-contents"`}><header><h1>${inlineMarkdown(title)}</h1>${facts.length === 0 ? "" : markup`<dl class="facts">${facts}</dl>`}</header>${list}<main id="main" tabindex="-1">${sections}</main><footer>Made from ${name} ${FOOTER}</footer></div>`;
  const policy = `default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:${live ? `; script-src '${liveHash()}'; connect-src 'self'` : ""}; base-uri 'none'; form-action 'none'`;
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${plain(title)}</title>
<style>${trusted(reportStyle)}</style>
<style id="formulas">${trusted(formulaStyle(body.text))}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the text</a>
${body}
${live ? markup`<p id="live" role="status"></p><script>${trusted(liveScript)}</script>` : ""}</body>
</html>
`.text;
}
