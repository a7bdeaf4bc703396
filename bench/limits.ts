// What the machine can do at most in WebAssembly: arithmetic in registers, and copying memory. Prints JSON.

import { FLOPS_PER_TURN, loopModule } from "./wasm-loop.ts";

export interface Limits {
  /** Operations a second, multiplying and adding apart. */
  readonly flops: number;
  /** The same in one instruction, or null where this engine has none. */
  readonly fusedFlops: number | null;
  /** Bytes a second, read and written both counted. */
  readonly bandwidth: number;
}

// Neither the language's types nor Node's have it.
interface Engine {
  validate(bytes: Uint8Array): boolean;
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { readonly exports: { run(turns: number): number } };
}
const { validate, Module, Instance } = (globalThis as unknown as { WebAssembly: Engine }).WebAssembly;

const REPETITIONS = 20;

/** The fewest seconds of some repetitions. */
function fastest(run: () => void): number {
  let least = Infinity;
  for (let i = 0; i < REPETITIONS; i++) {
    const start = performance.now();
    run();
    least = Math.min(least, (performance.now() - start) / 1000);
  }
  return least;
}

function arithmetic(fused: boolean): number | null {
  const bytes = loopModule(fused);
  if (!validate(bytes)) return null;
  const { run } = new Instance(new Module(bytes)).exports;
  const turns = 500_000;
  return (turns * FLOPS_PER_TURN) / fastest(() => run(turns));
}

function bandwidth(): number {
  const from = new Float64Array(8 * 2 ** 20).fill(1);
  const to = new Float64Array(from.length);
  return (2 * from.byteLength) / fastest(() => to.set(from));
}

const limits: Limits = {
  flops: arithmetic(false) ?? Number.NaN,
  fusedFlops: arithmetic(true),
  bandwidth: bandwidth(),
};
console.log(JSON.stringify(limits));
