// Views of every kind, ordinary and odd, for tests that draw them.

import type {
  ChartView,
  GraphEdge,
  GraphNode,
  GraphView,
  GridView,
  Layer,
  NetworkView,
  TableView,
  View,
} from "../../../packages/notebook/src/views/view.ts";

/** Text that becomes an element, an attribute or a command where it isn't escaped. */
export const HOSTILE = `</text></svg></style></script><script>alert(1)</script><img src=x onerror=alert(1)> " onload="alert(1)' & &amp; \${x} ]]> -->`;

const count = (n: number) => Array.from({ length: n }, (_, i) => i);

export const chartOf = (layers: readonly Layer[], more: Partial<ChartView> = {}): ChartView => ({
  kind: "chart",
  title: "Loss",
  x: { label: "epoch" },
  y: { label: "loss", scale: "log" },
  layers,
  note: "",
  ...more,
});

export const gridOf = (rows: number, columns: number, more: Partial<GridView> = {}): GridView => ({
  kind: "grid",
  title: "Weights",
  rows,
  columns,
  values: Float64Array.from({ length: rows * columns }, (_, i) => Math.sin(i * 1.7) * 2),
  colours: "diverging",
  range: [-2, 2],
  label: "weight",
  rowNames: [],
  columnNames: [],
  rowLabel: "",
  columnLabel: "",
  isNumbered: false,
  note: "",
  ...more,
});

export const tableOf = (rows: readonly (readonly string[])[], more: Partial<TableView> = {}): TableView => ({
  kind: "table",
  title: "Runs",
  columns: [
    { name: "run", align: "left" },
    { name: "loss", align: "right" },
    { name: "time, s", align: "right" },
  ],
  rows,
  note: "",
  ...more,
});

/** A program of one product and one sum, with its way back. */
export const smallGraph: GraphView = {
  kind: "graph",
  title: "y = w·x + b, and back",
  nodes: [
    { id: "x", role: "input", pass: "forward", lines: ["x", "2"] },
    { id: "w", role: "variable", pass: "forward", lines: ["w", "0.5"] },
    { id: "b", role: "variable", pass: "forward", lines: ["b", "0.1"] },
    { id: "mul", role: "step", pass: "forward", lines: ["mul", "[] float64"], group: "layer" },
    { id: "add", role: "step", pass: "forward", lines: ["add", "[] float64"], group: "layer" },
    { id: "y", role: "output", pass: "forward", lines: ["y", "1.1"] },
    { id: "dmul", role: "step", pass: "backward", lines: ["mul", "[] float64"] },
    { id: "one", role: "constant", pass: "backward", lines: ["1"] },
    { id: "dw", role: "output", pass: "backward", lines: ["∂y/∂w", "2"] },
  ],
  edges: [
    { from: "x", to: "mul", pass: "forward", lines: ["2"] },
    { from: "w", to: "mul", pass: "forward", lines: ["w = 0.5", "∇ = 2"] },
    { from: "mul", to: "add", pass: "forward", lines: ["1", "δ = 1"] },
    { from: "b", to: "add", pass: "forward", lines: ["b = 0.1", "∇ = 1"] },
    { from: "add", to: "y", pass: "forward", lines: ["1.1"] },
    { from: "one", to: "dmul", pass: "backward", lines: ["δ = 1"] },
    { from: "x", to: "dmul", pass: "backward", lines: ["2"] },
    { from: "dmul", to: "dw", pass: "backward", lines: ["2"] },
  ],
  groups: [{ id: "layer", label: "layer 1" }],
  text: "mul = x · w\nadd = mul + b",
  note: "",
};

/** A chain of that many steps in groups of 50. */
export function longGraph(steps: number, hasGroups: boolean): GraphView {
  const nodes: GraphNode[] = count(steps).map((i) => ({
    id: `s${i}`,
    role: "step",
    pass: "forward",
    lines: [`step ${i}`],
    ...(hasGroups ? { group: `g${Math.floor(i / 50)}` } : {}),
  }));
  const edges: GraphEdge[] = count(steps - 1).map((i) => ({
    from: `s${i}`,
    to: `s${i + 1}`,
    pass: "forward",
    lines: [],
  }));
  const groups = hasGroups
    ? count(Math.ceil(steps / 50)).map((i) => ({ id: `g${i}`, label: `layer ${i}` }))
    : [];
  return {
    kind: "graph",
    title: "A long tape",
    nodes,
    edges,
    groups,
    text: nodes.map((node) => node.id).join("\n"),
    note: "",
  };
}

