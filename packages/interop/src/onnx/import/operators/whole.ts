// Arithmetic of whole numbers. Known ones are computed exactly, in their own type. Tensors of them are int32 here: results of 8 and
// 16 bits are brought back into their range, as the standard's are, and results of wider types that leave int32 are an error.

import { guarded, type Tensor } from "@adjoint/autograd";
import { allWhole, checkSameType, type Datum, mapWhole } from "../datum.ts";
import { type ElementType, isFloatType, isWide, stored } from "../element-types.ts";

const known = "such numbers are exact only where they don't depend on what the model is given";
const signed = {
  from: -(2 ** 31),
  to: 2 ** 31 - 1,
  message: `{} does not fit into int32, the engine's whole numbers; ${known}`,
};
const unsigned = {
  from: 0,
  to: 2 ** 31 - 1,
  message: `{} is below 0, where the type ends, or does not fit into int32, the engine's whole numbers; ${known}`,
};

/** Whole numbers in float64, or int32, as int32. Throws RangeError for what int32 or the type does not hold. */
export const checkedInt32 = (x: Tensor, type: ElementType): Tensor =>
  guarded(x, isWide(type) && type.startsWith("u") ? unsigned : signed).cast("int32");

/** An int32 tensor brought into the range of a narrower type, modulo 2 to its bits. */
export function narrowed(x: Tensor, type: ElementType): Tensor {
  const { bits, range } = stored(type);
  if (range === undefined || bits >= 32) return x;
  const from = Number(range[0]);
  return x
    .sub(from)
    .mod(2 ** bits)
    .add(from);
}

/** The smaller of two. */
export function smaller(a: bigint, b: bigint): bigint {
  if (a < b) return a;
  return b;
}

/** The larger of two. */
export const larger = (a: bigint, b: bigint): bigint => -smaller(-a, -b);

/** A function of numbers: on floats, on whole numbers that are known, and on int32 tensors, or else float64 for wider types. */
export interface NumberFunction {
  readonly float: (...operands: Tensor[]) => Tensor;
  readonly whole: (...operands: bigint[]) => bigint;
  /** On int32 tensors; what `float` does where it is left out. */
  readonly int?: (...operands: Tensor[]) => Tensor;
}

/** What a function of numbers makes of values of one type. */
export function applied(f: NumberFunction, ...operands: readonly Datum[]): Datum {
  const first = operands[0]!;
  for (const other of operands) checkSameType(first, other);
  const { type } = first;
  if (isFloatType(type)) return first.with(f.float(...operands.map((each) => each.tensor)));
  if (allWhole(operands)) return mapWhole(type, operands, f.whole);
  const tensors = operands.map((each) => each.tensor);
  // The sums and products of two int32 numbers that fit into int32 are exact in float64, and others are seen to be beyond it.
  if (isWide(type))
    return first.with(checkedInt32(f.float(...tensors.map((each) => each.cast("float64"))), type));
  return first.with(narrowed((f.int ?? f.float)(...tensors), type));
}
