// A small assembler: writes WebAssembly modules byte by byte. Knows the binary format and nothing of what is computed.
// https://webassembly.github.io/spec/core/binary/modules.html

import { I, type Instruction, type MemoryInstruction } from "./instructions.ts";

/** The types of WebAssembly values, as the binary format writes them. */
export const Type = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b } as const;
export type ValueType = (typeof Type)[keyof typeof Type];

/** A function's or an import's place among a module's functions. */
export type FunctionIndex = number & { readonly is?: "function" };
/** A local variable of the function being written. */
export type Local = number & { readonly is?: "local" };

function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value >>> 0;
  do {
    const byte = rest & 0x7f;
    rest >>>= 7;
    bytes.push(rest === 0 ? byte : byte | 0x80);
  } while (rest !== 0);
  return bytes;
}

function signed(value: number): number[] {
  const bytes: number[] = [];
  let rest = value | 0;
  for (;;) {
    const byte = rest & 0x7f;
    rest >>= 7;
    if ((rest === 0 && (byte & 0x40) === 0) || (rest === -1 && (byte & 0x40) !== 0)) {
      bytes.push(byte);
      return bytes;
    }
    bytes.push(byte | 0x80);
  }
}

/** An instruction's opcode bytes. */
function opcode(instruction: Instruction): number[] {
  const prefix = instruction >>> 12;
  return prefix === 0 ? [instruction] : [prefix, ...unsigned(instruction & 0xfff)];
}

const scratch = new DataView(new ArrayBuffer(16));

function vectorConstant(words: readonly [number, number, number, number]): number[] {
  for (let i = 0; i < 4; i++) scratch.setUint32(4 * i, words[i]!, true);
  return [0xfd, 12, ...new Uint8Array(scratch.buffer, 0, 16)];
}

const text = (name: string): number[] => {
  // Names here are ASCII.
  const bytes = Array.from(name, (letter) => letter.charCodeAt(0));
  return [...unsigned(bytes.length), ...bytes];
};

const list = (items: readonly (readonly number[])[]): number[] => [
  ...unsigned(items.length),
  ...items.flat(),
];

/** Bytes that grow: pushing onto one typed array costs less than joining many small ones. */
class Bytes {
  #bytes = new Uint8Array(256);
  length = 0;

  push(bytes: ArrayLike<number>): void {
    const needed = this.length + bytes.length;
    if (needed > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    for (let i = 0; i < bytes.length; i++) this.#bytes[this.length + i] = bytes[i]!;
    this.length = needed;
  }

  get all(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.length);
  }
}

/** A function being written: instructions in order, and its local variables. Parameters are locals 0, 1, … */
export class FunctionWriter {
  readonly index: FunctionIndex;
  readonly parameters: readonly ValueType[];
  readonly #locals: ValueType[] = [];
  readonly #code = new Bytes();
  /** What comes before the code: it sets constants. */
  readonly #head = new Bytes();
  readonly #constants = new Map<string, Local>();

  constructor(index: FunctionIndex, parameters: readonly ValueType[]) {
    this.index = index;
    this.parameters = parameters;
  }

  /** A new local variable; zero at first. */
  local(type: ValueType): Local {
    this.#locals.push(type);
    return this.parameters.length + this.#locals.length - 1;
  }

  emit(...instructions: readonly Instruction[]): this {
    for (const instruction of instructions) this.#code.push(opcode(instruction));
    return this;
  }

  get(local: Local): this {
    this.#code.push([0x20, ...unsigned(local)]);
    return this;
  }

  set(local: Local): this {
    this.#code.push([0x21, ...unsigned(local)]);
    return this;
  }

  tee(local: Local): this {
    this.#code.push([0x22, ...unsigned(local)]);
    return this;
  }

  i32(value: number): this {
    this.#code.push([0x41, ...signed(value)]);
    return this;
  }

  f32(value: number): this {
    scratch.setFloat32(0, value, true);
    this.#code.push([0x43, ...new Uint8Array(scratch.buffer, 0, 4)]);
    return this;
  }

  f64(value: number): this {
    scratch.setFloat64(0, value, true);
    this.#code.push([0x44, ...new Uint8Array(scratch.buffer, 0, 8)]);
    return this;
  }

  /** A vector constant from its four 32-bit words. */
  v128(words: readonly [number, number, number, number]): this {
    this.#code.push(vectorConstant(words));
    return this;
  }

  /**
   * A local that holds a vector constant in the whole function; it must not be written. Engines differ in whether they
   * move constants out of loops.
   */
  constant(words: readonly [number, number, number, number]): Local {
    const key = words.map((word) => word >>> 0).join();
    let local = this.#constants.get(key);
    if (local === undefined) {
      local = this.local(Type.v128);
      this.#constants.set(key, local);
      this.#head.push(vectorConstant(words));
      this.#head.push([0x21, ...unsigned(local)]);
    }
    return local;
  }

  /** Reads or writes at the address on the stack plus a constant number of bytes. */
  memory({ code, align }: MemoryInstruction, offset = 0): this {
    this.#code.push([...opcode(code), align, ...unsigned(offset)]);
    return this;
  }

  /** Reads or writes one lane. */
  memoryLane({ code, align }: MemoryInstruction, lane: number, offset = 0): this {
    this.#code.push([...opcode(code), align, ...unsigned(offset), lane]);
    return this;
  }

  /** Reads or replaces a lane. */
  lane(code: Instruction, lane: number): this {
    this.#code.push([...opcode(code), lane]);
    return this;
  }

  /** Sixteen bytes chosen from the two vectors on the stack. */
  shuffle(bytes: readonly number[]): this {
    this.#code.push([0xfd, 13, ...bytes]);
    return this;
  }