/** A fully connected network; `hasLabels` writes weights and gradients on the arrows. */
export function networkOf(sizes: readonly number[], hasLabels: boolean): NetworkView {
  const last = sizes.length - 1;
  const layers = sizes.map((size, i) => ({
    name: i === 0 ? "input" : i === last ? "output" : `hidden ${i}`,
    size,
    units: [
      ...(i < last ? [{ value: hasLabels ? "1" : "", delta: "", isBias: true }] : []),
      ...count(Math.min(size, 16)).map((j) => ({
        value: hasLabels ? (0.1 * (j + 1) + i).toFixed(3) : "",
        delta: hasLabels && i > 0 ? (0.013 * (j + 1)).toFixed(4) : "",
        isBias: false,
      })),
    ],
  }));
  const edges = layers.slice(0, -1).flatMap((layer, i) =>
    layer.units.flatMap((_, from) =>
      layers[i + 1]!.units.flatMap((unit, to) => {
        const weight = Math.sin(7 * from + 3 * to + i);
        const lines = hasLabels ? [`W ${weight.toFixed(3)}`, `∇ ${(weight / 30).toFixed(4)}`] : [];
        return unit.isBias ? [] : [{ layer: i, from, to, weight, lines }];
      }),
    ),
  );
  return {
    kind: "network",
    title: "The network after step 1",
    layers,
    edges,
    text: "input (2), output (1)",
    note: "",
  };
}

const curve = (name: string, n: number, rate: number): Layer => ({
  mark: "line",
  name,
  x: count(n),
  y: count(n).map((i) => Math.exp(-i * rate) + 0.02),
});
const noise = (i: number) => Math.sin(i * 12.9898) * 0.5 + Math.sin(i * 78.233) * 0.5;

/** A bowl over the square from −1 to 1, or its contours. */
export function samplesOf<M extends "field" | "contours">(
  mark: M,
  name: string,
): Extract<Layer, { mark: M }> {
  const [rows, columns] = [80, 80];
  const values = Float64Array.from(
    { length: rows * columns },
    (_, i) => ((i % 80) - 40) ** 2 / 400 + (Math.floor(i / 80) - 30) ** 2 / 900,
  );
  const samples = { name, rows, columns, values, x: [-1, 1], y: [-1, 1] } as const;
  const layer: Layer =
    mark === "field"
      ? { mark: "field", ...samples, colours: "sequential", range: [0, 7] }
      : { mark: "contours", ...samples, levels: [0.5, 1, 2, 4] };
  return layer as Extract<Layer, { mark: M }>;
}

