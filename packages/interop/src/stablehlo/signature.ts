// What stands around the steps: the module, and the function with its arguments and results.

import type { Operand } from "./operand.ts";
import { tensorType } from "./types.ts";

/** Attributes by name, as MLIR writes their values: `{ "tf.aliasing_output": "1 : i32" }`. */
export type Attributes = Readonly<Record<string, string>>;

/** An argument or a result. */
export interface Place {
  readonly type: Pick<Operand, "type" | "shape">;
  readonly attributes: Attributes;
}

const attributesText = (attributes: Attributes) =>
  Object.entries(attributes)
    .map(([name, value]) => `${name} = ${value}`)
    .join(", ");

const placeText = ({ type, attributes }: Place) => {
  const text = attributesText(attributes);
  return `${tensorType(type)}${text === "" ? "" : ` {${text}}`}`;
};

/** The name of an argument in the function's text. */
export const argumentName = (place: number): string => `%arg${place}`;

/** The function that runs, of which a module has one. */
export function functionText(
  args: readonly Place[],
  results: readonly Place[],
  lines: readonly string[],
  returned: readonly Operand[],
): string {
  const given = args.map((place, i) => `${argumentName(i)}: ${placeText(place)}`).join(", ");
  const names = returned.map(({ name }) => name).join(", ");
  const end = returned.length === 0 ? "return" : `return ${names} : ${returned.map(tensorType).join(", ")}`;
  return [
    `func.func public @main(${given}) -> (${results.map(placeText).join(", ")}) {`,
    ...lines,
    `  ${end}`,
    "}",
  ].join("\n");
}

/** A module with attributes, what it declares before its function, and lines about it for readers. */
export function moduleText(
  name: string,
  attributes: Attributes,
  notes: readonly string[],
  parts: readonly string[],
): string {
  const inner = parts.join("\n").replace(/^/gm, "  ");
  return [
    ...notes.map((note) => `// ${note}`),
    `module @${name} attributes {${attributesText(attributes)}} {`,
    inner,
    "}",
    "",
  ].join("\n");
}
