// Changes of element type.

import { atom, guarded, type Tensor, tensor } from "@adjoint/autograd";
import { Datum } from "../datum.ts";
import {
  type ElementType,
  isFloatType,
  isWide,
  nameOfCode,
  stored,
  typeOfCode,
  wrapped,
} from "../element-types.ts";
import type { NodeReader } from "../node-reader.ts";
import type { Operators } from "./operator.ts";
import { checkedInt32, narrowed } from "./whole.ts";

const GREATEST_FLOAT16 = 65504;

/** A number rounded to a multiple of 2 to some power, ties to even. */
function roundedTo(x: number, step: number): number {
  const n = x / step;
  const below = Math.floor(n);
  const rest = n - below;
  return (rest > 0.5 || (rest === 0.5 && below % 2 !== 0) ? below + 1 : below) * step;
}

/** The nearest number that a float of 16 bits holds; infinite beyond the greatest. */
export function toFloat16(x: number): number {
  if (!Number.isFinite(x) || x === 0) return x;
  const exponent = Math.max(-14, Math.floor(Math.log2(Math.abs(x))));
  const near = roundedTo(x, 2 ** (exponent - 10));
  return Math.abs(near) > GREATEST_FLOAT16 ? Math.sign(x) * Infinity : near;
}

/** The nearest number with the eight digits of a bfloat16. */
export function toBfloat16(x: number): number {
  if (!Number.isFinite(x) || x === 0) return x;
  return Math.fround(roundedTo(x, 2 ** (Math.max(-126, Math.floor(Math.log2(Math.abs(x)))) - 7)));
}

// A rounding is a step function; as a change of type it passes derivatives on, as casts between floats do.
const rounding = {
  float16: atom({ name: "toFloat16", arity: 1, value: toFloat16, partials: [() => 1] }),
  bfloat16: atom({ name: "toBfloat16", arity: 1, value: toBfloat16, partials: [() => 1] }),
};

/** A value as a float of 16 bits, held in float32. */
const rounded = (x: Tensor, type: ElementType): Tensor =>
  type === "float16" || type === "bfloat16" ? rounding[type](x) : x;

/** A value in another element type. */
export function castTo(x: Datum, to: ElementType): Datum {
  const { type: from } = x;
  if (from === to) return x;
  const { dtype } = stored(to);
  if (x.whole !== null && !isFloatType(to)) {
    const values = Array.from(x.whole as Iterable<bigint>, (value) =>
      to === "bool" ? BigInt(value !== 0n) : wrapped(to, value),
    );
    return Datum.ofWhole(to, x.shape, values);
  }
  if (x.whole !== null) {
    const values = Array.from(x.whole as Iterable<bigint>, Number);
    return Datum.of(rounded(tensor(values, { shape: x.shape, dtype }), to), to);
  }
  if (isFloatType(to)) return Datum.of(rounded(x.tensor.cast(dtype), to), to);
  if (to === "bool") return Datum.of(x.tensor.cast(dtype), to);
  if (!isFloatType(from))
    return Datum.of(
      isWide(to) ? checkedInt32(x.tensor.cast(dtype), to) : narrowed(x.tensor.cast(dtype), to),
      to,
    );
  const whole = x.tensor.trunc();
  const { range } = stored(to);
  const [least, greatest] = isWide(to) ? [range![0] < 0n ? -(2 ** 31) : 0, 2 ** 31 - 1] : range!.map(Number);
  const check = {
    from: least!,
    to: greatest!,
    message: `{} is cast to ${to}, and the numbers that are held here go from ${least} to ${greatest}`,
  };
  return Datum.of(guarded(whole, check).cast("int32"), to);
}

/** Attributes that say how to round to floats of 8 bits, which are not here. */
function passFloat8(node: NodeReader): void {
  if (node.opset >= 19) node.pass("saturate");
  if (node.opset >= 24) node.pass("round_mode");
}

export const casts: Operators = {
  Cast: {
    since: 6,
    inputs: [1, 1],
    prepare(node) {
      passFloat8(node);
      const code = node.int("to");
      const to = typeOfCode(code) ?? node.refuse(`there is no type here for ${nameOfCode(code)}`);
      return ([x]) => castTo(x!, to);
    },
  },
  CastLike: {
    since: 15,
    inputs: [2, 2],
    prepare(node) {
      passFloat8(node);
      return ([x, like]) => castTo(x!, like!.type);
    },
  },
};
