// A module of kernels, with what its functions share. JavaScript functions are called through one import, by number.

import { type FunctionIndex, ModuleWriter, Type } from "./assembler.ts";
import { type Build, type Instance, type Memory, type Module, webAssembly } from "./webassembly.ts";

export type HostFunction = (a: number, b: number, c: number) => number;

/** A module of kernels while it is written, for one build. */
export class KernelModule {
  readonly writer: ModuleWriter = new ModuleWriter();
  readonly build: Exclude<Build, "none">;
  /** (number of the function: i32, f64, f64, f64) → f64. */
  readonly host: FunctionIndex;
  readonly #hostFunctions: HostFunction[] = [];
  readonly #shared = new Map<string, FunctionIndex>();

  constructor(build: Exclude<Build, "none">) {
    this.build = build;
    this.host = this.writer.import("host", [Type.i32, Type.f64, Type.f64, Type.f64], [Type.f64]);
  }

  /** The number by which `host` calls a JavaScript function of up to three numbers. */
  hostFunction(fn: HostFunction): number {
    const known = this.#hostFunctions.indexOf(fn);
    return known >= 0 ? known : this.#hostFunctions.push(fn) - 1;
  }

  /** Whether kernels of the module call JavaScript functions. These may do anything, such as allocate memory. */
  get callsOut(): boolean {
    return this.#hostFunctions.length > 0;
  }

  /** A function that several kernels use, written once. */
  once(key: string, write: () => FunctionIndex): FunctionIndex {
    let index = this.#shared.get(key);
    if (index === undefined) {
      index = write();
      this.#shared.set(key, index);
    }
    return index;
  }

  /** The finished module's bytes. */
  bytes(): Uint8Array<ArrayBuffer> {
    return this.writer.bytes();
  }

  /** The module's functions, ready to run on a memory. */
  instantiate(memory: Memory, module: Module = new webAssembly!.Module(this.bytes())): Instance["exports"] {
    const functions = this.#hostFunctions;
    const host = (which: number, a: number, b: number, c: number) => functions[which]!(a, b, c);
    return new webAssembly!.Instance(module, { env: { memory, host } }).exports;
  }
}
