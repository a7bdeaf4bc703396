// The primitive table: what tests attack and readers list, each under its own name. A new primitive is a file and a line
// here.

export { constantIn, identity } from "../tape/identity.ts";
export { gatedMatmul, matmul } from "./contraction.ts";
export { guardedIdentity as guarded } from "./guarded.ts";
export { addAlong, oneHotRows as oneHot, takeAlong } from "./indexing.ts";
export { logSoftmax } from "./log-softmax.ts";
export { map } from "./map.ts";
export { mean } from "./mean.ts";
export {
  broadcastTo,
  cast,
  concat,
  flip,
  pad,
  permute,
  reshape,
  slice,
  sumTo,
} from "./movement.ts";
export { randomBits, randomNormal, randomUniform, splitBits as splitKey } from "./random.ts";
export { cummax, cumprod, cumsum, recurrence } from "./running.ts";
export { argExtreme, argsort, max, min } from "./selection.ts";
export { overlapAdd, windows } from "./windows.ts";
