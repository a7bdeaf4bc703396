// Random loop kernels for the tests of what is written for them, and a memory to run them on.

import type { DType } from "@adjoint/autograd";
import type { Atom } from "../../../packages/autograd/src/expression/atoms/atom.ts";
import * as atoms from "../../../packages/autograd/src/expression/atoms/index.ts";
import type {
  Access,
  BodyNode,
  LoopKernel,
  Output,
  Quantity,
} from "../../../packages/autograd/src/kernels/kernel.ts";
import { KernelModule } from "../../../packages/autograd/src/kernels/kernel-module.ts";
import { writeLoops } from "../../../packages/autograd/src/kernels/loops.ts";
import { bestBuild, type Memory, webAssembly } from "../../../packages/autograd/src/kernels/webassembly.ts";
import type { Dice } from "../../support/tensors.ts";
import { writeElement } from "./loop-interpreter.ts";

const BYTES: Record<DType, number> = { float32: 4, float64: 8, int32: 4, bool: 1 };
const PAGES = 4;

/** A kernel with the arguments of its parameters, and the memory it finds. */
export interface Trial {
  readonly kernel: LoopKernel;
  readonly args: readonly number[];
  readonly memory: Uint8Array;
}

/** A memory of the size of a random trial's, for many runs: an engine is slow to make one. */
export const newMemory = (pages: number = PAGES): Memory => new webAssembly!.Memory({ initial: pages });

/** Runs the code that is written for a kernel on a copy of the memory, made in another if one is given, and returns it. */
export function runWritten(
  { kernel, args, memory }: Trial,
  copy: Memory = newMemory(memory.byteLength / 65536),
): DataView {
  const build = bestBuild();
  if (build === "none") throw new Error("no WebAssembly with vectors here");
  const module = new KernelModule(build);
  writeLoops(module, kernel, "run");
  new Uint8Array(copy.buffer).set(memory);
  module.instantiate(copy)["run"]!(...args);
  return new DataView(copy.buffer);
}

/** Atoms whose lanes round as single operations do. */
const exact = {
  float: [
    atoms.add,
    atoms.sub,
    atoms.mul,
    atoms.div,
    atoms.neg,
    atoms.abs,
    atoms.sqrt,
    atoms.square,
    atoms.reciprocal,
    atoms.maximum,
    atoms.minimum,
    atoms.sign,
    atoms.floor,
  ],
  int32: [atoms.add, atoms.sub, atoms.mul, atoms.square, atoms.neg, atoms.abs, atoms.maximum, atoms.minimum],
  bool: [atoms.and, atoms.or, atoms.not],
  compare: [atoms.equal, atoms.notEqual, atoms.less, atoms.lessEqual, atoms.greater, atoms.greaterEqual],
} as const;

export interface Wishes {
  readonly types: readonly DType[];
  /** What outputs do. */
  readonly outputs: "store" | "accumulate" | "reduce" | "mixed";
  readonly parameters?: boolean;
  /** Some elements are found by indices. */
  readonly indirect?: boolean;
  /** More outputs than a word has bits, reduced over different axes. */
  readonly many?: boolean;
}

/** What is thrown where a kernel's arrays need more memory than there is. */
class DoesNotFit extends Error {}

/** A random kernel; null where what was drawn does not fit into the memory, about once in ten thousand times. */
export function randomTrial(dice: Dice, wishes: Wishes): Trial | null {
  try {
    return new Maker(dice, wishes).trial();
  } catch (error) {
    if (error instanceof DoesNotFit) return null;
    throw error;
  }
}

class Maker {
  readonly #dice: Dice;
  readonly #wishes: Wishes;
  readonly #args: number[] = [];
  readonly #memory = new DataView(new ArrayBuffer(PAGES * 65536));
  readonly #sizes: number[];
  readonly #from: number[];
  #end = 64;
  /** An index that elements can be found by. */
  #index: { readonly node: number; readonly size: number } | undefined;

