import { join } from "node:path";
import { afterAll, beforeEach, expect, test } from "vitest";
import type { ScriptEvent } from "../../../packages/notebook/src/run/events.ts";
import { Session } from "../../../packages/notebook/src/run/session.ts";
import { conditions, makeScratch } from "./scratch.ts";

// One process for all tests of this file, as in a long session; where a test ends it, the next one starts another.
const { folder, remove } = makeScratch({ "helper.ts": "export const two = 2;\nexport type Two = number;\n" });
const notes: string[] = [];
const session = new Session(join(folder, "script.ts"), {
  conditions,
  onOutput: () => {},
  onChange: (note) => {
    if (note !== undefined) notes.push(note);
  },
});
beforeEach(() => {
  notes.length = 0;
});
afterAll(async () => {
  await session.close();
  remove();
});

/** What the cells' last runs have printed, cell by cell. */
const printed = () =>
  session.cells.map((_, i) =>
    session.events.map((event) => (event.kind === "printed" && event.cell === i ? event.text : "")).join(""),
  );
const failures = () =>
  session.events.filter(
    (event): event is Extract<ScriptEvent, { kind: "failed" }> => event.kind === "failed",
  );
/** How many times the two cells at the top have run. */
const runsAbove = () => session.states.slice(0, 2).map(({ runs }) => runs);
const statuses = () => session.states.map(({ status }) => status).join(" ");

const cell = (...lines: string[]) => ["// %%", ...lines, ""].join("\n");
const first = cell(
  'import { basename } from "node:path";',
  'import { two, type Two } from "./helper.ts";',
  "let count: Two = 0;",
  "const born = {};",
  'console.log("first", basename("/a/b"), two);',
);
const second = cell(
  "const add = (n: number) => {",
  "  count += n;",
  "  return count;",
  "};",
  'console.log("second", add(1));',
);
const third = cell(
  "const alive = await Promise.resolve(born);",
  'console.log("third", add(1), count, alive === born);',
);
const fourth = cell('console.log("fourth");');
const whole = first + second + third + fourth;

/** Waits until a cell runs, and a little: until it is in the middle of what it does. */
async function untilRunning(): Promise<void> {
  while (!session.isRunning) await new Promise((done) => setTimeout(done, 10));
  await new Promise((done) => setTimeout(done, 150));
}

test("cells run in order, import packages and files, await, and assign each other's variables", async () => {
  await session.update(whole);
  expect(printed()).toEqual(["first b 2\n", "second 1\n", "third 2 2 true\n", "fourth\n"]);
  expect(statuses()).toBe("well well well well");
});

test("a changed cell and those below run again, and what is above stays alive", async () => {
  await session.update(whole);
  const before = runsAbove();
  await session.update(whole.replace('"third"', '"changed"'));
  // The counter went on from 2, so the cells that declare and use it have not run again.
  expect(printed()).toEqual(["first b 2\n", "second 1\n", "changed 3 3 true\n", "fourth\n"]);
  expect(runsAbove()).toEqual(before);
});

test("nothing runs where only comments changed or cells moved, and what they have shown moves along", async () => {
  const shown = (line: number) =>
    `globalThis[Symbol.for("adjoint.notebook")].send({ kind: "shown", cell: 1, line: ${line}, view: { kind: "text", text: "" } });`;
  await session.update(first + cell("", shown(9)));
  const places = () =>
    session.events.flatMap((event) => (event.kind === "shown" ? [[event.cell, event.line]] : []));
  expect(places()).toEqual([[1, 9]]);
  const states = session.states;
  await session.update(
    `// A comment.\n\n${first.replace("// %%", "// %% A title\n// and text\n")}${cell("// more", "", shown(9))}`,
  );
  expect(session.cells.map(({ title }) => title)).toEqual(["", "A title", ""]);
  expect(session.states.slice(1)).toEqual(states);
  expect(places()).toEqual([[2, 14]]);
});

test("an error is told with the script's line, also where the cell that it comes from has moved", async () => {
  const thrower = cell("function thrower() {", '  throw new TypeError("here");', "}");
  await session.update(thrower + fourth);
  await session.update(`${thrower.replace("// %%", "// %%\n// One more line.\n\n")}${cell("thrower();")}`);
  expect(failures()).toMatchObject([{ cell: 1, line: 6, name: "TypeError" }]);
  expect(failures()[0]!.stack).toMatch(/script\.ts:6:\d+\)?\n.*script\.ts:9:/);
});

