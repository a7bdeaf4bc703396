// Which outputs stand below which piece of a cell: below the code that holds the line that showed them, in the order of events.

import type { ScriptEvent } from "../run/events.ts";
import type { Cell } from "../script/cell.ts";

/** What stands below a piece of code. */
export type Output =
  | Extract<ScriptEvent, { kind: "shown" | "failed" }>
  /** Text that was printed without a break in between. */
  | { readonly kind: "printed"; readonly stream: "out" | "error"; readonly text: string }
  /** A bar, as it was last. */
  | Extract<ScriptEvent, { kind: "progress" }>;

/** What is known of a cell's run. */
export interface CellRun {
  /** Outputs for each piece of the cell; a cell without pieces has one list all the same. */
  readonly outputs: readonly (readonly Output[])[];
  readonly milliseconds: number | undefined;
  readonly state: "waiting" | "running" | "done" | "failed";
}

/** The piece that holds the line: a piece of code, or the nearest one before it; the last piece where the line lies elsewhere. */
function pieceAt(cell: Cell, line: number): number {
  const last = Math.max(cell.pieces.length - 1, 0);
  if (line < cell.from || line > cell.to) return last;
  let found = cell.pieces.findIndex((piece) => piece.kind === "code");
  cell.pieces.forEach((piece, i) => {
    if (piece.kind === "code" && piece.from <= line) found = i;
  });
  return found < 0 ? last : found;
}

/** Puts a cell's events where they belong. Text has no line: it stands where the cell's last output with a line stands. */
export function placed(cell: Cell, events: readonly ScriptEvent[]): CellRun {
  const outputs: Output[][] = Array.from({ length: Math.max(cell.pieces.length, 1) }, () => []);
  const bars = new Map<number, { piece: number; at: number }>();
  let current = Math.max(
    cell.pieces.findIndex((piece) => piece.kind === "code"),
    0,
  );
  let state: CellRun["state"] = "waiting";
  let milliseconds: number | undefined;
  for (const event of events) {
    if (event.kind === "begin") state = "running";
    else if (event.kind === "end") {
      milliseconds = event.milliseconds;
      if (state !== "failed") state = "done";
    } else if (event.kind === "shown" || event.kind === "failed") {
      if (event.line !== null) current = pieceAt(cell, event.line);
      if (event.kind === "failed") state = "failed";
      outputs[current]?.push(event);
    } else if (event.kind === "printed") {
      const before = outputs[current]?.at(-1);
      if (before?.kind === "printed" && before.stream === event.stream)
        outputs[current]![outputs[current]!.length - 1] = { ...before, text: before.text + event.text };
      else outputs[current]?.push({ kind: "printed", stream: event.stream, text: event.text });
    } else if (event.kind === "progress") {
      const bar = bars.get(event.id);
      if (bar !== undefined) outputs[bar.piece]![bar.at] = event;
      else if (outputs[current] !== undefined)
        bars.set(event.id, { piece: current, at: outputs[current]!.push(event) - 1 });
    }
  }
  return { outputs, milliseconds, state };
}
