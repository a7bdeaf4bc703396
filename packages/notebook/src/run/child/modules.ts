// Puts our load hook over that of tsx, whichever kind of hooks this Node has.

import * as nodeModule from "node:module";
import { MessageChannel } from "node:worker_threads";
import * as hooks from "./hooks.ts";
import { childFile } from "./place.ts";

/** Gives a URL its text; it can be imported when the promise has settled. */
export type SetSource = (url: string, source: string) => Promise<void>;

/** Registers the hooks, after those of tsx, so that ours are asked first. */
export function registerHooks(): SetSource {
  // In the main thread where Node can: nothing to wait for, and no second copy of anything.
  const register = (nodeModule as { registerHooks?: (hooks: object) => void }).registerHooks;
  if (register !== undefined) {
    register({ resolve: hooks.resolve, load: hooks.load });
    return async (url, source) => hooks.setSource(url, source);
  }
  const { port1, port2 } = new MessageChannel();
  nodeModule.register(childFile("hooks").href, { data: port2, transferList: [port2] });
  const waiting = new Map<string, () => void>();
  port1.on("message", (url: string) => {
    waiting.get(url)?.();
    waiting.delete(url);
    if (waiting.size === 0) port1.unref();
  });
  port1.unref();
  return (url, source) =>
    new Promise((done) => {
      waiting.set(url, done);
      port1.ref();
      port1.postMessage({ url, source });
    });
}
