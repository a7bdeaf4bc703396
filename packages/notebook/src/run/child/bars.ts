// Progress at the foot of a terminal: what is printed meanwhile stands above it.

import type { ScriptEvent } from "../events.ts";

type ProgressEvent = Extract<ScriptEvent, { kind: "progress" }>;

const WIDTH = 30;
const ERASE = "\r\u001b[K";

const drawn = ({ label, done, total }: ProgressEvent): string => {
  if (total === null) return `${label} ${done}`;
  const full = Math.round(WIDTH * Math.min(Math.max(done / total, 0), 1));
  return `${label} ${"█".repeat(full)}${"░".repeat(WIDTH - full)} ${done}/${total}`;
};

export class Bars {
  readonly #terminal: NodeJS.WriteStream;
  readonly #write: (text: string) => void;
  readonly #bars = new Map<number, ProgressEvent>();
  #isDrawn = false;
  /** Whether the last that was printed ended its line; a bar would stand behind it otherwise. */
  #isAtMargin = true;

  /** Nothing is drawn where the stream is no terminal. */
  constructor(terminal: NodeJS.WriteStream) {
    this.#terminal = terminal;
    this.#write = terminal.write.bind(terminal);
  }

  update(event: ProgressEvent): void {
    if (event.isOver) this.#bars.delete(event.id);
    else this.#bars.set(event.id, event);
    this.#erase();
    this.#draw();
  }

  /** Prints with the bars out of the way. */
  around<R>(chunk: string | Uint8Array, print: () => R): R {
    this.#erase();
    const result = print();
    this.#isAtMargin = typeof chunk === "string" ? chunk.endsWith("\n") : chunk.at(-1) === 10;
    this.#draw();
    return result;
  }

  #erase(): void {
    if (this.#isDrawn) this.#write(ERASE);
    this.#isDrawn = false;
  }

  #draw(): void {
    if (!this.#terminal.isTTY || this.#bars.size === 0 || !this.#isAtMargin) return;
    const line = [...this.#bars.values()].map(drawn).join("   ");
    this.#write(line.slice(0, (this.#terminal.columns ?? 80) - 1));
    this.#isDrawn = true;
  }
}
