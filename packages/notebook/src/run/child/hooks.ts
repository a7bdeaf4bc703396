// Modules whose text is not what lies in the file: the script with its cells marked, or one of its cells.
// Node loads this file in a thread of its own where it has no hooks in the main thread (before 22.15).

import type { MessagePort } from "node:worker_threads";

const sources = new Map<string, string>();

type Next<R> = (specifier: string, context: unknown) => R;

/** Says what a URL's module is from now on. */
export function setSource(url: string, source: string): void {
  sources.set(url, source);
}

/** Receives texts from the main thread, and says that each has come. */
export function initialize(port: MessagePort): void {
  port.on("message", ({ url, source }: { url: string; source: string }) => {
    setSource(url, source);
    port.postMessage(url);
  });
  port.unref();
}

export function resolve<R>(specifier: string, context: unknown, next: Next<R>): R | object {
  if (sources.has(specifier)) return { url: specifier, format: "module", shortCircuit: true };
  return next(specifier, context);
}

export function load<R>(url: string, context: unknown, next: Next<R>): R | object {
  const source = sources.get(url);
  if (source === undefined) return next(url, context);
  return { format: "module", source, shortCircuit: true };
}
