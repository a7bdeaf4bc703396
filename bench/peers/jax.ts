// jax-js on its WebAssembly backend, each step under `jit`. One thread: Node has no global Worker for it to use.

import { type Block, block, convolutionLayers, denseLayers, labels, uniform } from "../data.ts";
import { norms, type Peer, type Ready, training } from "../protocol.ts";
import { type Algebra, scalarLoss, scalarNet } from "../scalar-net.ts";
import { BATCH, ELEMENTS, MATMUL, MLP, POINTS, RATE, WIDE, XOR } from "../workloads.ts";
import { installed, versionOf } from "./installed.ts";
import { adam, descent, type Loss, learning } from "./jax-learning.ts";
import type { A, Jax } from "./jax-types.ts";

let jax: Jax;

const make = ({ values, shape }: Block) => jax.numpy.array(values, { shape });
const integers = (seed: number, count: number, classes: number) =>
  jax.numpy.array(labels(seed, count, classes));

function forward(x: A, parameters: readonly A[], activation: (x: A) => A): A {
  let h = x;
  for (let i = 0; i < parameters.length; i += 2) {
    h = jax.numpy.matmul(h, parameters[i]!).add(parameters[i + 1]!);
    if (i + 2 < parameters.length) h = activation(h);
  }
  return h;
}

function crossEntropy(logits: A, y: A): A {
  const [batch, classes] = logits.shape as [number, number];
  // A mask, since `oneHot` takes rows of a unit matrix, which 50,000 classes have no room for, and the gradient of
  // `takeAlongAxis` fails under `jit`.
  const mask = jax.numpy.equal(jax.numpy.arange(classes), y.reshape([batch, 1]));
  const picked = jax.numpy.where(mask, logits.ref, 0).sum(1);
  return jax.nn
    .logsumexp(logits, 1)
    .sub(picked)
    .sum()
    .mul(1 / batch);
}

const digits = (batch: number): [A, A] => [make(block(1, [batch, 784])), integers(2, batch, 10)];

const digitsLoss: Loss = (parameters, x, y) => crossEntropy(forward(x, parameters, jax.nn.relu), y);

function xor(): Ready {
  const x = jax.numpy.array(Float32Array.from([0, 0, 0, 1, 1, 0, 1, 1]), { shape: [4, 2] });
  const y = jax.numpy.array(Float32Array.from([0, 1, 1, 0]), { shape: [4, 1] });
  const loss: Loss = (parameters, x, y) => {
    const z = forward(x, parameters, jax.nn.sigmoid);
    return jax.nn
      .softplus(z.ref)
      .sub(y.mul(z))
      .sum()
      .mul(1 / 4);
  };
  return learning(jax, descent(jax, denseLayers(XOR).map(make), loss, RATE.X1), x, y, RATE.X1);
}

function convolutions(): Ready {
  const layer = (x: A, kernel: A, bias: A) => {
    const channels = kernel.shape[0]!;
    const seen = jax.lax.conv(x, kernel, [1, 1], "SAME").add(bias.reshape([channels, 1, 1]));
    return jax.lax.reduceWindow(jax.nn.relu(seen), maximum, [2, 2], [2, 2]);
  };
  const maximum = (window: A) => (window as unknown as { max(): A }).max();
  const loss: Loss = (parameters, x, y) => {
    const [k1, b1, k2, b2, weight, bias] = parameters as [A, A, A, A, A, A];
    const seen = layer(layer(x.reshape([BATCH.C1, 1, 28, 28]), k1, b1), k2, b2);
    return crossEntropy(jax.numpy.matmul(seen.reshape([BATCH.C1, 784]), weight).add(bias), y);
  };
  return learning(
    jax,
    descent(jax, convolutionLayers().map(make), loss, RATE.C1),
    ...digits(BATCH.C1),
    RATE.C1,
  );
}

function product(n: number): Ready {
  const [a, b] = [make(block(1, [n, n])), make(block(2, [n, n]))];
  const multiply = jax.jit((a: A, b: A) => jax.numpy.matmul(a, b));
  return {
    // Nothing is computed before somebody asks, and reading would copy.
    step: () =>
      multiply(a.ref, b.ref)
        .blockUntilReady()
        .then((each) => each.dispose()),
    check: () => norms([multiply(a.ref, b.ref).dataSync()], "product"),
  };
}

function gelu(x: A): A {
  const inner = x.ref.add(x.ref.mul(x.ref).mul(x.ref).mul(0.044715)).mul(Math.sqrt(2 / Math.PI));
  return x.mul(0.5).mul(jax.numpy.tanh(inner).add(1));
}

