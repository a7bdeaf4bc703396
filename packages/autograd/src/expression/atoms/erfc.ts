// The complementary error function, which keeps every digit where 1 − erf x cancels.

import { long as tail } from "../lanes/erfc.ts";
import type { Atom } from "./atom.ts";
import { errorFunction, polynomial } from "./erf.ts";

// ln 2 in two parts, of which n times the first is exact: fdlibm's e_exp.c.
const LN2_HIGH = 6.9314718036912381649e-1;
const LN2_LOW = 1.90821492927058770002e-10;

/**
 * For x ≥ 0: where it is more than ½, nothing cancels; beyond, e^(−x²)·(1 + v)/(1 + 2x) with v as lanes have it, and the
 * exponential as 2ⁿ·(1 + q), so that all that is small is added up before the 1 is.
 */
export function complement(x: number): number {
  if (x < 0.47) return 1 - errorFunction(x);
  if (x > tail.end) return 0;
  // A float32 has an exact square.
  const z = Math.fround(x);
  const n = Math.round((-z * z) / Math.LN2);
  const d = 1 + 2 * x;
  // What d's rounding took off is a part of it, too.
  const rest = -(x - z) * (x + z) - n * LN2_LOW - (1 - (d - 2 * x)) / d;
  const q = Math.expm1(-z * z - n * LN2_HIGH + rest);
  const v = (x * polynomial(x, tail.numerator)) / polynomial(x, tail.denominator);
  // 2ⁿ alone may be too small for a float.
  return ((1 + (q + (v + v * q))) / d) * 2 ** (n + 64) * 2 ** -64;
}

/**
 * Complementary error function 1 − erf x = 2/√π ∫ₓ^∞ e^(−t²) dt, within 3 ulps also where it is tiny. SciPy's `erfc`.
 */
export const erfc: Atom<1, "same"> = {
  name: "erfc",
  arity: 1,
  result: "same",
  operands: "float",
  value: (x) => (x < 0 ? 2 - complement(-x) : complement(x)),
  partials: [
    (x) =>
      x
        .square()
        .neg()
        .exp()
        .mul(-2 / Math.sqrt(Math.PI)),
  ],
};
