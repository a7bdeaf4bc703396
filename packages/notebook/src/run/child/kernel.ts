// The process in which a watched script lives: it runs cells when it is told to, and keeps what they have made.

import { framesIn, withoutRunner } from "./frames.ts";
import { Host } from "./host.ts";
import { startInterrupter } from "./interrupter.ts";
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
  /** At which line of the script each version of a cell begins now. */
  | { readonly kind: "places"; readonly from: ReadonlyMap<number, number> }
  /** Variables that no cell declares any more. */
  | { readonly kind: "forget"; readonly globals: readonly string[] }
  | { readonly kind: "interrupt"; readonly version: number };

export type Answer =
  | { readonly kind: "ready" }
  | { readonly kind: "ran"; readonly version: number; readonly outcome: "well" | "failed" | "interrupted" }
  /** An interrupted cell goes on in the background, and nothing here can stop that. */
  | { readonly kind: "stuck"; readonly version: number };

/** Where the runner's pipe to the thread that interrupts lies: behind the standard streams and the channel. */
const PIPE = 4;

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
let places: ReadonlyMap<number, number> = new Map();
const lineOf = (line: number, version: number | undefined) =>
  version === undefined ? line : (places.get(version) ?? 1) + line - 1;
const host = new Host({
  file,
  linesOf: (stack) => framesIn(stack, file).map(({ line, version }) => lineOf(line, version)),
  clean: (stack) =>
    withoutRunner(stack).replaceAll(/(?:#|%23)(\d+):(\d+)/g, (_, version: string, line: string) => `:${lineOf(Number(line), Number(version))}`),
});
const timers = new Timers();
const answer = (message: Answer) => process.send?.(message);

const INTERRUPTED = "interrupted; what is above is alive";

/** The version that runs, and what was active before it. */
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
    host.begin(cell);
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
  else if (order.kind === "places") places = order.from;
  else if (order.kind === "forget") for (const name of order.globals) Reflect.deleteProperty(globalThis, name);
  else interrupted(order.version);
});
const { exit } = process;
process.on("disconnect", () => exit(0));
// The terminal sends it to all of its processes; the runner decides what it means.
process.on("SIGINT", () => {});
process.on("uncaughtException", (error: unknown) => {
  host.fail(error);
  if (running !== undefined) finish(running.version, "failed");
});
process.exit = (code) => {
  throw new ExitCalled(`the script called process.exit(${code ?? ""}); the session goes on`);
};
answer({ kind: "ready" });
