// What compile asks of an engine: which values a program is given anew in each call, how a function of these is recorded,
// and what runs it from then on. The engines of tensors and of scalars say here all that is particular to them.

import type { Form } from "../array/tree.ts";
import type { Build } from "../kernels/webassembly.ts";

/** Any function, called with its arguments as a list. */
export type Call = (args: readonly unknown[]) => unknown;

/** Which values of a tree are an engine's. */
export interface Leaves<Leaf = unknown> {
  /** Whether a program is given it anew in each call. */
  isLeaf(value: unknown): value is Leaf;
  /** Whether it stays the same object in all calls, and what it holds is looked up when a program runs. */
  isFixed(value: object): boolean;
}

export interface Engine<Leaf = unknown> extends Leaves<Leaf> {
  /** What its values are called in errors. */
  readonly values: string;
  /** For a function that has such leaves among its arguments. */
  recorder(given: readonly Leaf[]): Recorder;
}

/** Records what one function does with the values of an engine. */
export interface Recorder {
  /** What the function is to be called with in place of its arguments. */
  readonly stand: readonly unknown[];
  /** Runs the function, and notes what it does. Only the last of several runs counts. */
  record<T>(run: () => T): T;
  /** Whether the function must run once more before it is known what it does in every call. */
  readonly mustRepeat: boolean;
  /** Whether the function did something with values of this engine. */
  readonly isTouched: boolean;
  /** What runs the function from now on. Throws CompileError where nothing can. */
  executor(call: RecordedCall): Executor;
}

/** The call that was recorded. */
export interface RecordedCall {
  /** The trees of its arguments and of its result, whose leaves are the engine's. */
  readonly form: Form;
  readonly output: Form;
  readonly results: readonly unknown[];
  readonly f: Call;
  readonly build: Build;
  /** Another function, compiled with the same options. */
  compile<F extends (...args: never[]) => unknown>(f: F): F;
}

/** Runs a recorded function. A call is `begin`, `take` for each leaf, `execute`, and `result` for each leaf of the result. */
export interface Executor<Made = unknown> {
  /** Makes the code; without it nothing runs. */
  make(): void;
  /** The same while other things go on. */
  prepare(): Promise<void>;
  /** Whether things beside the arguments are as they were when the function was recorded. Allocates nothing. */
  begin(): boolean;
  /** Takes an argument in, at its place among the leaves; false where it does not fit. Allocates nothing. */
  readonly take: (value: unknown, place: number) => boolean;
  /** Whether the call that was taken in must be made of the function itself. */
  readonly needsTape: boolean;
  /** Brings the arguments that were taken in to where the program reads them. */
  load(): void;
  /** Does what the function does, with the arguments that were loaded last. */
  run(): void;
  /** Loads and runs; gives what the results of this call are asked for with. It is not kept here: it may hold a tape. */
  execute(): Made;
  /** A result of the call, by its place; each is asked for once, before the next call. */
  result(place: number, made: Made): unknown;
  toString(): string;
}
