import { describe, expect, it } from "vitest";
import { drawChart } from "../../../packages/notebook/src/html/chart.ts";
import { extentOf, linePoints } from "../../../packages/notebook/src/html/chart-data.ts";
import { stylesOf } from "../../../packages/notebook/src/html/chart-series.ts";
import { shortenedNames, textWidth } from "../../../packages/notebook/src/html/measure.ts";
import { filePalette } from "../../../packages/notebook/src/html/palette.ts";
import { logTicks, ticksOf } from "../../../packages/notebook/src/views/ticks.ts";
import type { ChartView, Layer } from "../../../packages/notebook/src/views/view.ts";
import { all, parsed } from "./elements.ts";
import { chartOf, ORDINARY } from "./samples.ts";

const canvas = { palette: filePalette("light"), width: 600, theme: "light" } as const;
const line = (name: string, y: readonly number[]): Layer => ({
  mark: "line",
  name,
  x: y.map((_, i) => i),
  y,
});
const textsOf = (view: ChartView) => {
  const { picture } = drawChart(view, canvas);
  return all(parsed(`<svg>${picture.body.text}</svg>`), "text").map((each) => each.textContent);
};

type Four = [number, number, number, number];

describe("charts", () => {
  it("draw nothing beyond the ends of an axis that is cut, and say how many dots that leaves out", () => {
    const y = { label: "accuracy", domain: [0.9, 1] } as const;
    const dots: Layer = { mark: "dots", name: "d", x: [0, 1], y: [0.95, 7] };
    const rule: Layer = { mark: "rule", name: "r", at: 3, across: "y" };
    const drawn = drawChart(chartOf([dots, rule], { y }), canvas).picture;
    expect(all(parsed(`<svg>${drawn.body.text}</svg>`), "circle").length).toBe(1);
    expect(drawn.notes).toContain("Of d, 1 dot lies outside of the axes.");
    const bars: Layer = { mark: "bars", name: "b", labels: ["a", "b"], values: [0.95, 2], spread: [2, 2] };
    const columns: Layer = { mark: "columns", name: "c", from: [0, 1], to: [1, 2], y: [0.95, 2] };
    const band: Layer = { mark: "band", name: "b", x: [0, 1], low: [0, 0], high: [2, 2] };
    for (const layer of [bars, columns, band]) {
      const svg = parsed(`<svg>${drawChart(chartOf([layer], { y }), canvas).picture.body.text}</svg>`);
      // What is drawn lies in an <svg> of the plane's size.
      const drawn = all(svg, "svg svg rect, svg svg path");
      expect(drawn.length, layer.mark).toBeGreaterThan(0);
    }
  });

  it("keep a long name of an axis within the drawing, also below bars whose names take half of it", () => {
    const bars: Layer = {
      mark: "bars",
      name: "b",
      labels: ["batch normalisation", "early stopping", "dropout", "nothing at all"],
      values: [1, 2, 3, 4],
    };
    const y = { label: "cross-entropy on 2,000 held-out images", unit: "nat" };
    const { picture } = drawChart(chartOf([bars], { y }), { ...canvas, width: 320 });
    const texts = all(parsed(`<svg>${picture.body.text}</svg>`), 'text[text-anchor="middle"]');
    const name = texts.find((each) => (each.textContent ?? "").startsWith("cross-entropy"))!;
    const half = textWidth(name.textContent ?? "", 12) / 2;
    expect(Number(name.getAttribute("x")) + half).toBeLessThanOrEqual(320.01);
    expect(Number(name.getAttribute("x")) - half).toBeGreaterThanOrEqual(-0.01);
  });

  it("tell numbers along an axis apart, however close they are", () => {
    const labels = (y: readonly number[]) => {
      const { picture } = drawChart(chartOf([line("l", y)], { y: { label: "y" } }), canvas);
      const svg = parsed(`<svg>${picture.body.text}</svg>`);
      return all(svg, 'g[text-anchor="end"] text').map((each) => each.textContent);
    };
    for (const y of [
      [0.99991, 0.99999],
      [1_000_000, 1_000_002],
      [-3.000001, -3],
    ]) {
      const texts = labels(y);
      expect(texts.length).toBeGreaterThan(2);
      expect(new Set(texts).size, texts.join()).toBe(texts.length);
    }
    expect(labels([0.99991, 0.99999])).toContain("0.99992");
  });

  it("are drawn of numbers that differ in their last bits only", () => {
    for (const low of [1, -1, 1e16, 1e300, 5e-324, 0]) {
      const high = low + Math.max(Math.abs(low) * 2.3e-16, 5e-324);
      const ticks = ticksOf([low, high], 5);
      expect(ticks.length, String(low)).toBeLessThan(12);
      expect(ticks.every((each) => each >= low && each <= high)).toBe(true);
      for (const scale of ["linear", "log"] as const)
        expect(
          textsOf(chartOf([line("l", [low, high])], { y: { label: "y", scale } })).length,
        ).toBeGreaterThan(2);
    }
  });

  it("name each axis with its unit", () => {
    const texts = textsOf(ORDINARY.dots as ChartView);
    expect(texts).toContain("time, 0.1 s");
    expect(texts).toContain("height, m");
  });

  it("draw a rule across x upright, at its x, and one across y level, at its y", () => {
    const around = (across: "x" | "y") => {
      const view = chartOf([line("l", [0, 10]), { mark: "rule", name: "r", at: 0.25, across }]);
      const { picture } = drawChart(view, canvas);
      const dashed = all(parsed(`<svg>${picture.body.text}</svg>`), "[stroke-dasharray] line");
      expect(dashed.length).toBe(1);
      return ["x1", "x2", "y1", "y2"].map((name) => Number(dashed[0]!.getAttribute(name))) as Four;
    };
    const [left, right, low, high] = around("y");
    expect([low === high, right - left > 500]).toEqual([true, true]);
    const [from, to, top, bottom] = around("x");
    expect([from === to, bottom - top > 200]).toEqual([true, true]);
    // x goes from 0 to 1.
    expect(from).toBeCloseTo(left + 0.25 * (right - left), 0);
  });

  it("draw nothing that lies outside of a given domain, and say how many dots do", () => {
    const plane = { x: { label: "x", domain: [0, 1] }, y: { label: "y", domain: [0, 1] } } as const;
    const view = chartOf(
      [
        { mark: "dots", name: "d", x: [0, 0.5, 2], y: [1, 0.5, 0.5] },
        { mark: "rule", name: "r", at: 2, across: "x" },
        line("d", [0.5, 0.5, 0.5]),
      ],
      plane,
    );
    const { picture } = drawChart(view, canvas);
    expect(picture.notes).toEqual(["Of d, 1 dot lies outside of the axes."]);
    // Two dots, and the line's two points within.
    expect(all(parsed(`<svg>${picture.body.text}</svg>`), "circle").length).toBe(4);
    expect(picture.body.text).not.toContain("5 4");
    for (const mark of ["band", "columns"] as const) {
      const wide: Layer =
        mark === "band"
          ? { mark, name: "b", x: [-9, 9], low: [-9, -9], high: [9, 9] }
          : { mark, name: "c", from: [-9], to: [9], y: [9] };
      const document = parsed(`<svg>${drawChart(chartOf([wide], plane), canvas).picture.body.text}</svg>`);
      expect(all(document, "svg svg path, svg svg rect").length).toBe(1);
    }
  });

  it("put the samples of a field in the middle of its cells, the outermost at the ends of the axes", () => {
    const field: Layer = {
      mark: "field",
      name: "f",
      rows: 3,
      columns: 5,
      values: new Float64Array(15),
      colours: "sequential",
      range: [0, 1],
      x: [0, 1],
      y: [0, 1],
    };
    const frame = (x: object) => {
      const { picture } = drawChart(chartOf([field], { x: { label: "x", ...x }, y: { label: "y" } }), canvas);
      const box = (name: string) => {
        const found = all(parsed(`<svg>${picture.body.text}</svg>`), name).at(-1)!;
        return ["x", "y", "width", "height"].map((each) => Number(found.getAttribute(each))) as Four;
      };
      return { plane: box("svg svg"), image: box("image") };
    };
    const { plane, image } = frame({});
    // Four steps between five columns: half a step stands out on each side, and is cut off.
    expect(image[0]).toBeCloseTo(plane[0] - plane[2] / 8, 1);
    expect(image[2]).toBeCloseTo((plane[2] * 5) / 4, 1);
    expect(image[1]).toBeCloseTo(plane[1] - plane[3] / 4, 1);
    expect(image[3]).toBeCloseTo((plane[3] * 3) / 2, 1);
  });

  it("draw contours where the numbers are, also between samples, and on a logarithmic axis", () => {
    // The number is the column: 1.5 lies in the middle between the second column and the third, of four.
    const values = Float64Array.from({ length: 16 }, (_, i) => i % 4);
    const contours = {
      mark: "contours",
      name: "c",
      rows: 4,
      columns: 4,
      values,
      y: [0, 1],
      levels: [1.5],
    } as const;
    for (const [scale, x] of [
      ["linear", [0, 3]],
      ["log", [1, 1000]],
    ] as const) {
      const view = chartOf([{ ...contours, x }], { x: { label: "x", scale, domain: x }, y: { label: "y" } });
      const { picture, legend } = drawChart(view, canvas);
      expect(legend.map(({ name }) => name)).toEqual(["c: 1.5"]);
      const document = parsed(`<svg>${picture.body.text}</svg>`);
      const frame = all(document, "svg svg")[0]!;
      const [left, width] = ["x", "width"].map((name) => Number(frame.getAttribute(name))) as [
        number,
        number,
      ];
      const path = all(document, "svg svg path")[0]!.getAttribute("d")!;
      const xs = [...path.matchAll(/[ML](-?[\d.]+),/g)].map((match) => Number(match[1]));
      // The contour closes beyond the right edge.
      expect(Math.min(...xs)).toBeCloseTo(left + width / 2, 1);
    }
  });

  it("draw contours of the first row at the top", () => {
    // The number is the row, from 0 at the top: 0.5 is close to the top, of four rows.
    const contours: Layer = {
      mark: "contours",
      name: "c",
      rows: 4,
      columns: 4,
      values: Float64Array.from({ length: 16 }, (_, i) => Math.floor(i / 4)),
      x: [0, 1],
      y: [0, 1],
      levels: [0.5],
    };
    const { picture } = drawChart(chartOf([contours], { x: { label: "x" }, y: { label: "y" } }), canvas);
    const document = parsed(`<svg>${picture.body.text}</svg>`);
    const frame = all(document, "svg svg")[0]!;
    const [top, height] = [Number(frame.getAttribute("y")), Number(frame.getAttribute("height"))];
    const path = all(document, "svg svg path")[0]!.getAttribute("d")!;
    const ys = [...path.matchAll(/[ML]-?[\d.]+,(-?[\d.]+)/g)].map((match) => Number(match[1]));
    // The contour closes below the bottom edge.
    expect(Math.min(...ys)).toBeCloseTo(top + height / 6, 1);
  });

  it("give the last label of an axis its room", () => {
    const view = chartOf([line("l", [1, 2])], { x: { label: "x", scale: "log", domain: [1, 1e4] } });
    const { picture } = drawChart(view, canvas);
    const texts = all(parsed(`<svg>${picture.body.text}</svg>`), "text");
    const last = texts.find(({ textContent }) => textContent === "10000")!;
    const at = Number(/translate\(([\d.]+)/.exec(last.getAttribute("transform") ?? "")![1]);
    expect(at + textWidth("10000", 12) / 2).toBeLessThanOrEqual(canvas.width);
  });

  it("draw error bars from one end to the other, and make room for them", () => {
    const dots: Layer = { mark: "dots", name: "d", x: [0, 1], y: [5, 5], spread: [2, 0] };
    const axis = { label: "y" };
    expect(extentOf(axis, "y", [dots])).toEqual([3 - 0.16, 7 + 0.16]);
    const { picture } = drawChart(chartOf([dots], { y: axis }), canvas);
    const lengths = all(parsed(`<svg>${picture.body.text}</svg>`), "line")
      .map((each) => Math.abs(Number(each.getAttribute("y2")) - Number(each.getAttribute("y1"))))
      .filter((length) => length > 0);
    // From 3 to 7, of an axis from 2.84 to 7.16 that is 288 less its margins of 8 and 26 high; the other dot has none.
    expect(lengths).toHaveLength(1);
    expect(lengths[0]).toBeCloseTo((4 / 4.32) * 254, 0);
  });

  it("make no note of NaN that is meant to be a gap, and one of infinity all the same", () => {
    const gapped = { ...line("l", [1, Number.NaN, Number.POSITIVE_INFINITY]), gaps: true } as Layer;
    expect(drawChart(chartOf([gapped]), canvas).picture.notes).toEqual([
      "1 number that is not finite is left out.",
    ]);
  });

  it("tell layers apart by colour and by dashes or symbols", () => {
    const styles = stylesOf(
      Array.from({ length: 7 }, (_, i) => line(`layer ${i}`, [1])),
      filePalette("light"),
    );
    for (const part of ["colour", "dash", "symbol"] as const)
      expect(new Set(styles.map((style) => style[part])).size).toBe(7);
  });

  it("give no two of 40 layers the same look", () => {
    const layers = Array.from({ length: 40 }, (_, i) => line(`layer ${i}`, [1]));
    const styles = stylesOf(layers, filePalette("light"));
    expect(new Set(styles.map(({ colour, dash }) => `${colour} ${dash}`)).size).toBe(40);
    expect(new Set(styles.map(({ colour, symbol }) => `${colour} ${symbol}`)).size).toBe(40);
  });

  it("give layers of one name one colour and one entry of the legend", () => {
    const { legend } = drawChart(ORDINARY["mean and spread"] as ChartView, canvas);
    expect(legend.map((entry) => entry.name)).toEqual(["ReLU", "GELU", "best possible"]);
  });

  it("leave gaps where numbers are not finite or have no place on a log axis, and say so", () => {
    const view = chartOf([line("l", [1, Number.NaN, -2, 0, 4])]);
    expect(drawChart(view, canvas).picture.notes).toEqual([
      "1 number that is not finite is left out.",
      "2 numbers that are not positive are left out: a logarithmic axis has no place for them.",
    ]);
    const points = linePoints(view.x, view.y, { x: [0, 1, 2, 3, 4], y: [1, Number.NaN, -2, 0, 4] });
    expect(points.map((point) => Number.isNaN(point.y))).toEqual([false, true, true, true, false]);
  });

  it("keep the highest and lowest points and the gaps of a line of 100,000", () => {
    const y = Array.from({ length: 100_000 }, () => 0);
    y[31_417] = 9;
    y[77_777] = -9;
    y[50_000] = Number.NaN;
    const points = linePoints({ label: "x" }, { label: "y" }, { x: y.map((_, i) => i), y });
    expect(points.length).toBeLessThan(2_100);
    expect(points).toContainEqual({ x: 31_417, y: 9 });
    expect(points).toContainEqual({ x: 77_777, y: -9 });
    expect(points.some((point) => Number.isNaN(point.y))).toBe(true);
  });

  it("say how many dots are drawn where these are too many", () => {
    const y = Array.from({ length: 10_000 }, (_, i) => i + 1);
    const { picture } = drawChart(chartOf([{ mark: "dots", name: "d", x: y, y }]), canvas);
    expect(picture.notes).toEqual(["Of d, one dot in 7 is drawn (there are 10,000)."]);
    expect(picture.body.text.match(/<circle/g)).toHaveLength(1_429);
  });

  it.each([
    { what: "a constant", y: [5, 5], extent: [4.5, 5.5] },
    { what: "zeros", y: [0, 0], extent: [-1, 1] },
    { what: "nothing", y: [], extent: [0, 1] },
    { what: "numbers from 0 to 100", y: [0, 100], extent: [-4, 104] },
  ])("give $what an axis from $extent.0 to $extent.1", ({ y, extent }) => {
    expect(extentOf({ label: "y" }, "y", [line("l", y)])).toEqual(extent);
  });

  it("stand columns and bars on zero", () => {
    const bars: Layer = { mark: "bars", name: "b", labels: ["a", "b"], values: [10, 20] };
    expect(extentOf({ label: "y" }, "y", [bars])[0]).toBe(0);
    const columns: Layer = { mark: "columns", name: "c", from: [0], to: [1], y: [-5] };
    expect(extentOf({ label: "y" }, "y", [columns])[1]).toBe(0);
  });

  it("have ticks at round numbers", () => {
    expect(ticksOf([0, 1], 5)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(ticksOf([-3, 17], 4)).toEqual([0, 5, 10, 15]);
    expect(logTicks([1e-3, 1e3], 10)).toEqual([1e-3, 1e-2, 0.1, 1, 10, 100, 1000]);
    expect(logTicks([2, 8], 5)).toEqual([2, 5]);
    // From 3 to 4 there is none of these: round numbers.
    expect(logTicks([3, 4], 5)).toEqual([3, 3.2, 3.4, 3.6, 3.8, 4]);
  });

  it("write names that begin alike with their ends where room is short", () => {
    const names = Array.from({ length: 3 }, (_, i) => `a method with a long name, number ${i}`);
    const short = shortenedNames(names, 120, 12);
    expect(new Set(short).size).toBe(3);
    for (const name of short) expect(textWidth(name, 12)).toBeLessThanOrEqual(120);
  });
});
