// Loops: a cell of long short-term memory of hidden size 32, its loss and gradients, by scan, unrolled, and in PyTorch on
// one thread; what it takes to make the programs; and memory and time with a checkpoint every √T steps, for batches of
// several sizes, with gradients of the weights alone and with those of the inputs, as a layer on others has them. What is
// done forwards is done once more there, so the times can't be closer than its share of the whole is.
// Run: npx tsx --conditions=@adjoint/source bench/loops.ts (PyTorch where `python3` finds it)

import { spawnSync } from "node:child_process";
import {
  compile,
  normal,
  randomKey,
  scan,
  splitKey,
  stack,
  type Tensor,
  valueAndGrad,
  zeros,
} from "@adjoint/autograd";
import { byTurns, type Timed } from "./turns.ts";

const WIDTH = 32;
const [inputKey, stateKey, biasKey, dataKey] = splitKey(randomKey(1), 4);
const weights = {
  input: normal(inputKey, [WIDTH, 4 * WIDTH]).mul(0.2) as Tensor,
  state: normal(stateKey, [WIDTH, 4 * WIDTH]).mul(0.2) as Tensor,
  bias: normal(biasKey, [4 * WIDTH]).mul(0.1) as Tensor,
};
type Weights = typeof weights;
type State = readonly [h: Tensor, c: Tensor];
const first = (batch: number): State => [zeros([batch, WIDTH]) as Tensor, zeros([batch, WIDTH]) as Tensor];

function step({ input, state, bias }: Weights, [h, c]: State, x: Tensor): State {
  const gates = x.matmul(input).add(h.matmul(state)).add(bias) as Tensor;
  const gate = (i: number) => gates.slice(null, [i * WIDTH, (i + 1) * WIDTH]) as Tensor;
  const next = gate(1)
    .logistic()
    .mul(c)
    .add(gate(0).logistic().mul(gate(2).tanh())) as Tensor;
  return [gate(3).logistic().mul(next.tanh()) as Tensor, next];
}

type Loss = (weights: Weights, xs: Tensor) => Tensor;

const byScan: Loss = (given, xs) => {
  const [, hs] = scan(
    (state: State, x: Tensor) => {
      const next = step(given, state, x);
      return [next, next[0]];
    },
    first(xs.shape[1]!),
    xs,
  );
  return hs.square().mean() as Tensor;
};

const unrolled: Loss = (given, xs) => {
  let state = first(xs.shape[1]!);
  const hs: Tensor[] = [];
  for (let t = 0; t < xs.shape[0]!; t++) {
    state = step(given, state, xs.slice(t) as Tensor);
    hs.push(state[0]);
  }
  return (stack(hs as never) as Tensor).square().mean() as Tensor;
};

/** The same loss, step by step, so that no results are kept; with `every`, a checkpoint every so many steps. */
const stepByStep =
  (every?: number): Loss =>
  (given, xs) => {
    const [, sums] = scan(
      (state: State, x: Tensor) => {
        const next = step(given, state, x);
        return [next, next[0].square().sum() as Tensor];
      },
      first(xs.shape[1]!),
      xs,
      every === undefined ? {} : { checkpointEvery: every },
    );
    return sums.sum().div(xs.size) as Tensor;
  };

const dataOf = (length: number, batch = 1) => normal(dataKey, [length, batch, WIDTH]) as Tensor;
const derivative = (loss: Loss) => compile(valueAndGrad(loss));
const micro = ({ best, median }: Timed, length: number) =>
  `${((1000 * best) / length).toFixed(2)} / ${((1000 * median) / length).toFixed(2)}`;

console.log("To make the program of loss and gradients by scan, ms, best / median:");
const lengths = [16, 256, 4096];
const data = lengths.map((length) => dataOf(length));
const making = byTurns(
  data.map((xs) => () => derivative(byScan).program(weights, xs)),
  20,
);
lengths.forEach((length, i) => {
  const { best, median } = making[i]!;
  console.log(`  ${length} steps: ${best.toFixed(1)} / ${median.toFixed(1)}`);
});

console.log("Loss and gradients, µs a step, best / median:");
for (const length of [16, 64, 256, 4096]) {
  const xs = dataOf(length);
  const ways = [byScan, ...(length <= 256 ? [unrolled] : [])].map(derivative);
  const results = ways.map((way) => way(weights, xs).value.item());
  const times = byTurns(ways.map((way) => () => way(weights, xs)));
  const names = ["scan", "unrolled"];
  console.log(
    `  ${length} steps: ${times.map((time, i) => `${names[i]} ${micro(time, length)}`).join(", ")}; losses ${results.join(", ")}`,
  );
}

const python = spawnSync(
  "python3",
  [new URL("peers/pytorch_lstm.py", import.meta.url).pathname, "64", "256"],
  {
    encoding: "utf8",
  },
);
if (python.status === 0)
  for (const line of python.stdout.trim().split("\n")) {
    const [length, best, median] = line.split(" ").map(Number) as [number, number, number];
    const [way, xs] = [derivative(byScan), dataOf(length)];
    way(weights, xs);
    const [own] = byTurns([() => way(weights, xs)]);
    const peer = { best: 1000 * best, median: 1000 * median };
    console.log(
      `  ${length} steps: PyTorch ${micro(peer, length)}, scan beside it ${micro(own!, length)}: ${(peer.best / own!.best).toFixed(1)} / ${(peer.median / own!.median).toFixed(1)} times as long`,
    );
  }
else console.log("  PyTorch is not installed for python3; nothing to compare with");

console.log("With a checkpoint every √T steps, time beside that without one, best / median:");
for (const batch of [1, 8, 32])
  for (const length of [256, 1024, 4096]) {
    const xs = dataOf(length, batch);
    const losses = [stepByStep(), stepByStep(Math.sqrt(length))];
    const ways = losses.map(derivative);
    const layers = losses.map((loss) => compile(valueAndGrad(loss, { argnums: [0, 1] })));
    const forward = compile(stepByStep());
    const results = ways.map((way) => way(weights, xs).value.item());
    const peaks = ways.map((way) => /arena ([\d.]+ \S+)/.exec(String(way.program(weights, xs)))![1]);
    const runs = [...ways, ...layers, forward].map((way) => () => way(weights, xs));
    const times = byTurns(runs, Math.max(10, 40_000 / (length * batch)));
    const [plain, kept, plainLayer, keptLayer, once] = times as [Timed, Timed, Timed, Timed, Timed];
    const share = (part: Timed, whole: Timed) =>
      `${(part.best / whole.best).toFixed(2)} / ${(part.median / whole.median).toFixed(2)}`;
    console.log(
      `  ${length} steps, batch ${batch}: ${peaks.join(" → ")}; time ${share(kept, plain)} times, with inputs ${share(keptLayer, plainLayer)}, forwards ${share(once, plain)} of it; losses ${results.join(", ")}`,
    );
  }
