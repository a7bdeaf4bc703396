// Every loss that the package exports against its definition in plain loops: however it is reduced and weighted, in both
// float types, eagerly, in programs and under vmap; against PyTorch's figures; and its derivatives before the laboratory.

import { readdirSync } from "node:fs";
import { compile, type Tensor, vmap } from "@adjoint/autograd";
import { checkGradients } from "@adjoint/autograd/check";
import * as nn from "@adjoint/nn";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { runs, trials } from "../../support/runs.ts";
import { Dice, seeds, tensorOf } from "../../support/tensors.ts";
import { figures, inputs } from "../data/pytorch-losses.ts";
import {
  classes,
  drawRows,
  type Entry,
  isFlat,
  type Kind,
  lossOf,
  type Row,
  table,
  tensorOfRows,
  titleOf,
} from "./table.ts";

type Float = "float32" | "float64";
const types: readonly Float[] = ["float32", "float64"];
const unit = { float32: 2 ** -24, float64: 2 ** -53 };
const reductions = ["mean", "batchMean", "sum", "none"] as const;

const folder = new URL("../../../packages/nn/src/losses/", import.meta.url);

test("every loss of the sources is exported and in the table", async () => {
  const files = readdirSync(folder).filter((name) => name !== "loss.ts");
  const modules = await Promise.all(files.map((name) => import(new URL(name, folder).href)));
  const named = modules.flatMap((module: object) => Object.keys(module)).filter((name) => name in nn);
  expect(named.length).toBeGreaterThanOrEqual(files.length);
  expect([...new Set(table.map(({ name }) => name))].sort()).toEqual(named.sort());
});

test("every figure of PyTorch belongs to an entry of the table", () => {
  const titles = table.map(titleOf);
  expect(Object.keys(figures).filter((title) => !titles.includes(title))).toEqual([]);
});

/** The losses of a batch and what they become, in plain numbers. */
interface Expected {
  readonly numbers: number[];
  /** What rounding is measured by. */
  readonly size: number;
}

interface Batch {
  readonly rows: readonly (readonly Row[])[];
  readonly batch: readonly number[];
  readonly n: number;
}

const rowsOf = ({ rows }: Batch, r: number): Row[] => rows.map((operand) => operand[r]!);

/** Weights spelt out, one for each loss. */
function reduced(
  entry: Entry,
  given: Batch,
  reduction: nn.Reduction,
  weights: readonly number[] | null,
): Expected {
  const count = given.rows[0]!.length;
  const perRow = Array.from({ length: count }, (_, r) => entry.losses(...rowsOf(given, r)));
  const losses = perRow.flat();
  const weight = (i: number) => weights?.[i] ?? 1;
  const counts = perRow.flatMap((row, r) => row.map(() => entry.count?.(...rowsOf(given, r)) ?? 1));
  const weighted = losses.map((loss, i) => (weight(i) === 0 ? 0 : loss * weight(i)));
  const total = weighted.reduce((sum, value) => sum + value, 0);
  const whole = counts.reduce((sum, each, i) => sum + each * weight(i), 0);
  const outputs = entry.isOfRows || given.batch.length === 0 ? 1 : given.n;
  const largest = Math.max(...weighted.map(Math.abs), 1);
  if (reduction === "none") return { numbers: weighted, size: largest };
  if (reduction === "sum") return { numbers: [total], size: largest * losses.length };
  const factor = reduction === "batchMean" ? outputs : 1;
  const mean = (total / whole) * factor;
  const size = ((largest * losses.length) / whole) * factor;
  if (entry.ofMean === undefined) return { numbers: [mean], size };
  // An error of the mean becomes a relative error of its exponential.
  return { numbers: [entry.ofMean(mean)], size: entry.ofMean(mean) * size };
}

/** Some thirty roundings, of numbers that are a few times as large as the size. */
function expectNear(found: Tensor, { numbers, size }: Expected, dtype: Float): void {
  expect(found.size).toBe(numbers.length);
  expect(found.dtype).toBe(dtype);
  const bound = 128 * unit[dtype] * size;
  found.data.forEach((value: number, i: number) => {
    // NaN and ∞ of means over weights that are all 0.
    if (Object.is(value, numbers[i]!)) return;
    expect(Math.abs(value - numbers[i]!), `${value}, expected ${numbers[i]}`).toBeLessThanOrEqual(bound);
  });
}

const reductionsOf = (entry: Entry) => (entry.ofMean === undefined ? reductions : (["mean"] as const));
const asked = (entry: Entry, reduction: nn.Reduction) => (entry.ofMean === undefined ? { reduction } : {});

/** All reductions of one batch, without weights and with them. */
function everyWay(entry: Entry, dtype: Float) {
  return (operands: readonly Tensor[], weights: Tensor): Tensor[] =>
    reductionsOf(entry).flatMap((reduction) => [
      lossOf(entry, operands, dtype, asked(entry, reduction)),
      lossOf(entry, operands, dtype, { ...asked(entry, reduction), weights }),
    ]);
}

const hasLists = (entry: Entry) => Object.values(entry.options ?? {}).some(Array.isArray);

