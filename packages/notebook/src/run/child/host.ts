// What a script's process has for its runner: events sent to it, each with the cell that is running.

import { inspect } from "node:util";
import type { ScriptEvent } from "../events.ts";
import { type Link, setLink } from "../link.ts";

/** An event without its cell, which is the one that runs. */
type OfCell<E = ScriptEvent> = E extends { cell: number } ? Omit<E, "cell"> : E;

/** Where a stack's frames lie in the script: the lines of those that do, from 1, the innermost first. */
export type LinesOf = (stack: string) => number[];

/** What is printed is sent when it is so long, in characters, or so old, in milliseconds, or when the script pauses. */
const [MOST_HELD, LONGEST_HELD] = [8192, 50];

/**
 * Messages are written before `send` returns, so that none is lost where the script ends its process. Node keeps the
 * channel's handle under a symbol; where it isn't found, messages are sent as usual.
 */
function sendAtOnce(): void {
  const symbol = Object.getOwnPropertySymbols(process).find((each) => each.description === "kChannelHandle");
  const handle = symbol && (process as unknown as Record<symbol, { setBlocking?: (on: boolean) => void }>)[symbol];
  handle?.setBlocking?.(true);
}

export class Host {
  /** The cell that runs, from 0. */
  #cell = 0;
  #began = 0;
  #isRunning = false;
  #held: { stream: "out" | "error"; text: string } | undefined;
  #heldSince = 0;
  #isCaptured = true;
  readonly #linesOf: LinesOf;

  constructor(linesOf: LinesOf) {
    this.#linesOf = linesOf;
    sendAtOnce();
    this.#capture("out", process.stdout);
    this.#capture("error", process.stderr);
    process.on("exit", () => this.flush());
    const link: Link = {
      send: (event) => this.send(event as OfCell),
      line: () => this.#linesOf(new Error().stack ?? "")[0] ?? null,
      print: (text) => this.uncaptured(() => process.stdout.write(text)),
    };
    setLink(link);
  }

  /** Sends an event, after what was printed before it. */
  send(event: OfCell): void {
    this.flush();
    if (process.connected) process.send!({ ...event, cell: this.#cell });
  }

  /** A cell begins, and the one before it ends. */
  begin(cell: number): void {
    this.end();
    this.#cell = cell;
    this.#isRunning = true;
    this.send({ kind: "begin" });
    this.#began = performance.now();
  }

  end(): void {
    if (!this.#isRunning) return;
    this.#isRunning = false;
    this.send({ kind: "end", milliseconds: performance.now() - this.#began });
  }

  /** All cells have run. */
  over(): void {
    this.flush();
    if (process.connected) process.send!({ kind: "over" });
  }

  /** Reports an error that ended the cell. */
  fail(thrown: unknown): void {
    const isError = thrown instanceof Error;
    const stack = isError ? String(thrown.stack) : "";
    const own = stack.split("\n").filter((line) => !/^\s+at .*(\(node:|\bnode:internal|\/notebook\/(src|dist)\/run\/)/.test(line));
    this.send({
      kind: "failed",
      line: this.#linesOf(stack)[0] ?? null,
      name: isError ? thrown.name : "thrown",
      message: isError ? thrown.message : inspect(thrown),
      stack: own.join("\n"),
    });
    this.end();
  }

  /** Sends what was printed and is still here. */
  flush(): void {
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined && process.connected) process.send!({ kind: "printed", cell: this.#cell, ...held });
  }

  /** Prints what is no output of the script, such as the text of a view that is sent as well. */
  uncaptured(act: () => void): void {
    this.#isCaptured = false;
    try {
      act();
    } finally {
      this.#isCaptured = true;
    }
  }

  /** All that goes to a stream goes to the runner as well. */
  #capture(stream: "out" | "error", target: NodeJS.WriteStream): void {
    const write = target.write.bind(target);
    const decoder = new TextDecoder();
    target.write = ((chunk: string | Uint8Array, ...rest: []) => {
      if (this.#isCaptured)
        this.#hold(stream, typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true }));
      return write(chunk, ...rest);
    }) as typeof target.write;
  }

  #hold(stream: "out" | "error", text: string): void {
    if (this.#held !== undefined && this.#held.stream !== stream) this.flush();
    if (this.#held === undefined) {
      this.#held = { stream, text: "" };
      this.#heldSince = performance.now();
      setImmediate(() => this.flush()).unref();
    }
    this.#held.text += text;
    if (this.#held.text.length > MOST_HELD || performance.now() - this.#heldSince > LONGEST_HELD) this.flush();
  }
}
