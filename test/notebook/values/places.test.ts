// Where numbers stand in a terminal, and what is said of those that aren't shown.

import { chart, curves, heatMap, image, table, textOf, type View, view } from "@adjoint/notebook";
import { describe, expect, test } from "vitest";

const textIn = (shown: View, width = 80) => textOf(shown, { width, colour: false });

/** The rows of a chart between its axes, without labels. */
const drawing = (text: string) =>
  text
    .split("\n")
    .filter((line) => /[┤│]/.test(line))
    .map((line) => line.replace(/^[^┤│]*[┤│]/, ""));

describe("a chart in a terminal", () => {
  const axes = { x: "x", y: { label: "y", domain: [0, 2] } } as const;

  test("has each dot at its numbers", () => {
    const rows = drawing(textIn(chart([{ mark: "dots", name: "d", x: [0, 1], y: [0, 2] }], axes)));
    expect(rows[0]).toMatch(/^ +•$/);
    expect(rows[12]).toMatch(/^•$/);
  });

  test("fills a band from its low numbers to its high ones", () => {
    const rows = drawing(
      textIn(chart([{ mark: "band", name: "b", x: [0, 1], low: [0, 0], high: [1, 1] }], axes)),
    );
    // 1 is in the middle of thirteen rows.
    expect(rows.map((row) => row.includes("░"))).toEqual(rows.map((_, i) => i >= 6));
  });

  test("has a rule across y level at its y, and one across x upright at its x", () => {
    const rule = (across: "x" | "y") =>
      drawing(
        textIn(
          chart(
            [
              { mark: "dots", name: "d", x: [0, 1], y: [2, 2] },
              { mark: "rule", name: "r", at: 0, across },
            ],
            axes,
          ),
        ),
      );
    expect(rule("y")[12]).toMatch(/^┄{20,}$/);
    expect(
      rule("x")
        .slice(1)
        .map((row) => row[0]),
    ).toEqual(Array(12).fill("┊"));
  });

  test("has the greatest number at the top of its axis and at the right of the one below", () => {
    const lines = textIn(curves({ y: [0, 2] }, { x: "x", y: "y" })).split("\n");
    expect(lines.filter((line) => line.includes("┤")).map((line) => Number(line.split("┤")[0]))).toEqual([
      2, 1.5, 1, 0.5, 0,
    ]);
    expect(lines.at(-2)).toMatch(/^ +0 +0\.5 +1$/);
  });

  test("marks each line with its own letter", () => {
    const rows = drawing(textIn(curves({ low: [0, 0], high: [2, 2] }, { x: "x", y: "y" })));
    expect([rows[0], rows[12]]).toEqual([expect.stringContaining("b"), expect.stringContaining("a")]);
  });

  test("stands bars on 0, also where all are far from it, and says how many are left out", () => {
    const labels = Array.from({ length: 50 }, (_, i) => `bar ${i}`);
    const values = labels.map((_, i) => (i === 0 ? 200 : 100));
    const lines = textIn(chart([{ mark: "bars", name: "b", labels, values }], { x: "x", y: "y" })).split(
      "\n",
    );
    const length = (line: string) => line.replaceAll(/[^█]/g, "").length;
    expect(length(lines[1]!)).toBe(2 * length(lines[2]!));
    expect(lines.at(-1)).toBe("… 10 more bars: show a part of them, or see the report");
  });
});

describe("a grid in a terminal", () => {
  test("has its numbers in their rows and columns", () => {
    expect(
      textIn(
        heatMap([
          [1, 2, 3],
          [4, 5, 6],
        ]),
      ),
    ).toBe("  1  2  3\n  4  5  6");
  });

  test("has its shades in their rows and columns, NaN apart, and the least and greatest in its key", () => {
    const shown = heatMap(
      [
        [0, 4, 4],
        [Number.NaN, 0, 2],
      ],
      { numbers: false, label: "loss" },
    );
    expect(textIn(shown).split("\n")).toEqual(["│  ████│", "│NN  ▒▒│", "loss: blank 0 … ██ 4"]);
  });

  test("shows a pixel that is NaN as a cross", () => {
    expect(textIn(image([[1, Number.NaN]]))).toBe("▀×");
  });

  test("says that its places are means", () => {
    const rows = Array.from({ length: 64 }, () => Array<number>(4).fill(1));
    expect(textIn(heatMap(rows, { numbers: false }))).toContain("each place is the mean of 2 × 2");
  });
});

test("a long table has its first rows and its last, with the number of those between at their place", () => {
  const lines = textIn(table(Array.from({ length: 100 }, (_, i) => ({ i, name: `row ${i}` })))).split("\n");
  expect(lines[0]).toBe(" i  name");
  expect(lines.slice(36, 39).map((line) => line.trim())).toEqual([
    "34  row 34",
    "… 60 more rows: show a part of them, or see the report",
    "95  row 95",
  ]);
  expect(lines.at(-1)).toBe("99  row 99");
});

test("a long text has as many lines as it says", () => {
  const lines = textIn({ kind: "text", text: Array.from({ length: 200 }, (_, i) => i).join("\n") }).split(
    "\n",
  );
  expect(lines.slice(-2)).toEqual(["158", "… 41 more lines: show a part of it, or see the report"]);
});

test("a finding at the very end of its spread is as written", () => {
  const finding = { kind: "finding", what: "a", measured: 3, expected: 2, spread: 1, unit: "" } as const;
  expect(textIn({ ...finding, isCompared: true })).toMatch(/^✓/);
});

test.each([
  [12345.67, "12346"],
  [0.000012345, "1.234e-5"],
  [1.5e9, "1.5e9"],
  [Number.NEGATIVE_INFINITY, "-∞"],
])("%s is written with four digits, and all before the point", (value, text) => {
  expect(textIn(view(value, { digits: 4 }))).toBe(text);
});
