// Runs a script in one piece, as tsx would, and hears what it says.

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Cell } from "../script/cell.ts";
import { cellsOf } from "../script/cells-of.ts";
import { MARKER, marked } from "../script/marked.ts";
import { withoutMark } from "../script/read.ts";
import { ScriptError } from "../script/script-error.ts";
import { childFile } from "./child/place.ts";
import type { ScriptMessage } from "./child/preload.ts";
import { isEvent, type ScriptEvent } from "./events.ts";
import { type ProcessOptions, startNode } from "./process.ts";

export interface RunOptions extends ProcessOptions {
  /** What the script finds in `process.argv` behind its name. */
  readonly arguments?: readonly string[];
  /** Hears each event as it comes. */
  readonly onEvent?: (event: ScriptEvent) => void;
  /** Ends the script where it is. */
  readonly signal?: AbortSignal;
}

/** A script that has run. */
export interface RunResult {
  readonly source: string;
  readonly cells: readonly Cell[];
  readonly events: readonly ScriptEvent[];
  /** How its process ended: 0 where all went well, 1 after an error, 130 where it was interrupted, or what `process.exit` was given. */
  readonly exitCode: number;
}

/** How Node ends where a top-level await is never settled. */
const UNSETTLED = 13;

/** What is said of a script that ended without an error of its own. */
function endOf(exitCode: number, signal: string | null): { name: string; message: string } {
  if (exitCode === UNSETTLED)
    return {
      name: "Unsettled",
      message:
        "the script awaits, at its top level, something that can't come any more: nothing is left that could bring it",
    };
  if (exitCode === 130) return { name: "Interrupted", message: "the run was interrupted here" };
  return {
    name: "Ended",
    message: `the script's process ended without a word (${signal ?? `exit code ${exitCode}`})`,
  };
}

/**
 * Runs a script in a process of its own: the very module that `tsx FILE` would run, with its cells marked. Output goes
 * where this process's goes. Whatever the script does, the promise is kept: an error in it is a "failed" event.
 *
 * @param file the script; throws where it can't be read
 */
export async function run(file: string, options: RunOptions = {}): Promise<RunResult> {
  const path = resolve(file);
  const source = withoutMark(readFileSync(path, "utf8"));
  const cells = cellsOf(source);
  const events: ScriptEvent[] = [];
  const hear = (event: ScriptEvent) => {
    events.push(event);
    options.onEvent?.(event);
  };
  const result = (exitCode: number) => ({ source, cells, events, exitCode });

  let code: string;
  try {
    code = marked(source, cells, path);
  } catch (error) {
    if (!(error instanceof ScriptError)) throw error;
    const { line, name, message } = error;
    const cell = Math.max(
      cells.findLastIndex(({ from }) => from <= line),
      0,
    );
    const stack = `${name}: ${message}\n    at ${path}:${line}`;
    hear({ kind: "failed", cell, line, name, message, stack });
    if (options.onOutput) options.onOutput(`${stack}\n`);
    else process.stderr.write(`${stack}\n`);
    return result(1);
  }

  const child = startNode(
    { imports: [childFile("preload")], script: [path, ...(options.arguments ?? [])] },
    options,
  );
  const message: ScriptMessage = { url: pathToFileURL(path).href, source: code, marker: MARKER };
  child.send(message);
  child.on("message", (message) => {
    if (isEvent(message)) hear(message);
  });
  const stop = () => child.kill("SIGINT");
  options.signal?.addEventListener("abort", stop);
  const exitCode = await new Promise<number>((done, fail) => {
    child.on("error", fail);
    // All messages and all output have come when the streams are closed.
    child.on("close", (status, signal) => done(status ?? (signal === "SIGINT" ? 130 : 1)));
  });
  options.signal?.removeEventListener("abort", stop);
  const isOver = events.some(({ kind }) => kind === "over");
  if (!events.some(({ kind }) => kind === "failed") && (!isOver || exitCode === UNSETTLED)) {
    const last = events.findLast((event) => event.kind === "begin");
    const cell = last?.kind === "begin" ? last.cell : 0;
    hear({ kind: "failed", cell, line: null, stack: "", ...endOf(exitCode, child.signalCode) });
  }
  return result(exitCode);
}
