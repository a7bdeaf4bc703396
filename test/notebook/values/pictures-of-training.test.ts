// Activations, models, passes and trainings are drawn with the right quantities in the right places.

import { pathToFileURL } from "node:url";
import {
  definePrimitive,
  gradients,
  ones,
  type Program,
  record,
  type Tensor,
  tapeOf,
  tensor,
  valueAndGrad,
  variable,
} from "@adjoint/autograd";
import { checkActivation, checkGradients } from "@adjoint/autograd/check";
import {
  backpropagation,
  gelu,
  keys,
  logistic,
  meanSquaredError,
  mlp,
  negLogLoss,
  relu,
  step,
  tanh,
} from "@adjoint/nn";
import { textOf, type View, view } from "@adjoint/notebook";
import { describe, expect, test } from "vitest";
import { svgOf } from "../../../packages/notebook/src/html/index.ts";
import { groundedExample } from "../../closed-form/grounded-example.ts";

const plain = { width: 80, colour: false };
const float64 = { dtype: "float64" } as const;

/** All views of a kind within a view, in order. */
function all<K extends View["kind"]>(shown: View, kind: K): Extract<View, { kind: K }>[] {
  if (shown.kind === kind) return [shown as Extract<View, { kind: K }>];
  return shown.kind === "group" ? shown.parts.flatMap((part) => all(part, kind)) : [];
}

/** A line of a chart by its name. */
function lineIn(chart: Extract<View, { kind: "chart" }>, name: string) {
  const found = chart.layers.find((layer) => layer.name === name);
  if (found?.mark !== "line") throw new Error(`there is no line ${name}`);
  return found;
}

describe("the grounded example", () => {
  const { layers, sample, target, exact } = groundedExample;
  const model = mlp([2, 2, 1], { activation: logistic, key: keys(0)(), ...float64 });
  layers.forEach(({ W }, l) => {
    model[l]!.transferMatrix = tensor(W, float64);
  });
  const pass = backpropagation(model, tensor([sample], float64), tensor([target], float64), negLogLoss);
  const shown = view(pass, { digits: 12 });
  const [graph] = all(shown, "graph");
  const between = (from: string, to: string) =>
    graph!.edges.find((edge) => edge.from === from && edge.to === to)!;
  const numbers = (text: string) => (text.split(" = ")[1]!.match(/-?\d[\d.e-]*(?=[,;)])/g) ?? []).map(Number);

  test.each([
    ["x0", "s1", "forward", "x(0)", [1, ...sample]],
    ["W0", "s1", "forward", "W(0)", layers[0]!.W.flat()],
    ["x1", "s2", "forward", "x(1)", [1, ...exact.hidden]],
    ["W1", "s2", "forward", "W(1)", layers[1]!.W.flat()],
    ["x2", "J", "forward", "ŷ", exact.prediction],
    ["x2", "s2", "backward", "δ(2)", exact.outputDelta],
    ["s2", "W1", "backward", "∇(1)", exact.outputGradient.flat()],
    ["x1", "s1", "backward", "δ(1)", exact.hiddenDelta],
    ["s1", "W0", "backward", "∇(0)", exact.hiddenGradient.flat()],
  ] as const)("has on the edge from %s to %s, %s, the lecture's %s", (from, to, way, name, expected) => {
    const edge = between(from, to);
    expect(edge.pass).toBe(way);
    const line = edge.lines.find((each) => each.startsWith(`${name} = `))!;
    expect(numbers(line)).toHaveLength(expected.length);
    // Written with 12 digits, so half a unit of the twelfth may be missing.
    numbers(line).forEach((value, i) => {
      expect(Math.abs(value - expected[i]!)).toBeLessThanOrEqual(5e-12 * Math.abs(expected[i]!) + 1e-15);
    });
  });

  test("has the same texts in the picture that the report shows", async () => {
    const picture = await svgOf(all(view(pass), "graph")[0]!, { theme: "light" });
    const texts = [...picture!.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text);
    for (const text of [
      "x(0) = (1, 0, 1)",
      "W(0) = (0.4, 0.6; 0.7, -0.4; -0.2, 0.3)",
      "x(1) = (1, 0.55, 0.711)",
      "ŷ = (0.512)",
      "δ(2) = (-0.488)",
      "∇(1) = (-0.488; -0.269; -0.347)",
      "δ(1) = (0, -0.0605, -0.01)",
    ])
      expect(texts).toContain(text);
  });

  test("is drawn with x and δ at the neurons, and W and ∇ on the arrows", () => {
    const [network] = all(view(pass), "network");
    expect(network!.layers.map(({ size }) => size)).toEqual([2, 2, 1]);
    expect(network!.layers[1]!.units).toEqual([
      { value: "1", delta: "", isBias: true },
      { value: "0.55", delta: "-0.0605", isBias: false },
      { value: "0.711", delta: "-0.01", isBias: false },
    ]);
    const arrow = network!.edges.find(({ layer, from, to }) => layer === 1 && from === 1 && to === 0);
    expect(arrow).toMatchObject({ weight: 0.5, lines: ["W 0.5", "∇ -0.269"] });
    // No arrow leads to a bias neuron.
    expect(network!.edges.some(({ layer, to }) => layer === 0 && to === 0)).toBe(false);
  });

  test("has every matrix in the table", () => {
    const names = all(shown, "table")[0]!
      .rows.map(([name]) => name)
      .filter((name) => name !== "");
    expect(names).toEqual(["x(0)", "W(0)", "∇(0)", "x(1)", "δ(1)", "W(1)", "∇(1)", "x(2)", "δ(2)"]);
  });
});

