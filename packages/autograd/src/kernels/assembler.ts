// A small assembler: writes WebAssembly modules byte by byte. Only the binary format is known here, nothing of what is
// computed.
// https://webassembly.github.io/spec/core/binary/modules.html

import { I, type Instruction, type MemoryInstruction } from "./instructions.ts";

/** The types of WebAssembly values, as the binary format writes them. */
export const Type = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b } as const;
export type ValueType = (typeof Type)[keyof typeof Type];

/** The index of a function, or of an imported function, in a module. */
export type FunctionIndex = number & { readonly is?: "function" };
/** A local variable of the function being written. */
export type Local = number & { readonly is?: "local" };

const scratch = new DataView(new ArrayBuffer(8));

/** Bytes while they are written. Numbers are written as LEB128: seven bits in each byte, the lowest first. */
class Bytes {
  #last: number[] = [];
  readonly #chunks: number[][] = [this.#last];

  byte(byte: number): this {
    this.#last.push(byte);
    return this;
  }

  unsigned(value: number): this {
    let rest = value >>> 0;
    while (rest > 0x7f) {
      this.byte((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    return this.byte(rest);
  }

  signed(value: number): this {
    let rest = value | 0;
    while (rest < -0x40 || rest > 0x3f) {
      this.byte((rest & 0x7f) | 0x80);
      rest >>= 7;
    }
    return this.byte(rest & 0x7f);
  }

  opcode(instruction: Instruction): this {
    const prefix = instruction >>> 12;
    if (prefix === 0) this.#last.push(instruction);
    else this.with(prefix, instruction & 0xfff);
    return this;
  }

  /** A byte and a number, which usually takes one byte too. */
  with(byte: number, value: number): this {
    if (value < 0x80) this.#last.push(byte, value);
    else this.byte(byte).unsigned(value);
    return this;
  }

  vector(words: readonly [number, number, number, number]): this {
    this.byte(0xfd).byte(12);
    for (let bit = 0; bit < 128; bit += 8) this.byte((words[bit >>> 5]! >>> (bit & 31)) & 0xff);
    return this;
  }

  /** The first bytes of `scratch`. */
  scratch(count: number): this {
    for (let i = 0; i < count; i++) this.byte(scratch.getUint8(i));
    return this;
  }

  /** A name that consists of ASCII letters. */
  text(name: string): this {
    this.unsigned(name.length);
    for (let i = 0; i < name.length; i++) this.byte(name.charCodeAt(i));
    return this;
  }

  append(bytes: Bytes): this {
    this.#last = [];
    this.#chunks.push(...bytes.#chunks, this.#last);
    return this;
  }

  /** Bytes, preceded by their number. */
  sized(bytes: Bytes): this {
    return this.unsigned(bytes.length).append(bytes);
  }

  get length(): number {
    return this.#chunks.reduce((sum, { length }) => sum + length, 0);
  }

  /** All bytes, copied once. */
  get all(): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(this.length);
    let place = 0;
    for (const chunk of this.#chunks) {
      bytes.set(chunk, place);
      place += chunk.length;
    }
    return bytes;
  }
}

/** A block of a function. Its code comes after all that was written in the blocks around it before. */
export interface Block {
  /** Whether more is written to it. What a closed block sets may not be set, since the block may not have run. */
  isOpen: boolean;
}

/** A function being written: instructions in order, and its local variables. Parameters are locals 0, 1, … */

export class FunctionWriter {
  /** The innermost block that is written to. */
  innermost: Block = { isOpen: true };
  readonly index: FunctionIndex;
  readonly parameters: readonly ValueType[];
  readonly #locals: ValueType[] = [];
  readonly #code = new Bytes();
  /** The code that sets constants; it runs before the rest. */
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
    for (let i = 0; i < instructions.length; i++) this.#code.opcode(instructions[i]!);
    return this;
  }

  get(local: Local): this {
    this.#code.with(0x20, local);
    return this;
  }

  set(local: Local): this {
    this.#code.with(0x21, local);
    return this;
  }

  tee(local: Local): this {
    this.#code.with(0x22, local);
    return this;
  }

  i32(value: number): this {
    this.#code.byte(0x41).signed(value);
    return this;
  }

  /** A number that an i32 holds, as i64. */
  i64(value: number): this {
    this.#code.byte(0x42).signed(value);
    return this;
  }

  f32(value: number): this {
    scratch.setFloat32(0, value, true);
    this.#code.byte(0x43).scratch(4);
    return this;
  }

  f64(value: number): this {
    scratch.setFloat64(0, value, true);
    this.#code.byte(0x44).scratch(8);
    return this;
  }

  /** A vector constant from its four 32-bit words. */
  v128(words: readonly [number, number, number, number]): this {
    this.#code.vector(words);
    return this;
  }

  /**
   * A local that holds a vector constant throughout the function; it must not be written. Engines differ in whether
   * they move constants out of loops.
   */
  constant(words: readonly [number, number, number, number]): Local {
    const key = `${words[0] >>> 0} ${words[1] >>> 0} ${words[2] >>> 0} ${words[3] >>> 0}`;
    let local = this.#constants.get(key);
    if (local === undefined) {
      local = this.local(Type.v128);
      this.#constants.set(key, local);
      this.#head.vector(words).with(0x21, local);
    }
    return local;
  }

  /** Reads or writes at the address on the stack plus a constant number of bytes. */
  memory({ code, align }: MemoryInstruction, offset = 0): this {
    this.#code.opcode(code).byte(align).unsigned(offset);
    return this;
  }

  /** Reads or writes one lane. */
  memoryLane({ code, align }: MemoryInstruction, lane: number, offset = 0): this {
    this.#code.opcode(code).byte(align).unsigned(offset).byte(lane);
    return this;
  }

  /** Reads or replaces a lane. */
  lane(code: Instruction, lane: number): this {
    this.#code.opcode(code).byte(lane);
    return this;
  }

  /** Sixteen bytes chosen from the two vectors on the stack. */
  shuffle(bytes: readonly number[]): this {
    this.#code.byte(0xfd).byte(13);
    for (let i = 0; i < bytes.length; i++) this.#code.byte(bytes[i]!);
    return this;
  }

  call(fn: FunctionIndex): this {
    this.#code.with(0x10, fn);
    return this;
  }

  /** Fills memory; takes the address, the byte and the count from the stack. */
  memoryFill(): this {
    this.#code.byte(0xfc).byte(11).byte(0);
    return this;
  }

  /** Copies memory; takes the target, the source and the count of bytes from the stack. */
  memoryCopy(): this {
    this.#code.byte(0xfc).byte(10).byte(0).byte(0);
    return this;
  }

  /** A block; branching to it (depth 0 inside) leaves it. */
  block(body: () => void): this {
    this.#code.byte(0x02).byte(0x40);
    this.#within(body);
    this.#code.byte(0x0b);
    return this;
  }

  #within(body: () => void): void {
    const outer = this.innermost;
    const block = { isOpen: true };
    this.innermost = block;
    body();
    block.isOpen = false;
    this.innermost = outer;
  }

