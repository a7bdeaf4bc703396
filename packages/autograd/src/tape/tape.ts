// A tape: what led to some values, in the order of making, so that entries refer only to earlier ones. Reading one
// never recurses, however long the chain.

import { includes, Trace } from "./trace.ts";
import type { Value } from "./value.ts";

/**
 * Every value that the outputs were made from, oldest first. With a trace, or a rule for what counts: only those that
 * depend on it, so that a sweep visits nothing in vain.
 */
export function tape(
  outputs: readonly Value[],
  scope: Trace | ((value: Value) => boolean) | null = null,
): Value[] {
  const counts = scope instanceof Trace ? dependsOn(scope) : scope;
  const found = new Set<Value>();
  const pending: Value[] = [];
  const visit = (value: Value) => {
    if (found.has(value) || (counts !== null && !counts(value))) return;
    found.add(value);
    pending.push(value);
  };
  for (const output of outputs) visit(output);
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    value.step?.inputs.forEach(visit);
  }
  return [...found].sort((a, b) => a.serial - b.serial);
}

/** Whether a value depends on a trace. */
export const dependsOn =
  (trace: Trace): ((value: Value) => boolean) =>
  (value) =>
    includes(value.traces, trace);
