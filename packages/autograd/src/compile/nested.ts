// Clusters of the programs inside a step. Each program is fused, scheduled and planned by itself. What it takes and gives
// lies in buffers around the step: seen from within, these are variables, which are read, and assigned new values. So what
// a loop carries changes in place by the rules by which a training step's weights do.

import type { Description } from "../array/description.ts";
import type { NDArray } from "../array/ndarray.ts";
import { sizeOf } from "../array/shape.ts";
import { bytesOf } from "../kernels/heap.ts";
import { guardsOf } from "../program/guards.ts";
import { lean } from "../program/inside.ts";
import { ProgramBody, type ProgramValue } from "../program/parts.ts";
import { unknownArray } from "../program/recording.ts";
import { Cell } from "../tape/cell.ts";
import type { Control, Inner } from "../tape/lowering.ts";
import { Tensor } from "../tensor/tensor.ts";
import { type Buffer, type Cluster, Inside, type Loop, type Source } from "./cluster.ts";
import { fuse } from "./fuse.ts";
import type { Fusible, Surroundings } from "./fused.ts";
import { type Address, scratchOf } from "./kernels.ts";
import { type MemoryPlan, planMemory } from "./plan-memory.ts";
import { readBy, type Schedule, schedule } from "./schedule.ts";

/** Where a value of a program inside a step lies: in a buffer around the step. */
export interface Link {
  readonly outer: Buffer;
  /** In elements. */
  readonly offset: number;
  /** Elements from one place of a loop to the next. */
  readonly step: number;
}

/** A program with its clusters in order and its memory planned. */
export interface Block {
  readonly schedule: Schedule;
  readonly plan: MemoryPlan;
}

/** A program inside a step. */
export interface InnerBlock extends Block {
  /** Where what it takes and gives lies; within, these are variables. */
  readonly links: ReadonlyMap<Cell, Link>;
  /** The buffers around the step in which its constants lie. */
  readonly constants: ReadonlyMap<Buffer, Buffer>;
}

/** Room for the place at which a loop is. */
const HEAD = 64;

/** Clusters inside a step. */
export class Nested extends Inside {
  readonly control: Control;
  /** The program; of a choice first what runs where it is true, of a loop with a condition first the condition. */
  readonly blocks: readonly InnerBlock[];
  /** The truth value that decides, where one does. */
  readonly decider: Link | null;
  readonly loop: Loop = { address: 0 };
  readonly reads: readonly Buffer[];
  readonly writes: readonly Buffer[];
  readonly scratch: number;
  readonly mayThrow: boolean;

  constructor(
    control: Control,
    blocks: readonly InnerBlock[],
    decider: Link | null,
    reads: readonly Buffer[],
    writes: readonly Buffer[],
  ) {
    super();
    this.control = control;
    this.blocks = blocks;
    this.decider = decider;
    this.reads = reads;
    this.writes = writes;
    this.scratch = HEAD + Math.max(...blocks.map(({ plan }) => plan.size));
    this.mayThrow = blocks.some(
      ({ schedule: { order, guards } }) =>
        guards.length > 0 ||
        order.some(
          ({ host, inside }) =>
            host?.mayThrow === true || host?.targets.length === 0 || inside?.mayThrow === true,
        ),
    );
  }

