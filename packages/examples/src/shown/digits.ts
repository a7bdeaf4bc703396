// What the scripts with digits draw in the terminal: curves, a confusion matrix, and digits with what they were read as.

import type { Tensor } from "@adjoint/autograd";
import type { History, Measured } from "@adjoint/nn";
import { plot } from "asciichart";
import { type Digits, imageAt, side } from "../data/mnist.ts";

export const percent = (fraction: number) => `${(100 * fraction).toFixed(2)}%`;

/** Blocks of text side by side. */
export function beside(blocks: readonly (readonly string[])[], width: number): string {
  const lines = Array.from({ length: Math.max(...blocks.map((block) => block.length)) }, (_, line) =>
    blocks
      .map((block) => (block[line] ?? "").padEnd(width))
      .join("")
      .trimEnd(),
  );
  return lines.join("\n");
}

/** Curves of a history side by side on one scale, by their names there; three characters an epoch. */
export function curves(history: History, names: readonly string[]): string {
  const lists = names.map((name) => history[name] as readonly number[]);
  const max = Math.max(...lists.flat());
  const charts = lists.map((list, i) => {
    const wide = list.flatMap((value) => [value, value, value]);
    const chart = plot(wide, { height: 8, min: 0, max, format: (y) => y.toFixed(2).padStart(5) });
    return [`      ${names[i]}`, ...chart.split("\n")];
  });
  return beside(charts, 3 * (lists[0]?.length ?? 0) + 14);
}

/** A confusion matrix as a table: rows are what the digit is, columns what it was read as. */
export function confusionTable(confusion: Measured): string {
  const rows = confusion as readonly (readonly number[])[];
  const cell = (value: number | string) => `${value}`.padStart(5);
  return [
    `    ${rows.map((_, digit) => cell(digit)).join("")}     right`,
    ...rows.map((row, digit) => {
      const share = row[digit]! / row.reduce((total, n) => total + n, 0);
      const cells = row.map((n) => cell(n === 0 ? "·" : n)).join("");
      return `${`${digit}`.padStart(4)}${cells}   ${percent(share)}`;
    }),
  ].join("\n");
}

/** Half blocks: two pixels a character. The outer three pixels, bare but for a stray stroke, are left out. */
export function drawn(image: ArrayLike<number>): string[] {
  const inked = (row: number, column: number) => image[row * side + column]! > 0.4;
  const margin = 3;
  const lines: string[] = [];
  for (let row = margin; row < side - margin; row += 2) {
    let line = "";
    for (let column = margin; column < side - margin; column++) {
      line += [" ", "▀", "▄", "█"][Number(inked(row, column)) + 2 * Number(inked(row + 1, column))]!;
    }
    lines.push(line);
  }
  return lines;
}

/** The two likeliest digits by a row of logits: "5: 99.3%, 9: 0.4%". */
export function chances(logits: Tensor): string {
  const all = Array.from(logits.softmax().data, (chance, digit) => ({ chance, digit }));
  const best = all.sort((a, b) => b.chance - a.chance).slice(0, 2);
  return best.map(({ chance, digit }) => `${digit}: ${(100 * chance).toFixed(1)}%`).join(", ");
}

/** Which images were read wrongly, those first of which the network was surest; and all others, in their order. */
export function sorted({ labels }: Digits, logits: Tensor): { mistakes: number[]; right: number[] } {
  const read = logits.argmax({ axis: -1 }).data;
  const sureness = logits.softmax().max({ axis: -1 }).data;
  const places = Array.from(labels, (_, place) => place);
  return {
    mistakes: places
      .filter((place) => read[place] !== labels[place])
      .sort((a, b) => sureness[b]! - sureness[a]!),
    right: places.filter((place) => read[place] === labels[place]),
  };
}

/** Images in a row, each with what it is, what it was read as and how surely. */
export function readings(digits: Digits, logits: Tensor, places: readonly number[]): string {
  const cards = places.map((place) => {
    const label = digits.labels[place]!;
    const row: Tensor = logits.slice(place);
    const digit = row.argmax().item();
    const verdict = digit === label ? `a ${label}, read rightly` : `a ${label}, read as a ${digit}`;
    return [...drawn(imageAt(digits, place)), verdict, chances(row)];
  });
  return beside(cards, 26);
}
