// compile(f): a function with f's signature that does what f does, but much faster. It records f once for
// each signature of arguments, and runs the recorded program from then on.

import { checkFunction, checkOptions } from "../array/arguments.ts";
import { provide } from "../kernels/eager/arrival.ts";
import { written } from "../kernels/eager/written.ts";
import { type Build, bestBuild } from "../kernels/webassembly.ts";
import { allOrNothing } from "../tape/bind.ts";
import type { Call } from "../tape/engine.ts";
import { isInterpreted } from "../tape/interpreter.ts";
import { Trace } from "../tape/trace.ts";
import { recordCall, type Signature } from "./signature.ts";

/** The options of `compile`. */
export interface CompileOptions {
  /**
   * The code to make: "relaxed" (vectors with fused multiply-add), "simd" (vectors), or "none" (plain
   * JavaScript). The default is the first of these that the JavaScript engine can run.
   */
  readonly build?: Build;
}

/** The program of a compiled function for arguments of given shapes and types. */
export interface CompiledProgram {
  /**
   * Runs again with the arguments of the last call, and returns no results: only the new values of variables
   * are visible. Allocates nothing.
   */
  run(): void;
  /** Returns a listing: the kernels, the operations that were fused into each, and the memory plan. */
  toString(): string;
}

/** A function with f's signature, and its programs. */
export type CompiledFunction<F extends (...args: never[]) => unknown> = F & {
  /** Returns the program for such arguments without running it. Makes the program if there is none yet. */
  program(...args: Parameters<F>): CompiledProgram;
  /** Like `program`, but compiles the code asynchronously. */
  prepare(...args: Parameters<F>): Promise<CompiledProgram>;
  /** The programs made so far, one for each signature, the most recently used first. */
  readonly programs: readonly CompiledProgram[];
};

/** The largest number of programs that a compiled function keeps. */
const MOST_PROGRAMS = 64;

/**
 * Chooses the program that is dropped for a new one, as a fraction between 0 and 1 of the list; `dropped` is
 * how many were dropped before. Calls often repeat in a cycle, in which the program used longest ago is
 * needed next. If that one were dropped, a cycle of one signature more than the list holds would make every
 * program again. A random choice makes only a few of them again.
 */
function chance(dropped: number): number {
  // The fractional parts of the golden ratio's multiples are spread evenly between 0 and 1.
  return (dropped * 0.618033988749895) % 1;
}

/** Throws RangeError unless this JavaScript engine can run the build. */
function checkBuild(build: Build | undefined): void {
  const builds: readonly Build[] = ["none", "simd", "relaxed"];
  const runs = builds.slice(0, builds.indexOf(bestBuild()) + 1);
  if (build === undefined || runs.includes(build)) return;
  throw new RangeError(
    `compile: build ${JSON.stringify(build)} ${builds.includes(build) ? "is not supported by this JavaScript engine" : "is not known"}; use ${runs.map((each) => `"${each}"`).join(" or ")}, or leave it out to get the best one`,
  );
}

// Every JavaScript engine has a console, but the types of the language don't declare it.
const host = globalThis as { readonly console?: { warn(text: string): void } };

const manyPrograms = (name: string) =>
  `compile: ${name === "" ? "a function" : name} has been compiled for ${MOST_PROGRAMS} different calls; from now on, each new program replaces another. Calls differ in the shapes and types of their tensors, and in all other values: pass numbers that change as tensors, tensor(x), and pad tensors that change in shape`;

/**
 * Returns a function that does what `f` does, as one WebAssembly program. The first call records f for the
 * shapes and types of its arguments; other shapes or types make another program. Arguments and result may be
 * trees of tensors. Other values (numbers, strings, variables) are part of the signature. At most 64 programs
 * are kept. The program reads and assigns the variables that f reads and assigns, so a whole training step
 * compiles as it is. Tensors that f captures are constants, and so is `this`. A variable that f makes is made
 * anew in each call, unless f keeps it.
 *
 * Functions of Scalars compile as well. Leaves that f captures are read in every call. A result is a Scalar
 * whose `backward` continues through f, and `backward` inside f adds to the leaves' grads in every call.
 * Steps that repeat over data become loops. Derivatives of a result that are Scalars themselves (`gradient`)
 * must be computed inside f. One function can't use both Scalars and tensors.
 *
 * f runs once for each signature, or twice if it makes variables. It must do the same each time: it must not
 * branch on numbers, and must have no side effects except on variables. The compiled function has f's
 * derivatives, also with respect to variables that f reads and to watched tensors that f captures: `backward`
 * of a result runs f backwards as another program. This is an error if a variable has been assigned since, or
 * if f itself assigns one. Two kinds of calls run f itself: calls within a transform (`grad(compiled)`),
 * `bind` or another recording; and calls with a watched argument where f computes derivatives (`backward`,
 * `gradients`), since these continue along the argument's tape. Throws CompileError if f asks for numbers.
 */
export function compile<F extends (...args: never[]) => unknown>(
  f: F,
  options: CompileOptions = {},
): CompiledFunction<F> {
  checkFunction("compile", f, "(x) => model.forward(x)");
  checkOptions("compile", options, ["build"]);
  checkBuild(options.build);
  const build = options.build ?? bestBuild();
  // Who compiles has all that writes kernels, so large eager operations need not ask for theirs.
  provide(written);
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
      // Index 0 is the new signature, which stays.
      signatures.splice(1 + Math.floor(chance(dropped++) * MOST_PROGRAMS), 1);
      if (!isWarned) host.console?.warn(manyPrograms(f.name));
      isWarned = true;
    }
    return signature;
  };
  // `this` matters only to a function that names it. Other functions share programs between all their owners.
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

  // A function of its own, since `call` would have to keep its arguments for a closure in every call.
  const onTape = (self: unknown, args: never[]): unknown => allOrNothing(() => f.apply(self, args));

  function call(this: unknown, ...args: never[]): unknown {
    // Under a transform, f may hold tensors that the transform watches, in its arguments or in its closure.
    if (Trace.isRunning || isInterpreted()) return f.apply(this, args);
    const self = ownerOf(this);
    let signature = find(args, self);
    if (signature === null) {
      signature = made(args, self);
      if (!signature.takes(args))
        throw new Error("compile: a call does not match the signature that was made for it");
    }
    return signature.needsTape ? onTape(this, args) : signature.call();
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
      // `run` uses these arguments until the next call.
      signature.takes(args);
      signature.load();
      return signature;
    },
    programs: signatures,
  };
  const descriptors = Object.getOwnPropertyDescriptors(details);
  // Not enumerable: a search for what a model holds follows enumerable properties, and programs refer to variables.
  for (const each of Object.values(descriptors)) each.enumerable = false;
  return Object.defineProperties(call, descriptors) as unknown as CompiledFunction<F>;
}
