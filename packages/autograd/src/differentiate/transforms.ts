// The transforms: functions in, derivatives of functions out. They take and give trees, nest without limit, and see a
// variable among the leaves of an argument wherever the function reads it.

import { checkFunction, checkOptions } from "../array/arguments.ts";
import { constantTensor, type Tensor } from "../tensor/tensor.ts";
import {
  auxOf,
  checkAllReached,
  checkSingle,
  example,
  matching,
  pull,
  push,
  type RecordOptions,
  record,
  valueOfRecorded,
} from "./recorded.ts";
import { flatten, type TensorsOf, type Tree } from "./tree.ts";

/** The options of `grad` and `valueAndGrad`. */
export interface GradOptions {
  /** The argument to differentiate with respect to, counted from 0, or several of them: then the gradients are a list. 0 by default. */
  readonly argnums?: number | readonly number[];
  /** Whether f returns [number, anything else]; the second part is returned beside the gradient. */
  readonly hasAux?: boolean;
  /** Zeros where f does not reach a leaf that it is differentiated with respect to, which is an error otherwise. */
  readonly allowUnused?: boolean;
}

type Single = Tensor<[]> | Tensor;

interface Valued<A> {
  value: Tensor<[]>;
  gradient: TensorsOf<A>;
}

/**
 * A function without parameters reads the variables that it is differentiated with respect to and says nothing of their form:
 * `A` is never. Then each call says it.
 */
type OfAnyForm<A, F> = [A] extends [never] ? F : unknown;

/** The gradients with respect to the arguments at these positions. */
export type GradientsOf<Args extends readonly unknown[], N> = N extends readonly number[]
  ? { -readonly [K in keyof N]: TensorsOf<Args[N[K] & number]> }
  : N extends number
    ? TensorsOf<Args[N]>
    : never;

interface Evaluated {
  readonly value: Tree;
  readonly gradient: Tree;
  readonly aux: unknown;
}

/** The gradient of a function at its arguments, for the other transforms. */
export function evaluateGradient(
  operation: string,
  f: unknown,
  args: readonly unknown[],
  options: RecordOptions = {},
): Evaluated {
  const recorded = record(operation, f, args, options);
  const output = checkSingle(recorded);
  const gradient = pull(recorded, [constantTensor(1, output.dtype, [])]);
  return {
    value: valueOfRecorded(recorded),
    gradient: recorded.asInput(gradient),
    aux: auxOf(recorded),
  };
}

function gradientFunction(
  operation: string,
  f: unknown,
  options: GradOptions,
  give: (all: Evaluated) => unknown,
) {
  checkFunction(operation, f, example);
  checkOptions(operation, options, ["argnums", "hasAux", "allowUnused"]);
  return (...args: unknown[]): unknown => give(evaluateGradient(operation, f, args, options));
}

/**
 * The gradient of f with respect to its first argument, a tree of tensors and variables: `grad(f)(x)`. It has the
 * argument's form, with a tensor for every variable. f returns a single number; with `hasAux`, [number, anything else], and the result is [gradient, anything else].
 * Throws ShapeError unless f returns a tensor of rank 0, and Error where f does not reach a leaf of its argument.
 */
export function grad<A extends Tree = never, Rest extends unknown[] = []>(
  f: (x: A, ...rest: Rest) => Single,
  options?: GradOptions & { readonly argnums?: 0; readonly hasAux?: false },
): ((x: A, ...rest: Rest) => TensorsOf<A>) & OfAnyForm<A, <B extends Tree>(x: B) => TensorsOf<B>>;
export function grad<A extends Tree, Rest extends unknown[], Aux>(
  f: (x: A, ...rest: Rest) => readonly [Single, Aux],
  options: GradOptions & { readonly argnums?: 0; readonly hasAux: true },
): (x: A, ...rest: Rest) => [gradient: TensorsOf<A>, aux: Aux];
export function grad<Args extends unknown[], const N extends number | readonly number[]>(
  f: (...args: Args) => Single,
  options: GradOptions & { readonly argnums: N; readonly hasAux?: false },
): (...args: Args) => GradientsOf<Args, N>;
export function grad<Args extends unknown[], const N extends number | readonly number[], Aux>(
  f: (...args: Args) => readonly [Single, Aux],
  options: GradOptions & { readonly argnums: N; readonly hasAux: true },
): (...args: Args) => [gradient: GradientsOf<Args, N>, aux: Aux];
export function grad(f: unknown, options: GradOptions = {}): unknown {
  return gradientFunction("grad", f, options, ({ gradient, aux }) =>
    options.hasAux === true ? [gradient, aux] : gradient,
  );
}

/**
 * f's value and its gradient, as `grad` gives it; with `hasAux`, also the second part of what f returned.
 * Throws ShapeError unless f returns a tensor of rank 0, and Error where f does not reach a leaf of its argument.
 */
