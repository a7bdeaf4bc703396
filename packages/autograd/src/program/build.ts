// Makes the parts of a program from what was recorded.

import type { Description } from "../array/description.ts";
import type { NDArray } from "../array/ndarray.ts";
import type { Cell } from "../tape/cell.ts";
import { mayRefuse } from "./guards.ts";
import type { Origin, ProgramParts, ProgramStep, ProgramValue, VariableOutcome } from "./parts.ts";
import type { Recording } from "./recording.ts";
import { keyOf, nameOf } from "./same.ts";

interface Parts extends Pick<ProgramParts, "values" | "inputs" | "outputs" | "outcomes"> {
  /** For each variable that is assigned, the values that it holds one after another, the first included. */
  readonly assigned: readonly { readonly variable: Cell; readonly values: readonly ProgramValue[] }[];
}

/**
 * The values that lead to the outputs and to what variables hold in the end. `isLean`: without values
 * that nothing needs, and with equal values once.
 */
export function partsOf(
  recording: Recording,
  inputs: readonly NDArray[],
  outputs: readonly NDArray[],
  isLean: boolean,
): Parts {
  const values: ProgramValue[] = [];
  const known = new Map<NDArray, ProgramValue>();
  const make = ({ shape, dtype }: Description, origin: Origin): ProgramValue => {
    const value = { id: values.length, shape, dtype, origin };
    values.push(value);
    return value;
  };
  /** Gradients that are looked at become values. */
  const gradientsOf = new Map<NDArray, Cell>();
  const placed = (array: NDArray): ProgramValue => {
    let value = known.get(array);
    if (value !== undefined) return value;
    const variable = gradientsOf.get(array);
    value = make(
      array,
      variable === undefined ? { kind: "constant", array } : { kind: "gradient", variable },
    );
    known.set(array, value);
    return value;
  };
  const given = inputs.map((array, place) => {
    const value = make(array, { kind: "argument", place });
    known.set(array, value);
    return value;
  });
  const { outer } = recording;
  for (const { variable, value, grad } of outer) {
    // Where a caller has made an argument of it, it is one.
    if (!known.has(value)) known.set(value, make(value, { kind: "variable", variable }));
    if (grad !== null) gradientsOf.set(grad.array, variable);
  }

  const alike = new Map<string, readonly ProgramValue[]>();
  for (const { primitive, inputs, attributes, outputs } of recording.steps) {
    const operands = inputs.map(placed);
    const key = isLean
      ? `${nameOf(primitive)}(${operands.map(({ id }) => id).join()})${keyOf(attributes)}`
      : `${alike.size}`;
    let made = alike.get(key);
    if (made === undefined) {
      const all: ProgramValue[] = [];
      const step: ProgramStep = { primitive, inputs: operands, attributes, outputs: all };
      for (const [output, description] of outputs.entries())
        all.push(make(description, { kind: "step", step, output }));
      made = all;
      alike.set(key, made);
    }
    for (const [i, output] of outputs.entries()) known.set(output, made[i]!);
  }

  const outcomes = outer.flatMap(({ variable, state, ...before }): VariableOutcome[] => {
    const value = state.value.array === before.value ? undefined : placed(state.value.array);
    const { left } = state;
    // An assignment forgets the gradient, so that one which is there after it was put back.
    const isKept = left === before.grad && (value === undefined || left === null);
    const grad = isKept ? undefined : left === null ? null : placed(left.array);
    if (value === undefined && grad === undefined) return [];
    return [{ variable, value, grad, ...(state.missesGrad ? { missesGrad: true } : {}) }];
  });
  const assigned = outer.flatMap(({ variable, value, held }) =>
    held.length === 0
      ? []
      : [{ variable, values: [value, ...held].flatMap((array) => known.get(array) ?? []) }],
  );
  const wanted = outputs.map(placed);
  return {
    values: isLean ? needed(values, wanted, outcomes) : values,
    inputs: given,
    outputs: wanted,
    outcomes,
    assigned,
  };
}

/** The values that the outputs and outcomes need, or that a guard looks at. */
function needed(
  values: readonly ProgramValue[],
  outputs: readonly ProgramValue[],
  outcomes: readonly VariableOutcome[],
): ProgramValue[] {
  const found = new Set<ProgramValue>();
  const pending = [
    ...outputs,
    ...outcomes.flatMap(({ value, grad }) => [value, grad].filter((each) => each != null)),
    // A step that refuses numbers has to refuse them whether or not its result is needed.
    ...values.filter(({ origin }) => origin.kind === "step" && mayRefuse(origin.step)),
  ];
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    if (found.has(value)) continue;
    found.add(value);
    if (value.origin.kind === "step") pending.push(...value.origin.step.inputs);
  }
  return values.filter((value) => found.has(value));
}
