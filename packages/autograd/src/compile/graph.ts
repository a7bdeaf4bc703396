// What a recorded function computes, as values that refer to earlier ones: without what nobody needs, and each thing
// once. Knows no operation: two steps are the same where their primitive, operands and attributes are.

import type { Description } from "../array/description.ts";
import type { NDArray } from "../array/ndarray.ts";
import type { Primitive } from "../tape/value.ts";
import type { LiftedVariable, Recording } from "./record.ts";

export type Origin =
  | { readonly kind: "argument"; readonly place: number }
  | { readonly kind: "variable"; readonly lifted: LiftedVariable }
  | { readonly kind: "gradient"; readonly lifted: LiftedVariable }
  | { readonly kind: "constant"; readonly array: NDArray }
  | {
      readonly kind: "step";
      readonly primitive: Primitive;
      readonly operands: readonly Value[];
      readonly attributes: unknown;
      /** Which of the primitive's outputs it is. */
      readonly output: number;
      readonly outputs: readonly Description[];
    };

/** An array that a program has or makes. */
export interface Value extends Description {
  readonly id: number;
  readonly origin: Origin;
}

/** What a program must leave behind in a variable: another value, another gradient (null: none), or neither. */
export interface VariableOutcome {
  readonly lifted: LiftedVariable;
  readonly value: Value | undefined;
  readonly grad: Value | null | undefined;
}

export interface GuardedValue {
  readonly numbers: Value;
  look(numbers: NDArray): void;
}

export interface Graph {
  /** Every value needed, operands before what is made of them. */
  readonly values: readonly Value[];
  readonly results: readonly Value[];
  readonly outcomes: readonly VariableOutcome[];
  /** Numbers that must be looked at before anything changes, each once. */
  readonly guards: readonly GuardedValue[];
}

/** The values that lead to the results and to what variables hold in the end. */
export function graphOf(
  recording: Recording,
  arguments_: readonly NDArray[],
  results: readonly NDArray[],
): Graph {
  const values: Value[] = [];
  const known = new Map<NDArray, Value>();
  const make = (description: Description, origin: Origin): Value => {
    const { shape, dtype } = description;
    const value = { id: values.length, shape, dtype, origin };
    values.push(value);
    return value;
  };
  const placed = (array: NDArray): Value => {
    let value = known.get(array);
    if (value === undefined) {
      value = make(array, { kind: "constant", array });
      known.set(array, value);
    }
    return value;
  };
  arguments_.forEach((array, place) => {
    known.set(array, make(array, { kind: "argument", place }));
  });
  const { outer } = recording;
  for (const lifted of outer) {
    known.set(lifted.value, make(lifted.value, { kind: "variable", lifted }));
    if (lifted.grad !== null) known.set(lifted.grad.array, make(lifted.grad, { kind: "gradient", lifted }));
  }

  const alike = new Map<string, readonly Value[]>();
  const guards: GuardedValue[] = [];
  for (const { primitive, inputs, attributes, outputs } of recording.steps) {
    const operands = inputs.map(placed);
    const key = `${nameOf(primitive)}(${operands.map(({ id }) => id).join()})${keyOf(attributes)}`;
    let made = alike.get(key);
    if (made === undefined) {
      made = outputs.map((description, output) =>
        make(description, { kind: "step", primitive, operands, attributes, output, outputs }),
      );
      alike.set(key, made);
      const { guard } = primitive;
      if (guard !== undefined)
        guards.push({
          numbers: operands[guard.operand]!,
          look: (numbers) => guard.look(numbers, attributes, operands),
        });
    }
    for (const [i, output] of outputs.entries()) known.set(output, made[i]!);
  }

  const outcomes = outer.flatMap((lifted): VariableOutcome[] => {
    const { state } = lifted;
    const value = state.value.array === lifted.value ? undefined : placed(state.value.array);
    const grad =
      state.grad === lifted.grad ? undefined : state.grad === null ? null : placed(state.grad.array);
    return value === undefined && grad === undefined ? [] : [{ lifted, value, grad }];
  });
  const wanted = results.map(placed);
  const needed = new Set<Value>();
  const pending = [
    ...wanted,
    ...guards.map(({ numbers }) => numbers),
    ...outcomes.flatMap(({ value, grad }) => [value, grad].filter((each) => each != null)),
  ];
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    if (needed.has(value)) continue;
    needed.add(value);
    if (value.origin.kind === "step") pending.push(...value.origin.operands);
  }
  return { values: values.filter((value) => needed.has(value)), results: wanted, outcomes, guards };
}

const names = new WeakMap<object, number>();
let count = 0;

/** A number for an object, the same each time. */
function nameOf(object: object): number {
  let name = names.get(object);
  if (name === undefined) names.set(object, (name = count++));
  return name;
}

/** Attributes as text: plain data by what it says, anything else by what it is. */
function keyOf(attributes: unknown, around: readonly object[] = []): string {
  switch (typeof attributes) {
    case "string":
      return JSON.stringify(attributes);
    case "number":
      return Object.is(attributes, -0) ? "-0" : `${attributes}`;
    case "bigint":
      return `${attributes}n`;
    case "symbol":
      // Not every engine tells symbols apart by a weak map, so none counts as the same as another.
      return `#${count++}`;
    case "function":
      return `#${nameOf(attributes)}`;
    case "object": {
      if (attributes === null) return "null";
      const inside = (value: unknown) => keyOf(value, [...around, attributes]);
      const prototype: unknown = Object.getPrototypeOf(attributes);
      // What holds itself has no end as text.
      if (around.includes(attributes)) return `#${nameOf(attributes)}`;
      if (Array.isArray(attributes)) return `[${attributes.map(inside).join()}]`;
      if (prototype !== Object.prototype && prototype !== null) return `#${nameOf(attributes)}`;
      return `{${Object.entries(attributes)
        .map(([key, value]) => `${JSON.stringify(key)}:${inside(value)}`)
        .join()}}`;
    }
    case "boolean":
    case "undefined":
      return `${attributes}`;
  }
}
