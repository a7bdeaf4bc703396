// Where a primitive has a rule for forward mode alone, reverse mode transposes what that rule does. A rule that applies its
// own primitive would be transposed without end.

import type { Primitive } from "./value.ts";

/** No rule that ends applies its own primitive so often inside itself, on ever smaller operands for instance. */
const DEEPEST = 64;

const depths = new Map<Primitive, number>();

/** Runs what transposes a primitive's pushforward. Throws Error where that comes to no end, with the rule that is lacking. */
export function transposing<R>(primitive: Primitive, run: () => R): R {
  const depth = depths.get(primitive) ?? 0;
  if (depth === DEEPEST)
    throw new Error(
      `${primitive.name}: its pushforward applies ${primitive.name} itself, and reverse mode, which transposes the pushforward, would never end; state a pullback as well`,
    );
  depths.set(primitive, depth + 1);
  try {
    return run();
  } finally {
    if (depth === 0) depths.delete(primitive);
    else depths.set(primitive, depth);
  }
}
