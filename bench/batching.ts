// Batching: the Jacobian of a network by one batched sweep beside row by row, and gradients for each sample beside one
// gradient of the batch, and beside what writing so many numbers takes. Runs take turns.
// Run: npx tsx --conditions=@adjoint/source bench/batching.ts [rounds]

import {
  compile,
  eye,
  grad,
  jacobian,
  normal,
  randomKey,
  splitKey,
  stack,
  type Tensor,
  tensor,
  vjp,
  vmap,
} from "@adjoint/autograd";
import { crossEntropy } from "@adjoint/nn";
import { labels } from "./data.ts";
import { byTurns } from "./turns.ts";
import { BATCH, MLP } from "./workloads.ts";

const rounds = Number(process.argv[2] ?? 40);

interface Layer {
  readonly weight: Tensor;
  readonly bias: Tensor;
}

/** Layers of a network with these widths. */
function layersOf(widths: readonly number[]): Layer[] {
  const keys = splitKey(randomKey(1), 2 * (widths.length - 1));
  return widths.slice(1).map((width, i) => ({
    weight: normal(keys[2 * i]!, [widths[i]!, width]).mul(widths[i]! ** -0.5) as Tensor,
    bias: normal(keys[2 * i + 1]!, [width]).mul(0.1) as Tensor,
  }));
}

/** The network on rows, or on one row: tanh between the layers. */
const network = (layers: readonly Layer[], x: Tensor): Tensor =>
  layers.reduce((h, { weight, bias }, i) => {
    const sums = h.matmul(weight).add(bias) as Tensor;
    return i < layers.length - 1 ? (sums.tanh() as Tensor) : sums;
  }, x);

type Way = readonly [name: string, run: () => unknown];

/** How often to repeat a run so that it takes about two milliseconds, once it is warm. */
function repeatsOf(run: () => unknown): number {
  for (let i = 0; i < 3; i++) run();
  const start = performance.now();
  run();
  return Math.max(1, Math.round(2 / (performance.now() - start)));
}

/** Prints each way's time, as often as the first's. */
function tell(title: string, ...ways: Way[]): void {
  console.log(title);
  const runs = ways.map(([, run]) => run);
  const times = byTurns(runs, rounds, runs.map(repeatsOf));
  ways.forEach(([name], i) => {
    const { best, median } = times[i]!;
    const [first] = times;
    console.log(
      `  ${name.padEnd(24)} ${(1000 * best).toFixed(1)} / ${(1000 * median).toFixed(1)} µs: ${(best / first!.best).toFixed(2)} / ${(median / first!.median).toFixed(2)}`,
    );
  });
}

const square = layersOf([64, 64, 64]);
const at = normal(randomKey(2), [64]) as Tensor;
const f = (x: Tensor) => network(square, x);
const units = eye(64).unstack() as readonly Tensor[];
const inOneSweep = jacobian(f);
const byRow = (x: Tensor) => {
  const { pullback } = vjp(f, x);
  return stack(units.map((unit) => pullback(unit as never) as Tensor) as never);
};
const [compiledSweep, compiledRows] = [compile(inOneSweep), compile(byRow)];
tell(
  "Jacobian of 64-64-64, eagerly, best / median:",
  ["one batched sweep", () => inOneSweep(at)],
  ["row by row", () => byRow(at)],
);
tell(
  "The same, compiled:",
  ["one batched sweep", () => compiledSweep(at)],
  ["row by row", () => compiledRows(at)],
);

/** Gradients for each sample, and of the batch's mean loss. */
function perSample(name: string, widths: readonly number[], batch: number): void {
  const layers = layersOf(widths);
  const x = normal(randomKey(4), [batch, widths[0]!]) as Tensor;
  const y = tensor(labels(5, batch, widths.at(-1)!));
  const loss = (given: readonly Layer[], rows: Tensor, classes: Tensor) =>
    crossEntropy(network(given, rows), classes);
  const ofOne = (given: readonly Layer[], row: Tensor, label: Tensor) =>
    loss(given, row.expandDims(0) as Tensor, label.expandDims(0) as Tensor);
  const whole = compile(grad(loss as never) as (...args: unknown[]) => unknown);
  const each = compile(
    vmap(grad(ofOne as never) as never, { inAxes: [null, 0, 0] } as never) as (...args: unknown[]) => unknown,
  );
  const numbers = batch * layers.reduce((sum, { weight, bias }) => sum + weight.size + bias.size, 0);
  const source = new Float32Array(numbers).fill(1);
  tell(
    `Gradients of ${name}, batch ${batch}, compiled, best / median:`,
    ["of the batch", () => whole(layers, x, y)],
    ["for each sample", () => each(layers, x, y)],
    [`${((4 * numbers) / 1e6).toFixed(1)} MB written`, () => new Float32Array(source)],
  );
}

perSample("32-64-10", [32, 64, 10], 64);
perSample("M1", MLP, BATCH.M1);
