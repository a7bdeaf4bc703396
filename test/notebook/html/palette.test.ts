import { expect, it } from "vitest";
import { COLOURS, SERIES } from "../../../packages/notebook/src/html/palette.ts";
import { CODE_COLOURS } from "../../../packages/notebook/src/report/code.ts";
import { contrast, rgb } from "./contrast.ts";

const series = Array.from({ length: SERIES }, (_, i) => `series${i}`);

it.each(["light", "dark"] as const)(
  "colours of lines have a contrast of 3:1 on %s paper, those of text 4.5:1",
  (theme) => {
    const on = (name: string, ground: string) =>
      contrast(rgb(COLOURS[name]![theme]), rgb(COLOURS[ground]![theme]));
    for (const name of [
      ...series,
      "forward",
      "backward",
      "notANumber",
      "infinite",
      "minusInfinite",
      "negative",
      "positive",
    ])
      expect(on(name, "paper"), name).toBeGreaterThanOrEqual(3);
    for (const name of ["ink", "soft", "accent", "good", "bad", "forward", "backward"])
      for (const ground of ["paper", "raised"])
        expect(on(name, ground), `${name} on ${ground}`).toBeGreaterThanOrEqual(4.5);
    for (const pass of ["forward", "backward"]) expect(on("ink", `${pass}Fill`)).toBeGreaterThanOrEqual(4.5);
    for (const [name, colour] of Object.entries(CODE_COLOURS)) {
      if (name === "background") continue;
      const ratio = contrast(rgb(colour[theme]), rgb(CODE_COLOURS.background![theme]));
      expect(ratio, name).toBeGreaterThanOrEqual(4.5);
    }
  },
);

/** What the eye of a dichromat sees, by Viénot, Brettel and Mollon (1999), "Digital video colourmaps". */
function seen(colour: string, kind: "protan" | "deutan"): number[] {
  const linear = rgb(colour).map((byte) => (byte / 255) ** 2.2);
  const times = (m: readonly (readonly number[])[], v: readonly number[]) =>
    m.map((row) => row.reduce((sum, each, i) => sum + each * v[i]!, 0));
  const [l, m, s] = times(
    [
      [17.8824, 43.5161, 4.11935],
      [3.45565, 27.1554, 3.86714],
      [0.0299566, 0.184309, 1.46709],
    ],
    linear,
  ) as [number, number, number];
  const cones = kind === "protan" ? [2.02344 * m - 2.52581 * s, m, s] : [l, 0.494207 * l + 1.24827 * s, s];
  return times(
    [
      [0.080944, -0.130504, 0.116721],
      [-0.0102485, 0.0540194, -0.113615],
      [-0.000365294, -0.00412163, 0.693513],
    ],
    cones,
  ).map((part) => Math.max(part, 0) ** (1 / 2.2) * 255);
}

it.each(["protan", "deutan"] as const)(
  "readers with %s vision tell the first four colours of series apart",
  (kind) => {
    for (const theme of ["light", "dark"] as const) {
      const colours = series.slice(0, 4).map((name) => seen(COLOURS[name]![theme], kind));
      for (const [i, a] of colours.entries())
        for (const b of colours.slice(i + 1)) {
          // As far apart as greys of 23 steps of 255, which are seen at once side by side.
          expect(Math.hypot(...a.map((part, j) => part - b[j]!)), `${theme} ${i}`).toBeGreaterThan(40);
        }
    }
  },
);
