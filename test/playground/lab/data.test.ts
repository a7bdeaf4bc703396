// Data sets: what is drawn, the digits, and tables that people paste.

import { describe, expect, test } from "vitest";
import { createLab } from "../../../packages/playground/src/lab/create-lab.ts";
import { drawn } from "../../../packages/playground/src/lab/data/drawn.ts";
import { fromTable, tableOf } from "../../../packages/playground/src/lab/data/table.ts";
import { startingWith } from "../../../packages/playground/src/lab/defaults.ts";
import { MistakeError } from "../../../packages/playground/src/lab/mistakes.ts";
import { laboratory, mistakesOf, opened } from "./laboratory.ts";

const set = (name: string, noise: number, samples: number, seed = 1) => drawn({ name, noise, samples }, seed);

describe("data sets that are drawn", () => {
  test("have as many samples as asked for, a quarter for the test, the same for a seed and others for another", () => {
    for (const name of ["xor", "moons", "rings", "spiral", "quiz"]) {
      const { training, test, inputs } = set(name, 0.1, 100);
      expect([training.count, test.count]).toEqual([75, 25]);
      expect(training.x).toHaveLength(75 * inputs.length);
      expect(set(name, 0.1, 100)).toEqual(set(name, 0.1, 100));
      expect(set(name, 0.1, 100, 2).training.x).not.toEqual(training.x);
    }
  });

  test("follow their definitions where there is no noise", () => {
    const each = (name: string, holds: (x: number, y: number, label: number) => boolean) => {
      const { training } = set(name, 0, 80);
      for (let i = 0; i < training.count; i++)
        expect(holds(training.x[2 * i]!, training.x[2 * i + 1]!, training.y[i]!), name).toBe(true);
    };
    each("xor", (a, b, label) => (a !== b ? 1 : 0) === label);
    // 1e-12: a few roundings of numbers near 1.
    each("rings", (a, b, label) => Math.abs(Math.hypot(a, b) - (label === 0 ? 1 : 0.4)) < 1e-12);
    each("moons", (a, b, label) => {
      const [x, y] = label === 0 ? [a + 0.5, b + 0.25] : [0.5 - a, 0.25 - b];
      return Math.abs(Math.hypot(x, y) - 1) < 1e-12 && y >= 0;
    });
    const { training } = set("quiz", 0, 80);
    for (let i = 0; i < training.count; i++)
      expect(Math.abs(training.y[i]! - 0.5 * 9.81 * training.x[i]! ** 2)).toBeLessThan(1e-12);
  });

  test("have noise of the standard deviation that is asked for", () => {
    const { training } = set("xor", 0.2, 4000);
    const errors = training.x.map((value) => value - Math.round(Math.min(1, Math.max(0, value))));
    const deviation = Math.sqrt(errors.reduce((sum, e) => sum + e * e, 0) / errors.length);
    // 6,000 draws: the standard error is 1 %; the few that are rounded to the wrong corner make it a little smaller.
    expect(deviation).toBeGreaterThan(0.18);
    expect(deviation).toBeLessThan(0.21);
  });
});

