// Functions whose rule is not the derivative of their value, on purpose, and that say of which other function it is: of their
// surrogate. While such a function is checked, it moves as its surrogate does, from the value that it has at the point.

import { isFloat } from "../array/dtype.ts";
import { elements } from "../primitives/elementwise.ts";
import { answered } from "../program/inside.ts";
import { interpose } from "../tape/interpose.ts";
import { listOf } from "../tape/outputs.ts";
import type { Primitive, Value } from "../tape/value.ts";
import type { Subject } from "./subject.ts";

const { add, sub } = elements;

/** What a function and its surrogate give at the point. */
interface Anchor {
  readonly values: readonly Value[];
  readonly surrogates: readonly Value[];
}

/** A subject whose functions move as their surrogates do, and what has to be told of them. */
export interface Anchored {
  readonly subject: Subject;
  /** A sentence about each function with a surrogate. */
  readonly notes: readonly string[];
  /** Runs what looks at the subject, its derivatives included. */
  readonly during: <T>(look: () => T) => T;
}

/**
 * The same subject, in which f with a surrogate g is f(x₀) + g(x) − g(x₀), where x₀ is what its operands are at the point.
 * There the value is f's and the derivative is g's, and further derivatives are.
 */
export function anchored(subject: Subject): Anchored {
  const anchors: Anchor[] = [];
  const notes = new Set<string>();
  // By its attributes a call is known when it is repeated outside of a run: by a sweep, or alone.
  const bound = new WeakMap<object, Anchor>();
  const known = new WeakMap<Primitive, Primitive>();
  let calls = 0;
  let isRunning = false;
  const anchorOf = (attributes: object, values: () => readonly Value[], surrogates: readonly Value[]) => {
    if (!isRunning) return bound.get(attributes);
    // Runs make the same calls in the same order.
    const anchor = (anchors[calls++] ??= { values: values(), surrogates });
    bound.set(attributes, anchor);
    return anchor;
  };
  const moved = (primitive: Primitive, inputs: readonly Value[], attributes: unknown): readonly Value[] => {
    const values = () => listOf<Value>(primitive.composed!(inputs, attributes)!);
    const surrogate = primitive.surrogate!(inputs, attributes);
    if (surrogate === null) return values();
    notes.add(surrogate.note);
    const anchor = anchorOf(attributes as object, values, surrogate.outputs);
    if (anchor === undefined) return values();
    return anchor.values.map((value, i) =>
      isFloat(value.dtype) ? add(value, sub(surrogate.outputs[i]!, anchor.surrogates[i]!)) : value,
    );
  };
  const moving = (primitive: Primitive): Primitive => ({
    ...primitive,
    unfolded: (inputs, attributes) =>
      answered(moved(primitive, inputs, attributes).map(({ array }) => array)),
  });
  const replace = (primitive: Primitive): Primitive => {
    if (primitive.surrogate === undefined) return primitive;
    let replaced = known.get(primitive);
    if (replaced === undefined) known.set(primitive, (replaced = moving(primitive)));
    return replaced;
  };
  const run: Subject["run"] = (inputs) => {
    calls = 0;
    isRunning = true;
    try {
      return subject.run(inputs);
    } finally {
      isRunning = false;
    }
  };
  interpose({ replace }, () => run(subject.inputs));
  if (notes.size === 0) return { subject, notes: [], during: (look) => look() };
  return { subject: { ...subject, run }, notes: [...notes], during: (look) => interpose({ replace }, look) };
}