  /** Gives every buffer its address. `scratch` is that of the scratch memory; the buffers around have theirs. */
  locate(scratch: number): void {
    this.loop.address = scratch;
    for (const { schedule: inner, plan, links, constants } of this.blocks) {
      const put = (buffer: Buffer, { base, moves }: Address) => {
        buffer.address = base;
        buffer.moves = moves;
      };
      for (const { variable, buffer } of inner.variables)
        if (buffer !== null) put(buffer, this.#at(links.get(variable)!));
      for (const [buffer, variable] of inner.inPlace) put(buffer, this.#at(links.get(variable)!));
      for (const [buffer, outer] of constants) put(buffer, { base: outer.address, moves: outer.moves });
      for (const [buffer, { offset }] of plan.rooms) buffer.address = this.#start + offset;
      locateInside(inner.order, this.#start, plan);
    }
  }

  /** Where the memory of the programs begins: they never run at the same time, so they share it. */
  get #start(): number {
    return this.loop.address + HEAD;
  }

  #at({ outer, offset, step }: Link): Address {
    const bytes = bytesOf[outer.dtype];
    return {
      base: outer.address + offset * bytes,
      moves: step === 0 ? outer.moves : [...outer.moves, { loop: this.loop, bytes: step * bytes }],
    };
  }

  /** Where what a program takes or gives lies. */
  addressOf({ links }: InnerBlock, variable: Cell): Address {
    return this.#at(links.get(variable)!);
  }

  /** Where the truth value lies that decides. */
  get deciderAddress(): Address {
    return this.#at(this.decider!);
  }

  /** The address of a cluster's scratch memory. */
  scratchAt({ plan }: InnerBlock, cluster: Cluster): number {
    return this.#start + (plan.scratch.get(cluster)?.offset ?? 0);
  }
}

/** Gives the buffers inside the steps of a program their addresses; its own have theirs, and its memory begins at `start`. */
export function locateInside(order: readonly Cluster[], start: number, plan: MemoryPlan): void {
  for (const cluster of order)
    if (cluster.inside instanceof Nested) cluster.inside.locate(start + plan.scratch.get(cluster)!.offset);
}

/** A program's clusters, in order, and its memory. */
export function blockOf(program: Fusible): Block {
  const planned = schedule(fuse(program, planInside));
  return { schedule: planned, plan: planMemory(planned, scratchOf) };
}

const tensorOf = (array: NDArray) => new Tensor(array);

/** What a program inside a step takes or gives, as a variable. */
function placeOf(name: string, description: Description): Cell {
  const value = tensorOf(unknownArray(description));
  return new Cell(value, name, value);
}

/** The clusters of a program inside a step; `outputs` has null for what nothing reads. The first outputs replace the first inputs. */
function innerBlock(
  body: ProgramBody,
  inputs: readonly Link[],
  outputs: readonly (Link | null)[],
  carries: number,
  around: Surroundings,
): InnerBlock {
  const wanted = outputs.flatMap((output, i) => (output === null ? [] : [i]));
  const program = lean(body, wanted, tensorOf);
  const links = new Map<Cell, Link>();
  const cells = program.inputs.map((input, i) => placeOf(`${i < carries ? "carry" : "input"} ${i}`, input));
  cells.forEach((cell, i) => {
    links.set(cell, inputs[i]!);
  });
  const sources = new Map<ProgramValue, Source>(
    program.inputs.map((input, i) => [input, { kind: "variable", variable: cells[i]! }]),
  );
  const outcomes = wanted.flatMap((place, i) => {
    const value = program.outputs[i]!;
    if (place < carries && value === program.inputs[place]) return [];
    const cell = place < carries ? cells[place]! : placeOf(`output ${place}`, value);
    if (place >= carries) links.set(cell, outputs[place]!);
    return [{ variable: cell, value, grad: undefined }];
  });
  const { values } = program;
  const inner = schedule(
    fuse({ values, outcomes, results: [], guards: guardsOf(program) }, planInside, sources),
  );
  const read = new Set([...inner.order, ...inner.guards].flatMap(readBy));
  const constants = [...read].filter(({ source }) => source.kind === "constant");
  return {
    schedule: inner,
    plan: planMemory(inner, scratchOf, false),
    links,
    constants: new Map(constants.map((buffer) => [buffer, around.constant(buffer)])),
  };
}

/** A program of the engine, from how a lowering names it. */
function bodyOf(inner: Inner): ProgramBody {
  if (inner instanceof ProgramBody) return inner;
  throw new Error("compile: what a step holds is no program");
}

function planInside(around: Surroundings): Nested {
  const { control, operands, targets } = around;
  const still = operands.map(({ buffer, offset }): Link => ({ outer: buffer, offset, step: 0 }));
  const whole = (buffer: Buffer | null): Link | null => buffer && { outer: buffer, offset: 0, step: 0 };
  switch (control.kind) {
    case "call":
      return nested(control, [innerBlock(bodyOf(control.body), still, targets.map(whole), 0, around)], null);
    case "choice": {
      const [decider, ...inputs] = still;
      const blocks = [control.onTrue, control.onFalse].map((body) =>
        innerBlock(bodyOf(body), inputs, targets.map(whole), 0, around),
      );
      return nested(control, blocks, decider!);
    }
    case "repeat": {
      const { carries, scanned } = control;
      const body = bodyOf(control.body);
      const inputs = still.map((link, i) =>
        i < carries || i >= carries + scanned ? link : { ...link, step: sizeOf(body.inputs[i]!.shape) },
      );
      const outputs = targets.map((target, i) =>
        i < carries || target === null
          ? whole(target)
          : { outer: target, offset: 0, step: sizeOf(body.outputs[i]!.shape) },
      );
      return nested(control, [innerBlock(body, inputs, outputs, carries, around)], null);
    }
    case "while": {
      const flag = { outer: around.flag(), offset: 0, step: 0 };
      const condition = innerBlock(bodyOf(control.condition), still, [flag], 0, around);
      const body = innerBlock(bodyOf(control.body), still, targets.map(whole), control.carries, around);
      return nested(control, [condition, body], flag);
    }
  }
}

/** Clusters inside a step, with the buffers around it that they read and write. */
function nested(control: Control, blocks: readonly InnerBlock[], decider: Link | null): Nested {
  const reads = new Set<Buffer>(decider === null ? [] : [decider.outer]);
  const writes = new Set<Buffer>();
  for (const { schedule: inner, links, constants } of blocks) {
    for (const { variable, buffer } of inner.variables)
      if (buffer !== null) reads.add(links.get(variable)!.outer);
    for (const outer of constants.values()) reads.add(outer);
    for (const variable of [...inner.inPlace.values(), ...inner.copied.map((each) => each.variable)])
      writes.add(links.get(variable)!.outer);
  }
  return new Nested(control, blocks, decider, [...reads], [...writes]);
}
