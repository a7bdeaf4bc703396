// A signature of a compiled function: calls whose arguments are trees of one form, with leaves of the same kinds and
// everything else the same, and what runs them. Which engine that is, is decided here, once, by the leaves.

import { isAsync } from "../array/arguments.ts";
import { CompileError } from "../array/errors.ts";
import { type Form, fill, fits } from "../array/tree.ts";
import type { Build } from "../kernels/webassembly.ts";
import { scalars } from "../scalar/engine.ts";
import type { Call, Engine, Executor, RecordedCall } from "../tape/engine.ts";
import { argumentsOf, resultOf } from "./arguments.ts";
import { tensors } from "./tensor-engine.ts";

/** What records functions. The last one also those that have to do with none. */
const engines: readonly Engine[] = [scalars, tensors];

export class Signature {
  /** What `this` is in its calls. */
  self: unknown;
  readonly #form: Form;
  readonly #output: Form;
  readonly #places: readonly number[];
  readonly executor: Executor;

  constructor(executor: Executor, { form, output, results }: RecordedCall) {
    this.executor = executor;
    this.#form = form;
    this.#output = output;
    this.#places = results.map((_, place) => place);
  }

  /** Whether a call with these arguments is one of this signature; if it is, they are taken in. Allocates nothing. */
  takes(args: readonly unknown[]): boolean {
    return this.executor.begin() && fits(this.#form, args, this.executor.take);
  }

  /** Makes the code; without it nothing runs. */
  make(): void {
    this.executor.make();
  }

  /** The same while other things go on. */
  prepare(): Promise<void> {
    return this.executor.prepare();
  }

  /** Whether the call that was taken in must be made of the function itself. */
  get needsTape(): boolean {
    return this.executor.needsTape;
  }

  load(): void {
    this.executor.load();
  }

  /** The result of the call that was taken in. */
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
 * Runs a function once, or twice where it makes variables, on arguments of which no number is known. Throws CompileError
 * where it asks for one.
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
      `compile: the function computes ${used.map(({ values }) => `with ${values}`).join(" and ")}, and one program holds either; compile the two parts by themselves, or make the Scalars tensors: tensor(x), variable(tensor(x))`,
    );
  const recorder = recorders[engines.indexOf(used[0] ?? tensors)]!;
  const recorded = { form: given.form, output: result.form, results: result.leaves, f, build, compile };
  return new Signature(recorder.executor(recorded), recorded);
}
