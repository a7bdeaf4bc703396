// The program: what a function does between tensors, as data. A flat list of steps that refer only to earlier values,
// what comes from outside, and what is left behind. Everything that looks at a function as a whole reads this.

import { printReadably } from "../array/print.ts";
import type { Variable } from "../tensor/variable.ts";
import type { Given } from "./attributes.ts";
import { dotOf, svgOf, textOf } from "./drawing.ts";
import { type GuardedValue, guardsOf } from "./guards.ts";
import { programOf, type Saved, savedOf } from "./json.ts";
import { cellsOf, ProgramBody, type ProgramValue } from "./parts.ts";
import { runProgram } from "./run.ts";

/** What a function does between tensors, recorded by `record`. It never changes. */
export class Program extends ProgramBody {
  /** The variables that are read or changed. */
  get variables(): readonly Variable[] {
    return cellsOf(this).map(({ face }) => face as Variable);
  }

  /** The outputs that are not constants: they may differ from run to run. */
  get results(): readonly ProgramValue[] {
    return this.outputs.filter(({ origin }) => origin.kind !== "constant");
  }

  /** The numbers that must be checked before anything changes. */
  get guards(): readonly GuardedValue[] {
    return guardsOf(this);
  }

  /**
   * Does what the function does, step by step: on the arguments, and to variables. Derivatives go through it, and
   * `record` and `compile` see its steps. Throws TypeError, ShapeError or DTypeError where the arguments are not those of
   * the examples. Whatever is thrown, no variable has changed.
   */
  run(...args: readonly unknown[]): unknown {
    return runProgram(this, args);
  }

  /** One line for each value: `%3 = map tanh(%2): float32 [4, 2]`. */
  override toString(): string {
    return textOf(this);
  }

  /** Graphviz' language: boxes for steps, ellipses for what comes from outside, and arrows from operands to results. */
  toDot(): string {
    return dotOf(this);
  }

  /** A picture of the steps, operands above results. */
  toSVG(): string {
    return svgOf(this);
  }

  /**
   * Plain data, for JSON.stringify: functions of elements by their expressions, primitives by their names, variables with
   * the numbers that they hold. Throws TypeError where an attribute has no such form.
   */
  toJSON(): Saved {
    return savedOf(this);
  }

  /**
   * The program that `toJSON` gave, with variables of its own. Primitives, atoms and functions that are not this
   * package's are given by name. Throws TypeError, with the path in the data, where the data are not a program; runs no
   * code from them.
   */
  static fromJSON(json: unknown, given: Given = {}): Program {
    return new Program(programOf(json, given, (parts) => new Program(parts)));
  }

  static {
    printReadably(Program.prototype);
  }
}
