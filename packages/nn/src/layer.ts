// What a layer is, and how its variables are found: by looking through its own fields. Nothing is registered.

import {
  type Key,
  leaves,
  type Nested,
  randomKey,
  type Shape,
  type ShapeOf,
  splitKey,
  Tensor,
  Variable,
  type VariableOptions,
  variable,
} from "@adjoint/autograd";
import { checkOptions, kindOf } from "./arguments.ts";

/** How a layer is run. */
export interface ForwardOptions {
  /** True while training: dropout drops, batch normalisation uses the batch. False by default. */
  readonly training?: boolean;
  /** Where random draws come from, such as dropout's; containers split it over their layers. */
  readonly key?: Key;
}

/** The names of these options, for layers that read them: a misspelt one would be ignored silently. */
export const forwardNames: readonly string[] = ["training", "key"];

/** Anything with a `forward`: an object whose fields hold its variables and inner layers. */
export interface Layer<In = Tensor, Out = Tensor> {
  /** What the layer makes of x. */
  forward(x: In, options?: ForwardOptions): Out;
  /** The layer as one writes it; what every object has where it says nothing better. */
  toString(): string;
}

/** A layer whose result has the shape of what it is given, in its type, too. */
export interface ShapeKeepingLayer extends Layer {
  /** What the layer makes of x, in x's shape. */
  forward<S extends Shape>(x: Tensor<S>, options?: ForwardOptions): Tensor<S>;
}

/** A layer, or a function of x alone, such as an activation. */
export type LayerOrFunction<In = Tensor, Out = Tensor> = Layer<In, Out> | ((x: In) => Out);

/** Whether something has a `forward`. */
export const isLayer = (value: unknown): value is Layer<never, unknown> =>
  ((typeof value === "object" && value !== null) || typeof value === "function") &&
  typeof (value as Partial<Layer>).forward === "function";

/** Throws TypeError for what is neither a layer nor a function of a tensor. `what` it is to be is for the message. */
export function checkLayer(operation: string, what: string, value: unknown): void {
  if (isLayer(value) || typeof value === "function") return;
  const given = typeof value === "string" ? `the string "${value}"` : kindOf(value);
  throw new TypeError(
    `${operation}: ${what} is ${given} and has no forward(x); give a layer, e.g. dense(2, 3, { key }), a function such as relu, or { forward: (x) => x.tanh() }`,
  );
}

/** What a layer makes of x; a bare function takes no options. */
export function run<In, Out>(layer: LayerOrFunction<In, Out>, x: In, options?: ForwardOptions): Out {
  return isLayer(layer) ? (layer as Layer<In, Out>).forward(x, options) : (layer as (x: In) => Out)(x);
}

/** A layer as text; one without a text of its own is called "layer". */
export function textOf(layer: LayerOrFunction<never, unknown>): string {
  if (typeof layer === "function" && !isLayer(layer)) return layer.name === "" ? "function" : layer.name;
  const print = (layer as { toString(): string }).toString;
  return print === Object.prototype.toString ? "layer" : print.call(layer);
}

/** The options for each of n inner layers: the same, but that each has a key of its own. */
export function shareOut(
  options: ForwardOptions | undefined,
  n: number,
): readonly (ForwardOptions | undefined)[] {
  if (options !== undefined) checkOptions("forward", options, forwardNames);
  if (options?.key === undefined) return new Array<ForwardOptions | undefined>(n).fill(options);
  return splitKey(options.key, n).map((key) => ({ ...options, key }));
}

/** The option of `parameter` and `state`. */
export interface RoleOptions {
  /** For printing and errors. */
  readonly name?: string;
}

/**
 * A variable that is trained, of the shape of its value: the weights of a layer. Set `trainable` to false to freeze it.
 * PyTorch's `Parameter`.
 */
export function parameter<S extends Shape>(value: Tensor<S>, options?: RoleOptions): Variable<S>;
export function parameter<const N extends Nested>(value: N, options?: RoleOptions): Variable<ShapeOf<N>>;
export function parameter(value: Tensor | Nested, options: RoleOptions = {}): Variable {
  checkOptions("parameter", options, ["name"]);
  return variableOf(value, options);
}

/**
 * A variable that is saved with the model and not trained, of the shape of its value, such as running statistics.
 * PyTorch's buffer.
 */
export function state<S extends Shape>(value: Tensor<S>, options?: RoleOptions): Variable<S>;
export function state<const N extends Nested>(value: N, options?: RoleOptions): Variable<ShapeOf<N>>;
export function state(value: Tensor | Nested, options: RoleOptions = {}): Variable {
  checkOptions("state", options, ["name"]);
  return variableOf(value, { ...options, trainable: false });
}

const variableOf = (value: Tensor | Nested, options: VariableOptions): Variable =>
  value instanceof Tensor ? variable(value, options) : variable(value, options);

/**
 * Every variable of a model by its path, such as "0.weight", in the order of the fields: a name for errors and for saving,
 * and a tree that every transform takes. Arrays, objects, Maps, Sets, instances of classes and functions are looked through
 * by their fields; a variable that is reachable by several paths appears under the first. What a private field (#name) or a
 * function's closure holds can't be seen.
 * Throws TypeError for something that holds no fields, and for a part that can't be looked into, such as a Promise.
 */
export function variables(model: object): Record<string, Variable> {
  return variablesOf("variables", model);
}

/**
 * Those of `variables(model)` that are trained: parameters that are not frozen. An optimizer moves these.
 * Throws as `variables` does.
 */
export function parameters(model: object): Record<string, Variable> {
  const all = Object.entries(variablesOf("parameters", model));
  return Object.fromEntries(all.filter(([, { trainable }]) => trainable));
}

function variablesOf(caller: string, model: object): Record<string, Variable> {
  if (
    (typeof model !== "object" && typeof model !== "function") ||
    model === null ||
    (model instanceof Tensor && !(model instanceof Variable))
  ) {
    throw new TypeError(
      `${caller}: got ${kindOf(model)} where a model belongs: a layer, or an object or array of layers`,
    );
  }
  return leaves(model, (value) => value instanceof Variable, { caller });
}

/** Hands out one key after another, each independent of all others. */
export interface Keys {
  (): Key;
  /** From what the next keys come: a variable, so that `variables` finds it, and that it is saved. */
  readonly state: Variable<[2]>;
}

/**
 * A function that hands out one key after another, each independent of all others: for the first weights of layers, and for
 * draws while training, also in compiled functions. Equal seeds give equal keys in equal order. Saved and loaded with a model, as
 * in `save({ model, key })`, it goes on where it was. Throws RangeError for a seed that is not a whole number.
 * Example: `const key = keys(0); const model = sequential(dense(2, 3, { key: key() }), dense(3, 1, { key: key() }));`
 */
export function keys(seed: number): Keys {
  if (!Number.isSafeInteger(seed))
    throw new RangeError(`keys: seed ${String(seed)} must be a whole number within ±2⁵³, e.g. keys(0)`);
  const next = state(randomKey(seed), { name: "key" });
  const key = (): Key => {
    // Detached: what is drawn from a key must not be watched for the variable, or programs with it run uncompiled.
    const [own, rest] = splitKey(next.value.detach());
    next.assign(rest);
    return own;
  };
  return Object.assign(key, { state: next });
}
