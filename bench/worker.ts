// The parent's end of the conversation with one process.

import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Command } from "./peers.ts";
import type { Reply, Request } from "./protocol.ts";

/** Everything that could start threads in a Python process is told not to. */
const ONE_THREAD = Object.fromEntries(
  ["OMP", "OPENBLAS", "MKL", "NUMEXPR"].map((library) => [`${library}_NUM_THREADS`, "1"]),
);

export class Worker {
  readonly #process: ChildProcess;
  #waiting: ((reply: Reply) => void) | undefined;
  #last = "";
  #ended: string | undefined;
  /** What the process says of itself when it is ready. */
  readonly hello: Promise<Reply>;

  constructor({ file, args, cwd }: Command, seconds: number) {
    this.#process = spawn(file, args, {
      cwd,
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...process.env, ...ONE_THREAD },
    });
    createInterface({ input: this.#process.stdout! }).on("line", (line) => {
      if (line.startsWith("{")) this.#settle(JSON.parse(line) as Reply);
    });
    createInterface({ input: this.#process.stderr! }).on("line", (line) => {
      if (line.trim() !== "") this.#last = line.trim();
    });
    const end = (why: string) => {
      this.#ended ??= why;
      this.#settle({ cannot: this.#ended });
    };
    this.#process.on("error", (error) => end(error.message));
    this.#process.on("close", () => end(this.#last === "" ? "its process ended" : this.#last));
    this.#process.stdin!.on("error", () => {});
    this.hello = this.#reply(seconds);
  }

  get alive(): boolean {
    return this.#ended === undefined;
  }

  /** Asks one thing; a process that does not answer in time is ended, and that is the answer. */
  ask(request: Request, seconds: number): Promise<Reply> {
    if (!this.alive) return Promise.resolve({ cannot: this.#ended! });
    const reply = this.#reply(seconds);
    this.#process.stdin!.write(`${JSON.stringify(request)}\n`);
    return reply;
  }

  stop(): void {
    this.#ended ??= "stopped";
    this.#process.kill("SIGKILL");
  }

  #reply(seconds: number): Promise<Reply> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#ended = `takes more than ${seconds} s`;
        this.#process.kill("SIGKILL");
        this.#settle({ cannot: this.#ended });
      }, seconds * 1000);
      this.#waiting = (reply) => {
        clearTimeout(timer);
        resolve(reply);
      };
    });
  }

  #settle(reply: Reply): void {
    this.#waiting?.(reply);
    this.#waiting = undefined;
  }
}