  constructor(dice: Dice, wishes: Wishes) {
    this.#dice = dice;
    this.#wishes = wishes;
    const isSmall = wishes.many === true;
    const rank = isSmall ? 2 + dice.below(2) : dice.below(5);
    const sizes = Array.from({ length: rank }, () => 1 + dice.below(isSmall ? 3 : rank > 2 ? 5 : 9));
    // Now and then one that is long.
    if (!isSmall && rank > 0 && dice.below(3) === 0)
      sizes[dice.below(rank)] = 10 + dice.below(rank > 2 ? 20 : 70);
    this.#from = sizes.map(() => (dice.below(4) === 0 ? dice.below(3) : 0));
    this.#sizes = sizes.map((size, k) => size + this.#from[k]!);
  }

  trial(): Trial {
    const dice = this.#dice;
    const reads = Array.from({ length: 1 + dice.below(3) }, () => this.#read());
    if (this.#wishes.indirect === true) this.#readBy(reads);
    const nodes = this.#nodes(reads);
    const outputs = this.#outputs(reads, nodes);
    const { kernel, args } = this.#parameterised({
      sizes: this.#sizes,
      ...(this.#from.some((from) => from > 0) ? { from: this.#from } : {}),
      reads,
      nodes,
      outputs,
    });
    return { kernel, args, memory: new Uint8Array(this.#memory.buffer) };
  }

  #type(): DType {
    return this.#wishes.types[this.#dice.below(this.#wishes.types.length)]!;
  }

  /** Some elements, one stride for each axis; every element has its own place where no axis repeats. */
  #access(dtype: DType, mayRepeat: (axis: number) => boolean, contents: () => number): Access {
    const dice = this.#dice;
    const sizes = this.#sizes;
    const strides = new Array<number>(sizes.length).fill(0);
    const tidy = dice.below(2) === 0;
    const order = sizes.map((_, k) => k).toReversed();
    let span = 1 + (tidy ? 0 : dice.below(2));
    let least = 0;
    for (const axis of tidy ? order : dice.shuffled(order)) {
      if (mayRepeat(axis)) continue;
      strides[axis] = dice.below(tidy ? 12 : 4) === 0 ? -span : span;
      if (strides[axis]! < 0) least += strides[axis]! * (sizes[axis]! - 1);
      span *= sizes[axis]!;
      if (!tidy && dice.below(3) === 0) span += 1 + dice.below(3);
    }
    const size = BYTES[dtype];
    const start = Math.ceil(this.#end / size) * size + size * dice.below(4);
    const count = span + 1;
    if (start + size * count > this.#memory.byteLength) throw new DoesNotFit();
    for (let k = 0; k < count; k++) writeElement(this.#memory, dtype, start + size * k, contents());
    this.#end = start + size * count;
    return { dtype, address: start - size * least, strides };
  }

  #read(): Access {
    const dice = this.#dice;
    const dtype = this.#type();
    const contents = {
      float32: () => this.#number(),
      float64: () => this.#number(),
      int32: () => (dice.below(8) === 0 ? dice.below(2 ** 32) | 0 : dice.below(9) - 4),
      bool: () => dice.below(2),
    }[dtype];
    const repeats = dice.below(3) === 0;
    return this.#access(dtype, () => repeats && dice.below(2) === 0, contents);
  }

  /** Adds an array of indices, and arrays that are read by them; nodes have the places of what they read. */
  #readBy(reads: Access[]): void {
    const dice = this.#dice;
    const repeats = dice.below(2) === 0;
    const size = 1 + dice.below(6);
    this.#index = { node: reads.length, size };
    reads.push(
      this.#access(
        "int32",
        () => repeats && dice.below(2) === 0,
        () => (dice.below(9) === 0 ? dice.below(2 ** 32) | 0 : dice.below(2 * size + 1) - size),
      ),
    );
    for (let left = 1 + dice.below(2); left > 0; left--) {
      const access = this.#indirect(this.#read());
      if (access.dtype === "int32" && dice.below(2) === 0)
        this.#index = { node: reads.length, size: 1 + dice.below(6) };
      reads.push(access);
    }
  }

  /** An array in which an index says which of several others an element is from. */
  #indirect(first: Access): Access {
    const dice = this.#dice;
    const { node, size } = this.#index!;
    const bytes = BYTES[first.dtype];
    // All of it, as often as there are indices; the memory between is elements too.
    const start = first.address as number;
    const span = Math.ceil((this.#end - start) / bytes) + 2;
    const stride = dice.below(3) === 0 ? -span : span;
    const lower = first.strides.reduce<number>(
      (sum, each, k) => sum + Math.min(0, (each as number) * (this.#sizes[k]! - 1)),
      0,
    );
    const from = Math.ceil(this.#end / bytes) * bytes;
    const [room, origin] = [(span - lower) * size * bytes, -lower + (stride < 0 ? span * (size - 1) : 0)];
    // What would not fit into the memory is read as it is.
    if (from + room + bytes > this.#memory.byteLength) return first;
    for (let at = from; at < from + room + bytes; at += bytes)
      writeElement(this.#memory, first.dtype, at, dice.below(9) - 4);
    this.#end = from + room + bytes;
    return { ...first, address: from + bytes * origin, by: { node, size, stride } };
  }

  #number(): number {
    const dice = this.#dice;
    const edges = [
      0,
      -0,
      1,
      -1,
      Infinity,
      -Infinity,
      NaN,
      2 ** 31,
      -(2 ** 31) - 1,
      3e9,
      1e20,
      2 ** 65 + 2 ** 40,
    ];
    if (dice.below(12) === 0) return edges[dice.below(edges.length)]!;
    if (dice.below(3) === 0) return dice.below(9) - 4;
    return (dice.fraction() - 0.5) * 2 ** (5 - dice.below(12));
  }

  #nodes(reads: readonly Access[]): BodyNode[] {
    const dice = this.#dice;
    const nodes: BodyNode[] = reads.map(({ dtype }, read) => ({ op: "read", read, dtype }));
    const pick = (fits: (dtype: DType) => boolean): number | undefined => {
      const places = nodes.flatMap(({ dtype }, k) => (fits(dtype) ? [k] : []));
      return places.length === 0 ? undefined : places[dice.below(places.length)]!;
    };
    const any = () => dice.below(nodes.length);
    const alike = (a: number) => pick((dtype) => dtype === nodes[a]!.dtype)!;
    const one = (from: readonly Atom[]) => from[dice.below(from.length)]!;
    for (let left = dice.below(8); left > 0; left--) {
      const kind = dice.below(10);
      if (kind === 0 && this.#sizes.length > 0) {
        if (this.#wishes.types.includes("int32"))
          nodes.push({ op: "index", axis: dice.below(this.#sizes.length), dtype: "int32" });
      } else if (kind === 1) {
        const dtype = this.#type();
        const value = dtype === "int32" || dtype === "bool" ? dice.below(2) : this.#number();
        nodes.push({ op: "constant", dtype, value });
      } else if (kind === 2) {
        nodes.push({ op: "convert", operand: any(), dtype: this.#type() });
      } else if (kind === 3 && this.#wishes.types.includes("bool")) {
        const a = any();
        nodes.push({
          op: "atom",
          atom: one(exact.compare as readonly Atom[]),
          operands: [a, alike(a)],
          dtype: "bool",
        });
      } else if (kind === 4) {
        const condition = pick((dtype) => dtype === "bool");
        const a = any();
        if (condition !== undefined)
          nodes.push({
            op: "atom",
            atom: atoms.select as Atom,
            operands: [condition, a, alike(a)],
            dtype: nodes[a]!.dtype,
          });
      } else {
        const a = any();
        const { dtype } = nodes[a]!;
        const atom = one(
          exact[dtype === "float32" || dtype === "float64" ? "float" : dtype] as readonly Atom[],
        );
        const operands = Array.from({ length: atom.arity }, (_, k) => (k === 0 ? a : alike(a)));
        nodes.push({ op: "atom", atom, operands, dtype });
      }
    }
    return nodes;
  }

  #outputs(reads: Access[], nodes: readonly BodyNode[]): Output[] {
    const dice = this.#dice;
    const axes = this.#sizes.map((_, k) => k);
    const { outputs, many: isMany = false } = this.#wishes;
    const result: Output[] = [];
    const isFree = reads.map(() => true);
    // Sets of axes each of which contains the one before.
    const nested = dice.shuffled(axes);
    const sets = [nested.slice(0, dice.below(nested.length + 1))];
    if (isMany || dice.below(3) === 0)
      sets.push(nested.slice(0, sets[0]!.length + dice.below(nested.length + 1 - sets[0]!.length)));
    // Where there is room, now and then more than a word has bits.
    const places = this.#sizes.reduce((product, size) => product * size, 1);
    const many = isMany
      ? 33 + dice.below(37)
      : places <= 24 && dice.below(20) === 0
        ? 20 + dice.below(50)
        : 0;
    for (let left = 1 + many + dice.below(3); left > 0; left--) {
      const node = dice.below(3) === 0 ? dice.below(nodes.length) : nodes.length - 1;
      const { dtype } = nodes[node]!;
      const combine = outputs === "mixed" ? (dice.below(2) === 0 ? "store" : "reduce") : outputs;
      if (combine === "store") {
        const inPlace = reads.findIndex(
          (read, k) =>
            isFree[k] &&
            read.by === undefined &&
            read.dtype === dtype &&
            read.strides.every((stride, axis) => stride !== 0 || this.#sizes[axis] === 1),
        );
        if (inPlace >= 0 && dice.below(2) === 0) {
          isFree[inPlace] = false;
          result.push({ node, combine, write: reads[inPlace]!, reduced: [] });
        } else {
          result.push({
            node,
            combine,
            write: this.#access(
              dtype,
              () => false,
              () => 0,
            ),
            reduced: [],
          });
        }
      } else if (combine === "accumulate") {
        if (dtype === "bool") continue;
        const write = this.#overlapping(dtype);
        const isIndirect = this.#index !== undefined && dice.below(3) > 0;
        result.push({ node, combine, write: isIndirect ? this.#indirect(write) : write, reduced: [] });
      } else {
        const reduced = sets[dice.below(sets.length)]!;
        const write = this.#access(
          dtype,
          (axis) => reduced.includes(axis),
          () => 0,
        );
        const total = dtype === "bool" ? 1 : 0;
        const combine = (["total", "largest", "least"] as const)[total + dice.below(3 - total)]!;
        const isDivided =
          combine === "total" && dtype === "float32" && reduced.length > 0 && dice.below(2) === 0;
        result.push({ node, combine, write, reduced, ...(isDivided ? { divisor: 1 + dice.below(9) } : {}) });
      }
    }
    return result;
  }

  /** Where several indices may share a place. */
  #overlapping(dtype: DType): Access {
    const repeats = this.#dice.below(2) === 0;
    const access = this.#access(
      dtype,
      () => repeats && this.#dice.below(2) === 0,
      () => this.#dice.below(5),
    );
    if (this.#dice.below(2) === 0) return access;
    // Windows: two axes go on by the same stride.
    const size = BYTES[dtype];
    const count = this.#sizes.reduce((sum, n) => sum + n, 1);
    const start = Math.ceil(this.#end / size) * size;
    if (start + size * count > this.#memory.byteLength) throw new DoesNotFit();
    this.#end = start + size * count;
    return { dtype, address: start, strides: this.#sizes.map(() => this.#dice.below(2)) };
  }

  /** Some of a kernel's constants made parameters. */
  #parameterised(kernel: LoopKernel): { kernel: LoopKernel; args: readonly number[] } {
    if (this.#wishes.parameters !== true) return { kernel, args: [] };
    const args = this.#args;
    const often = 1 + this.#dice.below(4);
    const loosened = (quantity: Quantity): Quantity => {
      if (typeof quantity !== "number" || this.#dice.below(often) > 0) return quantity;
      return { parameter: args.push(quantity) - 1 };
    };
    const access = ({ dtype, address, strides, by }: Access): Access => ({
      dtype,
      address: loosened(address),
      strides: strides.map((stride) => (this.#dice.below(2) === 0 ? loosened(stride) : stride)),
      ...(by && { by: { node: by.node, size: loosened(by.size), stride: loosened(by.stride) } }),
    });
    const changed: LoopKernel = {
      ...kernel,
      sizes: kernel.sizes.map(loosened),
      from: (kernel.from ?? kernel.sizes.map(() => 0)).map(loosened),
      reads: kernel.reads.map(access),
      // What is reduced has stride 0 whatever is passed.
      outputs: kernel.outputs.map((output) => ({
        ...output,
        write: output.reduced.length > 0 ? output.write : access(output.write),
      })),
    };
    return { kernel: { ...changed, parameters: args.length }, args };
  }
}
