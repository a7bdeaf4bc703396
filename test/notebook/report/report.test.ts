import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { timeText } from "../../../packages/notebook/src/report/cell.ts";
import { drawCode } from "../../../packages/notebook/src/report/code.ts";
import { readable } from "../../../packages/notebook/src/report/console.ts";
import { reportOf } from "../../../packages/notebook/src/report/index.ts";
import { drawOutput } from "../../../packages/notebook/src/report/output.ts";
import { type Output, placed } from "../../../packages/notebook/src/report/place.ts";
import { all, intruders, parsed } from "../html/elements.ts";
import { HOSTILE, ORDINARY } from "../html/samples.ts";
import { CELLS, reportInput } from "./sample.ts";

const views = [ORDINARY.text!, ORDINARY.table!, ORDINARY["two curves"]!];

describe("a report", () => {
  it("has the title of its first cell and the facts of the run", async () => {
    const html = await reportOf(reportInput(views));
    const page = parsed(html);
    expect(page.querySelector("title")!.textContent).toBe("Does width help with h = \\tfrac12 g t^2?");
    expect(all(page, "h1")).toHaveLength(1);
    expect(page.querySelector("h1 em")!.textContent).toBe("width");
    expect(all(page, ".facts dt").map((each) => each.textContent)).toEqual([
      "date",
      "Node",
      "@adjoint/nn",
      "mode",
      "seed",
    ]);
    expect(all(page, ".facts dd").map((each) => each.textContent)).toContain("42");
  });

  it("has each output below the code that showed it, in order, and text where the last output was", async () => {
    const page = parsed(await reportOf(reportInput(views)));
    const blocks = all(page, "#cell-2 > .code, #cell-2 > .prose, #cell-2 > .outputs").map((each) =>
      each.getAttribute("class") === "outputs"
        ? all(each, "pre").map((pre) => pre.textContent)
        : each.getAttribute("class"),
    );
    expect(blocks).toEqual([
      "code",
      ["the first", "green and plain", "the first again"],
      "prose",
      "code",
      ["the second", "Warning: <b>x</b>"],
    ]);
    expect(page.querySelector("#cell-2 .stream")!.textContent).toBe("standard error");
  });

  it("numbers lines as in the file, and marks the one that failed", async () => {
    const page = parsed(await reportOf(reportInput(views)));
    expect(all(page, ".code").map((each) => each.getAttribute("aria-label"))).toEqual([
      "Code, line 7",
      "Code, lines 10 to 11",
      "Code, lines 16 to 17",
      "Code, lines 20 to 21",
      "Code, lines 30 to 32",
    ]);
    expect(all(page, ".failed-line").map((each) => each.textContent)).toEqual(["x.fail();"]);
    expect(page.querySelector(".error strong")!.textContent).toBe("TypeError at line 31");
    expect(page.querySelector(".error .message")!.textContent).toBe("x.fail is not a function");
  });

  it("has a bar of progress in its last state, and each cell's time", async () => {
    const page = parsed(await reportOf(reportInput(views)));
    expect(
      all(page, "progress").map((each) => [each.getAttribute("value"), each.getAttribute("max")]),
    ).toEqual([["7", "10"]]);
    expect(all(page, ".timing").map((each) => each.textContent)).toEqual([
      "3.2 ms",
      "1.2 s",
      "65.4 s",
      "1.0 ms",
    ]);
  });

  it("has contents where it has more than three cells, and headings without gaps", async () => {
    const page = parsed(await reportOf(reportInput(views)));
    expect(all(page, "nav a").map((each) => [each.getAttribute("href"), each.textContent])).toEqual([
      ["#cell-2", "Before and after"],
      ["#cell-3", "Everything"],
      ["#cell-4", "An error"],
    ]);
    expect(all(page, "h1,h2,h3,h4").map((each) => each.localName)).toEqual(["h1", "h2", "h3", "h2", "h2"]);
    const input = reportInput(views);
    const short = parsed(await reportOf({ ...input, cells: CELLS.slice(0, 3) }));
    expect(all(short, "nav")).toEqual([]);
  });

  it("asks for nothing and runs no script", async () => {
    const html = await reportOf(reportInput(Object.values(ORDINARY)));
    expect(intruders(html)).toEqual([]);
    expect(html).not.toMatch(/@import|url\((?!data:)/);
    const policy = parsed(html).querySelector("meta[http-equiv]")!.getAttribute("content");
    expect(policy).toBe(
      "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; base-uri 'none'; form-action 'none'",
    );
  });

  it("that is live has the one script that its policy names by its hash", async () => {
    const html = await reportOf({ ...reportInput(views), live: true });
    const scripts = [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)];
    expect(scripts).toHaveLength(1);
    const hash = createHash("sha256").update(scripts[0]![1]!).digest("base64");
    expect(parsed(html).querySelector("meta[http-equiv]")!.getAttribute("content")).toContain(
      `script-src 'sha256-${hash}'; connect-src 'self'`,
    );
  });

  it("makes no element of hostile text, wherever it stands", async () => {
    const input = reportInput([]);
    const html = await reportOf({
      name: HOSTILE,
      source: HOSTILE,
      facts: [{ name: HOSTILE, value: HOSTILE }],
      cells: input.cells.map((cell) => ({
        ...cell,
        title: HOSTILE,
        pieces: cell.pieces.map((piece) => ({ ...piece, text: HOSTILE })),
      })),
      events: [
        { kind: "printed", cell: 0, stream: "out", text: HOSTILE },
        { kind: "progress", cell: 0, id: 0, label: HOSTILE, done: 1, total: null, isOver: false },
        { kind: "failed", cell: 1, line: 11, name: HOSTILE, message: HOSTILE, stack: HOSTILE },
      ],
    });
    expect(intruders(html)).toEqual([]);
  });

  it("of a script that can't be read shows the script and the error at its line", async () => {
    const page = parsed(
      await reportOf({
        name: "broken.ts",
        source: "const a = 1;\nconst = 2;\n",
        cells: [],
        facts: [],
        events: [
          {
            kind: "failed",
            cell: 0,
            line: 2,
            name: "SyntaxError",
            message: "Expected identifier",
            stack: "",
          },
        ],
      }),
    );
    expect(page.querySelector("h1")!.textContent).toBe("broken.ts");
    expect(all(page, ".failed-line").map((each) => each.textContent)).toEqual(["const = 2;"]);
    expect(page.querySelector(".error strong")!.textContent).toBe("SyntaxError at line 2");
  });

  it("loses no output of a cell that is empty or isn't there", async () => {
    const empty = { title: "empty", pieces: [], from: 1, to: 1 };
    const page = parsed(
      await reportOf({
        ...reportInput([]),
        cells: [empty],
        events: [
          { kind: "printed", cell: 0, stream: "out", text: "printed" },
          { kind: "failed", cell: 7, line: null, name: "RangeError", message: "elsewhere", stack: "" },
        ],
      }),
    );
    expect(all(page, ".outputs pre").map((each) => each.textContent)).toEqual(["printed", "elsewhere"]);
  });

  it("says which cells were not run, and which is running", async () => {
    const { events, ...input } = reportInput(views);
    const states = async (some: typeof events) =>
      all(parsed(await reportOf({ ...input, events: some })), ".timing").map((each) => each.textContent);
    expect(await states([{ kind: "begin", cell: 0 }])).toEqual(["running …"]);
    expect(
      await states([{ kind: "begin", cell: 0 }, { kind: "end", cell: 0, milliseconds: 2 }, { kind: "over" }]),
    ).toEqual(["2.0 ms", "not run", "not run", "not run"]);
  });

  it("folds long code, but not where a line of it failed", async () => {
    const { events, ...input } = reportInput([]);
    const text = Array.from({ length: 100 }, (_, i) => `const x${i} = ${i};`).join("\n");
    const cells = [
      { title: "long", from: 1, to: 101, pieces: [{ kind: "code" as const, text, from: 2, to: 101 }] },
    ];
    const folded = parsed(await reportOf({ ...input, cells, events: [] }));
    expect(folded.querySelector("details.long summary")!.textContent).toBe("Code, lines 2 to 101");
    const failed = { kind: "failed", cell: 0, line: 50, name: "E", message: "m", stack: "" } as const;
    expect(
      parsed(await reportOf({ ...input, cells, events: [failed] })).querySelector("details.long"),
    ).toBeNull();
  });
});