/** Every kind of view as an experiment would show it. */
export const ORDINARY: Readonly<Record<string, View>> = {
  text: { kind: "text", text: "linear 2 → 3\nsigmoid\nlinear 3 → 1" },
  markdown: {
    kind: "markdown",
    source:
      "### What was found\n\nThe loss falls as $\\mathcal{L}(t) \\approx e^{-\\lambda t}$, so\n\n$$\\frac{\\partial L}{\\partial w_{ij}} = \\sum_k \\delta_k \\, \\sqrt{1 + x_{k}^2}, \\qquad A = \\begin{pmatrix} a & b \\\\ c & d \\end{pmatrix} \\in \\mathbb{R}^{2\\times 2}$$\n\n- one **bold** word, `code`\n- and a [link](https://example.org/)\n\n| a | b |\n|---|---|\n| 1 | 2 |\n",
  },
  table: tableOf(
    count(5).map((i) => [`seed ${i}`, (0.021 + i / 900).toFixed(4), (1.2 + i / 10).toFixed(1)]),
    { note: "Five of 10 runs." },
  ),
  "two curves": chartOf([curve("training", 60, 0.08), curve("validation", 60, 0.06)], {
    title: "Training beside validation",
  }),
  "mean and spread": chartOf(
    [
      {
        mark: "band",
        name: "ReLU",
        x: count(40),
        low: count(40).map((i) => 0.8 - i / 80),
        high: count(40).map((i) => 1.1 - i / 80),
      },
      { mark: "line", name: "ReLU", x: count(40), y: count(40).map((i) => 0.95 - i / 80) },
      {
        mark: "band",
        name: "GELU",
        x: count(40),
        low: count(40).map((i) => 0.7 - i / 70),
        high: count(40).map((i) => 0.9 - i / 70),
      },
      { mark: "line", name: "GELU", x: count(40), y: count(40).map((i) => 0.8 - i / 70) },
      { mark: "rule", name: "best possible", at: 0.2, across: "y" },
    ],
    {
      title: "Mean ± one standard deviation over ten seeds",
      y: { label: "loss" },
      x: { label: "time", unit: "s" },
      note: "Ten seeds.",
    },
  ),
  dots: chartOf(
    [
      {
        mark: "dots",
        name: "measured",
        x: count(30),
        y: count(30).map((i) => 4.9 * (i / 10) ** 2 + noise(i)),
      },
      { mark: "line", name: "h = ½gt²", x: count(30), y: count(30).map((i) => 4.9 * (i / 10) ** 2) },
      { mark: "dots", name: "left out", x: [5, 12, 20], y: [20, 3, 35] },
    ],
    { title: "", x: { label: "time", unit: "0.1 s" }, y: { label: "height", unit: "m" } },
  ),
  histogram: chartOf(
    [
      {
        mark: "columns",
        name: "weights",
        from: count(20),
        to: count(20).map((i) => i + 1),
        y: count(20).map((i) => Math.round(100 * Math.exp(-((i - 9) ** 2) / 20))),
      },
    ],
    { title: "Distribution of the weights", x: { label: "weight" }, y: { label: "count" } },
  ),
  bars: chartOf(
    [
      {
        mark: "bars",
        name: "training",
        labels: ["sgd", "momentum", "adam"],
        values: [0.81, 0.9, 0.95],
        spread: [0.05, 0.03, 0.01],
      },
      {
        mark: "bars",
        name: "validation",
        labels: ["sgd", "momentum", "adam"],
        values: [0.78, 0.86, 0.9],
        spread: [0.06, 0.04, 0.02],
      },
    ],
    { title: "Accuracy of three optimizers", x: { label: "optimizer" }, y: { label: "accuracy" } },
  ),
  "bars with long names": chartOf(
    [
      {
        mark: "bars",
        name: "time",
        labels: count(8).map((i) => `a method with a long name, number ${i}`),
        values: count(8).map((i) => 3 + i * i),
      },
    ],
    { title: "Times", x: { label: "method" }, y: { label: "time", unit: "ms" } },
  ),
  "confusion matrix": gridOf(4, 4, {
    title: "Confusion matrix",
    values: Float64Array.from([50, 2, 0, 1, 3, 44, 5, 0, 0, 4, 48, 2, 1, 0, 2, 51]),
    colours: "sequential",
    range: [0, 51],
    label: "samples",
    rowNames: ["cat", "dog", "horse", "sheep"],
    columnNames: ["cat", "dog", "horse", "sheep"],
    rowLabel: "actual",
    columnLabel: "predicted",
    isNumbered: true,
  }),
  matrix: gridOf(5, 7, { isNumbered: true, title: "W of layer 1" }),
  "large matrix": gridOf(120, 200, { title: "A large matrix" }),
  image: gridOf(28, 28, {
    title: "A digit",
    values: Float64Array.from({ length: 784 }, (_, i) =>
      Math.max(0, 1 - Math.abs(Math.hypot((i % 28) - 13.5, Math.floor(i / 28) - 13.5) - 8) / 3),
    ),
    colours: "ink",
    range: [0, 1],
    label: "",
  }),
  "colour image": gridOf(16, 16, {
    title: "Colours",
    values: Float64Array.from({ length: 768 }, (_, i) => ((i * 7919) % 768) / 768),
    colours: "rgb",
    range: [0, 1],
    label: "",
  }),
  field: chartOf([samplesOf("field", "loss")], {
    title: "The loss around the minimum",
    x: { label: "along direction 1", domain: [-1, 1] },
    y: { label: "along direction 2", domain: [-1, 1] },
  }),
  "field with all that can lie on it": chartOf(
    [
      samplesOf("field", "loss"),
      samplesOf("contours", "loss"),
      { mark: "line", name: "descent", x: [-0.9, -0.5, -0.2, 0], y: [0.8, 0.6, 0.3, 0.25] },
      { mark: "dots", name: "samples", x: [-0.5, 0.5, 2], y: [-0.5, 0.5, 0], spread: [0.1, 0.2, 0] },
      { mark: "rule", name: "edge", at: 0.7, across: "x" },
    ],
    {
      title: "A way down",
      x: { label: "along direction 1", domain: [-1, 1] },
      y: { label: "along direction 2", domain: [-1, 1] },
    },
  ),
  "contours alone": chartOf([{ ...samplesOf("contours", "loss"), x: [1e-3, 10] }], {
    title: "Contours",
    x: { label: "rate", scale: "log", domain: [1e-3, 10] },
    y: { label: "momentum" },
  }),
  "error bars": chartOf(
    [
      { mark: "line", name: "mean", x: [1, 10, 100, 1000, 10_000], y: [0.9, 0.7, 0.6, 0.3, 0.2] },
      {
        mark: "dots",
        name: "mean",
        x: [1, 10, 100, 1000, 10_000],
        y: [0.9, 0.7, 0.6, 0.3, 0.2],
        spread: [0.1, 0.05, 0.1, 0.02, 0],
      },
    ],
    { title: "Mean ± deviation", x: { label: "steps", scale: "log" }, y: { label: "error" } },
  ),
  "bars and a rule": chartOf(
    [
      { mark: "bars", name: "accuracy", labels: ["sgd", "adam"], values: [0.8, 0.9] },
      { mark: "rule", name: "chance", at: 0.1, across: "y" },
    ],
    { title: "Accuracy", x: { label: "optimizer" }, y: { label: "accuracy" } },
  ),
  "fields in a row": {
    kind: "group",
    title: "Two fields",
    arrangement: "row",
    parts: ["before", "after"].map((title) =>
      chartOf([samplesOf("field", "loss"), { mark: "dots", name: "samples", x: [0, 0.5], y: [0, -0.5] }], {
        title,
        x: { label: "x₁", domain: [-1, 1] },
        y: { label: "x₂", domain: [-1, 1] },
      }),
    ),
  },
  graph: smallGraph,
  "folded graph": longGraph(400, true),
  network: networkOf([2, 2, 1], true),
  "large network": networkOf([8, 16, 10], false),
  svg: {
    kind: "svg",
    svg: '<svg viewBox="0 0 200 60"><circle cx="30" cy="30" r="20" fill="none" stroke="currentColor"/><text x="60" y="35" fill="currentColor">made elsewhere</text></svg>',
    alternative: "A circle and two words",
  },
  "finding that agrees": {
    kind: "finding",
    what: "accuracy on held-out digits",
    measured: 0.9712,
    expected: 0.97,
    spread: 0.005,
    unit: "",
    isCompared: true,
  },
  "finding that differs": {
    kind: "finding",
    what: "time for a step",
    measured: 12.3,
    expected: 5,
    spread: 1,
    unit: "ms",
    isCompared: true,
  },
  "finding of a quick run": {
    kind: "finding",
    what: "epochs until the loss is below 0.01",
    measured: 40,
    expected: 400,
    spread: 20,
    unit: "epochs",
    isCompared: false,
  },
  "group in a row": {
    kind: "group",
    title: "Before and after",
    arrangement: "row",
    parts: [
      gridOf(6, 6, { title: "before" }),
      gridOf(6, 6, { title: "after", colours: "sequential", range: [-2, 2] }),
      gridOf(10, 10, { title: "ink", colours: "ink", label: "share", range: [0, 2] }),
    ],
  },
  "group of charts": {
    kind: "group",
    title: "",
    arrangement: "row",
    parts: [
      chartOf([curve("training", 20, 0.2)], { title: "Small steps" }),
      chartOf([curve("training", 20, 0.4)], { title: "Large steps" }),
    ],
  },
  "group in a column": {
    kind: "group",
    title: "Twice",
    arrangement: "column",
    parts: [{ kind: "text", text: "one" }, tableOf([["a", "1", "2"]])],
  },
};

