import { decode } from "fast-png";
import { describe, expect, it } from "vitest";
import { drawGrid } from "../../../packages/notebook/src/html/grid.ts";
import { fillOf } from "../../../packages/notebook/src/html/grid-colours.ts";
import { drawable, imageOf } from "../../../packages/notebook/src/html/grid-image.ts";
import { COLOURS, filePalette } from "../../../packages/notebook/src/html/palette.ts";
import { contrast, mixed, rgb } from "./contrast.ts";
import { all, parsed } from "./elements.ts";
import { gridOf } from "./samples.ts";

const canvas = { palette: filePalette("light"), width: 460, theme: "light" } as const;

/** The pixel in the middle of a cell. */
function pixelIn(view: ReturnType<typeof gridOf>, row: number, column: number): number[] {
  const { width, height, data } = decode(Buffer.from(imageOf(view, "light").split(",")[1]!, "base64"));
  const x = Math.floor(((column + 0.5) * width) / view.columns);
  const y = Math.floor(((row + 0.5) * height) / view.rows);
  return [...data.slice((y * width + x) * 4, (y * width + x) * 4 + 4)];
}

describe("grids", () => {
  it("draw row 0 at the top and column 0 at the left, as pixels too", () => {
    const values = new Float64Array(12);
    values[3] = 1; // row 0, column 3
    const view = gridOf(3, 4, { values, colours: "ink", range: [0, 1] });
    expect(pixelIn(view, 0, 3)[3]).toBe(255);
    expect(pixelIn(view, 0, 2)[3]).toBe(0);
    expect(pixelIn(view, 1, 3)[3]).toBe(0);
  });

  it("show numbers around 0 by hue and size, alike to both sides", () => {
    const view = gridOf(1, 3, { values: Float64Array.of(-1, 0, 2), range: [-1, 2] });
    expect(pixelIn(view, 0, 0)).toEqual([...rgb(COLOURS.negative!.light), 128]);
    expect(pixelIn(view, 0, 1)[3]).toBe(0);
    expect(pixelIn(view, 0, 2)).toEqual([...rgb(COLOURS.positive!.light), 255]);
  });

  it("keep colours as they are, with what is beyond 0 and 1 at the ends", () => {
    const view = gridOf(1, 2, {
      values: Float64Array.of(0, 0.5, 1, 7, -1, 0.2),
      colours: "rgb",
      range: [0, 1],
    });
    expect(pixelIn(view, 0, 0)).toEqual([0, 128, 255, 255]);
    expect(pixelIn(view, 0, 1)).toEqual([255, 0, 51, 255]);
  });

  it("give NaN and both infinities colours of their own, and say how many there are", () => {
    const values = Float64Array.of(
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      Number.NaN,
    );
    const view = gridOf(2, 2, { values, isNumbered: true });
    expect(pixelIn(view, 0, 0)).toEqual([...rgb(COLOURS.notANumber!.light), 255]);
    expect(pixelIn(view, 0, 1)).toEqual([...rgb(COLOURS.infinite!.light), 255]);
    expect(pixelIn(view, 1, 0)).toEqual([...rgb(COLOURS.minusInfinite!.light), 255]);
    const { notes, body } = drawGrid(view, canvas);
    expect(notes).toEqual(["Not finite: NaN (2, pink), ∞ (1, green), −∞ (1, violet)."]);
    const texts = all(parsed(`<svg>${body.text}</svg>`), "text").map((each) => each.textContent);
    expect(texts.slice(0, 4)).toEqual(["NaN", "∞", "−∞", "NaN"]);
  });

  it("draw means of blocks where there are too many cells, and say so", () => {
    const { grid, note } = drawable(gridOf(1_200, 1_000, { values: new Float64Array(1_200_000).fill(0.25) }));
    expect([grid.rows, grid.columns]).toEqual([600, 500]);
    expect(new Set(grid.values)).toEqual(new Set([0.25]));
    expect(note).toBe("Each cell that is drawn is the mean of 2 × 2 of the 1,200 × 1,000 cells.");
  });

  it.each(["light", "dark"] as const)(
    "write numbers that can be read on their colours, on %s paper",
    (theme) => {
      const palette = filePalette(theme);
      const paper = rgb(COLOURS.paper![theme]);
      for (const colours of ["diverging", "sequential", "ink"] as const) {
        const values = Float64Array.from({ length: 201 }, (_, i) =>
          colours === "diverging" ? i / 100 - 1 : i / 200,
        );
        const view = gridOf(1, 201, {
          values,
          colours,
          range: colours === "diverging" ? [-1, 1] : [0, 1],
          isNumbered: true,
        });
        const worst = Math.min(
          ...Array.from(values, (_, cell) => {
            const fill = fillOf(view, cell, palette);
            return contrast(rgb(fill.textColour), mixed(rgb(fill.colour), paper, fill.opacity));
          }),
        );
        // WCAG 2.2, 1.4.3.
        expect(worst, colours).toBeGreaterThanOrEqual(4.5);
      }
    },
  );
});
