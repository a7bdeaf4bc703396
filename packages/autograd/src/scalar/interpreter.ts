// The interpreter that is told about scalars while a function is recorded. The tape records steps without it, but not
// new leaves and calls of `backward`: these are reported here. What needs numbers is refused, since they are not known
// yet.

import { type Interpreter, innermost } from "../tape/interpreter.ts";
import type { Leaf, Place } from "./segment.ts";

// Operations on tensors and reads of variables are left to the interpreters beneath.
export interface ScalarInterpreter extends Interpreter {}

export abstract class ScalarInterpreter {
  /** A leaf has been made. */
  abstract leaf(leaf: Leaf): void;
  /** `backward` has been called. */
  abstract backward(from: Leaf | Place): void;
  /** A number is read or assigned. Always throws. */
  abstract refuse(what: "value" | "grad" | "assign"): never;
}

/** The scalar interpreter of the current recording; null outside recordings. */
export function scalarInterpreter(): ScalarInterpreter | null {
  return innermost(ScalarInterpreter);
}
