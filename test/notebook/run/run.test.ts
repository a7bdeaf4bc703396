import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { ScriptEvent } from "../../../packages/notebook/src/run/events.ts";
import { ownConditions } from "../../../packages/notebook/src/run/process.ts";
import { type RunResult, run } from "../../../packages/notebook/src/run/run.ts";
import { conditions, scratch } from "./scratch.ts";

/** Runs a script and gathers its output. */
async function ran(folder: string, args: readonly string[] = []): Promise<RunResult & { output: string }> {
  let output = "";
  const result = await run(join(folder, "script.ts"), {
    arguments: args,
    conditions,
    onOutput: (text) => {
      output += text;
    },
  });
  return { ...result, output };
}

const kinds = <K extends ScriptEvent["kind"]>(events: readonly ScriptEvent[], kind: K) =>
  events.filter((event): event is Extract<ScriptEvent, { kind: K }> => event.kind === kind);

const script = `import { tensor } from "@adjoint/autograd";
import { show } from "@adjoint/notebook";
import { basename } from "node:path";
import { two, type Number } from "./helper.ts";

console.log("first", two satisfies Number, process.argv.slice(2).join());
// %% Second
let count = 0;
await new Promise((done) => setTimeout(done, 5));
console.error(basename("/a/b"));
// %% Third
function reveal() {
  show(tensor([1, 2]).mul(two));
}
count++;
reveal();
console.log("last", count);
`;

test("a script's cells, prints and views arrive as events, and it prints what it prints by plain tsx", async () => {
  const folder = scratch({
    "script.ts": script,
    "helper.ts": "export const two = 2;\nexport type Number = number;\n",
  });
  const { events, output, exitCode } = await ran(folder, ["a", "--fast"]);
  expect(exitCode).toBe(0);
  expect(kinds(events, "begin").map(({ cell }) => cell)).toEqual([0, 1, 2]);
  expect(kinds(events, "end").map(({ cell }) => cell)).toEqual([0, 1, 2]);
  expect(kinds(events, "printed").map(({ cell, stream, text }) => [cell, stream, text])).toEqual([
    [0, "out", "first 2 a,--fast\n"],
    [1, "error", "b\n"],
    [2, "out", "last 1\n"],
  ]);
  expect(kinds(events, "shown").map(({ cell, line }) => [cell, line])).toEqual([[2, 13]]);
  expect(events.at(-1)).toEqual({ kind: "over" });
  const alone = execFileSync(
    process.execPath,
    ["--conditions=@adjoint/source", "--import", "tsx", join(folder, "script.ts"), "a", "--fast"],
    { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] },
  );
  expect(output.replace("b\n", "")).toBe(alone);
});

test.each([
  [
    "an exception",
    'function f(): never {\n  throw new RangeError("too far");\n}\nf();\n',
    ["RangeError", "too far", 4],
    1,
  ],
  [
    "a rejection that nobody awaits",
    'const x: number = 1;\nvoid Promise.reject(new Error("lost"));\n',
    ["Error", "lost", 4],
    1,
  ],
  ["what is thrown and is no error", "\nthrow 3;\n", ["thrown", "3", null], 1],
  [
    "a promise that is never settled",
    "await new Promise(() => {});\n",
    ["Unsettled", /can't come any more/, null],
    13,
  ],
])("%s is a failure of its cell, with the script's line", async (_, code, [name, message, line], exit) => {
  const folder = scratch({ "script.ts": `let a: string;\n// %%\n${code}` });
  const { events, exitCode } = await ran(folder);
  const [failed, ...more] = kinds(events, "failed");
  expect(more).toEqual([]);
  expect(failed).toMatchObject({ cell: 1, name, line });
  expect(failed!.message).toMatch(message as string);
  expect(exitCode).toBe(exit);
});

test("process.exit ends the script with its code, and nothing that was sent before is lost", async () => {
  const folder = scratch({
    "script.ts": `const link = globalThis[Symbol.for("adjoint.notebook")];
link.send({ kind: "shown", cell: 0, line: 2, view: { kind: "text", text: "x".repeat(3e6) } });
console.log("said");
process.exit(4);
`,
  });
  const { events, exitCode } = await ran(folder);
  expect(exitCode).toBe(4);
  expect(kinds(events, "shown")).toHaveLength(1);
  expect(kinds(events, "printed").map(({ text }) => text)).toEqual(["said\n"]);
  expect(kinds(events, "failed")).toEqual([]);
});

test("both streams keep their text apart, letters that come in two chunks are whole, and times are milliseconds", async () => {
  const folder = scratch({
    "script.ts": `process.stdout.write(Buffer.from([0xcf]));
process.stdout.write(Buffer.from([0x86]));
process.stderr.write("aside");
process.stdout.write("b");
process.stdout.write("c");
await new Promise((done) => setTimeout(done, 40));
`,
  });
  const { events } = await ran(folder);
  expect(kinds(events, "printed").map(({ stream, text }) => [stream, text])).toEqual([
    ["out", "φ"],
    ["error", "aside"],
    ["out", "bc"],
  ]);
  const [end] = kinds(events, "end");
  // A timer may be a millisecond early; on a busy machine it is late.
  expect(end!.milliseconds).toBeGreaterThan(38);
});

test("what is printed is heard while the script waits, and a run that is stopped there has exit code 130", async () => {
  const folder = scratch({
    "script.ts": 'let a = 1;\n// %%\nconsole.log("said");\nsetTimeout(() => process.exit(a), 5000);\n',
  });
  const stopper = new AbortController();
  const { events, exitCode } = await run(join(folder, "script.ts"), {
    conditions,
    onOutput: () => {},
    onEvent: (event) => {
      if (event.kind === "printed") stopper.abort();
    },
    signal: stopper.signal,
  });
  expect(exitCode).toBe(130);
  expect(kinds(events, "failed")).toMatchObject([{ cell: 1, name: "Interrupted" }]);
});

test.each([
  ["esbuild", "let a;\n// %%\nlet = ;\n"],
  ["acorn", "let a;\n// %%\nreturn 3;\n"],
])("what %s can't read is a failure at its line, and nothing is run", async (_, source) => {
  const { events, exitCode, output } = await ran(scratch({ "script.ts": source }));
  expect(events).toMatchObject([{ kind: "failed", cell: 1, line: 3, name: "SyntaxError" }]);
  expect(output).toContain("script.ts:3");
  expect(exitCode).toBe(1);
});

test("the conditions of this process are those of the script's", () => {
  expect(ownConditions(["--conditions=a", "-C", "b", "--import", "x", "--conditions", "c", "-C=d"])).toEqual([
    "a",
    "b",
    "c",
    "d",
  ]);
});

test("messages that a script sends to whoever started it are not taken for the runner's", async () => {
  const folder = scratch({
    "script.ts":
      '\uFEFF// # Title\nfor (const message of ["ready", null, { kind: "shown" }, { kind: 1 }]) process.send!(message);\nconsole.log("on");\n',
  });
  const { events, cells, exitCode } = await ran(folder);
  expect(exitCode).toBe(0);
  expect(events.map(({ kind }) => kind)).toEqual(["begin", "printed", "end", "over"]);
  // The mark of the bytes' order in front hides nothing of the first line.
  expect(cells[0]!.pieces[0]).toMatchObject({ kind: "markdown", text: "# Title" });
});
