// The runner's side of the process in which a watched script lives.

import type { ChildProcess } from "node:child_process";
import type { Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { PIPE } from "./child/interrupter.ts";
import type { Answer, Order, Place } from "./child/kernel.ts";
import { childFile } from "./child/place.ts";
import { isEvent, type Sent } from "./events.ts";
import { type ProcessOptions, startNode } from "./process.ts";

/** How a cell's run ended. "ended": its process is gone, and with it all that was made; "killed": since nothing else stopped it. */
export type Outcome = "well" | "failed" | "interrupted" | "ended" | "killed";

/** Milliseconds. How long the main thread may take to hear that it is to stop, before the other thread stops it; and before the process is ended. */
const [PATIENCE, LAST_PATIENCE] = [100, 2000];

export class Kernel {
  readonly #child: ChildProcess;
  readonly #onEvent: (event: Sent) => void;
  readonly #ready: Promise<void>;
  #running: { version: number; done: (outcome: Outcome) => void } | undefined;
  #isAlive = true;
  #isKilled = false;

  constructor(
    file: string,
    args: readonly string[],
    onEvent: (event: Sent) => void,
    options: ProcessOptions,
  ) {
    this.#onEvent = onEvent;
    this.#child = startNode(
      {
        // Node checks that each callback it has begun also ends, and gives up where one was stopped in the middle.
        node: ["--no-force-async-hooks-checks"],
        imports: [],
        script: [fileURLToPath(childFile("kernel")), file, ...args],
        pipes: 1,
        // Ctrl-C would end the compiler that tsx keeps beside the script, and is answered here.
        isApart: true,
      },
      options,
    );
    this.#ready = new Promise((done) => {
      this.#child.on("message", (message: Answer | Sent) => {
        // A script may send messages of its own to whoever started it.
        if ((message as Partial<Answer> | null)?.kind === "ready") done();
        else this.#hear(message);
      });
    });
    this.#child.on("close", () => {
      this.#isAlive = false;
      this.#finish(this.#isKilled ? "killed" : "ended");
    });
    // What it says where it can't start comes before "close", which is enough.
    this.#child.on("error", () => {});
    // Where the process is ended, its end of the pipe is torn off.
    this.#child.stdio[PIPE]?.on("error", () => {});
  }

  /** Whether its process lives. */
  get isAlive(): boolean {
    return this.#isAlive;
  }

  #hear(message: Answer | Sent | null): void {
    if (isEvent(message)) this.#onEvent(message);
    else if (message?.kind === "stuck") this.kill();
    else if (message?.kind === "ran" && message.version === this.#running?.version)
      this.#finish(message.outcome);
  }

  #finish(outcome: Outcome): void {
    const done = this.#running?.done;
    this.#running = undefined;
    done?.(outcome);
  }

  #send(order: Order): void {
    if (this.#child.connected) this.#child.send(order);
  }

  /** Runs one version of a cell. One at a time. */
  async run(order: { version: number; cell: number; url: string; source: string }): Promise<Outcome> {
    if (!this.#isAlive) return this.#isKilled ? "killed" : "ended";
    const outcome = new Promise<Outcome>((done) => {
      this.#running = { version: order.version, done };
    });
    await Promise.race([this.#ready, outcome]);
    this.#send({ kind: "run", ...order });
    return outcome;
  }

  /** Says where each version's cell lies now. */
  place(places: ReadonlyMap<number, Place>): void {
    this.#send({ kind: "places", places });
  }

  /** Takes variables away that no cell declares any more. */
  forget(globals: readonly string[]): void {
    if (globals.length > 0) this.#send({ kind: "forget", globals });
  }

  /** Stops the cell that runs; `run` says how that went. */
  async interrupt(): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    const isOver = async (within: number) => {
      const end = Date.now() + within;
      while (Date.now() < end && this.#running === running) await new Promise((done) => setTimeout(done, 10));
      return this.#running !== running;
    };
    this.#send({ kind: "interrupt", version: running.version });
    if (await isOver(PATIENCE)) return;
    (this.#child.stdio[PIPE] as Writable).write(`${running.version}\n`);
    if (await isOver(LAST_PATIENCE)) return;
    this.kill();
    await isOver(LAST_PATIENCE);
  }

  /** How the process ended, in words. */
  get end(): string {
    const { signalCode, exitCode } = this.#child;
    return signalCode ?? `exit code ${exitCode}`;
  }

  /** Ends the process. */
  kill(): void {
    this.#isAlive = false;
    this.#isKilled = true;
    this.#child.kill("SIGKILL");
  }
}
