// Steps that move elements without computing.

import type { StepTable } from "@adjoint/autograd";
import type { Context, Results } from "../context.ts";
import type { Operand } from "../operand.ts";
import { elementTypeOf, isFloat } from "../types.ts";

type Entries = Pick<
  StepTable<Results>,
  | "broadcastTo"
  | "cast"
  | "concat"
  | "constantIn"
  | "flip"
  | "guarded"
  | "identity"
  | "pad"
  | "permute"
  | "reshape"
  | "slice"
  | "stopGradient"
>;

/** A float's whole part modulo 2³², and 0 for what is infinite or NaN, as JavaScript's typed arrays have it. */
export function wholePart({ emit }: Pick<Context, "emit">, x: Operand): Operand {
  const wide = emit.convert(x, "f64");
  const rest = emit.binary("remainder", wide, emit.like(2 ** 32, wide));
  const held = emit.select(emit.isFinite(wide), rest, emit.like(0, wide));
  return emit.convert(emit.convert(held, "i64"), "i32");
}

export function movement(context: Context): Entries {
  const { emit, of } = context;
  const same = ({ inputs: [x] }: { inputs: readonly Parameters<typeof of>[0][] }): Results => [of(x!)];
  return {
    identity: same,
    constantIn: same,
    stopGradient: same,
    // The check is Adjoint's own function: XLA looks at no numbers.
    guarded: same,
    cast({ inputs: [x], attributes: { dtype } }) {
      const from = of(x!);
      const type = elementTypeOf(dtype);
      if (type === "i32" && isFloat(from.type)) return [wholePart(context, from)];
      if (type === "i1" && from.type !== "i1") return [emit.compare("NE", from, emit.like(0, from))];
      return [emit.convert(from, type)];
    },
    broadcastTo: ({ inputs: [x], attributes: { shape } }) => [emit.spread(of(x!), shape)],
    reshape: ({ inputs: [x], attributes: { shape } }) => [emit.reshape(of(x!), shape)],
    permute: ({ inputs: [x], attributes: { order } }) => [emit.transpose(of(x!), order)],
    slice: ({ inputs: [x], attributes: { starts, sizes, steps } }) => [
      emit.slice(of(x!), starts, sizes, steps),
    ],
    pad: ({ inputs: [x], attributes: { before, after, between } }) => [
      emit.pad(of(x!), before, after, between, 0),
    ],
    concat: ({ inputs, attributes: { axis } }) => [emit.concatenate(inputs.map(of), axis)],
    flip: ({ inputs: [x], attributes: { axes } }) => [emit.reverse(of(x!), axes)],
  };
}
