// nanToNum: numbers in the place of NaN and the infinities. It is no entry of the vocabulary, since what it takes has names.

import type { Expression } from "./expression.ts";

/** What `nanToNum` puts in the place of elements that are not finite. */
export interface NanToNumOptions {
  /** In the place of NaN; 0 by default. */
  readonly nan?: number;
  /** In the place of ∞; the largest finite number of the type by default. */
  readonly positiveInfinity?: number;
  /** In the place of −∞; the least finite number of the type by default. */
  readonly negativeInfinity?: number;
}

/** The largest finite float32. */
export const LARGEST_FLOAT32 = 3.4028234663852886e38;

const NAMES: readonly string[] = ["nan", "positiveInfinity", "negativeInfinity"];

/**
 * The numbers in the place of NaN, ∞ and −∞, where `largest` is the type's largest finite number. Throws TypeError unless the
 * options are numbers under their names.
 */
export function replacements(options: NanToNumOptions, largest: number): [number, number, number] {
  if (typeof options !== "object" || options === null)
    throw new TypeError(
      `nanToNum: got ${options === null ? "null" : `a ${typeof options}`} where options belong; write them by name: { nan: 0 }`,
    );
  for (const [name, value] of Object.entries(options)) {
    if (!NAMES.includes(name))
      throw new TypeError(`nanToNum: there is no option "${name}"; the options are ${NAMES.join(", ")}`);
    if (value !== undefined && typeof value !== "number")
      throw new TypeError(`nanToNum: ${name} is a ${typeof value}; give a number`);
  }
  const { nan = 0, positiveInfinity = largest, negativeInfinity = -largest } = options;
  return [nan, positiveInfinity, negativeInfinity];
}

/** x with others in the place of NaN, ∞ and −∞. */
export function replaced(
  x: Expression,
  nan: Expression | number,
  high: Expression | number,
  low: Expression | number,
): Expression {
  const infinite = x.equal(Infinity).select(high, x.equal(-Infinity).select(low, x));
  return x.isNaN().select(nan, infinite);
}