function gradients(f: (xs: A[], y: A) => A, xs: A[], y: A): Ready {
  const compiled = jax.jit((xs: A[], y: A) => jax.valueAndGrad(f)(xs, y));
  return {
    step() {
      const [value, slopes] = compiled(jax.tree.ref(xs), y.ref);
      value.js();
      jax.tree.dispose(slopes);
    },
    check() {
      const [value, slopes] = compiled(jax.tree.ref(xs), y.ref);
      return { loss: value.js(), ...norms(slopes.map((each) => each.dataSync())) };
    },
  };
}

function elementwise(): Ready {
  const at = (seed: number) => jax.numpy.array(uniform(seed, ELEMENTS, 2));
  const f = ([x, w]: A[], b: A) => gelu(x!.mul(w!).add(b)).sum();
  return gradients(([x, w, b]) => f([x!, w!], b!), [at(1), at(2), at(3)], integers(2, 1, 2));
}

function wide(): Ready {
  const { batch, inputs, classes } = WIDE;
  const f = ([weight, bias, x]: A[], y: A) => crossEntropy(jax.numpy.matmul(x!, weight!).add(bias!), y);
  const first = [
    make(block(10, [inputs, classes], 0.2)),
    make(block(11, [classes], 0.1)),
    make(block(1, [batch, inputs])),
  ];
  return gradients(f, first, integers(2, batch, classes));
}

function curvature(): Ready {
  const parameters = denseLayers(MLP).map(make);
  const vector = denseLayers(MLP).map(({ shape }, i) => make(block(300 + i, shape)));
  const [x, y] = digits(BATCH.H1);
  const compiled = jax.jit((p: A[], v: A[], x: A, y: A) => {
    const [slopes, moved] = jax.jvp((p: A[]) => jax.grad(digitsLoss)(p, x.ref, y.ref), [p], [v]);
    jax.tree.dispose([slopes, x, y]);
    return moved;
  });
  const evaluate = () => compiled(jax.tree.ref(parameters), jax.tree.ref(vector), x.ref, y.ref);
  return {
    step() {
      const moved = evaluate();
      // Nothing is computed before somebody reads, and then all of it is.
      const last = moved.pop()!;
      last.dataSync();
      jax.tree.dispose(moved);
    },
    check: () =>
      norms(
        evaluate().map((each) => each.dataSync()),
        "Hv",
      ),
  };
}

/** Two points of the hundred: every number is an array here. */
function scalars(): Ready {
  const constant = (value: number) => jax.numpy.array(Float32Array.of(value)).reshape([]);
  const algebra: Algebra<A> = {
    leaf: constant,
    add: (a, b) => a.ref.add(b.ref),
    mul: (a, b) => a.ref.mul(b.ref),
    affine: (a, factor, summand) => a.ref.mul(factor).add(summand),
    relu: (a) => jax.nn.relu(a.ref),
  };
  const net = scalarNet(algebra);
  const lossOf = scalarLoss(algebra, 2);
  const step = jax.jit((parameters: A[]): [A[], A] => {
    const [value, slopes] = jax.valueAndGrad((p: A[]) => lossOf(p))(jax.tree.ref(parameters));
    return [parameters.map((each, i) => each.sub(slopes[i]!.mul(RATE.S1))), value];
  });
  let state = [...net.parameters];
  const run = () => {
    const [next, value] = step(state);
    state = next;
    return value.js();
  };
  const values = () => net.groups(state.map((each) => each.ref.js()));
  return {
    ...training(run, values, RATE.S1),
    parts: POINTS / 2,
    notes: () => [`2 points measured, times ${POINTS / 2}: every number is an array`],
  };
}

export async function start(): Promise<Peer> {
  jax = (await installed("@jax-js/jax")) as Jax;
  await jax.init("wasm");
  jax.defaultDevice("wasm");
  return {
    versions: { "@jax-js/jax": versionOf("@jax-js/jax") },
    workloads: {
      S1: scalars,
      X1: xor,
      M1: () =>
        learning(
          jax,
          descent(jax, denseLayers(MLP).map(make), digitsLoss, RATE.M1),
          ...digits(BATCH.M1),
          RATE.M1,
        ),
      M2: () =>
        learning(
          jax,
          adam(jax, denseLayers(MLP).map(make), digitsLoss, RATE.M2),
          ...digits(BATCH.M2),
          RATE.M2,
        ),
      ...Object.fromEntries(MATMUL.map((n) => [`G1-${n}`, () => product(n)])),
      E1: elementwise,
      K1: wide,
      H1: curvature,
      C1: convolutions,
    },
  };
}
