// Functions of square matrices: powers and the exponential.

import { type Shape, type Tensor, type TypedArray, where, zeros } from "@adjoint/autograd";
import { checkSquare, inDouble, rounded, unitsLike } from "./arguments.ts";
import { inverseOf, solveStep } from "./solve.ts";
import type { IsSquare } from "./types.ts";

/**
 * a multiplied by itself: [..., n, n] → [..., n, n], by repeated squaring, as NumPy's `matrix_power`. The zeroth power
 * is the unit matrix, with derivative 0; negative powers are those of the inverse, and throw as `inverse` does. Throws
 * RangeError unless the power is a whole number, ShapeError unless a is square, DTypeError unless it has floats.
 */
export function matrixPower<A extends Shape>(a: Tensor<A> & IsSquare<A>, n: number): Tensor<A> {
  checkSquare("matrixPower", a, "only square matrices can be multiplied by themselves");
  if (!Number.isSafeInteger(n))
    throw new RangeError(`matrixPower: the power ${String(n)} must be a whole number`);
  const base = inDouble(a);
  const power =
    n === 0
      ? // The matrix takes part, so that it has a derivative, and its numbers don't.
        where(zeros(base.shape, { dtype: "bool" }), base, unitsLike(base))
      : repeated(n < 0 ? inverseOf("matrixPower", base) : base, Math.abs(n));
  return rounded(power, a.dtype);
}

function repeated(base: Tensor, power: number): Tensor {
  let [square, result]: [Tensor, Tensor | null] = [base, null];
  for (let rest = power; ; square = square.matmul(square)) {
    if (rest % 2 === 1) result = result === null ? square : result.matmul(square);
    rest = Math.floor(rest / 2);
    if (rest === 0) return result!;
  }
}

/** Higham (2005), table 2.3: for norms up to this the approximation of degree 13 is exact to double precision. */
const LARGEST_NORM = 5.371920351148152;

/** How often a program squares, since it can't know the norm: enough for norms up to 5·10⁶. */
const SQUARINGS = 20;

// Coefficients of the Padé approximant of degree 13: Higham (2005), equation 2.2.
const PADE = [
  64764752532480000, 32382376266240000, 7771770303897600, 1187353796428800, 129060195264000, 10559470521600,
  670442572800, 33522128640, 1323241920, 40840800, 960960, 16380, 182, 1,
];

/**
 * The exponential of a matrix: [..., n, n] → [..., n, n], as SciPy's `expm`. The matrix is halved until its norm is
 * below 5.4, and the result squared as often: Higham (2005), The scaling and squaring method for the matrix exponential
 * revisited. Compiled functions and `vmap` can't know the norm beforehand; there the result is squared up to 20 times,
 * as often as each matrix needs, and is NaN for norms (largest sum of magnitudes in a column) above 5·10⁶. A matrix
 * with NaN or infinity gives NaN. Throws ShapeError unless a is square, DTypeError unless it has floats.
 */
export function expm<A extends Shape>(a: Tensor<A> & IsSquare<A>): Tensor<A> {
  checkSquare("expm", a, "only square matrices have an exponential");
  const matrix = inDouble(a);
  return rounded(matrix.size === 0 ? matrix : exponential(matrix), a.dtype);
}

function exponential(a: Tensor): Tensor {
  const norm = a.detach().abs().sum({ axis: -2 }).max({ axis: -1 }).expandDims(-1).expandDims(-1);
  // The logarithm is rounded: its ceiling may be one less than it should be only where the norm is within rounding of
  // the bound.
  const count: Tensor = norm.div(LARGEST_NORM).log().div(Math.LN2).maximum(0).neg().floor().neg();
  const steps = count.isKnown ? largestFinite(count.data) : SQUARINGS;
  let factor: Tensor = norm.mul(0).add(1);
  for (let step = 0; step < steps; step++) factor = where(count.greater(step), factor.mul(0.5), factor);
  let result = approximant(a.mul(factor));
  for (let step = 0; step < steps; step++) result = where(count.greater(step), result.matmul(result), result);
  // As a factor, since its derivative is NaN as well.
  return result.mul(where(count.lessEqual(steps), 1, NaN).cast(result.dtype));
}

function largestFinite(numbers: TypedArray): number {
  let most = 0;
  for (const x of numbers) if (x > most && x < Infinity) most = x;
  return most;
}

/** The Padé approximant of degree 13. */
function approximant(a: Tensor): Tensor {
  const units = unitsLike(a);
  const a2 = a.matmul(a);
  const a4 = a2.matmul(a2);
  const a6 = a4.matmul(a2);
  /** c₀·1 + c₂·a² + c₄·a⁴ + c₆·a⁶. */
  const even = (c0: number, c2: number, c4: number, c6: number): Tensor =>
    units.mul(PADE[c0]!).add(a2.mul(PADE[c2]!)).add(a4.mul(PADE[c4]!)).add(a6.mul(PADE[c6]!));
  const high = (c8: number, c10: number, c12: number): Tensor =>
    a6.matmul(a2.mul(PADE[c8]!).add(a4.mul(PADE[c10]!)).add(a6.mul(PADE[c12]!)));
  const odd: Tensor = a.matmul(high(9, 11, 13).add(even(1, 3, 5, 7)));
  const rest = high(8, 10, 12).add(even(0, 2, 4, 6));
  return solveStep(rest.sub(odd), rest.add(odd));
}
