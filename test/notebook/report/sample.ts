// A script that shows everything, and what it told when it ran.

import type { ReportInput } from "../../../packages/notebook/src/report/index.ts";
import type { ScriptEvent } from "../../../packages/notebook/src/run/events.ts";
import type { Cell, Piece } from "../../../packages/notebook/src/script/cell.ts";
import type { View } from "../../../packages/notebook/src/views/view.ts";

const piece = (kind: Piece["kind"], text: string, from: number): Piece => ({
  kind,
  text,
  from,
  to: from + text.split("\n").length - 1,
});

const cellOf = (title: string, pieces: readonly Piece[]): Cell => ({
  title,
  pieces,
  from: pieces[0]!.from - 1,
  to: pieces.at(-1)!.to,
});

/** Four cells: a title, code around a comment, views, and an error. */
export const CELLS: readonly Cell[] = [
  cellOf("", [
    piece(
      "markdown",
      "# Does *width* help with $h = \\tfrac12 g t^2$?\n\nThe lecture asks whether width matters.\n\n$$L = \\frac1N \\sum_i (f(t_i) - \\tfrac12 g t_i^2)^2$$\n",
      1,
    ),
    piece("code", 'import { show } from "@adjoint/notebook";\n', 7),
  ]),
  cellOf("Before and after", [
    piece("code", "const first = 1;\nshow(first);", 10),
    piece("markdown", "### What comes between\n\nText.", 12),
    piece("code", "\nconst second = 2;\nshow(second);", 15),
  ]),
  cellOf("Everything", [
    piece("code", `const all = "${"long ".repeat(40)}";\nfor (const view of all) show(view);`, 20),
  ]),
  cellOf("An error", [piece("code", "const x = 1;\nx.fail();\nx.more();", 30)]),
];

/** The report of that script; all views are shown by line 21. */
export function reportInput(views: readonly View[]): ReportInput {
  const text = (line: string): View => ({ kind: "text", text: line });
  const events: ScriptEvent[] = [
    { kind: "fact", name: "seed", value: "42" },
    { kind: "begin", cell: 0 },
    { kind: "end", cell: 0, milliseconds: 3.21 },
    { kind: "begin", cell: 1 },
    { kind: "shown", cell: 1, line: 11, view: text("the first") },
    { kind: "printed", cell: 1, stream: "out", text: "\u001b[32mgreen\u001b[0m " },
    { kind: "printed", cell: 1, stream: "out", text: "and plain\n" },
    { kind: "shown", cell: 1, line: 17, view: text("the second") },
    { kind: "printed", cell: 1, stream: "error", text: "Warning: <b>x</b>\n" },
    { kind: "shown", cell: 1, line: 11, view: text("the first again") },
    { kind: "end", cell: 1, milliseconds: 1234 },
    { kind: "begin", cell: 2 },
    { kind: "progress", cell: 2, id: 1, label: "training", done: 1, total: 10, isOver: false },
    ...views.map((view): ScriptEvent => ({ kind: "shown", cell: 2, line: 21, view })),
    { kind: "progress", cell: 2, id: 1, label: "training", done: 7, total: 10, isOver: false },
    { kind: "end", cell: 2, milliseconds: 65_432 },
    { kind: "begin", cell: 3 },
    {
      kind: "failed",
      cell: 3,
      line: 31,
      name: "TypeError",
      message: "x.fail is not a function",
      stack: "at width.ts:31:3",
    },
    { kind: "end", cell: 3, milliseconds: 1 },
    { kind: "over" },
  ];
  const facts = [
    { name: "date", value: "30 November 2026, 07:40" },
    { name: "Node", value: "20.20.2" },
    { name: "@adjoint/nn", value: "0.3.0" },
    { name: "mode", value: "full" },
  ];
  return { name: "width.ts", source: "", cells: CELLS, events, facts };
}
