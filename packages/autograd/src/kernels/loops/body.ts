// The nodes of a kernel's body as lanes: the loops in which a node changes, and the code that computes a node. nest.ts decides when and how often that code is written.

import type { Atom } from "../../expression/atoms/atom.ts";
import { lanesOf } from "../../expression/lanes/table.ts";
import type { Lane, Lanes } from "../../expression/lanes.ts";
import { FunctionWriter, type Local, Type } from "../assembler.ts";
import { I } from "../instructions.ts";
import type { BodyNode, LoopKernel } from "../kernel.ts";
import type { KernelModule } from "../kernel-module.ts";
import { LaneWriter, type WrittenLane } from "../lane-writer.ts";
import { type AtomNode, isChoice, isWhole, kindOf } from "../width.ts";
import type { Conversions, TypedLanes } from "./conversions.ts";
import { type Detour, detoursOf, leadsBack, writeDetour } from "./detours.ts";
import { pushElements } from "./memory-lanes.ts";
import type { Plan } from "./plan.ts";
import type { Moved, Pointers } from "./pointers.ts";
import type { Copy } from "./position.ts";
import { operandsOf } from "./walks.ts";

// The number of instructions for a read by an index.
const DETOUR = 8;
// The average size of an instruction with its operand and result, in bytes.
const BYTES_AN_INSTRUCTION = 7;

/** About how many instructions a kernel's body has. */
export function weightOf(kernel: LoopKernel, bits: 32 | 64, module: KernelModule): number {
  // The code of the atoms is written to a scratch function and measured, since atoms share parts of it.
  const code = new FunctionWriter(0, []);
  const lanes = new LaneWriter(code, bits, module);
  const values: Lane[] = [];
  let others = 0;
  for (const node of kernel.nodes) {
    if (node.op === "atom") {
      const operands = node.operands.map((operand) => values[operand]!);
      values.push(compute(node.atom, code, lanes, operands, 128 / bits, isWhole(node)));
    } else if (node.op === "convert" && kernel.nodes[node.operand]!.dtype === node.dtype) {
      values.push(values[node.operand]!);
    } else {
      values.push(lanes.lane([code.local(Type.v128)], kindOf(node.dtype, bits)));
      others += node.op === "read" && kernel.reads[node.read]!.by !== undefined ? DETOUR : 1;
    }
  }
  return others + Math.ceil(code.bytes.length / BYTES_AN_INSTRUCTION);
}

function compute(
  atom: Atom,
  code: FunctionWriter,
  lanes: LaneWriter,
  operands: Lane[],
  active: number,
  isWhole: boolean,
): WrittenLane {
  const stated = isWhole ? atom.whole!.lanes : lanesOf(atom);
  if (stated !== undefined) {
    const write = stated as (lanes: Lanes, ...operands: Lane[]) => Lane;
    return write(lanes, ...operands) as WrittenLane;
  }
  // The value is computed lane by lane, in the lanes that count only.
  const words = [0, 1, 2, 3].map((word) => (word < (active * lanes.bits) / 32 ? -1 : 0));
  const mask = code.constant(words as [number, number, number, number]);
  const value = atom.value as (...x: number[]) => number;
  return lanes.exceptWhere(lanes.lane([mask], "mask"), lanes.constant(0), value, ...operands);
}

/** Computes the nodes of one kernel, and the detours of its indices, whose places come after those of the nodes. */
export class Body {
  /** All places, each after those that it is computed from. */
  readonly order: readonly number[];
  /** The depth of the innermost loop in which a node changes; its code belongs at the head of that loop. */
  readonly depths: readonly number[];
  /** Whether a node differs from lane to lane; the others have one value in all lanes. */
  readonly isVector: readonly boolean[];
  /** Nodes that an output needs. */
  readonly needed: readonly boolean[];
  readonly #kernel: LoopKernel;
  readonly #plan: Plan;
  readonly #bits: 32 | 64;
  readonly #detours: readonly Detour[];
  /** For each walk of an array, the place of its detour; undefined where it has none. */
  readonly #taken: readonly (number | undefined)[];

  constructor(kernel: LoopKernel, plan: Plan, bits: 32 | 64) {
    this.#kernel = kernel;
    this.#plan = plan;
    this.#bits = bits;
    const { nodes, reads, outputs } = kernel;
    const { detours, taken } = detoursOf(kernel);
    const first = nodes.length;
    this.#detours = detours;
    this.#taken = taken.map((detour) => (detour === undefined ? undefined : first + detour));
    this.order = nodes.flatMap((_, k) => [
      k,
      ...detours.flatMap(({ index }, d) => (index === k ? [first + d] : [])),
    ]);
    const depths: number[] = [];
    const isVector: boolean[] = [];
    for (const k of this.order) {
      const walk = this.#walk(nodes[k]);
      const moves = walk === undefined ? [] : plan.walks[walk]!.steps.map((step) => step !== 0);
      const from = this.#from(k);
      depths[k] = Math.max(moves.lastIndexOf(true) + 1, ...from.map((operand) => depths[operand]!));
      isVector[k] = moves[plan.vector] === true || from.some((operand) => isVector[operand]);
    }
    const needed = this.order.map(() => false);
    outputs.forEach(({ node }, o) => {
      needed[node] = true;
      const detour = this.#taken[reads.length + o];
      if (detour !== undefined) needed[detour] = true;
    });
    for (const k of this.order.toReversed()) {
      if (needed[k]) for (const operand of this.#from(k)) needed[operand] = true;
    }
    [this.depths, this.isVector, this.needed] = [depths, isVector, needed];
  }

  #walk(node: BodyNode | undefined): number | undefined {
    if (node?.op === "read") return node.read;
    return node?.op === "index" ? this.#plan.indexWalks.get(node.axis) : undefined;
  }

