import { spawnSync } from "node:child_process";
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { decode } from "fast-png";
import { expect, onTestFinished, test, vi } from "vitest";
import { main } from "../../../packages/notebook/src/cli/main.ts";
import { newProject } from "../../../packages/notebook/src/cli/new.ts";
import { COLOURS } from "../../../packages/notebook/src/html/palette.ts";
import { scratch } from "../run/scratch.ts";

const PACKAGE = join(import.meta.dirname, "../../../packages/notebook");

/** What the command says, and its exit code. */
async function said(...args: string[]): Promise<{ code: number; out: string; error: string }> {
  let [out, error] = ["", ""];
  const spies = [
    vi.spyOn(process.stdout, "write").mockImplementation((text) => Boolean((out += String(text)))),
    vi.spyOn(process.stderr, "write").mockImplementation((text) => Boolean((error += String(text)))),
    vi.spyOn(console, "log").mockImplementation((text) => void (out += String(text))),
  ];
  try {
    return { code: await main(args), out, error };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

const folder = () => scratch({ "experiment.ts": "", "notes.md": "" });

test.each([
  [
    "a file that isn't there",
    (at: string) => ["run", join(at, "nothing.ts")],
    /there is no file .*nothing\.ts$/m,
  ],
  [
    "a name with a slip",
    (at: string) => ["run", join(at, "experimnt.ts")],
    /did you mean .*experiment\.ts\?/,
  ],
  ["a folder", (at: string) => ["run", at], /is a folder; name the script in it/],
  [
    "what is no script",
    (at: string) => ["run", join(at, "notes.md")],
    /is no script: its name must end in \.ts/,
  ],
  [
    "an option that there isn't",
    () => ["run", "a.ts", "--fats"],
    /no option --fats: there are --watch, .*stands behind --/,
  ],
  ["two files", () => ["run", "a.ts", "b.ts"], /one name is enough, and here are 2/],
  ["no file", () => ["run"], /FILE/],
  [
    "--watch that writes",
    (at: string) => ["run", join(at, "experiment.ts"), "--watch", "--png"],
    /--watch writes no files/,
  ],
  ["another command", () => ["walk"], /walk/],
  ["a name that npm doesn't take", () => ["new", "My Experiment"], /small letters, digits, and dashes/],
  [
    "a folder that holds something",
    (at: string) => ["new", at.replaceAll(/[A-Z]/g, "x") && at],
    /exists already|package's name/,
  ],
])("%s is refused with the way out, and exit code 2", async (_, args, message) => {
  const { code, error } = await said(...args(folder()));
  expect(error).toMatch(message);
  expect(error).toMatch(/^adjoint-notebook: /);
  expect(code).toBe(2);
});

test("the command of a checkout that is not built says how to run a script there", () => {
  const bin = join(scratch({}), "bin");
  cpSync(join(PACKAGE, "bin"), bin, { recursive: true });
  const { status, stderr } = spawnSync(process.execPath, [join(bin, "adjoint-notebook.mjs"), "run", "a.ts"], {
    encoding: "utf8",
  });
  expect(stderr).toMatch(/not built\. npm run experiment FILE\.ts/);
  expect(stderr).not.toContain("    at ");
  expect(status).toBe(2);
});

/** A script that draws on the report without loading a package. */
const drawing = `const shown = (view: object) =>
  (globalThis as any)[Symbol.for("adjoint.notebook")].send({ kind: "shown", cell: 0, line: 1, view });
const axis = { label: "x" };
const chart = (title: string) => ({
  kind: "chart", title, x: axis, y: axis, note: "", layers: [{ mark: "line", name: "l", x: [0, 1], y: [0, 1] }],
});
shown(chart("one"));
shown({ kind: "text", text: "no picture" });
shown(chart("two"));
shown({ kind: "text", text: JSON.stringify(process.argv.slice(2)) });
process.exitCode = 3;
`;

test("a run writes its report and its pictures, numbered and on light paper, and has the script's exit code", async () => {
  const at = scratch({ "experiment.ts": drawing });
  const { code, error } = await said(
    "run",
    join(at, "experiment.ts"),
    "--fast",
    "--svg",
    "--png",
    "--",
    "more",
  );
  expect(code).toBe(3);
  const files = [
    "experiment.html",
    "experiment-1.svg",
    "experiment-1.png",
    "experiment-2.svg",
    "experiment-2.png",
  ];
  expect(error.match(/wrote .*/g)).toEqual(files.map((file) => expect.stringMatching(`${file}$`)));
  expect(readdirSync(at).sort()).toEqual([...files, "experiment.ts"].sort());
  const report = readFileSync(join(at, "experiment.html"), "utf8");
  expect(report).toContain("[&quot;more&quot;,&quot;--fast&quot;]");
  expect(report).toMatch(/<dt>mode<\/dt><dd>fast<\/dd>.*<dt>Node<\/dt>/);
  for (const number of [1, 2]) {
    const svg = readFileSync(join(at, `experiment-${number}.svg`), "utf8");
    expect(svg).toContain(`fill="${COLOURS.paper!.light}"`);
    expect(svg).toContain(number === 1 ? ">one<" : ">two<");
    const { data } = decode(readFileSync(join(at, `experiment-${number}.png`)));
    expect([...data.slice(0, 3)]).toEqual([255, 255, 255]);
  }
});

test("a command that says nothing is answered with its usage, and exit code 2", async () => {
  const { code, out } = await said();
  expect(out).toContain("adjoint-notebook");
  expect(code).toBe(2);
});

test("help names every option", async () => {
  const { code, out } = await said("run", "--help");
  for (const option of ["--watch", "--fast", "--png", "--svg", "--out"]) expect(out).toContain(option);
  expect(code).toBe(0);
});

/** A copy of the package's own files in a folder. */
function installed(folder: string): string {
  cpSync(join(PACKAGE, "template"), join(folder, "template"), { recursive: true });
  cpSync(join(PACKAGE, "package.json"), join(folder, "package.json"));
  return folder;
}

test("a new project installs the tarballs that the command itself was installed from", () => {
  const { version } = JSON.parse(readFileSync(join(PACKAGE, "package.json"), "utf8"));
  const at = scratch({ "autograd.tgz": "", "notebook.tgz": "" });
  const root = installed(join(at, "tools/node_modules/@adjoint/notebook"));
  const packages = {
    "node_modules/@adjoint/autograd": { resolved: "file:../autograd.tgz" },
    "node_modules/@adjoint/nn": { resolved: "https://registry.npmjs.org/@adjoint/nn/-/nn.tgz" },
    "node_modules/@adjoint/notebook": { resolved: "file:../notebook.tgz" },
  };
  writeFileSync(join(at, "tools/node_modules/.package-lock.json"), JSON.stringify({ packages }));
  const project = newProject(join(at, "work/my-experiment"), root);
  expect(JSON.parse(readFileSync(join(project, "package.json"), "utf8")).dependencies).toEqual({
    "@adjoint/autograd": "file:../../autograd.tgz",
    "@adjoint/nn": `^${version}`,
    "@adjoint/notebook": "file:../../notebook.tgz",
  });
});

test("a new project of a checkout installs what npm run pack has written there, and nothing that is not there", () => {
  const { version } = JSON.parse(readFileSync(join(PACKAGE, "package.json"), "utf8"));
  const at = scratch({ [`adjoint-nn-${version}.tgz`]: "" });
  const root = installed(join(at, "packages/notebook"));
  const project = newProject(join(at, "my-experiment"), root);
  expect(JSON.parse(readFileSync(join(project, "package.json"), "utf8")).dependencies).toEqual({
    "@adjoint/autograd": `^${version}`,
    "@adjoint/nn": `file:../adjoint-nn-${version}.tgz`,
    "@adjoint/notebook": `^${version}`,
  });
});

test("a new project has its name and this version, and all that the template has", () => {
  const at = join(scratch({}), "my-experiment");
  const root = installed(join(scratch({}), "packages/notebook"));
  expect(newProject(at, root)).toBe(at);
  const manifest = JSON.parse(readFileSync(join(at, "package.json"), "utf8"));
  const { version } = JSON.parse(readFileSync(join(PACKAGE, "package.json"), "utf8"));
  expect(manifest.name).toBe("my-experiment");
  expect(manifest.dependencies["@adjoint/notebook"]).toBe(`^${version}`);
  expect(readFileSync(join(at, "README.md"), "utf8")).toMatch(/^# my-experiment\n/);
  expect(existsSync(join(at, ".gitignore"))).toBe(true);
  expect(readdirSync(at, { recursive: true })).toEqual(
    expect.arrayContaining([join("src", "experiment.ts"), join("test", "snake.test.ts")]),
  );
  expect(() => newProject(at, root)).toThrow("exists already");
});

test("a report takes the place of a report, and of nothing else", async () => {
  const at = scratch({ "page.ts": "", "page.html": "<p>my own page</p>", "experiment.ts": "" });
  const script = join(at, "page.ts");
  const refused = await said("run", script);
  expect(refused.code).toBe(2);
  expect(refused.error).toMatch(/page\.html is there and is no report.*--out FILE/);
  expect(readFileSync(join(at, "page.html"), "utf8")).toBe("<p>my own page</p>");
  expect((await said("run", script, "--out", script)).error).toMatch(/names the script itself/);
  expect((await said("run", script, "--out", at)).error).toMatch(/names a folder/);
  for (const _ of [1, 2]) expect((await said("run", join(at, "experiment.ts"))).code).toBe(0);
});

test("a report that can't be written where it belongs is written elsewhere, which is said", async () => {
  const at = scratch({ "experiment.ts": "", file: "" });
  const { code, error } = await said("run", join(at, "experiment.ts"), "--out", join(at, "file", "a.html"));
  expect(code).toBe(0);
  expect(error).toMatch(/a\.html can't be written/);
  const written = /wrote (.*)/.exec(error)![1]!;
  onTestFinished(() => rmSync(dirname(resolve(written)), { recursive: true }));
  expect(readFileSync(resolve(written), "utf8")).toContain("<footer>");
});
