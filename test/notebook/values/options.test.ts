// What options choose, and which can't be meant.

import { runInNewContext } from "node:vm";
import { linspace, normal, ones, randomKey, tensor } from "@adjoint/autograd";
import { relu } from "@adjoint/nn";
import { chart, type Form, type ShowOptions, show, textOf, type View, view } from "@adjoint/notebook";
import { describe, expect, onTestFinished, test, vi } from "vitest";

const plain = { width: 80, colour: false };
const matrix = tensor([
  [1, 2],
  [3, 4],
]);

/** A view of one kind; any other is an error. */
function only<K extends View["kind"]>(shown: View, kind: K): Extract<View, { kind: K }> {
  expect(shown.kind).toBe(kind);
  return shown as Extract<View, { kind: K }>;
}

describe("a tensor's form is the one that is asked for", () => {
  const forms: readonly [Form, View["kind"]][] = [
    ["number", "text"],
    ["table", "table"],
    ["image", "grid"],
    ["heat map", "grid"],
    ["histogram", "chart"],
    ["curve", "chart"],
    ["confusion matrix", "grid"],
    ["text", "text"],
  ];
  test.each(forms)("%s", (as, kind) => {
    expect(view(matrix, { as }).kind).toBe(kind);
  });

  test("a table has the tensor's numbers in its rows and columns, under the names that are given", () => {
    const shown = only(view(matrix, { as: "table", columns: ["a", "b"] }), "table");
    expect(shown.columns.map(({ name }) => name)).toEqual(["", "a", "b"]);
    expect(shown.rows).toEqual([
      ["0", "1", "2"],
      ["1", "3", "4"],
    ]);
  });

  test("curves go along the rows, one for each column", () => {
    const { layers, x } = only(view(matrix, { as: "curve", x: { label: "time", unit: "s" } }), "chart");
    expect(layers).toMatchObject([
      { mark: "line", name: "0", x: [0, 1], y: [1, 3] },
      { mark: "line", name: "1", x: [0, 1], y: [2, 4] },
    ]);
    expect(x).toEqual({ label: "time", unit: "s" });
  });

  test("a histogram counts every finite number once, the greatest too", () => {
    const numbers = tensor([0, 0.1, 0.5, 1, 1, Number.NaN, Infinity]);
    const shown = only(view(numbers, { as: "histogram", bins: 2, range: [0, 1] }), "chart");
    expect(shown.layers).toMatchObject([{ mark: "columns", from: [0, 0.5], to: [0.5, 1], y: [2, 3] }]);
    expect(shown.note).toContain("2 numbers that are not finite left out");
  });

  test("a confusion matrix says what its rows and columns are, and how much is right", () => {
    const shown = only(
      view(
        [
          [5, 1],
          [2, 4],
        ],
        { classes: ["cat", "dog"] },
      ),
      "grid",
    );
    expect(shown).toMatchObject({ rowLabel: "actual", columnLabel: "predicted", rowNames: ["cat", "dog"] });
    expect(shown.note).toContain("75 % of 12");
  });

  test("colours lie around 0 where there are numbers on both sides of it, and equally far", () => {
    const shown = only(view(tensor([[-1, 4]]), { as: "heat map" }), "grid");
    expect([shown.colours, shown.range]).toEqual(["diverging", [-4, 4]]);
    expect(only(view(matrix), "grid").colours).toBe("sequential");
  });

  test("a batch in red, green and blue has its channels in each place", () => {
    const reds = ones([1, 1, 6, 6]);
    const batch = only(
      view(tensor(Array.from({ length: 3 * 36 }, (_, i) => (i < 36 ? 1 : 0))).reshape([1, 3, 6, 6])),
      "group",
    );
    const picture = only(batch.parts[0]!, "grid");
    expect([picture.colours, ...picture.values.slice(0, 6)]).toEqual(["rgb", 1, 0, 0, 1, 0, 0]);
    expect(only(only(view(reds), "group").parts[0]!, "grid").colours).toBe("ink");
  });
});

