// Places for the labels on a network's arrows, so that no two lie over each other nor over a circle.

export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** By how much two rectangles lie over each other, as an area. */
function shared(a: Rect, b: Rect): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return width > 0 && height > 0 ? width * height : 0;
}

/** An arrow, and the size of its label. */
export interface Labelled {
  readonly from: readonly [number, number];
  readonly to: readonly [number, number];
  readonly width: number;
  readonly height: number;
}

/** Along the arrow, the middle first. */
const SHARES = [0.5, 0.4, 0.6, 0.3, 0.7, 0.22, 0.78, 0.45, 0.55, 0.35, 0.65, 0.26, 0.74];

/** A rectangle for each label, on its arrow, clear of `taken`; and whether none lies over another. */
export function labelPlaces(
  arrows: readonly Labelled[],
  taken: readonly Rect[],
): { places: Rect[]; isClear: boolean } {
  const places: Rect[] = [];
  let isClear = true;
  for (const { from, to, width, height } of arrows) {
    let best: Rect | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (const share of SHARES) {
      const [x, y] = [from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share];
      const rect = { x: x - width / 2, y: y - height / 2, width, height };
      let overlap = 0;
      for (const other of taken) overlap += shared(rect, other);
      for (const other of places) overlap += shared(rect, other);
      if (overlap < least) [best, least] = [rect, overlap];
      if (overlap === 0) break;
    }
    if (least > 0) isClear = false;
    places.push(best!);
  }
  return { places, isClear };
}
