// Runs a recorded function for arguments of given shapes and types. Its memory is planned once, before the
// first run. A run copies new arguments in and calls the code; results are copied out.

import { copyOfAll, copyOfPart, type DType, type TypedArray } from "../array/dtype.ts";
import { CompileError } from "../array/errors.ts";
import { NDArray } from "../array/ndarray.ts";
import { sizeOf } from "../array/shape.ts";
import { bytesOf, heap, type Lease } from "../kernels/heap.ts";
import type { KernelModule } from "../kernels/kernel-module.ts";
import { LeasedPart } from "../kernels/leased-part.ts";
import {
  type Build,
  bestBuild,
  type Instance,
  type Module,
  now,
  webAssembly,
} from "../kernels/webassembly.ts";
import type { Program } from "../program/program.ts";
import { replay } from "../program/replay.ts";
import type { Cell } from "../tape/cell.ts";
import type { TraceSet } from "../tape/trace.ts";
import { type LateStep, nextSerial, type Step, type Value } from "../tape/value.ts";
import { Tensor } from "../tensor/tensor.ts";
import type { Buffer, Cluster } from "./cluster.ts";
import { type Emitted, emit } from "./emit.ts";
import { GuardCheck } from "./guard-check.ts";
import { walksInOrder } from "./layout.ts";
import { listing } from "./listing.ts";
import { type Clock, HeapMirror, mirrorChanges } from "./mirror.ts";
import { blockOf, locateInside } from "./nested.ts";
import type { MemoryPlan } from "./plan-memory.ts";
import type { Schedule } from "./schedule.ts";

/** Runs a recorded function. */
export interface Runner {
  /** Loads the arguments' numbers. */
  load(arrays: readonly NDArray[]): void;
  /** Runs the function on the arguments that were loaded last, and changes variables as the function does. */
  run(): void;
  /**
   * Returns one of the function's results after the last run, as a tensor that `step` made and `traces`
   * watch, where these are given.
   */
  result(place: number, step: Step | LateStep | null, traces: TraceSet | null): Tensor;
  toString(): string;
}

/**
 * Returns a runner for a program, compiled synchronously; by default for the best build of this JavaScript engine.
 */
export function runnerOf(program: Program, build: Build = bestBuild()): Runner {
  return build === "none" ? new Interpreted(program) : new Compiled(program, build);
}

/** Like `runnerOf`, but compiles the code asynchronously. */
export async function runnerLater(program: Program, build: Build = bestBuild()): Promise<Runner> {
  if (build === "none") return new Interpreted(program);
  const compiled = new Compiled(program, build, false);
  compiled.start(await webAssembly!.compile(compiled.module.bytes()));
  return compiled;
}

type Constant = Extract<Buffer["source"], { kind: "constant" }>;