describe("a tape", () => {
  const w = variable([[0.5, -1]], { name: "w" });
  const loss = w.tanh().square().sum();
  const [graph] = all(view(tapeOf(loss)), "graph");

  test("has the derivative of its result on the way back, and the numbers on the way forward", () => {
    const dw = gradients(loss, [w])[0]!;
    const back = graph!.edges.filter(({ pass }) => pass === "backward");
    const text = `∂J = (${Array.from(dw.data, (value) => String(Number(value.toPrecision(4)))).join(", ")})`;
    expect(back.find(({ to }) => to === "v0")!.lines).toEqual([text]);
    expect(graph!.edges.find(({ from, pass }) => from === "v0" && pass === "forward")!.lines).toEqual([
      "float32 [1, 2]",
      "(0.5, -1)",
    ]);
  });

  test("has the sum of derivatives in the box of a value that is used twice, and not on its arrows", () => {
    const x = variable(3, { name: "x" });
    const [twice] = all(view(tapeOf(x.mul(x).add(x))), "graph");
    expect(twice!.nodes[0]!.lines).toContain("∂J = 7");
    expect(
      twice!.edges
        .filter(({ pass, to }) => pass === "backward" && to === "v0")
        .map(({ lines }) => lines.length),
    ).toEqual([0, 0]);
  });

  test("of a model is folded by its layers where there are many steps", () => {
    const key = keys(0);
    const model = mlp(
      Array.from({ length: 13 }, () => 3),
      { activation: tanh, key: key() },
    );
    const output = meanSquaredError(model.forward(ones([2, 3])), ones([2, 3]));
    const [folded] = all(view(tapeOf(output), { model }), "graph");
    const names = folded!.nodes.map(({ lines }) => lines[0]);
    expect(names).toEqual(expect.arrayContaining(Array.from({ length: 12 }, (_, i) => `layer ${i}`)));
    expect(folded!.note).toMatch(/\d+ values, folded by layer/);
    expect(folded!.nodes.length).toBeLessThan(20);
  });

  test("of a small model has frames around its layers, and the variables by their paths", () => {
    const model = mlp([2, 2, 1], { activation: tanh, key: keys(0)() });
    const [small] = all(view(tapeOf(model.forward(ones([1, 2])).sum()), { model }), "graph");
    expect(small!.groups.map(({ label }) => label)).toEqual(["layer 0", "layer 1"]);
    expect(small!.nodes.map(({ lines }) => lines[0])).toEqual(expect.arrayContaining(["0.weight", "1.bias"]));
    // What is made of one layer's output and the next one's weights is the next one's.
    const layerOf = new Map(small!.nodes.map(({ id, group }) => [id, group]));
    const weight = small!.nodes.find(({ lines }) => lines[0] === "1.weight")!.id;
    const [use] = small!.edges.filter(({ from, pass }) => from === weight && pass === "forward");
    expect(layerOf.get(use!.to)).toBe("layer 1");
  });
});

