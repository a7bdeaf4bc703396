// What charts, grids and findings look like in a terminal.

import { chart, curves, heatMap, image, textOf, type View } from "@adjoint/notebook";
import { describe, expect, test } from "vitest";

const plain = { width: 80, colour: false };
const textIn = (view: View) => textOf(view, plain);

/** The rows of a chart between its axes, without labels. */
const drawing = (text: string) =>
  text
    .split("\n")
    .filter((line) => /[┤│]/.test(line))
    .map((line) => line.replace(/^[^┤│]*[┤│]/, ""));

describe("a chart", () => {
  test("names its axes with their units, and says what is logarithmic", () => {
    const text = textIn(
      curves(
        { loss: [1, 0.1] },
        { x: { label: "time", unit: "s" }, y: { label: "loss", unit: "nats", scale: "log" } },
      ),
    );
    expect(text.split("\n")[0]).toBe("loss (nats), logarithmic");
    expect(text).toMatch(/\n +time \(s\)$/);
  });

  test("with a logarithmic axis draws equal ratios as equal steps", () => {
    const rows = drawing(textIn(curves({ y: [1, 10, 100] }, { x: "x", y: { label: "y", scale: "log" } })));
    const rowOf = (column: number) => rows.findIndex((row) => (row[column] ?? " ") !== " ");
    const middle = Math.round((Math.max(...rows.map((row) => row.length)) - 1) / 2);
    // Each ratio of 10 is half of the twelve steps between the least and the greatest.
    expect([rowOf(0), rowOf(middle)]).toEqual([12, 6]);
  });

  test("labels a logarithmic axis with the numbers, not with their logarithms", () => {
    const text = textIn(curves({ y: [1, 10, 100] }, { x: "x", y: { label: "y", scale: "log" } }));
    const labels = text
      .split("\n")
      .flatMap((line) => (line.includes("┤") ? [Number(line.split("┤")[0])] : []));
    // A label on every third of twelve steps, over two orders of magnitude; three digits and more are written.
    expect(labels).toHaveLength(5);
    labels.forEach((label, i) => {
      expect(Math.abs(label / 10 ** (2 - i / 2) - 1)).toBeLessThan(5e-3);
    });
  });

  test("leaves numbers out that have no place on a logarithmic axis", () => {
    const rows = drawing(
      textIn(curves({ y: [1, 0, -5, Number.NaN, 10] }, { x: "x", y: { label: "y", scale: "log" } })),
    );
    expect(rows.join("").replaceAll(" ", "")).toHaveLength(2);
  });

  test("has a gap where a number is not finite, in its very columns, and goes on behind it", () => {
    const rows = (ys: readonly number[]) => textIn(curves({ y: ys }, { x: "x", y: "y" })).split("\n");
    // As many numbers as there are columns: each has its own.
    const width = rows([1, 1])
      .find((row) => row.includes("└"))!
      .split("└")[1]!.length;
    const ys = Array.from({ length: width }, (_, i) => (i >= 20 && i < 40 ? Number.NaN : 1));
    const line = rows(ys).find((row) => /[┤│].*─/.test(row))!;
    expect(line.split(/[┤│]/)[1]).toBe("─".repeat(20) + " ".repeat(20) + "─".repeat(width - 40));
  });

  test("tells lines apart by letters where there are no colours, and by colours where there are", () => {
    const view = curves({ training: [2, 1], validation: [3, 2] }, { x: "epoch", y: "loss" });
    expect(textIn(view)).toMatch(/ {2}a training {3}b validation$/);
    const coloured = textOf(view, { width: 80, colour: true });
    expect(coloured).toContain("[38;5;33m");
    expect(coloured).not.toMatch(/a(?:\S*) training/);
  });

  test("writes 0 where rounding would leave a tiny number between two others", () => {
    const text = textIn(curves({ y: [-0.3, 0.1 + 0.2] }, { x: "x", y: "y" }));
    expect(text).toMatch(/\n +0 ┤/);
  });

  test("draws what is counted from 0, the greatest count as high as there is room", () => {
    const text = textIn(
      chart([{ mark: "columns", name: "count", from: [0, 1], to: [1, 2], y: [4, 1] }], {
        x: "x",
        y: "count",
      }),
    );
    const rows = drawing(text);
    expect(rows.filter((row) => row.startsWith("█"))).toHaveLength(12);
    expect(rows.filter((row) => row.trimEnd().length > 50)).toHaveLength(3);
  });

  test("draws bars below 0 to the other side, and their spread in numbers", () => {
    const text = textIn(
      chart([{ mark: "bars", name: "change", labels: ["up", "down"], values: [1, -1], spread: [0.1, 0.2] }], {
        x: "what",
        y: { label: "change", unit: "%" },
      }),
    );
    const [, up, down] = text.split("\n") as [string, string, string];
    expect(up).toMatch(/^up {10,}█+ +1 ± 0\.1$/);
    expect(down).toMatch(/^down {2}█+ +-1 ± 0\.2$/);
  });
});

