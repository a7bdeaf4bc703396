// The public names of @adjoint/autograd/check.

export { type CheckOptions, checkGradients } from "./check-gradients.ts";
export { type Disagreement, type GuiltyStep, Report, type Verdict } from "./report.ts";
