// New names for values: leaves that a transform watches, and values that forget how they were made.

import { apply } from "./apply.ts";
import { constantIn, identity, stopGradient } from "./identity.ts";
import { innermost, isInterpreted, Multiplying } from "./interpreter.ts";
import { hasOpen, includes, merge, openTraces, type Trace, type TraceSet, union, without } from "./trace.ts";
import { algebraOf, type Holder, heldBy, type Step, type Value } from "./value.ts";

/** The step that gives a value a new name. */
export const sameAs = (value: Value): Step =>
  ({ primitive: identity, inputs: [value], attributes: null, outputs: null }) as Step<null> as Step;

/** A new name for the same value, watched by a trace: a leaf of it, though it may lie within the tape of another. */
export function watchedLeaf(value: Value, trace: Trace, holder: Holder | null = null): Value {
  const own = heldBy(value);
  const around = without(openTraces(own.traces), trace);
  // A view would keep alive, and share with a variable, a buffer that is someone else's.
  const array = holder === null ? own.array : own.array.alone();
  // What the value was made of within this trace does not count: the leaf is where this trace begins.
  const step = around === null ? null : sameAs(watchedBy(own, around));
  return algebraOf(own).make(array, step, merge({ trace, rest: null }, around), holder);
}

/** The same numbers without the memory of how they were made: no derivative passes. A program being recorded has a step for it. */
export function detached(value: Value): Value {
  return isInterpreted() ? apply(stopGradient, [value], null) : forgotten(value);
}

/** The same numbers, where nobody watches how they were made any more. */
export function forgotten(value: Value): Value {
  const own = heldBy(value);
  return own.step === null && own.traces === null ? own : algebraOf(own).make(own.array);
}

/** The value if some open transform or variable still watches it; otherwise its numbers alone, so that the tape can be freed. */
export function withoutClosedTapes(value: Value): Value {
  return openTraces(value.traces) === null ? forgotten(value) : value;
}

/** The same value, which one trace no longer watches. */
export function hiddenFrom(value: Value, trace: Trace): Value {
  if (!includes(value.traces, trace)) return value;
  return watchedBy(value, without(value.traces, trace));
}

/** The same value, watched only by some of those that watch it. */
export function watchedBy(value: Value, traces: TraceSet | null): Value {
  const own = heldBy(value);
  if (own.traces === traces) return own;
  if (traces === null || !hasOpen(traces)) return forgotten(own);
  return algebraOf(own).make(own.array, sameAs(own), traces);
}

/**
 * The value as a function of others too, for those that watch them; where the value was not made from them, it is constant
 * in them. So a value that was reached and does not move is not mistaken for one that was not reached.
 */
export function unmoved(value: Value, others: readonly Value[]): Value {
  const watched = others.filter(({ traces }) => openTraces(traces) !== null);
  if (watched.length === 0) return value;
  // What stands for many is a function of the others for those, too, who watch the many.
  if (innermost(Multiplying) !== null) return apply(constantIn, [value, ...watched], null);
  const traces = watched.reduce((all, { traces: own }) => union(all, own), openTraces(value.traces));
  const step = { primitive: constantIn, inputs: [value, ...watched], attributes: null, outputs: null };
  return algebraOf(value).make(value.array, step as Step<null> as Step, traces);
}
