// Bars of progress at the foot of a terminal.

import { expect, test } from "vitest";
import { Bars } from "../../../packages/notebook/src/run/child/bars.ts";
import type { ScriptEvent } from "../../../packages/notebook/src/run/events.ts";

const ERASE = "\r\u001b[K";

/** Bars on a terminal that remembers what is written to it, and how far one of them is. */
function terminal(isTTY = true, columns = 80) {
  const written: string[] = [];
  const write = (text: string) => written.push(text) > 0;
  const bars = new Bars({ isTTY, columns, write } as unknown as NodeJS.WriteStream);
  const at = (done: number, more: Partial<Extract<ScriptEvent, { kind: "progress" }>> = {}) =>
    bars.update({ kind: "progress", cell: 0, id: 1, label: "run", done, total: 40, isOver: false, ...more });
  return { bars, written, write, at };
}

test("a bar is as long as what is done, replaces the one before, and goes away at the end", () => {
  const { written, at } = terminal();
  at(10);
  // A quarter of 30 characters, rounded.
  expect(written).toEqual([`run ${"█".repeat(8)}${"░".repeat(22)} 10/40`]);
  at(40);
  expect(written.slice(1)).toEqual([ERASE, `run ${"█".repeat(30)} 40/40`]);
  at(40, { isOver: true });
  expect(written.slice(3)).toEqual([ERASE]);
});

test("what is printed stands above the bar, and a line that is not ended keeps it away", () => {
  const { bars, written, write, at } = terminal();
  at(20);
  const bar = written[0]!;
  bars.around("a line\n", () => write("a line\n"));
  expect(written.slice(1)).toEqual([ERASE, "a line\n", bar]);
  bars.around("half ", () => write("half "));
  at(20);
  expect(written.slice(4)).toEqual([ERASE, "half "]);
  bars.around(Buffer.from("a line\n"), () => write("a line\n"));
  expect(written.slice(6)).toEqual(["a line\n", bar]);
});

test("no bar is wider than the terminal, and none is drawn where that is a file", () => {
  const narrow = terminal(true, 20);
  narrow.at(1);
  expect(narrow.written.map((text) => text.length)).toEqual([19]);
  const file = terminal(false);
  file.at(1);
  expect(file.written).toEqual([]);
});
