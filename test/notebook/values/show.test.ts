// What a call of show, finding, progress and seed does: it prints where a script runs by itself, and sends where a runner listens.

import { finding, group, progress, type Shown, seed, show, view } from "@adjoint/notebook";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { ScriptEvent } from "../../../packages/notebook/src/run/events.ts";
import { type Link, lineInScript } from "../../../packages/notebook/src/run/link.ts";

const place = Symbol.for("adjoint.notebook");
const host = globalThis as { [place: symbol]: unknown };
let before: unknown;
let printed: string[];

beforeEach(() => {
  before = host[place];
  delete host[place];
  printed = [];
  vi.spyOn(console, "log").mockImplementation((text: unknown) => {
    printed.push(String(text));
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  if (before === undefined) delete host[place];
  else host[place] = before;
});

/** A runner that keeps what it hears. */
function listening(details: Partial<Link> = {}): ScriptEvent[] {
  const events: ScriptEvent[] = [];
  const link: Link = {
    cell: () => 3,
    send: (event) => events.push(event),
    isConnected: true,
    wantsText: false,
    ...details,
  };
  host[place] = link;
  return events;
}

test("a script that runs by itself prints what it shows", () => {
  show([1, 2]);
  expect(printed).toEqual(["[2]\n  1  2"]);
});

test("a runner gets what is shown as plain data, with its cell and line, and nothing is printed", () => {
  const events = listening({ script: import.meta.filename });
  show("seen");
  const line = Number(/show\.test\.ts:(\d+)/.exec(new Error("here").stack!)![1]) - 1;
  expect(events).toEqual([{ kind: "shown", cell: 3, line, view: { kind: "text", text: "seen" } }]);
  expect(printed).toEqual([]);
});

test("a runner that wants text has it printed as well, by its own way where it has one", () => {
  listening({ wantsText: true });
  show("seen");
  expect(printed).toEqual(["seen"]);
  const own: string[] = [];
  listening({ wantsText: true, print: (text) => own.push(text) });
  show("again");
  expect([printed, own]).toEqual([["seen"], ["again\n"]]);
});

test("a runner that has gone is as none", () => {
  const events = listening({ isConnected: false });
  show(1);
  expect([events, printed]).toEqual([[], ["1"]]);
});

test("the line is the script's innermost one, however the script's path is written", () => {
  const { filename, url } = import.meta;
  const here = lineInScript(filename);
  expect(here).toBeGreaterThan(0);
  expect(lineInScript(`${url}?cell=3&version=7`)! - here!).toBe(2);
  expect(lineInScript("/elsewhere/script.ts")).toBeNull();
});

test("what is shown can be displayed by notebooks, as text and as HTML", async () => {
  const shown = show({ a: 1 });
  const display = (shown as Shown & Record<symbol, () => Promise<Record<string, string>>>)[
    Symbol.for("Jupyter.display")
  ]!;
  const bundle = await display();
  expect(bundle["text/plain"]).toMatch(/a +1/);
  expect(bundle["text/html"]).toContain("<table");
});

test("a picture is displayed as SVG, too", async () => {
  const shown = show([
    [1, 2],
    [3, 4],
  ]) as Shown & Record<symbol, () => Promise<Record<string, string>>>;
  expect((await shown[Symbol.for("Jupyter.display")]!())["image/svg+xml"]).toMatch(/^<svg/);
});

test("what is shown again is shown as it was", () => {
  const shown = show([1]);
  expect(view(shown)).toEqual(shown.view);
});

test("a view doesn't change when its value does", () => {
  const values = [1, 2];
  const shown = view(values);
  values[0] = 9;
  expect(shown).toEqual(view([1, 2]));
});

test("what displays itself later is waited for by the runner, and shown in the cell and line of the call", async () => {
  const pending = new Set<Promise<unknown>>();
  const events = listening({ pending });
  show({ [Symbol.for("Jupyter.display")]: async () => ({ "text/plain": "late" }) });
  expect([events.length, pending.size]).toEqual([0, 1]);
  await Promise.all(pending);
  expect(events).toMatchObject([{ kind: "shown", cell: 3, view: { text: "late" } }]);
  expect(pending.size).toBe(0);
});

test("what fails to display itself later is shown as the failure", async () => {
  const pending = new Set<Promise<unknown>>();
  const events = listening({ pending });
  show({ [Symbol.for("Jupyter.display")]: async () => Promise.reject(new Error("no display")) });
  await Promise.allSettled(pending);
  expect(JSON.stringify(events)).toContain("Error: no display");
});

test("colours need a terminal, and NO_COLOR unset", () => {
  const { isTTY } = process.stdout;
  const chart = {
    kind: "finding",
    what: "x",
    measured: 1,
    expected: 1,
    spread: 0,
    unit: "",
    isCompared: true,
  };
  try {
    process.stdout.isTTY = true;
    vi.stubEnv("NO_COLOR", "");
    show(chart);
    vi.stubEnv("NO_COLOR", "1");
    show(chart);
    process.stdout.isTTY = false;
    vi.stubEnv("NO_COLOR", "");
    show(chart);
  } finally {
    process.stdout.isTTY = isTTY;
  }
  expect(printed.map((text) => text.includes("\u001b["))).toEqual([true, false, false]);
});

test("a finding is sent with what is written", () => {
  const events = listening();
  finding("accuracy", 98.1, { expected: 98, spread: 0.5, unit: "%" });
  expect(events[0]).toMatchObject({
    kind: "shown",
    view: { kind: "finding", what: "accuracy", measured: 98.1, expected: 98, spread: 0.5, unit: "%" },
  });
});

test("a seed is a fact for the head of the report, and comes back", () => {
  const events = listening();
  expect(seed(7)).toBe(7);
  expect(events).toMatchObject([{ kind: "fact", value: "7" }]);
});

test("progress is sent from the first step to the end, and no more often than eyes can follow", () => {
  const events = listening();
  const bar = progress("training", 1000);
  for (let i = 1; i <= 1000; i++) bar.update(i);
  bar.end();
  bar.end();
  expect(events[0]).toMatchObject({
    kind: "progress",
    cell: 3,
    label: "training",
    done: 1,
    total: 1000,
    isOver: false,
  });
  expect(events.slice(-2)).toMatchObject([{ done: 1000, isOver: false }, { isOver: true }]);
  // A thousand calls take a few milliseconds, in which one message or two are due.
  expect(events.length).toBeLessThan(20);
});

test("progress is a bar on a terminal's stderr, and nothing where that is none", () => {
  const { isTTY } = process.stderr;
  const written: string[] = [];
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    written.push(String(text));
    return true;
  });
  try {
    process.stderr.isTTY = false;
    const quiet = progress("quiet", 10);
    quiet.update(5);
    quiet.end();
    expect(written).toEqual([]);
    process.stderr.isTTY = true;
    const bar = progress("training", 10);
    bar.update(10);
    bar.end();
  } finally {
    process.stderr.isTTY = isTTY;
  }
  expect(written.join("")).toMatch(/training .*\/10/);
});

