// A pause in which everything else runs: timers, clicks, servers.

/** What JavaScript engines have for it; the types of the language declare none of them. */
const host = globalThis as {
  readonly setImmediate?: (run: () => void) => unknown;
  readonly scheduler?: { readonly yield?: () => Promise<void> };
  readonly setTimeout?: (run: () => void, milliseconds: number) => unknown;
  readonly performance?: { now(): number };
};

/** Milliseconds. */
const now = (): number => host.performance?.now() ?? Date.now();

function pause(): Promise<void> {
  const { setImmediate, scheduler, setTimeout } = host;
  if (setImmediate !== undefined) return new Promise((resolve) => void setImmediate(resolve));
  if (scheduler?.yield !== undefined) return scheduler.yield();
  return new Promise((resolve) => (setTimeout === undefined ? resolve() : void setTimeout(resolve, 0)));
}

/** Says when it is time for a pause: a frame of a screen after the last one. */
export class Breath {
  #last: number = now();

  /** A pause where one is due, else null. */
  due(): Promise<void> | null {
    if (now() - this.#last < 16) return null;
    return pause().then(() => {
      this.#last = now();
    });
  }
}
