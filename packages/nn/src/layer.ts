// What a layer is, and how its variables are found: by looking through its own fields. Nothing is registered.

import { leaves, Tensor, Variable } from "@adjoint/autograd";
import { kindOf } from "./arguments.ts";

export interface ForwardOptions {
  /** True while training: dropout drops, batch normalisation uses the batch. False by default. */
  readonly training?: boolean;
}

/** Anything with a `forward`: a plain object whose fields hold its variables and inner layers. */
export interface Layer {
  forward(x: Tensor, options?: ForwardOptions): Tensor;
}

/**
 * Every variable of a model by its path, such as "0.weight", in the order of the fields: a name for errors and for saving,
 * and a tree that every transform takes. Arrays, objects, Maps, Sets, instances of classes and functions are looked through
 * by their fields; a variable that is reachable by several paths appears under the first. What a private field (#name) or a
 * function's closure holds can't be seen.
 * Throws TypeError for something that holds no fields, and for a part that can't be looked into, such as a Promise.
 */
export function variables(model: object): Record<string, Variable> {
  if (
    (typeof model !== "object" && typeof model !== "function") ||
    model === null ||
    (model instanceof Tensor && !(model instanceof Variable))
  ) {
    throw new TypeError(
      `variables: got ${kindOf(model)} where a model belongs: a layer, or an object or array of layers`,
    );
  }
  return leaves(model, (value) => value instanceof Variable, { caller: "variables" });
}
