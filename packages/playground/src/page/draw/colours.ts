// Colours of the canvases, which no style sheet reaches. Classes are told apart by shape too; the hues are Okabe and Ito's,
// which colour-blind readers can tell apart.

export type Rgb = readonly [number, number, number];

/** The hue of each class, in turn. */
const CLASSES: readonly Rgb[] = [
  [0, 114, 178],
  [230, 159, 0],
  [0, 158, 115],
  [204, 121, 167],
  [213, 94, 0],
  [86, 180, 233],
  [240, 228, 66],
  [120, 120, 120],
  [0, 73, 120],
  [140, 90, 20],
];

/** The colour of a class, counted from 0. */
export const classColour = (index: number): Rgb =>
  CLASSES[((index % CLASSES.length) + CLASSES.length) % CLASSES.length]!;

/** As CSS writes it. */
export const css = ([r, g, b]: Rgb): string => `rgb(${Math.round(r)} ${Math.round(g)} ${Math.round(b)})`;

/** A colour between two: `share` 0 is the first, 1 the second. */
export const mixed = (a: Rgb, b: Rgb, share: number): Rgb => [
  a[0] + share * (b[0] - a[0]),
  a[1] + share * (b[1] - a[1]),
  a[2] + share * (b[2] - a[2]),
];

/** What lies between two classes, and behind everything. */
export const ground = (isDark: boolean): Rgb => (isDark ? [28, 32, 36] : [255, 255, 255]);

/** The colour of a probability of the second of two classes: pale where it is near a half. */
export function probabilityColour(p: number, isDark: boolean): Rgb {
  const strength = Math.min(1, Math.abs(p - 0.5) * 2) * 0.55 + 0.06;
  return mixed(ground(isDark), classColour(p >= 0.5 ? 1 : 0), strength);
}

/** The colour of a class's region. */
export const regionColour = (index: number, isDark: boolean): Rgb =>
  mixed(ground(isDark), classColour(index), 0.42);

/** The colour of a number between −1 and 1: blue above 0, orange below, the ground at 0. */
export const signColour = (share: number, isDark: boolean): Rgb =>
  mixed(
    ground(isDark),
    share >= 0 ? (isDark ? [86, 170, 233] : [0, 94, 160]) : isDark ? [240, 150, 60] : [190, 80, 0],
    Math.min(1, Math.abs(share)),
  );
