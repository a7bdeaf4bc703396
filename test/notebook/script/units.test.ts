import { expect, test } from "vitest";
import { edited } from "../../../packages/notebook/src/script/rewrite.ts";
import { CellReader } from "../../../packages/notebook/src/script/units.ts";

const unitsOf = (source: string) => new CellReader("/x/script.ts").unitsOf(source);
const urls = ["cell:0", "cell:1", "cell:2", "cell:3"];
/** The cells' modules without their maps. */
const modules = (source: string) => unitsOf(source).map((unit) => unit.module(urls).trim());
const errors = (source: string) => unitsOf(source).map(({ error }) => error && [error.line, error.message]);

test("a cell imports what it mentions of earlier cells, and exports what it declares", () => {
  const [first, second] = modules("const a = 1, b = 2;\n// %%\nfunction f() { return a; }\n");
  expect(first).toContain("export { a, b };");
  expect(second).toContain('import { a } from "cell:0";');
  expect(second).toContain("export { f };");
});

test("patterns, classes, enums and imports are declared names", () => {
  const [first] = modules(
    'import x, { y as z } from "x";\nconst { a, b: [c, ...d] } = x(z);\nclass E {}\nenum F { G }\nfor (var h = 0; ; ) break;\n// %%\nx, z;\n',
  );
  expect(first).toContain("export { x, z, a, c, d, E, F, h };");
});

test("types leave nothing behind, and an import that serves as a type alone doesn't ask for a value", () => {
  const [first, second] = modules(
    'import { type A, B, c } from "x";\ninterface D extends B {}\n// %%\nconst e: D & A = c;\n',
  );
  expect(first).toContain("import { c as c }");
  expect(first).toContain("const B = $module0.B;");
  expect(second).toMatch(/^import { c } from "cell:0";\nconst e = c;/);
});

test("an import that nothing uses is left out, as TypeScript does", () => {
  expect(modules('import { A } from "./types.ts";\nlet b: A;\n')[0]).not.toContain("types.ts");
});

test("a variable that another cell assigns is one of the global object", () => {
  const [first, second] = modules("let count = 0, other;\nexport let [a] = [1];\n// %%\ncount += 1;\na++;\n");
  expect(first).toMatch(/^globalThis.count = void 0;globalThis.other = void 0;globalThis.a = void 0;/);
  expect(first).toContain("(count = 0), (other = void 0);");
  expect(first).toContain("([a] = [1]);");
  expect(first).not.toContain("export");
  expect(second).not.toContain("import");
});

test("a variable that only its own cell assigns is an ordinary one", () => {
  expect(modules("let count = 0;\ncount++;\n// %%\nconsole.log(count);\n")[0]).toContain("let count = 0;");
});

test.each([
  [
    "a name of the global object",
    "let performance = 1;\n// %%\nperformance = 2;\n",
    [1, /performance is assigned in another cell.*another name/],
  ],
  ["a name declared twice", "const a = 1;\n// %%\n\nconst a = 2;\n", [4, /a is declared already, in line 1/]],
  ["a syntax error", "let a;\n// %%\nlet b;\nlet = ;\n", [4, /Unexpected/]],
  ["a return outside of a function", "let a;\n// %%\nreturn 3;\n", [3, /'return' outside of function/]],
  [
    "a loop's variable that another cell assigns",
    "for (var i = 0; ; ) break;\n// %%\ni = 2;\n",
    [1, /outside of blocks/],
  ],
  [
    "a later cell's name that is the global object's, too",
    "performance;\n// %%\nconst performance = 1;\n",
    [1, /later cell \(line 3\)/],
  ],
])("%s is refused at its line", (_, source, [line, message]) => {
  const found = errors(source).find((each) => each !== undefined)!;
  expect(found[0]).toBe(line);
  expect(found[1]).toMatch(message as RegExp);
});

test("a mistake leaves the other cells as they are", () => {
  expect(errors("let a;\n// %%\nlet = ;\n// %%\nlet c;\n").map((each) => each === undefined)).toEqual([
    true,
    false,
    true,
  ]);
});

test("comments, blank lines and types don't change what a cell does", () => {
  const key = (source: string) => unitsOf(source).at(-1)!.key;
  expect(key("// One.\n\nlet a: number = 1; // why\n")).toBe(key("let a = 1;\n"));
  expect(key("let a = 1;\n")).not.toBe(key("let a = 2;\n"));
});

test("using one more name of an import changes nothing in the cell that imports", () => {
  const key = (source: string) => unitsOf(source)[0]!.key;
  const head = 'import { a, b } from "x";\n// %%\na();\n';
  expect(key(`${head}b();\n`)).toBe(key(head));
});

test("names of later cells are known by their lines", () => {
  expect([...unitsOf("f();\n// %%\n\nfunction f() {}\n")[0]!.later]).toEqual([["f", 4]]);
});

test("a property's name is none that a cell mentions, and a function's own variables are none of its cell", () => {
  const [, second] = new CellReader("/a/script.ts").unitsOf(
    "const first = 1;\n// %%\nfunction f() {\n  var inner = 1;\n  return { first: 2 }.first + inner;\n}\n",
  );
  expect(second!.module(["a", "b"])).not.toMatch(/export \{[^}]*inner/);
  const [, third] = new CellReader("/a/script.ts").unitsOf("const first = 1;\n// %%\nconsole.first();\n");
  expect(third!.module(["a", "b"])).not.toContain("import");
});

test("what takes the place of several lines keeps their number", () => {
  expect(edited("one\ntwo\nthree", [{ start: 0, end: 7, text: "1" }])).toBe("1\n\nthree");
});

test("a name that comes from another cell makes another cell, and prose in front makes none", () => {
  const keyOf = (...above: string[]) =>
    new CellReader("/a/script.ts").unitsOf([...above, "a();\n"].join("// %%\n")).at(-1)!.key;
  const [one, two] = ["const a = () => 1;\n", "const b = 1;\n"];
  expect(keyOf(one, two)).not.toBe(keyOf(two, one));
  expect(keyOf("// Text.\n", one, two)).toBe(keyOf(one, two));
});