test("the figures of a large tensor are those of its finite numbers, and the others are counted", () => {
  const numbers = new Float32Array(30_000).map(
    (_, i) => [2, 4, 4, 4, 5, 5, 7, 9, Number.NaN, Infinity][i % 10]!,
  );
  const [figures] = only(view(numbers), "group").parts;
  const { columns, rows } = only(figures!, "table");
  // The usual example of a standard deviation: its mean is 5 and its deviation 2.
  expect(Object.fromEntries(columns.map(({ name }, i) => [name, rows[0]![i]]))).toEqual({
    elements: "30,000",
    min: "2",
    mean: "5",
    max: "9",
    deviation: "2",
    NaN: "3,000",
    "±∞": "3,000",
  });
});

describe("what is left out is said", () => {
  test("of a batch of images", () => {
    expect(textOf(view(ones([20, 8, 8])), plain)).toContain(
      "4 more images left out; show a slice of the batch",
    );
  });
  test("of curves on the same axes", () => {
    expect(textOf(view(ones([5, 14]), { as: "curve" }), plain)).toContain("2 more curves left out");
  });
  test("of a table's rows, in the view", () => {
    const shown = only(view(linspace(0, 1, 1200), { as: "table" }), "table");
    expect([shown.rows.length, shown.note]).toEqual([1000, "200 more rows left out; show a slice"]);
  });
  test("of numbers written out", () => {
    expect(textOf(view(linspace(0, 1, 2000), { as: "number" }), plain)).toContain("1,000 more elements");
  });
  test("of a matrix whose places are means", () => {
    const [, , field] = only(view(normal(randomKey(0), [300, 600])), "group").parts;
    expect(only(field!, "grid")).toMatchObject({
      rows: 100,
      columns: 200,
      note: "each place is the mean of 3 × 3 numbers",
    });
  });
  test("of a mean, where the numbers of a place have one: what is not finite is left out of it", () => {
    const [, , field] = only(view(ones([300, 600]).div(tensor([1, 0]).tile([300]))), "group").parts;
    expect(new Set(only(field!, "grid").values)).toEqual(new Set([1]));
  });
});

