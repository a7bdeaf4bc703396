// The project before its own laboratory: every activation, layer and transform, and the tensor's compositions, to order two. A
// new activation is attacked by being exported; losses are in test/nn/losses/.

import {
  type Activation,
  averagePool,
  convolution,
  einsum,
  grad,
  hessian,
  hvp,
  jacobian,
  jvp,
  maxPool,
  normal,
  randomKey,
  type Tensor,
  tensor,
  valueAndGrad,
  vjp,
  where,
} from "@adjoint/autograd";
import { checkActivation, checkGradients } from "@adjoint/autograd/check";
import * as nn from "@adjoint/nn";
import { describe, expect, test } from "vitest";

type DType = "float32" | "float64";
/** Numbers that don't repeat, of size 1. */
const draw = (shape: number[], seed: number, dtype: DType = "float64") =>
  normal(randomKey(seed), shape, { dtype }) as Tensor;
function expectRight(f: (...inputs: never[]) => unknown, inputs: readonly unknown[]): void {
  const report = checkGradients(f, inputs, { order: 2 });
  // As text, so that a failure tells everything.
  expect(report.verdict === "right" ? "right" : report.toString()).toBe("right");
}

const isActivation = (value: unknown): value is Activation =>
  typeof value === "function" && "kinks" in value && "psi" in value;
const activations = Object.entries(nn).filter((entry): entry is [string, Activation] =>
  isActivation(entry[1]),
);

describe("activation", () => {
  test.each(activations)("%s says nothing of itself that is not true", (_name, phi) => {
    const report = checkActivation(phi);
    expect(report.verdict === "right" ? "right" : report.toString()).toBe("right");
  });

  test.each([nn.softmax, nn.logSoftmax].map((phi) => [phi.name, phi] as const))("%s", (_name, phi) => {
    expectRight((x: Tensor) => phi(x), [draw([2, 3], 1, "float32")]);
  });
});

/** A layer with other tensors in its variables' places: derivatives with respect to them then need no assignment. */
function withParameters<L extends nn.Layer>(layer: L, fields: Record<string, unknown>): L {
  const descriptors = Object.entries(fields).map(([name, value]) => [name, { value, enumerable: true }]);
  return Object.create(layer, Object.fromEntries(descriptors) as PropertyDescriptorMap) as L;
}

describe("layer", () => {
  test.each(activations)("dense with %s, in its input, weight and bias", (_name, activation) => {
    const layer = nn.dense(3, 2, { activation, dtype: "float64", key: randomKey(0) });
    expectRight(
      (x: Tensor, weight: Tensor, bias: Tensor) =>
        withParameters(layer, { weight, bias }).forward(x as never),
      [draw([2, 3], 1), draw([3, 2], 2), draw([2], 3)],
    );
  });

  test("dense without a bias, on a single sample, in both types", () => {
    const layer = nn.dense(3, 2, { bias: false, activation: nn.tanh, dtype: "float64", key: randomKey(0) });
    expectRight(
      (x: Tensor, weight: Tensor) => withParameters(layer, { weight }).forward(x as never),
      [draw([3], 1, "float32"), draw([3, 2], 2, "float32")],
    );
  });

  test("sequential and mlp, in all parameters", () => {
    const model = nn.mlp([2, 3, 1], {
      activation: nn.tanh,
      outputActivation: nn.logistic,
      dtype: "float64",
      key: randomKey(0),
    });
    const parameters = nn.variables(model);
    const names = Object.keys(parameters);
    const f = (x: Tensor, given: Record<string, Tensor>) => {
      const layers = [...model].map((layer, i) =>
        withParameters(layer, { weight: given[`${i}.weight`], bias: given[`${i}.bias`] }),
      );
      return nn.sequential(...layers).forward(x);
    };
    const point = Object.fromEntries(
      names.map((name, i) => [name, draw([...parameters[name]!.shape], i + 5)]),
    );
    expectRight(f, [draw([4, 2], 1), point]);
  });
});

/** A function with curvature in every direction, of one number. */
const bowl = (x: Tensor) => x.mul(x.sin()).sum().add(x.square().mean().exp()) as Tensor;
const field = (x: Tensor) => x.tanh().mul(x.sum()) as Tensor;
const x3 = draw([3], 7);
const v3 = draw([3], 8);

