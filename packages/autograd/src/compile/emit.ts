// Writes the clusters of a program as code: one WebAssembly module, whose function `run` runs all clusters in
// order, and those inside steps in loops and branches. Host calls go from there to JavaScript.

import { type FunctionWriter, type Local, Type } from "../kernels/assembler.ts";
import { bytesOf } from "../kernels/heap.ts";
import { I, M } from "../kernels/instructions.ts";
import { KernelModule } from "../kernels/kernel-module.ts";
import type { Build } from "../kernels/webassembly.ts";
import type { Buffer, Cluster, Loop } from "./cluster.ts";
import type { Address } from "./kernels.ts";
import { type InnerBlock, Nested } from "./nested.ts";
import { type Call, writeKernels, writeMovingKernels } from "./sharing.ts";

/** What the code calls for a host step, with the step's cluster. */
export type HostCall = (cluster: Cluster) => void;

/**
 * A module whose `run` runs the whole program. The kernels of each cluster are also exported, under the
 * cluster's place in the order; `calls` gives their arguments, or null for a cluster without kernels.
 */
export interface Emitted {
  readonly module: KernelModule;
  readonly calls: readonly (Call | null)[];
}

/**
 * Writes the module. The buffers must have their addresses; `scratch` returns the address of a cluster's
 * scratch memory.
 */
export function emit(
  order: readonly Cluster[],
  scratch: (cluster: Cluster) => number,
  build: Exclude<Build, "none">,
  callHost: HostCall,
): Emitted {
  const module = new KernelModule(build);
  const calls = writeKernels(module, order, scratch);
  calls.forEach((call, i) => {
    if (call !== null) module.writer.export(`${i}`, call.fn);
  });
  const inside = innerCalls(module, order);
  module.writer.function(
    [],
    [],
    (code) => new RunWriter(code, module, inside, callHost).writeAll(order, calls),
    "run",
  );
  return { module, calls };
}

/** The calls of the clusters inside steps, written before the function that makes them. */
function innerCalls(module: KernelModule, order: readonly Cluster[]): Map<InnerBlock, (Call | null)[]> {
  const calls = new Map<InnerBlock, (Call | null)[]>();
  const pending = [...order];
  for (let cluster = pending.pop(); cluster !== undefined; cluster = pending.pop()) {
    if (!(cluster.inside instanceof Nested)) continue;
    const { inside } = cluster;
    for (const block of inside.blocks) {
      const inner = block.schedule.order;
      calls.set(
        block,
        writeMovingKernels(module, inner, (each) => inside.scratchAt(block, each)),
      );
      pending.push(...inner);
    }
  }
  return calls;
}

/** Writes what runs the kernels. */
class RunWriter {
  readonly #code: FunctionWriter;
  readonly #module: KernelModule;
  readonly #inside: ReadonlyMap<InnerBlock, readonly (Call | null)[]>;
  readonly #callHost: HostCall;
  /** The place at which each loop is that is being written. */
  readonly #places = new Map<Loop, Local>();

  constructor(
    code: FunctionWriter,
    module: KernelModule,
    inside: ReadonlyMap<InnerBlock, readonly (Call | null)[]>,
    callHost: HostCall,
  ) {
    this.#code = code;
    this.#module = module;
    this.#inside = inside;
    this.#callHost = callHost;
  }

  writeAll(order: readonly Cluster[], calls: readonly (Call | null)[]): void {
    order.forEach((cluster, i) => {
      const call = calls[i] ?? null;
      if (call !== null) {
        for (const address of call.with) this.#push(address);
        this.#code.call(call.fn);
      } else if (cluster.inside instanceof Nested) this.#control(cluster.inside);
      else if (cluster.zeros !== null) this.#zeros(cluster.zeros);
      else this.#host(cluster);
    });
  }

  #push({ base, moves }: Address): void {
    const code = this.#code.i32(base);
    for (const { loop, bytes } of moves)
      code.get(this.#places.get(loop)!).i32(bytes).emit(I.i32_mul).emit(I.i32_add);
  }

  #pushBuffer({ address, moves }: Buffer): void {
    this.#push({ base: address, moves });
  }

  #zeros(zeros: Buffer): void {
    this.#pushBuffer(zeros);
    this.#code
      .i32(0)
      .i32(zeros.size * bytesOf[zeros.dtype])
      .memoryFill();
  }

  #host(cluster: Cluster): void {
    const host = this.#module.hostFunction(() => {
      this.#callHost(cluster);
      return 0;
    });
    this.#code.i32(host).f64(0).f64(0).f64(0).call(this.#module.host).emit(I.drop);
  }

  /** The clusters of a program inside a step, then the values that could not be computed where they belong. */
  #block(inside: Nested, block: InnerBlock): void {
    const { guards, order, copied } = block.schedule;
    for (const guard of guards) this.#host(guard);
    this.writeAll(order, this.#inside.get(block)!);
    for (const { variable, buffer } of copied) {
      this.#push(inside.addressOf(block, variable));
      this.#pushBuffer(buffer);
      this.#code.i32(buffer.size * bytesOf[buffer.dtype]).memoryCopy();
    }
  }

  #control(inside: Nested): void {
    const { control, blocks } = inside;
    const code = this.#code;
    const decide = () => {
      this.#push(inside.deciderAddress);
      code.memory(M.i32_load8_u);
    };
    switch (control.kind) {
      case "call":
        this.#block(inside, blocks[0]!);
        return;
      case "choice":
        decide();
        code.if(
          () => this.#block(inside, blocks[0]!),
          () => this.#block(inside, blocks[1]!),
        );
        return;
      case "while":
        code.block(() =>
          code.loop(() => {
            this.#block(inside, blocks[0]!);
            decide();
            code.emit(I.i32_eqz).branchIf(1);
            this.#block(inside, blocks[1]!);
            code.branch(0);
          }),
        );
        return;
      case "repeat":
        this.#repeat(inside, control);
    }
  }

  #repeat(inside: Nested, { length, reverse }: { readonly length: number; readonly reverse: boolean }): void {
    const { loop, blocks } = inside;
    const code = this.#code;
    const place = code.local(Type.i32);
    this.#places.set(loop, place);
    code.i32(reverse ? length - 1 : 0).set(place);
    code.loop(() => {
      // For JavaScript that is called from within.
      code.i32(loop.address).get(place).memory(M.i32_store);
      this.#block(inside, blocks[0]!);
      code
        .get(place)
        .i32(reverse ? -1 : 1)
        .emit(I.i32_add)
        .tee(place);
      code
        .i32(reverse ? 0 : length)
        .emit(reverse ? I.i32_ge_s : I.i32_lt_s)
        .branchIf(0);
    });
  }
}
