// The layers: what the package exports of them, and what a saved architecture is read with.

export { Dense, type DenseOptions, dense } from "./dense.ts";
export { type MlpOptions, mlp, type Sequential, sequential } from "./sequential.ts";
