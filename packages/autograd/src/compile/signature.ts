// A signature stands for all calls of a compiled function whose arguments are trees of one form, with leaves
// of the same kinds and otherwise the same values. Its executor runs these calls. `recordCall` chooses the
// engine of the executor, once, by the leaves.

import { isAsync } from "../array/arguments.ts";
import { CompileError } from "../array/errors.ts";
import { type Form, fill, fits } from "../array/tree.ts";
import type { Build } from "../kernels/webassembly.ts";
import { scalars } from "../scalar/engine.ts";
import type { Call, Engine, Executor, RecordedCall } from "../tape/engine.ts";
import { argumentsOf, resultOf } from "./arguments.ts";
import { tensors } from "./tensor-engine.ts";

/** The engines that record functions. The last one also records functions that use no engine's values. */
const engines: readonly Engine[] = [scalars, tensors];

export class Signature {
  /** The value of `this` in its calls. */
  self: unknown;
  readonly #form: Form;
  /** Whether each argument is a leaf, as in most calls; and how many there are. */
  readonly #isList: boolean;
  readonly #length: number;
  readonly #output: Form;
  readonly #places: readonly number[];
  readonly executor: Executor;

  constructor(executor: Executor, { form, output, results }: RecordedCall) {
    this.executor = executor;
    this.#form = form;
    const items = form.kind === "array" ? form.items : [];
    this.#isList = form.kind === "array" && items.every(({ kind }) => kind === "leaf");
    this.#length = items.length;
    this.#output = output;
    this.#places = results.map((_, place) => place);
  }

  /**
   * Returns whether a call with these arguments has this signature. If it has, takes the arguments in.
   * Allocates nothing.
   */
  takes(args: readonly unknown[]): boolean {
    const { executor } = this;
    if (!executor.begin()) return false;
    if (!this.#isList) return fits(this.#form, args, executor.take);
    if (args.length !== this.#length) return false;
    for (let i = 0; i < args.length; i++) if (!executor.take(args[i], i)) return false;
    return true;
  }

  /** Makes the code, which must exist before anything runs. */
  make(): void {
    this.executor.make();
  }

  /** Like `make`, but asynchronously. */
  prepare(): Promise<void> {
    return this.executor.prepare();
  }

  /** Whether the call that was taken in must run the function itself instead of the program. */
  get needsTape(): boolean {
    return this.executor.needsTape;
  }

  load(): void {
    this.executor.load();
  }

  /** Runs the call that was taken in, and returns its result. */
  call(): unknown {
    const executor = this.executor;
    const made = executor.execute();
    const output = this.#output;
    if (output.kind === "leaf") return executor.result(0, made);
    if (output.kind === "fixed") return output.value;
    return fill(
      output,
      this.#places.map((place) => executor.result(place, made)),
    );
  }

  run(): void {
    this.executor.run();
  }

  toString(): string {
    return this.executor.toString();
  }
}

/**
 * Runs a function once, or twice if it makes variables, on arguments whose numbers are unknown, and returns
 * the signature. Throws CompileError if the function asks for a number.
 */
export function recordCall(
  f: Call,
  args: readonly unknown[],
  build: Build,
  compile: RecordedCall["compile"],
): Signature {
  const given = argumentsOf(args, ...engines);
  const recorders = engines.map((engine) =>
    engine.recorder(given.leaves.filter((leaf) => engine.isLeaf(leaf))),
  );
  const stands = recorders.map(({ stand }) => stand.values());
  const standFor = (leaf: unknown) =>
    stands[engines.findIndex((engine) => engine.isLeaf(leaf))]!.next().value;
  const stand = fill(given.form, given.leaves.map(standFor)) as readonly unknown[];
  const record = (): unknown => {
    const run = recorders.reduceRight<() => unknown>(
      (inner, recorder) => () => recorder.record(inner),
      () => f(stand),
    );
    const returned = run();
    if (isAsync(returned))
      throw new CompileError(
        "compile: the function is async; compile what happens between its awaits, and await outside",
      );
    return returned;
  };
  let returned = record();
  if (recorders.some(({ mustRepeat }) => mustRepeat)) returned = record();
  const result = resultOf(returned, ...engines);
  const leaves = [...given.leaves, ...result.leaves];
  const used = engines.filter(
    (engine, i) => recorders[i]!.isTouched || leaves.some((leaf) => engine.isLeaf(leaf)),
  );
  if (used.length > 1)
    throw new CompileError(
      `compile: the function computes ${used.map(({ values }) => `with ${values}`).join(" and ")}, but one program can't hold both; compile the two parts separately, or turn the Scalars into tensors: tensor(x), variable(tensor(x))`,
    );
  const recorder = recorders[engines.indexOf(used[0] ?? tensors)]!;
  const recorded = { form: given.form, output: result.form, results: result.leaves, f, build, compile };
  return new Signature(recorder.executor(recorded), recorded);
}