describe("console output", () => {
  it("loses colours, what was written over, and its last line's end", () => {
    expect(readable("\u001b[1mbold\u001b[0m\n 10%\r 50%\r100%\nend\r\n")).toBe("bold\n100%\nend");
  });

  it("that is long keeps its beginning and end and says what it leaves out", () => {
    const lines = readable(Array.from({ length: 1_000 }, (_, i) => `line ${i}`).join("\n")).split("\n");
    expect(lines).toHaveLength(361);
    expect([lines[0], lines[299], lines[300], lines[360]]).toEqual([
      "line 0",
      "line 299",
      "… (640 lines left out) …",
      "line 999",
    ]);
    expect(readable("x".repeat(5_000))).toMatch(/^x{2000}… \(3000 characters more\)$/);
  });
});

describe("a cell's events", () => {
  const cell = {
    title: "",
    from: 1,
    to: 9,
    pieces: [
      { kind: "code", text: "a", from: 2, to: 4 },
      { kind: "code", text: "b", from: 6, to: 9 },
    ],
  } as const;

  it("stand below the piece whose first line they come from, too", () => {
    const shown = (line: number) =>
      ({ kind: "shown", cell: 0, line, view: { kind: "text", text: "" } }) as const;
    expect(placed(cell, [shown(6), shown(5)]).outputs.map(({ length }) => length)).toEqual([1, 1]);
  });

  it("keep the two streams apart", () => {
    const printed = (stream: "out" | "error", text: string) =>
      ({ kind: "printed", cell: 0, stream, text }) as const;
    expect(
      placed(cell, [printed("out", "a"), printed("error", "b"), printed("error", "c")]).outputs[0],
    ).toEqual([
      { kind: "printed", stream: "out", text: "a" },
      { kind: "printed", stream: "error", text: "bc" },
    ]);
  });
});

