// compile(f): a function with f's signature that does what f does, much faster, once it has been recorded.

import { checkFunction, checkOptions } from "../array/arguments.ts";
import { CompileError } from "../array/errors.ts";
import type { NDArray } from "../array/ndarray.ts";
import { type Build, bestBuild } from "../kernels/webassembly.ts";
import type { Cell } from "../tape/cell.ts";
import { isInterpreted } from "../tape/interpreter.ts";
import { openTraces, Trace } from "../tape/trace.ts";
import { heldBy } from "../tape/value.ts";
import { Tensor } from "../tensor/tensor.ts";
import { type Graph, graphOf } from "./graph.ts";
import { type Runner, runnerLater, runnerOf } from "./program.ts";
import { type LiftedVariable, Recording, unknownArray } from "./record.ts";
import { ScalarCall, ScalarSignature } from "./scalar/signature.ts";
import { type Form, fill, fits, formOf, type Taken } from "./signature.ts";

export interface CompileOptions {
  /**
   * Which code to make: "relaxed" (vectors with fused multiply-add), "simd" (vectors), or "none" (plain JavaScript); by
   * default the first of these that the engine runs.
   */
  readonly build?: Build;
}

/** A compiled function for arguments of some shapes and types. */
export interface Program {
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
  program(...args: Parameters<F>): Program;
  /** The same, made while other things go on. */
  prepare(...args: Parameters<F>): Promise<Program>;
  /** The programs made so far, one a signature, the last used first. */
  readonly programs: readonly Program[];
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

/** One signature of a compiled function. */
class Signature implements Program {
  readonly #form: Form;
  readonly taken: Taken;
  readonly #output: Form;
  readonly #constants: readonly (Tensor | null)[];
  readonly #withGrad: readonly Cell[];
  readonly #withoutGrad: readonly Cell[];
  readonly runner: Runner;

  constructor(recorded: Recorded, runner: Runner) {
    this.#form = recorded.form;
    this.taken = { tensors: recorded.unknown.map(() => null), arrays: [...recorded.unknown] };
    this.#output = recorded.output;
    this.#constants = recorded.constants;
    const touched = (hasGrad: boolean) =>
      recorded.touched.flatMap(({ grad, variable }) => ((grad !== null) === hasGrad ? [variable] : []));
    this.#withGrad = touched(true);
    this.#withoutGrad = touched(false);
    this.runner = runner;
  }

