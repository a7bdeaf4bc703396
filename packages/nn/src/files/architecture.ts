// What a model is made of, without its weights, as data; and a model of that form again. Nothing in the data is evaluated: they
// name functions of this package, or functions that are given when reading.

import {
  type Activation,
  activationFromJSON,
  activationToJSON,
  type Given,
  type Key,
  Tensor,
  Variable,
  variable,
} from "@adjoint/autograd";
import * as activations from "../activations.ts";
import { checkOptions, hasShape, kindOf } from "../arguments.ts";
import { minMaxScaling, standardScaling } from "../data/scale.ts";
import * as initializers from "../initializers.ts";
import { isLayer, keys, type Layer } from "../layer.ts";
import * as layers from "../layers/table.ts";
import { makingOf } from "../made.ts";
import { type Data, dataOf, tensorOf, valueOfData } from "./data.ts";

/** A model without its weights, for JSON.stringify. */
export interface Architecture {
  /** Says what the data are. */
  readonly format: "adjoint model";
  /** The version of this form. */
  readonly version: 1;
  /** The calls that make the model, as plain data. */
  readonly model: Data;
}

const known: Readonly<Record<string, unknown>> = {
  ...layers,
  ...activations,
  ...initializers,
  standardScaling,
  minMaxScaling,
};
// Of two names for one function, such as logistic and sigmoid, the first.
const nameOf = new Map(
  Object.entries(known)
    .map(([name, each]) => [each, name] as const)
    .reverse(),
);

/** Whether a value is the key of some options: which one it was is left out. */
const isKey = (value: object, at: string): boolean =>
  value instanceof Tensor && at.endsWith(".key") && value.dtype === "int32" && hasShape(value, [2]);

const isActivation = (value: object): value is Activation =>
  typeof value === "function" && "expression" in value && "psi" in value;

/**
 * What a model is made of, as data: each layer by the call that made it, an activation by its expression, an own layer
 * or function by its name. Weights are not part of it; `save` has them. A layer that occurs twice is one layer again.
 * Throws TypeError for a layer that was not made by a known function (see `made`), and for a function without a name.
 */
export function architectureOf(model: Layer<never, unknown>): Architecture {
  if (!isLayer(model))
    throw new TypeError(`architectureOf: got ${kindOf(model)} where a layer belongs; give them one by one`);
  const places = new Map<object, number>();
  const refuse = (at: string, what: string): never => {
    throw new TypeError(`architectureOf: ${at} is ${what}`);
  };
  const described = dataOf(model, "the model", (value, at, inside) => {
    if (isKey(value, at)) return { $key: true };
    if (nameOf.has(value)) return { $named: nameOf.get(value)! };
    const place = places.get(value);
    if (place !== undefined) return { $again: place };
    const remember = (form: Data) => {
      places.set(value, places.size);
      return form;
    };
    const making = makingOf(value);
    if (making !== undefined) {
      const from = making.from.map((each, i) => inside(each, `${at}, ${making.by}'s argument ${i + 1}`));
      return remember({ $made: [making.by, ...from] });
    }
    if (value instanceof Tensor) {
      const plain = inside(value.toJSON(), at);
      if (!(value instanceof Variable)) return remember({ $tensor: plain });
      const { name, trainable } = value;
      return remember({ $variable: [plain, { name, trainable }] });
    }
    if (isActivation(value)) return remember({ $activation: activationToJSON(value) });
    if (isLayer(value))
      return refuse(
        at,
        `${kindOf(value)}, of which it is not known how it was made; make it by a function that ends in return made(layer, "name", …arguments), and give that function when reading: modelFrom(json, { layers: { name } })`,
      );
    if (typeof value !== "function") return undefined;
    if (value.name === "")
      refuse(
        at,
        "a function without a name; where it works on one element, make it an activation(name, (x) => …), else give it a name, and give the function when reading: modelFrom(json, { functions: { name } })",
      );
    return { $given: value.name };
  });
  return { format: "adjoint model", version: 1, model: described };
}

