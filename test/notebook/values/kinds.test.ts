// What is told of each kind of value: in which order, under which name, and how much is left out.

import { ones, record, type Tensor, tensor } from "@adjoint/autograd";
import { dense, gelu, keys, relu, sequential } from "@adjoint/nn";
import { fast, finding, network, table, textOf, type View, view } from "@adjoint/notebook";
import { describe, expect, test, vi } from "vitest";
import { statisticsOf } from "../../../packages/notebook/src/values/statistics.ts";
import { viewOf } from "../../../packages/notebook/src/values/table.ts";
import { counted } from "../../../packages/notebook/src/views/number-text.ts";
import type { GridView, NetworkView, TableView } from "../../../packages/notebook/src/views/view.ts";

const all = (shown: View): View[] => (shown.kind === "group" ? shown.parts.flatMap(all) : [shown]);
const tableIn = (shown: View) => all(shown).find((each): each is TableView => each.kind === "table")!;
const textIn = (shown: View) => textOf(shown, { width: 80, colour: false });

describe("a search", () => {
  const trial = (rate: number, loss: number | null, budget: number | null = null) => ({
    settings: { rate },
    loss,
    budget,
  });

  test("has the largest budget first, and of one budget the lowest loss", () => {
    const list = tableIn(
      view({ trials: [trial(1, 3, 1), trial(2, 1, 1), trial(3, 4, 9), trial(4, 2, 9), trial(5, null, 9)] }),
    );
    expect(list.rows.map(([rate]) => rate)).toEqual(["4", "3", "5", "2", "1"]);
    expect(list.note).toBe("the best first; 1 loss not finite; lowest loss 2");
  });

  test("has dots over a setting for the trials that have a loss", () => {
    const [, dots] = all(view({ trials: [trial(1, 3), trial(2, null), trial(1000, 1)] }));
    expect(dots).toMatchObject({ x: { scale: "log" }, layers: [{ x: [1, 1000], y: [3, 1] }] });
  });
});

describe("a history", () => {
  test("of one epoch has its numbers, and as a table a row for each, counted from 1", () => {
    expect(tableIn(view({ loss: [2, 1] }, { as: "table" })).rows).toEqual([
      ["1", "2"],
      ["2", "1"],
    ]);
  });

  test("says how many values are gaps", () => {
    const [chart] = all(view({ loss: [3, Number.NaN, 1] }));
    expect(chart).toMatchObject({ note: "1 value not finite: gaps" });
  });

  test("has no logarithmic axis where something is not above 0", () => {
    const [chart] = all(view({ loss: [1000, 0, 1] }));
    expect((chart as { y: object }).y).toEqual({ label: "loss" });
  });
});

describe("a model", () => {
  test("has each weight on the arrow between its two units, biases first", () => {
    const layer = dense(2, 3, { key: keys(0)() });
    layer.weight.assign(
      tensor([
        [1, 2, 3],
        [4, 5, 6],
      ]),
    );
    layer.bias!.assign(tensor([7, 8, 9]));
    const network = all(view(sequential(layer))).find(
      (each): each is NetworkView => each.kind === "network",
    )!;
    expect(network.edges.map(({ from, to, weight }) => [from, to, weight])).toEqual(
      [
        [7, 8, 9],
        [1, 2, 3],
        [4, 5, 6],
      ].flatMap((row, from) => row.map((weight, to) => [from, to, weight])),
    );
  });

  const layer = (path: string, trainable: number, notTrained: number, bytes: number) => ({
    path,
    kind: "dense",
    output: null,
    trainable,
    notTrained,
    bytes,
  });
  test("has what is trained apart from what is not, and memory in units of 1024", () => {
    const one = layer("0", 10, 3, 10_240);
    expect(tableIn(view({ ...one, layers: [one] })).rows).toEqual([
      ["0", "dense", "10", "3", "10.0 KiB"],
      ["", "total", "10", "3", "10.0 KiB"],
    ]);
  });
  test("of very many layers says how many are left out", () => {
    const layers = Array.from({ length: 1002 }, (_, i) => layer(`${i}`, 1, 0, 4));
    expect(tableIn(view({ layers, trainable: 1002, notTrained: 0, bytes: 4008 })).note).toBe(
      "2 more layers left out, and counted in the total",
    );
  });
});

test("a report with many differences says how many are left out", () => {
  const disagreement = {
    input: "x",
    index: [0],
    order: 1,
    test: "slope",
    analytic: 1,
    numerical: 2,
    error: 0,
  };
  const report = { verdict: "wrong", compared: 1, disagreements: Array(23).fill(disagreement) };
  const [, chart] = all(view(report));
  expect(chart).toMatchObject({ kind: "chart", note: "3 more differences left out" });
});

test("a list of very many objects says how many are left out, and one that is short says nothing", () => {
  const rows = (count: number) => Array.from({ length: count }, (_, a) => ({ a, b: "b" }));
  expect(tableIn(view(rows(1001))).note).toBe("1 more row left out; show a slice");
  expect(tableIn(view(rows(3))).note).toBe("");
});

test("a long function says how many lines are left out", () => {
  const long = new Function(`return 1;${"\n".repeat(20)}`);
  expect(textIn(view(long))).toMatch(/\n… \d+ more lines$/);
  expect(textIn(view(() => 1))).not.toContain("more line");
});

test("a bool tensor that is long says how many are true", () => {
  expect(textIn(view(tensor(Array.from({ length: 20 }, (_, i) => i < 3))))).toContain("bool [20], 3 true");
});

