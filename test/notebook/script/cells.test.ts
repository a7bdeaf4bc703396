import { expect, test } from "vitest";
import { cellsOf } from "../../../packages/notebook/src/script/cells-of.ts";
import { marked } from "../../../packages/notebook/src/script/marked.ts";

const titles = (source: string) => cellsOf(source).map(({ title, from, to }) => [title, from, to]);
const pieces = (source: string) =>
  cellsOf(source).flatMap((cell) => cell.pieces.map(({ kind, text, from, to }) => [kind, text, from, to]));

test("a line that begins with // %% begins a cell, and the first cell begins at the first line", () => {
  expect(titles("let a;\n// %% Two\nlet b;\n//%%\nlet c;\n")).toEqual([
    ["", 1, 1],
    ["Two", 2, 3],
    ["", 4, 5],
  ]);
  expect(titles("// %% One\nlet a;")).toEqual([["One", 1, 2]]);
  expect(titles("")).toEqual([["", 1, 1]]);
});

test.each([
  ["a template string", "const a = `\n// %% no\n`;\n// %% yes\n"],
  ["a block comment", "/*\n// %% no\n*/\n// %% yes\n"],
  ["a function", "function f() {\n// %% no\n}\n// %% yes\n"],
  ["an argument list", "f(\n// %% no\n);\n// %% yes\n"],
  ["an interface", "interface A {\n// %% no\n}\n// %% yes\n"],
  ["a string in a template in a template", `\`\${\`\n// %% no\n\`}\`;\n// %% yes\n`],
  ["an expression that goes on", "const a = b +\n// %% no\nc;\n// %% yes\n"],
  ["a call that goes on, since no semicolon ends the line above", "const a = b\n// %% no\n(c);\n// %% yes\n"],
])("within %s no cell begins", (_, source) => {
  expect(titles(source).map(([title]) => title)).toEqual(["", "yes"]);
});

test("a mistake stays in its cell", () => {
  expect(titles("let a;\n// %% B\nlet = ;\n// %% C\nlet c;").map(([title]) => title)).toEqual(["", "B", "C"]);
  expect(titles("let a;\n// %% B\nif (a) {\n// %% C\nlet c;").map(([title]) => title)).toEqual([
    "",
    "B",
    "C",
  ]);
});

test("the cells of a script are all of its lines", () => {
  const cells = cellsOf("// a\n\n// %% b\nlet c;\n\n// %% d\n");
  expect(cells.map(({ from }) => from)).toEqual([1, ...cells.slice(0, -1).map(({ to }) => to + 1)]);
  expect(cells.at(-1)!.to).toBe(6);
});

test("comment lines that stand apart are prose, those above code are code", () => {
  expect(
    pieces("let a;\n\n// Prose,\n// two lines.\n\n// A reason.\nlet b; // behind\n  // indented\n"),
  ).toEqual([
    ["code", "let a;", 1, 1],
    ["markdown", "Prose,\ntwo lines.", 3, 4],
    ["code", "// A reason.\nlet b; // behind\n  // indented", 6, 8],
  ]);
});

test("the block at a cell's beginning is prose, even where code follows at once", () => {
  expect(pieces("// Head.\nlet a;\n// %% B\n// About b.\nlet b;")).toEqual([
    ["markdown", "Head.", 1, 1],
    ["code", "let a;", 2, 2],
    ["markdown", "About b.", 4, 4],
    ["code", "let b;", 5, 5],
  ]);
});

test("what looks like prose within a template string is code, and so is what tools read", () => {
  expect(pieces("const a = `\n\n// text\n\n`;").map(([kind]) => kind)).toEqual(["code"]);
  expect(pieces("// @ts-expect-error it is wrong\nlet a: string = 1;").map(([kind]) => kind)).toEqual([
    "code",
  ]);
});

test("a heading is prose, and a region's name or a source map's place is code", () => {
  for (const heading of ["// # Title", "// ## Part"])
    expect(pieces(`${heading}\n//\n// Text.\n\nlet a;\n`)[0]?.[0], heading).toBe("markdown");
  for (const directive of ["// #region one", "//#endregion", "//# sourceMappingURL=a.js.map"])
    expect(
      pieces(`let a;\n\n${directive}\n\nlet b;\n`).map(([kind]) => kind),
      directive,
    ).not.toContain("markdown");
});

test("a marked script calls where cells begin, and keeps every line at its place", () => {
  const source = "const a: number = 1\n// %% B\nconst b = a\n// %% C\nthrow new Error()\n";
  const code = marked(source, cellsOf(source), "/x/script.ts");
  expect(code).toContain("__adjointCell(1);");
  expect(code).toContain("__adjointCell(2);");
  const [, map] = /base64,(.*)/.exec(code)!;
  expect(JSON.parse(Buffer.from(map!, "base64").toString()).sources).toEqual(["file:///x/script.ts"]);
});

test("a cell of a script whose lines end as on Windows has no such ends", () => {
  expect(cellsOf("let a;\r\n// %% Title\r\nlet b;\r\n")).toMatchObject([
    { title: "", pieces: [{ text: "let a;" }] },
    { title: "Title", pieces: [{ text: "let b;" }] },
  ]);
});

test("a bracket after a statement that has ended begins a cell", () => {
  expect(cellsOf("const a = 1;\n// %%\n[2].map(String);\n")).toHaveLength(2);
});
