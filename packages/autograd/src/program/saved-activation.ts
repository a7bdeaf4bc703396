// Activations as plain data and back: by their expressions, as programs save them.

import { kindOf } from "../array/arguments.ts";
import { type Activation, activation } from "../expression/activation.ts";
import { ElementwiseFunction, statedFunction } from "../expression/elementwise-function.ts";
import { type Given, Reader, type Saved, savedFunction, savedNumber } from "./attributes.ts";

/**
 * An activation as plain data, for JSON.stringify: its expression, its ψ, its kinks and its range. Throws TypeError
 * where the argument is no activation.
 */
export function activationToJSON(saved: Activation): Saved {
  if (
    typeof saved !== "function" ||
    !((saved as Partial<Activation>).function instanceof ElementwiseFunction)
  )
    throw new TypeError(
      `activationToJSON: got ${kindOf(saved)} where an activation belongs; make one with activation(…)`,
    );
  const { name, psi, kinks, range } = saved;
  return {
    format: "adjoint activation",
    version: 1,
    name,
    function: savedFunction(saved.function),
    ...(psi === undefined ? {} : { psi: savedFunction(statedFunction(name, 1, (y) => psi(y!))) }),
    kinks: kinks.map(savedNumber),
    range: range.map(savedNumber),
  };
}

/**
 * The activation that `activationToJSON` gave. Atoms that are not this package's are given by name. Throws TypeError,
 * with the path in the data, where the data are no activation; runs no code from them.
 */
export function activationFromJSON(json: unknown, given: Pick<Given, "atoms"> = {}): Activation {
  const read = new Reader(given, () => read.refuse("", "holds a program"), "activationFromJSON");
  const root = read.object(json, "");
  if (root["format"] !== "adjoint activation" || root["version"] !== 1)
    read.refuse(
      "",
      "is no activation that activationToJSON gave (its format is missing, or of another version)",
    );
  const expressionAt = (name: "function" | "psi") => {
    const { arity, expression } = read.elementwise(read.object(root[name], name), name);
    if (arity !== 1) read.refuse(name, `has ${arity} operands, and an activation has one`);
    return expression;
  };
  const numbers = (name: "kinks" | "range") =>
    read
      .list(root[name], name)
      .map((each, i) => read.number(read.attributes(each, `${name}[${i}]`), `${name}[${i}]`));
  const [low, high, ...rest] = numbers("range");
  if (low === undefined || high === undefined || rest.length > 0)
    return read.refuse("range", "must be two numbers, the least and the greatest value");
  const body = expressionAt("function");
  const psi = root["psi"] === undefined ? undefined : expressionAt("psi");
  return activation(read.text(root["name"], "name"), (x) => x.elementwise({ expression: body }), {
    ...(psi === undefined ? {} : { psi: (y) => y.elementwise({ expression: psi }) }),
    kinks: numbers("kinks"),
    range: [low, high],
  });
}
