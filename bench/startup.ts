// T0: a fresh process, from its start to its end, that prints one gradient of a small network. Wall clock, seen from
// outside; on plain node, as users would run it.

import { spawnSync } from "node:child_process";
import { best, median } from "./measure.ts";
import { type Machine, type PeerName, snippet } from "./peers.ts";

const values = "const values = (n) => Float32Array.from({ length: n }, (_, i) => Math.sin(i + 1) / 2);";
const adjoint = (wrapped: string) => `
  import * as autograd from "@adjoint/autograd";
  const { compile, grad, tensor } = autograd;
  if (${wrapped.includes("compile")} && compile === undefined) throw new Error("@adjoint/autograd has no compile yet");
  ${values}
  const of = (...shape) => tensor(values(shape[0] * shape[1]), { shape });
  const slope = ${wrapped}(({ a, b }, x) => x.matmul(a).tanh().matmul(b).square().sum()));
  const { a } = slope({ a: of(4, 8), b: of(8, 1) }, of(2, 4));
  console.log(JSON.stringify([...a.data]));`;

/** What users write, a peer each; all print the same numbers. */
const PROGRAMS: Partial<Record<PeerName, string>> = {
  compiled: adjoint("(f => compile(grad(f)))("),
  eager: adjoint("(f => grad(f))("),
  tfjs: `
    import * as tf from "@tensorflow/tfjs";
    import "@tensorflow/tfjs-backend-wasm";
    console.log = console.info = console.warn = () => {};
    await tf.setBackend("wasm");
    await tf.ready();
    ${values}
    const of = (...shape) => tf.tensor(values(shape[0] * shape[1]), shape);
    const slope = tf.grads((a, b, x) => x.matMul(a).tanh().matMul(b).square().sum());
    const [a] = slope([of(4, 8), of(8, 1), of(2, 4)]);
    process.stdout.write(JSON.stringify([...a.dataSync()]));`,
  jax: `
    import { grad, init, jit, numpy as np } from "@jax-js/jax";
    await init("wasm");
    ${values}
    const of = (...shape) => np.array(values(shape[0] * shape[1]), { shape });
    const slope = jit(grad(({ a, b }, x) => np.square(np.matmul(np.tanh(np.matmul(x, a)), b)).sum()));
    const { a, b } = slope({ a: of(4, 8), b: of(8, 1) }, of(2, 4));
    b.dispose();
    console.log(JSON.stringify([...a.dataSync()]));`,
};

/** Prints how long the program of M1's training step takes to make, in milliseconds, in a process that made none before. */
const MAKING = `
  import { compile, randomKey, tensor } from "@adjoint/autograd";
  import { crossEntropy, linear, mlp, relu, sgd, variables } from "@adjoint/nn";
  const model = mlp([784, 256, 128, 10], { activation: relu, outputActivation: linear, key: randomKey(0) });
  const weights = variables(model);
  const optimizer = sgd({ learningRate: 0.1 });
  const x = tensor(new Float32Array(64 * 784).fill(0.5), { shape: [64, 784] });
  const y = tensor(new Int32Array(64));
  const step = compile((x, y) => optimizer.minimize(() => crossEntropy(model.forward(x), y), weights));
  const start = performance.now();
  step.program(x, y);
  console.log(JSON.stringify([performance.now() - start]));`;

/** Nothing but node itself: what the others are counted from. */
const NOTHING = "console.log(JSON.stringify([]));";

export interface StartUp {
  readonly title: string;
  readonly best: number;
  readonly median: number;
  /** Largest difference from the first program's numbers. */
  readonly difference: number;
}

export type StartUps = readonly (StartUp | { readonly title: string; readonly cannot: string })[];

export function measureStartUp(
  machine: Machine,
  peers: readonly (readonly [PeerName, string])[],
  rounds: number,
): StartUps {
  const programs = [
    { title: "node alone", code: NOTHING, isInside: false },
    ...peers.flatMap(([name, title]) => {
      const code = PROGRAMS[name];
      return code === undefined ? [] : [{ title, code, isInside: false }];
    }),
    ...peers.flatMap(([name, title]) =>
      name === "compiled"
        ? [{ title: `${title}: making M1's program, on all cores`, code: MAKING, isInside: true }]
        : [],
    ),
  ].map(({ title, code, isInside }) => ({
    title,
    code,
    isInside,
    times: [] as number[],
    printed: [] as number[],
    // Adjoint's sources would be read through tsx, which is not what users start.
    failure: title.startsWith("Adjoint") && machine.conditions.length > 0 ? "is not built" : "",
  }));
  for (let round = 0; round < rounds; round++) {
    for (const program of programs) {
      if (program.failure !== "") continue;
      // What is not compared with others may use all cores, as it does outside of measurements.
      const { file, args, cwd } = snippet(program.isInside ? { ...machine, pin: [] } : machine, program.code);
      const start = performance.now();
      const { status, stdout, stderr } = spawnSync(file, args, { cwd, encoding: "utf8" });
      const elapsed = performance.now() - start;
      const printed = status === 0 ? (JSON.parse(stdout.slice(stdout.lastIndexOf("["))) as number[]) : [];
      program.times.push((program.isInside ? (printed[0] ?? NaN) : elapsed) / 1000);
      if (status === 0) program.printed = program.isInside ? [] : printed;
      else program.failure = stderr.split("\n").find((line) => line.includes("Error")) ?? `status ${status}`;
    }
  }
  const reference = programs.find(({ printed }) => printed.length > 0)?.printed ?? [];
  return programs.map(({ title, times, printed, failure }) =>
    failure === ""
      ? {
          title,
          best: best(times),
          median: median(times),
          difference: Math.max(0, ...printed.map((value, i) => Math.abs(value - reference[i]!))),
        }
      : { title, cannot: failure.replace(/^.*?Error: /, "") },
  );
}
