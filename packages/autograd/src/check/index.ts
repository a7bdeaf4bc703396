// The public names of @adjoint/autograd/check.

/**
 * Checks of derivatives: of functions, activations, primitives and whole programs.
 *
 * What holds for every function is not repeated in its entry: it throws TypeError for an argument of another kind than its
 * type says, and for an option of another name.
 *
 * @packageDocumentation
 */

export {
  activations,
  broadcastableShapes,
  type ExpressionsOptions,
  expressions,
  matmulShapes,
  type ShapesOptions,
  shapes,
  type TensorsOptions,
  tensors,
  tensorsOf,
} from "./arbitraries.ts";
export { checkActivation } from "./check-activation.ts";
export { type CheckOptions, checkGradients } from "./check-gradients.ts";
export { checkPrimitive } from "./check-primitive.ts";
export { type ProgramsOptions, programs } from "./draw-program.ts";
export { Program } from "./drawn-program.ts";
export { type BlamedOperand, explainNonFinite, NonFiniteOrigin } from "./explain-non-finite.ts";
export {
  assertGradients,
  GradientError,
  type GradientProperty,
  type GradientPropertyOptions,
  gradientProperty,
  programProperty,
  type Tally,
} from "./gradient-property.ts";
export {
  type GradientMatchers,
  gradientMatchers,
  type MatcherContext,
  type MatcherResult,
} from "./matcher.ts";
export { type Plant, type PlantedFunction, planted } from "./planted.ts";
export { type Disagreement, type GuiltyStep, Report, type Verdict } from "./report.ts";
export { StatementReport } from "./statement-report.ts";
