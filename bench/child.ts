// A child process: one peer, asked for over standard input. Run: node … bench/child.ts tfjs

import { createInterface } from "node:readline";
import type { Peer, Ready, Reply, Request } from "./protocol.ts";

// Standard output belongs to the protocol.
console.log = console.error;

const say = (reply: Reply) => process.stdout.write(`${JSON.stringify(reply)}\n`);
const words = (error: unknown) => (error instanceof Error ? error.message : String(error)).split("\n")[0]!;

async function timed(ready: Ready, steps: number): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < steps; i++) {
    const promise = ready.step();
    if (promise instanceof Promise) await promise;
  }
  return (performance.now() - start) / 1000 / steps;
}

/**
 * Steps until they get no faster: `least` seconds or more, and three chunks in a row that gain nothing. A compiler
 * that works beside the program on the same core takes its time. Gives the seconds a step.
 */
async function warmUp(ready: Ready, least: number): Promise<number> {
  let [best, elapsed, steps, idle] = [Infinity, 0, 1, 0];
  for (;;) {
    const time = await timed(ready, steps);
    elapsed += time * steps;
    idle = time > 0.97 * best ? idle + 1 : 0;
    best = Math.min(best, time);
    if ((elapsed >= least && idle >= 3) || elapsed >= 20 * least) return time;
    steps = Math.max(1, Math.ceil(least / 8 / time));
  }
}

let ready: Ready | undefined;
let pace = 1;

async function answer(peer: Peer, request: Request): Promise<Reply> {
  if (request.do === "round") {
    const time = await timed(ready!, Math.max(1, Math.ceil(request.seconds / pace)));
    return { time: time * (ready!.parts ?? 1) };
  }
  ready = undefined;
  globalThis.gc?.();
  const prepare = peer.workloads[request.workload];
  if (prepare === undefined) return { cannot: peer.cannot?.[request.workload] ?? "not written" };
  try {
    ready = prepare();
    const numbers = ready.check();
    pace = await warmUp(ready, request.warmUp);
    return { numbers, notes: ready.notes?.() ?? [] };
  } catch (error) {
    return { cannot: `fails: ${words(error)}` };
  }
}

try {
  const { start } = (await import(`./peers/${process.argv[2]}.ts`)) as { start(): Promise<Peer> };
  const peer = await start();
  say({ versions: peer.versions });
  for await (const line of createInterface({ input: process.stdin }))
    say(await answer(peer, JSON.parse(line) as Request));
} catch (error) {
  say({ cannot: words(error) });
}
// Nobody asks any more, whatever the peer may still hold open.
process.exit();
