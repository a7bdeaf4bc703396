// Watching: a script that runs again from the cell that was changed, and a page that shows what it says.

import { readFileSync } from "node:fs";
import { basename, relative, resolve } from "node:path";
import { type Fact, reportOf } from "../report/index.ts";
import { localImports } from "../script/local-imports.ts";
import { factsOf } from "./facts.ts";
import { servePage } from "./server.ts";
import { Session, type SessionOptions } from "./session.ts";
import { watchFiles } from "./watch-files.ts";

export interface WatchOptions extends Omit<SessionOptions, "onChange"> {
  readonly mode?: "full" | "fast";
  /** The port of the page, or 0 for any that is free. */
  readonly port?: number;
  /** Hears what the person ought to know, such as why all cells run again. */
  readonly onNote?: (note: string) => void;
}

export interface Watch {
  /** Where the page is. */
  readonly url: string;
  readonly session: Session;
  /** Settles when the script as it was at the beginning has run. */
  readonly first: Promise<void>;
  close(): Promise<void>;
}

/**
 * Watches a script: runs it, serves its page on this machine, and runs it again from the first changed cell whenever it is
 * saved. A local file that it imports, once changed, makes all of it run again.
 *
 * Old versions of cells stay in memory, since Node never forgets a module; a session of hours with large data may want to be started
 * again.
 *
 * @param file the script; throws where it can't be read
 */
export async function watch(file: string, options: WatchOptions = {}): Promise<Watch> {
  const path = resolve(file);
  const source = readFileSync(path, "utf8");
  let facts: readonly Fact[] = [];
  const session = new Session(path, {
    ...options,
    onChange(note) {
      if (note !== undefined) options.onNote?.(note);
      server.changed();
    },
  });
  const server = await servePage(() => {
    const { source, cells, events } = session;
    return reportOf({ name: basename(path), source, cells, events, facts, live: true });
  }, options.port);

  const files = watchFiles((changed, text) => {
    if (changed === path) void take(text);
    else {
      void session.restart(
        `${relative(process.cwd(), changed)} has changed, so all cells run again from the top`,
      );
      void follow();
    }
  });
  /** Watches what the script loads now. Where that can't be read, what it has loaded so far. */
  const follow = async (): Promise<void> => {
    const imports = await localImports(path);
    if (imports !== undefined) files.set(imports);
  };
  const take = async (text: string): Promise<void> => {
    const run = session.update(text);
    const [found] = await Promise.all([factsOf(text, path, options.mode ?? "full"), follow()]);
    facts = found;
    server.changed();
    await run;
  };
  files.set([path]);
  return {
    url: server.url,
    session,
    first: take(source),
    async close() {
      files.close();
      await session.close();
      await server.close();
    },
  };
}