test("several values are one view", () => {
  expect(group([1, "two"], { title: "Both", arrangement: "row" })).toEqual({
    kind: "group",
    title: "Both",
    arrangement: "row",
    parts: [
      { kind: "text", text: "1" },
      { kind: "text", text: "two" },
    ],
  });
});

const wrong: readonly [string, () => unknown, RegExp][] = [
  [
    "a finding without a name",
    () => finding("", 1, { expected: 1, spread: 0 }),
    /say first what was measured/,
  ],
  [
    "a finding that is no number",
    () => finding("x", "1" as never, { expected: 1, spread: 0 }),
    /measured is a string and must be a number; take a tensor's with item\(\)/,
  ],
  [
    "a finding without what is expected",
    () => finding("x", 1, { spread: 0 } as never),
    /expected is undefined and must be a number/,
  ],
  [
    "a spread below 0",
    () => finding("x", 1, { expected: 1, spread: -1 }),
    /spread is -1 and must be a finite number, 0 or more/,
  ],
  ["a seed that is no whole number", () => seed(0.5), /seed: 0.5 must be a whole number/],
  ["progress without a label", () => progress(3 as never), /got a number where a label belongs/],
  ["progress to nothing", () => progress("x", 0), /the total is 0 and must be a finite number above 0/],
  [
    "progress by what is no number",
    () => progress("x").update(Number.NaN),
    /update got a number \(NaN\) where a number belongs/,
  ],
  ["a group of no array", () => group(3 as never), /got a number where values belong/],
  ["a group in a circle", () => group([], { arrangement: "circle" as never }), /must be "row" or "column"/],
];
test.each(wrong)("an error says what is wrong with %s", (_, call, message) => {
  expect(call).toThrow(message);
});