  /** A loop; branching to it (depth 0 inside) starts it again. */
  loop(body: () => void): this {
    this.#code.byte(0x03).byte(0x40);
    this.#within(body);
    this.#code.byte(0x0b);
    return this;
  }

  /** Two branches; the truth value on the stack decides between them. */
  if(then: () => void, otherwise?: () => void): this {
    this.#code.byte(0x04).byte(0x40);
    this.#within(then);
    if (otherwise !== undefined) {
      this.#code.byte(0x05);
      this.#within(otherwise);
    }
    this.#code.byte(0x0b);
    return this;
  }

  branch(depth: number): this {
    this.#code.with(0x0c, depth);
    return this;
  }

  branchIf(depth: number): this {
    this.#code.with(0x0d, depth);
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

  /** The function's body, as the code section contains it. */
  get bytes(): Bytes {
    // Consecutive locals of one type are declared together.
    const runs: { readonly type: ValueType; count: number }[] = [];
    for (let i = 0; i < this.#locals.length; i++) {
      const type = this.#locals[i]!;
      const last = runs.at(-1);
      if (last?.type === type) last.count++;
      else runs.push({ type, count: 1 });
    }
    const body = new Bytes().unsigned(runs.length);
    for (const { type, count } of runs) body.unsigned(count).byte(type);
    return body.append(this.#head).append(this.#code).byte(0x0b);
  }
}

interface Import {
  readonly name: string;
  readonly type: number;
}

/** A module being written. It imports its memory as "env" "memory", and functions from "env". */
export class ModuleWriter {
  /** The types of functions as the binary format writes them: parameters and results. */
  readonly #types = new Map<string, { readonly place: number; readonly bytes: Bytes }>();
  readonly #imports: Import[] = [];
  readonly #functions: { writer: FunctionWriter; type: number }[] = [];
  readonly #exports: { name: string; index: FunctionIndex }[] = [];

  #type(parameters: readonly ValueType[], results: readonly ValueType[]): number {
    const key = `${parameters}→${results}`;
    let type = this.#types.get(key);
    if (type === undefined) {
      const bytes = new Bytes().byte(0x60);
      for (const types of [parameters, results]) {
        bytes.unsigned(types.length);
        for (const each of types) bytes.byte(each);
      }
      type = { place: this.#types.size, bytes };
      this.#types.set(key, type);
    }
    return type.place;
  }

  /** Imports a function. All imports come before the first function. */
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
    const module = new Bytes();
    for (const byte of [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]) module.byte(byte);
    const section = <T>(id: number, items: readonly T[], write: (section: Bytes, item: T) => void) => {
      const content = new Bytes().unsigned(items.length);
      for (const item of items) write(content, item);
      module.byte(id).sized(content);
    };
    section(1, [...this.#types.values()], (types, { bytes }) => types.append(bytes));
    section(2, [null, ...this.#imports], (imports, each) => {
      imports.text("env").text(each?.name ?? "memory");
      if (each === null) imports.byte(0x02).byte(0x00).unsigned(pages);
      else imports.byte(0x00).unsigned(each.type);
    });
    section(3, this.#functions, (functions, { type }) => functions.unsigned(type));
    section(7, this.#exports, (exports, { name, index }) => exports.text(name).byte(0x00).unsigned(index));
    section(10, this.#functions, (code, { writer }) => code.sized(writer.bytes));
    return module.all;
  }
}
