// The few parts of the WebAssembly interface that are used here, declared so that no DOM types are needed; and what
// the JavaScript engine can do.

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
  compile(bytes: Uint8Array<ArrayBuffer>): Promise<Module>;
}

/** Absent where there is no WebAssembly. */
export const webAssembly: WebAssemblyInterface | undefined = (
  globalThis as { WebAssembly?: WebAssemblyInterface }
).WebAssembly;

/** What kind of code kernels are: with fused multiply-add, plain vectors, or none at all (plain JavaScript). */
export type Build = "relaxed" | "simd" | "none";

// Addresses stay below 2³¹, so that they compare as signed numbers too.
export const MOST_PAGES = 32_767;

let memory: Memory | null | undefined;

/**
 * The memory of all kernels, made when it is first asked for; null where the engine gives none, or has no finalizers,
 * without which no part of it would ever be freed.
 */
export function kernelMemory(): Memory | null {
  if (memory === undefined) {
    try {
      const isUsable = typeof FinalizationRegistry === "function";
      memory = isUsable ? new webAssembly!.Memory({ initial: 16, maximum: MOST_PAGES }) : null;
    } catch {
      memory = null;
    }
  }
  return memory;
}

/** Whether the engine compiles this code. It may be able to but not allowed to, as under a content security policy. */
function accepts(write: (code: FunctionWriter) => void): boolean {
  const module = new ModuleWriter();
  module.function([], [], write, "f");
  const env = { memory: kernelMemory() };
  if (env.memory === null) return false;
  try {
    void new webAssembly!.Instance(new webAssembly!.Module(module.bytes()), { env });
    return true;
  } catch {
    return false;
  }
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
