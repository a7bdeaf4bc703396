// Where the lesson's network is drawn: circles in columns, the bias neurons on top, and on each arrow a box for W and ∇, so
// placed that no box lies over a circle or over another box. Lengths are in pixels.

export interface Circle {
  readonly layer: number;
  /** Counted as the lecture counts: 0 is the bias neuron, where the layer has one. */
  readonly unit: number;
  readonly x: number;
  readonly y: number;
}

export interface Arrow {
  readonly layer: number;
  readonly from: number;
  /** Counted from 0 without the bias neuron: the column of W. */
  readonly to: number;
  readonly start: readonly [number, number];
  readonly end: readonly [number, number];
  /** Middle of the box for its numbers. */
  readonly label: readonly [number, number];
}

export interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export interface Arrangement {
  readonly width: number;
  readonly height: number;
  readonly radius: number;
  readonly fontSize: number;
  /** Width and height of the box on an arrow. */
  readonly box: readonly [number, number];
  readonly circles: readonly Circle[];
  readonly arrows: readonly Arrow[];
  /** How far right of its circle's middle a hidden unit's δ stands: where arrows come close together, they come from the left. */
  readonly deltaShift: number;
}

/** A fixed pitch font's letters are about this wide, in sizes of the font. */
const PITCH = 0.61;
/** "∇ −0.060". */
const LETTERS = 8;
/** Room above a circle for its name, and below for δ, in sizes of the font. */
const ABOVE = 1.6;
const BELOW = 1.7;

/** The width of a text in the drawing's font, with a little room. */
export const textWidth = (text: string, fontSize: number): number => text.length * PITCH * fontSize + 6;

/** What a circle takes up with its name above it. */
export const circleBox = ({ x, y }: Circle, { radius, fontSize }: Arrangement): Box => ({
  left: x - radius,
  right: x + radius,
  top: y - radius - ABOVE * fontSize,
  bottom: y + radius,
});

/** What δ takes up below a circle. */
export function deltaBox({ x, y }: Circle, { radius, fontSize, box }: Arrangement, shift: number): Box {
  const half = box[0] / 2;
  return {
    left: x + shift - half,
    right: x + shift + half,
    top: y + radius + 0.3 * fontSize,
    bottom: y + radius + BELOW * fontSize,
  };
}

/** How far a circle's δ is shifted: those of the last column would leave the drawing. */
export const shiftOf = (circle: Circle, { circles, deltaShift }: Arrangement): number =>
  circle.layer === circles.at(-1)!.layer ? 0 : deltaShift;

export function labelBox([x, y]: readonly [number, number], [width, height]: readonly [number, number]): Box {
  return { left: x - width / 2, right: x + width / 2, top: y - height / 2, bottom: y + height / 2 };
}

/** The area that two boxes share. */
export const shared = (a: Box, b: Box): number =>
  Math.max(0, Math.min(a.right, b.right) - Math.max(a.left, b.left)) *
  Math.max(0, Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top));

/** The length of a line from `start` to `end` that lies in a box. */
function within(box: Box, start: readonly [number, number], end: readonly [number, number]): number {
  let [from, to] = [0, 1];
  const direction = [end[0] - start[0], end[1] - start[1]] as const;
  const sides = [
    [start[0], direction[0], box.left, box.right],
    [start[1], direction[1], box.top, box.bottom],
  ] as const;
  for (const [at, step, low, high] of sides) {
    if (step === 0) {
      if (at < low || at > high) return 0;
      continue;
    }
    const [a, b] = [(low - at) / step, (high - at) / step];
    from = Math.max(from, Math.min(a, b));
    to = Math.min(to, Math.max(a, b));
  }
  return Math.max(0, to - from) * Math.hypot(...direction);
}

/**
 * Arranges a network of few units.
 * @param layers their sizes without bias neurons, and whether they have one
 * @param width of the drawing in pixels, at least 312
 */
