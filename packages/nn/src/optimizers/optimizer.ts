// What an optimizer is: a rule that turns a gradient into a new value, and the bookkeeping common to all.

import { full, type Tensor, Variable, variable } from "@adjoint/autograd";

/** Variables by path, as `variables(model)` gives them, or in a list. */
export type VariableSet = Readonly<Record<string, Variable>> | readonly Variable[];

export interface Optimizer {
  /** A variable: assign it to change the rate while training. */
  readonly learningRate: Variable<[]>;
  /** Gives every variable that has a gradient a new value, and clears the gradients. */
  step(variables: VariableSet): void;
  /** Computes a loss, differentiates it, and steps. Gives the loss. */
  minimize(loss: () => Tensor, variables: VariableSet): Tensor;
}

/** What a rule knows of one variable: its value, its gradient, the rate, and memory that starts at zero. */
export interface Update {
  readonly value: Tensor;
  readonly gradient: Tensor;
  readonly rate: Tensor;
  /** A variable of its own, by name; like the value, or of another shape. Zero at first. */
  memory(name: string, shape?: readonly number[]): Variable;
}

/** An optimizer from its rule: the new value of one variable. */
export function optimizer(name: string, learningRate: number, rule: (update: Update) => Tensor): Optimizer {
  if (!(learningRate >= 0))
    throw new RangeError(`${name}: learningRate ${learningRate} must be a number, 0 or more`);
  // float64, so that a rate is what was written; cast to each variable's type where it is used.
  const rate = variable(full([], learningRate, { dtype: "float64" }), { name: "learningRate" });
  const memories = new WeakMap<Variable, Map<string, Variable>>();
  const memoryOf = (owner: Variable) => {
    const known = memories.get(owner) ?? new Map<string, Variable>();
    memories.set(owner, known);
    return (which: string, shape: readonly number[] = owner.shape): Variable => {
      const present =
        known.get(which) ?? variable(owner.value.zerosOf(shape), { name: `${owner.name} ${which}` });
      known.set(which, present);
      return present;
    };
  };
  const step = (set: VariableSet) => {
    for (const each of Object.values(set)) {
      if (!(each instanceof Variable))
        throw new TypeError(`${name}: step takes variables, e.g. step(variables(model))`);
      if (each.grad === null) continue;
      const update = {
        value: each.value.detach(),
        gradient: each.grad.detach(),
        rate: rate.value.detach().cast(each.dtype) as Tensor,
        memory: memoryOf(each),
      };
      each.assign(rule(update));
    }
  };
  return {
    learningRate: rate,
    step,
    minimize(loss, set) {
      const value = loss();
      value.backward();
      step(set);
      return value.detach();
    },
  };
}
