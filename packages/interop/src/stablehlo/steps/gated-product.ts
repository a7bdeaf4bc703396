// The matrix product in whose every term a zero factor is stronger than infinity and NaN.

import type { StepTable } from "@adjoint/autograd";
import type { Context, Results } from "../context.ts";
import type { Emitter } from "../emitter.ts";
import type { Operand } from "../operand.ts";

/** 1 where a condition holds, else 0. */
const count = (emit: Emitter, condition: Operand, like: Operand) => emit.convert(condition, like.type);

/** What the infinite and the broken elements of a matrix are, apart from the finite ones. */
function parts(emit: Emitter, x: Operand) {
  const zero = emit.like(0, x);
  const hasValue = emit.isFinite(x);
  const lacksValue = emit.isNaN(x);
  const sign = emit.select(lacksValue, zero, emit.unary("sign", x));
  return {
    finite: emit.select(hasValue, x, zero),
    broken: count(emit, lacksValue, x),
    filled: count(emit, emit.compare("NE", x, zero), x),
    sign,
    /** The signs of the infinite elements, and of the finite ones. */
    far: emit.select(hasValue, zero, sign),
    near: emit.select(hasValue, sign, zero),
  };
}

/**
 * The product of finite elements, to which terms are added that are infinite or NaN. How many of these there are of each sign,
 * further products say: of signs, whose sums are whole numbers.
 */
function exactly(emit: Emitter, left: Operand, right: Operand): Operand {
  const [a, b] = [parts(emit, left), parts(emit, right)];
  const plus = (x: Operand, y: Operand) => emit.binary("add", x, y);
  const size = (x: Operand) => emit.unary("abs", x);
  const broken = plus(emit.product(a.broken, b.filled), emit.product(a.filled, b.broken));
  const infinite = plus(emit.product(size(a.far), size(b.sign)), emit.product(size(a.near), size(b.far)));
  const difference = plus(emit.product(a.far, b.sign), emit.product(a.near, b.far));
  const finite = emit.product(a.finite, b.finite);
  const zero = emit.like(0, finite);
  const where = (x: Operand, value: number) =>
    emit.select(emit.compare("GT", x, zero), emit.like(value, x), zero);
  const above = where(plus(infinite, difference), Infinity);
  const below = where(emit.binary("subtract", infinite, difference), -Infinity);
  return plus(plus(plus(finite, above), below), where(broken, NaN));
}

const nameFor = (a: Operand, b: Operand) => ["gated_product", ...a.shape, "by", ...b.shape, a.type].join("_");

/** A term 0·∞ makes its element NaN, so only a product with NaN is computed again. */
export function gatedProduct({ emit, of }: Context): Pick<StepTable<Results>, "gatedMatmul"> {
  return {
    gatedMatmul({ inputs }) {
      const [a, b] = inputs.map(of) as [Operand, Operand];
      const plain = emit.product(a, b);
      if (plain.shape.includes(0) || a.shape.at(-1) === 0) return [plain];
      const axes = plain.shape.map((_, axis) => axis);
      const isBroken = emit.reduce(emit.isNaN(plain), axes, "or", 0);
      return emit.choose(
        isBroken,
        () => [emit.call(nameFor(a, b), [a, b], (inner, given) => exactly(inner, given[0]!, given[1]!))],
        () => [plain],
        [plain],
      );
    },
  };
}
