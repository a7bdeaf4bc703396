// A character-level transformer, 6 blocks of 4 heads, 128 wide: training steps on 8 × 128 tokens, from the compiled step and in
// PyTorch on one thread, by turns.
// Run: npx tsx --conditions=@adjoint/source bench/characters.ts [rounds] (PyTorch where `python3` finds it)

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { compile, randomInteger, randomKey, splitKey, type Tensor } from "@adjoint/autograd";
import {
  adamw,
  crossEntropy,
  dense,
  embedding,
  encoderBlock,
  gelu,
  keys,
  layerNorm,
  learnedPositions,
  normalOf,
  parameters,
  sequential,
  warmUp,
} from "@adjoint/nn";
import { timed } from "./turns.ts";

const [signs, width, heads, layers, batch, context] = [89, 128, 4, 6, 8, 128];
const rounds = Number(process.argv[2] ?? 20);

const key = keys(1);
const initializer = normalOf(0.02);
const model = sequential(
  embedding(signs, width, { initializer, key: key() }),
  learnedPositions(context, width, { initializer, key: key() }),
  ...Array.from({ length: layers }, () =>
    encoderBlock(width, heads, { causal: true, normFirst: true, activation: gelu, key: key() }),
  ),
  layerNorm(width),
  dense(width, signs, { key: key() }),
);
const optimizer = adamw({ learningRate: warmUp(0.001, { steps: 100 }) });
const weights = parameters(model);
const step = compile((x: Tensor, y: Tensor) =>
  optimizer.minimize(() => crossEntropy(model.forward(x), y), weights),
);
const [x, y] = splitKey(randomKey(2)).map(
  (each) => randomInteger(each, [batch, context], { low: 0, high: signs }) as Tensor,
) as [Tensor, Tensor];

interface Times {
  readonly clock: number[];
  readonly processor: number[];
}

function ownStep(times: Times): void {
  const start = performance.now();
  const before = process.cpuUsage();
  step(x, y).item();
  const { user, system } = process.cpuUsage(before);
  times.clock.push(performance.now() - start);
  times.processor.push((user + system) / 1000);
}

const tokens = batch * context;
const rate = (milliseconds: number) => (1000 * tokens) / milliseconds;

/** Tokens a second, best and median, by the clock and by the processor's time, which other processes disturb less. */
function tell(name: string, times: Times): void {
  const shown = (["clock", "processor"] as const).map((by) => {
    const { best, median } = timed(times[by]);
    return `by the ${by} ${rate(best).toFixed(0)} / ${rate(median).toFixed(0)} (${best.toFixed(0)} / ${median.toFixed(0)} ms)`;
  });
  console.log(`  ${name.padEnd(8)} ${shown.join(", ")}`);
}

const start = performance.now();
step(x, y);
console.log(`the program was made, and ran once, in ${(performance.now() - start).toFixed(0)} ms`);
for (let i = 0; i < 5; i++) step(x, y);

const own: Times = { clock: [], processor: [] };
const theirs: Times = { clock: [], processor: [] };
const peer = spawn(
  "python3",
  [
    new URL("peers/pytorch_characters.py", import.meta.url).pathname,
    ...[signs, width, heads, layers, batch, context].map(String),
  ],
  { stdio: ["pipe", "pipe", "ignore"] },
);
peer.stdin.on("error", () => undefined);
const lines = createInterface({ input: peer.stdout })[Symbol.asyncIterator]();
const first = await Promise.race([lines.next(), once(peer, "exit").then(() => ({ value: undefined }))]);
const isThere = first.value !== undefined;
const size = Object.values(weights).reduce((sum, each) => sum + each.size, 0);
if (isThere) console.log(`${size} weights; PyTorch: ${first.value}`);
else console.log("PyTorch is not installed for python3; nothing to compare with");

for (let round = 0; round < rounds; round++) {
  ownStep(own);
  if (!isThere) continue;
  peer.stdin.write("step\n");
  const [, clock, processor] = String((await lines.next()).value)
    .split(" ")
    .map(Number);
  theirs.clock.push(clock!);
  theirs.processor.push(processor!);
}
peer.stdin.end("\n");

console.log(`programs made: ${step.programs.length}`);
console.log(`tokens a second, best / median of ${rounds} by turns:`);
tell("adjoint", own);
if (isThere) {
  tell("PyTorch", theirs);
  const ratios = (["clock", "processor"] as const).map((by) => {
    const [ours, other] = [timed(own[by]), timed(theirs[by])];
    return `by the ${by} ${(other.best / ours.best).toFixed(2)} / ${(other.median / ours.median).toFixed(2)}`;
  });
  console.log(`  ratio    ${ratios.join(", ")}`);
}
