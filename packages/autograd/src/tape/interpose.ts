// Inspecting: an interpreter between operations and their results, to shake their numbers, to break their rules on
// purpose, to note where each step was made.

import type { NDArray } from "../array/ndarray.ts";
import { remember } from "./evaluate.ts";
import { type Below, type Interpreter, interpret, interpretWith, nearest } from "./interpreter.ts";
import { detached } from "./leaf.ts";
import { listOf } from "./outputs.ts";
import { algebraOf, type Outputs, type Primitive, type Value } from "./value.ts";

/** What may come between. Each part may be left out. */
export interface Interposition {
  /** Another primitive to run in a primitive's place. */
  readonly replace?: (primitive: Primitive) => Primitive;
  /** Other numbers in place of an operand's, as a primitive sees them. */
  readonly perturb?: (operand: NDArray) => NDArray;
  /** Told of every value made. */
  readonly made?: (value: Value) => void;
}

/** Runs a function under an interposition, within those around it. */
export function interpose<T>(interposition: Interposition, run: () => T): T {
  const around = nearest(Inspector);
  const inspector =
    around === null
      ? new Inspector(interposition)
      : new Inspector(both(around.interpreter.interposition, interposition), {
          below: around.interpreter.beneath(around.below),
        });
  return interpretWith(inspector, run);
}

class Inspector implements Interpreter {
  readonly interposition: Interposition;
  /** What lies beneath the inspectors whose part this one has taken over; null where there are none. */
  readonly #replaced: { readonly below: Below } | null;

  constructor(interposition: Interposition, replaced: { readonly below: Below } | null = null) {
    this.interposition = interposition;
    this.#replaced = replaced;
  }

  /** What lies beneath this one, of which `next` is the nearest, and beneath those that it stands for. */
  beneath(next: Below): Below {
    return this.#replaced === null ? next : this.#replaced.below;
  }

  apply(primitive: Primitive, inputs: readonly Value[], attributes: unknown, next: Below): Outputs<Value> {
    const { replace, perturb, made } = this.interposition;
    const below = this.beneath(next);
    const chosen = replace?.(primitive) ?? primitive;
    const shaken = perturb === undefined ? inputs : inputs.map((input) => shakenBy(perturb, input));
    let results = interpret(below, chosen, shaken, attributes);
    // Only the numbers are to be other ones: the step is one on the operands as they are.
    if (perturb !== undefined) {
      const arrays = listOf<Value>(results).map(({ array }) => array);
      results = remember(chosen, inputs, attributes, Array.isArray(results) ? arrays : arrays[0]!);
    }
    if (made !== undefined) listOf<Value>(results).forEach(made);
    return results;
  }
}

/** One interposition that does what two do. The step that is told of, and remembered, is that of the last choice. */
function both(outer: Interposition, inner: Interposition): Interposition {
  return {
    replace: (primitive) => {
      const chosen = inner.replace?.(primitive) ?? primitive;
      return outer.replace?.(chosen) ?? chosen;
    },
    ...(outer.perturb === undefined && inner.perturb === undefined
      ? {}
      : {
          perturb: (operand: NDArray) => {
            const shaken = inner.perturb?.(operand) ?? operand;
            return outer.perturb?.(shaken) ?? shaken;
          },
        }),
    made: (value) => {
      outer.made?.(value);
      inner.made?.(value);
    },
  };
}

function shakenBy(perturb: (operand: NDArray) => NDArray, input: Value): Value {
  const array = perturb(input.array);
  return array === input.array ? detached(input) : algebraOf(input).make(array, {});
}