function expectEveryWay(run: ReturnType<typeof everyWay>, entry: Entry, dtype: Float, seed: number): void {
  const dice = new Dice(seed);
  const batch = [[3], [2, 2], [1], []][dice.below(entry.operands.some(isFlat) ? 3 : 4)]!;
  const n = hasLists(entry) ? classes : 1 + dice.below(5);
  const count = batch.reduce((product, size) => product * size, 1);
  const rows = entry.operands.map((kind) => drawRows(kind, count, n, dice));
  const operands = entry.operands.map((kind, i) => tensorOfRows(kind, rows[i]!, batch, n, dtype));
  const given = { rows, batch, n };
  const shape = entry.isOfRows ? batch : [...batch, n];
  // One for each loss, one for each sample or row of the first axis, or one for all.
  const own = [shape, shape.map((size, axis) => (axis === 0 ? size : 1)), []][dice.below(3)]!;
  const size = own.reduce((product, each) => product * each, 1);
  const some = Array.from({ length: size }, () => dice.below(5) / 4);
  const all = shape.reduce((product, each) => product * each, 1);
  const spelt = Array.from({ length: all }, (_, i) => some[Math.floor((i * size) / all)]!);
  const found = run(operands, tensorOf(some, own, dtype));
  reductionsOf(entry).forEach((reduction, k) => {
    expectNear(found[2 * k]!, reduced(entry, given, reduction, null), dtype);
    expectNear(found[2 * k + 1]!, reduced(entry, given, reduction, spelt), dtype);
  });
}

describe.each(table.map((entry) => [titleOf(entry), entry] as const))("%s", (title, entry) => {
  test.each(types)("is its definition, however it is reduced and weighted, in %s", (dtype) => {
    const run = everyWay(entry, dtype);
    fc.assert(
      fc.property(seeds, (seed) => expectEveryWay(run, entry, dtype, seed)),
      trials(6),
    );
  });

  test.each(types)("is its definition in a program in %s", (dtype) => {
    const run = compile(everyWay(entry, dtype));
    for (let seed = 1; seed <= runs(1, 6); seed++) expectEveryWay(run, entry, dtype, seed);
  });

  test("of many under vmap is what it is of each", () => {
    const dtype: Float = "float64";
    const rows = entry.operands.map((kind, i) => drawRows(kind, 6, classes, new Dice(20 + i)));
    const operands = entry.operands.map((kind, i) => tensorOfRows(kind, rows[i]!, [2, 3], classes, dtype));
    const loss = (...each: Tensor[]) => lossOf(entry, each, dtype);
    const found = vmap(loss)(...operands);
    const apart = [0, 1].map((k) => loss(...operands.map((x): Tensor => x.slice(k))).item());
    const size = Math.max(1, ...apart);
    expectNear(found, { numbers: apart, size }, dtype);
  });

  const figure = figures[title];
  if (figure !== undefined)
    test("gives PyTorch's figures", () => {
      for (const dtype of types) {
        const operands = figure!.of.map((name, i) =>
          tensorOfRows(entry.operands[i]!, inputs[name], [3], classes, dtype),
        );
        for (const reduction of ["none", "mean", "sum"] as const) {
          const numbers = [figure![reduction]].flat(2);
          const size = Math.max(1, ...numbers.map(Math.abs));
          expectNear(lossOf(entry, operands, dtype, { reduction }), { numbers, size }, dtype);
        }
      }
    });

  /** Operands of a kind from any numbers, so that what is moved by a little stays one. */
  const within: Record<Kind, (x: Tensor) => Tensor> = {
    real: (x) => x,
    sign: (x) => x,
    probability: (x) => x.logistic(),
    distribution: (x) => x.softmax(),
    pair: (x) => x.logistic(),
    label: (x) => x,
  };
  const isMoving = entry.operands.map((kind) => kind !== "label");
  const batch = 2;
  const n = hasLists(entry) ? classes : 3;
  const rows = entry.operands.map((kind, i) =>
    drawRows(isFlat(kind) ? kind : "real", batch, n, new Dice(40 + i)),
  );
  const shape = entry.isOfRows ? [batch] : [batch, 1];

  // In a normal run: each loss without options, in float32, whose derivatives are checked in float64, too; cross-entropy with
  // all options; and with one loss all reductions, which do the same to all.
  const isDeep = runs(0, 1) === 1;
  const isFirst = table.find(({ name }) => name === entry.name) === entry;
  const isFull =
    entry.name === "crossEntropy" &&
    table.findLast(({ name, about }) => name === entry.name && about === entry.about) === entry;
  const dtype: Float = isDeep || isFirst ? "float32" : "float64";
  const all = isDeep || entry.name === "meanSquaredError";
  const some = all ? reductionsOf(entry) : ([isFirst ? "none" : "mean"] as const);
  if (isDeep || isFirst || isFull)
    test("has right derivatives of order two in its operands and its weights", () => {
      for (const reduction of some) {
        const operands = entry.operands.map((kind, i) => tensorOfRows(kind, rows[i]!, [batch], n, dtype));
        const f = (moving: readonly Tensor[], weight: Tensor) => {
          const rest = [...moving];
          const all = entry.operands.map((kind, i) =>
            within[kind](isMoving[i] ? rest.shift()! : operands[i]!),
          );
          return lossOf(entry, all, weight.dtype, { ...asked(entry, reduction), weights: weight.square() });
        };
        const report = checkGradients(f, [
          operands.filter((_, i) => isMoving[i]),
          tensorOf([0.5, 1.25], shape, dtype),
        ]);
        // As text, so that a failure tells everything.
        expect(report.verdict === "right" ? "right" : report.toString()).toBe("right");
      }
    });
});
