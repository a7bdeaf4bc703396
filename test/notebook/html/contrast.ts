// Contrasts of colours, by the definitions of WCAG 2.2.

type Rgb = readonly [number, number, number];

/** The parts of "#rrggbb", "rgb(r,g,b)", "white" or "black", from 0 to 255. */
export function rgb(colour: string): Rgb {
  if (colour === "white") return [255, 255, 255];
  if (colour === "black") return [0, 0, 0];
  const parts = colour.startsWith("#")
    ? [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16))
    : colour.match(/\d+/g)!.map(Number);
  return [parts[0]!, parts[1]!, parts[2]!];
}

/** What a colour of that opacity looks like on paper. */
export const mixed = (colour: Rgb, paper: Rgb, opacity: number): Rgb => {
  const mix = (i: 0 | 1 | 2) => colour[i] * opacity + paper[i] * (1 - opacity);
  return [mix(0), mix(1), mix(2)];
};

function luminance(colour: Rgb): number {
  const [r, g, b] = colour.map((byte) => {
    const c = byte / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** From 1 to 21. */
export function contrast(a: Rgb, b: Rgb): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
  return (high + 0.05) / (low + 0.05);
}
