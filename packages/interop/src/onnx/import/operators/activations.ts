// Activation functions, each with the standard's attributes.

import { oneHot, type Tensor, where } from "@adjoint/autograd";
import { type Datum, floats } from "../datum.ts";
import type { NodeReader } from "../node-reader.ts";
import { axisOf, elementwise, type Operator, type Operators } from "./operator.ts";

/** An activation with attributes: floats with standard values. */
const withFloats = <const Name extends string>(
  since: number,
  standards: Readonly<Record<Name, number>>,
  f: (x: Tensor, settings: Readonly<Record<Name, number>>) => Tensor,
): Operator => ({
  since,
  inputs: [1, 1],
  prepare(node) {
    const settings = Object.fromEntries(
      Object.entries<number>(standards).map(([name, standard]) => [name, node.float(name, standard)]),
    ) as Record<Name, number>;
    return ([x]) => x!.with(f(x!.tensor, settings));
  },
});

/** alpha·(eˣ − 1) below 0, scaled, and x above it. */
const exponentialBelow = (x: Tensor, alpha: number, scale = 1): Tensor =>
  where(x.greater(0), x, x.minimum(0).expm1().mul(alpha)).mul(scale);

/** Before version 13 an axis splits the shape in two, and the function is over all that lies behind it. */
const overAxis = (since: number, f: (x: Tensor, axis: number) => Tensor): Operator => ({
  since,
  inputs: [1, 1],
  prepare(node) {
    const axis = node.int("axis", node.opset >= 13 ? -1 : 1);
    return ([x]) => overAxes(node, x!, axis, f);
  },
});

function overAxes(node: NodeReader, x: Datum, axis: number, f: (x: Tensor, axis: number) => Tensor): Datum {
  const from = axis === x.rank && node.opset < 13 ? axis : axisOf(node, axis, x.rank);
  const operand = floats(x, "the input");
  if (node.opset >= 13) return x.with(f(operand, from));
  const behind = x.shape.slice(from).reduce((product, n) => product * n, 1);
  return x.with(f(operand.reshape([-1, behind]), 1).reshape(x.shape));
}

/** 1 at the first largest element along an axis, else 0. */
function hardmax(x: Tensor, axis: number): Tensor {
  return oneHot(x.argmax({ axis }), x.shape[axis]!, { dtype: x.dtype }).moveAxis(-1, axis);
}

const SELU_ALPHA = 1.6732632423543772;
const SELU_GAMMA = 1.0507009873554805;
const CUBIC = 0.044715;

export const activations: Operators = {
  Celu: withFloats(12, { alpha: 1 }, (x, { alpha }) =>
    x.maximum(0).add(x.minimum(0).div(alpha).expm1().mul(alpha)),
  ),
  Elu: withFloats(6, { alpha: 1 }, (x, { alpha }) => exponentialBelow(x, alpha)),
  Gelu: {
    since: 20,
    inputs: [1, 1],
    prepare(node) {
      const isTanh = node.oneOf("approximate", ["none", "tanh"], "none") === "tanh";
      return ([x]) => {
        const own = x!.tensor;
        const inner = isTanh
          ? own
              .add(own.pow(3).mul(CUBIC))
              .mul(Math.sqrt(2 / Math.PI))
              .tanh()
          : own.mul(Math.SQRT1_2).erf();
        return x!.with(own.mul(0.5).mul(inner.add(1)));
      };
    },
  },
  HardSigmoid: withFloats(6, { alpha: 0.2, beta: 0.5 }, (x, { alpha, beta }) =>
    x.mul(alpha).add(beta).clip(0, 1),
  ),
  HardSwish: elementwise(14, (x) => x.mul(x.div(6).add(0.5).clip(0, 1))),
  Hardmax: overAxis(1, hardmax),
  LeakyRelu: withFloats(6, { alpha: 0.01 }, (x, { alpha }) => where(x.less(0), x.mul(alpha), x)),
  LogSoftmax: overAxis(1, (x, axis) => x.logSoftmax({ axis })),
  Mish: elementwise(18, (x) => x.mul(x.softplus().tanh())),
  PRelu: {
    since: 7,
    inputs: [2, 2],
    prepare:
      () =>
      ([x, slope]) =>
        x!.with(where(x!.tensor.less(0), x!.tensor.mul(slope!.tensor), x!.tensor)),
  },
  Relu: elementwise(6, (x) => x.relu()),
  Selu: withFloats(6, { alpha: SELU_ALPHA, gamma: SELU_GAMMA }, (x, { alpha, gamma }) =>
    exponentialBelow(x, alpha, gamma),
  ),
  Shrink: withFloats(9, { bias: 0, lambd: 0.5 }, (x, { bias, lambd }) => {
    const above = where(x.greater(lambd), x.sub(bias), 0);
    return where(x.less(-lambd), x.add(bias), above);
  }),
  Sigmoid: elementwise(6, (x) => x.logistic()),
  Softmax: overAxis(1, (x, axis) => x.softmax({ axis })),
  Softplus: elementwise(1, (x) => x.softplus()),
  Softsign: elementwise(1, (x) => x.div(x.abs().add(1))),
  Swish: withFloats(24, { alpha: 1 }, (x, { alpha }) => x.mul(x.mul(alpha).logistic())),
  ThresholdedRelu: withFloats(10, { alpha: 1 }, (x, { alpha }) => where(x.greater(alpha), x, 0)),
};
