// Elementwise operations as functions of values: broadcasting, numbers among the operands, and one function for every
// entry of the vocabulary.

import { type DType, elementOf, isFloat } from "../array/dtype.ts";
import { DTypeError } from "../array/errors.ts";
import { NDArray } from "../array/ndarray.ts";
import { broadcastShapes, sameShape } from "../array/shape.ts";
import type { Shape } from "../array/shape-types.ts";
import { type ElementwiseFunction, functionOf } from "../expression/elementwise-function.ts";
import { type Name, vocabulary } from "../expression/vocabulary.ts";
import { apply } from "../tape/apply.ts";
import { algebraOf, type Value } from "../tape/value.ts";
import { map } from "./map.ts";
import { broadcastTo } from "./movement.ts";

type Operand = Value | number;

/** A function of elements on values, broadcast to one shape. Numbers take the values' type; at least one operand is a value. */
export function elementwise(fn: ElementwiseFunction, operands: readonly Operand[]): Value {
  if (isEven(operands)) return apply(map, operands, { fn });
  const kinds = fn.signature.operands;
  const shapes: Shape[] = [];
  let first: Value | undefined;
  let typed: Value | undefined;
  for (let i = 0; i < operands.length; i++) {
    const operand = operands[i]!;
    if (typeof operand === "number") continue;
    first ??= operand;
    if (kinds[i] !== "bool") typed ??= operand;
    shapes.push(operand.shape);
  }
  const dtype =
    typed?.dtype ??
    (kinds.includes("bool") && kinds.some((kind) => kind !== "bool") ? "float32" : first!.dtype);
  const shape = shapes.length === 1 ? shapes[0]! : broadcastShapes(fn.name, ...shapes);
  const spread = operands.map((operand, i) => {
    if (typeof operand === "number")
      return constantOf(operand, kinds[i] === "bool" ? "bool" : dtype, shape, fn.name, first!);
    return sameShape(operand.shape, shape) ? operand : apply(broadcastTo, [operand], { shape });
  });
  return apply(map, spread, { fn });
}

/** Whether all operands are values of one shape, as in most operations: nothing is to be broadcast. */
function isEven(operands: readonly Operand[]): operands is readonly Value[] {
  const [first] = operands;
  if (typeof first === "number") return false;
  for (let i = 1; i < operands.length; i++) {
    const operand = operands[i]!;
    if (typeof operand === "number" || !sameShape(operand.shape, first!.shape)) return false;
  }
  return true;
}

function constantOf(value: number, dtype: DType, shape: Shape, operation: string, like: Value): Value {
  if (!isFloat(dtype) && !Number.isInteger(value)) {
    throw new DTypeError(
      `${operation}: ${value} is not whole and the tensor is ${dtype}; cast the tensor first, e.g. x.cast("float32")`,
    );
  }
  return algebraOf(like).make(NDArray.filled(dtype, shape, elementOf(value, dtype, operation)));
}

type Elements = {
  readonly [K in Name<1>]: (x: Value) => Value;
} & {
  readonly [K in Name<2>]: (a: Value, b: Operand) => Value;
} & {
  readonly [K in Name<3>]: (a: Value, b: Operand, c: Operand) => Value;
};

/** Every elementwise operation by its name. */
export const elements: Elements = Object.fromEntries(
  vocabulary.map((entry) => [
    entry.name,
    (...operands: Operand[]) => elementwise(functionOf(entry), operands),
  ]),
) as unknown as Elements;
