// More distributions: whole numbers, waiting times and extremes, and a normal one cut off at both sides. All are functions of
// the evenly spread draws by arithmetic alone, so that programs, engines and numbers of elements change no bit of them.

import { checkOptions } from "../array/arguments.ts";
import { checkDType, isFloat } from "../array/dtype.ts";
import { DTypeError } from "../array/errors.ts";
import type { Literal, Shape } from "../array/shape-types.ts";
import type { Atom } from "../expression/atoms/atom.ts";
import { statedFunction } from "../expression/elementwise-function.ts";
import { Expression } from "../expression/expression.ts";
import { probabilityBelow, quantile } from "../primitives/normal-quantile.ts";
import { portableLog } from "../primitives/portable-log.ts";
import { type DrawOptions, fractions, type Key, roundedUp, splitKey } from "./random.ts";
import { asTensor, type Tensor } from "./tensor.ts";

const applied = (atom: Atom<1>, x: Expression): Expression => Expression.apply(atom as unknown as Atom, [x]);
const log = (x: Expression): Expression => applied(portableLog, x);

/** The middle of the 2⁵²nd part of [0, 1) that a fraction lies in: neither 0 nor 1. */
const middle = (fraction: Expression): Expression =>
  fraction
    .mul(2 ** 52)
    .floor()
    .add(0.5)
    .mul(2 ** -52);

/** How long one waits for what comes once in a unit of time on average: above 0, at most 36.8. */
const waiting = statedFunction("exponential", 1, (fraction) => log(middle(fraction!)).neg());
const largest = statedFunction("gumbel", 1, (fraction) => log(log(middle(fraction!)).neg()).neg());

/** Evenly spread float64 fractions, of which a distribution is made by a function, in the type that was asked for. */
function made<S extends Shape>(
  operation: string,
  key: Key,
  shape: S,
  { dtype = "float32" }: DrawOptions,
  make: (evenly: Tensor) => Tensor,
): Tensor<Literal<S>> {
  if (!isFloat(checkDType(dtype, operation)))
    throw new DTypeError(`${operation}: ${dtype} can't hold fractions; use float32 or float64, then cast`);
  return asTensor(make(fractions(operation, key, shape)).cast(dtype));
}

/**
 * Exponentially distributed with mean 1: never 0, and at most 36.8, beyond which one draw in 10¹⁶ would lie. NumPy's
 * `standard_exponential`. The draws have the shape given. Throws DTypeError for a type without fractions, or where the
 * key is none.
 */
export function exponential<const S extends Shape>(
  key: Key,
  shape: S,
  options: DrawOptions = {},
): Tensor<Literal<S>> {
  checkOptions("exponential", options, ["dtype"]);
  return made("exponential", key, shape, options, (evenly) => evenly.elementwise(waiting));
}

/**
 * Distributed as the largest of many, by the distribution function exp(−exp(−x)): the standard Gumbel distribution,
 * with mean 0.577 (Euler's constant) and variance π²/6. JAX's `gumbel`. The draws have the shape given. Throws
 * DTypeError for a type without fractions, or where the key is none.
 */
export function gumbel<const S extends Shape>(
  key: Key,
  shape: S,
  options: DrawOptions = {},
): Tensor<Literal<S>> {
  checkOptions("gumbel", options, ["dtype"]);
  return made("gumbel", key, shape, options, (evenly) => evenly.elementwise(largest));
}

/** The normal quantile of the way from one probability to another, times a sign, within bounds. */
const between = statedFunction("truncatedNormal", 6, (fraction, from, span, sign, low, high) =>
  applied(quantile, middle(fraction!).mul(span!).add(from!)).mul(sign!).maximum(low!).minimum(high!),
);

/**
 * Standard normal draws that lie from `lower` to `upper`; −2 to 2 by default. For another mean and deviation, multiply
 * and add. By the inverse of the distribution function, exact far into either tail. JAX's `truncated_normal`. Throws
 * RangeError where the bounds leave no number of the type, or nothing of the distribution. The draws have the shape
 * given.
 */
export function truncatedNormal<const S extends Shape>(
  key: Key,
  shape: S,
  options: DrawOptions & { readonly lower?: number; readonly upper?: number } = {},
): Tensor<Literal<S>> {
  checkOptions("truncatedNormal", options, ["lower", "upper", "dtype"]);
  const { lower = -2, upper = 2, dtype = "float32" } = options;
  if (!(lower < upper))
    throw new RangeError(`truncatedNormal: lower ${lower} must be less than upper ${upper}`);
  const [low, high] = [roundedUp(lower, dtype), -roundedUp(-upper, dtype)];
  if (low > high)
    throw new RangeError(
      `truncatedNormal: no ${dtype} number lies from ${lower} to ${upper}; give bounds further apart, or dtype: "float64"`,
    );
  // Small probabilities are exact where those near 1 are not.
  const sign = lower > 0 ? -1 : 1;
  const [from, to] = (sign < 0 ? [-upper, -lower] : [lower, upper]).map(probabilityBelow) as [number, number];
  if (!(to - from > 0))
    throw new RangeError(
      `truncatedNormal: from ${lower} to ${upper} lies nothing of the normal distribution that float64 can tell from 0; give bounds nearer to 0, or further apart`,
    );
  return made("truncatedNormal", key, shape, options, (evenly) =>
    evenly.elementwise(between, from, to - from, sign, low, high),
  );
}

const PLACES = 2 ** 53;
/** Which of so many buckets of 2⁵³ numbers a fraction lies in. What is left over makes some more. */
const bucketOf = statedFunction("randomInteger", 2, (fraction, bucket) =>
  fraction!.mul(PLACES).div(bucket!).floor(),
);
const chosen = statedFunction("randomInteger", 4, (first, second, span, low) =>
  first!
    .less(span!)
    .select(first!, second!.minimum(span!.sub(1)))
    .add(low!),
);

/**
 * Whole numbers from `low`, 0 by default, to below `high` (int32), each equally likely: a draw that falls into what is
 * left over where their number does not divide 2⁵³ is made once more, so that no probability is wrong by more than 2⁻⁴²
 * of 1. NumPy's `integers`, JAX's `randint`. Throws RangeError for bounds between which no int32 lies. The draws have
 * the shape given.
 */
export function randomInteger<const S extends Shape>(
  key: Key,
  shape: S,
  options: { readonly low?: number; readonly high: number },
): Tensor<Literal<S>> {
  checkOptions("randomInteger", options, ["low", "high"]);
  const { low = 0, high } = options;
  const isWithin = low >= -(2 ** 31) && high <= 2 ** 31 && low < high;
  if (!(Number.isInteger(low) && Number.isInteger(high) && isWithin))
    throw new RangeError(
      `randomInteger: low ${low} and high ${high} must be whole numbers from −2³¹ to 2³¹, low below high`,
    );
  const span = high - low;
  const bucket = Math.floor(PLACES / span);
  const draw = (by: Key): Tensor => fractions("randomInteger", by, shape).elementwise(bucketOf, bucket);
  const first = draw(key);
  // Where nothing is left over, no draw falls there.
  const second = bucket * span === PLACES ? first : draw(splitKey(key, 1)[0]!);
  return asTensor(first.elementwise(chosen, second, span, low).cast("int32"));
}
