// Stops what runs in the main thread, from a thread of its own, since a loop without end lets nothing else run there.
//
// V8 ends what runs as if the process had ended there: no `catch` and no `finally` sees it, and what the script's
// variables hold stays. The runner asks through a pipe that only this thread reads.

import { Worker } from "node:worker_threads";

/** Milliseconds. The main thread is told until it says that it heard: what comes while it is being stopped is lost. */
const EVERY = 20;

/** The thread's program, in JavaScript and as text, since Node 20 starts no thread from a file of TypeScript. */
const program = `
const { Session } = require("node:inspector");
const { Socket } = require("node:net");
const { parentPort, workerData: { pipe, heard } } = require("node:worker_threads");

new Socket({ fd: pipe, readable: true, writable: false }).on("data", () => {
  Atomics.store(heard, 0, 0);
  const session = new Session();
  session.connectToMainThread();
  session.post("Runtime.terminateExecution", () => {
    session.disconnect();
    const timer = setInterval(() => {
      if (Atomics.load(heard, 0) === 1) clearInterval(timer);
      else parentPort.postMessage("stopped");
    }, ${EVERY});
  });
});
`;

/** Starts the thread; it reads the pipe with the descriptor given, and `onStopped` is called after each stop. */
export function startInterrupter(pipe: number, onStopped: () => void): void {
  const heard = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(program, { eval: true, workerData: { pipe, heard }, execArgv: [] });
  // The process doesn't wait for it.
  worker.unref();
  worker.on("message", () => {
    if (Atomics.exchange(heard, 0, 1) === 0) onStopped();
  });
}