test.each([
  ["an exception", 'throw new Error("oh");', { name: "Error", message: "oh" }],
  ["a rejected await", 'await Promise.reject(new Error("oh"));', { name: "Error", message: "oh" }],
  ["a syntax error", "const = 3;", { name: "SyntaxError" }],
  ["an end of the process", "process.exit(3);", { name: "process.exit" }],
])("%s leaves what is above alive, and what is below is not run", async (_, code, failed) => {
  await session.update(whole);
  const before = runsAbove();
  await session.update(first + second + cell("let x = 1;", code) + fourth);
  expect(statuses()).toBe("well well failed waiting");
  const line = (first + second).split("\n").length + 2;
  expect(failures()).toMatchObject([{ cell: 2, line, ...failed }]);
  await session.update(whole);
  expect(printed()[2]).toMatch(/^third \d+ \d+ true\n$/);
  expect(runsAbove()).toEqual(before);
  expect(statuses()).toBe("well well well well");
});

test("a name that a later cell declares is told with the way out", async () => {
  await session.update(cell("f();") + cell("function f() {}"));
  expect(failures()).toMatchObject([
    {
      name: "ReferenceError",
      message: "f is declared in a later cell (line 4); move it up to watch this script",
    },
  ]);
});

test.each([
  ["a loop", "while (true);"],
  ["a loop that catches what it can", "while (true) try { while (true); } catch {} finally {}"],
  ["a loop of microtasks", "while (true) await null;"],
  ["a loop that waits", "while (true) await new Promise((done) => setTimeout(done, 2));"],
  ["a loop in a timer", "await new Promise(() => setTimeout(() => { while (true); }, 1));"],
  ["a loop of immediates", "while (true) await new Promise((done) => setImmediate(done));"],
])("%s without end is interrupted, and what is above stays alive", async (_, code) => {
  await session.update(whole);
  const before = runsAbove();
  const run = session.update(first + second + cell(code) + fourth);
  await untilRunning();
  expect(await session.interrupt()).toBe(true);
  await run;
  expect(statuses()).toBe("well well failed waiting");
  expect(failures()).toMatchObject([{ cell: 2, name: "Interrupted" }]);
  await session.update(whole);
  expect(printed()[2]).toMatch(/^third \d+ \d+ true\n$/);
  expect(runsAbove()).toEqual(before);
  expect(notes).toEqual([]);
});

test("saving again while a cell runs without end interrupts it, and the new text runs", async () => {
  await session.update(whole);
  const before = runsAbove();
  const run = session.update(first + second + cell("while (true);") + fourth);
  await untilRunning();
  await session.update(whole);
  await run;
  expect(printed()[2]).toMatch(/^third \d+ \d+ true\n$/);
  expect(runsAbove()).toEqual(before);
});

test("what can't be stopped ends with the process, and all cells run again at the next change", async () => {
  await session.update(whole);
  const hidden =
    'const timers = await import("node:timers/promises");\nwhile (true) await timers.setTimeout(2);';
  const run = session.update(first + second + cell(hidden) + fourth);
  await untilRunning();
  await session.interrupt();
  await run;
  expect(failures()).toMatchObject(
    [{ cell: 2, name: "Interrupted", message: /ending the script's process/ }].map((each) => ({
      ...each,
      message: expect.stringMatching(each.message) as string,
    })),
  );
  await session.update(whole);
  expect(printed()).toEqual(["first b 2\n", "second 1\n", "third 2 2 true\n", "fourth\n"]);
  expect(notes).toEqual([expect.stringContaining("all cells run again from the top")]);
});

test("a variable that no cell declares any more is gone", async () => {
  await session.update(cell("let gone = 1;") + cell("gone = 2;"));
  await session.update(cell("console.log(typeof gone);"));
  expect(printed()).toEqual(["undefined\n"]);
});

test("a cell's module is the script for those who ask it who they are", async () => {
  await session.update(
    cell(
      'import { pathToFileURL } from "node:url";',
      "console.log(import.meta.url === pathToFileURL(process.argv[1]!).href, import.meta.filename === process.argv[1]);",
    ),
  );
  expect(printed().join("")).toBe("true true\n");
});

