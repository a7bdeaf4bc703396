// A running average of weights, often better than the last of them.

import { full, type Tensor, type Variable, variable, where } from "@adjoint/autograd";
import { checkOptions } from "../arguments.ts";
import { follow } from "./moments.ts";
import { checkVariables, type VariableSet } from "./optimizer.ts";
import { checkFraction } from "./ranges.ts";

/** Averages of variables, which `averageOfWeights` makes. */
export interface AverageOfWeights<S extends VariableSet = VariableSet> {
  /** The averages, in variables by the paths of the variables themselves, or by their indices in a list. */
  readonly values: { readonly [K in keyof S]: Variable };
  /** A variable with the number of updates. */
  readonly updates: Variable<[]>;
  /** Takes the values that the variables hold now into the averages. Call it after each step. */
  update(): void;
}

/**
 * The exponential average of variables: decay·average + (1 − decay)·value; the first average is the value itself. Read
 * a model with it by `bind(set, average.values, () => model.forward(x))`. Polyak & Juditsky (1992); as PyTorch's
 * `AveragedModel` with `get_ema_multi_avg_fn(decay)`. Throws RangeError for a decay outside [0, 1).
 */
export function averageOfWeights<S extends VariableSet>(
  set: S,
  options: { readonly decay: number },
): AverageOfWeights<S> {
  checkOptions("averageOfWeights", options, ["decay"]);
  const { decay } = options;
  checkFraction("averageOfWeights", "decay", decay, 0.999);
  checkVariables("averageOfWeights", set);
  const averageOf = (each: Variable) =>
    variable(each.value, { name: `${each.name} average`, trainable: false });
  const all = Object.entries(set as Readonly<Record<string, Variable>>);
  const pairs = all.map(([path, each]) => ({ path, each, average: averageOf(each) }));
  const values = Array.isArray(set)
    ? pairs.map(({ average }) => average)
    : Object.fromEntries(pairs.map(({ path, average }) => [path, average]));
  const updates = variable(full([], 0, { dtype: "float64" }), { name: "updates", trainable: false });
  return {
    values: values as AverageOfWeights<S>["values"],
    updates,
    update() {
      const isFirst: Tensor = updates.value.equal(0);
      for (const { each, average } of pairs) {
        follow(average, each.value, decay);
        average.assign(where(isFirst, each.value, average.value));
      }
      updates.assign(updates.value.add(1));
    },
  };
}
