// The atoms that only derivatives contain: beside the vocabulary, they occur in the expressions of programs.

export { powerLog, powerSlope } from "../expression/atoms/arithmetic.ts";
export { apart, lacking } from "./log-softmax.ts";
