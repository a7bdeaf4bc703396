// Inspecting: an interpreter between operations and their results, to disturb their numbers, to break their rules on
// purpose, or to note where each step was made.

import type { NDArray } from "../array/ndarray.ts";
import { remember } from "./evaluate.ts";
import { type Below, type Interpreter, interpret, interpretWith, nearest, onStack } from "./interpreter.ts";
import { forgotten } from "./leaf.ts";
import { listOf } from "./outputs.ts";
import { Unknown } from "./unknown.ts";
import { algebraOf, type Outputs, type Primitive, type Value } from "./value.ts";

/** What is done between operations and results. Each part may be left out. */
export interface Interposition {
  /** Gives a primitive to run in place of another. */
  readonly replace?: (primitive: Primitive) => Primitive;
  /** Gives the numbers that a primitive sees in place of an operand's. */
  readonly perturb?: (operand: NDArray) => NDArray;
  /** Called with every value that is made. */
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
  /** What lies beneath the inspectors that this one replaces, whose work it does, too; null where there are none. */
  readonly #replaced: { readonly below: Below } | null;

  constructor(interposition: Interposition, replaced: { readonly below: Below } | null = null) {
    this.interposition = interposition;
    this.#replaced = replaced;
  }

  /** What lies beneath this one, where `next` comes next, and beneath those that it replaces. */
  beneath(next: Below): Below {
    return this.#replaced === null ? next : this.#replaced.below;
  }

  apply(primitive: Primitive, inputs: readonly Value[], attributes: unknown, next: Below): Outputs<Value> {
    const { replace, perturb, made } = this.interposition;
    const below = this.beneath(next);
    const chosen = replace?.(primitive) ?? primitive;
    if (chosen.unfolded !== undefined && inputs.every(isKnown)) {
      const run = () => chosen.unfolded!(inputs.map(forgotten), attributes);
      const arrays = onStack(below, () => interpretWith(this, run));
      const values = remember(chosen, inputs, attributes, arrays);
      if (made !== undefined) listOf<Value>(values).forEach(made);
      return values;
    }
    const shaken = perturb === undefined ? inputs : inputs.map((input) => shakenBy(perturb, input));
    let results = interpret(below, chosen, shaken, attributes);
    // Only the numbers are replaced: the step is recorded on the operands as they are.
    if (perturb !== undefined) {
      const arrays = listOf<Value>(results).map(({ array }) => array);
      results = remember(chosen, inputs, attributes, Array.isArray(results) ? arrays : arrays[0]!);
    }
    if (made !== undefined) listOf<Value>(results).forEach(made);
    return results;
  }
}

const isKnown = ({ array }: Value) => !(array.pending instanceof Unknown);

/** One interposition that does what two do. The step that is reported and remembered is that of the primitive chosen last. */
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
  return array === input.array ? forgotten(input) : algebraOf(input).make(array);
}
