// Adjoint, as its users write it; `compiled` wraps each step in `compile`, and nothing else.

import * as autograd from "@adjoint/autograd";
import {
  activation,
  convolution,
  hvp,
  maxPool,
  randomKey,
  type Scalar,
  scalar,
  type Tensor,
  tensor,
  type Variable,
  valueAndGrad,
  variable,
  zeros,
} from "@adjoint/autograd";
import {
  adam,
  crossEntropy,
  linear,
  logistic,
  mlp,
  negLogLossWithLogits,
  type Optimizer,
  relu,
  sgd,
  variables,
} from "@adjoint/nn";
import { type Block, block, convolutionLayers, denseLayers, labels, uniform } from "../data.ts";
import { norms, type Peer, type Ready, training } from "../protocol.ts";
import { type Algebra, scalarLoss, scalarNet } from "../scalar-net.ts";
import { BATCH, ELEMENTS, MATMUL, MLP, POINTS, RATE, WIDE, XOR } from "../workloads.ts";

/** Gives a function with the signature of the one it is given. */
export type Wrap = <F extends (...args: never[]) => unknown>(f: F) => F;

const make = ({ values, shape }: Block) => tensor(values, { shape }) as Tensor;
const integers = (seed: number, count: number, classes: number) =>
  tensor(labels(seed, count, classes)) as Tensor;
const elements = (each: Tensor) => each.data as Float32Array;

const geluTanh = activation("geluTanh", (x) =>
  x.mul(0.5).mul(
    x
      .add(x.mul(x).mul(x).mul(0.044715))
      .mul(Math.sqrt(2 / Math.PI))
      .tanh()
      .add(1),
  ),
);

/** One step of an optimizer on a batch that stays the same. */
function learning(
  wrap: Wrap,
  model: object,
  optimizer: Optimizer,
  loss: (x: Tensor, y: Tensor) => Tensor,
  [x, y]: [Tensor, Tensor],
  rate: number,
): Ready {
  const all = variables(model);
  const step = wrap((x: Tensor, y: Tensor) => optimizer.minimize(() => loss(x, y), all));
  return training(
    () => step(x, y).item(),
    () => Object.values(all).map((each) => elements(each.value)),
    rate,
  );
}

function perceptron(widths: readonly number[], activation = relu) {
  const model = mlp(widths, { activation, outputActivation: linear, key: randomKey(0) });
  const first = denseLayers(widths);
  Object.values(variables(model)).forEach((each, i) => {
    each.assign(make(first[i]!));
  });
  return model;
}

const digits = (batch: number): [Tensor, Tensor] => [make(block(1, [batch, 784])), integers(2, batch, 10)];

function xor(wrap: Wrap): Ready {
  const model = perceptron(XOR, logistic);
  const x = tensor([0, 0, 0, 1, 1, 0, 1, 1].map(Number)).reshape([4, 2]) as Tensor;
  const y = tensor([[0], [1], [1], [0]]) as Tensor;
  const loss = (x: Tensor, y: Tensor) => negLogLossWithLogits(model.forward(x), y);
  return learning(wrap, model, sgd({ learningRate: RATE.X1 }), loss, [x, y], RATE.X1);
}

function digitsMlp(wrap: Wrap, batch: number, optimizer: Optimizer, rate: number): Ready {
  const model = perceptron(MLP);
  const loss = (x: Tensor, y: Tensor) => crossEntropy(model.forward(x), y);
  return learning(wrap, model, optimizer, loss, digits(batch), rate);
}

function convolutions(wrap: Wrap): Ready {
  const model = convolutionLayers().map((each) => variable(make(each))) as Variable[];
  const [k1, b1, k2, b2, weight, bias] = model as unknown as [Tensor, Tensor, Tensor, Tensor, Tensor, Tensor];
  const layer = (x: Tensor, kernel: Tensor, bias: Tensor) =>
    maxPool(
      relu(convolution(x, kernel, { padding: "same" }).add(bias.reshape([bias.size, 1, 1]) as Tensor)),
      2,
    );
  const loss = (x: Tensor, y: Tensor) => {
    const seen = layer(layer(x, k1, b1), k2, b2).reshape([BATCH.C1, 784]) as Tensor;
    return crossEntropy((seen.matmul(weight) as Tensor).add(bias), y);
  };
  const [x, y] = digits(BATCH.C1);
  const images = x.reshape([BATCH.C1, 1, 28, 28]) as Tensor;
  return learning(wrap, model, sgd({ learningRate: RATE.C1 }), loss, [images, y], RATE.C1);
}

function product(wrap: Wrap, n: number): Ready {
  const [a, b] = [make(block(1, [n, n])), make(block(2, [n, n]))];
  const kept = keep([a]);
  const multiply = wrap((a: Tensor, b: Tensor) => assignAll(kept, [a.matmul(b) as Tensor]));
  return {
    step: () => multiply(a, b),
    check() {
      multiply(a, b);
      return norms(kept.map(elements), "product");
    },
  };
}

