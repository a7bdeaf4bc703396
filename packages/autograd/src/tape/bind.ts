// Variables that read other values while a function runs.

import { type Interpreter, interpretWith, stateIn, stateNow } from "./interpreter.ts";
import { watchedLeaf } from "./leaf.ts";
import { variableTrace } from "./trace.ts";
import { type Holder, type Holding, holderOf, type Value } from "./value.ts";

/** Runs a function of which nothing is left in any variable afterwards. */
export function discarded<T>(run: () => T): T {
  const states = new Map<Holder, Holding>();
  return interpretWith(
    {
      stateOf(holder, below) {
        let state = states.get(holder);
        if (state === undefined) {
          const { value, grad } = stateIn(below, holder);
          states.set(holder, (state = { value, grad }));
        }
        return state;
      },
    },
    run,
  );
}

/**
 * Runs a function in which each variable holds the value at its place, through which derivatives flow. What the function
 * assigns to such a variable, and adds to its gradient, the function alone sees; with `keeps`, it stays afterwards.
 */
export function bound<T>(
  variables: readonly Value[],
  values: readonly Value[],
  run: () => T,
  keeps = false,
): T {
  const bindings = new Map<Holder, { readonly first: Holding; readonly now: Holding }>();
  variables.forEach((variable, i) => {
    const holder = holderOf(variable)!;
    if (bindings.has(holder)) return;
    const first = { value: watchedLeaf(values[i]!, variableTrace, holder), grad: stateNow(holder).grad };
    bindings.set(holder, { first, now: { ...first } });
  });
  if (bindings.size === 0) return run();
  const binding: Interpreter = {
    stateOf: (holder, below) => bindings.get(holder)?.now ?? stateIn(below, holder),
  };
  const result = interpretWith(binding, run);
  if (keeps)
    for (const [holder, { first, now }] of bindings) {
      if (now.value !== first.value) holder.assign(now.value);
      if (now.value !== first.value || now.grad !== first.grad) holder.setGrad(now.grad);
    }
  return result;
}
