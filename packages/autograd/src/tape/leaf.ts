// New names for values: leaves that a transform watches, and values that let go of their past.

import { constantIn, identity } from "./identity.ts";
import { hasOpen, includes, merge, openTraces, type Trace, type TraceSet, union, without } from "./trace.ts";
import { algebraOf, type Holder, heldBy, type Step, type Value } from "./value.ts";

const stepOf = (value: Value): Step =>
  ({ primitive: identity, inputs: [value], attributes: null, outputs: null }) as Step<null> as Step;

/** A new name for the same value, watched by a trace: a leaf of it, though it may lie within the tape of another. */
export function watchedLeaf(value: Value, trace: Trace, holder: Holder | null = null): Value {
  const own = heldBy(value);
  const around = without(openTraces(own.traces), trace);
  // A view would keep alive, and share with a variable, a buffer that is someone else's.
  const array = holder === null ? own.array : own.array.alone();
  return algebraOf(own).make(array, {
    // What the value was made of within this trace does not count: the leaf is where this trace begins.
    step: around === null ? null : stepOf(watchedBy(own, around)),
    traces: merge({ trace, rest: null }, around),
    holder,
  });
}

/** The same numbers, forgotten how they were made: no derivative passes. */
export function detached(value: Value): Value {
  const own = heldBy(value);
  return own.step === null && own.traces === null ? own : algebraOf(own).make(own.array, {});
}

/** The value if some open transform or variable still watches it; otherwise its numbers alone, so that the tape can go. */
export function withoutClosedTapes(value: Value): Value {
  return openTraces(value.traces) === null ? detached(value) : value;
}

/** The same value for everyone but one trace. */
export function hiddenFrom(value: Value, trace: Trace): Value {
  if (!includes(value.traces, trace)) return value;
  return watchedBy(value, without(value.traces, trace));
}

/** The same value, watched only by some of those that watch it. */
export function watchedBy(value: Value, traces: TraceSet | null): Value {
  const own = heldBy(value);
  if (own.traces === traces) return own;
  if (traces === null || !hasOpen(traces)) return detached(own);
  return algebraOf(own).make(own.array, { step: stepOf(own), traces });
}

/**
 * The value as a function of others too, for whoever watches them: where it was made without them, a constant one. So
 * nobody takes for forgotten what was reached and does not move.
 */
export function unmoved(value: Value, others: readonly Value[]): Value {
  const watched = others.filter(({ traces }) => openTraces(traces) !== null);
  if (watched.length === 0) return value;
  const traces = watched.reduce((all, { traces: own }) => union(all, own), openTraces(value.traces));
  const step = { primitive: constantIn, inputs: [value, ...watched], attributes: null, outputs: null };
  return algebraOf(value).make(value.array, { step: step as Step<null> as Step, traces });
}
