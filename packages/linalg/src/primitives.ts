// The steps of all functions, by the names that saved programs give them.

import type { Given } from "@adjoint/autograd";
import { choleskyStep } from "./cholesky.ts";
import { detStep, slogdetStep } from "./det.ts";
import { eighStep } from "./eigh.ts";
import { existingStep, unknownStep } from "./existence.ts";
import { lstsqStep } from "./lstsq.ts";
import { qrStep } from "./qr.ts";
import { isSingularStep } from "./singular.ts";
import { solveStep } from "./solve.ts";
import { svdStep } from "./svd.ts";
import { triangularStep } from "./triangular.ts";

const steps = [
  ...[solveStep, triangularStep, choleskyStep, detStep, isSingularStep, existingStep, unknownStep],
  ...[qrStep, eighStep, svdStep, lstsqStep, slogdetStep],
];

/**
 * What `Program.fromJSON(saved, { primitives })` needs to read a program that was saved with functions of this package.
 */
export const primitives: NonNullable<Given["primitives"]> = Object.fromEntries(
  steps.map(({ primitive }) => [primitive.name, primitive]),
);
