// What a link of an optimizer is: a function that turns the gradients of a step into other ones, with memory.

import type { DType, Tensor, Variable } from "@adjoint/autograd";
import { checkFunction, kindOf } from "../arguments.ts";
import type { Rate } from "./rate.ts";

/** Tensors by the paths of variables. */
export type TensorsByPath = Readonly<Record<string, Tensor>>;

/**
 * A variable of the optimizer's own by its name, made where it is first asked for: of the shape of the variable to which
 * it belongs unless another one is given, and filled with `start`, which is 0 by default.
 */
export type Memory = (name: string, shape?: readonly number[], start?: number) => Variable;

/** What a link knows of a step beside the gradients. */
export interface StepContext {
  /** The values of all variables that may be changed, also of those without a gradient. */
  readonly values: TensorsByPath;
  /** How many steps were taken before, a float64 number. */
  readonly steps: Tensor<[]>;
  /** The memory that belongs to the variable at a path, or, for null, to no single variable (float64, of shape []). */
  memoryOf(path: string | null): Memory;
  /** Whether there is memory of this name for a path. */
  remembers(path: string, name: string): boolean;
}

/**
 * A link of an optimizer: it turns gradients by path into other ones, of the same shapes and types. What comes out of
 * the last link of a chain, times the learning rate, is subtracted from the variables. A link must do the same in each
 * step, since it may be compiled, and keeps its memory in `step.memoryOf(path)`.
 */
export interface Link {
  /** Its name, for errors. */
  readonly name: string;
  /** The learning rates that it applies itself; none by default. */
  readonly rates?: readonly Rate[];
  /** The gradients that are used instead of those given, by path. */
  apply(gradients: TensorsByPath, step: StepContext): TensorsByPath;
}

/** What a rule knows of one variable. */
export interface Update {
  /** The variable's value before the step. */
  readonly value: Tensor;
  /** What the links before it have made of the gradient. */
  readonly gradient: Tensor;
  /** The variable's path in the model. */
  readonly path: string;
  /** What is remembered for this variable, by name. */
  readonly memory: Memory;
}

/** The tensors with each replaced by what `f` makes of it. */
export const mapPaths = <T extends Tensor>(
  tensors: Readonly<Record<string, T>>,
  f: (tensor: T, path: string) => Tensor,
): Record<string, Tensor> =>
  Object.fromEntries(Object.entries(tensors).map(([path, tensor]) => [path, f(tensor, path)]));

/** Multiplies tensors by a number, in their types: it is cast once for each. */
export function multiplyingBy(factor: Tensor): (tensor: Tensor) => Tensor {
  const casts = new Map<DType, Tensor>();
  return (tensor) => {
    let own = casts.get(tensor.dtype);
    if (own === undefined) casts.set(tensor.dtype, (own = factor.cast(tensor.dtype)));
    return tensor.mul(own);
  };
}

/**
 * A link from a rule for one variable, which gives what is used instead of its gradient, in the same shape. Throws
 * TypeError unless the rule is a function.
 */
export function link(name: string, rule: (update: Update) => Tensor): Link {
  checkFunction(name, "the rule", rule, "({ gradient }) => gradient.sign()");
  return {
    name,
    apply: (gradients, step) =>
      mapPaths(gradients, (gradient, path) =>
        rule({ value: step.values[path]!, gradient, path, memory: step.memoryOf(path) }),
      ),
  };
}

/** Links one after another. */
export const inOrder = (name: string, links: readonly Link[]): Link => ({
  name,
  rates: links.flatMap(({ rates = [] }) => rates),
  apply: (gradients, step) => links.reduce((before, each) => each.apply(before, step), gradients),
});

export function checkLink(operation: string, value: unknown): void {
  if (typeof (value as Partial<Link> | null | undefined)?.apply === "function") return;
  throw new TypeError(
    `${operation}: got ${kindOf(value)} where a link belongs: an optimizer, or a link such as clipByGlobalNorm(1)`,
  );
}