export function valueAndGrad<A extends Tree = never, Rest extends unknown[] = []>(
  f: (x: A, ...rest: Rest) => Single,
  options?: GradOptions & { readonly argnums?: 0; readonly hasAux?: false },
): ((x: A, ...rest: Rest) => Valued<A>) & OfAnyForm<A, <B extends Tree>(x: B) => Valued<B>>;
export function valueAndGrad<A extends Tree, Rest extends unknown[], Aux>(
  f: (x: A, ...rest: Rest) => readonly [Single, Aux],
  options: GradOptions & { readonly argnums?: 0; readonly hasAux: true },
): (x: A, ...rest: Rest) => { value: Tensor<[]>; gradient: TensorsOf<A>; aux: Aux };
export function valueAndGrad<Args extends unknown[], const N extends number | readonly number[]>(
  f: (...args: Args) => Single,
  options: GradOptions & { readonly argnums: N; readonly hasAux?: false },
): (...args: Args) => { value: Tensor<[]>; gradient: GradientsOf<Args, N> };
export function valueAndGrad<Args extends unknown[], const N extends number | readonly number[], Aux>(
  f: (...args: Args) => readonly [Single, Aux],
  options: GradOptions & { readonly argnums: N; readonly hasAux: true },
): (...args: Args) => { value: Tensor<[]>; gradient: GradientsOf<Args, N>; aux: Aux };
export function valueAndGrad(f: unknown, options: GradOptions = {}): unknown {
  return gradientFunction("valueAndGrad", f, options, ({ value, gradient, aux }) =>
    options.hasAux === true ? { value, gradient, aux } : { value, gradient },
  );
}

/** The option of `vjp`'s pullback and of `hvp`. */
export interface ReachOptions {
  /** Zeros where f does not reach a leaf, which is an error otherwise. */
  readonly allowUnused?: boolean;
}

/**
 * f's value at x, and the map from cotangents of the value to those of x: Jᵀ. The pullback may be called many times. Further
 * arguments are passed on to f. The pullback throws Error where f does not reach a leaf of x, unless it is given
 * `{ allowUnused: true }`.
 */
export function vjp<A extends Tree, Out extends Tree, Rest extends unknown[]>(
  f: (x: A, ...rest: Rest) => Out,
  x: A,
  ...rest: Rest
): { value: TensorsOf<Out>; pullback: (cotangent: Tree, options?: ReachOptions) => TensorsOf<A> } {
  const recorded = record<A, Out>("vjp", f, [x, ...rest]);
  return {
    value: valueOfRecorded(recorded),
    pullback(cotangent, { allowUnused = false } = {}) {
      const cotangents = matching("vjp", "cotangent", cotangent, recorded.outputs, recorded.outputPaths);
      return recorded.asInput(pull({ ...recorded, allowUnused }, cotangents));
    },
  };
}

/**
 * f's value at x, and its derivative along a tangent: J·v. Further arguments are passed on to f.
 * Throws Error where f does not reach a leaf of x.
 */
export function jvp<A extends Tree, Out extends Tree, Rest extends unknown[]>(
  f: (x: A, ...rest: Rest) => Out,
  x: A,
  tangent: Tree,
  ...rest: Rest
): { value: TensorsOf<Out>; tangent: TensorsOf<Out> } {
  return evaluateTangent<Out>("jvp", f, [x, ...rest], tangent);
}

/**
 * f's value at x, and its derivative there as a linear map: J·v for any tangent v. f runs once, however often the map is
 * asked. Further arguments are passed on to f. Throws Error where f does not reach a leaf of x.
 */
export function linearize<A extends Tree, Out extends Tree, Rest extends unknown[]>(
  f: (x: A, ...rest: Rest) => Out,
  x: A,
  ...rest: Rest
): { value: TensorsOf<Out>; pushforward: (tangent: Tree) => TensorsOf<Out> } {
  const recorded = record<A, Out>("linearize", f, [x, ...rest]);
  checkAllReached(recorded);
  return {
    value: valueOfRecorded(recorded),
    pushforward(tangent) {
      const tangents = matching("linearize", "tangent", tangent, recorded.inputs, recorded.inputPaths);
      return recorded.asOutput(push(recorded, tangents));
    },
  };
}

function evaluateTangent<Out>(
  operation: string,
  f: unknown,
  args: readonly unknown[],
  tangent: Tree,
  options: ReachOptions = {},
): { value: TensorsOf<Out>; tangent: TensorsOf<Out> } {
  const recorded = record<Tree, Out>(operation, f, args, options);
  checkAllReached(recorded);
  const tangents = matching(operation, "tangent", tangent, recorded.inputs, recorded.inputPaths);
  return { value: valueOfRecorded(recorded), tangent: recorded.asOutput(push(recorded, tangents)) };
}

/**
 * The Hessian of f at x times a vector, without computing the Hessian: the derivative of the gradient along v. Throws
 * Error where f does not reach a leaf of x, unless `allowUnused` asks for zeros there.
 */
export function hvp<A extends Tree>(
  f: (x: A) => Single,
  x: A,
  v: Tree,
  options: ReachOptions = {},
): TensorsOf<A> {
  checkOptions("hvp", options, ["allowUnused"]);
  const gradient = (...args: unknown[]): Tree => evaluateGradient("hvp", f, args, options).gradient;
  return evaluateTangent<A>("hvp", gradient, [x], v, options).tangent;
}

/**
 * The same values as constants: no derivative passes, in any transform around it. The result has the form and shapes of
 * x. Throws TypeError where x is no tree of tensors. JAX's `stop_gradient`.
 */
export function stopGradient<T extends Tree>(x: T): TensorsOf<T> {
  const { leaves, rebuild } = flatten<T>("stopGradient", "the value", x);
  return rebuild(leaves.map((leaf) => leaf.detach()));
}
