// How far long work is: a bar in a terminal, and in the report while it runs.

import { createRequire } from "node:module";
import type * as CliProgress from "cli-progress";
import { type Link, link } from "./run/link.ts";
import { kindOf } from "./views/check.ts";

/** Work under way. */
export interface Progress {
  /** So much is done, of the total. Throws TypeError for what is no number. */
  update(done: number): void;
  /** It is over, well or not: the bar goes away. */
  end(): void;
}

/** The least time between two messages, in milliseconds: more than the eye can follow would cost time. */
const interval = 50;

let bars = 0;

/**
 * Shows how far long work is: `const bar = progress("training", 100); bar.update(10); bar.end();`. Without a total, only how
 * much is done. The bar is drawn on stderr where that is a terminal, and by the runner where there is one.
 * Throws TypeError for a label that is no text, RangeError for a total that is not a finite number above 0.
 */
export function progress(label: string, total?: number): Progress {
  if (typeof label !== "string") throw new TypeError(`progress: got ${kindOf(label)} where a label belongs`);
  if (total !== undefined && !(total > 0 && total < Infinity))
    throw new RangeError(
      `progress: the total is ${String(total)} and must be a finite number above 0; leave it out where it isn't known`,
    );
  const runner = link();
  const id = bars++;
  const show =
    runner !== null ? sending(runner, id, label, total) : process.stderr.isTTY ? drawing(label, total) : null;
  let last = -Infinity;
  let isOver = false;
  let isAtTotal = false;
  return {
    update(done) {
      if (typeof done !== "number" || Number.isNaN(done))
        throw new TypeError(
          `progress: update got ${kindOf(done)}${Number.isNaN(done) ? " (NaN)" : ""} where a number belongs: how much is done`,
        );
      const now = performance.now();
      const isEnd = done === total;
      if (isOver || (now - last < interval && (!isEnd || isAtTotal))) return;
      last = now;
      isAtTotal = isEnd;
      show?.(done, false);
    },
    end() {
      if (isOver) return;
      isOver = true;
      show?.(total ?? 0, true);
    },
  };
}

type Show = (done: number, isOver: boolean) => void;

function sending(runner: Link, id: number, label: string, total: number | undefined): Show {
  const cell = runner.cell();
  return (done, isOver) => {
    runner.send({ kind: "progress", cell, id, label, done, total: total ?? null, isOver });
  };
}

/** A bar of cli-progress, which is loaded only where one is drawn. */
function drawing(label: string, total: number | undefined): Show {
  const { SingleBar } = createRequire(import.meta.url)("cli-progress") as typeof CliProgress;
  const format =
    total === undefined
      ? `${label} {value} · {duration_formatted}`
      : `${label} {bar} {value}/{total} · {eta_formatted}`;
  const bar = new SingleBar({ format, clearOnComplete: true, hideCursor: true, stream: process.stderr });
  bar.start(total ?? 1, 0);
  return (done, isOver) => {
    if (isOver) bar.stop();
    else bar.update(done);
  };
}
