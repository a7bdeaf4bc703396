// compile(f): a function with f's signature that does what f does, much faster, once it has been recorded.

import { checkFunction, checkOptions } from "../array/arguments.ts";
import { isFloat } from "../array/dtype.ts";
import { type Form, fill } from "../array/tree.ts";
import { type Build, bestBuild } from "../kernels/webassembly.ts";
import { allOrNothing } from "../tape/bind.ts";
import type { Cell } from "../tape/cell.ts";
import { isInterpreted } from "../tape/interpreter.ts";
import { Trace, type TraceSet } from "../tape/trace.ts";
import type { Step, Value } from "../tape/value.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Back, backOf, Link } from "./link.ts";
import { type Call, type RecordedCall, recordCall } from "./recorded-call.ts";
import { type Runner, runnerLater, runnerOf } from "./runner.ts";
import { ScalarSignature } from "./scalar/signature.ts";
import { Taken } from "./signature.ts";

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

/** The provenance of a result of whole numbers or truth values. */
const unwatched = {};

/** One signature of a compiled function. */
class Signature implements CompiledProgram {
  /** What `this` is in its calls. */
  self: unknown;
  readonly #taken: Taken;
  readonly #sweeps: boolean;
  readonly #output: Form;
  readonly #constants: readonly (Tensor | null)[];
  readonly #withGrad: readonly Cell[];
  readonly #withoutGrad: readonly Cell[];
  readonly #link: Link;
  readonly #isIdle: boolean;
  /** Of the results that are computed, which are floats. */
  readonly #isFloat: readonly boolean[];
  readonly runner: Runner;

  constructor(recorded: RecordedCall, runner: Runner, makeBack: (captured: readonly Value[]) => Back) {
    this.#sweeps = recorded.sweeps;
    this.#taken = new Taken(recorded.form, recorded.unknown);
    this.#output = recorded.output;
    this.#constants = recorded.constants;
    const touched = (hasGrad: boolean) =>
      recorded.touched.flatMap(({ grad, variable }) => ((grad !== null) === hasGrad ? [variable] : []));
    this.#withGrad = touched(true);
    this.#withoutGrad = touched(false);
    this.#link = new Link(recorded, makeBack);
    this.#isIdle = this.#link.isIdle;
    this.#isFloat = recorded.program.results.map(({ dtype }) => isFloat(dtype));
    this.runner = runner;
  }

  /** Whether a call with these arguments is one of this signature; if it is, they are taken in. */
  takes(args: readonly unknown[]): boolean {
    if (!this.#taken.takes(args)) return false;
    const [without, having] = [this.#withoutGrad, this.#withGrad];
    for (let i = 0; i < without.length; i++) if (without[i]!.hasGrad) return false;
    for (let i = 0; i < having.length; i++) if (!having[i]!.hasGrad) return false;
    return true;
  }

  /** Whether the call that was taken must be made of the function itself: it goes back to what its arguments were made from. */
  get needsTape(): boolean {
    return this.#sweeps && this.#taken.isWatched && this.#link.tracesOf(this.#taken.tensors) !== null;
  }

  load(): void {
    this.runner.load(this.#taken.arrays);
  }

  call(): unknown {
    this.load();
    const taken = this.#taken;
    const traces = this.#isIdle && !taken.isWatched ? null : this.#link.tracesOf(taken.tensors);
    this.runner.run();
    const result = traces === null ? this.#plainly : this.#linking(traces);
    if (taken.isWatched) taken.release();
    const { kind } = this.#output;
    if (kind === "fixed") return this.#output.value;
    if (kind === "leaf") return this.#constants[0] ?? result(0);
    let next = 0;
    return fill(
      this.#output,
      this.#constants.map((constant) => constant ?? result(next++)),
    );
  }

  readonly #plainly = (place: number): Tensor => this.runner.result(place);

  /** Results that are functions of what they depend on. */
  #linking(traces: TraceSet): (place: number) => Tensor {
    const step = this.#link.stepOf([...this.#taken.tensors]);
    const provenance = { step: step as Step, traces };
    return (place) => {
      const made = this.runner.result(place, this.#isFloat[place] === true ? provenance : unwatched);
      step.made(made);
      return made;
    };
  }

  run(): void {
    this.runner.run();
  }

  toString(): string {
    return this.runner.toString();
  }
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
  const { build } = options;
  checkBuild(build);
  const signatures: (Signature | ScalarSignature)[] = [];

  const find = (args: readonly unknown[], self: unknown): Signature | ScalarSignature | null => {
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
  const add = (signature: Signature | ScalarSignature, self: unknown) => {
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
  const backWith = (self: unknown) => (captured: readonly Value[]) =>
    compile(backOf(callWith(self), captured) as never, options) as Back;
  const made = (args: readonly unknown[], self: unknown) => {
    const recorded = recordCall(callWith(self), args, build);
    if (recorded instanceof ScalarSignature) {
      recorded.make();
      return add(recorded, self);
    }
    return add(new Signature(recorded, runnerOf(recorded.program, build), backWith(self)), self);
  };
  const preparedFor = async (args: readonly unknown[], self: unknown) => {
    const recorded = recordCall(callWith(self), args, build);
    if (recorded instanceof ScalarSignature) {
      await recorded.prepare();
      return add(recorded, self);
    }
    const runner = await runnerLater(recorded.program, build);
    return add(new Signature(recorded, runner, backWith(self)), self);
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
