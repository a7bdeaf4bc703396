// How things were made: remembered beside them, so that a model can be described as data and made again.

import { kindOf } from "./arguments.ts";

/** A call that made something: which function, and of what. */
export interface Making {
  /** The function's name, such as "dense". */
  readonly by: string;
  /** The arguments. Options are a copy. */
  readonly from: readonly unknown[];
}

const makings = new WeakMap<object, Making>();

const isPart = (argument: object) =>
  makings.has(argument) || typeof (argument as { forward?: unknown }).forward === "function";

/** Options are copied, so that what becomes of them later changes nothing; layers stay themselves. */
const remembered = (argument: unknown): unknown => {
  const isOptions = kindOf(argument) === "an object" && !isPart(argument as object);
  return isOptions ? { ...(argument as object) } : argument;
};

/**
 * Records that a layer, or another object or function, was made by a function of this name from these arguments, and
 * returns it. So `architectureOf` can say how to make it again: `const block = (width, options) => made(new
 * Block(width, options), "block", width, options)`, and `modelFrom(json, { layers: { block } })`. An option called
 * `key` that holds a key, however deep among the arguments, is not kept there: what is made again draws other first
 * weights. A thing without a text of its own prints as that call. Throws TypeError for what is no object or function,
 * or a name that is none.
 */
export function made<T extends object>(thing: T, by: string, ...from: readonly unknown[]): T {
  if (typeof by !== "string" || by === "")
    throw new TypeError(
      `made: got ${kindOf(by)} where the name of the function belongs that made it, e.g. made(layer, "block", width)`,
    );
  const making = { by, from: from.map(remembered) };
  makings.set(thing, making);
  if (thing.toString === Object.prototype.toString && Object.isExtensible(thing))
    Object.defineProperty(thing, "toString", { value: () => textOfMaking(making) });
  return thing;
}

/** The call without its options: "encoderBlock(8, 2)". */
const textOfMaking = ({ by, from }: Making): string =>
  `${by}(${from.filter((each) => kindOf(each) !== "an object" || isPart(each as object)).join(", ")})`;

/**
 * How a layer, or another object or function, was made, as `made` recorded it: `makingOf(dense(2, 3, { key }))?.by` is "dense". For
 * what has to know layers by their kind, such as tables of other libraries' names. Undefined for what `made` did not record.
 */
export const makingOf = (thing: object): Making | undefined => makings.get(thing);
