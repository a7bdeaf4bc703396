// A tape: the steps that led to some outputs, laid out by serial number, so that entries refer only to
// earlier ones. Reading one never recurses, however long the chain.

import type { Tensor } from "../primitives/tensor.ts";
import { includes, type Trace } from "./trace.ts";

/**
 * Every tensor that the outputs were made from, oldest first. With a trace: only those that depend on it, so
 * that a sweep visits nothing in vain.
 */
export function layout(outputs: readonly Tensor[], trace: Trace | null = null): Tensor[] {
  const found = new Set<Tensor>();
  const pending: Tensor[] = [];
  const visit = (tensor: Tensor) => {
    if (found.has(tensor) || (trace !== null && !includes(tensor.traces, trace))) return;
    found.add(tensor);
    pending.push(tensor);
  };
  for (const output of outputs) visit(output);
  for (let tensor = pending.pop(); tensor !== undefined; tensor = pending.pop()) {
    tensor.step?.inputs.forEach(visit);
  }
  return [...found].sort((a, b) => a.serial - b.serial);
}