test("a picture in PNG has its width and its height", () => {
  const bytes = Buffer.alloc(33);
  bytes.writeUInt32BE(0x89504e47, 0);
  bytes.writeUInt32BE(30, 16);
  bytes.writeUInt32BE(20, 20);
  const value = { [Symbol.for("Jupyter.display")]: () => ({ "image/png": bytes.toString("base64") }) };
  expect((viewOf(value, {}) as { svg: string }).svg).toContain('viewBox="0 0 30 20"');
});

test("an image in red, green and blue above 1 goes to 255", () => {
  const shown = view(
    tensor([
      [
        [255, 0, 51],
        [0, 0, 0],
      ],
      [
        [0, 0, 0],
        [0, 0, 0],
      ],
    ]),
    { as: "image" },
  );
  expect([...(shown as { values: Float64Array }).values].slice(0, 3)).toEqual([1, 0, 0.2]);
});

test("a program is summed up by primitives, the most frequent first, with shares of all steps", () => {
  const program = record((x: Tensor) => x.mul(x).mul(x).mul(x).sum(), ones([3]));
  const shown = tableIn(view(program, { as: "table" }));
  expect(shown.rows.map(([, steps, share]) => [steps, share])).toEqual([
    ["3", "60.0 %"],
    ["1", "20.0 %"],
    ["1", "20.0 %"],
  ]);
});

test("figures are those of the finite numbers, with the root of the mean square distance", () => {
  // Far from 0, where sums of squares would lose it.
  const numbers = [1e9 + 1, 1e9 + 3, Number.NaN, Infinity, -Infinity];
  expect(statisticsOf(numbers)).toMatchObject({ mean: 1e9 + 2, deviation: 1, nan: 1, infinite: 2 });
});

test("a count of 0 is in the plural", () => {
  expect(counted(0, "row")).toBe("0 rows");
});

test("columns of numbers stand to the right, and others to the left", () => {
  expect(table([{ name: "a", loss: 1 }]).columns.map(({ align }) => align)).toEqual(["left", "right"]);
});

test("a weight is that of its own unit where the next layer has a bias neuron, too", () => {
  const shown = network(
    [
      { name: "a", size: 1, hasBias: false, weight: (from, to) => 10 * from + to },
      { name: "b", size: 2, hasBias: true },
    ],
    {},
  );
  expect(shown.edges.map(({ to, weight }) => [to, weight])).toEqual([
    [1, 0],
    [2, 1],
  ]);
});

test("a matrix that is too large has the means of its own places, and NaN where none is finite", () => {
  const rows = [0, 1, 2, 3].map((row) =>
    Array.from({ length: 300 }, (_, j) => (j < 2 && row < 2 ? Number.NaN : row)),
  );
  const shown = view(tensor(rows), { as: "heat map" }) as GridView;
  expect([shown.rows, shown.columns]).toEqual([2, 150]);
  expect([0, 1, 150, 151].map((at) => shown.values[at])).toEqual([Number.NaN, 0.5, 2.5, 2.5]);
});

describe("a backpropagation", () => {
  const matrix = (rows: number, columns: number, from: number) =>
    tensor(
      Array.from({ length: rows }, (_, i) =>
        Array.from({ length: columns }, (_, j) => from + i * columns + j),
      ),
    );
  const samples = (batch: number) => ({
    loss: tensor(0.5),
    inputGradient: matrix(batch, 2, 0),
    layers: [
      { x: matrix(batch, 3, 1), delta: null, weight: matrix(3, 2, 1), gradient: matrix(3, 2, 11) },
      { x: matrix(batch, 2, 1), delta: matrix(batch, 2, 1).mul(-0), weight: null, gradient: null },
    ],
  });
  const networkIn = (shown: View) => all(shown).find((each): each is NetworkView => each.kind === "network")!;

  test("has each weight and gradient on the arrow between its two units", () => {
    expect(networkIn(view(samples(1))).edges.map(({ from, to, lines }) => [from, to, ...lines])).toEqual(
      [0, 1, 2].flatMap((from) =>
        [0, 1].map((to) => [from, to, `W ${1 + 2 * from + to}`, `∇ ${11 + 2 * from + to}`]),
      ),
    );
  });

  test("writes 0 for a zero with a sign", () => {
    expect(networkIn(view(samples(1))).layers[1]!.units.map(({ delta }) => delta)).toEqual(["0", "0"]);
  });

  test("says that it draws one sample, and how many rows of its table are left out", () => {
    expect(networkIn(view(samples(1))).note).toBe("");
    expect(networkIn(view(samples(2))).note).toMatch(/^x and δ of the first of 2 samples/);
    // Of x(0), x(1) and δ(1), 40 rows each, 32 are shown.
    expect(tableIn(view(samples(40))).note).toContain("24 more rows left out");
  });
});

test("an activation without ψ has the slopes of its two places beside each other", () => {
  const [, a, b] = /slopes (\S+) and (\S+)/.exec(tableIn(view(gelu)).rows.flat().join("\n"))!;
  expect(a).not.toBe(b);
});

test("an activation's range goes from its least number to its greatest", () => {
  expect(tableIn(view(relu)).rows.find(([what]) => what === "range")).toEqual(["range", "from 0 to ∞"]);
});

test("a finding of a fast run is not compared", () => {
  vi.spyOn(console, "log").mockImplementation(() => {});
  expect(finding("a", 1, { expected: 1, spread: 0 }).view).toMatchObject({ isCompared: !fast });
  vi.restoreAllMocks();
});
