// TensorFlow.js on its WebAssembly backend, one thread.

import { type Block, block, convolutionLayers, denseLayers, labels, uniform } from "../data.ts";
import { norms, type Peer, type Ready, training } from "../protocol.ts";
import { type Algebra, scalarLoss, scalarNet } from "../scalar-net.ts";
import { BATCH, ELEMENTS, MATMUL, MLP, POINTS, RATE, WIDE, XOR } from "../workloads.ts";
import { installed, versionOf } from "./installed.ts";
import type { Info, T, TF } from "./tfjs-types.ts";

// The node bundle of tfjs-core has no gradients; the whole package registers them.
const PACKAGES = ["@tensorflow/tfjs", "@tensorflow/tfjs-backend-wasm"];

let tf: TF;
/** Kernels of the cpu backend that were called. */
const borrowed = new Set<string>();

/**
 * Kernels that the wasm backend lacks, from the cpu backend: operands are copied there and results back, which costs
 * little beside what plain JavaScript takes.
 */
function borrowKernels(): void {
  const present = new Set(tf.getKernelsForBackend("wasm").map(({ kernelName }) => kernelName));
  const cpu = tf.findBackend("cpu");
  const move = (info: Info, from: typeof cpu, to: typeof cpu): Info => ({
    ...info,
    dataId: to.write(from.readSync(info.dataId), info.shape, info.dtype),
  });
  for (const { kernelName, kernelFunc } of tf.getKernelsForBackend("cpu")) {
    if (present.has(kernelName)) continue;
    tf.registerKernel({
      kernelName,
      backendName: "wasm",
      kernelFunc({ inputs, backend, attrs }) {
        borrowed.add(kernelName);
        const there = Object.fromEntries(
          Object.entries(inputs).map(([key, info]) => [key, move(info, backend, cpu)]),
        );
        const results = [kernelFunc({ inputs: there, backend: cpu, attrs })].flat();
        const back = results.map((info) => move(info, cpu, backend));
        for (const { dataId } of [...Object.values(there), ...results]) cpu.disposeData(dataId, true);
        return back.length === 1 ? back[0]! : back;
      },
    });
  }
}

const make = ({ values, shape }: Block) => tf.tensor(values, shape);
const integers = (seed: number, count: number, classes: number) =>
  tf.tensor(labels(seed, count, classes), [count], "int32");
// Read at once: the tensor may be disposed of before the numbers are used.
const elements = (each: T) => each.dataSync().slice();

function forward(x: T, parameters: readonly T[], activation: (x: T) => T): T {
  let h = x;
  for (let i = 0; i < parameters.length; i += 2) {
    h = tf.add(tf.matMul(h, parameters[i]!), parameters[i + 1]!);
    if (i + 2 < parameters.length) h = activation(h);
  }
  return h;
}

// Integer labels become rows of 0 and 1: the only cross-entropy there is takes those.
const crossEntropy = (logits: T, y: T, classes: number) =>
  tf.losses.softmaxCrossEntropy(tf.oneHot(y, classes), logits);

function learning(
  parameters: readonly T[],
  optimizer: ReturnType<TF["train"]["sgd"]>,
  loss: () => T,
  rate: number,
): Ready {
  borrowed.clear();
  const step = () => {
    const cost = tf.tidy(() => optimizer.minimize(loss, true, parameters));
    const [value] = cost.dataSync();
    cost.dispose();
    return value!;
  };
  return {
    ...training(step, () => parameters.map(elements), rate),
    notes: () => [...borrowed].map((name) => `${name} by the cpu backend, the wasm backend has none`),
  };
}

const digits = (batch: number): [T, T] => [make(block(1, [batch, 784])), integers(2, batch, 10)];
const variables = (blocks: readonly Block[]) => blocks.map((each) => tf.variable(make(each)));

function xor(): Ready {
  const parameters = variables(denseLayers(XOR));
  const x = tf.tensor([0, 0, 0, 1, 1, 0, 1, 1], [4, 2]);
  const y = tf.tensor([0, 1, 1, 0], [4, 1]);
  const loss = () => tf.losses.sigmoidCrossEntropy(y, forward(x, parameters, tf.sigmoid));
  return learning(parameters, tf.train.sgd(RATE.X1), loss, RATE.X1);
}

function digitsMlp(batch: number, optimizer: ReturnType<TF["train"]["sgd"]>, rate: number): Ready {
  const parameters = variables(denseLayers(MLP));
  const [x, y] = digits(batch);
  return learning(parameters, optimizer, () => crossEntropy(forward(x, parameters, tf.relu), y, 10), rate);
}

/** Channels come last here: kernels and the dense layer's rows are put in that order. */
function convolutions(): Ready {
  const [k1, b1, k2, b2, weight, bias] = convolutionLayers().map(make) as [T, T, T, T, T, T];
  const rows = tf.reshape(tf.transpose(tf.reshape(weight, [16, 7, 7, 10]), [1, 2, 0, 3]), [784, 10]);
  const kernel = (k: T) => tf.transpose(k, [2, 3, 1, 0]);
  const parameters = [kernel(k1), b1, kernel(k2), b2, rows, bias].map((each) => tf.variable(each));
  const [x, y] = digits(BATCH.C1);
  const images = tf.reshape(x, [BATCH.C1, 28, 28, 1]);
  const layer = (x: T, kernel: T, bias: T) =>
    tf.maxPool(tf.relu(tf.add(tf.conv2d(x, kernel, 1, "same"), bias)), 2, 2, "valid");
  const loss = () => {
    const [k1, b1, k2, b2, weight, bias] = parameters as [T, T, T, T, T, T];
    const seen = tf.reshape(layer(layer(images, k1, b1), k2, b2), [BATCH.C1, 784]);
    return crossEntropy(tf.add(tf.matMul(seen, weight), bias), y, 10);
  };
  return learning(parameters, tf.train.sgd(RATE.C1), loss, RATE.C1);
}