test("two restarts at once run each cell once", async () => {
  await session.update(cell('console.log("one");') + cell('console.log("two");'));
  await Promise.all([session.restart(), session.restart(), session.restart()]);
  expect(printed()).toEqual(["", "one\n", "two\n"].slice(-session.cells.length));
  expect(session.events.filter(({ kind }) => kind === "begin").length).toBe(2);
});

test("an update during a restart runs all cells again", async () => {
  const above = cell('console.log("above", Math.random());');
  await session.update(above + cell('console.log("below");'));
  const before = printed().join("");
  const restart = session.restart();
  await session.update(`${above}// A remark.\n${cell('console.log("below");')}`);
  await restart;
  expect(printed().join("")).toContain("below");
  expect(printed().join("")).not.toBe(before);
});

test("an error that an earlier cell throws late is that cell's, and the one that runs goes on", async () => {
  await session.update(
    cell('setTimeout(() => { throw new Error("late"); }, 20);', "void Promise.resolve().then(() => {});") +
      cell("await new Promise((done) => setTimeout(done, 300));", 'console.log("to the end");'),
  );
  expect(failures()).toMatchObject([{ message: "late", line: 2 }]);
  expect(session.cells[failures()[0]!.cell]!.from).toBe(1);
  expect(printed().join("")).toBe("to the end\n");
  expect(session.states.at(-1)!.status).toBe("well");
});

test("nothing is over while the last cell runs, whatever remark is written meanwhile", async () => {
  const slow = "await new Promise((done) => setTimeout(done, 400));";
  const first = session.update(cell(slow));
  await expect.poll(() => session.isRunning).toBe(true);
  const second = session.update(cell("// A remark.", slow));
  expect(session.isRunning).toBe(true);
  expect(session.events.some(({ kind }) => kind === "over")).toBe(false);
  await Promise.all([first, second]);
  expect(session.events.filter(({ kind }) => kind === "over").length).toBe(1);
  expect(session.events.filter(({ kind }) => kind === "begin").length).toBe(1);
});

test("the script's own name stands where it does when it runs by itself", async () => {
  await session.update(cell("console.log(process.argv.slice(1).join());"));
  expect(printed()).toEqual([`${join(folder, "script.ts")}\n`]);
});

test("what a cell says after it has moved stands in its new place", async () => {
  const late = cell("await new Promise((done) => setTimeout(done, 1000));", 'console.log("late");');
  const run = session.update(first + late);
  while (session.states[1]?.status !== "running") await new Promise((done) => setTimeout(done, 10));
  await untilRunning();
  await session.update(`// %% Title\n// Text.\n${first}${late}`);
  await run;
  expect(printed()).toEqual(["", "first b 2\n", "late\n"]);
});

test("a cell that moves while word of its beginning is on its way takes nothing from the cell that was there", async () => {
  const slow = cell("await new Promise((done) => setTimeout(done, 300));", 'console.log("slow");');
  const above = cell('console.log("above");');
  const run = session.update(above + slow);
  while (session.states[1]?.status !== "running") await new Promise((done) => setImmediate(done));
  // Now the process is told to begin, and its answer comes after the change.
  await session.update(cell("// Text.") + above + slow);
  await run;
  expect(printed()).toEqual(["", "above\n", "slow\n"]);
});

test("a cell that failed runs again though nothing changed", async () => {
  const source = cell(
    "globalThis.tries = (globalThis.tries ?? 0) + 1;",
    'if (tries < 2) throw new Error("once");',
  );
  await session.update(source);
  expect(statuses()).toBe("failed");
  await session.update(source);
  expect(statuses()).toBe("well");
});

test("a variable that another cell begins to assign is made again where that can be", async () => {
  await session.update(cell("let shared = 1;") + cell("console.log(shared);"));
  await session.update(cell("let shared = 1;") + cell("shared += 1;", "console.log(shared);"));
  expect(printed()).toEqual(["", "2\n"]);
});

test("seeds are counted by their place in the script, however often a cell runs", async () => {
  const seeding = (value: number) =>
    cell(
      `globalThis[Symbol.for("adjoint.notebook")].send({ kind: "fact", name: "seed 7", value: "${value}" });`,
    );
  await session.update(seeding(1) + seeding(2));
  await session.update(seeding(1) + seeding(3));
  expect(session.events.filter(({ kind }) => kind === "fact")).toEqual([
    { kind: "fact", name: "seed", value: "1" },
    { kind: "fact", name: "seed 2", value: "3" },
  ]);
});
