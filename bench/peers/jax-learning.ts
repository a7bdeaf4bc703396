// Optimizers for jax-js, which has none of its own: a step takes the state and gives the next, all under `jit`.

import { type Ready, training } from "../protocol.ts";
import type { A, Jax, Tree } from "./jax-types.ts";

export type Loss = (parameters: A[], x: A, y: A) => A;

/** Whatever one step keeps for the next. Step: state, x, y → state, loss. */
export interface Rule<S extends Tree> {
  readonly state: S;
  readonly parameters: (state: S) => readonly A[];
  readonly step: (state: S, x: A, y: A) => [S, A];
}

export function descent(jax: Jax, first: A[], loss: Loss, rate: number): Rule<A[]> {
  return {
    state: first,
    parameters: (state) => state,
    step(state, x, y) {
      const [value, slopes] = jax.valueAndGrad(loss)(jax.tree.ref(state), x, y);
      return [state.map((each, i) => each.sub(slopes[i]!.mul(rate))), value];
    },
  };
}

interface Moments {
  readonly [key: string]: Tree;
  readonly parameters: A[];
  readonly mean: A[];
  readonly square: A[];
  readonly steps: A;
}

/** Adam, as optax has it. */
export function adam(jax: Jax, first: A[], loss: Loss, rate: number): Rule<Moments> {
  const zeros = () => first.map(({ shape }) => jax.numpy.zeros(shape));
  return {
    state: { parameters: first, mean: zeros(), square: zeros(), steps: jax.numpy.zeros([]) },
    parameters: (state) => state.parameters,
    step(state, x, y) {
      const [value, slopes] = jax.valueAndGrad(loss)(jax.tree.ref(state.parameters), x, y);
      const steps = state.steps.add(1);
      const started = (beta: number) => jax.numpy.power(beta, steps.ref).mul(-1).add(1);
      const [s1, s2] = [started(0.9), started(0.999)];
      const mean = state.mean.map((m, i) => m.mul(0.9).add(slopes[i]!.ref.mul(0.1)));
      const square = state.square.map((v, i) => v.mul(0.999).add(slopes[i]!.ref.mul(slopes[i]!).mul(0.001)));
      const parameters = state.parameters.map((p, i) => {
        const scale = jax.numpy.sqrt(square[i]!.ref.div(s2.ref)).add(1e-8);
        return p.sub(mean[i]!.ref.div(s1.ref).div(scale).mul(rate));
      });
      s1.dispose();
      s2.dispose();
      return [{ parameters, mean, square, steps }, value];
    },
  };
}

export function learning<S extends Tree>(jax: Jax, rule: Rule<S>, x: A, y: A, rate: number): Ready {
  const compiled = jax.jit(rule.step);
  let { state } = rule;
  const step = () => {
    const [next, loss] = compiled(state, x.ref, y.ref);
    state = next;
    return loss.js();
  };
  return training(step, () => rule.parameters(state).map((each) => each.ref.dataSync().slice()), rate);
}
