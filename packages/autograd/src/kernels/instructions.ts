// WebAssembly instructions by the specification's names, with dots as underscores: everything that kernels use. Each is a
// constant of its own, not a field of an object, so that bundlers write the number in the place of the name.
// https://webassembly.github.io/spec/core/binary/instructions.html

export type { Instruction, MemoryInstruction } from "./instructions/instruction.ts";
export * as X from "./instructions/lane.ts";
export * as M from "./instructions/memory.ts";
export * as L from "./instructions/memory-lane.ts";
export * as I from "./instructions/plain.ts";
