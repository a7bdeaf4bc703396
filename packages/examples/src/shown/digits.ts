// What the scripts with digits show: images with what they were read as, and filters.

import type { Tensor } from "@adjoint/autograd";
import { group, image, type View } from "@adjoint/notebook";
import { type Digits, imageAt, side } from "../data/mnist.ts";

export const percent = (fraction: number) => `${(100 * fraction).toFixed(2)}%`;

/** The outer pixels, bare but for a stray stroke, are left out. */
const margin = 2;

/** An image [28 × 28] without its margin, with a title. */
export function digit(pixels: ArrayLike<number | boolean>, title = ""): View {
  const rows = Array.from({ length: side - 2 * margin }, (_, i) =>
    Array.from({ length: side - 2 * margin }, (_, j) => Number(pixels[(i + margin) * side + j + margin])),
  );
  return image(rows, { title, range: [0, 1] });
}

/** The two likeliest digits by logits [10]: "5: 99.3%, 9: 0.4%". */
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

/** Images side by side, each with what it is, what it was read as and how surely. */
export function readings(title: string, digits: Digits, logits: Tensor, places: readonly number[]): View {
  const cards = places.map((place) => {
    const row: Tensor = logits.slice(place);
    const read = row.argmax().item();
    const sureness = Math.round(100 * row.softmax().max().item());
    return digit(imageAt(digits, place), `a ${digits.labels[place]} read as ${read}, ${sureness}%`);
  });
  return group(cards, { title, arrangement: "row" });
}

/** Matrices [count, rows, columns] on one sheet, so many in a row, with a gap of zeros between them. */
export function sheet(matrices: Tensor, acrossCount: number): number[][] {
  const [count, rows, columns] = matrices.shape as [number, number, number];
  const downCount = Math.ceil(count / acrossCount);
  return Array.from({ length: downCount * (rows + 1) - 1 }, (_, i) =>
    Array.from({ length: acrossCount * (columns + 1) - 1 }, (_, j) => {
      const [row, column] = [i % (rows + 1), j % (columns + 1)];
      const which = Math.floor(i / (rows + 1)) * acrossCount + Math.floor(j / (columns + 1));
      const isGap = row === rows || column === columns || which >= count;
      return isGap ? 0 : Number(matrices.data[(which * rows + row) * columns + column]!);
    }),
  );
}