  call(fn: FunctionIndex): this {
    this.#code.push([0x10, ...unsigned(fn)]);
    return this;
  }

  /** Fills memory: on the stack the address, the byte and the count. */
  memoryFill(): this {
    this.#code.push([0xfc, 11, 0]);
    return this;
  }

  /** Copies memory: on the stack where to, where from, and the count of bytes. */
  memoryCopy(): this {
    this.#code.push([0xfc, 10, 0, 0]);
    return this;
  }

  /** A block; branching to it (depth 0 inside) leaves it. */
  block(body: () => void): this {
    this.#code.push([0x02, 0x40]);
    body();
    this.#code.push([0x0b]);
    return this;
  }

  /** A loop; branching to it (depth 0 inside) starts it again. */
  loop(body: () => void): this {
    this.#code.push([0x03, 0x40]);
    body();
    this.#code.push([0x0b]);
    return this;
  }

  /** Takes a truth value off the stack. */
  if(then: () => void, otherwise?: () => void): this {
    this.#code.push([0x04, 0x40]);
    then();
    if (otherwise !== undefined) {
      this.#code.push([0x05]);
      otherwise();
    }
    this.#code.push([0x0b]);
    return this;
  }

  branch(depth: number): this {
    this.#code.push([0x0c, ...unsigned(depth)]);
    return this;
  }

  branchIf(depth: number): this {
    this.#code.push([0x0d, ...unsigned(depth)]);
    return this;
  }

  /** counter = from; while counter < to: body, counter += step. Bounds are constants or locals. */
  for(
    counter: Local,
    from: number | { readonly local: Local },
    to: number | { readonly local: Local },
    step: number,
    body: () => void,
  ): this {
    const push = (bound: number | { readonly local: Local }) =>
      typeof bound === "number" ? this.i32(bound) : this.get(bound.local);
    push(from).set(counter);
    this.get(counter);
    push(to).emit(I.i32_lt_s);
    return this.if(() => {
      this.loop(() => {
        body();
        this.get(counter).i32(step).emit(I.i32_add).tee(counter);
        push(to).emit(I.i32_lt_s).branchIf(0);
      });
    });
  }

  /** The function's body as the code section has it. */
  get bytes(): Uint8Array {
    // Neighbours of one type are declared together.
    const runs: number[][] = [];
    for (const type of this.#locals) {
      const last = runs.at(-1);
      if (last !== undefined && last[1] === type) last[0]!++;
      else runs.push([1, type]);
    }
    const declared = list(runs.map(([count, type]) => [...unsigned(count!), type!]));
    const body = new Bytes();
    const [head, code] = [this.#head.all, this.#code.all];
    body.push(unsigned(declared.length + head.length + code.length + 1));
    body.push(declared);
    body.push(head);
    body.push(code);
    body.push([0x0b]);
    return body.all;
  }
}

interface Import {
  readonly name: string;
  readonly type: number;
}

/** A module being written. It imports its memory as "env" "memory", and functions from "env". */
export class ModuleWriter {
  readonly #types: string[] = [];
  readonly #typeBytes: number[][] = [];
  readonly #imports: Import[] = [];
  readonly #functions: { writer: FunctionWriter; type: number }[] = [];
  readonly #exports: { name: string; index: FunctionIndex }[] = [];

  #type(parameters: readonly ValueType[], results: readonly ValueType[]): number {
    const bytes = [0x60, ...list(parameters.map((type) => [type])), ...list(results.map((type) => [type]))];
    const key = bytes.join();
    const known = this.#types.indexOf(key);
    if (known >= 0) return known;
    this.#typeBytes.push(bytes);
    return this.#types.push(key) - 1;
  }

  /** A function from outside. All imports come before the first function. */
  import(name: string, parameters: readonly ValueType[], results: readonly ValueType[]): FunctionIndex {
    if (this.#functions.length > 0) throw new Error(`assembler: import ${name} after the first function`);
    return this.#imports.push({ name, type: this.#type(parameters, results) }) - 1;
  }

  function(
    parameters: readonly ValueType[],
    results: readonly ValueType[],
    write: (code: FunctionWriter) => void,
    exportAs?: string,
  ): FunctionIndex {
    const index = this.#imports.length + this.#functions.length;
    const writer = new FunctionWriter(index, parameters);
    this.#functions.push({ writer, type: this.#type(parameters, results) });
    write(writer);
    if (exportAs !== undefined) this.#exports.push({ name: exportAs, index });
    return index;
  }

  /** Makes a function callable from outside. */
  export(name: string, index: FunctionIndex): void {
    this.#exports.push({ name, index });
  }

  /** The module. `pages` is the least size of the memory, in pages of 64 KiB. */
  bytes(pages = 1): Uint8Array<ArrayBuffer> {
    const memory = [...text("env"), ...text("memory"), 0x02, 0x00, ...unsigned(pages)];
    const imports = this.#imports.map(({ name, type }) => [
      ...text("env"),
      ...text(name),
      0x00,
      ...unsigned(type),
    ]);
    const module = new Bytes();
    module.push([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]);
    const section = (id: number, content: ArrayLike<number>) => {
      module.push([id, ...unsigned(content.length)]);
      module.push(content);
    };
    section(1, list(this.#typeBytes));
    section(2, list([memory, ...imports]));
    section(3, list(this.#functions.map(({ type }) => unsigned(type))));
    section(7, list(this.#exports.map(({ name, index }) => [...text(name), 0x00, ...unsigned(index)])));
    const code = new Bytes();
    code.push(unsigned(this.#functions.length));
    for (const { writer } of this.#functions) code.push(writer.bytes);
    section(10, code.all);
    return module.all.slice();
  }
}
