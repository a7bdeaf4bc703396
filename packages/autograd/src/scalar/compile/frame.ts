// Makes a forward and a backward kernel from a loop. A kernel works in a frame: a part of memory in which its inputs
// and results lie side by side. Values are copied into and out of frames, so a frame lists nodes and a kernel has
// addresses.

import type { Access, LoopKernel, Output } from "../../kernels/kernel.ts";
import { cotangent, total } from "../rules.ts";
import { Body } from "./body.ts";
import type { Loop, Origin, Steps } from "./loop.ts";

/** Adjacent elements of a frame, and the nodes that they belong to. */
export interface Column {
  /** One node for all rounds, or one for each round. */
  readonly nodes: Int32Array;
  /** From the start of the frame, in elements. */
  readonly offset: number;
}

/** A running total: the nodes of its initial and of its final value. */
export interface Running {
  readonly initial: number;
  readonly node: number;
}

export interface Frame {
  /** In elements. */
  readonly size: number;
  /** The values that kernels read. */
  readonly inputs: readonly Column[];
  /** The values that the forward kernel computes; for a running total, what is added to its initial value. */
  readonly results: readonly Column[];
  /** The cotangents of those results that depend on an operand of the tape. */
  readonly cotangents: readonly Column[];
  /** The terms to be added to the inputs' cotangents. */
  readonly terms: readonly Column[];
  readonly running: readonly Running[];
  forth(address: number): LoopKernel;
  /** Null where no input's cotangent is needed. */
  readonly back: ((address: number) => LoopKernel) | null;
}

const BYTES = 8;

export function frameOf(loop: Loop, steps: Steps): Frame {
  return new Framing(loop, steps).frame();
}

class Framing {
  readonly #loop: Loop;
  readonly #steps: Steps;
  readonly #period: number;
  #size = 0;
  readonly #inputs: Column[] = [];
  /** The places of inputs by how many nodes they have, and by the first and the last of these. */
  readonly #known = new Map<string, number[]>();
  /** For each step and operand, the place of the input that is read; −1 where the operand is not an input. */
  readonly #reads: number[][];
  readonly #active: boolean[] = [];

  constructor(loop: Loop, steps: Steps) {
    this.#loop = loop;
    this.#steps = steps;
    this.#period = loop.body.length;
    this.#reads = loop.body.map(({ origins }) => origins.map((origin) => this.#input(origin)));
    loop.body.forEach((_, step) => {
      this.#active.push(this.#nodesOf(step).some((node) => steps.isActive[node] === 1));
    });
  }

