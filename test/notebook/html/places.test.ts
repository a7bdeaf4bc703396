// Where things stand in drawings, and in which colours.

import { describe, expect, it } from "vitest";
import { drawChart } from "../../../packages/notebook/src/html/chart.ts";
import { drawGraph } from "../../../packages/notebook/src/html/graph.ts";
import { drawGrid } from "../../../packages/notebook/src/html/grid.ts";
import { fillOf } from "../../../packages/notebook/src/html/grid-colours.ts";
import { drawable } from "../../../packages/notebook/src/html/grid-image.ts";
import { htmlOf, svgOf } from "../../../packages/notebook/src/html/index.ts";
import { drawMarkdown } from "../../../packages/notebook/src/html/markdown.ts";
import { drawNetwork } from "../../../packages/notebook/src/html/network.ts";
import { numberText } from "../../../packages/notebook/src/html/number.ts";
import { COLOURS, filePalette, pagePalette } from "../../../packages/notebook/src/html/palette.ts";
import type { ChartView, GridView, Layer } from "../../../packages/notebook/src/views/view.ts";
import { all, type Parsed, parsed } from "./elements.ts";
import { chartOf, gridOf, networkOf, smallGraph } from "./samples.ts";

const palette = filePalette("light");
const canvas = { palette, width: 600, theme: "light" } as const;
const inside = (body: { readonly text: string }) => parsed(`<svg>${body.text}</svg>`);
const number = (element: Parsed, name: string) => Number(element.getAttribute(name));
const linear = (layers: readonly Layer[], more: Partial<ChartView> = {}) =>
  chartOf(layers, { y: { label: "loss" }, ...more });
const drawnChart = (view: ChartView) => inside(drawChart(view, canvas).picture.body);
const line = (name: string): Layer => ({ mark: "line", name, x: [0, 1], y: [0, 1] });
const bars = (name: string, values: readonly number[], spread?: readonly number[]): Layer => ({
  mark: "bars",
  name,
  labels: ["a", "b"],
  values,
  ...(spread === undefined ? {} : { spread }),
});

describe("a chart", () => {
  it("has in its legend the colours of its lines", () => {
    const { legend } = drawChart(linear([line("first"), line("second")]), canvas);
    expect(legend.map(({ name, sign }) => [name, /stroke="(#\w+)"/.exec(sign.text)![1]])).toEqual([
      ["first", COLOURS.series0!.light],
      ["second", COLOURS.series1!.light],
    ]);
  });

  it("names the axis of y above it and that of x in the middle below", () => {
    const texts = all(drawnChart(linear([line("l")])), "g > text");
    const label = (text: string) => texts.find((each) => each.textContent === text)!;
    expect(label("loss").getAttribute("text-anchor")).toBe("start");
    expect(number(label("epoch"), "y")).toBeGreaterThan(200);
  });

  it("fills a band from its low numbers to its high ones", () => {
    const band: Layer = { mark: "band", name: "b", x: [0, 1], low: [0, 0], high: [1, 1] };
    const path = all(drawnChart(linear([band])), `[fill="${COLOURS.series0!.light}"] path`)[0]!;
    const ys = [...path.getAttribute("d")!.matchAll(/,([\d.]+)/g)].map((match) => Number(match[1]));
    expect(Math.max(...ys) - Math.min(...ys)).toBeGreaterThan(150);
  });

  it("stands columns on the foot of a logarithmic axis", () => {
    const columns: Layer = { mark: "columns", name: "c", from: [0, 1], to: [1, 2], y: [1, 100] };
    const rects = all(drawnChart(chartOf([columns])), `[fill="${COLOURS.series0!.light}"] rect`);
    const heights = rects.map((each) => number(each, "height"));
    // From a tenth of the least: one order of magnitude and three, less the gaps of half a pixel on each side.
    expect((heights[1]! + 1) / (heights[0]! + 1)).toBeCloseTo(3, 1);
  });

  it("has bars of two layers side by side, with their whole spread", () => {
    const view = linear([bars("p", [1, 2], [0.5, 0.5]), bars("q", [2, 1])]);
    const root = drawnChart(view);
    const rects = all(root, "rect").map((each) => number(each, "x"));
    expect(new Set(rects).size).toBe(4);
    // The first bar is 1 high, and its spread goes from 0.5 below to 0.5 above.
    const scale = number(all(root, "rect")[0]!, "height");
    const spreads = all(root, `[stroke-width="1.4"] line`).map(
      (each) => number(each, "y1") - number(each, "y2"),
    );
    expect(spreads).toHaveLength(2);
    for (const each of spreads) expect(Math.abs(each)).toBeCloseTo(scale, 0);
  });

  it("has lying bars in the order of their names, from the top", () => {
    const labels = ["first", "second"].map((word) => `the ${word} ${"of very many methods ".repeat(6)}`);
    const root = drawnChart(linear([{ mark: "bars", name: "b", labels, values: [1, 2] }]));
    const [one, two] = all(root, "rect");
    expect(number(one!, "y")).toBeLessThan(number(two!, "y"));
    expect(number(two!, "width") / number(one!, "width")).toBeCloseTo(2, 1);
  });

  it("has bars of equal ratios in equal steps on a logarithmic axis", () => {
    const heights = all(drawnChart(chartOf([bars("b", [1, 10])])), "rect").map((each) =>
      number(each, "height"),
    );
    expect(heights[1]! / heights[0]!).toBeCloseTo(2, 1);
  });
});

