// Who answers an operation. Normally it is evaluated. A function can also be run under an interpreter, which answers
// operations and the reading of variables its own way and may ask those beneath it: recording, binding and inspecting
// are interpreters. They form one stack, the newest on top.

import { evaluate } from "./evaluate.ts";
import type { Holder, Holding, Outputs, Primitive, Value } from "./value.ts";

/** What answers operations while a function runs. A part that it leaves out is answered by the one beneath it. */
export interface Interpreter {
  /** The results of an operation. */
  apply?(primitive: Primitive, inputs: readonly Value[], attributes: unknown, below: Below): Outputs<Value>;
  /** What a variable holds at this point of the function. What is written into the answer, the variable holds from then on. */
  stateOf?(holder: Holder, below: Below): Holding;
}

/** An interpreter under which a value stands for many, on which derivatives depend as the value does. */
export abstract class Multiplying implements Interpreter {
  abstract apply(
    primitive: Primitive,
    inputs: readonly Value[],
    attributes: unknown,
    below: Below,
  ): Outputs<Value>;
}

/** The interpreters beneath one, newest first; null where operations are evaluated and variables hold their own values. */
export type Below = Layer | null;

/** An interpreter on top of others. Who answers is looked up here once, since every operation asks. */
class Layer {
  readonly interpreter: Interpreter;
  readonly below: Below;
  /** The first layer, from this one downwards, that answers operations. */
  readonly applying: Answering<"apply"> | null;
  /** The first layer, from this one downwards, that answers the reading of variables. */
  readonly holding: Answering<"stateOf"> | null;

  constructor(interpreter: Interpreter, below: Below) {
    this.interpreter = interpreter;
    this.below = below;
    this.applying = answers(this, "apply") ? this : (below?.applying ?? null);
    this.holding = answers(this, "stateOf") ? this : (below?.holding ?? null);
  }
}

/** A layer whose interpreter has a part that others may leave out. */
interface Answering<Part extends keyof Interpreter> {
  readonly interpreter: Required<Pick<Interpreter, Part>>;
  readonly below: Below;
}

const answers = <Part extends keyof Interpreter>(
  layer: { readonly interpreter: Interpreter; readonly below: Below },
  part: Part,
): layer is Answering<Part> => layer.interpreter[part] !== undefined;

let top: Below = null;

/** Whether some interpreter stands between operations and their evaluation. */
export const isInterpreted = (): boolean => top !== null;

/** The results of an operation, as the interpreters from `layer` downwards answer it. */
export function interpret(
  layer: Below,
  primitive: Primitive,
  inputs: readonly Value[],
  attributes: unknown,
): Outputs<Value> {
  const applying = layer === null ? null : layer.applying;
  return applying === null
    ? evaluate(primitive, inputs, attributes)
    : applying.interpreter.apply(primitive, inputs, attributes, applying.below);
}

/** What a variable holds, as the interpreters from `layer` downwards answer it. */
export function stateIn(layer: Below, holder: Holder): Holding {
  const holding = layer === null ? null : layer.holding;
  return holding === null ? holder.own : holding.interpreter.stateOf(holder, holding.below);
}

/** The results of an operation, as the whole stack answers it. */
export function applyOnTop(
  primitive: Primitive,
  inputs: readonly Value[],
  attributes: unknown,
): Outputs<Value> {
  return interpret(top, primitive, inputs, attributes);
}

/** What a variable holds now. */
export function stateNow(holder: Holder): Holding {
  return stateIn(top, holder);
}

/** The innermost interpreter of a kind, unless an interpreter above it answers operations. */
export function nearest<T extends Interpreter>(
  kind: new (...args: never[]) => T,
): { readonly interpreter: T; readonly below: Below } | null {
  for (let at = top; at !== null; at = at.below) {
    if (at.interpreter instanceof kind) return { interpreter: at.interpreter, below: at.below };
    if (at.interpreter.apply !== undefined) return null;
  }
  return null;
}

/** The innermost interpreter of a kind, whatever stands between; null where there is none. */
export function innermost<T extends Interpreter>(kind: abstract new (...args: never[]) => T): T | null {
  for (let at = top; at !== null; at = at.below) if (at.interpreter instanceof kind) return at.interpreter;
  return null;
}

/** Runs a function under one more interpreter. */
export function interpretWith<T>(interpreter: Interpreter, run: () => T): T {
  return onStack(new Layer(interpreter, top), run);
}

/** Runs a function with only a part of the stack: for what an interpreter computes itself. */
export function onStack<T>(layer: Below, run: () => T): T {
  const before = top;
  top = layer;
  try {
    return run();
  } finally {
    top = before;
  }
}
