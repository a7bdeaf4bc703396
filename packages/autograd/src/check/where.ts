// Where in the user's code a step was made. Stacks are read only while something is being inspected, since reading them is slow.

import { interpose } from "../tape/interpose.ts";
import type { Value } from "../tape/value.ts";

// Node's own limit of ten frames may end inside the engine.
const frameLimit = 60;

/** Runs a function and remembers for every tensor it makes the line of code that asked for it. */
export function locate<T>(run: () => T): { result: T; lineOf: (value: Value) => string | null } {
  // Errors, not their texts: the text of a stack takes long to make, and few are read.
  const stacks = new WeakMap<Value, Error>();
  const errors = Error as { stackTraceLimit?: number };
  const limit = errors.stackTraceLimit;
  if (limit !== undefined) errors.stackTraceLimit = Math.max(limit, frameLimit);
  try {
    const result = interpose({ made: (value) => stacks.set(value, new Error()) }, run);
    return { result, lineOf: (value) => userLine(stacks.get(value)?.stack ?? "") };
  } finally {
    if (limit !== undefined) errors.stackTraceLimit = limit;
  }
}

/**
 * The innermost frame outside the engine, as file:line:column. The stack itself tells what is the engine, for its first
 * frame is this file. The file's address does not: source maps, where they are enabled, name sources in place of what runs.
 */
function userLine(stack: string): string | null {
  const places = stack.split("\n").flatMap((frame) => {
    if (frame.includes("node:")) return [];
    const place = /\(?((?:file:\/\/|\/|[A-Za-z]:\\|https?:\/\/)[^()]*:\d+:\d+)\)?$/.exec(frame.trim())?.[1];
    return place === undefined ? [] : [plain(place)];
  });
  const [own = "", ...others] = places;
  // The package's sources lie in src and what is built of them in dist. In another bundle the engine is the file it is in.
  const root = /^(.*\/)(?:src|dist)\//.exec(own)?.[1];
  const engine = root === undefined ? [own.replace(/:\d+:\d+$/, ":")] : [`${root}src/`, `${root}dist/`];
  const isUsers = (place: string) =>
    !engine.some((folder) => place.startsWith(folder)) && !/\/node_modules\/@adjoint\//.test(place);
  return others.find(isUsers) ?? null;
}

/** Without "file://", and with forward slashes. */
const plain = (place: string) => place.replace(/^(?:async )?file:\/\//, "").replaceAll("\\", "/");
