// Serves the page of a watched script on this machine, and tells open pages when there is something new.

import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface PageServer {
  readonly url: string;
  /** Tells the open pages to ask again. */
  changed(): void;
  close(): Promise<void>;
}

/** Milliseconds between two messages to a page: a script may print a thousand lines in a second. */
const EVERY = 100;

/**
 * Serves what `page` returns at `/`, and at `/events` a stream of server-sent events: one named "page" at the beginning and
 * for each change, whose data is a number that grows. Only for this machine, and only under its own name, so that no other page can read it.
 *
 * @param port the port, or 0 for any that is free
 */
export async function servePage(page: () => Promise<string>, port = 0): Promise<PageServer> {
  const listeners = new Set<ServerResponse>();
  let [count, last] = [0, 0];
  let timer: NodeJS.Timeout | undefined;

  const message = () => `event: page\ndata: ${count}\n\n`;
  const server = createServer((request, response) => {
    const host = (request.headers.host ?? "").replace(/:\d+$/, "");
    const path = request.url?.replace(/\?.*/, "");
    if (!["127.0.0.1", "localhost"].includes(host)) {
      response.writeHead(403).end();
    } else if (path === "/events") {
      response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
      // The page may have been made before the last change.
      response.write(`retry: 500\n\n${message()}`);
      listeners.add(response);
      response.on("close", () => listeners.delete(response));
    } else if (path === "/") {
      page().then(
        (html) =>
          response
            .writeHead(200, { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" })
            .end(html),
        (error: unknown) =>
          response
            .writeHead(500, { "content-type": "text/plain; charset=utf-8" })
            .end(String((error as Error).stack)),
      );
    } else response.writeHead(404).end();
  });
  await new Promise<void>((done, fail) => {
    server.once("error", fail);
    server.listen(port, "127.0.0.1", done);
  });

  const tell = () => {
    timer = undefined;
    last = performance.now();
    count++;
    for (const listener of listeners) listener.write(message());
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    changed() {
      timer ??= setTimeout(tell, Math.max(last + EVERY - performance.now(), 0));
    },
    async close() {
      clearTimeout(timer);
      for (const listener of listeners) listener.end();
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
