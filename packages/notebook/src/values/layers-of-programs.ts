// Which layer of a model each value of a program belongs to, and which pass.

import type { Program, ProgramValue } from "@adjoint/autograd";
import { variables } from "@adjoint/nn";
import type { Pass } from "../views/view.ts";

/** The layer of a variable: its path without the last name. */
const layerOf = (path: string): string => path.replace(/\.?[^.[]*(\["[^"]*"\])?$/, "");

/** The variables of a model by their paths, the other way round. */
export const pathsOf = (model: object | undefined): ReadonlyMap<unknown, string> =>
  new Map(model === undefined ? [] : Object.entries(variables(model)).map(([path, each]) => [each, path]));

/**
 * The layer of each value that has one: of a variable by its path in the model (`pathsOf`), of a step that of the weights that came last on
 * the way to it.
 */
export function layersOf(
  { values }: Program,
  paths: ReadonlyMap<unknown, string>,
): ReadonlyMap<ProgramValue, string> {
  const found = new Map<ProgramValue, string>();
  for (const value of values) {
    const { origin } = value;
    if (origin.kind === "step") {
      const layer = origin.step.inputs
        .map((input) => found.get(input))
        .findLast((each) => each !== undefined);
      if (layer !== undefined) found.set(value, layer);
    } else {
      const cell =
        "variable" in origin ? origin.variable : origin.kind === "constant" ? origin.was : undefined;
      const path = cell === undefined ? undefined : paths.get(cell.face);
      if (path !== undefined) found.set(value, layerOf(path) || "model");
    }
  }
  return found;
}

/**
 * On which pass each step lies. The first single float among the outputs is taken for the loss, where something else that has
 * the shape of an input or a variable is returned or left in a variable: what the loss is made of is the way forward, and what
 * else is computed is the way back. Everywhere else all is forward: a program does not say which rule made a step.
 */
export function passesOf({ values, outputs, outcomes }: Program): (value: ProgramValue) => Pass {
  const loss = outputs.find(
    ({ shape, dtype, origin }) => shape.length === 0 && dtype.startsWith("float") && origin.kind === "step",
  );
  const sources = values.filter(({ origin: { kind } }) => kind === "argument" || kind === "variable");
  const shapes = new Set(sources.map(({ shape }) => String(shape)));
  const hasGradients =
    outcomes.length > 0 || outputs.some((each) => each !== loss && shapes.has(String(each.shape)));
  if (loss === undefined || !hasGradients) return () => "forward";
  const forward = new Set<ProgramValue>();
  const pending = [loss];
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    if (forward.has(value)) continue;
    forward.add(value);
    if (value.origin.kind === "step") pending.push(...value.origin.step.inputs);
  }
  // What comes from outside and is first read on the way back belongs there, too.
  for (const value of sources) forward.add(value);
  return (value) => (forward.has(value) ? "forward" : "backward");
}
