// What the constructors of views refuse, with the way out.

import {
  chart,
  curves,
  graph,
  group,
  heatMap,
  histogram,
  image,
  markdown,
  network,
  overSeeds,
  svg,
  table,
} from "@adjoint/notebook";
import { expect, test } from "vitest";

const axes = { x: "x", y: "y" } as const;
const layer = (name: string, size: number) => ({ name, size, hasBias: false });
const line = { mark: "line", name: "y", x: [0, 1], y: [0, 1] } as const;

const plane = { x: { label: "x", domain: [0, 1] }, y: { label: "y", domain: [0, 1] } } as const;
const square = <M extends "field" | "contours">(mark: M) => ({
  mark,
  name: "f",
  values: [
    [1, 2],
    [3, 4],
  ],
});

const wrong: readonly [string, () => unknown, RegExp][] = [
  [
    "a chart without a y axis",
    () => chart([line], { x: "x" } as never),
    /chart: the y axis has no name; give one, y: \{ label: "time", unit: "s" \}/,
  ],
  [
    "curves without axes",
    () => curves({ loss: [1] }, undefined as never),
    /curves: got undefined where options belong; write them by name: \{ x: "epoch", y: "loss" \}/,
  ],
  [
    "a curve with an x of its own",
    () => curves({ loss: { x: [1], y: [2] } as never }, axes),
    /curves: loss has an x of its own; give one x to all curves by the option at, or write chart\(\[/,
  ],
  [
    "a chart of one layer without brackets",
    () => chart(line as never, axes),
    /got an object where the layers belong; write them in brackets/,
  ],
  [
    "a mark that is none",
    () => chart([{ ...line, mark: "area" as never }], axes),
    /layer 0: the mark is area; it must be one of "line", "dots"/,
  ],
  [
    "a layer without a name",
    () => chart([{ mark: "line", x: [0], y: [0] } as never], axes),
    /layer 0: a name is missing/,
  ],
  ["lists of two lengths", () => chart([{ ...line, y: [1] }], axes), /layer 0: x has 2 entries and y 1/],
  [
    "a layer of strings",
    () => chart([{ ...line, y: ["a", "b"] as never }], axes),
    /y has a string at index 0, where a number belongs/,
  ],
  [
    "a rule at NaN",
    () => chart([{ mark: "rule", name: "r", at: Number.NaN, across: "x" }], axes),
    /a rule stands at a finite number/,
  ],
  [
    "bars without labels",
    () => chart([{ mark: "bars", name: "b", values: [1] } as never], axes),
    /bars need labels/,
  ],
  [
    "bars beside a line",
    () => chart([{ mark: "bars", name: "b", labels: ["a"], values: [1] }, line], axes),
    /layer 0 is bars, with names along their axis, and layer 1 is line, with numbers; draw two charts/,
  ],
  [
    "bars beside a rule across their names",
    () =>
      chart(
        [
          { mark: "bars", name: "b", labels: ["a"], values: [1] },
          { mark: "rule", name: "r", at: 1, across: "x" },
        ],
        axes,
      ),
    /layer 1 is a rule across x, where bars have names/,
  ],
  [
    "two fields in a chart",
    () => chart([square("field"), line, square("field")], plane),
    /layers 0 and 2 are fields, and one would hide the other; draw one of them by "contours"/,
  ],
  [
    "a field on an axis without a domain",
    () => chart([square("field")], { ...plane, y: "y" }),
    /where its values stand along y is not said; give the axis a domain, y: \{ label: "y", domain/,
  ],
  [
    "a field of one row",
    () => chart([{ ...square("field"), values: [[1, 2]] }], plane),
    /the values are 1 × 2; a function over a plane needs two rows and two columns/,
  ],
  [
    "a field that begins at 0 on a log axis",
    () => chart([{ ...square("field"), x: [0, 1] }], { ...plane, x: { label: "x", scale: "log" } }),
    /x begins at 0, and a log axis has no 0/,
  ],
  [
    "a field in the colours of an image",
    () => chart([{ ...square("field"), colours: "ink" as never }], plane),
    /colours is "ink" and must be "sequential" or "diverging"/,
  ],
  [
    "a contour along NaN",
    () => chart([{ ...square("contours"), levels: [1, Number.NaN] }], plane),
    /a level is NaN; contours run along finite numbers/,
  ],
  [
    "an option that its mark doesn't have",
    () => chart([{ ...line, spread: [1, 1] } as never], axes),
    /layer 0: there is no option "spread"; the options are mark, name, x, y, gaps/,
  ],
  [
    "error bars that are too few",
    () => chart([{ ...line, mark: "dots", spread: [1] }], axes),
    /layer 0: x has 2 entries and spread 1/,
  ],
  [
    "gaps that are no yes or no",
    () => chart([{ ...line, gaps: "yes" as never }], axes),
    /gaps is a string and must be true where NaN is meant to be a gap/,
  ],
  [
    "a heat map with axes and names of columns",
    () => heatMap([[1]], { ...plane, columnNames: ["a"] } as never),
    /columnNames says something of single rows or columns/,
  ],
  ["no runs", () => overSeeds("adam", [0, 1], []), /overSeeds: got no runs; give a list of numbers/],
  ["a run that is shorter", () => overSeeds("adam", [0, 1], [[1]]), /x has 2 entries and run 0 1/],
  [
    "a range of a group in numbers",
    () => group([], { range: [0, 1] as never }),
    /range is "0,1" and must be "own" or "common"/,
  ],
  [
    "curves in an array",
    () => curves([1, 2] as never, axes),
    /curves: got an array where curves by name belong/,
  ],
  [
    "curves at other places",
    () => curves({ a: [1, 2] }, { ...axes, at: [1] }),
    /curves: a: at has 1 entries and values 2/,
  ],
  ["a table of numbers", () => table([1] as never), /row 0 is a number and must be an object/],
  ["a table of lists without names", () => table([[1]]), /rows that are lists need names/],
  [
    "a column that is in no row",
    () => table([{ a: 1 }], { columns: ["b"] }),
    /no row has a column "b"; there are a/,
  ],
  [
    "a row with too many cells",
    () => table([[1, 2]], { columns: ["a"] }),
    /row 0 has 2 cells and there are 1 columns/,
  ],
  ["rows of two lengths", () => heatMap([[1, 2], [3]]), /row 1 has 1 numbers and row 0 has 2/],
  [
    "a heat map of a vector",
    () => heatMap({ data: [1], shape: [1] }),
    /the shape is \[1\] and must have two axes/,
  ],
  [
    "a name too few",
    () => heatMap([[1], [2]], { rowNames: ["a"] }),
    /rowNames must be 2 names, one for each, and not 1/,
  ],
  [
    "an image of four channels",
    () => image({ data: new Float32Array(16), shape: [2, 2, 4] }),
    /must have two axes/,
  ],
  [
    "a histogram of nothing known",
    () => histogram("abc" as never),
    /the values must be numbers, as an array, .* and not a string/,
  ],
  [
    "two nodes of one name",
    () =>
      graph(
        [
          { id: "a", lines: [] },
          { id: "a", lines: [] },
        ],
        [],
      ),
    /two nodes are called "a"/,
  ],
  [
    "an arrow into nothing",
    () => graph([{ id: "a", lines: [] }], [{ from: "a", to: "b" }]),
    /an arrow from "a" to "b", and there is no node "b"/,
  ],
  [
    "a group that isn't there",
    () => graph([{ id: "a", lines: [], group: "g" }], []),
    /in the group "g", which is not among the groups/,
  ],
  [
    "a network of 17 layers",
    () => network(Array.from({ length: 17 }, () => layer("l", 1))),
    /17 layers can't be drawn side by side, at most 16/,
  ],
  [
    "a layer without units",
    () => network([layer("l", 0)]),
    /the size of layer "l" is 0 and must be a whole number, 1 or more/,
  ],
  ["Markdown of a number", () => markdown(3 as never), /markdown: got a number where text belongs/],
  [
    "a picture that is none",
    () => svg("<p>"),
    /got text that begins with "<p>"; give a picture that begins with <svg …>/,
  ],
  ["a picture nobody can hear of", () => svg("<svg></svg>", ""), /say what is to be seen in the picture/],
];
test.each(wrong)("an error says what is wrong with %s", (_, call, message) => {
  expect(call).toThrow(message);
});

test("Markdown keeps the backslashes of formulas, and loses the indentation of the code around it", () => {
  const { source } = markdown`
    # Title
      - $\nabla J$
    ${1 + 1}
  `;
  expect(source).toBe("# Title\n  - $\\nabla J$\n2");
});

test("a wide layer is drawn by its first units and its last, and arrows lead to drawn units only", () => {
  const { layers, edges } = network([
    { name: "input", size: 784, hasBias: true, weight: (from, to) => from * 10 + to },
    { name: "output", size: 10, hasBias: false },
  ]);
  expect(layers.map(({ size, units }) => [size, units.length])).toEqual([
    [784, 8],
    [10, 7],
  ]);
  const last = edges.at(-1)!;
  expect([last.from, last.to, last.weight]).toEqual([7, 6, 784 * 10 + 9]);
});

test("a histogram of equal numbers has a width", () => {
  const [columns] = histogram([2, 2, 2], { bins: 3 }).layers;
  // Half of the number to either side of it.
  expect(columns).toMatchObject({ y: [0, 3, 0] });
  const { from, to } = columns as { from: readonly number[]; to: readonly number[] };
  expect([from[0], to[2]]).toEqual([1, 3]);
});

test("a field lies under what is written before it", () => {
  const { layers } = chart([line, square("contours"), square("field")], plane);
  expect(layers.map(({ mark }) => mark)).toEqual(["field", "line", "contours"]);
});

test("the samples of a field stand at the ends of the axes' domains, unless they say where", () => {
  const [own] = chart([square("field")], plane).layers;
  expect(own).toMatchObject({ x: [0, 1], y: [0, 1], range: [1, 4], colours: "sequential" });
  const [placed] = chart([{ ...square("field"), x: [2, 3] }], plane).layers;
  expect(placed).toMatchObject({ x: [2, 3], y: [0, 1] });
});

test("runs become their mean, on a band of one standard deviation of a sample", () => {
  const [band, mean] = chart(
    overSeeds(
      "adam",
      [0, 1],
      [
        [1, 5],
        [3, 5],
      ],
    ),
    axes,
  ).layers;
  const deviation = Math.SQRT2;
  expect(band).toMatchObject({ mark: "band", low: [2 - deviation, 5], high: [2 + deviation, 5] });
  expect(mean).toMatchObject({ mark: "line", y: [2, 5] });
  expect(overSeeds("adam", [0], [[1]]).map(({ mark }) => mark)).toEqual(["line"]);
});

test("a mean is a gap where one of the runs is", () => {
  const layers = chart(
    overSeeds(
      "adam",
      [0, 1],
      [
        [1, Number.NaN],
        [3, 5],
      ],
    ),
    axes,
  ).layers;
  expect(layers[1]).toMatchObject({ y: [2, Number.NaN] });
});

test("a group with a common range gives one name one range, and leaves others and the first views alone", () => {
  const [low, high] = [heatMap([[0, 1]], { label: "a" }), heatMap([[2, 5]], { label: "a" })];
  const field = chart([{ ...square("field"), name: "a", range: [-1, 3] }], plane);
  const other = heatMap([[7, 9]], { label: "b" });
  const rangesOf = (range: "own" | "common") =>
    group([low, group([high, field]), other], { range }).parts.map((part) => JSON.stringify(part));
  const common = rangesOf("common");
  expect(common[0]).toContain('"range":[-1,5]');
  expect(common[1]!.match(/"range":\[-1,5\]/g)).toHaveLength(2);
  expect(common[2]).toContain('"range":[7,9]');
  expect(rangesOf("own")[0]).toContain('"range":[0,1]');
  expect(low.range).toEqual([0, 1]);
});

test("where numbers of one name lie on both sides of 0, a common range is alike to both", () => {
  const { parts } = group([heatMap([[0, 4]], { label: "a" }), heatMap([[-1, 2]], { label: "a" })], {
    range: "common",
  });
  for (const part of parts) expect(part).toMatchObject({ colours: "diverging", range: [-4, 4] });
});

test("a histogram says how many numbers lie outside of its range", () => {
  expect(histogram([0, 1, 2, 3], { range: [1, 2] }).note).toBe("2 numbers outside of the range left out");
});

test("a tensor's rows are the rows of a heat map, and each side has its name", () => {
  const matrix = { data: [1, 2, 3, 4, 5, 6], shape: [2, 3] };
  expect(heatMap(matrix, { rowLabel: "actual", columnLabel: "predicted" })).toMatchObject({
    rows: 2,
    columns: 3,
    rowLabel: "actual",
    columnLabel: "predicted",
  });
});

test("colours lie around 0 only where there are numbers on both sides, and no infinity is an end", () => {
  expect(heatMap([[-3, -1]])).toMatchObject({ colours: "sequential", range: [-3, -1] });
  expect(heatMap([[-1, 3, Infinity]])).toMatchObject({ colours: "diverging", range: [-3, 3] });
});
