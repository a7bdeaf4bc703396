// How things were made: remembered beside them, so that a model can be described as data and made again.

import { kindOf } from "./arguments.ts";

/** A call: which function, and of what. */
export interface Making {
  readonly by: string;
  readonly from: readonly unknown[];
}

/** Stands for a key, which is not remembered: what is made again draws other first weights. */
export const anyKey: object = Object.freeze({});

const makings = new WeakMap<object, Making>();

const remembered = (argument: unknown): unknown => {
  if (kindOf(argument) !== "an object") return argument;
  const options = { ...(argument as object) };
  return "key" in options ? { ...options, key: options.key === undefined ? undefined : anyKey } : options;
};

/**
 * Remembers that a layer, or another object or function, was made by a function of this name from these arguments, and returns
 * it. So `architectureOf` can say how to make it again:
 * `const block = (width, options) => made(new Block(width, options), "block", width, options)`, and
 * `modelFrom(json, { layers: { block } })`. What an option called `key` holds is not kept.
 */
export function made<T extends object>(thing: T, by: string, ...from: readonly unknown[]): T {
  if (typeof by !== "string" || by === "")
    throw new TypeError(
      `made: got ${kindOf(by)} where the name of the function belongs that made it, e.g. made(layer, "block", width)`,
    );
  makings.set(thing, { by, from: from.map(remembered) });
  return thing;
}

export const makingOf = (thing: object): Making | undefined => makings.get(thing);
