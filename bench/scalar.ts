// The scalar engine beside a closure for every node: building a graph, forward, and backward, in nanoseconds a
// node. Run: npx tsx --expose-gc --conditions=@adjoint/source bench/scalar.ts

import { type Scalar, scalar } from "../packages/autograd/src/scalar/scalar.ts";
import { Value } from "./closures.ts";

const NODES = 60_000;
const ROUNDS = 15;

interface Differentiable<T> {
  add(other: T): T;
  mul(other: T): T;
  tanh(): T;
  backward(): void;
  readonly grad: number;
}

/** Fully connected layers of tanh neurons, forward and backward; the same leaves serve every round. */
function network<T extends Differentiable<T>>(leaf: (x: number) => T): () => number {
  const width = 24;
  const layers = Math.round(NODES / (width * (2 * width + 1)));
  const weights = Array.from({ length: layers }, (_, l) =>
    Array.from({ length: width }, (_, j) =>
      Array.from({ length: width }, (_, i) => leaf(Math.sin(l + 7 * j + 13 * i) / 5)),
    ),
  );
  const biases = weights.map((layer) => layer.map((_, j) => leaf(j / 100)));
  const inputs = Array.from({ length: width }, (_, i) => leaf(Math.cos(i)));
  return () => {
    let x = inputs;
    weights.forEach((layer, l) => {
      x = layer.map((row, j) => {
        let sum = biases[l]![j]!;
        for (let i = 0; i < width; i++) sum = sum.add(row[i]!.mul(x[i]!));
        return sum.tanh();
      });
    });
    let loss = x[0]!;
    for (let i = 1; i < width; i++) loss = loss.add(x[i]!);
    loss.backward();
    return layers * width * (2 * width + 1) + width - 1;
  };
}

/** One long chain. */
function chain<T extends Differentiable<T>>(leaf: (x: number) => T): () => number {
  const [step, factor, start] = [leaf(0.001), leaf(0.9999), leaf(0.5)];
  return () => {
    let x = start;
    for (let i = 0; i < NODES; i += 3) x = x.mul(factor).add(step).tanh();
    x.backward();
    return NODES;
  };
}

const median = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

/** Nanoseconds a node of two contestants taking turns, a round each. */
function sideBySide(contestants: readonly (() => number)[]): { best: number; median: number }[] {
  const times: number[][] = contestants.map(() => []);
  for (let round = -3; round < ROUNDS; round++) {
    contestants.forEach((contestant, i) => {
      globalThis.gc?.({ type: "minor" });
      const start = performance.now();
      const nodes = contestant();
      const time = ((performance.now() - start) * 1e6) / nodes;
      if (round >= 0) times[i]!.push(time);
    });
  }
  return times.map((each) => ({ best: Math.min(...each), median: median(each) }));
}

const newScalar: (x: number) => Scalar = scalar;
const newValue = (x: number) => new Value(x);

console.log(`ns a node: build, forward and backward of ${NODES} nodes; best and median of ${ROUNDS}`);
for (const [name, ours, theirs] of [
  ["tanh network", network(newScalar), network(newValue)],
  ["chain", chain(newScalar), chain(newValue)],
] as const) {
  const [tape, closures] = sideBySide([ours, theirs]) as [
    { best: number; median: number },
    { best: number; median: number },
  ];
  const cell = ({ best, median }: { best: number; median: number }) =>
    `${best.toFixed(0)} / ${median.toFixed(0)}`;
  const ratio = `${(closures.best / tape.best).toFixed(1)}× / ${(closures.median / tape.median).toFixed(1)}×`;
  console.log(
    `${name.padEnd(14)} tape ${cell(tape).padEnd(12)} closures ${cell(closures).padEnd(14)} ratio ${ratio}`,
  );
}