it("times are told in milliseconds, seconds, and minutes", () => {
  expect([3.21, 999, 1234, 99_900, 110_000, 3_599_000].map(timeText)).toEqual([
    "3.2 ms",
    "999 ms",
    "1.2 s",
    "99.9 s",
    "1 min 50 s",
    "59 min 59 s",
  ]);
});

it("code counts its lines from its first, and stays open where that one failed", async () => {
  expect((await drawCode("a\nb", 10, new Set())).text).toContain("counter-reset:line 9");
  const long = "a;\n".repeat(70);
  expect((await drawCode(long, 10, new Set())).text).toMatch(/^<details/);
  expect((await drawCode(long, 10, new Set([10]))).text).not.toMatch(/^<details/);
});

it("an output says how much is done of how much, and which text is an error's", async () => {
  const page = { headings: { base: 2, previous: 1 } };
  const text = async (output: Output) => (await drawOutput(output, page)).text;
  const bar = { kind: "progress", cell: 0, id: 1, label: "run", done: 1, total: 4, isOver: true } as const;
  expect(await text(bar)).toContain("run: 1 of 4");
  expect(await text({ kind: "printed", stream: "error", text: "a" })).toContain("standard error</span>");
  expect(await text({ kind: "printed", stream: "out", text: "a" })).not.toContain("standard error");
});

it("a report names each seed that it was told, and its window has the title as text", async () => {
  const html = await reportOf({
    ...reportInput([]),
    cells: [{ title: "<i>One</i>", pieces: [], from: 1, to: 1 }],
    facts: [{ name: "seed", value: "1" }],
    events: [
      { kind: "fact", name: "seed", value: "1" },
      { kind: "fact", name: "seed", value: "2" },
    ],
  });
  expect(html).toContain("<dt>seed</dt><dd>1, 2</dd>");
  expect(html).toContain("<title>&lt;i&gt;One&lt;/i&gt;</title>");
});