describe("a grid", () => {
  const textsOf = (view: GridView, look: Parameters<typeof drawGrid>[1] = canvas) =>
    all(inside(drawGrid(view, look).body), "text").map((each) => ({
      text: each.textContent,
      x: number(each, "x"),
      y: number(each, "y"),
    }));

  it("has its numbers and the names of its rows in their places", () => {
    const values = Float64Array.of(1, 2, 3, 4, 5, 6);
    const texts = textsOf(gridOf(2, 3, { values, isNumbered: true, rowNames: ["top", "bottom"], label: "" }));
    const at = (text: string) => texts.find((each) => each.text === text)!;
    expect(at("1").y).toBe(at("3").y);
    expect(at("1").x).toBe(at("4").x);
    expect(at("1").x).toBeLessThan(at("2").x);
    expect([at("top").y, at("bottom").y]).toEqual([at("1").y, at("4").y]);
  });

  it("has a bar of colours from the least number to the greatest", () => {
    const view = gridOf(2, 2, { colours: "sequential", range: [3, 7], values: Float64Array.of(3, 4, 5, 7) });
    const root = inside(drawGrid(view, canvas).body);
    const steps = all(root, 'rect[height="10"][y="0"]').map((each) => each.getAttribute("fill")!);
    const [dark, bright] = [steps[0]!, steps.at(-1)!].map((fill) => Number(/\((\d+)/.exec(fill)![1]));
    expect(dark).toBeLessThan(bright!);
    expect(fillOf(view, 0, palette).colour).toBe("rgb(0,34,78)");
  });

  it("has one hue below 0 and another above, and the bytes of colours in their order", () => {
    const view = gridOf(1, 2, { values: Float64Array.of(-1, 1), range: [-1, 1] });
    expect([0, 1].map((cell) => fillOf(view, cell, palette).colour)).toEqual([
      COLOURS.negative!.light,
      COLOURS.positive!.light,
    ]);
    const colour = gridOf(1, 1, { values: Float64Array.of(1, 0.2, 0), colours: "rgb", range: [0, 1] });
    expect(fillOf(colour, 0, palette).colour).toBe("rgb(255,51,0)");
    const steep = gridOf(1, 1, { values: Float64Array.of(-1), range: [-4, 1] });
    expect(fillOf(steep, 0, palette).opacity).toBe(0.25);
  });

  it("of many cells is turned round on dark paper where it is ink, and has the theme's colours in a file", () => {
    const page = { palette: pagePalette, width: 460, theme: "page" } as const;
    const picture = (colours: "ink" | "diverging", look: Parameters<typeof drawGrid>[1]) =>
      drawGrid(gridOf(30, 30, { colours }), look).body.text;
    expect(picture("ink", page)).toContain('class="adj-ink"');
    expect(picture("diverging", page)).not.toContain('class="adj-ink"');
    expect(picture("ink", canvas)).not.toContain('class="adj-ink"');
    const dark = { palette: filePalette("dark"), width: 600, theme: "dark" } as const;
    const pixels = (look: Parameters<typeof drawGrid>[1]) =>
      /href="([^"]+)"/.exec(picture("diverging", look))![1];
    expect(pixels(dark)).not.toBe(pixels(canvas));
  });

  it("leaves out of its means what is not finite", () => {
    const values = new Float64Array(1_200_000).fill(0.25);
    values[0] = Number.NaN;
    expect(drawable(gridOf(1_200, 1_000, { values })).grid.values[0]).toBe(0.25);
  });
});

