// A pause in which messages are taken. In a page timers wait four milliseconds, and continuations may come before messages;
// a message of one's own comes after those that wait.

interface Port {
  postMessage(message: null): void;
  onmessage: (() => void) | null;
}

/** What engines have for it; the language's types name none of them. */
const host = globalThis as unknown as {
  readonly setImmediate?: (run: () => void) => unknown;
  readonly MessageChannel: new () => { readonly port1: Port; readonly port2: Port };
  readonly performance: { now(): number };
};

/** Milliseconds. */
export const now = (): number => host.performance.now();

let channel: InstanceType<typeof host.MessageChannel> | undefined;

export function breath(): Promise<void> {
  const { setImmediate } = host;
  // Node has it, and a channel would keep its process alive.
  if (setImmediate !== undefined) return new Promise((resolve) => void setImmediate(resolve));
  channel ??= new host.MessageChannel();
  const { port1, port2 } = channel;
  return new Promise((resolve) => {
    port1.onmessage = () => resolve();
    port2.postMessage(null);
  });
}