  /** Whether a call with these arguments is one of this signature; if it is, they are taken in. */
  takes(args: readonly unknown[]): boolean {
    if (!fits(this.#form, args, this.taken)) return false;
    const [without, having] = [this.#withoutGrad, this.#withGrad];
    for (let i = 0; i < without.length; i++) if (without[i]!.hasGrad) return false;
    for (let i = 0; i < having.length; i++) if (!having[i]!.hasGrad) return false;
    return true;
  }

  load(): void {
    this.runner.load(this.taken.arrays);
  }

  call(): unknown {
    this.load();
    this.runner.run();
    if (this.#output.kind === "tensor") return this.#constants[0] ?? this.runner.result(0);
    if (this.#output.kind === "fixed") return this.#output.value;
    let next = 0;
    return fill(
      this.#output,
      this.#constants.map((constant) => constant ?? this.runner.result(next++)),
    );
  }

  run(): void {
    this.runner.run();
  }

  toString(): string {
    return this.runner.toString();
  }
}

interface Recorded {
  readonly form: Form;
  readonly unknown: readonly NDArray[];
  readonly output: Form;
  /** The tensors of the output that are always the same; null for those that are computed. */
  readonly constants: readonly (Tensor | null)[];
  /** The variables of which the function looked at the gradient, or might. */
  readonly touched: readonly LiftedVariable[];
  readonly graph: Graph;
}

function recordCall(
  f: (...args: never[]) => unknown,
  args: readonly unknown[],
  build: Build | undefined,
): Recorded | ScalarSignature {
  const tensors: Tensor[] = [];
  const scalars = new ScalarCall(args);
  const form = formOf(scalars.args, tensors);
  const unknown = tensors.map((tensor) => unknownArray(tensor.array));
  const recording = new Recording();
  const stand = fill(
    form,
    unknown.map((array) => new Tensor(array)),
  ) as never[];
  const returned = scalars.recording.record(() => recording.record(() => f(...stand)));
  if (isPromise(returned)) {
    // Nobody else will wait for it, and an engine may end over a rejection that nobody handles.
    void returned.then(undefined, () => {});
    throw new CompileError(
      "compile: the function is async; compile what happens between its awaits, and await outside",
    );
  }
  const isMixed = tensors.length > 0 || recording.steps.length > 0 || recording.variables.size > 0;
  const signature = scalars.signature(returned, isMixed, build);
  if (signature !== null) return signature;
  const leaves: Tensor[] = [];
  const output = formOf(returned, leaves);
  const current = leaves.map((leaf) => heldBy(leaf) as Tensor);
  const constants = current.map((leaf) => (recording.isUnknown(leaf.array) ? null : new Tensor(leaf.array)));
  const computed = current.filter((_, i) => constants[i] === null).map(({ array }) => array);
  const graph = graphOf(recording, unknown, computed);
  return {
    form,
    unknown,
    output,
    constants,
    touched: [...recording.variables.values()].filter(({ isInner }) => !isInner),
    graph,
  };
}

const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  typeof (value as Partial<PromiseLike<unknown>> | null | undefined)?.then === "function";

/** Throws RangeError unless this engine runs the build. */
function checkBuild(build: Build | undefined): void {
  const builds: readonly Build[] = ["none", "simd", "relaxed"];
  const runs = builds.slice(0, builds.indexOf(bestBuild()) + 1);
  if (build === undefined || runs.includes(build)) return;
  throw new RangeError(
    `compile: build ${JSON.stringify(build)} ${builds.includes(build) ? "needs what this engine lacks" : "is not known"}; use ${runs.map((each) => `"${each}"`).join(" or ")}, or leave it out for the best`,
  );
}

function isWatched(value: unknown): boolean {
  const tensors: Tensor[] = [];
  formOf(value, tensors);
  return tensors.some((tensor) => openTraces(tensor.traces) !== null);
}

// Every engine has a console; the language's own types don't know it.
const host = globalThis as { readonly console?: { warn(text: string): void } };

const manyPrograms = (name: string) =>
  `compile: ${name === "" ? "a function" : name} has been compiled for ${MOST_PROGRAMS} different calls; from now on, each new one drops another. Shapes, types, and values that are no tensors tell calls apart: pass numbers that change as tensors, tensor(x), and pad what changes in shape`;

/**
 * A function that does what `f` does, as one WebAssembly program: recorded on the first call, for the shapes and types of
 * its arguments; other shapes make another program. Arguments and result may be trees of tensors; other values (numbers,
 * texts, variables) count as part of the signature. At most 64 programs are kept. Variables that f reads or assigns are
 * read and assigned, so a whole training step compiles as it is. Tensors that f takes from around it are constants.
 *
 * Functions of Scalars compile as well: leaves that f takes from around it are read in every call, a result is a Scalar
 * whose `backward` goes on through f, and `backward` inside f adds to the leaves' grads in every call. Steps that repeat
 * over data become loops. What is asked of a result's derivatives as Scalars (`gradient`) must be asked inside f. Scalars
 * and tensors do not go together in one function.
 *
 * f runs once a signature and must do the same each time: no branching on numbers, no side effects but on variables.
 * Within a transform (`grad(compiled)`) or another recording f itself runs, so that it can be differentiated. Outside of
 * one, `backward` of a result does not reach the variables that f reads: call it inside f, or leave f uncompiled there.
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

  const find = (args: readonly unknown[]): Signature | ScalarSignature | null => {
    for (let i = 0; i < signatures.length; i++) {
      const signature = signatures[i]!;
      if (!signature.takes(args)) continue;
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
  const add = (signature: Signature | ScalarSignature) => {
    signatures.unshift(signature);
    if (signatures.length > MOST_PROGRAMS) {
      // Not the new one.
      signatures.splice(1 + Math.floor(chance(dropped++) * MOST_PROGRAMS), 1);
      if (!isWarned) host.console?.warn(manyPrograms(f.name));
      isWarned = true;
    }
    return signature;
  };
  const made = (args: readonly unknown[]) => {
    const recorded = recordCall(f, args, build);
    if (recorded instanceof ScalarSignature) {
      recorded.make();
      return add(recorded);
    }
    return add(new Signature(recorded, runnerOf(recorded.graph, build)));
  };
  const preparedFor = async (args: readonly unknown[]) => {
    const recorded = recordCall(f, args, build);
    if (recorded instanceof ScalarSignature) {
      await recorded.prepare();
      return add(recorded);
    }
    return add(new Signature(recorded, await runnerLater(recorded.graph, build)));
  };

  const call = (...args: never[]): unknown => {
    // Under a transform, f may hold tensors that the transform watches, in its arguments or in its closure.
    if (Trace.isRunning || isInterpreted()) return f(...args);
    let signature = find(args);
    if (signature === null) {
      if (isWatched(args)) return f(...args);
      signature = made(args);
      signature.takes(args);
    }
    return signature.call();
  };
  const details = {
    program(...args: never[]): Program {
      const signature = find(args) ?? made(args);
      signature.takes(args);
      signature.load();
      return signature;
    },
    async prepare(...args: never[]): Promise<Program> {
      const signature = find(args) ?? (await preparedFor(args));
      // What it runs with until it is called otherwise.
      signature.takes(args);
      signature.load();
      return signature;
    },
    programs: signatures,
  };
  return Object.assign(call, details) as unknown as CompiledFunction<F>;
}
