// The process in which a watched script lives: it runs cells when it is told to, and keeps what they have made.

import { Lines, OWN_LINES } from "../../script/lines.ts";
import { type Frame, framesIn, withLines, withoutRunner } from "./frames.ts";
import { Host } from "./host.ts";
import { PIPE, startInterrupter } from "./interrupter.ts";
import { registerHooks } from "./modules.ts";
import { Timers } from "./timers.ts";

export type Order =
  | {
      readonly kind: "run";
      /** A number of its own for each run of a cell; the module's version. */
      readonly version: number;
      readonly cell: number;
      readonly url: string;
      readonly source: string;
    }
  /** Where each version of a cell lies now: its place among the cells, its first line, and the source map of its code. */
  | { readonly kind: "places"; readonly places: ReadonlyMap<number, Place> }
  /** Variables that no cell declares any more. */
  | { readonly kind: "forget"; readonly globals: readonly string[] }
  | { readonly kind: "interrupt"; readonly version: number };

export interface Place {
  readonly cell: number;
  readonly from: number;
  readonly map: string;
}

export type Answer =
  | { readonly kind: "ready" }
  | { readonly kind: "ran"; readonly version: number; readonly outcome: "well" | "failed" | "interrupted" }
  /** An interrupted cell goes on in the background, and nothing here can stop that. */
  | { readonly kind: "stuck"; readonly version: number };

/** What `process.exit` is in a watched script: the end of what runs, and not of the process. */
class ExitCalled extends Error {
  override readonly name = "process.exit";
}

const file = process.argv[2]!;
delete process.env["ADJOINT_NOTEBOOK_RUN"];
// As the script finds it when it is run by itself.
process.argv.splice(1, 2, file);

const setSource = registerHooks();
process.setSourceMapsEnabled(true);
let places: ReadonlyMap<number, Place> = new Map();
function lineOf({ line, column, version }: Frame): number {
  const place = version === undefined ? undefined : places.get(version);
  // Of a version that is gone nobody knows the line; it is one of the script's all the same.
  return place === undefined ? line : new Lines(place.map, place.from).at(line - OWN_LINES, column);
}
const host = new Host({
  file,
  linesOf: (stack) => framesIn(stack, file).map(lineOf),
  clean: (stack) => withLines(withoutRunner(stack), file, lineOf),
  versionOf: (cell) => [...places].find(([, place]) => place.cell === cell)?.[0],
});
const timers = new Timers();
const answer = (message: Answer) => process.send?.(message);

const INTERRUPTED = "interrupted; what is above is alive";

/** The version that was begun last; the one that runs, and what was active before it. */
let last = 0;
let running: { readonly version: number; readonly before: readonly string[] } | undefined;

function finish(version: number, outcome: "well" | "failed" | "interrupted"): void {
  if (running?.version !== version) return;
  running = undefined;
  timers.forget();
  host.end();
  host.flush();
  answer({ kind: "ran", version, outcome });
}

/** Ends what runs as interrupted, if it is this version. What it has shown stays. */
function interrupted(version: number): void {
  if (running?.version !== version) return;
  // A timer whose call was stopped in its middle counts as active for ever, so timers say nothing then.
  const isStopped = interrupter.hasStopped(version);
  timers.stop();
  // What is active still was begun by the cell, and can wake it.
  const before = [...running.before];
  const isLeft = process.getActiveResourcesInfo().some((name) => {
    if (isStopped && /^(Timeout|Immediate)$/.test(name)) return false;
    const at = before.indexOf(name);
    if (at >= 0) before.splice(at, 1);
    return at < 0;
  });
  if (isLeft) {
    answer({ kind: "stuck", version });
    return;
  }
  host.send({ kind: "failed", line: null, name: "Interrupted", message: INTERRUPTED, stack: "" });
  host.uncaptured(() => process.stderr.write(`${INTERRUPTED}\n`));
  finish(version, "interrupted");
}

function runCell({ version, cell, url, source }: Extract<Order, { kind: "run" }>): void {
  void setSource(url, source).then(() => {
    running = { version, before: process.getActiveResourcesInfo() };
    timers.forget();
    last = version;
    // It may have moved since it was sent here.
    host.begin(places.get(version)?.cell ?? cell);
    import(url)
      .then(() => Promise.allSettled(host.pending))
      .then(
        () => finish(version, "well"),
        (error: unknown) => {
          if (running?.version !== version) return;
          host.fail(error);
          finish(version, "failed");
        },
      );
  });
}

const interrupter = startInterrupter(PIPE, interrupted);

process.on("message", (order: Order) => {
  if (order.kind === "run") runCell(order);
  else if (order.kind === "places") {
    places = order.places;
    const place = places.get(last);
    if (place !== undefined) host.move(place.cell);
  } else if (order.kind === "forget")
    for (const name of order.globals) Reflect.deleteProperty(globalThis, name);
  else interrupted(order.version);
});
const { exit } = process;
process.on("disconnect", () => exit(0));
/** The place of the cell that threw this by itself while another one ran, such as in a timer; undefined where it is not known. */
function lateIn(error: unknown): number | undefined {
  const frames = error instanceof Error ? framesIn(String(error.stack), file) : [];
  const versions = frames.flatMap(({ version }) => (version === undefined ? [] : [version]));
  if (running === undefined || versions.includes(running.version)) return undefined;
  return versions.map((version) => places.get(version)?.cell).find((cell) => cell !== undefined);
}

process.on("uncaughtException", (error: unknown) => {
  const cell = lateIn(error);
  if (cell !== undefined) {
    // It is none of the fault of the cell that runs.
    host.report(error, cell);
    return;
  }
  host.fail(error);
  if (running !== undefined) finish(running.version, "failed");
});
process.exit = (code) => {
  throw new ExitCalled(`the script called process.exit(${code ?? ""}); the session goes on`);
};
answer({ kind: "ready" });