const line = (x: readonly number[], y: readonly number[]): Layer => ({ mark: "line", name: "l", x, y });
const empty = { columns: [], rows: [], title: "" };

/** Views that are odd: empty, not finite, huge, without names. */
export const ODD: Readonly<Record<string, View>> = {
  "empty text": { kind: "text", text: "" },
  "empty markdown": { kind: "markdown", source: "" },
  "wrong formula": {
    kind: "markdown",
    source: "a $\\frac{1$ b, $$\\unknown{x}$$, $5 and $6, `$x$`, $$never closed",
  },
  "table without rows": tableOf([]),
  "table without columns": tableOf([], empty),
  "table of 3,000 rows": tableOf(count(3_000).map((i) => [String(i), "1", "2"])),
  "table of 40 columns": tableOf([count(40).map(String)], {
    columns: count(40).map((i) => ({ name: `column ${i}`, align: "right" })),
  }),
  "table with short rows": tableOf([["a"], []]),
  "chart without layers": chartOf([]),
  "chart without points": chartOf([line([], [])]),
  "chart of one point": chartOf([line([3], [4])]),
  "chart of NaN alone": chartOf([line([0, 1], [Number.NaN, Number.NaN])]),
  "chart with gaps": chartOf([line([0, 1, 2, 3], [1, Number.NaN, Number.POSITIVE_INFINITY, 2])]),
  "chart of a constant": chartOf([line([0, 1, 2], [5, 5, 5])], { y: { label: "y" } }),
  "chart of zeros": chartOf([line([0, 1, 2], [0, 0, 0])], { y: { label: "y" } }),
  "negative numbers on a log axis": chartOf([line([0, 1, 2], [-1, 0, 1])]),
  "chart of huge numbers": chartOf([line([0, 1], [-1.7e308, 1.7e308])], { y: { label: "y" } }),
  "chart of tiny numbers": chartOf([line([0, 1], [1e-300, 5e-324])], { y: { label: "y" } }),
  "chart of 100,000 points": chartOf([
    line(
      count(100_000),
      count(100_000).map((i) => 2 + noise(i)),
    ),
  ]),
  "100,000 dots": chartOf([
    { mark: "dots", name: "d", x: count(100_000), y: count(100_000).map((i) => 2 + noise(i)) },
  ]),
  "twenty layers": chartOf(
    count(20).map((i) => ({ ...curve(`layer number ${i}`, 30, 0.01 * i), mark: "line" as const }) as Layer),
  ),
  "bars without names": chartOf([{ mark: "bars", name: "", labels: [], values: [] }]),
  "one bar that is NaN": chartOf([{ mark: "bars", name: "b", labels: ["a"], values: [Number.NaN] }]),
  "bars below zero": chartOf([{ mark: "bars", name: "b", labels: ["a", "b"], values: [-2, 3] }], {
    y: { label: "y" },
  }),
  "bars and a line": chartOf([{ mark: "bars", name: "b", labels: ["a"], values: [1] }, line([0], [1])]),
  "columns on a log axis": chartOf([{ mark: "columns", name: "c", from: [0, 1], to: [1, 2], y: [0, 5] }]),
  "domain that is given": chartOf([line([0, 1, 2], [1, 100, 1])], { y: { label: "y", domain: [0, 2] } }),
  "marks outside of the domain": chartOf(
    [
      { mark: "band", name: "b", x: [-5, 5], low: [-9, -9], high: [9, 9] },
      { mark: "columns", name: "c", from: [-5], to: [5], y: [9] },
      { mark: "dots", name: "d", x: [5], y: [5], spread: [3] },
      { mark: "rule", name: "r", at: 5, across: "x" },
      line([-5, 5], [-5, 5]),
    ],
    { x: { label: "x", domain: [0, 1] }, y: { label: "y", domain: [0, 1] } },
  ),
  "field that is not finite": chartOf([
    {
      ...samplesOf("field", ""),
      rows: 2,
      columns: 2,
      values: Float64Array.of(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1),
    },
    { ...samplesOf("contours", ""), rows: 2, columns: 2, values: new Float64Array(4).fill(Number.NaN) },
  ]),
  "field of one cell": chartOf(
    [{ ...samplesOf("field", "f"), rows: 1, columns: 1, values: Float64Array.of(1), range: [1, 1] }],
    { y: { label: "y" } },
  ),
  "empty field": chartOf([
    { ...samplesOf("field", "f"), rows: 0, columns: 0, values: new Float64Array(0) },
    { ...samplesOf("contours", "f"), rows: 0, columns: 0, values: new Float64Array(0) },
  ]),
  "empty grid": gridOf(0, 0),
  "grid of one NaN": gridOf(1, 1, { values: Float64Array.of(Number.NaN), isNumbered: true }),
  "grid not finite": gridOf(2, 2, {
    values: Float64Array.of(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1),
    isNumbered: true,
  }),
  "grid of one value": gridOf(2, 2, {
    values: Float64Array.of(1, 1, 1, 1),
    range: [1, 1],
    colours: "sequential",
  }),
  "row of 5,000": gridOf(1, 5_000),
  "column of 5,000": gridOf(5_000, 1),
  "a million cells": gridOf(1_000, 1_000),
  "two million cells": gridOf(1_500, 1_400),
  "image with NaN": gridOf(40, 40, {
    colours: "ink",
    range: [0, 1],
    values: new Float64Array(1_600).fill(Number.NaN),
  }),
  "graph without nodes": { ...smallGraph, nodes: [], edges: [], groups: [] },
  "edge to nowhere": { ...smallGraph, edges: [{ from: "x", to: "nowhere", pass: "forward", lines: [] }] },
  "node with an edge to itself": {
    ...smallGraph,
    edges: [{ from: "x", to: "x", pass: "forward", lines: ["again"] }],
  },
  "groups in a ring": {
    ...smallGraph,
    groups: [
      { id: "layer", label: "a", parent: "other" },
      { id: "other", label: "b", parent: "layer" },
    ],
  },
  "graph of 10,000 steps": longGraph(10_000, false),
  "graph of 10,000 steps in groups": longGraph(10_000, true),
  "network without layers": { ...networkOf([1], false), layers: [], edges: [] },
  "network of one unit": networkOf([1], false),
  "layer without units": { ...networkOf([2, 1], true), layers: [{ name: "none", units: [], size: 0 }] },
  "network of NaN": {
    ...networkOf([2, 1], false),
    edges: [{ layer: 0, from: 0, to: 0, weight: Number.NaN, lines: [] }],
  },
  "network of 64 layers": networkOf(new Array<number>(64).fill(16), false),
  "svg that is none": { kind: "svg", svg: "no picture", alternative: "nothing" },
  "empty svg": { kind: "svg", svg: "<svg/>", alternative: "" },
  "finding of NaN": {
    kind: "finding",
    what: "loss",
    measured: Number.NaN,
    expected: 1,
    spread: 1,
    unit: "",
    isCompared: true,
  },
  "empty group": { kind: "group", title: "", parts: [], arrangement: "row" },
};