function product(n: number): Ready {
  const [a, b] = [make(block(1, [n, n])), make(block(2, [n, n]))];
  return {
    step: () => tf.matMul(a, b).dispose(),
    check: () => norms([elements(tf.matMul(a, b))], "product"),
  };
}

function gelu(x: T): T {
  const cube = tf.mul(tf.mul(x, x), x);
  const inner = tf.mul(tf.add(x, tf.mul(cube, 0.044715)), Math.sqrt(2 / Math.PI));
  return tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(inner), tf.scalar(1)));
}

function gradients(f: (...xs: T[]) => T, xs: readonly T[]): Ready {
  const differentiate = tf.valueAndGrads(f);
  const evaluate = <R>(read: (value: number, grads: T[]) => R): R => {
    const { value, grads } = tf.tidy(() => differentiate(xs));
    const result = read(value.dataSync()[0]!, grads);
    tf.dispose([value, ...grads]);
    return result;
  };
  return {
    step: () => evaluate((value) => value),
    check: () => evaluate((loss, grads) => ({ loss, ...norms(grads.map(elements)) })),
  };
}

function elementwise(): Ready {
  const at = (seed: number) => tf.tensor(uniform(seed, ELEMENTS, 2));
  return gradients((x, w, b) => tf.sum(gelu(tf.add(tf.mul(x!, w!), b!))), [at(1), at(2), at(3)]);
}

function wide(): Ready {
  const { batch, inputs, classes } = WIDE;
  const y = integers(2, batch, classes);
  return gradients(
    (weight, bias, x) => crossEntropy(tf.add(tf.matMul(x!, weight!), bias!), y, classes),
    [
      make(block(10, [inputs, classes], 0.2)),
      make(block(11, [classes], 0.1)),
      make(block(1, [batch, inputs])),
    ],
  );
}

/**
 * Of operations that can be differentiated twice: softmaxCrossEntropy and the maximum in logSumExp can't, and the
 * gradient of exp takes its output for a constant, where expm1 computes it from its input.
 */
function plainCrossEntropy(logits: T, y: T, classes: number): T {
  const picked = tf.sum(tf.mul(tf.oneHot(y, classes), logits), 1);
  return tf.mean(tf.sub(tf.log(tf.sum(tf.add(tf.expm1(logits), tf.scalar(1)), 1)), picked));
}

/** There is no forward mode: the gradient of the gradient's product with the vector. */
function curvature(): Ready {
  const parameters = denseLayers(MLP).map(make);
  const vector = denseLayers(MLP).map(({ shape }, i) => make(block(300 + i, shape)));
  const [x, y] = digits(BATCH.H1);
  const slope = tf.grads((...p) => plainCrossEntropy(forward(x, p, tf.relu), y, 10));
  const along = tf.grads((...p) => tf.addN(slope(p).map((each, i) => tf.sum(tf.mul(each, vector[i]!)))));
  const evaluate = () => tf.tidy(() => along(parameters));
  return {
    step: () => tf.dispose(evaluate()),
    check: () => norms(evaluate().map(elements), "Hv"),
    notes: () => [
      "reverse over reverse, there is no forward mode; cross-entropy by way of expm1, since softmaxCrossEntropy, max and exp can't be differentiated twice",
    ],
  };
}

/** Two points of the hundred: every number is a tensor here. */
function scalars(): Ready {
  const algebra: Algebra<T> = {
    leaf: (value) => tf.scalar(value),
    add: (a, b) => tf.add(a, b),
    mul: (a, b) => tf.mul(a, b),
    affine: (a, factor, summand) => tf.add(tf.mul(a, tf.scalar(factor)), tf.scalar(summand)),
    relu: (a) => tf.relu(a),
  };
  const net = scalarNet({ ...algebra, leaf: (value) => tf.variable(tf.scalar(value)) });
  const lossOf = scalarLoss(algebra, 2);
  const ready = learning(net.parameters, tf.train.sgd(RATE.S1), () => lossOf(net.parameters), RATE.S1);
  const values = () => net.groups(net.parameters.map((each) => each.dataSync()[0]!));
  return {
    ...training(ready.step as () => number, values, RATE.S1),
    parts: POINTS / 2,
    notes: () => [`2 points measured, times ${POINTS / 2}: every number is a tensor`],
  };
}

export async function start(): Promise<Peer> {
  const modules = await Promise.all(PACKAGES.map(installed));
  tf = modules[0] as TF;
  tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
  await tf.setBackend("wasm");
  await tf.ready();
  borrowKernels();
  return {
    versions: Object.fromEntries(PACKAGES.map((name) => [name, versionOf(name)])),
    workloads: {
      S1: scalars,
      X1: xor,
      M1: () => digitsMlp(BATCH.M1, tf.train.sgd(RATE.M1), RATE.M1),
      M2: () => digitsMlp(BATCH.M2, tf.train.adam(RATE.M2, 0.9, 0.999, 1e-8), RATE.M2),
      ...Object.fromEntries(MATMUL.map((n) => [`G1-${n}`, () => product(n)])),
      E1: elementwise,
      K1: wide,
      H1: curvature,
      C1: convolutions,
    },
  };
}
