// Where the units of a network of any size are drawn. Of wide layers only the first units are, so that the drawing stays small.

export interface Spot {
  readonly layer: number;
  /** Counted as the lecture counts: 0 is the bias neuron. */
  readonly unit: number;
  readonly x: number;
  readonly y: number;
}

export interface Link {
  readonly layer: number;
  readonly from: number;
  /** Counted from 0 without the bias neuron: the column of W. */
  readonly to: number;
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

export interface Columns {
  readonly height: number;
  readonly radius: number;
  readonly spots: readonly Spot[];
  readonly links: readonly Link[];
  /** How many units of each layer are left out, and where this is said. */
  readonly hidden: readonly { readonly count: number; readonly x: number; readonly y: number }[];
  /** The middle of each layer's column. */
  readonly middles: readonly number[];
}

export interface Shape {
  readonly size: number;
  readonly hasBias: boolean;
}

const MOST_LINKS = 260;
const TOP = 16;
/** The radius of a bias neuron, as a share of the others'. */
export const BIAS = 0.7;

/** How many units of a layer are drawn, so that all arrows together stay below a bound. */
export function unitsDrawn(layers: readonly Shape[]): number {
  for (let most = 16; most > 3; most--) {
    const counts = layers.map(({ size }) => Math.min(size, most));
    const links = counts.slice(1).reduce((sum, to, i) => sum + (counts[i]! + 1) * to, 0);
    if (links <= MOST_LINKS) return most;
  }
  return 3;
}

/** Arranges the layers in columns, bias neurons on top, in a drawing `width` pixels wide. */
export function columns(layers: readonly Shape[], width: number): Columns {
  const most = unitsDrawn(layers);
  const rows = Math.max(...layers.map(({ size, hasBias }) => Math.min(size, most) + (hasBias ? 1 : 0)));
  const pitch = Math.max(22, Math.min(46, 340 / rows));
  const radius = Math.min(13, pitch * 0.36);
  const edge = 28;
  const step = (width - 2 * edge) / Math.max(1, layers.length - 1);
  const height = TOP + rows * pitch + 22;
  const middles = layers.map((_, l) => edge + l * step);
  const spots = layers.flatMap(({ size, hasBias }, l) => {
    const count = Math.min(size, most) + (hasBias ? 1 : 0);
    const top = TOP + ((rows - count) * pitch) / 2 + pitch / 2;
    return Array.from({ length: count }, (_, i) => ({
      layer: l,
      unit: hasBias ? i : i + 1,
      x: middles[l]!,
      // Bias neurons stand in one row.
      y: hasBias && i === 0 ? TOP + pitch / 2 : top + i * pitch,
    }));
  });
  const at = (layer: number, unit: number) =>
    spots.find((spot) => spot.layer === layer && spot.unit === unit)!;
  const links = layers.slice(0, -1).flatMap((layer, l) =>
    Array.from({ length: Math.min(layer.size, most) + 1 }, (_, from) =>
      Array.from({ length: Math.min(layers[l + 1]!.size, most) }, (__, to) => {
        const [a, b] = [at(l, from), at(l + 1, to + 1)];
        return {
          layer: l,
          from,
          to,
          x1: a.x + (from === 0 ? BIAS : 1) * radius,
          y1: a.y,
          x2: b.x - radius,
          y2: b.y,
        };
      }),
    ).flat(),
  );
  const hidden = layers.flatMap(({ size }, l) =>
    size > most ? [{ count: size - most, x: middles[l]!, y: height - 6 }] : [],
  );
  return { height, radius, spots, links, hidden, middles };
}

/** The arrow that passes nearest to a point, within so many pixels. */
export function nearestLink(links: readonly Link[], x: number, y: number, within = 12): Link | undefined {
  let best: Link | undefined;
  let least = within;
  for (const link of links) {
    const [dx, dy] = [link.x2 - link.x1, link.y2 - link.y1];
    const share = Math.max(0, Math.min(1, ((x - link.x1) * dx + (y - link.y1) * dy) / (dx * dx + dy * dy)));
    const distance = Math.hypot(x - link.x1 - share * dx, y - link.y1 - share * dy);
    if (distance < least) [best, least] = [link, distance];
  }
  return best;
}

/** The width of an arrow for a weight: grows with its size, and stays legible. */
export const linkWidth = (weight: number): number =>
  Number.isFinite(weight) ? 0.6 + 4.4 * (1 - Math.exp(-Math.abs(weight) / 1.5)) : 1;
