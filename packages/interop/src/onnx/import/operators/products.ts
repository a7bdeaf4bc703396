// Products of matrices.

import { einsum, guarded, type Tensor } from "@adjoint/autograd";
import { checkSameType, type Datum } from "../datum.ts";
import { isFloatType } from "../element-types.ts";
import type { Operators } from "./operator.ts";
import { checkedInt32 } from "./whole.ts";

const exact = {
  from: 0,
  to: 2 ** 53,
  message: "a sum of products of whole numbers goes up to {}, beyond 2⁵³, where it is not exact",
};

/** A sum of products of several tensors: that of whole numbers is made in float64, in which it is exact up to 2⁵³. */
function product(operands: readonly Datum[], multiply: (...operands: Tensor[]) => Tensor): Datum {
  const first = operands[0]!;
  for (const each of operands) checkSameType(first, each);
  if (isFloatType(first.type)) return first.with(multiply(...operands.map((each) => each.tensor)));
  const wide = operands.map((each) => each.tensor.cast("float64"));
  guarded(multiply(...wide.map((each) => each.abs())), exact);
  return first.with(checkedInt32(multiply(...wide), first.type));
}

export const products: Operators = {
  Einsum: {
    since: 12,
    inputs: [1, Infinity],
    prepare(node) {
      // The engine writes an equation without spaces and with its result.
      const equation = node.string("equation").replaceAll(" ", "");
      return (operands) =>
        product(
          operands.map((each) => each!),
          (...tensors) => einsum(equation as string, ...tensors),
        );
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
        const sum = product([a!, b!], (x, y) => {
          const both = (transA ? x!.transpose() : x!).matmul(transB ? y!.transpose() : y!) as Tensor;
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
        product([a!, b!], (x, y) => x!.matmul(y!)),
  },
};