export function arrange(
  layers: readonly { readonly size: number; readonly hasBias: boolean }[],
  width: number,
): Arrangement {
  const isNarrow = width < 660;
  const fontSize = isNarrow ? 11 : 15;
  const radius = isNarrow ? 20 : 32;
  const box = [LETTERS * PITCH * fontSize + 6, 2 * 1.25 * fontSize + 4] as const;
  const rows = Math.max(...layers.map((layer) => layer.size + (layer.hasBias ? 1 : 0)));
  const pitch = isNarrow ? 178 : 156;
  const edge = Math.max(radius, box[0] / 2) + 4;
  const top = radius + ABOVE * fontSize + 4;
  const height = top + (rows - 1) * pitch + radius + BELOW * fontSize + 4;
  const step = (width - 2 * edge) / Math.max(1, layers.length - 1);
  const circles = layers.flatMap((layer, l) => {
    const count = layer.size + (layer.hasBias ? 1 : 0);
    return Array.from({ length: count }, (_, i) => ({
      layer: l,
      unit: layer.hasBias ? i : i + 1,
      x: edge + l * step,
      // Layers without a bias neuron stand beside the others' ordinary units.
      y: top + pitch * (layer.hasBias ? i : 1 + (rows - 1 - count) / 2 + i),
    }));
  });
  const place = (layer: number, unit: number) =>
    circles.find((circle) => circle.layer === layer && circle.unit === unit)!;
  const lines = layers.slice(0, -1).flatMap((layer, l) =>
    Array.from({ length: layer.size + 1 }, (_, from) =>
      Array.from({ length: layers[l + 1]!.size }, (__, to) => {
        const [a, b] = [place(l, from), place(l + 1, to + 1)];
        const length = Math.hypot(b.x - a.x, b.y - a.y);
        const [dx, dy] = [(b.x - a.x) / length, (b.y - a.y) / length];
        return {
          layer: l,
          from,
          to,
          start: [a.x + dx * radius, a.y + dy * radius] as const,
          end: [b.x - dx * (radius + 3), b.y - dy * (radius + 3)] as const,
        };
      }),
    ).flat(),
  );
  const deltaShift = isNarrow ? 8 : 0;
  const arrangement = { width, height, radius, fontSize, box, circles, arrows: [], deltaShift };
  const taken = circles.flatMap((circle) => [
    circleBox(circle, arrangement),
    deltaBox(circle, arrangement, shiftOf(circle, arrangement)),
  ]);
  const at = ({ start, end }: (typeof lines)[number], share: number) =>
    [start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])] as const;
  const cost = (shares: readonly number[], i: number, share: number) => {
    const mine = labelBox(at(lines[i]!, share), box);
    const roomy = { left: mine.left - 5, right: mine.right + 5, top: mine.top - 4, bottom: mine.bottom + 4 };
    let sum = Math.abs(share - 0.36) * 12;
    for (const other of taken) sum += shared(roomy, other);
    lines.forEach((line, j) => {
      if (j === i) return;
      sum += shared(roomy, labelBox(at(line, shares[j]!), box));
      // A box at a crossing could belong to either arrow.
      sum += within(mine, line.start, line.end) * 8;
    });
    return sum;
  };
  /** Each box in turn goes where it is best for it, until none moves. */
  const settled = (first: (i: number) => number) => {
    const shares = lines.map((_, i) => first(i));
    for (let round = 0, moved = true; moved && round < 20; round++) {
      moved = false;
      for (let i = 0; i < lines.length; i++) {
        let best = shares[i]!;
        let least = cost(shares, i, best);
        for (let share = 0.05; share < 0.96; share += 0.03) {
          const each = cost(shares, i, share);
          if (each < least - 1e-9) [best, least, moved] = [share, each, true];
        }
        shares[i] = best;
      }
    }
    const boxes = shares.map((share, i) => labelBox(at(lines[i]!, share), box));
    const overlap = boxes.reduce(
      (sum, mine, i) =>
        [...taken, ...boxes.slice(i + 1)].reduce((part, other) => part + shared(mine, other), sum),
      0,
    );
    return { shares, overlap };
  };
  // Where each is content another beginning may still lead to a better whole.
  let best = settled(() => 0.36);
  for (let k = 1; k < 12 && best.overlap > 0; k++) {
    const next = settled((i) => 0.15 + 0.7 * ((i * k * 0.618) % 1));
    if (next.overlap < best.overlap) best = next;
  }
  return { ...arrangement, arrows: lines.map((line, i) => ({ ...line, label: at(line, best.shares[i]!) })) };
}