describe("a file", () => {
  it("has the notes and the whole legend of its chart, in the colours of its theme", async () => {
    const view = linear([line("first"), { ...line("second"), y: [0, Number.NaN] } as Layer]);
    for (const theme of ["light", "dark"] as const) {
      const text = (await svgOf(view, { theme }))!;
      expect(text).toContain("1 number that is not finite is left out.");
      expect(text).toMatch(/>first<[\s\S]*>second</);
      expect(text).toContain(`fill="${COLOURS.paper![theme]}"`);
    }
  });

  it("of a group has its parts side by side in a row", async () => {
    const parts = [gridOf(2, 2), gridOf(2, 2)];
    const size = async (arrangement: "row" | "column") => {
      const svg = parsed(
        (await svgOf({ kind: "group", title: "", arrangement, parts }, { theme: "light" }))!,
      );
      return ["width", "height"].map((name) => number(svg.querySelector("svg")!, name)) as [number, number];
    };
    const [row, column] = [await size("row"), await size("column")];
    expect(row[0]).toBeGreaterThan(column[0]);
    expect(row[1]).toBeLessThan(column[1]);
  });

  it("made elsewhere keeps its size, and loses styles that ask for something", async () => {
    const svg = '<svg viewBox="0 0 30 20"><style>@import "https://example.org/a.css";</style><g/></svg>';
    const text = (await svgOf({ kind: "svg", svg, alternative: "" }, { theme: "light" }))!;
    expect([/ width="(\d+)"/.exec(text)![1], / height="(\d+)"/.exec(text)![1]]).toEqual(["30", "20"]);
    expect(text).not.toContain("example.org");
  });
});

it("a graph's legend and nodes have the colours of their passes", async () => {
  const { picture, legend } = (await drawGraph(smallGraph, canvas))!;
  expect(legend.map(({ name, sign }) => [name, sign.text.includes(COLOURS.forward!.light)])).toEqual([
    ["forward: to the result", true],
    ["backward: gradients", false],
  ]);
  const root = inside(picture.body);
  const stroke = (id: string) => root.querySelector(`[data-id="${id}"] rect`)!.getAttribute("stroke");
  expect([stroke("mul"), stroke("dmul")]).toEqual([COLOURS.forward!.light, COLOURS.backward!.light]);
});

it("a network's weights above 0 have the colour of the way forward, and its labels ∇ that of the way back", () => {
  const view = networkOf([8, 16, 10], false);
  const root = inside(drawNetwork(view, canvas).picture.body);
  for (const { layer, from, to, weight } of view.edges.slice(0, 20)) {
    const edge = root.querySelector(
      `.adj-edge[data-layer="${layer}"][data-from="${from}"][data-to="${to}"] path`,
    );
    expect(edge!.getAttribute("stroke")).toBe(COLOURS[weight < 0 ? "backward" : "forward"]!.light);
  }
  const labels = all(inside(drawNetwork(networkOf([2, 2], true), canvas).picture.body), ".adj-label");
  expect(all(labels[0]!, "text").map((each) => each.getAttribute("fill"))).toEqual([
    COLOURS.ink!.light,
    COLOURS.backward!.light,
  ]);
});

it("a finding at the very end of its spread is as written", async () => {
  const finding = { kind: "finding", what: "a", measured: 3, expected: 2, spread: 1, unit: "" } as const;
  expect(await htmlOf({ ...finding, isCompared: true })).toContain("as written");
});

it.each([
  [0.000012345, "1.234 × 10⁻⁵"],
  [-1e9, "−10⁹"],
  [Number.NEGATIVE_INFINITY, "−∞"],
  [12345.6, "12345.6"],
])("%s beside a picture is %s", (value, text) => {
  expect(numberText(value)).toBe(text);
});

it.each(["```\n<img src=x>\n```", "$\\unknown<img src=x>$"])(
  "what is code or a wrong formula is text: %j",
  (source) => {
    expect(drawMarkdown(source, { base: 2, previous: 1 }).text).not.toContain("<img");
  },
);