describe("transform", () => {
  const transforms: Record<string, (x: Tensor) => unknown> = {
    grad: (x) => grad(bowl)(x),
    valueAndGrad: (x) => valueAndGrad(bowl)(x),
    vjp: (x) => {
      const { value, pullback } = vjp(field, x);
      return [value, pullback(v3)];
    },
    jvp: (x) => jvp(field, x, v3),
    "jacobian, reverse": (x) => jacobian(field, { mode: "reverse" })(x),
    "jacobian, forward": (x) => jacobian(field, { mode: "forward" })(x),
    "hessian, forward over reverse": (x) => hessian(bowl)(x),
    "hessian, reverse over reverse": (x) => hessian(bowl, { mode: "reverse" })(x),
    hvp: (x) => hvp(bowl, x, v3),
    "grad of grad": (x) => grad((t: Tensor) => grad(bowl)(t).square().sum() as Tensor)(x),
  };
  test.each(Object.entries(transforms))("%s inside a function", (_name, f) => {
    expectRight(f as never, [x3]);
  });

  test("the tangent and the cotangent are inputs like others", () => {
    expectRight((x: Tensor, v: Tensor) => jvp(field, x, v), [x3, v3]);
    expectRight((x: Tensor, u: Tensor) => vjp(field, x).pullback(u), [x3, v3]);
    expectRight((x: Tensor, v: Tensor) => hvp(bowl, x, v), [x3, v3]);
  });
});

const x23 = draw([2, 3], 11);
const image = draw([1, 2, 4, 4], 12);
const kernel = draw([2, 2, 2, 2], 13);
const picks = tensor([2, 0, 2], { dtype: "int32" }) as Tensor;
/** Where each has its derivatives, beside its name and what it does. */
const methods: Record<string, [f: (...inputs: never[]) => unknown, ...inputs: Tensor[]]> = {
  softmax: [(x: Tensor) => x.softmax({ axis: 0 }), x23],
  logSoftmax: [(x: Tensor) => x.logSoftmax(), x23],
  logSumExp: [(x: Tensor) => x.logSumExp({ axis: 1, keepDims: true }), x23],
  "logSumExp of far numbers": [(x: Tensor) => x.mul(300).logSumExp(), x23],
  mean: [(x: Tensor) => x.mean({ axis: 0 }), x23],
  variance: [(x: Tensor) => x.variance({ axis: 1 }), x23],
  prod: [(x: Tensor) => x.prod({ axis: 1 }), x23],
  "prod with zeros": [(x: Tensor) => x.prod(), tensor([2, 0, 3, 0], { dtype: "float64" }) as Tensor],
  max: [(x: Tensor) => x.max({ axis: 1 }), x23],
  min: [(x: Tensor) => x.min(), x23],
  sort: [(x: Tensor) => x.sort({ descending: true }), x23],
  topK: [(x: Tensor) => x.topK(2).values, x23],
  cumsum: [(x: Tensor) => x.cumsum({ axis: 1, reverse: true }).square(), x23],
  convolution: [(x: Tensor, k: Tensor) => convolution(x, k, { padding: 1, strides: 2 }), image, kernel],
  maxPool: [(x: Tensor) => maxPool(x, 2), image],
  averagePool: [(x: Tensor) => averagePool(x, 2, { padding: "same" }), image],
  einsum: [(a: Tensor, b: Tensor) => einsum("ij,kj->ik", a, b), x23, draw([2, 3], 14)],
  gather: [(x: Tensor) => x.gather(picks, { axis: 1 }).square(), x23],
  pad: [(x: Tensor) => x.pad([1, [0, 2]], { value: 2 }).square(), x23],
  where: [(a: Tensor, b: Tensor) => where(a.greater(b), a.square(), b.exp()), x23, draw([2, 3], 15)],
  clip: [(x: Tensor) => x.clip(-0.7, 0.7).mul(x), x23],
  matmul: [(a: Tensor, b: Tensor) => a.matmul(b.transpose()), x23, draw([2, 3], 16)],
};

test.each(Object.entries(methods))("tensor method: %s", (_name, [f, ...inputs]) => {
  expectRight(f, inputs);
});
