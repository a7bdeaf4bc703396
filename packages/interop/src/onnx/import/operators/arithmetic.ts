// Arithmetic of elements: sums, products, quotients, powers, roundings, and functions of one number.

import type { Tensor } from "@adjoint/autograd";
import { Datum, floats } from "../datum.ts";
import { isFloatType } from "../element-types.ts";
import { OnnxError } from "../onnx-error.ts";
import { elementwise, MANY, type Operator, type Operators } from "./operator.ts";
import { applied, checkedInt32, larger, type NumberFunction, smaller } from "./whole.ts";

const binary = (since: number, f: NumberFunction): Operator => ({
  since,
  inputs: [2, 2],
  prepare:
    () =>
    ([a, b]) =>
      applied(f, a!, b!),
});

const unary = (since: number, f: NumberFunction): Operator => ({
  since,
  inputs: [1, 1],
  prepare:
    () =>
    ([x]) =>
      applied(f, x!),
});

/** The same function on any number of operands, two at a time. */
const folded = (since: number, f: NumberFunction): Operator => ({
  since,
  inputs: [1, MANY],
  prepare: () => (operands) => operands.map((each) => each!).reduce((a, b) => applied(f, a, b)),
});

const add: NumberFunction = { float: (a, b) => a!.add(b!), whole: (a, b) => a! + b! };
const minimum: NumberFunction = { float: (a, b) => a!.minimum(b!), whole: (a, b) => smaller(a!, b!) };
const maximum: NumberFunction = { float: (a, b) => a!.maximum(b!), whole: (a, b) => larger(a!, b!) };

/** What no number divides by. */
function divisor(b: bigint): bigint {
  if (b === 0n) throw new OnnxError("a whole number is divided by 0");
  return b;
}

/** x to the power n, modulo 2⁶⁴, which no type is wider than: by squaring, so that a large n takes no memory. */
function power(x: bigint, n: bigint): bigint {
  let result = 1n;
  for (let [square, rest] = [x, n]; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = BigInt.asIntN(64, result * square);
    square = BigInt.asIntN(64, square * square);
  }
  return result;
}

const int64s = (tensors: readonly Tensor[]) => tensors.map((each) => each.cast("float64"));

const divide: NumberFunction = {
  float: (a, b) => a!.div(b!),
  whole: (a, b) => a! / divisor(b!),
  int: (...operands) => {
    const [a, b] = int64s(operands);
    // A division by 0 is infinite, and so an error.
    return checkedInt32(a!.div(b!).trunc(), "int32");
  },
};

/** The remainder with the divisor's sign, as Python's. */
const modulo: NumberFunction = {
  float: (a, b) => a!.mod(b!),
  whole: (a, b) => ((a! % divisor(b!)) + b!) % b!,
};

/** The remainder with the dividend's sign, as C's. */
const remainder: NumberFunction = {
  float: (a, b) => a!.abs().mod(b!.abs()).mul(a!.sign()),
  whole: (a, b) => a! % divisor(b!),
};

/** Operands beyond min and max take their place; a derivative passes only between them. */
function clipped(x: Datum, min: Datum | undefined, max: Datum | undefined): Datum {
  const above = min === undefined ? x : applied(maximum, x, min);
  return max === undefined ? above : applied(minimum, above, max);
}

export const arithmetic: Operators = {
  Abs: unary(6, { float: (x) => x!.abs(), whole: (x) => (x! < 0n ? -x! : x!) }),
  Add: binary(7, add),
  Ceil: elementwise(6, (x) => x.ceil()),
  Clip: {
    since: 6,
    inputs: [1, 3],
    prepare(node) {
      if (node.opset >= 11) return ([x, min, max]) => clipped(x!, min, max);
      if (node.inputs > 1) node.refuse("its bounds are attributes before version 11");
      const [min, max] = [node.float("min", -Infinity), node.float("max", Infinity)];
      return ([x]) => x!.with(floats(x!, "the input").maximum(min).minimum(max));
    },
  },
  Div: {
    ...binary(7, divide),
    prepare:
      () =>
      ([a, b]) => {
        if (isFloatType(a!.type) || (a!.whole !== null && b!.whole !== null)) return applied(divide, a!, b!);
        return applied({ ...divide, float: (x, y) => x!.div(y!).trunc() }, a!, b!);
      },
  },
  Erf: elementwise(9, (x) => x.erf()),
  Exp: elementwise(6, (x) => x.exp()),
  Floor: elementwise(6, (x) => x.floor()),
  Log: elementwise(6, (x) => x.log()),
  Max: folded(6, maximum),
  Mean: {
    since: 6,
    inputs: [1, MANY],
    prepare: () => (operands) => {
      const sum = operands.map((each) => each!).reduce((a, b) => applied(add, a, b));
      return sum.with(floats(sum, "the inputs").div(operands.length));
    },
  },
  Min: folded(6, minimum),
  Mod: {
    since: 10,
    inputs: [2, 2],
    prepare(node) {
      const f = node.flag("fmod") ? remainder : modulo;
      return ([a, b]) => {
        if (f === modulo && isFloatType(a!.type)) node.refuse("floats need fmod = 1");
        return applied(f, a!, b!);
      };
    },
  },
  Mul: binary(7, { float: (a, b) => a!.mul(b!), whole: (a, b) => a! * b! }),
  Neg: unary(6, { float: (x) => x!.neg(), whole: (x) => -x! }),
  Pow: {
    since: 7,
    inputs: [2, 2],
    prepare(node) {
      return ([base, exponent]) => {
        const { type } = base!;
        if (isFloatType(type)) return base!.with(base!.tensor.pow(exponent!.tensor.cast(base!.tensor.dtype)));
        if (base!.whole !== null && exponent!.whole !== null)
          return applied(
            {
              float: (x) => x!,
              whole: (x, y) => (y! < 0n ? node.refuse(`a whole number to the power ${y}`) : power(x!, y!)),
            },
            base!,
            Datum.ofWhole(type, exponent!.shape, exponent!.whole),
          );
        const result = base!.tensor.cast("float64").pow(exponent!.tensor.cast("float64"));
        return base!.with(checkedInt32(result.trunc(), type));
      };
    },
  },
  Reciprocal: elementwise(6, (x) => x.reciprocal()),
  Round: elementwise(11, (x) => x.round()),
  Sign: unary(9, { float: (x) => x!.sign(), whole: (x) => (x! > 0n ? 1n : x! < 0n ? -1n : 0n) }),
  Sqrt: elementwise(6, (x) => x.sqrt()),
  Sub: binary(7, { float: (a, b) => a!.sub(b!), whole: (a, b) => a! - b! }),
  Sum: folded(6, add),
};
