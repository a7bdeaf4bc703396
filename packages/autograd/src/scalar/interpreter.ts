// Who hears of scalars while a function is recorded: one of the interpreters. The tape records steps by itself; what it
// does not see is told here: new leaves, and `backward`. What needs numbers is refused, since they are not known then.

import { type Interpreter, innermost } from "../tape/interpreter.ts";
import type { Leaf, Place } from "./segment.ts";

// Operations of tensors and the reading of variables it leaves to those beneath.
export interface ScalarInterpreter extends Interpreter {}

export abstract class ScalarInterpreter {
  /** A leaf has been made. */
  abstract leaf(leaf: Leaf): void;
  /** `backward` has been called. */
  abstract backward(from: Leaf | Place): void;
  /** Numbers are asked for, or changed. Throws. */
  abstract refuse(what: "value" | "grad" | "assign"): never;
}

/** Who hears of scalars now; null outside recordings. */
export function scalarInterpreter(): ScalarInterpreter | null {
  return innermost(ScalarInterpreter);
}