describe("a program", () => {
  const passes = (program: Program) => {
    const [graph] = all(view(program), "graph");
    return Object.fromEntries(graph!.nodes.map(({ id, pass }) => [id, pass]));
  };

  test("of a value and its gradient goes forward to the value and back from there", () => {
    const program = record(
      (x: Tensor<[3]>) => valueAndGrad((y: Tensor<[3]>) => y.tanh().square().sum())(x),
      ones([3]),
    );
    const way = passes(program);
    const [loss, gradient] = program.outputs;
    expect(way[`v${loss!.id}`]).toBe("forward");
    expect(way[`v${gradient!.id}`]).toBe("backward");
    expect(way.v0).toBe("forward");
  });

  test("of a function alone goes forward", () => {
    const way = passes(record((x: Tensor) => [x.sum(), x.tanh().mean()], ones([3])));
    expect(new Set(Object.values(way))).toEqual(new Set(["forward"]));
  });

  test("that assigns a variable ends in it", () => {
    const w = variable([1, 2], { name: "w" });
    const [graph] = all(view(record(() => w.assign(w.mul(2)))), "graph");
    expect(graph!.nodes.at(-1)).toMatchObject({ role: "output", lines: ["w ←"] });
  });
});

describe("an activation", () => {
  const linesOf = (chart: Extract<View, { kind: "chart" }>, name: string) =>
    chart.layers.flatMap((layer) => (layer.mark === "line" && layer.name === name ? [layer] : []));

  test("has its kinks as rules, and a line for each side of the one where its derivative jumps", () => {
    const chart = all(view(relu), "chart")[0]!;
    expect(chart.layers.filter(({ mark }) => mark === "rule")).toEqual([
      { mark: "rule", name: "kink", at: 0, across: "x" },
    ]);
    expect(["φ(x)", "φ′(x)", "φ″(x)", "φ‴(x)"].map((name) => linesOf(chart, name).length)).toEqual([
      1, 2, 1, 1,
    ]);
    const [left, right] = linesOf(chart, "φ′(x)");
    expect([left!.x.at(-1)! < 0, right!.x[0]! > 0, left!.y.at(-1), right!.y[0]]).toEqual([true, true, 0, 1]);
  });

  test("that jumps itself has a line for each side", () => {
    const [left, right, ...more] = linesOf(all(view(step), "chart")[0]!, "φ(x)");
    expect([new Set(left!.y), new Set(right!.y), more]).toEqual([new Set([0]), new Set([1]), []]);
  });

  test("has its third derivative right", () => {
    const [chart] = all(view(tanh), "chart");
    const line = lineIn(chart!, "φ‴(x)");
    line.x.forEach((x, i) => {
      const t = Math.tanh(x);
      // tanh‴ = −2(1 − t²)(1 − 3t²); both sides round a few times, and cancel by a factor below 10.
      expect(Math.abs(line.y[i]! - -2 * (1 - t * t) * (1 - 3 * t * t))).toBeLessThan(1e-13);
    });
  });

  test("without ψ has two places named that have one output and different slopes", () => {
    const text = all(view(gelu), "table")[0]!.rows.find(([what]) => what!.startsWith("ψ"))![1]!;
    const [, a, b] = /x = (\S+) and x = (\S+) have/.exec(text)!.map(Number) as [number, number, number];
    // Four digits of either place are written.
    expect(Math.abs(gelu(a) - gelu(b))).toBeLessThan(1e-3);
    expect(all(view(tanh), "table")[0]!.rows[2]![1]).toBe("1 − y²");
  });
});

