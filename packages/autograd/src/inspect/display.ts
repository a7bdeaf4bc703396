// Tensors as text with a chosen number of digits. What consoles show without being asked is in array/print.ts.

import { checkOptions, kindOf } from "../array/arguments.ts";
import { formatDigits, MOST_DIGITS } from "../array/print.ts";
import { Tensor } from "../tensor/tensor.ts";

/** The options of `display`. */
export interface DisplayOptions {
  /** Significant digits of a float element, from 1 to 17: 9 tell every float32 from all others, 17 every float64. */
  readonly digits?: number;
}

/**
 * The tensor as consoles show it (type, shape, elements; long axes shortened to their ends), with floats rounded to
 * `digits` significant digits, 17 by default. All digits before the point are kept, and trailing zeros are left out.
 * Throws RangeError unless `digits` is a whole number from 1 to 17.
 */
export function display(tensor: Tensor, options: DisplayOptions = {}): string {
  if (!(tensor instanceof Tensor)) {
    throw new TypeError(
      `display: got ${kindOf(tensor)} where the tensor belongs; make one first, e.g. display(tensor([1, 2]))`,
    );
  }
  checkOptions("display", options, ["digits"]);
  const { digits = MOST_DIGITS } = options;
  if (!Number.isInteger(digits) || digits < 1 || digits > MOST_DIGITS) {
    throw new RangeError(
      `display: digits is ${digits}; it must be a whole number from 1 to ${MOST_DIGITS}, which tell all float64 numbers apart`,
    );
  }
  return tensor.textWith((value) => formatDigits(value, digits));
}
