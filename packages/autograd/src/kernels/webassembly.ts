// The few parts of the WebAssembly interface that are used here, declared so that no DOM types are needed; and what
// the JavaScript engine can do.

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

/**
 * Whether the engine compiles a function of these instructions. It may be able to but not allowed to, as under a content
 * security policy. The module is written out, so that asking takes no assembler.
 */
function accepts(instructions: readonly number[]): boolean {
  if (kernelMemory() === null) return false;
  const body = [0, ...instructions, 0x0b];
  const code = [1, body.length, ...body];
  // "\0asm", version 1; types: () → (); functions: one of the first type; code.
  const start = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10];
  try {
    void new webAssembly!.Instance(
      new webAssembly!.Module(Uint8Array.of(...start, code.length, ...code)),
      {},
    );
    return true;
  } catch {
    return false;
  }
}

/** i32.const 0, i32x4.splat: a vector on the stack. */
const VECTOR = [0x41, 0, 0xfd, 0x11];

let found: Build | undefined;

/** The best build that this engine runs. */
export function bestBuild(): Build {
  if (found === undefined) {
    // f32x4.add, drop; and f32x4.relaxed_madd, drop.
    const simd = accepts([...VECTOR, ...VECTOR, 0xfd, 0xe4, 1, 0x1a]);
    const relaxed = simd && accepts([...VECTOR, ...VECTOR, ...VECTOR, 0xfd, 0x85, 2, 0x1a]);
    found = relaxed ? "relaxed" : simd ? "simd" : "none";
  }
  return found;
}

/** Milliseconds since some moment. Every engine has this clock, but not every list of types. */
export const now = (): number =>
  (globalThis as unknown as { performance: { now(): number } }).performance.now();
