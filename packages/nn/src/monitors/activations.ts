// The outputs of a model's activations, found on the tape of what it has computed: layers need not report them.

import { type Activation, leaves, type Tensor, tapeOf, type Variable } from "@adjoint/autograd";
import { variables } from "../layer.ts";
import { layerOf, type SeenActivation } from "./monitor.ts";

const isActivation = (value: unknown): value is Activation =>
  typeof value === "function" && "range" in value && "function" in value && "expression" in value;

/** The outputs of the activations that a model holds, in the order in which they led to `output`. */
export function activationsIn(model: object, output: Tensor): readonly SeenActivation[] {
  const known = new Map(
    Object.values(leaves(model, isActivation, { caller: "fit" })).map((each) => [each.function, each]),
  );
  const paths = new Map<unknown, string>(
    Object.entries(variables(model)).map(([path, each]): [Variable, string] => [each, path]),
  );
  const tape = tapeOf(output);
  /** The layer whose weights came last on the way to a value. */
  const layers = new Map<unknown, string>();
  const found: SeenActivation[] = [];
  const taken = new Map<string, number>();
  const unique = (label: string) => {
    const times = (taken.get(label) ?? 0) + 1;
    taken.set(label, times);
    return times === 1 ? label : `${label} ${times}`;
  };
  tape.values.forEach((value, place) => {
    const { origin } = value;
    if (origin.kind === "variable" || (origin.kind === "constant" && origin.was !== undefined)) {
      const path = paths.get((origin.kind === "variable" ? origin.variable : origin.was)?.face);
      if (path !== undefined) layers.set(value, layerOf(path));
      return;
    }
    if (origin.kind !== "step") return;
    const { inputs, attributes } = origin.step;
    const layer = inputs.map((input) => layers.get(input)).findLast((each) => each !== undefined);
    if (layer !== undefined) layers.set(value, layer);
    const fn = (attributes as { readonly fn?: unknown } | null)?.fn;
    const activation = known.get(fn as Activation["function"]);
    if (activation === undefined) return;
    const label = unique(`${layer ?? ""} ${activation.name}`.trim());
    found.push({ label, range: activation.range, output: tape.tensors[place]! });
  });
  return found;
}