  frame(): Frame {
    const { visible } = this.#loop;
    const results = visible.map((step) => this.#column(this.#kept(step)));
    const active = visible.filter((step) => this.#active[step]);
    const cotangents = active.map((step) => this.#column(this.#kept(step)));
    const asked = this.#inputs.map(({ nodes }) => nodes.some((node) => this.#steps.isActive[node] === 1));
    const terms = this.#inputs.filter((_, i) => asked[i]).map(({ nodes }) => this.#column(nodes));
    const running = visible.flatMap((step) => {
      const origin = this.#before(step);
      return origin === undefined ? [] : [{ initial: origin.initial, node: this.#last(step) }];
    });
    return {
      size: this.#size,
      inputs: this.#inputs,
      results,
      cotangents,
      terms,
      running,
      forth: (address) => this.#forth(address, results),
      back: terms.length === 0 ? null : (address) => this.#back(address, active, cotangents, asked, terms),
    };
  }

  #column(nodes: Int32Array): Column {
    const offset = this.#size;
    this.#size += nodes.length;
    return { nodes, offset };
  }

  #input(origin: Origin): number {
    if (origin.from === "body" || origin.from === "before") return -1;
    const nodes = origin.from === "shared" ? Int32Array.of(origin.node) : origin.nodes;
    // A constant that all rounds share is written into the kernel.
    if (origin.from === "shared" && this.#constantOf(origin.node) !== null) return -1;
    const key = `${nodes.length} ${nodes[0]} ${nodes.at(-1)}`;
    const alike = this.#known.get(key) ?? [];
    this.#known.set(key, alike);
    const known = alike.find((i) => this.#inputs[i]!.nodes.every((node, round) => node === nodes[round]));
    if (known !== undefined) return known;
    const place = this.#inputs.push(this.#column(nodes)) - 1;
    alike.push(place);
    return place;
  }

  #constantOf(node: number): number | null {
    const { segment, first, taken } = this.#steps.tape;
    return node >= taken.length && node < first ? segment.value[node]! : null;
  }

  #before(step: number) {
    return this.#loop.body[step]!.origins.find((origin) => origin.from === "before");
  }

  #nodesOf(step: number): number[] {
    return Array.from(
      { length: this.#loop.rounds },
      (_, round) => this.#loop.start + step + round * this.#period,
    );
  }

  #last(step: number): number {
    return this.#loop.start + step + (this.#loop.rounds - 1) * this.#period;
  }

  /** The nodes of a visible step whose values are copied out. */
  #kept(step: number): Int32Array {
    return this.#before(step) === undefined
      ? Int32Array.from(this.#nodesOf(step))
      : Int32Array.of(this.#last(step));
  }

  /** Adds inputs and steps to a body; returns their nodes there. For a running total, that is the node of its term. */
  #written(body: Body): { readonly inputs: number[]; readonly values: number[] } {
    const inputs = this.#inputs.map(() => body.read());
    const values: number[] = [];
    this.#loop.body.forEach(({ fn }, step) => {
      const operands = this.#operands(body, inputs, values, step);
      const added = operands.find((operand) => operand !== undefined)!;
      values.push(this.#before(step) === undefined ? body.apply(fn.expression, operands as number[]) : added);
    });
    return { inputs, values };
  }

  /** The body's nodes for a step's operands; undefined for a running total, which the body does not hold. */
  #operands(
    body: Body,
    inputs: readonly number[],
    values: readonly number[],
    step: number,
  ): (number | undefined)[] {
    return this.#loop.body[step]!.origins.map((origin, k) => {
      const read = this.#reads[step]![k]!;
      if (read >= 0) return inputs[read]!;
      if (origin.from === "body") return values[origin.step]!;
      return origin.from === "shared" ? body.constant(this.#constantOf(origin.node)!) : undefined;
    });
  }

  #access(address: number, { nodes, offset }: Column): Access {
    const strides = [nodes.length === 1 ? 0 : 1];
    return { dtype: "float64", address: address + offset * BYTES, strides };
  }

  /** Stores an element for each round or, in a column with one node for all rounds, the total over them. */
  #output(address: number, column: Column, node: number): Output {
    const isTotal = column.nodes.length < this.#loop.rounds;
    return {
      node,
      combine: isTotal ? "total" : "store",
      write: this.#access(address, column),
      reduced: isTotal ? [0] : [],
    };
  }

  #forth(address: number, results: readonly Column[]): LoopKernel {
    const body = new Body();
    const { values } = this.#written(body);
    const outputs = this.#loop.visible.map((step, i) =>
      this.#output(address, results[i]!, body.number(values[step]!)),
    );
    return this.#kernel(address, body, this.#inputs, outputs);
  }

  #back(
    address: number,
    active: readonly number[],
    cotangents: readonly Column[],
    asked: readonly boolean[],
    terms: readonly Column[],
  ): LoopKernel {
    const body = new Body();
    const { inputs, values } = this.#written(body);
    const sum = (known: number | undefined, term: number) =>
      known === undefined ? term : body.apply(total.expression, [known, term]);
    const ofSteps: (number | undefined)[] = [];
    const ofInputs: (number | undefined)[] = [];
    for (const step of active) ofSteps[step] = body.read();
    for (let step = this.#period - 1; step >= 0; step--) {
      const g = ofSteps[step];
      if (g === undefined || !this.#active[step]) continue;
      const { fn, origins } = this.#loop.body[step]!;
      const operands = this.#operands(body, inputs, values, step);
      const isRunning = operands.includes(undefined);
      origins.forEach((origin, k) => {
        const read = this.#reads[step]![k]!;
        const isAsked = origin.from === "body" ? this.#active[origin.step]! : read >= 0 && asked[read]!;
        const rule = isAsked ? cotangent(fn, k) : null;
        if (rule === null) return;
        // The cotangent of a running total is also that of each term.
        const term = isRunning ? g : body.apply(rule, [...(operands as number[]), values[step]!, g]);
        if (origin.from === "body") ofSteps[origin.step] = sum(ofSteps[origin.step], term);
        else ofInputs[read] = sum(ofInputs[read], term);
      });
    }
    let next = 0;
    const outputs = this.#inputs.flatMap((_, i) => {
      if (!asked[i]) return [];
      return [this.#output(address, terms[next++]!, body.number(ofInputs[i] ?? body.constant(0)))];
    });
    return this.#kernel(address, body, [...this.#inputs, ...cotangents], outputs);
  }

  #kernel(address: number, body: Body, reads: readonly Column[], outputs: readonly Output[]): LoopKernel {
    return {
      sizes: [this.#loop.rounds],
      reads: reads.map((column) => this.#access(address, column)),
      nodes: body.nodes,
      outputs,
    };
  }
}
