// Loaded before a script that runs in one piece, by `--import`, after tsx.

import { fileURLToPath } from "node:url";
import { isMainThread } from "node:worker_threads";
import { framesIn, withoutRunner } from "./frames.ts";
import { Host } from "./host.ts";
import { registerHooks } from "./modules.ts";

/** What the runner sends before anything else. */
export interface ScriptMessage {
  readonly url: string;
  readonly source: string;
  /** The global function that the script calls where a cell begins. */
  readonly marker: string;
}

// Workers and forks of the script inherit `--import`, but are not the script.
const isScript = isMainThread && process.env["ADJOINT_NOTEBOOK_RUN"] === "1";
if (isScript) {
  delete process.env["ADJOINT_NOTEBOOK_RUN"];
  const { url, source, marker } = await new Promise<ScriptMessage>((done) => {
    process.once("message", done);
  });
  // Listening would keep the process alive.
  process.channel?.unref();
  await registerHooks()(url, source);
  process.setSourceMapsEnabled(true);
  const file = fileURLToPath(url);
  const host = new Host({
    file,
    linesOf: (stack) => framesIn(stack, file).map(({ line }) => line),
    clean: withoutRunner,
  });
  Object.defineProperty(globalThis, marker, { value: (cell: number) => host.begin(cell) });

  // An unhandled rejection comes here as well.
  process.on("uncaughtException", (error: unknown) => {
    host.fail(error);
    process.exit(1);
  });
  process.on("exit", () => {
    host.end();
    host.over();
  });
  host.begin(0);
}
