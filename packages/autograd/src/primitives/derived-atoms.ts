// The atoms that only derivatives and random draws contain: beside the vocabulary, they occur in the expressions of programs.

export { apart, powerLog, powerSlope } from "../expression/atoms/arithmetic.ts";
export { polygamma } from "../expression/atoms/gamma.ts";
export { oneMinusSquare } from "../expression/atoms/inverse.ts";
export { directionCosine } from "../expression/atoms/plane.ts";
export { lacking } from "./log-softmax.ts";
export { quantile as normalQuantile } from "./normal-quantile.ts";
export { portableLog } from "./portable-log.ts";
