// What a layer is, and how its variables are found: by walking its own fields. Nothing is registered.

import { Tensor, Variable } from "@adjoint/autograd";
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
 * Every variable of a model by its path, such as "0.weight", in the order of the fields. Arrays and objects are walked
 * through; a variable that is reachable by several paths appears under the first. Throws TypeError for something that
 * holds no fields.
 */
export function variables(model: object): Record<string, Variable> {
  if (
    typeof model !== "object" ||
    model === null ||
    (model instanceof Tensor && !(model instanceof Variable))
  ) {
    throw new TypeError(
      `variables: got ${kindOf(model)} where a model belongs: a layer, or an object or array of layers`,
    );
  }
  const found: Record<string, Variable> = {};
  const seen = new Set<object>();
  const walk = (value: unknown, path: string): void => {
    if (typeof value !== "object" || value === null || seen.has(value)) return;
    seen.add(value);
    if (value instanceof Variable) found[path] = value;
    // Typed arrays and the like have numbers, not variables, in thousands of fields.
    else if (!ArrayBuffer.isView(value)) {
      for (const [key, inner] of Object.entries(value)) walk(inner, path === "" ? key : `${path}.${key}`);
    }
  };
  walk(model, "");
  return found;
}
