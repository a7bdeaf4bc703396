// compile(f): a function with f's signature that does what f does, much faster, once it has been recorded.

import { checkFunction, checkOptions } from "../array/arguments.ts";
import { type Build, bestBuild } from "../kernels/webassembly.ts";
import { allOrNothing } from "../tape/bind.ts";
import type { Call } from "../tape/engine.ts";
import { isInterpreted } from "../tape/interpreter.ts";
import { Trace } from "../tape/trace.ts";
import { recordCall, type Signature } from "./signature.ts";

export interface CompileOptions {
  /**
   * Which code to make: "relaxed" (vectors with fused multiply-add), "simd" (vectors), or "none" (plain JavaScript); by
   * default the first of these that the engine runs.
   */
  readonly build?: Build;
}

/** A compiled function for arguments of some shapes and types. */
export interface CompiledProgram {
  /**
   * Runs again with the arguments of the last call, and leaves the results where they are: what variables hold
   * afterwards is all that is seen. Allocates nothing.
   */
  run(): void;
  /** Its kernels, what was fused into each, and the plan of its memory. */
  toString(): string;
}

/** A function with f's signature, and what can be asked of it. */
export type CompiledFunction<F extends (...args: never[]) => unknown> = F & {
  /** The program for such arguments, made if there is none yet, without running it. */
  program(...args: Parameters<F>): CompiledProgram;
  /** The same, made while other things go on. */
  prepare(...args: Parameters<F>): Promise<CompiledProgram>;
  /** The programs made so far, one a signature, the last used first. */
  readonly programs: readonly CompiledProgram[];
};

/** The most programs that a function keeps. */
const MOST_PROGRAMS = 64;

/**
 * Which of the programs goes for a new one, as a number between 0 and 1. Calls often come round in turn, and then the one
 * used longest ago is the one needed next: with one call more than programs, each would be made again. Chosen at random, a
 * few are.
 */
function chance(dropped: number): number {
  // The golden ratio's multiples fall evenly between 0 and 1.
  return (dropped * 0.618033988749895) % 1;
}

/** Throws RangeError unless this engine runs the build. */
function checkBuild(build: Build | undefined): void {
  const builds: readonly Build[] = ["none", "simd", "relaxed"];
  const runs = builds.slice(0, builds.indexOf(bestBuild()) + 1);
  if (build === undefined || runs.includes(build)) return;
  throw new RangeError(
    `compile: build ${JSON.stringify(build)} ${builds.includes(build) ? "needs what this engine lacks" : "is not known"}; use ${runs.map((each) => `"${each}"`).join(" or ")}, or leave it out for the best`,
  );
}

// Every engine has a console; the language's own types don't know it.
const host = globalThis as { readonly console?: { warn(text: string): void } };

const manyPrograms = (name: string) =>
  `compile: ${name === "" ? "a function" : name} has been compiled for ${MOST_PROGRAMS} different calls; from now on, each new one drops another. Shapes, types, and values that are no tensors tell calls apart: pass numbers that change as tensors, tensor(x), and pad what changes in shape`;

/**
 * A function that does what `f` does, as one WebAssembly program: recorded on the first call, for the shapes and types of
 * its arguments; other shapes make another program. Arguments and result may be trees of tensors; other values (numbers,
 * texts, variables) count as part of the signature. At most 64 programs are kept. Variables that f reads or assigns are
 * read and assigned, so a whole training step compiles as it is. Tensors that f takes from around it are constants, and
 * so is `this`; a variable that f makes is made anew in each call, unless f keeps it.
 *
 * Functions of Scalars compile as well: leaves that f takes from around it are read in every call, a result is a Scalar
 * whose `backward` goes on through f, and `backward` inside f adds to the leaves' grads in every call. Steps that repeat
 * over data become loops. What is asked of a result's derivatives as Scalars (`gradient`) must be asked inside f. Scalars
 * and tensors do not go together in one function.
 *
 * f runs once for each signature, twice where it makes variables, and must do the same each time: no branching on numbers, no side effects but on variables.
 * It has f's derivatives, also with respect to variables that f reads and to watched tensors that it takes from around
 * it: `backward` of a result runs f backwards as another program (an error where a variable has been assigned since, or
 * by f itself). Within a transform (`grad(compiled)`), `bind` or another recording f itself runs, and where f asks for
 * derivatives (`backward`, `gradients`) and somebody watches an argument, whose tape these go on along.
 * Throws CompileError where f asks for numbers.
 */
export function compile<F extends (...args: never[]) => unknown>(
  f: F,
  options: CompileOptions = {},
): CompiledFunction<F> {
  checkFunction("compile", f, "(x) => model.forward(x)");
  checkOptions("compile", options, ["build"]);
  checkBuild(options.build);
  const build = options.build ?? bestBuild();
  const signatures: Signature[] = [];

  const find = (args: readonly unknown[], self: unknown): Signature | null => {
    for (let i = 0; i < signatures.length; i++) {
      const signature = signatures[i]!;
      if (signature.self !== self || !signature.takes(args)) continue;
      if (i > 0) {
        signatures.splice(i, 1);
        signatures.unshift(signature);
      }
      return signature;
    }
    return null;
  };
  let isWarned = false;
  let dropped = 0;
  const add = (signature: Signature, self: unknown) => {
    signature.self = self;
    signatures.unshift(signature);
    if (signatures.length > MOST_PROGRAMS) {
      // Not the new one.
      signatures.splice(1 + Math.floor(chance(dropped++) * MOST_PROGRAMS), 1);
      if (!isWarned) host.console?.warn(manyPrograms(f.name));
      isWarned = true;
    }
    return signature;
  };
  // What `this` is matters to a function that names it, and to no other: those share programs whoever owns them.
  const goesByThis = /\b(this|super|eval)\b/.test(Function.prototype.toString.call(f));
  const ownerOf = (owner: unknown) => (goesByThis && owner !== call ? owner : undefined);
  const callWith =
    (self: unknown): Call =>
    (args) =>
      f.apply(self, args as never[]);
  const recorded = (args: readonly unknown[], self: unknown) =>
    recordCall(callWith(self), args, build, (g) => compile(g, options));
  const made = (args: readonly unknown[], self: unknown) => {
    const signature = recorded(args, self);
    signature.make();
    return add(signature, self);
  };
  const preparedFor = async (args: readonly unknown[], self: unknown) => {
    const signature = recorded(args, self);
    await signature.prepare();
    return add(signature, self);
  };

  function call(this: unknown, ...args: never[]): unknown {
    // Under a transform, f may hold tensors that the transform watches, in its arguments or in its closure.
    if (Trace.isRunning || isInterpreted()) return f.apply(this, args);
    const self = ownerOf(this);
    let signature = find(args, self);
    if (signature === null) {
      signature = made(args, self);
      if (!signature.takes(args))
        throw new Error("compile: a call is not of the signature that was made for it");
    }
    return signature.needsTape ? allOrNothing(() => f.apply(this, args)) : signature.call();
  }
  const details = {
    program(this: unknown, ...args: never[]): CompiledProgram {
      const self = ownerOf(this);
      const signature = find(args, self) ?? made(args, self);
      signature.takes(args);
      signature.load();
      return signature;
    },
    async prepare(this: unknown, ...args: never[]): Promise<CompiledProgram> {
      const self = ownerOf(this);
      const signature = find(args, self) ?? (await preparedFor(args, self));
      // What it runs with until it is called otherwise.
      signature.takes(args);
      signature.load();
      return signature;
    },
    programs: signatures,
  };
  return Object.assign(call, details) as unknown as CompiledFunction<F>;
}
