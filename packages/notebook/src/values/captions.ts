// What the values of a program are called, and what is known of their numbers.

import type { ProgramValue } from "@adjoint/autograd";
import { numberText, shapeText } from "../views/number-text.ts";

/** What made a value, in words: "map tanh", "weight". `paths` are the variables' places in a model, where one is known. */
export function captionOf({ origin, shape }: ProgramValue, paths: ReadonlyMap<unknown, string>): string {
  const variableText = ({ name, face }: { readonly name: string; readonly face: unknown }) =>
    paths.get(face) ?? (name === "" ? "variable" : name);
  switch (origin.kind) {
    case "argument":
      return `input ${origin.place}`;
    case "variable":
      return variableText(origin.variable);
    case "gradient":
      return `gradient of ${variableText(origin.variable)}`;
    case "constant":
      if (origin.was !== undefined) return `${variableText(origin.was)}, as it was`;
      return shape.length === 0 ? `constant ${numberText(Number(origin.array.data[0]))}` : "constant";
    case "step": {
      const { primitive, attributes, outputs } = origin.step;
      const told = primitive.label?.(attributes) ?? "";
      const which = outputs.length > 1 ? `.${origin.output}` : "";
      return `${primitive.name}${which}${told === "" ? "" : ` ${told}`}`;
    }
  }
}

export const typeText = ({ dtype, shape }: Pick<ProgramValue, "dtype" | "shape">): string =>
  `${dtype} ${shapeText(shape)}`;

/** Few numbers as they are: "0.5" or "(1, 0, 1)"; "" where there are more. */
export function valueText(data: ArrayLike<number | boolean>, most = 4): string {
  if (data.length === 0 || data.length > most) return "";
  const texts = Array.from(data, (value) => numberText(Number(value)));
  return texts.length === 1 ? texts[0]! : `(${texts.join(", ")})`;
}
