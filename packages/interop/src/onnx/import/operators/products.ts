// Products of matrices.

import { einsum, type Tensor } from "@adjoint/autograd";
import { checkSameType, type Datum } from "../datum.ts";
import { isFloatType } from "../element-types.ts";
import type { Operators } from "./operator.ts";
import { checkedInt32 } from "./whole.ts";

/** A product of tensors: whole numbers are multiplied as float64, in which sums that fit into int32 are exact. */
function product(a: Datum, b: Datum, multiply: (a: Tensor, b: Tensor) => Tensor): Datum {
  checkSameType(a, b);
  return isFloatType(a.type)
    ? a.with(multiply(a.tensor, b.tensor))
    : a.with(checkedInt32(multiply(a.tensor.cast("float64"), b.tensor.cast("float64"))));
}

export const products: Operators = {
  Einsum: {
    since: 12,
    inputs: [1, Infinity],
    prepare(node) {
      // The engine writes an equation without spaces and with its result.
      const equation = node.string("equation").replaceAll(" ", "");
      return (operands) => {
        const [first] = operands;
        for (const each of operands) checkSameType(first!, each!);
        if (!isFloatType(first!.type)) {
          const all = operands.map((each) => each!.tensor.cast("float64"));
          return first!.with(checkedInt32(einsum(equation as string, ...all)));
        }
        return first!.with(einsum(equation as string, ...operands.map((each) => each!.tensor)));
      };
    },
  },
  Gemm: {
    since: 7,
    inputs: [2, 3],
    prepare(node) {
      const [alpha, beta] = [node.float("alpha", 1), node.float("beta", 1)];
      const [transA, transB] = [node.flag("transA"), node.flag("transB")];
      if (node.opset < 11 && node.inputs < 3)
        node.refuse("it has no C, which may be left out from version 11 on");
      return ([a, b, c]) => {
        if (a!.rank !== 2 || b!.rank !== 2)
          node.refuse(`A and B have ${a!.rank} and ${b!.rank} axes and must be matrices`);
        const sum = product(a!, b!, (x, y) => {
          const both = (transA ? x.transpose() : x).matmul(transB ? y.transpose() : y) as Tensor;
          return alpha === 1 ? both : both.mul(alpha);
        });
        if (c === undefined) return sum;
        checkSameType(sum, c);
        return sum.with(sum.tensor.add(beta === 1 ? c.tensor : c.tensor.mul(beta)));
      };
    },
  },
  MatMul: {
    since: 1,
    inputs: [2, 2],
    prepare:
      () =>
      ([a, b]) =>
        product(a!, b!, (x, y) => x.matmul(y)),
  },
};