test("the digits are the 1,797 of their source, in the numbers of each class that it states", async () => {
  const { data } = await opened(laboratory(), startingWith("digits"));
  expect(data).toMatchObject({ kind: "image", imageSize: [8, 8], isClassification: true });
  expect(data.training.count + data.test.count).toBe(1797);
  const counts = new Array<number>(10).fill(0);
  for (const label of [...data.training.y, ...data.test.y]) counts[label]!++;
  expect(counts).toEqual([178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
  expect([...new Set(data.training.x)].sort((a, b) => a - b)).toEqual([0, 4, 8, 12, 16]);
  expect(data.source).toContain("CC BY 4.0");
});

test("digits that can't be loaded are a mistake, and are asked for again the next time", async () => {
  let asked = 0;
  const lab = createLab(async () => {
    if (++asked === 1) throw new Error("the server answered 503");
    return new Uint8Array(10);
  });
  const [first] = mistakesOf(await lab.open(startingWith("digits")));
  expect(first).toMatchObject({ field: "data.name" });
  expect(first!.message).toContain("the server answered 503");
  const [second] = mistakesOf(await lab.open(startingWith("digits")));
  expect(second!.message).toContain("the file has 10 bytes");
});

const rows = (n: number, row: (i: number) => string) =>
  Array.from({ length: n }, (_, i) => row(i)).join("\n");
const good = rows(12, (i) => `${i / 4},${i % 5},${i % 2 === 0 ? "yes" : "no"}`);

describe("a table", () => {
  test("has names of columns where its first row has words, and classes where the last column has", () => {
    expect(tableOf(`width,height,kind\n${good}`)).toMatchObject({
      inputs: ["width", "height"],
      target: "kind",
      classes: ["no", "yes"],
    });
    expect(tableOf(good)).toMatchObject({ inputs: ["x1", "x2"], target: "y", classes: ["no", "yes"] });
    const { rows: read } = tableOf(good);
    expect([...read.x.slice(0, 4)]).toEqual([0, 0, 0.25, 1]);
    expect([...read.y.slice(0, 3)]).toEqual([1, 0, 1]);
  });

  test("has numbers to predict where the last column is fractional, and classes where it has a few whole ones", () => {
    expect(tableOf(rows(12, (i) => `${i},${i / 3}`)).classes).toBeNull();
    expect(tableOf(rows(12, (i) => `${i},${i % 3}`)).classes).toEqual(["0", "1", "2"]);
    expect(tableOf(rows(12, (i) => `${i},${i}`)).classes).toBeNull();
  });

  test("may be divided by semicolons or tabs, quoted, marked as Unicode, and end its lines in any way", () => {
    const plain = tableOf(good);
    for (const text of [
      good.replaceAll(",", ";"),
      good.replaceAll(",", "\t"),
      `\ufeff${good}\n\n`,
      good.replaceAll("\n", "\r\n"),
      good.replaceAll("yes", '"yes"'),
      `sep=;\n${good.replaceAll(",", ";")}`,
    ])
      expect(tableOf(text)).toEqual(plain);
  });

  test("may have commas within the names of columns that semicolons or tabs divide", () => {
    for (const divider of [";", "\t"]) {
      const text = `width, in m${divider}height, in m${divider}kind, a or b\n${good.replaceAll(",", divider)}`;
      expect(tableOf(text)).toMatchObject({
        inputs: ["width, in m", "height, in m"],
        target: "kind, a or b",
        rows: { count: 12 },
      });
    }
  });

  test("is scaled to mean 0 and deviation 1 by its training data alone, and shared out whole", () => {
    const data = fromTable(good, 3);
    expect(data.training.count + data.test.count).toBe(12);
    const column = Array.from({ length: data.training.count }, (_, i) => data.training.x[2 * i]!);
    const mean = column.reduce((a, b) => a + b) / column.length;
    const deviation = Math.sqrt(column.reduce((sum, x) => sum + (x - mean) ** 2, 0) / column.length);
    // Roundings of numbers of this size.
    expect(Math.abs(data.inputScale!.shift[0]! - mean)).toBeLessThan(1e-12);
    expect(Math.abs(data.inputScale!.scale[0]! - deviation)).toBeLessThan(1e-12);
    const all = [...data.training.x, ...data.test.x].sort((a, b) => a - b);
    expect(all).toEqual([...tableOf(good).rows.x].sort((a, b) => a - b));
  });

  const changed = (line: number, text: string) =>
    good
      .split("\n")
      .with(line - 1, text)
      .join("\n");
  test.each<[string, string, number | undefined, string]>([
    ["is empty", "", undefined, "empty"],
    ["is blank", " \n\n ", undefined, "empty"],
    ["has one column", rows(10, (i) => `${i}`), 1, "one column"],
    ["has too few rows", "1,2\n3,4", 2, "at least 8"],
    ["has a header alone", "a,b\n", 1, "at least 8"],
    ["has a short row", changed(7, "1,2"), 7, "2 cells where the first has 3"],
    ["has a long row", changed(7, "1,2,yes,4"), 7, "4 cells"],
    ["has a word among numbers", changed(5, "1,red,yes"), 5, "x2 is “red” where a number belongs"],
    ["has an empty cell", changed(5, "1,,yes"), 5, "x2 is empty"],
    ["has an empty target", changed(5, "1,2,"), 5, "y is empty"],
    ["has a NaN", changed(4, "NaN,2,yes"), 4, "no finite number"],
    ["has an infinity", changed(4, "-inf,2,yes"), 4, "no finite number"],
    ["has a number beyond all bounds", changed(4, "1e99,2,yes"), 4, "beyond ±10¹⁸"],
    ["has decimal commas", changed(4, '"1,5",2,yes'), 4, "decimals with a point"],
    ["has decimal commas between semicolons", rows(12, (i) => `${i},5;${i},5;a`), 1, "decimals with a point"],
    ["has a number beyond all bounds in its first row", changed(1, "1e99,2,yes"), 1, "beyond ±10¹⁸"],
    ["has a class that says it is missing", changed(5, "1,2,NA"), 5, "the class is missing"],
    [
      "has a damage behind the line that names its divider",
      `sep=,\n${changed(3, "1,x,yes")}`,
      4,
      "x2 is “x”",
    ],
    ["has two columns of one name", `a,a,b\n${good}`, 1, "two columns are called “a”"],
    ["has words and numbers in its first row", `a,1,b\n${good}`, 1, "a header names every column"],
    ["has one class only", rows(12, (i) => `${i},yes`), undefined, "one class only"],
    ["has one number only to predict", rows(12, (i) => `${i},1.5`), undefined, "must differ"],
    [
      "has a word among the numbers to predict",
      `${rows(12, (i) => `${i},${i / 7}`)}\n3,abc`,
      13,
      "y is “abc”",
    ],
    ["has too many classes", rows(60, (i) => `${i},class${i % 30}`), undefined, "at most 20 classes"],
    ["has a quotation mark that is not closed", changed(6, '1,2,"yes'), 6, "not closed"],
    ["is too long", "1,2\n".repeat(80_000), undefined, "may have 300000"],
    ["has too many columns", rows(10, () => Array(70).fill("1").join(",")), 1, "at most 64"],
    ["has too many rows", rows(10_050, (i) => `${i % 9},${i % 2}`), 10_001, "at most 10000"],
    ["has an empty line with a damage behind it", changed(7, "1,2,yes\n\n\nx,2,yes"), 10, "x1 is “x”"],
    ["has a cell of two lines before its damage", changed(3, '1,2,"ye\ns"\nx,2,yes'), 5, "x1 is “x”"],
  ])("that %s is refused at its line", (_, text, line, says) => {
    try {
      tableOf(text);
    } catch (error) {
      expect(error).toBeInstanceOf(MistakeError);
      const [mistake] = (error as MistakeError).mistakes;
      expect(mistake!.message).toContain(says);
      expect(mistake).toMatchObject({ field: "data.csv", ...(line === undefined ? {} : { line }) });
      return;
    }
    expect.unreachable("it was taken");
  });

  test("that is damaged all over tells of five lines, not of all", () => {
    try {
      tableOf(`${good}\n${rows(9, (i) => `1,two${i},yes`)}`);
    } catch (error) {
      expect((error as MistakeError).mistakes).toHaveLength(5);
      return;
    }
    expect.unreachable("it was taken");
  });
});
