// Timers that a cell has set, so that they can be taken back.

type Callback = (...args: unknown[]) => void;

/** Follows setTimeout, setInterval and setImmediate from now on. */
export class Timers {
  #stops = new Set<() => void>();

  constructor() {
    const { setTimeout, setInterval, setImmediate, clearTimeout, clearImmediate } = globalThis;
    /** The function as before, but for remembering how to stop what it starts, until it has happened if it happens once. */
    const followed = <F extends (...args: never[]) => object, H extends ReturnType<F>>(
      start: F,
      clear: (handle: H) => void,
      isOnce: boolean,
    ): F => {
      const follow = (callback: Callback, ...rest: unknown[]) => {
        // Node says what is wrong with it.
        if (typeof callback !== "function")
          return (start as unknown as (...args: unknown[]) => object)(callback, ...rest);
        const stops = this.#stops;
        const run: Callback = (...args) => {
          if (isOnce) stops.delete(stop);
          callback(...args);
        };
        const handle = (start as unknown as (...args: unknown[]) => H)(run, ...rest);
        const stop = () => clear(handle);
        stops.add(stop);
        return handle;
      };
      // What util.promisify looks for.
      return Object.defineProperties(follow, Object.getOwnPropertyDescriptors(start)) as unknown as F;
    };
    globalThis.setTimeout = followed(setTimeout, clearTimeout, true);
    globalThis.setInterval = followed(setInterval, clearTimeout, false);
    globalThis.setImmediate = followed(setImmediate, clearImmediate, true);
  }

  /** Forgets the timers so far, which go on. */
  forget(): void {
    this.#stops = new Set();
  }

  /** Takes back the timers since `forget`. */
  stop(): void {
    for (const stop of this.#stops) stop();
    this.forget();
  }
}
