// The operations that tapes themselves need.

import type { Primitive } from "./value.ts";

/** The same value under a new name: where a transform cuts its own leaf out of a larger tape. */
export const identity: Primitive<null> = {
  name: "identity",
  describe: ([x]) => ({ shape: x!.shape, dtype: x!.dtype }),
  evaluate: ([x]) => x!,
  pushforward: (_step, [tangent]) => tangent ?? null,
  pullback: (_step, cotangent) => [cotangent as never],
  shifted: () => null,
  lowering: () => ({ family: "regroup" }),
};

/** The same value as a constant: no derivative passes. Programs have it where a function stops derivatives. */
export const stopGradient: Primitive<null> = {
  name: "stopGradient",
  stops: true,
  describe: ([x]) => ({ shape: x!.shape, dtype: x!.dtype }),
  evaluate: ([x]) => x!,
  shifted: () => null,
  composed: ([x]) => x!,
  lowering: () => ({ family: "regroup" }),
};

/** Its first operand's value under a new name, as a function of the other operands too, on which it does not depend. */
export const constantIn: Primitive<null> = {
  name: "constantIn",
  describe: ([x]) => ({ shape: x!.shape, dtype: x!.dtype }),
  evaluate: ([x]) => x!,
  pushforward: (_step, [tangent]) => tangent ?? null,
  pullback: ({ inputs }, cotangent) => inputs.map((_, i) => (i === 0 ? cotangent : null)),
  shifted: () => null,
  lowering: () => ({ family: "regroup" }),
};
