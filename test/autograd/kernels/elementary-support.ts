// Runs an atom's lanes on arrays through real WebAssembly: one function, one loop, vector by vector.

import type { Atom } from "../../../packages/autograd/src/expression/atoms/atom.ts";
import type { Lane, Lanes } from "../../../packages/autograd/src/expression/lanes.ts";
import { Type } from "../../../packages/autograd/src/kernels/assembler.ts";
import { I, M } from "../../../packages/autograd/src/kernels/instructions.ts";
import { KernelModule } from "../../../packages/autograd/src/kernels/kernel-module.ts";
import { LaneWriter } from "../../../packages/autograd/src/kernels/lane-writer.ts";
import { type Memory, webAssembly } from "../../../packages/autograd/src/kernels/webassembly.ts";

export type LaneFunction = (lanes: Lanes, ...operands: Lane[]) => Lane;
export type Build = "simd" | "relaxed";
/** The element types that lanes have, by their bits. */
export type Bits = 32 | 64;
type Floats = Float32Array | Float64Array;

const PAGE = 65536;

/** A lane function in a loop over arrays of `capacity` elements. Truth values go in and out as 1 and 0. */
export class Compiled {
  readonly operands: Floats[];
  readonly result: Floats;
  readonly #run: (bytes: number) => number;
  readonly #bytes: number;

  constructor(
    lanes: LaneFunction,
    operandKinds: readonly ("float" | "mask")[],
    bits: Bits,
    build: Build,
    capacity: number,
  ) {
    const arity = operandKinds.length;
    this.#bytes = bits / 8;
    const stride = Math.ceil((capacity * this.#bytes) / PAGE) * PAGE;
    const memory: Memory = new webAssembly!.Memory({ initial: ((arity + 1) * stride) / PAGE });
    const module = new KernelModule(build);
    const { load, store } = { load: M.v128_load, store: M.v128_store };
    module.writer.function(
      [Type.i32],
      [],
      (code) => {
        const at = code.local(Type.i32);
        const writer = new LaneWriter(code, bits, module);
        if (process.env["HOIST"])
          writer.hoist((l) => lanes(l, ...operandKinds.map((kind, k) => l.lane(k, kind))));
        code.for(at, 0, { local: 0 }, 16, () => {
          const read = operandKinds.map((kind, k) => {
            const local = code.local(Type.v128);
            code
              .get(at)
              .memory(load, k * stride)
              .set(local);
            const lane = writer.lane(local, "float");
            return kind === "float" ? lane : writer.isNotEqual(lane, writer.constant(0));
          });
          const value = lanes(writer, ...read);
          const result = value.kind === "mask" ? writer.and(writer.constant(1), value) : value;
          code
            .get(at)
            .get((result as (typeof read)[0] & object).local)
            .memory(store, arity * stride);
        });
      },
      "run",
    );
    this.#run = module.instantiate(memory)["run"]!;
    const array = (k: number): Floats =>
      bits === 32
        ? new Float32Array(memory.buffer, k * stride, capacity)
        : new Float64Array(memory.buffer, k * stride, capacity);
    this.operands = operandKinds.map((_, k) => array(k));
    this.result = array(arity);
  }

  /** Computes the first `count` elements of the result; a multiple of a vector's. */
  run(count: number): void {
    this.#run(count * this.#bytes);
  }
}

export const operandKinds = (atom: Atom): ("float" | "mask")[] =>
  Array.from({ length: atom.arity }, (_, k) => {
    const kind = typeof atom.operands === "string" ? atom.operands : atom.operands[k];
    return kind === "bool" ? "mask" : "float";
  });

void I;
