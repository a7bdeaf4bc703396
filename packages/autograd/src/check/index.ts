// The public names of @adjoint/autograd/check.

export { checkActivation } from "./check-activation.ts";
export { type CheckOptions, checkGradients } from "./check-gradients.ts";
export { checkPrimitive } from "./check-primitive.ts";
export { type BlamedOperand, explainNonFinite, NonFiniteOrigin } from "./explain-non-finite.ts";
export {
  type GradientMatchers,
  gradientMatchers,
  type MatcherContext,
  type MatcherResult,
} from "./matcher.ts";
export { type Disagreement, type GuiltyStep, Report, type Verdict } from "./report.ts";
export { StatementReport } from "./statement-report.ts";
