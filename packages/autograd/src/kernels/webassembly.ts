// The few parts of the WebAssembly interface that are used here, declared so that no DOM types are needed; and what
// the engine under us can do.

import { type FunctionWriter, ModuleWriter } from "./assembler.ts";
import { I } from "./instructions.ts";

export interface Memory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}
export interface Module {
  readonly module?: never;
}
export interface Instance {
  readonly exports: Readonly<Record<string, (...args: number[]) => number>>;
}

interface WebAssemblyInterface {
  Memory: new (descriptor: { initial: number; maximum?: number }) => Memory;
  Module: new (bytes: Uint8Array<ArrayBuffer>) => Module;
  Instance: new (module: Module, imports: unknown) => Instance;
  validate(bytes: Uint8Array<ArrayBuffer>): boolean;
  compile(bytes: Uint8Array<ArrayBuffer>): Promise<Module>;
}

/** Absent where there is no WebAssembly. */
export const webAssembly: WebAssemblyInterface | undefined = (
  globalThis as { WebAssembly?: WebAssemblyInterface }
).WebAssembly;

/** What kind of code kernels are: with fused multiply-add, plain vectors, or none at all (plain JavaScript). */
export type Build = "relaxed" | "simd" | "none";

function accepts(write: (code: FunctionWriter) => void): boolean {
  if (webAssembly === undefined) return false;
  const module = new ModuleWriter();
  module.function([], [], write, "f");
  return webAssembly.validate(module.bytes());
}

let found: Build | undefined;

/** The best build that this engine runs. */
export function bestBuild(): Build {
  if (found === undefined) {
    const zero = [0, 0, 0, 0] as const;
    const simd = accepts((code) => code.v128(zero).v128(zero).emit(I.f32x4_add, I.drop));
    const relaxed =
      simd && accepts((code) => code.v128(zero).v128(zero).v128(zero).emit(I.f32x4_relaxed_madd, I.drop));
    found = relaxed ? "relaxed" : simd ? "simd" : "none";
  }
  return found;
}

/** Milliseconds since some moment. Every engine has this clock, but not every list of types. */
export const now = (): number =>
  (globalThis as unknown as { performance: { now(): number } }).performance.now();
