// Where in the user's code a step was made. Stacks are read only while something is being inspected, since they cost much.

import { interpose } from "../tape/interpose.ts";
import type { Value } from "../tape/value.ts";

// This file's folder's parent: everything beneath is the engine, not its user.
const here = (import.meta as unknown as { readonly url: string }).url;
const engine = here.slice(0, here.lastIndexOf("/", here.lastIndexOf("/") - 1) + 1);

// Node's own limit of ten frames may end inside the engine.
const frameLimit = 60;

/** Runs a function and remembers for every tensor it makes the line of code that asked for it. */
export function locate<T>(run: () => T): { result: T; lineOf: (value: Value) => string | null } {
  const stacks = new WeakMap<Value, string>();
  const errors = Error as { stackTraceLimit?: number };
  const limit = errors.stackTraceLimit;
  if (limit !== undefined) errors.stackTraceLimit = Math.max(limit, frameLimit);
  try {
    const result = interpose({ made: (value) => stacks.set(value, new Error().stack ?? "") }, run);
    return { result, lineOf: (value) => userLine(stacks.get(value) ?? "") };
  } finally {
    if (limit !== undefined) errors.stackTraceLimit = limit;
  }
}

/** The innermost frame outside the engine, as file:line:column. */
function userLine(stack: string): string | null {
  const frames = stack.split("\n").slice(1);
  for (const frame of frames) {
    const place = /\(?((?:file:\/\/|\/|[A-Za-z]:\\|https?:\/\/)[^()\s]*:\d+:\d+)\)?$/.exec(frame.trim())?.[1];
    if (place === undefined) continue;
    const url = place.startsWith("/") ? `file://${place}` : place;
    if (!url.startsWith(engine) && !url.includes("node:internal")) return place.replace(/^file:\/\//, "");
  }
  return null;
}
