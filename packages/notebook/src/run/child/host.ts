// What a script's process has for its runner: events sent to it, each with the cell that is running.

import { inspect } from "node:util";
import type { ScriptEvent } from "../events.ts";
import type { Link } from "../link.ts";
import { Bars } from "./bars.ts";

/** An event without its cell, which is the one that runs. */
type OfCell<E = ScriptEvent> = E extends { cell: number } ? Omit<E, "cell"> : E;

/** What a process knows of places in its script. */
export interface Places {
  /** The script's absolute path. */
  readonly file: string;
  /** The lines of a stack's frames that lie in the script, from 1, the innermost first. */
  linesOf(stack: string): number[];
  /** The stack as a reader of the script expects it. */
  clean(stack: string): string;
  /** The version of what runs in a cell, where it has one. */
  versionOf?(cell: number): number | undefined;
}

/** What is printed is sent when it is so long, in characters, or so old, in milliseconds, or when the script pauses. */
const [MOST_HELD, LONGEST_HELD] = [8192, 50];

/**
 * Messages are written before `send` returns, so that none is lost where the script ends its process. Node keeps the
 * channel's handle under a symbol; where it isn't found, messages are sent as usual.
 */
function sendAtOnce(): void {
  const symbol = Object.getOwnPropertySymbols(process).find((each) => each.description === "kChannelHandle");
  const handle =
    symbol && (process as unknown as Record<symbol, { setBlocking?: (on: boolean) => void }>)[symbol];
  handle?.setBlocking?.(true);
}

/** The calls that led here; a script's line may lie deep in callbacks. */
function deepStack(): string {
  const before = Error.stackTraceLimit;
  Error.stackTraceLimit = 100;
  const { stack = "" } = new Error("where");
  Error.stackTraceLimit = before;
  return stack;
}

export class Host {
  /** The cell that runs, from 0. */
  #cell = 0;
  #began = 0;
  #isRunning = false;
  #held: { stream: "out" | "error"; text: string } | undefined;
  #heldSince = 0;
  #isCaptured = true;
  readonly #places: Places;
  readonly #bars = new Bars(process.stderr);
  /** What is still being drawn of what the script has shown. */
  readonly pending: Set<Promise<unknown>> = new Set<Promise<unknown>>();

  constructor(places: Places) {
    this.#places = places;
    sendAtOnce();
    this.#capture("out", process.stdout);
    this.#capture("error", process.stderr);
    process.on("exit", () => this.flush());
    const link: Link = {
      cell: () => this.#cell,
      send: (event) => this.#post(event),
      get isConnected() {
        return process.connected;
      },
      wantsText: true,
      script: places.file,
      pending: this.pending,
      line: () => places.linesOf(deepStack())[0] ?? null,
      print: (text) => this.uncaptured(() => process.stdout.write(text)),
    };
    Object.defineProperty(globalThis, Symbol.for("adjoint.notebook"), { value: link });
  }

  /** Sends an event, with the version of its cell where cells have versions: by the time it is heard the cell may have moved. */
  #tell(event: ScriptEvent): void {
    if (!process.connected) return;
    const version = "cell" in event ? this.#places.versionOf?.(event.cell) : undefined;
    process.send!(version === undefined ? event : { ...event, version });
  }

  #post(event: ScriptEvent): void {
    if (event.kind === "progress") this.#bars.update(event);
    this.flush();
    this.#tell(event);
  }

  /** Sends an event, after what was printed before it. */
  send(event: OfCell): void {
    this.#post({ ...event, cell: this.#cell } as ScriptEvent);
  }

  /** A cell begins, and the one before it ends. */
  begin(cell: number): void {
    this.end();
    this.#cell = cell;
    this.#isRunning = true;
    this.send({ kind: "begin" });
    this.#began = performance.now();
  }

  /** The cell that began last has another place now. */
  move(cell: number): void {
    this.flush();
    this.#cell = cell;
  }

  end(): void {
    if (!this.#isRunning) return;
    this.#isRunning = false;
    this.send({ kind: "end", milliseconds: performance.now() - this.#began });
  }

  /** All cells have run. */
  over(): void {
    this.#post({ kind: "over" });
  }

  /** Reports an error that ended the cell, to the runner and to the terminal. */
  fail(thrown: unknown): void {
    this.report(thrown);
    this.end();
  }

  /** Reports an error of a cell, the one that runs unless another is named, which goes on. */
  report(thrown: unknown, cell: number = this.#cell): void {
    const isError = thrown instanceof Error;
    const stack = isError ? String(thrown.stack) : "";
    const clean = this.#places.clean(stack);
    this.#post({
      kind: "failed",
      cell,
      line: this.#places.linesOf(stack)[0] ?? null,
      name: isError ? thrown.name : "thrown",
      message: isError ? thrown.message : inspect(thrown),
      stack: clean,
    });
    this.uncaptured(() => process.stderr.write(`${isError ? clean : `thrown: ${inspect(thrown)}`}\n`));
  }

  /** Sends what was printed and is still here. */
  flush(): void {
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined && process.connected) this.#tell({ kind: "printed", cell: this.#cell, ...held });
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
      return this.#bars.around(chunk, () => write(chunk, ...rest));
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
    if (this.#held.text.length > MOST_HELD || performance.now() - this.#heldSince > LONGEST_HELD)
      this.flush();
  }
}
