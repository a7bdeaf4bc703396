// What an optimizer is: a rule that turns a gradient into a new value, and the bookkeeping common to all.

import { full, type Tensor, transaction, Variable, variable, zeros } from "@adjoint/autograd";
import { checkFunction, checkTensor, kindOf } from "../arguments.ts";

/** Variables by path, as `variables(model)` gives them, or in a list. */
export type VariableSet = Readonly<Record<string, Variable>> | readonly Variable[];

export interface Optimizer {
  /** A variable: assign it to change the rate while training. */
  readonly learningRate: Variable<[]>;
  /** Gives every variable that has a gradient a new value, and clears the gradients. */
  step(variables: VariableSet): void;
  /** Computes a loss, differentiates it, and steps. Returns the loss. */
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

function checkVariables(name: string, set: unknown): Variable[] {
  const isCollection = Array.isArray(set) || kindOf(set) === "an object";
  const all: unknown[] = isCollection ? Object.values(set as object) : [set];
  for (const each of all) {
    if (isCollection && each instanceof Variable) continue;
    throw new TypeError(
      `${name}: got ${kindOf(each)} where variables belong; give them by path or in an array, e.g. step(variables(model))`,
    );
  }
  return all as Variable[];
}

/** An optimizer from its rule: the new value of one variable. */
export function optimizer(name: string, learningRate: number, rule: (update: Update) => Tensor): Optimizer {
  if (typeof learningRate !== "number" || !(learningRate >= 0 && learningRate < Infinity))
    throw new RangeError(
      `${name}: learningRate ${String(learningRate)} must be a finite number, 0 or more, e.g. { learningRate: 0.01 }`,
    );
  checkFunction(name, "the rule", rule, "({ value, gradient, rate }) => value.sub(gradient.mul(rate))");
  // float64, so that the rate has all digits that were written; cast to each variable's type where it is used.
  const rate = variable(full([], learningRate, { dtype: "float64" }), { name: "learningRate" });
  const memories = new WeakMap<Variable, Map<string, Variable>>();
  const memoryOf = (owner: Variable) => {
    const known = memories.get(owner) ?? new Map<string, Variable>();
    memories.set(owner, known);
    return (which: string, shape: readonly number[] = owner.shape): Variable => {
      const present =
        known.get(which) ??
        variable(zeros(shape, { dtype: owner.dtype }), { name: `${owner.name} ${which}` });
      known.set(which, present);
      return present;
    };
  };
  const step = (set: VariableSet) => {
    const all = checkVariables(name, set);
    if (all.every((each) => each.grad === null)) {
      throw new Error(
        `${name}: none of ${all.length} variables has a gradient; before step, call backward on a loss made of them`,
      );
    }
    // All variables move, or, where a rule throws, none.
    transaction(() => {
      for (const each of all) {
        if (each.grad === null) continue;
        // Not detached: where a transform watches the rate, its derivative goes on through the step.
        const update = {
          value: each.value,
          gradient: each.grad,
          rate: rate.value.cast(each.dtype),
          memory: memoryOf(each),
        };
        const next = rule(update);
        checkTensor(name, "what the rule returned", next, "return the variable's new value");
        each.assign(next);
      }
    });
  };
  // Frozen, so that `optimizer.learningRate = 0.1`, which would change nothing, throws.
  return Object.freeze<Optimizer>({
    learningRate: rate,
    step,
    minimize(loss, set) {
      checkFunction(name, "the loss", loss, "() => meanSquaredError(model.forward(x), y)");
      checkVariables(name, set);
      const value = loss();
      checkTensor(
        name,
        "what the loss returned",
        value,
        "return it without await or item(), which leave the tape",
      );
      value.backward();
      step(set);
      return value.detach();
    },
  });
}
