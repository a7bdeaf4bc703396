import { type Mutation, mutationsOf } from "./mutation.ts";

/** Mistakes in what trains, measures and searches. */
export const training: readonly Mutation[] = [
  ...mutationsOf(
    "nn/src/fit/batches.ts",
    ["nn/fit/fit.test.ts"],
    [
      [
        "shuffled === null ? i % n : shuffled[i % n]!",
        "shuffled === null ? i % n : shuffled[Math.min(i, n - 1)]!",
      ],
      ["weights: count === size ? all : some, count", "weights: all, count"],
      ["const count = Math.min(size, n - step * size);", "const count = size;"],
      ["ready.pop()!", "ready.shift()!"],
      ["if (n < size && dropsLast) continue;", ""],
    ],
  ),
  ...mutationsOf(
    "nn/src/fit/batches.ts",
    ["nn/fit/batches.test.ts"],
    [
      ["if (step++ < from) continue;", "if (place - 1 < from) continue;"],
      ["if (step < from)", "if (step < 0)"],
    ],
  ),
  ...mutationsOf(
    "nn/src/fit/checks.ts",
    ["nn/fit/counted.test.ts", "nn/fit/fit.test.ts"],
    [
      ["if (hidden.length > 0) {", "if (hidden.length > 9) {"],
      ["if (!readsWeights)", "if (false)"],
      ["if (!readLast(program).includes(true)) {", "if (false) {"],
    ],
  ),
  ...mutationsOf(
    "nn/src/fit/totals.ts",
    ["nn/fit/counted.test.ts"],
    [
      ["[sum + more!, over + times]", "[sum + more!, over + count]"],
      ["[...metrics, ...monitors].find((each) => each.name === name) ??", ""],
    ],
  ),
  ...mutationsOf(
    "nn/src/fit/fit.ts",
    ["nn/fit/resume.test.ts", "nn/fit/batches.test.ts"],
    [
      ["while (course.ended === null && course.epochsDone", "while (course.epochsDone"],
      ["await close(batches).catch(() => undefined);", ""],
    ],
  ),
  ...mutationsOf(
    "nn/src/fit/course.ts",
    ["nn/fit/resume.test.ts", "nn/fit/fit.test.ts"],
    [
      ["this.#order = splitKey(this.#order, 1)[0];", "this.#order = splitKey(this.#order, 2)[1];"],
      ["    this.#totals = new Totals(this.#measures);\n", ""],
      ["new Totals(this.#measures, saved?.totals)", "new Totals(this.#measures)"],
    ],
  ),
  ...mutationsOf(
    "nn/src/fit/stopping.ts",
    ["nn/fit/stopping.test.ts"],
    [
      ["sign * value < sign * best - minDelta", "sign * value <= sign * best - minDelta"],
      ["sign * value < sign * best - minDelta", "sign * value < sign * best"],
      [
        "return this.state.waited >= this.#options.patience;",
        "return this.state.waited > this.#options.patience;",
      ],
      ["value <= limit;", "value < limit;"],
    ],
  ),
  ...mutationsOf("nn/src/fit/programs.ts", ["nn/fit/fit.test.ts"], [["key.assign(next);", ""]]),
  ...mutationsOf(
    "nn/src/fit/programs.ts",
    ["nn/fit/counted.test.ts"],
    [
      ['reduction === "sum" && result === loss', 'reduction === "sum"'],
      ['divisor.mean.cast("float64").mul(divisor.size)', 'divisor.mean.cast("float64")'],
      ["count.gate(value)", "count.mul(value)"],
      ["if (!tapeOf(loss).tensors.includes(divisor.mean)) return null;", ""],
    ],
  ),
  ...mutationsOf(
    "nn/src/metrics/r2.ts",
    ["nn/metrics.test.ts"],
    [["spreadA.add(spreadB).add(between)", "spreadA.add(spreadB)"]],
  ),
  ...mutationsOf(
    "nn/src/metrics/roc-auc.ts",
    ["nn/metrics.test.ts"],
    [["below + tiedNegatives / 2", "below + tiedNegatives"]],
  ),
  ...mutationsOf(
    "nn/src/metrics/counts.ts",
    ["nn/metrics.test.ts"],
    [["predicted !== 0 || actual !== 0", "actual !== 0 || true"]],
  ),
  ...mutationsOf(
    "nn/src/monitors/dead-units.ts",
    ["nn/monitors.test.ts"],
    [[".mul(sampleWeights(weights, output.shape))", ""]],
  ),
  ...mutationsOf(
    "nn/src/data/scale.ts",
    ["nn/data.test.ts"],
    [
      ["least.sub(scale.mul(from))", "least.add(scale.mul(from))"],
      ["standIn(scaling), options", "standIn(scaling), {}"],
    ],
  ),
  ...mutationsOf(
    "nn/src/search/halving.ts",
    ["nn/search.test.ts"],
    [["lossOf(a) - lossOf(b))", "lossOf(b) - lossOf(a))"]],
  ),
];