const wrong: readonly [string, unknown, object, RegExp][] = [
  ["a form that is none", 1, { as: "picture" }, /as is "picture" and must be one of "number", "table"/],
  ["an option that is none", 1, { tilte: "x" }, /there is no option "tilte"; the options are title, as/],
  ["options that are none", 1, "image" as never, /got a string where options belong/],
  [
    "a second value",
    "loss",
    tensor([1, 2]) as never,
    /got a Tensor where options belong; .*\(value, \{ title: "…" \}\)/,
  ],
  ["an image of a string", "text", { as: "image" }, /a primitive value can't be shown as: "image"/],
  [
    "an image of an activation",
    relu,
    { as: "image" },
    /an activation can't be shown as: "image"; leave the option out/,
  ],
  ["an image of five axes", ones([2, 2, 2, 2, 2]), { as: "image" }, /an image is \[h, w\]/],
  [
    "a table of three axes",
    ones([2, 2, 2]),
    { as: "table" },
    /float32 \[2, 2, 2\] can't be shown as a table: .*reshape/,
  ],
  ["a heat map of three axes", ones([2, 2, 2]), { as: "heat map" }, /can't be shown as a heat map/],
  ["a heat map with one axis", matrix, { as: "heat map", x: "x" }, /a field over a plane has two, x and y/],
  ["a confusion matrix that is no square", ones([2, 3]), { as: "confusion matrix" }, /it is a square/],
  ["names of other classes", matrix, { classes: ["a"] }, /1 names of classes for a confusion matrix of 2/],
  ["classes that are no names", matrix, { classes: [1, 2] }, /classes must be names in brackets/],
  [
    "names of other columns",
    matrix,
    { as: "table", columns: ["a"] },
    /1 names of columns, and float32 \[2, 2\] has 2/,
  ],
  ["names of other curves", matrix, { as: "curve", columns: ["a"] }, /1 names, and there are 2 curves/],
  ["no bins", matrix, { as: "histogram", bins: 0 }, /bins is 0 and must be a whole number, 1 or more/],
  ["a range that goes down", matrix, { range: [1, 0] }, /range must be two finite numbers, the lesser first/],
  ["too many digits", 1, { digits: 18 }, /17 tell all float64 numbers apart/],
  ["a title that is no text", 1, { title: 3 }, /the option title is a number and must be a string/],
  ["an axis without a name", matrix, { x: { unit: "s" } }, /the x axis has no name/],
  ["a scale that is none", matrix, { x: { label: "x", scale: "sqrt" } }, /must be "linear" or "log"/],
  [
    "a logarithmic axis from 0",
    matrix,
    { x: { label: "x", scale: "log", domain: [0, 1] } },
    /no 0 and nothing below/,
  ],
  ["a model that is none", matrix, { model: 3 }, /model must be a model/],
];
test.each(wrong)("an error says what is wrong with %s", (_, value, options, message) => {
  expect(() => view(value, options as ShowOptions)).toThrow(message);
});

describe("what is left out or cut is said", () => {
  const square = (size: number, value: (i: number, j: number) => number) =>
    Array.from({ length: size }, (_, i) => Array.from({ length: size }, (_, j) => value(i, j)));

  test("NaN that disappear in means are counted, in the view and in a terminal", () => {
    const numbers = square(300, (i) => (i === 3 ? Number.NaN : i));
    const shown = only(view(numbers, { as: "heat map" }), "grid");
    expect(shown.note).toContain("without 300 numbers that are not finite");
    const small = square(100, (i, j) => (i === 3 && j === 3 ? Number.NaN : i));
    expect(textOf(view(small, { as: "heat map" }), plain)).toContain("without 1 number not finite");
  });

  test("infinities are not the ends of a scale of shades", () => {
    const text = textOf(view(square(20, (_, j) => (j === 3 ? Infinity : j === 4 ? -Infinity : j))), plain);
    expect(text).toContain("+∞-∞");
  });

  test("a diverging scale of shades is alike to both sides of 0, as in the report", () => {
    const text = textOf(
      view(
        square(20, (_, j) => j - 5),
        { range: [-5, 14] },
      ),
      plain,
    );
    expect(text).toContain("-█ -14 … blank 0 … ██ 14");
    expect(text).not.toContain("-█-");
  });

  test("images of a batch have one scale", () => {
    const images = [1, 200].map((level) => square(5, () => level));
    const shown = only(view(images, { as: "image" }), "group");
    expect(shown.parts.map((part) => only(part, "grid").range)).toEqual([
      [0, 200],
      [0, 200],
    ]);
    const coloured = [1, 255].map((level) =>
      square(5, () => level).map((row) => row.map((each) => [each, 0, 0])),
    );
    const { parts } = only(view(coloured, { as: "image" }), "group");
    expect(parts.map((part) => only(part, "grid").values[0])).toEqual([1 / 255, 1]);
  });

  test("two curves of one name are an error, since one of them would be lost", () => {
    expect(() => view(matrix, { as: "curve", columns: ["a", "a"] })).toThrow(/two curves have one name, a/);
  });

  test("64-bit integers of another realm are shown as what they are", () => {
    const text = textOf(view(runInNewContext("new BigInt64Array([7n])")), plain);
    expect(text).toContain("7n");
  });

  test("bars beyond the ends of an axis end with it", () => {
    const bars = chart([{ mark: "bars", name: "b", labels: ["low", "high"], values: [0.5, 7] }], {
      x: "model",
      y: { label: "accuracy", domain: [0.9, 1] },
    });
    for (const line of textOf(bars, plain).split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });

  test("what only looks like a view is shown as what is wrong with it", () => {
    const print = vi.spyOn(console, "log").mockImplementation(() => {});
    onTestFinished(() => print.mockRestore());
    const odd = { kind: "chart", title: "", x: { label: "a" }, y: { label: "b" }, note: "" };
    expect(show({ ...odd, layers: [{ mark: "line", name: "n" }] }).view).toMatchObject({
      kind: "text",
      text: expect.stringContaining("this chart view can't be shown"),
    });
  });
});