class Compiled implements Runner {
  module!: KernelModule;
  readonly schedule: Schedule;
  readonly #plan: MemoryPlan;
  /** The arena. It is on lease, since its contents between two runs can be loaded again. */
  readonly #arena = new LeasedPart();
  /** The variables, and the addresses that the code has for their mirrors. */
  readonly #variables: readonly {
    readonly mirror: HeapMirror;
    readonly variable: Cell;
    address: number;
  }[];
  /**
   * How many leases the heap had taken back when the arena and all variables were last in the heap; -1 if unknown.
   */
  #settledAt = -1;
  /** Whether the code has the present addresses of the arena and of all variables. */
  #isPlaced = true;
  /** Whether JavaScript functions run during a run: host calls, guards, and atoms that have no lanes. */
  #callsOut = false;
  readonly #constants: readonly Buffer[];
  readonly #arguments: readonly { readonly place: number; readonly buffer: Buffer }[];
  /** The arrays that are loaded in the arguments' rooms, in the order of `#arguments`. */
  readonly #loaded: (NDArray | null)[] = [];
  readonly #read: readonly { readonly mirror: HeapMirror; readonly variable: Cell }[];
  readonly #written: readonly { readonly mirror: HeapMirror; readonly variable: Cell }[];
  readonly #clock: Clock = { time: 0 };
  /** `mirrorChanges` after the last run; -1 if unknown. While it stays, this program alone has written to its mirrors. */
  #mirrorsAt = -1;
  /** The gradients that are read, and the buffers that they are copied to. */
  readonly #gradients: readonly { readonly variable: Cell; readonly buffer: Buffer }[];
  /** The checks that the guards make, at the present addresses of the numbers. */
  readonly #looks = new Map<Cluster, GuardCheck>();
  /**
   * The guards that run only after arguments are loaded, since they check arguments and constants; and the others.
   */
  readonly #argumentGuards: readonly Cluster[];
  readonly #otherGuards: readonly Cluster[];
  /**
   * Whether the arguments that are loaded now have passed their guards. Once is enough, since tensors never change.
   */
  #areArgumentsSound = false;
  /** How each result is seen in a copy of its buffer. */
  readonly #results: readonly (Pick<NDArray, "dtype" | "shape" | "strides" | "offset"> & {
    readonly buffer: Buffer;
  })[];
  kernels: Instance["exports"] = {};
  #calls: Emitted["calls"] = [];
  #run: () => unknown = () => {
    throw new Error("compile: the program is not ready");
  };
  readonly #build: Exclude<Build, "none">;

  constructor(program: Program, build: Exclude<Build, "none">, isWhole = true) {
    this.#build = build;
    const block = blockOf(program);
    this.schedule = block.schedule;
    this.#plan = block.plan;
    const { variables } = this.schedule;
    this.#variables = variables.map(({ variable }) => ({
      mirror: HeapMirror.of(variable),
      variable,
      address: 0,
    }));
    const { buffers, inPlace, copied } = this.schedule;
    const looksAtArguments = ({ host }: Cluster) =>
      host!.mayDiffer !== true &&
      host!.operands.every(({ view }) => ["argument", "constant"].includes(view.buffer.source.kind));
    this.#argumentGuards = this.schedule.guards.filter(looksAtArguments);
    this.#otherGuards = this.schedule.guards.filter((guard) => !looksAtArguments(guard));
    this.#results = this.schedule.results.map(({ buffer, layout, shape, dtype }) => ({
      buffer,
      dtype,
      shape,
      strides: layout.axes.map((factors) => factors.at(-1)?.stride ?? 0),
      offset: layout.offset,
    }));
    const inArena = buffers.filter((buffer) => this.#plan.rooms.has(buffer));
    this.#constants = inArena.filter(({ source }) => source.kind === "constant");
    this.#arguments = inArena.flatMap((buffer) =>
      buffer.source.kind === "argument" ? [{ place: buffer.source.place, buffer }] : [],
    );
    this.#gradients = inArena.flatMap((buffer) =>
      buffer.source.kind === "gradient" ? [{ variable: buffer.source.variable, buffer }] : [],
    );
    this.#read = variables.flatMap(({ variable, buffer }) =>
      buffer === null ? [] : [{ mirror: HeapMirror.of(variable), variable }],
    );
    this.#written = [...inPlace.values(), ...copied.map(({ variable }) => variable)].map((variable) => ({
      mirror: HeapMirror.of(variable),
      variable,
    }));
    this.#takeRoom();
    this.#place();
    this.#isPlaced = true;
    this.#fill();
    this.#settledAt = heap().takenBack;
    if (isWhole) this.start(new webAssembly!.Module(this.module.bytes()));
  }

  start(module: Module): void {
    this.kernels = this.module.instantiate(heap().memory, module);
    this.#run = this.kernels["run"]!;
  }

  /**
   * Makes sure that the arena and all variables are in the heap. Sets `#isPlaced` to false if one of them is
   * not at its address in the code.
   */
  #takeRoom(): void {
    const owner = heap();
    const arena = this.#arena;
    // Leases that are used at the current time are not taken back to make room for the others.
    owner.time++;
    if (arena.lease !== null) arena.lease.lastUsed = owner.time;
    for (const { mirror } of this.#variables) if (mirror.lease !== null) mirror.lease.lastUsed = owner.time;
    const before = arena.address;
    const lease = arena.settle(this, this.#plan.size);
    if (lease.start !== before) this.#isPlaced = false;
    lease.companions = this.#variables.map((each) => {
      const lease = each.mirror.settle(each.variable);
      if (lease.start !== each.address) this.#isPlaced = false;
      each.address = lease.start;
      return lease;
    });
  }

  /** Restores what the heap has taken back since the last run. Addresses change only if the old ones are in use. */
  #settleAgain(): void {
    // If anything below throws, the next call must begin here again.
    this.#settledAt = -1;
    this.#takeRoom();
    if (!this.#isPlaced) {
      this.#place();
      this.start(new webAssembly!.Module(this.module.bytes()));
      this.#isPlaced = true;
    }
    this.#fill();
    this.#settledAt = heap().takenBack;
  }

  /** Makes the code for the present addresses. */
  #place(): void {
    this.#locate();
    const { order, guards } = this.schedule;
    for (const cluster of [...guards, ...order])
      if (cluster.host?.targets.length === 0) this.#looks.set(cluster, new GuardCheck(cluster.host));
    const { module, calls } = emit(
      order,
      (cluster) => this.#arena.address! + (this.#plan.scratch.get(cluster)?.offset ?? 0),
      this.#build,
      (cluster) => this.#host(cluster),
    );
    this.module = module;
    this.#calls = calls;
    this.#callsOut = module.callsOut || this.#otherGuards.length > 0;
  }

  /** Gives every buffer its address. */
  #locate(): void {
    const { buffers, inPlace, variables } = this.schedule;
    const addressOf = (variable: Cell) => HeapMirror.of(variable).address;
    for (const { variable, buffer } of variables) if (buffer !== null) buffer.address = addressOf(variable);
    for (const [buffer, variable] of inPlace) buffer.address = addressOf(variable);
    for (const buffer of buffers) {
      const room = this.#plan.rooms.get(buffer);
      if (room !== undefined) buffer.address = this.#arena.lease!.start + room.offset;
    }
    locateInside(this.schedule.order, this.#arena.lease!.start, this.#plan);
  }

  /** Copies the constants, and the arguments that were loaded, to the arena. */
  #fill(): void {
    for (const { source, dtype, size, address } of this.#constants) {
      heap()
        .view(dtype)
        .set((source as Constant).array.data.subarray(0, size), address / bytesOf[dtype]);
    }
    this.#arguments.forEach(({ buffer: { dtype, address } }, i) => {
      const array = this.#loaded[i];
      if (array == null) return;
      heap()
        .view(dtype)
        .set(array.data, address / bytesOf[dtype]);
    });
  }

  load(arrays: readonly NDArray[]): void {
    if (this.#settledAt !== heap().takenBack) this.#settleAgain();
    const list = this.#arguments;
    // Tensors never change, so the same array still has the same numbers.
    for (let i = 0; i < list.length; i++)
      if (this.#loaded[i] !== arrays[list[i]!.place]) this.#loadOne(i, arrays[list[i]!.place]!);
  }

  #loadOne(i: number, array: NDArray): void {
    const { address, dtype } = this.#arguments[i]!.buffer;
    heap()
      .view(dtype)
      .set(array.data, address / bytesOf[dtype]);
    this.#loaded[i] = array;
    this.#areArgumentsSound = false;
  }

  run(): void {
    if (this.#settledAt !== heap().takenBack) this.#settleAgain();
    const lease = this.#arena.lease!;
    lease.lastUsed = ++heap().time;
    if (this.#callsOut || !this.#areArgumentsSound) this.#computePinned(lease);
    else this.#compute();
  }

  /** Guards and other JavaScript functions may allocate memory themselves. The pin keeps the arena in the heap. */
  #computePinned(lease: Lease): void {
    lease.pins++;
    try {
      this.#compute();
    } finally {
      lease.pins--;
    }
  }

  #compute(): void {
    const { copied, gradients } = this.schedule;
    const before = mirrorChanges();
    const isAsLeft = before === this.#mirrorsAt;
    if (!isAsLeft) this.#updateMirrors();
    if (this.#gradients.length > 0) this.#loadGradients();
    const guards = this.#otherGuards;
    for (let i = 0; i < guards.length; i++) this.#host(guards[i]!);
    if (!this.#areArgumentsSound) this.#checkArguments();
    this.#run();
    for (let i = 0; i < copied.length; i++) copyToMirror(copied[i]!);
    if (this.#written.length > 0) this.#clock.time = nextSerial();
    const isUntouched = mirrorChanges() === before;
    if (!isAsLeft || !isUntouched) this.#noteWritten(isUntouched);
    if (gradients.length > 0) this.#setGradients();
  }

  /** Copies the variables that hold newer values to their mirrors. */
  #updateMirrors(): void {
    const read = this.#read;
    for (let i = 0; i < read.length; i++) {
      const { mirror, variable } = read[i]!;
      if (mirror.isOlder) mirror.write(variable);
    }
  }

  /** `isUntouched`: whether no JavaScript function has changed a mirror during the run. */
  #noteWritten(isUntouched: boolean): void {
    const written = this.#written;
    for (let i = 0; i < written.length; i++) written[i]!.mirror.wasWritten(this.#clock);
    this.#mirrorsAt = isUntouched ? mirrorChanges() : -1;
  }

  #loadGradients(): void {
    for (const {
      variable,
      buffer: { dtype, address },
    } of this.#gradients)
      heap()
        .view(dtype)
        .set(gradientOf(variable).data, address / bytesOf[dtype]);
  }

  #checkArguments(): void {
    for (const guard of this.#argumentGuards) this.#host(guard);
    this.#areArgumentsSound = true;
  }

  /** Sets the gradients that the function leaves in variables. */
  #setGradients(): void {
    for (const { variable, buffer } of this.schedule.gradients) {
      variable.setGrad(null);
      if (buffer === null) continue;
      const { shape, dtype } = variable;
      variable.addGrad(new Tensor(new NDArray(dtype, shape, copyOf(buffer))));
    }
  }

  result(place: number, step: Step | LateStep | null, traces: TraceSet | null): Tensor {
    const { buffer, strides, offset, shape, dtype } = this.#results[place]!;
    if (shape.length > 0)
      return new Tensor(new NDArray(dtype, shape, copyOf(buffer), strides, offset), step, traces);
    const value = heap().view(dtype)[buffer.address / bytesOf[dtype] + offset]!;
    return new Tensor(new NDArray(dtype, shape, value, shape, 0), step, traces);
  }

  /** Runs a host call or a guard. */
  #host(cluster: Cluster): void {
    const look = this.#looks.get(cluster);
    if (look !== undefined) {
      look.run();
      return;
    }
    const { operands, call, targets } = cluster.host!;
    const made = call(
      operands.map(({ view, shape, dtype }) => {
        const offset = addressNow(view.buffer) / bytesOf[dtype] + view.offset;
        const all = heap().view(dtype);
        const { data } = walksInOrder(shape, view.strides, 0)
          ? new NDArray(dtype, shape, all.subarray(offset, offset + sizeOf(shape)))
          : new NDArray(dtype, shape, all, view.strides, offset);
        // A primitive may keep its operands, so they are copies.
        return new NDArray(dtype, shape, copyOfAll(dtype, data));
      }),
    );
    for (const [i, target] of targets.entries())
      if (target !== null)
        heap()
          .view(target.dtype)
          .set(made[i]!.data, addressNow(target) / bytesOf[target.dtype]);
  }

  /**
   * Returns how many milliseconds each kernel takes, the best of some runs; NaN for a cluster without a
   * kernel. Variables may hold any numbers afterwards: each kernel runs once more on what later ones have left.
   */
  profile(runs: number): number[] {
    const best = this.schedule.order.map(() => NaN);
    for (let run = 0; run < runs; run++) {
      this.run();
      best.forEach((known, i) => {
        const kernel = this.kernels[`${i}`];
        const call = this.#calls[i];
        if (kernel === undefined || !call) return;
        const start = now();
        kernel(...call.with.map(({ base }) => base));
        const time = now() - start;
        best[i] = Number.isNaN(known) ? time : Math.min(known, time);
      });
    }
    return best;
  }

  toString(times?: readonly number[]): string {
    return listing(this.schedule, this.#plan, this.#build, times);
  }
}

/**
 * Returns the gradient that a program reads. Throws CompileError if it has been cleared since the program was made.
 */
function gradientOf(variable: Cell): Value {
  const { grad } = variable;
  if (grad !== null) return grad;
  throw new CompileError(
    `compile: the program reads the gradient of ${variable.name === "" ? "a variable" : `variable "${variable.name}"`}, which has none now; call backward() before run(), or call the compiled function, which chooses the program for a variable without a gradient`,
  );
}

/** Where a buffer lies at the places at which the loops around it are. */
function addressNow({ address, moves }: Buffer): number {
  const places = heap().view("int32");
  return moves.reduce((at, { loop, bytes }) => at + bytes * places[loop.address / 4]!, address);
}

/** Copies a variable's new value from a program's buffer to the variable's mirror. */
function copyToMirror({ variable, buffer }: Schedule["copied"][number]): void {
  const size = bytesOf[buffer.dtype];
  const to = HeapMirror.of(variable).address / size;
  const from = buffer.address / size;
  heap()
    .view(buffer.dtype)
    .copyWithin(to, from, from + buffer.size);
}

function copyOf({
  dtype,
  address,
  size,
}: {
  readonly dtype: DType;
  readonly address: number;
  readonly size: number;
}): TypedArray {
  return copyOfPart(dtype, heap().view(dtype), address / bytesOf[dtype], size);
}

class Interpreted implements Runner {
  readonly #program: Program;
  #arguments: readonly NDArray[] = [];
  #results: Tensor[] = [];

  constructor(program: Program) {
    this.#program = program;
  }

  load(arrays: readonly NDArray[]): void {
    this.#arguments = [...arrays];
  }

  run(): void {
    const numbers = replay(this.#program, ({ origin }) => {
      switch (origin.kind) {
        case "argument":
          return this.#arguments[origin.place]!;
        case "variable":
          return origin.variable.value.array;
        case "gradient":
          return gradientOf(origin.variable).array;
        case "constant":
          return origin.array;
        case "step":
          throw new Error("a step must come after its operands");
      }
    });
    const tensorOf = (value: Parameters<typeof numbers>[0]) => new Tensor(numbers(value));
    for (const { numbers: value, look } of this.#program.guards) look(numbers(value));
    this.#results = this.#program.results.map(tensorOf);
    const after = this.#program.outcomes.map(({ variable, value, grad }) => ({
      variable,
      value: value === undefined ? undefined : tensorOf(value),
      grad: grad == null ? grad : tensorOf(grad),
    }));
    for (const { variable, value, grad } of after) {
      const present = variable.grad;
      if (value !== undefined) variable.assign(value);
      if (grad === undefined && value !== undefined && present !== null) variable.addGrad(present);
      if (grad !== undefined) variable.setGrad(null);
      if (grad != null) variable.addGrad(grad);
    }
  }

  result(place: number, step: Step | LateStep | null, traces: TraceSet | null): Tensor {
    const result = this.#results[place]!;
    return traces === null ? result : new Tensor(result.array, step, traces);
  }

  toString(): string {
    const { values } = this.#program;
    const steps = values.filter(({ origin }) => origin.kind === "step").length;
    return `program of ${steps} steps, one by one: this engine has no WebAssembly vectors`;
  }
}
