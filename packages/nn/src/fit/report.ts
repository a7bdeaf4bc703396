// Progress as lines of text, for whatever can print a line.

import type { Callbacks, Moment } from "./callbacks.ts";

/** What an epoch measured, in one line: "epoch 3/10  loss 0.4012  validation.loss 0.4313". Lists are left out. */
export function lineOf({ epoch, epochs, history }: Moment): string {
  const numbers = Object.entries(history).flatMap(([name, list]) => {
    const value = list.at(-1);
    return typeof value === "number" ? [`${name} ${value.toPrecision(4)}`] : [];
  });
  return [`epoch ${epoch}/${epochs}`, ...numbers].join("  ");
}

/** A callback that prints a line after each epoch: `callbacks: [progressLines(console.log)]`. */
export const progressLines = (print: (line: string) => void): Callbacks => ({
  onEpoch(moment) {
    print(lineOf(moment));
  },
});