describe("a field in a chart", () => {
  // From 0 at the left to 1 at the right.
  const ramp = Array.from({ length: 5 }, () => [0, 0.25, 0.5, 0.75, 1]);
  const plane = { x: { label: "a", domain: [0, 1] }, y: { label: "b", domain: [0, 1] } } as const;
  const field = { mark: "field", name: "loss", values: ramp } as const;

  test("is drawn in shades from the least to the most, under what lies on it", () => {
    const text = textIn(chart([{ mark: "dots", name: "here", x: [0.5, 3], y: [0.5, 0.5] }, field], plane));
    const rows = drawing(text);
    expect(rows).toHaveLength(13);
    for (const row of rows) expect(row.replace("•", "▒")).toMatch(/^ +░+▒+▓+█+$/);
    // What lies outside of the axes isn't drawn.
    expect(rows.join("").match(/•/g)).toHaveLength(1);
    expect(rows[6]!.indexOf("•")).toBe(Math.round((rows[6]!.length - 1) / 2));
    expect(text).toMatch(/\n {2}loss: blank 0 … ██ 1\n {2}• here$/);
  });

  test("has a colour behind each character where there are colours, and signs in black or white", () => {
    const dots = ["one", "two"].map((name) => ({ mark: "dots" as const, name, x: [0.9], y: [0.9] }));
    const text = textOf(chart([field, ...dots], plane), { width: 80, colour: true });
    expect(text).toContain("[38;5;231;48;5;17m");
    expect(text).toContain("[38;5;16;48;5;228m");
    expect(text).toMatch(/ {2}• one {3}× two$/);
  });

  test("has its contour where the level is, and says which levels are drawn", () => {
    const contours = { mark: "contours", name: "loss", values: ramp, levels: [0.5] } as const;
    const rows = drawing(textIn(chart([contours], plane)));
    for (const row of rows) expect(Math.abs(row.indexOf("·") / (row.length - 1 || 1) - 1)).toBeLessThan(0.05);
    expect(new Set(rows.map((row) => row.trim())).size).toBe(1);
    const many = Array.from({ length: 9 }, (_, i) => (i + 1) / 10);
    expect(textIn(chart([{ ...contours, levels: many }], plane))).toMatch(
      /·· loss: 0\.2, 0\.5, 0\.8 \(and 6 more in the report\)$/,
    );
  });
});

test("what lies outside of a given domain is not drawn, be it dot, rule or bar", () => {
  const domain = { x: { label: "a", domain: [0, 1] }, y: { label: "b", domain: [0, 1] } } as const;
  const rows = drawing(
    textIn(
      chart(
        [
          { mark: "dots", name: "d", x: [1.001, 0.5], y: [0.5, 1.001] },
          { mark: "rule", name: "r", at: -0.001, across: "x" },
          { mark: "rule", name: "r", at: 1.001, across: "y" },
        ],
        domain,
      ),
    ),
  );
  expect(rows.join("").trim()).toBe("");
  const bars = { mark: "bars", name: "b", labels: ["a"], values: [50] } as const;
  expect(textIn(chart([bars], { x: "x", y: { label: "y", domain: [0, 1] } })).length).toBeLessThan(100);
});

