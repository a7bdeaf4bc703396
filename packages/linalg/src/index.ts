// The public names of @adjoint/linalg.

/**
 * Linear algebra with derivatives of every order. All is computed in float64, and float32 results are rounded once.
 *
 * What holds for every function is not repeated in its entry: it throws TypeError for an argument of another kind than its
 * type says, and for an option of another name.
 *
 * @packageDocumentation
 */

export { cholesky } from "./cholesky.ts";
export { det, slogdet } from "./det.ts";
export { eigh } from "./eigh.ts";
export { lstsq, pinv } from "./lstsq.ts";
export { expm, matrixPower } from "./power.ts";
export { primitives } from "./primitives.ts";
export { qr } from "./qr.ts";
export { conditionNumber, isSingular } from "./singular.ts";
export { inverse, solve } from "./solve.ts";
export { svd } from "./svd.ts";
export { triangularSolve } from "./triangular.ts";
export type {
  BatchOf,
  IsSquare,
  LeastSquaresShape,
  LeftFactor,
  RightFactor,
  RightVectors,
  RowsAgree,
  ValuesOf,
} from "./types.ts";
