// What tests of training have in common: a small task whose numbers are drawn from keys.

import { type Key, normal, permutation, splitKey, type Tensor, tensor } from "@adjoint/autograd";
import * as nn from "@adjoint/nn";

/** Two classes that a small network can tell apart, but not at once. */
export function task(samples: number, seed = 5): { readonly x: Tensor; readonly y: Tensor } {
  const key = nn.keys(seed);
  const x: Tensor = normal(key(), [samples, 3]);
  const y: Tensor = x.slice(null, 0).mul(x.slice(null, 1)).greater(0).cast("int32");
  return { x, y };
}

export const network = (seed = 7): nn.Sequential<nn.Dense> =>
  nn.mlp([3, 5, 2], {
    activation: nn.tanh,
    outputActivation: nn.linear,
    key: nn.keys(seed)(),
  });

/** The numbers of all variables, by path. */
export const valuesOf = (holder: object): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(nn.variables(holder)).map(([path, each]) => [path, each.value.toArray()]),
  );

/** A layer that drops inputs out, for what needs draws: half of them, the others doubled. */
export function dropping(): nn.Layer {
  return {
    forward(x, { training = false, key } = {}) {
      if (!training) return x;
      if (key === undefined) throw new TypeError("dropping: no key");
      return x.mul(mask(key, x));
    },
  };
}

const mask = (key: Key, x: Tensor): Tensor =>
  normal(key, x.shape, { dtype: x.dtype }).greater(0).select(2, 0).cast(x.dtype);

/** The batches of fit's epochs, as its documentation says: by the second key of three, split anew after each epoch. */
export function* ordersOf(key: Key, samples: number, epochs: number): Generator<readonly number[]> {
  let order = splitKey(key, 3)[1];
  for (let epoch = 0; epoch < epochs; epoch++) {
    yield Array.from(permutation(order, samples).data);
    [order] = splitKey(order, 1);
  }
}

export const at = (x: Tensor, places: readonly number[]): Tensor =>
  x.gather(tensor(places.length === 0 ? [0] : [...places], { dtype: "int32" }));
