// Less memory for more work: a function whose inside is not kept for its derivatives.

import { checkFunction } from "../array/arguments.ts";
import { callAsRegion } from "../program/closed.ts";

/**
 * A function with f's signature, values and derivatives, of which nothing is kept on the tape but its arguments, results,
 * and the variables and watched tensors that it takes from around it: what is between is computed again when derivatives
 * are asked for. Arguments and result are trees of tensors. f does the same each time, assigns no variable, and chooses by
 * no number: it is recorded in every call, as by `record`. Throws CompileError where it does otherwise.
 * In a compiled function f's steps are a block of their own, of which nothing is kept either; its listing shows the memory
 * that it takes before it runs. As the body of a scan, or within it, it keeps the carries alone.
 * Griewank 1992, https://doi.org/10.1080/10556789208805505.
 */
export function checkpoint<Args extends readonly unknown[], Result>(
  f: (...args: Args) => Result,
): (...args: Args) => Result {
  checkFunction("checkpoint", f, "(x) => block.forward(x)");
  return (...args) => callAsRegion("checkpoint", f.name, f as (...args: never[]) => unknown, args) as Result;
}