  /** The places from which a place is computed. */
  #from(place: number): readonly number[] {
    const node = this.#kernel.nodes[place];
    if (node === undefined) return [this.#detours[place - this.#kernel.nodes.length]!.index];
    if (node.op !== "read") return operandsOf(this.#kernel, node);
    const detour = this.#taken[node.read];
    return detour === undefined ? [] : [detour];
  }

  /** The computed detour of a walk; undefined where it has none. */
  moved(walk: number, values: readonly (TypedLanes | undefined)[]): Moved | undefined {
    const place = this.#taken[walk];
    if (place === undefined) return undefined;
    const detour = this.#detours[place - this.#kernel.nodes.length]!;
    return {
      local: values[place]!.local,
      isVector: this.isVector[place]!,
      leadsBack: leadsBack(detour),
    };
  }

  /** Writes the code of a place whose operands have been computed, for several copies side by side. */
  write(place: number, copies: readonly Copy[], active: number, writers: Writers): void {
    const node = this.#kernel.nodes[place];
    if (node?.op === "atom") {
      const values = this.#atom(node, copies, writers, active);
      copies.forEach((copy, i) => {
        copy.values[place] = values[i]!;
      });
      return;
    }
    for (const copy of copies) copy.values[place] = this.#single(place, copy, active, writers);
  }

  #single(
    place: number,
    { values, cursors }: Copy,
    active: number,
    { code, conversions, pointers }: Writers,
  ): TypedLanes {
    const node = this.#kernel.nodes[place];
    const { vector } = this.#plan;
    if (node === undefined) {
      const detour = this.#detours[place - this.#kernel.nodes.length]!;
      const index = values[detour.index]!;
      return writeDetour(code, this.#bits, conversions, detour, index, this.isVector[place]!);
    }
    switch (node.op) {
      case "read": {
        const { dtype } = this.#kernel.reads[node.read]!;
        const elements = pointers.elements(
          node.read,
          cursors,
          dtype,
          vector,
          this.isVector[place] ? active : 1,
          this.moved(node.read, values),
        );
        pushElements(code, this.#bits, elements);
        return top(code, dtype);
      }
      case "index": {
        const more = pointers.push(this.#plan.indexWalks.get(node.axis)!, cursors);
        if (more !== 0) code.i32(more).emit(I.i32_add);
        return conversions.indices(this.isVector[place] ? 1 : 0);
      }
      case "constant":
        return conversions.constant(node.value, node.dtype);
      case "convert":
        return conversions.convert(values[node.operand]!, node.dtype);
      case "atom":
        throw new Error("loops: atoms are written for all copies together");
    }
  }

  /** One value for each copy. */
  #atom(
    node: AtomNode,
    copies: readonly Copy[],
    { code, lanes, conversions }: Writers,
    active: number,
  ): readonly TypedLanes[] {
    const { atom, operands, dtype } = node;
    const given = operands.map((operand) => {
      let values = copies.map((copy) => copy.values[operand]!);
      // JavaScript functions take numbers.
      if (lanesOf(atom) === undefined && values[0]!.dtype === "bool")
        values = values.map((value) => conversions.convert(value, this.#bits === 32 ? "float32" : "float64"));
      const [{ dtype, constant, local }] = values as [TypedLanes];
      const isShared = values.every((value) => value.local === local);
      const locals = isShared ? [local] : values.map((value) => value.local);
      const lane = lanes.lane(locals, kindOf(dtype, this.#bits));
      return constant === undefined ? lane : { ...lane, constant };
    });
    const { kind, locals } = compute(atom, code, lanes, given, active, isWhole(node));
    const results = locals.map((local): TypedLanes => {
      if (dtype === "bool") {
        const computed: TypedLanes = { dtype: this.#bits === 32 ? "float32" : "float64", local };
        return kind === "mask" ? { dtype, local } : conversions.convert(computed, "bool");
      }
      // Each atom's result is an element of its type. A choice gives such an element, and so does the form for int32.
      if (this.#bits === 32 || isChoice(atom) || isWhole(node)) return { dtype, local };
      if (dtype === "int32") return conversions.convert({ dtype, local, isRaw: true }, dtype);
      return dtype === "float32" ? conversions.rounded({ dtype, local }) : { dtype, local };
    });
    return copies.map((_, i) => results[results.length === 1 ? 0 : i]!);
  }
}

/** The writers of one function. */
export interface Writers {
  readonly code: FunctionWriter;
  readonly lanes: LaneWriter;
  readonly conversions: Conversions;
  readonly pointers: Pointers;
}

function top(code: FunctionWriter, dtype: TypedLanes["dtype"]): TypedLanes {
  const local: Local = code.local(Type.v128);
  code.set(local);
  return { dtype, local };
}
