// A place to stand between operations and their results while a function runs under inspection: to shake its
// numbers, to break its rules on purpose, to note where each step was made. Outside of it nothing is watched.

import type { NDArray } from "../array/ndarray.ts";
import type { Tensor } from "../primitives/tensor.ts";
import type { Primitive } from "./primitive.ts";

/** What may come between. Each part may be left out. */
export interface Interposition {
  /** Another primitive to run in a primitive's place. */
  readonly replace?: (primitive: Primitive) => Primitive;
  /** Other numbers in place of an operand's, as a primitive sees them. */
  readonly perturb?: (operand: NDArray) => NDArray;
  /** Told of every tensor made. */
  readonly made?: (tensor: Tensor) => void;
}

let present: Interposition | null = null;

/** What stands between operations and their results now; null outside inspections. */
export function interposed(): Interposition | null {
  return present;
}

/** Runs a function under an interposition, within those around it. */
export function interpose<T>(inner: Interposition, run: () => T): T {
  const outer = present;
  present = outer === null ? inner : compose(outer, inner);
  try {
    return run();
  } finally {
    present = outer;
  }
}

function compose(outer: Interposition, inner: Interposition): Interposition {
  return {
    replace: (primitive) => {
      const replaced = inner.replace?.(primitive) ?? primitive;
      return outer.replace?.(replaced) ?? replaced;
    },
    perturb: (operand) => {
      const perturbed = inner.perturb?.(operand) ?? operand;
      return outer.perturb?.(perturbed) ?? perturbed;
    },
    made(tensor) {
      inner.made?.(tensor);
      outer.made?.(tensor);
    },
  };
}
