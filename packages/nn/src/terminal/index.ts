// @adjoint/nn/terminal: progress in a terminal, for Node. The rest of the package knows nothing of it.

import { SingleBar } from "cli-progress";
import type { Callbacks } from "../fit/callbacks.ts";
import { lineOf } from "../fit/report.ts";

/** Where progress is written, such as process.stderr. */
interface Output {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

const host = globalThis as { readonly process?: { readonly stderr?: Output } };

/**
 * A callback that shows a bar for the epoch that runs, and prints a line for each that has ended; where the output is no
 * terminal, only the lines. Needs the package cli-progress. Writes to process.stderr by default.
 * Throws TypeError where there is no such output. Example: `callbacks: [progressBar()]`.
 */
export function progressBar(output: Output | undefined = host.process?.stderr): Callbacks {
  if (typeof output?.write !== "function")
    throw new TypeError(
      "progressBar: there is nothing to write to; give a stream such as process.stderr, or use progressLines(console.log)",
    );
  const print: NonNullable<Callbacks["onEpoch"]> = (moment) => void output.write(`${lineOf(moment)}\n`);
  if (output.isTTY !== true) return { onEpoch: print };
  const bar = new SingleBar({
    format: "epoch {epoch}/{epochs} {bar} {value}/{total} · loss {shown} · {eta_formatted}",
    clearOnComplete: true,
    hideCursor: true,
    stream: output,
  });
  let isShown = false;
  let made = 0;
  const end = () => {
    if (isShown) bar.stop();
    isShown = false;
  };
  return {
    onStep({ epoch, epochs, step, stepsPerEpoch, loss }) {
      // Where the number of steps isn't known, it is taken to be that of the epoch before, and in the first what is done.
      made = Math.max(made, step);
      const total = stepsPerEpoch ?? made;
      const shown = { epoch, epochs, shown: loss.toPrecision(4) };
      if (!isShown) bar.start(total, step, shown);
      isShown = true;
      bar.setTotal(total);
      bar.update(step, shown);
    },
    onEpoch(moment) {
      end();
      print(moment);
    },
    onEnd: end,
  };
}
