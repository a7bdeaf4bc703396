// Links together: one after another, for some variables only, and once in several steps.

import { full, type Tensor, type Variable, where, zerosLike } from "@adjoint/autograd";
import { checkFunction } from "../arguments.ts";
import { checkLink, type Link, type Memory, mapPaths, multiplyingBy } from "./link.ts";
import { Optimizer } from "./optimizer.ts";
import { checkWhole } from "./ranges.ts";

/** A link, or an optimizer, whose links and learning rate a chain uses. */
export type Part = Link | Optimizer;

function partOf(operation: string, part: Part) {
  if (!(part instanceof Optimizer)) checkLink(operation, part);
  return Optimizer.partsOf(part);
}

/** A part as a link that has applied its own learning rate. */
function settled(operation: string, part: Part): Link {
  const { link, rate } = partOf(operation, part);
  if (rate === null) return link;
  return {
    name: link.name,
    rates: [...(link.rates ?? []), rate],
    apply(gradients, step) {
      const now = rate.at(step.steps);
      return mapPaths(link.apply(gradients, step), multiplyingBy(now));
    },
  };
}

/**
 * An optimizer of links one after another: each gets what the one before it made of the gradients, and what comes out of
 * the last, times the learning rate, is subtracted. The rate is that of the one optimizer among the links:
 * `chain(clipByGlobalNorm(1), adam({ learningRate: 0.01 }))`; it multiplies also what links after that optimizer add. As
 * optax's `chain`. Its memory is its own; its `learningRate` is that optimizer's variable.
 * Throws TypeError where two links have a learning rate.
 */
export function chain(...parts: readonly Part[]): Optimizer {
  if (parts.length === 0) checkLink("chain", undefined);
  const each = parts.map((part) => partOf("chain", part));
  const rates = each.flatMap(({ rate }) => (rate === null ? [] : [rate]));
  if (rates.length > 1)
    throw new TypeError(
      "chain: two of its links have a learning rate, and one would multiply the other; give one, and scaleBy(2), or one to each group of variables: only(predicate, link)",
    );
  return new Optimizer(
    "chain",
    each.map(({ link }) => link),
    rates[0] ?? null,
  );
}

/**
 * A link for the variables whose paths satisfy a predicate; the gradients of the others pass as they are:
 * `only((path) => !path.endsWith("bias"), weightDecay(0.01))`. An optimizer in the place of the link uses a learning rate of
 * its own: `chain(only(isHead, adam({ learningRate: 1e-3 })), only(isBody, adam({ learningRate: 1e-4 })))`. As optax's
 * `masked`.
 */
export function only(predicate: (path: string) => boolean, part: Part): Link {
  checkFunction("only", "the predicate", predicate, '(path) => path.endsWith("bias")');
  const link = settled("only", part);
  return {
    name: link.name,
    ...(link.rates === undefined ? {} : { rates: link.rates }),
    apply(gradients, step) {
      const chosen = Object.fromEntries(Object.entries(gradients).filter(([path]) => predicate(path)));
      if (Object.keys(chosen).length === 0) return gradients;
      return { ...gradients, ...link.apply(chosen, step) };
    },
  };
}

/**
 * Gathers the gradients of n steps and gives the links after it their mean once: a batch n times as large. In the steps
 * between, no variable changes, and the memory of the links stays. Schedules of the optimizers among the links count
 * the whole steps: `chain(accumulate(4, clipByGlobalNorm(1), adam({ learningRate: warmUp(0.01, { steps: 100 }) })))`.
 * As optax's `MultiSteps`. Throws RangeError unless n is a whole number, 1 or more.
 */
export function accumulate(n: number, ...parts: readonly Part[]): Link {
  checkWhole("accumulate", "n", n, 4);
  const link = settled("accumulate", chain(...parts));
  return {
    name: link.name,
    ...(link.rates === undefined ? {} : { rates: link.rates }),
    apply(gradients, step) {
      const counts = step.memoryOf(null);
      const gathered = counts("gathered");
      const steps = counts("steps");
      const count: Tensor = gathered.value.add(1);
      const isFull = count.greaterEqual(n);
      gathered.assign(where(isFull, full([], 0, { dtype: "float64" }), count));
      const means: Record<string, Tensor> = {};
      for (const path in step.values) {
        const gradient = gradients[path];
        // What the loss reached in an earlier one of the n steps counts, though it is not reached now.
        if (gradient === undefined && !step.remembers(path, "gathered")) continue;
        const sum = step.memoryOf(path)("gathered");
        const now = gradient === undefined ? sum.value : sum.value.add(gradient);
        means[path] = now.div(n);
        sum.assign(where(isFull, zerosLike(now), now));
      }
      // The links run in every step, since a compiled one can't leave them out, and are undone unless the step is whole.
      const before = new Map<Variable, Tensor>();
      const remembering =
        (memory: Memory): Memory =>
        (...asked) => {
          const kept = memory(...asked);
          if (!before.has(kept)) before.set(kept, kept.value);
          return kept;
        };
      const whole = steps.value.reshape([]);
      const made = link.apply(means, {
        ...step,
        steps: whole,
        memoryOf: (path) => remembering(step.memoryOf(path)),
      });
      for (const [kept, value] of before) kept.assign(where(isFull, kept.value, value));
      steps.assign(where(isFull, whole.add(1), whole));
      return mapPaths(made, (update) => where(isFull, update, zerosLike(update)));
    },
  };
}