/**
 * Variables for tensors to be kept in. What a program leaves in variables stays in its memory until it is read, as the
 * other engines keep their results; what it returns is copied out for every call.
 */
const keep = (like: readonly Tensor[]) =>
  like.map((each) => variable(zeros(each.shape, { dtype: each.dtype })) as Variable);

const assignAll = (kept: readonly Variable[], values: readonly Tensor[]) => {
  kept.forEach((each, i) => {
    each.assign(values[i]!);
  });
};

function elementwise(wrap: Wrap): Ready {
  const at = (seed: number) => tensor(uniform(seed, ELEMENTS, 2)) as Tensor;
  const point = { x: at(1), w: at(2), b: at(3) };
  const kept = keep(Object.values(point));
  const evaluate = valueAndGrad(
    ({ x, w, b }: typeof point) => geluTanh(x.mul(w).add(b) as Tensor).sum() as Tensor,
  );
  const f = wrap((at: typeof point) => {
    const { value, gradient } = evaluate(at);
    assignAll(kept, Object.values(gradient));
    return value;
  });
  return {
    step: () => f(point).item(),
    check: () => ({ loss: f(point).item(), ...norms(kept.map(elements)) }),
  };
}

function wide(wrap: Wrap): Ready {
  const { batch, inputs, classes } = WIDE;
  const point = {
    weight: make(block(10, [inputs, classes], 0.2)),
    bias: make(block(11, [classes], 0.1)),
    x: make(block(1, [batch, inputs])),
  };
  const y = integers(2, batch, classes);
  const kept = keep(Object.values(point));
  const evaluate = valueAndGrad(({ weight, bias, x }: typeof point, y: Tensor) =>
    crossEntropy((x.matmul(weight) as Tensor).add(bias), y),
  );
  const f = wrap((at: typeof point, y: Tensor) => {
    const { value, gradient } = evaluate(at, y);
    assignAll(kept, Object.values(gradient));
    return value;
  });
  return {
    step: () => f(point, y).item(),
    check: () => ({ loss: f(point, y).item(), ...norms(kept.map(elements)) }),
  };
}

function curvature(wrap: Wrap): Ready {
  const parameters = denseLayers(MLP).map(make);
  const vector = denseLayers(MLP).map(({ shape }, i) => make(block(300 + i, shape)));
  const [x, y] = digits(BATCH.H1);
  const loss = (parameters: readonly Tensor[], x: Tensor, y: Tensor) => {
    let h = x;
    for (let i = 0; i < parameters.length; i += 2) {
      h = (h.matmul(parameters[i]!) as Tensor).add(parameters[i + 1]!);
      if (i + 2 < parameters.length) h = relu(h);
    }
    return crossEntropy(h, y);
  };
  const kept = keep(parameters);
  const product = wrap((p: Tensor[], v: Tensor[], x: Tensor, y: Tensor) =>
    assignAll(
      kept,
      hvp((p: Tensor[]) => loss(p, x, y), p, v),
    ),
  );
  return {
    step: () => product(parameters, vector, x, y),
    check() {
      product(parameters, vector, x, y);
      return norms(kept.map(elements), "Hv");
    },
  };
}

const numbers: Algebra<Scalar> = {
  leaf: scalar,
  add: (a, b) => a.add(b),
  mul: (a, b) => a.mul(b),
  affine: (a, factor, summand) => (summand === 0 ? a.mul(factor) : a.mul(factor).add(summand)),
  relu: (a) => a.relu(),
};

function scalars(wrap: Wrap): Ready {
  const net = scalarNet(numbers);
  const stepOn = (points: number) => {
    const lossOf = scalarLoss(numbers, points);
    const lossAndGradient = wrap(() => {
      const loss = lossOf(net.parameters);
      loss.backward();
      return loss;
    });
    return () => {
      const loss = lossAndGradient();
      for (const parameter of net.parameters) parameter.assign(parameter.value - RATE.S1 * parameter.grad);
      return loss.value;
    };
  };
  const values = () => net.groups(net.parameters.map(({ value }) => value));
  return { ...training(stepOn(2), values, RATE.S1), step: stepOn(POINTS) };
}

export function peerWith(wrap: Wrap): Peer {
  return {
    versions: {},
    workloads: {
      S1: () => scalars(wrap),
      X1: () => xor(wrap),
      M1: () => digitsMlp(wrap, BATCH.M1, sgd({ learningRate: RATE.M1 }), RATE.M1),
      M2: () => digitsMlp(wrap, BATCH.M2, adam({ learningRate: RATE.M2 }), RATE.M2),
      ...Object.fromEntries(MATMUL.map((n) => [`G1-${n}`, () => product(wrap, n)])),
      E1: () => elementwise(wrap),
      K1: () => wide(wrap),
      H1: () => curvature(wrap),
      C1: () => convolutions(wrap),
    },
  };
}

/** `compile`, where the package has it. */
export const compileOf = (): Wrap | undefined => (autograd as { compile?: Wrap }).compile;
