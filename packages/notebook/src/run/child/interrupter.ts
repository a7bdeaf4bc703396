// Stops what runs in the main thread, from a thread of its own, since a loop without end lets nothing else run there.
//
// V8 ends what runs as if the process had ended there: no `catch` and no `finally` sees it, and what the script's
// variables hold stays. The runner asks through a pipe that only this thread reads.

import { Worker } from "node:worker_threads";

/** Where the runner's pipe to this thread lies: behind the standard streams and the channel. */
export const PIPE = 4;

/** Milliseconds. The main thread is told until it says that it heard: what comes while it is being stopped is lost. */
const EVERY = 20;

/** Milliseconds that the process has to end by itself when its runner is gone. */
const GRACE = 500;

/** The thread's program, in JavaScript and as text, since Node 20 starts no thread from a file of TypeScript. */
const program = `
const { Session } = require("node:inspector");
const { Socket } = require("node:net");
const { parentPort, workerData: { pipe, state } } = require("node:worker_threads");

const runner = new Socket({ fd: pipe, readable: true, writable: false }).setEncoding("utf8");
// Without its runner the process is to end, also where its main thread is in a loop.
runner.on("close", () => setTimeout(() => process.kill(process.pid, "SIGKILL"), ${GRACE}));
runner.on("data", (text) => {
  const version = Number(text.trim().split("\\n").at(-1));
  Atomics.store(state, 0, version);
  Atomics.store(state, 1, 0);
  const session = new Session();
  session.connectToMainThread();
  session.post("Runtime.terminateExecution", () => {
    session.disconnect();
    const timer = setInterval(() => {
      if (Atomics.load(state, 1) === 1) clearInterval(timer);
      else parentPort.postMessage(version);
    }, ${EVERY});
  });
});
`;

export interface Interrupter {
  /** Whether this version of a cell was stopped in the middle of its code. */
  hasStopped(version: number): boolean;
}

/** Starts the thread. It reads versions, one a line, from the pipe with the descriptor given; `onStopped` hears of each. */
export function startInterrupter(pipe: number, onStopped: (version: number) => void): Interrupter {
  // The version that was stopped last, and whether the main thread has heard of it.
  const state = new Int32Array(new SharedArrayBuffer(8));
  const worker = new Worker(program, { eval: true, workerData: { pipe, state }, execArgv: [] });
  // The process doesn't wait for it.
  worker.unref();
  worker.on("message", (version: number) => {
    Atomics.store(state, 1, 1);
    onStopped(version);
  });
  return { hasStopped: (version) => Atomics.load(state, 0) === version };
}
