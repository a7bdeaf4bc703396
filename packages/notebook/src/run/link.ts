// The way from a script to whoever runs it. The runner's process puts a link in a place that is known by name before the script
// begins; a script that runs by itself finds none. Only what is read here is defined here.

import type { ScriptEvent } from "./events.ts";

export interface Link {
  /** The cell that runs, from 0. */
  cell(): number;
  send(event: ScriptEvent): void;
  /** Whether somebody listens; where nobody does, the script behaves as if there were no link. */
  readonly isConnected: boolean;
  /** Whether what is shown is printed as text, too. */
  readonly wantsText: boolean;
  /** The script's file, as a path or a URL: places in it are what `line` counts. Lines are not told where it is missing. */
  readonly script?: string;
  /** The innermost line of the script in the calls that led here, where the runner knows better than the stack says. */
  line?(): number | null;
  /** Prints what is no output of the script's own, such as the text of a view that is sent as well. */
  print?(text: string): void;
  /** What is still being drawn. A cell ends when all of it has settled. */
  readonly pending?: Set<Promise<unknown>>;
}

/** Where the link lies on globalThis. */
const place: symbol = Symbol.for("adjoint.notebook");

/** The link to a runner that listens; null where the script runs by itself. */
export function link(): Link | null {
  const found = (globalThis as { readonly [place: symbol]: unknown })[place] as Partial<Link> | undefined;
  return found?.isConnected === true ? (found as Link) : null;
}

/** The innermost line of the script in the calls that led here, from 1; null where there is none. */
export function lineInScript(script: string | undefined): number | null {
  if (script === undefined) return null;
  const file = pathOf(script);
  const before = Error.stackTraceLimit;
  // A call may lie deep in callbacks.
  Error.stackTraceLimit = 100;
  const stack = new Error("where").stack ?? "";
  Error.stackTraceLimit = before;
  for (const frame of stack.split("\n")) {
    const found = /(?:\(|at (?:async )?)((?:file:\/\/)?[^()]*?)(?:\?[^()]*?)?:(\d+):\d+\)?$/.exec(
      frame.trim(),
    );
    if (found !== null && pathOf(found[1]!) === file) return Number(found[2]);
  }
  return null;
}

const pathOf = (place: string): string => {
  const path = place
    .replace(/^file:\/\/(\/(?=[A-Za-z]:))?/, "")
    .replace(/\?.*$/, "")
    .replaceAll("\\", "/");
  return place.startsWith("file:") ? decodeURIComponent(path) : path;
};