/** Names that the drawing chooses by, and no text. */
const CHOICES = new Set([
  "kind",
  "mark",
  "align",
  "colours",
  "scale",
  "across",
  "role",
  "pass",
  "arrangement",
  "id",
  "from",
  "to",
  "group",
  "parent",
]);

/** The value with all text in it replaced. Ids keep theirs in front, so that they still fit together. */
function spoiled(value: unknown, key = ""): unknown {
  if (typeof value === "string") {
    if (["id", "from", "to", "group", "parent"].includes(key)) return value + HOSTILE;
    if (CHOICES.has(key)) return value;
    if (key === "svg")
      return `<svg viewBox="0 0 9 9" onload="alert(1)"><style>@import url(https://example.org/a.css);</style><style>rect{fill:url("https://example.org/f.svg")}</style><path style="fill:url(https://example.org/g.svg#x)"/><script>alert(1)</script><foreignObject><p>x</p></foreignObject><a href="javascript:alert(1)"><rect onclick="alert(1)" width="9" height="9"/></a><image href="https://example.org/x.png"/></svg>`;
    return HOSTILE;
  }
  if (value instanceof Float64Array || typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((each) => spoiled(each, key));
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, spoiled(each, name)]));
}

/** Every kind of view with hostile text in every place for text. */
export const HOSTILE_VIEWS: Readonly<Record<string, View>> = Object.fromEntries(
  Object.entries(ORDINARY).map(([name, view]) => [name, spoiled(view) as View]),
);
