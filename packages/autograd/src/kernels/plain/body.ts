// Functions of elements over arrays: the nodes of a kernel's body one after the other, as loops/body.ts writes them for
// vectors. What a node's type means for lanes is said in loops/conversions.ts, and is the same here. Eager operations have
// no kernels of int32 elements, and none of atoms without lanes.

import type { DType, TypedArray } from "../../array/dtype.ts";
import type { Atom } from "../../expression/atoms/atom.ts";
import { lanesOf } from "../../expression/lanes/table.ts";
import type { Lane, Lanes } from "../../expression/lanes.ts";
import { bytesOf, heap } from "../heap.ts";
import type { LoopKernel } from "../kernel.ts";
import { isChoice, lanesFor } from "../width.ts";
import { type ArrayLane, ArrayLanes } from "./array-lanes.ts";

/** How many elements go through the body together: so few that what lies between its steps stays in the cache. */
const TOGETHER = 1024;

class Body {
  readonly #lanes: ArrayLanes;
  readonly #count: number;

  constructor(bits: 32 | 64, count: number) {
    this.#lanes = new ArrayLanes(bits, count);
    this.#count = count;
  }

  /** Lanes of an array's elements, or of the one that it repeats. Truth values, which are 0 or 1, become masks. */
  read(elements: TypedArray, dtype: DType): ArrayLane {
    const lane = this.#lanes.make("float");
    if (elements.length === 1) lane.numbers.fill(elements[0]!);
    else lane.numbers.set(elements);
    return this.#convert(lane, "float64", dtype);
  }

  #constant(value: number, dtype: DType): ArrayLane {
    const lane = this.#lanes.constant(value);
    return dtype === "bool" ? { ...this.#convert(lane, "float64", dtype), constant: value } : lane;
  }

  #convert(lane: ArrayLane, from: DType, to: DType): ArrayLane {
    if (from === to) return lane;
    if (to === "bool") return this.#lanes.isNotEqual(lane, this.#lanes.constant(0));
    if (from === "bool") return this.#lanes.choose(lane, this.#lanes.constant(1), this.#lanes.constant(0));
    return this.#rounded(lane, to);
  }

  /** In lanes of 64 bits, numbers of a type that may have fewer. */
  #rounded(lane: ArrayLane, dtype: DType): ArrayLane {
    if (this.#lanes.bits === 32 || dtype !== "float32") return lane;
    const result = this.#lanes.make("float");
    for (let i = 0; i < this.#count; i++) result.numbers[i] = Math.fround(lane.numbers[i]!);
    return result;
  }

  #atom(atom: Atom, operands: readonly ArrayLane[], dtype: DType): ArrayLane {
    const write = lanesOf(atom) as unknown as (lanes: Lanes, ...operands: readonly Lane[]) => ArrayLane;
    const { kind, numbers, words } = write(this.#lanes, ...operands);
    const value = { kind, numbers, words };
    if (dtype === "bool") return kind === "mask" ? value : this.#convert(value, "float64", dtype);
    return isChoice(atom) ? value : this.#rounded(value, dtype);
  }

  /** The lanes of the kernel's only output, from the elements of what it reads. */
  run({ nodes, outputs }: LoopKernel, reads: readonly TypedArray[]): ArrayLane {
    const values: ArrayLane[] = [];
    for (const node of nodes) {
      if (node.op === "read") values.push(this.read(reads[node.read]!, node.dtype));
      else if (node.op === "constant") values.push(this.#constant(node.value, node.dtype));
      else if (node.op === "convert")
        values.push(this.#convert(values[node.operand]!, nodes[node.operand]!.dtype, node.dtype));
      else if (node.op === "atom") {
        const operands = node.operands.map((operand) => values[operand]!);
        values.push(this.#atom(node.atom, operands, node.dtype));
      }
    }
    const { node, write } = outputs[0]!;
    return this.#convert(values[node]!, nodes[node]!.dtype, write.dtype);
  }

  /** Stores lanes as elements, and ends the run. */
  store({ kind, numbers, words }: ArrayLane, to: TypedArray): void {
    if (kind === "float") to.set(numbers);
    else for (let i = 0; i < this.#count; i++) to[i] = words[(i * this.#lanes.bits) / 32]! & 1;
    this.#lanes.restart();
  }
}

/** (number of elements, address of the results, addresses of the operands …) → (): what the kernel does. */
export function plainElements(kernel: LoopKernel): (n: number, ...addresses: number[]) => void {
  const bits = lanesFor(kernel);
  const arrays = [kernel.outputs[0]!.write, ...kernel.reads];
  const usual = new Body(bits, TOGETHER);
  return (n, ...addresses) => {
    for (let from = 0; from < n; from += TOGETHER) {
      const count = Math.min(TOGETHER, n - from);
      const body = count === TOGETHER ? usual : new Body(bits, count);
      const [to, ...reads] = arrays.map(({ dtype, strides }, k) => {
        const start = addresses[k]! / bytesOf[dtype];
        const view = heap().view(dtype);
        // What stands still is a single element.
        if (strides[0] === 0) return view.subarray(start, start + 1);
        return view.subarray(start + from, start + from + count);
      });
      body.store(body.run(kernel, reads), to!);
    }
  };
}