test("dots have error bars as far as these go, and dots of two names have two signs", () => {
  const rows = drawing(
    textIn(
      chart(
        [
          { mark: "dots", name: "a", x: [0], y: [0], spread: [1] },
          { mark: "dots", name: "b", x: [1], y: [0], spread: [0.5] },
        ],
        { x: "x", y: "y" },
      ),
    ),
  );
  expect(rows.map((row) => row[0])).toEqual([..."││││││•││││││"]);
  expect(rows.map((row) => row.at(-1)).join("")).toContain("│││×│││");
});

test("a rule beside bars is said, and has no plane of its own", () => {
  const text = textIn(
    chart(
      [
        { mark: "bars", name: "accuracy", labels: ["sgd"], values: [0.5] },
        { mark: "rule", name: "chance", at: 0.1, across: "y" },
      ],
      { x: "optimizer", y: "accuracy" },
    ),
  );
  expect(text).not.toMatch(/[┤└]/);
  expect(text.split("\n")).toHaveLength(3);
  expect(text).toMatch(/\n {2}┄┄ chance \(y = 0\.1\)$/);
});

describe("a grid", () => {
  test("of an image has two rows of pixels in each line", () => {
    const text = textIn(
      image([
        [0, 1, 1],
        [0, 0, 1],
        [1, 0, 0],
      ]),
    );
    expect(text).toBe(" ▀█\n▀");
  });

  test("that is too wide for its numbers is shown in shades, with both sides of 0 apart", () => {
    const text = textOf(heatMap([[-1, 0, 1]], { label: "weight", numbers: true }), {
      width: 8,
      colour: false,
    });
    expect(text.split("\n")[0]).toBe("│-█  ██│");
    expect(text).toContain("weight");
  });

  test("of a field says where its axes go", () => {
    const field = heatMap(
      [
        [1, 2],
        [3, 4],
      ],
      {
        label: "loss",
        x: { label: "a", domain: [0, 1] },
        y: { label: "b", unit: "m", domain: [-1, 1] },
      },
    );
    const text = textIn(field);
    expect(text).toMatch(/^b \(m\)\n +1 ┤/);
    expect(text).toMatch(/\n +-1 ┤/);
    expect(text).toMatch(/\n +0 +0\.5 +1\n +a\n {2}loss: blank 1 … ██ 4$/);
  });
});

test("a finding is held against what is written, and a quick run is not", () => {
  const finding = { kind: "finding", what: "accuracy", expected: 98, spread: 0.5, unit: "%" } as const;
  expect(textIn({ ...finding, measured: 98.4, isCompared: true })).toBe(
    "✓ accuracy: 98.4 % (written: 98 ± 0.5 %)",
  );
  expect(textIn({ ...finding, measured: 97, isCompared: true })).toMatch(/^✗ .*outside of what is written/);
  expect(textIn({ ...finding, measured: Number.NaN, isCompared: true })).toMatch(/^✗ accuracy: NaN %/);
  expect(textIn({ ...finding, measured: 97, isCompared: false })).toMatch(/^· .*not compared in a quick run/);
});

test("a table that is too wide wraps its text, and then leaves columns out and names them", () => {
  const columns = ["a", "b", "c"].map((name) => ({ name, align: "left" as const }));
  const table = {
    kind: "table",
    title: "",
    columns,
    rows: [["one two three", "four", "five six seven"]],
    note: "",
  } as const;
  expect(textOf(table, { width: 24, colour: false }).split("\n").slice(2)).toEqual([
    "one two   four  five six",
    "three           seven",
  ]);
  const wide = { ...table, rows: [["123456789", "123456789", "123456789"]] };
  expect(textOf(wide, { width: 20, colour: false })).toMatch(/1 more column: c/);
});