/** What an architecture names that is not part of this package. */
export interface ArchitectureOptions {
  /** Functions that make your own layers, by the names given to `made`. */
  readonly layers?: Readonly<Record<string, (...from: never[]) => object>>;
  /** Your own functions by their names, such as initializers, and activations that are no expressions. */
  readonly functions?: Readonly<Record<string, (...from: never[]) => unknown>>;
  /** The atoms of your own activations, by their names: `{ cbrt: cbrt.atom }`. */
  readonly atoms?: Given["atoms"];
  /** Source of first weights, until others are loaded; from seed 0 by default. */
  readonly key?: Key;
}

/**
 * A model of an architecture that `architectureOf` gave, with first weights of its own: `load` those that were saved.
 * Nothing in the data is evaluated. Throws TypeError, with the path in the data, where they are no architecture, or
 * name something that is not given.
 */
export function modelFrom(json: unknown, options: ArchitectureOptions = {}): Layer {
  checkOptions("modelFrom", options, ["layers", "functions", "atoms", "key"]);
  const { format, version, model } = kindOf(json) === "an object" ? (json as Partial<Architecture>) : {};
  if (format !== "adjoint model" || version !== 1)
    throw new TypeError(
      `modelFrom: got ${kindOf(json)}, which is no architecture that architectureOf gave (its format is missing, or of another version)${typeof json === "string" ? "; write JSON.parse(text)" : ""}`,
    );
  const refuse = (at: string, what: string, cause?: unknown): never => {
    throw new TypeError(`modelFrom: ${at} ${what}`, { cause });
  };
  const key = keys(0);
  if (options.key !== undefined) key.state.assign(options.key);
  const met: unknown[] = [];
  const remember = <T>(value: T): T => {
    met.push(value);
    return value;
  };
  const functionAt = (name: unknown, at: string, given: "layers" | "functions" | null): unknown => {
    const own: Readonly<Record<string, unknown>> = (given === null ? null : options[given]) ?? {};
    for (const table of [own, given === "functions" ? {} : known])
      if (typeof name === "string" && Object.hasOwn(table, name) && typeof table[name] === "function")
        return table[name];
    return refuse(
      at,
      `names ${JSON.stringify(name)}, which is not known here${given === null ? "" : `; give it: modelFrom(json, { ${given}: { ${String(name)} } })`}`,
    );
  };
  const attempt = <T>(at: string, what: string, run: () => T): T => {
    try {
      return run();
    } catch (error) {
      return refuse(at, `${what}: ${(error as Error).message}`, error);
    }
  };
  const listAt = (data: unknown, at: string): readonly unknown[] =>
    Array.isArray(data) ? (data as readonly unknown[]) : refuse(at, `is ${kindOf(data)} and must be a list`);
  const tensorAt = (plain: unknown, at: string): Tensor => attempt(at, "is no tensor", () => tensorOf(plain));
  const result = attempt("the data", "can't be read", () =>
    valueOfData(model, "the model", (name, data, at, inside) => {
      switch (name) {
        case "$key":
          return key();
        case "$named":
          return functionAt(data, at, null);
        case "$given":
          return functionAt(data, at, "functions");
        case "$again":
          if (typeof data !== "number" || !(data in met))
            return refuse(at, `says it is ${JSON.stringify(data)} again, of ${met.length} before it`);
          return met[data];
        case "$activation":
          return remember(
            attempt(at, "is no activation", () => activationFromJSON(data, { atoms: options.atoms ?? {} })),
          );
        case "$tensor":
          return remember(tensorAt(inside(data, at), at));
        case "$variable": {
          const [plain, roles] = listAt(inside(data, at), at);
          return remember(
            attempt(at, "is no variable", () => variable(tensorAt(plain, at), roles as object)),
          );
        }
        case "$made": {
          const [by, ...from] = listAt(data, at);
          const make = functionAt(by, at, "layers") as (...from: unknown[]) => unknown;
          const given = from.map((each, i) => inside(each, `${at}, ${String(by)}'s argument ${i + 1}`));
          return remember(attempt(at, `can't be made by ${String(by)}`, () => make(...given)));
        }
        default:
          return refuse(at, `has "${name}", which is no form of a value`);
      }
    }),
  );
  return isLayer(result)
    ? (result as Layer)
    : refuse("the model", `is ${kindOf(result)} and must be a layer`);
}