test("a history has training beside validation, and a logarithmic axis where the loss falls far", () => {
  const history = { loss: [10, 0.1, 0.001], "validation.loss": [11, 0.3, 0.1], accuracy: [0.5, 0.6, 0.7] };
  const charts = all(view(history), "chart");
  expect(charts.map(({ title, y }) => [title, y.scale])).toEqual([
    ["loss", "log"],
    ["accuracy", undefined],
  ]);
  expect(charts[0]!.layers).toMatchObject([
    { name: "training", x: [1, 2, 3], y: [10, 0.1, 0.001] },
    { name: "validation", y: [11, 0.3, 0.1] },
  ]);
});

test("a history's confusion matrix is that of the last epoch, and its histograms have a column for each epoch", () => {
  const history = {
    loss: [1, 0.5],
    "validation.confusionMatrix": [
      [
        [1, 1],
        [1, 1],
      ],
      [
        [2, 0],
        [0, 2],
      ],
    ],
    "weights 0.weight": [
      [0.1, 0.2, 0.7],
      [0.3, 0.3, 0.4],
    ],
  };
  const [confusion] = all(view(history), "grid");
  const bins = all(view(history), "chart")
    .flatMap((each) => each.layers)
    .find((layer) => layer.mark === "field");
  expect([...confusion!.values]).toEqual([2, 0, 0, 2]);
  // The greatest bin is at the top.
  expect([bins!.rows, bins!.columns, ...bins!.values]).toEqual([3, 2, 0.7, 0.4, 0.2, 0.3, 0.1, 0.3]);
  // Columns stand at the epochs.
  expect(bins!.x).toEqual([1, 2]);
});

test("a report of differences has a picture of them", () => {
  const wrong = definePrimitive({
    name: "wrongSquare",
    shape: ([x]) => x!,
    value([x], out) {
      x!.data.forEach((value: number, i: number) => {
        out[i] = value * value;
      });
    },
    pullback: (_step, dy) => [dy.mul(3)],
    examples: [{ shapes: [[2]] }],
  });
  const report = checkGradients((x: Tensor) => wrong(x).sum(), [tensor([1, 2], float64)]);
  expect(report.verdict).toBe("wrong");
  const shown = view(report);
  const [chart] = all(shown, "chart");
  expect(chart!.layers.map(({ mark }) => mark)).toEqual(["bars", "bars"]);
  const { analytic, numerical } = report.disagreements[0]!;
  expect(chart!.layers.map((layer) => (layer.mark === "bars" ? layer.values[0] : null))).toEqual([
    analytic,
    numerical,
  ]);
  expect(textOf(shown, plain)).toContain("wrong");
});

test("long notes of a report are broken into lines, and no word of them is lost", () => {
  const report = checkActivation(gelu);
  const { text } = all(view(report), "text")[0]!;
  expect(
    Math.max(
      ...String(report)
        .split("\n")
        .map((line) => line.length),
    ),
  ).toBeGreaterThan(92);
  expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(92);
  expect(text.split(/\s+/)).toEqual(String(report).split(/\s+/));
});

test("a learning rate that changes is drawn, one that stays is said, and a loss that stays is drawn", () => {
  const titles = (history: object) => all(view(history), "chart").map(({ title }) => title);
  const stays = { loss: [1, 1, 1], learningRate: [0.01, 0.01, 0.01] };
  expect(titles(stays)).toEqual(["loss"]);
  expect(textOf(view(stays), plain)).toContain("learningRate: 0.01 in every epoch");
  expect(titles({ ...stays, learningRate: [0.01, 0.01, 0.001] })).toEqual(["loss", "learningRate"]);
});

test("a report names places as paths from where it runs, in lines that fit a page", () => {
  const report = Object.assign(Object.create(null) as object, {
    verdict: "right",
    disagreements: [],
    compared: 1,
    toString: () =>
      `right\n  made at ${process.cwd()}/a/b.ts:3:4 and ${pathToFileURL(`${process.cwd()}/c.ts`).href}:5:6${" and so on".repeat(20)}`,
  });
  const text = textOf(view(report), { width: 200, colour: false });
  expect(text).toMatch(/^right\n {2}made at a\/b\.ts:3:4 and c\.ts:5:6 and so on/);
  const lines = text.split("\n").slice(1);
  expect(lines.length).toBeGreaterThan(2);
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(92);
  for (const line of lines.slice(1)) expect(line).toMatch(/^ {4}\S/);
});
